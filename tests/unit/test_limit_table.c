/* Tables of limits made by hand: more than one excluded interval, none, no limit at all. */
#include "tests/zps_test.h"

#include <stdlib.h>

#include "host/export/limit_table.h"

#define N_MASS 3

/** 0.1 GeV: [1e-4, 1e-3] and from 1e-2 up; 1 GeV: no efficiency; 2 GeV: a limit on events, but no coupling excluded. */
static void make_curve(zps_limit_curve *curve, zps_result *result, zps_job *job, zps_limit_point points[N_MASS]) {
  static const double masses[N_MASS] = {0.1, 1.0, 2.0};
  assert_int_equal(zps_result_allocate(result, N_MASS, 1, 1, NULL), ZPS_OK);
  for (size_t i = 0; i < N_MASS; i++) {
    result->mass_gev[i] = masses[i];
    points[i] = (zps_limit_point){.mass_gev = masses[i], .has_limit = i != 1, .events = {.n_up = 2.5}};
  }
  points[0].observed = (zps_islands){.n = 2, .island = {{1e-4, 1e-3}, {1e-2, ZPS_LIMIT_G_MAX}}, .open_above = true};
  for (int k = 0; k < ZPS_N_EXPECTED; k++) {
    points[0].expected[k] = (zps_islands){.n = 1, .island = {{(k + 1) * 1e-4, ZPS_LIMIT_G_MAX}}, .open_above = true};
  }
  *curve = (zps_limit_curve){.job = job, .result = result, .points = points};
}

typedef zps_status (*put_table)(FILE *out, const zps_limit_curve *curve);

static void check(put_table put, zps_dark_matter kind, const char *want) {
  zps_result result;
  zps_limit_curve curve;
  zps_limit_point points[N_MASS];
  char *text = NULL;
  size_t size = 0;
  zps_job *const job = (zps_job *)calloc(1, sizeof *job);
  assert_non_null(job);
  job->process.dark_matter = kind;
  job->process.g_chi = 0.5;
  job->process.dark_mass_ratio = 0.5;
  make_curve(&curve, &result, job, points);
  FILE *const out = open_memstream(&text, &size);
  assert_non_null(out);
  assert_int_equal(put(out, &curve), ZPS_OK);
  assert_int_equal(fclose(out), 0);
  assert_string_equal(text, want);
  free(text);
  free(job);
  zps_result_free(&result);
}

static void test_csv(void **state) {
  (void)state;
  check(zps_limit_table_put_csv, ZPS_DARK_NONE,
        "mass_gev,interval,g_lo,g_hi,n_up,g_expected_minus_2_sigma,g_expected_minus_1_sigma,g_expected_median,"
        "g_expected_plus_1_sigma,g_expected_plus_2_sigma\n"
        "0.1,1,0.0001,0.001,2.5,0.0001,0.0002,0.0003,0.0004,0.0005\n"
        "0.1,2,0.01,,2.5,0.0001,0.0002,0.0003,0.0004,0.0005\n"
        "1,1,,,,,,,,\n"
        "2,1,,,2.5,,,,,\n");
}

/* y = (0.5 g)^2 0.5^4 = g^2/64. */
static void test_csv_dark(void **state) {
  (void)state;
  check(zps_limit_table_put_csv, ZPS_DARK_SCALAR,
        "mass_gev,interval,g_lo,g_hi,n_up,g_expected_minus_2_sigma,g_expected_minus_1_sigma,g_expected_median,"
        "g_expected_plus_1_sigma,g_expected_plus_2_sigma,m_chi_gev,y_lo,y_expected\n"
        "0.1,1,0.0001,0.001,2.5,0.0001,0.0002,0.0003,0.0004,0.0005,0.05,1.5625e-10,1.40625e-09\n"
        "0.1,2,0.01,,2.5,0.0001,0.0002,0.0003,0.0004,0.0005,0.05,1.5625e-06,1.40625e-09\n"
        "1,1,,,,,,,,,0.5,,\n"
        "2,1,,,2.5,,,,,,1,,\n");
}

static void test_darkcast(void **state) {
  (void)state;
  check(zps_limit_table_put_darkcast, ZPS_DARK_NONE,
        "#     mass      lower      upper\n 1.000000000e-01  1.000000000e-04  1.000000000e-03\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_csv), cmocka_unit_test(test_csv_dark),
                                     cmocka_unit_test(test_darkcast)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
