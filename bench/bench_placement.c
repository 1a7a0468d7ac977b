/* What counting all counter positions costs: the same events with the early exit of a plain run, carried to the last
 * plane without and with the placement surface. All three on one thread, in batches as a run has them. */
#include <stdlib.h>
#include <string.h>

#include "bench/bench_suite.h"
#include "host/job/placement_lattice.h"
#include "host/run/engine.h"

#define ZPS_EVENTS_PER_BATCH 65536 /* of one mass: a surface is zeroed and filled once per batch */
#define ZPS_BATCHES 3

typedef struct zps_placement_work {
  zps_setup setup;
  zps_engine *engine;
  zps_tile tiles[ZPS_BATCHES]; /* one per batch */
  uint64_t *row;
  uint64_t *surface; /* NULL: not counted */
  zps_status status;
  zps_error error;
} zps_placement_work;

static void zps_placement_calls(void *context, uint64_t n_calls) {
  zps_placement_work *const work = (zps_placement_work *)context;
  for (uint64_t call = 0; call < n_calls; call++) {
    for (size_t i = 0; i < ZPS_BATCHES && work->status == ZPS_OK; i++) {
      work->status = zps_engine_run(work->engine, &work->tiles[i], 1, work->row, work->surface, &work->error);
    }
  }
}

/** Rate of one of the three ways; work->setup says which. */
static zps_status zps_placement_measure(const zps_bench *bench, zps_placement_work *work, zps_spread *rate,
                                        zps_error *error) {
  zps_engine_options options;
  memset(&options, 0, sizeof options);
  options.n_threads = 1;
  options.isa = bench->lanes->isa;
  zps_status status = zps_engine_create("cpu", &work->setup, &options, &work->engine, error);
  if (status != ZPS_OK) {
    return status;
  }
  work->status = ZPS_OK;
  const zps_spread s = zps_bench_time(bench->timing, ZPS_BENCH_CPU, zps_placement_calls, work);
  *rate = zps_spread_rate(s, (double)ZPS_BATCHES * ZPS_EVENTS_PER_BATCH);
  zps_engine_destroy(work->engine);
  return work->status == ZPS_OK ? ZPS_OK : zps_error_set(error, work->status, "%s", work->error.text);
}

zps_status zps_bench_placement(const zps_bench *bench, zps_error *error) {
  zps_placement_work work;
  zps_job job = *bench->job;
  zps_spread early;
  zps_spread full;
  zps_spread placed;
  uint64_t *surface = NULL;
  zps_status status = ZPS_OK;
  memset(&work, 0, sizeof work);
  job.placement.given = true;
  work.setup = bench->plan->setup;
  work.row = (uint64_t *)calloc(zps_tally_size((uint32_t)work.setup.n_triggers), sizeof *work.row);
  const zps_placement placement = zps_placement_of_job(&job);
  surface = (uint64_t *)calloc((size_t)zps_surface_size(&placement) + 1, sizeof *surface);
  if (work.row == NULL || surface == NULL) {
    ZPS_TRY(zps_error_set(error, ZPS_MEMORY, "bench placement: no memory for a surface"));
  }
  for (size_t i = 0; i < ZPS_BATCHES; i++) {
    work.tiles[i].i_mass = (uint32_t)((bench->plan->n_mass - 1) * i / (ZPS_BATCHES - 1));
    work.tiles[i].n = ZPS_EVENTS_PER_BATCH;
  }
  ZPS_TRY(zps_placement_measure(bench, &work, &early, error));
  work.setup.i_decision = -1;
  ZPS_TRY(zps_placement_measure(bench, &work, &full, error));
  work.setup.placement = placement;
  work.surface = surface;
  ZPS_TRY(zps_placement_measure(bench, &work, &placed, error));
  zps_bench_report_add(bench->report, "events_early_exit_per_s_core",
                       "events of three masses, dropped when they miss the first plane of every trigger", early);
  zps_bench_report_add(bench->report, "events_full_carry_per_s_core", "the same, all carried to the last plane", full);
  zps_bench_report_add(bench->report, "events_placed_per_s_core",
                       "the same with the placement surface of all counter positions", placed);
done:
  free(work.row);
  free(surface);
  return status;
}
