/* The body of a long quadrupole. */
#ifndef ZPS_FIELD_QUADRUPOLE_H
#define ZPS_FIELD_QUADRUPOLE_H

#include "host/field/field_grid.h"
#include "host/job/job.h"

/** Fills a grid with Bx = G y, By = G x, Bz = 0 (div B = curl B = 0, and trilinear interpolation is exact): width_mm,
 *  gap_mm and grid_mm of field as in zps_field_generate(), z centred over length_mm. The fringe is left out: the field
 *  ends with the map. gradient_t_m: G [T/m]. ZPS_INVALID on numbers out of range. */
zps_status zps_quadrupole_generate(const zps_job_field *field, double gradient_t_m, double length_mm,
                                   zps_field_map_owned *out, zps_error *error);

#endif
