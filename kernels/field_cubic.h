/* Tricubic interpolation in a field map, for coarse maps, and the choice between the two kinds of lookup.
 *
 * Along each axis the cubic through the two nodes of a cell whose slopes at the nodes are half the difference of their
 * neighbours (Catmull-Rom; Keys, IEEE Trans. ASSP 29 (1981) 1153, eq. 4 with a = -1/2): continuous with its first
 * derivative, exact for fields quadratic along each axis, the error falling with the third power of the spacing. In the
 * first and last cell Keys' continuation stands for the missing node, 3 b0 - 3 b1 + b2 (his eq. 19), or a straight line
 * where the axis has two nodes. A lookup reads 64 nodes, or 16 on a plane of the map; with a fraction of 0 along z the
 * two give the same result. */
#ifndef ZPS_FIELD_CUBIC_H
#define ZPS_FIELD_CUBIC_H

#include "kernels/field.h"

/** How a position is looked up: a sum of these, passed as a constant where it is known. Trilinear without CUBIC, on a
 *  plane of the map without BETWEEN. */
enum zps_lookup { ZPS_LOOKUP_BETWEEN = 1, ZPS_LOOKUP_CUBIC = 2 };

/** The lookup on a position along z; cubic = ZPS_LOOKUP_CUBIC or 0. The mask, which changes nothing, tells a compiler
 * that a position it reads from memory does not ask for a cubic lookup. */
ZPS_HD int32_t zps_field_lookup_on(zps_field_plane plane, int32_t cubic) {
  return cubic | (plane.between & ZPS_LOOKUP_BETWEEN);
}

/** Four nodes along an axis and their weights, which add up to 1. */
typedef struct zps_cubic_axis {
  int32_t i0, i1, i2, i3;
  double w0, w1, w2, w3;
} zps_cubic_axis;

/** Nodes and weights at a fraction of the way from node i to i + 1 of n, 0 <= i <= n - 2. */
ZPS_HD zps_cubic_axis zps_cubic_axis_at(int32_t i, double f, int32_t n) {
  const double w0 = f * ((f * (1.0 - (0.5 * f))) - 0.5);
  const double w1 = 1.0 + ((f * f) * ((1.5 * f) - 2.5));
  const double w2 = f * (0.5 + (f * (2.0 - (1.5 * f))));
  const double w3 = (f * f) * ((0.5 * f) - 0.5);
  /* A missing node is (2 + t) b0 - (1 + 2 t) b1 + t b2: its weight goes to those three. */
  const double t = n > 2 ? 1.0 : 0.0;
  const double low = i == 0 ? w0 : 0.0;
  const double high = i == n - 2 ? w3 : 0.0;
  zps_cubic_axis a;
  a.i0 = i == 0 ? i : i - 1;
  a.i1 = i;
  a.i2 = i + 1;
  a.i3 = i == n - 2 ? i + 1 : i + 2;
  a.w0 = (w0 - low) + (t * high);
  a.w1 = (w1 + ((2.0 + t) * low)) - ((1.0 + (2.0 * t)) * high);
  a.w2 = (w2 - ((1.0 + (2.0 * t)) * low)) + ((2.0 + t) * high);
  a.w3 = (w3 - high) + (t * low);
  return a;
}

/** The same at a position in units of nodes; outside the axis its end. */
ZPS_HD zps_cubic_axis zps_cubic_axis_find(double position, int32_t n) {
  const double g = zps_clamp(position, 0.0, (double)(n - 1));
  const int32_t i = (int32_t)zps_min(g, (double)(n - 2));
  return zps_cubic_axis_at(i, g - (double)i, n);
}

/** Node k = 0 .. 3 of the four and its weight: a constant where the loop over k is unrolled. */
ZPS_HD int32_t zps_cubic_node(const zps_cubic_axis *a, int32_t k) {
  return k < 2 ? (k == 0 ? a->i0 : a->i1) : (k == 2 ? a->i2 : a->i3);
}

ZPS_HD double zps_cubic_weight(const zps_cubic_axis *a, int32_t k) {
  return k < 2 ? (k == 0 ? a->w0 : a->w1) : (k == 2 ? a->w2 : a->w3);
}

ZPS_HD void zps_cubic_add(double weight, zps_field_vector b, zps_field_vector *sum) {
  sum->x = sum->x + (weight * b.x);
  sum->y = sum->y + (weight * b.y);
  sum->z = sum->z + (weight * b.z);
}

/** Cubic along x in the row of nodes that begins at b[row]. */
ZPS_HD zps_field_vector zps_cubic_on_row(const float *b, int32_t row, const zps_cubic_axis *x) {
  zps_field_vector sum = {0.0, 0.0, 0.0};
  for (int32_t k = 0; k < 4; k++) {
    const int32_t at = row + (4 * zps_cubic_node(x, k));
    const zps_field_vector node = {ZPS_NODE(b, at, 0, 0), ZPS_NODE(b, at, 0, 1), ZPS_NODE(b, at, 0, 2)};
    zps_cubic_add(zps_cubic_weight(x, k), node, &sum);
  }
  return sum;
}

/** Bicubic on one plane of the map. */
ZPS_HD zps_field_vector zps_cubic_on_plane(const zps_field_map *map, int32_t i_plane, const zps_cubic_axis *x,
                                           const zps_cubic_axis *y) {
  const float *const b = zps_field_plane_nodes(map, i_plane);
  zps_field_vector sum = {0.0, 0.0, 0.0};
  ZPS_KEEP_LOOP for (int32_t k = 0; k < 4; k++) {
    const int32_t row = 4 * map->n_x * zps_cubic_node(y, k);
    zps_cubic_add(zps_cubic_weight(y, k), zps_cubic_on_row(b, row, x), &sum);
  }
  return sum;
}

/** Tricubic field at (x, y) on a position along z. between = plane.between, passed as a constant where it is known;
 *  outside the map the value of its edge. */
ZPS_HD zps_field_vector zps_field_cubic_at(const zps_field_map *map, zps_field_plane plane, int32_t between,
                                           double x_mm, double y_mm) {
  const double per_x = 1.0 / map->step_x_mm;
  const double per_y = 1.0 / map->step_y_mm;
  const zps_cubic_axis x = zps_cubic_axis_find((x_mm - map->x_min_mm) * per_x, map->n_x);
  const zps_cubic_axis y = zps_cubic_axis_find((y_mm - map->y_min_mm) * per_y, map->n_y);
  if (!between) {
    return zps_cubic_on_plane(map, plane.i, &x, &y);
  }
  const zps_cubic_axis z = zps_cubic_axis_find((double)plane.i + plane.fraction, map->n_z);
  zps_field_vector sum = {0.0, 0.0, 0.0};
  ZPS_KEEP_LOOP for (int32_t k = 0; k < 4; k++) {
    zps_cubic_add(zps_cubic_weight(&z, k), zps_cubic_on_plane(map, zps_cubic_node(&z, k), &x, &y), &sum);
  }
  return sum;
}

/** Field at (x, y) on a position along z, in the way that `lookup` says (enum zps_lookup). */
ZPS_HD zps_field_vector zps_field_lookup(const zps_field_map *map, zps_field_plane plane, int32_t lookup, double x_mm,
                                         double y_mm) {
  const int32_t between = lookup & ZPS_LOOKUP_BETWEEN;
  return (lookup & ZPS_LOOKUP_CUBIC) ? zps_field_cubic_at(map, plane, between, x_mm, y_mm)
                                     : zps_field_at(map, plane, between, x_mm, y_mm);
}

#endif
