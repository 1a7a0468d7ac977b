/* A field map from a file in any of the formats. */
#ifndef ZPS_FIELD_MAP_FILE_H
#define ZPS_FIELD_MAP_FILE_H

#include "host/field/map_reader.h"

/** "bdsim" and so on, as in job files; the name of ZPS_MAP_AUTO is "auto". */
const char *zps_map_format_name(zps_map_format format);

/** Reads the map at path: use->format, or the one its first lines show, in use->length_unit and use->field_unit where
 *  the file does not say its own. ZPS_IO when it cannot be read, ZPS_INVALID with line and reason when anything in it
 *  is missing, double, not a number, or not what the header says; *content is then empty. Free with
 *  zps_map_content_free(). */
zps_status zps_map_file_read(const char *path, const zps_job_map_use *use, zps_map_content *content, zps_error *error);

#endif
