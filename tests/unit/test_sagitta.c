/* p_out by the sagitta of three hits: the lever arm, the field integral, no bias, the width, and who draws what. */
#include "host/run/sagitta.h"

#include <stdlib.h>
#include <string.h>

#include "host/run/event_trace.h"
#include "host/run/plan.h"
#include "tests/zps_test.h"

#define N_EVENTS 20000
#define HIT_MM 0.1
#define FIELD_TM 1.4

/* A thin target, a uniform field of 1.4 T m from 1000 to 2000 mm, planes at 0.2, 0.9, 3 and 4 m. */
static const char text[] =
    "scan: {mass_gev: [0.1]}\n"
    "process: {kind: none}\n"
    "beam: {p_spread: 0, sigma_x_mm: 20, sigma_y_mm: 20, sigma_tx_mrad: 2, sigma_ty_mrad: 2}\n"
    "layout:\n"
    "  - {name: ECAL, kind: matter, start_mm: -0.001, layers: [{material: Pb, thickness_mm: 0.001}]}\n"
    "  - {name: T1, kind: plane, start_mm: 200}\n"
    "  - {name: T2, kind: plane, start_mm: 900}\n"
    "  - {name: MS2, kind: field, start_mm: 1000, length_mm: 1000, generate: uniform, integral_tm: 1.4, gap_mm: 400}\n"
    "  - {name: T3, kind: plane, start_mm: 3000}\n"
    "  - {name: S4, kind: plane, start_mm: 4000}\n"
    "triggers: [{name: all, n_mot: 1, planes: [{plane: S4, center_x_mm: 0, width_mm: 4000, height_mm: 4000}]}]\n"
    "selection: {p_in_min_gev: 1, p_in_max_gev: 1000, sagitta: {first: T1, middle: T2, last: T3}}\n";

typedef struct fixture {
  zps_job job;
  zps_plan plan;
} fixture;

static fixture *open_text(const char *job_text, const char *const *settings, size_t n_settings) {
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  fixture *const f = (fixture *)calloc(1, sizeof *f);
  assert_non_null(f);
  if (zps_job_read_text("x.yaml", job_text, strlen(job_text), settings, n_settings, &f->job, &error) != ZPS_OK ||
      zps_plan_build(&f->job, all, 1, &f->plan, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  return f;
}

static void close_fixture(fixture *f) {
  zps_plan_free(&f->plan);
  zps_job_free(&f->job);
  free(f);
}

/** Law: L'' = -delta at the middle plane: straight lines from 0 at the outer planes to a b/(a + b) there. */
static void test_lever_arm(void **state) {
  (void)state;
  const double z[ZPS_N_TRACKER_PLANES] = {100.0, 400.0, 1600.0};
  zps_assert_near(zps_sagitta_lever_mm(z, 100.0), 0.0, 1e-12);
  zps_assert_near(zps_sagitta_lever_mm(z, 250.0), 120.0, 1e-12);
  zps_assert_near(zps_sagitta_lever_mm(z, 400.0), 240.0, 1e-12);
  zps_assert_near(zps_sagitta_lever_mm(z, 1000.0), 120.0, 1e-12);
  zps_assert_near(zps_sagitta_lever_mm(z, 1600.0), 0.0, 1e-12);
  zps_assert_near(zps_sagitta_lever_mm(z, 50.0), 0.0, 0.0);
  zps_assert_near(zps_sagitta_lever_mm(z, 1700.0), 0.0, 0.0);
}

/** Lever arm of the field of `text`, whole field behind the middle plane: that of its centre, at 1500 mm. */
static double lever_of_text(void) {
  return (3000.0 - 1500.0) * ((900.0 - 200.0) / (3000.0 - 200.0));
}

/** Law: L is linear over the field, so the integral is Int B dz L(centre); the map holds floats, 6e-8. */
static void test_integral(void **state) {
  (void)state;
  fixture *const f = open_text(text, NULL, 0);
  const zps_tracker *const tracker = &f->plan.setup.tracker;
  const double want = 1e3 * FIELD_TM * lever_of_text();
  zps_assert_relative(zps_sagitta_integral(&f->plan.setup, tracker), want, 1e-6);
  zps_assert_relative(1.0 / tracker->weight[1], 0.299792458e-3 * want, 1e-6);
  zps_assert_near((tracker->weight[0] + tracker->weight[1]) + tracker->weight[2], 0.0, 1e-15);
  zps_assert_near(tracker->hit_mm, HIT_MM, 0.0);
  close_fixture(f);
}

typedef struct spread {
  double mean, width;
} spread;

/** Mean and width of p/p_out for a beam of p_gev. */
static spread measure(double p_gev, const char *hit) {
  char momentum[64];
  const char *const settings[] = {momentum, hit};
  double sum = 0.0;
  double squares = 0.0;
  (void)snprintf(momentum, sizeof momentum, "beam.p_gev=%g", p_gev);
  fixture *const f = open_text(text, settings, 2);
  for (uint64_t i = 0; i < N_EVENTS; i++) {
    zps_plane_state planes[4];
    zps_event_end end;
    const zps_trace trace = {i, zps_plane_count(&f->plan.setup), &end, planes};
    const zps_muon m = zps_transport_watched(&f->plan.setup, &f->plan.setup.emission[0], &trace, i);
    assert_int_equal(m.fate, ZPS_FATE_ARRIVED);
    const double ratio = planes[0].p_gev / m.p_out;
    sum += ratio;
    squares += ratio * ratio;
  }
  close_fixture(f);
  const spread s = {sum / N_EVENTS, sqrt((squares - (sum * sum / N_EVENTS)) / (N_EVENTS - 1))};
  return s;
}

/** Law: with hits without error, what is left is the slope: s grows as (1 + x'^2)^(3/2), x' up to 0.42 GeV/p + 6 times
 *  2 mrad on the way. So p/p_out lies within 3/2 x'^2 above 1 (and 1e-6 of the float map below). */
static void test_unbiased(void **state) {
  (void)state;
  const double momenta[] = {10.0, 40.0, 160.0};
  for (size_t i = 0; i < 3; i++) {
    const spread s = measure(momenta[i], "selection.sagitta.hit_mm=0");
    const double slope = (0.42 / momenta[i]) + 0.012;
    print_message("%g GeV, perfect hits: p/p_out = 1 %+.2e, width %.2e\n", momenta[i], s.mean - 1.0, s.width);
    assert_true(s.mean - 1.0 > -1e-6);
    assert_true(s.mean - 1.0 < 1.5 * slope * slope);
    assert_true(s.width < 1.5 * slope * slope);
  }
}

/** Law: sigma_p/p = p sigma_s/A, A = 0.299792458e-3 Int B_y L dz, sigma_s = hit_mm sqrt(1 + a^2 + (1 - a)^2); 1/p is
 *  Gaussian about its true value. Tolerance: four standard errors, sigma/sqrt(N) of the mean, sigma/sqrt(2 N) of the
 *  width, and the slopes' 1e-4 at 40 GeV (test_unbiased). */
static void test_width(void **state) {
  (void)state;
  const double share = (3000.0 - 900.0) / (3000.0 - 200.0);
  const double sigma_s = HIT_MM * sqrt((1.0 + (share * share)) + ((1.0 - share) * (1.0 - share)));
  const double momenta[] = {40.0, 80.0, 160.0};
  for (size_t i = 0; i < 3; i++) {
    const spread s = measure(momenta[i], "selection.sagitta.hit_mm=0.1");
    const double want = (momenta[i] * sigma_s) / (0.299792458e-3 * 1e3 * FIELD_TM * lever_of_text());
    print_message("%g GeV: sigma_p/p = %.5f, by the formula %.5f; mean p/p_out = %.5f\n", momenta[i], s.width, want,
                  s.mean);
    zps_assert_near(s.mean, 1.0, (4.0 * want / sqrt(N_EVENTS)) + 1e-4);
    zps_assert_relative(s.width, want, (4.0 / sqrt(2.0 * N_EVENTS)) + 1e-4);
  }
}

/** Law: 1/p does not know its sign: a charge of -1 in the opposite field gives the same, in the same field the same p
 *  too (the weights follow the charge). A hit resolution beyond the sagitta gives p_out up to 1e6 GeV, never below 0.
 */
static void test_signs(void **state) {
  (void)state;
  const char *const negative[] = {"beam.charge=-1", "selection.sagitta.hit_mm=0"};
  const char *const blind[] = {"selection.sagitta.hit_mm=100"};
  fixture *f = open_text(text, negative, 2);
  zps_muon m = zps_transport_event(&f->plan.setup, &f->plan.setup.emission[0], 0);
  zps_assert_relative(m.p_out, 160.0, 1e-3);
  close_fixture(f);
  f = open_text(text, blind, 1);
  for (uint64_t i = 0; i < 1000; i++) {
    m = zps_transport_event(&f->plan.setup, &f->plan.setup.emission[0], i);
    assert_true(m.p_out > 0.0 && m.p_out <= 1e6);
  }
  close_fixture(f);
}

/** Law: the tracker draws numbers nobody else reads: with and without it everything but p_out is the same bits. */
static void test_other_draws(void **state) {
  (void)state;
  char without[sizeof text];
  const char *const cut = strstr(text, ", sagitta:");
  (void)snprintf(without, sizeof without, "%.*s}\n", (int)(cut - text), text);
  fixture *const a = open_text(text, NULL, 0);
  fixture *const b = open_text(without, NULL, 0);
  for (uint64_t i = 0; i < 1000; i++) {
    zps_muon with = zps_transport_event(&a->plan.setup, &a->plan.setup.emission[0], i);
    const zps_muon plain = zps_transport_event(&b->plan.setup, &b->plan.setup.emission[0], i);
    assert_true(with.p_out < ZPS_UNMEASURED && with.p_out != plain.p_out);
    with.p_out = plain.p_out;
    with.inverse_p = plain.inverse_p;
    assert_memory_equal(&with, &plain, sizeof with);
  }
  close_fixture(a);
  close_fixture(b);
}

/** Law: the printed job is the same job; one without the section has none printed (it would change its identity). */
static void test_round_trip(void **state) {
  (void)state;
  zps_error error = {ZPS_OK, ""};
  char *printed = NULL;
  fixture *const a = open_text(text, NULL, 0);
  assert_int_equal(zps_job_print(&a->job, &printed, &error), ZPS_OK);
  fixture *const b = open_text(printed, NULL, 0);
  assert_memory_equal(&a->job.sagitta, &b->job.sagitta, sizeof a->job.sagitta);
  assert_memory_equal(&a->plan.setup.tracker, &b->plan.setup.tracker, sizeof a->plan.setup.tracker);
  free(printed);
  b->job.sagitta.given = false;
  assert_int_equal(zps_job_print(&b->job, &printed, &error), ZPS_OK);
  assert_null(strstr(printed, "sagitta"));
  free(printed);
  close_fixture(a);
  close_fixture(b);
}

/** What cannot measure a momentum is refused, and no emitted muon is left out as too fast. */
static void test_refused(void **state) {
  (void)state;
  const char *const settings[] = {"layout.MS2.integral_tm=0"};
  const char *const emission[] = {"process.kind=z_prime"};
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  zps_job job;
  zps_plan plan;
  assert_int_equal(zps_job_read_text("x.yaml", text, strlen(text), settings, 1, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, all, 1, &plan, &error), ZPS_INVALID);
  assert_string_equal(error.text, "x.yaml: selection.sagitta: no field between T1 and T3 bends a muon in x");
  zps_job_free(&job);
  fixture *const f = open_text(text, emission, 1);
  assert_true(f->plan.setup.p_carry_max_gev > 1e6);
  zps_assert_near(f->plan.x_min, 0.0, 0.0);
  close_fixture(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lever_arm),  cmocka_unit_test(test_integral), cmocka_unit_test(test_unbiased),
      cmocka_unit_test(test_width),      cmocka_unit_test(test_signs),    cmocka_unit_test(test_other_draws),
      cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
