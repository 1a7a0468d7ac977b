/* Limits of a small result made by hand, against closed forms. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/io/signal.h"
#include "host/stats/limit.h"
#include "host/stats/widths.h"
#include "kernels/constants.h"
#include "tests/unit/job_sample.h"

#define EVENTS 100000000u

/** The sample job with a text added at its end. */
static void read_job(zps_job *job, const char *added) {
  char text[4000];
  zps_error error = {ZPS_OK, ""};
  const int n = snprintf(text, sizeof text, "%s%s", sample_job, added);
  if (zps_job_read_text("x.yaml", text, (size_t)n, NULL, 0, job, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

static const char no_errors[] =
    "limit: {systematics: {mot: 0, running_alpha: 0, soft_photons: 0, pb_purity: 0, detector: 0, alignment: 0}}\n";

/** Masses 0.01, 1 and 5 GeV, one or two triggers, an efficiency of 10 % with hardly an error; none at 5 GeV. */
static void make_result(zps_result *result, size_t n_trigger) {
  static const double masses[3] = {0.01, 1.0, 5.0};
  assert_int_equal(zps_result_allocate(result, 3, 2, n_trigger, NULL), ZPS_OK);
  result->coupling[0] = 1e-4;
  result->coupling[1] = 1e-3;
  result->nuclei_per_pb = 7.422e-13;
  for (size_t i = 0; i < 3; i++) {
    result->mass_gev[i] = masses[i];
    result->sigma_pb[i] = 1e10 / (1.0 + masses[i]);
    result->x_fraction[i] = 0.9;
    for (size_t t = 0; t < n_trigger; t++) {
      uint64_t *const row = zps_result_row(result, i);
      row[zps_tally_stage((uint32_t)t, ZPS_STAGE_GENERATED, 0)] = EVENTS;
      row[zps_tally_stage((uint32_t)t, ZPS_STAGE_GENERATED, 1)] = EVENTS;
      row[zps_tally_stage((uint32_t)t, ZPS_STAGE_ACCEPTED, 0)] = masses[i] < 5.0 ? EVENTS / 10 : 0;
      row[zps_tally_stage((uint32_t)t, ZPS_STAGE_ACCEPTED, 1)] = masses[i] < 5.0 ? EVENTS / 10 : 0;
    }
    zps_result_row(result, i)[zps_tally_events((uint32_t)n_trigger)] = EVENTS;
  }
  (void)snprintf(result->triggers[0].name, ZPS_NAME_SIZE, "smu152");
}

static zps_limit_point find(const zps_job *job, const zps_result *result, size_t i_mass, zps_limit_method method) {
  zps_limit_point point;
  zps_error error = {ZPS_OK, ""};
  if (zps_limit_find(job, result, i_mass, method, &point, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  return point;
}

/* Nothing seen: N_up = ln 10 up to the error of the map: 1e8 events at 10 % give 3e-4, which moves N_up by half its
 * square times N_up. g = sqrt(N_up/(n_mot n sigma eps)) where Br = 1. */
static void test_vanilla(void **state) {
  zps_job job = {0};
  zps_result result;
  (void)state;
  read_job(&job, no_errors);
  make_result(&result, 1);
  assert_int_equal(zps_limit_check(&job, &result, NULL), ZPS_OK);
  const zps_limit_point point = find(&job, &result, 0, ZPS_LIMIT_EXACT);
  const double per_g2 = 1e10 * 7.422e-13 * result.sigma_pb[0] * 0.87 * 0.9 * 0.1;
  assert_true(point.has_limit);
  zps_assert_relative(point.events.n_up, log(10.0), 1e-6);
  assert_int_equal(point.observed.n, 1);
  assert_true(point.observed.open_above);
  assert_true(isnan(zps_limit_end(&point.observed, 0)) && isnan(zps_limit_end(&point.observed, 1)));
  zps_assert_relative(zps_limit_edge(&point.observed), sqrt(log(10.0) / per_g2), 1e-6);
  zps_assert_relative(zps_signal_total(&job, &result, 0, 1e-3), per_g2 * 1e-6, 1e-12);
  /* 0.8 as many Z' as muons: so much smaller is sigma at the vertex than at the nominal momentum. */
  zps_result_row(&result, 0)[zps_tally_events(1)] = EVENTS / 4 * 5;
  const zps_limit_point slow = find(&job, &result, 0, ZPS_LIMIT_EXACT);
  zps_assert_relative(zps_limit_edge(&slow.observed), sqrt(log(10.0) / (0.8 * per_g2)), 1e-6);
  zps_result_free(&result);
  zps_job_free(&job);
}

/* With dark matter Br depends on g. In x = g^2: unit x (a x + d)/((a + v) x + d) = N_up is a quadratic; its one
 * positive root is the edge. a, v: widths to neutrinos and charged leptons at coupling 1, d: to dark matter. */
static void test_branching_is_part_of_the_root(void **state) {
  static const char added[] = "process: {dark_matter: {kind: scalar, g_chi: 1e-3}}\n";
  zps_job job = {0};
  zps_result result;
  char text[600];
  (void)state;
  (void)snprintf(text, sizeof text, "%s%s", no_errors, added);
  read_job(&job, text);
  make_result(&result, 1);
  const zps_limit_point point = find(&job, &result, 1, ZPS_LIMIT_EXACT);
  const double unit = 1e10 * 7.422e-13 * result.sigma_pb[1] * 0.87 * 0.9 * 0.1;
  const double a = zps_width_neutrinos(1.0, 1.0);
  const double v = zps_width_lepton(1.0, 1.0, ZPS_MUON_MASS_GEV);
  const double d = zps_width_dark(ZPS_DARK_SCALAR, 1.0, 1e-3, job.process.dark_mass_ratio);
  const double n = point.events.n_up;
  const double b = (unit * d) - (n * (a + v));
  const double x = (-b + sqrt((b * b) + (4.0 * unit * a * n * d))) / (2.0 * unit * a);
  zps_assert_relative(zps_limit_edge(&point.observed), sqrt(x), 1e-10);
  zps_assert_relative(zps_signal_total(&job, &result, 1, sqrt(x)), n, 1e-9);
  /* And it matters: with Br = 1 the edge would lie lower by more than a per cent. */
  assert_true(sqrt(x) > 1.01 * sqrt(n / unit));
  zps_result_free(&result);
  zps_job_free(&job);
}

/* A signal too weak for any coupling up to 10 excludes none. */
static void test_nothing_above_the_largest_coupling(void **state) {
  zps_job job = {0};
  zps_result result;
  (void)state;
  read_job(&job, no_errors);
  make_result(&result, 1);
  const double at_1 = zps_signal_total(&job, &result, 0, 1.0);
  for (int i = 0; i < 2; i++) {
    /* N_up = ln 10 up to 3e-8 (test_vanilla). */
    const double coupling = i == 0 ? 0.999 * ZPS_LIMIT_G_MAX : 1.001 * ZPS_LIMIT_G_MAX;
    job.triggers[0].n_mot = 1e10 * log(10.0) / (at_1 * coupling * coupling);
    const zps_limit_point point = find(&job, &result, 0, ZPS_LIMIT_EXACT);
    assert_true(point.has_limit);
    assert_int_equal(point.observed.n, i == 0 ? 1 : 0);
    assert_true((i == 1) == isnan(zps_limit_edge(&point.observed)));
  }
  zps_result_free(&result);
  zps_job_free(&job);
}

static void test_ends(void **state) {
  const zps_islands islands = {.n = 2, .island = {{1e-4, 1e-3}, {1e-2, ZPS_LIMIT_G_MAX}}, .open_above = true};
  (void)state;
  zps_assert_near(zps_limit_edge(&islands), 1e-4, 0.0);
  zps_assert_near(zps_limit_end(&islands, 0), 1e-3, 0.0);
  assert_true(isnan(zps_limit_end(&islands, 1)) && isnan(zps_limit_end(&islands, 2)));
}

/* Two triggers of the same efficiency are one with the sum of the muons; a mass without efficiency has no limit. */
static void test_two_triggers_and_a_gap(void **state) {
  static const char second[] = "  - name: other\n    n_mot: 3e10\n    background: 0.3\n    planes:\n"
                               "      - {plane: S4, edge_x_mm: -65, width_mm: 200, height_mm: 200}\n";
  zps_job one = {0};
  zps_job two = {0};
  zps_result result;
  zps_result both;
  char text[1200];
  (void)state;
  read_job(&one, no_errors);
  one.triggers[0].n_mot = 4e10;
  one.triggers[0].background = 0.4;
  (void)snprintf(text, sizeof text, "%s%s", second, no_errors);
  read_job(&two, text);
  two.triggers[0].background = 0.1;
  make_result(&result, 1);
  make_result(&both, 2);
  (void)snprintf(both.triggers[1].name, ZPS_NAME_SIZE, "other");
  assert_int_equal(zps_limit_check(&two, &both, NULL), ZPS_OK);
  for (int method = ZPS_LIMIT_EXACT; method <= ZPS_LIMIT_ASYMPTOTIC; method++) {
    const zps_limit_point a = find(&one, &result, 1, (zps_limit_method)method);
    const zps_limit_point b = find(&two, &both, 1, (zps_limit_method)method);
    zps_assert_relative(zps_limit_edge(&b.observed), zps_limit_edge(&a.observed), 1e-6);
    for (int k = 0; k < ZPS_N_EXPECTED; k++) {
      zps_assert_relative(zps_limit_edge(&b.expected[k]), zps_limit_edge(&a.expected[k]), 1e-6);
    }
    assert_false(find(&two, &both, 2, (zps_limit_method)method).has_limit);
  }
  zps_result_free(&both);
  zps_result_free(&result);
  zps_job_free(&one);
  zps_job_free(&two);
}

/* The error of the map is that of a sum of k over the events: sqrt((1 - eps)/(eps n)) for k = 1, and wider by half an
 * event at each end; of k = 2 in half the events, sqrt(2/eps - 1)/sqrt(n). */
static void test_map_error(void **state) {
  zps_job job = {0};
  zps_result result;
  zps_counting counting;
  (void)state;
  read_job(&job, "");
  make_result(&result, 1);
  uint64_t *const row = zps_result_row(&result, 0);
  row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)] = 20000;
  row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 1)] = 20000;
  row[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 0)] = 2000;
  row[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 1)] = 2000;
  row[zps_tally_events(1)] = 20000;
  assert_true(zps_limit_counting(&job, &result, 0, &counting));
  zps_assert_relative(counting.channels[0].signal_error, sqrt(0.9 / (0.1 * 20000.0)) + (0.5 / 2000.0), 1e-12);
  row[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 1)] = 4000;
  assert_true(zps_limit_counting(&job, &result, 0, &counting));
  zps_assert_relative(counting.channels[0].signal_error, sqrt(1.9 / (0.1 * 20000.0)) + (0.5 / 1000.0), 1e-12);
  /* 1, 2.4, 1.4, 1, 4, 5 % in quadrature; 2 % more for WW. */
  zps_assert_relative(counting.signal_error, sqrt(50.72) / 100.0, 1e-12);
  job.process.model = ZPS_MODEL_IWW;
  zps_assert_relative(zps_limit_systematics(&job), sqrt(54.72) / 100.0, 1e-12);
  zps_result_free(&result);
  zps_job_free(&job);
}

static void refused(const zps_job *job, const zps_result *result, zps_status want, const char *words) {
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_limit_check(job, result, &error), want);
  if (strstr(error.text, words) == NULL) {
    fail_msg("got: %s\nwant: %s", error.text, words);
  }
}

static void test_refuses(void **state) {
  zps_job job = {0};
  zps_result result;
  (void)state;
  read_job(&job, "");
  make_result(&result, 1);
  job.process.mediator = ZPS_MEDIATOR_SCALAR;
  refused(&job, &result, ZPS_INVALID, "process.mediator: expected vector");
  job.process.mediator = ZPS_MEDIATOR_VECTOR;
  job.triggers[0].background_error = 0.1;
  refused(&job, &result, ZPS_INVALID, "triggers.smu152.background_error = 0.1: must be 0 with a background of 0");
  job.triggers[0].background = 0.01;
  refused(&job, &result, ZPS_INVALID, "must be <= 3 times the background");
  job.triggers[0].background = 1e12;
  refused(&job, &result, ZPS_INVALID, "must be <= 1e+09");
  job.triggers[0].background = 1.0;
  (void)snprintf(result.triggers[0].name, ZPS_NAME_SIZE, "x");
  refused(&job, &result, ZPS_MISMATCH, "trigger x in the result, smu152 in its job");
  job.n_triggers = 2;
  refused(&job, &result, ZPS_MISMATCH, "1 triggers in the result, 2 in its job");
  job.n_triggers = 1;
  job.process.kind = ZPS_PROCESS_NONE;
  refused(&job, &result, ZPS_INVALID, "process.kind = none");
  zps_result_free(&result);
  zps_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vanilla),
      cmocka_unit_test(test_branching_is_part_of_the_root),
      cmocka_unit_test(test_nothing_above_the_largest_coupling),
      cmocka_unit_test(test_ends),
      cmocka_unit_test(test_two_triggers_and_a_gap),
      cmocka_unit_test(test_map_error),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
