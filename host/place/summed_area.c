#include "host/place/summed_area.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

zps_status zps_summed_area_allocate(zps_summed_area *area, const zps_lattice *first, const zps_lattice *last,
                                    zps_error *error) {
  area->n_first = first->n;
  area->n_last = last->n;
  area->sums = (uint64_t *)calloc((size_t)((first->n + 1) * (last->n + 1)), sizeof *area->sums);
  return area->sums != NULL ? ZPS_OK
                            : zps_error_set(error, ZPS_MEMORY, "out of memory for %lld x %lld sums of a surface",
                                            (long long)first->n + 1, (long long)last->n + 1);
}

/** One row of sums from the row before it; false when a sum does not fit. */
static bool add_row(const uint64_t *before, const uint64_t *cells, int64_t n, uint64_t *sums) {
  uint64_t row = 0;
  bool failed = false;
  sums[0] = 0;
  for (int64_t j = 1; j <= n; j++) {
    failed |= __builtin_add_overflow(row, cells[j], &row);
    failed |= __builtin_add_overflow(before[j], row, &sums[j]);
  }
  return !failed;
}

zps_status zps_summed_area_build(zps_summed_area *area, const uint64_t *cells, zps_error *error) {
  const int64_t n_sums = area->n_last + 1;
  const int64_t n_cells = area->n_last + 2;
  memset(area->sums, 0, (size_t)n_sums * sizeof *area->sums);
  for (int64_t i = 1; i <= area->n_first; i++) {
    uint64_t *const sums = area->sums + (i * n_sums);
    if (!add_row(sums - n_sums, cells + (i * n_cells), area->n_last, sums)) {
      return zps_error_set(error, ZPS_INVALID, "placement surface: counts add up to more than 2^64");
    }
  }
  return ZPS_OK;
}

uint64_t zps_summed_area_count(const zps_summed_area *area, int64_t first_lo, int64_t first_hi, int64_t last_lo,
                               int64_t last_hi) {
  const uint64_t *const lo = area->sums + (first_lo * (area->n_last + 1));
  const uint64_t *const hi = area->sums + (first_hi * (area->n_last + 1));
  return (hi[last_hi] - lo[last_hi]) - (hi[last_lo] - lo[last_lo]);
}

uint64_t zps_summed_area_at(const zps_summed_area *area, const zps_position_grid *grid, zps_position position) {
  return zps_summed_area_count(area, position.i_first - grid->first.lowest, position.i_first,
                               position.i_last - grid->last.lowest, position.i_last);
}

uint64_t zps_summed_area_total(const zps_summed_area *area) {
  return zps_summed_area_count(area, 0, area->n_first, 0, area->n_last);
}

void zps_summed_area_free(zps_summed_area *area) {
  free(area->sums);
  area->sums = NULL;
}
