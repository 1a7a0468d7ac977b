#include "tests/unit/drawn_words.h"

#define DRAWN_JOIN_(a, b) a##b
#define DRAWN_JOIN(a, b) DRAWN_JOIN_(a, b)

void DRAWN_JOIN(drawn_words_, ZPS_ISA)(zps_drawn *drawn, uint64_t seed, uint64_t i_mass, const uint64_t *event, int n,
                                       uint32_t purpose, uint32_t block) {
  zps_draw_ahead(drawn, zps_drawn_slot(purpose, block), seed, i_mass, event, n, purpose, block);
}
