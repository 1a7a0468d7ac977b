/* Lanes are points in b at one a: what depends on (a, b) alone is computed once, then for each node of t a loop over
 * lanes adds the nodes of phi. Every lane goes through the operations of a scalar sum in the same order, so that the
 * bits do not depend on the width of the machine's vectors. */
#include "host/tables/emission_lanes.h"

#ifndef ZPS_ISA
#define ZPS_ISA base
#endif
#define ZPS_CONCAT_(a, b) a##b
#define ZPS_CONCAT(a, b) ZPS_CONCAT_(a, b)
#define ZPS_EMISSION_LANES ZPS_CONCAT(zps_emission_lanes_, ZPS_ISA)

/* Lanes of a block: all its arrays stay in the first-level cache. */
#define ZPS_BLOCK 64

/* Nodes of phi in one pass over the lanes: what depends on t is computed once for all of them. */
#define ZPS_N_TOGETHER 4

/** Points at one a, and their sums. */
typedef struct zps_emission_block {
  double x[ZPS_BLOCK], y[ZPS_BLOCK], e_k[ZPS_BLOCK], k[ZPS_BLOCK], u_abs[ZPS_BLOCK], sin2_half[ZPS_BLOCK];
  double v[ZPS_BLOCK], v0[ZPS_BLOCK], t_lo[ZPS_BLOCK], t_hi[ZPS_BLOCK], lambda_range[ZPS_BLOCK];
  double live[ZPS_BLOCK], jacobian_ab[ZPS_BLOCK];
  double sum[ZPS_BLOCK];
} zps_emission_block;

static void zps_block_open(const zps_emission_fibre *f, double a, int n, const double *restrict b,
                           zps_emission_block *restrict block) {
  const zps_nucleus nucleus = *f->nucleus;
  const double mass = f->mass;
  const double x_min = f->x_min;
  const double energy = f->energy;
  const double t_cap = zps_emission_t_cap(mass, f->model);
#pragma omp simd
  for (int j = 0; j < n; j++) {
    zps_emission_state s = zps_emission_ab(&nucleus, mass, x_min, energy, a, b[j]);
    zps_emission_open_t(&nucleus, t_cap, &s);
    block->x[j] = s.x;
    block->y[j] = s.y;
    block->e_k[j] = s.e_k;
    block->k[j] = s.k;
    block->u_abs[j] = s.u_abs;
    block->sin2_half[j] = s.sin2_half;
    block->v[j] = s.v;
    block->v0[j] = s.v0;
    block->t_lo[j] = s.t_lo;
    block->t_hi[j] = s.t_hi;
    block->lambda_range[j] = s.lambda_range;
    block->live[j] = s.live;
    block->jacobian_ab[j] = s.jacobian_ab;
    block->sum[j] = 0.0;
  }
}

/** The point of a lane as the densities read it. Member by member, and live: gcc 12 vectorises loops over these, and
 *  what a lane outside phase space sums up is thrown away at the end. */
ZPS_HD zps_emission_state zps_block_state(const zps_emission_block *block, double energy, double p, int j) {
  zps_emission_state s;
  s.live = 1.0;
  s.energy = energy;
  s.p = p;
  s.x = block->x[j];
  s.y = block->y[j];
  s.e_k = block->e_k[j];
  s.k = block->k[j];
  s.u_abs = block->u_abs[j];
  s.sin2_half = block->sin2_half[j];
  s.v = block->v[j];
  s.v0 = block->v0[j];
  s.t_lo = block->t_lo[j];
  s.t_hi = block->t_hi[j];
  s.lambda_range = block->lambda_range[j];
  return s;
}

/** One node of t, and the nodes of phi that one pass over the lanes adds. */
typedef struct zps_emission_pass {
  double nu, weight;
  const double *cosine, *sine;
} zps_emission_pass;

/** Adds one node of phi to the sum of a lane. */
ZPS_HD double zps_add_phi(const zps_nucleus *n, double mass, int32_t model, const zps_vertex *vertex,
                          zps_emission_state *s, double cosine, double sine, double weight, double sum) {
  s->cos_phi = cosine;
  s->sin_phi = sine;
  return sum + (weight * (zps_emission_density(n, mass, model, vertex, s) * s->jacobian_t));
}

/** Adds n_together nodes of phi, written out: gcc makes no vector code of a loop of lanes that holds another. model
 * (any ZPS_EMISSION_OPTION stands for all) and n_together are constants, so that no branch is left. */
ZPS_HD void zps_pass_lanes(const zps_emission_fibre *f, int32_t model, int n_together, const zps_emission_pass *pass,
                           int n, zps_emission_block *restrict block) {
  const zps_nucleus nucleus = *f->nucleus;
  const double mass = f->mass;
  const double energy = f->energy;
  const double p = zps_sqrt((energy - ZPS_MUON_MASS_GEV) * (energy + ZPS_MUON_MASS_GEV));
  const zps_vertex vertex = f->vertex;
  const double nu = pass->nu;
  const double weight = pass->weight;
  double cosine[ZPS_N_TOGETHER];
  double sine[ZPS_N_TOGETHER];
  for (int i = 0; i < ZPS_N_TOGETHER; i++) {
    cosine[i] = pass->cosine[i < n_together ? i : 0];
    sine[i] = pass->sine[i < n_together ? i : 0];
  }
#pragma omp simd
  for (int j = 0; j < n; j++) {
    zps_emission_state s = zps_block_state(block, energy, p, j);
    zps_emission_set_t(&nucleus, nu, &s);
    double sum = zps_add_phi(&nucleus, mass, model, &vertex, &s, cosine[0], sine[0], weight, block->sum[j]);
    if (n_together > 1) {
      sum = zps_add_phi(&nucleus, mass, model, &vertex, &s, cosine[1], sine[1], weight, sum);
    }
    if (n_together > 2) {
      sum = zps_add_phi(&nucleus, mass, model, &vertex, &s, cosine[2], sine[2], weight, sum);
      sum = zps_add_phi(&nucleus, mass, model, &vertex, &s, cosine[3], sine[3], weight, sum);
    }
    block->sum[j] = sum;
  }
}

typedef void zps_pass_run(const zps_emission_fibre *f, const zps_emission_pass *pass, int n,
                          zps_emission_block *restrict block);

#define ZPS_DEFINE_PASS(name, model, n_together)                                                                       \
  static __attribute__((noinline)) void zps_pass_##name##_##n_together(                                                \
      const zps_emission_fibre *f, const zps_emission_pass *pass, int n, zps_emission_block *restrict block) {         \
    zps_pass_lanes(f, model, n_together, pass, n, block);                                                              \
  }
#define ZPS_DEFINE_PASSES(name, model)                                                                                 \
  ZPS_DEFINE_PASS(name, model, 1)                                                                                      \
  ZPS_DEFINE_PASS(name, model, 2)                                                                                      \
  ZPS_DEFINE_PASS(name, model, 4)

ZPS_DEFINE_PASSES(etl, ZPS_EMISSION_ETL)
ZPS_DEFINE_PASSES(ww, ZPS_EMISSION_WW)
ZPS_DEFINE_PASSES(iww, ZPS_EMISSION_IWW)
ZPS_DEFINE_PASSES(option, ZPS_EMISSION_OPTION)

/** By model and n_together/2. */
static zps_pass_run *const zps_passes[4][3] = {{zps_pass_etl_1, zps_pass_etl_2, zps_pass_etl_4},
                                               {zps_pass_ww_1, zps_pass_ww_2, zps_pass_ww_4},
                                               {zps_pass_iww_1, zps_pass_iww_2, zps_pass_iww_4},
                                               {zps_pass_option_1, zps_pass_option_2, zps_pass_option_4}};

/** All nodes of phi at node i_t of t. */
static void zps_block_add(const zps_emission_fibre *f, size_t i_t, int n, zps_emission_block *block) {
  zps_pass_run *const *const run = zps_passes[f->model < ZPS_EMISSION_OPTION ? f->model : ZPS_EMISSION_OPTION];
  size_t n_together = 0;
  for (size_t i = 0; i < f->n_phi; i += n_together) {
    const zps_emission_pass pass = {f->nu[i_t], f->weight[i_t], &f->cosine[i], &f->sine[i]};
    const size_t left = f->n_phi - i;
    n_together = left >= ZPS_N_TOGETHER ? ZPS_N_TOGETHER : (left >= 2 ? 2 : 1);
    run[n_together / 2](f, &pass, n, block);
  }
}

void ZPS_EMISSION_LANES(const zps_emission_fibre *fibre, double a, size_t n_b, const double *b, double *value) {
  zps_emission_block block;
  for (size_t first = 0; first < n_b; first += ZPS_BLOCK) {
    const int n = (int)(n_b - first < ZPS_BLOCK ? n_b - first : ZPS_BLOCK);
    zps_block_open(fibre, a, n, &b[first], &block);
    for (size_t i = 0; i < fibre->n_t; i++) {
      zps_block_add(fibre, i, n, &block);
    }
    for (int j = 0; j < n; j++) {
      value[first + (size_t)j] = block.live[j] > 0.0 ? block.sum[j] * block.jacobian_ab[j] : 0.0;
    }
  }
}
