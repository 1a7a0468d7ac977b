/* What the calorimeters see of muons that fire a trigger. */
#ifndef ZPS_PLOT_E_CAL_H
#define ZPS_PLOT_E_CAL_H

#include "host/error.h"
#include "host/io/result.h"

/** Draws the distribution of E_CAL of muons that fire a trigger, p_out not cut, at up to four masses, with the cut
 *  e_cal_max_gev, into path_png and a PDF. csv: e_cal_gev (middle of the bin), then per mass the share of these muons
 *  per GeV; the last bin also holds what lies above. ZPS_INVALID when no mass has any; otherwise as
 *  zps_plot_efficiency(). */
zps_status zps_plot_e_cal(const zps_result *result, double e_cal_max_gev, const char *path_png, zps_error *error);

#endif
