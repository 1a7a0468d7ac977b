/* log, exp, sine and cosine of kernels/math.h against libm in long double, over their whole range.
 *
 * x87 long double has 11 bits more than double, so the reference is good to 1e-3 ulp. One ulp is the spacing of
 * doubles at the exact value. Points come from a generator of the test's own with a fixed seed. */
#include "tests/zps_test.h"

#include <float.h>

#include "kernels/field.h"

/** A linear congruential generator modulo 2^64 (Knuth, TAOCP 2, 3.3.4), upper bits used. */
static uint64_t next_word(uint64_t *s) {
  *s = (*s * 6364136223846793005U) + 1442695040888963407U;
  return *s >> 11;
}

static double next_uniform(uint64_t *s) {
  return (double)next_word(s) * 0x1p-53;
}

/** Spacing of doubles at |x|, at least that of the smallest normal number. */
static long double ulp_at(long double x) {
  int e = 0;
  (void)frexpl(x, &e);
  return ldexpl(1.0L, (e < -1021 ? -1021 : e) - 53);
}

static double error_ulp(double got, long double want) {
  return (double)(fabsl((long double)got - want) / ulp_at(want));
}

static void keep_worst(double error, double at, double *worst, double *where) {
  if (!(error <= *worst)) {
    *worst = error;
    *where = at;
  }
}

static void log_at(double x, double *worst, double *where) {
  keep_worst(error_ulp(zps_log(x), logl((long double)x)), x, worst, where);
}

/* Law: |zps_log - log| < 1 ulp for every positive normal double. Every exponent from -1022 to 1023 with 400 mantissas,
 * and both sides of the seam of the reduction at sqrt(2). */
static void test_log_all_exponents(void **state) {
  (void)state;
  uint64_t s = 1;
  double worst = 0.0;
  double where = 0.0;
  for (int e = -1022; e <= 1023; e++) {
    log_at(ldexp(1.0, e), &worst, &where);
    log_at(ldexp(2.0 - DBL_EPSILON, e), &worst, &where);
    for (int i = 0; i < 400; i++) {
      log_at(ldexp(1.0 + next_uniform(&s), e), &worst, &where);
    }
    for (int i = -4; i <= 4; i++) {
      log_at(ldexp(1.4142135623730951 + (i * DBL_EPSILON), e), &worst, &where);
    }
  }
  print_message("log: %.3f ulp at %a\n", worst, where);
  assert_true(worst < 1.0);
  assert_true(zps_log(1.0) == 0.0);
  assert_true(isfinite(zps_log(DBL_MAX)) && isfinite(zps_log(DBL_MIN)));
}

/* Near 1 the result is small: relative precision must hold there too. 1 +- 2^-k and random points between. */
static void test_log_near_one(void **state) {
  (void)state;
  uint64_t s = 2;
  double worst = 0.0;
  double where = 0.0;
  for (int k = 1; k <= 52; k++) {
    log_at(1.0 + ldexp(1.0, -k), &worst, &where);
    log_at(1.0 - ldexp(1.0, -k), &worst, &where);
    for (int i = 0; i < 4000; i++) {
      const double f = ldexp(1.0 + next_uniform(&s), -k);
      log_at(1.0 + f, &worst, &where);
      log_at(1.0 - (0.5 * f), &worst, &where);
    }
  }
  print_message("log near 1: %.3f ulp at %a\n", worst, where);
  assert_true(worst < 1.0);
}

static void exp_at(double x, double *worst, double *where) {
  keep_worst(error_ulp(zps_exp(x), expl((long double)x)), x, worst, where);
}

/* Law: |zps_exp - exp| < 1 ulp on [-708, 709]; beyond, the value at the nearer end. Also around the seams of the
 * reduction, x = (k + 1/2) ln 2, and near 0. */
static void test_exp(void **state) {
  (void)state;
  uint64_t s = 3;
  double worst = 0.0;
  double where = 0.0;
  for (int i = 0; i < 1000000; i++) {
    exp_at(-708.0 + (1417.0 * next_uniform(&s)), &worst, &where);
  }
  for (int k = -1020; k <= 1021; k++) {
    const double seam = (k + 0.5) * 0.6931471805599453;
    for (int i = -8; i <= 8; i++) {
      exp_at(seam + (i * DBL_EPSILON * fabs(seam)), &worst, &where);
    }
  }
  for (int k = 0; k <= 60; k++) {
    exp_at(ldexp(1.0, -k), &worst, &where);
    exp_at(-ldexp(1.0, -k), &worst, &where);
    for (int i = 0; i < 4000; i++) {
      exp_at((next_uniform(&s) < 0.5 ? -1.0 : 1.0) * ldexp(1.0 + next_uniform(&s), -k), &worst, &where);
    }
  }
  print_message("exp: %.3f ulp at %a\n", worst, where);
  assert_true(worst < 1.0);
  assert_true(zps_exp(0.0) == 1.0);
  assert_true(zps_exp(-1e300) == zps_exp(-708.0) && zps_exp(1e300) == zps_exp(709.0));
  assert_true(zps_exp(-708.0) > 0.0 && isfinite(zps_exp(709.0)));
}

/** Exact sine and cosine of 2 pi u: the nearest quarter turn is taken off exactly before pi comes in. */
static void exact_turn(double u, long double *sine, long double *cosine) {
  const long double two_pi = 6.283185307179586476925286766559L;
  const long double quarters = roundl(4.0L * (long double)u);
  const long double rest = two_pi * ((long double)u - (0.25L * quarters));
  const long double s = sinl(rest);
  const long double c = cosl(rest);
  const int quadrant = (int)fmodl(fmodl(quarters, 4.0L) + 4.0L, 4.0L);
  *sine = quadrant == 0 ? s : (quadrant == 1 ? c : (quadrant == 2 ? -s : -c));
  *cosine = quadrant == 0 ? c : (quadrant == 1 ? -s : (quadrant == 2 ? -c : s));
}

static void turn_at(double u, double *worst, double *where) {
  long double sine = 0.0L;
  long double cosine = 0.0L;
  exact_turn(u, &sine, &cosine);
  const zps_sin_cos got = zps_sincos_turn(u);
  keep_worst(error_ulp(got.sine, sine), u, worst, where);
  keep_worst(error_ulp(got.cosine, cosine), u, worst, where);
}

/* Law: error below 2 ulp of the value itself, however small: the angle's distance from the nearest quarter turn is
 * exact, so there is no cancellation near the zeros. Turns of every size up to 2^20, and close to every eighth of a
 * turn: quarters are the zeros, odd eighths the seams of the reduction. */
static void test_sincos(void **state) {
  (void)state;
  uint64_t s = 4;
  double worst = 0.0;
  double where = 0.0;
  for (int k = -60; k < 20; k++) {
    for (int i = 0; i < 10000; i++) {
      const double sign = next_uniform(&s) < 0.5 ? -1.0 : 1.0;
      turn_at(sign * ldexp(1.0 + next_uniform(&s), k), &worst, &where);
    }
  }
  for (int eighth = -64; eighth <= 64; eighth++) {
    for (int k = 3; k <= 45; k++) {
      turn_at((0.125 * eighth) + ldexp(1.0, -k), &worst, &where);
      turn_at((0.125 * eighth) - ldexp(1.0, -k), &worst, &where);
      turn_at((0.125 * eighth) + ldexp(1.0 + next_uniform(&s), -k), &worst, &where);
    }
  }
  print_message("sincos: %.3f ulp at %a\n", worst, where);
  assert_true(worst < 2.0);
}

/** At whole quarters the results are the exact integers. */
static void test_sincos_quarters(void **state) {
  (void)state;
  const double sine[] = {0.0, 1.0, 0.0, -1.0};
  const double cosine[] = {1.0, 0.0, -1.0, 0.0};
  const double base[] = {0.0, -1048576.0, 1048575.0, 1099511627776.0};
  for (int b = 0; b < 4; b++) {
    for (int q = 0; q < 4; q++) {
      const zps_sin_cos got = zps_sincos_turn(base[b] + (0.25 * q));
      assert_true(got.sine == sine[q] && got.cosine == cosine[q]);
    }
  }
}

/* Law: sin^2 + cos^2 = 1; each is good to 2 ulp <= 2^-52, so the sum is within 4 * 2^-52 + rounding: 1e-15. */
static void test_sincos_on_circle(void **state) {
  (void)state;
  uint64_t s = 5;
  for (int i = 0; i < 200000; i++) {
    const zps_sin_cos got = zps_sincos_turn(next_uniform(&s));
    zps_assert_near((got.sine * got.sine) + (got.cosine * got.cosine), 1.0, 1e-15);
  }
}

/* Spot checks of monotony, 20000 neighbours each: a function with an error below 1 ulp may step back by one spacing at
 * most where the true one is flatter than its own grid, and not at all where it is steeper. */
static void check_rising(double (*f)(double), double from, int allowed) {
  double x = from;
  double last = f(x);
  for (int i = 0; i < 20000; i++) {
    x = nextafter(x, HUGE_VAL);
    const double now = f(x);
    assert_true(now >= last || (allowed && now >= nextafter(last, -HUGE_VAL)));
    last = now;
  }
}

static double log_of(double x) {
  return zps_log(x);
}

static double exp_of(double x) {
  return zps_exp(x);
}

static void test_monotone(void **state) {
  (void)state;
  const double flat[] = {1e-300, 1e-9, 0.7, 1.4142135623730951 - (10000.0 * DBL_EPSILON), 3.0, 1e9, 1e300};
  for (size_t i = 0; i < sizeof flat / sizeof flat[0]; i++) {
    check_rising(log_of, flat[i], 1);
  }
  check_rising(log_of, 1.0 - (10000.0 * DBL_EPSILON), 0);
  check_rising(exp_of, -707.9, 0);
  check_rising(exp_of, 0.34657359027997264 - (5000.0 * DBL_EPSILON), 1);
  check_rising(exp_of, 700.0, 0);
}

/* Law: floor for 0 <= x < 2^51, exactly. */
static void test_floor(void **state) {
  (void)state;
  uint64_t s = 6;
  for (int k = -30; k < 51; k++) {
    for (int i = 0; i < 1000; i++) {
      const double x = ldexp(next_uniform(&s), k);
      assert_true(zps_floor(x) == floor(x));
    }
    const double whole = floor(ldexp(1.0, k < 0 ? 0 : k));
    assert_true(zps_floor(whole) == whole);
    assert_true(zps_floor(nextafter(whole, 0.0)) == whole - 1.0);
    assert_true(zps_floor(nextafter(whole, HUGE_VAL)) == whole);
  }
  assert_true(zps_floor(0.0) == 0.0 && zps_floor(0.5) == 0.0 && zps_floor(1.5) == 1.0 && zps_floor(2.5) == 2.0);
  assert_true(zps_floor(2251799813685247.5) == 2251799813685247.0);
}

/* Law: a clamped number can index a table: NaN becomes the lower end, infinities the ends. */
static void test_clamp(void **state) {
  (void)state;
  assert_true(zps_clamp((double)NAN, 2.0, 7.0) == 2.0);
  assert_true(zps_clamp(-HUGE_VAL, 2.0, 7.0) == 2.0 && zps_clamp(HUGE_VAL, 2.0, 7.0) == 7.0);
  assert_true(zps_clamp(2.0, 2.0, 7.0) == 2.0 && zps_clamp(7.0, 2.0, 7.0) == 7.0 && zps_clamp(3.5, 2.0, 7.0) == 3.5);
}

static void test_bits(void **state) {
  (void)state;
  assert_true(zps_bits(1.0) == 0x3ff0000000000000U && zps_from_bits(0x4000000000000000U) == 2.0);
  assert_true(zps_abs(-3.5) == 3.5 && !signbit(zps_abs(-0.0)) && zps_abs(-HUGE_VAL) == HUGE_VAL);
  assert_true(zps_sqrt(2.0) == 1.4142135623730951);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_log_all_exponents),
      cmocka_unit_test(test_log_near_one),
      cmocka_unit_test(test_exp),
      cmocka_unit_test(test_sincos),
      cmocka_unit_test(test_sincos_quarters),
      cmocka_unit_test(test_sincos_on_circle),
      cmocka_unit_test(test_monotone),
      cmocka_unit_test(test_floor),
      cmocka_unit_test(test_clamp),
      cmocka_unit_test(test_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
