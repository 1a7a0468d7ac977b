/* From a result to limits on the coupling, mass by mass.
 *
 * Each trigger is one channel: N(g) = zps_signal_yield(), observed events and background as the job has them. The share
 * of a trigger does not depend on g, so one number N_up per mass limits the sum; the coupling follows from N(g) = N_up
 * with the branching ratio included. */
#ifndef ZPS_STATS_LIMIT_H
#define ZPS_STATS_LIMIT_H

#include "host/io/result.h"
#include "host/job/job.h"
#include "host/stats/cls.h"
#include "host/stats/interval.h"

/** Couplings above it are no limit: far outside what a narrow Z' is. */
#define ZPS_LIMIT_G_MAX 10.0

#define ZPS_MAX_ISLANDS 8

/** Couplings excluded. As yields ascend with the coupling (host/stats/widths.h), zps_limit_find() has none or one. */
typedef struct zps_islands {
  size_t n;
  zps_interval island[ZPS_MAX_ISLANDS]; /* ascending */
  bool open_above;                      /* the last has no upper end; hi is ZPS_LIMIT_G_MAX */
} zps_islands;

/** A limit at one mass. Without any efficiency there is none: has_limit is false and only mass_gev holds. */
typedef struct zps_limit_point {
  double mass_gev;
  bool has_limit;
  zps_upper_limit events;               /* on the number of signal events in all triggers together */
  zps_islands observed;                 /* couplings excluded */
  zps_islands expected[ZPS_N_EXPECTED]; /* had the data without a signal been at -2 .. 2 standard deviations */
} zps_limit_point;

/** Relative error of the signal that all triggers share: the root of the sum of the squares of limit.systematics, `ww`
 *  for the models ww and iww alone. */
double zps_limit_systematics(const zps_job *job);

/** The experiment as it is at a mass: shares of the triggers, each with the error of its yield from the number of
 *  events simulated (zps_signal_error()). False when no trigger has any efficiency. */
bool zps_limit_counting(const zps_job *job, const zps_result *result, size_t i_mass, zps_counting *counting);

/** zps_signal_check() of job and result; ZPS_INVALID for a job without
 *  emission (process.kind none) or of another mediator than the vector. To be called once before the functions above
 * and below. */
zps_status zps_limit_check(const zps_job *job, const zps_result *result, zps_error *error);

/** The limit at mass i_mass, at the confidence level of the job. */
zps_status zps_limit_find(const zps_job *job, const zps_result *result, size_t i_mass, zps_limit_method method,
                          zps_limit_point *point, zps_error *error);

/** Lower edge of the excluded couplings, NaN when there are none. */
double zps_limit_edge(const zps_islands *islands);

/** Upper end of interval i, NaN when it is open or there is none. */
double zps_limit_end(const zps_islands *islands, size_t i);

#endif
