/* From a job's field element to a grid in the coordinates of the layout. */
#ifndef ZPS_FIELD_LOAD_H
#define ZPS_FIELD_LOAD_H

#include "host/error.h"
#include "host/field/field_grid.h"
#include "host/job/job.h"

/** Fills a grid from the parameters of `generate: dipole` (dipole.h, its centre at the middle of the element) or
 *  `generate: uniform` (By such that the integral over the element is integral_tm).
 *  Extent: |x| <= width/2, |y| <= gap/2, z from z_start_mm over length_mm. Cells per axis: extent/grid_mm rounded, at
 *  least 1. Free *out with zps_field_map_destroy(); it is empty after a failure.
 *  ZPS_INVALID on numbers out of range, a dipole longer than the element (zps_dipole_check_length()) or a grid above
 *  ZPS_FIELD_MAX_BYTES. */
zps_status zps_field_generate(const zps_job_field *field, double z_start_mm, double length_mm, zps_field_map_owned *out,
                              zps_error *error);

/** The grid of a field element: generated, or read from its map file in any format and placed as field->use says
 *  (map_placement.h). The file's origin is put at the element's centre, moved by offset_mm; ZPS_INVALID when the map
 *  does not cover the element and `outside` does not say what holds there, when it is longer than the element,
 *  because part of the field would be lost unseen, or when it is stronger than ZPS_MAX_FIELD_T or
 *  ZPS_MAX_FIELD_INTEGRAL_TM, as one in another unit than it was said to be. */
zps_status zps_field_load(const zps_job_field *field, double z_start_mm, double length_mm, zps_field_map_owned *out,
                          zps_error *error);

#endif
