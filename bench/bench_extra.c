/* What one more trigger and one more coupling cost: the job as it stands and with several more of them, by turns. */
#include <stdlib.h>
#include <string.h>

#include "bench/bench_suite.h"
#include "host/io/signal.h"
#include "host/run/engine.h"

#define ZPS_EVENTS_PER_TILE 500
#define ZPS_EXTRA_TRIGGERS 8
#define ZPS_EXTRA_COUPLINGS 1000

/** The job's events with some number of triggers. */
typedef struct zps_trigger_way {
  zps_setup setup;
  zps_engine *engine;
  zps_tile *tiles;   /* [n_tiles] one per mass */
  uint64_t *tallies; /* [n_tiles][zps_tally_size()] */
  size_t n_tiles;
  zps_status status;
  zps_error error;
} zps_trigger_way;

/** A result's numbers for some number of couplings. */
typedef struct zps_coupling_way {
  zps_job job;
  zps_plan plan; /* the bench's, of this job */
  double sum;    /* of all yields, so that none is left out */
  zps_status status;
  zps_error error;
} zps_coupling_way;

static bool zps_trigger_calls(void *context, uint64_t n_calls) {
  zps_trigger_way *const way = (zps_trigger_way *)context;
  for (uint64_t call = 0; call < n_calls && way->status == ZPS_OK; call++) {
    way->status = zps_engine_run(way->engine, way->tiles, way->n_tiles, way->tallies, NULL, &way->error);
  }
  return way->status == ZPS_OK;
}

static int zps_trigger_room(const zps_setup *setup) {
  const int room = ZPS_MAX_TRIGGERS - setup->n_triggers;
  return room < ZPS_EXTRA_TRIGGERS ? room : ZPS_EXTRA_TRIGGERS;
}

/** More triggers with the first one's first counter and their others one mm further each: no muon's life changes. */
static void zps_trigger_add(zps_setup *setup, int n_extra) {
  for (int i = 0; i < n_extra; i++) {
    zps_trigger *const trigger = &setup->triggers[setup->n_triggers++];
    *trigger = setup->triggers[0];
    for (int32_t c = 1; c < trigger->n_counters; c++) {
      trigger->counters[c].x_lo_mm -= (double)(i + 1);
      trigger->counters[c].x_hi_mm -= (double)(i + 1);
    }
  }
}

static zps_status zps_trigger_open(const zps_bench *bench, zps_trigger_way *way, zps_error *error) {
  const zps_engine_options options = {.n_threads = 1, .isa = bench->lanes->isa};
  const size_t size = zps_tally_size((uint32_t)way->setup.n_triggers);
  way->n_tiles = bench->plan->n_mass;
  way->tiles = (zps_tile *)calloc(way->n_tiles, sizeof *way->tiles);
  way->tallies = (uint64_t *)calloc(way->n_tiles * size, sizeof *way->tallies);
  if (way->tiles == NULL || way->tallies == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench extra: no memory for %zu tiles", way->n_tiles);
  }
  for (size_t i = 0; i < way->n_tiles; i++) {
    way->tiles[i].i_mass = (uint32_t)i;
    way->tiles[i].n = ZPS_EVENTS_PER_TILE;
  }
  return zps_engine_create("cpu", &way->setup, &options, &way->engine, error);
}

static void zps_trigger_close(zps_trigger_way *way) {
  zps_engine_destroy(way->engine);
  free(way->tiles);
  free(way->tallies);
}

/** The first triggers must count what they counted alone. */
static zps_status zps_trigger_check(const zps_trigger_way *plain, const zps_trigger_way *more, zps_error *error) {
  const size_t n_plain = zps_tally_size((uint32_t)plain->setup.n_triggers);
  const size_t n_more = zps_tally_size((uint32_t)more->setup.n_triggers);
  const size_t n = zps_tally_stage((uint32_t)plain->setup.n_triggers, 0, 0);
  for (size_t i = 0; i < plain->n_tiles; i++) {
    if (memcmp(plain->tallies + (i * n_plain), more->tallies + (i * n_more), n * sizeof *plain->tallies) != 0) {
      return zps_error_set(error, ZPS_FAILURE, "bench extra: mass %zu: more triggers change the counts of the first",
                           i);
    }
  }
  return ZPS_OK;
}

static zps_status zps_trigger_measure(const zps_bench *bench, zps_error *error) {
  zps_trigger_way *const ways = (zps_trigger_way *)calloc(2, sizeof *ways);
  const int n_extra = zps_trigger_room(&bench->plan->setup);
  zps_status status = ZPS_OK;
  if (ways == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench extra: out of memory");
  }
  ways[0].setup = bench->plan->setup;
  ways[1].setup = bench->plan->setup;
  zps_trigger_add(&ways[1].setup, n_extra);
  ZPS_TRY(zps_trigger_open(bench, &ways[0], error));
  ZPS_TRY(zps_trigger_open(bench, &ways[1], error));
  const zps_bench_pair pair = zps_bench_time_pair(bench->timing, ZPS_BENCH_CPU, zps_trigger_calls, &ways[0], &ways[1]);
  const zps_trigger_way *const failed = ways[0].status != ZPS_OK ? &ways[0] : &ways[1];
  if (failed->status != ZPS_OK) {
    ZPS_TRY(zps_error_set(error, failed->status, "%s", failed->error.text));
  }
  ZPS_TRY(zps_trigger_check(&ways[0], &ways[1], error));
  const double n = (double)ways[0].n_tiles * ZPS_EVENTS_PER_TILE * (double)n_extra;
  zps_bench_report_add(bench->report, "extra_trigger_ns_per_event",
                       "CPU time that one more trigger of the same planes adds to an event, turn by turn [ns]",
                       zps_spread_scaled(pair.extra, 1e9 / n));
done:
  zps_trigger_close(&ways[0]);
  zps_trigger_close(&ways[1]);
  free(ways);
  return status;
}

static void zps_yields_sum(zps_coupling_way *way, const zps_result *result) {
  double unit[ZPS_MAX_TRIGGERS];
  for (size_t i = 0; i < result->n_mass; i++) {
    for (size_t t = 0; t < result->n_trigger; t++) {
      unit[t] = zps_signal_unit_yield(&way->job, result, t, i);
    }
    for (size_t g = 0; g < result->n_coupling; g++) {
      const double strength = zps_signal_strength(&way->job, result, i, result->coupling[g]);
      for (size_t t = 0; t < result->n_trigger; t++) {
        way->sum += unit[t] * strength;
      }
    }
  }
}

/** All that a result needs per coupling: branching ratios and yields. */
static bool zps_coupling_calls(void *context, uint64_t n_calls) {
  zps_coupling_way *const way = (zps_coupling_way *)context;
  for (uint64_t call = 0; call < n_calls && way->status == ZPS_OK; call++) {
    zps_result result;
    way->status = zps_plan_result(&way->plan, &result, &way->error);
    if (way->status == ZPS_OK) {
      zps_yields_sum(way, &result);
      zps_result_free(&result);
    }
  }
  return way->status == ZPS_OK;
}

/** Couplings of the way: n of them, the job's over and over. values: room for n. */
static void zps_coupling_init(const zps_bench *bench, double *values, size_t n, zps_coupling_way *way) {
  const zps_job_list *const own = &bench->job->coupling;
  for (size_t i = 0; i < n; i++) {
    values[i] = own->values[i % own->n];
  }
  way->job = *bench->job;
  way->job.coupling.values = values;
  way->job.coupling.n = n;
  way->plan = *bench->plan;
  way->plan.job = &way->job;
}

static zps_status zps_coupling_measure(const zps_bench *bench, zps_error *error) {
  const size_t n = bench->job->coupling.n;
  zps_coupling_way *const ways = (zps_coupling_way *)calloc(2, sizeof *ways);
  double *const values = (double *)calloc((2 * n) + ZPS_EXTRA_COUPLINGS, sizeof *values);
  zps_status status = ZPS_OK;
  if (ways == NULL || values == NULL) {
    ZPS_TRY(zps_error_set(error, ZPS_MEMORY, "bench extra: no memory for %d couplings", ZPS_EXTRA_COUPLINGS));
  }
  zps_coupling_init(bench, values, n, &ways[0]);
  zps_coupling_init(bench, values + n, n + ZPS_EXTRA_COUPLINGS, &ways[1]);
  const zps_bench_pair pair = zps_bench_time_pair(bench->timing, ZPS_BENCH_CPU, zps_coupling_calls, &ways[0], &ways[1]);
  const zps_coupling_way *const failed = ways[0].status != ZPS_OK ? &ways[0] : &ways[1];
  if (failed->status != ZPS_OK) {
    ZPS_TRY(zps_error_set(error, failed->status, "%s", failed->error.text));
  }
  zps_bench_report_add(bench->report, "extra_coupling_ns_per_mass",
                       "CPU time that one more coupling adds to a mass: branching ratio, yields of all triggers [ns]",
                       zps_spread_scaled(pair.extra, 1e9 / ((double)bench->plan->n_mass * ZPS_EXTRA_COUPLINGS)));
done:
  free(ways);
  free(values);
  return status;
}

zps_status zps_bench_extra(const zps_bench *bench, zps_error *error) {
  const zps_status status = zps_trigger_room(&bench->plan->setup) > 0 ? zps_trigger_measure(bench, error) : ZPS_OK;
  return status == ZPS_OK ? zps_coupling_measure(bench, error) : status;
}
