/* The CUDA engine without a GPU: its kernel runs on threads (cuda_emulation/), everything around it is the device
 * engine on the check device. Law: the rows of the CPU engine, entry by entry, for every process and for items that do
 * not fill a block. */
#include <stdlib.h>
#include <string.h>

#include "host/run/device_engine.h"
#include "kernels/engine_check.h"
#include "tests/parity/row_hash.h"
#include "tests/zps_test.h"

int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items, uint64_t *rows,
                       unsigned row_size, unsigned n_blocks);

static int emulated_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                        uint64_t *rows, size_t row_size, char *message) {
  (void)device;
  int status = 0;
  /* The emulated block's shared memory is static: one launch at a time. */
#pragma omp critical(emulated_run)
  status = zps_emulate_launch(setup, items, (unsigned)n_items, rows, (unsigned)row_size, 2);
  if (status != 0) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "the emulation has no room");
  }
  return status;
}

static void assert_same_rows(const char *setting, uint64_t n_events, uint64_t tile_events) {
  const char *const settings[] = {setting};
  const zps_mass_range masses = {0, 2};
  zps_job job;
  zps_plan plan;
  zps_error error = {ZPS_OK, ""};
  zps_engine *cpu = NULL;
  zps_device_engine *cuda = NULL;
  zps_device_api api = zps_device_check;
  zps_tile tiles[16];
  api.run = emulated_run;
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 1, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, masses, 1, &plan, &error), ZPS_OK);
  const size_t n = row_hash_tiles(2, n_events, tile_events, NULL);
  const size_t size = n * zps_tally_size((uint32_t)plan.setup.n_triggers);
  assert_true(n <= 16);
  (void)row_hash_tiles(2, n_events, tile_events, tiles);
  uint64_t *const want = (uint64_t *)calloc(size, sizeof *want);
  uint64_t *const got = (uint64_t *)calloc(size, sizeof *got);
  assert_non_null(want);
  assert_non_null(got);
  assert_int_equal(zps_engine_create("cpu", &plan.setup, NULL, &cpu, &error), ZPS_OK);
  assert_int_equal(zps_engine_run(cpu, tiles, n, want, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_create(&api, NULL, &plan.setup, NULL, &cuda, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_run(cuda, tiles, n, got, &error), ZPS_OK);
  assert_string_equal(zps_device_engine_trouble(cuda), "");
  assert_memory_equal(want, got, size * sizeof *want);
  zps_device_engine_destroy(cuda);
  zps_engine_destroy(cpu);
  free(want);
  free(got);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

static void test_models(void **state) {
  (void)state;
  assert_same_rows("process.model=etl", 1500, 700);
  assert_same_rows("process.model=ww", 500, 500);
  assert_same_rows("process.model=iww", 500, 500);
  assert_same_rows("process.kind=none", 500, 500);
}

static void test_odd_sizes(void **state) {
  (void)state;
  assert_same_rows("process.model=etl", 1, 1);
  assert_same_rows("process.model=etl", 127, 127);
  assert_same_rows("process.model=etl", 128, 128);
  assert_same_rows("process.model=etl", 257, 129);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_models), cmocka_unit_test(test_odd_sizes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
