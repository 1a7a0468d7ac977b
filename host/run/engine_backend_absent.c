/* Engines this build does not have: they say why. */
#include <stdio.h>

#include "host/run/engine_backend.h"

static int zps_cuda_absent_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  (void)detail_size;
  detail[0] = '\0';
  (void)snprintf(reason, reason_size, "built without CUDA: not in this build");
  return 0;
}

static int zps_check_absent_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  (void)detail_size;
  detail[0] = '\0';
  (void)snprintf(reason, reason_size, "not in this build");
  return 0;
}

static zps_status zps_absent_open(const zps_setup *setup, const zps_engine_options *options, void **state, char *detail,
                                  size_t detail_size, zps_error *error) {
  (void)setup;
  (void)options;
  (void)state;
  (void)detail;
  (void)detail_size;
  return zps_error_set(error, ZPS_UNAVAILABLE, "this engine is not in this build");
}

static zps_status zps_absent_run(void *state, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                 zps_error *error) {
  (void)state;
  (void)tiles;
  (void)n_tiles;
  (void)tallies;
  return zps_error_set(error, ZPS_UNAVAILABLE, "this engine is not in this build");
}

static void zps_absent_close(void *state) {
  (void)state;
}

const zps_engine_backend zps_engine_backend_cuda = {"cuda", zps_cuda_absent_probe, zps_absent_open, zps_absent_run,
                                                    zps_absent_close};
const zps_engine_backend zps_engine_backend_check = {"check", zps_check_absent_probe, zps_absent_open, zps_absent_run,
                                                     zps_absent_close};
