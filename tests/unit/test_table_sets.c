/* Tables of a stack, built in every instruction set of the machine: the same bytes. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/instruction_set.h"
#include "host/tables/moliere_table.h"
#include "host/tables/stopping_power.h"
#include "host/tables/straggling_table.h"

typedef struct stack_tables {
  zps_matter matter;
  zps_moliere extended, point;
  zps_straggling straggling;
} stack_tables;

/** HCAL: hydrogen, which has functions of its own, and elements up to iron. */
static void build(stack_tables *tables) {
  const zps_layer layers[] = {{zps_material_find("Fe"), 25.0}, {zps_material_find("polystyrene"), 4.0}};
  zps_error error = {ZPS_OK, ""};
  memset(tables, 0, sizeof *tables);
  assert_int_equal(zps_matter_build(layers, 2, &tables->matter, &error), ZPS_OK);
  assert_int_equal(zps_moliere_build(layers, 2, ZPS_MOLIERE_EXTENDED, &tables->extended, &error), ZPS_OK);
  assert_int_equal(zps_moliere_build(layers, 2, ZPS_MOLIERE_POINT, &tables->point, &error), ZPS_OK);
  assert_int_equal(zps_straggling_build(layers, 2, &tables->straggling, &error), ZPS_OK);
}

/** Law: IEEE 754 fixes every operation and lanes keep their order: equal bytes, no tolerance. */
static void test_same_bytes(void **state) {
  (void)state;
  static const char *const names[ZPS_N_INSTRUCTION_SETS] = {"base", "v2", "v3", "v4"};
  static stack_tables base;
  static stack_tables other;
  int n_sets = 0;
  for (int i = 0; i < ZPS_N_INSTRUCTION_SETS; i++) {
    zps_instruction_set set = ZPS_SET_BASE;
    zps_error error = {ZPS_OK, ""};
    if (zps_instruction_set_choose(names[i], &set, &error) == ZPS_OK) {
      assert_int_equal(setenv("ZPS_ISA", names[i], 1), 0);
      build(n_sets == 0 ? &base : &other);
      assert_memory_equal(n_sets == 0 ? &base : &other, &base, sizeof base);
      n_sets++;
    }
  }
  print_message("%d instruction sets\n", n_sets);
  assert_true(n_sets >= 1);
}

/** A name that is none is refused by every table, before it is filled. */
static void test_unknown_set(void **state) {
  (void)state;
  static stack_tables tables;
  const zps_layer layer = {zps_material_find("Pb"), 1.0};
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(setenv("ZPS_ISA", "v9", 1), 0);
  assert_int_equal(zps_matter_build(&layer, 1, &tables.matter, &error), ZPS_INVALID);
  assert_int_equal(zps_moliere_build(&layer, 1, ZPS_MOLIERE_POINT, &tables.point, &error), ZPS_INVALID);
  assert_int_equal(zps_straggling_build(&layer, 1, &tables.straggling, &error), ZPS_INVALID);
  assert_string_equal(error.text, "ZPS_ISA = v9: expected v2, v3, v4 or base");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_unknown_set)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
