/* One fourth-order Runge-Kutta-Nystroem step of a charged particle, with z as the
 * independent variable: every muon of a batch stands on the same plane, steps end
 * exactly on map planes and scoring planes, and the momentum is conserved exactly.
 *
 * Equation of motion (dp/ds = 0.299792458 q u x B, GeV, m, T), t = dr/dz:
 *   tx' = kappa n [ tx ty Bx - (1 + tx^2) By + ty Bz ],   n = sqrt(1 + tx^2 + ty^2)
 *   ty' = kappa n [ (1 + ty^2) Bx - tx ty By - tx Bz ],   kappa = 0.299792458e-3 q/p per mm T
 * Nystroem form of the classical RK4 (Abramowitz and Stegun 25.5.20; Lund et al.,
 * JINST 4 (2009) P04001): the two middle stages share one position. In the classical
 * form the last stage stands on a predicted position, and a field taken over from there
 * would cost an order (it is off by h^3/12 of the third derivative). Here the last stage
 * stands on the new position itself, x + h x' + h^2/6 (k1 + k2 + k3), which is known
 * before k4, and the middle on x + h x'/2 + h^2/8 k1 + h^3/48 d3, the third derivative d3
 * being that of the step before (0 in the first). Both are then right to h^4, Simpson's
 * rule does the rest, and the field at the end is the field at the start of the next
 * step: fourth order with two lookups per step (measured in tests/unit/test_rk4.c).
 *
 * Usage: memory.b = field at the start -> zps_rk4_middle -> look up there -> zps_rk4_end
 * -> look up there -> zps_rk4_finish; zps_rk4_step() does all of it in a map. */
#ifndef ZPS_RK4_H
#define ZPS_RK4_H

#include "kernels/constants.h"
#include "kernels/field_cubic.h"

/** Transverse position [mm] and slopes dx/dz, dy/dz on a plane of constant z. */
typedef struct zps_ray {
  double x, y, tx, ty;
} zps_ray;

/** Second derivatives of x and y along z [1/mm]. */
typedef struct zps_bend {
  double x, y;
} zps_bend;

/** Curvature per tesla [1/(mm T)] of a particle of the given charge and momentum [GeV]. */
ZPS_HD double zps_rk4_kappa(double charge, double p_gev) {
  return (ZPS_CURVATURE_GEV_PER_T_MM * charge) / p_gev;
}

ZPS_HD zps_bend zps_rk4_bend(double kappa, double tx, double ty, zps_field_vector b) {
  const double tx2 = tx * tx;
  const double ty2 = ty * ty;
  const double cross = tx * ty;
  const double scale = kappa * zps_sqrt((1.0 + tx2) + ty2);
  zps_bend k;
  k.x = scale * (((cross * b.x) - ((1.0 + tx2) * b.y)) + (ty * b.z));
  k.y = scale * ((((1.0 + ty2) * b.x) - (cross * b.y)) - (tx * b.z));
  return k;
}

/** What a step leaves to the next one: the field where it ended, and the third derivatives of x and y along z there
 *  [1/mm^2]; 0 at first. */
typedef struct zps_rk4_memory {
  zps_field_vector b;
  zps_bend third;
} zps_rk4_memory;

/** Position and slopes of the two middle stages. */
ZPS_HD zps_ray zps_rk4_middle(zps_ray r, zps_bend k1, zps_bend third, double h) {
  const double h2 = h * h;
  const double h3 = h2 * h;
  zps_ray m;
  m.x = ((r.x + ((0.5 * h) * r.tx)) + ((0.125 * h2) * k1.x)) + ((h3 * (1.0 / 48.0)) * third.x);
  m.y = ((r.y + ((0.5 * h) * r.ty)) + ((0.125 * h2) * k1.y)) + ((h3 * (1.0 / 48.0)) * third.y);
  m.tx = r.tx + ((0.5 * h) * k1.x);
  m.ty = r.ty + ((0.5 * h) * k1.y);
  return m;
}

/** The second middle stage, on the slopes that k2 leads to. */
ZPS_HD zps_bend zps_rk4_again(double kappa, zps_ray r, zps_bend k2, zps_field_vector b_middle, double h) {
  return zps_rk4_bend(kappa, r.tx + ((0.5 * h) * k2.x), r.ty + ((0.5 * h) * k2.y), b_middle);
}

/** The new position, and the slopes of the last stage there. */
ZPS_HD zps_ray zps_rk4_end(zps_ray r, zps_bend k1, zps_bend k2, zps_bend k3, double h) {
  const double sixth = (h * h) * (1.0 / 6.0);
  zps_ray e;
  e.x = (r.x + (h * r.tx)) + (sixth * (k1.x + (k2.x + k3.x)));
  e.y = (r.y + (h * r.ty)) + (sixth * (k1.y + (k2.y + k3.y)));
  e.tx = r.tx + (h * k3.x);
  e.ty = r.ty + (h * k3.y);
  return e;
}

/** Simpson's sum without its last stage. */
ZPS_HD zps_bend zps_rk4_sum(zps_bend k1, zps_bend k2, zps_bend k3) {
  zps_bend sum;
  sum.x = k1.x + (2.0 * (k2.x + k3.x));
  sum.y = k1.y + (2.0 * (k2.y + k3.y));
  return sum;
}

/** The ray after the step: at the position of zps_rk4_end(), with its new slopes. sum: zps_rk4_sum(). */
ZPS_HD zps_ray zps_rk4_finish(zps_ray r, zps_ray end, zps_bend sum, zps_bend k4, double h) {
  const double sixth = h * (1.0 / 6.0);
  zps_ray n;
  n.x = end.x;
  n.y = end.y;
  n.tx = r.tx + (sixth * (sum.x + k4.x));
  n.ty = r.ty + (sixth * (sum.y + k4.y));
  return n;
}

/** Third derivatives between the middle and the end of a step. */
ZPS_HD zps_bend zps_rk4_third(zps_bend k3, zps_bend k4, double h) {
  const double per_half = 2.0 / h;
  zps_bend t;
  t.x = (k4.x - k3.x) * per_half;
  t.y = (k4.y - k3.y) * per_half;
  return t;
}

/** One step of h [mm] (negative: backwards) in a map, from a plane to `end` by way of `middle`. *memory holds the field
 *  at the start and is made ready for the next step. lookup_*: enum zps_lookup. */
ZPS_HD zps_ray zps_rk4_step(const zps_field_map *map, zps_field_plane middle, zps_field_plane end,
                            int32_t lookup_middle, int32_t lookup_end, double kappa, double h, zps_ray r,
                            zps_rk4_memory *memory) {
  const zps_bend k1 = zps_rk4_bend(kappa, r.tx, r.ty, memory->b);
  const zps_ray m = zps_rk4_middle(r, k1, memory->third, h);
  const zps_field_vector b_middle = zps_field_lookup(map, middle, lookup_middle, m.x, m.y);
  const zps_bend k2 = zps_rk4_bend(kappa, m.tx, m.ty, b_middle);
  const zps_bend k3 = zps_rk4_again(kappa, r, k2, b_middle, h);
  const zps_ray e = zps_rk4_end(r, k1, k2, k3, h);
  const zps_field_vector b_end = zps_field_lookup(map, end, lookup_end, e.x, e.y);
  const zps_bend k4 = zps_rk4_bend(kappa, e.tx, e.ty, b_end);
  memory->b = b_end;
  memory->third = zps_rk4_third(k3, k4, h);
  return zps_rk4_finish(r, e, zps_rk4_sum(k1, k2, k3), k4, h);
}

#endif
