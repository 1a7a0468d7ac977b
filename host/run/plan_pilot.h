/* Events are drawn where they are accepted: a pilot of every mass finds out where (`process.pilot`).
 *
 * Most of a light Z' is emitted at x whose recoil muon no trigger sees. The proposal of kernels/emission.h has 32
 * columns of a, equal in logit x, with the shares f of sigma. With the efficiencies p_t of column i for trigger t and
 * eps_t = sum f p_t, the relative variance of accepted/generated (host/stats/interval.h) of N events drawn from columns
 * with the probabilities q is
 *   1/N sum_i f_i^2/q_i s_ti^2,  s_ti^2 = [p_ti (1 - eps_t)^2 + (1 - p_ti) eps_t^2]/eps_t^2
 * and that of all triggers together, the sum over t, is least for q_i ~ f_i sqrt(sum_t s_ti^2)
 * [Kahn and Marshall, J. Oper. Res. Soc. Am. 1 (1953) 263]. A pilot of n events in each column gives p_t as
 * (accepted + 1)/(n + 2), the mean of what n events leave possible, which nothing accepted leaves above 0. A trigger
 * that accepts nothing in any column is left out of the sum: it says nothing of where, and would make all q ~ f.
 *
 * k of a column is multiplied by W_i ~ f_i/q_i, the smallest W_i being ZPS_PILOT_LEAST_K; any W leaves the estimate
 * unbiased. The pilot's events are the last of the mass's stream (kernels/rng.h), none of the run's, so that its
 * chances have nothing to do with theirs; it is run by the CPU engine, whose counts are the same on every machine.
 *
 * W_max/W_min is at most sqrt(n + 2) for the n that have k = 1, as no s_ti^2 is below 1/(n + 2) of the largest. So for
 * n = ZPS_MAX_PILOT_EVENTS an event has 4 * 64 times the k it has without a pilot (which goes to 45: docs/physics.md
 * 2c), far below the guard of 1e6, and as k^2 is drawn with q ~ f/W the mean of k^2 is at most 16 * 4098 times that
 * without: a sum of k^2 stays below 2^62 for all 2^44 events a mass can have. */
#ifndef ZPS_PLAN_PILOT_H
#define ZPS_PLAN_PILOT_H

#include <stddef.h>

#include "host/error.h"
#include "host/job/job.h"
#include "kernels/muon.h"

/** Mean k of the column that is favoured most: 4 instead of 1 takes from k most of the variance that rounding to whole
 *  numbers adds, which is worth 7 % of the events (docs/adr/0010-pilot.md). */
#define ZPS_PILOT_LEAST_K 4.0

/** The first event of a mass that a pilot uses: a run's events come before it. */
#define ZPS_PILOT_FIRST_EVENT (ZPS_MAX_EVENTS - ((uint64_t)ZPS_N_A * ZPS_MAX_PILOT_EVENTS))

/** Runs the pilot of each mass, n_events in every column, and makes its table favour the columns as it finds. setup is
 *  complete but for the emission tables [n_mass], which are those of zps_emission_build(); column_weight
 * [n_mass][ZPS_N_A] receives W. n_threads >= 1. ZPS_INTERRUPTED when a signal asked to stop (host/run/stop_signal.h).
 */
zps_status zps_plan_pilot(const zps_setup *setup, uint64_t n_events, int n_threads, size_t n_mass,
                          zps_emission *emission, double *column_weight, zps_error *error);

/** W of every column from its shares and from what the pilot counted there: rows[ZPS_N_A][zps_tally_size(n_trigger)],
 *  each of n_events events. Where no trigger accepted anything all are ZPS_PILOT_LEAST_K. */
void zps_pilot_weights(const double share[ZPS_N_A], const uint64_t *rows, uint32_t n_trigger, uint64_t n_events,
                       double weight[ZPS_N_A]);

#endif
