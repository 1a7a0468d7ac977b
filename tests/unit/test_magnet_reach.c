/* Muons that the magnet cannot bend onto a counter: dropping them changes no count from the first counter on, in the
 * job's field and in fields of any shape, and it drops nearly all that miss. */
#include <stdlib.h>
#include <string.h>

#include "host/run/plan.h"
#include "host/run/plan_magnet_reach.h"
#include "kernels/engine_cpu.h"
#include "tests/zps_test.h"

#define N_ROW_MAX 4096

static zps_job job;
static zps_plan plan;
static int32_t magnet;

static int open_plan(void **state) {
  (void)state;
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read("grids/quick.yaml", NULL, 0, &job, &error) != ZPS_OK ||
      zps_plan_build(&job, all, 2, &plan, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    return -1;
  }
  magnet = plan.setup.reach.i_element;
  return 0;
}

static int close_plan(void **state) {
  (void)state;
  zps_plan_free(&plan);
  zps_job_free(&job);
  return 0;
}

static void test_judged_at_the_magnet(void **state) {
  (void)state;
  assert_int_equal(plan.setup.elements[magnet].kind, ZPS_ELEMENT_FIELD);
  zps_assert_near(plan.setup.reach.arm_mm, 8374.0 - 2700.0, 0.0);
  zps_assert_near(plan.setup.reach.x_lo_mm, -265.0, 0.0);
  zps_assert_near(plan.setup.reach.x_hi_mm, -65.0, 0.0);
  /* Int B dz is 1.4 T m on the axis and at every height (docs/adr/0005); the largest of each plane is more. */
  assert_true(plan.setup.reach.b_tmm > 1400.0 && plan.setup.reach.b_tmm < 2.0 * 1400.0);
  /* The field is even about the centre of the magnet, 1100 mm behind its entry. */
  const double lever = plan.setup.reach.arm_mm - 1100.0;
  assert_true(plan.setup.reach.by_up_tmm2 > 1400.0 * lever && plan.setup.reach.by_up_tmm2 < 2.0 * 1400.0 * lever);
  zps_assert_near(plan.setup.reach.bx_tmm2, 0.0, 0.0);
}

/** Counts of every stage of every trigger, with and without the judgement; returns how many more were carried. */
static uint64_t compare(const zps_setup *setup, uint32_t i_mass, uint64_t n) {
  uint64_t with[N_ROW_MAX] = {0};
  uint64_t without[N_ROW_MAX] = {0};
  const uint32_t nt = (uint32_t)setup->n_triggers;
  zps_setup open = *setup;
  open.reach.i_element = -1;
  assert_true(zps_tally_size(nt) <= N_ROW_MAX);
  assert_int_equal(zps_cpu_run_base(setup, i_mass, 0, n, with, NULL, NULL), 0);
  assert_int_equal(zps_cpu_run_base(&open, i_mass, 0, n, without, NULL, NULL), 0);
  assert_memory_equal(with, without, nt * ZPS_N_STAGE * 2 * sizeof with[0]);
  uint64_t with_x = 0;
  uint64_t without_x = 0;
  for (uint32_t bin = 0; bin < ZPS_N_BIN; bin++) {
    const uint32_t at = zps_tally_bin(nt, ZPS_HISTOGRAM_GENERATED, ZPS_QUANTITY_X_S4, bin);
    with_x += with[at];
    without_x += without[at];
  }
  /* All other histograms are of muons that hit a counter, or were filled before the magnet. */
  for (uint32_t at = zps_tally_bin(nt, ZPS_HISTOGRAM_IN_S4, 0, 0); at < zps_tally_size(nt); at++) {
    assert_int_equal(with[at], without[at]);
  }
  assert_true(with_x <= without_x);
  return without_x - with_x;
}

static void test_no_count_changes(void **state) {
  (void)state;
  for (uint32_t i = 0; i < (uint32_t)plan.n_mass; i++) {
    assert_true(compare(&plan.setup, i, 20000) > 0);
  }
}

static zps_setup with_counters(zps_setup setup, double x_hi_mm, double x_lo_mm, double y_lo_mm, double y_hi_mm) {
  for (int32_t t = 0; t < setup.n_triggers; t++) {
    zps_counter *const c = &setup.triggers[t].counters[0];
    c->x_hi_mm = x_hi_mm + (10.0 * (double)t);
    c->x_lo_mm = x_lo_mm;
    c->y_lo_mm = y_lo_mm;
    c->y_hi_mm = y_hi_mm;
  }
  setup.reach = zps_plan_magnet_reach(&setup);
  return setup;
}

static void test_no_count_changes_elsewhere(void **state) {
  (void)state;
  /* The other charge, bent towards +x onto counters there; small ones beside the axis in both planes. */
  zps_setup negative = plan.setup;
  negative.beam.charge = -1.0;
  negative = with_counters(negative, 265.0, 65.0, -100.0, 100.0);
  assert_true(compare(&negative, 1, 20000) > 0);
  assert_true(compare(&negative, 4, 20000) > 0);
  const zps_setup small = with_counters(plan.setup, -40.0, -60.0, 20.0, 50.0);
  assert_true(compare(&small, 1, 20000) > 0);
  assert_true(compare(&small, 4, 20000) > 0);
}

/* A field of all three components, of both signs and different in every cell, on and between the planes of the map. */
static void test_no_count_changes_in_a_rough_field(void **state) {
  (void)state;
  enum { N_X = 4, N_Y = 3, N_Z = 23 };
  float b[4 * N_X * N_Y * N_Z];
  for (int i = 0; i < 4 * N_X * N_Y * N_Z; i++) {
    b[i] = (float)((i * 37) % 101) / 101.0F - 0.4F;
  }
  const zps_field_map map = {N_X, N_Y, N_Z, -400.0, -100.0, 2700.0, 800.0 / (N_X - 1), 100.0, 100.0, b};
  const int32_t steps[] = {44, 17};
  for (size_t i = 0; i < 2; i++) {
    zps_setup setup = plan.setup;
    setup.maps = &map;
    zps_field_step equal[44];
    zps_element *const e = &setup.elements[magnet];
    const double h = (e->z_end_mm - e->z_start_mm) / (double)steps[i];
    for (int32_t j = 0; j < steps[i]; j++) {
      equal[j] = zps_field_step_from(&map, e->z_start_mm + ((double)j * h), h);
    }
    e->n_steps = steps[i];
    e->i_step = 0;
    setup.steps = equal;
    setup.reach = zps_plan_magnet_reach(&setup);
    (void)compare(&setup, 2, 20000);
    (void)compare(&setup, 4, 20000);
  }
}

/** x and y at the plane of the counters, of a muon carried from the entry of the magnet; nothing stops it. */
static zps_muon carry(const zps_setup *setup, zps_muon m) {
  const zps_element *const e = &setup->elements[magnet];
  zps_element open = *e;
  open.half_x_mm = 1e9;
  open.half_y_mm = 1e9;
  zps_transport_field(setup, &open, 1, &m);
  zps_stage_drift((e->z_start_mm + setup->reach.arm_mm) - e->z_end_mm, &m);
  return m;
}

/* Muon by muon, from 0.3 to 200 GeV and slopes up to 0.2, for both charges: none that
 * comes to the counters is judged to miss, and of those that miss most are. Half the bound would lose hits. */
static void test_none_that_hits_is_judged(void **state) {
  (void)state;
  uint64_t n_hit = 0;
  uint64_t n_lost_by_half = 0;
  uint64_t n_judged = 0;
  uint64_t n_missed = 0;
  for (uint64_t i = 0; i < 100000; i++) {
    const zps_stream s = zps_stream_init(11, 0, i);
    const zps_pair at = zps_draw_normal(s, 0, 0);
    const zps_pair slope = zps_draw_normal(s, 0, 1);
    const zps_pair u = zps_draw_uniform(s, 0, 2);
    const double wide = u.b < 0.2 ? 10.0 : 1.0;
    zps_muon m;
    memset(&m, 0, sizeof m);
    m.x = 20.0 * at.a;
    m.y = 20.0 * at.b;
    m.tx = (0.005 * wide) * slope.a;
    m.ty = (0.005 * wide) * slope.b;
    m.p = 0.3 * zps_exp(u.a * zps_log(200.0 / 0.3));
    const double charge = (i % 2 == 0) ? 1.0 : -1.0;
    zps_setup setup = plan.setup;
    setup.beam.charge = charge;
    const int judged = zps_magnet_misses(&setup.reach, zps_rk4_kappa(charge, m.p), m.x, m.y, m.tx, m.ty);
    const zps_muon end = carry(&setup, m);
    const int hit = end.fate == ZPS_FATE_ARRIVED && end.x >= setup.reach.x_lo_mm && end.x < setup.reach.x_hi_mm &&
                    end.y >= setup.reach.y_lo_mm && end.y < setup.reach.y_hi_mm;
    assert_false(judged && hit);
    zps_magnet_reach half = setup.reach;
    half.by_up_tmm2 = 0.5 * half.by_up_tmm2;
    n_lost_by_half += hit && zps_magnet_misses(&half, zps_rk4_kappa(charge, m.p), m.x, m.y, m.tx, m.ty) ? 1 : 0;
    n_hit += hit ? 1 : 0;
    n_judged += judged ? 1 : 0;
    n_missed += !hit && m.p > 20.0 ? 1 : 0;
  }
  assert_true(n_hit > 1000);
  assert_true(n_lost_by_half > 10);
  assert_true(n_judged > n_missed / 2);
}

/* Where the bounds would not hold, or the whole beam is wanted, every muon is carried. */
static void test_where_it_is_not_asked(void **state) {
  (void)state;
  zps_setup setup = plan.setup;
  setup.process_none = 1;
  assert_int_equal(zps_plan_magnet_reach(&setup).i_element, -1);
  setup = plan.setup;
  setup.i_decision = -1; /* a placement: all positions are counted */
  assert_int_equal(zps_plan_magnet_reach(&setup).i_element, -1);
  setup = plan.setup;
  setup.elements[magnet + 1].kind =
      ZPS_ELEMENT_MATTER; /* first counters on another plane than i_decision, and matter */
  setup.i_decision = magnet + 2;
  for (int32_t t = 0; t < setup.n_triggers; t++) {
    setup.triggers[t].counters[0].i_element = magnet + 2;
  }
  assert_int_equal(zps_plan_magnet_reach(&setup).i_element, -1);
  setup = plan.setup;
  setup.triggers[0].counters[0].i_element = magnet + 3;
  assert_int_equal(zps_plan_magnet_reach(&setup).i_element, -1);
  setup = plan.setup;
  setup.elements[magnet].kind = ZPS_ELEMENT_PLANE; /* no magnet */
  assert_int_equal(zps_plan_magnet_reach(&setup).i_element, -1);
}

/* A slope above the range of the bounds is not judged, however far the counter. */
static void test_steep_muons_are_not_judged(void **state) {
  (void)state;
  const double kappa = zps_rk4_kappa(1.0, 50.0);
  assert_true(zps_magnet_misses(&plan.setup.reach, kappa, 300.0, 0.0, 0.1, 0.0));
  assert_false(zps_magnet_misses(&plan.setup.reach, kappa, 300.0, 0.0, 0.31, 0.0));
  assert_false(zps_magnet_misses(&plan.setup.reach, kappa, 300.0, 0.0, 0.0, 4.5));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_judged_at_the_magnet),       cmocka_unit_test(test_no_count_changes),
      cmocka_unit_test(test_no_count_changes_elsewhere), cmocka_unit_test(test_no_count_changes_in_a_rough_field),
      cmocka_unit_test(test_none_that_hits_is_judged),   cmocka_unit_test(test_where_it_is_not_asked),
      cmocka_unit_test(test_steep_muons_are_not_judged),
  };
  return cmocka_run_group_tests(tests, open_plan, close_plan);
}
