/* Cross-sections and sampling tables of Z' emission, from the densities of kernels/emission.h.
 *
 * Everything here has the same bits with every compiler: fixed Gauss-Legendre products, kernels/math.h, sums in
 * fixed order. The variables are those of kernels/emission.h, in which the integrand is smooth up to the ends. */
#ifndef ZPS_EMISSION_TABLE_H
#define ZPS_EMISSION_TABLE_H

#include <stddef.h>

#include "host/error.h"
#include "kernels/emission.h"

/** Nodes per dimension of the product rule: a (x), b (angle), c (t), f (phi; the midpoint rule on half a turn,
 *  which converges exponentially for a periodic even function). */
typedef struct zps_sigma_rule {
  size_t n_a, n_b, n_t, n_phi;
} zps_sigma_rule;

/** 48 x 32 x 16 x 4, twice as many in t with an option of the form factor: by doubling 1e-4 or better on Pb from 1 MeV
 * to 5 GeV, 2e-4 on Fe and Cu, 5e-4 on C (tests/physics/test_sigma.c). */
zps_sigma_rule zps_sigma_rule_default(void);

/** The rule with twice (or, for scale = -1, half) the nodes in each dimension. */
zps_sigma_rule zps_sigma_rule_scaled(zps_sigma_rule rule, int scale);

/** Charge and mass number [A in g/mol] to the nucleus the kernels read, with the elastic form factor alone. */
zps_nucleus zps_nucleus_make(double z, double a);

/** Gives a nucleus made above another form factor (docs/physics.md 2). Helm's has the radius
 *  R_n^2 = c^2 + 7/3 pi^2 a^2 - 5 s^2, c = (1.23 A^(1/3) - 0.60) fm, a = 0.52 fm, s = 0.9 fm
 *  (Lewin and Smith, Astropart. Phys. 6 (1996) 87, eqs. 4.7 and 4.11). */
void zps_nucleus_set_form(zps_nucleus *nucleus, zps_form_factor form, zps_inelastic inelastic);

/** The model the functions below and the engines take, ZPS_EMISSION_...: model (ETL, WW, IWW) itself for a vector and
 *  the elastic form factor, else the exact tree level with options. ZPS_INVALID where WW or IWW is asked for anything
 *  else than a vector and the elastic form factor: they have no form here. */
zps_status zps_emission_choose(const zps_nucleus *nucleus, int model, zps_mediator mediator, int *chosen,
                               zps_error *error);

/** Is emission possible at all: m/E < 1 - m^4/(8 E^3 M) - m_mu/E. */
int zps_emission_possible(const zps_nucleus *nucleus, double mass_gev, double energy_gev);

/** ZPS_INVALID when no emission at x > x_min is possible: what zps_emission_build() refuses before it integrates. */
zps_status zps_emission_check(const zps_nucleus *nucleus, double mass_gev, double energy_gev, double x_min,
                              zps_error *error);

/** Integral of the sampled density over x > x_min (0: all x) [GeV^-2, g = 1]: for the exact model the total
 *  cross-section; for WW and IWW the part inside exact phase space, which normalises their samples. */
zps_status zps_emission_integrate(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev,
                                  double x_min, zps_sigma_rule rule, double *integral, zps_error *error);

/** Cross-section of the chosen model at g = 1 [pb] with its quadrature error (difference to the rule with twice the
 *  nodes). WW integrates its own formula (docs/physics.md 2b) over all angles, IWW over theta dtheta to infinity. */
zps_status zps_sigma_pb(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev, double x_min,
                        zps_sigma_rule rule, double *sigma_pb, double *error_pb, zps_error *error);

/** The same without the error: a seventeenth of the cost. */
zps_status zps_sigma_value_pb(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev, double x_min,
                              zps_sigma_rule rule, double *sigma_pb, zps_error *error);

/** Fills the shape of t (one per nucleus). */
void zps_t_shape_build(const zps_nucleus *nucleus, zps_t_shape *shape);

/** Fills the table of one mass for muons of nominal energy; integral_all receives the integral of the same density over
 *  all x, so that table->sigma / *integral_all is the share of x > x_min. */
zps_status zps_emission_build(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev, double x_min,
                              uint64_t i_mass, zps_emission *table, double *integral_all, zps_error *error);

/** Share of the proposal of a table of zps_emission_build() in each column of a; they add up to 1. */
void zps_emission_column_shares(const zps_emission *table, double share[ZPS_N_A]);

/** Mean k of events of the nominal energy: 1/sum over the cells of 1/(cell[2] * sigma), 1 for a table of
 *  zps_emission_build() and as much more as favoured columns make it. */
double zps_emission_mean_k(const zps_emission *table);

/** Turns a table of zps_emission_build() into one that favours columns of a: the probability of column i is multiplied
 *  by favour[i] (0 to 1) and by what makes all add up to 1, and k there divided by favour[i], so that sums of k keep
 *  their proportions for whatever favours above 0. Favour 0 leaves a column out. At least one is above 0. */
void zps_emission_favour_columns(const double favour[ZPS_N_A], zps_emission *table);

#endif
