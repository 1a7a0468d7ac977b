/* Whole events: the job as it stands, the same number of events for every mass, on one thread and on all threads, which
 * need more than a tile of every mass each. */
#include <stdlib.h>
#include <string.h>

#include "bench/bench_suite.h"
#include "host/run/engine.h"

#define ZPS_EVENTS_PER_TILE 2000
#define ZPS_TILES_PER_THREAD 8 /* at least: threads that end early wait for an eighth of a call at most */

typedef struct zps_event_work {
  const zps_setup *setup;
  zps_engine *engine;
  size_t n_tiles;    /* of a call: one per mass on one thread, all there are on all threads */
  zps_tile *tiles;   /* masses in turn */
  uint64_t *tallies; /* [n_tiles][zps_tally_size()] */
  zps_status status;
  zps_error error;
} zps_event_work;

static bool zps_event_calls(void *context, uint64_t n_calls) {
  zps_event_work *const work = (zps_event_work *)context;
  for (uint64_t call = 0; call < n_calls && work->status == ZPS_OK; call++) {
    work->status = zps_engine_run(work->engine, work->tiles, work->n_tiles, work->tallies, NULL, &work->error);
  }
  return work->status == ZPS_OK;
}

size_t zps_bench_event_tiles(size_t n_mass, int n_threads) {
  const size_t least = (size_t)n_threads * ZPS_TILES_PER_THREAD;
  return n_mass * ((least + n_mass - 1) / n_mass);
}

static size_t zps_event_row(const zps_setup *setup) {
  return zps_tally_size((uint32_t)setup->n_triggers);
}

/** Times the job on n_threads, n_tiles a call, and leaves its tallies in work. */
static zps_status zps_event_measure(const zps_bench *bench, int n_threads, size_t n_tiles, zps_bench_clock clock,
                                    zps_event_work *work, zps_spread *rate, zps_error *error) {
  zps_engine_options options;
  memset(&options, 0, sizeof options);
  options.n_threads = n_threads;
  options.isa = bench->lanes->isa;
  zps_status status = zps_engine_create("cpu", work->setup, &options, &work->engine, error);
  if (status != ZPS_OK) {
    return status;
  }
  work->status = ZPS_OK;
  work->n_tiles = n_tiles;
  const zps_spread s = zps_bench_time(bench->timing, clock, zps_event_calls, work);
  *rate = zps_spread_rate(s, (double)work->n_tiles * ZPS_EVENTS_PER_TILE);
  zps_engine_destroy(work->engine);
  work->engine = NULL;
  return work->status == ZPS_OK ? ZPS_OK : zps_error_set(error, work->status, "%s", work->error.text);
}

static zps_status zps_event_allocate(const zps_bench *bench, zps_event_work *work, zps_error *error) {
  work->setup = &bench->plan->setup;
  const size_t n_mass = bench->plan->n_mass;
  work->n_tiles = zps_bench_event_tiles(n_mass, zps_bench_threads());
  work->tiles = (zps_tile *)calloc(work->n_tiles, sizeof *work->tiles);
  work->tallies = (uint64_t *)calloc(work->n_tiles * zps_event_row(work->setup), sizeof *work->tallies);
  if (work->tiles == NULL || work->tallies == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench event: no memory for %zu tiles", work->n_tiles);
  }
  for (size_t i = 0; i < work->n_tiles; i++) {
    work->tiles[i].i_mass = (uint32_t)(i % n_mass);
    work->tiles[i].first = (i / n_mass) * ZPS_EVENTS_PER_TILE;
    work->tiles[i].n = ZPS_EVENTS_PER_TILE;
  }
  return ZPS_OK;
}

zps_status zps_bench_event(const zps_bench *bench, zps_error *error) {
  zps_event_work work;
  zps_spread one;
  zps_spread all;
  uint64_t *first = NULL;
  zps_status status = ZPS_OK;
  memset(&work, 0, sizeof work);
  ZPS_TRY(zps_event_allocate(bench, &work, error));
  const size_t n_mass = bench->plan->n_mass;
  const size_t n_tiles = work.n_tiles;
  const size_t size = n_mass * zps_event_row(work.setup) * sizeof *first;
  first = (uint64_t *)malloc(size);
  if (first == NULL) {
    ZPS_TRY(zps_error_set(error, ZPS_MEMORY, "bench event: no memory for %zu bytes of tallies", size));
  }
  ZPS_TRY(zps_event_measure(bench, 1, n_mass, ZPS_BENCH_CPU, &work, &one, error));
  memcpy(first, work.tallies, size);
  ZPS_TRY(zps_event_measure(bench, 0, n_tiles, ZPS_BENCH_WALL, &work, &all, error));
  if (memcmp(first, work.tallies, size) != 0) {
    ZPS_TRY(zps_error_set(error, ZPS_FAILURE, "bench event: the tallies depend on the number of threads"));
  }
  zps_bench_report_add(bench->report, "events_per_s_core",
                       "generated events of the job at its own x_min, averaged over its masses, on one thread", one);
  zps_bench_report_add(bench->report, "events_per_s", "the same on all threads, by the wall clock", all);
done:
  free(first);
  free(work.tiles);
  free(work.tallies);
  return status;
}
