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

static double zps_time_calls(zps_bench_clock clock, zps_bench_work *work, void *context, uint64_t n_calls) {
  const double start_s = zps_clock_s(clock);
  work(context, n_calls);
  return zps_clock_s(clock) - start_s;
}

/** Calls that last min_s: doubled until they do. The first of them warm caches and clock. */
static uint64_t zps_calibrate(double min_s, zps_bench_clock clock, zps_bench_work *work, void *context) {
  uint64_t n_calls = 1;
  while (zps_time_calls(clock, work, context, n_calls) < min_s) {
    n_calls *= 2;
  }
  return n_calls;
}

/** Timing with its defaults filled in; one repetition, uncalibrated, where the number of calls is given. */
static zps_bench_timing zps_filled_in(zps_bench_timing timing) {
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
  double seconds[ZPS_BENCH_MAX_REPEATS];
  const double start_s = zps_clock_s(ZPS_BENCH_WALL);
  int n = 0;
  for (; zps_goes_on(timing, n, start_s); n++) {
    seconds[n] = zps_time_calls(clock, work, context, n_calls) / (double)n_calls;
  }
  return zps_spread_of(seconds, n);
}

zps_spread zps_bench_time(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *context) {
  const zps_bench_timing t = zps_filled_in(timing);
  const uint64_t n_calls = t.n_calls > 0 ? t.n_calls : zps_calibrate(t.min_s, clock, work, context);
  return zps_repeat(&t, clock, work, context, n_calls);
}

/** Work on all cores. */
typedef struct zps_cores_work {
  zps_bench_work *work;
  char *contexts; /* [n][size] */
  size_t size;
  int n;
} zps_cores_work;

static void zps_cores_calls(void *context, uint64_t n_calls) {
  const zps_cores_work *const cores = (const zps_cores_work *)context;
#pragma omp parallel for num_threads(cores->n) schedule(static)
  for (int i = 0; i < cores->n; i++) {
    cores->work(cores->contexts + ((size_t)i * cores->size), n_calls);
  }
}

int zps_bench_cores(void) {
  return omp_get_num_procs();
}

zps_status zps_bench_time_cores(zps_bench_timing timing, zps_bench_work *work, const void *context, size_t size,
                                zps_spread *seconds, zps_error *error) {
  const zps_bench_timing t = zps_filled_in(timing);
  zps_cores_work cores = {work, NULL, size, zps_bench_cores()};
  cores.contexts = (char *)malloc((size_t)cores.n * size);
  if (cores.contexts == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench: no memory for the work of %d cores", cores.n);
  }
  for (int i = 0; i < cores.n; i++) {
    memcpy(cores.contexts + ((size_t)i * size), context, size);
  }
  /* By the CPU time of one thread: on a busy machine the start of all can take longer than a repetition should. */
  const uint64_t n_calls = t.n_calls > 0 ? t.n_calls : zps_calibrate(t.min_s, ZPS_BENCH_CPU, work, cores.contexts);
  *seconds = zps_repeat(&t, ZPS_BENCH_WALL, zps_cores_calls, &cores, n_calls);
  free(cores.contexts);
  return ZPS_OK;
}

zps_bench_pair zps_bench_time_pair(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *first,
                                   void *second) {
  double a[ZPS_BENCH_MAX_REPEATS];
  double b[ZPS_BENCH_MAX_REPEATS];
  double extra[ZPS_BENCH_MAX_REPEATS];
  const zps_bench_timing t = zps_filled_in(timing);
  const uint64_t n_calls = t.n_calls > 0 ? t.n_calls : zps_calibrate(t.min_s, clock, work, first);
  zps_bench_pair pair;
  int n = 0;
  if (t.n_calls == 0) {
    work(second, 1);
  }
  const double start_s = zps_clock_s(ZPS_BENCH_WALL);
  for (; zps_goes_on(&t, n, start_s); n++) {
    a[n] = zps_time_calls(clock, work, first, n_calls) / (double)n_calls;
    b[n] = zps_time_calls(clock, work, second, n_calls) / (double)n_calls;
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
