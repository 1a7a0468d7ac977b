/* A muon's life: every fate, the shapes of elements, the sums of a row, and the batch engine against the scalar life.
 */
#include "tests/zps_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/plan.h"
#include "kernels/engine_cpu.h"

#define N_PLANS 4
#define N_ROW_MAX 4096

/* One plan per process: exact, WW, IWW and none, each with the masses of quick.yaml. */
enum { PLAN_ETL, PLAN_WW, PLAN_IWW, PLAN_NONE };

static zps_job jobs[N_PLANS];
static zps_plan plans[N_PLANS];

static int open_plans(void **state) {
  (void)state;
  const char *const settings[N_PLANS] = {"process.model=etl", "process.model=ww", "process.model=iww",
                                         "process.kind=none"};
  const zps_mass_range all = {0, 0};
  for (int i = 0; i < N_PLANS; i++) {
    zps_error error = {ZPS_OK, ""};
    if (zps_job_read("grids/quick.yaml", &settings[i], 1, &jobs[i], &error) != ZPS_OK ||
        zps_plan_build(&jobs[i], all, 2, &plans[i], &error) != ZPS_OK) {
      print_error("%s\n", error.text);
      return -1;
    }
  }
  return 0;
}

static int close_plans(void **state) {
  (void)state;
  for (int i = 0; i < N_PLANS; i++) {
    zps_plan_free(&plans[i]);
    zps_job_free(&jobs[i]);
  }
  return 0;
}

static int32_t find_element(const char *name) {
  for (size_t i = 0; i < jobs[PLAN_NONE].n_elements; i++) {
    if (strcmp(jobs[PLAN_NONE].elements[i].name, name) == 0) {
      return (int32_t)i;
    }
  }
  fail_msg("quick.yaml has no element %s", name);
  return -1;
}

/* ---- fates ---- */

/** The fate of a beam particle under process none. */
static int64_t fate_of(zps_setup *setup, double x, double tx, double ty, double p) {
  const zps_beam_particle particle = {x, 0.0, tx, ty, p};
  setup->beam.n_particles = 1;
  setup->beam.particles = &particle;
  return zps_transport_event(setup, &setup->emission[0], 0).fate;
}

static void test_fates(void **state) {
  (void)state;
  zps_setup setup = plans[PLAN_NONE].setup;
  assert_int_equal(fate_of(&setup, -150.0, 0.0, 0.0, 160.0), ZPS_FATE_ARRIVED);
  assert_int_equal(fate_of(&setup, 0.0, 0.0, 0.0, 160.0), ZPS_FATE_MISSED_TRIGGER);
  assert_int_equal(fate_of(&setup, 0.0, 0.0, 0.0, 100.0), ZPS_FATE_OUT_OF_WINDOW);
  assert_int_equal(fate_of(&setup, 0.0, 0.0, 0.05, 160.0), ZPS_FATE_LOST_GAP);
  assert_int_equal(fate_of(&setup, -390.0, -0.01, 0.0, 160.0), ZPS_FATE_LEFT_MAP);
  assert_int_equal(fate_of(&setup, 390.0, 0.01, 0.0, 160.0), ZPS_FATE_LEFT_MAP);
  assert_int_equal(fate_of(&setup, 0.0, 4.5, 0.0, 160.0), ZPS_FATE_TURNED);
  assert_int_equal(fate_of(&setup, 0.0, 0.0, -4.5, 160.0), ZPS_FATE_TURNED);
}

/** Fates that need another selection or layout. */
static void test_fates_of_settings(void **state) {
  (void)state;
  zps_setup stopping = plans[PLAN_NONE].setup;
  stopping.selection.p_in_min_gev = 0.0;
  assert_int_equal(fate_of(&stopping, 0.0, 0.0, 0.0, 0.5), ZPS_FATE_STOPPED);
  zps_setup fast = plans[PLAN_NONE].setup;
  fast.p_carry_max_gev = 100.0;
  assert_int_equal(fate_of(&fast, -150.0, 0.0, 0.0, 160.0), ZPS_FATE_TOO_FAST);
  zps_setup required = plans[PLAN_NONE].setup;
  zps_element *const s4 = &required.elements[find_element("S4")];
  s4->required = 1;
  s4->half_x_mm = 10.0;
  s4->half_y_mm = 10.0;
  assert_int_equal(fate_of(&required, -150.0, 0.0, 0.0, 160.0), ZPS_FATE_MISSED_REQUIRED);
  s4->half_x_mm = 300.0;
  s4->half_y_mm = 100.0;
  assert_int_equal(fate_of(&required, -150.0, 0.0, 0.0, 160.0), ZPS_FATE_ARRIVED);
}

/** Some events of a weighted emission do not exist: k = 0. The window comes before what else became of a muon. */
static void test_fate_no_weight(void **state) {
  (void)state;
  zps_setup setup = plans[PLAN_ETL].setup;
  int n_without = 0;
  for (uint64_t i = 0; i < 2000; i++) {
    const zps_muon m = zps_transport_event(&setup, &setup.emission[5], i);
    assert_true((m.k == 0.0) == (m.fate == ZPS_FATE_NO_WEIGHT));
    n_without += m.k == 0.0;
  }
  assert_in_range(n_without, 1, 1999);
  setup.selection.p_in_min_gev = 1000.0;
  for (uint64_t i = 0; i < 2000; i++) {
    const zps_muon m = zps_transport_event(&setup, &setup.emission[5], i);
    assert_int_equal(m.fate, m.k == 0.0 ? ZPS_FATE_NO_WEIGHT : ZPS_FATE_OUT_OF_WINDOW);
  }
}

/* ---- elements ---- */

/** A muon of 50 GeV at (x, y) with a slope, after element i. */
static zps_muon after_matter(const zps_setup *setup, int32_t i, double x, double y, double tx) {
  zps_muon m = zps_beam_gaussian(&setup->beam, zps_stream_init(1, 0, 0), 0);
  m.x = x;
  m.y = y;
  m.tx = tx;
  m.ty = 0.0;
  m.p = 50.0;
  zps_transport_pass(setup, &setup->emission[0], i, 1, &m);
  return m;
}

static int crossed(const zps_setup *setup, int32_t i, double x, double y, double tx) {
  const zps_muon m = after_matter(setup, i, x, y, tx);
  const int lost_energy = m.p < 50.0;
  assert_true(lost_energy == (m.e_cal > 0.0));
  return lost_energy;
}

/* The hole of the VHCAL is 60 mm wide, the block 500 mm, 810 mm deep: a straight line inside the hole at both ends
 * meets no matter, one outside the block at both ends neither, all others meet all of it. A slope of 0.05 is 40.5 mm.
 */
static void test_hole(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  const int32_t i = find_element("VHCAL");
  assert_false(crossed(setup, i, 0.0, 0.0, 0.0));
  assert_false(crossed(setup, i, 29.999, -29.999, 0.0));
  assert_false(crossed(setup, i, -20.0, 0.0, 0.05));
  assert_true(crossed(setup, i, 30.0, 0.0, 0.0));
  assert_true(crossed(setup, i, 0.0, -30.0, 0.0));
  assert_true(crossed(setup, i, 0.0, 0.0, 0.05));
  assert_true(crossed(setup, i, 40.0, 0.0, -0.05));
  assert_true(crossed(setup, i, 249.999, 0.0, 0.0));
  assert_false(crossed(setup, i, 250.0, 0.0, 0.0));
  assert_true(crossed(setup, i, 260.0, 0.0, -0.05));
  assert_true(crossed(setup, i, 240.0, 0.0, 0.05));
}

/** Beside or in the hole: momentum and E_CAL to the bit, a straight line. */
static void test_hole_is_vacuum(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  const int32_t i = find_element("VHCAL");
  const zps_muon m = after_matter(setup, i, 1.0, 2.0, 0.01);
  const double dz = setup->elements[i].z_end_mm - setup->elements[i].z_start_mm;
  assert_true(m.p == 50.0 && m.e_cal == 0.0 && m.x == 1.0 + (dz * 0.01) && m.y == 2.0);
  assert_int_equal(m.fate, ZPS_FATE_ARRIVED);
}

/* Law: E_CAL adds response times ionisation; the ionisation along z of one HCAL module pair at 50 GeV is the mean loss
 * without radiation, less than the loss of energy. A response twice as large doubles it, 0 leaves it out. */
static void test_response(void **state) {
  (void)state;
  zps_setup setup = plans[PLAN_NONE].setup;
  const int32_t i = find_element("HCAL");
  setup.elements[i].response = 1.0;
  const zps_muon one = after_matter(&setup, i, 0.0, 0.0, 0.0);
  setup.elements[i].response = 2.0;
  const zps_muon two = after_matter(&setup, i, 0.0, 0.0, 0.0);
  setup.elements[i].response = 0.0;
  const zps_muon none = after_matter(&setup, i, 0.0, 0.0, 0.0);
  assert_true(two.e_cal == 2.0 * one.e_cal && none.e_cal == 0.0);
  assert_true(one.p == two.p && one.p == none.p && one.x == two.x);
  assert_true(one.e_cal > 3.0 && one.e_cal < 50.0 - one.p);
}

/** Hit rule: edge - width <= x < edge, the same in y; the positions at S4 and Smu are kept. */
static void test_counters(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  const int32_t s4 = find_element("S4");
  const double x[] = {-265.0, -265.001, -65.0, -65.001, -100.0, -100.0, -100.0};
  const double y[] = {0.0, 0.0, 0.0, 0.0, -100.0, 100.0, 99.999};
  const int hit[] = {1, 0, 0, 1, 1, 0, 1};
  for (size_t i = 0; i < sizeof hit / sizeof hit[0]; i++) {
    zps_muon m = zps_beam_gaussian(&setup->beam, zps_stream_init(1, 0, 0), 0);
    m.x = x[i];
    m.y = y[i];
    zps_stage_plane(setup, s4, &m);
    assert_int_equal(m.hits, hit[i] ? 0x11 : 0);
    assert_true(m.x_first == x[i] && m.x_last == ZPS_UNMEASURED);
    zps_stage_plane(setup, find_element("Smu"), &m);
    assert_true(m.x_first == x[i] && m.x_last == x[i]);
  }
}

/** The near edges of the two triggers at S_mu, -152 and -117 mm: between them only the second is hit. */
static void test_two_triggers(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  zps_muon m = zps_beam_gaussian(&setup->beam, zps_stream_init(1, 0, 0), 0);
  m.x = -130.0;
  m.y = 0.0;
  zps_stage_plane(setup, find_element("Smu"), &m);
  assert_int_equal(m.hits, 0x20);
}

/* Law: the slopes after a turn are those of the vector px e1 + py e2 + pz d, |e| = 1, e1 and e2 across the flight d:
 * its angle against d is that of (px, py, pz) against z, whatever d. Slopes up to 1, 1e-14. */
static void test_turn(void **state) {
  (void)state;
  const double slopes[][2] = {{0.0, 0.0}, {0.3, 0.0}, {0.0, -0.4}, {0.5, 0.7}, {-1.0, 0.2}};
  const double p[][3] = {{0.0, 0.0, 1.0}, {0.1, 0.0, 2.0}, {0.0, 0.2, 3.0}, {-0.3, 0.4, 5.0}};
  for (size_t i = 0; i < 5; i++) {
    for (size_t j = 0; j < 4; j++) {
      zps_muon m = {0};
      m.tx = slopes[i][0];
      m.ty = slopes[i][1];
      zps_muon_turn(p[j][0], p[j][1], p[j][2], &m);
      const double n_in = sqrt(1.0 + (slopes[i][0] * slopes[i][0]) + (slopes[i][1] * slopes[i][1]));
      const double n_out = sqrt(1.0 + (m.tx * m.tx) + (m.ty * m.ty));
      const double cosine = (1.0 + (m.tx * slopes[i][0]) + (m.ty * slopes[i][1])) / (n_in * n_out);
      const double length = sqrt((p[j][0] * p[j][0]) + (p[j][1] * p[j][1]) + (p[j][2] * p[j][2]));
      zps_assert_near(cosine, p[j][2] / length, 1e-14);
    }
  }
}

/* Law: along z, e1 is x and e2 is y. */
static void test_turn_along_z(void **state) {
  (void)state;
  zps_muon m = {0};
  zps_muon_turn(0.1, -0.2, 2.0, &m);
  zps_assert_relative(m.tx, 0.05, 1e-15);
  zps_assert_relative(m.ty, -0.1, 1e-15);
}

/* ---- rows ---- */

static uint32_t row_size(const zps_setup *setup) {
  const uint32_t size = zps_tally_size((uint32_t)setup->n_triggers);
  assert_in_range(size, 1, N_ROW_MAX);
  return size;
}

/** The row of events [first, first + n) by the scalar life. */
static void scalar_row(const zps_setup *setup, uint32_t i_mass, uint64_t first, uint64_t n, uint64_t row[N_ROW_MAX]) {
  memset(row, 0, N_ROW_MAX * sizeof *row);
  for (uint64_t i = first; i < first + n; i++) {
    const zps_muon m = zps_transport_event(setup, &setup->emission[i_mass], i);
    zps_tally_muon(setup, &m, zps_psi_bin(m.psi), row);
  }
}

/** The engine's loops that this machine can run. */
static size_t supported_runs(zps_cpu_run *runs[4]) {
  size_t n = 0;
  runs[n++] = zps_cpu_run_base;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")) {
    runs[n++] = zps_cpu_run_v2;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
    runs[n++] = zps_cpu_run_v3;
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    runs[n++] = zps_cpu_run_v4;
  }
#endif
  return n;
}

/** Every loop of the engine gives the scalar row, entry by entry. */
static void check_row(const zps_setup *setup, uint32_t i_mass, uint64_t first, uint64_t n) {
  zps_cpu_run *runs[4];
  const size_t n_runs = supported_runs(runs);
  const uint32_t size = row_size(setup);
  uint64_t want[N_ROW_MAX];
  uint64_t got[N_ROW_MAX];
  scalar_row(setup, i_mass, first, n, want);
  for (size_t i = 0; i < n_runs; i++) {
    memset(got, 0, sizeof got);
    assert_int_equal(runs[i](setup, i_mass, first, n, got, NULL, NULL), 0);
    for (uint32_t j = 0; j < size; j++) {
      if (got[j] != want[j]) {
        fail_msg("loop %zu, mass %u, events %llu + %llu, entry %u: %llu, want %llu", i, i_mass,
                 (unsigned long long)first, (unsigned long long)n, j, (unsigned long long)got[j],
                 (unsigned long long)want[j]);
      }
    }
  }
}

/** Ranges around the size of a batch, from odd first events and across 2^32, all processes and masses. */
static void test_batch_is_scalar(void **state) {
  (void)state;
  const uint64_t ranges[][2] = {{0, 1},
                                {5, 127},
                                {0, 128},
                                {1001, 129},
                                {77, 1000},
                                {((uint64_t)1 << 32) - 500, 1000},
                                {ZPS_MAX_EVENTS - 300, 300}};
  for (int i = 0; i < N_PLANS; i++) {
    for (uint32_t m = 0; m < plans[i].n_mass; m++) {
      for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        check_row(&plans[i].setup, m, ranges[r][0], ranges[r][1]);
      }
    }
  }
}

/** The same in other layouts: a required plane, the target alone, no magnet, a magnet at the end, a beam file, a
 *  tracker. */
static void test_batch_is_scalar_elsewhere(void **state) {
  (void)state;
  const int32_t s4 = find_element("S4");
  const int32_t magnet = find_element("MS2");
  for (int i = 0; i < N_PLANS; i++) {
    zps_setup required = plans[i].setup;
    required.elements[s4].required = 1;
    required.elements[s4].half_x_mm = 150.0;
    required.elements[s4].half_y_mm = 50.0;
    check_row(&required, 2, 3, 700);
    zps_setup target = plans[i].setup;
    target.n_elements = 1;
    check_row(&target, 2, 3, 300);
    zps_setup no_magnet = plans[i].setup;
    no_magnet.elements[magnet] = no_magnet.elements[find_element("VETO")];
    no_magnet.elements[magnet].z_start_mm = 3000.0;
    no_magnet.elements[magnet].z_end_mm = 3050.0;
    no_magnet.i_spectrometer = s4;
    check_row(&no_magnet, 3, 3, 700);
    zps_setup magnet_last = plans[i].setup;
    magnet_last.n_elements = magnet + 1;
    check_row(&magnet_last, 3, 3, 700);
    const zps_beam_particle particles[3] = {
        {0.0, 0.0, 0.0, 0.0, 160.0}, {-150.0, 10.0, 0.001, 0.0, 155.0}, {5.0, -3.0, 0.0, 0.002, 120.0}};
    zps_setup beam_file = plans[i].setup;
    beam_file.beam.n_particles = 3;
    beam_file.beam.particles = particles;
    check_row(&beam_file, 4, 1, 700);
    zps_setup tracker = plans[i].setup;
    const zps_tracker three = {{s4, s4, find_element("Smu")}, 0, {-0.001, 0.003, -0.002}, 0.1};
    tracker.tracker = three;
    tracker.i_spectrometer = -1;
    check_row(&tracker, 3, 3, 700);
  }
}

/* A resolution of b E is one of the whole deposit in the target, wherever the vertex divides it: with the same random
 * numbers, E_CAL behind the target over that without resolution is 1 + b z. Its rms over n events is b (1 +- 1/sqrt(2
 * n)), the mean within b/sqrt(n). */
static void test_resolution_of_the_target(void **state) {
  (void)state;
  const int which[] = {PLAN_ETL, PLAN_NONE};
  for (size_t w = 0; w < 2; w++) {
    zps_setup sharp = plans[which[w]].setup;
    zps_setup blurred = sharp;
    blurred.elements[0].resolution_constant = 0.1;
    double n = 0.0;
    double sum = 0.0;
    double square = 0.0;
    for (uint64_t i = 0; i < 20000; i++) {
      const zps_muon a = zps_transport_start(&sharp, &sharp.emission[0], i);
      const zps_muon b = zps_transport_start(&blurred, &blurred.emission[0], i);
      if (a.fate == ZPS_FATE_ARRIVED && (sharp.process_none || (a.depth > 0.3 && a.depth < 0.7))) {
        const double off = (b.e_cal / a.e_cal) - 1.0;
        n += 1.0;
        sum += off;
        square += off * off;
      }
    }
    assert_true(n > 500.0);
    zps_assert_near(sum / n, 0.0, 5.0 * 0.1 / sqrt(n));
    zps_assert_near(sqrt(square / n), 0.1, 5.0 * 0.1 / sqrt(2.0 * n));
  }
}

#define N_STEPS_MOST 200

/** Gives element i n equal steps, held in steps[]. */
static void set_equal_steps(zps_setup *setup, int32_t i, int32_t n, zps_field_step steps[N_STEPS_MOST]) {
  zps_element *const e = &setup->elements[i];
  const double h = (e->z_end_mm - e->z_start_mm) / (double)n;
  assert_true(n <= N_STEPS_MOST);
  for (int32_t j = 0; j < n; j++) {
    steps[j] = zps_field_step_from(&setup->maps[e->i_table], e->z_start_mm + ((double)j * h), h);
  }
  e->n_steps = n;
  e->i_step = 0;
  setup->steps = steps;
}

/** Steps between the planes of the map take the trilinear path of the engine, the last one onto its last plane. */
static void test_batch_between_planes(void **state) {
  (void)state;
  const int32_t steps[] = {1, 7, 30, 176};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    zps_setup setup = plans[PLAN_ETL].setup;
    zps_field_step equal[N_STEPS_MOST];
    set_equal_steps(&setup, find_element("MS2"), steps[i], equal);
    check_row(&setup, 4, 0, 1500);
  }
}

/** A field with all three components, different in every cell: each must stay with its muon when others are dropped. */
static void test_batch_in_rough_field(void **state) {
  (void)state;
  enum { N_X = 4, N_Y = 3, N_Z = 23 };
  float b[4 * N_X * N_Y * N_Z];
  for (int i = 0; i < 4 * N_X * N_Y * N_Z; i++) {
    b[i] = (float)((i * 37) % 101) / 101.0F - 0.4F;
  }
  const zps_field_map map = {N_X, N_Y, N_Z, -400.0, -100.0, 2700.0, 800.0 / (N_X - 1), 100.0, 100.0, b};
  const int32_t steps[] = {44, 17};
  for (size_t i = 0; i < 2; i++) {
    zps_setup setup = plans[PLAN_ETL].setup;
    setup.maps = &map;
    zps_field_step equal[N_STEPS_MOST];
    set_equal_steps(&setup, find_element("MS2"), steps[i], equal);
    check_row(&setup, 4, 0, 1500);
  }
}

/** A range split anywhere adds up to the whole. */
static void test_splits_add_up(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_ETL].setup;
  const uint64_t cuts[] = {0, 1, 128, 317, 1024, 1025, 3000};
  uint64_t whole[N_ROW_MAX] = {0};
  uint64_t parts[N_ROW_MAX] = {0};
  assert_int_equal(zps_cpu_run_base(setup, 4, 0, 3000, whole, NULL, NULL), 0);
  for (size_t i = 0; i + 1 < sizeof cuts / sizeof cuts[0]; i++) {
    assert_int_equal(zps_cpu_run_base(setup, 4, cuts[i], cuts[i + 1] - cuts[i], parts, NULL, NULL), 0);
  }
  assert_memory_equal(whole, parts, sizeof whole);
  uint64_t nothing[N_ROW_MAX] = {0};
  assert_int_equal(zps_cpu_run_base(setup, 4, 7, 0, nothing, NULL, NULL), 0);
  for (size_t i = 0; i < N_ROW_MAX; i++) {
    assert_int_equal(nothing[i], 0);
  }
}

static uint64_t histogram_sum(const uint64_t *row, uint32_t n_trigger, uint32_t stage, uint32_t quantity) {
  uint64_t sum = 0;
  for (uint32_t bin = 0; bin < ZPS_N_BIN; bin++) {
    sum += row[zps_tally_bin(n_trigger, stage, quantity, bin)];
  }
  return sum;
}

/* Laws of a row: the cut-flow falls; k <= k^2; the fates and the psi histogram add up to the generated; a stage's
 * histogram lies between the largest trigger's count and the sum of all; events = n. */
static void check_row_laws(const zps_setup *setup, const uint64_t *row, uint64_t n) {
  const uint32_t nt = (uint32_t)setup->n_triggers;
  const uint64_t generated = row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)];
  uint64_t fates = 0;
  for (uint32_t f = 0; f < ZPS_N_FATE; f++) {
    fates += row[zps_tally_fate(nt, f)];
  }
  assert_int_equal(fates, generated);
  assert_int_equal(row[zps_tally_fate(nt, ZPS_FATE_NO_WEIGHT)], 0);
  assert_int_equal(row[zps_tally_events(nt)], n);
  assert_int_equal(histogram_sum(row, nt, ZPS_HISTOGRAM_GENERATED, ZPS_QUANTITY_PSI), generated);
  const uint32_t stages[3] = {ZPS_STAGE_IN_S4, ZPS_STAGE_IN_COINCIDENCE, ZPS_STAGE_ACCEPTED};
  for (uint32_t h = 0; h < 3; h++) {
    uint64_t most = 0;
    uint64_t all = 0;
    for (uint32_t t = 0; t < nt; t++) {
      const uint64_t count = row[zps_tally_stage(t, stages[h], 0)];
      most = count > most ? count : most;
      all += count;
    }
    const uint64_t sum = histogram_sum(row, nt, ZPS_HISTOGRAM_IN_S4 + h, ZPS_QUANTITY_X_S4);
    assert_true(most <= sum && sum <= all);
    assert_int_equal(histogram_sum(row, nt, ZPS_HISTOGRAM_IN_S4 + h, ZPS_QUANTITY_P_OUT), sum);
  }
  for (uint32_t t = 0; t < nt; t++) {
    assert_int_equal(row[zps_tally_stage(t, ZPS_STAGE_GENERATED, 0)], generated);
    for (uint32_t s = 0; s < ZPS_N_STAGE; s++) {
      assert_true(row[zps_tally_stage(t, s, 0)] <= row[zps_tally_stage(t, s, 1)]);
      assert_true(s == 0 || row[zps_tally_stage(t, s, 0)] <= row[zps_tally_stage(t, s - 1, 0)]);
    }
  }
}

static void test_row_laws(void **state) {
  (void)state;
  for (int i = 0; i < N_PLANS; i++) {
    for (uint32_t m = 0; m < plans[i].n_mass; m++) {
      uint64_t row[N_ROW_MAX] = {0};
      assert_int_equal(zps_cpu_run_base(&plans[i].setup, m, 0, 3000, row, NULL, NULL), 0);
      check_row_laws(&plans[i].setup, row, 3000);
    }
  }
}

/** Without a process every event has k = 1, so generated = n, k = k^2, and nothing is too fast or without weight. */
static void test_process_none(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  const uint32_t nt = (uint32_t)setup->n_triggers;
  uint64_t row[N_ROW_MAX] = {0};
  assert_int_equal(zps_cpu_run_base(setup, 0, 0, 5000, row, NULL, NULL), 0);
  assert_int_equal(row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)], 5000);
  for (uint32_t s = 0; s < ZPS_N_STAGE; s++) {
    assert_int_equal(row[zps_tally_stage(0, s, 0)], row[zps_tally_stage(0, s, 1)]);
  }
  assert_int_equal(row[zps_tally_fate(nt, ZPS_FATE_TOO_FAST)], 0);
}

/* Law: p_in = p (1 + 0.038 z): the share inside 140..180 GeV for a beam of 3 % spread is that of a normal number of
 * width sqrt(0.03^2 + 0.038^2) = 0.0484 (1 + corrections of 1e-3) within 0.125: 0.9902. 5 binomial deviations of
 * n = 40000 are 2.5e-3. */
static void test_window_share(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  uint64_t row[N_ROW_MAX] = {0};
  assert_int_equal(zps_cpu_run_base(setup, 0, 0, 40000, row, NULL, NULL), 0);
  const double share = (double)row[zps_tally_stage(0, ZPS_STAGE_IN_WINDOW, 0)] / 40000.0;
  zps_assert_near(share, 0.9902, 2.5e-3);
}

/** A muon in flight keeps p in vacuum and in the magnet, and loses it in matter only. */
static void test_momentum_conserved(void **state) {
  (void)state;
  const zps_setup *const setup = &plans[PLAN_NONE].setup;
  const int32_t magnet = find_element("MS2");
  for (uint64_t i = 0; i < 200; i++) {
    zps_muon m = zps_transport_start(setup, &setup->emission[0], i);
    const double p = m.p;
    assert_true(p < 200.0);
    zps_stage_drift(1000.0, &m);
    zps_transport_field(setup, &setup->elements[magnet], 1, &m);
    assert_true(m.p == p);
  }
}

/** A living muon beyond the nodes of its map is noted: the nodes' ends are inside, the dead are left alone. */
static void test_beyond_a_map(void **state) {
  (void)state;
  const zps_element e = {
      .beyond = 1, .map_x_lo_mm = -10.0, .map_x_hi_mm = 20.0, .map_y_lo_mm = -5.0, .map_y_hi_mm = 5.0};
  const struct {
    double x, y;
    int32_t end;
    int64_t fate;
    uint64_t beyond;
  } cases[] = {
      {0.0, 0.0, 0, ZPS_FATE_ARRIVED, 0},   {-10.0, 5.0, 0, ZPS_FATE_ARRIVED, 0}, {20.0, -5.0, 0, ZPS_FATE_ARRIVED, 0},
      {-10.1, 0.0, 0, ZPS_FATE_ARRIVED, 1}, {20.1, 0.0, 0, ZPS_FATE_ARRIVED, 1},  {0.0, 5.1, 0, ZPS_FATE_ARRIVED, 1},
      {0.0, -5.1, 0, ZPS_FATE_ARRIVED, 1},  {0.0, 0.0, 1, ZPS_FATE_ARRIVED, 2},   {30.0, 0.0, 1, ZPS_FATE_ARRIVED, 3},
      {30.0, 0.0, 1, ZPS_FATE_LOST_GAP, 0}, {30.0, 0.0, 1, ZPS_FATE_STOPPED, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    zps_muon m = {.x = cases[i].x, .y = cases[i].y, .fate = cases[i].fate};
    zps_stage_beyond(&e, cases[i].end, &m);
    assert_int_equal(m.beyond, cases[i].beyond);
    m.x = m.y = 0.0;
    zps_stage_beyond(&e, 0, &m); /* once noted it stays */
    assert_int_equal(m.beyond, cases[i].beyond);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fates),
      cmocka_unit_test(test_fates_of_settings),
      cmocka_unit_test(test_fate_no_weight),
      cmocka_unit_test(test_hole),
      cmocka_unit_test(test_hole_is_vacuum),
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_counters),
      cmocka_unit_test(test_two_triggers),
      cmocka_unit_test(test_turn),
      cmocka_unit_test(test_turn_along_z),
      cmocka_unit_test(test_batch_is_scalar),
      cmocka_unit_test(test_batch_is_scalar_elsewhere),
      cmocka_unit_test(test_resolution_of_the_target),
      cmocka_unit_test(test_batch_between_planes),
      cmocka_unit_test(test_batch_in_rough_field),
      cmocka_unit_test(test_splits_add_up),
      cmocka_unit_test(test_row_laws),
      cmocka_unit_test(test_process_none),
      cmocka_unit_test(test_window_share),
      cmocka_unit_test(test_momentum_conserved),
      cmocka_unit_test(test_beyond_a_map),
  };
  return cmocka_run_group_tests(tests, open_plans, close_plans);
}
