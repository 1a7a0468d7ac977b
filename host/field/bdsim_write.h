/* Writes a map as BDSIM text. */
#ifndef ZPS_FIELD_BDSIM_WRITE_H
#define ZPS_FIELD_BDSIM_WRITE_H

#include "host/error.h"
#include "host/field/field_grid.h"

/** Writes the map to path in BDSIM's format (cm, T, x fastest), compressed when path ends in .gz: a temporary file
 *  beside it, fsync, rename. Reading it back gives the same bits: floats in 9 digits, the ends of the axes in as many
 *  as they need (the spacing too, when it is (last - first)/(n - 1) of some ends, as it is in every map that was made
 * by this program or read from text). provenance: one line of text, a comment in the file. ZPS_IO with the system's
 * reason. */
zps_status zps_bdsim_map_write(const char *path, const zps_field_map *map, const char *provenance, zps_error *error);

#endif
