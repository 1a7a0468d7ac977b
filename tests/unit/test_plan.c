/* What a plan refuses: settings that would bias results without a word. */
#include "host/run/plan.h"

#include <stdlib.h>
#include <string.h>

#include "host/job/beam_order.h"
#include "tests/unit/scratch_folder.h"
#include "tests/zps_test.h"

/** Builds the plan of the quick job with one setting; returns the status, the message in *error. */
static zps_status plan_of(const char *setting, zps_mass_range masses, zps_error *error) {
  const char *const settings[] = {setting};
  zps_job job;
  zps_plan plan;
  memset(error, 0, sizeof *error);
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 1, &job, error), ZPS_OK);
  const zps_status status = zps_plan_build(&job, masses, 1, &plan, error);
  if (status == ZPS_OK) {
    zps_plan_free(&plan);
  }
  zps_job_free(&job);
  return status;
}

/** Law: what zps_plan_build() refuses before it integrates, zps_plan_check() refuses with the same words; what it
 * takes, it takes. */
static void test_check(void **state) {
  (void)state;
  static const char *const settings[] = {"seed=1",
                                         "process.kind=none",
                                         "process.pilot={events: 16}",
                                         "layout.MS2.map=/nonexistent/map.h5",
                                         "beam.file=/nonexistent/beam.txt",
                                         "process.x_min=0.9"};
  const zps_mass_range all = {0, 0};
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    zps_job job;
    zps_error built = {ZPS_OK, ""};
    zps_error checked = {ZPS_OK, ""};
    uint64_t n_particles = 1;
    const zps_status want = plan_of(settings[i], all, &built);
    assert_int_equal(zps_job_read("grids/quick.yaml", &settings[i], 1, &job, NULL), ZPS_OK);
    assert_int_equal(zps_plan_check(&job, &n_particles, &checked), want);
    assert_string_equal(checked.text, built.text);
    assert_int_equal(n_particles, 0);
    assert_int_equal(want == ZPS_OK, i < 3);
    zps_job_free(&job);
  }
}

static void test_mass_ranges(void **state) {
  (void)state;
  const zps_mass_range good = {5, 6};
  const zps_mass_range empty = {3, 3};
  const zps_mass_range beyond = {5, 7};
  zps_error error;
  assert_int_equal(plan_of("seed=1", good, &error), ZPS_OK);
  assert_int_equal(plan_of("seed=1", empty, &error), ZPS_USAGE);
  assert_int_equal(plan_of("seed=1", beyond, &error), ZPS_USAGE);
  assert_non_null(strstr(error.text, "expected first < end <= 6"));
}

/** Law: cross-sections and x_min belong to beam.p_gev, so a beam file of another mean momentum is refused. */
static void test_beam_file_mean(void **state) {
  (void)state;
  const zps_mass_range one = {5, 6};
  const char *const path = scratch_path("beam.txt");
  char setting[600];
  zps_error error;
  const double momenta[] = {160.0, 163.0, 164.0};
  const zps_status want[] = {ZPS_OK, ZPS_OK, ZPS_INVALID};
  (void)snprintf(setting, sizeof setting, "beam.file=%s", path);
  for (size_t i = 0; i < 3; i++) {
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "0 0 0 0 %g\n1 1 0 0 %g\n", momenta[i] - 10.0, momenta[i] + 10.0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(plan_of(setting, one, &error), want[i]);
    uint64_t n_particles = 0;
    zps_error checked = {ZPS_OK, ""};
    const char *const settings[] = {setting};
    zps_job job;
    assert_int_equal(zps_job_read("grids/quick.yaml", settings, 1, &job, NULL), ZPS_OK);
    assert_int_equal(zps_plan_check(&job, &n_particles, &checked), want[i]);
    assert_string_equal(checked.text, error.text);
    assert_int_equal(n_particles, want[i] == ZPS_OK ? 2 : 0);
    zps_job_free(&job);
  }
  assert_non_null(strstr(error.text, "mean momentum 164 GeV, expected within 2 % of beam.p_gev = 160"));
  assert_int_equal(remove(path), 0);
}

/** Law: where muons of the beam weigh thousands of times a nominal one, few events would be all the statistics. */
static void test_rise_of_the_cross_section(void **state) {
  (void)state;
  const zps_mass_range one = {0, 1};
  zps_error error;
  assert_int_equal(plan_of("scan.mass_gev=[115]", one, &error), ZPS_OK);
  assert_int_equal(plan_of("scan.mass_gev=[120]", one, &error), ZPS_INVALID);
  assert_non_null(
      strstr(error.text, "mass 120 GeV: the cross-section at the hardest muon of the beam, 203.2 GeV, is "));
}

/** Law: what is generated is at most the whole, whichever way the two integrals err: results hold it. */
static void test_all_is_generated(void **state) {
  (void)state;
  const char *const settings[] = {"process.model=iww", "scan.mass_gev=[3.4492, 3.697]"};
  const zps_mass_range all = {0, 0};
  zps_job job;
  zps_plan plan;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 2, &job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&job, all, 1, &plan, &error), ZPS_OK);
  for (size_t i = 0; i < plan.n_mass; i++) {
    assert_true(plan.x_fraction[i] > 0.99 && plan.x_fraction[i] <= 1.0);
  }
  zps_plan_free(&plan);
  zps_job_free(&job);
}

/** Writes 10000 lines with momenta of 150 to 170 GeV, in rising order or in falling. */
static void write_sorted_beam(const char *path, bool rising) {
  FILE *const file = fopen(path, "w");
  assert_non_null(file);
  for (int i = 0; i < 10000; i++) {
    (void)fprintf(file, "0 0 0 0 %.3f\n", 150.0 + (0.002 * (rising ? i : 9999 - i)));
  }
  assert_int_equal(fclose(file), 0);
}

/** Law: events sample a beam file evenly, whatever its order: the mean of any N in a row is that of the file to
 *  S V/N (beam_order.h), V = 2 x 20 GeV up and down. From the top, 2500 sorted lines would be 7.5 GeV off. And the
 * order is part of the tables' hash, so runs of two orders cannot be added up. */
static void test_beam_file_order(void **state) {
  (void)state;
  const zps_mass_range one = {5, 6};
  const char *const path = scratch_path("sorted.txt");
  char setting[600];
  char hash[ZPS_HASH_SIZE] = "";
  (void)snprintf(setting, sizeof setting, "beam.file=%s", path);
  const char *const settings[] = {setting};
  for (int rising = 0; rising < 2; rising++) {
    zps_job job;
    zps_plan plan;
    double sum = 0.0;
    write_sorted_beam(path, rising != 0);
    assert_int_equal(zps_job_read("grids/quick.yaml", settings, 1, &job, NULL), ZPS_OK);
    assert_int_equal(zps_plan_build(&job, one, 1, &plan, NULL), ZPS_OK);
    for (size_t i = 0; i < 2500; i++) {
      sum += plan.setup.beam.particles[i].p_gev;
    }
    const double bound = 40.0 * (double)zps_beam_quotient_sum(zps_beam_stride(10000), 10000) / 2500.0;
    assert_true(bound < 0.5);
    zps_assert_near(sum / 2500.0, 159.999, bound);
    assert_string_not_equal(plan.table_hash, hash);
    (void)snprintf(hash, sizeof hash, "%s", plan.table_hash);
    zps_plan_free(&plan);
    zps_job_free(&job);
  }
  assert_int_equal(remove(path), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_check),
                                     cmocka_unit_test(test_mass_ranges),
                                     cmocka_unit_test(test_beam_file_mean),
                                     cmocka_unit_test(test_rise_of_the_cross_section),
                                     cmocka_unit_test(test_all_is_generated),
                                     cmocka_unit_test(test_beam_file_order)};
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
