#include "host/place/placement_study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/signal.h"
#include "host/place/derived_job.h"

#define MAX_SEARCHES 6

/** Everything a study needs while it is made. */
typedef struct making {
  zps_placement_study *study;
  zps_result result, beam;
  zps_job *job;
  zps_surface_file *surfaces;
  zps_study_lattice lattice;
  size_t i_y;
  uint64_t *cells;
  zps_summed_area area; /* of the mass in hand */
} making;

typedef zps_status (*visit_mass)(making *m, void *context, size_t i_mass, zps_error *error);

static uint64_t tally(const zps_result *result, size_t i_mass, size_t i_trigger, enum zps_stage stage,
                      uint32_t second) {
  return zps_result_row(result, i_mass)[zps_tally_stage((uint32_t)i_trigger, stage, second)];
}

/** sum k^2/sum k of the first trigger at a stage, of all events generated where nothing got that far. */
static double weight_ratio(const zps_result *result, size_t i_mass, enum zps_stage stage) {
  const uint64_t k = tally(result, i_mass, 0, stage, 0);
  const enum zps_stage from = k > 0 ? stage : ZPS_STAGE_GENERATED;
  const double sum = (double)tally(result, i_mass, 0, from, 0);
  return sum > 0.0 ? (double)tally(result, i_mass, 0, from, 1) / sum : 1.0;
}

static zps_status read_job(const zps_result *result, const char *path, zps_job **job, zps_error *error) {
  *job = (zps_job *)calloc(1, sizeof **job);
  if (*job == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
  }
  const zps_status status = zps_job_read_text(path, result->job_text, strlen(result->job_text), NULL, 0, *job, error);
  if (status != ZPS_OK) {
    free(*job);
    *job = NULL;
  }
  return status;
}

static zps_status allocate_cells(making *m, zps_error *error) {
  const zps_placement *const placement = &m->study->facts.placement;
  m->cells = (uint64_t *)calloc((size_t)zps_placement_cells(placement), sizeof *m->cells);
  if (m->cells == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a placement surface");
  }
  return zps_summed_area_allocate(&m->area, &placement->first, &placement->last, error);
}

static zps_status open_result(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  const char *const path = s->options.path;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_read(path, &m->result, error));
  ZPS_TRY(zps_surface_file_open(path, &m->surfaces, &s->facts, error));
  ZPS_TRY(read_job(&m->result, path, &m->job, error));
  if (s->facts.n_mass != m->result.n_mass || m->job->n_triggers != m->result.n_trigger) {
    status = zps_error_set(error, ZPS_INVALID, "%s: surfaces of %zu masses beside counts of %zu", path, s->facts.n_mass,
                           m->result.n_mass);
    goto done;
  }
  if (m->job->process.kind != ZPS_PROCESS_Z_PRIME) {
    status = zps_error_set(error, ZPS_INVALID,
                           "%s: a beam without emission has no efficiency: expected a run with "
                           "process.kind = z_prime",
                           path);
    goto done;
  }
  const zps_surface_facts expected = zps_study_facts_of_job(m->job, m->result.n_mass);
  ZPS_TRY(zps_study_options_resolve(&s->options, path, &s->facts, &m->lattice, error));
  ZPS_TRY(zps_surface_file_verify(m->surfaces, &s->facts, &expected, error));
  s->grid = m->lattice.grid;
  s->has_rounded_shifts = m->lattice.has_rounded_shifts;
  m->i_y = m->lattice.i_y;
  ZPS_TRY(allocate_cells(m, error));
done:
  return status;
}

static zps_status fill_mass(making *m, size_t i, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_result *const r = &m->result;
  zps_reach_mass *const mass = &s->masses[i];
  mass->mass_gev = r->mass_gev[i];
  mass->generated = tally(r, i, 0, ZPS_STAGE_GENERATED, 0);
  mass->generated_k2 = tally(r, i, 0, ZPS_STAGE_GENERATED, 1);
  mass->accepted_ratio = weight_ratio(r, i, ZPS_STAGE_ACCEPTED);
  mass->factor = zps_signal_factor(m->job, r, 0, i);
  mass->signal_events = s->n_mot * zps_signal_produced(r, i) * mass->factor;
  mass->widths = zps_process_widths_at(&m->job->process, mass->mass_gev, 1.0);
  if (mass->generated == 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no events at %.10g GeV", s->options.path, mass->mass_gev);
  }
  return ZPS_OK;
}

static zps_status fill_masses(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_study_options *const o = &s->options;
  zps_status status = ZPS_OK;
  for (size_t t = 0; t < m->job->n_triggers; t++) {
    s->n_mot += m->job->triggers[t].n_mot;
  }
  if (!(s->n_mot > 0.0)) {
    return zps_error_set(error, ZPS_INVALID, "%s: n_mot of all triggers is 0: expected muons on target", o->path);
  }
  s->n_mass = m->result.n_mass;
  s->masses = (zps_reach_mass *)calloc(s->n_mass, sizeof *s->masses);
  if (s->masses == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu masses", s->n_mass);
  }
  for (size_t i = 0; i < s->n_mass; i++) {
    ZPS_TRY(fill_mass(m, i, error));
  }
  ZPS_TRY(zps_reach_weigh(s->masses, s->n_mass, o->lo_gev, o->hi_gev, o->weights, error));
done:
  return status;
}

static bool same_counter(const zps_job_counter *a, const zps_job_counter *b, bool with_edge) {
  return strcmp(a->plane, b->plane) == 0 && a->width_mm == b->width_mm && a->height_mm == b->height_mm &&
         (!with_edge || a->edge_x_mm == b->edge_x_mm);
}

/** Whether trigger t is the first trigger with its outer counters moved in x, at the height of the surface. */
static bool is_moved_first(const making *m, size_t t) {
  const zps_job_trigger *const a = &m->job->triggers[0];
  const zps_job_trigger *const b = &m->job->triggers[t];
  bool same = a->n_counters == b->n_counters && m->study->options.y_mm == 0.0 && m->study->options.y_last_mm == 0.0;
  for (size_t i = 0; same && i < a->n_counters; i++) {
    same = same_counter(&a->counters[i], &b->counters[i], i > 0 && i + 1 < a->n_counters);
  }
  return same;
}

/** Position of trigger t on the surface; false when the surface does not tell of it. */
static bool find_trigger(const making *m, size_t t, zps_position *position) {
  const zps_job_trigger *const trigger = &m->job->triggers[t];
  const zps_position_grid *const grid = &m->study->grid;
  position->i_first = zps_edge_axis_index(&grid->first, trigger->counters[0].edge_x_mm);
  position->i_last = zps_edge_axis_index(&grid->last, trigger->counters[trigger->n_counters - 1].edge_x_mm);
  return is_moved_first(m, t) && zps_edge_axis_has(&grid->first, position->i_first) &&
         zps_edge_axis_has(&grid->last, position->i_last);
}

/** A trigger on the surface is counted twice: `own` by the run, and by the surface. */
static zps_status check_trigger(const making *m, size_t t, const zps_summed_area *area, uint64_t own, const char *path,
                                const char *what, zps_error *error) {
  zps_position position;
  if (!find_trigger(m, t, &position)) {
    return ZPS_OK;
  }
  const uint64_t count = zps_summed_area_at(area, &m->study->grid, position);
  return count == own
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "%s: trigger %s: the surface counts %llu %s, the trigger itself %llu",
                             path, m->job->triggers[t].name, (unsigned long long)count, what, (unsigned long long)own);
}

/** Sums a surface up; no position can have more than was generated. */
static zps_status build_area(const making *m, uint64_t generated, const char *path, zps_summed_area *area,
                             zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_summed_area_build(area, m->cells, error));
  if (zps_summed_area_total(area) > generated) {
    status = zps_error_set(error, ZPS_INVALID, "%s: a surface holds more counts than were generated", path);
  }
done:
  return status;
}

static zps_status read_beam(making *m, zps_surface_file *file, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_study_options *const o = &s->options;
  const zps_placement *const placement = &s->facts.placement;
  zps_status status = ZPS_OK;
  s->beam_generated = tally(&m->beam, 0, 0, ZPS_STAGE_GENERATED, 0);
  if (s->beam_generated == 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no events", s->options.beam_path);
  }
  ZPS_TRY(zps_surface_file_read(file, 0, m->i_y, ZPS_SURFACE_COINCIDENCE, m->cells, error));
  ZPS_TRY(zps_summed_area_allocate(&s->beam_area, &placement->first, &placement->last, error));
  ZPS_TRY(build_area(m, s->beam_generated, s->options.beam_path, &s->beam_area, error));
  s->rate = (zps_trigger_rate){&s->beam_area, s->beam_generated, weight_ratio(&m->beam, 0, ZPS_STAGE_IN_COINCIDENCE)};
  s->has_beam = true;
  for (size_t t = 0; t < m->job->n_triggers; t++) {
    ZPS_TRY(check_trigger(m, t, &s->beam_area, tally(&m->beam, 0, t, ZPS_STAGE_IN_COINCIDENCE, 0), o->beam_path,
                          "in coincidence", error));
  }
done:
  return status;
}

static zps_status open_beam(making *m, zps_error *error) {
  const zps_study_options *const o = &m->study->options;
  zps_surface_file *file = NULL;
  zps_surface_facts facts;
  zps_job *job = NULL;
  zps_status status = ZPS_OK;
  if (o->beam_path == NULL) {
    return o->has_rate_max
               ? zps_error_set(error, ZPS_USAGE, "--rate-max: needs the beam: no run of it beside %s", o->path)
               : ZPS_OK;
  }
  ZPS_TRY(zps_result_read(o->beam_path, &m->beam, error));
  ZPS_TRY(read_job(&m->beam, o->beam_path, &job, error));
  ZPS_TRY(zps_derived_job_check_beam(m->job, job, o->path, o->beam_path, error));
  if (m->beam.n_mass != 1) {
    status =
        zps_error_set(error, ZPS_MISMATCH, "%s: holds %zu masses: expected one, a beam without emission has no more",
                      o->beam_path, m->beam.n_mass);
    goto done;
  }
  const zps_surface_facts expected = zps_study_facts_of_job(job, 1);
  ZPS_TRY(zps_surface_file_open(o->beam_path, &file, &facts, error));
  ZPS_TRY(zps_surface_file_verify(file, &facts, &expected, error));
  ZPS_TRY(read_beam(m, file, error));
done:
  zps_surface_file_close(file);
  zps_derived_job_destroy(job);
  return status;
}

static zps_status load_mass(making *m, size_t i_mass, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_surface_file_read(m->surfaces, i_mass, m->i_y, ZPS_SURFACE_ACCEPTED, m->cells, error));
  ZPS_TRY(build_area(m, m->study->masses[i_mass].generated, m->study->options.path, &m->area, error));
done:
  return status;
}

/** Hands every mass to visit with its surface in m->area; those without weight only when all are asked for. */
static zps_status for_masses(making *m, bool all, visit_mass visit, void *context, zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < m->study->n_mass; i++) {
    if (all || m->study->masses[i].weight > 0.0) {
      ZPS_TRY(load_mass(m, i, error));
      ZPS_TRY(visit(m, context, i, error));
    }
  }
done:
  return status;
}

static zps_status add_position(making *m, const char *name, double first_mm, double last_mm,
                               zps_study_position **position, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_study_position *const p = &s->positions[s->n_positions];
  const size_t n_changes = s->n_mass * s->options.n_shifts * ZPS_N_DISPLACEMENT;
  *position = p;
  (void)snprintf(p->name, sizeof p->name, "%s", name);
  p->first_mm = first_mm;
  p->last_mm = last_mm;
  p->scale = 1.0;
  p->accepted = (uint64_t *)calloc(s->n_mass, sizeof *p->accepted);
  p->changes = (zps_efficiency_change *)calloc(n_changes + 1, sizeof *p->changes);
  s->n_positions++;
  if (p->accepted == NULL || p->changes == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu masses", s->n_mass);
  }
  for (size_t i = 0; i < n_changes; i++) {
    p->changes[i] = (zps_efficiency_change){(double)NAN, (double)NAN};
  }
  return ZPS_OK;
}

static zps_status add_trigger(making *m, size_t t, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_job_trigger *const trigger = &m->job->triggers[t];
  zps_study_position *p = NULL;
  const zps_status status = add_position(m, trigger->name, trigger->counters[0].edge_x_mm,
                                         trigger->counters[trigger->n_counters - 1].edge_x_mm, &p, error);
  if (status != ZPS_OK) {
    return status;
  }
  p->on_surface = find_trigger(m, t, &p->position);
  p->scale = zps_signal_trigger_factor(trigger) / zps_signal_trigger_factor(&m->job->triggers[0]);
  for (size_t i = 0; i < s->n_mass; i++) {
    p->accepted[i] = tally(&m->result, i, t, ZPS_STAGE_ACCEPTED, 0);
  }
  if (s->has_beam) {
    p->rate = zps_rate_of_count(&s->rate, tally(&m->beam, 0, t, ZPS_STAGE_IN_COINCIDENCE, 0));
  }
  return ZPS_OK;
}

static zps_status add_on_surface(making *m, const char *name, zps_position position, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_study_position *p = NULL;
  const zps_status status = add_position(m, name, zps_position_first_mm(&s->grid, position),
                                         zps_position_last_mm(&s->grid, position), &p, error);
  if (status != ZPS_OK) {
    return status;
  }
  p->position = position;
  p->on_surface = true;
  if (s->has_beam) {
    p->rate = zps_rate_of_count(&s->rate, zps_summed_area_at(&s->beam_area, &s->grid, position));
  }
  return ZPS_OK;
}

/** A rate that no position's upper limit may exceed. */
static zps_status set_highest_rate(zps_placement_study *s, zps_ceiling_source source, double rate_max,
                                   zps_error *error) {
  uint64_t count = 0;
  const zps_status status = zps_rate_highest_count(&s->rate, rate_max, &count, error);
  s->ceiling.count = (double)count;
  s->ceiling_source = source;
  s->ceiling_rate = rate_max;
  return status;
}

static zps_status set_ceiling(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_study_options *const o = &s->options;
  s->ceiling_rate = (double)NAN;
  if (!s->has_beam) {
    return ZPS_OK;
  }
  s->ceiling.is_set = true;
  if (o->has_rate_max) {
    return set_highest_rate(s, ZPS_CEILING_GIVEN, o->rate_max, error);
  }
  const zps_study_position *loosest = &s->positions[0];
  for (size_t i = 1; i < s->n_positions; i++) {
    loosest = s->positions[i].rate.count > loosest->rate.count ? &s->positions[i] : loosest;
  }
  (void)snprintf(s->ceiling_name, sizeof s->ceiling_name, "%s", loosest->name);
  if ((double)loosest->rate.count / s->rate.ratio < ZPS_FEW_COUNTS) {
    const double few = ZPS_FEW_COUNTS * s->rate.ratio / (double)s->beam_generated;
    return set_highest_rate(s, ZPS_CEILING_FEW, fmax(few, loosest->rate.value), error);
  }
  s->ceiling_source = ZPS_CEILING_TRIGGER;
  s->ceiling_rate = loosest->rate.value;
  s->ceiling.count = (double)loosest->rate.count;
  s->ceiling.has_reference = loosest->on_surface;
  s->ceiling.reference = loosest->position;
  return ZPS_OK;
}

static zps_status visit_reach(making *m, void *context, size_t i_mass, zps_error *error) {
  zps_placement_study *const s = m->study;
  (void)context;
  (void)error;
  zps_reach_add(&s->grid, &m->area, &s->masses[i_mass], s->options.n_up, s->ln_g90);
  return ZPS_OK;
}

static zps_status find_best(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_position best = {0, 0};
  zps_status status = ZPS_OK;
  s->ln_g90 = (double *)calloc(zps_position_count(&s->grid), sizeof *s->ln_g90);
  if (s->ln_g90 == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu positions", zps_position_count(&s->grid));
  }
  ZPS_TRY(for_masses(m, false, visit_reach, NULL, error));
  const zps_merit merit = {&s->grid, s->ln_g90, s->has_beam ? &s->beam_area : NULL, s->ceiling};
  s->has_best = zps_optimum_find(&merit, &best);
  if (s->has_best) {
    s->i_best = s->n_positions;
    s->flat_region = zps_flat_region_find(&merit, best, s->options.flat);
    ZPS_TRY(add_on_surface(m, "best", best, error));
  }
  if (s->has_beam) {
    ZPS_TRY(zps_rate_front_find(&merit, s->options.front_gain, s->has_best ? &best : NULL, &s->front, error));
  }
done:
  return status;
}

static zps_efficiency_change *change_of(const zps_placement_study *study, const zps_study_position *position,
                                        size_t i_mass, size_t i_shift, zps_displacement which) {
  return &position->changes[(((i_mass * study->options.n_shifts) + i_shift) * ZPS_N_DISPLACEMENT) + which];
}

static void fill_changes(making *m, zps_study_position *p, size_t i_mass) {
  zps_placement_study *const s = m->study;
  for (size_t d = 0; d < s->options.n_shifts; d++) {
    for (int which = 0; which < ZPS_N_DISPLACEMENT; which++) {
      const bool is_first = which == ZPS_FIRST_DOWN || which == ZPS_FIRST_UP;
      const int64_t steps = zps_edge_axis_steps(is_first ? &s->grid.first : &s->grid.last, s->options.shift_mm[d]);
      *change_of(s, p, i_mass, d, (zps_displacement)which) = zps_alignment_change(
          &s->grid, &m->area, p->position, (zps_displacement)which, steps, s->masses[i_mass].accepted_ratio);
    }
  }
}

/** Reads the positions off the surface. */
static zps_status visit_positions(making *m, void *context, size_t i_mass, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_status status = ZPS_OK;
  (void)context;
  for (size_t t = 0; t < m->job->n_triggers; t++) {
    char what[64];
    (void)snprintf(what, sizeof what, "accepted at %.10g GeV", s->masses[i_mass].mass_gev);
    ZPS_TRY(check_trigger(m, t, &m->area, tally(&m->result, i_mass, t, ZPS_STAGE_ACCEPTED, 0), s->options.path, what,
                          error));
  }
  for (size_t i = 0; i < s->n_positions; i++) {
    zps_study_position *const p = &s->positions[i];
    if (p->on_surface) {
      p->accepted[i_mass] = zps_summed_area_at(&m->area, &s->grid, p->position);
      fill_changes(m, p, i_mass);
    }
  }
done:
  return status;
}

double zps_study_g90(const zps_placement_study *study, const zps_study_position *position, size_t i_mass) {
  return zps_reach_g90(&study->masses[i_mass], study->options.n_up,
                       position->scale * (double)position->accepted[i_mass]);
}

static void fill_reach(zps_placement_study *s) {
  for (size_t i = 0; i < s->n_positions; i++) {
    zps_study_position *const p = &s->positions[i];
    double sum = 0.0;
    for (size_t j = 0; j < s->n_mass; j++) {
      const double weight = s->masses[j].weight;
      sum += weight > 0.0 ? weight * log(zps_study_g90(s, p, j)) : 0.0;
    }
    p->g90 = exp(sum);
    p->g90_error = zps_reach_error(s->masses, p->accepted, p->scale, s->n_mass, s->options.n_up);
  }
}

static zps_status visit_bootstrap(making *m, void *context, size_t i_mass, zps_error *error) {
  (void)error;
  zps_bootstrap_add_mass((zps_bootstrap *)context, i_mass, &m->study->masses[i_mass], &m->area);
  return ZPS_OK;
}

static zps_status search_once(making *m, const zps_rate_ceiling *ceiling, const zps_search_window *window,
                              zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_bootstrap *bootstrap = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_bootstrap_create(&s->grid, window, ceiling, s->n_mass, s->options.n_up, &bootstrap, error));
  ZPS_TRY(for_masses(m, false, visit_bootstrap, bootstrap, error));
  if (s->has_beam) {
    zps_bootstrap_set_beam(bootstrap, &s->rate);
  }
  ZPS_TRY(zps_bootstrap_run(bootstrap, m->result.seed, s->options.n_replicas, &s->spread, error));
done:
  zps_bootstrap_destroy(bootstrap);
  return status;
}

static bool is_smaller(const zps_search_window *a, const zps_search_window *b) {
  return a->hi.i_first - a->lo.i_first < b->hi.i_first - b->lo.i_first ||
         a->hi.i_last - a->lo.i_last < b->hi.i_last - b->lo.i_last;
}

/** sum_k 1/(n + k)^2 over k >= 0, for whole n >= 1: recurrence up to 20, then the asymptotic series [Abramowitz &
 * Stegun 6.4.12], whose next term is below 1e-8. */
static double trigamma(double n) {
  double sum = 0.0;
  for (; n < 20.0; n += 1.0) {
    sum += 1.0 / (n * n);
  }
  return sum + (1.0 / n) + (1.0 / (2.0 * n * n)) + (1.0 / (6.0 * n * n * n));
}

static double about(double centre, double factor, double from, double value) {
  return centre + (factor * (value - from));
}

/** Moves deviations from the optimum under the replicas' ceiling to that of the study, factor times as large. */
static void stretch(zps_placement_study *s, zps_position from, double factor) {
  const zps_study_position *const best = &s->positions[s->i_best];
  const double first = zps_position_first_mm(&s->grid, from);
  const double last = zps_position_last_mm(&s->grid, from);
  zps_optimum_spread *const u = &s->spread;
  s->spread_factor = factor;
  u->mean_first_mm = about(best->first_mm, factor, first, u->mean_first_mm);
  u->lo_first_mm = about(best->first_mm, factor, first, u->lo_first_mm);
  u->hi_first_mm = about(best->first_mm, factor, first, u->hi_first_mm);
  u->mean_last_mm = about(best->last_mm, factor, last, u->mean_last_mm);
  u->lo_last_mm = about(best->last_mm, factor, last, u->lo_last_mm);
  u->hi_last_mm = about(best->last_mm, factor, last, u->hi_last_mm);
  u->sd_first_mm *= factor;
  u->sd_last_mm *= factor;
}

/** The ceiling of the replicas, and the optimum under it; see spread_factor. */
static zps_rate_ceiling ceiling_of_replicas(const zps_placement_study *s, zps_position *best) {
  const double least = ZPS_FEW_COUNTS * s->rate.ratio;
  zps_merit merit = {&s->grid, s->ln_g90, &s->beam_area, s->ceiling};
  *best = s->positions[s->i_best].position;
  if (s->ceiling.is_set && s->ceiling.count < least) {
    merit.ceiling.count = least;
    (void)zps_optimum_find(&merit, best);
  }
  return merit.ceiling;
}

static bool same_position(zps_position a, zps_position b) {
  return a.i_first == b.i_first && a.i_last == b.i_last;
}

static zps_status find_spread(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_search_window window = {{s->grid.first.lowest, s->grid.last.lowest},
                              {s->grid.first.lattice.n, s->grid.last.lattice.n}};
  zps_position from = {0, 0};
  zps_status status = ZPS_OK;
  s->spread_factor = 1.0;
  if (s->options.n_replicas == 0 || !s->has_best) {
    return ZPS_OK;
  }
  const zps_rate_ceiling ceiling = ceiling_of_replicas(s, &from);
  for (int i = 0; i < MAX_SEARCHES; i++) {
    ZPS_TRY(search_once(m, &ceiling, &window, error));
    if (s->spread.n_found == 0 || (s->spread.stride_first == 1 && s->spread.stride_last == 1) ||
        !is_smaller(&s->spread.reached, &window)) {
      break;
    }
    window = s->spread.reached;
  }
  /* Where the optimum is the same, the ceiling is not what holds it. */
  if (s->spread.n_found > 0 && !same_position(from, s->positions[s->i_best].position)) {
    stretch(s, from, sqrt(trigamma(floor(s->ceiling.count / s->rate.ratio) + 1.0) / trigamma(ZPS_FEW_COUNTS + 1.0)));
  }
done:
  return status;
}

static zps_status add_triggers(making *m, zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t t = 0; t < m->job->n_triggers; t++) {
    ZPS_TRY(add_trigger(m, t, error));
  }
done:
  return status;
}

static zps_status make(making *m, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(open_result(m, error));
  ZPS_TRY(fill_masses(m, error));
  ZPS_TRY(open_beam(m, error));
  if (m->study->options.has_at) {
    ZPS_TRY(add_on_surface(m, "at", m->lattice.at, error));
  } else {
    ZPS_TRY(add_triggers(m, error));
    ZPS_TRY(set_ceiling(m, error));
    ZPS_TRY(find_best(m, error));
  }
  ZPS_TRY(for_masses(m, true, visit_positions, NULL, error));
  fill_reach(m->study);
  ZPS_TRY(m->study->options.has_at ? ZPS_OK : find_spread(m, error));
done:
  return status;
}

zps_status zps_placement_study_make(const zps_study_options *options, zps_placement_study *study, zps_error *error) {
  making m;
  memset(study, 0, sizeof *study);
  memset(&m, 0, sizeof m);
  study->options = *options;
  m.study = study;
  const zps_status status = make(&m, error);
  zps_surface_file_close(m.surfaces);
  zps_result_free(&m.result);
  zps_result_free(&m.beam);
  zps_derived_job_destroy(m.job);
  zps_summed_area_free(&m.area);
  free(m.cells);
  if (status != ZPS_OK) {
    zps_placement_study_free(study);
  }
  return status;
}

zps_efficiency_change zps_study_change(const zps_placement_study *study, const zps_study_position *position,
                                       size_t i_mass, size_t i_shift, zps_displacement which) {
  return *change_of(study, position, i_mass, i_shift, which);
}

zps_study_largest zps_study_largest_change(const zps_placement_study *study, const zps_study_position *position,
                                           size_t i_shift) {
  zps_study_largest largest = {false, 0, ZPS_FIRST_DOWN, {(double)NAN, (double)NAN}};
  for (size_t i = 0; i < study->n_mass; i++) {
    for (int which = 0; which < ZPS_N_DISPLACEMENT && study->masses[i].weight > 0.0; which++) {
      const zps_efficiency_change change = zps_study_change(study, position, i, i_shift, (zps_displacement)which);
      if (!isnan(change.value) && !(fabs(change.value) <= fabs(largest.change.value))) {
        largest = (zps_study_largest){true, i, (zps_displacement)which, change};
      }
    }
  }
  return largest;
}

zps_study_largest zps_study_mean_change(const zps_placement_study *study, const zps_study_position *position,
                                        size_t i_shift) {
  zps_study_largest largest = {false, 0, ZPS_FIRST_DOWN, {(double)NAN, (double)NAN}};
  for (int which = 0; which < ZPS_N_DISPLACEMENT; which++) {
    double sum = 0.0;
    double variance = 0.0;
    for (size_t i = 0; i < study->n_mass; i++) {
      const double weight = study->masses[i].weight;
      const zps_efficiency_change change = zps_study_change(study, position, i, i_shift, (zps_displacement)which);
      sum += weight > 0.0 ? weight * change.value : 0.0;
      variance += weight > 0.0 ? weight * weight * change.error * change.error : 0.0;
    }
    if (!isnan(sum) && !(fabs(sum) <= fabs(largest.change.value))) {
      largest = (zps_study_largest){true, 0, (zps_displacement)which, {sum, sqrt(variance)}};
    }
  }
  return largest;
}

void zps_placement_study_free(zps_placement_study *study) {
  for (size_t i = 0; i < study->n_positions; i++) {
    free(study->positions[i].accepted);
    free(study->positions[i].changes);
  }
  free(study->masses);
  free(study->ln_g90);
  zps_summed_area_free(&study->beam_area);
  zps_rate_front_free(&study->front);
  memset(study, 0, sizeof *study);
}
