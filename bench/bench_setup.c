/* Set-up: every table of the job from nothing, on one thread. */
#include "bench/bench_suite.h"

/* A plan of 60 masses lasts a second or more: enough for one call to be a repetition, and for few repetitions. */
#define ZPS_MAX_PLAN_REPEATS 5

typedef struct zps_setup_work {
  const zps_job *job;
  zps_mass_range masses;
  int n_threads;
  zps_status status;
  zps_error error;
} zps_setup_work;

static bool zps_setup_calls(void *context, uint64_t n_calls) {
  zps_setup_work *const work = (zps_setup_work *)context;
  for (uint64_t call = 0; call < n_calls && work->status == ZPS_OK; call++) {
    zps_plan plan;
    work->status = zps_plan_build(work->job, work->masses, work->n_threads, &plan, &work->error);
    if (work->status == ZPS_OK) {
      zps_plan_free(&plan);
    }
  }
  return work->status == ZPS_OK;
}

zps_status zps_bench_setup(const zps_bench *bench, zps_error *error) {
  zps_setup_work work = {bench->job, {0, bench->plan->n_mass}, 1, ZPS_OK, {ZPS_OK, ""}};
  zps_bench_timing timing = bench->timing;
  if (timing.n_repeats == 0 || timing.n_repeats > ZPS_MAX_PLAN_REPEATS) {
    timing.n_repeats = ZPS_MAX_PLAN_REPEATS;
  }
  const zps_spread all = zps_bench_time(timing, ZPS_BENCH_CPU, zps_setup_calls, &work);
  work.n_threads = 0;
  const zps_spread cores = zps_bench_time(timing, ZPS_BENCH_WALL, zps_setup_calls, &work);
  work.n_threads = 1;
  work.masses.end = 1;
  const zps_spread one = zps_bench_time(timing, ZPS_BENCH_CPU, zps_setup_calls, &work);
  if (work.status != ZPS_OK) {
    return zps_error_set(error, work.status, "%s", work.error.text);
  }
  zps_bench_report_add(bench->report, "setup_ms_per_mass",
                       "CPU time of all tables of the job, divided by its number of masses [ms]",
                       zps_spread_scaled(all, 1e3 / (double)bench->plan->n_mass));
  zps_bench_report_add(bench->report, "setup_ms", "all tables of the job on all threads, by the wall clock [ms]",
                       zps_spread_scaled(cores, 1e3));
  zps_bench_report_add(bench->report, "setup_one_mass_ms",
                       "CPU time of all tables for one mass: stopping power, field map, emission [ms]",
                       zps_spread_scaled(one, 1e3));
  return ZPS_OK;
}
