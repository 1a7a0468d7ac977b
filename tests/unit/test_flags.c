/* The compiler flags that keep the bits: no contraction to fma, subnormal numbers kept, on every thread. */
#include "tests/zps_test.h"

#include <float.h>
#include <omp.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "tests/unit/flags_probe.h"

#define N_LANES 16

typedef double probe_sum(double a, double b, double c);
typedef void probe_lanes(const double *a, const double *b, const double *c, double *out, int n);

/* Law: with e = 2^-30, (1 + e)(1 - e) = 1 - 2^-60 rounds to 1, so a * b + c with c = -1 is 0 in two roundings and
 * -2^-60 in the one rounding of an fma. */
static void check_contraction(probe_sum *sum, probe_lanes *lanes) {
  const double e = 0x1p-30;
  double a[N_LANES];
  double b[N_LANES];
  double c[N_LANES];
  double out[N_LANES];
  for (int i = 0; i < N_LANES; i++) {
    a[i] = 1.0 + e;
    b[i] = 1.0 - e;
    c[i] = -1.0;
  }
  assert_true(fma(a[0], b[0], c[0]) == -0x1p-60);
  assert_true(sum(a[0], b[0], c[0]) == 0.0);
  lanes(a, b, c, out, N_LANES);
  for (int i = 0; i < N_LANES; i++) {
    assert_true(out[i] == 0.0);
  }
}

static void test_no_contraction(void **state) {
  (void)state;
  check_contraction(flags_probe_sum_base, flags_probe_lanes_base);
#ifdef PROBE_HAS_V3
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    check_contraction(flags_probe_sum_v3, flags_probe_lanes_v3);
  }
#endif
}

/** 1 when this thread loses subnormal numbers as results (FTZ) or as operands (DAZ). */
static int thread_flushes(void) {
  volatile double smallest = DBL_MIN;
  volatile double subnormal = 0x1p-1074;
  const int flushes_result = 0.5 * smallest == 0.0;
  const int flushes_operand = subnormal * 0x1p100 == 0.0;
  int flushes_mode = 0;
#if defined(__x86_64__)
  flushes_mode = (_mm_getcsr() & 0x8040U) != 0;
#endif
  return flushes_result | flushes_operand | flushes_mode;
}

/* Law: 2^-1022 / 2 and 2^-1074 are subnormal and not 0. gcc's -ffast-math at link time would switch them off for the
 * main thread, an OpenMP runtime could for the others. */
static void test_subnormals_kept(void **state) {
  (void)state;
  int flushes = thread_flushes();
  assert_int_equal(flushes, 0);
#pragma omp parallel num_threads(2) reduction(| : flushes)
  flushes |= thread_flushes();
  assert_int_equal(flushes, 0);
}

/* Law: under -ffast-math a NaN compares equal to itself and -0 + 0 may be -0; under the project's flags neither. */
static void test_no_fast_math(void **state) {
  (void)state;
  volatile double zero = 0.0;
  volatile double minus_zero = -0.0;
  const double nan_value = zero / zero;
#ifdef __FAST_MATH__
  fail_msg("compiled with -ffast-math");
#endif
  assert_true(nan_value != nan_value);
  assert_false(signbit(minus_zero + zero));
  assert_true((0x1p53 + (1.0 + (zero + 1.0))) == 0x1p53 + 2.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_contraction),
      cmocka_unit_test(test_subnormals_kept),
      cmocka_unit_test(test_no_fast_math),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
