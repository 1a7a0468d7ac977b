/* The native field-map file (HDF5).
 *
 * | object | content |
 * |---|---|
 * | dataset `field` | [n_x][n_y][n_z][4] float32: Bx, By, Bz, 0; attribute `units` = "T" |
 * | datasets `x`, `y`, `z` | [n] float64, ascending, uniform; attributes `units` = "mm" and, optional, `step` (f64) |
 * | root attributes | `format` = "zpscan field map", `version` = 1, `provenance` (free text), `created_by` |
 *
 * Coordinates are those of the layout but z, which counts from the centre of the
 * field element. `step` is the spacing to the last bit, so that reading a written map
 * gives the same bits; without it the spacing is (last - first)/(n - 1). */
#ifndef ZPS_FIELD_NATIVE_MAP_H
#define ZPS_FIELD_NATIVE_MAP_H

#include "host/error.h"
#include "host/field/field_grid.h"

/** Writes a map to path: a temporary file beside it, fsync, rename, so that path is the old file or the whole new one.
 *  provenance: where the map comes from, in words; not NULL. ZPS_IO with the system's reason. */
zps_status zps_native_map_write(const char *path, const zps_field_map *map, const char *provenance, zps_error *error);

/** Reads a map. Everything the table above says is checked, sizes before allocating: a missing or misshapen dataset,
 *  wrong units, an axis not ascending or not uniform to 1e-6 of the spacing, a value that is not finite, a fourth
 *  component that is not 0. ZPS_IO when the file cannot be read, ZPS_INVALID when it is not such a map; *out is then
 *  empty. Free with zps_field_map_destroy(). */
zps_status zps_native_map_read(const char *path, zps_field_map_owned *out, zps_error *error);

#endif
