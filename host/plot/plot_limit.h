/* Pictures of limits. Each is drawn as PNG and PDF with its numbers as csv (host/plot/figure.h); failures are those of
 * zps_figure_finish(), and ZPS_INVALID when no mass has a limit. */
#ifndef ZPS_PLOT_LIMIT_H
#define ZPS_PLOT_LIMIT_H

#include "host/plot/overlay.h"
#include "host/stats/limit_curve.h"

/** Ends of the mass axis of zps_plot_exclusion() [GeV]: the masses of the limit, and those of other experiments' curves
 *  (overlay may be NULL) up to two decades beyond. A curve of which nothing lies there is not drawn. */
void zps_plot_exclusion_masses(const zps_limit_curve *curve, const zps_overlay *overlay, double ends[2]);

/** Couplings excluded over the mass, with the couplings that explain Delta a_mu (2 sigma) and other experiments' curves
 *  (overlay may be NULL). csv: mass_gev, interval, g_lo, g_hi, g_expected, g2_lo, g2_hi. */
zps_status zps_plot_exclusion(const zps_limit_curve *curve, const zps_overlay *overlay, const char *path_png,
                              zps_error *error);

/** Limit observed and expected, with 1- and 2-sigma bands. csv: mass_gev, g_observed, g_expected, and the four ends. */
zps_status zps_plot_expected(const zps_limit_curve *curve, const char *path_png, zps_error *error);

/** ZPS_INVALID, in the name of path_png, for a job without dark matter or of a mass ratio m_chi/m from 0.5 on. */
zps_status zps_plot_thermal_check(const zps_job *job, const char *path_png, zps_error *error);

/** The same for m_chi, the axis of zps_plot_thermal(). */
void zps_plot_thermal_masses(const zps_limit_curve *curve, const zps_overlay *overlay, double ends[2]);

/** y = (g_chi g)^2 (m_chi/m)^4 excluded over m_chi, with the thermal targets of scalar, pseudo-Dirac and Majorana dark
 *  matter at g_chi and m_chi/m of the job, on 16 masses and 9 at each lepton's threshold (about 25 s of one core). For
 * a job that zps_plot_thermal_check() passes. csv: curve, m_chi_gev, y. */
zps_status zps_plot_thermal(const zps_limit_curve *curve, const zps_overlay *overlay, const char *path_png,
                            zps_error *error);

#endif
