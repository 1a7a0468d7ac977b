/* Annihilation through the Z': limits of the thermal average that are known in closed form. */
#include "tests/zps_test.h"

#include <gsl/gsl_sf_bessel.h>

#include "host/stats/annihilation.h"
#include "host/stats/widths.h"
#include "kernels/constants.h"
#include "kernels/math.h"

/* Cold Dirac particles: sigma v at threshold, v = 2 beta: g^2 g_chi^2 (s + 2 m^2) 2/(12 pi D) per massless final state
 * at s = 4 m^2. Corrections are of order 1/x: below 10/x. */
static void test_cold_dirac(void **state) {
  (void)state;
  for (double m = 1e-3; m < 0.1; m *= 3.0) {
    const zps_dark_sector s = zps_dark_sector_make(ZPS_DARK_DIRAC, m, 1.0 / 3.0, 1e-4, 0.05);
    const double want = zps_square(1e-4 * 0.05) * 12.0 * m * m / (12.0 * ZPS_PI * zps_square(5.0 * m * m));
    for (double x = 1e3; x < 1e6; x *= 10.0) {
      zps_assert_relative(zps_annihilation_average(&s, x), want, 10.0 / x);
    }
  }
}

/* Scalars and Majorana particles annihilate in a p wave: sigma v = 2 beta sigma = v^2/4 ... with <v^2> = 6/x at large
 * x. Here beta^2 = v^2/4, so that sigma v = g^2 g_chi^2 s 2 beta^2/(12 pi D), <beta^2> = 3/(2 x). */
static void test_cold_scalar(void **state) {
  (void)state;
  for (int kind = ZPS_DARK_SCALAR; kind <= ZPS_DARK_MAJORANA; kind++) {
    const double m = 0.02;
    const zps_dark_sector s = zps_dark_sector_make((zps_dark_matter)kind, m, 1.0 / 3.0, 1e-4, 0.05);
    for (double x = 1e3; x < 1e6; x *= 10.0) {
      const double want = zps_square(1e-4 * 0.05) * 4.0 * m * m * 3.0 / x / (12.0 * ZPS_PI * zps_square(5.0 * m * m));
      zps_assert_relative(zps_annihilation_average(&s, x), want, 20.0 / x);
    }
  }
}

/* A narrow Z' on resonance: 1/D -> pi delta(s - m^2)/(m Gamma). What is off resonance adds Gamma/m times a number of
 * order exp(x)/x^2; at x <= 8 and Gamma/m = 3e-8 below 1e-6. */
static void test_narrow_resonance(void **state) {
  (void)state;
  for (int kind = ZPS_DARK_DIRAC; kind <= ZPS_DARK_MAJORANA; kind++) {
    const double m = 0.02;
    const double mz = 0.06;
    const zps_dark_sector s = zps_dark_sector_make((zps_dark_matter)kind, m, 1.0 / 3.0, 1e-5, 1e-3);
    for (double x = 1.0; x <= 8.0; x += 1.0) {
      const double t = m / x;
      const double d_sigma = zps_annihilation_sigma(&s, mz * mz) * zps_square(mz * s.width_gev);
      const double area = d_sigma * ZPS_PI / (mz * s.width_gev) * ((mz * mz) - (4.0 * m * m)) * mz;
      const double bessel = gsl_sf_bessel_K1(mz / t) / zps_square(gsl_sf_bessel_Kn(2, x));
      zps_assert_relative(zps_annihilation_average(&s, x), area * bessel / (8.0 * zps_square(m * m) * t), 3e-6);
    }
  }
}

/* A broad Z' across the muon threshold, against Simpson's rule in t, y = t^2: the error left by the kink at the
 * threshold is (step)^1.5, 1e-6. */
static void test_against_simpson(void **state) {
  const double m = 0.08;
  const double x = 12.0;
  const int n = 200000;
  double sum = 0.0;
  (void)state;
  const zps_dark_sector s = zps_dark_sector_make(ZPS_DARK_DIRAC, m, 1.0 / 3.0, 1.0, 2.0);
  for (int i = 1; i < n; i++) {
    const double t = 8.0 * (double)i / n;
    const double w = m * (2.0 + (t * t / x));
    const double k1 = gsl_sf_bessel_K1_scaled(w * x / m) * exp(-t * t);
    const double value = zps_annihilation_sigma(&s, w * w) * ((w * w) - (4.0 * m * m)) * w * w * k1 * 2.0 * t;
    sum += (i % 2 == 1 ? 4.0 : 2.0) * value;
  }
  const double want = sum * 8.0 / (3.0 * n) / (4.0 * zps_square(m * m * gsl_sf_bessel_Kn_scaled(2, x)));
  zps_assert_relative(zps_annihilation_average(&s, x), want, 3e-6);
}

/* Optical theorem at the peak: the sum over final states f of sigma(chi chi -> f) on resonance is, for a spin-1 state,
 * 12 pi beta_chi^-2 4/(n_1 n_2) Gamma_chi Gamma_f/(m^2 Gamma^2) with n = 2 spin states (Dirac; s = m^2). Two
 * independent formulas, widths and cross-section, must agree. */
static void test_peak_matches_widths(void **state) {
  (void)state;
  for (double mz = 0.03; mz < 20.0; mz *= 2.1) {
    const zps_dark_sector s = zps_dark_sector_make(ZPS_DARK_DIRAC, mz / 3.0, 1.0 / 3.0, 1e-2, 0.05);
    const double chi = zps_width_dark(ZPS_DARK_DIRAC, mz, 0.05, mz / 3.0);
    const double final = s.width_gev - chi;
    const double beta2 = 5.0 / 9.0;
    const double want = 12.0 * ZPS_PI * chi * final / (mz * mz * s.width_gev * s.width_gev * beta2);
    zps_assert_relative(zps_annihilation_sigma(&s, mz * mz), want, 1e-10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cold_dirac),          cmocka_unit_test(test_cold_scalar),
      cmocka_unit_test(test_narrow_resonance),    cmocka_unit_test(test_against_simpson),
      cmocka_unit_test(test_peak_matches_widths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
