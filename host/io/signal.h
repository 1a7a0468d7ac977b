/* What the counts of a result mean for the signal: efficiencies and expected events.
 *
 * Every efficiency and every expected number of events that zpscan states comes from here. The counts and
 * cross-sections are the result's; muons on target, the factors of the triggers and the dark sector are those of the
 * job that is passed, which is the effective one (`--set` included):
 *   yield = n_mot * nuclei_per_pb * sigma_pb * vertex_factor * g^2 * efficiency * Br(invisible)
 * [arXiv:2401.01708, eq. 1; docs/physics.md 1]. Trigger i of the job is trigger i of the result: zps_signal_check(). */
#ifndef ZPS_IO_SIGNAL_H
#define ZPS_IO_SIGNAL_H

#include "host/io/result.h"

/** Signal efficiency of one trigger at one mass. */
typedef struct zps_efficiency {
  double value;          /* zps_signal_factor() * accepted/generated; 0 when nothing was generated */
  double lo, hi;         /* 68.27 %, equal tails, Clopper-Pearson at n_eff */
  double n_eff;          /* zps_effective_number() of the counts */
  double relative_error; /* zps_relative_error() of the counts */
} zps_efficiency;

/** Triggers of job and result must be the same, in the same order: else ZPS_MISMATCH. To be called once before the
 *  functions below that take both. */
zps_status zps_signal_check(const zps_job *job, const zps_result *result, zps_error *error);

/** Share kept of what a trigger accepts: live_factor * tracking_factor. */
double zps_signal_trigger_factor(const zps_job_trigger *trigger);

/** What accepted/generated is multiplied by: the above times x_fraction. */
double zps_signal_factor(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass);

zps_efficiency zps_signal_efficiency(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass);

/** Mean of sigma over the energies that the muons have at the vertex, over sigma at the nominal beam momentum (both of
 *  x > x_min): generated/(events * mean_k), as k has the mean mean_k * sigma(E)/sigma(nominal). 1 without events. */
double zps_signal_vertex_factor(const zps_result *result, size_t i_mass);

/** Z' with x of any size produced per muon on target at coupling 1. */
double zps_signal_produced(const zps_result *result, size_t i_mass);

/** Events of one trigger at coupling 1, were every decay invisible. */
double zps_signal_unit_yield(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass);

/** What a coupling > 0 makes of a unit yield: g^2 Br(invisible). */
double zps_signal_strength(const zps_job *job, const zps_result *result, size_t i_mass, double coupling);

/** Expected signal events of one trigger at any coupling: the product of the two above. */
double zps_signal_yield(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass, double coupling);

/** Unit yields of all triggers together. */
double zps_signal_unit_total(const zps_job *job, const zps_result *result, size_t i_mass);

/** Expected signal events of all triggers together. */
double zps_signal_total(const zps_job *job, const zps_result *result, size_t i_mass, double coupling);

/** Relative error of the yield of a trigger from the number of events simulated. The yield goes as accepted/events, a
 *  sum of k over a given number of events: zps_sum_error(). Infinite where nothing is accepted. */
double zps_signal_error(const zps_result *result, size_t i_trigger, size_t i_mass);

#endif
