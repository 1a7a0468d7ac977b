/* Our words against cuRAND's host generator, which needs no GPU: CURAND_RNG_PSEUDO_PHILOX4_32_10 gives word i from
 * subsequence (i/4) mod 65536 at block (i/4)/65536 (measured on cuRAND 10), words of one block in order. */
#include "tests/zps_test.h"

#include <stdlib.h>

#include <curand.h>

#include "kernels/rng.h"

#define N_SUBSEQUENCES 65536
#define N_WORDS (2 * 4 * N_SUBSEQUENCES)

static void check_seed(uint64_t seed) {
  curandGenerator_t generator = NULL;
  uint32_t *const words = (uint32_t *)malloc(N_WORDS * sizeof *words);
  assert_non_null(words);
  assert_int_equal(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10), CURAND_STATUS_SUCCESS);
  assert_int_equal(curandSetPseudoRandomGeneratorSeed(generator, seed), CURAND_STATUS_SUCCESS);
  assert_int_equal(curandGenerate(generator, words, N_WORDS), CURAND_STATUS_SUCCESS);
  for (uint32_t i = 0; i < N_WORDS / 4; i++) {
    const zps_stream s = zps_stream_init(seed, 0, i % N_SUBSEQUENCES);
    const zps_words w = zps_philox4x32(i / N_SUBSEQUENCES, 0, s.event_lo, s.event_hi, s.key_lo, s.key_hi);
    const uint32_t got[4] = {w.w0, w.w1, w.w2, w.w3};
    assert_memory_equal(got, &words[4 * i], sizeof got);
  }
  assert_int_equal(curandDestroyGenerator(generator), CURAND_STATUS_SUCCESS);
  free(words);
}

static void test_host_generator(void **state) {
  (void)state;
  check_seed(1);
  check_seed(0xfedcba9876543210U);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_host_generator)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
