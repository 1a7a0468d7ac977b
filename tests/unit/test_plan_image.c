/* The law: a plan read from its image is the plan, to the bit, and needs nothing of the one it was made of, which is
 * gone by then: under a sanitizer a pointer that was left behind is an error. */
#include "host/run/plan_image.h"

#include <stdlib.h>
#include <string.h>

#include "host/run/engine.h"
#include "kernels/tally.h"
#include "tests/unit/scratch_folder.h"
#include "tests/zps_test.h"

#define N_EVENTS 500
#define N_MASS 2

static uint64_t *run_events(const zps_plan *plan, size_t *size) {
  const zps_engine_options options = {1, NULL, NULL};
  const size_t row = zps_tally_size((uint32_t)plan->setup.n_triggers);
  const zps_tile tiles[N_MASS] = {{.i_mass = 0, .first = 0, .n = N_EVENTS}, {.i_mass = 1, .first = 7, .n = N_EVENTS}};
  zps_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  uint64_t *const tallies = (uint64_t *)calloc(N_MASS * row, sizeof *tallies);
  assert_non_null(tallies);
  if (zps_engine_create("cpu", &plan->setup, &options, &engine, &error) != ZPS_OK ||
      zps_engine_run(engine, tiles, N_MASS, tallies, NULL, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  zps_engine_destroy(engine);
  *size = N_MASS * row * sizeof *tallies;
  return tallies;
}

static bool lies_in(const zps_node_memory *memory, const void *pointer) {
  const uintptr_t at = (uintptr_t)pointer;
  return at >= (uintptr_t)memory->bytes && at < (uintptr_t)memory->bytes + memory->size;
}

static void check_image(const char *const *settings, size_t n_settings) {
  zps_job job;
  zps_plan plan;
  zps_plan again;
  zps_node_memory memory;
  zps_error error = {ZPS_OK, ""};
  size_t size = 0;
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, n_settings, &job, &error), ZPS_OK);
  if (zps_plan_build(&job, (zps_mass_range){2, 2 + N_MASS}, 1, &plan, &error) != ZPS_OK ||
      zps_plan_image_create(&plan, &memory, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  uint64_t *const want = run_events(&plan, &size);
  const bool has_moliere = plan.moliere != NULL;
  const bool has_particles = plan.particles != NULL;
  char table_hash[ZPS_HASH_SIZE];
  memcpy(table_hash, plan.table_hash, sizeof table_hash);
  zps_plan_free(&plan);
  assert_int_equal(zps_plan_image_open(&job, &memory, &again, &error), ZPS_OK);
  assert_null(memory.bytes);
  assert_ptr_equal(again.job, &job);
  assert_string_equal(again.table_hash, table_hash);
  assert_true(lies_in(&again.shared, again.setup.emission) && lies_in(&again.shared, again.setup.matter));
  assert_true(lies_in(&again.shared, again.setup.maps[0].b) && !lies_in(&again.shared, again.setup.maps));
  assert_int_equal(again.setup.moliere != NULL, has_moliere);
  assert_int_equal(again.setup.beam.particles != NULL, has_particles);
  uint64_t *const got = run_events(&again, &size);
  assert_memory_equal(got, want, size);
  free(got);
  free(want);
  zps_plan_free(&again);
  zps_job_free(&job);
}

static void test_events_of_an_image(void **unused) {
  (void)unused;
  check_image(NULL, 0);
}

/* Arrays that other jobs lack, or have besides. */
static void test_arrays_that_are_not_there(void **unused) {
  (void)unused;
  const char *const path = scratch_path("beam.txt");
  static const char particles[] = "0 0 0 0 159\n1 1 0 0 161\n";
  char beam[600];
  assert_int_equal(scratch_write(path, particles, strlen(particles)), 0);
  (void)snprintf(beam, sizeof beam, "beam.file=%s", path);
  const char *const settings[] = {"matter.scattering=highland", "matter.loss=mean", beam};
  check_image(settings, 3);
  const char *const pilot[] = {"process.pilot.events=16"};
  check_image(pilot, 1);
  assert_int_equal(remove(path), 0);
}

static zps_status write_zeros(void *context, zps_node_memory *memory, zps_error *error) {
  return zps_node_memory_append(memory, context, sizeof(zps_plan), error);
}

static void test_what_is_no_plan_is_refused(void **unused) {
  (void)unused;
  zps_job job;
  zps_plan plan;
  zps_node_memory memory = {"", 1, -1};
  zps_error error = {ZPS_OK, ""};
  memset(&plan, 0, sizeof plan);
  memset(&job, 0, sizeof job);
  assert_int_equal(zps_plan_image_open(&job, &memory, &plan, &error), ZPS_INVALID);
  plan.n_mass = 1000;
  plan.emission = (zps_emission *)calloc(1, sizeof *plan.emission);
  assert_int_equal(zps_node_memory_create(sizeof plan, write_zeros, &plan, &memory, &error), ZPS_OK);
  free(plan.emission);
  assert_int_equal(zps_plan_image_open(&job, &memory, &plan, &error), ZPS_INVALID);
  zps_node_memory_close(&memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_events_of_an_image),
      cmocka_unit_test(test_arrays_that_are_not_there),
      cmocka_unit_test(test_what_is_no_plan_is_refused),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
