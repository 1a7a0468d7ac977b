#include "host/io/signal.h"

#include <math.h>
#include <string.h>

#include "host/stats/widths.h"

zps_status zps_signal_check(const zps_job *job, const zps_result *result, zps_error *error) {
  if (job->n_triggers != result->n_trigger) {
    return zps_error_set(error, ZPS_MISMATCH, "%zu triggers in the result, %zu in its job", result->n_trigger,
                         job->n_triggers);
  }
  for (size_t t = 0; t < job->n_triggers; t++) {
    if (strcmp(job->triggers[t].name, result->triggers[t].name) != 0) {
      return zps_error_set(error, ZPS_MISMATCH, "trigger %s in the result, %s in its job", result->triggers[t].name,
                           job->triggers[t].name);
    }
  }
  return ZPS_OK;
}

static uint64_t tally(const zps_result *result, size_t i_trigger, size_t i_mass, enum zps_stage stage,
                      uint32_t second) {
  return zps_result_row(result, i_mass)[zps_tally_stage((uint32_t)i_trigger, stage, second)];
}

static uint64_t events_of(const zps_result *result, size_t i_mass) {
  return zps_result_row(result, i_mass)[zps_tally_events((uint32_t)result->n_trigger)];
}

double zps_signal_trigger_factor(const zps_job_trigger *trigger) {
  return trigger->live_factor * trigger->tracking_factor;
}

double zps_signal_factor(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass) {
  return zps_signal_trigger_factor(&job->triggers[i_trigger]) * result->x_fraction[i_mass];
}

/** The efficiency without its interval, whose quantiles cost a thousand times more. */
static double efficiency_value(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass) {
  const uint64_t generated = tally(result, i_trigger, i_mass, ZPS_STAGE_GENERATED, 0);
  const uint64_t accepted = tally(result, i_trigger, i_mass, ZPS_STAGE_ACCEPTED, 0);
  const double share = generated > 0 ? (double)accepted / (double)generated : 0.0;
  return zps_signal_factor(job, result, i_trigger, i_mass) * share;
}

zps_efficiency zps_signal_efficiency(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass) {
  const zps_counts counts = zps_result_counts(result, i_trigger, i_mass);
  const double factor = zps_signal_factor(job, result, i_trigger, i_mass);
  const zps_interval share = zps_interval_weighted(&counts, ZPS_LEVEL_ONE_SIGMA);
  return (zps_efficiency){.value = efficiency_value(job, result, i_trigger, i_mass),
                          .lo = factor * share.lo,
                          .hi = factor * share.hi,
                          .n_eff = zps_effective_number(&counts),
                          .relative_error = zps_relative_error(&counts)};
}

double zps_signal_vertex_factor(const zps_result *result, size_t i_mass) {
  const uint64_t generated = tally(result, 0, i_mass, ZPS_STAGE_GENERATED, 0);
  const uint64_t events = events_of(result, i_mass);
  return events > 0 ? (double)generated / ((double)events * result->mean_k[i_mass]) : 1.0;
}

double zps_signal_produced(const zps_result *result, size_t i_mass) {
  return result->nuclei_per_pb * result->sigma_pb[i_mass] * zps_signal_vertex_factor(result, i_mass);
}

double zps_signal_unit_yield(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass) {
  return job->triggers[i_trigger].n_mot * zps_signal_produced(result, i_mass) *
         efficiency_value(job, result, i_trigger, i_mass);
}

double zps_signal_strength(const zps_job *job, const zps_result *result, size_t i_mass, double coupling) {
  return coupling * coupling * zps_process_branching(&job->process, result->mass_gev[i_mass], coupling);
}

double zps_signal_yield(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass,
                        double coupling) {
  return zps_signal_unit_yield(job, result, i_trigger, i_mass) * zps_signal_strength(job, result, i_mass, coupling);
}

double zps_signal_unit_total(const zps_job *job, const zps_result *result, size_t i_mass) {
  double sum = 0.0;
  for (size_t t = 0; t < result->n_trigger; t++) {
    sum += zps_signal_unit_yield(job, result, t, i_mass);
  }
  return sum;
}

double zps_signal_total(const zps_job *job, const zps_result *result, size_t i_mass, double coupling) {
  return zps_signal_unit_total(job, result, i_mass) * zps_signal_strength(job, result, i_mass, coupling);
}

double zps_signal_error(const zps_result *result, size_t i_trigger, size_t i_mass) {
  return zps_sum_error(tally(result, i_trigger, i_mass, ZPS_STAGE_ACCEPTED, 0),
                       tally(result, i_trigger, i_mass, ZPS_STAGE_ACCEPTED, 1), events_of(result, i_mass));
}
