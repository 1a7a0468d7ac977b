/* Positions of the two counters that a surface can tell of: pairs of lattice edges.
 *
 * A counter of width w with its near edge at lattice edge i covers [e(i) - w, e(i)). The lowest cell of a surface holds
 * all muons below e(0) and cannot be split, so an edge is available where e(i) - w >= e(0). */
#ifndef ZPS_PLACE_POSITION_GRID_H
#define ZPS_PLACE_POSITION_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "kernels/placement.h"

/** Edges of one counter: i = lowest .. lattice.n are available; the counter is `lowest` steps wide. */
typedef struct zps_edge_axis {
  zps_lattice lattice;
  int64_t lowest;
} zps_edge_axis;

/** The two axes; a surface over positions is [n_first][n_last] of the available edges, both ascending. */
typedef struct zps_position_grid {
  zps_edge_axis first, last;
} zps_position_grid;

/** A pair of edges, as indices of the two lattices. */
typedef struct zps_position {
  int64_t i_first, i_last;
} zps_position;

/** Axis of a counter of width_mm on a lattice; name ("x4") is for the message. ZPS_INVALID when the width is no
 * multiple of the step or exceeds the lattice. */
zps_status zps_edge_axis_init(zps_edge_axis *axis, const zps_lattice *lattice, double width_mm, const char *name,
                              zps_error *error);

/** Number of available edges. */
int64_t zps_edge_axis_count(const zps_edge_axis *axis);

/** Index of the lattice edge that is x_mm exactly, available or not; -1 when there is none. */
int64_t zps_edge_axis_index(const zps_edge_axis *axis, double x_mm);

bool zps_edge_axis_has(const zps_edge_axis *axis, int64_t i);

/** Index of the available edge at x_mm. ZPS_USAGE names the neighbours of x_mm on the lattice, or the range of the
 *  available edges; name ("--at: x4") begins the message. */
zps_status zps_edge_axis_find(const zps_edge_axis *axis, const char *name, double x_mm, int64_t *i, zps_error *error);

/** Steps of a distance on this lattice; 0 when it is no multiple of the step. */
int64_t zps_edge_axis_steps(const zps_edge_axis *axis, double distance_mm);

double zps_edge_axis_step_mm(const zps_edge_axis *axis);

/** Number of positions. */
size_t zps_position_count(const zps_position_grid *grid);

/** Index of an available position in a surface over positions, and back. */
size_t zps_position_index(const zps_position_grid *grid, zps_position position);
zps_position zps_position_at(const zps_position_grid *grid, size_t index);

/** Near edges of the two counters [mm]. */
double zps_position_first_mm(const zps_position_grid *grid, zps_position position);
double zps_position_last_mm(const zps_position_grid *grid, zps_position position);

#endif
