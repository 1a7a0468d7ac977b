/* Freeze-out: degrees of freedom, a second integrator, published cross-sections, and the shape of the targets. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "host/stats/degrees_of_freedom.h"
#include "host/stats/relic.h"
#include "kernels/math.h"

/* T -> 0: g = 2 + 21/4 (4/11)^(4/3), h = 43/11. At 1 MeV the two sources meet within their approximations: the
 * neutrinos' sudden decoupling is wrong by 1 %. Entropy and energy of ideal gases of constant content have root =
 * h/sqrt(g). */
static void test_degrees_of_freedom(void **state) {
  static const double t[] = {1e-7, 0.999e-3, 1.001e-3, 0.01, 200.0, 1000.0};
  zps_freedom f[6];
  (void)state;
  assert_int_equal(zps_freedom_fill(6, t, f, NULL), ZPS_OK);
  zps_assert_near(f[0].g, 2.0 + (5.25 * pow(4.0 / 11.0, 4.0 / 3.0)), 1e-9);
  zps_assert_near(f[0].h, 43.0 / 11.0, 1e-9);
  zps_assert_relative(f[0].root, f[0].h / sqrt(f[0].g), 1e-9);
  zps_assert_relative(f[1].g, f[2].g, 0.02);
  zps_assert_relative(f[1].h, f[2].h, 0.02);
  zps_assert_relative(f[3].g, 10.76, 1e-12);
  assert_true(f[4].g > 104.0 && f[4].g < 106.75);
  zps_assert_relative(f[5].g, 104.98, 1e-12);
  zps_assert_relative(f[5].root, f[5].h / sqrt(f[5].g), 1e-12);
}

#define N_STEPS 10000

/** The same equation by backward Euler in ln x, each step a quadratic: an error of first order, some 25/N_STEPS. */
static double second_opinion(double m, double n_dof, double sigma_v) {
  double *t = (double *)calloc(N_STEPS, sizeof *t);
  zps_freedom *f = (zps_freedom *)calloc(N_STEPS, sizeof *f);
  const double step = log(1e5) / N_STEPS;
  double y = 0.0;
  assert_non_null(t);
  assert_non_null(f);
  for (int i = 0; i < N_STEPS; i++) {
    t[i] = m / (5.0 * exp(step * (double)i));
  }
  assert_int_equal(zps_freedom_fill(N_STEPS, t, f, NULL), ZPS_OK);
  for (int i = 0; i < N_STEPS; i++) {
    const double x = m / t[i];
    const double equilibrium = 45.0 * n_dof * x * x * gsl_sf_bessel_Kn_scaled(2, x) * exp(-x) /
                               (4.0 * zps_square(zps_square(ZPS_PI)) * f[i].h);
    const double rate = step * sqrt(ZPS_PI / 45.0) * 1.220890e19 * m * f[i].root * sigma_v / ZPS_CM3_S_GEV2 / x;
    const double c = (i == 0 ? equilibrium : y) + (rate * equilibrium * equilibrium);
    y = 2.0 * c / (1.0 + sqrt(1.0 + (4.0 * rate * c)));
  }
  free(t);
  free(f);
  return m * y * 2891.2 / 1.05371e-5;
}

static void test_second_integrator(void **state) {
  (void)state;
  for (double m = 2e-3; m < 100.0; m *= 30.0) {
    double omega = 0.0;
    assert_int_equal(zps_relic_density_constant(m, 2.0, 3e-26, &omega, NULL), ZPS_OK);
    zps_assert_relative(omega, second_opinion(m, 2.0, 3e-26), 5e-3);
  }
}

/** <sigma v> that gives the density observed. */
static double needed(double m) {
  double lo = 1e-27;
  double hi = 1e-24;
  for (int i = 0; i < 20; i++) {
    const double middle = sqrt(lo * hi);
    double omega = 0.0;
    assert_int_equal(zps_relic_density_constant(m, 2.0, middle, &omega, NULL), ZPS_OK);
    if (omega > ZPS_RELIC_OBSERVED) {
      lo = middle;
    } else {
      hi = middle;
    }
  }
  return lo;
}

/* 2 to 5e-26 cm^3/s from 3 MeV on (5.06e-26 at 1 MeV, where it freezes out while e+e- annihilate); Steigman, Dasgupta
 * and Beacom, PRD 86 (2012) 023506: 2.2e-26 above 10 GeV and at most 5.2e-26, near 0.3 GeV, for Omega h^2 = 0.11 and
 * other degrees of freedom: within 20 % after the ratio 0.11/0.12.
 */
static void test_canonical_cross_section(void **state) {
  (void)state;
  for (double m = 3e-3; m < 100.0; m *= 10.0) {
    const double sigma_v = needed(m);
    print_message("m = %.4g GeV: <sigma v> = %.3g cm^3/s\n", m, sigma_v);
    assert_true(sigma_v > 2e-26 && sigma_v < 5e-26);
  }
  zps_assert_relative(needed(100.0), 2.2e-26 * 0.11 / 0.12, 0.2);
  zps_assert_relative(needed(0.3), 5.2e-26 * 0.11 / 0.12, 0.2);
}

static zps_thermal_target target_of(zps_dark_matter kind, double m, double g_chi, double splitting) {
  zps_thermal_target target = {0.0, 0.0};
  zps_error error = {ZPS_OK, ""};
  if (zps_relic_target(kind, m, 1.0 / 3.0, g_chi, splitting, &target, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  return target;
}

/* Below the muon threshold sigma v is proportional to y/m^2: y grows as m^2 up to the logarithms of freeze-out.
 * Majorana and scalar annihilate in a p wave and need more. The letter (arXiv:2401.01708, figure of y) has the three
 * curves in this order, from y of 1e-12 at 10 MeV to 1e-10 at 100 MeV. */
static void test_targets(void **state) {
  double last = 0.0;
  (void)state;
  for (double m = 0.005; m < 0.05; m *= 2.0) {
    const double dirac = target_of(ZPS_DARK_DIRAC, m, 0.05, 0.0).y;
    const double scalar = target_of(ZPS_DARK_SCALAR, m, 0.05, 0.0).y;
    const double majorana = target_of(ZPS_DARK_MAJORANA, m, 0.05, 0.0).y;
    print_message("m_chi = %.4g GeV: y = %.3g (pseudo-Dirac), %.3g (Majorana), %.3g (scalar)\n", m, dirac, majorana,
                  scalar);
    assert_true(dirac < majorana && majorana < scalar);
    if (last > 0.0) {
      zps_assert_relative(dirac / last, 4.0, 0.15);
    }
    last = dirac;
  }
  const zps_thermal_target at = target_of(ZPS_DARK_DIRAC, 0.01, 0.05, 0.0);
  zps_assert_relative(at.y, zps_square(at.g * 0.05) / 81.0, 1e-12);
  const zps_dark_sector sector = zps_dark_sector_make(ZPS_DARK_DIRAC, 0.01, 1.0 / 3.0, at.g, 0.05);
  double omega = 0.0;
  assert_int_equal(zps_relic_density(&sector, 0.0, &omega, NULL), ZPS_OK);
  zps_assert_relative(omega, ZPS_RELIC_OBSERVED, 1e-5);
}

/* A heavier partner that dies out before freeze-out leaves less to annihilate with. */
static void test_splitting(void **state) {
  (void)state;
  const double none = target_of(ZPS_DARK_DIRAC, 0.02, 0.05, 0.0).y;
  const double little = target_of(ZPS_DARK_DIRAC, 0.02, 0.05, 1e-6).y;
  const double much = target_of(ZPS_DARK_DIRAC, 0.02, 0.05, 0.1).y;
  zps_assert_relative(little, none, 1e-3);
  assert_true(much > 1.3 * none && much < 30.0 * none);
}

static void test_refuses(void **state) {
  zps_error error = {ZPS_OK, ""};
  zps_thermal_target target;
  (void)state;
  assert_int_equal(zps_relic_target(ZPS_DARK_NONE, 0.1, 0.3, 0.05, 0.0, &target, NULL), ZPS_INVALID);
  assert_int_equal(zps_relic_target(ZPS_DARK_DIRAC, 0.1, 0.5, 0.05, 0.0, &target, NULL), ZPS_INVALID);
  assert_int_equal(zps_relic_target(ZPS_DARK_DIRAC, 1e-4, 0.3, 0.05, 0.0, &target, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "m_chi = 0.0001 GeV"));
  assert_int_equal(zps_relic_target(ZPS_DARK_DIRAC, 0.1, 0.3, 0.05, 0.5, &target, NULL), ZPS_INVALID);
  /* So weak on the dark side that no coupling to muons helps. */
  assert_int_equal(zps_relic_target(ZPS_DARK_SCALAR, 50.0, 0.3, 1e-8, 0.0, &target, NULL), ZPS_FAILURE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_degrees_of_freedom),
      cmocka_unit_test(test_second_integrator),
      cmocka_unit_test(test_canonical_cross_section),
      cmocka_unit_test(test_targets),
      cmocka_unit_test(test_splitting),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
