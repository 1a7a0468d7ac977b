/* What a field element may ask for beyond trilinear steps: the same rows on every engine and instruction set. */
#include <string.h>

#include "host/field/native_map.h"
#include "host/run/event_trace.h"
#include "tests/parity/row_hash.h"
#include "tests/unit/scratch_folder.h"
#include "tests/zps_test.h"

#define N_EVENTS 3000

/** A map so coarse that the kind of interpolation moves counts. */
#define COARSE "layout.MS2.grid_mm=[100, 25, 100]"

static void open_plan(const char *const *settings, size_t n, zps_job *job, zps_plan *plan) {
  const zps_mass_range masses = {2, 4};
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read("grids/quick.yaml", settings, n, job, &error) != ZPS_OK ||
      zps_plan_build(job, masses, 1, plan, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

/** Hash of all tallies by the base instruction set. */
static void hash_of(const zps_plan *plan, char hash[ZPS_HASH_SIZE]) {
  assert_int_equal(row_hash_run(plan, "base", 1, N_EVENTS, N_EVENTS, hash, NULL), ZPS_OK);
}

static void assert_same_on_all(const zps_plan *plan) {
  const char *const sets[] = {"v2", "v3", "v4"};
  char want[ZPS_HASH_SIZE];
  char got[ZPS_HASH_SIZE];
  hash_of(plan, want);
  for (size_t i = 0; i < 3; i++) {
    if (row_hash_run(plan, sets[i], 2, N_EVENTS, 700, got, NULL) == ZPS_OK) {
      assert_string_equal(got, want);
    }
  }
  const size_t size = plan->n_mass * zps_tally_size((uint32_t)plan->setup.n_triggers);
  uint64_t *const rows = (uint64_t *)calloc(2 * size, sizeof *rows);
  assert_non_null(rows);
  const char *const names[] = {"cpu", "check"};
  for (size_t i = 0; i < 2; i++) {
    zps_engine *engine = NULL;
    assert_int_equal(zps_engine_create(names[i], &plan->setup, NULL, &engine, NULL), ZPS_OK);
    assert_int_equal(row_hash_sum(engine, plan, N_EVENTS, 700, rows + (i * size), NULL), ZPS_OK);
    zps_engine_destroy(engine);
  }
  assert_memory_equal(rows, rows + size, size * sizeof *rows);
  free(rows);
}

static void test_tricubic(void **state) {
  (void)state;
  const char *const settings[] = {COARSE, "layout.MS2.interpolation=tricubic"};
  char linear[ZPS_HASH_SIZE];
  char cubic[ZPS_HASH_SIZE];
  zps_job job;
  zps_plan plan;
  open_plan(settings, 1, &job, &plan);
  assert_int_equal(plan.setup.special_fields, 0);
  hash_of(&plan, linear);
  zps_plan_free(&plan);
  zps_job_free(&job);
  open_plan(settings, 2, &job, &plan);
  assert_int_equal(plan.setup.special_fields, 1);
  hash_of(&plan, cubic);
  assert_string_not_equal(linear, cubic);
  assert_same_on_all(&plan);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

/** The magnet of the job, but only |x| <= 40 mm, |y| <= 20 mm and 1000 mm of it: written to a file. */
static const char *small_map(void) {
  zps_job job;
  zps_plan plan;
  const char *const settings[] = {"layout.MS2.grid_mm=[10, 5, 25]",
                                  "layout.MS2.width_mm=80",
                                  "layout.MS2.gap_mm=40",
                                  "layout.MS2.length_mm=1000",
                                  "layout.MS2.effective_length_mm=800",
                                  "layout.MS2.step_mm=20"};
  const char *const path = scratch_path("small.h5");
  open_plan(settings, 6, &job, &plan);
  zps_field_map map = plan.maps[0];
  map.z_min_mm = -500.0;
  assert_int_equal(zps_native_map_write(path, &map, "test", NULL), ZPS_OK);
  zps_plan_free(&plan);
  zps_job_free(&job);
  return path;
}

/** Sums of k of the muons beyond the map, event by event as the engine makes them. */
static void count_beyond(const zps_plan *plan, const char *engine_name, uint32_t i_mass, uint64_t sums[ZPS_N_BEYOND]) {
  zps_event_table table = {.n = 0};
  zps_engine *engine = NULL;
  memset(sums, 0, ZPS_N_BEYOND * sizeof *sums);
  assert_int_equal(zps_engine_create(engine_name, &plan->setup, NULL, &engine, NULL), ZPS_OK);
  assert_int_equal(zps_event_table_fill(engine, &plan->setup, i_mass, 0, N_EVENTS, &table, NULL), ZPS_OK);
  for (size_t event = 0; event < N_EVENTS; event++) {
    for (int i = 0; i < ZPS_N_BEYOND; i++) {
      sums[i] += ((table.ends[event].beyond >> i) & 1U) * (uint64_t)table.ends[event].k;
    }
  }
  zps_event_table_free(&table);
  zps_engine_destroy(engine);
}

/* An element that reaches beyond its map on all sides: every muon carried into it is beyond the map in z, some in x or
 * y, and all engines count the same ones. Without the nodes added around the map nobody is. */
static void test_beyond_a_map(void **state) {
  (void)state;
  const char *const path = small_map();
  char map[600];
  (void)snprintf(map, sizeof map, "layout.MS2.map=%s", path);
  const char *const settings[] = {map, "layout.MS2.outside=clamp", "layout.MS2.interpolation=tricubic"};
  for (size_t n = 2; n <= 3; n++) {
    zps_job job;
    zps_plan plan;
    zps_engine *engine = NULL;
    open_plan(settings, n, &job, &plan);
    assert_int_equal(plan.setup.special_fields, 1);
    assert_same_on_all(&plan);
    const size_t size = zps_tally_size((uint32_t)plan.setup.n_triggers);
    uint64_t *const rows = (uint64_t *)calloc(plan.n_mass * size, sizeof *rows);
    assert_int_equal(zps_engine_create("cpu", &plan.setup, NULL, &engine, NULL), ZPS_OK);
    assert_int_equal(row_hash_sum(engine, &plan, N_EVENTS, N_EVENTS, rows, NULL), ZPS_OK);
    zps_engine_destroy(engine);
    for (size_t i = 0; i < plan.n_mass; i++) {
      uint64_t want[ZPS_N_BEYOND];
      uint64_t batched[ZPS_N_BEYOND];
      const uint64_t *const got = rows + (i * size) + zps_tally_beyond((uint32_t)plan.setup.n_triggers, 0);
      count_beyond(&plan, "check", (uint32_t)i, want);
      count_beyond(&plan, "cpu", (uint32_t)i, batched);
      print_message("beyond the map: %d in x or y, %d in z\n", (int)got[ZPS_BEYOND_SIDE], (int)got[ZPS_BEYOND_END]);
      assert_memory_equal(got, want, sizeof want);
      assert_memory_equal(batched, want, sizeof want);
      assert_true(0 < want[ZPS_BEYOND_SIDE] && want[ZPS_BEYOND_SIDE] < want[ZPS_BEYOND_END]);
    }
    free(rows);
    zps_plan_free(&plan);
    zps_job_free(&job);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_tricubic), cmocka_unit_test(test_beyond_a_map)};
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
