/* The layout seen from the side, with a few tracks in it. */
#ifndef ZPS_PLOT_LAYOUT_H
#define ZPS_PLOT_LAYOUT_H

#include <stdbool.h>

#include "host/error.h"
#include "host/job/job.h"

/** Draws the elements and counters of a job in x over z, x stretched, with tracks of a beam muon and of recoil muons at
 *  1, 1/2 and 1/4 of the largest p_out (mean losses, no scattering, from the end of the target on its axis). PNG, PDF
 *  and csv as in host/plot/figure.h. csv: what (element, plane without a counter, counter, track), name, z_lo_mm,
 * z_hi_mm, x_lo_mm, x_hi_mm (empty for an element without end); a track has a line per point. with_tracks = false
 * leaves the tracks out: a layout whose field map is not at hand. */
zps_status zps_plot_layout(const zps_job *job, bool with_tracks, const char *path_png, zps_error *error);

#endif
