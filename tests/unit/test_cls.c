/* Upper limits: the numbers of the letter's background and signal, closed forms, and laws that any CLs obeys. */
#include "tests/zps_test.h"

#include <string.h>

#include <gsl/gsl_cdf.h>

#include "host/stats/cls.h"
#include "host/stats/cls_asymptotic.h"
#include "host/stats/cls_exact.h"

static zps_upper_limit limit_of(const zps_counting *counting, zps_limit_method method, double cl) {
  zps_upper_limit limit = {0};
  zps_error error = {ZPS_OK, ""};
  if (zps_upper_limit_find(counting, method, cl, &limit, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  return limit;
}

static double n_up(double n, double b, double sigma_b, double sigma_s, zps_limit_method method) {
  const zps_counting counting = zps_counting_single(n, b, sigma_b, sigma_s);
  return limit_of(&counting, method, 0.9).n_up;
}

/* docs/physics.md section 7, to the digits given there; 1.43613 and 1.44277 by an independent program. */
static void test_published_experiment(void **state) {
  (void)state;
  zps_assert_near(n_up(0, 0.07, 0, 0, ZPS_LIMIT_EXACT), 2.303, 5e-4);
  zps_assert_near(n_up(0, 0.07, 0, 0, ZPS_LIMIT_ASYMPTOTIC), 1.436, 5e-4);
  zps_assert_near(n_up(0, 0.07, 0, 0, ZPS_LIMIT_ASYMPTOTIC), 1.436126, 2e-6);
  zps_assert_near(n_up(0, 0.07, 0.03, 0.08, ZPS_LIMIT_ASYMPTOTIC), 1.443, 5e-4);
  zps_assert_near(n_up(0, 0.07, 0.03, 0.08, ZPS_LIMIT_ASYMPTOTIC), 1.442771, 2e-6);
  zps_assert_near(n_up(0, 0.07, 0, 0.08, ZPS_LIMIT_EXACT), 2.312, 5e-4);
  zps_assert_near(n_up(0, 0.07, 0.03, 0.08, ZPS_LIMIT_EXACT), 2.312, 5e-4);
}

/* Nothing seen: CLs = exp(-N), whatever the background. */
static void test_exact_at_zero(void **state) {
  (void)state;
  for (double b = 0.0; b < 20.0; b = (2.0 * b) + 0.01) {
    const zps_counting counting = zps_counting_single(0.0, b, 0.0, 0.0);
    for (double cl = 0.6; cl < 0.999; cl += 0.1) {
      const zps_upper_limit limit = limit_of(&counting, ZPS_LIMIT_EXACT, cl);
      zps_assert_relative(limit.n_up, -log(1.0 - cl), 1e-8);
      assert_true(limit.n_up_error <= 1e-8 * limit.n_up);
    }
  }
}

/* CLs is the ratio of two Poisson sums, here by GSL's incomplete gamma function. */
static void test_exact_is_a_poisson_sum(void **state) {
  (void)state;
  for (unsigned n = 0; n <= 50; n += n < 6 ? 1 : 11) {
    for (double b = 0.01; b < 100.0; b *= 3.0) {
      const double limit = n_up((double)n, b, 0, 0, ZPS_LIMIT_EXACT);
      const double cls = gsl_cdf_poisson_P(n, limit + b) / gsl_cdf_poisson_P(n, b);
      zps_assert_relative(cls, 0.1, 1e-7);
    }
  }
}

/* One channel without nuisances, q-tilde by hand: the best signal is max(n - b, 0). */
static double q_by_hand(double n, double b, double signal) {
  const double best = fmax(n - b, 0.0);
  const double fixed = signal + b - (n > 0.0 ? n * log(signal + b) : 0.0);
  const double free_fit = best + b - (n > 0.0 ? n * log(best + b) : 0.0);
  return best > signal ? 0.0 : 2.0 * (fixed - free_fit);
}

static void test_q_without_nuisances(void **state) {
  (void)state;
  for (double n = 0.0; n < 40.0; n += 1.0 + floor(n / 3.0)) {
    for (double b = 0.01; b < 100.0; b *= 2.5) {
      for (double s = 0.1; s < 100.0; s *= 2.0) {
        const zps_counting counting = zps_counting_single(n, b, 0.0, 0.0);
        double q = 0.0;
        double q_asimov = 0.0;
        assert_int_equal(zps_asymptotic_q(&counting, s, &q, &q_asimov, NULL), ZPS_OK);
        /* The free fit stops at a gradient of 1e-9 and may end a rounding above the minimum: 1e-8. */
        zps_assert_near(q, q_by_hand(n, b, s), 1e-8 * (1.0 + q));
        zps_assert_near(q_asimov, q_by_hand(b, b, s), 1e-8 * (1.0 + q_asimov));
      }
    }
  }
}

/* Both branches meet at q = q_A: CLs+b = 1 - Phi(sqrt q_A), CLb = 1/2. */
static void test_branches_meet(void **state) {
  (void)state;
  for (double q = 0.1; q < 30.0; q *= 2.0) {
    zps_assert_relative(zps_asymptotic_cls(q, q), 2.0 * gsl_cdf_ugaussian_Q(sqrt(q)), 1e-12);
    zps_assert_relative(zps_asymptotic_cls(q * (1.0 + 1e-9), q), zps_asymptotic_cls(q, q), 1e-7);
    /* Above q_A the naive formula would give another value: the branch must be taken. */
    const double naive = gsl_cdf_ugaussian_Q(sqrt(2.0 * q)) / gsl_cdf_ugaussian_Q(sqrt(2.0 * q) - sqrt(q));
    assert_true(fabs(zps_asymptotic_cls(2.0 * q, q) - naive) > 1e-3 * naive);
  }
}

/* Large counts: Poisson becomes normal and both methods meet. The next order of the expansion is 1/sqrt(b). */
static void test_methods_meet_at_large_counts(void **state) {
  (void)state;
  for (double b = 100.0; b <= 10000.0; b *= 10.0) {
    const double n = floor(b + (0.5 * sqrt(b)));
    const double exact = n_up(n, b, 0, 0, ZPS_LIMIT_EXACT);
    const double asymptotic = n_up(n, b, 0, 0, ZPS_LIMIT_ASYMPTOTIC);
    zps_assert_relative(asymptotic, exact, 0.5 / sqrt(b));
  }
}

/* The median expected asymptotic limit is the limit of the Asimov data. */
static void test_expected_asymptotic(void **state) {
  (void)state;
  const zps_counting counting = zps_counting_single(9.0, 9.0, 0.0, 0.0);
  const zps_upper_limit limit = limit_of(&counting, ZPS_LIMIT_ASYMPTOTIC, 0.95);
  zps_assert_relative(limit.expected[2], limit.n_up, 1e-6);
  for (int i = 1; i < ZPS_N_EXPECTED; i++) {
    assert_true(limit.expected[i] > limit.expected[i - 1]);
  }
}

/* Exact: the quantile of the counts, each with its own limit. b = 3: P(0) = 0.050, P(<= 1) = 0.199, P(<= 2) = 0.423,
 * P(<= 3) = 0.647, P(<= 4) = 0.815, P(<= 5) = 0.916, P(<= 6) = 0.966, P(<= 7) = 0.988: quantiles 0, 1, 3, 5, 7. */
static void test_expected_exact(void **state) {
  static const double counts[ZPS_N_EXPECTED] = {0, 1, 3, 5, 7};
  const zps_counting counting = zps_counting_single(0.0, 3.0, 0.0, 0.0);
  const zps_upper_limit limit = limit_of(&counting, ZPS_LIMIT_EXACT, 0.9);
  (void)state;
  for (int i = 0; i < ZPS_N_EXPECTED; i++) {
    zps_assert_relative(limit.expected[i], n_up(counts[i], 3.0, 0, 0, ZPS_LIMIT_EXACT), 1e-6);
  }
}

/** The experiment cut into channels of the same signal to background, which add nothing to know. */
static zps_counting cut(double n, double b, double sigma_b, double sigma_s) {
  zps_counting counting = zps_counting_single(n, b, sigma_b, sigma_s);
  const zps_channel whole = counting.channels[0];
  const double shares[3] = {0.5, 0.375, 0.125};
  counting.n_channel = 3;
  for (size_t c = 0; c < 3; c++) {
    counting.channels[c] = whole;
    counting.channels[c].share = shares[c];
    counting.channels[c].background = shares[c] * b;
    counting.channels[c].observed = c == 1 ? n : 0.0;
  }
  return counting;
}

static void test_cutting_changes_nothing(void **state) {
  static const double cases[][4] = {
      {0, 0.07, 0.03, 0.08}, {3, 1.0, 0.5, 0.2}, {5, 10.0, 0.0, 0.08}, {2, 2.0, 1.0, 0.0}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const zps_counting whole = zps_counting_single(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
    const zps_counting parts = cut(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
    for (int method = ZPS_LIMIT_EXACT; method <= ZPS_LIMIT_ASYMPTOTIC; method++) {
      const zps_upper_limit a = limit_of(&whole, (zps_limit_method)method, 0.9);
      const zps_upper_limit b = limit_of(&parts, (zps_limit_method)method, 0.9);
      zps_assert_relative(b.n_up, a.n_up, 2e-6);
      for (int k = 0; k < ZPS_N_EXPECTED; k++) {
        zps_assert_relative(b.expected[k], a.expected[k], 2e-6);
      }
    }
  }
}

/* A channel without signal is left out; one with less background for its signal makes the expected limit better. */
static void test_channels(void **state) {
  zps_counting one = zps_counting_single(1.0, 1.0, 0.3, 0.05);
  zps_counting with_empty = one;
  (void)state;
  with_empty.n_channel = 2;
  with_empty.channels[1] = (zps_channel){.observed = 7.0, .background = 2.0, .background_error = 0.5};
  zps_counting uneven = cut(0.0, 3.0, 0.0, 0.0);
  const zps_counting even = uneven;
  uneven.channels[0].background = 0.1;
  uneven.channels[1].background = 2.8;
  uneven.channels[2].background = 0.1;
  for (int method = ZPS_LIMIT_EXACT; method <= ZPS_LIMIT_ASYMPTOTIC; method++) {
    const zps_limit_method m = (zps_limit_method)method;
    zps_assert_relative(limit_of(&with_empty, m, 0.9).n_up, limit_of(&one, m, 0.9).n_up, 1e-9);
    assert_true(limit_of(&uneven, m, 0.9).expected[2] < limit_of(&even, m, 0.9).expected[2]);
  }
}

/** Of two channels without nuisances, the first of large counts. */
static zps_counting two_channels(double n_large, double b_large) {
  const zps_counting counting = {
      .n_channel = 2,
      .channels = {{.observed = n_large, .background = b_large, .share = 0.55}, {.background = 0.03, .share = 0.45}}};
  return counting;
}

/* Nothing is seen in the second channel, and more than n counts of the first weigh as much as one of its: T <= T_obs
 * only when it is empty, so that CLs = exp(-s_2) P(n_1 <= n | s_1 + b)/P(n_1 <= n | b). Weights as they are, not
 * rounded, have one count of the second weigh as much as ln(1 + s_2/b_2)/ln(1 + s_1/b_1) > n_1 of the first: at the
 * reference signal of cls_exact.c 65 and 86 of 50 and of 100. Both channels must count, to the rounding of the root. */
static void test_a_light_channel_counts(void **state) {
  (void)state;
  for (unsigned n = 50; n <= 100; n += 50) {
    const zps_counting counting = two_channels(n, n);
    const double limit = limit_of(&counting, ZPS_LIMIT_EXACT, 0.9).n_up;
    const double first = gsl_cdf_poisson_P(n, (0.55 * limit) + n) / gsl_cdf_poisson_P(n, n);
    const double cls = exp(-0.45 * limit) * first;
    if (!(fabs(cls - 0.1) < 2e-3)) {
      fail_msg("%u counts: n_up = %.10g has CLs = %.10g", n, limit, cls);
    }
    assert_true(limit < 0.93 * log(10.0) / 0.45); /* of the second channel alone */
  }
}

/* Where the sums would take too long the light channel is left out, whatever it saw: the other one limits alone. */
static void test_a_channel_left_out(void **state) {
  static const double cases[][2] = {{3000, 3000}, {4000, 4000}, {0, 5000}, {5000, 5000}, {1e6, 1e6}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    zps_counting counting = two_channels(cases[i][0], cases[i][1]);
    counting.channels[0].background_error = 0.3; /* nor does its error count */
    zps_assert_relative(limit_of(&counting, ZPS_LIMIT_EXACT, 0.9).n_up, log(10.0) / 0.45, 1e-6);
  }
}

/* More doubt, a weaker limit; more confidence, too. */
static void test_monotonic(void **state) {
  (void)state;
  for (int method = ZPS_LIMIT_EXACT; method <= ZPS_LIMIT_ASYMPTOTIC; method++) {
    const zps_limit_method m = (zps_limit_method)method;
    double last = 0.0;
    for (double sigma = 0.0; sigma < 0.5; sigma += 0.1) {
      const double limit = n_up(1, 1.0, 0.3, sigma, m);
      assert_true(limit > last);
      last = limit;
    }
    const zps_counting counting = zps_counting_single(2.0, 1.0, 0.3, 0.1);
    assert_true(limit_of(&counting, m, 0.95).n_up > limit_of(&counting, m, 0.9).n_up);
  }
}

/* The numerical error that is stated covers the distance to a much finer quadrature. */
static void test_stated_error(void **state) {
  static const double cases[][4] = {{0, 0.07, 0.2, 0.5}, {4, 1.0, 2.5, 0.3}, {20, 30.0, 12.0, 0.3}, {0, 1.0, 0.3, 2.0}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const zps_counting counting = zps_counting_single(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
    const zps_upper_limit limit = limit_of(&counting, ZPS_LIMIT_EXACT, 0.9);
    zps_exact fine = {0};
    double cls[2] = {0.0, 0.0};
    assert_int_equal(zps_exact_make(&counting, &fine, NULL), ZPS_OK);
    assert_int_equal(zps_exact_set_level(&fine, 5, NULL), ZPS_OK);
    const double margin = 1e-9 * limit.n_up;
    const size_t t = fine.t_observed;
    assert_int_equal(zps_exact_cls(&fine, limit.n_up - limit.n_up_error - margin, t, &cls[0], NULL), ZPS_OK);
    assert_int_equal(zps_exact_cls(&fine, limit.n_up + limit.n_up_error + margin, t, &cls[1], NULL), ZPS_OK);
    if (!(cls[0] > 0.1 && cls[1] < 0.1)) {
      fail_msg("case %zu: n_up = %.10g +- %.3g but CLs = %.10g, %.10g around it", i, limit.n_up, limit.n_up_error,
               cls[0], cls[1]);
    }
    assert_true(limit.n_up_error < 1e-4 * limit.n_up);
    zps_exact_free(&fine);
  }
}

static void test_cls_values(void **state) {
  const zps_counting counting = zps_counting_single(1.0, 0.5, 0.1, 0.08);
  (void)state;
  for (int method = ZPS_LIMIT_EXACT; method <= ZPS_LIMIT_ASYMPTOTIC; method++) {
    const double n[4] = {0.0, limit_of(&counting, (zps_limit_method)method, 0.9).n_up, 100.0, 1e15};
    double cls[4];
    assert_int_equal(zps_cls(&counting, (zps_limit_method)method, 4, n, cls, NULL), ZPS_OK);
    zps_assert_near(cls[0], 1.0, 1e-12);
    zps_assert_near(cls[1], 0.1, 1e-6);
    assert_true(cls[2] < 1e-6);
    zps_assert_near(cls[3], 0.0, 1e-12);
  }
}

static void refused(zps_counting counting, zps_limit_method method, double cl, zps_status want, const char *words) {
  zps_upper_limit limit;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_upper_limit_find(&counting, method, cl, &limit, &error), want);
  if (strstr(error.text, words) == NULL) {
    fail_msg("got: %s\nwant: %s", error.text, words);
  }
}

static void test_refuses(void **state) {
  (void)state;
  refused(zps_counting_single(0, 1, 0, 0), ZPS_LIMIT_EXACT, 0.5, ZPS_INVALID, "confidence level = 0.5");
  refused(zps_counting_single(0, 1, 0, 0), ZPS_LIMIT_EXACT, 1.0, ZPS_INVALID, "confidence level = 1");
  refused(zps_counting_single(0.5, 1, 0, 0), ZPS_LIMIT_EXACT, 0.9, ZPS_INVALID, "whole number");
  refused(zps_counting_single(1e6, 1e6, 0, 0), ZPS_LIMIT_EXACT, 0.9, ZPS_INVALID, "use the method asymptotic");
  refused(zps_counting_single(1e5, 3e4, 0, 0), ZPS_LIMIT_EXACT, 0.9, ZPS_INVALID,
          "100000 events seen, background of 30000:");
  refused(zps_counting_single(0, 5000, 0, 0), ZPS_LIMIT_EXACT, 0.9, ZPS_FAILURE, "no CLs");
  const zps_counting many = zps_counting_single(1e6, 1e6, 0, 0);
  zps_assert_relative(limit_of(&many, ZPS_LIMIT_ASYMPTOTIC, 0.95).n_up, 1960.0, 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_published_experiment),
      cmocka_unit_test(test_exact_at_zero),
      cmocka_unit_test(test_exact_is_a_poisson_sum),
      cmocka_unit_test(test_q_without_nuisances),
      cmocka_unit_test(test_branches_meet),
      cmocka_unit_test(test_methods_meet_at_large_counts),
      cmocka_unit_test(test_expected_asymptotic),
      cmocka_unit_test(test_expected_exact),
      cmocka_unit_test(test_cutting_changes_nothing),
      cmocka_unit_test(test_channels),
      cmocka_unit_test(test_a_light_channel_counts),
      cmocka_unit_test(test_a_channel_left_out),
      cmocka_unit_test(test_monotonic),
      cmocka_unit_test(test_stated_error),
      cmocka_unit_test(test_cls_values),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
