#include "bench/bench_harness.h"

#include <stdlib.h>
#include <time.h>

#define ZPS_DEFAULT_REPEATS 11
#define ZPS_DEFAULT_MIN_S 0.05

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

zps_spread zps_bench_time(zps_bench_timing timing, zps_bench_clock clock, zps_bench_work *work, void *context) {
  double seconds[ZPS_BENCH_MAX_REPEATS];
  const double min_s = timing.min_s > 0.0 ? timing.min_s : ZPS_DEFAULT_MIN_S;
  int n = timing.n_repeats > 0 ? timing.n_repeats : ZPS_DEFAULT_REPEATS;
  n = n < ZPS_BENCH_MAX_REPEATS ? n : ZPS_BENCH_MAX_REPEATS;
  n = timing.n_calls > 0 ? 1 : n;
  const uint64_t n_calls = timing.n_calls > 0 ? timing.n_calls : zps_calibrate(min_s, clock, work, context);
  for (int i = 0; i < n; i++) {
    seconds[i] = zps_time_calls(clock, work, context, n_calls) / (double)n_calls;
  }
  return zps_spread_of(seconds, n);
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
