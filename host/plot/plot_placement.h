/* Pictures of a placement study. */
#ifndef ZPS_PLOT_PLACEMENT_H
#define ZPS_PLOT_PLACEMENT_H

#include "host/error.h"
#include "host/place/placement_study.h"

/** Draws g90, relative to the best position, over the edges of the two counters, with contours of constant trigger rate
 *  (with a beam), the ceiling, the job's triggers and the best position. Positions far worse than the best are white.
 *  ZPS_INVALID when no position has a reach; otherwise as zps_plot_efficiency(), without csv. */
zps_status zps_plot_placement(const zps_placement_study *study, const char *path_png, zps_error *error);

/** Draws g90 against the trigger rate: the front, with the job's triggers and the best position as points, and writes
 *  the front's numbers to the .csv of the same name: rate, g90, x4_mm, xm_mm. ZPS_INVALID without a beam. */
zps_status zps_plot_rate_front(const zps_placement_study *study, const char *path_png, zps_error *error);

#endif
