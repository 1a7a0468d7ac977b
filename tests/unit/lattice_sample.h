/* Lattices and random numbers for the tests of placement. */
#ifndef ZPS_TEST_LATTICE_SAMPLE_H
#define ZPS_TEST_LATTICE_SAMPLE_H

#include <stdlib.h>

#include "host/place/position_grid.h"
#include "host/place/summed_area.h"

/** Next of a fixed sequence of 64-bit numbers (Marsaglia, J. Stat. Soft. 8 (2003) 14: xorshift). */
static inline uint64_t lattice_sample_next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/** Whole number in [lo, hi]. */
static inline int64_t lattice_sample_between(uint64_t *state, int64_t lo, int64_t hi) {
  return lo + (int64_t)(lattice_sample_next(state) % (uint64_t)(hi - lo + 1));
}

/** Edges first .. first + n, one step each. */
static inline zps_lattice lattice_sample(int64_t first, int64_t n) {
  const zps_lattice lattice = {first, n, 1.0, 1.0};
  return lattice;
}

/** A grid of two lattices of 1 mm from 0 with counters of those widths. */
static inline zps_position_grid lattice_sample_grid(int64_t n_first, int64_t n_last, int64_t width_first,
                                                    int64_t width_last) {
  const zps_position_grid grid = {{lattice_sample(0, n_first), width_first}, {lattice_sample(0, n_last), width_last}};
  return grid;
}

/** The table of cells[n_first][n_last] without borders, on lattice_sample_grid(); free with zps_summed_area_free(). */
static inline zps_summed_area lattice_sample_area(const zps_position_grid *grid, const uint64_t *inner) {
  const zps_lattice *const first = &grid->first.lattice;
  const zps_lattice *const last = &grid->last.lattice;
  const int64_t width = zps_lattice_cells(last);
  uint64_t *cells = (uint64_t *)calloc((size_t)(zps_lattice_cells(first) * width), sizeof *cells);
  zps_summed_area area = {0, 0, NULL};
  zps_error error = {ZPS_OK, ""};
  for (int64_t i = 0; i < first->n; i++) {
    for (int64_t j = 0; j < last->n; j++) {
      cells[((i + 1) * width) + j + 1] = inner[(i * last->n) + j];
    }
  }
  if (zps_summed_area_allocate(&area, first, last, &error) != ZPS_OK ||
      zps_summed_area_build(&area, cells, &error) != ZPS_OK) {
    abort();
  }
  free(cells);
  return area;
}

#endif
