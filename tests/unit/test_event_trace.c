/* The law: events are what the engine counts, so the row they add up to is the engine's, bit for bit, and their planes
 * hold a state exactly where the muon came; every instruction set makes the same events. */
#include <stdlib.h>
#include <string.h>

#include "host/run/engine.h"
#include "host/run/event_trace.h"
#include "host/run/muon_track.h"
#include "host/run/plan.h"
#include "host/tables/emission_table.h"
#include "tests/zps_test.h"

#define FIRST 1000
#define N_EVENTS 3000

typedef struct fixture {
  zps_job job;
  zps_plan plan;
} fixture;

static fixture *open_plan(const char *setting) {
  zps_error error = {ZPS_OK, ""};
  fixture *const f = (fixture *)calloc(1, sizeof *f);
  assert_non_null(f);
  if (zps_job_read("grids/quick.yaml", &setting, 1, &f->job, &error) != ZPS_OK ||
      zps_plan_build(&f->job, (zps_mass_range){3, 5}, 2, &f->plan, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  return f;
}

static void close_plan(fixture *f) {
  zps_plan_free(&f->plan);
  zps_job_free(&f->job);
  free(f);
}

/** The muon as the tally wants it, of nothing but a row of the table. */
static zps_muon muon_of_row(const zps_event_table *table, size_t i) {
  const zps_event_end *const end = &table->ends[i];
  const zps_plane_state *const planes = &table->planes[i * table->n_planes];
  zps_muon m;
  memset(&m, 0, sizeof m);
  m.event = end->event;
  m.hits = end->hits;
  m.beyond = end->beyond;
  m.fate = end->fate;
  m.k = end->k;
  m.p_in = end->p_in;
  m.p_out = end->p_out;
  m.depth = end->depth;
  m.psi = end->psi;
  m.e_cal = end->e_cal;
  m.x_first = isnan(planes[0].x_mm) ? ZPS_UNMEASURED : planes[0].x_mm;
  m.x_last = isnan(planes[1].x_mm) ? ZPS_UNMEASURED : planes[1].x_mm;
  return m;
}

static void row_of_events(zps_engine *engine, const zps_setup *setup, uint32_t i_mass, uint64_t *row) {
  zps_event_table table = {.n = 0};
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_event_table_fill(engine, setup, i_mass, FIRST, N_EVENTS, &table, &error), ZPS_OK);
  assert_int_equal(table.n_planes, 2);
  for (size_t i = 0; i < N_EVENTS; i++) {
    const zps_muon m = muon_of_row(&table, i);
    assert_int_equal(m.event, FIRST + i);
    zps_tally_muon(setup, &m, zps_psi_bin(m.psi), row);
  }
  zps_event_table_free(&table);
}

static void check_rows(const char *setting) {
  fixture *const f = open_plan(setting);
  const size_t size = zps_tally_size((uint32_t)f->job.n_triggers);
  const zps_engine_options options = {1, NULL, NULL};
  zps_error error = {ZPS_OK, ""};
  zps_engine *engine = NULL;
  uint64_t *const rows = (uint64_t *)calloc(2 * size, sizeof *rows);
  assert_non_null(rows);
  assert_int_equal(zps_engine_create("cpu", &f->plan.setup, &options, &engine, &error), ZPS_OK);
  for (uint32_t i = 0; i < f->plan.n_mass; i++) {
    const zps_tile tile = {i, 0, FIRST, N_EVENTS};
    memset(rows, 0, 2 * size * sizeof *rows);
    assert_int_equal(zps_engine_run(engine, &tile, 1, rows, NULL, &error), ZPS_OK);
    row_of_events(engine, &f->plan.setup, i, rows + size);
    assert_true(rows[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)] > N_EVENTS / 2);
    assert_memory_equal(rows, rows + size, size * sizeof *rows);
  }
  zps_engine_destroy(engine);
  free(rows);
  close_plan(f);
}

static void test_rows_are_the_engines(void **state) {
  (void)state;
  check_rows("process.model=etl");
  check_rows("process.kind=none");
}

/* Law: emission_x follows d sigma/dx: the weighted share of x > 0.5 is sigma(x > 0.5)/sigma, at the nominal energy, to
 * four standard deviations and the 0.5 % that a spread of 3 % in energy can move it. x lies between m/E and 1. */
static void test_emission_x(void **state) {
  (void)state;
  fixture *const f = open_plan("process.x_min=0");
  const zps_setup *const setup = &f->plan.setup;
  const double energy = hypot(f->job.beam.p_gev, ZPS_MUON_MASS_GEV);
  const double mass = setup->emission[1].mass;
  double all = 0.0;
  double above = 0.0;
  double sigma[2] = {0.0, 0.0};
  zps_error error = {ZPS_OK, ""};
  for (uint64_t i = 0; i < 40000; i++) {
    const zps_muon m = zps_transport_enter(setup, &setup->emission[1], i);
    const double x = zps_event_x(setup, 1, i);
    assert_true((m.k > 0.0) == (x > 0.0 && x < 1.0));
    assert_true(m.k == 0.0 || x > mass / (1.3 * energy));
    all += m.k;
    above += x > 0.5 ? m.k : 0.0;
  }
  for (int i = 0; i < 2; i++) {
    assert_int_equal(zps_sigma_value_pb(&setup->nucleus, ZPS_EMISSION_ETL, mass, energy, i == 0 ? 0.0 : 0.5,
                                        zps_sigma_rule_default(), &sigma[i], &error),
                     ZPS_OK);
  }
  const double want = sigma[1] / sigma[0];
  print_message("share of x > 0.5 at %g GeV: %.4f, of sigma %.4f\n", mass, above / all, want);
  zps_assert_near(above / all, want, (4.0 * sqrt(want * (1.0 - want) / (0.7 * 40000.0))) + (0.005 * want));
  close_plan(f);
}

/* More events than one thread takes at a time. */
static void test_instruction_sets(void **state) {
  (void)state;
  static const char *const isas[] = {"base", "v2", "v3", "v4"};
  enum { N = 20000 };
  fixture *const f = open_plan("seed=7");
  zps_event_table want = {.n = 0};
  for (size_t i = 0; i < sizeof isas / sizeof isas[0]; i++) {
    const zps_engine_options options = {2, isas[i], NULL};
    zps_event_table got = {.n = 0};
    zps_error error = {ZPS_OK, ""};
    zps_engine *engine = NULL;
    if (zps_engine_create("cpu", &f->plan.setup, &options, &engine, &error) != ZPS_OK) {
      assert_int_equal(error.status, ZPS_UNAVAILABLE);
      continue;
    }
    assert_int_equal(zps_event_table_fill(engine, &f->plan.setup, 1, 5, N, &got, &error), ZPS_OK);
    if (want.n == 0) {
      want = got;
    } else {
      assert_memory_equal(got.ends, want.ends, N * sizeof *want.ends);
      assert_memory_equal(got.planes, want.planes, N * want.n_planes * sizeof *want.planes);
      zps_event_table_free(&got);
    }
    zps_engine_destroy(engine);
  }
  zps_event_table_free(&want);
  close_plan(f);
}

/* Planes are found by their place in the layout. */
static void test_plane_elements(void **state) {
  (void)state;
  fixture *const f = open_plan("seed=1");
  assert_string_equal(f->job.elements[zps_plane_element(&f->plan.setup, 0)].name, "S4");
  assert_string_equal(f->job.elements[zps_plane_element(&f->plan.setup, 1)].name, "Smu");
  close_plan(f);
}

/* Without matter nothing changes |p|, and a muon of the other charge is the mirror image: the map's By is even in x. */
static void test_track_mirror(void **state) {
  (void)state;
  const zps_track_start start = {.p_gev = 40.0, .x_mm = 0.0, .y_mm = 1.0, .tx = 0.0, .ty = 1e-4, .no_matter = true};
  zps_plane_state planes[2][ZPS_MAX_ELEMENTS];
  size_t n[2] = {0, 0};
  for (int i = 0; i < 2; i++) {
    fixture *const f = open_plan(i == 0 ? "beam.charge=1" : "beam.charge=-1");
    assert_int_equal(zps_muon_track(&f->plan.setup, &start, planes[i], &n[i]), ZPS_FATE_ARRIVED);
    close_plan(f);
  }
  assert_int_equal(n[0], 2);
  assert_int_equal(n[1], 2);
  for (size_t i = 0; i < 2; i++) {
    assert_true(planes[0][i].x_mm < -1.0);
    zps_assert_relative(planes[1][i].x_mm, -planes[0][i].x_mm, 1e-12);
    zps_assert_relative(planes[1][i].y_mm, planes[0][i].y_mm, 1e-12);
    zps_assert_near(planes[0][i].p_gev, 40.0, 0.0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_are_the_engines), cmocka_unit_test(test_emission_x),
      cmocka_unit_test(test_instruction_sets),     cmocka_unit_test(test_plane_elements),
      cmocka_unit_test(test_track_mirror),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
