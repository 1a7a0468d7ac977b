#include "host/place/placement_study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/place/derived_job.h"

#define MAX_SEARCHES 6

/** Everything a study needs while it is made. */
typedef struct making {
  zps_placement_study *study;
  zps_result result, beam;
  zps_job *job;
  zps_surface_file *surfaces;
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

static zps_status find_height(making *m, zps_error *error) {
  const zps_study_options *const o = &m->study->options;
  const zps_surface_facts *const facts = &m->study->facts;
  for (size_t i = 0; i < (size_t)facts->placement.n_y; i++) {
    if (fabs(facts->y_offset_mm[i] - o->y_mm) <= 1e-9) {
      m->i_y = i;
      return ZPS_OK;
    }
  }
  return zps_error_set(error, ZPS_USAGE, "y = %.10g mm: %s has surfaces for %lld heights, the first %.10g mm", o->y_mm,
                       o->path, (long long)facts->placement.n_y, facts->y_offset_mm[0]);
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
  ZPS_TRY(find_height(m, error));
  ZPS_TRY(zps_edge_axis_init(&s->grid.first, &s->facts.placement.first, s->facts.width_first_mm, "x4", error));
  ZPS_TRY(zps_edge_axis_init(&s->grid.last, &s->facts.placement.last, s->facts.width_last_mm, "xm", error));
  ZPS_TRY(allocate_cells(m, error));
done:
  return status;
}

/** Br(invisible) at the coupling of the grid nearest to the g90 that Br = 1 gives the first trigger. */
static double branching_near_reach(const zps_result *result, size_t i_mass, const zps_reach_mass *mass, double n_up) {
  const uint64_t accepted = tally(result, i_mass, 0, ZPS_STAGE_ACCEPTED, 0);
  const double g90 = zps_reach_g90(mass, n_up, accepted > 0 ? (double)accepted : 1.0);
  size_t nearest = 0;
  for (size_t i = 1; i < result->n_coupling; i++) {
    const double before = fabs(log(result->coupling[nearest] / g90));
    nearest = fabs(log(result->coupling[i] / g90)) < before ? i : nearest;
  }
  return result->branching[(i_mass * result->n_coupling) + nearest];
}

static zps_status fill_mass(making *m, size_t i, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_result *const r = &m->result;
  zps_reach_mass *const mass = &s->masses[i];
  mass->mass_gev = r->mass_gev[i];
  mass->generated = tally(r, i, 0, ZPS_STAGE_GENERATED, 0);
  mass->generated_k2 = tally(r, i, 0, ZPS_STAGE_GENERATED, 1);
  mass->accepted_ratio = weight_ratio(r, i, ZPS_STAGE_ACCEPTED);
  mass->factor = r->triggers[0].live_factor * r->triggers[0].tracking_factor * r->x_fraction[i];
  mass->signal_events = s->n_mot * r->nuclei_per_pb * r->sigma_pb[i] * mass->factor;
  mass->signal_events *= branching_near_reach(r, i, mass, s->options.n_up);
  if (mass->generated == 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no events at %.10g GeV", s->options.path, mass->mass_gev);
  }
  return ZPS_OK;
}

static zps_status fill_masses(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  const zps_study_options *const o = &s->options;
  zps_status status = ZPS_OK;
  for (size_t t = 0; t < m->result.n_trigger; t++) {
    s->n_mot += m->result.triggers[t].n_mot;
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

static bool same_lattice(const zps_lattice *a, const zps_lattice *b) {
  return a->first == b->first && a->n == b->n && a->multiplier == b->multiplier && a->divisor == b->divisor;
}

static zps_status check_beam_surface(const making *m, const zps_surface_facts *beam, zps_error *error) {
  const zps_surface_facts *const own = &m->study->facts;
  const char *const path = m->study->options.beam_path;
  if (beam->n_mass != 1 || beam->placement.n_y != own->placement.n_y ||
      !same_lattice(&beam->placement.first, &own->placement.first) ||
      !same_lattice(&beam->placement.last, &own->placement.last)) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: expected one surface on the lattices of %s", path,
                         m->study->options.path);
  }
  return ZPS_OK;
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
    return o->has_rate_max ? zps_error_set(error, ZPS_USAGE, "a highest rate needs the beam: give its result file")
                           : ZPS_OK;
  }
  ZPS_TRY(zps_result_read(o->beam_path, &m->beam, error));
  ZPS_TRY(read_job(&m->beam, o->beam_path, &job, error));
  ZPS_TRY(zps_derived_job_check_beam(m->job, job, o->path, o->beam_path, error));
  ZPS_TRY(zps_surface_file_open(o->beam_path, &file, &facts, error));
  ZPS_TRY(check_beam_surface(m, &facts, error));
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

static bool same_counter(const zps_job_counter *a, const zps_job_counter *b, bool with_edge) {
  return strcmp(a->plane, b->plane) == 0 && a->width_mm == b->width_mm && a->height_mm == b->height_mm &&
         (!with_edge || a->edge_x_mm == b->edge_x_mm);
}

/** Whether trigger t is the first trigger with its outer counters moved in x, at the height of the surface. */
static bool is_moved_first(const making *m, size_t t) {
  const zps_job_trigger *const a = &m->job->triggers[0];
  const zps_job_trigger *const b = &m->job->triggers[t];
  bool same = a->n_counters == b->n_counters && m->study->options.y_mm == 0.0;
  for (size_t i = 0; same && i < a->n_counters; i++) {
    same = same_counter(&a->counters[i], &b->counters[i], i > 0 && i + 1 < a->n_counters);
  }
  return same;
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
  p->position =
      (zps_position){zps_edge_axis_index(&s->grid.first, p->first_mm), zps_edge_axis_index(&s->grid.last, p->last_mm)};
  p->on_surface = is_moved_first(m, t) && zps_edge_axis_has(&s->grid.first, p->position.i_first) &&
                  zps_edge_axis_has(&s->grid.last, p->position.i_last);
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

static void set_ceiling(making *m) {
  zps_placement_study *const s = m->study;
  const zps_study_options *const o = &s->options;
  if (!s->has_beam) {
    return;
  }
  s->ceiling.is_set = true;
  if (o->has_rate_max) {
    s->ceiling.count = o->rate_max * (double)s->beam_generated;
    return;
  }
  const zps_study_position *loosest = &s->positions[0];
  for (size_t i = 1; i < s->n_positions; i++) {
    loosest = s->positions[i].rate.count > loosest->rate.count ? &s->positions[i] : loosest;
  }
  s->ceiling.count = (double)loosest->rate.count;
  s->ceiling.has_reference = loosest->on_surface;
  s->ceiling.reference = loosest->position;
  (void)snprintf(s->ceiling_name, sizeof s->ceiling_name, "%s", loosest->name);
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
    ZPS_TRY(zps_rate_front_find(&merit, s->options.front_gain, &s->front, error));
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

/** Reads the positions off the surface; a trigger's own counts must be the same. */
static zps_status visit_positions(making *m, void *context, size_t i_mass, zps_error *error) {
  zps_placement_study *const s = m->study;
  (void)context;
  for (size_t i = 0; i < s->n_positions; i++) {
    zps_study_position *const p = &s->positions[i];
    if (!p->on_surface) {
      continue;
    }
    const uint64_t count = zps_summed_area_at(&m->area, &s->grid, p->position);
    const bool is_trigger = !s->options.has_at && !(s->has_best && i == s->i_best);
    if (is_trigger && count != p->accepted[i_mass]) {
      return zps_error_set(error, ZPS_INVALID,
                           "%s: trigger %s at %.10g GeV: the surface counts %llu accepted, the trigger itself %llu",
                           s->options.path, p->name, s->masses[i_mass].mass_gev, (unsigned long long)count,
                           (unsigned long long)p->accepted[i_mass]);
    }
    p->accepted[i_mass] = count;
    fill_changes(m, p, i_mass);
  }
  return ZPS_OK;
}

static void fill_reach(zps_placement_study *s) {
  for (size_t i = 0; i < s->n_positions; i++) {
    zps_study_position *const p = &s->positions[i];
    double sum = 0.0;
    for (size_t j = 0; j < s->n_mass; j++) {
      const zps_reach_mass *const mass = &s->masses[j];
      sum +=
          mass->weight > 0.0 ? mass->weight * log(zps_reach_g90(mass, s->options.n_up, (double)p->accepted[j])) : 0.0;
    }
    p->g90 = exp(sum);
    p->g90_error = zps_reach_error(s->masses, p->accepted, s->n_mass);
  }
}

static zps_status visit_bootstrap(making *m, void *context, size_t i_mass, zps_error *error) {
  (void)error;
  zps_bootstrap_add_mass((zps_bootstrap *)context, i_mass, &m->study->masses[i_mass], &m->area);
  return ZPS_OK;
}

static zps_status search_once(making *m, const zps_search_window *window, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_bootstrap *bootstrap = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_bootstrap_create(&s->grid, window, &s->ceiling, s->n_mass, s->options.n_up, &bootstrap, error));
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

static zps_status find_spread(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_search_window window = {{s->grid.first.lowest, s->grid.last.lowest},
                              {s->grid.first.lattice.n, s->grid.last.lattice.n}};
  zps_status status = ZPS_OK;
  for (int i = 0; s->options.n_replicas > 0 && s->has_best && i < MAX_SEARCHES; i++) {
    ZPS_TRY(search_once(m, &window, error));
    if (s->spread.n_found == 0 || (s->spread.stride_first == 1 && s->spread.stride_last == 1) ||
        !is_smaller(&s->spread.reached, &window)) {
      break;
    }
    window = s->spread.reached;
  }
done:
  return status;
}

static zps_status check_shifts(const zps_placement_study *s, zps_error *error) {
  for (size_t i = 0; i < s->options.n_shifts; i++) {
    const double d = s->options.shift_mm[i];
    if (zps_edge_axis_steps(&s->grid.first, d) == 0 || zps_edge_axis_steps(&s->grid.last, d) == 0) {
      return zps_error_set(error, ZPS_USAGE, "shift of %.10g mm: expected a multiple of the lattice's step, %.10g mm",
                           d, zps_edge_axis_step_mm(&s->grid.first));
    }
  }
  return ZPS_OK;
}

static zps_status add_asked(making *m, zps_error *error) {
  zps_placement_study *const s = m->study;
  zps_position position = {0, 0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_edge_axis_find(&s->grid.first, "x4", s->options.at_first_mm, &position.i_first, error));
  ZPS_TRY(zps_edge_axis_find(&s->grid.last, "xm", s->options.at_last_mm, &position.i_last, error));
  ZPS_TRY(add_on_surface(m, "at", position, error));
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
  ZPS_TRY(check_shifts(m->study, error));
  if (m->study->options.has_at) {
    ZPS_TRY(add_asked(m, error));
  } else {
    ZPS_TRY(add_triggers(m, error));
    set_ceiling(m);
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

double zps_study_ceiling_rate(const zps_placement_study *study) {
  return study->has_beam ? study->ceiling.count / (double)study->beam_generated : (double)NAN;
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
