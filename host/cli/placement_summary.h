/* A placement study for people (the tables of `optimize`), for programs (--json) and for spreadsheets. */
#ifndef ZPS_CLI_PLACEMENT_SUMMARY_H
#define ZPS_CLI_PLACEMENT_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "host/place/placement_study.h"

/** Positions with rate, reach and efficiencies; the optimum with its uncertainty and flat region; alignment. */
void zps_placement_summary_print(FILE *out, const zps_placement_study *study);

/** The same; NULL when out of memory. A study of one position has its edges, rate and `masses` at top level. Numbers
 *  that are infinite or not available are null. */
json_t *zps_placement_summary_json(const zps_placement_study *study);

/** One row per position and mass: position, x4_mm, xm_mm, mass_gev, weight, generated, accepted, efficiency with its
 *  68.27 % interval, g90, then per shift d the relative changes x4_down_d, x4_up_d, xm_down_d, xm_up_d,
 *  each followed by its error. */
void zps_placement_summary_csv(FILE *out, const zps_placement_study *study);

#endif
