/* Emission: exact tree-level samples at the nominal energy, the same number for every mass of the job. */
#include <math.h>

#include "bench/bench_suite.h"

typedef struct zps_emission_work {
  const zps_bench_lanes *lanes;
  const zps_plan *plan;
  uint64_t next;
  double sum_k, n;
  zps_bench_batch batch;
} zps_emission_work;

static bool zps_emission_calls(void *context, uint64_t n_calls) {
  zps_emission_work *const work = (zps_emission_work *)context;
  const zps_setup *const setup = &work->plan->setup;
  for (uint64_t call = 0; call < n_calls; call++) {
    for (size_t i = 0; i < work->plan->n_mass; i++) {
      work->lanes->emission(setup, &setup->emission[i], work->next, &work->batch);
      for (int lane = 0; lane < ZPS_BENCH_LANES; lane++) {
        work->sum_k += work->batch.a[lane];
        work->batch.fate[lane] = ZPS_FATE_ARRIVED;
      }
      work->n += ZPS_BENCH_LANES;
    }
    work->next += ZPS_BENCH_LANES;
  }
  return true;
}

zps_status zps_bench_emission(const zps_bench *bench, zps_error *error) {
  static zps_emission_work work;
  if (bench->plan->setup.process_none || (int)bench->job->process.model != (int)ZPS_EMISSION_ETL) {
    return ZPS_OK;
  }
  work.lanes = bench->lanes;
  work.plan = bench->plan;
  for (int lane = 0; lane < ZPS_BENCH_LANES; lane++) {
    work.batch.p[lane] = bench->job->beam.p_gev;
  }
  work.next = 0;
  work.sum_k = 0.0;
  work.n = 0.0;
  const zps_status status = zps_bench_report_rates(
      bench, zps_emission_calls, NULL, &work, sizeof work, (double)bench->plan->n_mass * ZPS_BENCH_LANES,
      "etl_samples_per_s_core", "etl_samples_per_s",
      "exact tree-level emissions with multiplicity and recoil muon, averaged over the masses", error);
  /* The mean multiplicity is 1 at nominal energy; its variance is below 1 at every mass of the 2022 job. */
  if (status == ZPS_OK && !(fabs((work.sum_k / work.n) - 1.0) < 1e-3 + (6.0 / sqrt(work.n)))) {
    return zps_error_set(error, ZPS_FAILURE, "bench emission: mean multiplicity %.5f in %.0f samples, expected 1",
                         work.sum_k / work.n, work.n);
  }
  return status;
}
