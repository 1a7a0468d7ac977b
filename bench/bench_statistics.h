/* Statistics per second: how long a run takes to a relative error of 1 % on the efficiency of one mass, on one thread.
 *
 * What counts is time per event times relative variance per event. Four ways to the same efficiency are compared:
 * everything generated and everything carried; muons dropped as soon as their fate is known; the run as it is, which
 * also generates only x > x_min; and that run with a pilot (process.pilot), whose time counts too. All are judged by
 * the variance of a ratio of weighted sums (host/stats/interval.h), whatever the job's intervals take. */
#ifndef ZPS_BENCH_STATISTICS_H
#define ZPS_BENCH_STATISTICS_H

#include <jansson.h>
#include <stdio.h>

#include "bench/bench_suite.h"

#define ZPS_STATISTICS_MAX_MASSES 16
#define ZPS_STATISTICS_TARGET 0.01

enum zps_statistics_way { ZPS_WAY_PLAIN, ZPS_WAY_DROPPED, ZPS_WAY_RUN, ZPS_WAY_PILOT, ZPS_N_WAYS };

/** One mass by one way. */
typedef struct zps_statistics_cell {
  double x_fraction;
  double efficiency, error; /* of the trigger accepted least, without live_factor and tracking_factor; one sigma */
  double n_eff_share;       /* effective events per event generated */
  zps_spread s_per_event;   /* CPU time [s] */
  double n_events;          /* to ZPS_STATISTICS_TARGET, with the efficiency of all ways together */
  double pilot_s;           /* CPU time of the pilot, 0 without one */
  double seconds;           /* for these and the pilot, median */
} zps_statistics_cell;

typedef struct zps_statistics {
  zps_bench_report about; /* machine, compiler, job; no entries */
  size_t n_mass;
  double mass_gev[ZPS_STATISTICS_MAX_MASSES];
  zps_statistics_cell cells[ZPS_STATISTICS_MAX_MASSES][ZPS_N_WAYS];
  double x_min;     /* of the run */
  double even_s;    /* the run: every mass as many events as the one that needs most [s] */
  double by_mass_s; /* the run: each mass what it needs, as run --target-error [s] */
  double pilot_s;   /* the same with a pilot [s] */
} zps_statistics;

/** Measures up to ZPS_STATISTICS_MAX_MASSES masses evenly over those of the job. ZPS_FAILURE when two ways disagree on
 *  an efficiency; otherwise as zps_bench_run(). */
zps_status zps_bench_statistics(const zps_bench_options *options, zps_statistics *statistics, zps_error *error);

/** The numbers as JSON. New reference, NULL when out of memory. */
json_t *zps_statistics_json(const zps_statistics *statistics);

/** The numbers as a Markdown table. */
void zps_statistics_print(FILE *out, const zps_statistics *statistics);

#endif
