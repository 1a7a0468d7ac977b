#include "host/job/job.h"
#include "tests/unit/job_sample.h"
#include "tests/zps_test.h"

static zps_job job;

static zps_status apply(const char *setting, zps_error *error) {
  memset(error, 0, sizeof *error);
  return zps_job_read_text("x.yaml", sample_job, strlen(sample_job), &setting, 1, &job, error);
}

static void expect_ok(const char *setting) {
  zps_error error;
  if (apply(setting, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

static void test_keys(void **state) {
  (void)state;
  expect_ok("beam.p_gev=100");
  zps_assert_near(job.beam.p_gev, 100, 0);
  zps_assert_near(job.beam.sigma_x_mm, 9, 0);
  zps_job_free(&job);
  expect_ok("process.dark_matter.kind=dirac");
  assert_int_equal(job.process.dark_matter, ZPS_DARK_DIRAC);
  zps_job_free(&job);
  expect_ok("scan.mass_gev=[0.01, 0.1, 1]");
  assert_int_equal(job.mass_gev.n, 3);
  zps_job_free(&job);
  expect_ok("scan.mass_gev={from: 0.1, to: 1, points: 4}");
  assert_int_equal(job.mass_gev.n, 4);
  zps_job_free(&job);
}

static void test_members(void **state) {
  (void)state;
  expect_ok("layout.ECAL.layers.Pb.thickness_mm=1.5");
  zps_job_free(&job);
  expect_ok("triggers.smu152.n_mot=5");
  zps_assert_near(job.triggers[0].n_mot, 5, 0);
  zps_job_free(&job);
  expect_ok("triggers.smu152.S4.edge_x_mm=-70");
  zps_assert_near(job.triggers[0].counters[0].edge_x_mm, -70, 0);
  zps_job_free(&job);
  expect_ok("triggers.smu152.planes.S4.edge_x_mm=-71");
  zps_assert_near(job.triggers[0].counters[0].edge_x_mm, -71, 0);
  zps_job_free(&job);
}

/* edge_x_mm and center_x_mm, generate and map: setting one takes the place of the other. */
static void test_rivals(void **state) {
  (void)state;
  expect_ok("triggers.smu152.Smu.edge_x_mm=-117");
  zps_assert_near(job.triggers[0].counters[1].edge_x_mm, -117, 0);
  zps_job_free(&job);
  expect_ok("triggers.smu152.S4.center_x_mm=-165");
  zps_assert_near(job.triggers[0].counters[0].edge_x_mm, -65, 0);
  zps_job_free(&job);
  expect_ok("layout.MS2.map=/m.h5");
  assert_false(job.elements[2].field.generated);
  assert_string_equal(job.elements[2].field.map, "/m.h5");
  zps_job_free(&job);
}

/* What acts on a map file goes with it. */
static void test_generated_again(void **state) {
  (void)state;
  static const char *const settings[] = {"layout.MS2.map=/m.txt", "layout.MS2.length_unit=cm", "layout.MS2.scale=-1",
                                         "layout.MS2.symmetry={x: parallel}", "layout.MS2.generate=dipole"};
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 5, &job, &error), ZPS_OK);
  zps_job_free(&job);
}

static void test_later_wins(void **state) {
  (void)state;
  static const char *const settings[] = {"seed=3", "seed=4"};
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_job_read_text("x.yaml", sample_job, strlen(sample_job), settings, 2, &job, &error), ZPS_OK);
  assert_int_equal(job.seed, 4);
  zps_job_free(&job);
}

static void test_refuses(void **state) {
  (void)state;
  static const struct {
    const char *setting, *message;
  } cases[] = {
      {"triggers.foo.n_mot=1", "--set triggers.foo.n_mot=1: no trigger named 'foo' (have smu152)"},
      {"layout.HCAL.n_modules=4",
       "--set layout.HCAL.n_modules=4: no element named 'HCAL' (have ECAL, VETO, MS2, S4, Smu)"},
      {"triggers.smu152.S5.edge_x_mm=1",
       "--set triggers.smu152.S5.edge_x_mm=1: unknown key or plane 'S5' in triggers[]; "
       "nearest known key: name; have S4, Smu"},
      {"scan.mas_gev=[1]", "--set scan.mas_gev=[1]: unknown key 'mas_gev' in scan; nearest known key: mass_gev"},
      {"sed=1", "--set sed=1: unknown key 'sed'; nearest known key: seed"},
      {"mass_gev=[1]", "--set mass_gev=[1]: unknown key 'mass_gev'; nearest known key: scan.mass_gev"},
      {"seed", "--set seed: expected dotted.path=value"},
      {"seed=", "--set seed=: expected dotted.path=value"},
      {"=1", "--set =1: expected dotted.path=value"},
      {"seed..x=1", "--set seed..x=1: expected dotted.path=value"},
      {"beam.=1", "--set beam.=1: expected dotted.path=value"},
      {"seed=1\n---\n2", "--set seed=1\\x0a---\\x0a2: a second YAML document: expected one"},
      {"seed=[1", "--set seed=[1: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that "
                  "begins on line 1"},
      {"seed=-1", "--set seed=-1: seed = -1: expected a whole number in digits, such as 1000000"},
      {"seed.x=1", "--set seed.x=1: 'x' cannot be set: seed is a text, not a map"},
      {"scan.mass_gev.points=9",
       "--set scan.mass_gev.points=9: 'points' cannot be set: scan.mass_gev is a list, not a map"},
      {"scan.coupling.points=9", "--set scan.coupling.points=9: scan.coupling is not in the file, or is not a section"},
      {"beam.p_gev=0.5", "--set beam.p_gev=0.5: beam.p_gev = 0.5: must be >= 1"},
      {"layout.S4.repeat=2", "--set layout.S4.repeat=2: key 'repeat' in layout.S4 does not apply to kind plane"},
      {"layout.ECAL.start_mm=-470",
       "--set layout.ECAL.start_mm=-470: layout.ECAL.start_mm = -470: the target ends at z = 1, "
       "expected 0: start_mm = -471"},
      {"scan.mass_gev=[200]",
       "--set scan.mass_gev=[200]: scan.mass_gev = 200: must be < 121.552, the kinematic limit of "
       "160 GeV muons on Pb"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    zps_error error;
    assert_int_equal(apply(cases[i].setting, &error), ZPS_INVALID);
    assert_string_equal(error.text, cases[i].message);
    assert_null(job.mass_gev.values);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys),       cmocka_unit_test(test_members),
      cmocka_unit_test(test_rivals),     cmocka_unit_test(test_generated_again),
      cmocka_unit_test(test_later_wins), cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
