/* An engine that runs on devices with memory of their own (kernels/device.h): CUDA GPUs, or the check device.
 *
 * Tables are uploaded once per device when the engine opens; each run hands tiles to the slots, which work side by
 * side (two per device, so that one's copies overlap the other's kernel). A device that fails gives its tiles back:
 * they go to the slots that still work, and when none is left to the CPU engine. The tallies are the same in any case.
 */
#ifndef ZPS_RUN_DEVICE_ENGINE_H
#define ZPS_RUN_DEVICE_ENGINE_H

#include "host/run/engine.h"
#include "kernels/device.h"

typedef struct zps_device_engine zps_device_engine;

/** Opens every device of api. fault, for tests, NULL otherwise: "open", "allocate:N" (the N-th allocation fails),
 *  "tile:N" (the N-th run fails), "lose:N" (every run on device N fails), "upload:N" or "zero:N" (the N-th is left
 *  out); N counts from 0.
 *  ZPS_UNAVAILABLE when no device opens, naming what was tried on the last one. */
zps_status zps_device_engine_create(const zps_device_api *api, const char *fault, const zps_setup *setup,
                                    const zps_engine_options *options, zps_device_engine **engine, zps_error *error);

/** As zps_engine_run(), but adds to surface. */
zps_status zps_device_engine_run(zps_device_engine *engine, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                 uint64_t *surface, zps_error *error);

/** As zps_engine_trace(), by the first device that opened. */
zps_status zps_device_engine_trace(zps_device_engine *engine, const zps_tile *tile, const zps_trace *trace,
                                   zps_error *error);

/** One line naming the devices. */
const char *zps_device_engine_detail(const zps_device_engine *engine);

/** What went wrong and was worked around so far, "" if nothing. */
const char *zps_device_engine_trouble(const zps_device_engine *engine);

void zps_device_engine_destroy(zps_device_engine *engine); /* NULL is fine */

#endif
