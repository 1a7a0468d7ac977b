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

/** Br(X -> invisible) of a job's process at a mass and a coupling, 0 .. 1: zps_branching_invisible() for a vector. A
 *  scalar, pseudoscalar or axial vector couples to muons and to Dirac dark matter in the same way and to nothing else:
 *  chi chi against mu mu; jobs of those have dark_matter dirac. Loop decays (gamma gamma) are left out, so that Br is 1
 *  below 2 m_mu and 0 where chi chi and mu mu are both closed. */
double zps_process_branching(const zps_job_process *process, double mass_gev, double coupling);

#endif
