/* Multiple scattering in one element: Highland's Gaussian, with displacement.
 *
 * theta0 = 13.6 MeV/(beta p) sqrt(X) (1 + 0.038 ln X), X = path in radiation lengths
 * (PDG review, "Passage of particles through matter", eq. 34.16; Lynch and Dahl,
 * NIM B 58 (1991) 6); the two projected planes are independent; displacement
 * s theta0 (z1/sqrt(12) + z2/2), kick theta0 z2. */
#ifndef ZPS_SCATTER_H
#define ZPS_SCATTER_H

#include "kernels/constants.h"
#include "kernels/rk4.h"
#include "kernels/rng.h"

/** Width of the projected angle [rad] for momentum p [GeV] after x_over_x0 > 0 radiation lengths. */
ZPS_HD double zps_scatter_highland(double p_gev, double x_over_x0) {
  const double energy = zps_sqrt((p_gev * p_gev) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
  const double log_term = zps_max(1.0 + (0.038 * zps_log(x_over_x0)), 0.0);
  return (((0.0136 * energy) / (p_gev * p_gev)) * zps_sqrt(x_over_x0)) * log_term;
}

/** Carries a ray over thickness dz [mm], ending exactly on the exit plane, with kicks ax, ay [rad] and displacements
 *  dx, dy [mm] in the plane across the direction of flight; all 0: a straight line. */
ZPS_HD zps_ray zps_scatter_deflect(zps_ray r, double dz, double ax, double ay, double dx, double dy) {
  const double n = zps_sqrt((1.0 + (r.tx * r.tx)) + (r.ty * r.ty));
  const double e = zps_sqrt(1.0 + (r.tx * r.tx));
  /* Unit vectors across the flight: e1 = (1, 0, -tx)/e, e2 = (-tx ty, 1 + tx^2, -ty)/(n e). */
  const double per_ne = 1.0 / (n * e);
  const double per_n = e * per_ne;
  const double per_e = n * per_ne;
  const double e2x = -(r.tx * r.ty) * per_ne;
  const double e2y = e * per_n;
  const double e2z = -r.ty * per_ne;
  const double uz = (per_n - (ax * (r.tx * per_e))) + (ay * e2z);
  const double along = (dy * e2z) - (dx * (r.tx * per_e));
  const double per_forward = 1.0 / zps_max(uz, 1e-3); /* slopes of 1000 are beyond ZPS_MAX_SLOPE: lost */
  zps_ray out;
  /* u/uz with u = (tx, ty, 1)/n + ax e1 + ay e2, written as the slope and its change: exact without kicks. */
  out.tx = r.tx + ((ax * e) * per_forward);
  out.ty = r.ty + ((((ax * (r.tx * r.ty)) + (ay * n)) * per_e) * per_forward);
  out.x = ((r.x + (dz * r.tx)) + ((dx * per_e) + (dy * e2x))) - (along * out.tx);
  out.y = ((r.y + (dz * r.ty)) + (dy * e2y)) - (along * out.ty);
  return out;
}

/** Carries a ray over thickness dz [mm] with a scattering width theta0 (0: a straight line); path = length of the
 *  straight line. */
ZPS_HD zps_ray zps_scatter_carry(zps_ray r, double dz, double path, double theta0, zps_pair zx, zps_pair zy) {
  const double inv_sqrt_12 = 0.28867513459481287;
  const double dx = (path * theta0) * ((zx.a * inv_sqrt_12) + (0.5 * zx.b));
  const double dy = (path * theta0) * ((zy.a * inv_sqrt_12) + (0.5 * zy.b));
  return zps_scatter_deflect(r, dz, theta0 * zx.b, theta0 * zy.b, dx, dy);
}

#endif
