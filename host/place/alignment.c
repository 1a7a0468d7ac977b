#include "host/place/alignment.h"

#include <math.h>

/** Counts between edges lo and hi of one axis, inside the other counter at `position`. */
static double strip(const zps_position_grid *grid, const zps_summed_area *area, zps_position at, bool is_first,
                    int64_t lo, int64_t hi) {
  return (double)(is_first ? zps_summed_area_count(area, lo, hi, at.i_last - grid->last.lowest, at.i_last)
                           : zps_summed_area_count(area, at.i_first - grid->first.lowest, at.i_first, lo, hi));
}

zps_efficiency_change zps_alignment_change(const zps_position_grid *grid, const zps_summed_area *accepted,
                                           zps_position position, zps_displacement which, int64_t steps,
                                           double accepted_ratio) {
  const bool is_first = which == ZPS_FIRST_DOWN || which == ZPS_FIRST_UP;
  const bool is_up = which == ZPS_FIRST_UP || which == ZPS_LAST_UP;
  const zps_edge_axis *const axis = is_first ? &grid->first : &grid->last;
  const int64_t from = is_first ? position.i_first : position.i_last;
  const int64_t to = is_up ? from + steps : from - steps;
  const double before = strip(grid, accepted, position, is_first, from - axis->lowest, from);
  if (!zps_edge_axis_has(axis, to) || !(before > 0.0)) {
    return (zps_efficiency_change){(double)NAN, (double)NAN};
  }
  /* Where a counter is narrower than the displacement, old and new cover nothing in common. */
  const int64_t near = steps < axis->lowest ? steps : axis->lowest;
  const int64_t upper = is_up ? to : from;
  const int64_t lower = (is_up ? from : to) - axis->lowest;
  const double top = strip(grid, accepted, position, is_first, upper - near, upper);
  const double bottom = strip(grid, accepted, position, is_first, lower, lower + near);
  const double difference = is_up ? top - bottom : bottom - top;
  return (zps_efficiency_change){difference / before, sqrt(accepted_ratio * fmax(1.0, top + bottom)) / before};
}

const char *zps_displacement_name(zps_displacement which) {
  static const char *const names[ZPS_N_DISPLACEMENT] = {"x4_down", "x4_up", "xm_down", "xm_up"};
  return names[which];
}
