/* What counting all counter positions costs: the same events with the early exit of a plain run, carried to the last
 * plane without and with the placement surface, all on one thread, in batches as a run has them; and what one position
 * more costs once a surface is there. */
#include <stdlib.h>
#include <string.h>

#include "bench/bench_suite.h"
#include "host/job/placement_lattice.h"
#include "host/place/summed_area.h"
#include "host/run/engine.h"

#define ZPS_EVENTS_PER_BATCH 65536 /* of one mass: a surface is zeroed and filled once per batch */
#define ZPS_BATCHES 3
#define ZPS_COUNTER_STEPS 50 /* width of the counters of the positions looked up, in lattice steps */

/** One way to run the events. */
typedef struct zps_placement_way {
  zps_setup setup;
  zps_engine *engine;
  zps_tile tiles[ZPS_BATCHES]; /* one per batch */
  uint64_t *row;
  uint64_t *surface; /* NULL: not counted */
  zps_status status;
  zps_error error;
} zps_placement_way;

typedef struct zps_position_work {
  const zps_summed_area *area;
  uint64_t next;
  uint64_t sum; /* of all counts, so that none is left out */
} zps_position_work;

static bool zps_placement_calls(void *context, uint64_t n_calls) {
  zps_placement_way *const way = (zps_placement_way *)context;
  for (uint64_t call = 0; call < n_calls; call++) {
    for (size_t i = 0; i < ZPS_BATCHES && way->status == ZPS_OK; i++) {
      way->status = zps_engine_run(way->engine, &way->tiles[i], 1, way->row, way->surface, &way->error);
    }
  }
  return way->status == ZPS_OK;
}

static zps_status zps_way_open(const zps_bench *bench, zps_placement_way *way, zps_error *error) {
  const zps_engine_options options = {.n_threads = 1, .isa = bench->lanes->isa};
  way->row = (uint64_t *)calloc(zps_tally_size((uint32_t)way->setup.n_triggers), sizeof *way->row);
  if (way->row == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench placement: no memory for a row");
  }
  for (size_t i = 0; i < ZPS_BATCHES; i++) {
    way->tiles[i].i_mass = (uint32_t)((bench->plan->n_mass - 1) * i / (ZPS_BATCHES - 1));
    way->tiles[i].n = ZPS_EVENTS_PER_BATCH;
  }
  return zps_engine_create("cpu", &way->setup, &options, &way->engine, error);
}

static void zps_way_close(zps_placement_way *way) {
  zps_engine_destroy(way->engine);
  free(way->row);
}

static zps_status zps_way_compare(const zps_bench *bench, zps_placement_way *a, zps_placement_way *b,
                                  zps_bench_pair *pair, zps_error *error) {
  *pair = zps_bench_time_pair(bench->timing, ZPS_BENCH_CPU, zps_placement_calls, a, b);
  const zps_placement_way *const failed = a->status != ZPS_OK ? a : b;
  return failed->status == ZPS_OK ? ZPS_OK : zps_error_set(error, failed->status, "%s", failed->error.text);
}

/** Counts between edges all over the lattices. */
static bool zps_position_calls(void *context, uint64_t n_calls) {
  zps_position_work *const work = (zps_position_work *)context;
  const zps_summed_area *const area = work->area;
  for (uint64_t call = 0; call < n_calls; call++) {
    const int64_t first = (int64_t)(work->next * 7919 % (uint64_t)(area->n_first - ZPS_COUNTER_STEPS));
    const int64_t last = (int64_t)(work->next * 104729 % (uint64_t)(area->n_last - ZPS_COUNTER_STEPS));
    work->sum += zps_summed_area_count(area, first, first + ZPS_COUNTER_STEPS, last, last + ZPS_COUNTER_STEPS);
    work->next++;
  }
  return true;
}

static zps_status zps_position_measure(const zps_bench *bench, const zps_placement *placement, const uint64_t *surface,
                                       zps_error *error) {
  zps_summed_area area = {0};
  zps_position_work work = {&area, 0, 0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_summed_area_allocate(&area, &placement->first, &placement->last, error));
  ZPS_TRY(zps_summed_area_build(&area, surface, error));
  if (area.n_first > ZPS_COUNTER_STEPS && area.n_last > ZPS_COUNTER_STEPS) {
    const zps_spread s = zps_bench_time(bench->timing, ZPS_BENCH_CPU, zps_position_calls, &work);
    zps_bench_report_add(bench->report, "extra_position_ns",
                         "CPU time of one counter position more, of one mass, from a surface that is there [ns]",
                         zps_spread_scaled(s, 1e9));
  }
done:
  zps_summed_area_free(&area);
  return status;
}

static void zps_placement_report(const zps_bench *bench, const zps_bench_pair *carry, const zps_bench_pair *count) {
  const double n = (double)ZPS_BATCHES * ZPS_EVENTS_PER_BATCH;
  zps_bench_report_add(bench->report, "events_early_exit_per_s_core",
                       "events of three masses, dropped when they miss the first plane of every trigger",
                       zps_spread_rate(carry->first, n));
  zps_bench_report_add(bench->report, "events_full_carry_per_s_core", "the same, all carried to the last plane",
                       zps_spread_rate(count->first, n));
  zps_bench_report_add(bench->report, "events_placed_per_s_core",
                       "the same with the placement surface of all counter positions",
                       zps_spread_rate(count->second, n));
  zps_bench_report_add(bench->report, "extra_carry_ns_per_event",
                       "CPU time that carrying every muon to the last plane adds to an event, turn by turn [ns]",
                       zps_spread_scaled(carry->extra, 1e9 / n));
  zps_bench_report_add(bench->report, "extra_surface_ns_per_event",
                       "CPU time that counting all positions adds to such an event, turn by turn [ns]",
                       zps_spread_scaled(count->extra, 1e9 / n));
}

zps_status zps_bench_placement(const zps_bench *bench, zps_error *error) {
  zps_placement_way *const ways = (zps_placement_way *)calloc(3, sizeof *ways);
  zps_job job = *bench->job;
  zps_bench_pair carry;
  zps_bench_pair count;
  uint64_t *surface = NULL;
  zps_status status = ZPS_OK;
  job.placement.given = true;
  const zps_placement placement = zps_placement_of_job(&job);
  surface = (uint64_t *)calloc((size_t)zps_surface_size(&placement) + 1, sizeof *surface);
  if (ways == NULL || surface == NULL) {
    ZPS_TRY(zps_error_set(error, ZPS_MEMORY, "bench placement: no memory for a surface"));
  }
  for (size_t i = 0; i < 3; i++) {
    ways[i].setup = bench->plan->setup;
    if (i > 0) {
      ways[i].setup.i_decision = -1;
      ways[i].setup.reach.i_element = -1;
    }
  }
  ways[2].setup.placement = placement;
  ways[2].surface = surface;
  for (size_t i = 0; i < 3; i++) {
    ZPS_TRY(zps_way_open(bench, &ways[i], error));
  }
  ZPS_TRY(zps_way_compare(bench, &ways[0], &ways[1], &carry, error));
  ZPS_TRY(zps_way_compare(bench, &ways[1], &ways[2], &count, error));
  zps_placement_report(bench, &carry, &count);
  status = zps_position_measure(bench, &placement, surface, error);
done:
  for (size_t i = 0; ways != NULL && i < 3; i++) {
    zps_way_close(&ways[i]);
  }
  free(ways);
  free(surface);
  return status;
}
