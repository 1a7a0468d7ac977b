/* Partial widths of the Z' of L_mu - L_tau and of other mediators, and their invisible branching ratios.
 *
 * Tree level, vector coupling g to mu, tau and their left-handed neutrinos, g_chi to dark matter; kinetic mixing
 * (decays to electrons and quarks) is left out. Widths in GeV. Formulas: arXiv:2401.01708 and its references; they are
 * the standard two-body results, with beta = sqrt(1 - 4 r), r = (m_daughter/m)^2. Every width is 0 at and below
 * threshold. */
#ifndef ZPS_STATS_WIDTHS_H
#define ZPS_STATS_WIDTHS_H

#include "host/job/job.h"

/** Gamma(Z' -> nu nu), nu_mu and nu_tau together: g^2 m/(12 pi). mass_gev > 0. */
double zps_width_neutrinos(double mass_gev, double coupling);

/** Gamma(Z' -> l l) of one charged lepton: g^2 m/(12 pi) (1 + 2 r) beta. */
double zps_width_lepton(double mass_gev, double coupling, double lepton_gev);

/** Gamma(Z' -> chi chi), g_chi^2 m times
 *    Dirac (1 + 2 r) beta/(12 pi),  complex scalar beta^3/(48 pi),  Majorana (axial) beta^3/(24 pi);  0 for none. */
double zps_width_dark(zps_dark_matter kind, double mass_gev, double g_chi, double dark_gev);

/** Sum of all of the above, mu and tau pairs included. */
double zps_width_total(double mass_gev, double coupling, zps_dark_matter kind, double g_chi, double dark_mass_ratio);

/** Br(Z' -> nu nu or chi chi), 0 .. 1. dark_mass_ratio = m_chi/m_Z'. */
double zps_branching_invisible(double mass_gev, double coupling, zps_dark_matter kind, double g_chi,
                               double dark_mass_ratio);

/** Gamma(X -> f f) into a Dirac pair, coupled as X couples to muons (docs/physics.md 2e):
 *    vector g^2 m (1 + 2r) beta/(12 pi),  scalar g^2 m beta^3/(8 pi),  pseudoscalar g^2 m beta/(8 pi),
 *    axial vector g^2 m beta^3/(12 pi). */
double zps_width_pair(zps_mediator mediator, double mass_gev, double coupling, double daughter_gev);

/** Widths of a job's process at a mass, in GeV. A scalar, pseudoscalar or axial vector couples to muons and to Dirac
 * dark matter in the same way and to nothing else; jobs of those have dark_matter dirac. Loop decays (gamma gamma) are
 * left out. */
typedef struct zps_process_widths {
  double neutrinos, leptons; /* proportional to g^2 */
  double dark;               /* of no g */
} zps_process_widths;

zps_process_widths zps_process_widths_at(const zps_job_process *process, double mass_gev, double coupling);

/** Gamma/m, all decays together. */
double zps_process_relative_width(const zps_job_process *process, double mass_gev, double coupling);

/** Br(X -> invisible) of a job's process at a mass and a coupling, 0 .. 1: zps_branching_invisible() for a vector. For
 *  other mediators Br is 1 below 2 m_mu and 0 where chi chi and mu mu are both closed. */
double zps_process_branching(const zps_job_process *process, double mass_gev, double coupling);

/** The coupling at which n > 0 events are expected, above which more are: N(g) = events_at_1 g^2 Br(g) = n, with
 *  events_at_1 >= 0 those at g = 1 were every decay invisible, and the widths at coupling 1. Infinite when no coupling
 *  has as many. In closed form: with s = g^2, a the width to neutrinos and t that to neutrinos and leptons at coupling
 *  1, d that to dark matter,
 *    N = events_at_1 s (a s + d)/(t s + d),   dN/ds = events_at_1 (a t s^2 + 2 a d s + d^2)/(t s + d)^2 >= 0,
 *  so that the quadratic equation for s has one positive root. */
double zps_coupling_of_events(const zps_process_widths *widths, double events_at_1, double n);

/** d ln N/d ln g of that N at a coupling > 0, where N > 0: 2 where Br stands still, less where leptons take over. */
double zps_events_slope(const zps_process_widths *widths, double coupling);

#endif
