/* Numbers of map files: exact in every form, strict, the same in every locale. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/field/map_number.h"

static double read_number(const char *text, int shift) {
  double value = 0.0;
  if (!zps_map_number(text, strlen(text), shift, &value)) {
    fail_msg("%s: refused", text);
  }
  return value;
}

static void test_forms(void **state) {
  (void)state;
  assert_true(read_number("1", 0) == 1.0 && read_number("-1.5", 0) == -1.5 && read_number("+.5", 0) == 0.5);
  assert_true(read_number("5.", 0) == 5.0 && read_number("1e-3", 0) == 1e-3 && read_number("1E3", 0) == 1e3);
  assert_true(read_number("1.0D+00", 0) == 1.0 && read_number("-2.5d-01", 0) == -0.25);
  assert_true(read_number("0000000000000000000000001", 0) == 1.0);
  assert_true(signbit(read_number("-0", 0)) && read_number("1e-400", 0) == 0.0);
}

static void test_strict(void **state) {
  (void)state;
  static const char *const bad[] = {"",      "-",    ".",     "e5",   "1e",  "1e+",     "1d-",  "1.2.3",
                                    "1,5",   "0x10", "nan",   "inf",  "1 ",  " 1",      "1e5x", "1f",
                                    "1e999", "--1",  "1e5e5", "1d5.", "+-1", "infinity"};
  double value = 0.0;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (zps_map_number(bad[i], strlen(bad[i]), 0, &value)) {
      fail_msg("'%s' was read as %g", bad[i], value);
    }
  }
  assert_false(zps_map_number("1\0", 2, 0, &value));
  char wide[66];
  memset(wide, '1', sizeof wide);
  assert_true(zps_map_number(wide, 64, 0, &value));
  assert_false(zps_map_number(wide, 65, 0, &value));
}

/* Law: the double nearest to the decimal, which strtod gives. Numbers in 1 to 20 digits with exponents on both sides of
 * the limits of the exact path, 2^53 and 10^22. */
static void test_nearest_double(void **state) {
  (void)state;
  srand(11);
  for (int i = 0; i < 200000; i++) {
    char text[64];
    const int digits = 1 + (rand() % 20);
    (void)snprintf(text, sizeof text, "%.*e", digits - 1, (rand() - 1e9) * pow(10.0, (rand() % 80) - 40));
    assert_true(read_number(text, 0) == strtod(text, NULL));
    char shifted[80];
    const int shift = (rand() % 9) - 4;
    char *const e = strchr(text, 'e');
    (void)snprintf(shifted, sizeof shifted, "%.*se%ld", (int)(e - text), text, strtol(e + 1, NULL, 10) + shift);
    assert_true(read_number(text, shift) == strtod(shifted, NULL));
  }
  /* A product of the doubles would miss: 2.3 * 10 = 23 but 0.7 * 10 = 7.000000000000001 in some orders. */
  assert_true(read_number("0.7", 1) == 7.0 && read_number("1.1", 3) == 1100.0);
}

static void test_print_reads_back(void **state) {
  (void)state;
  char text[ZPS_MAP_NUMBER_SIZE];
  srand(5);
  for (int i = 0; i < 20000; i++) {
    const double value = (rand() - 1e9) * pow(10.0, (rand() % 40) - 30);
    double back = 0.0;
    (void)zps_map_number_print(value, -1, text);
    assert_true(zps_map_number(text, strlen(text), 1, &back) && back == value);
  }
  assert_string_equal(zps_map_number_print(-400.0, -1, text), "-40");
  assert_string_equal(zps_map_number_print(25.0, -1, text), "2.5");
  assert_string_equal(zps_map_number_print(0.125, -1, text), "0.0125");
  assert_string_equal(zps_map_number_print(0.0, -1, text), "0");
  assert_string_equal(zps_map_number_print(1e-9, 0, text), "1e-9");
  assert_string_equal(zps_map_number_print(1.5e20, 0, text), "1.5e20");
  assert_string_equal(zps_map_number_print(123456.0, 0, text), "123456");
}

static void test_round(void **state) {
  (void)state;
  assert_true(zps_map_number_round(24.99999955, 6) == 25.0);
  assert_true(zps_map_number_round(-0.033333333, 3) == -0.0333);
}

static void test_not_finite(void **state) {
  (void)state;
  static const char *const yes[] = {"nan", "NaN", "-nan", "inf", "+INF", "Infinity"};
  static const char *const no[] = {"", "-", "na", "nano", "1", "infinit"};
  for (size_t i = 0; i < 6; i++) {
    assert_true(zps_map_not_finite(yes[i], strlen(yes[i])));
    assert_false(zps_map_not_finite(no[i], strlen(no[i])));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_forms),          cmocka_unit_test(test_strict),
      cmocka_unit_test(test_nearest_double), cmocka_unit_test(test_print_reads_back),
      cmocka_unit_test(test_round),          cmocka_unit_test(test_not_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
