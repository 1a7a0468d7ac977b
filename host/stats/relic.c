#include "host/stats/relic.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_spline.h>

#include "host/stats/degrees_of_freedom.h"
#include "host/stats/root.h"
#include "kernels/math.h"

#define PLANCK_MASS_GEV 1.220890e19 /* PDG 2022 */
/* Entropy density and critical density/h^2 today: 2891.2 cm^-3, 1.05371e-5 GeV cm^-3 (PDG 2022). */
#define DENSITY_PER_YIELD_GEV (2891.2 / 1.05371e-5)
#define X_FIRST 2.0
#define X_LAST 1e6
#define N_X 200
#define ODE_PRECISION 1e-7
#define LAG_FIRST 1e-3
#define MAX_ODE_STEPS 200000
#define G_MIN 1e-9
#define G_MAX 10.0

/** ln of the rate and of Y_eq exp(x), splines in ln x. */
typedef struct history {
  gsl_spline *rate;        /* sqrt(pi/45) M_Planck m g_*^(1/2) <sigma v>/x: per unit of Y and of ln x */
  gsl_spline *equilibrium; /* Y_eq exp(x) */
} history;

/** The tables behind them. */
typedef struct tables {
  double log_x[N_X], t_gev[N_X], rate[N_X], equilibrium[N_X];
  zps_freedom freedom[N_X];
} tables;

static zps_status no_memory(zps_error *error) {
  return zps_error_set(error, ZPS_MEMORY, "out of memory for a relic density");
}

static void history_free(history *h) {
  gsl_spline_free(h->rate);
  gsl_spline_free(h->equilibrium);
}

static double log_equilibrium(const history *h, double log_x) {
  return gsl_spline_eval(h->equilibrium, log_x, NULL) - exp(log_x);
}

/** d ln Y/d ln x */
static int derivative(double log_x, const double log_y[], double out[], void *context) {
  const history *const h = (const history *)context;
  const double rate = exp(gsl_spline_eval(h->rate, log_x, NULL));
  out[0] = (rate * exp((2.0 * log_equilibrium(h, log_x)) - log_y[0])) - (rate * exp(log_y[0]));
  return isfinite(out[0]) ? GSL_SUCCESS : GSL_EBADFUNC;
}

/** Relative excess over equilibrium where production and annihilation balance the expansion, to first order:
 *  -d ln Y_eq/d ln x/(2 rate Y_eq). */
static double lag(const history *h, double log_x) {
  const double fall = gsl_spline_eval_deriv(h->equilibrium, log_x, NULL) - exp(log_x);
  return -fall / (2.0 * exp(gsl_spline_eval(h->rate, log_x, NULL) + log_equilibrium(h, log_x)));
}

/** Follows ln Y to today, from where it begins to leave equilibrium: before, the equation is stiff and the solution
 *  known to LAG_FIRST squared. */
static zps_status solve(history *h, double *log_y, zps_error *error) {
  gsl_odeiv2_system system = {.function = derivative, .dimension = 1, .params = h};
  gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-6, ODE_PRECISION, 0.0);
  const double step = log(X_LAST / X_FIRST) / (N_X - 1);
  double log_x = log(X_FIRST);
  if (driver == NULL) {
    return no_memory(error);
  }
  while (log_x + step < log(X_LAST) && lag(h, log_x + step) < LAG_FIRST) {
    log_x += step;
  }
  *log_y = log_equilibrium(h, log_x) + log1p(fmin(lag(h, log_x), LAG_FIRST));
  (void)gsl_odeiv2_driver_set_nmax(driver, MAX_ODE_STEPS);
  const int failed = gsl_odeiv2_driver_apply(driver, &log_x, log(X_LAST), log_y);
  gsl_odeiv2_driver_free(driver);
  return failed == GSL_SUCCESS && isfinite(*log_y)
             ? ZPS_OK
             : zps_error_set(error, ZPS_FAILURE, "the Boltzmann equation could not be solved");
}

static zps_status fill_times(double m_chi_gev, tables *t, zps_error *error) {
  for (int i = 0; i < N_X; i++) {
    const double share = (double)i / (N_X - 1);
    t->log_x[i] = i == N_X - 1 ? log(X_LAST) : log(X_FIRST) + (share * log(X_LAST / X_FIRST));
    t->t_gev[i] = m_chi_gev / exp(t->log_x[i]);
  }
  return zps_freedom_fill(N_X, t->t_gev, t->freedom, error);
}

/** Row i from <sigma v> [GeV^-2] of all particles and their degrees of freedom at that time. */
static void fill_row(double m_chi_gev, int i, double average, double n_dof, tables *t) {
  const double x = exp(t->log_x[i]);
  const double k2 = gsl_sf_bessel_Kn_scaled(2, x);
  const double pi4 = zps_square(zps_square(ZPS_PI));
  t->rate[i] = log(sqrt(ZPS_PI / 45.0) * PLANCK_MASS_GEV * m_chi_gev * t->freedom[i].root * average / x);
  t->equilibrium[i] = log(45.0 * n_dof * x * x * k2 / (4.0 * pi4 * t->freedom[i].h));
}

static zps_status follow(double m_chi_gev, const tables *t, double *omega_h2, zps_error *error) {
  history h = {.rate = gsl_spline_alloc(gsl_interp_cspline, N_X),
               .equilibrium = gsl_spline_alloc(gsl_interp_cspline, N_X)};
  double log_y = 0.0;
  zps_status status = h.rate != NULL && h.equilibrium != NULL ? ZPS_OK : no_memory(error);
  if (status == ZPS_OK) {
    (void)gsl_spline_init(h.rate, t->log_x, t->rate, N_X);
    (void)gsl_spline_init(h.equilibrium, t->log_x, t->equilibrium, N_X);
    status = solve(&h, &log_y, error);
    *omega_h2 = m_chi_gev * exp(log_y) * DENSITY_PER_YIELD_GEV;
  }
  history_free(&h);
  return status;
}

static zps_status check_range(double m_chi_gev, double splitting, zps_error *error) {
  if (!(m_chi_gev >= 1e-3 && m_chi_gev <= 100.0)) {
    return zps_error_set(error, ZPS_INVALID, "m_chi = %g GeV: must be 0.001 to 100", m_chi_gev);
  }
  return splitting >= 0.0 && splitting <= ZPS_RELIC_MAX_SPLITTING
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "splitting = %g: must be 0 to %g", splitting, ZPS_RELIC_MAX_SPLITTING);
}

/** Share of collisions that can annihilate, and degrees of freedom of all dark particles. */
typedef struct census {
  double pairs, n_dof;
} census;

static census count_particles(zps_dark_matter kind, double splitting, double x) {
  const double heavy = pow(1.0 + splitting, 1.5) * exp(-splitting * x);
  switch (kind) {
  case ZPS_DARK_DIRAC:
    return (census){.pairs = 2.0 * heavy / zps_square(1.0 + heavy), .n_dof = 2.0 * (1.0 + heavy)};
  case ZPS_DARK_SCALAR:
    return (census){.pairs = 0.5, .n_dof = 2.0};
  case ZPS_DARK_MAJORANA:
  case ZPS_DARK_NONE:
  default:
    return (census){.pairs = 1.0, .n_dof = 2.0};
  }
}

/* What a double can hold as a logarithm, when the heavy partner has died out. */
static double held(double value) {
  return fmax(value, 1e-280);
}

zps_status zps_relic_density(const zps_dark_sector *sector, double splitting, double *omega_h2, zps_error *error) {
  tables *t = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(check_range(sector->m_chi_gev, splitting, error));
  t = (tables *)calloc(1, sizeof *t);
  if (t == NULL) {
    return no_memory(error);
  }
  ZPS_TRY(fill_times(sector->m_chi_gev, t, error));
  for (int i = 0; i < N_X; i++) {
    const double x = exp(t->log_x[i]);
    const census c = count_particles(sector->kind, splitting, x);
    fill_row(sector->m_chi_gev, i, held(c.pairs * zps_annihilation_average(sector, x)), c.n_dof, t);
  }
  ZPS_TRY(follow(sector->m_chi_gev, t, omega_h2, error));
done:
  free(t);
  return status;
}

zps_status zps_relic_density_constant(double m_chi_gev, double n_dof, double sigma_v_cm3_s, double *omega_h2,
                                      zps_error *error) {
  tables *t = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(check_range(m_chi_gev, 0.0, error));
  t = (tables *)calloc(1, sizeof *t);
  if (t == NULL) {
    return no_memory(error);
  }
  ZPS_TRY(fill_times(m_chi_gev, t, error));
  for (int i = 0; i < N_X; i++) {
    fill_row(m_chi_gev, i, sigma_v_cm3_s / ZPS_CM3_S_GEV2, n_dof, t);
  }
  ZPS_TRY(follow(m_chi_gev, t, omega_h2, error));
done:
  free(t);
  return status;
}

/** What the root finder changes. */
typedef struct search {
  zps_dark_matter kind;
  double m_chi_gev, mass_ratio, g_chi, splitting;
  zps_status status;
  zps_error *error;
} search;

/** ln of the density over the observed one, as a function of ln g. */
static double excess(double log_g, void *context) {
  search *const s = (search *)context;
  const zps_dark_sector sector = zps_dark_sector_make(s->kind, s->m_chi_gev, s->mass_ratio, exp(log_g), s->g_chi);
  double omega_h2 = 0.0;
  const zps_status status = zps_relic_density(&sector, s->splitting, &omega_h2, s->error);
  if (status != ZPS_OK) {
    s->status = status;
    return 0.0;
  }
  return log(omega_h2 / ZPS_RELIC_OBSERVED);
}

zps_status zps_relic_target(zps_dark_matter kind, double m_chi_gev, double mass_ratio, double g_chi, double splitting,
                            zps_thermal_target *target, zps_error *error) {
  search s = {.kind = kind,
              .m_chi_gev = m_chi_gev,
              .mass_ratio = mass_ratio,
              .g_chi = g_chi,
              .splitting = splitting,
              .error = error};
  double log_g = 0.0;
  if (kind == ZPS_DARK_NONE || !(mass_ratio > 0.0 && mass_ratio < 0.5 && g_chi > 0.0)) {
    return zps_error_set(error, ZPS_INVALID,
                         "thermal target: expected dark matter with g_chi > 0 and mass ratio "
                         "below 0.5, got g_chi = %g, mass ratio = %g",
                         g_chi, mass_ratio);
  }
  /* The density falls as 1/g^2 as long as the width is that of chi chi: one step lands close. */
  const double log_start = log(1e-3);
  const double guess = log_start + (0.5 * excess(log_start, &s));
  double lo = fmax(guess - 0.5, log(G_MIN));
  double hi = fmin(guess + 0.5, log(G_MAX));
  while (s.status == ZPS_OK && lo > log(G_MIN) && excess(lo, &s) < 0.0) {
    lo = fmax(lo - 1.0, log(G_MIN));
  }
  while (s.status == ZPS_OK && hi < log(G_MAX) && excess(hi, &s) > 0.0) {
    hi = fmin(hi + 1.0, log(G_MAX));
  }
  zps_status status = s.status;
  if (status == ZPS_OK) {
    status = zps_root_find(excess, &s, lo, hi, 1e-7, &log_g, error);
    status = s.status != ZPS_OK ? s.status : status;
  }
  target->g = exp(log_g);
  target->y = zps_square(g_chi * target->g) * zps_square(zps_square(mass_ratio));
  return status;
}
