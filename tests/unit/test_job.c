#include "host/job/job.h"

#include <stdlib.h>
#include <unistd.h>

#include "host/job/job_validate.h"
#include "kernels/constants.h"
#include "tests/unit/job_sample.h"
#include "tests/zps_test.h"

static void read_file(const char *path, const char *const *settings, size_t n, zps_job *job) {
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read(path, settings, n, job, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

static void read_text(const char *text, size_t size, zps_job *job) {
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read_text("x.yaml", text, size, NULL, 0, job, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

static const zps_job_element *element(const zps_job *job, const char *name) {
  for (size_t i = 0; i < job->n_elements; i++) {
    if (strcmp(job->elements[i].name, name) == 0) {
      return &job->elements[i];
    }
  }
  fail_msg("no element %s", name);
  return NULL;
}

static void test_defaults(void **state) {
  (void)state;
  static zps_job job;
  read_text(sample_job, strlen(sample_job), &job);
  assert_int_equal(job.seed, 7);
  assert_int_equal(job.events_per_mass, 1000000);
  assert_int_equal(job.coupling.n, 1);
  zps_assert_near(job.coupling.values[0], 1e-4, 0);
  zps_assert_near(job.beam.p_gev, 160, 0);
  zps_assert_near(job.beam.sigma_y_mm, 19, 0);
  assert_string_equal(job.beam.file, "");
  assert_int_equal(job.process.kind, ZPS_PROCESS_Z_PRIME);
  assert_int_equal(job.process.model, ZPS_MODEL_ETL);
  assert_int_equal(job.process.dark_matter, ZPS_DARK_NONE);
  assert_true(job.process.x_min_auto);
  zps_assert_near(job.process.g_chi, 0.05, 0);
  zps_assert_near(job.selection.p_out_resolution, 0.044, 0);
  zps_assert_near(job.triggers[0].live_factor, 0.87, 0);
  assert_int_equal(job.tile_events, 65536);
  assert_true(element(&job, "MS2")->field.generated);
  assert_false(element(&job, "MS2")->field.uniform);
  zps_assert_near(element(&job, "MS2")->field.enge[5], 0.318111, 0);
  zps_assert_near(element(&job, "MS2")->field.grid_mm[2], 25.0, 0);
  assert_int_equal(element(&job, "S4")->line, 11);
  zps_job_free(&job);
  assert_null(job.mass_gev.values);
}

/* The centre is another way to write the near edge: -302 + 300 / 2 = -152. */
static void test_center_becomes_edge(void **state) {
  (void)state;
  static zps_job job;
  read_text(sample_job, strlen(sample_job), &job);
  zps_assert_near(job.triggers[0].counters[0].edge_x_mm, -65, 0);
  zps_assert_near(job.triggers[0].counters[1].edge_x_mm, -152, 0);
  zps_job_free(&job);
}

static void test_run_2022(void **state) {
  (void)state;
  static zps_job job;
  read_file("grids/na64mu-2022.yaml", NULL, 0, &job);
  assert_int_equal(job.mass_gev.n, 60);
  assert_int_equal(job.coupling.n, 61);
  zps_assert_near(job.mass_gev.values[0], 1e-3, 0);
  zps_assert_near(job.mass_gev.values[59], 3, 0);
  /* 1 ulp of zps_log and zps_exp each on an argument up to 8, 8 * 2.2e-16 + 4.4e-16, and rounding to 15 digits, 5e-15.
   */
  zps_assert_relative(job.mass_gev.values[30], 1e-3 * pow(3000, 30.0 / 59), 8e-15);
  zps_assert_near(job.coupling.values[20], 1e-4, 0);
  /* Lengths of physics.md's table; sums of layers round at 1e-13. */
  zps_assert_near(element(&job, "ECAL")->length_mm, 471, 1e-9);
  zps_assert_near(element(&job, "VHCAL")->length_mm, 810, 1e-9);
  const zps_job_element *hcal = element(&job, "HCAL");
  zps_assert_near(hcal->length_mm, 2 * 1632, 1e-9);
  zps_assert_near(element(&job, "Smu")->start_mm - (hcal->start_mm + hcal->length_mm), 50, 1e-9);
  zps_assert_near(element(&job, "Smu")->start_mm - element(&job, "S4")->start_mm, 3414, 0);
  const zps_job_element *ms2 = element(&job, "MS2");
  zps_assert_near(element(&job, "S4")->start_mm - (ms2->start_mm + (0.5 * ms2->length_mm)), 4574, 0);
  zps_assert_near(ms2->width_mm, 800, 0);
  zps_assert_near(ms2->height_mm, 200, 0);
  assert_int_equal(job.n_triggers, 2);
  assert_string_equal(job.triggers[1].name, "smu117");
  zps_assert_near(job.triggers[0].n_mot + job.triggers[1].n_mot, 19.8e9, 1);
  zps_assert_near(job.triggers[0].background + job.triggers[1].background, 0.07, 1e-15);
  zps_assert_near(job.triggers[0].background_error + job.triggers[1].background_error, 0.03, 1e-15);
  zps_job_free(&job);
}

static void test_deep_differs_in_depth_alone(void **state) {
  (void)state;
  static zps_job job;
  static const char *const settings[] = {"layout.HCAL.n_modules=2", "layout.Smu.start_mm=11788"};
  read_file("grids/na64mu-2022-deep.yaml", NULL, 0, &job);
  assert_int_equal(element(&job, "HCAL")->n_modules, 4);
  zps_assert_near(element(&job, "Smu")->start_mm - element(&job, "S4")->start_mm, 6678, 0);
  zps_job_free(&job);
  char *deep = NULL;
  char *flat = NULL;
  zps_error error = {ZPS_OK, ""};
  read_file("grids/na64mu-2022-deep.yaml", settings, 2, &job);
  assert_int_equal(zps_job_print(&job, &deep, &error), ZPS_OK);
  zps_job_free(&job);
  read_file("grids/na64mu-2022.yaml", NULL, 0, &job);
  assert_int_equal(zps_job_print(&job, &flat, &error), ZPS_OK);
  zps_job_free(&job);
  assert_string_equal(deep, flat);
  free(deep);
  free(flat);
}

static void test_linear_grid(void **state) {
  (void)state;
  static zps_job job;
  char text[4096];
  const size_t n = sample_edit("[0.01, 0.1]", "{from: 1, to: 2, points: 5, spacing: linear}", text, sizeof text);
  assert_true(n > 0);
  read_text(text, n, &job);
  for (size_t i = 0; i < 5; i++) {
    zps_assert_near(job.mass_gev.values[i], 1 + (0.25 * (double)i), 0);
  }
  zps_job_free(&job);
}

/** Forgets what a printed job cannot know: the file, and the lines in it. */
static void forget_places(zps_job *job) {
  memset(job->file, 0, sizeof job->file);
  for (size_t i = 0; i < job->n_elements; i++) {
    job->elements[i].line = 0;
  }
}

static void assert_lists_equal(zps_job_list *a, zps_job_list *b) {
  assert_int_equal(a->n, b->n);
  if (a->n > 0) {
    assert_memory_equal(a->values, b->values, a->n * sizeof(double));
  }
  free(a->values);
  free(b->values);
  a->values = NULL;
  b->values = NULL;
}

/* Law: reading a printed job gives the same job, and printing that the same text. */
static void check_round_trip(const char *path, const char *const *settings, size_t n_settings) {
  static zps_job first;
  static zps_job second;
  char *text = NULL;
  char *again = NULL;
  zps_error error = {ZPS_OK, ""};
  read_file(path, settings, n_settings, &first);
  assert_int_equal(zps_job_print(&first, &text, &error), ZPS_OK);
  read_text(text, strlen(text), &second);
  assert_int_equal(zps_job_print(&second, &again, &error), ZPS_OK);
  assert_string_equal(text, again);
  forget_places(&first);
  forget_places(&second);
  assert_lists_equal(&first.mass_gev, &second.mass_gev);
  assert_lists_equal(&first.coupling, &second.coupling);
  assert_lists_equal(&first.placement.y_offset_mm, &second.placement.y_offset_mm);
  assert_lists_equal(&first.placement.y_last_offset_mm, &second.placement.y_last_offset_mm);
  assert_lists_equal(&first.placement.scan_values, &second.placement.scan_values);
  assert_memory_equal(&first, &second, sizeof first);
  free(text);
  free(again);
}

static void test_print_round_trip(void **state) {
  (void)state;
  static const char *const settings[] = {
      "seed=18446744073709551615",
      "events_per_mass=17592186044416",
      "scan.mass_gev=[0.1, 0.30000000000000004]",
      "beam.charge=-1",
      "beam.file=it's a \"beam\".txt",
      "process.model=iww",
      "process.x_min=0.1",
      "process.dark_matter={kind: majorana, g_chi: 0.1}",
      "layout.MS2.map=maps/ms2.h5",
      "layout.S4={name: S4, kind: plane, start_mm: 8374, width_mm: 2, height_mm: 8, required: true}",
      "triggers.smu152.S4.center_x_mm=-165.1",
      "triggers.smu117.observed=3"};
  check_round_trip("grids/quick.yaml", NULL, 0);
  check_round_trip("grids/na64mu-2022.yaml", NULL, 0);
  check_round_trip("grids/na64mu-2022-deep.yaml", NULL, 0);
  check_round_trip("grids/quick.yaml", settings, sizeof settings / sizeof settings[0]);
  static const char *const uniform[] = {"process.kind=none", "layout.MS2.generate=uniform"};
  check_round_trip("grids/quick.yaml", uniform, 2);
  static const char *const placed[] = {"placement.step_mm=0.5", "placement.y_offset_mm=[-3, 0.1]",
                                       "placement={scan: magnet, scan_values: [1.2, 1.4]}",
                                       "placement={y_offset_mm: [0, 5], y_last_offset_mm: [-5, 0]}"};
  static const char *const pilot[] = {"process.pilot.events=100", "process.pilot={}"};
  check_round_trip("grids/quick.yaml", pilot, 1);
  check_round_trip("grids/quick.yaml", pilot + 1, 1);
  check_round_trip("grids/quick.yaml", placed, 2);
  check_round_trip("grids/quick.yaml", placed + 2, 1);
  check_round_trip("grids/quick.yaml", placed + 3, 1);
}

/* Paths resolve against the job file; those of --set against the working folder. */
/* What the shortest element of a dipole must not stop: that element itself, by the length the refusal of a shorter one
 * names (test_job_errors), and uniform fields, which have no fringes and no effective length. */
static void test_short_fields(void **state) {
  (void)state;
  static const char *const lengths[] = {"length_mm: 1712, generate: dipole", "length_mm: 700, generate: uniform"};
  static zps_job job;
  char text[8192];
  for (size_t i = 0; i < 2; i++) {
    const size_t n = sample_edit("length_mm: 2200, generate: dipole", lengths[i], text, sizeof text);
    assert_true(n > 0);
    read_text(text, n, &job);
    zps_job_free(&job);
  }
}

static void test_paths(void **state) {
  (void)state;
  static zps_job job;
  char text[4096];
  char folder[2048];
  char want[4096];
  zps_error error = {ZPS_OK, ""};
  assert_non_null(getcwd(folder, sizeof folder));
  const size_t n = sample_edit("seed: 7", "beam: {file: b.txt}", text, sizeof text);
  assert_int_equal(zps_job_read_text("some/where/x.yaml", text, n, NULL, 0, &job, &error), ZPS_OK);
  (void)snprintf(want, sizeof want, "%s/some/where/b.txt", folder);
  assert_string_equal(job.beam.file, want);
  zps_job_free(&job);
  assert_int_equal(zps_job_read_text("/abs/x.yaml", text, n, NULL, 0, &job, &error), ZPS_OK);
  assert_string_equal(job.beam.file, "/abs/b.txt");
  zps_job_free(&job);
  static const char *const setting[] = {"beam.file=c.txt"};
  assert_int_equal(zps_job_read_text("some/where/x.yaml", text, n, setting, 1, &job, &error), ZPS_OK);
  (void)snprintf(want, sizeof want, "%s/c.txt", folder);
  assert_string_equal(job.beam.file, want);
  zps_job_free(&job);
}

/* Law: at the limit muon, nucleus and Z' are at rest together, (M + m_mu + m)^2 = s; nothing is subtracted, so rounding
 * is all there is. A nucleus much heavier than that takes next to nothing: at 1 GeV on Pb all but a share of the
 * kinetic energy T below E/M = 5e-3 is free, (T/2 + m_mu)/M of it to first order. */
static void test_mass_limit(void **state) {
  (void)state;
  const double mu = ZPS_MUON_MASS_GEV;
  const double nucleus = ZPS_ATOMIC_MASS_GEV * 207.2;
  const double e = sqrt((160.0 * 160.0) + (mu * mu));
  const double m = zps_job_mass_limit(160, 207.2);
  zps_assert_near(pow(nucleus + mu + m, 2) / ((nucleus * nucleus) + (mu * mu) + (2 * e * nucleus)), 1, 1e-14);
  assert_true(m > 121 && m < 122);
  const double kinetic = sqrt(1 + (mu * mu)) - mu;
  assert_true(zps_job_mass_limit(1, 207.2) < kinetic);
  zps_assert_near(zps_job_mass_limit(1, 207.2), kinetic, kinetic / nucleus);
  zps_assert_near(zps_job_mass_limit(0, 207.2), 0, 0);
}

/* Without a Z' the masses are kept but mean nothing. */
static void test_process_none(void **state) {
  (void)state;
  static zps_job job;
  char text[4096];
  const size_t n = sample_edit("scan: {mass_gev: [0.01, 0.1]}",
                               "process: {kind: none, target: X}\nscan: {mass_gev: [900]}", text, sizeof text);
  read_text(text, n, &job);
  zps_assert_near(job.mass_gev.values[0], 900, 0);
  zps_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),     cmocka_unit_test(test_center_becomes_edge),
      cmocka_unit_test(test_run_2022),     cmocka_unit_test(test_deep_differs_in_depth_alone),
      cmocka_unit_test(test_linear_grid),  cmocka_unit_test(test_print_round_trip),
      cmocka_unit_test(test_short_fields), cmocka_unit_test(test_paths),
      cmocka_unit_test(test_mass_limit),   cmocka_unit_test(test_process_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
