/* zps_draw_ahead(), compiled once per instruction set as an engine is. */
#ifndef ZPS_DRAWN_WORDS_H
#define ZPS_DRAWN_WORDS_H

#include "kernels/drawn.h"

typedef void drawn_words(zps_drawn *drawn, uint64_t seed, uint64_t i_mass, const uint64_t *event, int n,
                         uint32_t purpose, uint32_t block);

drawn_words drawn_words_base, drawn_words_v2, drawn_words_v3, drawn_words_v4;

#endif
