/* Poisson tables against GSL's density, and their sums. */
#include "tests/zps_test.h"

#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "host/stats/poisson.h"

#define N 3000

/* GSL takes the log of the factorial to 1e-15 relative: at mean 1000 that is 1e-15 of 6000, and so for ours. */
static void test_against_gsl(void **state) {
  static const double means[] = {0.0, 1e-9, 0.07, 2.3, 50.0, 699.0, 701.0, 1000.0, 2900.0};
  double *p = (double *)calloc(N + 1, sizeof *p);
  (void)state;
  assert_non_null(p);
  for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
    zps_poisson_fill(means[i], N, p);
    for (unsigned k = 0; k <= N; k++) {
      const double want = means[i] > 0.0 ? gsl_ran_poisson_pdf(k, means[i]) : (k == 0 ? 1.0 : 0.0);
      if (want > 1e-290) {
        zps_assert_relative(p[k], want, 2e-11);
      }
    }
  }
  free(p);
}

static void test_sums(void **state) {
  double *p = (double *)calloc(N + 1, sizeof *p);
  (void)state;
  assert_non_null(p);
  for (double mean = 1e-3; mean < 2000.0; mean *= 3.0) {
    double sum = 0.0;
    double moment = 0.0;
    zps_poisson_fill(mean, N, p);
    for (int k = 0; k <= N; k++) {
      sum += p[k];
      moment += (double)k * p[k];
    }
    zps_assert_near(sum, 1.0, 1e-11);
    zps_assert_relative(moment, mean, 1e-11);
  }
  /* A table that ends far below or far above the mean: nothing left, nothing that is no number. */
  zps_poisson_fill(1e6, 10, p);
  zps_assert_near(p[10], 0.0, 0.0);
  zps_poisson_fill(1e300, 10, p);
  zps_assert_near(p[10] + p[0], 0.0, 0.0);
  zps_poisson_fill(0.5, 0, p);
  zps_assert_relative(p[0], exp(-0.5), 1e-15);
  free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_gsl), cmocka_unit_test(test_sums)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
