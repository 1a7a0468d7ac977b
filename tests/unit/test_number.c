#include "host/job/number.h"

#include <locale.h>
#include <string.h>

#include "tests/zps_test.h"

static bool parses(const char *text, double *value) {
  return zps_number_parse(text, strlen(text), value);
}

static void test_accepts(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double value;
  } cases[] = {{"0", 0},      {"-1", -1},     {"+2", 2},    {"1.5", 1.5},     {".5", 0.5}, {"5.", 5},   {"1e-3", 1e-3},
               {"1E+3", 1e3}, {"-.5e2", -50}, {"160", 160}, {"1e308", 1e308}, {"007", 7},  {"0e999", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double value = -99;
    assert_true(parses(cases[i].text, &value));
    zps_assert_near(value, cases[i].value, 0);
  }
}

static void test_refuses(void **state) {
  (void)state;
  static const char *const cases[] = {"",      " 1",    "1 ",   "1,5",   "0x10", "1e999",   "-1e999", "1e-999",
                                      "nan",   "inf",   "-inf", ".",     "-",    "e5",      "1e",     "1e+",
                                      "1.2.3", "1_000", "1e5x", "--1",   "NaN",  "1d5",     "1p3",    "infinity",
                                      "1\t",   "1\n",   "+-1",  "1e5.0", "0b1",  "\xd9\xa1"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double value = 0;
    if (parses(cases[i], &value)) {
      fail_msg("'%s' was read as %g", cases[i], value);
    }
  }
  double value = 0;
  assert_false(zps_number_parse("1\0002", 3, &value));
  char digits[80];
  memset(digits, '1', sizeof digits);
  assert_false(zps_number_parse(digits, sizeof digits, &value));
}

static void test_whole(void **state) {
  (void)state;
  uint64_t value = 0;
  assert_true(zps_number_parse_whole("18446744073709551615", 20, &value));
  assert_true(value == UINT64_MAX);
  assert_true(zps_number_parse_whole("0", 1, &value));
  assert_true(value == 0);
  static const char *const cases[] = {
      "", "-1", "+1", "1.0", "1e6", "18446744073709551616", "010", "99999999999999999999", " 1"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_false(zps_number_parse_whole(cases[i], strlen(cases[i]), &value));
  }
}

/* Law: print then parse is the identity on every finite double; 17 digits always suffice. */
static void test_print_round_trip(void **state) {
  (void)state;
  uint64_t x = 0x9e3779b97f4a7c15ULL;
  for (int i = 0; i < 20000; i++) {
    x = (x * 6364136223846793005ULL) + 1442695040888963407ULL;
    double value = 0;
    memcpy(&value, &x, sizeof value);
    if (fpclassify(value) != FP_NORMAL) {
      continue;
    }
    char text[ZPS_NUMBER_SIZE];
    double back = 0;
    assert_true(parses(zps_number_print(value, text), &back));
    assert_memory_equal(&back, &value, sizeof value);
  }
}

static void test_print_is_short(void **state) {
  (void)state;
  char text[ZPS_NUMBER_SIZE];
  assert_string_equal(zps_number_print(0.1, text), "0.1");
  assert_string_equal(zps_number_print(1.0 / 3, text), "0.3333333333333333");
  assert_string_equal(zps_number_print(-471, text), "-471");
}

static void test_round(void **state) {
  (void)state;
  zps_assert_near(zps_number_round(9.999999999999999e-05), 1e-4, 0);
  zps_assert_near(zps_number_round(3.1622776601683795e-05), 3.16227766016838e-05, 0);
  zps_assert_near(zps_number_round(-2), -2, 0);
}

static void test_locale_has_no_say(void **state) {
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "da_DK.UTF-8"};
  locale_t comma = (locale_t)0;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && comma == (locale_t)0; i++) {
    comma = newlocale(LC_NUMERIC_MASK, names[i], (locale_t)0);
  }
  if (comma == (locale_t)0) {
    skip();
  }
  const locale_t before = uselocale(comma);
  char text[ZPS_NUMBER_SIZE];
  double value = 0;
  const bool read = parses("1.5", &value);
  (void)zps_number_print(2.5, text);
  (void)uselocale(before);
  freelocale(comma);
  assert_true(read);
  zps_assert_near(value, 1.5, 0);
  assert_string_equal(text, "2.5");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accepts),           cmocka_unit_test(test_refuses),        cmocka_unit_test(test_whole),
      cmocka_unit_test(test_print_round_trip),  cmocka_unit_test(test_print_is_short), cmocka_unit_test(test_round),
      cmocka_unit_test(test_locale_has_no_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
