#include "bench/bench_harness.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ZPS_DEFAULT_REPEATS 11
#define ZPS_DEFAULT_MIN_S 0.05
#define ZPS_DEFAULT_MAX_S 1.0
#define ZPS_LEAST_REPEATS 3 /* a median and its spread */

static double zps_clock_s(zps_bench_clock clock) {
  struct timespec t;
  (void)clock_gettime(clock == ZPS_BENCH_CPU ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (1e-9 * (double)t.tv_nsec);
}

/** False when the work failed. */
static bool zps_time_calls(zps_bench_clock clock, zps_bench_work *work, void *context, uint64_t n_calls,
                           double *seconds) {
  const double start_s = zps_clock_s(clock);
  const bool worked = work(context, n_calls);
  *seconds = zps_clock_s(clock) - start_s;
  return worked;
}

/** Calls that last min_s: doubled until they do. The first of them warm caches and clock. False when the work failed.
 */
static bool zps_calibrate(double min_s, zps_bench_clock clock, zps_bench_work *work, void *context, uint64_t *n_calls) {
  double seconds = 0.0;
  *n_calls = 1;
  while (zps_time_calls(clock, work, context, *n_calls, &seconds)) {
    if (seconds >= min_s) {
      return true;
    }
    *n_calls *= 2;
  }
  return false;
}

zps_bench_timing zps_bench_timing_filled(zps_bench_timing timing) {
  zps_bench_timing t = timing;
  t.min_s = t.min_s > 0.0 ? t.min_s : ZPS_DEFAULT_MIN_S;
  t.max_s = t.max_s > 0.0 ? t.max_s : ZPS_DEFAULT_MAX_S;
  t.n_repeats = t.n_repeats > 0 ? t.n_repeats : ZPS_DEFAULT_REPEATS;
  t.n_repeats = t.n_repeats < ZPS_BENCH_MAX_REPEATS ? t.n_repeats : ZPS_BENCH_MAX_REPEATS;
  t.n_repeats = t.n_calls > 0 ? 1 : t.n_repeats;
  return t;
}

/** Whether repetition i is still to be done. */
static int zps_goes_on(const zps_bench_timing *timing, int i, double start_s) {
  return i < timing->n_repeats && (i < ZPS_LEAST_REPEATS || zps_clock_s(ZPS_BENCH_WALL) - start_s < timing->max_s);
}

static zps_spread zps_repeat(const zps_bench_timing *timing, zps_bench_clock clock, zps_bench_work *work, void *context,
                             uint64_t n_calls) {
  const zps_spread failed = {.n = 0};
  double seconds[ZPS_BENCH_MAX_REPEATS];
  const double start_s = zps_clock_s(ZPS_BENCH_WALL);
  int n = 0;
  for (; zps_goes_on(timing, n, start_s); n++) {
    if (!zps_time_calls(clock, work, context, n_calls, &seconds[n])) {
      return failed;
    }
    seconds[n] /= (double)n_calls;
  }
  return zps_spread_of(seconds, n);
}

/** The number of calls that was given, or one that lasts long enough. False when the work failed. */
static bool zps_n_calls(const zps_bench_timing *timing, zps_bench_clock clock, zps_bench_work *work, void *context,
                        uint64_t *n_calls) {
  *n_calls = timing->n_calls;
  return timing->n_calls > 0 || zps_calibrate(timing->min_s, clock, work, context, n_calls);
}

zps_spread zps_bench_time(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *context) {
  const zps_bench_timing t = zps_bench_timing_filled(timing);
  const zps_spread failed = {.n = 0};
  uint64_t n_calls = 0;
  return zps_n_calls(&t, clock, work, context, &n_calls) ? zps_repeat(&t, clock, work, context, n_calls) : failed;
}

/** Work on all threads. */
typedef struct zps_threads_work {
  zps_bench_work *work;
  char *contexts; /* [n][size] */
  size_t size;
  int n;
} zps_threads_work;

static bool zps_threads_calls(void *context, uint64_t n_calls) {
  const zps_threads_work *const threads = (const zps_threads_work *)context;
  int failed = 0;
#pragma omp parallel for num_threads(threads->n) schedule(static) reduction(| : failed)
  for (int i = 0; i < threads->n; i++) {
    failed |= threads->work(threads->contexts + ((size_t)i * threads->size), n_calls) ? 0 : 1;
  }
  return failed == 0;
}

int zps_bench_threads(void) {
  return omp_get_max_threads();
}

zps_status zps_bench_time_threads(zps_bench_timing timing, zps_bench_work *work, zps_bench_part *part,
                                  const void *context, size_t size, zps_spread *seconds, zps_error *error) {
  const zps_bench_timing t = zps_bench_timing_filled(timing);
  zps_threads_work threads = {work, NULL, size, zps_bench_threads()};
  uint64_t n_calls = 0;
  memset(seconds, 0, sizeof *seconds);
  threads.contexts = (char *)malloc((size_t)threads.n * size);
  if (threads.contexts == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench: no memory for the work of %d threads", threads.n);
  }
  for (int i = 0; i < threads.n; i++) {
    char *const copy = threads.contexts + ((size_t)i * size);
    memcpy(copy, context, size);
    if (part != NULL) {
      part(copy, i, threads.n);
    }
  }
  /* By the CPU time of one thread: on a busy machine the start of all can take longer than a repetition should. */
  if (zps_n_calls(&t, ZPS_BENCH_CPU, work, threads.contexts, &n_calls)) {
    *seconds = zps_repeat(&t, ZPS_BENCH_WALL, zps_threads_calls, &threads, n_calls);
  }
  free(threads.contexts);
  return seconds->n > 0 ? ZPS_OK : zps_error_set(error, ZPS_FAILURE, "bench: the work of %d threads failed", threads.n);
}

zps_bench_pair zps_bench_time_pair(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *first,
                                   void *second) {
  double a[ZPS_BENCH_MAX_REPEATS];
  double b[ZPS_BENCH_MAX_REPEATS];
  double extra[ZPS_BENCH_MAX_REPEATS];
  const zps_bench_timing t = zps_bench_timing_filled(timing);
  zps_bench_pair pair = {.extra = {.n = 0}};
  uint64_t n_calls = 0;
  int n = 0;
  if (!zps_n_calls(&t, clock, work, first, &n_calls) || (t.n_calls == 0 && !work(second, 1))) {
    return pair;
  }
  const double start_s = zps_clock_s(ZPS_BENCH_WALL);
  for (; zps_goes_on(&t, n, start_s); n++) {
    if (!zps_time_calls(clock, work, first, n_calls, &a[n]) || !zps_time_calls(clock, work, second, n_calls, &b[n])) {
      return pair;
    }
    a[n] /= (double)n_calls;
    b[n] /= (double)n_calls;
    extra[n] = b[n] - a[n];
  }
  pair.first = zps_spread_of(a, n);
  pair.second = zps_spread_of(b, n);
  pair.extra = zps_spread_of(extra, n);
  return pair;
}

static int zps_compare(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double zps_quantile(const double *sorted, int n, double q) {
  const double position = q * (double)(n - 1);
  const int i = (int)position;
  const int next = i + 1 < n ? i + 1 : i;
  return sorted[i] + ((position - (double)i) * (sorted[next] - sorted[i]));
}

zps_spread zps_spread_of(double *values, int n) {
  zps_spread s;
  qsort(values, (size_t)n, sizeof *values, zps_compare);
  s.median = zps_quantile(values, n, 0.5);
  s.min = values[0];
  s.max = values[n - 1];
  s.quartile_lo = zps_quantile(values, n, 0.25);
  s.quartile_hi = zps_quantile(values, n, 0.75);
  s.n = n;
  return s;
}

zps_spread zps_spread_rate(zps_spread seconds, double n_items) {
  zps_spread s;
  s.median = n_items / seconds.median;
  s.min = n_items / seconds.max;
  s.max = n_items / seconds.min;
  s.quartile_lo = n_items / seconds.quartile_hi;
  s.quartile_hi = n_items / seconds.quartile_lo;
  s.n = seconds.n;
  return s;
}

zps_spread zps_spread_scaled(zps_spread spread, double factor) {
  const zps_spread s = {spread.median * factor,      spread.min * factor,         spread.max * factor,
                        spread.quartile_lo * factor, spread.quartile_hi * factor, spread.n};
  return s;
}
