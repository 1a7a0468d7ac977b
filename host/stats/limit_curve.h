/* Limits at every mass of a result: what pictures and exports are made of. */
#ifndef ZPS_STATS_LIMIT_CURVE_H
#define ZPS_STATS_LIMIT_CURVE_H

#include "host/stats/limit.h"

typedef struct zps_limit_curve {
  const zps_job *job;       /* not owned, outlives the curve */
  const zps_result *result; /* not owned, outlives the curve */
  zps_limit_method method;
  zps_limit_point *points; /* [result->n_mass], in the order of its masses */
} zps_limit_curve;

/** Checks the pair (zps_limit_check) and finds the limit at every mass; a failure names the mass. Free with
 *  zps_limit_curve_free(). */
zps_status zps_limit_curve_find(const zps_job *job, const zps_result *result, zps_limit_method method,
                                zps_limit_curve *curve, zps_error *error);

/** Fine on a zeroed one. */
void zps_limit_curve_free(zps_limit_curve *curve);

/** Efficiencies are those of a narrow Z' (docs/physics.md 2d): Gamma/m up to which that is taken for granted. */
#define ZPS_NARROW_WIDTH 0.01

/** Limits of a Z' that is not narrow there. */
typedef struct zps_limit_wide {
  size_t n; /* masses with Gamma/m > ZPS_NARROW_WIDTH at the limit observed or at the median expected */
  double mass_gev, relative_width; /* where Gamma/m is largest; 0 without limits */
} zps_limit_wide;

zps_limit_wide zps_limit_wide_find(const zps_limit_curve *curve);

/** y = (g_chi g)^2 (m_chi/m)^4 of a coupling, with g_chi and the mass ratio of the job  [arXiv:2401.01708]. */
double zps_limit_dark_y(const zps_job *job, double coupling);

#endif
