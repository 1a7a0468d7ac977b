#include "host/stats/limit.h"

#include <math.h>

#include "host/io/signal.h"
#include "host/stats/widths.h"
#include "kernels/math.h"

double zps_limit_systematics(const zps_job *job) {
  const zps_job_systematics *const s = &job->limit.systematics;
  const double ww = job->process.model == ZPS_MODEL_ETL ? 0.0 : s->ww;
  return sqrt(zps_square(s->mot) + zps_square(s->running_alpha) + zps_square(s->soft_photons) +
              zps_square(s->pb_purity) + zps_square(s->detector) + zps_square(s->alignment) + zps_square(ww) +
              zps_square(s->other));
}

bool zps_limit_counting(const zps_job *job, const zps_result *result, size_t i_mass, zps_counting *counting) {
  double sum = 0.0;
  *counting = (zps_counting){.n_channel = result->n_trigger,
                             .signal_error = zps_limit_systematics(job),
                             .backgrounds_together = job->limit.backgrounds_together};
  for (size_t t = 0; t < result->n_trigger; t++) {
    const zps_job_trigger *const trigger = &job->triggers[t];
    zps_channel *const channel = &counting->channels[t];
    const bool has_background = trigger->background > 0.0;
    channel->observed = trigger->observed;
    channel->background = trigger->background;
    channel->background_error = has_background ? trigger->background_error / trigger->background : 0.0;
    channel->share = zps_signal_unit_yield(job, result, t, i_mass);
    channel->signal_error =
        channel->share > 0.0 ? fmin(zps_signal_error(result, t, i_mass), ZPS_MAX_RELATIVE_ERROR) : 0.0;
    sum += channel->share;
  }
  if (!(sum > 0.0)) {
    return false;
  }
  for (size_t t = 0; t < result->n_trigger; t++) {
    counting->channels[t].share /= sum;
  }
  return true;
}

static zps_status check_trigger(const zps_job_trigger *trigger, zps_error *error) {
  const double relative = trigger->background > 0.0 ? trigger->background_error / trigger->background : 0.0;
  if (!(trigger->background > 0.0) && trigger->background_error > 0.0) {
    return zps_error_set(error, ZPS_INVALID, "triggers.%s.background_error = %.10g: must be 0 with a background of 0",
                         trigger->name, trigger->background_error);
  }
  if (!(relative <= ZPS_MAX_RELATIVE_ERROR)) {
    return zps_error_set(error, ZPS_INVALID, "triggers.%s.background_error = %.10g: must be <= %g times the background",
                         trigger->name, trigger->background_error, ZPS_MAX_RELATIVE_ERROR);
  }
  if (!(trigger->background <= ZPS_MAX_COUNT && trigger->observed <= ZPS_MAX_COUNT)) {
    return zps_error_set(error, ZPS_INVALID, "triggers.%s: observed = %.10g and background = %.10g: must be <= %g",
                         trigger->name, trigger->observed, trigger->background, ZPS_MAX_COUNT);
  }
  return ZPS_OK;
}

zps_status zps_limit_check(const zps_job *job, const zps_result *result, zps_error *error) {
  zps_status status = ZPS_OK;
  if (job->process.kind != ZPS_PROCESS_Z_PRIME) {
    return zps_error_set(error, ZPS_INVALID, "process.kind = none: expected z_prime, plain muons limit nothing");
  }
  if (job->process.mediator != ZPS_MEDIATOR_VECTOR) {
    return zps_error_set(error, ZPS_INVALID,
                         "process.mediator: expected vector, limits with their g-2 band and thermal targets are for it "
                         "alone; efficiencies, cross-sections and yields of the result hold");
  }
  ZPS_TRY(zps_signal_check(job, result, error));
  for (size_t t = 0; t < job->n_triggers; t++) {
    ZPS_TRY(check_trigger(&job->triggers[t], error));
  }
done:
  return status;
}

/** Couplings of more than n_up events. */
static zps_islands excluded(const zps_process_widths *widths, double unit, double n_up) {
  const double edge = zps_coupling_of_events(widths, unit, n_up);
  if (!(edge <= ZPS_LIMIT_G_MAX)) {
    return (zps_islands){0};
  }
  return (zps_islands){.n = 1, .island = {{edge, ZPS_LIMIT_G_MAX}}, .open_above = true};
}

zps_status zps_limit_find(const zps_job *job, const zps_result *result, size_t i_mass, zps_limit_method method,
                          zps_limit_point *point, zps_error *error) {
  zps_counting counting;
  zps_status status = ZPS_OK;
  const double unit = zps_signal_unit_total(job, result, i_mass);
  const zps_process_widths widths = zps_process_widths_at(&job->process, result->mass_gev[i_mass], 1.0);
  *point = (zps_limit_point){.mass_gev = result->mass_gev[i_mass]};
  point->has_limit = zps_limit_counting(job, result, i_mass, &counting);
  if (!point->has_limit) {
    return ZPS_OK;
  }
  ZPS_TRY(zps_upper_limit_find(&counting, method, job->limit.cl, &point->events, error));
  point->observed = excluded(&widths, unit, point->events.n_up);
  for (int k = 0; k < ZPS_N_EXPECTED; k++) {
    point->expected[k] = excluded(&widths, unit, point->events.expected[k]);
  }
done:
  return status;
}

double zps_limit_edge(const zps_islands *islands) {
  return islands->n > 0 ? islands->island[0].lo : (double)NAN;
}

double zps_limit_end(const zps_islands *islands, size_t i) {
  const bool is_open = i + 1 >= islands->n && islands->open_above;
  return i < islands->n && !is_open ? islands->island[i].hi : (double)NAN;
}
