/* The cut at x_min changes no efficiency: events below it cannot pass. Generated over all x, the same comes out. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/run/engine.h"
#include "host/run/plan.h"

#define N_EVENTS 400000
#define N_MASSES 3
#define N_TRIGGERS 2

typedef struct measured {
  double value, error; /* efficiency without live factors, and its standard deviation */
} measured;

/** efficiency = x_fraction accepted/generated; its deviation is that of a ratio of weighted sums,
 *  var = (K2_pass (1 - e)^2 + K2_fail e^2)/K^2 with sums of k and k^2. */
static measured efficiency(const uint64_t *row, uint32_t i_trigger, double x_fraction) {
  const double generated = (double)row[zps_tally_stage(i_trigger, ZPS_STAGE_GENERATED, 0)];
  const double generated_2 = (double)row[zps_tally_stage(i_trigger, ZPS_STAGE_GENERATED, 1)];
  const double accepted = (double)row[zps_tally_stage(i_trigger, ZPS_STAGE_ACCEPTED, 0)];
  const double accepted_2 = (double)row[zps_tally_stage(i_trigger, ZPS_STAGE_ACCEPTED, 1)];
  const double share = accepted / generated;
  const double variance = (accepted_2 * (1.0 - share) * (1.0 - share)) + ((generated_2 - accepted_2) * share * share);
  const measured out = {x_fraction * share, x_fraction * sqrt(variance) / generated};
  return out;
}

/** Both triggers at every mass. */
static void measure(const char *x_min, measured out[N_TRIGGERS][N_MASSES]) {
  /* With fluctuating losses nearly no x is out of reach. */
  const char *const settings[] = {"scan.mass_gev=[0.01, 0.2, 1]", x_min, "matter.loss=mean"};
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  zps_job job;
  zps_plan plan;
  zps_engine *engine = NULL;
  zps_tile tiles[N_MASSES];
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 3, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, all, 0, &plan, &error), ZPS_OK);
  assert_int_equal(zps_engine_create("cpu", &plan.setup, NULL, &engine, &error), ZPS_OK);
  const size_t size = zps_tally_size((uint32_t)plan.setup.n_triggers);
  uint64_t *const rows = (uint64_t *)calloc(N_MASSES * size, sizeof *rows);
  assert_non_null(rows);
  for (uint32_t m = 0; m < N_MASSES; m++) {
    const zps_tile tile = {m, 0, 0, N_EVENTS};
    tiles[m] = tile;
  }
  assert_int_equal(zps_engine_run(engine, tiles, N_MASSES, rows, NULL, &error), ZPS_OK);
  for (uint32_t m = 0; m < N_MASSES; m++) {
    for (uint32_t t = 0; t < N_TRIGGERS; t++) {
      out[t][m] = efficiency(&rows[m * size], t, plan.x_fraction[m]);
      print_message("%s, m = %g GeV, trigger %u: x_min %.4f, share of sigma %.4f, efficiency %.5f +- %.5f\n", x_min,
                    job.mass_gev.values[m], t, plan.x_min, plan.x_fraction[m], out[t][m].value, out[t][m].error);
    }
  }
  free(rows);
  zps_engine_destroy(engine);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

static measured by_bound[N_TRIGGERS][N_MASSES];

static int measure_by_bound(void **state) {
  (void)state;
  measure("process.x_min=auto", by_bound);
  return 0;
}

/* Law: generated over all x, the same efficiency comes out. The share of sigma above x_min is taken at the nominal
 * energy; over the energies at the vertex (3 % spread, up to 1 % lost before) it changes by less than 0.5 % of itself,
 * which is added to four statistical deviations. */
static void test_same_efficiency(void **state) {
  (void)state;
  measured all[N_TRIGGERS][N_MASSES];
  measure("process.x_min=0", all);
  for (int t = 0; t < N_TRIGGERS; t++) {
    for (int m = 0; m < N_MASSES; m++) {
      const double sigma = hypot(by_bound[t][m].error, all[t][m].error);
      const double difference = all[t][m].value - by_bound[t][m].value;
      print_message("difference %+.2f sigma, %+.2f %%\n", difference / sigma,
                    100.0 * difference / by_bound[t][m].value);
      zps_assert_near(difference, 0.0, (4.0 * sigma) + (0.005 * by_bound[t][m].value));
    }
  }
}

/** Law: an x_min above the bound would lose events that can pass (at 0.8 a fifth of them at 10 MeV): refused. */
static void test_higher_cut_refused(void **state) {
  (void)state;
  const char *const settings[] = {"process.x_min=0.2", "matter.loss=mean"};
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  zps_job job;
  zps_plan plan;
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 2, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, all, 0, &plan, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "process.x_min = 0.2: must be <= 0.13"));
  zps_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_efficiency),
      cmocka_unit_test(test_higher_cut_refused),
  };
  return cmocka_run_group_tests(tests, measure_by_bound, NULL);
}
