#include "host/stats/g2.h"

#include <math.h>

#include "kernels/constants.h"
#include "kernels/math.h"

/* With x = 1/(1 + exp(-u)) the integrand is analytic for |Im u| < pi/2 and falls off exponentially at both ends: the
 * trapezoidal rule converges as exp(-pi^2/step) (Trefethen and Weideman, SIAM Review 56 (2014) 385). */
#define STEP 0.25
#define U_END 90.0

static double integrand(double u, double ratio2) {
  const double e = exp(-fabs(u));
  const double x = u > 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
  const double y = u > 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
  return x * x * x * y * y / ((x * x) + (y * ratio2));
}

double zps_g2_delta(double mass_gev) {
  const double ratio2 = zps_square(mass_gev / ZPS_MUON_MASS_GEV);
  const int n = (int)(U_END / STEP);
  double sum = 0.0;
  for (int i = -n; i <= n; i++) {
    sum += integrand(STEP * (double)i, ratio2);
  }
  return STEP * sum / (4.0 * ZPS_PI * ZPS_PI);
}

zps_interval zps_g2_band(double mass_gev, double delta, double error, double n_sigma) {
  const double unit = zps_g2_delta(mass_gev);
  const double lo = fmax(delta - (n_sigma * error), 0.0);
  const double hi = fmax(delta + (n_sigma * error), 0.0);
  return (zps_interval){sqrt(lo / unit), sqrt(hi / unit)};
}
