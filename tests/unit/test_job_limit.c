/* The section `limit` of a job: defaults, and what is printed of it. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/job_sample.h"

static zps_status read_job(const char *added, zps_job *job, zps_error *error) {
  char text[4000];
  const int n = snprintf(text, sizeof text, "%s%s", sample_job, added);
  return zps_job_read_text("x.yaml", text, (size_t)n, NULL, 0, job, error);
}

static char *printed(const char *added) {
  zps_job job = {0};
  char *text = NULL;
  assert_int_equal(read_job(added, &job, NULL), ZPS_OK);
  assert_int_equal(zps_job_print(&job, &text, NULL), ZPS_OK);
  zps_job_free(&job);
  return text;
}

static void test_defaults(void **state) {
  zps_job job = {0};
  (void)state;
  assert_int_equal(read_job("", &job, NULL), ZPS_OK);
  assert_false(job.limit.given);
  zps_assert_near(job.limit.cl, 0.9, 0.0);
  assert_true(job.limit.backgrounds_together);
  zps_assert_near(job.limit.systematics.running_alpha, 0.024, 0.0);
  zps_assert_near(job.limit.systematics.other, 0.0, 0.0);
  zps_assert_near(job.limit.delta_a_mu, 249e-11, 0.0);
  zps_job_free(&job);
}

/* A job without the section prints none: its identity is what it was before the section existed. */
static void test_print(void **state) {
  (void)state;
  char *without = printed("");
  char *with = printed("limit: {cl: 0.95, systematics: {other: 0.03}}\n");
  assert_null(strstr(without, "limit:"));
  assert_non_null(strstr(with, "limit:\n  cl: 0.95\n"));
  assert_non_null(strstr(with, "    other: 0.03\n"));
  free(without);
  free(with);
}

static void test_refuses(void **state) {
  static const char *const cases[][2] = {
      {"limit: {cl: 0.5}\n", "limit.cl = 0.5: must be > 0.5"},
      {"limit: {cl: 1}\n", "limit.cl = 1: must be <= 0.999999"},
      {"limit: {systematics: {motor: 1}}\n", "nearest known key: mot"},
      {"limit: {systematics: {mot: -0.1}}\n", "limit.systematics.mot = -0.1: must be >= 0"},
      {"limit: {delta_a_mu_error: 0}\n", "limit.delta_a_mu_error = 0: must be > 0"},
      {"limit: {backgrounds_together: maybe}\n", "limit.backgrounds_together"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    zps_job job = {0};
    zps_error error = {ZPS_OK, ""};
    assert_int_equal(read_job(cases[i][0], &job, &error), ZPS_INVALID);
    if (strstr(error.text, cases[i][1]) == NULL) {
      fail_msg("got: %s\nwant: %s", error.text, cases[i][1]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_print),
                                     cmocka_unit_test(test_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
