/* Stands in for the CUDA engine in a build without CUDA: it says so. */
#include <stdio.h>

#include "host/run/engine_backend.h"

/* ZPS_NO_CUDA_REASON: what cmake/ZpsCuda.cmake found. */
#define ZPS_NO_CUDA "built without CUDA: " ZPS_NO_CUDA_REASON

static int zps_no_cuda_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  (void)detail_size;
  detail[0] = '\0';
  (void)snprintf(reason, reason_size, "%s", ZPS_NO_CUDA);
  return 0;
}

static zps_status zps_no_cuda_open(const zps_setup *setup, const zps_engine_options *options, void **state,
                                   char *detail, size_t detail_size, zps_error *error) {
  (void)setup;
  (void)options;
  (void)state;
  (void)detail;
  (void)detail_size;
  return zps_error_set(error, ZPS_UNAVAILABLE, "%s", ZPS_NO_CUDA);
}

static zps_status zps_no_cuda_run(void *state, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                  uint64_t *surface, zps_error *error) {
  (void)state;
  (void)tiles;
  (void)n_tiles;
  (void)tallies;
  (void)surface;
  return zps_error_set(error, ZPS_UNAVAILABLE, "%s", ZPS_NO_CUDA);
}

static zps_status zps_no_cuda_trace(void *state, const zps_tile *tile, const zps_trace *trace, zps_error *error) {
  (void)state;
  (void)tile;
  (void)trace;
  return zps_error_set(error, ZPS_UNAVAILABLE, "%s", ZPS_NO_CUDA);
}

static void zps_no_cuda_close(void *state) {
  (void)state;
}

const zps_engine_backend zps_engine_backend_cuda = {
    "cuda", 0, zps_no_cuda_probe, zps_no_cuda_open, zps_no_cuda_run, zps_no_cuda_trace, NULL, zps_no_cuda_close};
