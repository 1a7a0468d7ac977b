/* Words drawn ahead against words drawn when asked for, in every instruction set of the machine. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/instruction_set.h"
#include "kernels/moliere.h"
#include "kernels/straggling.h"
#include "tests/unit/drawn_words.h"

static const char *const names[ZPS_N_INSTRUCTION_SETS] = {"base", "v2", "v3", "v4"};
static drawn_words *const draw_ahead[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(drawn_words);
static zps_drawn drawn;

/** Runs a check with each set that the machine has. */
static void on_every_set(void (*check)(drawn_words *ahead)) {
  int n_sets = 0;
  for (int i = 0; i < ZPS_N_INSTRUCTION_SETS; i++) {
    zps_instruction_set set = ZPS_SET_BASE;
    zps_error error = {ZPS_OK, ""};
    if (zps_instruction_set_choose(names[i], &set, &error) == ZPS_OK) {
      check(draw_ahead[i]);
      n_sets++;
    }
  }
  assert_true(n_sets >= 1);
}

static void assert_same_words(zps_stream ahead, zps_stream asked, uint32_t purpose, uint32_t block) {
  const zps_words got = zps_stream_words(ahead, purpose, block);
  const zps_words want = zps_stream_words(asked, purpose, block);
  assert_memory_equal(&got, &want, sizeof got);
}

/** Events on both sides of the carry into the upper word and at the end of their range; all masses, seeds, blocks. */
static void check_words(drawn_words *ahead) {
  static const uint64_t firsts[] = {0, 0xfffffff0U, 0x123456789abU, ZPS_MAX_EVENTS - ZPS_DRAWN_LANES};
  static const uint64_t masses[] = {0, 59, ZPS_MAX_MASSES - 1};
  static const uint64_t seeds[] = {0, 1, 0x299f31d0a4093822U, UINT64_MAX};
  static const uint32_t blocks[] = {0, 3, ZPS_MOLIERE_BLOCK + 1, ZPS_STRAGGLE_BLOCK + 1};
  static const uint32_t purposes[] = {ZPS_DRAW_BEAM, ZPS_DRAW_EMISSION, ZPS_DRAW_ELEMENT + 63, UINT32_MAX};
  uint64_t event[ZPS_DRAWN_LANES];
  for (size_t k = 0; k < 4 * 3 * 4 * 4; k++) {
    const uint64_t i_mass = masses[(k / 4) % 3];
    const uint64_t seed = seeds[(k / 12) % 4];
    const uint32_t purpose = purposes[k / 48];
    const uint32_t block = blocks[(k + (k / 4)) % 4];
    for (uint64_t i = 0; i < ZPS_DRAWN_LANES; i++) {
      event[i] = firsts[k % 4] + i;
    }
    ahead(&drawn, seed, i_mass, event, ZPS_DRAWN_LANES, purpose, block);
    for (int32_t i = 0; i < ZPS_DRAWN_LANES; i++) {
      assert_same_words(zps_stream_of_lane(&drawn, i), zps_stream_init(seed, i_mass, event[i]), purpose, block);
    }
  }
}

static void test_words(void **state) {
  (void)state;
  on_every_set(check_words);
}

/** Any number of lanes, in any order of events; nothing is written behind the vector that holds the last one. */
static void check_ends(drawn_words *ahead) {
  uint64_t event[ZPS_DRAWN_LANES];
  for (uint64_t i = 0; i < ZPS_DRAWN_LANES; i++) {
    event[i] = (i * 0x9e3779b97f4a7c15U) % ZPS_MAX_EVENTS;
  }
  for (int n = 0; n <= 40; n++) {
    memset(&drawn, 0xa5, sizeof drawn);
    ahead(&drawn, 77, 5, event, n, ZPS_DRAW_READOUT, 0);
    for (int32_t i = 0; i < n; i++) {
      assert_same_words(zps_stream_of_lane(&drawn, i), zps_stream_init(77, 5, event[i]), ZPS_DRAW_READOUT, 0);
    }
    const int widest = 8;
    for (int i = n + widest - 1; i < ZPS_DRAWN_LANES; i++) {
      assert_true(drawn.lo[0][i] == 0xa5a5a5a5a5a5a5a5U && drawn.hi[0][i] == 0xa5a5a5a5a5a5a5a5U);
    }
    for (int slot = 1; slot < ZPS_DRAWN_SLOTS; slot++) {
      assert_true(drawn.lo[slot][0] == 0xa5a5a5a5a5a5a5a5U && drawn.hi[slot][0] == 0xa5a5a5a5a5a5a5a5U);
    }
  }
}

static void test_ends(void **state) {
  (void)state;
  on_every_set(check_ends);
}

/** What one stage of transport.h draws lies in slots of its own: the vertex with its crossing, the beam, the emission,
 * the readout. */
static void test_slots(void **state) {
  (void)state;
  static const uint32_t stages[][7][2] = {
      {{ZPS_DRAW_VERTEX, 0},
       {ZPS_DRAW_ELEMENT, 0},
       {ZPS_DRAW_ELEMENT, 1},
       {ZPS_DRAW_ELEMENT, ZPS_MOLIERE_BLOCK},
       {ZPS_DRAW_ELEMENT, ZPS_MOLIERE_BLOCK + 1},
       {ZPS_DRAW_ELEMENT, ZPS_STRAGGLE_BLOCK},
       {ZPS_DRAW_ELEMENT, ZPS_STRAGGLE_BLOCK + 1}},
      {{ZPS_DRAW_BEAM, 0}, {ZPS_DRAW_BEAM, 1}, {ZPS_DRAW_BEAM, 2}},
      {{ZPS_DRAW_EMISSION, 0}, {ZPS_DRAW_EMISSION, 1}, {ZPS_DRAW_EMISSION, 2}, {ZPS_DRAW_EMISSION, 3}},
      {{ZPS_DRAW_READOUT, 0}, {ZPS_DRAW_READOUT, 1}, {ZPS_DRAW_READOUT, 2}, {ZPS_DRAW_READOUT, 3}},
  };
  static const int counts[] = {7, 3, 4, 4};
  for (int stage = 0; stage < 4; stage++) {
    uint32_t taken = 0;
    for (int i = 0; i < counts[stage]; i++) {
      const uint32_t slot = zps_drawn_slot(stages[stage][i][0], stages[stage][i][1]);
      assert_in_range(slot, 0, ZPS_DRAWN_SLOTS - 1);
      assert_int_equal(taken & (1U << slot), 0);
      taken |= 1U << slot;
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_ends),
                                     cmocka_unit_test(test_slots)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
