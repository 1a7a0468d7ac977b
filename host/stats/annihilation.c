#include "host/stats/annihilation.h"

#include <math.h>

#include <gsl/gsl_sf_bessel.h>

#include "host/stats/widths.h"
#include "kernels/constants.h"
#include "kernels/math.h"

/* Energies above threshold, in T, at which exp(-y) has died out. */
#define Y_END 60.0
#define N_EDGE 8
/* Of the double-exponential rule: Takahasi and Mori, Publ. RIMS 9 (1974) 721. */
#define RULE_STEP 0.03125
#define RULE_END 3.4

zps_dark_sector zps_dark_sector_make(zps_dark_matter kind, double m_chi_gev, double mass_ratio, double g,
                                     double g_chi) {
  const double m_z = m_chi_gev / mass_ratio;
  return (zps_dark_sector){.kind = kind,
                           .m_chi_gev = m_chi_gev,
                           .m_z_gev = m_z,
                           .g = g,
                           .g_chi = g_chi,
                           .width_gev = zps_width_total(m_z, g, kind, g_chi, mass_ratio)};
}

/** beta_f (1 + 2 m_f^2/s) of one final state, 0 below its threshold. */
static double phase_space(double s, double m_gev) {
  const double r = m_gev * m_gev / s;
  return r < 0.25 ? sqrt(1.0 - (4.0 * r)) * (1.0 + (2.0 * r)) : 0.0;
}

/** The cross-section with beta_chi given: next to threshold s alone cannot tell it. */
static double sigma_at(const zps_dark_sector *sector, double s, double beta) {
  const double m2 = zps_square(sector->m_chi_gev);
  const double mz2 = zps_square(sector->m_z_gev);
  const double final = 1.0 + phase_space(s, ZPS_MUON_MASS_GEV) + phase_space(s, ZPS_TAU_MASS_GEV);
  const double d = zps_square(s - mz2) + (mz2 * zps_square(sector->width_gev));
  const double initial = sector->kind == ZPS_DARK_DIRAC ? (s + (2.0 * m2)) / beta : s * beta;
  return zps_square(sector->g * sector->g_chi) * initial * final / (12.0 * ZPS_PI * d);
}

double zps_annihilation_sigma(const zps_dark_sector *sector, double s) {
  const double ratio = 2.0 * sector->m_chi_gev / sqrt(s);
  return sigma_at(sector, s, sqrt((1.0 - ratio) * (1.0 + ratio)));
}

/** What is averaged, as a function of y = (sqrt s - 2 m_chi)/T. */
static double integrand(const zps_dark_sector *sector, double x, double y) {
  const double above = y / x; /* (sqrt s - 2 m_chi)/m_chi */
  const double w = sector->m_chi_gev * (2.0 + above);
  const double momentum2 = zps_square(sector->m_chi_gev) * above * (4.0 + above);
  const double beta = sqrt(above * (4.0 + above)) / (2.0 + above);
  const double sigma = above > 0.0 ? sigma_at(sector, w * w, beta) : 0.0;
  return sigma * momentum2 * w * w * gsl_sf_bessel_K1_scaled((2.0 * x) + y) * exp(-y);
}

/** Integral from lo to hi, with nodes that crowd at both ends. */
static double integral(const zps_dark_sector *sector, double x, double lo, double hi) {
  const int n = (int)(RULE_END / RULE_STEP);
  double sum = 0.0;
  for (int i = -n; i <= n; i++) {
    const double t = RULE_STEP * (double)i;
    const double u = ZPS_PI * sinh(fabs(t));                       /* twice the argument of tanh */
    const double from_end = (hi - lo) * exp(-u) / (1.0 + exp(-u)); /* of the nearer end */
    const double weight = (hi - lo) * ZPS_PI * cosh(t) * exp(-u) / zps_square(1.0 + exp(-u));
    sum += weight * integrand(sector, x, t < 0.0 ? lo + from_end : hi - from_end);
  }
  return RULE_STEP * sum;
}

/** Ends of the pieces between which the integrand is smooth, ascending; returns how many. */
static int find_edges(const zps_dark_sector *sector, double x, double edges[N_EDGE]) {
  const double m = sector->m_chi_gev;
  const double places[] = {2.0 * ZPS_MUON_MASS_GEV, 2.0 * ZPS_TAU_MASS_GEV, sector->m_z_gev};
  const double fixed[] = {2.0, 12.0, Y_END};
  double found[6];
  int n = 1;
  edges[0] = 0.0;
  for (int i = 0; i < 3; i++) {
    found[i] = x * ((places[i] / m) - 2.0);
    found[i + 3] = fixed[i];
  }
  for (;;) {
    double next = 2.0 * Y_END;
    for (int i = 0; i < 6; i++) {
      next = found[i] > edges[n - 1] && found[i] < next ? found[i] : next;
    }
    if (next > Y_END) {
      return n;
    }
    edges[n++] = next;
  }
}

double zps_annihilation_average(const zps_dark_sector *sector, double x) {
  double edges[N_EDGE];
  const int n = find_edges(sector, x, edges);
  const double k2 = gsl_sf_bessel_Kn_scaled(2, x);
  double sum = 0.0;
  for (int i = 1; i < n; i++) {
    sum += integral(sector, x, edges[i - 1], edges[i]);
  }
  return sum / (4.0 * zps_square(zps_square(sector->m_chi_gev) * k2));
}
