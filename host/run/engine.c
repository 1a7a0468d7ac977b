#include "host/run/engine.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/engine_backend.h"
#include "kernels/transport.h"

/* In order of preference for "auto". */
static const zps_engine_backend *const zps_backends[] = {&zps_engine_backend_cuda, &zps_engine_backend_cpu,
                                                         &zps_engine_backend_check};

#define ZPS_N_BACKENDS (sizeof zps_backends / sizeof zps_backends[0])

struct zps_engine {
  const zps_engine_backend *backend;
  void *state;
  int n_threads;
  size_t surface_size; /* u64 of a surface, 0 without a placement */
  char detail[256];
};

size_t zps_engine_count(void) {
  return ZPS_N_BACKENDS;
}

zps_status zps_engine_describe(size_t i, zps_engine_info *info) {
  if (i >= ZPS_N_BACKENDS) {
    return ZPS_USAGE;
  }
  memset(info, 0, sizeof *info);
  info->name = zps_backends[i]->name;
  info->available = zps_backends[i]->probe(info->reason, sizeof info->reason, info->detail, sizeof info->detail);
  return ZPS_OK;
}

static zps_status zps_engine_open(const zps_engine_backend *backend, const zps_setup *setup,
                                  const zps_engine_options *options, zps_engine **engine, zps_error *error) {
  char reason[256];
  char detail[256];
  if (!backend->probe(reason, sizeof reason, detail, sizeof detail)) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "engine %s: %s", backend->name, reason);
  }
  zps_engine *const made = (zps_engine *)calloc(1, sizeof *made);
  if (made == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "engine %s: out of memory", backend->name);
  }
  made->backend = backend;
  made->surface_size = (size_t)zps_surface_size(&setup->placement);
  made->n_threads = (options != NULL && options->n_threads > 0) ? options->n_threads : omp_get_max_threads();
  const zps_status status = backend->open(setup, options, &made->state, made->detail, sizeof made->detail, error);
  if (status != ZPS_OK) {
    free(made);
    return status;
  }
  *engine = made;
  return ZPS_OK;
}

/** The first backend that opens, the check engine apart: it is for tests. */
static zps_status zps_engine_open_best(const zps_setup *setup, const zps_engine_options *options, zps_engine **engine,
                                       zps_error *error) {
  zps_error last = {ZPS_OK, ""};
  for (size_t i = 0; i < ZPS_N_BACKENDS; i++) {
    zps_error attempt = {ZPS_OK, ""};
    if (strcmp(zps_backends[i]->name, "check") != 0) {
      if (zps_engine_open(zps_backends[i], setup, options, engine, &attempt) == ZPS_OK) {
        return ZPS_OK;
      }
      last = attempt;
    }
  }
  return zps_error_set(error, ZPS_UNAVAILABLE, "no engine opens; the last one tried said: %s", last.text);
}

zps_status zps_engine_create(const char *name, const zps_setup *setup, const zps_engine_options *options,
                             zps_engine **engine, zps_error *error) {
  *engine = NULL;
  if (strcmp(name, "auto") == 0) {
    return zps_engine_open_best(setup, options, engine, error);
  }
  for (size_t i = 0; i < ZPS_N_BACKENDS; i++) {
    if (strcmp(zps_backends[i]->name, name) == 0) {
      return zps_engine_open(zps_backends[i], setup, options, engine, error);
    }
  }
  return zps_error_set(error, ZPS_USAGE, "--engine %s: expected auto, cpu, cuda or check", name);
}

zps_status zps_engine_run(zps_engine *engine, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                          uint64_t *surface, zps_error *error) {
  for (size_t i = 1; surface != NULL && i < n_tiles; i++) {
    if (tiles[i].i_mass != tiles[0].i_mass) {
      return zps_error_set(error, ZPS_INVALID, "engine: a surface of tiles of masses %u and %u: expected one mass",
                           tiles[0].i_mass, tiles[i].i_mass);
    }
  }
  if (surface != NULL) {
    memset(surface, 0, engine->surface_size * sizeof *surface);
  }
  return engine->backend->run(engine->state, tiles, n_tiles, tallies, surface, error);
}

zps_status zps_engine_trace(zps_engine *engine, const zps_tile *tile, const zps_trace *trace, zps_error *error) {
  return engine->backend->trace(engine->state, tile, trace, error);
}

const char *zps_engine_name(const zps_engine *engine) {
  return engine->backend->name;
}

uint32_t zps_engine_parallel(const zps_engine *engine) {
  return engine->backend->n_parallel > 0 ? engine->backend->n_parallel : (uint32_t)engine->n_threads;
}

const char *zps_engine_trouble(const zps_engine *engine) {
  return engine->backend->trouble == NULL ? "" : engine->backend->trouble(engine->state);
}

const char *zps_engine_detail(const zps_engine *engine) {
  return engine->detail;
}

void zps_engine_destroy(zps_engine *engine) {
  if (engine != NULL) {
    engine->backend->close(engine->state);
    free(engine);
  }
}
