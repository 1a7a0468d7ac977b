/* Placement surfaces: at any pair of edges the counts of a run with the counters there, and the same counts from every
 * engine, instruction set and tiling; nothing else of a run is touched. */
#include <stdio.h>
#include <string.h>

#include "host/run/device_engine.h"
#include "host/run/plan_magnet_reach.h"
#include "kernels/engine_check.h"
#include "kernels/rng.h"
#include "tests/parity/row_hash.h"
#include "tests/zps_test.h"

#define N_EVENTS 12000
#define TILE_EVENTS 1000
#define N_TILES (N_EVENTS / TILE_EVENTS)
#define MASS 4 /* 0.5 GeV of the quick job */

typedef struct fixture {
  zps_job job;
  zps_plan plan;
  size_t n_row, n_surface;
  zps_tile tiles[N_TILES];
  uint64_t *rows;    /* [N_TILES][n_row] */
  uint64_t *surface; /* of the CPU engine */
  uint64_t *other;
} fixture;

static void read_job(zps_job *job, const char *const *settings, size_t n) {
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read("grids/quick.yaml", settings, n, job, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

static void run(const fixture *f, const zps_plan *plan, const char *engine_name, const zps_engine_options *options,
                uint64_t *rows, uint64_t *surface) {
  zps_error error = {ZPS_OK, ""};
  zps_engine *engine = NULL;
  if (zps_engine_create(engine_name, &plan->setup, options, &engine, &error) != ZPS_OK ||
      zps_engine_run(engine, f->tiles, N_TILES, rows, surface, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  assert_string_equal(zps_engine_trouble(engine), "");
  zps_engine_destroy(engine);
}

static int set_up(void **state) {
  static const char *const settings[] = {"placement={y_offset_mm: [-20, 0], y_last_offset_mm: [0, 35.5]}"};
  const zps_mass_range masses = {MASS, MASS + 1};
  fixture *const f = (fixture *)calloc(1, sizeof *f);
  zps_error error = {ZPS_OK, ""};
  assert_non_null(f);
  read_job(&f->job, settings, 1);
  assert_true(f->job.placement.given);
  assert_int_equal(zps_plan_build(&f->job, masses, 1, &f->plan, &error), ZPS_OK);
  f->n_row = zps_tally_size((uint32_t)f->plan.setup.n_triggers);
  f->n_surface = (size_t)zps_surface_size(&f->plan.setup.placement);
  assert_int_equal(f->n_surface, 4 * 2 * 602 * 902);
  assert_int_equal(row_hash_tiles(1, N_EVENTS, TILE_EVENTS, f->tiles), N_TILES);
  f->rows = (uint64_t *)calloc(N_TILES * f->n_row, sizeof(uint64_t));
  f->surface = (uint64_t *)calloc(f->n_surface, sizeof(uint64_t));
  f->other = (uint64_t *)calloc(f->n_surface, sizeof(uint64_t));
  assert_non_null(f->rows);
  assert_non_null(f->surface);
  assert_non_null(f->other);
  /* A surface is set, not added to. */
  memset(f->surface, 0xa5, f->n_surface * sizeof(uint64_t));
  run(f, &f->plan, "cpu", NULL, f->rows, f->surface);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *const f = (fixture *)*state;
  zps_plan_free(&f->plan);
  zps_job_free(&f->job);
  free(f->rows);
  free(f->surface);
  free(f->other);
  free(f);
  return 0;
}

/** Sum over the cells of [x4 - w4, x4) x [xm - wm, xm), edges by their number in the lattices. */
static uint64_t count(const fixture *f, const uint64_t *surface, int64_t i_y, int64_t stage, int64_t x4, int64_t w4,
                      int64_t xm, int64_t wm) {
  uint64_t sum = 0;
  for (int64_t i = x4 - w4 + 1; i <= x4; i++) {
    for (int64_t j = xm - wm + 1; j <= xm; j++) {
      sum += surface[zps_surface_index(&f->plan.setup.placement, i_y, stage, i, j)];
    }
  }
  return sum;
}

static uint64_t sum_stage(const fixture *f, enum zps_stage stage) {
  uint64_t sum = 0;
  for (size_t i = 0; i < N_TILES; i++) {
    sum += f->rows[(i * f->n_row) + zps_tally_stage(0, (uint32_t)stage, 0)];
  }
  return sum;
}

static int64_t draw(uint64_t trial, uint32_t block, int64_t lo, int64_t hi) {
  const zps_pair u = zps_draw_uniform(zps_stream_init(7, 0, trial), ZPS_DRAW_BEAM, block);
  return lo + (int64_t)(u.a * (double)(hi - lo + 1));
}

/* The heart of it: 30 random pairs of positions, widths and heights, each against a run of the trigger there. */
static void test_any_position_counts_what_a_run_there_counts(void **state) {
  fixture *const f = (fixture *)*state;
  const zps_placement *const placement = &f->plan.setup.placement;
  uint64_t n_accepted = 0;
  zps_plan direct = f->plan;
  direct.setup.placement.n_y = 0;
  for (uint64_t trial = 0; trial < 30; trial++) {
    const int64_t i_y = draw(trial, 0, 0, 3);
    const int64_t w4 = draw(trial, 1, 1, 250);
    const int64_t wm = draw(trial, 2, 1, 350);
    const int64_t x4 = draw(trial, 3, w4, placement->first.n);
    const int64_t xm = draw(trial, 4, wm, placement->last.n);
    zps_counter *const s4 = &direct.setup.triggers[0].counters[0];
    zps_counter *const smu = &direct.setup.triggers[0].counters[1];
    s4->x_hi_mm = zps_lattice_edge(&placement->first, x4);
    s4->x_lo_mm = zps_lattice_edge(&placement->first, x4 - w4);
    smu->x_hi_mm = zps_lattice_edge(&placement->last, xm);
    smu->x_lo_mm = zps_lattice_edge(&placement->last, xm - wm);
    s4->y_lo_mm = placement->y_first_lo[i_y];
    s4->y_hi_mm = placement->y_first_hi[i_y];
    smu->y_lo_mm = placement->y_last_lo[i_y];
    smu->y_hi_mm = placement->y_last_hi[i_y];
    direct.setup.i_decision = s4->i_element; /* with the early exits of a plain run */
    direct.setup.reach = zps_plan_magnet_reach(&direct.setup);
    assert_true(direct.setup.reach.i_element > 0);
    run(f, &direct, "cpu", NULL, f->rows, NULL);
    assert_int_equal(count(f, f->surface, i_y, ZPS_SURFACE_COINCIDENCE, x4, w4, xm, wm),
                     sum_stage(f, ZPS_STAGE_IN_COINCIDENCE));
    assert_int_equal(count(f, f->surface, i_y, ZPS_SURFACE_ACCEPTED, x4, w4, xm, wm), sum_stage(f, ZPS_STAGE_ACCEPTED));
    n_accepted += sum_stage(f, ZPS_STAGE_ACCEPTED);
  }
  assert_true(n_accepted > 1000);
}

static void test_a_third_counter_in_between(void **state) {
  static const char *const settings[] = {"placement.step_mm=1"};
  fixture *const f = (fixture *)*state;
  const zps_mass_range masses = {MASS, MASS + 1};
  zps_error error = {ZPS_OK, ""};
  zps_job job;
  zps_plan plan;
  read_job(&job, settings, 1);
  /* S4 itself stands for it, shifted: any plane between the two would do. */
  zps_job_trigger *const trigger = &job.triggers[0];
  trigger->counters[2] = trigger->counters[1];
  trigger->counters[1] = trigger->counters[0];
  trigger->n_counters = 3;
  trigger->counters[1].edge_x_mm = -100.0;
  assert_int_equal(zps_plan_build(&job, masses, 1, &plan, &error), ZPS_OK);
  assert_int_equal(plan.setup.placement.others, 2);
  run(f, &plan, "cpu", NULL, f->rows, f->other);
  const uint64_t want = sum_stage(f, ZPS_STAGE_ACCEPTED);
  assert_int_equal(count(f, f->other, 0, ZPS_SURFACE_ACCEPTED, 500 - 65, 200, 800 - 152, 300), want);
  /* Without the third counter there are more. */
  assert_true(count(f, f->surface, 2, ZPS_SURFACE_ACCEPTED, 500 - 65, 200, 800 - 152, 300) > want);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

static void test_engines_and_threads_agree(void **state) {
  fixture *const f = (fixture *)*state;
  static const zps_engine_options options[] = {
      {.n_threads = 1, .isa = "base"}, {.n_threads = 3}, {.n_threads = 2, .isa = NULL}};
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    run(f, &f->plan, "cpu", &options[i], f->rows, f->other);
    assert_memory_equal(f->other, f->surface, f->n_surface * sizeof(uint64_t));
  }
  memset(f->other, 0x5a, f->n_surface * sizeof(uint64_t));
  run(f, &f->plan, "check", NULL, f->rows, f->other);
  assert_memory_equal(f->other, f->surface, f->n_surface * sizeof(uint64_t));
}

/* On a device: the work of one that fails goes elsewhere and is counted once; a surface that is not zeroed shows. */
static void test_device_faults(void **state) {
  fixture *const f = (fixture *)*state;
  static const char *const faults[] = {NULL, "tile:0", "tile:1", "allocate:7", "allocate:9", "zero:1"};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    zps_error error = {ZPS_OK, ""};
    zps_device_engine *engine = NULL;
    assert_int_equal(zps_device_engine_create(&zps_device_check, faults[i], &f->plan.setup, NULL, &engine, &error),
                     ZPS_OK);
    memset(f->other, 0, f->n_surface * sizeof(uint64_t));
    assert_int_equal(zps_device_engine_run(engine, f->tiles, N_TILES, f->rows, f->other, &error), ZPS_OK);
    const int equal = memcmp(f->other, f->surface, f->n_surface * sizeof(uint64_t)) == 0;
    print_message("fault %s: %s\n", faults[i] == NULL ? "none" : faults[i], zps_device_engine_trouble(engine));
    assert_int_equal(equal, faults[i] == NULL || strcmp(faults[i], "zero:1") != 0);
    zps_device_engine_destroy(engine);
  }
}

/* The trigger's own counts do not know of the surface. */
static void test_trigger_counts_are_untouched(void **state) {
  fixture *const f = (fixture *)*state;
  zps_plan plain = f->plan;
  uint64_t want[2][ZPS_N_STAGE];
  plain.setup.placement.n_y = 0;
  plain.setup.i_decision = plain.setup.triggers[0].counters[0].i_element;
  for (int with = 0; with < 2; with++) {
    run(f, with ? &f->plan : &plain, "cpu", NULL, f->rows, with ? f->other : NULL);
    for (uint32_t stage = 0; stage < ZPS_N_STAGE; stage++) {
      want[with][stage] = sum_stage(f, (enum zps_stage)stage);
    }
  }
  assert_memory_equal(want[0], want[1], sizeof want[0]);
}

static void test_tiles_of_two_masses_are_refused(void **state) {
  fixture *const f = (fixture *)*state;
  zps_tile tiles[2] = {{0, 0, 0, 10}, {1, 0, 0, 10}};
  zps_error error = {ZPS_OK, ""};
  zps_engine *engine = NULL;
  assert_int_equal(zps_engine_create("cpu", &f->plan.setup, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(zps_engine_run(engine, tiles, 2, f->rows, f->other, &error), ZPS_INVALID);
  zps_engine_destroy(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_any_position_counts_what_a_run_there_counts),
      cmocka_unit_test(test_a_third_counter_in_between),
      cmocka_unit_test(test_engines_and_threads_agree),
      cmocka_unit_test(test_device_faults),
      cmocka_unit_test(test_trigger_counts_are_untouched),
      cmocka_unit_test(test_tiles_of_two_masses_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
