/* What every reader of a map file is: a header of its own, then the same strict rows or the same grid. */
#ifndef ZPS_FIELD_MAP_READER_H
#define ZPS_FIELD_MAP_READER_H

#include <stdbool.h>

#include "host/error.h"
#include "host/field/field_grid.h"
#include "host/field/map_source.h"
#include "host/job/job.h"

/** An axis that a file leaves out: the field does not change along it; its two nodes stand at -+ this [mm]. */
#define ZPS_MAP_FREE_MM 10000.0

/** What a map file holds. Zero-initialise; free with zps_map_content_free(). */
typedef struct zps_map_content {
  zps_field_map_owned grid; /* in the coordinates of the file [mm], T */
  bool free_axis[3];        /* x, y, z: not in the file (two nodes of equal field) */
  zps_map_format format;
} zps_map_content;

/** How the numbers of a file are turned into mm and T: length * 10^length_shift, field * 10^field_shift / divisor. */
typedef struct zps_map_units {
  int length_shift, field_shift;
  double divisor;
} zps_map_units;

/** Units from what the file says (FROM_FILE: nothing) and what the user says. ZPS_INVALID when neither says anything
 *  or when both do and differ. */
zps_status zps_map_units_choose(const char *path, zps_length_unit length_in_file, zps_field_unit field_in_file,
                                const zps_job_map_use *use, zps_map_units *units, zps_error *error);

/** The unit of a text such as mm, METRE, [CM], (T), TESLA, gauss, in any case; FROM_FILE when it is none of them. */
zps_length_unit zps_length_unit_named(const char *text, size_t n);
zps_field_unit zps_field_unit_named(const char *text, size_t n);

/** The readers: whole file in, grid out. Each leaves content empty after a failure. Only the units of `use` count. */
zps_status zps_map_bdsim_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                              zps_error *error);
zps_status zps_map_opera_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                              zps_error *error);
/** An OPERA table in m and T whose first line is blank: the form of Geant4's purging magnet. */
zps_status zps_map_geant4_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                               zps_error *error);
zps_status zps_map_comsol_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                               zps_error *error);
zps_status zps_map_acts_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                             zps_error *error);
zps_status zps_map_covfie_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                               zps_error *error);

void zps_map_content_free(zps_map_content *content);

#endif
