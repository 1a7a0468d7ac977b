/* Delta a_mu: both limits of the mass, an independent integration, and the band. */
#include "tests/zps_test.h"

#include <gsl/gsl_integration.h>

#include "host/stats/g2.h"
#include "kernels/constants.h"
#include "kernels/math.h"

/* r = m^2/m_mu^2 -> 0: 1/(8 pi^2) (1 - O(sqrt r)): the next term is (pi sqrt r) of the integral 1/2, at most. */
static void test_light(void **state) {
  (void)state;
  for (double m = 1e-8; m < 1e-4; m *= 10.0) {
    const double next = 2.0 * ZPS_PI * m / ZPS_MUON_MASS_GEV;
    zps_assert_relative(zps_g2_delta(m), 1.0 / (8.0 * ZPS_PI * ZPS_PI), next);
  }
}

/* r -> infinity: m_mu^2/(12 pi^2 m^2) (1 + O(ln(r)/r)). */
static void test_heavy(void **state) {
  (void)state;
  for (double m = 10.0; m < 1e5; m *= 10.0) {
    const double r = zps_square(m / ZPS_MUON_MASS_GEV);
    zps_assert_relative(zps_g2_delta(m), 1.0 / (12.0 * ZPS_PI * ZPS_PI * r), 10.0 * log(r) / r);
  }
}

static double integrand(double x, void *context) {
  const double r = *(const double *)context;
  return x * x * (1.0 - x) / ((x * x) + ((1.0 - x) * r));
}

/* GSL's adaptive rule in x, to its own error. */
static void test_against_adaptive(void **state) {
  gsl_integration_workspace *w = gsl_integration_workspace_alloc(1000);
  (void)state;
  assert_non_null(w);
  for (double m = 1e-3; m < 100.0; m *= 1.7) {
    double r = zps_square(m / ZPS_MUON_MASS_GEV);
    double value = 0.0;
    double error = 0.0;
    const gsl_function f = {.function = integrand, .params = &r};
    (void)gsl_integration_qag(&f, 0.0, 1.0, 0.0, 1e-11, 1000, GSL_INTEG_GAUSS61, w, &value, &error);
    zps_assert_relative(zps_g2_delta(m), value / (4.0 * ZPS_PI * ZPS_PI), 1e-10);
  }
  gsl_integration_workspace_free(w);
}

static void test_band(void **state) {
  (void)state;
  /* 249(48)e-11 at 40 MeV: the ends give 153e-11 and 345e-11 back. */
  const zps_interval two = zps_g2_band(0.04, 249e-11, 48e-11, 2.0);
  zps_assert_relative(two.lo * two.lo * zps_g2_delta(0.04), 153e-11, 1e-12);
  zps_assert_relative(two.hi * two.hi * zps_g2_delta(0.04), 345e-11, 1e-12);
  const zps_interval one = zps_g2_band(0.04, 249e-11, 48e-11, 1.0);
  assert_true(one.lo > two.lo && one.hi < two.hi);
  const zps_interval open = zps_g2_band(0.04, 49e-11, 48e-11, 2.0);
  zps_assert_near(open.lo, 0.0, 0.0);
  assert_true(open.hi > 0.0);
  const zps_interval none = zps_g2_band(0.04, -249e-11, 48e-11, 2.0);
  zps_assert_near(none.hi, 0.0, 0.0);
  /* The letter (arXiv:2401.01708): its limit crosses the lower edge of the 2-sigma band near 40 MeV at g of 5 to 6 e-4.
   */
  assert_true(two.lo > 5e-4 && two.lo < 6e-4);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_light), cmocka_unit_test(test_heavy),
                                     cmocka_unit_test(test_against_adaptive), cmocka_unit_test(test_band)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
