/* The CUDA engine: the device engine on every GPU of the machine. */
#include <stdio.h>

#include "host/run/device_engine.h"
#include "host/run/engine_backend.h"
#include "kernels/engine_cuda.h"

static int zps_cuda_probe(char *reason, size_t reason_size, char *detail, size_t detail_size) {
  char message[ZPS_DEVICE_MESSAGE_SIZE] = "";
  const int n = zps_device_cuda.count(message);
  detail[0] = '\0';
  (void)snprintf(reason, reason_size, "%s", message);
  for (int i = 0; i < n; i++) {
    if (zps_device_cuda.describe(i, message, sizeof message) == 0) {
      (void)snprintf(detail, detail_size, "%s", message);
      reason[0] = '\0';
      return 1;
    }
    (void)snprintf(reason, reason_size, "%s", message);
  }
  return 0;
}

static zps_status zps_cuda_engine_open(const zps_setup *setup, const zps_engine_options *options, void **state,
                                       char *detail, size_t detail_size, zps_error *error) {
  zps_device_engine *engine = NULL;
  const zps_status status = zps_device_engine_create(&zps_device_cuda, options == NULL ? NULL : options->fault, setup,
                                                     options, &engine, error);
  if (status == ZPS_OK) {
    (void)snprintf(detail, detail_size, "%s", zps_device_engine_detail(engine));
    *state = engine;
  }
  return status;
}

static zps_status zps_cuda_engine_run(void *state, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                      uint64_t *surface, zps_error *error) {
  return zps_device_engine_run((zps_device_engine *)state, tiles, n_tiles, tallies, surface, error);
}

static zps_status zps_cuda_engine_trace(void *state, const zps_tile *tile, const zps_trace *trace, zps_error *error) {
  return zps_device_engine_trace((zps_device_engine *)state, tile, trace, error);
}

static const char *zps_cuda_engine_trouble(const void *state) {
  return zps_device_engine_trouble((const zps_device_engine *)state);
}

static void zps_cuda_engine_close(void *state) {
  zps_device_engine_destroy((zps_device_engine *)state);
}

const zps_engine_backend zps_engine_backend_cuda = {"cuda",
                                                    256,
                                                    zps_cuda_probe,
                                                    zps_cuda_engine_open,
                                                    zps_cuda_engine_run,
                                                    zps_cuda_engine_trace,
                                                    zps_cuda_engine_trouble,
                                                    zps_cuda_engine_close};
