/* How long a piece of work takes: warm-up, calibration, repetitions, and their spread. */
#ifndef ZPS_BENCH_HARNESS_H
#define ZPS_BENCH_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

#define ZPS_BENCH_MAX_REPEATS 101

/** How often to measure. Zero means the default. */
typedef struct zps_bench_timing {
  int n_repeats;    /* 1 .. ZPS_BENCH_MAX_REPEATS; default 11 */
  double min_s;     /* shortest repetition [s]: calls are added until one lasts this long; default 0.05 */
  double max_s;     /* after this time of the wall clock [s] no repetition is begun but the third; default 1 */
  uint64_t n_calls; /* > 0: one repetition of this many calls, no warm-up; for instruction counts */
} zps_bench_timing;

/** Which clock. */
typedef enum zps_bench_clock {
  ZPS_BENCH_CPU, /* CPU time of the calling thread: what others do on the machine counts less */
  ZPS_BENCH_WALL /* for work on several threads */
} zps_bench_clock;

/** Order statistics of n numbers. */
typedef struct zps_spread {
  double median, min, max;
  double quartile_lo, quartile_hi; /* linear interpolation between order statistics */
  int n;
} zps_spread;

/** Does the work n_calls times. False when it failed, of which its context knows more: it is not called again. */
typedef bool zps_bench_work(void *context, uint64_t n_calls);

/** Seconds per call of work, all zero (n too) when it failed. Thread-safe where the work is. */
zps_spread zps_bench_time(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *context);

/** Makes of a copy of a context that of thread i of n, so that threads need not do the very same. */
typedef void zps_bench_part(void *context, int i, int n);

/** Wall-clock seconds per call of work by all threads at once, each with its own copy of context (size bytes, which it
 * may change; what it points to is shared), given to part first where that is not NULL. ZPS_MEMORY without room for the
 * copies, ZPS_FAILURE when the work failed. */
zps_status zps_bench_time_threads(zps_bench_timing timing, zps_bench_work *work, zps_bench_part *part,
                                  const void *context, size_t size, zps_spread *seconds, zps_error *error);

/** Threads that zps_bench_time_threads() runs and an engine without a number of its own: OMP_NUM_THREADS, else the
 * cores this process may use. */
int zps_bench_threads(void);

/** Timing with its defaults filled in; one repetition, uncalibrated, where the number of calls is given. */
zps_bench_timing zps_bench_timing_filled(zps_bench_timing timing);

/** Two ways to do one thing, by turns, so that what else the machine does meets both alike. */
typedef struct zps_bench_pair {
  zps_spread first, second, extra; /* seconds per call; extra: second minus first, turn by turn */
} zps_bench_pair;

/** Times work with two contexts; calibrated with the first. All zero when it failed with either. */
zps_bench_pair zps_bench_time_pair(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *first,
                                   void *second);

/** Order statistics of values[n], which are sorted in place. 1 <= n. */
zps_spread zps_spread_of(double *values, int n);

/** From seconds per call to items per second: the longest time becomes the smallest rate. */
zps_spread zps_spread_rate(zps_spread seconds, double n_items);

/** Every number times factor > 0. */
zps_spread zps_spread_scaled(zps_spread spread, double factor);

#endif
