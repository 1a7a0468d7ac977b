/* Laws of the Clopper-Pearson interval: its ends have exactly the tail probabilities it promises. */
#include "tests/zps_test.h"

#include <gsl/gsl_randist.h>

#include "host/stats/interval.h"

static double sum_of_pdf(unsigned from, unsigned to, double p, unsigned n) {
  double sum = 0.0;
  for (unsigned k = from; k <= to; k++) {
    sum += gsl_ran_binomial_pdf(k, p, n);
  }
  return sum;
}

/* For whole numbers the beta quantiles are binomial sums: P(k >= x | lo) = P(k <= x | hi) = tail. The pdf comes from
 * logarithms of factorials of size n ln n <= 1500, so each term is good to 1500 * 1.1e-16 * a few: 1e-12 in all. */
static void test_tails_are_binomial_sums(void **state) {
  const unsigned sizes[] = {1, 2, 7, 20, 100, 300};
  const double levels[] = {ZPS_LEVEL_ONE_SIGMA, 0.9, 0.95, 0.99};
  (void)state;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    const unsigned n = sizes[i];
    for (unsigned x = 0; x <= n; x += 1 + (n / 9)) {
      for (size_t j = 0; j < sizeof levels / sizeof levels[0]; j++) {
        const double tail = 0.5 * (1.0 - levels[j]);
        const zps_interval interval = zps_interval_binomial(x, n, levels[j]);
        if (x > 0) {
          zps_assert_near(sum_of_pdf(x, n, interval.lo, n), tail, 1e-11);
        }
        if (x < n) {
          zps_assert_near(sum_of_pdf(0, x, interval.hi, n), tail, 1e-11);
        }
      }
    }
  }
}

/* The promise itself: for any p, the intervals of all outcomes contain p with probability >= level. */
static void test_coverage(void **state) {
  const unsigned n = 25;
  (void)state;
  for (double p = 0.01; p < 1.0; p += 0.017) {
    double covered = 0.0;
    for (unsigned x = 0; x <= n; x++) {
      const zps_interval interval = zps_interval_binomial(x, n, 0.9);
      covered += interval.lo <= p && p <= interval.hi ? gsl_ran_binomial_pdf(x, p, n) : 0.0;
    }
    assert_true(covered >= 0.9);
  }
}

/* R. G. Newcombe, Stat. Med. 17 (1998) 857, Table I, "exact": four decimals. */
static void test_published(void **state) {
  const struct {
    double x, n, lo, hi;
  } rows[] = {{81, 263, 0.2527, 0.3676}, {15, 148, 0.0578, 0.1617}, {0, 20, 0.0000, 0.1684}, {1, 29, 0.0009, 0.1776}};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const zps_interval interval = zps_interval_binomial(rows[i].x, rows[i].n, 0.95);
    zps_assert_near(interval.lo, rows[i].lo, 5.1e-5);
    zps_assert_near(interval.hi, rows[i].hi, 5.1e-5);
  }
}

/* Roots of the incomplete beta function found with mpmath at 40 digits. */
static void test_effective_numbers(void **state) {
  (void)state;
  const zps_interval interval = zps_interval_binomial(2.5, 7.25, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_relative(interval.lo, 0.1471949884642230892845, 1e-12);
  zps_assert_relative(interval.hi, 0.5961163913534336977161, 1e-12);
}

/* Beyond 1e5 counts: the header promises 1e-6 of the width; references from mpmath. */
static void test_large_counts(void **state) {
  (void)state;
  const zps_interval common = zps_interval_binomial(2e5, 1e6, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_near(common.lo, 0.199599800500329898, 8e-10);
  zps_assert_near(common.hi, 0.200400800249329086, 8e-10);
  const zps_interval rare = zps_interval_binomial(1.2e5, 1e9, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_near(rare.lo, 0.000119653610985051023, 7e-13);
  zps_assert_near(rare.hi, 0.000120347390218186608, 7e-13);
}

static void test_edges(void **state) {
  (void)state;
  const zps_interval none = zps_interval_binomial(0.0, 10.0, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_near(none.lo, 0.0, 0.0);
  zps_assert_relative(none.hi, 0.1681491861379764, 1e-12); /* 1 - tail^(1/10) */
  const zps_interval all = zps_interval_binomial(10.0, 10.0, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_relative(all.lo, 1.0 - none.hi, 1e-12);
  zps_assert_near(all.hi, 1.0, 0.0);
  const double bad[][2] = {{0.0, 0.0},          {-1.0, 10.0},       {11.0, 10.0},
                           {(double)NAN, 10.0}, {1.0, (double)NAN}, {1.0, HUGE_VAL}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const zps_interval whole = zps_interval_binomial(bad[i][0], bad[i][1], ZPS_LEVEL_ONE_SIGMA);
    zps_assert_near(whole.lo, 0.0, 0.0);
    zps_assert_near(whole.hi, 1.0, 0.0);
  }
}

/* A weight of 3 on every event changes nothing: (3 N)^2/(9 N) = N. */
static void test_weighted(void **state) {
  (void)state;
  zps_assert_relative(zps_effective_number(300, 900), 100.0, 1e-15);
  zps_assert_near(zps_effective_number(0, 0), 0.0, 0.0);
  const zps_interval plain = zps_interval_binomial(20.0, 100.0, ZPS_LEVEL_ONE_SIGMA);
  const zps_interval heavy = zps_interval_weighted(60, 300, 900, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_relative(heavy.lo, plain.lo, 1e-12);
  zps_assert_relative(heavy.hi, plain.hi, 1e-12);
  /* Uneven weights know less: the interval is wider. */
  const zps_interval uneven = zps_interval_weighted(60, 300, 1800, ZPS_LEVEL_ONE_SIGMA);
  assert_true(uneven.hi - uneven.lo > heavy.hi - heavy.lo);
  /* Nothing accepted out of nothing says nothing. */
  const zps_interval empty = zps_interval_weighted(0, 0, 0, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_near(empty.hi - empty.lo, 1.0, 0.0);
}

/* The law: half the width of the one-sigma interval over the estimate. The next order in 1/x of Clopper and Pearson's
 * ends (Cornish-Fisher) is below 0.05/x of the estimate for any p, so below 0.05/sqrt(x) of the error itself. */
static void test_relative_error(void **state) {
  (void)state;
  static const uint64_t counts[][3] = {{100, 10000, 10000},     {2500, 100000, 100000}, {5000, 10000, 10000},
                                       {9000, 10000, 20000},    {300, 30000, 90000},    {150000, 1000000, 1250000},
                                       {1000, 1000000, 1100000}};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    const uint64_t *const c = counts[i];
    const zps_interval interval = zps_interval_weighted(c[0], c[1], c[2], ZPS_LEVEL_ONE_SIGMA);
    const double share = (double)c[0] / (double)c[1];
    const double x = share * zps_effective_number(c[1], c[2]);
    const double got = zps_relative_error(c[0], c[1], c[2]);
    zps_assert_relative(got, 0.5 * (interval.hi - interval.lo) / share, 0.05 / sqrt(x));
  }
  assert_true(isinf(zps_relative_error(0, 100, 100)));
  assert_true(isinf(zps_relative_error(0, 0, 0)));
  assert_true(isinf(zps_relative_error(2, 1, 1)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tails_are_binomial_sums),
      cmocka_unit_test(test_coverage),
      cmocka_unit_test(test_published),
      cmocka_unit_test(test_effective_numbers),
      cmocka_unit_test(test_large_counts),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_weighted),
      cmocka_unit_test(test_relative_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
