/* What can be said of a map: its size, its strength, and how well it obeys Maxwell's equations. */
#ifndef ZPS_FIELD_REPORT_H
#define ZPS_FIELD_REPORT_H

#include "host/field/map_reader.h"

/** Zero-initialised before it is filled. */
typedef struct zps_field_report {
  int32_t shape[3]; /* nodes along x, y, z; 1: the field does not change along it */
  double min_mm[3], max_mm[3], step_mm[3];
  double b_max_t;
  double b_max_at_mm[3];
  double integral_by_tm; /* along x = y = 0; NaN when that is outside, or when the map has no ends in z */
  /* Largest |div B| and |curl B| of any cell, from its corners: differences of means over opposite faces [T/m]. Zero
   * for an exact field but for the curvature within a cell, so it falls with the square of the spacing. */
  double div_max_t_m, curl_max_t_m;
  double div_rms_t_m, curl_rms_t_m; /* over all cells */
  char hash[ZPS_FIELD_HASH_SIZE];
} zps_field_report;

void zps_field_report_make(const zps_map_content *content, zps_field_report *report);

#endif
