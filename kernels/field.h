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

/** Field on one plane of the map, bilinear in x and y; outside the map the value of its edge. */
ZPS_HD zps_field_vector zps_field_on_plane(const zps_field_map *map, int32_t i_plane, double x_mm, double y_mm) {
  const double per_x = 1.0 / map->step_x_mm; /* the same for every lane: hoisted out of the loop */
  const double per_y = 1.0 / map->step_y_mm;
  const double gx = zps_clamp((x_mm - map->x_min_mm) * per_x, 0.0, (double)(map->n_x - 1));
  const double gy = zps_clamp((y_mm - map->y_min_mm) * per_y, 0.0, (double)(map->n_y - 1));
  const int32_t ix = (int32_t)zps_min(gx, (double)(map->n_x - 2));
  const int32_t iy = (int32_t)zps_min(gy, (double)(map->n_y - 2));
  const double fx = gx - (double)ix;
  const double fy = gy - (double)iy;
  const int64_t plane = (int64_t)i_plane * ((int64_t)map->n_y * map->n_x);
  const float *const b = map->b + (4 * plane);
  const int32_t row = 4 * map->n_x;
  const int32_t at = (iy * row) + (4 * ix);
  zps_field_vector out;
  const double x0 = ZPS_NODE(b, at, 0, 0) + (fx * (ZPS_NODE(b, at, 4, 0) - ZPS_NODE(b, at, 0, 0)));
  const double x1 = ZPS_NODE(b, at + row, 0, 0) + (fx * (ZPS_NODE(b, at + row, 4, 0) - ZPS_NODE(b, at + row, 0, 0)));
  const double y0 = ZPS_NODE(b, at, 0, 1) + (fx * (ZPS_NODE(b, at, 4, 1) - ZPS_NODE(b, at, 0, 1)));
  const double y1 = ZPS_NODE(b, at + row, 0, 1) + (fx * (ZPS_NODE(b, at + row, 4, 1) - ZPS_NODE(b, at + row, 0, 1)));
  const double z0 = ZPS_NODE(b, at, 0, 2) + (fx * (ZPS_NODE(b, at, 4, 2) - ZPS_NODE(b, at, 0, 2)));
  const double z1 = ZPS_NODE(b, at + row, 0, 2) + (fx * (ZPS_NODE(b, at + row, 4, 2) - ZPS_NODE(b, at + row, 0, 2)));
  out.x = x0 + (fy * (x1 - x0));
  out.y = y0 + (fy * (y1 - y0));
  out.z = z0 + (fy * (z1 - z0));
  return out;
}

/** Field at (x, y) on a position along z. between = plane.between, passed as a constant where it is known. */
ZPS_HD zps_field_vector zps_field_at(const zps_field_map *map, zps_field_plane plane, int32_t between, double x_mm,
                                     double y_mm) {
  const zps_field_vector near = zps_field_on_plane(map, plane.i, x_mm, y_mm);
  if (!between) {
    return near;
  }
  /* On the last plane (a step may end there whose middle lies between planes) there is no next one to read. */
  const int32_t i_far = plane.i < map->n_z - 1 ? plane.i + 1 : plane.i;
  const zps_field_vector far = zps_field_on_plane(map, i_far, x_mm, y_mm);
  zps_field_vector out;
  out.x = near.x + (plane.fraction * (far.x - near.x));
  out.y = near.y + (plane.fraction * (far.y - near.y));
  out.z = near.z + (plane.fraction * (far.z - near.z));
  return out;
}

#endif
