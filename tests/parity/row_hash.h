/* One hash over every tally of every mass of a job: what parity tests compare. */
#ifndef ZPS_ROW_HASH_H
#define ZPS_ROW_HASH_H

#include <stdlib.h>

#include "host/io/hash.h"
#include "host/run/engine.h"
#include "host/run/plan.h"

/** Cuts n_events of every mass into tiles of tile_events; returns their number, tiles[] may be NULL to count. */
static inline size_t row_hash_tiles(size_t n_mass, uint64_t n_events, uint64_t tile_events, zps_tile *tiles) {
  size_t n = 0;
  for (size_t m = 0; m < n_mass; m++) {
    for (uint64_t first = 0; first < n_events; first += tile_events) {
      if (tiles != NULL) {
        const uint64_t left = n_events - first;
        const zps_tile tile = {(uint32_t)m, 0, first, left < tile_events ? left : tile_events};
        tiles[n] = tile;
      }
      n++;
    }
  }
  return n;
}

/** Sums of n_events of every mass with an engine; rows: [n_mass][zps_tally_size()], zeroed by the caller. */
static inline zps_status row_hash_sum(zps_engine *engine, const zps_plan *plan, uint64_t n_events, uint64_t tile_events,
                                      uint64_t *rows, zps_error *error) {
  const size_t size = zps_tally_size((uint32_t)plan->setup.n_triggers);
  const size_t n = row_hash_tiles(plan->n_mass, n_events, tile_events, NULL);
  zps_tile *const tiles = (zps_tile *)calloc(n, sizeof *tiles);
  uint64_t *const tallies = (uint64_t *)calloc(n * size, sizeof *tallies);
  zps_status status = ZPS_MEMORY;
  if (tiles != NULL && tallies != NULL) {
    (void)row_hash_tiles(plan->n_mass, n_events, tile_events, tiles);
    status = zps_engine_run(engine, tiles, n, tallies, NULL, error);
  }
  for (size_t i = 0; status == ZPS_OK && i < n; i++) {
    for (size_t j = 0; j < size; j++) {
      rows[(tiles[i].i_mass * size) + j] += tallies[(i * size) + j];
    }
  }
  free(tiles);
  free(tallies);
  return status;
}

/** Runs engine cpu on n_events of every mass of a plan and hashes all rows. */
static inline zps_status row_hash_run(const zps_plan *plan, const char *isa, int n_threads, uint64_t n_events,
                                      uint64_t tile_events, char hash[ZPS_HASH_SIZE], zps_error *error) {
  const zps_engine_options options = {.n_threads = n_threads, .isa = isa};
  const size_t n = plan->n_mass * zps_tally_size((uint32_t)plan->setup.n_triggers);
  uint64_t *const rows = (uint64_t *)calloc(n, sizeof *rows);
  zps_engine *engine = NULL;
  zps_hash *hasher = NULL;
  zps_status status = rows == NULL ? ZPS_MEMORY : ZPS_OK;
  ZPS_TRY(status);
  ZPS_TRY(zps_engine_create("cpu", &plan->setup, &options, &engine, error));
  ZPS_TRY(row_hash_sum(engine, plan, n_events, tile_events, rows, error));
  ZPS_TRY(zps_hash_create(&hasher, error));
  zps_hash_u64(hasher, rows, n);
  zps_hash_finish(hasher, hash);
done:
  zps_hash_destroy(hasher);
  zps_engine_destroy(engine);
  free(rows);
  return status;
}

#endif
