/* Trilinear interpolation in a field map.
 *
 * All muons of a batch stand on the same z, so the position along z is found once
 * (zps_field_plane_at); when it is a plane of the map, the lookup is bilinear and
 * reads half as much, with the same result. */
#ifndef ZPS_FIELD_H
#define ZPS_FIELD_H

#include "kernels/field_map.h"
#include "kernels/math.h"

/** Magnetic field [T]. */
typedef struct zps_field_vector {
  double x, y, z;
} zps_field_vector;

/** A position along z in units of planes: index of the plane below, fraction of the way to the next. */
typedef struct zps_field_plane {
  int32_t i;
  int32_t between; /* 0: exactly on plane i */
  double fraction;
} zps_field_plane;

/** Plane coordinates of z [mm]; outside the map the nearest end. Positions within 1e-9 of a plane are on it. */
ZPS_HD zps_field_plane zps_field_plane_at(const zps_field_map *map, double z_mm) {
  const double last = (double)(map->n_z - 1);
  const double position = zps_clamp((z_mm - map->z_min_mm) / map->step_z_mm, 0.0, last);
  const double nearest = zps_floor(position + 0.5);
  const double on_plane = zps_abs(position - nearest) < 1e-9 ? nearest : position;
  zps_field_plane plane;
  plane.i = (int32_t)zps_min(on_plane, last - 1.0);
  plane.fraction = on_plane - (double)plane.i;
  if (plane.fraction == 1.0) {
    plane.i += 1;
    plane.fraction = 0.0;
  }
  plane.between = plane.fraction != 0.0;
  return plane;
}

/** Linear interpolation, f of the way from a to b. A macro, for components one by one and side by side in a vector. */
#define ZPS_LERP(a, b, f) ((a) + ((f) * ((b) - (a))))

/** Defines name(): bilinear interpolation in a cell, n01 being the node next to n00 along x, n10 along y. */
#define ZPS_DEFINE_BILINEAR(name, type)                                                                                \
  ZPS_HD type name(type n00, type n01, type n10, type n11, double fx, double fy) {                                     \
    const type row0 = ZPS_LERP(n00, n01, fx);                                                                          \
    const type row1 = ZPS_LERP(n10, n11, fx);                                                                          \
    return ZPS_LERP(row0, row1, fy);                                                                                   \
  }

ZPS_DEFINE_BILINEAR(zps_bilinear, double)

/** A cell of a plane: index of the first float of its lowest node in the plane, fractions of the way through it. */
typedef struct zps_field_cell {
  int32_t at;
  double fx, fy;
} zps_field_cell;

/** The cell of (x, y) [mm]; outside the map on its edge. */
ZPS_HD zps_field_cell zps_field_cell_at(const zps_field_map *map, double x_mm, double y_mm) {
  const double per_x = 1.0 / map->step_x_mm; /* the same for every lane: hoisted out of the loop */
  const double per_y = 1.0 / map->step_y_mm;
  const double gx = zps_clamp((x_mm - map->x_min_mm) * per_x, 0.0, (double)(map->n_x - 1));
  const double gy = zps_clamp((y_mm - map->y_min_mm) * per_y, 0.0, (double)(map->n_y - 1));
  const int32_t ix = (int32_t)zps_min(gx, (double)(map->n_x - 2));
  const int32_t iy = (int32_t)zps_min(gy, (double)(map->n_y - 2));
  zps_field_cell cell;
  cell.at = (iy * (4 * map->n_x)) + (4 * ix);
  cell.fx = gx - (double)ix;
  cell.fy = gy - (double)iy;
  return cell;
}

/** The nodes of plane i. */
ZPS_HD const float *zps_field_plane_nodes(const zps_field_map *map, int32_t i_plane) {
  return map->b + (4 * ((int64_t)i_plane * ((int64_t)map->n_y * map->n_x)));
}

/** Component c of the field in a cell of the plane with nodes b. */
#define ZPS_IN_CELL(b, cell, row, c)                                                                                   \
  zps_bilinear(ZPS_NODE(b, (cell).at, 0, c), ZPS_NODE(b, (cell).at, 4, c), ZPS_NODE(b, (cell).at + (row), 0, c),       \
               ZPS_NODE(b, (cell).at + (row), 4, c), (cell).fx, (cell).fy)

/** Field on one plane of the map, bilinear in x and y; outside the map the value of its edge. */
ZPS_HD zps_field_vector zps_field_on_plane(const zps_field_map *map, int32_t i_plane, double x_mm, double y_mm) {
  const zps_field_cell cell = zps_field_cell_at(map, x_mm, y_mm);
  const float *const b = zps_field_plane_nodes(map, i_plane);
  const int32_t row = 4 * map->n_x;
  zps_field_vector out;
  out.x = ZPS_IN_CELL(b, cell, row, 0);
  out.y = ZPS_IN_CELL(b, cell, row, 1);
  out.z = ZPS_IN_CELL(b, cell, row, 2);
  return out;
}

/** The plane on the other side of a position between planes. On the last plane (a step may end there whose middle lies
 * between planes) there is no next one to read. */
ZPS_HD int32_t zps_field_far(const zps_field_map *map, zps_field_plane plane) {
  return plane.i < map->n_z - 1 ? plane.i + 1 : plane.i;
}

/** Field at (x, y) on a position along z. between = plane.between, passed as a constant where it is known. */
ZPS_HD zps_field_vector zps_field_at(const zps_field_map *map, zps_field_plane plane, int32_t between, double x_mm,
                                     double y_mm) {
  const zps_field_vector near = zps_field_on_plane(map, plane.i, x_mm, y_mm);
  if (!between) {
    return near;
  }
  const zps_field_vector far = zps_field_on_plane(map, zps_field_far(map, plane), x_mm, y_mm);
  zps_field_vector out;
  out.x = ZPS_LERP(near.x, far.x, plane.fraction);
  out.y = ZPS_LERP(near.y, far.y, plane.fraction);
  out.z = ZPS_LERP(near.z, far.z, plane.fraction);
  return out;
}

#endif
