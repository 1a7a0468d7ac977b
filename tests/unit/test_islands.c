/* Sets of intervals: functions with known zeros. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/stats/islands.h"
#include "kernels/math.h"

/** sin of ln x: positive for ln x in (0, pi), (2 pi, 3 pi), ... */
static double waves(double x, void *context) {
  (void)context;
  return sin(log(x));
}

static double level(double x, void *context) {
  return x - *(const double *)context;
}

static double no_number(double x, void *context) {
  (void)context;
  return x > 5.0 ? (double)NAN : 1.0;
}

static void test_several(void **state) {
  zps_islands islands;
  (void)state;
  assert_int_equal(zps_islands_find(waves, NULL, 1e-2, exp(8.0), 200, &islands, NULL), ZPS_OK);
  /* ln 0.01 = -4.6 lies in (-2 pi, -pi), where the sine is positive; then (0, pi) and (2 pi, 8). */
  assert_int_equal(islands.n, 3);
  assert_true(islands.open_below);
  assert_true(islands.open_above);
  zps_assert_near(islands.island[0].lo, 1e-2, 0.0);
  zps_assert_relative(islands.island[0].hi, exp(-ZPS_PI), 1e-11);
  zps_assert_relative(islands.island[1].lo, 1.0, 1e-11);
  zps_assert_relative(islands.island[1].hi, exp(ZPS_PI), 1e-11);
  zps_assert_relative(islands.island[2].lo, exp(2.0 * ZPS_PI), 1e-11);
  zps_assert_relative(islands.island[2].hi, exp(8.0), 1e-15);
}

static void test_none_and_all(void **state) {
  double at = 1e6;
  zps_islands islands;
  (void)state;
  assert_int_equal(zps_islands_find(level, &at, 1e-3, 10.0, 50, &islands, NULL), ZPS_OK);
  assert_int_equal(islands.n, 0);
  at = -1.0;
  assert_int_equal(zps_islands_find(level, &at, 1e-3, 10.0, 50, &islands, NULL), ZPS_OK);
  assert_int_equal(islands.n, 1);
  assert_true(islands.open_below && islands.open_above);
}

static void test_refuses(void **state) {
  zps_error error = {ZPS_OK, ""};
  zps_islands islands;
  (void)state;
  assert_int_equal(zps_islands_find(no_number, NULL, 1.0, 10.0, 50, &islands, &error), ZPS_FAILURE);
  assert_non_null(strstr(error.text, "no number at"));
  error = (zps_error){ZPS_OK, ""};
  assert_int_equal(zps_islands_find(waves, NULL, 1.0, exp(100.0), 2000, &islands, &error), ZPS_FAILURE);
  assert_non_null(strstr(error.text, "more than 8 islands"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_several), cmocka_unit_test(test_none_and_all),
                                     cmocka_unit_test(test_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
