/* A magnetic field on a grid of nodes. */
#ifndef ZPS_FIELD_MAP_H
#define ZPS_FIELD_MAP_H

#include <stdint.h>

/** Node-centred map, axes ascending and uniform, in the coordinates of the layout [mm].
 *  b holds [n_z][n_y][n_x][4] float32 (Bx, By, Bz in T, 0): planes of constant z are contiguous,
 *  because muons cross them one after the other. n >= 2 along each axis. */
typedef struct zps_field_map {
  int32_t n_x, n_y, n_z;
  double x_min_mm, y_min_mm, z_min_mm;    /* first node */
  double step_x_mm, step_y_mm, step_z_mm; /* spacing of nodes, > 0 */
  const float *b;                         /* not owned */
} zps_field_map;

#endif
