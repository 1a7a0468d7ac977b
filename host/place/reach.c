#include "host/place/reach.h"

#include <math.h>

/** Half of the distance in ln m to the neighbours inside [first, end); the ends of the range count half. */
static double log_width(const zps_reach_mass *masses, size_t first, size_t end, size_t i) {
  const double below = i > first ? log(masses[i].mass_gev / masses[i - 1].mass_gev) : 0.0;
  const double above = i + 1 < end ? log(masses[i + 1].mass_gev / masses[i].mass_gev) : 0.0;
  return end - first > 1 ? 0.5 * (below + above) : 1.0;
}

zps_status zps_reach_weigh(zps_reach_mass *masses, size_t n, double lo_gev, double hi_gev, zps_mass_weights how,
                           zps_error *error) {
  size_t first = 0;
  double sum = 0.0;
  while (first < n && masses[first].mass_gev < lo_gev) {
    first++;
  }
  size_t end = first;
  while (end < n && masses[end].mass_gev <= hi_gev) {
    end++;
  }
  if (first == end) {
    return zps_error_set(error, ZPS_USAGE,
                         "masses %.10g .. %.10g GeV: none of the %zu masses of the result, %.10g .. %.10g GeV", lo_gev,
                         hi_gev, n, masses[0].mass_gev, masses[n - 1].mass_gev);
  }
  for (size_t i = 0; i < n; i++) {
    const double weight = how == ZPS_WEIGHTS_EQUAL ? 1.0 : log_width(masses, first, end, i);
    masses[i].weight = i >= first && i < end ? weight : 0.0;
    sum += masses[i].weight;
  }
  for (size_t i = 0; i < n; i++) {
    masses[i].weight /= sum;
  }
  return ZPS_OK;
}

double zps_reach_g90(const zps_reach_mass *mass, double n_up, double accepted) {
  const double events_at_1 = mass->signal_events * accepted / (double)mass->generated;
  return accepted > 0.0 ? zps_coupling_of_events(&mass->widths, events_at_1, n_up) : HUGE_VAL;
}

void zps_reach_add(const zps_position_grid *grid, const zps_summed_area *accepted, const zps_reach_mass *mass,
                   double n_up, double *surface) {
  size_t p = 0;
  for (int64_t i = grid->first.lowest; i <= grid->first.lattice.n; i++) {
    for (int64_t j = grid->last.lowest; j <= grid->last.lattice.n; j++) {
      const zps_position position = {i, j};
      const uint64_t count = zps_summed_area_at(accepted, grid, position);
      surface[p++] += mass->weight * log(zps_reach_g90(mass, n_up, (double)count));
    }
  }
}

/** Variance of ln g90 of one mass. */
static double variance_of(const zps_reach_mass *mass, double accepted, double scale, double n_up) {
  if (!(accepted > 0.0)) {
    return HUGE_VAL;
  }
  const double slope = zps_events_slope(&mass->widths, zps_reach_g90(mass, n_up, scale * accepted));
  return mass->accepted_ratio * (1.0 - (accepted / (double)mass->generated)) / accepted / (slope * slope);
}

double zps_reach_error(const zps_reach_mass *masses, const uint64_t *accepted, double scale, size_t n, double n_up) {
  double variance = 0.0;
  for (size_t i = 0; i < n; i++) {
    if (masses[i].weight > 0.0) {
      variance += masses[i].weight * masses[i].weight * variance_of(&masses[i], (double)accepted[i], scale, n_up);
    }
  }
  return sqrt(variance);
}
