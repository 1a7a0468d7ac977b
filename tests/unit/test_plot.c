/* Laws: the csv holds the numbers of the result, the picture is a PNG, names are never commands, an empty picture is
 * not drawn, and without gnuplot the message says so. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/plot/gnuplot.h"
#include "host/plot/plot.h"
#include "host/plot/plot_e_cal.h"
#include "tests/unit/result_sample.h"
#include "tests/unit/scratch_folder.h"

static zps_job job;

static bool gnuplot_is_missing(zps_status status, const zps_error *error) {
  return status == ZPS_UNAVAILABLE && strstr(error->text, "gnuplot-nox") != NULL;
}

static void assert_png(const char *path) {
  size_t size = 0;
  char *bytes = scratch_read(path, &size);
  assert_non_null(bytes);
  assert_true(size > 1000);
  assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
  free(bytes);
}

static void test_pictures(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(result_sample(&result, 12, 9, 2, &error), ZPS_OK);
  result_sample_job(&result, &job);
  const zps_status status = zps_plot_efficiency(&job, &result, scratch_path("efficiency.png"), &error);
  if (gnuplot_is_missing(status, &error)) {
    zps_result_free(&result);
    skip();
  }
  assert_int_equal(status, ZPS_OK);
  assert_int_equal(zps_plot_yield(&job, &result, scratch_path("yield.png"), &error), ZPS_OK);
  assert_png(scratch_path("efficiency.png"));
  assert_png(scratch_path("yield.png"));
  zps_result_free(&result);
}

static void test_csv(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  size_t size = 0;
  (void)state;
  assert_int_equal(result_sample(&result, 4, 1, 2, &error), ZPS_OK);
  result_sample_job(&result, &job);
  job.triggers[1].live_factor = 0.3; /* as --set has it */
  const zps_status status = zps_plot_efficiency(&job, &result, scratch_path("e.png"), &error);
  if (gnuplot_is_missing(status, &error)) {
    zps_result_free(&result);
    skip();
  }
  char *csv = scratch_read(scratch_path("e.csv"), &size);
  assert_non_null(csv);
  csv[size] = '\0';
  char *next = strchr(csv, '\n');
  assert_non_null(next);
  *next++ = '\0';
  assert_string_equal(csv, "mass_gev,smu152,smu152_lo,smu152_hi,smu117,smu117_lo,smu117_hi");
  for (size_t i = 0; i < 4; i++) {
    double v[7] = {0.0};
    for (int j = 0; j < 7; j++) {
      v[j] = strtod(next, &next);
      assert_int_equal(*next++, j < 6 ? ',' : '\n');
    }
    zps_assert_relative(v[0], result.mass_gev[i], 1e-9); /* ten digits are printed */
    for (size_t j = 0; j < 2; j++) {
      const zps_efficiency efficiency = zps_signal_efficiency(&job, &result, j, i);
      zps_assert_relative(v[1 + (3 * j)], efficiency.value, 1e-9);
      zps_assert_relative(v[2 + (3 * j)], efficiency.lo, 1e-9);
      zps_assert_relative(v[3 + (3 * j)], efficiency.hi, 1e-9);
    }
  }
  assert_int_equal(*next, '\0');
  free(csv);
  zps_result_free(&result);
}

/** Law: every number of the yields' csv is that of the job passed, not of the one the result was made with. */
static void test_yield_csv(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  size_t size = 0;
  (void)state;
  assert_int_equal(result_sample(&result, 2, 3, 2, &error), ZPS_OK);
  result_sample_job(&result, &job);
  job.triggers[0].n_mot = 1e12;
  job.triggers[1].live_factor = 0.1;
  job.process.dark_matter = ZPS_DARK_SCALAR;
  const zps_status status = zps_plot_yield(&job, &result, scratch_path("y.png"), &error);
  if (gnuplot_is_missing(status, &error)) {
    zps_result_free(&result);
    skip();
  }
  char *csv = scratch_read(scratch_path("y.csv"), &size);
  assert_non_null(csv);
  csv[size] = '\0';
  char *next = strchr(csv, '\n');
  assert_non_null(next);
  for (size_t i = 0; i < 6; i++) {
    double v[5] = {0.0};
    for (int j = 0; j < 5; j++) {
      v[j] = strtod(next + 1, &next);
      assert_int_equal(*next, j < 4 ? ',' : '\n');
    }
    const double g = result.coupling[i % 3];
    zps_assert_relative(v[1], g, 1e-9);
    zps_assert_relative(v[2], zps_signal_yield(&job, &result, 0, i / 3, g), 1e-9);
    zps_assert_relative(v[3], zps_signal_yield(&job, &result, 1, i / 3, g), 1e-9);
    zps_assert_relative(v[4], zps_signal_total(&job, &result, i / 3, g), 1e-9);
  }
  free(csv);
  zps_result_free(&result);
}

/** A result without any muon that fires a trigger, and its job. */
static void clear_e_cal(zps_result *result, zps_process_kind kind, double e_cal_max_gev) {
  result_sample_job(result, &job);
  job.process.kind = kind;
  job.selection.e_cal_max_gev = e_cal_max_gev;
  for (size_t i = 0; i < result->n_mass; i++) {
    uint64_t *const row = zps_result_row(result, i);
    for (unsigned bin = 0; bin < ZPS_N_BIN; bin++) {
      row[zps_tally_bin((uint32_t)result->n_trigger, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, bin)] = 0;
    }
  }
}

/** Law: each column of the csv adds up to 1 over the bins, its entries in proportion to the counts; no counts, no
 *  picture. */
static void test_e_cal(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  size_t size = 0;
  (void)state;
  assert_int_equal(result_sample(&result, 2, 1, 2, &error), ZPS_OK);
  clear_e_cal(&result, ZPS_PROCESS_Z_PRIME, 12.0);
  assert_int_equal(zps_plot_e_cal(&job, &result, scratch_path("c.png"), &error), ZPS_INVALID);
  error = (zps_error){ZPS_OK, ""};
  zps_result_row(&result, 0)[zps_tally_bin(2, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, 7)] = 30;
  zps_result_row(&result, 0)[zps_tally_bin(2, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, 119)] = 10;
  const zps_status status = zps_plot_e_cal(&job, &result, scratch_path("c.png"), &error);
  zps_result_free(&result);
  if (gnuplot_is_missing(status, &error)) {
    skip();
  }
  assert_int_equal(status, ZPS_OK);
  char *csv = scratch_read(scratch_path("c.csv"), &size);
  assert_non_null(csv);
  csv[size] = '\0';
  assert_non_null(strstr(csv, "e_cal_gev,0.001 GeV,3 GeV\n0.25,0,0\n"));
  assert_non_null(strstr(csv, "\n3.75,1.5,0\n"));
  assert_non_null(strstr(csv, "\n59.75,0.5,0\n"));
  free(csv);
  assert_png(scratch_path("c.png"));
}

/** Law: muons beyond the axis, or too few to reach its lower end, make no picture; a cut beyond widens the axis. */
static void test_e_cal_beyond_the_axis(void **state) {
  static const struct {
    unsigned bin;
    double e_cal_max_gev;
    zps_status status;
  } cases[] = {{59, 12.0, ZPS_OK},       {60, 12.0, ZPS_INVALID}, {60, 40.0, ZPS_OK},      {99, 40.0, ZPS_OK},
               {100, 40.0, ZPS_INVALID}, {118, 60.0, ZPS_OK},     {119, 60.0, ZPS_INVALID}};
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(result_sample(&result, 2, 1, 2, &error), ZPS_OK);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint64_t *const row = zps_result_row(&result, 1);
    const uint32_t last = zps_tally_bin(2, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, ZPS_N_BIN - 1);
    clear_e_cal(&result, i % 2 == 0 ? ZPS_PROCESS_Z_PRIME : ZPS_PROCESS_NONE, cases[i].e_cal_max_gev);
    row[zps_tally_bin(2, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, cases[i].bin)] = 30;
    assert_int_equal(zps_plot_e_cal_check(&job, &result, "c.png", NULL), cases[i].status);
    row[last] += 1000000; /* 30 of 1e6 in half a GeV: 6e-5 per GeV, below the axis */
    assert_int_equal(zps_plot_e_cal_check(&job, &result, "c.png", NULL), ZPS_INVALID);
  }
  zps_result_free(&result);
}

static void test_no_yield(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(result_sample(&result, 2, 2, 1, &error), ZPS_OK);
  result_sample_job(&result, &job);
  assert_int_equal(zps_plot_yield_check(&job, &result, "y.png", &error), ZPS_OK);
  for (size_t i = 0; i < 2; i++) {
    zps_result_row(&result, i)[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 0)] = 0;
  }
  assert_int_equal(zps_plot_yield(&job, &result, scratch_path("none.png"), &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "none.png: no mass has a yield"));
  assert_int_not_equal(access(scratch_path("none.csv"), F_OK), 0);
  zps_result_free(&result);
}

static void test_hostile_names(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  char name[ZPS_NAME_SIZE];
  (void)state;
  assert_int_equal(chdir(scratch_folder), 0);
  assert_int_equal(result_sample(&result, 3, 2, 4, &error), ZPS_OK);
  const char *const names[] = {"`touch owned`", "';!touch owned;'", "\"$(touch owned)\"", "x_{a}^@,"};
  for (size_t i = 0; i < 4; i++) {
    (void)snprintf(name, sizeof name, "%s", names[i]);
    memcpy(result.triggers[i].name, name, sizeof name);
  }
  result_sample_job(&result, &job);
  const zps_status status = zps_plot_efficiency(&job, &result, scratch_path("hostile.png"), &error);
  assert_int_not_equal(access(scratch_path("owned"), F_OK), 0);
  zps_result_free(&result);
  if (gnuplot_is_missing(status, &error)) {
    skip();
  }
  assert_int_equal(status, ZPS_OK);
  assert_png(scratch_path("hostile.png"));
}

static void test_quote(void **state) {
  char *quoted = zps_gnuplot_quote("a'b\nc`d");
  (void)state;
  assert_string_equal(quoted, "'a\xe2\x80\x99"
                              "b?c`d'");
  free(quoted);
}

static void test_failures(void **state) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(result_sample(&result, 1, 1, 1, &error), ZPS_OK);
  result_sample_job(&result, &job);
  assert_int_equal(zps_plot_yield(&job, &result, scratch_path("y.png"), &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "at least 2 masses"));
  error = (zps_error){ZPS_OK, ""};
  assert_int_equal(zps_plot_efficiency(&job, &result, scratch_path("no/such/e.png"), &error), ZPS_IO);
  assert_non_null(strstr(error.text, "No such file or directory"));
  char *kept = strdup(getenv("PATH") != NULL ? getenv("PATH") : "");
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  error = (zps_error){ZPS_OK, ""};
  assert_int_equal(zps_plot_efficiency(&job, &result, scratch_path("n.png"), &error), ZPS_UNAVAILABLE);
  assert_non_null(strstr(error.text, "gnuplot: not found on PATH"));
  assert_int_not_equal(access(scratch_path("n.csv"), F_OK), 0);
  assert_int_not_equal(access(scratch_path("n.png"), F_OK), 0);
  assert_int_equal(setenv("PATH", kept, 1), 0);
  free(kept);
  zps_result_free(&result);
}

static void test_bad_script(void **state) {
  const char script[] = "set terminal nonsense\n";
  void *picture = NULL;
  size_t size = 0;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  const zps_status status = zps_gnuplot_draw(script, sizeof script - 1, &picture, &size, &error);
  if (gnuplot_is_missing(status, &error)) {
    skip();
  }
  assert_int_equal(status, ZPS_FAILURE);
  assert_null(picture);
  assert_null(strchr(error.text, '\n'));
  assert_true(strlen(error.text) > strlen("gnuplot: made no picture: "));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pictures),
      cmocka_unit_test(test_csv),
      cmocka_unit_test(test_yield_csv),
      cmocka_unit_test(test_e_cal),
      cmocka_unit_test(test_hostile_names),
      cmocka_unit_test(test_quote),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_bad_script),
      cmocka_unit_test(test_e_cal_beyond_the_axis),
      cmocka_unit_test(test_no_yield),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
