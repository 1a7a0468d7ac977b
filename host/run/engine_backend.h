/* What an engine must provide. One file per backend: engine_backend_*.c. */
#ifndef ZPS_RUN_ENGINE_BACKEND_H
#define ZPS_RUN_ENGINE_BACKEND_H

#include "host/run/engine.h"

typedef struct zps_engine_backend {
  const char *name;
  uint32_t n_parallel; /* tiles it works on at a time; 0 = one per thread */
  /** 1 when it can open on this machine, else 0 with the reason; detail names instruction set or device. */
  int (*probe)(char *reason, size_t reason_size, char *detail, size_t detail_size);
  /** Takes the setup (which outlives it) and makes ready; *state goes to run and close. */
  zps_status (*open)(const zps_setup *setup, const zps_engine_options *options, void **state, char *detail,
                     size_t detail_size, zps_error *error);
  /** As zps_engine_run(), but adds to surface. */
  zps_status (*run)(void *state, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies, uint64_t *surface,
                    zps_error *error);
  /** As zps_engine_trace(). */
  zps_status (*trace)(void *state, const zps_tile *tile, const zps_trace *trace, zps_error *error);
  /** What went wrong and was worked around, "" if nothing; may be NULL. */
  const char *(*trouble)(const void *state);
  void (*close)(void *state);
} zps_engine_backend;

extern const zps_engine_backend zps_engine_backend_cpu, zps_engine_backend_cuda, zps_engine_backend_check;

#endif
