/* Muons that no field of the magnet can bend onto a counter are not carried through it.
 *
 * Most muons miss every first counter (S4) by far: the counter stands beside the beam, and a magnet bends by at most
 * Int |B| dz. From the largest field on each plane of the map, weighted as the steps of kernels/rk4.h weight it, follow
 * bounds on where a muon can stand at the plane of the first counters; one whose bounds lie outside all of them is
 * dropped at the entry of the field. Nothing is lost: the bounds hold for every path through the map, so the counts of
 * all stages from the first counter on are those of carrying every muon (tests/unit/test_magnet_reach.c).
 *
 * With s a bound on both slopes, n = sqrt(1 + tx^2 + ty^2) and the equation of motion of kernels/rk4.h:
 *   x'' = -kappa By n (1 + tx^2) + cross terms,  1 <= n (1 + tx^2) <= g = sqrt(1 + 2 s^2) (1 + s^2)
 *   |cross terms| <= |kappa| g s (|Bx| + |Bz|),  |y''| <= |kappa| g (|Bx| + s (|By| + |Bz|))
 * A slope changes by at most |kappa| n^2 sqrt(1 + tx^2) Int |B| dz, below 1.25 |kappa| Int |B| dz for slopes up to 0.3;
 * muons with more are not judged. */
#ifndef ZPS_MAGNET_REACH_H
#define ZPS_MAGNET_REACH_H

#include "kernels/math.h"

#define ZPS_MAGNET_MAX_SLOPE 0.3
#define ZPS_MAGNET_SLOPE_FACTOR 1.25
#define ZPS_MAGNET_MARGIN_MM 0.01 /* over the rounding of a path */

/** What the field of an element can do at most to a muon that crosses it, seen at the plane of the first counters, and
 *  where these are. Built by host/run/plan_magnet_reach.h. */
typedef struct zps_magnet_reach {
  int32_t i_element; /* the field element at whose entry muons are judged; -1: nowhere */
  int32_t padding;
  double arm_mm; /* from the entry of the element to the plane of the counters */
  /* Rectangle around all first counters [mm]. */
  double x_lo_mm, x_hi_mm, y_lo_mm, y_hi_mm;
  double b_tmm; /* Int max |B| dz [T mm] */
  /* Int max (...) (distance to the plane) dz [T mm^2], the maxima over each plane of the map. */
  double by_up_tmm2, by_down_tmm2; /* of By and of -By, where positive */
  double bx_tmm2;                  /* of |Bx| */
  double bx_bz_tmm2, by_bz_tmm2;   /* of |Bx| + |Bz|, of |By| + |Bz| */
} zps_magnet_reach;

/** 1 when a muon at the entry, of curvature kappa [1/(mm T)], cannot come to a counter. */
ZPS_HD int zps_magnet_misses(const zps_magnet_reach *reach, double kappa, double x, double y, double tx, double ty) {
  const double k = zps_abs(kappa);
  const double s = zps_max(zps_abs(tx), zps_abs(ty)) + (ZPS_MAGNET_SLOPE_FACTOR * (k * reach->b_tmm));
  const double g = zps_sqrt(1.0 + (2.0 * (s * s))) * (1.0 + (s * s));
  const double kg = k * g;
  const double down = kappa < 0.0 ? reach->by_down_tmm2 : reach->by_up_tmm2;
  const double up = kappa < 0.0 ? reach->by_up_tmm2 : reach->by_down_tmm2;
  const double cross = s * reach->bx_bz_tmm2;
  const double x_straight = x + (reach->arm_mm * tx);
  const double y_straight = y + (reach->arm_mm * ty);
  const double x_lo = (x_straight - (kg * (down + cross))) - ZPS_MAGNET_MARGIN_MM;
  const double x_hi = (x_straight + (kg * (up + cross))) + ZPS_MAGNET_MARGIN_MM;
  const double y_most = (kg * (reach->bx_tmm2 + (s * reach->by_bz_tmm2))) + ZPS_MAGNET_MARGIN_MM;
  const int beside_x = (x_lo >= reach->x_hi_mm) | (x_hi < reach->x_lo_mm);
  const int beside_y = (y_straight - y_most >= reach->y_hi_mm) | (y_straight + y_most < reach->y_lo_mm);
  return (beside_x | beside_y) & (s <= ZPS_MAGNET_MAX_SLOPE);
}

#endif
