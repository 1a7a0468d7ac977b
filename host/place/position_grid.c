#include "host/place/position_grid.h"

#include <math.h>

#include "host/job/number.h"
#include "host/job/placement_lattice.h"

double zps_edge_axis_step_mm(const zps_edge_axis *axis) {
  return axis->lattice.multiplier / axis->lattice.divisor;
}

zps_status zps_edge_axis_init(zps_edge_axis *axis, const zps_lattice *lattice, double width_mm, const char *name,
                              zps_error *error) {
  axis->lattice = *lattice;
  if (!zps_placement_steps(lattice, width_mm, &axis->lowest)) {
    return zps_error_set(error, ZPS_INVALID, "%s: a counter of %.10g mm: expected a multiple of the step %.10g mm",
                         name, width_mm, zps_edge_axis_step_mm(axis));
  }
  if (axis->lowest > lattice->n) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: no position of a counter of %.10g mm lies wholly on the lattice %.10g .. %.10g mm", name,
                         width_mm, zps_lattice_edge(lattice, 0), zps_lattice_edge(lattice, lattice->n));
  }
  return ZPS_OK;
}

int64_t zps_edge_axis_count(const zps_edge_axis *axis) {
  return axis->lattice.n - axis->lowest + 1;
}

/** The last lattice edge at or below x; -1 below all. */
static int64_t edge_below(const zps_edge_axis *axis, double x_mm) {
  return zps_lattice_cell(&axis->lattice, x_mm) - 1;
}

int64_t zps_edge_axis_index(const zps_edge_axis *axis, double x_mm) {
  if (!isfinite(x_mm)) {
    return -1;
  }
  const int64_t i = edge_below(axis, x_mm);
  return i >= 0 && zps_lattice_edge(&axis->lattice, i) >= x_mm ? i : -1;
}

bool zps_edge_axis_has(const zps_edge_axis *axis, int64_t i) {
  return i >= axis->lowest && i <= axis->lattice.n;
}

zps_status zps_edge_axis_find(const zps_edge_axis *axis, const char *name, double x_mm, int64_t *i, zps_error *error) {
  const zps_lattice *const lattice = &axis->lattice;
  const double lowest = zps_lattice_edge(lattice, axis->lowest);
  const double highest = zps_lattice_edge(lattice, lattice->n);
  char number[ZPS_NUMBER_SIZE];
  if (!(x_mm >= lowest && x_mm <= highest)) {
    return zps_error_set(error, ZPS_USAGE,
                         "%s = %s: expected an edge from %.10g to %.10g mm: there a counter of %.10g mm lies wholly on "
                         "the lattice",
                         name, zps_number_print(x_mm, number), lowest, highest,
                         (double)axis->lowest * zps_edge_axis_step_mm(axis));
  }
  *i = zps_edge_axis_index(axis, x_mm);
  if (*i < 0) {
    const int64_t below = edge_below(axis, x_mm);
    return zps_error_set(error, ZPS_USAGE, "%s = %s: no edge of the lattice; its neighbours are %.10g and %.10g mm",
                         name, zps_number_print(x_mm, number), zps_lattice_edge(lattice, below),
                         zps_lattice_edge(lattice, below + 1));
  }
  return ZPS_OK;
}

int64_t zps_edge_axis_steps(const zps_edge_axis *axis, double distance_mm) {
  int64_t steps = 0;
  return zps_placement_steps(&axis->lattice, distance_mm, &steps) ? steps : 0;
}

size_t zps_position_count(const zps_position_grid *grid) {
  return (size_t)(zps_edge_axis_count(&grid->first) * zps_edge_axis_count(&grid->last));
}

size_t zps_position_index(const zps_position_grid *grid, zps_position position) {
  return (size_t)(((position.i_first - grid->first.lowest) * zps_edge_axis_count(&grid->last)) +
                  (position.i_last - grid->last.lowest));
}

zps_position zps_position_at(const zps_position_grid *grid, size_t index) {
  const int64_t n_last = zps_edge_axis_count(&grid->last);
  const zps_position position = {((int64_t)index / n_last) + grid->first.lowest,
                                 ((int64_t)index % n_last) + grid->last.lowest};
  return position;
}

double zps_position_first_mm(const zps_position_grid *grid, zps_position position) {
  return zps_lattice_edge(&grid->first.lattice, position.i_first);
}

double zps_position_last_mm(const zps_position_grid *grid, zps_position position) {
  return zps_lattice_edge(&grid->last.lattice, position.i_last);
}
