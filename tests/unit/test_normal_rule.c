/* Averages over a normal number that are known in closed form. */
#include "tests/zps_test.h"

#include "host/stats/normal_rule.h"

#define HERMITE ZPS_NORMAL_HERMITE
#define TRAPEZOID ZPS_NORMAL_TRAPEZOID

static double average(zps_normal_rule_kind kind, double width, size_t n, double (*f)(double theta, double width)) {
  zps_normal_rule rule = {0};
  double sum = 0.0;
  assert_int_equal(zps_normal_rule_make(kind, n, &rule, NULL), ZPS_OK);
  for (size_t i = 0; i < rule.n; i++) {
    sum += rule.weight[i] * f(rule.node[i], width);
  }
  zps_normal_rule_free(&rule);
  zps_normal_rule_free(&rule);
  return sum;
}

static double log_normal(double theta, double width) {
  return exp(width * theta);
}

static double fourth(double theta, double width) {
  (void)width;
  return theta * theta * theta * theta;
}

static double zero_counts(double theta, double width) {
  return exp(-2.0 * exp(width * theta));
}

/* E[exp(sigma theta)] = exp(sigma^2/2), E[theta^4] = 3. Gauss-Hermite with n nodes is exact to degree 2n - 1: the
 * series of exp(0.4 theta) leaves 0.4^16/16! 2^8 8! < 1e-9 at n = 8. The trapezoid cut at 8.3 loses the tail: below
 * width 3 less than 1 - Phi(8.3 - 3) = 6e-8 of it. */
static void test_moments(void **state) {
  (void)state;
  zps_assert_relative(average(HERMITE, 0.4, 8, log_normal), exp(0.08), 1e-9);
  zps_assert_relative(average(HERMITE, 0.05, 3, log_normal), exp(0.00125), 1e-9);
  zps_assert_relative(average(TRAPEZOID, 1.0, 48, log_normal), exp(0.5), 1e-12);
  zps_assert_relative(average(TRAPEZOID, 3.0, 96, log_normal), exp(4.5), 1e-7);
  zps_assert_near(average(HERMITE, 0.4, 8, fourth), 3.0, 1e-12);
  zps_assert_near(average(TRAPEZOID, 1.0, 48, fourth), 3.0, 1e-12);
}

/* The two rules must agree on what is used: P(0 events) of a log-normal mean. exp(-2 exp(width theta)) is entire, and
 * bounded for |Im theta| < pi/(2 width): the trapezoid's error is exp(-pi^2/(width step)), 5e-16 at width 0.4 and 24
 * nodes. */
static void test_rules_agree(void **state) {
  (void)state;
  for (double width = 0.05; width < 0.45; width += 0.05) {
    zps_assert_near(average(HERMITE, width, 24, zero_counts), average(TRAPEZOID, width, 48, zero_counts), 1e-10);
    zps_assert_near(average(TRAPEZOID, width, 24, zero_counts), average(TRAPEZOID, width, 48, zero_counts), 1e-12);
  }
}

static void test_one_node(void **state) {
  zps_normal_rule rule = {0};
  (void)state;
  assert_int_equal(zps_normal_rule_make(HERMITE, 1, &rule, NULL), ZPS_OK);
  assert_int_equal(rule.n, 1);
  zps_assert_near(rule.node[0], 0.0, 0.0);
  zps_assert_near(rule.weight[0], 1.0, 0.0);
  zps_normal_rule_free(&rule);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_moments), cmocka_unit_test(test_rules_agree),
                                     cmocka_unit_test(test_one_node)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
