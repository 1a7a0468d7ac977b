/* The rows of engine cuda are those of engine cpu, bit for bit: every mass and process of the quick job, every tile
 * size, every run. Exits with 77 where there is no device. `test_gpu_parity check` runs the same on the check engine,
 * which needs no device, with fewer events. */
#include "tests/zps_test.h"

#include <string.h>

#include "tests/parity/row_hash.h"

#define SKIPPED 77

static const char *engine_name = "cuda";
static uint64_t n_events = 20000; /* of each mass */

typedef struct fixture {
  zps_job job;
  zps_plan plan;
  size_t n_words;
  uint64_t *want, *got; /* [n_mass][zps_tally_size()] */
} fixture;

static void run(fixture *f, zps_engine *engine, uint64_t tile_events, uint64_t *rows) {
  zps_error error = {ZPS_OK, ""};
  memset(rows, 0, f->n_words * sizeof *rows);
  if (row_hash_sum(engine, &f->plan, n_events, tile_events, rows, &error) != ZPS_OK) {
    fail_msg("engine %s, tiles of %llu events: %s", zps_engine_name(engine), (unsigned long long)tile_events,
             error.text);
  }
}

static zps_engine *open_engine(const fixture *f, const char *name) {
  zps_error error = {ZPS_OK, ""};
  zps_engine *engine = NULL;
  if (zps_engine_create(name, &f->plan.setup, NULL, &engine, &error) != ZPS_OK) {
    fail_msg("engine %s: %s", name, error.text);
  }
  return engine;
}

/** The rows of engine cpu for the quick job with one setting changed. */
static void open_fixture(fixture *f, const char *setting) {
  const char *const settings[] = {setting};
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  memset(f, 0, sizeof *f);
  if (zps_job_read("grids/quick.yaml", settings, 1, &f->job, &error) != ZPS_OK ||
      zps_plan_build(&f->job, all, 0, &f->plan, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  f->n_words = f->plan.n_mass * zps_tally_size((uint32_t)f->plan.setup.n_triggers);
  f->want = (uint64_t *)calloc(f->n_words, sizeof *f->want);
  f->got = (uint64_t *)calloc(f->n_words, sizeof *f->got);
  assert_non_null(f->want);
  assert_non_null(f->got);
  zps_engine *const cpu = open_engine(f, "cpu");
  run(f, cpu, 65536, f->want);
  zps_engine_destroy(cpu);
}

static void close_fixture(fixture *f) {
  zps_plan_free(&f->plan);
  zps_job_free(&f->job);
  free(f->want);
  free(f->got);
}

/** Names the first word that differs. */
static void compare(const fixture *f, uint64_t tile_events) {
  const size_t size = f->n_words / f->plan.n_mass;
  for (size_t i = 0; i < f->n_words; i++) {
    if (f->got[i] != f->want[i]) {
      fail_msg("tiles of %llu events: mass %zu, word %zu of %zu: %s has %llu, cpu has %llu",
               (unsigned long long)tile_events, i / size, i % size, size, engine_name, (unsigned long long)f->got[i],
               (unsigned long long)f->want[i]);
    }
  }
}

/** A device that failed would be replaced without a trace in the rows: it must not have. */
static void check_rows(fixture *f, zps_engine *engine, uint64_t tile_events) {
  run(f, engine, tile_events, f->got);
  compare(f, tile_events);
  assert_string_equal(zps_engine_trouble(engine), "");
}

static void check_setting(const char *setting) {
  fixture f;
  uint64_t n_counted = 0;
  open_fixture(&f, setting);
  for (size_t i = 0; i < f.n_words; i++) {
    n_counted += f.want[i];
  }
  assert_true(n_counted > n_events);
  zps_engine *const engine = open_engine(&f, engine_name);
  check_rows(&f, engine, 65536);
  zps_engine_destroy(engine);
  close_fixture(&f);
}

static void test_etl(void **state) {
  (void)state;
  check_setting("process.model=etl");
}

static void test_ww(void **state) {
  (void)state;
  check_setting("process.model=ww");
}

static void test_iww(void **state) {
  (void)state;
  check_setting("process.model=iww");
}

static void test_no_process(void **state) {
  (void)state;
  check_setting("process.kind=none");
}

/** Tiles below a warp, around a block and around a work item; then the same engine once more, and a fresh one. */
static void test_tile_sizes_and_repetition(void **state) {
  static const uint64_t sizes[] = {31, 128, 129, 1000, 8191, 8192, 8193, 20000, 20000};
  fixture f;
  (void)state;
  open_fixture(&f, "process.model=etl");
  zps_engine *engine = open_engine(&f, engine_name);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    check_rows(&f, engine, sizes[i]);
  }
  zps_engine_destroy(engine);
  engine = open_engine(&f, engine_name);
  check_rows(&f, engine, 1000);
  zps_engine_destroy(engine);
  close_fixture(&f);
}

/** The placement surface of one mass, all tiles of it in one call. */
static void surface_of(const fixture *f, const char *name, uint64_t *surface) {
  zps_error error = {ZPS_OK, ""};
  const zps_tile tiles[] = {{4, 0, 0, 700}, {4, 0, 700, n_events - 700}};
  zps_engine *const engine = open_engine(f, name);
  if (zps_engine_run(engine, tiles, 2, f->got, surface, &error) != ZPS_OK) {
    fail_msg("engine %s: %s", name, error.text);
  }
  assert_string_equal(zps_engine_trouble(engine), "");
  zps_engine_destroy(engine);
}

static void test_placement_surface(void **state) {
  fixture f;
  (void)state;
  open_fixture(&f, "placement.y_offset_mm=[0, 30]");
  const size_t size = (size_t)zps_surface_size(&f.plan.setup.placement);
  uint64_t *const want = (uint64_t *)calloc(size, sizeof *want);
  uint64_t *const got = (uint64_t *)calloc(size, sizeof *got);
  assert_true(want != NULL && got != NULL);
  surface_of(&f, "cpu", want);
  surface_of(&f, engine_name, got);
  assert_memory_equal(got, want, size * sizeof *want);
  free(want);
  free(got);
  close_fixture(&f);
}

/** Events, and the first that differs. Across the border of two launches, 65536 events each, on a device. */
static void test_events(void **state) {
  static const uint64_t first = 3;
  const size_t n = 4 * n_events < 70000 ? 4 * n_events : 70000;
  fixture f;
  (void)state;
  open_fixture(&f, "process.model=etl");
  const zps_tile tile = {4, 0, first, n};
  zps_event_end *const ends = (zps_event_end *)calloc(2 * n, sizeof *ends);
  zps_plane_state *const planes = (zps_plane_state *)calloc(2 * 2 * n, sizeof *planes);
  assert_true(ends != NULL && planes != NULL);
  for (size_t i = 0; i < 2; i++) {
    const zps_trace trace = {first, 2, ends + (i * n), planes + (i * 2 * n)};
    zps_engine *const engine = open_engine(&f, i == 0 ? "cpu" : engine_name);
    zps_error error = {ZPS_OK, ""};
    if (zps_engine_trace(engine, &tile, &trace, &error) != ZPS_OK) {
      fail_msg("engine %s: %s", zps_engine_name(engine), error.text);
    }
    zps_engine_destroy(engine);
  }
  for (size_t i = 0; i < n; i++) {
    if (memcmp(&ends[i], &ends[n + i], sizeof *ends) != 0 ||
        memcmp(&planes[2 * i], &planes[2 * (n + i)], 2 * sizeof *planes) != 0) {
      fail_msg("event %llu: %s has another one than cpu", (unsigned long long)(first + i), engine_name);
    }
    assert_int_equal(ends[i].event, first + i);
  }
  free(ends);
  free(planes);
  close_fixture(&f);
}

/** Whatever fails on the device, the rows stay the same and the trouble is told. */
static void test_faults(void **state) {
  static const char *const faults[] = {"open:0", "allocate:3", "allocate:5", "tile:0", "tile:1", "lose:0"};
  fixture f;
  (void)state;
  open_fixture(&f, "process.model=etl");
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    const zps_engine_options options = {.fault = faults[i]};
    zps_error error = {ZPS_OK, ""};
    zps_engine *engine = NULL;
    assert_int_equal(zps_engine_create(engine_name, &f.plan.setup, &options, &engine, &error), ZPS_OK);
    run(&f, engine, 1000, f.got);
    compare(&f, 1000);
    assert_non_null(strstr(zps_engine_trouble(engine), "injected fault"));
    zps_engine_destroy(engine);
  }
  close_fixture(&f);
}

/** 1 when the engine can open here; says on what, or why not. */
static int engine_opens(void) {
  for (size_t i = 0; i < zps_engine_count(); i++) {
    zps_engine_info info;
    if (zps_engine_describe(i, &info) == ZPS_OK && strcmp(info.name, engine_name) == 0) {
      print_message("engine %s: %s\n", info.name, info.available ? info.detail : info.reason);
      return info.available;
    }
  }
  print_message("engine %s: unknown\n", engine_name);
  return 0;
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_etl),
      cmocka_unit_test(test_ww),
      cmocka_unit_test(test_iww),
      cmocka_unit_test(test_no_process),
      cmocka_unit_test(test_tile_sizes_and_repetition),
      cmocka_unit_test(test_placement_surface),
      cmocka_unit_test(test_events),
      cmocka_unit_test(test_faults),
  };
  if (argc > 1) {
    engine_name = argv[1];
    n_events = 2500;
  }
  return engine_opens() ? cmocka_run_group_tests(tests, NULL, NULL) : SKIPPED;
}
