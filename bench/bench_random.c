/* Random numbers: one Philox block, and a pair of normal numbers. */
#include <math.h>

#include "bench/bench_suite.h"

typedef struct zps_random_work {
  void (*draw)(uint64_t first, zps_bench_batch *batch);
  uint64_t next; /* event of the next draw */
  zps_bench_batch batch;
} zps_random_work;

static bool zps_random_calls(void *context, uint64_t n_calls) {
  zps_random_work *const work = (zps_random_work *)context;
  for (uint64_t call = 0; call < n_calls; call++) {
    work->draw(work->next, &work->batch);
    work->next += ZPS_BENCH_LANES;
  }
  return true;
}

/** Mean of a^2 + b^2 over a million lanes, outside the timing. */
static double zps_random_mean_square(zps_random_work *work) {
  const int n_batches = 8192;
  double sum = 0.0;
  for (int k = 0; k < n_batches; k++) {
    work->draw((uint64_t)k * ZPS_BENCH_LANES, &work->batch);
    for (int i = 0; i < ZPS_BENCH_LANES; i++) {
      sum += (work->batch.a[i] * work->batch.a[i]) + (work->batch.b[i] * work->batch.b[i]);
    }
  }
  return sum / ((double)n_batches * ZPS_BENCH_LANES);
}

/* Uniform: the mean of u^2 is 1/3, its variance 4/45; normal: 1 and 2. 2 * 2^20 numbers: relative errors 6.2e-4 and
 * 9.8e-4; six of them are 4e-3 and 6e-3. */
static zps_status zps_random_measure(const zps_bench *bench, void (*draw)(uint64_t, zps_bench_batch *),
                                     double mean_square, double n_per_lane, const char *key, const char *what,
                                     zps_error *error) {
  static zps_random_work work;
  work.draw = draw;
  work.next = 0;
  const double got = 0.5 * zps_random_mean_square(&work);
  if (!(fabs(got - mean_square) < 6e-3 * mean_square)) {
    return zps_error_set(error, ZPS_FAILURE, "bench %s: mean square %.6f, expected %.6f", key, got, mean_square);
  }
  const zps_spread s = zps_bench_time(bench->timing, ZPS_BENCH_CPU, zps_random_calls, &work);
  zps_bench_report_add(bench->report, key, what, zps_spread_rate(s, n_per_lane * ZPS_BENCH_LANES));
  return ZPS_OK;
}

zps_status zps_bench_random(const zps_bench *bench, zps_error *error) {
  const zps_status status = zps_random_measure(bench, bench->lanes->philox, 1.0 / 3.0, 1.0, "philox_blocks_per_s_core",
                                               "Philox4x32-10 blocks of 128 bits, as two uniform numbers", error);
  if (status != ZPS_OK) {
    return status;
  }
  return zps_random_measure(bench, bench->lanes->normals, 1.0, 2.0, "normals_per_s_core",
                            "standard normal numbers, their random bits included", error);
}
