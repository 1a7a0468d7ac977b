/* The magnet: field lookups and RK4 steps, in a map larger than the caches and in the map of the job.
 *
 * The large map has 201 x 201 x 301 nodes every 100 mm (195 MB), By = 0.5 T + x 2^-16 T/mm: trilinear interpolation
 * reproduces it exactly, its nodes are exact in float32, and p_y and p_z - c (B0 x + g x^2/2) are integrals of the
 * motion (c = 0.299792458e-3 GeV/(T mm)), against which end points are checked. Muons of 1 GeV start anywhere in it,
 * within 30 degrees of +z in either projection, because z is the stepper's independent variable; steps are 5 mm. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_suite.h"
#include "host/field/field_grid.h"

#define ZPS_B0_T 0.5
#define ZPS_GRADIENT_T_MM (1.0 / 65536.0)
#define ZPS_SPACING_MM 100.0
#define ZPS_STEP_MM 5.0
#define ZPS_WALK_STEPS 200
#define ZPS_P_GEV 1.0
#define ZPS_MAX_TANGENT 0.57735026918962576  /* 30 degrees */
#define ZPS_HALF_MM (100.0 * ZPS_SPACING_MM) /* |x|, |y| of the map */
#define ZPS_REACH_MM 8000.0                  /* |x|, |y| at the start of a walk */
#define ZPS_N_BLOCKS (ZPS_BENCH_LANES / ZPS_FIELD_LANES)
#define ZPS_BLOCK_STEPS 4 /* of a block before the next has its turn, as in the engine */
/* Batches of positions. One position reads eight nodes, about five lines of 64 bytes: 128 x 16384 of them name each of
 * the 3e6 lines of the large map 3.4 times on average and leave out exp(-3.4) = 3 % of them. */
#define ZPS_N_SPOTS 16384
#define ZPS_N_SPOTS_JOB 1024 /* for the small map of a job: positions must not come from main memory there */

/** Positions of a batch of lookups and their common plane. */
typedef struct zps_spots {
  double x[ZPS_N_BLOCKS][ZPS_FIELD_LANES], y[ZPS_N_BLOCKS][ZPS_FIELD_LANES];
  zps_field_plane plane;
} zps_spots;

typedef struct zps_field_work {
  const zps_bench_lanes *lanes;
  const zps_field_map *map;
  const zps_element *element; /* of the job's map */
  zps_spots *spots;           /* [n_spots] */
  int n_spots;
  uint64_t next;
  double worst; /* largest change of an integral of the motion [GeV] */
  zps_field_lanes blocks[ZPS_N_BLOCKS];
} zps_field_work;

static double zps_random_in(uint64_t index, uint32_t purpose, double lo, double hi) {
  return lo + ((hi - lo) * zps_draw_uniform(zps_stream_init(1, 0, index), purpose, 0).a);
}

static void zps_field_fill(const zps_field_map *map) {
  float *const b = (float *)(uintptr_t)map->b; /* the map's own memory, filled before use */
  const size_t n = (size_t)map->n_x * (size_t)map->n_y * (size_t)map->n_z;
  for (size_t i = 0; i < n; i++) {
    const double x = map->x_min_mm + (map->step_x_mm * (double)(i % (size_t)map->n_x));
    b[(4 * i) + 1] = (float)(ZPS_B0_T + (ZPS_GRADIENT_T_MM * x));
  }
}

static zps_status zps_field_large(zps_field_map_owned *owned, zps_error *error) {
  const zps_status status = zps_field_map_create(201.0, 201.0, 301.0, owned, error);
  if (status != ZPS_OK) {
    return status;
  }
  zps_field_map *const map = &owned->map;
  map->x_min_mm = -ZPS_HALF_MM;
  map->y_min_mm = -ZPS_HALF_MM;
  map->z_min_mm = 0.0;
  map->step_x_mm = ZPS_SPACING_MM;
  map->step_y_mm = ZPS_SPACING_MM;
  map->step_z_mm = ZPS_SPACING_MM;
  zps_field_fill(map);
  return ZPS_OK;
}

/** Random positions within half_x, half_y on random heights of the map; on_planes: on planes of it. */
static void zps_spots_fill(zps_field_work *work, double half_x, double half_y, int on_planes) {
  const zps_field_map *const map = work->map;
  for (int k = 0; k < work->n_spots; k++) {
    zps_spots *const spots = &work->spots[k];
    const double position = zps_random_in((uint64_t)k, 0, 0.0, (double)(map->n_z - 1));
    const double z = map->z_min_mm + (map->step_z_mm * (on_planes ? floor(position) : position));
    spots->plane = zps_field_plane_at(map, z);
    for (int i = 0; i < ZPS_BENCH_LANES; i++) {
      const uint64_t index = ((uint64_t)k * ZPS_BENCH_LANES) + (uint64_t)i;
      spots->x[i / ZPS_FIELD_LANES][i % ZPS_FIELD_LANES] = zps_random_in(index, 1, -half_x, half_x);
      spots->y[i / ZPS_FIELD_LANES][i % ZPS_FIELD_LANES] = zps_random_in(index, 2, -half_y, half_y);
    }
  }
}

static void zps_blocks_place(zps_field_work *work, const zps_spots *spots) {
  for (int k = 0; k < ZPS_N_BLOCKS; k++) {
    memcpy(work->blocks[k].x, spots->x[k], sizeof spots->x[k]);
    memcpy(work->blocks[k].y, spots->y[k], sizeof spots->y[k]);
  }
}

static void zps_blocks_lookup(zps_field_work *work, zps_field_plane plane) {
  for (int k = 0; k < ZPS_N_BLOCKS; k++) {
    work->lanes->lookup(work->map, plane, 0, &work->blocks[k]);
  }
}

static bool zps_lookup_calls(void *context, uint64_t n_calls) {
  zps_field_work *const work = (zps_field_work *)context;
  for (uint64_t call = 0; call < n_calls; call++) {
    const zps_spots *const spots = &work->spots[work->next % (uint64_t)work->n_spots];
    zps_blocks_place(work, spots);
    zps_blocks_lookup(work, spots->plane);
    work->next++;
  }
  return true;
}

/** Thread i of n begins in its own part of the batches; in the walks, which are as many as one likes, as far from
 * others. */
static void zps_field_part(void *context, int i, int n) {
  zps_field_work *const work = (zps_field_work *)context;
  work->next = (uint64_t)i * ZPS_N_SPOTS / (uint64_t)n;
}

static zps_status zps_lookup_check(zps_field_work *work, zps_error *error) {
  zps_lookup_calls(work, 1);
  for (int i = 0; i < ZPS_BENCH_LANES; i++) {
    const zps_field_lanes *const block = &work->blocks[i / ZPS_FIELD_LANES];
    const double x = block->x[i % ZPS_FIELD_LANES];
    const double got = block->b[1][i % ZPS_FIELD_LANES];
    const double expected = ZPS_B0_T + (ZPS_GRADIENT_T_MM * x);
    if (!(fabs(got - expected) < 1e-14)) { /* the nodes are exact, the interpolation to a few ulp */
      return zps_error_set(error, ZPS_FAILURE, "bench field: By(x = %g mm) = %.17g T, expected %.17g", x, got,
                           expected);
    }
  }
  return ZPS_OK;
}

/** Momentum components [GeV] of 1 GeV muons that the large map conserves: p_y, and p_z without the vector potential's
 *  part. */
typedef struct zps_integrals {
  double p_y, p_z;
} zps_integrals;

static zps_integrals zps_integrals_of(const zps_field_work *work, int i) {
  const zps_field_lanes *const block = &work->blocks[i / ZPS_FIELD_LANES];
  const int lane = i % ZPS_FIELD_LANES;
  const double x = block->x[lane];
  const double n = sqrt((1.0 + (block->tx[lane] * block->tx[lane])) + (block->ty[lane] * block->ty[lane]));
  const double potential = (ZPS_B0_T * x) + (0.5 * ZPS_GRADIENT_T_MM * x * x);
  const zps_integrals out = {(ZPS_P_GEV * block->ty[lane]) / n,
                             (ZPS_P_GEV / n) - (ZPS_CURVATURE_GEV_PER_T_MM * potential)};
  return out;
}

static void zps_walk_start(zps_field_work *work) {
  for (int i = 0; i < ZPS_BENCH_LANES; i++) {
    zps_field_lanes *const block = &work->blocks[i / ZPS_FIELD_LANES];
    const int lane = i % ZPS_FIELD_LANES;
    const uint64_t index = (work->next * ZPS_BENCH_LANES) + (uint64_t)i;
    block->x[lane] = zps_random_in(index, 3, -ZPS_REACH_MM, ZPS_REACH_MM);
    block->y[lane] = zps_random_in(index, 4, -ZPS_REACH_MM, ZPS_REACH_MM);
    block->tx[lane] = zps_random_in(index, 5, -ZPS_MAX_TANGENT, ZPS_MAX_TANGENT);
    block->ty[lane] = zps_random_in(index, 6, -ZPS_MAX_TANGENT, ZPS_MAX_TANGENT);
    block->kappa[lane] = zps_rk4_kappa(1.0, ZPS_P_GEV);
  }
}

/** n steps of every block, by turns, from z_mm on. */
static void zps_walk_turn(zps_field_work *work, double z_mm, double h_mm, int n) {
  zps_field_step steps[ZPS_BLOCK_STEPS];
  for (int i = 0; i < n; i++) {
    steps[i] = zps_field_step_from(work->map, z_mm + (h_mm * (double)i), h_mm);
  }
  for (int k = 0; k < ZPS_N_BLOCKS; k++) {
    for (int i = 0; i < n; i++) {
      work->lanes->step(work->map, &steps[i], 0, &work->blocks[k]);
    }
  }
}

static void zps_walk_steps(zps_field_work *work, double z_mm, double h_mm, int n_steps) {
  zps_blocks_lookup(work, zps_field_plane_at(work->map, z_mm));
  for (int k = 0; k < ZPS_N_BLOCKS; k++) {
    memset(work->blocks[k].third_x, 0, sizeof work->blocks[k].third_x);
    memset(work->blocks[k].third_y, 0, sizeof work->blocks[k].third_y);
  }
  for (int i = 0; i < n_steps; i += ZPS_BLOCK_STEPS) {
    const int left = n_steps - i;
    zps_walk_turn(work, z_mm + (h_mm * (double)i), h_mm, left < ZPS_BLOCK_STEPS ? left : ZPS_BLOCK_STEPS);
  }
}

static bool zps_walk_calls(void *context, uint64_t n_calls) {
  zps_field_work *const work = (zps_field_work *)context;
  const double last_mm = (double)(work->map->n_z - 1) * ZPS_SPACING_MM;
  for (uint64_t call = 0; call < n_calls; call++) {
    zps_integrals before[ZPS_BENCH_LANES];
    zps_walk_start(work);
    for (int i = 0; i < ZPS_BENCH_LANES; i++) {
      before[i] = zps_integrals_of(work, i);
    }
    const double z_mm = zps_random_in(work->next, 7, 0.0, last_mm - (ZPS_STEP_MM * ZPS_WALK_STEPS));
    zps_walk_steps(work, z_mm, ZPS_STEP_MM, ZPS_WALK_STEPS);
    for (int i = 0; i < ZPS_BENCH_LANES; i++) {
      const zps_integrals after = zps_integrals_of(work, i);
      work->worst = fmax(work->worst, fmax(fabs(after.p_y - before[i].p_y), fabs(after.p_z - before[i].p_z)));
    }
    work->next++;
  }
  return true;
}

/** Muons of 20 to 100 GeV through the whole map of the job. */
static bool zps_job_walk_calls(void *context, uint64_t n_calls) {
  zps_field_work *const work = (zps_field_work *)context;
  const zps_element *const e = work->element;
  for (uint64_t call = 0; call < n_calls; call++) {
    const zps_spots *const spots = &work->spots[work->next % (uint64_t)work->n_spots];
    zps_blocks_place(work, spots);
    for (int i = 0; i < ZPS_BENCH_LANES; i++) {
      zps_field_lanes *const block = &work->blocks[i / ZPS_FIELD_LANES];
      block->tx[i % ZPS_FIELD_LANES] = 0.0;
      block->ty[i % ZPS_FIELD_LANES] = 0.0;
      block->kappa[i % ZPS_FIELD_LANES] = zps_rk4_kappa(1.0, 20.0 + ((80.0 * (double)i) / ZPS_BENCH_LANES));
    }
    zps_walk_steps(work, e->z_start_mm, (e->z_end_mm - e->z_start_mm) / (double)e->n_steps, e->n_steps);
    work->next++;
  }
  return true;
}

static zps_status zps_bench_field_large(const zps_bench *bench, zps_field_work *work, zps_error *error) {
  zps_spots_fill(work, ZPS_HALF_MM, ZPS_HALF_MM, 0);
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_lookup_check(work, error));
  ZPS_TRY(zps_bench_report_rates(bench, zps_lookup_calls, zps_field_part, work, sizeof *work, ZPS_BENCH_LANES,
                                 "field_lookups_per_s_core", "field_lookups_per_s",
                                 "trilinear lookups of three components at random points of a 201 x 201 x 301 float32 "
                                 "map, 128 on a height, all over its 195 MB",
                                 error));
  ZPS_TRY(zps_bench_report_rates(bench, zps_walk_calls, zps_field_part, work, sizeof *work,
                                 (double)ZPS_BENCH_LANES * ZPS_WALK_STEPS, "rk_steps_per_s_core", "rk_steps_per_s",
                                 "fourth-order steps of 5 mm, two lookups each, in that map (100 mm spacing), 1 GeV "
                                 "muons within 30 degrees of +z, end points checked",
                                 error));
  /* Fourth order: a step errs by (kappa B h n^2)^5 at most, n^2 = 1 + tx^2 + ty^2 up to 2 and kappa B h up to 1e-3:
   * 200 (2e-3)^5 = 6e-12. A method of third order would err by 3e-9. */
  if (!(work->worst < 1e-11)) {
    status = zps_error_set(error, ZPS_FAILURE, "bench field: an integral of the motion changed by %g GeV", work->worst);
  }
done:
  return status;
}

static void zps_bench_field_job(const zps_bench *bench, zps_field_work *work) {
  const zps_setup *const setup = &bench->plan->setup;
  for (int32_t i = 0; i < setup->n_elements; i++) {
    if (setup->elements[i].kind == ZPS_ELEMENT_FIELD) {
      work->element = &setup->elements[i];
    }
  }
  if (work->element == NULL) {
    return;
  }
  work->map = &setup->maps[work->element->i_table];
  work->n_spots = ZPS_N_SPOTS_JOB;
  zps_spots_fill(work, 0.5 * work->element->half_x_mm, 0.5 * work->element->half_y_mm, 1);
  const zps_spread lookups = zps_bench_time(bench->timing, ZPS_BENCH_CPU, zps_lookup_calls, work);
  const zps_spread steps = zps_bench_time(bench->timing, ZPS_BENCH_CPU, zps_job_walk_calls, work);
  zps_bench_report_add(bench->report, "field_lookups_job_map_per_s_core",
                       "bilinear lookups on planes of the job's own map", zps_spread_rate(lookups, ZPS_BENCH_LANES));
  zps_bench_report_add(bench->report, "rk_steps_job_map_per_s_core", "fourth-order steps through the job's own map",
                       zps_spread_rate(steps, (double)ZPS_BENCH_LANES * work->element->n_steps));
}

zps_status zps_bench_field(const zps_bench *bench, zps_error *error) {
  static zps_field_work work;
  zps_field_map_owned owned = {0};
  zps_status status = ZPS_OK;
  work.lanes = bench->lanes;
  work.element = NULL;
  work.n_spots = ZPS_N_SPOTS;
  work.next = 0;
  work.worst = 0.0;
  work.spots = (zps_spots *)calloc(ZPS_N_SPOTS, sizeof *work.spots);
  if (work.spots == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench field: no memory for the positions of lookups");
  }
  ZPS_TRY(zps_field_large(&owned, error));
  work.map = &owned.map;
  ZPS_TRY(zps_bench_field_large(bench, &work, error));
  zps_bench_field_job(bench, &work);
done:
  zps_field_map_destroy(&owned);
  free(work.spots);
  work.spots = NULL;
  return status;
}
