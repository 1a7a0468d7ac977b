/* A field map that owns its nodes, and what can be said of one. */
#ifndef ZPS_FIELD_GRID_H
#define ZPS_FIELD_GRID_H

#include <stdbool.h>

#include "host/error.h"
#include "kernels/field_map.h"

/** Largest grid, 16 bytes per node. */
#define ZPS_FIELD_MAX_BYTES 2147483648.0
#define ZPS_FIELD_HASH_SIZE 33

/** map.b points to b. Zero-initialise; free with zps_field_map_destroy(). */
typedef struct zps_field_map_owned {
  zps_field_map map;
  float *b;        /* [n_z][n_y][n_x][4] */
  bool reaches[3]; /* along x, y, z: nodes beyond those of the map file have been added (map_placement.h) */
  double file_lo_mm[3], file_hi_mm[3]; /* where those of the file lie then */
} zps_field_map_owned;

/** Allocates a grid of zero field with n_x, n_y, n_z nodes (>= 2 each); positions and spacings are left 0. They are
 *  doubles so that a wild number is refused and not wrapped. ZPS_INVALID beyond ZPS_FIELD_MAX_BYTES, before allocating.
 */
zps_status zps_field_map_create(double n_x, double n_y, double n_z, zps_field_map_owned *out, zps_error *error);

/** Frees the nodes and empties the struct. Safe on an empty one. */
void zps_field_map_destroy(zps_field_map_owned *owned);

/** XXH3-128 of the canonical content (little-endian: n_x, n_y, n_z as i32; first node and spacing per axis as f64; b)
 * as 32 hexadecimal characters and a final zero. */
void zps_field_map_hash(const zps_field_map *map, char text[ZPS_FIELD_HASH_SIZE]);

/** Puts a plane halfway between every two planes of constant z, with the mean of their values: the same trilinear field
 *  (to the rounding of float), but a step from plane to plane now has its middle on a plane too and reads half as much.
 *  ZPS_INVALID beyond ZPS_FIELD_MAX_BYTES. */
zps_status zps_field_map_halve_planes(zps_field_map_owned *owned, zps_error *error);

/** Integral of By along x = y = 0 over the map's z range, as trilinear interpolation gives it [T m].
 *  NaN when the axis is outside the map. */
double zps_field_map_integral_tm(const zps_field_map *map);

/** Largest |B| of any node [T] and where it is [mm]; the first of equals. */
double zps_field_map_largest(const zps_field_map *map, double at_mm[3]);

#endif
