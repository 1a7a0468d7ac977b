/* The CPU engine: tiles over OpenMP threads, the instruction set chosen at run time. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/instruction_set.h"
#include "host/run/engine_backend.h"
#include "kernels/engine_cpu.h"

typedef struct zps_cpu_state {
  const zps_setup *setup;
  zps_cpu_run *run;
  int n_threads;
} zps_cpu_state;

static zps_cpu_run *const zps_cpu_runs[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_cpu_run);

static int zps_cpu_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  zps_instruction_set set;
  zps_error error = {ZPS_OK, ""};
  reason[0] = '\0';
  detail[0] = '\0';
  if (zps_instruction_set_choose(NULL, &set, &error) != ZPS_OK) {
    (void)snprintf(reason, reason_size, "%.200s", error.text);
    return 0;
  }
  (void)snprintf(detail, detail_size, "%s, %d threads", zps_instruction_set_title(set), omp_get_max_threads());
  return 1;
}

static zps_status zps_cpu_open(const zps_setup *setup, const zps_engine_options *options, void **state, char *detail,
                               size_t detail_size, zps_error *error) {
  zps_instruction_set set;
  const zps_status status = zps_instruction_set_choose(options != NULL ? options->isa : NULL, &set, error);
  if (status != ZPS_OK) {
    return status;
  }
  zps_cpu_state *const s = (zps_cpu_state *)calloc(1, sizeof *s);
  if (s == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "engine cpu: out of memory");
  }
  s->setup = setup;
  s->run = zps_cpu_runs[set];
  s->n_threads = (options != NULL && options->n_threads > 0) ? options->n_threads : omp_get_max_threads();
  (void)snprintf(detail, detail_size, "%s, %d threads", zps_instruction_set_title(set), s->n_threads);
  *state = s;
  return ZPS_OK;
}

static zps_status zps_cpu_run_tiles(void *state, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                    uint64_t *surface, zps_error *error) {
  const zps_cpu_state *const s = (const zps_cpu_state *)state;
  const size_t row = zps_tally_size((uint32_t)s->setup->n_triggers);
  const long n = (long)n_tiles;
  int failed = 0;
  memset(tallies, 0, n_tiles * row * sizeof *tallies);
#pragma omp parallel for schedule(dynamic) num_threads(s->n_threads) reduction(| : failed)
  for (long i = 0; i < n; i++) {
    const zps_tile *const tile = &tiles[i];
    failed |= s->run(s->setup, tile->i_mass, tile->first, tile->n, &tallies[(size_t)i * row], surface, NULL) != 0;
  }
  return failed ? zps_error_set(error, ZPS_MEMORY, "engine cpu: no memory for the batches of a thread") : ZPS_OK;
}

/* Events of one call of the engine: a thread's share of a trace. */
#define ZPS_TRACE_SHARE 16384

static zps_status zps_cpu_trace(void *state, const zps_tile *tile, const zps_trace *trace, zps_error *error) {
  const zps_cpu_state *const s = (const zps_cpu_state *)state;
  const size_t row = zps_tally_size((uint32_t)s->setup->n_triggers);
  const long n = (long)((tile->n + ZPS_TRACE_SHARE - 1) / ZPS_TRACE_SHARE);
  int failed = 0;
#pragma omp parallel for schedule(dynamic) num_threads(s->n_threads) reduction(| : failed)
  for (long i = 0; i < n; i++) {
    const uint64_t done = (uint64_t)i * ZPS_TRACE_SHARE;
    const uint64_t left = tile->n - done;
    uint64_t *const unread = (uint64_t *)calloc(row, sizeof *unread);
    failed |= unread == NULL || s->run(s->setup, tile->i_mass, tile->first + done,
                                       left < ZPS_TRACE_SHARE ? left : ZPS_TRACE_SHARE, unread, NULL, trace) != 0;
    free(unread);
  }
  return failed ? zps_error_set(error, ZPS_MEMORY, "engine cpu: no memory for the batches of a thread") : ZPS_OK;
}

static void zps_cpu_close(void *state) {
  free(state);
}

const zps_engine_backend zps_engine_backend_cpu = {"cpu",         0,    zps_cpu_probe, zps_cpu_open, zps_cpu_run_tiles,
                                                   zps_cpu_trace, NULL, zps_cpu_close};
