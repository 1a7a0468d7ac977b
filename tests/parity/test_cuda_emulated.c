/* The CUDA engine without a GPU: its kernel runs on threads, as its source says (test_cuda_emulated) or as nvcc
 * compiled it (test_cuda_ptx); everything around it is the device engine on the check device. Law: the rows of the CPU
 * engine, entry by entry, for every process and for items that do not fill a block, whichever of the blocks took them.
 */
#include <stdlib.h>
#include <string.h>

#include "host/run/device_engine.h"
#include "kernels/engine_check.h"
#include "tests/parity/row_hash.h"
#include "tests/unit/scratch_folder.h"
#include "tests/zps_test.h"

int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items,
                       const zps_device_counts *counts, unsigned n_blocks, unsigned *n_taken);

#define N_BLOCKS 3

static const char *job_path = "grids/quick.yaml";

static int emulated_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                        const zps_device_counts *counts, char *message) {
  (void)device;
  unsigned n_taken = 0;
  if (zps_emulate_launch(setup, items, (unsigned)n_items, counts, N_BLOCKS, &n_taken) != 0) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "the emulation has no room");
    return -1;
  }
  /* Every item is taken once, and every block asks once more to find that none is left. */
  if (n_taken != n_items + N_BLOCKS) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "%u items taken of %zu by %d blocks", n_taken, n_items, N_BLOCKS);
    return -1;
  }
  return 0;
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
  assert_int_equal(zps_job_read(job_path, settings, 1, &job, &error), ZPS_OK);
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
  assert_int_equal(zps_engine_run(cpu, tiles, n, want, NULL, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_create(&api, NULL, &plan.setup, NULL, &cuda, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_run(cuda, tiles, n, got, NULL, &error), ZPS_OK);
  assert_string_equal(zps_device_engine_trouble(cuda), "");
  assert_memory_equal(want, got, size * sizeof *want);
  zps_device_engine_destroy(cuda);
  zps_engine_destroy(cpu);
  free(want);
  free(got);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

static void test_placement_surface(void **state) {
  (void)state;
  static const char *const settings[] = {"placement.y_offset_mm=[0, 30]"};
  const zps_mass_range masses = {4, 5};
  const zps_tile tiles[] = {{0, 0, 0, 700}, {0, 0, 700, 300}};
  zps_job job;
  zps_plan plan;
  zps_error error = {ZPS_OK, ""};
  zps_engine *cpu = NULL;
  zps_device_engine *cuda = NULL;
  zps_device_api api = zps_device_check;
  uint64_t n_counted = 0;
  api.run = emulated_run;
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 1, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, masses, 1, &plan, &error), ZPS_OK);
  const size_t size = (size_t)zps_surface_size(&plan.setup.placement);
  uint64_t *const rows = (uint64_t *)calloc(2 * zps_tally_size((uint32_t)plan.setup.n_triggers), sizeof *rows);
  uint64_t *const want = (uint64_t *)calloc(size, sizeof *want);
  uint64_t *const got = (uint64_t *)calloc(size, sizeof *got);
  assert_true(rows != NULL && want != NULL && got != NULL);
  assert_int_equal(zps_engine_create("cpu", &plan.setup, NULL, &cpu, &error), ZPS_OK);
  assert_int_equal(zps_engine_run(cpu, tiles, 2, rows, want, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_create(&api, NULL, &plan.setup, NULL, &cuda, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_run(cuda, tiles, 2, rows, got, &error), ZPS_OK);
  assert_string_equal(zps_device_engine_trouble(cuda), "");
  assert_memory_equal(want, got, size * sizeof *want);
  for (size_t i = 0; i < size; i++) {
    n_counted += want[i];
  }
  assert_true(n_counted > 300);
  zps_device_engine_destroy(cuda);
  zps_engine_destroy(cpu);
  free(rows);
  free(want);
  free(got);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

/* A whole and a part of a block of survivors; every event by itself is the CPU engine's. */
static void assert_same_events(const char *setting) {
  enum { FIRST = 11, N = 700 };
  const zps_mass_range masses = {4, 5};
  const zps_tile tile = {0, 0, FIRST, N};
  zps_job job;
  zps_plan plan;
  zps_error error = {ZPS_OK, ""};
  zps_engine *cpu = NULL;
  zps_device_engine *cuda = NULL;
  zps_device_api api = zps_device_check;
  api.run = emulated_run;
  assert_int_equal(zps_job_read("grids/quick.yaml", &setting, 1, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, masses, 1, &plan, &error), ZPS_OK);
  zps_event_end *const ends = (zps_event_end *)calloc((size_t)2 * N, sizeof *ends);
  zps_plane_state *const planes = (zps_plane_state *)calloc((size_t)4 * N, sizeof *planes);
  assert_true(ends != NULL && planes != NULL);
  const zps_trace want = {FIRST, 2, ends, planes};
  const zps_trace got = {FIRST, 2, ends + N, planes + (ptrdiff_t)2 * N};
  assert_int_equal(zps_engine_create("cpu", &plan.setup, NULL, &cpu, &error), ZPS_OK);
  assert_int_equal(zps_engine_trace(cpu, &tile, &want, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_create(&api, NULL, &plan.setup, NULL, &cuda, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_trace(cuda, &tile, &got, &error), ZPS_OK);
  assert_memory_equal(got.ends, want.ends, N * sizeof *ends);
  assert_memory_equal(got.planes, want.planes, (size_t)2 * N * sizeof *planes);
  assert_int_equal(want.ends[N - 1].event, FIRST + N - 1);
  zps_device_engine_destroy(cuda);
  zps_engine_destroy(cpu);
  free(ends);
  free(planes);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

static void test_events(void **state) {
  (void)state;
  assert_same_events("process.model=etl");
  assert_same_events("process.model=ww");
  assert_same_events("process.model=iww");
  assert_same_events("process.kind=none");
  assert_same_events("layout.MS2.interpolation=tricubic");
}

static void test_models(void **state) {
  (void)state;
  assert_same_rows("process.model=etl", 1500, 700);
  assert_same_rows("process.model=ww", 500, 500);
  assert_same_rows("process.model=iww", 500, 500);
  assert_same_rows("process.kind=none", 500, 500);
}

static void test_tricubic_map(void **state) {
  (void)state;
  assert_same_rows("layout.MS2.interpolation=tricubic", 500, 500);
}

/** grids/quick.yaml with a small map in front of MS2, which many muons pass beside: what they keep of it waits with
 * them at the entry of MS2. */
static void write_two_fields(void) {
  static const char before[] = "  - name: MS2\n";
  size_t size = 0;
  char *const text = scratch_read("grids/quick.yaml", &size);
  assert_non_null(text);
  text[size] = '\0';
  char *const at = strstr(text, before);
  assert_non_null(at);
  FILE *const map = fopen(scratch_path("small.csv"), "w");
  assert_non_null(map);
  (void)fprintf(map, "x,y,z,Bx,By,Bz\n");
  for (int i = 0; i < 27; i++) {
    (void)fprintf(map, "%d,%d,%d,0,0.1,0\n", 40 * ((i % 3) - 1), 40 * ((i / 3 % 3) - 1), 200 * ((i / 9) - 1));
  }
  assert_int_equal(fclose(map), 0);
  FILE *const job = fopen(scratch_path("two.yaml"), "w");
  assert_non_null(job);
  (void)fprintf(job, "%.*s", (int)(at - text), text);
  (void)fprintf(job,
                "  - {name: F1, kind: field, start_mm: 1500, length_mm: 600, map: %s, format: acts,\n"
                "     length_unit: mm, field_unit: T, width_mm: 800, gap_mm: 400, outside: clamp}\n%s",
                scratch_path("small.csv"), at);
  assert_int_equal(fclose(job), 0);
  free(text);
}

static void test_beyond_an_earlier_map(void **state) {
  (void)state;
  write_two_fields();
  job_path = scratch_path("two.yaml");
  assert_same_rows("process.model=etl", 1500, 1500);
  job_path = "grids/quick.yaml";
}

static void test_odd_sizes(void **state) {
  (void)state;
  assert_same_rows("process.model=etl", 1, 1);
  assert_same_rows("process.model=etl", 127, 127);
  assert_same_rows("process.model=etl", 128, 128);
  assert_same_rows("process.model=etl", 257, 129);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_placement_surface),
      cmocka_unit_test(test_events),
      cmocka_unit_test(test_models),
      cmocka_unit_test(test_tricubic_map),
      cmocka_unit_test_setup_teardown(test_beyond_an_earlier_map, scratch_create, scratch_destroy),
      cmocka_unit_test(test_odd_sizes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
