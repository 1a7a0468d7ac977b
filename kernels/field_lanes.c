#include "kernels/field_lanes.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#ifndef ZPS_ISA
#define ZPS_ISA base
#endif
#define ZPS_CONCAT_(a, b) a##b
#define ZPS_CONCAT(a, b) ZPS_CONCAT_(a, b)

#define ZPS_STAGE static __attribute__((noinline)) void
#define ZPS_FOR_LANES _Pragma("omp simd") for (int i = 0; i < ZPS_FIELD_LANES; i++)

/* The components of a node lie together, so a lookup takes one muon at a time and interpolates them side by side, in as
 * wide a register as doubles have: gathering them for many muons takes a read for each component of each node. */
#if defined(__AVX__)
#define ZPS_WIDTH 4
#else
#define ZPS_WIDTH 2
#endif
typedef float zps_floats __attribute__((vector_size(ZPS_WIDTH * sizeof(float))));
typedef double zps_components __attribute__((vector_size(ZPS_WIDTH * sizeof(double))));

ZPS_DEFINE_BILINEAR(zps_bilinear_components, zps_components)

/** What the loops over a block hand on. */
typedef struct zps_field_scratch {
  double x[ZPS_FIELD_LANES], y[ZPS_FIELD_LANES]; /* where to look up [mm] */
  int32_t at[ZPS_FIELD_LANES];                   /* zps_field_cell */
  double fx[ZPS_FIELD_LANES], fy[ZPS_FIELD_LANES];
  double tx[ZPS_FIELD_LANES], ty[ZPS_FIELD_LANES]; /* slopes there */
  double k1_x[ZPS_FIELD_LANES], k1_y[ZPS_FIELD_LANES], k2_x[ZPS_FIELD_LANES], k2_y[ZPS_FIELD_LANES];
  double k3_x[ZPS_FIELD_LANES], k3_y[ZPS_FIELD_LANES], sum_x[ZPS_FIELD_LANES], sum_y[ZPS_FIELD_LANES];
} zps_field_scratch;

ZPS_STAGE zps_lanes_cell(const zps_field_map *map, const double *restrict x, const double *restrict y,
                         zps_field_scratch *restrict s) {
  ZPS_FOR_LANES {
    const zps_field_cell cell = zps_field_cell_at(map, x[i], y[i]);
    s->at[i] = cell.at;
    s->fx[i] = cell.fx;
    s->fy[i] = cell.fy;
  }
}

/** The first components from `node` on, as doubles. x86 by name, because gcc 12 takes the general form apart. */
ZPS_HD zps_components zps_node_at(const float *node) {
#if defined(__AVX__)
  return _mm256_cvtps_pd(_mm_loadu_ps(node));
#elif defined(__SSE2__)
  double two;
  memcpy(&two, node, sizeof two);
  return _mm_cvtps_pd(_mm_castpd_ps(_mm_set_sd(two)));
#else
  zps_floats f;
  memcpy(&f, node, sizeof f);
  return __builtin_convertvector(f, zps_components);
#endif
}

ZPS_HD zps_components zps_components_on_plane(const float *cell, int32_t row, double fx, double fy) {
  return zps_bilinear_components(zps_node_at(cell), zps_node_at(cell + 4), zps_node_at(cell + row),
                                 zps_node_at(cell + row + 4), fx, fy);
}

ZPS_HD void zps_components_store(zps_components v, int part, double (*restrict b)[ZPS_FIELD_LANES], int i) {
  for (int c = 0; c < ZPS_WIDTH && part + c < 3; c++) {
    b[part + c][i] = v[c];
  }
}

ZPS_STAGE zps_muons_on_plane(const float *plane, int32_t row, const zps_field_scratch *restrict s,
                             double (*restrict b)[ZPS_FIELD_LANES]) {
  for (int i = 0; i < ZPS_FIELD_LANES; i++) {
    for (int part = 0; part < 3; part += ZPS_WIDTH) {
      const float *const cell = plane + s->at[i] + part;
      zps_components_store(zps_components_on_plane(cell, row, s->fx[i], s->fy[i]), part, b, i);
    }
  }
}

ZPS_STAGE zps_muons_between(const float *near, const float *far, double fraction, int32_t row,
                            const zps_field_scratch *restrict s, double (*restrict b)[ZPS_FIELD_LANES]) {
  for (int i = 0; i < ZPS_FIELD_LANES; i++) {
    for (int part = 0; part < 3; part += ZPS_WIDTH) {
      const int32_t at = s->at[i] + part;
      const zps_components n = zps_components_on_plane(near + at, row, s->fx[i], s->fy[i]);
      const zps_components f = zps_components_on_plane(far + at, row, s->fx[i], s->fy[i]);
      zps_components_store(ZPS_LERP(n, f, fraction), part, b, i);
    }
  }
}

ZPS_STAGE zps_muons_cubic(const zps_field_map *map, zps_field_plane plane, const double *restrict x,
                          const double *restrict y, double (*restrict b)[ZPS_FIELD_LANES]) {
  for (int i = 0; i < ZPS_FIELD_LANES; i++) {
    const zps_field_vector v = zps_field_cubic_at(map, plane, plane.between, x[i], y[i]);
    b[0][i] = v.x;
    b[1][i] = v.y;
    b[2][i] = v.z;
  }
}

static void zps_block_lookup(const zps_field_map *map, zps_field_plane plane, int32_t cubic, const double *x,
                             const double *y, zps_field_scratch *s, double (*b)[ZPS_FIELD_LANES]) {
  if (cubic) {
    zps_muons_cubic(map, plane, x, y, b);
    return;
  }
  zps_lanes_cell(map, x, y, s);
  const int32_t row = 4 * map->n_x;
  if (plane.between) {
    zps_muons_between(zps_field_plane_nodes(map, plane.i), zps_field_plane_nodes(map, zps_field_far(map, plane)),
                      plane.fraction, row, s, b);
  } else {
    zps_muons_on_plane(zps_field_plane_nodes(map, plane.i), row, s, b);
  }
}

ZPS_STAGE zps_lanes_begin(double h, const zps_field_lanes *restrict l, zps_field_scratch *restrict s) {
  ZPS_FOR_LANES {
    const zps_ray r = {l->x[i], l->y[i], l->tx[i], l->ty[i]};
    const zps_field_vector b = {l->b[0][i], l->b[1][i], l->b[2][i]};
    const zps_bend third = {l->third_x[i], l->third_y[i]};
    const zps_bend k1 = zps_rk4_bend(l->kappa[i], r.tx, r.ty, b);
    const zps_ray m = zps_rk4_middle(r, k1, third, h);
    s->k1_x[i] = k1.x;
    s->k1_y[i] = k1.y;
    s->x[i] = m.x;
    s->y[i] = m.y;
    s->tx[i] = m.tx;
    s->ty[i] = m.ty;
  }
}

/* A loop of its own for each of the two middle stages: one root behind the other would be too long a chain again. */
ZPS_STAGE zps_lanes_middle(const zps_field_lanes *restrict l, zps_field_scratch *restrict s) {
  ZPS_FOR_LANES {
    const zps_field_vector b = {l->b[0][i], l->b[1][i], l->b[2][i]};
    const zps_bend k2 = zps_rk4_bend(l->kappa[i], s->tx[i], s->ty[i], b);
    s->k2_x[i] = k2.x;
    s->k2_y[i] = k2.y;
  }
}

ZPS_STAGE zps_lanes_again(double h, zps_field_lanes *restrict l, zps_field_scratch *restrict s) {
  ZPS_FOR_LANES {
    const zps_ray r = {l->x[i], l->y[i], l->tx[i], l->ty[i]};
    const zps_field_vector b = {l->b[0][i], l->b[1][i], l->b[2][i]};
    const zps_bend k1 = {s->k1_x[i], s->k1_y[i]};
    const zps_bend k2 = {s->k2_x[i], s->k2_y[i]};
    const zps_bend k3 = zps_rk4_again(l->kappa[i], r, k2, b, h);
    const zps_ray e = zps_rk4_end(r, k1, k2, k3, h);
    const zps_bend sum = zps_rk4_sum(k1, k2, k3);
    l->x[i] = e.x;
    l->y[i] = e.y;
    s->tx[i] = e.tx;
    s->ty[i] = e.ty;
    s->k3_x[i] = k3.x;
    s->k3_y[i] = k3.y;
    s->sum_x[i] = sum.x;
    s->sum_y[i] = sum.y;
  }
}

ZPS_STAGE zps_lanes_finish(double h, zps_field_lanes *restrict l, const zps_field_scratch *restrict s) {
  ZPS_FOR_LANES {
    const zps_ray r = {l->x[i], l->y[i], l->tx[i], l->ty[i]};
    const zps_field_vector b = {l->b[0][i], l->b[1][i], l->b[2][i]};
    const zps_bend k3 = {s->k3_x[i], s->k3_y[i]};
    const zps_bend sum = {s->sum_x[i], s->sum_y[i]};
    const zps_bend k4 = zps_rk4_bend(l->kappa[i], s->tx[i], s->ty[i], b);
    const zps_bend third = zps_rk4_third(k3, k4, h);
    const zps_ray out = zps_rk4_finish(r, r, sum, k4, h);
    l->tx[i] = out.tx;
    l->ty[i] = out.ty;
    l->third_x[i] = third.x;
    l->third_y[i] = third.y;
  }
}

void ZPS_CONCAT(zps_field_lanes_lookup_, ZPS_ISA)(const zps_field_map *map, zps_field_plane plane, int32_t cubic,
                                                  zps_field_lanes *lanes) {
  zps_field_scratch s;
  zps_block_lookup(map, plane, cubic, lanes->x, lanes->y, &s, lanes->b);
}

void ZPS_CONCAT(zps_field_lanes_step_, ZPS_ISA)(const zps_field_map *map, const zps_field_step *step, int32_t cubic,
                                                zps_field_lanes *lanes) {
  zps_field_scratch s;
  zps_lanes_begin(step->h, lanes, &s);
  zps_block_lookup(map, step->middle, cubic, s.x, s.y, &s, lanes->b);
  zps_lanes_middle(lanes, &s);
  zps_lanes_again(step->h, lanes, &s);
  zps_block_lookup(map, step->end, cubic, lanes->x, lanes->y, &s, lanes->b);
  zps_lanes_finish(step->h, lanes, &s);
}
