/* What the tails of matter cost: the same emissions followed with the job's models of matter and with the simple ones
 * (Highland, mean loss), in turns on one thread, so that other work on the machine meets both. */
#include <stdlib.h>
#include <string.h>

#include "bench/bench_suite.h"
#include "host/run/engine.h"

#define ZPS_EVENTS_PER_TILE 2000
#define ZPS_TURNS 11

typedef struct zps_models_work {
  zps_engine *engine;
  size_t n_tiles;
  const zps_tile *tiles;
  uint64_t *tallies; /* [n_tiles][zps_tally_size()] */
  zps_status status;
  zps_error error;
} zps_models_work;

static bool zps_models_calls(void *context, uint64_t n_calls) {
  zps_models_work *const work = (zps_models_work *)context;
  for (uint64_t call = 0; call < n_calls && work->status == ZPS_OK; call++) {
    work->status = zps_engine_run(work->engine, work->tiles, work->n_tiles, work->tallies, NULL, &work->error);
  }
  return work->status == ZPS_OK;
}

static zps_status zps_models_open(const zps_bench *bench, const zps_plan *plan, const zps_tile *tiles,
                                  zps_models_work *work, zps_error *error) {
  const size_t row = zps_tally_size((uint32_t)plan->setup.n_triggers);
  const zps_engine_options options = {1, bench->lanes->isa, NULL};
  work->n_tiles = plan->n_mass;
  work->tiles = tiles;
  work->tallies = (uint64_t *)calloc(plan->n_mass * row, sizeof *work->tallies);
  return work->tallies == NULL ? zps_error_set(error, ZPS_MEMORY, "bench models: no memory for tallies")
                               : zps_engine_create("cpu", &plan->setup, &options, &work->engine, error);
}

static void zps_models_close(zps_models_work *work) {
  zps_engine_destroy(work->engine);
  free(work->tallies);
}

/** CPU time of the job's models over that of the simple ones, turn by turn. */
static zps_status zps_models_compare(const zps_bench *bench, zps_models_work *own, zps_models_work *simple,
                                     zps_spread *ratio, zps_error *error) {
  double ratios[ZPS_TURNS];
  zps_bench_timing once = bench->timing;
  once.n_repeats = 1;
  for (int i = 0; i < ZPS_TURNS; i++) {
    const double own_s = zps_bench_time(once, ZPS_BENCH_CPU, zps_models_calls, own).median;
    ratios[i] = own_s / zps_bench_time(once, ZPS_BENCH_CPU, zps_models_calls, simple).median;
  }
  *ratio = zps_spread_of(ratios, ZPS_TURNS);
  if (own->status != ZPS_OK) {
    return zps_error_set(error, own->status, "%s", own->error.text);
  }
  return simple->status == ZPS_OK ? ZPS_OK : zps_error_set(error, simple->status, "%s", simple->error.text);
}

zps_status zps_bench_models(const zps_bench *bench, zps_error *error) {
  const zps_mass_range all = {0, 0};
  zps_job job = *bench->job;
  zps_models_work own = {0};
  zps_models_work simple = {0};
  zps_spread ratio;
  zps_plan plan;
  zps_status status = ZPS_OK;
  zps_tile *const tiles = (zps_tile *)calloc(bench->plan->n_mass, sizeof *tiles);
  memset(&plan, 0, sizeof plan);
  if (tiles == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench models: no memory for %zu tiles", bench->plan->n_mass);
  }
  for (size_t i = 0; i < bench->plan->n_mass; i++) {
    tiles[i].i_mass = (uint32_t)i;
    tiles[i].n = ZPS_EVENTS_PER_TILE;
  }
  job.matter.scattering = ZPS_SCATTERING_HIGHLAND;
  job.matter.loss = ZPS_LOSS_MEAN;
  job.process.x_min_auto = false;
  job.process.x_min = bench->plan->x_min;
  ZPS_TRY(zps_plan_build(&job, all, 0, &plan, error));
  ZPS_TRY(zps_models_open(bench, bench->plan, tiles, &own, error));
  ZPS_TRY(zps_models_open(bench, &plan, tiles, &simple, error));
  ZPS_TRY(zps_models_compare(bench, &own, &simple, &ratio, error));
  zps_bench_report_add(bench->report, "matter_cost",
                       "time of an event with the job's models of matter over that with Highland and mean loss, same "
                       "emissions, on one thread",
                       ratio);
done:
  zps_models_close(&own);
  zps_models_close(&simple);
  zps_plan_free(&plan);
  free(tiles);
  return status;
}
