/* One hash of all tallies for every instruction set, number of threads and tile size. */
#include "tests/zps_test.h"

#include <string.h>

#include "tests/parity/row_hash.h"

#define N_EVENTS 5000

static zps_job job;
static zps_plan plan;
static char reference[ZPS_HASH_SIZE];

static int open_plan(void **state) {
  (void)state;
  zps_error error = {ZPS_OK, ""};
  const zps_mass_range all = {0, 0};
  if (zps_job_read("grids/quick.yaml", NULL, 0, &job, &error) != ZPS_OK ||
      zps_plan_build(&job, all, 1, &plan, &error) != ZPS_OK ||
      row_hash_run(&plan, "base", 1, N_EVENTS, N_EVENTS, reference, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    return -1;
  }
  print_message("tables %s, tallies %s\n", plan.table_hash, reference);
  return 0;
}

static int close_plan(void **state) {
  (void)state;
  zps_plan_free(&plan);
  zps_job_free(&job);
  return 0;
}

static void check_hash(const char *isa, int n_threads, uint64_t tile_events) {
  zps_error error = {ZPS_OK, ""};
  char hash[ZPS_HASH_SIZE] = "";
  const zps_status status = row_hash_run(&plan, isa, n_threads, N_EVENTS, tile_events, hash, &error);
  if (status == ZPS_UNAVAILABLE) {
    print_message("left out: %s\n", error.text);
    return;
  }
  assert_int_equal(status, ZPS_OK);
  assert_string_equal(hash, reference);
}

static void test_instruction_sets(void **state) {
  (void)state;
#if defined(__x86_64__)
  check_hash("v2", 1, 65536);
  check_hash("v3", 1, 65536);
  check_hash("v4", 1, 65536);
#endif
  check_hash(NULL, 1, 65536);
}

static void test_threads(void **state) {
  (void)state;
  check_hash(NULL, 2, 1000);
  check_hash(NULL, 5, 313);
  check_hash("base", 2, 65536);
}

static void test_tile_sizes(void **state) {
  (void)state;
  const uint64_t sizes[] = {1, 127, 1000, 65536};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    check_hash(NULL, 2, sizes[i]);
  }
}

/** The tables do not depend on the number of threads that build them. */
static void test_tables_of_two_threads(void **state) {
  (void)state;
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  zps_plan again;
  assert_int_equal(zps_plan_build(&job, all, 2, &again, &error), ZPS_OK);
  assert_string_equal(again.table_hash, plan.table_hash);
  assert_string_equal(again.map_hash, plan.map_hash);
  zps_plan_free(&again);
}

/** A mass run alone has the bits it has in the full grid: its index names its random stream. */
static void test_one_mass_alone(void **state) {
  (void)state;
  const zps_mass_range third = {2, 3};
  const size_t size = zps_tally_size((uint32_t)plan.setup.n_triggers);
  zps_error error = {ZPS_OK, ""};
  zps_plan alone;
  zps_engine *engine = NULL;
  uint64_t *const whole = (uint64_t *)calloc(plan.n_mass * size, sizeof *whole);
  uint64_t *const part = (uint64_t *)calloc(size, sizeof *part);
  assert_true(whole != NULL && part != NULL);
  assert_int_equal(zps_plan_build(&job, third, 1, &alone, &error), ZPS_OK);
  assert_int_equal(zps_engine_create("cpu", &plan.setup, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(row_hash_sum(engine, &plan, 2000, 2000, whole, &error), ZPS_OK);
  zps_engine_destroy(engine);
  assert_int_equal(zps_engine_create("cpu", &alone.setup, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(row_hash_sum(engine, &alone, 2000, 2000, part, &error), ZPS_OK);
  zps_engine_destroy(engine);
  assert_memory_equal(&whole[2 * size], part, size * sizeof *part);
  zps_plan_free(&alone);
  free(whole);
  free(part);
}

/** The hash can tell: one event more or another seed changes it. */
static void test_hash_can_fail(void **state) {
  (void)state;
  zps_error error = {ZPS_OK, ""};
  char hash[ZPS_HASH_SIZE] = "";
  assert_int_equal(row_hash_run(&plan, NULL, 1, N_EVENTS + 1, N_EVENTS, hash, &error), ZPS_OK);
  assert_string_not_equal(hash, reference);
  zps_plan other = plan;
  other.setup.seed++;
  assert_int_equal(row_hash_run(&other, NULL, 1, N_EVENTS, N_EVENTS, hash, &error), ZPS_OK);
  assert_string_not_equal(hash, reference);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_instruction_sets), cmocka_unit_test(test_threads),
      cmocka_unit_test(test_tile_sizes),       cmocka_unit_test(test_tables_of_two_threads),
      cmocka_unit_test(test_one_mass_alone),   cmocka_unit_test(test_hash_can_fail),
  };
  return cmocka_run_group_tests(tests, open_plan, close_plan);
}
