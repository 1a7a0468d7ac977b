/* Pictures of a result, drawn by gnuplot (Debian package gnuplot-nox), and their numbers as csv. The job is the
 * effective one (host/io/signal.h). */
#ifndef ZPS_PLOT_H
#define ZPS_PLOT_H

#include "host/error.h"
#include "host/io/result.h"

/** Draws the signal efficiency of every trigger against the Z' mass, with 68.27 % intervals, into path_png and a PDF,
 *  and writes the numbers beside it (same name, .csv for .png): mass_gev, then per trigger <name>, <name>_lo,
 *  <name>_hi. Existing files are replaced, all three or none. ZPS_UNAVAILABLE when gnuplot is not installed, ZPS_IO,
 *  ZPS_FAILURE with gnuplot's own first line. */
zps_status zps_plot_efficiency(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error);

/** ZPS_INVALID, in the name of path_png, for a grid with fewer than two masses or couplings, and when no event is
 *  accepted at any mass: there is no map to draw. */
zps_status zps_plot_yield_check(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error);

/** Draws the expected signal events, all triggers together, over mass and coupling, with the contour of 2.303 events
 *  (90 % upper limit for none observed and no background, exact CLs), into path_png. For a result that
 *  zps_plot_yield_check() passes; otherwise as above; csv: mass_gev, coupling, the triggers, total. Of more than 300
 *  masses or couplings the map shows every second, third ... one; the csv has all. */
zps_status zps_plot_yield(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error);

#endif
