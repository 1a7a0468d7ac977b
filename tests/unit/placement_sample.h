/* A made-up result with surfaces, and the run of its beam: what zpscan optimize reads. */
#ifndef ZPS_TEST_PLACEMENT_SAMPLE_H
#define ZPS_TEST_PLACEMENT_SAMPLE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/surface.h"
#include "host/job/placement_lattice.h"
#include "host/place/bootstrap.h"
#include "host/place/derived_job.h"

#define PLACEMENT_SAMPLE_GENERATED 200000U

/** Signals that grow wider and farther from the beam with the mass; a beam at (-12, -21) mm. */
typedef struct placement_sample {
  zps_job *job;
  zps_placement placement;
  uint64_t *surface; /* of the mass in hand */
  uint64_t extra;    /* added to one accepted cell of mass 0: more than the triggers count */
  uint64_t tail; /* not 0: the beam is a random one, of this seed, with an exponential tail in x at the last plane */
} placement_sample;

#define PLACEMENT_SAMPLE_TAIL_MM 15.0 /* in which the rate of the random beam grows by e */

/** Mean count of the random beam with x at the last plane below xm. */
static inline double placement_sample_tail(double xm) {
  return exp((xm + 90.0) / PLACEMENT_SAMPLE_TAIL_MM);
}

/** The random beam crosses the first plane where every S4 of the lattice is, so that xm alone decides. */
static inline void placement_sample_fill_tail(const placement_sample *s, uint64_t *surface) {
  const zps_placement *const p = &s->placement;
  const int64_t i = zps_lattice_cell(&p->first, -130.0);
  for (int64_t j = 1; j <= p->last.n; j++) {
    const double mean =
        placement_sample_tail(zps_lattice_edge(&p->last, j)) - placement_sample_tail(zps_lattice_edge(&p->last, j - 1));
    surface[zps_surface_index(p, 0, ZPS_SURFACE_COINCIDENCE, i, j)] =
        (uint64_t)zps_bootstrap_poisson(s->tail, 0, 0, (uint32_t)j, mean);
  }
}

/** Density of muons at the two planes [per mm^2], of all generated. */
static inline double placement_sample_density(bool is_beam, size_t i_mass, double x4, double xm) {
  const double width = is_beam ? 35.0 : 40.0 + (15.0 * (double)i_mass);
  const double dx = (x4 - (is_beam ? -12.0 : -50.0)) / width;
  const double dm = (xm - (is_beam ? -21.0 : -90.0)) / (1.4 * width);
  return exp(-0.5 * ((dx * dx) + (dm * dm))) / (2.0 * M_PI * 1.4 * width * width);
}

/** Fills a surface: coincidences, and 80 % of them accepted. */
static inline void placement_sample_fill(const placement_sample *s, size_t i_mass, uint64_t *surface) {
  const zps_placement *const p = &s->placement;
  const bool is_beam = s->job->process.kind == ZPS_PROCESS_NONE;
  memset(surface, 0, (size_t)zps_surface_size(p) * sizeof *surface);
  if (is_beam && s->tail != 0) {
    placement_sample_fill_tail(s, surface);
    return;
  }
  for (int64_t i = 1; i <= p->first.n; i++) {
    for (int64_t j = 1; j <= p->last.n; j++) {
      const double x4 = 0.5 * (zps_lattice_edge(&p->first, i - 1) + zps_lattice_edge(&p->first, i));
      const double xm = 0.5 * (zps_lattice_edge(&p->last, j - 1) + zps_lattice_edge(&p->last, j));
      const double area = (p->first.multiplier / p->first.divisor) * (p->last.multiplier / p->last.divisor);
      const double n = PLACEMENT_SAMPLE_GENERATED * area * placement_sample_density(is_beam, i_mass, x4, xm);
      surface[zps_surface_index(p, 0, ZPS_SURFACE_COINCIDENCE, i, j)] = (uint64_t)(0.9 * n);
      surface[zps_surface_index(p, 0, ZPS_SURFACE_ACCEPTED, i, j)] = is_beam ? 0 : (uint64_t)(0.7 * n);
    }
  }
}

/** Sum of a surface over the cells of two counters. */
static inline uint64_t placement_sample_count(const zps_placement *p, const uint64_t *surface,
                                              enum zps_surface_stage stage, double x4, double w4, double xm,
                                              double wm) {
  uint64_t sum = 0;
  for (int64_t i = 1; i <= p->first.n; i++) {
    for (int64_t j = 1; j <= p->last.n; j++) {
      const double a = zps_lattice_edge(&p->first, i - 1);
      const double b = zps_lattice_edge(&p->last, j - 1);
      const bool inside = a >= x4 - w4 && a < x4 && b >= xm - wm && b < xm;
      sum += inside ? surface[zps_surface_index(p, 0, stage, i, j)] : 0;
    }
  }
  return sum;
}

static inline zps_status placement_sample_read(void *context, size_t i_mass, uint64_t *surface, zps_error *error) {
  const placement_sample *const s = (const placement_sample *)context;
  (void)error;
  placement_sample_fill(s, i_mass, surface);
  if (i_mass == 0) {
    const int64_t middle = s->placement.first.n / 2;
    surface[zps_surface_index(&s->placement, 0, ZPS_SURFACE_ACCEPTED, middle, s->placement.last.n / 2)] += s->extra;
  }
  return ZPS_OK;
}

/** Counts of one trigger at one mass, from the surface in hand. */
static inline void placement_sample_cutflow(const placement_sample *s, size_t i_trigger, uint64_t *row) {
  const zps_job_trigger *const t = &s->job->triggers[i_trigger];
  uint64_t counts[ZPS_N_STAGE];
  for (int stage = 0; stage <= ZPS_STAGE_IN_S4; stage++) {
    counts[stage] = PLACEMENT_SAMPLE_GENERATED;
  }
  counts[ZPS_STAGE_IN_COINCIDENCE] =
      placement_sample_count(&s->placement, s->surface, ZPS_SURFACE_COINCIDENCE, t->counters[0].edge_x_mm,
                             t->counters[0].width_mm, t->counters[1].edge_x_mm, t->counters[1].width_mm);
  counts[ZPS_STAGE_ACCEPTED] =
      placement_sample_count(&s->placement, s->surface, ZPS_SURFACE_ACCEPTED, t->counters[0].edge_x_mm,
                             t->counters[0].width_mm, t->counters[1].edge_x_mm, t->counters[1].width_mm);
  counts[ZPS_STAGE_SOFT] = counts[ZPS_STAGE_ACCEPTED];
  for (uint32_t stage = 0; stage < ZPS_N_STAGE; stage++) {
    row[zps_tally_stage((uint32_t)i_trigger, stage, 0)] = counts[stage];
    row[zps_tally_stage((uint32_t)i_trigger, stage, 1)] = counts[stage];
  }
}

static inline zps_status placement_sample_result(placement_sample *s, zps_result *result, zps_error *error) {
  const zps_job *const job = s->job;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_allocate(result, job->mass_gev.n, job->coupling.n, job->n_triggers, error));
  ZPS_TRY(zps_job_print(job, &result->job_text, error));
  result->seed = job->seed;
  result->nuclei_per_pb = 7.422e-13;
  result->x_min = 0.5;
  memcpy(result->coupling, job->coupling.values, job->coupling.n * sizeof(double));
  for (size_t t = 0; t < job->n_triggers; t++) {
    (void)snprintf(result->triggers[t].name, ZPS_NAME_SIZE, "%s", job->triggers[t].name);
    result->triggers[t].n_mot = job->triggers[t].n_mot;
    result->triggers[t].live_factor = job->triggers[t].live_factor;
    result->triggers[t].tracking_factor = job->triggers[t].tracking_factor;
  }
  for (size_t i = 0; i < result->n_mass; i++) {
    uint64_t *const row = zps_result_row(result, i);
    result->mass_gev[i] = job->mass_gev.values[i];
    result->sigma_pb[i] = 1e11 / (1.0 + pow(result->mass_gev[i] / 0.03, 1.5));
    result->x_fraction[i] = 0.7;
    placement_sample_fill(s, i, s->surface);
    for (size_t t = 0; t < job->n_triggers; t++) {
      placement_sample_cutflow(s, t, row);
    }
    for (size_t g = 0; g < result->n_coupling; g++) {
      result->branching[(i * result->n_coupling) + g] = 1.0 / (1.0 + (10.0 * (double)g));
    }
    row[zps_tally_fate((uint32_t)job->n_triggers, ZPS_FATE_ARRIVED)] = PLACEMENT_SAMPLE_GENERATED;
    row[zps_tally_events((uint32_t)job->n_triggers)] = PLACEMENT_SAMPLE_GENERATED;
    ZPS_TRY(zps_result_add_range(result, i, 0, PLACEMENT_SAMPLE_GENERATED, error));
  }
done:
  return status;
}

/** Writes the result of a job with surfaces to path; extra, tail: see placement_sample. */
static inline zps_status placement_sample_write_tail(const char *path, zps_job *job, uint64_t extra, uint64_t tail,
                                                     zps_error *error) {
  placement_sample s = {job, zps_placement_of_job(job), NULL, extra, tail};
  zps_result result = {0};
  zps_surface_source source = {.read = placement_sample_read, .context = &s};
  zps_status status = ZPS_OK;
  s.placement.others = 0;
  source.facts.n_mass = job->mass_gev.n;
  source.facts.placement = s.placement;
  source.facts.width_first_mm = job->triggers[0].counters[0].width_mm;
  source.facts.width_last_mm = job->triggers[0].counters[job->triggers[0].n_counters - 1].width_mm;
  for (size_t i = 0; i < zps_placement_n_heights(job); i++) {
    source.facts.y_offset_mm[i] = zps_placement_height_first(job, i);
  }
  s.surface = (uint64_t *)calloc((size_t)zps_surface_size(&s.placement) + 1, sizeof *s.surface);
  if (s.surface == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  ZPS_TRY(placement_sample_result(&s, &result, error));
  ZPS_TRY(zps_result_write_placed(path, job, &result, &source, true, error));
done:
  free(s.surface);
  zps_result_free(&result);
  return status;
}

static inline zps_status placement_sample_write(const char *path, zps_job *job, uint64_t extra, zps_error *error) {
  return placement_sample_write_tail(path, job, extra, 0, error);
}

#endif
