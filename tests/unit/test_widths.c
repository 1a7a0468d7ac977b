/* Laws of the two-body widths: thresholds, limits far above them, scaling with the couplings. */
#include "tests/zps_test.h"

#include "host/stats/widths.h"
#include "kernels/constants.h"

/* Rounding only: a dozen operations of 1.1e-16 each. */
#define ROUNDING 1e-14

static void test_neutrinos(void **state) {
  (void)state;
  /* g^2 m/(12 pi) with g = 1, m = 12 pi. */
  zps_assert_relative(zps_width_neutrinos(37.699111843077517, 1.0), 1.0, ROUNDING);
  zps_assert_relative(zps_width_neutrinos(0.1, 2e-4), 4.0 * zps_width_neutrinos(0.1, 1e-4), ROUNDING);
}

/* At m = 4 m_l: r = 1/16, (1 + 1/8) sqrt(3/4). */
static void test_lepton(void **state) {
  const double m = 4.0 * ZPS_MUON_MASS_GEV;
  (void)state;
  zps_assert_relative(zps_width_lepton(m, 1e-3, ZPS_MUON_MASS_GEV),
                      zps_width_neutrinos(m, 1e-3) * 1.125 * 0.86602540378443865, ROUNDING);
  zps_assert_near(zps_width_lepton(2.0 * ZPS_MUON_MASS_GEV, 1e-3, ZPS_MUON_MASS_GEV), 0.0, 0.0);
  zps_assert_near(zps_width_lepton(0.1, 1e-3, ZPS_MUON_MASS_GEV), 0.0, 0.0);
  assert_true(zps_width_lepton(2.0001 * ZPS_MUON_MASS_GEV, 1e-3, ZPS_MUON_MASS_GEV) > 0.0);
  /* (1 + 2r) sqrt(1 - 4r) = 1 - 6 r^2 + O(r^3): at r = 1e-6 that is 1 - 6e-12. */
  zps_assert_relative(zps_width_lepton(1e3, 1.0, 1.0), zps_width_neutrinos(1e3, 1.0) * (1.0 - 6e-12), 1e-14);
}

static void test_dark(void **state) {
  const double m = 0.3;
  const double g_chi = 0.05;
  (void)state;
  /* Massless: 1/12, 1/48 and 1/24 of g_chi^2 m/pi. */
  const double dirac = zps_width_dark(ZPS_DARK_DIRAC, m, g_chi, 0.0);
  zps_assert_relative(dirac, zps_width_neutrinos(m, g_chi), ROUNDING);
  zps_assert_relative(zps_width_dark(ZPS_DARK_SCALAR, m, g_chi, 0.0), 0.25 * dirac, ROUNDING);
  zps_assert_relative(zps_width_dark(ZPS_DARK_MAJORANA, m, g_chi, 0.0), 0.5 * dirac, ROUNDING);
  /* m = 3 m_chi: 1 - 4r = 5/9. */
  const double beta = sqrt(5.0 / 9.0);
  zps_assert_relative(zps_width_dark(ZPS_DARK_DIRAC, m, g_chi, m / 3.0), dirac * (11.0 / 9.0) * beta, ROUNDING);
  zps_assert_relative(zps_width_dark(ZPS_DARK_SCALAR, m, g_chi, m / 3.0), dirac * 0.25 * beta * 5.0 / 9.0, ROUNDING);
  zps_assert_relative(zps_width_dark(ZPS_DARK_MAJORANA, m, g_chi, m / 3.0), dirac * 0.5 * beta * 5.0 / 9.0, ROUNDING);
  for (int kind = ZPS_DARK_NONE; kind <= ZPS_DARK_MAJORANA; kind++) {
    zps_assert_near(zps_width_dark((zps_dark_matter)kind, m, g_chi, 0.5 * m), 0.0, 0.0);
    zps_assert_near(zps_width_dark((zps_dark_matter)kind, m, g_chi, m), 0.0, 0.0);
  }
  zps_assert_near(zps_width_dark(ZPS_DARK_NONE, m, g_chi, 0.0), 0.0, 0.0);
}

static void test_branching_without_dark_matter(void **state) {
  (void)state;
  /* Below 2 m_mu only neutrinos are open. */
  zps_assert_near(zps_branching_invisible(0.001, 1e-4, ZPS_DARK_NONE, 0.0, 0.0), 1.0, 0.0);
  zps_assert_near(zps_branching_invisible(2.0 * ZPS_MUON_MASS_GEV, 1e-4, ZPS_DARK_NONE, 0.0, 0.0), 1.0, 0.0);
  /* Far above 2 m_mu, below 2 m_tau: nu nu equals mu mu, 1/2 (6 r^2 = 6e-6 at 3.3 GeV, half of it in Br). */
  zps_assert_near(zps_branching_invisible(3.3, 1e-4, ZPS_DARK_NONE, 0.0, 0.0), 0.5, 3e-6);
  /* Far above 2 m_tau: 1/3 (6 r^2 = 1.9e-8 with tau at 238 GeV; a ninth of it twice). */
  zps_assert_near(zps_branching_invisible(238.0, 1e-4, ZPS_DARK_NONE, 0.0, 0.0), 1.0 / 3.0, 3e-9);
  /* g cancels. */
  for (double g = 1e-6; g < 1.0; g *= 10.0) {
    zps_assert_relative(zps_branching_invisible(0.5, g, ZPS_DARK_NONE, 0.0, 0.0),
                        zps_branching_invisible(0.5, 1e-4, ZPS_DARK_NONE, 0.0, 0.0), ROUNDING);
  }
}

static void test_branching_with_dark_matter(void **state) {
  (void)state;
  /* 1 - Br = Gamma(mu mu)/Gamma <= (g/g_chi)^2 (12/48 of the scalar's factor at most): small g, all dark. */
  zps_assert_near(zps_branching_invisible(1.0, 1e-6, ZPS_DARK_DIRAC, 0.05, 1.0 / 3.0), 1.0, 1e-9);
  /* g >> g_chi: as without. */
  zps_assert_near(zps_branching_invisible(1.0, 1.0, ZPS_DARK_SCALAR, 1e-6, 1.0 / 3.0),
                  zps_branching_invisible(1.0, 1.0, ZPS_DARK_NONE, 0.0, 0.0), 1e-11);
  /* Too heavy to be made: exactly as without. */
  zps_assert_near(zps_branching_invisible(1.0, 1e-3, ZPS_DARK_MAJORANA, 0.05, 0.5),
                  zps_branching_invisible(1.0, 1e-3, ZPS_DARK_NONE, 0.0, 0.0), 0.0);
  /* Invisible and visible widths add up to the total. */
  const double total = zps_width_total(5.0, 1e-3, ZPS_DARK_DIRAC, 1e-3, 0.2);
  const double visible = zps_width_lepton(5.0, 1e-3, ZPS_MUON_MASS_GEV) + zps_width_lepton(5.0, 1e-3, ZPS_TAU_MASS_GEV);
  zps_assert_relative(zps_branching_invisible(5.0, 1e-3, ZPS_DARK_DIRAC, 1e-3, 0.2), 1.0 - (visible / total), ROUNDING);
}

/* At m = 4 m_f, beta^2 = 3/4, r = 1/16; at r = 0 a scalar's width is 3/2 of a vector's, parity doubles agree. The spin
 * sum of a decaying axial vector is a vector's with m_f -> -m_f in the interference: (1 - 4r) for (1 + 2r). */
static void test_pairs(void **state) {
  const double beta = sqrt(0.75);
  (void)state;
  const double vector = zps_width_pair(ZPS_MEDIATOR_VECTOR, 1.0, 0.3, 0.0);
  zps_assert_relative(vector, zps_width_neutrinos(1.0, 0.3), ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_AXIAL, 1.0, 0.3, 0.0), vector, ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_SCALAR, 1.0, 0.3, 0.0), 1.5 * vector, ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_PSEUDOSCALAR, 1.0, 0.3, 0.0), 1.5 * vector, ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_VECTOR, 1.0, 0.3, 0.25), vector * 1.125 * beta, ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_AXIAL, 1.0, 0.3, 0.25), vector * 0.75 * beta, ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_SCALAR, 1.0, 0.3, 0.25), 1.5 * vector * 0.75 * beta, ROUNDING);
  zps_assert_relative(zps_width_pair(ZPS_MEDIATOR_PSEUDOSCALAR, 1.0, 0.3, 0.25), 1.5 * vector * beta, ROUNDING);
  for (int i = ZPS_MEDIATOR_VECTOR; i <= ZPS_MEDIATOR_AXIAL; i++) {
    zps_assert_near(zps_width_pair((zps_mediator)i, 1.0, 0.3, 0.5), 0.0, 0.0);
  }
}

/* Below 2 m_mu only dark matter is open; above, equal couplings and masses share equally; a vector is as before. */
static void test_process_branching(void **state) {
  zps_job_process p = {.mediator = ZPS_MEDIATOR_SCALAR, .dark_matter = ZPS_DARK_DIRAC, .g_chi = 0.05};
  (void)state;
  for (int i = ZPS_MEDIATOR_SCALAR; i <= ZPS_MEDIATOR_AXIAL; i++) {
    p.mediator = (zps_mediator)i;
    p.dark_mass_ratio = 1.0 / 3.0;
    zps_assert_near(zps_process_branching(&p, 0.1, 1.0), 1.0, 0.0);
    p.dark_mass_ratio = ZPS_MUON_MASS_GEV;
    zps_assert_relative(zps_process_branching(&p, 1.0, 0.05), 0.5, ROUNDING);
    p.dark_mass_ratio = 0.6;
    zps_assert_near(zps_process_branching(&p, 0.1, 1.0), 0.0, 0.0);
  }
  p.mediator = ZPS_MEDIATOR_VECTOR;
  p.dark_mass_ratio = 1.0 / 3.0;
  zps_assert_near(zps_process_branching(&p, 1.0, 1e-3),
                  zps_branching_invisible(1.0, 1e-3, ZPS_DARK_DIRAC, 0.05, 1.0 / 3.0), 0.0);
}

/* In units of m/(12 pi): g^2 for neutrinos, g^2 (1 + 1/8) sqrt(3/4) for muons at 4 m_mu, g_chi^2/4 beta^3 for the
 * scalar, beta^2 = 5/9 at m = 3 m_chi. */
static void test_relative_width(void **state) {
  const zps_job_process p = {.dark_matter = ZPS_DARK_SCALAR, .g_chi = 0.05, .dark_mass_ratio = 1.0 / 3.0};
  const double m = 4.0 * ZPS_MUON_MASS_GEV;
  const double leptons = 0.01 * (1.0 + (1.125 * sqrt(0.75)));
  const double dark = 0.0025 * 0.25 * pow(5.0 / 9.0, 1.5);
  (void)state;
  zps_assert_relative(zps_process_relative_width(&p, m, 0.1), (leptons + dark) / (12.0 * ZPS_PI), ROUNDING);
  zps_assert_relative(zps_process_relative_width(&p, m, 0.1),
                      zps_width_total(m, 0.1, ZPS_DARK_SCALAR, 0.05, 1.0 / 3.0) / m, ROUNDING);
}

/* N(g) = n by definition, for every mix of widths; the slope is that of two neighbours, 2e-4 apart: 1e-8 of curvature.
 */
static void check_coupling(const zps_job_process *p, double mass_gev, double events_at_1, double n) {
  const zps_process_widths w = zps_process_widths_at(p, mass_gev, 1.0);
  const double g = zps_coupling_of_events(&w, events_at_1, n);
  zps_assert_relative(events_at_1 * g * g * zps_process_branching(p, mass_gev, g), n, 1e-13);
  const double change =
      zps_coupling_of_events(&w, events_at_1, 1.0001 * n) / zps_coupling_of_events(&w, events_at_1, 0.9999 * n);
  zps_assert_relative(zps_events_slope(&w, g), log(1.0001 / 0.9999) / log(change), 1e-6);
}

static void test_coupling_of_events(void **state) {
  zps_job_process p = {.g_chi = 0.05, .dark_mass_ratio = 1.0 / 3.0};
  (void)state;
  for (int kind = ZPS_DARK_NONE; kind <= ZPS_DARK_MAJORANA; kind++) {
    p.dark_matter = (zps_dark_matter)kind;
    for (double mass = 0.01; mass < 20.0; mass *= 3.0) {
      for (double events = 1e-2; events < 1e12; events *= 100.0) {
        check_coupling(&p, mass, events, 2.3);
      }
    }
  }
}

/* Without decays to neutrinos N(g) = events_at_1 g^2 d/(v g^2 + d) never exceeds events_at_1 d/v; without dark matter
 * there is no signal at all. */
static void test_coupling_that_does_not_exist(void **state) {
  zps_job_process p = {
      .mediator = ZPS_MEDIATOR_SCALAR, .dark_matter = ZPS_DARK_DIRAC, .g_chi = 0.05, .dark_mass_ratio = 1.0 / 3.0};
  const zps_process_widths w = zps_process_widths_at(&p, 1.0, 1.0);
  const double most = 1e4 * w.dark / w.leptons;
  (void)state;
  check_coupling(&p, 1.0, 1e4, 0.9 * most);
  check_coupling(&p, 0.1, 1e4, 2.3); /* no muons: Br = 1 */
  assert_true(isinf(zps_coupling_of_events(&w, 1e4, 1.001 * most)));
  assert_true(isinf(zps_coupling_of_events(&w, 0.0, 2.3)));
  p.dark_matter = ZPS_DARK_NONE;
  for (int i = 0; i < 2; i++) {
    const zps_process_widths none = zps_process_widths_at(&p, i == 0 ? 1.0 : 0.1, 1.0);
    assert_true(isinf(zps_coupling_of_events(&none, 1e4, 2.3)));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_neutrinos),
      cmocka_unit_test(test_lepton),
      cmocka_unit_test(test_dark),
      cmocka_unit_test(test_branching_without_dark_matter),
      cmocka_unit_test(test_branching_with_dark_matter),
      cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_process_branching),
      cmocka_unit_test(test_relative_width),
      cmocka_unit_test(test_coupling_of_events),
      cmocka_unit_test(test_coupling_that_does_not_exist),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
