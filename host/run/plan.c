#include "host/run/plan.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/field/field_load.h"
#include "host/io/hash.h"
#include "host/job/beam_file.h"
#include "host/job/beam_order.h"
#include "host/job/placement_lattice.h"
#include "host/run/plan_carry.h"
#include "host/run/plan_magnet_reach.h"
#include "host/run/plan_pilot.h"
#include "host/run/plan_rise.h"
#include "host/run/plan_steps.h"
#include "host/run/sagitta.h"
#include "host/run/stop_signal.h"
#include "host/stats/widths.h"
#include "host/tables/emission_table.h"
#include "host/tables/material.h"
#include "host/tables/moliere_table.h"
#include "host/tables/stopping_power.h"
#include "host/tables/straggling_table.h"

/* Cross-sections and x_min are taken at beam.p_gev: the mean of a beam file must lie this close to it. */
#define ZPS_BEAM_MEAN_TOLERANCE 0.02

static double zps_now_s(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (1e-9 * (double)t.tv_nsec);
}

static size_t zps_count_kind(const zps_job *job, enum zps_element_kind kind) {
  size_t n = 0;
  for (size_t i = 0; i < job->n_elements; i++) {
    n += job->elements[i].kind == kind ? 1 : 0;
  }
  return n;
}

static zps_status zps_plan_allocate(zps_plan *plan, zps_error *error) {
  const size_t n_matter = zps_count_kind(plan->job, ZPS_ELEMENT_MATTER);
  const size_t n_maps = zps_count_kind(plan->job, ZPS_ELEMENT_FIELD);
  plan->matter = (zps_matter *)calloc(n_matter + 1, sizeof *plan->matter);
  const int with_moliere = plan->job->matter.scattering == ZPS_SCATTERING_MOLIERE;
  plan->moliere = with_moliere ? (zps_moliere *)calloc(n_matter + 1, sizeof *plan->moliere) : NULL;
  const int with_straggling = plan->job->matter.loss == ZPS_LOSS_FLUCTUATING;
  plan->straggling = with_straggling ? (zps_straggling *)calloc(n_matter + 1, sizeof *plan->straggling) : NULL;
  plan->maps = (zps_field_map *)calloc(n_maps + 1, sizeof *plan->maps);
  plan->owned_maps = (zps_field_map_owned *)calloc(n_maps + 1, sizeof *plan->owned_maps);
  plan->map_hashes = (char(*)[ZPS_FIELD_HASH_SIZE])calloc(n_maps + 1, sizeof *plan->map_hashes);
  plan->t_shape = (zps_t_shape *)calloc(1, sizeof *plan->t_shape);
  plan->emission = (zps_emission *)calloc(plan->n_mass, sizeof *plan->emission);
  plan->sigma_pb = (double *)calloc(plan->n_mass, sizeof(double));
  plan->sigma_error_pb = (double *)calloc(plan->n_mass, sizeof(double));
  plan->x_fraction = (double *)calloc(plan->n_mass, sizeof(double));
  const bool with_pilot = plan->job->pilot.given;
  plan->column_weight = with_pilot ? (double *)calloc(plan->n_mass * ZPS_N_A, sizeof(double)) : NULL;
  if ((with_moliere && plan->moliere == NULL) || (with_pilot && plan->column_weight == NULL) ||
      (with_straggling && plan->straggling == NULL) || plan->matter == NULL || plan->maps == NULL ||
      plan->owned_maps == NULL || plan->map_hashes == NULL || plan->t_shape == NULL || plan->emission == NULL ||
      plan->sigma_pb == NULL || plan->sigma_error_pb == NULL || plan->x_fraction == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: no memory for the tables of %zu masses", plan->job->file,
                         plan->n_mass);
  }
  return ZPS_OK;
}

static zps_status zps_plan_matter(zps_plan *plan, const zps_job_element *from, zps_element *to, zps_error *error) {
  zps_layer layers[ZPS_MAX_LAYERS];
  for (size_t i = 0; i < from->n_layers; i++) {
    layers[i].material = zps_material_find(from->layers[i].material);
    layers[i].thickness_mm = from->layers[i].thickness_mm;
  }
  to->i_table = plan->setup.n_matter++;
  to->half_x_mm = from->width_mm > 0.0 ? 0.5 * from->width_mm : 1e9;
  to->half_y_mm = from->height_mm > 0.0 ? 0.5 * from->height_mm : 1e9;
  to->hole_half_mm = 0.5 * from->hole_mm;
  to->response = from->response;
  to->resolution_stochastic = from->resolution[0];
  to->resolution_constant = from->resolution[1];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_matter_build(layers, from->n_layers, &plan->matter[to->i_table], error));
  if (plan->moliere != NULL) {
    ZPS_TRY(zps_moliere_build(layers, from->n_layers, ZPS_MOLIERE_EXTENDED, &plan->moliere[to->i_table], error));
  }
  if (plan->straggling != NULL) {
    ZPS_TRY(zps_straggling_build(layers, from->n_layers, &plan->straggling[to->i_table], error));
  }
done:
  return status;
}

static double zps_end_of_layout(const zps_job *job) {
  const zps_job_element *const last = &job->elements[job->n_elements - 1];
  return last->start_mm + (last->kind == ZPS_ELEMENT_PLANE ? 0.0 : last->length_mm);
}

/** Where the element reaches beyond the nodes of its map file: muons there are counted. A millionth of a spacing, to
 *  which map files are read, counts as inside. */
static void zps_plan_beyond(const zps_field_map_owned *owned, zps_element *to) {
  const double slack_mm = 1e-6 * owned->map.step_z_mm;
  to->map_x_lo_mm = owned->reaches[0] ? owned->file_lo_mm[0] - (1e-6 * owned->map.step_x_mm) : -1e30;
  to->map_x_hi_mm = owned->reaches[0] ? owned->file_hi_mm[0] + (1e-6 * owned->map.step_x_mm) : 1e30;
  to->map_y_lo_mm = owned->reaches[1] ? owned->file_lo_mm[1] - (1e-6 * owned->map.step_y_mm) : -1e30;
  to->map_y_hi_mm = owned->reaches[1] ? owned->file_hi_mm[1] + (1e-6 * owned->map.step_y_mm) : 1e30;
  to->beyond_entry = owned->reaches[2] && owned->file_lo_mm[2] - slack_mm > to->z_start_mm;
  to->beyond_exit = owned->reaches[2] && owned->file_hi_mm[2] + slack_mm < to->z_end_mm;
  to->beyond = owned->reaches[0] || owned->reaches[1] || owned->reaches[2];
}

static zps_status zps_plan_field(zps_plan *plan, const zps_job_element *from, zps_element *to, zps_error *error) {
  to->i_table = plan->setup.n_maps++;
  zps_field_map_owned *const owned = &plan->owned_maps[to->i_table];
  zps_error fault = {ZPS_OK, ""};
  zps_status status = zps_field_load(&from->field, from->start_mm, from->length_mm, owned, &fault);
  if (status != ZPS_OK) {
    return from->field.generated
               ? zps_error_set(error, status, "%s: layout.%s: %s", plan->job->file, from->name, fault.text)
               : zps_error_set(error, status, "%s", fault.text);
  }
  zps_field_map_hash(&owned->map, plan->map_hashes[to->i_table]);
  zps_plan_beyond(owned, to);
  to->cubic = from->field.interpolation == ZPS_INTERPOLATION_TRICUBIC ? ZPS_LOOKUP_CUBIC : 0;
  /* Steps over whole cells, the accurate choice: give their middles planes of their own. */
  const int over_cells = zps_steps_over_cells(&owned->map, from->field.step_mm, to);
  if (over_cells) {
    status = zps_field_map_halve_planes(owned, error);
    if (status != ZPS_OK) {
      return status;
    }
  }
  const zps_field_map *const map = &owned->map;
  plan->maps[to->i_table] = *map;
  const double reach_x = map->x_min_mm + (map->step_x_mm * (double)(map->n_x - 1));
  to->half_x_mm = reach_x < -map->x_min_mm ? reach_x : -map->x_min_mm;
  to->half_x_mm = (from->field.width_mm > 0.0 && 0.5 * from->field.width_mm < to->half_x_mm)
                      ? 0.5 * from->field.width_mm
                      : to->half_x_mm;
  to->half_y_mm = 0.5 * from->field.gap_mm;
  const double lever_mm = zps_end_of_layout(plan->job) - to->z_end_mm;
  return zps_plan_steps(map, over_cells, from->field.step_mm, lever_mm, to, &plan->steps, &plan->setup.n_steps, error);
}

static zps_status zps_plan_elements(zps_plan *plan, zps_error *error) {
  zps_status status = ZPS_OK;
  plan->setup.n_elements = (int32_t)plan->job->n_elements;
  for (size_t i = 0; i < plan->job->n_elements && status == ZPS_OK; i++) {
    const zps_job_element *const from = &plan->job->elements[i];
    zps_element *const to = &plan->setup.elements[i];
    to->kind = (int32_t)from->kind;
    to->z_start_mm = from->start_mm;
    to->z_end_mm = from->start_mm + (from->kind == ZPS_ELEMENT_PLANE ? 0.0 : from->length_mm);
    if (from->kind == ZPS_ELEMENT_MATTER) {
      status = zps_plan_matter(plan, from, to, error);
    } else if (from->kind == ZPS_ELEMENT_FIELD) {
      status = zps_plan_field(plan, from, to, error);
    } else {
      to->required = from->required ? 1 : 0;
      to->half_x_mm = 0.5 * from->width_mm;
      to->half_y_mm = 0.5 * from->height_mm;
    }
  }
  return status;
}

static int32_t zps_find_element(const zps_job *job, const char *name) {
  for (size_t i = 0; i < job->n_elements; i++) {
    if (strcmp(job->elements[i].name, name) == 0) {
      return (int32_t)i;
    }
  }
  return -1;
}

static void zps_plan_trigger(zps_plan *plan, const zps_job_trigger *from, zps_trigger *to) {
  to->n_counters = (int32_t)from->n_counters;
  for (size_t c = 0; c < from->n_counters; c++) {
    const zps_job_counter *const counter = &from->counters[c];
    to->counters[c].i_element = zps_find_element(plan->job, counter->plane);
    to->counters[c].x_hi_mm = counter->edge_x_mm;
    to->counters[c].x_lo_mm = counter->edge_x_mm - counter->width_mm;
    to->counters[c].y_lo_mm = -0.5 * counter->height_mm;
    to->counters[c].y_hi_mm = 0.5 * counter->height_mm;
  }
  if (to->counters[0].i_element > plan->setup.i_decision) {
    plan->setup.i_decision = to->counters[0].i_element;
  }
}

/** p_out is smeared at the first field element, else at the first plane of the first trigger. */
static void zps_plan_triggers(zps_plan *plan) {
  zps_setup *const setup = &plan->setup;
  setup->n_triggers = (int32_t)plan->job->n_triggers;
  for (size_t t = 0; t < plan->job->n_triggers; t++) {
    zps_plan_trigger(plan, &plan->job->triggers[t], &setup->triggers[t]);
  }
  if (setup->placement.n_y > 0) {
    setup->i_decision = -1; /* wherever a muon crosses the planes, some position of the counters hits it */
  }
  setup->i_spectrometer = setup->triggers[0].counters[0].i_element;
  for (int32_t i = setup->n_elements - 1; i > 0; i--) {
    if (setup->elements[i].kind == ZPS_ELEMENT_FIELD) {
      setup->i_spectrometer = i;
    }
  }
}

/** The tracker, where the job has one, in place of the smearing. */
static zps_status zps_plan_tracker(zps_plan *plan, zps_error *error) {
  const zps_job_sagitta *const from = &plan->job->sagitta;
  zps_setup *const setup = &plan->setup;
  if (!from->given) {
    return ZPS_OK;
  }
  for (size_t i = 0; i < ZPS_N_TRACKER_PLANES; i++) {
    setup->tracker.i_element[i] = zps_find_element(plan->job, from->plane[i]);
  }
  setup->tracker.hit_mm = from->hit_mm;
  setup->i_spectrometer = -1;
  setup->reach.i_element = -1; /* the cut-flow counts all that the tracker measures, counters hit or not */
  if (!zps_sagitta_weigh(setup, &setup->tracker)) {
    return zps_error_set(error, ZPS_INVALID, "%s: selection.sagitta: no field between %s and %s bends a muon in x",
                         plan->job->file, from->plane[0], from->plane[ZPS_N_TRACKER_PLANES - 1]);
  }
  return ZPS_OK;
}

static zps_status zps_plan_check_beam_mean(const zps_plan *plan, size_t n, zps_error *error) {
  const zps_job_beam *const beam = &plan->job->beam;
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    sum += plan->particles[i].p_gev;
  }
  const double mean = n > 0 ? sum / (double)n : beam->p_gev;
  return fabs(mean - beam->p_gev) <= ZPS_BEAM_MEAN_TOLERANCE * beam->p_gev
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID,
                             "%s: beam.file = %s: mean momentum %.5g GeV, expected within 2 %% of beam.p_gev = %g, at "
                             "which cross-sections are taken",
                             plan->job->file, beam->file, mean, beam->p_gev);
}

static zps_status zps_plan_beam(zps_plan *plan, zps_error *error) {
  const zps_job_beam *const from = &plan->job->beam;
  zps_beam *const to = &plan->setup.beam;
  size_t n = 0;
  to->p_gev = from->p_gev;
  to->p_spread = from->p_spread;
  to->charge = from->charge;
  to->sigma_x_mm = from->sigma_x_mm;
  to->sigma_y_mm = from->sigma_y_mm;
  to->sigma_tx = 1e-3 * from->sigma_tx_mrad;
  to->sigma_ty = 1e-3 * from->sigma_ty_mrad;
  if (from->file[0] != '\0') {
    zps_status status = zps_beam_file_read(from->file, &plan->particles, &n, error);
    status = status == ZPS_OK ? zps_plan_check_beam_mean(plan, n, error) : status;
    status = status == ZPS_OK ? zps_beam_reorder(&plan->particles, n, error) : status;
    if (status != ZPS_OK) {
      return status;
    }
  }
  to->n_particles = n;
  return ZPS_OK;
}

/** Nominal muon energy at the face of the target [GeV]. */
static double zps_nominal_energy(const zps_job *job) {
  return sqrt((job->beam.p_gev * job->beam.p_gev) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
}

/** Energy that no muon of the beam has more of: 9 standard deviations, or the hardest of a beam file [GeV]. */
static double zps_hardest_energy(const zps_plan *plan) {
  const zps_job_beam *const beam = &plan->job->beam;
  double p = beam->p_gev * (1.0 + (9.0 * beam->p_spread));
  for (uint64_t i = 0; i < plan->setup.beam.n_particles; i++) {
    p = i == 0 ? plan->particles[0].p_gev : fmax(p, plan->particles[i].p_gev);
  }
  return hypot(p, ZPS_MUON_MASS_GEV);
}

/** Length of the target's nucleus material over the whole element [mm], and that material. */
static double zps_target_length(const zps_job *job, const zps_material **material) {
  const zps_job_element *const target = &job->elements[0];
  double length = 0.0;
  *material = zps_material_find(job->process.material);
  for (size_t i = 0; i < target->n_layers; i++) {
    if (strcmp(target->layers[i].material, job->process.material) == 0) {
      length += target->layers[i].thickness_mm * (double)target->repeat * (double)target->n_modules;
    }
  }
  return length;
}

static zps_status zps_plan_nucleus(zps_plan *plan, zps_error *error) {
  const zps_material *material = NULL;
  const double length_mm = zps_target_length(plan->job, &material);
  if (material == NULL || material->n_elements != 1) {
    return zps_error_set(error, ZPS_INVALID, "%s: process.material = %s: expected a chemical element", plan->job->file,
                         plan->job->process.material);
  }
  const double a = material->elements[0].a;
  plan->setup.nucleus = zps_nucleus_make((double)material->elements[0].z, a);
  zps_nucleus_set_form(&plan->setup.nucleus, plan->job->process.form_factor, plan->job->process.inelastic);
  /* nuclei per cm^3 times cm of path times cm^2 per pb */
  plan->nuclei_per_pb = ((ZPS_AVOGADRO_PER_MOL * material->density_g_cm3) / a) * (0.1 * length_mm) * 1e-36;
  zps_t_shape_build(&plan->setup.nucleus, plan->t_shape);
  return ZPS_OK;
}

/** What is generated of the whole. The two integrals are sums of their own, so where all is generated they may differ
 *  by their errors, a few 1e-3 at worst (IWW, and Helm's form factor at 3 GeV). */
static zps_status zps_plan_fraction(double generated, double all, double mass_gev, double *fraction, zps_error *error) {
  const double ratio = generated / all;
  if (!(ratio >= 0.0 && ratio <= 1.01)) {
    return zps_error_set(error, ZPS_INVALID,
                         "mass %.10g GeV: the cross-section of what is generated is %.10g of the "
                         "whole: expected at most 1, within the error of the integrals",
                         mass_gev, ratio);
  }
  *fraction = fmin(ratio, 1.0);
  return ZPS_OK;
}

static zps_status zps_plan_mass(zps_plan *plan, size_t i, double hardest, zps_error *error) {
  const zps_nucleus *const nucleus = &plan->setup.nucleus;
  const size_t i_global = plan->masses.first + i;
  const double mass = plan->job->mass_gev.values[i_global];
  const double energy = zps_nominal_energy(plan->job);
  const zps_job_process *const process = &plan->job->process;
  const zps_sigma_rule rule = zps_sigma_rule_default();
  int model = ZPS_EMISSION_ETL;
  double all = 0.0;
  double half = 0.0;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_emission_choose(nucleus, (int)process->model, process->mediator, &model, error));
  ZPS_TRY(zps_rise_check(nucleus, model, mass, energy, hardest, error));
  ZPS_TRY(zps_emission_build(nucleus, model, mass, energy, plan->x_min, (uint64_t)i_global, &plan->emission[i], &all,
                             error));
  ZPS_TRY(zps_plan_fraction(plan->emission[i].sigma, all, mass, &plan->x_fraction[i], error));
  plan->sigma_pb[i] = all * ZPS_PB_GEV2;
  if (zps_emission_is_ww(model)) {
    ZPS_TRY(zps_sigma_value_pb(nucleus, model, mass, energy, 0.0, rule, &plan->sigma_pb[i], error));
  }
  ZPS_TRY(zps_sigma_value_pb(nucleus, model, mass, energy, 0.0, zps_sigma_rule_scaled(rule, -1), &half, error));
  plan->sigma_error_pb[i] = fabs(plan->sigma_pb[i] - half);
done:
  return status;
}

/** Emission tables of all masses, one thread per mass. The first failing mass in order is reported. */
static zps_status zps_plan_emission(zps_plan *plan, int n_threads, zps_error *error) {
  const long n = (long)plan->n_mass;
  const double hardest = zps_hardest_energy(plan);
  zps_status *const statuses = (zps_status *)calloc(plan->n_mass, sizeof *statuses);
  zps_error first = {ZPS_OK, ""};
  long i_first = n;
  if (statuses == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "no memory for %ld statuses", n);
  }
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
  for (long i = 0; i < n; i++) {
    zps_error local = {ZPS_OK, ""};
    statuses[i] = zps_stop_signal_requested(NULL) != 0
                      ? zps_error_set(&local, ZPS_INTERRUPTED, "interrupted before any event")
                      : zps_plan_mass(plan, (size_t)i, hardest, &local);
    if (statuses[i] != ZPS_OK) {
#pragma omp critical
      if (i < i_first) {
        i_first = i;
        first = local;
      }
    }
  }
  free(statuses);
  return i_first < n ? zps_error_set(error, first.status, "%s: %s", plan->job->file, first.text) : ZPS_OK;
}

/** The pilot's events are behind those of the run. */
static zps_status zps_plan_check_pilot(const zps_plan *plan, zps_error *error) {
  const zps_job *const job = plan->job;
  return plan->column_weight == NULL || job->events_per_mass <= ZPS_PILOT_FIRST_EVENT
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "%s: events_per_mass = %llu: must be <= %llu with process.pilot",
                             job->file, (unsigned long long)job->events_per_mass,
                             (unsigned long long)ZPS_PILOT_FIRST_EVENT);
}

/** What zps_plan_emission() refuses before it integrates: the first mass that is out of reach. */
static zps_status zps_plan_check_emission(const zps_plan *plan, zps_error *error) {
  const zps_nucleus *const nucleus = &plan->setup.nucleus;
  const zps_job_process *const process = &plan->job->process;
  const double energy = zps_nominal_energy(plan->job);
  const double hardest = zps_hardest_energy(plan);
  zps_error fault = {ZPS_OK, ""};
  int model = ZPS_EMISSION_ETL;
  zps_status status = zps_emission_choose(nucleus, (int)process->model, process->mediator, &model, &fault);
  for (size_t i = 0; status == ZPS_OK && i < plan->n_mass; i++) {
    const double mass = plan->job->mass_gev.values[plan->masses.first + i];
    status = zps_emission_check(nucleus, mass, energy, plan->x_min, &fault);
    status = status == ZPS_OK ? zps_rise_check(nucleus, model, mass, energy, hardest, &fault) : status;
  }
  return status == ZPS_OK ? ZPS_OK : zps_error_set(error, status, "%s: %s", plan->job->file, fault.text);
}

/** process none: no emission, but the engines index a table for its stream; i_mass 0. */
static void zps_plan_no_emission(zps_plan *plan) {
  for (size_t i = 0; i < plan->n_mass; i++) {
    plan->emission[i].i_mass = (uint64_t)(plan->masses.first + i);
    plan->emission[i].mass = plan->job->mass_gev.values[plan->masses.first + i];
    plan->x_fraction[i] = 1.0;
  }
}

static zps_status zps_plan_hashes(zps_plan *plan, zps_error *error) {
  zps_hash *hash = NULL;
  zps_status status = zps_hash_create(&hash, error);
  if (status != ZPS_OK) {
    return status;
  }
  for (int32_t i = 0; i < plan->setup.n_maps; i++) {
    zps_hash_bytes(hash, plan->map_hashes[i], strlen(plan->map_hashes[i]));
  }
  zps_hash_finish(hash, plan->map_hash);
  zps_hash_destroy(hash);
  hash = NULL;
  ZPS_TRY(zps_hash_create(&hash, error));
  zps_hash_bytes(hash, plan->map_hash, strlen(plan->map_hash));
  zps_hash_f64(hash, (const double *)(const void *)plan->matter,
               ((size_t)plan->setup.n_matter * sizeof *plan->matter) / sizeof(double));
  if (plan->moliere != NULL) {
    zps_hash_f64(hash, (const double *)(const void *)plan->moliere,
                 ((size_t)plan->setup.n_matter * sizeof *plan->moliere) / sizeof(double));
  }
  for (int32_t i = 0; plan->straggling != NULL && i < plan->setup.n_matter; i++) {
    zps_hash_bytes(hash, &plan->straggling[i], sizeof plan->straggling[i]);
  }
  for (int32_t i = 0; i < plan->setup.n_steps; i++) {
    zps_hash_f64(hash, &plan->steps[i].h, 1);
  }
  zps_hash_f64(hash, &plan->t_shape->node[0][0], sizeof plan->t_shape->node / sizeof(double));
  for (size_t i = 0; i < plan->n_mass; i++) {
    const zps_emission *const e = &plan->emission[i];
    const double head[] = {e->mass, e->x_min, e->sigma, (double)e->model, plan->sigma_pb[i], plan->x_fraction[i]};
    zps_hash_f64(hash, head, sizeof head / sizeof head[0]);
    zps_hash_f64(hash, &e->cell[0][0], sizeof e->cell / sizeof(double));
  }
  for (uint64_t i = 0; i < plan->setup.beam.n_particles; i++) {
    const zps_beam_particle *const p = &plan->particles[i];
    const double values[] = {p->x_mm, p->y_mm, p->tx, p->ty, p->p_gev};
    zps_hash_f64(hash, values, sizeof values / sizeof values[0]);
  }
  zps_hash_finish(hash, plan->table_hash);
done:
  zps_hash_destroy(hash);
  return status;
}

zps_status zps_plan_identity_text(const zps_job *job, char **text, zps_error *error) {
  zps_job identity = *job;
  identity.events_per_mass = 1;
  identity.tile_events = 1;
  identity.file[0] = '\0';
  /* Files count by their content (map_hash, table_hash), not by where they lie. */
  identity.beam.file[0] = '\0';
  for (size_t i = 0; i < identity.n_elements; i++) {
    identity.elements[i].field.map[0] = '\0';
  }
  /* What is made of the counts afterwards. */
  identity.limit.given = false;
  for (size_t i = 0; i < identity.n_triggers; i++) {
    identity.triggers[i].observed = 0.0;
    identity.triggers[i].background = 0.0;
    identity.triggers[i].background_error = 0.0;
  }
  identity.placement.beam_events = 0;
  identity.placement.scan = ZPS_SCAN_NOTHING;
  identity.placement.scan_values.n = 0;
  return zps_job_print(&identity, text, error);
}

static zps_status zps_plan_job_hash(zps_plan *plan, zps_error *error) {
  char *text = NULL;
  const zps_status status = zps_plan_identity_text(plan->job, &text, error);
  if (status == ZPS_OK) {
    zps_hash_hex(text, strlen(text), plan->job_hash);
  }
  free(text);
  return status;
}

void zps_plan_connect(zps_plan *plan) {
  plan->setup.beam.particles = plan->particles;
  plan->setup.matter = plan->matter;
  plan->setup.moliere = plan->moliere;
  plan->setup.straggling = plan->straggling;
  plan->setup.matter_model =
      (plan->moliere != NULL ? ZPS_MATTER_MOLIERE : 0) | (plan->straggling != NULL ? ZPS_MATTER_FLUCTUATING : 0);
  plan->setup.maps = plan->maps;
  plan->setup.steps = plan->steps;
  plan->setup.t_shape = plan->t_shape;
  plan->setup.emission = plan->emission;
  plan->setup.n_masses = (int32_t)plan->n_mass;
  for (int32_t i = 0; i < plan->setup.n_elements; i++) {
    plan->setup.special_fields |= plan->setup.elements[i].cubic != 0 || plan->setup.elements[i].beyond ? 1 : 0;
  }
}

/** x_min of the job, refused where it would leave out events that can pass. */
static zps_status zps_plan_choose_x_min(zps_plan *plan, zps_error *error) {
  const zps_job_process *const process = &plan->job->process;
  const double highest = plan->setup.process_none ? 1.0 : zps_plan_x_min(&plan->setup);
  plan->x_min = process->x_min_auto ? highest : process->x_min;
  return plan->x_min <= highest
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID,
                             "%s: process.x_min = %g: must be <= %.4g (auto), above which events that can pass the "
                             "p_out cut are left out",
                             plan->job->file, process->x_min, highest);
}

/** Everything but the tables of the masses. */
static zps_status zps_plan_experiment(zps_plan *plan, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plan_allocate(plan, error));
  ZPS_TRY(zps_plan_elements(plan, error));
  zps_plan_triggers(plan);
  ZPS_TRY(zps_plan_beam(plan, error));
  zps_plan_connect(plan);
  plan->setup.reach = zps_plan_magnet_reach(&plan->setup);
  ZPS_TRY(zps_plan_tracker(plan, error));
  ZPS_TRY(zps_plan_nucleus(plan, error));
  plan->setup.p_carry_max_gev = plan->setup.process_none ? 1e30 : zps_plan_p_carry_max(&plan->setup);
  ZPS_TRY(zps_plan_choose_x_min(plan, error));
  ZPS_TRY(zps_plan_check_pilot(plan, error));
done:
  return status;
}

static zps_status zps_plan_tables(zps_plan *plan, int n_threads, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plan_experiment(plan, error));
  if (plan->setup.process_none) {
    zps_plan_no_emission(plan);
  } else {
    ZPS_TRY(zps_plan_emission(plan, n_threads, error));
  }
  if (plan->column_weight != NULL) {
    ZPS_TRY(zps_plan_pilot(&plan->setup, plan->job->pilot.events, n_threads, plan->n_mass, plan->emission,
                           plan->column_weight, error));
  }
  ZPS_TRY(zps_plan_hashes(plan, error));
  ZPS_TRY(zps_plan_job_hash(plan, error));
done:
  return status;
}

/** What a plan takes from its job as it is. */
static zps_status zps_plan_begin(const zps_job *job, zps_mass_range masses, zps_plan *plan, zps_error *error) {
  memset(plan, 0, sizeof *plan);
  plan->job = job;
  plan->masses = masses;
  if (masses.first == 0 && masses.end == 0) {
    plan->masses.end = job->mass_gev.n;
  }
  if (plan->masses.first >= plan->masses.end || plan->masses.end > job->mass_gev.n) {
    return zps_error_set(error, ZPS_USAGE, "--masses %zu:%zu: expected first < end <= %zu, the masses of %s",
                         masses.first, masses.end, job->mass_gev.n, job->file);
  }
  plan->n_mass = plan->masses.end - plan->masses.first;
  plan->setup.seed = job->seed;
  plan->setup.process_none = job->process.kind == ZPS_PROCESS_NONE;
  plan->setup.selection = job->selection;
  plan->setup.placement = zps_placement_of_job(job);
  return ZPS_OK;
}

zps_status zps_plan_check(const zps_job *job, uint64_t *n_particles, zps_error *error) {
  const zps_mass_range all = {0, 0};
  zps_plan plan;
  zps_status status = ZPS_OK;
  *n_particles = 0;
  ZPS_TRY(zps_plan_begin(job, all, &plan, error));
  ZPS_TRY(zps_plan_experiment(&plan, error));
  ZPS_TRY(plan.setup.process_none ? ZPS_OK : zps_plan_check_emission(&plan, error));
  *n_particles = plan.setup.beam.n_particles;
done:
  zps_plan_free(&plan);
  return status;
}

zps_status zps_plan_build(const zps_job *job, zps_mass_range masses, int n_threads, zps_plan *plan, zps_error *error) {
  const double start_s = zps_now_s();
  zps_status status = zps_plan_begin(job, masses, plan, error);
  if (status != ZPS_OK) {
    return status;
  }
  status = zps_plan_tables(plan, n_threads > 0 ? n_threads : omp_get_max_threads(), error);
  plan->setup_s = zps_now_s() - start_s;
  if (status != ZPS_OK) {
    zps_plan_free(plan);
  }
  return status;
}

void zps_plan_arrays(const zps_plan *plan, zps_plan_array arrays[ZPS_PLAN_N_ARRAYS]) {
  const size_t n_matter = (size_t)plan->setup.n_matter;
  const size_t n_maps = (size_t)plan->setup.n_maps;
  const zps_plan_array all[ZPS_PLAN_N_ARRAYS] = {
      {offsetof(zps_plan, matter), n_matter * sizeof *plan->matter},
      {offsetof(zps_plan, moliere), n_matter * sizeof *plan->moliere},
      {offsetof(zps_plan, straggling), n_matter * sizeof *plan->straggling},
      {offsetof(zps_plan, map_hashes), n_maps * sizeof *plan->map_hashes},
      {offsetof(zps_plan, particles), (size_t)plan->setup.beam.n_particles * sizeof *plan->particles},
      {offsetof(zps_plan, t_shape), sizeof *plan->t_shape},
      {offsetof(zps_plan, emission), plan->n_mass * sizeof *plan->emission},
      {offsetof(zps_plan, sigma_pb), plan->n_mass * sizeof *plan->sigma_pb},
      {offsetof(zps_plan, sigma_error_pb), plan->n_mass * sizeof *plan->sigma_error_pb},
      {offsetof(zps_plan, x_fraction), plan->n_mass * sizeof *plan->x_fraction},
      {offsetof(zps_plan, column_weight), plan->n_mass * ZPS_N_A * sizeof *plan->column_weight},
      {offsetof(zps_plan, steps), (size_t)plan->setup.n_steps * sizeof *plan->steps},
      {offsetof(zps_plan, maps), n_maps * sizeof *plan->maps},
  };
  memcpy(arrays, all, sizeof all);
}

void *zps_plan_array_get(const zps_plan *plan, size_t offset) {
  void *array = NULL;
  memcpy(&array, (const char *)plan + offset, sizeof array);
  return array;
}

void zps_plan_array_set(zps_plan *plan, size_t offset, const void *array) {
  memcpy((char *)plan + offset, &array, sizeof array);
}

void zps_plan_free(zps_plan *plan) {
  const bool is_shared = plan->shared.bytes != NULL;
  zps_plan_array arrays[ZPS_PLAN_N_ARRAYS];
  zps_plan_arrays(plan, arrays);
  for (int32_t i = 0; plan->owned_maps != NULL && i < plan->setup.n_maps; i++) {
    zps_field_map_destroy(&plan->owned_maps[i]);
  }
  free(plan->owned_maps);
  for (size_t i = 0; i < ZPS_PLAN_N_ARRAYS; i++) {
    if (!is_shared || arrays[i].offset == offsetof(zps_plan, maps)) {
      free(zps_plan_array_get(plan, arrays[i].offset));
    }
  }
  zps_node_memory_close(&plan->shared);
  memset(plan, 0, sizeof *plan);
}

static void zps_plan_result_triggers(const zps_job *job, zps_result *result) {
  for (size_t t = 0; t < job->n_triggers; t++) {
    zps_result_trigger *const to = &result->triggers[t];
    (void)snprintf(to->name, sizeof to->name, "%s", job->triggers[t].name);
    to->n_mot = job->triggers[t].n_mot;
    to->live_factor = job->triggers[t].live_factor;
    to->tracking_factor = job->triggers[t].tracking_factor;
  }
}

static void zps_plan_result_masses(const zps_plan *plan, zps_result *result) {
  const zps_job *const job = plan->job;
  for (size_t i = 0; i < plan->n_mass; i++) {
    const double mass = job->mass_gev.values[plan->masses.first + i];
    result->mass_gev[i] = mass;
    result->sigma_pb[i] = plan->sigma_pb[i];
    result->sigma_error_pb[i] = plan->sigma_error_pb[i];
    result->x_fraction[i] = plan->x_fraction[i];
    for (size_t g = 0; g < job->coupling.n; g++) {
      result->branching[(i * job->coupling.n) + g] =
          zps_process_branching(&job->process, mass, job->coupling.values[g]);
    }
  }
}

zps_status zps_plan_result(const zps_plan *plan, zps_result *result, zps_error *error) {
  const zps_job *const job = plan->job;
  zps_status status = zps_result_allocate(result, plan->n_mass, job->coupling.n, job->n_triggers, error);
  if (status != ZPS_OK) {
    return status;
  }
  ZPS_TRY(zps_job_print(job, &result->job_text, error));
  result->i_first_mass = (uint64_t)plan->masses.first;
  result->seed = job->seed;
  memcpy(result->coupling, job->coupling.values, job->coupling.n * sizeof(double));
  zps_plan_result_triggers(job, result);
  zps_plan_result_masses(plan, result);
  result->nuclei_per_pb = plan->nuclei_per_pb;
  result->x_min = plan->x_min;
  if (plan->column_weight != NULL) {
    ZPS_TRY(zps_result_add_column_weights(result, error));
    memcpy(result->column_weight, plan->column_weight, plan->n_mass * ZPS_N_A * sizeof *result->column_weight);
    for (size_t i = 0; i < plan->n_mass; i++) {
      result->mean_k[i] = zps_emission_mean_k(&plan->emission[i]);
    }
  }
  result->provenance.physics_version = ZPS_PHYSICS_VERSION;
  result->provenance.setup_s = plan->setup_s;
  memcpy(result->provenance.job_hash, plan->job_hash, ZPS_HASH_SIZE);
  memcpy(result->provenance.table_hash, plan->table_hash, ZPS_HASH_SIZE);
  memcpy(result->provenance.map_hash, plan->map_hash, ZPS_HASH_SIZE);
done:
  if (status != ZPS_OK) {
    zps_result_free(result);
  }
  return status;
}
