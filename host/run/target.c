#include "host/run/target.h"

#include <string.h>

#include "host/stats/interval.h"

zps_status zps_target_init(const zps_job *job, double error_wanted, const char *trigger, zps_target *target,
                           zps_error *error) {
  *target = (zps_target){.error = error_wanted, .one_trigger = trigger != NULL, .piloted = job->pilot.given};
  for (size_t i = 0; trigger != NULL && i < job->n_triggers; i++) {
    if (strcmp(trigger, job->triggers[i].name) == 0) {
      target->i_trigger = (uint32_t)i;
      return ZPS_OK;
    }
  }
  return trigger == NULL ? ZPS_OK
                         : zps_error_set(error, ZPS_USAGE, "--target-trigger %.60s: no trigger of %s; its first is %s",
                                         trigger, job->file, job->triggers[0].name);
}

static double error_of(const zps_target *target, const uint64_t *row, uint32_t i_trigger) {
  const zps_counts counts = zps_counts_of(row, i_trigger, target->piloted);
  return zps_relative_error(&counts);
}

double zps_target_reached(const zps_target *target, const uint64_t *row, uint32_t n_trigger) {
  double largest = 0.0;
  for (uint32_t i = 0; i < n_trigger; i++) {
    const double here = target->one_trigger && i != target->i_trigger ? 0.0 : error_of(target, row, i);
    largest = here > largest ? here : largest;
  }
  return largest;
}

/* The smallest checkpoint with room for n events. */
static uint64_t checkpoint_of(uint64_t n, uint64_t n_most) {
  uint64_t events = ZPS_TARGET_FIRST_EVENTS;
  while (events < n) {
    events *= 2;
  }
  return events < n_most ? events : n_most;
}

uint64_t zps_target_events(const zps_target *target, const uint64_t *row, uint32_t n_trigger, const zps_range_set *done,
                           uint64_t n_most) {
  if (target->error <= 0.0) {
    return n_most;
  }
  const uint64_t here = checkpoint_of(zps_range_set_end(done), n_most);
  if (zps_range_set_total(done) < here || zps_target_reached(target, row, n_trigger) <= target->error) {
    return here;
  }
  return checkpoint_of(here + 1, n_most);
}
