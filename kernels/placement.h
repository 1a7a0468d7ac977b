/* Where muons cross the first and the last plane of a trigger, counted in the cells of a lattice.
 *
 * One addition per muon; the count of a coincidence for any position and width of its two counters is then a sum over
 * cells (host/place), equal to the count of a run with the counters there: an edge of the lattice is one f64 number,
 * and a muon is sorted by the same comparison, edge - width <= x < edge, that a counter makes.
 *
 * Layout of a surface, slowest first: [n_y][ZPS_N_SURFACE][cells of the first plane][cells of the last plane]. */
#ifndef ZPS_PLACEMENT_H
#define ZPS_PLACEMENT_H

#include "kernels/hd.h"
#include "kernels/math.h"

/** Vertical offsets of the counters counted in one pass. */
#define ZPS_MAX_PLACEMENT_Y 4

/** Stages of the cut-flow with a surface, without what the two counters say in x. */
enum zps_surface_stage {
  ZPS_SURFACE_COINCIDENCE = 0, /* in the window, measured, all other counters and both y ranges hit */
  ZPS_SURFACE_ACCEPTED = 1,    /* of these, in the signal box */
  ZPS_N_SURFACE = 2
};

/** Edges e(i) = (first + i) multiplier/divisor [mm], i = 0 .. n, each the correctly rounded value of its decimal text.
 *  Cell 0 holds x < e(0), cell i = 1 .. n holds e(i-1) <= x < e(i), cell n + 1 the rest. */
typedef struct zps_lattice {
  int64_t first;
  int64_t n;
  double multiplier, divisor; /* step = multiplier/divisor; one of them is 1, both are whole numbers */
} zps_lattice;

/** What is counted. n_y = 0: nothing. y ranges [mm] as a counter's, at the first and the last plane. */
typedef struct zps_placement {
  int64_t n_y;
  zps_lattice first, last;
  double y_first_lo[ZPS_MAX_PLACEMENT_Y], y_first_hi[ZPS_MAX_PLACEMENT_Y];
  double y_last_lo[ZPS_MAX_PLACEMENT_Y], y_last_hi[ZPS_MAX_PLACEMENT_Y];
  uint64_t others; /* bits of zps_muon.hits that must be set: the counters of trigger 0 between the two */
} zps_placement;

/** Edge i = 0 .. n [mm]. */
ZPS_HD double zps_lattice_edge(const zps_lattice *lattice, int64_t i) {
  return ((double)(lattice->first + i) * lattice->multiplier) / lattice->divisor;
}

/** Number of cells, the two border cells included. */
ZPS_HD int64_t zps_lattice_cells(const zps_lattice *lattice) {
  return lattice->n + 2;
}

/** The cell of x [mm]. Division finds it up to rounding, comparison with the edges themselves decides. */
ZPS_HD int64_t zps_lattice_cell(const zps_lattice *lattice, double x) {
  const double position = (((x * lattice->divisor) / lattice->multiplier) - (double)lattice->first) + 1.0;
  int64_t cell = (int64_t)zps_clamp(position, 0.0, (double)(lattice->n + 1));
  if (cell <= lattice->n && x >= zps_lattice_edge(lattice, cell)) {
    cell = cell + 1;
  } else if (cell >= 1 && x < zps_lattice_edge(lattice, cell - 1)) {
    cell = cell - 1;
  }
  return cell;
}

/** Number of cells of one stage of one y offset. */
ZPS_HD int64_t zps_placement_cells(const zps_placement *placement) {
  return zps_lattice_cells(&placement->first) * zps_lattice_cells(&placement->last);
}

/** Number of u64 of a whole surface; 0 when nothing is counted. */
ZPS_HD int64_t zps_surface_size(const zps_placement *placement) {
  return placement->n_y * ZPS_N_SURFACE * zps_placement_cells(placement);
}

/** Index of a cell in a surface. */
ZPS_HD int64_t zps_surface_index(const zps_placement *placement, int64_t i_y, int64_t stage, int64_t cell_first,
                                 int64_t cell_last) {
  return ((((i_y * ZPS_N_SURFACE) + stage) * zps_lattice_cells(&placement->first) + cell_first) *
          zps_lattice_cells(&placement->last)) +
         cell_last;
}

#endif
