/* One axis of a map, found by sorting the coordinates that occur in its rows. */
#ifndef ZPS_FIELD_MAP_AXIS_H
#define ZPS_FIELD_MAP_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

#define ZPS_MAP_COORDINATES_MAX 1048576 /* different values along one axis */
#define ZPS_MAP_SAME 1e-6               /* coordinates this near, in units of the spacing, are one node */
#define ZPS_MAP_UNIFORM 1e-3 /* nodes may be this far from equal spacing: coordinates printed in few digits */

#define ZPS_MAP_MAX_MM 1e9     /* largest coordinate */
#define ZPS_MAP_FINEST_MM 1e-6 /* smallest spacing */
#define ZPS_MAP_FINEST 1e-8    /* the same in units of the largest coordinate: the digits of a double are needed */

typedef struct zps_map_coordinate {
  double mm;
  uint64_t line; /* where it occurred first; 0 = free slot */
} zps_map_coordinate;

/** The different coordinates met so far: a hash table. Zero-initialise; free with zps_map_coordinates_free(). */
typedef struct zps_map_coordinates {
  zps_map_coordinate *slots;
  size_t n_slots, n;
  double last_mm; /* of the row before, which is most often the same */
} zps_map_coordinates;

/** Equally spaced nodes, ascending. */
typedef struct zps_map_axis {
  size_t n;
  double first_mm, last_mm, step_mm;
} zps_map_axis;

/** Notes a coordinate of row `line`. ZPS_INVALID beyond ZPS_MAP_COORDINATES_MAX different ones. */
zps_status zps_map_coordinates_add(zps_map_coordinates *set, double mm, uint64_t line, const char *path, char name,
                                   zps_error *error);

/** The axis that the coordinates make: sorted, those within ZPS_MAP_SAME of a spacing taken as one node.
 *  ZPS_INVALID names the lines when they are not equally spaced to ZPS_MAP_UNIFORM, or when there is only one. The set
 *  is left without its order: only to be freed. */
zps_status zps_map_coordinates_axis(zps_map_coordinates *set, const char *path, char name, zps_map_axis *axis,
                                    zps_error *error);

/** ZPS_INVALID when the nodes are nearer to each other than the two limits above. */
zps_status zps_map_axis_check(const zps_map_axis *axis, const char *path, char name, zps_error *error);

void zps_map_coordinates_free(zps_map_coordinates *set);

#endif
