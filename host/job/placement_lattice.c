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
  to.n_y = (int64_t)from->y_offset_mm.n;
  for (size_t i = 0; i < from->y_offset_mm.n; i++) {
    const double y = from->y_offset_mm.values[i];
    to.y_first_lo[i] = y - (0.5 * trigger->counters[0].height_mm);
    to.y_first_hi[i] = y + (0.5 * trigger->counters[0].height_mm);
    to.y_last_lo[i] = y - (0.5 * trigger->counters[n - 1].height_mm);
    to.y_last_hi[i] = y + (0.5 * trigger->counters[n - 1].height_mm);
  }
  for (size_t c = 1; c + 1 < n; c++) {
    to.others |= (uint64_t)1 << c;
  }
  return to;
}
