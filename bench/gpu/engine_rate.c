/* zps_engine_rate ENGINE JOB.yaml EVENTS REPEATS [path=value ...]: runs EVENTS events of every mass of a job on an
 * engine REPEATS times and prints one JSON line: seconds for tables, for opening the engine, of each run, and of these
 * how long a kernel was at work; and a hash of all tallies, by which engines are compared.
 *
 * ENGINE: cpu, check, cuda, or cuda-THREADSxBLOCKS, the launch bounds that ZPS_CUDA_VARIANTS has.
 *
 * Tables are on the device before the clock starts. What a whole `zpscan run` takes is measured around the program. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/io/hash.h"
#include "host/run/device_engine.h"
#include "host/run/plan.h"
#include "kernels/engine_check.h"
#ifdef ZPS_RATE_CUDA
#include "kernels/engine_cuda.h"
#endif

#define ZPS_RATE_TILES 4096 /* per call of the engine: its rows take some 25 MB */
#define ZPS_RATE_MAX_REPEATS 100

typedef struct zps_rate_run {
  double wall_s, kernel_s;
  uint64_t n_launches;
} zps_rate_run;

typedef struct zps_rate {
  zps_job job;
  zps_plan plan;
  zps_engine *engine;        /* cpu */
  zps_device_engine *device; /* cuda, check */
  uint64_t n_events;         /* per mass */
  size_t row_size;
  uint64_t *rows;    /* [n_mass][row_size] */
  uint64_t *tallies; /* [ZPS_RATE_TILES][row_size] */
  double plan_s, open_s;
  zps_rate_run runs[ZPS_RATE_MAX_REPEATS];
  size_t n_runs;
  char hash[ZPS_HASH_SIZE];
} zps_rate;

static double zps_now_s(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (1e-9 * (double)t.tv_nsec);
}

/** Time during which at least one launch was running: launches of the two queues of a device overlap. */
typedef struct zps_busy {
  const zps_device_api *api;
  int n_running;
  double since_s, total_s;
  uint64_t n_launches;
} zps_busy;

static zps_busy busy;

static void zps_busy_change(int by) {
#pragma omp critical(zps_busy)
  {
    const double now = zps_now_s();
    if (busy.n_running == 0) {
      busy.since_s = now;
    }
    busy.n_running += by;
    busy.n_launches += by > 0 ? 1 : 0;
    busy.total_s += busy.n_running == 0 ? now - busy.since_s : 0.0;
  }
}

/** A launch that is waited for: what was queued before it first, so that the clock sees the kernel alone. */
static int zps_timed_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                         const zps_device_counts *counts, char *message) {
  uint64_t word = 0;
  if (busy.api->download(device, &word, counts->rows, sizeof word, message) != 0) {
    return -1;
  }
  zps_busy_change(1);
  const int failed = busy.api->run(device, setup, items, n_items, counts, message) != 0 ||
                     busy.api->download(device, &word, counts->rows, sizeof word, message) != 0;
  zps_busy_change(-1);
  return failed ? -1 : 0;
}

static zps_status zps_rate_open_device(zps_rate *rate, const zps_device_api *api, zps_error *error) {
  zps_device_api timed = *api;
  static zps_device_api kept;
  busy.api = api;
  timed.run = zps_timed_run;
  kept = timed; /* the engine keeps the address */
  return zps_device_engine_create(&kept, NULL, &rate->plan.setup, NULL, &rate->device, error);
}

#ifdef ZPS_RATE_VARIANTS
/** The CUDA engine with launch bounds of its own. */
typedef struct zps_variant {
  const char *name;
  const zps_device_api *api;
} zps_variant;

#define ZPS_VARIANT(bounds) extern const zps_device_api zps_device_cuda_##bounds;
ZPS_RATE_VARIANTS
#undef ZPS_VARIANT
#define ZPS_VARIANT(bounds) {"cuda-" #bounds, &zps_device_cuda_##bounds},
static const zps_variant zps_variants[] = {ZPS_RATE_VARIANTS};
#undef ZPS_VARIANT

static const zps_device_api *zps_rate_variant(const char *engine) {
  for (size_t i = 0; i < sizeof zps_variants / sizeof *zps_variants; i++) {
    if (strcmp(engine, zps_variants[i].name) == 0) {
      return zps_variants[i].api;
    }
  }
  return NULL;
}
#else
static const zps_device_api *zps_rate_variant(const char *engine) {
  (void)engine;
  return NULL;
}
#endif

static zps_status zps_rate_open(zps_rate *rate, const char *engine, zps_error *error) {
  if (strcmp(engine, "check") == 0) {
    return zps_rate_open_device(rate, &zps_device_check, error);
  }
#ifdef ZPS_RATE_CUDA
  if (strcmp(engine, "cuda") == 0) {
    return zps_rate_open_device(rate, &zps_device_cuda, error);
  }
#endif
  if (zps_rate_variant(engine) != NULL) {
    return zps_rate_open_device(rate, zps_rate_variant(engine), error);
  }
  return zps_engine_create(engine, &rate->plan.setup, NULL, &rate->engine, error);
}

static zps_status zps_rate_run_tiles(const zps_rate *rate, const zps_tile *tiles, size_t n, zps_error *error) {
  const zps_status status = rate->device != NULL
                                ? zps_device_engine_run(rate->device, tiles, n, rate->tallies, NULL, error)
                                : zps_engine_run(rate->engine, tiles, n, rate->tallies, NULL, error);
  for (size_t i = 0; status == ZPS_OK && i < n; i++) {
    for (size_t j = 0; j < rate->row_size; j++) {
      rate->rows[(tiles[i].i_mass * rate->row_size) + j] += rate->tallies[(i * rate->row_size) + j];
    }
  }
  return status;
}

/** The next tile of a run: masses in order, each cut into tiles; 0 at the end. */
static int zps_rate_next_tile(const zps_rate *rate, zps_tile *tile) {
  tile->first += tile->n;
  if (tile->first == rate->n_events) {
    tile->first = 0;
    tile->i_mass++;
  }
  const uint64_t left = rate->n_events - tile->first;
  tile->n = left < rate->job.tile_events ? left : rate->job.tile_events;
  return tile->i_mass < rate->plan.n_mass;
}

static zps_status zps_rate_run_once(zps_rate *rate, zps_rate_run *run, zps_error *error) {
  static zps_tile tiles[ZPS_RATE_TILES];
  zps_tile tile = {0, 0, 0, 0};
  zps_status status = ZPS_OK;
  size_t n = 0;
  memset(rate->rows, 0, rate->plan.n_mass * rate->row_size * sizeof *rate->rows);
  busy.total_s = 0.0;
  busy.n_launches = 0;
  const double start = zps_now_s();
  for (int more = zps_rate_next_tile(rate, &tile); more && status == ZPS_OK;) {
    tiles[n++] = tile;
    more = zps_rate_next_tile(rate, &tile);
    if (n == ZPS_RATE_TILES || !more) {
      status = zps_rate_run_tiles(rate, tiles, n, error);
      n = 0;
    }
  }
  run->wall_s = zps_now_s() - start;
  run->kernel_s = rate->device != NULL ? busy.total_s : run->wall_s;
  run->n_launches = busy.n_launches;
  return status;
}

static zps_status zps_rate_measure(zps_rate *rate, size_t n_runs, zps_error *error) {
  zps_hash *hasher = NULL;
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < n_runs; i++) {
    ZPS_TRY(zps_rate_run_once(rate, &rate->runs[i], error));
    rate->n_runs++;
  }
  ZPS_TRY(zps_hash_create(&hasher, error));
  zps_hash_u64(hasher, rate->rows, rate->plan.n_mass * rate->row_size);
  zps_hash_finish(hasher, rate->hash);
done:
  zps_hash_destroy(hasher);
  return status;
}

static zps_status zps_rate_prepare(zps_rate *rate, const char *engine, zps_error *error) {
  const zps_mass_range all = {0, 0};
  zps_status status = ZPS_OK;
  const double start = zps_now_s();
  ZPS_TRY(zps_plan_build(&rate->job, all, 0, &rate->plan, error));
  rate->plan_s = zps_now_s() - start;
  ZPS_TRY(zps_rate_open(rate, engine, error));
  rate->open_s = zps_now_s() - start - rate->plan_s;
  rate->row_size = zps_tally_size((uint32_t)rate->plan.setup.n_triggers);
  rate->rows = (uint64_t *)calloc(rate->plan.n_mass * rate->row_size, sizeof *rate->rows);
  rate->tallies = (uint64_t *)calloc(ZPS_RATE_TILES * rate->row_size, sizeof *rate->tallies);
  if (rate->rows == NULL || rate->tallies == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for the tallies");
  }
done:
  return status;
}

/** Field lookups of a muon that crosses the layout: one on entry of a field, two in each of its steps. */
static int32_t zps_rate_lookups(const zps_setup *setup) {
  int32_t n = 0;
  for (int32_t i = 0; i < setup->n_elements; i++) {
    const zps_element *const e = &setup->elements[i];
    n += e->kind == ZPS_ELEMENT_FIELD ? 1 + (2 * e->n_steps) : 0;
  }
  return n;
}

static void zps_rate_print(const zps_rate *rate, const char *engine, const char *job, int argc, char **argv) {
  json_t *const settings = json_array();
  json_t *const runs = json_array();
  const char *const detail =
      rate->device != NULL ? zps_device_engine_detail(rate->device) : zps_engine_detail(rate->engine);
  const char *const trouble = rate->device != NULL ? zps_device_engine_trouble(rate->device) : "";
  for (int i = 0; i < argc; i++) {
    (void)json_array_append_new(settings, json_string(argv[i]));
  }
  for (size_t i = 0; i < rate->n_runs; i++) {
    const zps_rate_run *const r = &rate->runs[i];
    (void)json_array_append_new(runs, json_pack("{s:f, s:f, s:I}", "wall_s", r->wall_s, "kernel_s", r->kernel_s,
                                                "launches", (json_int_t)r->n_launches));
  }
  json_t *const all = json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:f, s:f, s:o, s:s, s:s}", "engine", engine,
                                "detail", detail, "trouble", trouble, "job", job, "settings", settings,
                                "events_per_mass", (json_int_t)rate->n_events, "n_mass", (json_int_t)rate->plan.n_mass,
                                "tile_events", (json_int_t)rate->job.tile_events, "plan_s", rate->plan_s, "open_s",
                                rate->open_s, "runs", runs, "tables", rate->plan.table_hash, "tallies", rate->hash);
  (void)json_object_set_new(all, "lookups_per_muon", json_integer(zps_rate_lookups(&rate->plan.setup)));
  (void)json_dumpf(all, stdout, JSON_COMPACT);
  (void)putchar('\n');
  json_decref(all);
}

/** A whole number from 1 to most, 0 for anything else. */
static uint64_t zps_rate_whole(const char *text, uint64_t most) {
  char *end = NULL;
  const uint64_t value = strtoull(text, &end, 10);
  return *end == '\0' && value <= most ? value : 0;
}

int main(int argc, char **argv) {
  static zps_rate rate;
  zps_error error = {ZPS_OK, ""};
  zps_status status = ZPS_OK;
  const uint64_t n_runs = argc < 5 ? 0 : zps_rate_whole(argv[4], ZPS_RATE_MAX_REPEATS);
  rate.n_events = argc < 5 ? 0 : zps_rate_whole(argv[3], ZPS_MAX_EVENTS);
  if (n_runs == 0 || rate.n_events == 0) {
    (void)fprintf(stderr, "usage: zps_engine_rate ENGINE JOB.yaml EVENTS REPEATS [path=value ...]\n");
    return zps_status_exit(ZPS_USAGE);
  }
  ZPS_TRY(zps_job_read(argv[2], (const char *const *)&argv[5], (size_t)argc - 5, &rate.job, &error));
  ZPS_TRY(zps_rate_prepare(&rate, argv[1], &error));
  ZPS_TRY(zps_rate_measure(&rate, (size_t)n_runs, &error));
  zps_rate_print(&rate, argv[1], argv[2], argc - 5, &argv[5]);
done:
  if (status != ZPS_OK) {
    (void)fprintf(stderr, "zps_engine_rate: %s\n", error.text);
  }
  zps_engine_destroy(rate.engine);
  zps_device_engine_destroy(rate.device);
  zps_plan_free(&rate.plan);
  zps_job_free(&rate.job);
  free(rate.rows);
  free(rate.tallies);
  return zps_status_exit(status);
}
