/* The check engine: the device engine on a stand-in device, to find host/device mistakes without a GPU. */
#include <stdio.h>

#include "host/run/device_engine.h"
#include "host/run/engine_backend.h"
#include "kernels/engine_check.h"

static int zps_check_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  (void)reason_size;
  reason[0] = '\0';
  (void)zps_device_check.describe(0, detail, detail_size);
  return 1;
}

static zps_status zps_check_engine_open(const zps_setup *setup, const zps_engine_options *options, void **state,
                                        char *detail, size_t detail_size, zps_error *error) {
  zps_device_engine *engine = NULL;
  const zps_status status = zps_device_engine_create(&zps_device_check, options == NULL ? NULL : options->fault, setup,
                                                     options, &engine, error);
  if (status == ZPS_OK) {
    (void)snprintf(detail, detail_size, "%s", zps_device_engine_detail(engine));
    *state = engine;
  }
  return status;
}

static zps_status zps_check_engine_run(void *state, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                       uint64_t *surface, zps_error *error) {
  return zps_device_engine_run((zps_device_engine *)state, tiles, n_tiles, tallies, surface, error);
}

static zps_status zps_check_engine_trace(void *state, const zps_tile *tile, const zps_trace *trace, zps_error *error) {
  return zps_device_engine_trace((zps_device_engine *)state, tile, trace, error);
}

static const char *zps_check_engine_trouble(const void *state) {
  return zps_device_engine_trouble((const zps_device_engine *)state);
}

static void zps_check_engine_close(void *state) {
  zps_device_engine_destroy((zps_device_engine *)state);
}

const zps_engine_backend zps_engine_backend_check = {"check",
                                                     4,
                                                     zps_check_probe,
                                                     zps_check_engine_open,
                                                     zps_check_engine_run,
                                                     zps_check_engine_trace,
                                                     zps_check_engine_trouble,
                                                     zps_check_engine_close};
