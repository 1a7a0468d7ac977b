/* The choice of the instruction set: by name, by ZPS_ISA, else the best; wrong names are told. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/instruction_set.h"

static void test_by_name(void **state) {
  (void)state;
  zps_instruction_set set = ZPS_SET_V4;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(setenv("ZPS_ISA", "v9", 1), 0); /* a name given comes first */
  assert_int_equal(zps_instruction_set_choose("base", &set, &error), ZPS_OK);
  assert_int_equal(set, ZPS_SET_BASE);
  assert_int_equal(zps_instruction_set_choose("V3", &set, &error), ZPS_USAGE);
  assert_string_equal(error.text, "ZPS_ISA = V3: expected v2, v3, v4 or base");
}

static void test_by_environment(void **state) {
  (void)state;
  zps_instruction_set set = ZPS_SET_V4;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(setenv("ZPS_ISA", "base", 1), 0);
  assert_int_equal(zps_instruction_set_choose(NULL, &set, &error), ZPS_OK);
  assert_int_equal(set, ZPS_SET_BASE);
  assert_int_equal(setenv("ZPS_ISA", "v9", 1), 0);
  assert_int_equal(zps_instruction_set_choose(NULL, &set, &error), ZPS_INVALID);
  assert_string_equal(error.text, "ZPS_ISA = v9: expected v2, v3, v4 or base");
}

/** The best is one the machine has, and the next better one, if there is one, it lacks and says so. */
static void test_best(void **state) {
  (void)state;
  static const char *const names[ZPS_N_INSTRUCTION_SETS] = {"base", "v2", "v3", "v4"};
  zps_instruction_set best = ZPS_SET_BASE;
  zps_instruction_set set = ZPS_SET_BASE;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(setenv("ZPS_ISA", "", 1), 0); /* as if it were not there */
  assert_int_equal(zps_instruction_set_choose(NULL, &best, &error), ZPS_OK);
  assert_int_equal(zps_instruction_set_choose(names[best], &set, &error), ZPS_OK);
  assert_int_equal(set, best);
  for (int i = (int)best + 1; i < ZPS_N_INSTRUCTION_SETS; i++) {
    zps_error lacking = {ZPS_OK, ""};
    assert_int_equal(zps_instruction_set_choose(names[i], &set, &lacking), ZPS_UNAVAILABLE);
    assert_non_null(strstr(lacking.text, "this machine has no x86-64-v"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_name), cmocka_unit_test(test_by_environment),
                                     cmocka_unit_test(test_best)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
