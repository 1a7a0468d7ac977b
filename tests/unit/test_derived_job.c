/* Laws: a derived job is a valid job that differs in what it says and in nothing else; a beam is taken for a run's own
 * only when beam, layout, triggers and selection are the same. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/place/derived_job.h"

static zps_job *read_quick(const char *setting) {
  const char *const settings[] = {setting};
  zps_error error = {ZPS_OK, ""};
  zps_job *job = (zps_job *)calloc(1, sizeof *job);
  assert_non_null(job);
  if (zps_job_read("grids/quick.yaml", settings, setting != NULL ? 1 : 0, job, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
  return job;
}

static zps_job *derived(zps_status status, zps_job *job, const zps_error *error) {
  if (status != ZPS_OK) {
    print_error("%s\n", error->text);
    fail();
  }
  return job;
}

static zps_job *beam_of(const zps_job *job) {
  zps_error error = {ZPS_OK, ""};
  zps_job *beam = NULL;
  const zps_status status = zps_derived_job_beam(job, &beam, &error);
  return derived(status, beam, &error);
}

static zps_job *scanned(const zps_job *job, double value) {
  zps_error error = {ZPS_OK, ""};
  zps_job *out = NULL;
  const zps_status status = zps_derived_job_scanned(job, value, &out, &error);
  return derived(status, out, &error);
}

/** The two jobs as text, which must be the same. */
static void assert_same_text(const zps_job *a, const zps_job *b) {
  char *texts[2] = {NULL, NULL};
  assert_int_equal(zps_job_print(a, &texts[0], NULL), ZPS_OK);
  assert_int_equal(zps_job_print(b, &texts[1], NULL), ZPS_OK);
  assert_string_equal(texts[0], texts[1]);
  free(texts[0]);
  free(texts[1]);
}

static void test_surfaces(void **state) {
  zps_job *plain = read_quick(NULL);
  zps_job *with = NULL;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_false(plain->placement.given);
  assert_int_equal(zps_derived_job_with_surfaces(plain, &with, &error), ZPS_OK);
  assert_true(with->placement.given);
  assert_string_equal(with->file, plain->file);
  plain->placement.given = true;
  assert_same_text(plain, with);
  zps_derived_job_destroy(plain);
  zps_derived_job_destroy(with);
}

static void test_beam(void **state) {
  zps_job *job = read_quick("placement.beam_events=12345");
  zps_job *beam = beam_of(job);
  (void)state;
  assert_int_equal(beam->process.kind, ZPS_PROCESS_NONE);
  assert_int_equal(beam->mass_gev.n, 1);
  assert_int_equal(beam->events_per_mass, 12345);
  assert_int_equal(zps_derived_job_check_beam(job, beam, "a.h5", "b.h5", NULL), ZPS_OK);
  zps_derived_job_destroy(job);
  zps_derived_job_destroy(beam);
}

static void test_scans(void **state) {
  zps_job *job = read_quick("placement={scan: magnet, scan_values: [1, 1.4, 2]}");
  zps_job *magnet = scanned(job, 1.4);
  (void)state;
  assert_same_text(job, magnet); /* the value the job has */
  zps_derived_job_destroy(magnet);
  magnet = scanned(job, 2.0);
  zps_assert_near(magnet->elements[3].field.integral_tm, 2.0, 0.0);
  job->elements[3].field.integral_tm = 2.0;
  assert_same_text(job, magnet);
  zps_derived_job_destroy(magnet);
  zps_derived_job_destroy(job);

  job = read_quick("placement={scan: distance, scan_values: [500]}");
  zps_job *distance = scanned(job, 500.0);
  for (size_t i = 0; i < job->n_elements; i++) {
    job->elements[i].start_mm += i >= 4 ? 500.0 : 0.0; /* S4, HCAL, Smu */
  }
  assert_same_text(job, distance);
  zps_derived_job_destroy(distance);
  zps_derived_job_destroy(job);

  job = read_quick("placement={scan: energy, scan_values: [100]}");
  zps_job *energy = scanned(job, 100.0);
  zps_assert_near(energy->beam.p_gev, 100.0, 0.0);
  zps_assert_relative(energy->selection.p_in_min_gev, 87.5, 1e-15);
  zps_assert_relative(energy->selection.p_out_max_gev, 50.0, 1e-15);
  zps_derived_job_destroy(energy);
  zps_derived_job_destroy(job);
}

static void refuses_scan(const char *setting, double value, const char *words) {
  zps_job *job = read_quick(setting);
  zps_job *out = job;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_derived_job_scanned(job, value, &out, &error), ZPS_INVALID);
  assert_null(out);
  if (strstr(error.text, words) == NULL) {
    print_error("%s: expected %s\n", error.text, words);
    fail();
  }
  zps_derived_job_destroy(job);
}

static void test_impossible_scans(void **state) {
  (void)state;
  refuses_scan("placement={scan: distance, scan_values: [-5000]}", -5000.0, "distance = -5000 mm");
  refuses_scan("placement={scan: energy, scan_values: [1e5]}", 1e5, "p_gev");
}

static void refuses_beam(const char *setting, const char *words) {
  zps_job *job = read_quick("placement={}");
  zps_job *other = read_quick(setting);
  other->placement.given = true;
  zps_job *beam = beam_of(other);
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_derived_job_check_beam(job, beam, "a.h5", "b.h5", &error), ZPS_MISMATCH);
  if (strstr(error.text, words) == NULL || strstr(error.text, "b.h5: `") == NULL) {
    print_error("%s: expected %s\n", error.text, words);
    fail();
  }
  zps_derived_job_destroy(job);
  zps_derived_job_destroy(other);
  zps_derived_job_destroy(beam);
}

static void test_foreign_beams(void **state) {
  zps_job *job = read_quick("placement={}");
  zps_error error = {ZPS_OK, ""};
  (void)state;
  refuses_beam("beam.p_gev=100", "`p_gev: 100` where a.h5 has `p_gev: 160`");
  refuses_beam("layout.HCAL.repeat=40", "repeat: 40");
  refuses_beam("triggers.smu117.S4.edge_x_mm=-60", "edge_x_mm: -60");
  refuses_beam("selection.p_in_min_gev=130", "p_in_min_gev: 130");
  refuses_beam("placement.step_mm=2", "step_mm: 2");
  assert_int_equal(zps_derived_job_check_beam(job, job, "a.h5", "b.h5", &error), ZPS_MISMATCH);
  assert_non_null(strstr(error.text, "process.kind = none"));
  zps_derived_job_destroy(job);
}

static void test_beams_that_may_differ(void **state) {
  const char *const settings[] = {"seed=7", "run.tile_events=128", "triggers.smu152.n_mot=3", "scan.coupling=[0.1]",
                                  "placement.beam_events=5"};
  zps_job *job = read_quick("placement={}");
  (void)state;
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    zps_job *other = read_quick(settings[i]);
    other->placement.given = true;
    zps_job *beam = beam_of(other);
    assert_int_equal(zps_derived_job_check_beam(job, beam, "a.h5", "b.h5", NULL), ZPS_OK);
    zps_derived_job_destroy(other);
    zps_derived_job_destroy(beam);
  }
  zps_derived_job_destroy(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_surfaces),      cmocka_unit_test(test_beam),
      cmocka_unit_test(test_scans),         cmocka_unit_test(test_impossible_scans),
      cmocka_unit_test(test_foreign_beams), cmocka_unit_test(test_beams_that_may_differ)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
