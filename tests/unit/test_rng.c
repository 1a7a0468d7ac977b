/* Random numbers: known answers, the layout of the counter, the exact uniform mapping, and the distributions. */
#include "tests/zps_test.h"

#include <stdlib.h>

#include "kernels/rng.h"

#define N_DRAWS 1000000

typedef struct known_answer {
  uint32_t counter[4], key[2], words[4];
} known_answer;

/* Known answers of Philox4x32-10 published with Random123 (kat_vectors; Salmon et al., SC11). */
static const known_answer known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void test_known_answers(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof known_answers / sizeof known_answers[0]; i++) {
    const known_answer *const k = &known_answers[i];
    const zps_words w =
        zps_philox4x32(k->counter[0], k->counter[1], k->counter[2], k->counter[3], k->key[0], k->key[1]);
    const uint32_t got[4] = {w.w0, w.w1, w.w2, w.w3};
    assert_memory_equal(got, k->words, sizeof got);
  }
}

/* Law: counter = {block, purpose, subsequence lo, hi} with subsequence = mass << 44 | event, key = seed lo, hi. The
 * published answer for the digits of pi is therefore found at this seed, mass, event, purpose and block. */
static void test_counter_layout(void **state) {
  (void)state;
  const uint64_t seed = 0x299f31d0a4093822U;
  const uint64_t subsequence = 0x0370734413198a2eU;
  const zps_stream s = zps_stream_init(seed, subsequence >> 44, subsequence & (ZPS_MAX_EVENTS - 1));
  const zps_pair u = zps_draw_uniform(s, 0x85a308d3, 0x243f6a88);
  assert_true(u.a == zps_uniform_of_words(0xd16cfe09, 0x94fdcceb));
  assert_true(u.b == zps_uniform_of_words(0x5001e420, 0x24126ea1));
}

/** No two of mass, event, purpose, block and seed share bits of the counter or the key, up to the largest values. */
static void test_counter_has_no_overlap(void **state) {
  (void)state;
  const zps_stream last = zps_stream_init(UINT64_MAX, ZPS_MAX_MASSES - 1, ZPS_MAX_EVENTS - 1);
  assert_true(last.event_lo == UINT32_MAX && last.event_hi == UINT32_MAX);
  assert_true(last.key_lo == UINT32_MAX && last.key_hi == UINT32_MAX);
  const zps_stream mass = zps_stream_init(0, ZPS_MAX_MASSES - 1, 0);
  const zps_stream event = zps_stream_init(0, 0, ZPS_MAX_EVENTS - 1);
  assert_true((mass.event_hi & event.event_hi) == 0 && mass.event_lo == 0);
  assert_true((mass.event_hi | event.event_hi) == UINT32_MAX);
}

/* Law: events 2^32 - 1, 2^32 and 2^32 + 1 carry into the upper word: low words ff..ff, 0, 1 and high words 0, 1, 1. */
static void test_event_carry(void **state) {
  (void)state;
  const uint64_t edge = (uint64_t)1 << 32;
  const uint64_t mass = 5;
  const zps_stream before = zps_stream_init(1, mass, edge - 1);
  const zps_stream at = zps_stream_init(1, mass, edge);
  const zps_stream after = zps_stream_init(1, mass, edge + 1);
  assert_true(before.event_lo == UINT32_MAX && before.event_hi == (uint32_t)(mass << 12));
  assert_true(at.event_lo == 0 && at.event_hi == (uint32_t)(mass << 12) + 1);
  assert_true(after.event_lo == 1 && after.event_hi == at.event_hi);
  assert_true(zps_draw_uniform(at, 0, 0).a != zps_draw_uniform(zps_stream_init(1, mass, 0), 0, 0).a);
}

/* Law: u = (k + 1/2) 2^-52 exactly, k = the upper 52 of 64 bits. k + 1/2 < 2^52 has 53 bits, so ldexp is exact. */
static void test_uniform_exact(void **state) {
  (void)state;
  const uint64_t bits[] = {0, 0xfff, 0x1000, 0x123456789abcdef0, 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX};
  for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
    const double u = zps_uniform_of_words((uint32_t)bits[i], (uint32_t)(bits[i] >> 32));
    assert_true(u == ldexp((double)(bits[i] >> 12) + 0.5, -52));
    assert_true(u > 0.0 && u < 1.0);
  }
  assert_true(zps_uniform_of_words(0, 0) == 0x1p-53);
  assert_true(1.0 - zps_uniform_of_words(UINT32_MAX, UINT32_MAX) == 0x1p-53);
}

/** The largest normal number is finite and as documented: |z| <= sqrt(-2 ln 2^-53) = 8.5717. */
static void test_normal_extreme(void **state) {
  (void)state;
  const double r = zps_sqrt(-2.0 * zps_log(zps_uniform_of_words(0, 0)));
  zps_assert_near(r, 8.5717, 1e-4);
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double normal_cdf(double x) {
  return 0.5 * erfc(-x / sqrt(2.0));
}

static double identity(double x) {
  return x;
}

/** Kolmogorov's sqrt(n) D of values (sorted in place) against a distribution. */
static double kolmogorov(double *values, size_t n, double (*cdf)(double)) {
  double d = 0.0;
  qsort(values, n, sizeof *values, compare_doubles);
  for (size_t i = 0; i < n; i++) {
    const double f = cdf(values[i]);
    d = fmax(d, fmax(((double)(i + 1) / (double)n) - f, f - ((double)i / (double)n)));
  }
  return sqrt((double)n) * d;
}

/* 1 - Q(x) of Kolmogorov's distribution: P(sqrt(n) D > 1.95) = 1e-3. */
#define KOLMOGOROV_LIMIT 1.95

/** Draw i of one of several walks through the counter: along events, blocks, purposes, masses, seeds, the upper word.
 */
static zps_pair walk_normal(int walk, uint32_t i) {
  switch (walk) {
  case 0:
    return zps_draw_normal(zps_stream_init(1, 3, i), ZPS_DRAW_BEAM, 0);
  case 1:
    return zps_draw_normal(zps_stream_init(1, 3, 77), ZPS_DRAW_BEAM, i);
  case 2:
    return zps_draw_normal(zps_stream_init(1, 3, 77), i, 0);
  case 3:
    return zps_draw_normal(zps_stream_init(1, i & 0xfffff, 77 + (i >> 20)), ZPS_DRAW_VERTEX, 0);
  case 4:
    return zps_draw_normal(zps_stream_init(i, 3, 77), ZPS_DRAW_BEAM, 0);
  default:
    return zps_draw_normal(zps_stream_init(1, 3, ((uint64_t)i << 22) & (ZPS_MAX_EVENTS - 1)), ZPS_DRAW_BEAM, i >> 22);
  }
}

/* Laws for n standard normal numbers: mean 0, standard deviation 1/sqrt(n); mean square 1, sqrt(2/n); third power 0,
 * sqrt(15/n); fourth 3, sqrt(96/n); product of independent ones 0, 1/sqrt(n). 5 standard deviations each: 6e-7. */
static void check_walk(int walk, double *values) {
  const double n = N_DRAWS;
  double sum[4] = {0.0, 0.0, 0.0, 0.0};
  double product = 0.0;
  double neighbour = 0.0;
  double last = 0.0;
  for (uint32_t i = 0; i < N_DRAWS; i++) {
    const zps_pair z = walk_normal(walk, i);
    sum[0] += z.a;
    sum[1] += z.a * z.a;
    sum[2] += z.b * z.b * z.b;
    sum[3] += z.b * z.b * z.b * z.b;
    product += z.a * z.b;
    neighbour += z.a * last;
    last = z.a;
    values[i] = (i & 1) ? z.a : z.b;
  }
  zps_assert_near(sum[0] / n, 0.0, 5.0 / sqrt(n));
  zps_assert_near(sum[1] / n, 1.0, 5.0 * sqrt(2.0 / n));
  zps_assert_near(sum[2] / n, 0.0, 5.0 * sqrt(15.0 / n));
  zps_assert_near(sum[3] / n, 3.0, 5.0 * sqrt(96.0 / n));
  zps_assert_near(product / n, 0.0, 5.0 / sqrt(n));
  zps_assert_near(neighbour / n, 0.0, 5.0 / sqrt(n));
  const double d = kolmogorov(values, N_DRAWS, normal_cdf);
  print_message("walk %d: sqrt(n) D = %.3f\n", walk, d);
  assert_true(d < KOLMOGOROV_LIMIT);
}

static void test_normals(void **state) {
  (void)state;
  double *const values = (double *)malloc(N_DRAWS * sizeof *values);
  assert_non_null(values);
  for (int walk = 0; walk < 6; walk++) {
    check_walk(walk, values);
  }
  free(values);
}

/* Law: uniform on (0, 1); the correlation of two purposes of one event, of its two numbers and of two masses is 0 with
 * standard deviation 1/(12 sqrt(n)). */
static void test_uniforms(void **state) {
  (void)state;
  double *const values = (double *)malloc(N_DRAWS * sizeof *values);
  assert_non_null(values);
  double across[3] = {0.0, 0.0, 0.0};
  for (uint32_t i = 0; i < N_DRAWS; i++) {
    const zps_stream s = zps_stream_init(9, 0, i);
    const zps_pair u = zps_draw_uniform(s, ZPS_DRAW_EMISSION, 0);
    const zps_pair v = zps_draw_uniform(s, ZPS_DRAW_EMISSION, 1);
    const zps_pair w = zps_draw_uniform(zps_stream_init(9, 1, i), ZPS_DRAW_EMISSION, 0);
    across[0] += (u.a - 0.5) * (u.b - 0.5);
    across[1] += (u.a - 0.5) * (v.a - 0.5);
    across[2] += (u.a - 0.5) * (w.a - 0.5);
    values[i] = u.a;
  }
  for (int i = 0; i < 3; i++) {
    zps_assert_near(across[i] / N_DRAWS, 0.0, 5.0 / (12.0 * sqrt((double)N_DRAWS)));
  }
  assert_true(kolmogorov(values, N_DRAWS, identity) < KOLMOGOROV_LIMIT);
  free(values);
}

/* Law: the angle and the radius of Box and Muller are independent: z^2 of one and of the other are uncorrelated, with
 * standard deviation 2/sqrt(n). */
static void test_normal_squares_uncorrelated(void **state) {
  (void)state;
  double sum = 0.0;
  for (uint32_t i = 0; i < N_DRAWS; i++) {
    const zps_pair z = zps_draw_normal(zps_stream_init(11, 0, i), ZPS_DRAW_ELEMENT, 1);
    sum += ((z.a * z.a) - 1.0) * ((z.b * z.b) - 1.0);
  }
  zps_assert_near(sum / N_DRAWS, 0.0, 5.0 * 2.0 / sqrt((double)N_DRAWS));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_answers),
      cmocka_unit_test(test_counter_layout),
      cmocka_unit_test(test_counter_has_no_overlap),
      cmocka_unit_test(test_event_carry),
      cmocka_unit_test(test_uniform_exact),
      cmocka_unit_test(test_normal_extreme),
      cmocka_unit_test(test_normals),
      cmocka_unit_test(test_uniforms),
      cmocka_unit_test(test_normal_squares_uncorrelated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
