/* Matter: mean loss and scattering in the first block of the layout, muons of 20 to 100 GeV. */
#include "bench/bench_suite.h"

typedef struct zps_matter_work {
  const zps_bench_lanes *lanes;
  const zps_setup *setup;
  int32_t i_table;
  double thickness_mm;
  void (*scatter)(const zps_setup *setup, int32_t i_table, double dz_mm, uint64_t first, zps_bench_batch *batch);
  uint64_t next;
  zps_bench_batch batch;
} zps_matter_work;

static bool zps_matter_calls(void *context, uint64_t n_calls) {
  zps_matter_work *const work = (zps_matter_work *)context;
  for (uint64_t call = 0; call < n_calls; call++) {
    work->lanes->matter(work->setup, work->i_table, work->thickness_mm, &work->batch);
  }
  return true;
}

static bool zps_scatter_calls(void *context, uint64_t n_calls) {
  zps_matter_work *const work = (zps_matter_work *)context;
  for (uint64_t call = 0; call < n_calls; call++) {
    work->scatter(work->setup, work->i_table, work->thickness_mm, work->next, &work->batch);
    work->next += ZPS_BENCH_LANES;
  }
  return true;
}

static void zps_matter_fill(zps_matter_work *work) {
  for (int i = 0; i < ZPS_BENCH_LANES; i++) {
    const double u = ((double)i + 0.5) / ZPS_BENCH_LANES;
    work->batch.x[i] = 100.0 * (u - 0.5);
    work->batch.y[i] = 0.0;
    work->batch.tx[i] = 0.01 * u;
    work->batch.ty[i] = -0.01 * u;
    work->batch.p[i] = 20.0 + (80.0 * u);
  }
}

/** Every muon comes out slower, and leaves ionisation behind. */
static zps_status zps_matter_check(zps_matter_work *work, zps_error *error) {
  zps_matter_calls(work, 1);
  for (int i = 0; i < ZPS_BENCH_LANES; i++) {
    if (!(work->batch.a[i] < work->batch.p[i]) || !(work->batch.b[i] > 0.0)) {
      return zps_error_set(error, ZPS_FAILURE,
                           "bench matter: %g GeV in, %g GeV out, ionisation %g GeV: expected a loss", work->batch.p[i],
                           work->batch.a[i], work->batch.b[i]);
    }
  }
  return ZPS_OK;
}

static zps_status zps_scatter_measure(const zps_bench *bench, zps_matter_work *work, const char *key,
                                      const char *key_all, const char *what, zps_error *error) {
  work->next = 0;
  return zps_bench_report_rates(bench, zps_scatter_calls, NULL, work, sizeof *work, ZPS_BENCH_LANES, key, key_all, what,
                                error);
}

zps_status zps_bench_matter(const zps_bench *bench, zps_error *error) {
  static zps_matter_work work;
  const zps_element *const target = &bench->plan->setup.elements[0];
  work.lanes = bench->lanes;
  work.setup = &bench->plan->setup;
  work.i_table = target->i_table;
  work.thickness_mm = target->z_end_mm - target->z_start_mm;
  zps_matter_fill(&work);
  zps_status status = zps_matter_check(&work, error);
  if (status != ZPS_OK) {
    return status;
  }
  const zps_spread loss = zps_bench_time(bench->timing, ZPS_BENCH_CPU, zps_matter_calls, &work);
  zps_bench_report_add(bench->report, "matter_crossings_per_s_core",
                       "mean losses on a path through the target, with the ionisation part",
                       zps_spread_rate(loss, ZPS_BENCH_LANES));
  if (work.setup->moliere != NULL) {
    work.scatter = bench->lanes->moliere;
    status = zps_scatter_measure(
        bench, &work, "scatterings_per_s_core", "scatterings_per_s",
        "scatterings with Moliere's tails and displacement in both planes, random numbers included", error);
  }
  if (status == ZPS_OK) {
    work.scatter = bench->lanes->highland;
    status =
        zps_scatter_measure(bench, &work, "highland_scatterings_per_s_core", "highland_scatterings_per_s",
                            "Highland scatterings with displacement in both planes, random numbers included", error);
  }
  return status;
}
