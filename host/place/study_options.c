#include "host/place/study_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/placement_lattice.h"
#include "host/place/trigger_rate.h"

zps_surface_facts zps_study_facts_of_job(const zps_job *job, size_t n_mass) {
  const zps_job_trigger *const trigger = &job->triggers[0];
  zps_surface_facts facts;
  memset(&facts, 0, sizeof facts);
  facts.n_mass = n_mass;
  facts.placement = zps_placement_of_job(job);
  facts.width_first_mm = trigger->counters[0].width_mm;
  facts.width_last_mm = trigger->counters[trigger->n_counters - 1].width_mm;
  for (int64_t i = 0; i < facts.placement.n_y; i++) {
    facts.y_offset_mm[i] = zps_placement_height_first(job, (size_t)i);
  }
  return facts;
}

/** Height of the last counter of a surface. */
static double height_last(const zps_surface_facts *facts, size_t i) {
  return 0.5 * (facts->placement.y_last_lo[i] + facts->placement.y_last_hi[i]);
}

static zps_status find_height(const zps_study_options *o, const char *name, const zps_surface_facts *facts, size_t *i_y,
                              zps_error *error) {
  const double tolerance = 1e-9;
  for (size_t i = 0; i < (size_t)facts->placement.n_y; i++) {
    if (fabs(facts->y_offset_mm[i] - o->y_mm) <= tolerance && fabs(height_last(facts, i) - o->y_last_mm) <= tolerance) {
      *i_y = i;
      return ZPS_OK;
    }
  }
  return zps_error_set(
      error, ZPS_USAGE, "y = %.10g,%.10g mm: %s has surfaces for %lld pairs of heights, the first %.10g,%.10g mm",
      o->y_mm, o->y_last_mm, name, (long long)facts->placement.n_y, facts->y_offset_mm[0], height_last(facts, 0));
}

/** Steps between the outermost edges of the counter that can be moved farther. */
static int64_t longest_way(const zps_position_grid *grid) {
  const int64_t first = zps_edge_axis_count(&grid->first) - 1;
  const int64_t last = zps_edge_axis_count(&grid->last) - 1;
  return first > last ? first : last;
}

static zps_status check_shifts(const zps_study_options *o, const zps_position_grid *grid, zps_error *error) {
  const double step = zps_edge_axis_step_mm(&grid->first);
  for (size_t i = 0; i < o->n_shifts; i++) {
    const double d = o->shift_mm[i];
    if (zps_edge_axis_steps(&grid->first, d) == 0) {
      return zps_error_set(error, ZPS_USAGE, "shift of %.10g mm: expected a multiple of the lattice's step, %.10g mm",
                           d, step);
    }
    if (zps_edge_axis_steps(&grid->first, d) > longest_way(grid)) {
      return zps_error_set(error, ZPS_USAGE,
                           "shift of %.10g mm: expected at most %.10g mm, the way between the outermost edges", d,
                           (double)longest_way(grid) * step);
    }
  }
  return ZPS_OK;
}

static void round_shifts(zps_study_options *o, const zps_position_grid *grid, bool *is_changed) {
  const zps_lattice *const lattice = &grid->first.lattice;
  size_t n = 0;
  *is_changed = false;
  for (size_t i = 0; i < o->n_shifts; i++) {
    const double given = o->shift_mm[i];
    const double steps = fmax(1.0, round((given * lattice->divisor) / lattice->multiplier));
    const double rounded = (steps * lattice->multiplier) / lattice->divisor;
    const bool is_new = n == 0 || rounded > o->shift_mm[n - 1];
    *is_changed = *is_changed || !is_new || fabs(rounded - given) > 1e-9;
    if (is_new && (int64_t)steps <= longest_way(grid)) {
      o->shift_mm[n++] = rounded;
    }
  }
  o->n_shifts = n;
}

zps_status zps_study_options_resolve(zps_study_options *options, const char *name, const zps_surface_facts *facts,
                                     zps_study_lattice *lattice, zps_error *error) {
  zps_position_grid *const grid = &lattice->grid;
  zps_status status = ZPS_OK;
  memset(lattice, 0, sizeof *lattice);
  ZPS_TRY(find_height(options, name, facts, &lattice->i_y, error));
  ZPS_TRY(zps_edge_axis_init(&grid->first, &facts->placement.first, facts->width_first_mm, "x4", error));
  ZPS_TRY(zps_edge_axis_init(&grid->last, &facts->placement.last, facts->width_last_mm, "xm", error));
  if (options->has_shifts) {
    ZPS_TRY(check_shifts(options, grid, error));
  } else {
    round_shifts(options, grid, &lattice->has_rounded_shifts);
  }
  if (options->has_at) {
    ZPS_TRY(zps_edge_axis_find(&grid->first, "x4", options->at_first_mm, &lattice->at.i_first, error));
    ZPS_TRY(zps_edge_axis_find(&grid->last, "xm", options->at_last_mm, &lattice->at.i_last, error));
  }
done:
  return status;
}

static zps_status check_masses(const zps_study_options *o, const zps_job *job, zps_error *error) {
  const size_t n = job->mass_gev.n;
  zps_reach_mass *const masses = (zps_reach_mass *)calloc(n + 1, sizeof *masses);
  if (masses == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu masses", n);
  }
  for (size_t i = 0; i < n; i++) {
    masses[i].mass_gev = job->mass_gev.values[i];
  }
  const zps_status status = zps_reach_weigh(masses, n, o->lo_gev, o->hi_gev, o->weights, error);
  free(masses);
  return status;
}

static zps_status check_ceiling(const zps_study_options *o, const zps_job *job, zps_error *error) {
  const zps_trigger_rate beam = {NULL, job->placement.beam_events, 1.0};
  uint64_t count = 0;
  if (!o->has_rate_max) {
    return ZPS_OK;
  }
  if (beam.generated == 0) {
    return zps_error_set(error, ZPS_USAGE, "--rate-max: needs beam events, got 0");
  }
  return zps_rate_highest_count(&beam, o->rate_max, &count, error);
}

zps_status zps_study_options_check_job(const zps_study_options *options, const zps_job *job, zps_error *error) {
  const zps_surface_facts facts = zps_study_facts_of_job(job, job->mass_gev.n);
  zps_study_options copy = *options;
  zps_study_lattice lattice;
  double n_mot = 0.0;
  zps_status status = ZPS_OK;
  if (job->process.kind != ZPS_PROCESS_Z_PRIME) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: a beam without emission has no efficiency: expected process.kind = z_prime", job->file);
  }
  for (size_t t = 0; t < job->n_triggers; t++) {
    n_mot += job->triggers[t].n_mot;
  }
  if (!(n_mot > 0.0)) {
    return zps_error_set(error, ZPS_INVALID, "%s: n_mot of all triggers is 0: expected muons on target", job->file);
  }
  ZPS_TRY(check_masses(options, job, error));
  ZPS_TRY(zps_study_options_resolve(&copy, job->file, &facts, &lattice, error));
  ZPS_TRY(check_ceiling(options, job, error));
done:
  return status;
}
