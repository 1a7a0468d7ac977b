/* Mean energy loss of a muon on a path through a homogenised stack, by range:
 * T_out = T(R(T_in) - path). */
#ifndef ZPS_ENERGY_LOSS_H
#define ZPS_ENERGY_LOSS_H

#include "kernels/constants.h"
#include "kernels/hd.h"
#include "kernels/material.h"
#include "kernels/math.h"

/** Below this momentum [GeV] a muon counts as stopped. */
#define ZPS_STOP_P_GEV 0.2

/** A muon after a path through matter. */
typedef struct zps_crossing {
  double p_gev;          /* momentum at the end; 0 when stopped */
  double ionisation_gev; /* energy given to ionisation on the way, without radiation */
} zps_crossing;

/** condition ? a : b, by bits: where arithmetic follows such a choice gcc makes a branch of it, and a loop over
 *  lanes would not become vector code. condition is 0 or 1. */
ZPS_HD double zps_matter_pick(int condition, double a, double b) {
  const uint64_t mask = (uint64_t)0 - (uint64_t)condition;
  return zps_from_bits((zps_bits(a) & mask) | (zps_bits(b) & ~mask));
}

/** x within [low, high]; low when x is NaN. */
ZPS_HD double zps_matter_clamp(double x, double low, double high) {
  const double lifted = zps_matter_pick(x > low, x, low);
  return zps_matter_pick(lifted < high, lifted, high);
}

/** Cubic Hermite interpolation in a table of ZPS_N_LOSS pairs (value, derivative) at nodes x_min + i step; x is
 *  taken at the nearer end outside the table, and at its start when NaN. */
ZPS_HD double zps_matter_lookup(const double *table, double x_min, double step, double x) {
  const double position = zps_matter_clamp((x - x_min) / step, 0.0, (double)(ZPS_N_LOSS - 1));
  const int32_t i = (int32_t)zps_matter_pick(position < (double)(ZPS_N_LOSS - 2), position, (double)(ZPS_N_LOSS - 2));
  const double u = position - (double)i;
  const double f_0 = table[2 * i];
  const double s_0 = step * table[(2 * i) + 1];
  const double rise = table[(2 * i) + 2] - f_0;
  const double s_1 = step * table[(2 * i) + 3];
  const double c_2 = (3.0 * rise) - ((2.0 * s_0) + s_1);
  const double c_3 = (s_0 + s_1) - (2.0 * rise);
  return f_0 + (u * (s_0 + (u * (c_2 + (u * c_3)))));
}

/** ln T [GeV] after path_mm, on average, of a muon that starts with log_t_in; below all tables when stopped. */
ZPS_HD double zps_matter_log_kinetic_after(const zps_matter *m, double log_t_in, double path_mm) {
  const double range = zps_exp(zps_matter_lookup(m->log_range[0], m->log_t_min, m->log_t_step, log_t_in));
  const double log_range = zps_log(zps_max(range - path_mm, 1e-300));
  return zps_matter_lookup(m->log_kinetic[0], m->log_r_min, m->log_r_step, log_range);
}

/** Mean loss on path_mm >= 0 in matter by a muon of momentum p_gev > 0 (at most 2000 GeV).
 *
 * path_mm = 0 returns p_gev itself and no ionisation. A muon that ends below ZPS_STOP_P_GEV is stopped:
 * p_gev = 0 and all its ionisation, down to rest, is counted. Continuous slowing down: the mean of the
 * loss, no straggling (physics: host/tables/stopping_power.h). */
ZPS_HD zps_crossing zps_matter_cross(const zps_matter *m, double p_gev, double path_mm) {
  const double mass = ZPS_MUON_MASS_GEV;
  const double square = p_gev * p_gev;
  const double t_in = square / (zps_sqrt(square + (mass * mass)) + mass);
  const double log_t_in = zps_log(zps_max(t_in, 1e-300));
  const double log_t_out = zps_matter_log_kinetic_after(m, log_t_in, path_mm);
  const double t_out = zps_exp(log_t_out);
  const double p_out = zps_sqrt(t_out * (t_out + (2.0 * mass)));
  const double i_in = zps_matter_lookup(m->ionisation[0], m->log_t_min, m->log_t_step, log_t_in);
  const double i_out = zps_matter_lookup(m->ionisation[0], m->log_t_min, m->log_t_step, log_t_out);
  const int still = path_mm == 0.0;
  const int stopped = p_out < ZPS_STOP_P_GEV;
  zps_crossing out;
  out.p_gev = zps_matter_pick(still, p_gev, zps_matter_pick(stopped, 0.0, p_out));
  out.ionisation_gev = zps_matter_pick(still, 0.0, i_in - zps_matter_pick(stopped, 0.0, i_out));
  return out;
}

#endif
