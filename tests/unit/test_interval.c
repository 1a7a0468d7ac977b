/* Laws of the Clopper-Pearson interval: its ends have exactly the tail probabilities it promises. */
#include "tests/zps_test.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

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
  const zps_counts counts = {.accepted = 60, .generated = 300, .generated_k2 = 900};
  const zps_counts none = {0, 0, 0, 0};
  zps_assert_relative(zps_effective_number(&counts), 100.0, 1e-15);
  zps_assert_near(zps_effective_number(&none), 0.0, 0.0);
  const zps_interval plain = zps_interval_binomial(20.0, 100.0, ZPS_LEVEL_ONE_SIGMA);
  const zps_interval heavy = zps_interval_weighted(&counts, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_relative(heavy.lo, plain.lo, 1e-12);
  zps_assert_relative(heavy.hi, plain.hi, 1e-12);
  /* Uneven weights know less: the interval is wider. */
  const zps_counts uneven_counts = {.accepted = 60, .generated = 300, .generated_k2 = 1800};
  const zps_interval uneven = zps_interval_weighted(&uneven_counts, ZPS_LEVEL_ONE_SIGMA);
  assert_true(uneven.hi - uneven.lo > heavy.hi - heavy.lo);
  /* Nothing accepted out of nothing says nothing. */
  const zps_interval empty = zps_interval_weighted(&none, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_near(empty.hi - empty.lo, 1.0, 0.0);
}

/* The law: half the width of the one-sigma interval over the estimate. The next order in 1/x of Clopper and Pearson's
 * ends (Cornish-Fisher) is below 0.05/x of the estimate for any p, so below 0.05/sqrt(x) of the error itself. */
static void test_relative_error(void **state) {
  (void)state;
  static const uint64_t cases[][3] = {{100, 10000, 10000},     {2500, 100000, 100000}, {5000, 10000, 10000},
                                      {9000, 10000, 20000},    {300, 30000, 90000},    {150000, 1000000, 1250000},
                                      {1000, 1000000, 1100000}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const uint64_t *const c = cases[i];
    const zps_counts counts = {.accepted = c[0], .generated = c[1], .generated_k2 = c[2]};
    const zps_interval interval = zps_interval_weighted(&counts, ZPS_LEVEL_ONE_SIGMA);
    const double share = (double)c[0] / (double)c[1];
    const double x = share * zps_effective_number(&counts);
    const double got = zps_relative_error(&counts);
    zps_assert_relative(got, 0.5 * (interval.hi - interval.lo) / share, 0.05 / sqrt(x));
  }
  static const zps_counts endless[] = {
      {.generated = 100, .generated_k2 = 100}, {0}, {.accepted = 2, .generated = 1, .generated_k2 = 1}};
  for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
    assert_true(isinf(zps_relative_error(&endless[i])));
  }
}

/* Laws of the effective number with weights of the accepted's own: where they are like all others, it is that of the
 * generated; a common factor of all weights changes nothing; accepted events of weight 1 among heavy others are known
 * as well as their number says; where nothing or all is accepted, the generated decide. */
static void test_weights_of_the_accepted(void **state) {
  (void)state;
  const zps_counts like = {.accepted = 60, .accepted_k2 = 180, .generated = 300, .generated_k2 = 900};
  const zps_counts scaled = {.accepted = 420, .accepted_k2 = 8820, .generated = 2100, .generated_k2 = 44100};
  zps_assert_relative(zps_effective_number(&like), 100.0, 1e-14);
  zps_assert_relative(zps_effective_number(&scaled), 100.0, 1e-14);
  /* 400 accepted of weight 1, 1000 failed of weight 100: var = [400 (1 - p)^2 + 1e7 p^2]/G^2, of which p^2 1e7 = 158.
   */
  const zps_counts light = {.accepted = 400, .accepted_k2 = 400, .generated = 100400, .generated_k2 = 10000400};
  const double p = 400.0 / 100400.0;
  const double error = sqrt((400.0 * (1.0 - p) * (1.0 - p)) + (1e7 * p * p)) / 400.0;
  const double x = p * zps_effective_number(&light);
  zps_assert_relative(sqrt((1.0 - p) / x), error, 1e-12);
  const zps_counts none = {.generated = 300, .generated_k2 = 900};
  const zps_counts all = {.accepted = 300, .accepted_k2 = 900, .generated = 300, .generated_k2 = 900};
  zps_assert_relative(zps_effective_number(&none), 100.0, 1e-15);
  zps_assert_relative(zps_effective_number(&all), 100.0, 1e-15);
}

/* Columns as a pilot leaves them: probability to be drawn, weight, efficiency. The plain ones have multiplicities of
 * the emission, nearly the same for what is accepted. */
typedef struct column {
  double q;
  unsigned k;
  double p;
} column;

#define N_COLUMNS 4

/** Counts of n events. */
static zps_counts draw(gsl_rng *rng, const column columns[N_COLUMNS], unsigned n) {
  double q[N_COLUMNS];
  unsigned drawn[N_COLUMNS];
  zps_counts counts = {0, 0, 0, 0};
  for (int i = 0; i < N_COLUMNS; i++) {
    q[i] = columns[i].q;
  }
  gsl_ran_multinomial(rng, N_COLUMNS, n, q, drawn);
  for (int i = 0; i < N_COLUMNS; i++) {
    const uint64_t k = columns[i].k;
    const uint64_t accepted = gsl_ran_binomial(rng, columns[i].p, drawn[i]);
    counts.accepted += k * accepted;
    counts.accepted_k2 += k * k * accepted;
    counts.generated += k * drawn[i];
    counts.generated_k2 += k * k * drawn[i];
  }
  return counts;
}

/** Share of the intervals that hold the true value, of n_tries runs of n events. own: judged by the weights of the
 *  accepted. */
static double coverage(const column columns[N_COLUMNS], unsigned n, bool own, unsigned n_tries) {
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  double accepted = 0.0;
  double generated = 0.0;
  unsigned n_held = 0;
  assert_non_null(rng);
  for (int i = 0; i < N_COLUMNS; i++) {
    generated += columns[i].q * columns[i].k;
    accepted += columns[i].q * columns[i].k * columns[i].p;
  }
  for (unsigned i = 0; i < n_tries; i++) {
    zps_counts counts = draw(rng, columns, n);
    counts.accepted_k2 = own ? counts.accepted_k2 : 0;
    const zps_interval interval = zps_interval_weighted(&counts, ZPS_LEVEL_ONE_SIGMA);
    n_held += interval.lo <= accepted / generated && accepted / generated <= interval.hi ? 1 : 0;
  }
  gsl_rng_free(rng);
  return (double)n_held / (double)n_tries;
}

/* The promise: of runs of n events, 68.27 % or more of the intervals hold the true value, for few accepted events and
 * for many, with weights that have nothing to do with what is accepted and with a pilot's; with few accepted it is
 * more, as Clopper and Pearson's intervals do not fall below their level. Tolerance: four deviations of 10000 tries, 4
 * sqrt(0.68 0.32/1e4). "Harsh" are columns in which two thirds of the variance come from events 22 times as heavy as
 * the first column's of which a run has a few or none: no counts tell of what was not seen, and 60 % are asked for. By
 * generated_k2 alone, piloted intervals are far too wide. */
static void test_coverage_of_weighted(void **state) {
  (void)state;
  static const column plain[N_COLUMNS] = {{0.25, 0, 0.012}, {0.5, 1, 0.012}, {0.2, 2, 0.012}, {0.05, 3, 0.012}};
  static const column piloted[N_COLUMNS] = {{0.36, 4, 0.5}, {0.14, 6, 0.3}, {0.1, 20, 0.004}, {0.4, 90, 1e-6}};
  static const column harsh[N_COLUMNS] = {{0.36, 4, 0.5}, {0.14, 6, 0.3}, {0.1, 20, 0.05}, {0.4, 90, 0.004}};
  static const unsigned n_plain[] = {100, 300, 1000, 10000, 100000};
  static const unsigned n_piloted[] = {4, 12, 40, 400, 4000};
  const unsigned n_tries = 10000;
  const double level = ZPS_LEVEL_ONE_SIGMA;
  const double low = level - (4.0 * sqrt((level * (1.0 - level)) / n_tries));
  for (size_t i = 0; i < sizeof n_plain / sizeof n_plain[0]; i++) {
    const double of_all = coverage(plain, n_plain[i], false, n_tries);
    const double of_own = coverage(plain, n_plain[i], true, n_tries);
    const double of_pilot = coverage(piloted, n_piloted[i], true, n_tries);
    const double of_generated = coverage(piloted, n_piloted[i], false, n_tries);
    const double of_harsh = coverage(harsh, n_piloted[i], true, n_tries);
    print_message("%u events, plain: %.3f, %.3f by their own weights; %u events, piloted: %.3f (%.3f by all weights), "
                  "harsh %.3f\n",
                  n_plain[i], of_all, of_own, n_piloted[i], of_pilot, of_generated, of_harsh);
    assert_true(of_all > low && of_own > low && of_pilot > low);
    assert_true(of_harsh > 0.6 && of_generated > of_pilot);
  }
}

/* Law: the error of a sum of k over N given events is its scatter over many tries, without the half count. Tolerance: 4
 * deviations of an rms of n_tries numbers, 1/sqrt(2 n_tries) each. Of the error of the ratio, whose denominator
 * fluctuates with it, that would be off by more: k here has half of its variance from itself. */
static void test_error_of_a_sum(void **state) {
  (void)state;
  static const column columns[N_COLUMNS] = {{0.25, 0, 0.4}, {0.5, 1, 0.4}, {0.2, 2, 0.4}, {0.05, 3, 0.4}};
  const unsigned n_events = 400;
  const unsigned n_tries = 20000;
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  double truth = 0.0;
  double sum2 = 0.0;
  double mean_error2 = 0.0;
  double mean_ratio2 = 0.0;
  assert_non_null(rng);
  for (int i = 0; i < N_COLUMNS; i++) {
    truth += n_events * columns[i].q * columns[i].k * columns[i].p;
  }
  for (unsigned i = 0; i < n_tries; i++) {
    const zps_counts counts = draw(rng, columns, n_events);
    const double a = (double)counts.accepted;
    const double half_count = 0.5 * (double)counts.accepted_k2 / (a * a);
    const double error = a * (zps_sum_error(counts.accepted, counts.accepted_k2, n_events) - half_count);
    const double of_ratio = a * zps_relative_error(&counts);
    sum2 += (a - truth) * (a - truth) / n_tries;
    mean_error2 += error * error / n_tries;
    mean_ratio2 += of_ratio * of_ratio / n_tries;
  }
  print_message("sum of k: scatter %.2f, error %.2f, that of the ratio %.2f\n", sqrt(sum2), sqrt(mean_error2),
                sqrt(mean_ratio2));
  zps_assert_relative(sqrt(mean_error2), sqrt(sum2), 4.0 / sqrt(2.0 * n_tries));
  assert_true(fabs(sqrt(mean_ratio2 / sum2) - 1.0) > 4.0 / sqrt(2.0 * n_tries));
  assert_true(isinf(zps_sum_error(0, 0, 10)));
  zps_assert_relative(zps_sum_error(10, 10, 10), 0.05, 1e-15);
  gsl_rng_free(rng);
}

/* Law: an event fails where it is not accepted, so the interval of those that fail is the same from the other end, and
 * with it its coverage: what is hard for rare heavy accepted events is as hard near 1 for rare heavy ones that fail. */
static void test_mirrored(void **state) {
  (void)state;
  static const column harsh[N_COLUMNS] = {{0.36, 4, 0.5}, {0.14, 6, 0.3}, {0.1, 20, 0.05}, {0.4, 90, 0.004}};
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  assert_non_null(rng);
  for (int i = 0; i < 200; i++) {
    const zps_counts counts = draw(rng, harsh, 400);
    const zps_counts failed = {counts.generated - counts.accepted, counts.generated_k2 - counts.accepted_k2,
                               counts.generated, counts.generated_k2};
    const zps_interval interval = zps_interval_weighted(&counts, ZPS_LEVEL_ONE_SIGMA);
    const zps_interval of_failed = zps_interval_weighted(&failed, ZPS_LEVEL_ONE_SIGMA);
    zps_assert_near(of_failed.lo, 1.0 - interval.hi, 1e-12);
    zps_assert_near(of_failed.hi, 1.0 - interval.lo, 1e-12);
  }
  gsl_rng_free(rng);
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
      cmocka_unit_test(test_weights_of_the_accepted),
      cmocka_unit_test(test_coverage_of_weighted),
      cmocka_unit_test(test_error_of_a_sum),
      cmocka_unit_test(test_mirrored),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
