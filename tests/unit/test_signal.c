/* Laws: efficiencies and yields follow from counts and job by the formula written by hand, with every factor of the job
 * that is passed and none of the result's; yields go with sigma at the vertex, which the counts know. */
#include "host/io/signal.h"

#include <string.h>

#include "host/stats/interval.h"
#include "host/stats/widths.h"
#include "tests/unit/result_sample.h"
#include "tests/zps_test.h"

static zps_job job;

/** The sample and its job, with counts of trigger 1 at mass 1 that are easy to follow. */
static void make_sample(zps_result *result) {
  zps_error error = {ZPS_OK, ""};
  if (result_sample(result, 3, 2, 2, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  result_sample_job(result, &job);
  uint64_t *const row = zps_result_row(result, 1);
  for (uint32_t t = 0; t < 2; t++) {
    row[zps_tally_stage(t, ZPS_STAGE_GENERATED, 0)] = 18000;
    row[zps_tally_stage(t, ZPS_STAGE_GENERATED, 1)] = 36000; /* n_eff = 9000 */
    row[zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 0)] = 1800;
    row[zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 1)] = 3600;
  }
  assert_int_equal(row[zps_tally_events(2)], 20000);
  result->x_fraction[1] = 0.5;
}

static void test_efficiency(void **state) {
  zps_result result;
  (void)state;
  make_sample(&result);
  job.triggers[1].live_factor = 0.435;
  job.triggers[1].tracking_factor = 0.8;
  const zps_efficiency efficiency = zps_signal_efficiency(&job, &result, 1, 1);
  const double factor = 0.435 * 0.8 * 0.5;
  zps_assert_relative(zps_signal_factor(&job, &result, 1, 1), factor, 1e-15);
  zps_assert_relative(efficiency.value, factor * 0.1, 1e-14);
  zps_assert_relative(efficiency.n_eff, 9000.0, 1e-15);
  const zps_interval share = zps_interval_binomial(900.0, 9000.0, ZPS_LEVEL_ONE_SIGMA);
  zps_assert_relative(efficiency.lo, factor * share.lo, 1e-12);
  zps_assert_relative(efficiency.hi, factor * share.hi, 1e-12);
  uint64_t *const row = zps_result_row(&result, 1);
  row[zps_tally_stage(1, ZPS_STAGE_GENERATED, 0)] = 0;
  row[zps_tally_stage(1, ZPS_STAGE_GENERATED, 1)] = 0;
  row[zps_tally_stage(1, ZPS_STAGE_ACCEPTED, 0)] = 0;
  const zps_efficiency nothing = zps_signal_efficiency(&job, &result, 1, 1);
  zps_assert_near(nothing.value, 0.0, 0.0);
  zps_assert_near(nothing.hi - nothing.lo, factor, 1e-15);
  zps_result_free(&result);
}

/* 18000 of 20000: the muons emit at nine tenths of the nominal sigma. Between the couplings of the grid too. */
static void test_yield(void **state) {
  zps_result result;
  (void)state;
  make_sample(&result);
  job.triggers[0].n_mot = 3e9;
  job.triggers[1].n_mot = 2e9;
  job.triggers[1].tracking_factor = 0.8;
  job.process.dark_matter = ZPS_DARK_SCALAR;
  job.process.g_chi = 0.02;
  const double mass = result.mass_gev[1];
  const double g = 3.3e-3;
  const double branching = zps_branching_invisible(mass, g, ZPS_DARK_SCALAR, 0.02, 1.0 / 3.0);
  const double produced = 7.422e-13 * result.sigma_pb[1] * 0.9;
  const double first = 3e9 * produced * g * g * 0.87 * 0.5 * 0.1 * branching;
  const double second = 2e9 * produced * g * g * 0.87 * 0.8 * 0.5 * 0.1 * branching;
  zps_assert_relative(zps_signal_vertex_factor(&result, 1), 0.9, 1e-15);
  zps_assert_relative(zps_signal_produced(&result, 1), produced, 1e-15);
  zps_assert_relative(zps_signal_yield(&job, &result, 0, 1, g), first, 1e-14);
  zps_assert_relative(zps_signal_yield(&job, &result, 1, 1, g), second, 1e-14);
  zps_assert_relative(zps_signal_total(&job, &result, 1, g), first + second, 1e-14);
  result.mean_k[1] = 1.5;
  zps_assert_relative(zps_signal_yield(&job, &result, 1, 1, g), second / 1.5, 1e-14);
  zps_result_row(&result, 1)[zps_tally_events(2)] = 0;
  zps_assert_near(zps_signal_vertex_factor(&result, 1), 1.0, 0.0);
  zps_result_free(&result);
}

/* accepted^2/accepted_k2 = 900 events of one weight out of 20000 tries. */
static void test_error(void **state) {
  zps_result result;
  (void)state;
  make_sample(&result);
  zps_assert_relative(zps_signal_error(&result, 1, 1), sqrt((1.0 / 900.0) - (1.0 / 20000.0)) + (0.5 / 900.0), 1e-14);
  zps_result_row(&result, 1)[zps_tally_stage(1, ZPS_STAGE_ACCEPTED, 0)] = 0;
  assert_true(isinf(zps_signal_error(&result, 1, 1)));
  zps_result_free(&result);
}

static void refused(const zps_result *result, const char *words) {
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_signal_check(&job, result, &error), ZPS_MISMATCH);
  assert_string_equal(error.text, words);
}

static void test_other_triggers(void **state) {
  zps_result result;
  (void)state;
  assert_int_equal(result_sample(&result, 3, 2, 2, NULL), ZPS_OK);
  result_sample_job(&result, &job);
  assert_int_equal(zps_signal_check(&job, &result, NULL), ZPS_OK);
  (void)snprintf(job.triggers[1].name, sizeof job.triggers[1].name, "other");
  refused(&result, "trigger smu117 in the result, other in its job");
  job.n_triggers = 1;
  refused(&result, "2 triggers in the result, 1 in its job");
  assert_int_equal(zps_result_write("never.h5", &job, &result, false, NULL), ZPS_MISMATCH);
  zps_result_free(&result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_efficiency),
      cmocka_unit_test(test_yield),
      cmocka_unit_test(test_error),
      cmocka_unit_test(test_other_triggers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
