/* Roots of functions with known ones, and what has none. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/stats/root.h"

static double decay(double x, void *context) {
  return exp(-x) - *(const double *)context;
}

static double no_number(double x, void *context) {
  (void)context;
  return x > 1.0 ? (double)NAN : 1.0;
}

static void test_finds(void **state) {
  double level = 0.1;
  double x = 0.0;
  (void)state;
  assert_int_equal(zps_root_find(decay, &level, 0.0, 10.0, 1e-12, &x, NULL), ZPS_OK);
  zps_assert_relative(x, -log(0.1), 1e-12);
  assert_int_equal(zps_root_find_above(decay, &level, 0.0, 1e-3, 1e-12, &x, NULL), ZPS_OK);
  zps_assert_relative(x, -log(0.1), 1e-12);
  level = 1e-300;
  assert_int_equal(zps_root_find_above(decay, &level, 0.0, 1.0, 1e-12, &x, NULL), ZPS_OK);
  zps_assert_relative(x, -log(1e-300), 1e-12);
}

static void test_refuses(void **state) {
  zps_error error = {ZPS_OK, ""};
  double level = -1.0;
  double x = 0.0;
  (void)state;
  assert_int_equal(zps_root_find(decay, &level, 0.0, 10.0, 1e-12, &x, &error), ZPS_FAILURE);
  assert_non_null(strstr(error.text, "expected a root between 0 and 10"));
  assert_int_equal(zps_root_find_above(decay, &level, 0.0, 1.0, 1e-12, &x, NULL), ZPS_FAILURE);
  assert_int_equal(zps_root_find(no_number, NULL, 0.0, 2.0, 1e-12, &x, NULL), ZPS_FAILURE);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_finds), cmocka_unit_test(test_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
