/* Our words (Random123 on the host) against cuRAND's device code, compiled for the host: seed is the key, subsequence
 * the counter words 2-3, block the words 0-1, with every carry. */
#include "tests/zps_test.h"

#include "kernels/rng.h"
#include "tests/unit/curand_on_host.h"

static const uint64_t seeds[] = {0, 1, 0x123456789abcdefU, 0xfedcba9876543210U, UINT64_MAX};

/* First and last event of the first mass, of the last mass, and both sides of the carry into counter word 3. */
static const uint64_t subsequences[] = {
    0,         1, 0xffffffffU, 0x100000000U, ZPS_MAX_EVENTS - 1, ZPS_MAX_EVENTS, (ZPS_MAX_MASSES - 1) << ZPS_EVENT_BITS,
    UINT64_MAX};

#define N_SEEDS (sizeof seeds / sizeof seeds[0])
#define N_SUBSEQUENCES (sizeof subsequences / sizeof subsequences[0])

static zps_words words_of(uint64_t seed, uint64_t subsequence, uint64_t block) {
  const zps_stream s = zps_stream_init(seed, subsequence >> ZPS_EVENT_BITS, subsequence & (ZPS_MAX_EVENTS - 1));
  return zps_philox4x32((uint32_t)block, (uint32_t)(block >> 32), s.event_lo, s.event_hi, s.key_lo, s.key_hi);
}

static void assert_words(zps_words want, const uint32_t *got) {
  const uint32_t words[4] = {want.w0, want.w1, want.w2, want.w3};
  assert_memory_equal(got, words, sizeof words);
}

/** Three blocks from `first` on: a generator that carries wrongly goes astray within them. */
static void check_sequences(uint64_t first) {
  uint32_t got[12];
  for (size_t i = 0; i < N_SEEDS; i++) {
    for (size_t j = 0; j < N_SUBSEQUENCES; j++) {
      curand_on_host_sequence(seeds[i], subsequences[j], first, 3, got);
      for (uint64_t k = 0; k < 3; k++) {
        assert_words(words_of(seeds[i], subsequences[j], first + k), &got[4 * k]);
      }
    }
  }
}

static void test_first_blocks(void **state) {
  (void)state;
  check_sequences(0);
}

/** A carry into counter word 1, where the purpose of a draw is kept. */
static void test_carry(void **state) {
  (void)state;
  check_sequences(0xfffffffeU);
  check_sequences(0xffffffffU);
  check_sequences(((uint64_t)5 << 32) - 1);
  check_sequences(((uint64_t)1 << 62) + 0xffffffffU);
}

/** Counters and keys with every bit in play: each the words of the one before. */
static void test_blocks(void **state) {
  uint32_t v[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  (void)state;
  for (int i = 0; i < 100000; i++) {
    uint32_t got[4];
    curand_on_host_block(v, &v[4], got);
    assert_words(zps_philox4x32(v[0], v[1], v[2], v[3], v[4], v[5]), got);
    for (int j = 0; j < 4; j++) {
      v[4 + j] = v[j];
      v[j] = got[j];
    }
  }
}

/** The known answers published with Random123 (kat_vectors: philox4x32 10). */
static void test_known_answers(void **state) {
  static const uint32_t known[3][10] = {{0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                                         0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
                                         0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  (void)state;
  for (int i = 0; i < 3; i++) {
    uint32_t got[4];
    curand_on_host_block(known[i], &known[i][4], got);
    assert_memory_equal(got, &known[i][6], sizeof got);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_first_blocks), cmocka_unit_test(test_carry),
                                     cmocka_unit_test(test_blocks), cmocka_unit_test(test_known_answers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
