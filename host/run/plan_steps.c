#include "host/run/plan_steps.h"

#include <math.h>
#include <stdlib.h>

#define N_CORE 32    /* probes whose rms counts */
#define N_PROBE 64   /* the others are there to see what the core does not */
#define MAX_CELLS 15 /* of a step */
#define MAX_SLOPE 0.02
#define RIM_SLOPE 0.1
#define RIM_FACTOR 100.0 /* of the error of the core that a single probe of the rim may have */

/** A muon and what its last step left. */
typedef struct probe {
  zps_ray ray;
  zps_rk4_memory memory;
} probe;

/** Element, map and the probes at the start of a step. */
typedef struct step_search {
  const zps_element *e;
  const zps_field_map *map;
  double cell_mm, lever_mm;
  probe at[N_PROBE];
} step_search;

int zps_steps_over_cells(const zps_field_map *map, double step_mm, const zps_element *e) {
  const double slack = 1e-6 * map->step_z_mm;
  const double last = map->z_min_mm + (map->step_z_mm * (double)(map->n_z - 1));
  const int on_planes = fabs(map->z_min_mm - e->z_start_mm) <= slack && fabs(last - e->z_end_mm) <= slack;
  return !e->cubic && on_planes && step_mm >= map->step_z_mm * (1.0 - 1e-9);
}

/** Point i of Halton's sequence (Numer. Math. 2 (1960) 84), spread over -1 to 1. */
static double halton(int i, int base) {
  double fraction = 1.0;
  double value = 0.0;
  for (int n = i + 1; n > 0; n /= base) {
    fraction = fraction / (double)base;
    value = value + (fraction * (double)(n % base));
  }
  return (2.0 * value) - 1.0;
}

/** Probes on the plane at z_mm. */
static void place_probes(step_search *s, double z_mm) {
  const zps_field_plane plane = zps_field_plane_at(s->map, z_mm);
  for (int i = 0; i < N_PROBE; i++) {
    probe *const p = &s->at[i];
    const double reach = i < N_CORE ? 0.8 : 0.999;
    const double slope = i < N_CORE ? MAX_SLOPE : RIM_SLOPE;
    p->ray.x = (reach * s->e->half_x_mm) * halton(i, 2);
    p->ray.y = (reach * s->e->half_y_mm) * halton(i, 3);
    p->ray.tx = slope * halton(i, 5);
    p->ray.ty = slope * halton(i, 7);
    p->memory.b = zps_field_at(s->map, plane, plane.between, p->ray.x, p->ray.y);
    p->memory.third.x = 0.0;
    p->memory.third.y = 0.0;
  }
}

static void carry(const zps_field_map *map, zps_field_step step, probe *p) {
  p->ray = zps_rk4_step(map, step.middle, step.end, step.middle.between, step.end.between,
                        zps_rk4_kappa(1.0, ZPS_STEP_P_GEV), step.h, p->ray, &p->memory);
}

/** Distance [um] at the end of the layout between one step of n_cells from cell i_cell and the probes `fine` that came
 *  there cell by cell: root mean square of the core, or the largest of the rim over RIM_FACTOR where that is more. */
static double error_um(const step_search *s, int32_t i_cell, int32_t n_cells, const probe *fine) {
  const double z_mm = s->e->z_start_mm + ((double)i_cell * s->cell_mm);
  const double h_mm = (double)n_cells * s->cell_mm;
  const zps_field_step step = zps_field_step_from(s->map, z_mm, h_mm);
  const double lever = (s->e->z_end_mm - (z_mm + h_mm)) + s->lever_mm;
  double sum = 0.0;
  double worst = 0.0;
  for (int i = 0; i < N_PROBE; i++) {
    probe p = s->at[i];
    carry(s->map, step, &p);
    const double dx = (p.ray.x - fine[i].ray.x) + (lever * (p.ray.tx - fine[i].ray.tx));
    const double dy = (p.ray.y - fine[i].ray.y) + (lever * (p.ray.ty - fine[i].ray.ty));
    const double square = (dx * dx) + (dy * dy);
    sum = sum + (i < N_CORE ? square : 0.0);
    worst = zps_max(worst, i < N_CORE ? 0.0 : square);
  }
  return 1e3 * zps_sqrt(zps_max(sum / (double)N_CORE, worst / (RIM_FACTOR * RIM_FACTOR)));
}

/** Cells of the longest step from cell i_cell, at most n_most. */
static int32_t longest_step(step_search *s, int32_t i_cell, int32_t n_most) {
  probe fine[N_PROBE];
  int32_t n_best = 1;
  place_probes(s, s->e->z_start_mm + ((double)i_cell * s->cell_mm));
  for (int i = 0; i < N_PROBE; i++) {
    fine[i] = s->at[i];
  }
  for (int32_t n = 1; n <= n_most; n++) {
    const double z_mm = s->e->z_start_mm + ((double)(i_cell + n - 1) * s->cell_mm);
    const zps_field_step one = zps_field_step_from(s->map, z_mm, s->cell_mm);
    for (int i = 0; i < N_PROBE; i++) {
      carry(s->map, one, &fine[i]);
    }
    if (n % 2 == 1 && n > 1 && error_um(s, i_cell, n, fine) <= ZPS_STEP_ERROR_UM) {
      n_best = n;
    }
  }
  return n_best;
}

/** Steps over whole cells, two planes of the map to a cell. Returns their number. */
static int32_t choose_steps(const zps_field_map *map, double step_mm, double lever_mm, const zps_element *e,
                            zps_field_step *steps) {
  const int32_t n_cells = (map->n_z - 1) / 2;
  step_search search = {.e = e, .map = map, .lever_mm = lever_mm};
  search.cell_mm = (e->z_end_mm - e->z_start_mm) / (double)n_cells;
  const int32_t n_most = (int32_t)zps_clamp((step_mm / search.cell_mm) + 1e-9, 1.0, (double)MAX_CELLS);
  int32_t n = 0;
  for (int32_t i_cell = 0; i_cell < n_cells;) {
    const int32_t left = n_cells - i_cell;
    const int32_t width = longest_step(&search, i_cell, left < n_most ? left : n_most);
    const double z_mm = e->z_start_mm + ((double)i_cell * search.cell_mm);
    steps[n++] = zps_field_step_from(map, z_mm, (double)width * search.cell_mm);
    i_cell += width;
  }
  return n;
}

static int32_t equal_steps(const zps_field_map *map, int32_t n, const zps_element *e, zps_field_step *steps) {
  const double h_mm = (e->z_end_mm - e->z_start_mm) / (double)n;
  for (int32_t i = 0; i < n; i++) {
    steps[i] = zps_field_step_from(map, e->z_start_mm + ((double)i * h_mm), h_mm);
  }
  return n;
}

zps_status zps_plan_steps(const zps_field_map *map, int over_cells, double step_mm, double lever_mm, zps_element *e,
                          zps_field_step **steps, int32_t *n_steps, zps_error *error) {
  const double length = e->z_end_mm - e->z_start_mm;
  const double longest = zps_min(step_mm, map->step_z_mm);
  const double n_most = over_cells ? (double)(map->n_z / 2) : zps_max(ceil((length / longest) - 1e-9), 1.0);
  if (n_most > 1e8 - (double)*n_steps) {
    return zps_error_set(error, ZPS_INVALID, "%.3g steps through a field: must be below 1e8", n_most);
  }
  zps_field_step *const more = (zps_field_step *)realloc(*steps, ((size_t)*n_steps + (size_t)n_most) * sizeof *more);
  if (more == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "no memory for %.0f steps through a field", n_most);
  }
  *steps = more;
  e->i_step = *n_steps;
  e->n_steps = over_cells ? choose_steps(map, step_mm, lever_mm, e, more + *n_steps)
                          : equal_steps(map, (int32_t)n_most, e, more + *n_steps);
  *n_steps += e->n_steps;
  return ZPS_OK;
}
