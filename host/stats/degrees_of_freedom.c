#include "host/stats/degrees_of_freedom.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_spline.h>

#include "kernels/constants.h"
#include "kernels/math.h"

#define N_TABLE 16
#define MEV 1e-3
#define LOG_T_MAX 5.45
/* Largest momentum, in T beyond the mass, and steps of the ideal-gas integrals. */
#define P_END 40.0
#define N_P 400

/* Borsanyi et al., table S2: log10(T/MeV), g, g/h. */
static const double log_t[N_TABLE] = {0.00, 0.50, 1.00, 1.25, 1.60, 2.00, 2.15, 2.20,
                                      2.40, 2.50, 3.00, 4.00, 4.30, 4.60, 5.00, 5.45};
static const double table_g[N_TABLE] = {10.71, 10.74, 10.76, 11.09, 13.68, 17.61, 24.07,  29.84,
                                        47.83, 53.04, 73.48, 83.10, 85.56, 91.97, 102.17, 104.98};
static const double table_ratio[N_TABLE] = {1.00228, 1.00029, 1.00048, 1.00505, 1.02159, 1.02324, 1.05423, 1.07578,
                                            1.06118, 1.04690, 1.01778, 1.00123, 1.00389, 1.00887, 1.00750, 1.00023};

/** Contribution of e+ and e- to g and h. */
typedef struct electrons {
  double g, h;
} electrons;

/** rho = 4/(2 pi^2) Int p^2 E/(exp(E/T) + 1) dp, pressure with p^4/(3E) in place of p^2 E; the trapezoidal rule on
 * even, analytic integrands converges exponentially. */
static electrons electron_gas(double t_gev) {
  const double a = ZPS_ELECTRON_MASS_GEV / t_gev;
  const double step = sqrt((P_END + a) * (P_END + a) - (a * a)) / N_P;
  double rho = 0.0;
  double pressure = 0.0;
  for (int i = 1; i <= N_P; i++) {
    const double p = step * (double)i;
    const double e = sqrt((p * p) + (a * a));
    const double occupied = 1.0 / (exp(e) + 1.0);
    rho += p * p * e * occupied;
    pressure += p * p * p * p / (3.0 * e) * occupied;
  }
  const double unit = 4.0 * step / (2.0 * ZPS_PI * ZPS_PI);
  return (electrons){.g = unit * rho * 30.0 / (ZPS_PI * ZPS_PI),
                     .h = unit * (rho + pressure) * 45.0 / (2.0 * ZPS_PI * ZPS_PI)};
}

/** Below 1 MeV, without `root`. */
static zps_freedom cold(double t_gev) {
  const electrons e = electron_gas(t_gev);
  const double warm = (2.0 + e.h) / 5.5; /* (T_neutrino/T)^3: 1 before, 4/11 after the e+e- annihilate */
  return (zps_freedom){.g = 2.0 + e.g + (5.25 * warm * cbrt(warm)), .h = 2.0 + e.h + (5.25 * warm), .root = 0.0};
}

/** h/sqrt(g) (1 + dln h/dln T/3) */
static double root_of(double g, double h, double slope) {
  return h / sqrt(g) * (1.0 + (slope / 3.0));
}

static zps_freedom cold_with_root(double t_gev) {
  const double step = 1e-3;
  zps_freedom f = cold(t_gev);
  const double slope = log(cold(t_gev * (1.0 + step)).h / cold(t_gev * (1.0 - step)).h) / (2.0 * step);
  f.root = root_of(f.g, f.h, slope);
  return f;
}

/** The two splines. */
typedef struct splines {
  gsl_spline *g, *ratio;
} splines;

static zps_freedom hot(const splines *s, double t_gev) {
  const double x = log10(t_gev / MEV);
  const double at = fmin(x, LOG_T_MAX);
  const double g = gsl_spline_eval(s->g, at, NULL);
  const double ratio = gsl_spline_eval(s->ratio, at, NULL);
  const double slope =
      x < LOG_T_MAX
          ? ((gsl_spline_eval_deriv(s->g, at, NULL) / g) - (gsl_spline_eval_deriv(s->ratio, at, NULL) / ratio)) /
                log(10.0)
          : 0.0;
  return (zps_freedom){.g = g, .h = g / ratio, .root = root_of(g, g / ratio, slope)};
}

zps_status zps_freedom_fill(size_t n, const double *t_gev, zps_freedom *freedom, zps_error *error) {
  splines s = {.g = gsl_spline_alloc(gsl_interp_cspline, N_TABLE),
               .ratio = gsl_spline_alloc(gsl_interp_cspline, N_TABLE)};
  zps_status status = ZPS_OK;
  if (s.g == NULL || s.ratio == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for the degrees of freedom");
  } else {
    (void)gsl_spline_init(s.g, log_t, table_g, N_TABLE);
    (void)gsl_spline_init(s.ratio, log_t, table_ratio, N_TABLE);
    for (size_t i = 0; i < n; i++) {
      freedom[i] = t_gev[i] < MEV ? cold_with_root(t_gev[i]) : hot(&s, t_gev[i]);
    }
  }
  gsl_spline_free(s.g);
  gsl_spline_free(s.ratio);
  return status;
}
