/* Sums of a surface's cells, so that the count between any four edges is three additions.
 *
 * S(i, j) = sum of the cells between edges 0 .. i of the first lattice and 0 .. j of the last; the cells between i0, i1
 * and j0, j1 sum to S(i1, j1) - S(i0, j1) - S(i1, j0) + S(i0, j0)  [Crow, SIGGRAPH 1984, "Summed-area tables"]. Whole
 * numbers of 64 bits: exact. */
#ifndef ZPS_PLACE_SUMMED_AREA_H
#define ZPS_PLACE_SUMMED_AREA_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/place/position_grid.h"
#include "kernels/placement.h"

typedef struct zps_summed_area {
  int64_t n_first, n_last; /* steps of the lattices */
  uint64_t *sums;          /* [n_first + 1][n_last + 1] */
} zps_summed_area;

/** Allocates the table of two lattices. Free with zps_summed_area_free(). */
zps_status zps_summed_area_allocate(zps_summed_area *area, const zps_lattice *first, const zps_lattice *last,
                                    zps_error *error);

/** Fills the table from cells[zps_lattice_cells(first)][zps_lattice_cells(last)]; the border cells are in no rectangle
 *  of edges and left out. ZPS_INVALID when the sum does not fit 64 bits. */
zps_status zps_summed_area_build(zps_summed_area *area, const uint64_t *cells, zps_error *error);

/** Sum of the cells between edges first_lo <= first_hi and last_lo <= last_hi, each 0 .. n. */
uint64_t zps_summed_area_count(const zps_summed_area *area, int64_t first_lo, int64_t first_hi, int64_t last_lo,
                               int64_t last_hi);

/** Count of the coincidence with its counters at an available position. */
uint64_t zps_summed_area_at(const zps_summed_area *area, const zps_position_grid *grid, zps_position position);

/** Sum of all cells between the outermost edges. */
uint64_t zps_summed_area_total(const zps_summed_area *area);

void zps_summed_area_free(zps_summed_area *area); /* a zeroed one is fine */

#endif
