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

/** Most events of one work item: large against the cost of adding a block's counters to a row. */
#define ZPS_WORK_ITEM_EVENTS 8192

/** About as many work items as a large GPU runs at a time (132 multiprocessors, 3 blocks each). */
#define ZPS_DEVICE_BLOCKS 400

/** Where a run adds its counts; buffers of the device. */
typedef struct zps_device_counts {
  uint64_t *rows; /* of row_size u64 each, by i_row of the items */
  size_t row_size;
  uint64_t *surface; /* of all items, zps_surface_size() u64; NULL without a placement */
  zps_trace trace;   /* of all events of all items, of one mass; ends = NULL: nothing is watched */
} zps_device_counts;

/** A handle from open() is a queue of its own; buffers of one handle can be read through another of its device. */
typedef struct zps_device_api {
  /** Number of devices; message says why there is none. */
  int (*count)(char *message);
  /** One line naming device i; -1 when it cannot be used, and text says why. */
  int (*describe)(int i, char *text, size_t size);
  int (*open)(int i, void **device, char *message);
  /** Bytes that can still be allocated. */
  int (*free_bytes)(void *device, size_t *bytes, char *message);
  int (*allocate)(void *device, size_t bytes, void **buffer, char *message);
  int (*upload)(void *device, void *buffer, const void *from, size_t bytes, char *message);
  int (*zero)(void *device, void *buffer, size_t bytes, char *message);
  /** Runs items in any order. setup's pointers, items and those of counts are buffers of the device. */
  int (*run)(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
             const zps_device_counts *counts, char *message);
  /** Waits for all that was asked of the device, then copies. */
  int (*download)(void *device, void *to, const void *buffer, size_t bytes, char *message);
  void (*release)(void *device, void *buffer);
  void (*close)(void *device);
} zps_device_api;

#endif
