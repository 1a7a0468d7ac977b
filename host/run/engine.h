/* The engine interface: tables in, integer tallies out. */
#ifndef ZPS_RUN_ENGINE_H
#define ZPS_RUN_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

typedef struct zps_setup zps_setup; /* kernels/muon.h: everything an engine reads */
typedef struct zps_trace zps_trace; /* kernels/trace.h: single events */

/** A range of events of one mass. i_mass indexes the setup's emission tables. */
typedef struct zps_tile {
  uint32_t i_mass;
  uint32_t padding;
  uint64_t first; /* index of the first event */
  uint64_t n;     /* number of events */
} zps_tile;

typedef struct zps_engine zps_engine;

typedef struct zps_engine_options {
  int n_threads;     /* 0 = OMP_NUM_THREADS, else the cores this process may use */
  const char *isa;   /* cpu: "v2", "v3", "v4", "base", NULL = best */
  const char *fault; /* device engines, for tests: host/run/device_engine.h; NULL = none */
} zps_engine_options;

/** What `info` says of an engine. reason is "" when available, or why not. */
typedef struct zps_engine_info {
  const char *name;
  int available;
  char reason[256];
  char detail[256]; /* instruction set or device */
} zps_engine_info;

size_t zps_engine_count(void);
zps_status zps_engine_describe(size_t i, zps_engine_info *info);

/** Opens engine `name` ("auto", "cpu", "cuda", "check") on a setup, which must outlive it. */
zps_status zps_engine_create(const char *name, const zps_setup *setup, const zps_engine_options *options,
                             zps_engine **engine, zps_error *error);

/** Runs tiles; row i of tallies, zps_tally_size() u64 each, is set to the sums of tile i.
 *  With a placement all tiles must be of one mass, and surface, zps_surface_size() u64, is set to the counts of all
 *  tiles together; NULL otherwise. After a failure both hold nothing of use. */
zps_status zps_engine_run(zps_engine *engine, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                          uint64_t *surface, zps_error *error);

/** Runs a tile and leaves each of its events in trace, whose first event is the tile's: what this engine itself makes
 * of it, so that an event that differs between engines can be found. A device that fails is not replaced:
 *  ZPS_UNAVAILABLE. */
zps_status zps_engine_trace(zps_engine *engine, const zps_tile *tile, const zps_trace *trace, zps_error *error);

const char *zps_engine_name(const zps_engine *engine);   /* "cpu", ... */
const char *zps_engine_detail(const zps_engine *engine); /* e.g. "x86-64-v3, 2 threads" */

/** Tiles the engine works on at a time: fewer in one zps_engine_run() leave part of it idle. */
uint32_t zps_engine_parallel(const zps_engine *engine);

/** What went wrong and was worked around so far (a device that failed), "" if nothing. */
const char *zps_engine_trouble(const zps_engine *engine);

void zps_engine_destroy(zps_engine *engine); /* NULL is fine */

#endif
