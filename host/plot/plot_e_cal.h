/* What the calorimeters see of muons that fire a trigger. */
#ifndef ZPS_PLOT_E_CAL_H
#define ZPS_PLOT_E_CAL_H

#include "host/error.h"
#include "host/io/result.h"
#include "host/job/job.h"

/** ZPS_INVALID, in the name of path_png, when the picture would be empty: at no mass there are muons that fire a
 * trigger and lie in the range drawn. */
zps_status zps_plot_e_cal_check(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error);

/** Draws the distribution of E_CAL of muons that fire a trigger, p_out not cut, up to 30 GeV or somewhat above the cut
 *  e_cal_max_gev, at up to four masses, or without emission of all together, with the cut, into path_png and a PDF.
 *  csv: e_cal_gev (middle of the bin), then per mass the share of these muons per GeV; the last bin also holds what
 *  lies above. For a result that zps_plot_e_cal_check() passes; otherwise as zps_plot_efficiency(). */
zps_status zps_plot_e_cal(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error);

#endif
