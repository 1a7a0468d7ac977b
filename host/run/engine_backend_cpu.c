/* The CPU engine: tiles over OpenMP threads, the instruction set chosen at run time. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/engine_backend.h"
#include "kernels/engine_cpu.h"

typedef struct zps_cpu_isa {
  const char *name; /* what --isa and ZPS_ISA call it */
  const char *title;
  zps_cpu_run *run;
  int supported;
} zps_cpu_isa;

typedef struct zps_cpu_state {
  const zps_setup *setup;
  zps_cpu_run *run;
  int n_threads;
} zps_cpu_state;

#if defined(__x86_64__)
static int zps_cpu_has_v2(void) {
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("ssse3");
}

static int zps_cpu_has_v3(void) {
  return zps_cpu_has_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

static int zps_cpu_has_v4(void) {
  return zps_cpu_has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

/** Instruction sets of this build, best first. Returns their number. */
static size_t zps_cpu_isas(zps_cpu_isa isas[4]) {
  size_t n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const zps_cpu_isa v4 = {"v4", "x86-64-v4", zps_cpu_run_v4, zps_cpu_has_v4()};
  const zps_cpu_isa v3 = {"v3", "x86-64-v3", zps_cpu_run_v3, zps_cpu_has_v3()};
  const zps_cpu_isa v2 = {"v2", "x86-64-v2", zps_cpu_run_v2, zps_cpu_has_v2()};
  isas[n++] = v4;
  isas[n++] = v3;
  isas[n++] = v2;
#endif
  const zps_cpu_isa base = {"base", "the compiler's default instruction set", zps_cpu_run_base, 1};
  isas[n++] = base;
  return n;
}

/** The instruction set asked for by name, or the best one for NULL. */
static zps_status zps_cpu_choose(const char *name, zps_cpu_isa *chosen, zps_error *error) {
  zps_cpu_isa isas[4];
  const size_t n = zps_cpu_isas(isas);
  for (size_t i = 0; i < n; i++) {
    if (name == NULL ? isas[i].supported : strcmp(isas[i].name, name) == 0) {
      *chosen = isas[i];
      return isas[i].supported
                 ? ZPS_OK
                 : zps_error_set(error, ZPS_UNAVAILABLE, "engine cpu: this machine has no %s", isas[i].title);
    }
  }
  return zps_error_set(error, ZPS_USAGE, "ZPS_ISA = %.32s: expected v2, v3, v4 or base", name);
}

/** The name given by the caller, else by the environment, else NULL. */
static const char *zps_cpu_wanted(const zps_engine_options *options) {
  const char *const environment = getenv("ZPS_ISA");
  if (options != NULL && options->isa != NULL) {
    return options->isa;
  }
  return (environment != NULL && environment[0] != '\0') ? environment : NULL;
}

static int zps_cpu_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  zps_cpu_isa isa;
  zps_error error = {ZPS_OK, ""};
  reason[0] = '\0';
  detail[0] = '\0';
  if (zps_cpu_choose(zps_cpu_wanted(NULL), &isa, &error) != ZPS_OK) {
    (void)snprintf(reason, reason_size, "%.200s", error.text);
    return 0;
  }
  (void)snprintf(detail, detail_size, "%s, %d threads", isa.title, omp_get_num_procs());
  return 1;
}

static zps_status zps_cpu_open(const zps_setup *setup, const zps_engine_options *options, void **state, char *detail,
                               size_t detail_size, zps_error *error) {
  zps_cpu_isa isa;
  const zps_status status = zps_cpu_choose(zps_cpu_wanted(options), &isa, error);
  if (status != ZPS_OK) {
    return status;
  }
  zps_cpu_state *const s = (zps_cpu_state *)calloc(1, sizeof *s);
  if (s == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "engine cpu: out of memory");
  }
  s->setup = setup;
  s->run = isa.run;
  s->n_threads = (options != NULL && options->n_threads > 0) ? options->n_threads : omp_get_num_procs();
  (void)snprintf(detail, detail_size, "%s, %d threads", isa.title, s->n_threads);
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
    failed |= s->run(s->setup, tile->i_mass, tile->first, tile->n, &tallies[(size_t)i * row], surface) != 0;
  }
  return failed ? zps_error_set(error, ZPS_MEMORY, "engine cpu: no memory for the batches of a thread") : ZPS_OK;
}

static void zps_cpu_close(void *state) {
  free(state);
}

const zps_engine_backend zps_engine_backend_cpu = {
    "cpu", 0, zps_cpu_probe, zps_cpu_open, zps_cpu_run_tiles, NULL, zps_cpu_close};
