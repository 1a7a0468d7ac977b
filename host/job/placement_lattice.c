#include "host/job/placement_lattice.h"

#include <math.h>
#include <string.h>

#define MAX_DIVISOR 1000.0
#define MAX_STEP_MM 1000.0
#define TOLERANCE 1e-6 /* of a step */

bool zps_placement_step(double step_mm, zps_lattice *lattice) {
  const double inverse = 1.0 / step_mm;
  const bool is_whole = fabs(step_mm - round(step_mm)) <= TOLERANCE && step_mm > 0.5 && step_mm <= MAX_STEP_MM;
  const bool is_fraction = fabs(inverse - round(inverse)) <= TOLERANCE && inverse > 0.5 && inverse < MAX_DIVISOR + 0.5;
  lattice->multiplier = is_whole ? round(step_mm) : 1.0;
  lattice->divisor = is_whole ? 1.0 : round(inverse);
  return is_whole || is_fraction;
}

/** The multiple of the step at x. */
static bool multiple(const zps_lattice *lattice, double x_mm, int64_t *i) {
  const double steps = (x_mm * lattice->divisor) / lattice->multiplier;
  if (!(fabs(steps) < 1e12) || fabs(steps - round(steps)) > TOLERANCE) {
    return false;
  }
  *i = (int64_t)round(steps);
  return true;
}

bool zps_placement_lattice(double from_mm, double to_mm, zps_lattice *lattice) {
  int64_t last = 0;
  if (!multiple(lattice, from_mm, &lattice->first) || !multiple(lattice, to_mm, &last)) {
    return false;
  }
  lattice->n = last - lattice->first;
  return lattice->n >= 1 && lattice->n <= ZPS_PLACEMENT_MAX_STEPS;
}

bool zps_placement_steps(const zps_lattice *lattice, double length_mm, int64_t *steps) {
  return multiple(lattice, length_mm, steps) && *steps > 0;
}

/** Heights of the last counter for each of the first. */
static size_t n_last_heights(const zps_job *job) {
  return job->placement.y_last_offset_mm.n > 0 ? job->placement.y_last_offset_mm.n : 1;
}

size_t zps_placement_n_heights(const zps_job *job) {
  return job->placement.y_offset_mm.n * n_last_heights(job);
}

double zps_placement_height_first(const zps_job *job, size_t i) {
  return job->placement.y_offset_mm.values[i / n_last_heights(job)];
}

double zps_placement_height_last(const zps_job *job, size_t i) {
  const zps_job_list *const last = &job->placement.y_last_offset_mm;
  return last->n > 0 ? last->values[i % last->n] : zps_placement_height_first(job, i);
}

/** The y range of a counter at height y. */
static void set_range(double y, double height_mm, double *lo, double *hi) {
  *lo = y - (0.5 * height_mm);
  *hi = y + (0.5 * height_mm);
}

zps_placement zps_placement_of_job(const zps_job *job) {
  const zps_job_placement *const from = &job->placement;
  const zps_job_trigger *const trigger = &job->triggers[0];
  const size_t n = trigger->n_counters;
  zps_placement to;
  memset(&to, 0, sizeof to);
  if (!from->given || !zps_placement_step(from->step_mm, &to.first) || !zps_placement_step(from->step_mm, &to.last) ||
      !zps_placement_lattice(from->first_mm[0], from->first_mm[1], &to.first) ||
      !zps_placement_lattice(from->last_mm[0], from->last_mm[1], &to.last)) {
    memset(&to, 0, sizeof to);
    return to;
  }
  to.n_y = (int64_t)zps_placement_n_heights(job);
  for (size_t i = 0; i < (size_t)to.n_y; i++) {
    set_range(zps_placement_height_first(job, i), trigger->counters[0].height_mm, &to.y_first_lo[i], &to.y_first_hi[i]);
    set_range(zps_placement_height_last(job, i), trigger->counters[n - 1].height_mm, &to.y_last_lo[i],
              &to.y_last_hi[i]);
  }
  for (size_t c = 1; c + 1 < n; c++) {
    to.others |= (uint64_t)1 << c;
  }
  return to;
}
