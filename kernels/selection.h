/* Triggers and the signal box. */
#ifndef ZPS_SELECTION_H
#define ZPS_SELECTION_H

#include <stdint.h>

#include "kernels/tally.h"

#define ZPS_MAX_TRIGGER_PLANES 4

/** One counter: hit when x_lo <= x < x_hi and y_lo <= y < y_hi [mm] at element i_element. */
typedef struct zps_counter {
  int32_t i_element;
  int32_t padding;
  double x_lo_mm, x_hi_mm, y_lo_mm, y_hi_mm;
} zps_counter;

/** A coincidence of counters, in order along z. The first one is "S4" to the tallies. */
typedef struct zps_trigger {
  int32_t n_counters;
  int32_t padding;
  zps_counter counters[ZPS_MAX_TRIGGER_PLANES];
} zps_trigger;

/** Cuts of the signal box and the resolutions they are applied with (relative, Gaussian). */
typedef struct zps_selection {
  double p_in_min_gev, p_in_max_gev, p_in_resolution;
  double p_out_max_gev, p_out_resolution, p_out_resolution_per_gev;
  double e_cal_max_gev;
} zps_selection;

#define ZPS_N_TRACKER_PLANES 3

/** Three planes whose hits give p_out by their sagitta s, how far x at the middle one lies from the chord of the other
 *  two: s = A/p, 1/p = sum of weights times hits, with A = 0.3e-3 charge * integral of B_y times the lever arm
 *  [GeV mm] (host/run/sagitta.h). i_element[0] = 0: p_out is smeared instead. */
typedef struct zps_tracker {
  int32_t i_element[ZPS_N_TRACKER_PLANES]; /* ascending */
  int32_t padding;
  double weight[ZPS_N_TRACKER_PLANES]; /* 1/(GeV mm) */
  double hit_mm;                       /* resolution of one hit in x, Gaussian */
} zps_tracker;

#endif
