/* What the device engines need of a device: memory of its own, copies, and a run over tiles.
 *
 * Two devices implement it: a CUDA GPU (engine_cuda.cu) and a stand-in on the host (engine_check.c) that keeps
 * separate buffers, so that a forgotten copy shows on any machine. host/run/device_engine.c drives both.
 * Functions return 0, or -1 with one line in message. */
#ifndef ZPS_DEVICE_H
#define ZPS_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/transport.h"

#define ZPS_DEVICE_MESSAGE_SIZE 256

/** A part of a tile: events [first, first + n) of emission table i_mass, added to tally row i_row. */
typedef struct zps_work_item {
  uint32_t i_mass;
  uint32_t i_row;
  uint64_t first;
  uint64_t n;
} zps_work_item;

/** Events of one work item: large against the cost of adding a block's counters to a row. */
#define ZPS_WORK_ITEM_EVENTS 8192

typedef struct zps_device_api {
  /** Number of devices; message says why there is none. */
  int (*count)(char *message);
  /** One line naming device i. */
  int (*describe)(int i, char *text, size_t size);
  int (*open)(int i, void **device, char *message);
  /** Bytes that can still be allocated. */
  int (*free_bytes)(void *device, size_t *bytes, char *message);
  int (*allocate)(void *device, size_t bytes, void **buffer, char *message);
  int (*upload)(void *device, void *buffer, const void *from, size_t bytes, char *message);
  int (*zero)(void *device, void *buffer, size_t bytes, char *message);
  /** Runs items, adding to rows of row_size u64 each. setup's pointers and items, rows are buffers of the device. */
  int (*run)(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items, uint64_t *rows,
             size_t row_size, char *message);
  /** Waits for all that was asked of the device, then copies. */
  int (*download)(void *device, void *to, const void *buffer, size_t bytes, char *message);
  void (*release)(void *device, void *buffer);
  void (*close)(void *device);
} zps_device_api;

#endif
