#include "host/run/plan_carry.h"

#include <math.h>
#include <stddef.h>

/* Gaussian tails are followed to this many standard deviations when something is left out as unreachable:
 * probability 2e-9 (docs/physics.md, 2c). */
#define ZPS_REACH_SIGMA 6.0
#define ZPS_REACH_RARE 1e-4 /* probability of a loss outside the calorimeters that is not followed */

/* A muon on a slope up to 0.45 has a path at most 10 % longer than the elements are thick. */
#define ZPS_REACH_PATH 1.1

/** Momentum a muon of p_gev may have had upstream of an element it crosses: the smallest whose mean loss on the longest
 *  path brings it down to p_gev. Bisection in a fixed number of steps. */
static double zps_momentum_before(const zps_matter *matter, double p_gev, double path_mm) {
  double lo = p_gev;
  double hi = 2.0 * p_gev;
  for (int i = 0; i < 12 && !(zps_matter_cross(matter, hi, path_mm).p_gev > p_gev); i++) {
    hi = 2.0 * hi;
  }
  for (int i = 0; i < 60; i++) {
    const double middle = 0.5 * (lo + hi);
    if (zps_matter_cross(matter, middle, path_mm).p_gev > p_gev) {
      hi = middle;
    } else {
      lo = middle;
    }
  }
  return hi;
}

/** Highest momentum of a beam muon, and so of any. */
static double zps_beam_highest(const zps_beam *beam) {
  double highest = beam->p_gev * (1.0 + (ZPS_REACH_SIGMA * beam->p_spread));
  for (uint64_t i = 0; i < beam->n_particles; i++) {
    highest = (i == 0 || beam->particles[i].p_gev > highest) ? beam->particles[i].p_gev : highest;
  }
  return highest;
}

/** sqrt(a^2 + b^2). Not hypot(): what engines compare with must not depend on the libm of the machine. */
static double zps_quadrature(double a, double b) {
  return zps_sqrt((a * a) + (b * b));
}

/** Largest deposit [GeV] of an element that the E_CAL cut lets through, six standard deviations of its resolution
 *  allowed; infinite when the resolution has no such limit. */
static double zps_largest_deposit(const zps_setup *setup, const zps_element *e) {
  const double cut = setup->selection.e_cal_max_gev / e->response;
  const double width = zps_quadrature(e->resolution_stochastic / zps_sqrt(cut), e->resolution_constant);
  const double reach = 1.0 - (ZPS_REACH_SIGMA * width);
  return reach > 0.0 ? cut / reach : 1e30;
}

/** Loss of beam muons in an element that one in ten thousand exceeds. */
static double zps_rare_loss(const zps_setup *setup, const zps_element *e) {
  const double path = ZPS_REACH_PATH * (e->z_end_mm - e->z_start_mm);
  const double energy = zps_beam_highest(&setup->beam);
  const zps_half_octave at_energy = zps_half_octave_at(energy, ZPS_STRAGGLE_ENERGY_MIN_GEV,
                                                       ZPS_STRAGGLE_LOG2_ENERGY_MIN, ZPS_STRAGGLE_ENERGY_MAX_GEV);
  const zps_half_octave at_rate = zps_half_octave_at(ZPS_REACH_RARE / path, ZPS_STRAGGLE_RATE_MIN,
                                                     ZPS_STRAGGLE_LOG2_RATE_MIN, ZPS_STRAGGLE_RATE_MAX);
  return zps_straggle_loss(&setup->straggling[e->i_table], at_energy, at_rate);
}

/** Largest loss between the vertex and the spectrometer of a muon in the signal box, when losses fluctuate: what E_CAL
 *  sees is bounded by its cut, in the element where that allows most; what it does not see is followed to one muon
 *  in ten thousand. */
static double zps_largest_loss(const zps_setup *setup) {
  double seen = 0.0;
  double unseen = 0.0;
  for (int32_t i = 0; i < setup->i_spectrometer; i++) {
    const zps_element *const e = &setup->elements[i];
    if (e->kind == ZPS_ELEMENT_MATTER && e->response > 0.0) {
      seen = fmax(seen, zps_largest_deposit(setup, e));
    } else if (e->kind == ZPS_ELEMENT_MATTER) {
      unseen += zps_rare_loss(setup, e);
    }
  }
  return seen + unseen;
}

double zps_plan_p_carry_max(const zps_setup *setup) {
  const double growing = setup->selection.p_out_resolution_per_gev * zps_beam_highest(&setup->beam);
  const double reach = 1.0 - (ZPS_REACH_SIGMA * zps_quadrature(setup->selection.p_out_resolution, growing));
  if (!(reach > 0.0) || setup->i_spectrometer < 0) {
    return 1e30;
  }
  double p = setup->selection.p_out_max_gev / reach;
  if (setup->straggling != NULL) {
    return p + zps_largest_loss(setup);
  }
  for (int32_t i = setup->i_spectrometer - 1; i >= 0; i--) {
    const zps_element *const e = &setup->elements[i];
    if (e->kind == ZPS_ELEMENT_MATTER) {
      p = zps_momentum_before(&setup->matter[e->i_table], p, ZPS_REACH_PATH * (e->z_end_mm - e->z_start_mm));
    }
  }
  return p;
}

/** Lowest momentum of a beam muon. */
static double zps_beam_lowest(const zps_beam *beam) {
  double lowest = beam->p_gev * (1.0 - (ZPS_REACH_SIGMA * beam->p_spread));
  for (uint64_t i = 0; i < beam->n_particles; i++) {
    lowest = (i == 0 || beam->particles[i].p_gev < lowest) ? beam->particles[i].p_gev : lowest;
  }
  return lowest;
}

double zps_plan_x_min(const zps_setup *setup) {
  const zps_element *const target = &setup->elements[0];
  const double lowest = zps_max(zps_beam_lowest(&setup->beam), ZPS_STOP_P_GEV);
  /* With fluctuations all of the largest loss may come behind the vertex. */
  const double mean_at_vertex = zps_matter_cross(&setup->matter[target->i_table], lowest,
                                                 ZPS_REACH_PATH * (target->z_end_mm - target->z_start_mm))
                                    .p_gev;
  const double at_vertex = setup->straggling != NULL ? lowest : mean_at_vertex;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double recoil = zps_sqrt((setup->p_carry_max_gev * setup->p_carry_max_gev) + mu2);
  const double energy = zps_sqrt((at_vertex * at_vertex) + mu2);
  return zps_max(1.0 - (recoil / energy), 0.0);
}
