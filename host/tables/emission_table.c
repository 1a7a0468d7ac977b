#include "host/tables/emission_table.h"

#include <stdlib.h>
#include <string.h>

#include "host/tables/gauss_legendre.h"

/* Share of the proposal spread evenly over all cells: where the midpoints of a cell miss a corner of phase space it
 * is still reached, so that the sample stays unbiased. */
#define ZPS_PROPOSAL_FLOOR 2e-3

/* Sub-points of a cell in each direction, and nodes in t and phi, to find the proposal. */
#define ZPS_N_SUB 2
#define ZPS_N_SUB_T 6
#define ZPS_N_SUB_PHI 2

/* Midpoints in nu from which the quantiles of t are found. */
#define ZPS_N_NU 512

/* t at which the inelastic form factor levels off [GeV^2]: the square of the dipole's mass. */
#define ZPS_T_DIPOLE 0.71

/* hbar c [GeV fm], exact in the SI to these digits. */
#define ZPS_GEV_FM 0.1973269804593

/** Nodes of a product rule, t and phi unrolled into lanes. */
typedef struct zps_rule_nodes {
  zps_sigma_rule rule;
  size_t n_lanes;
  double *a, *wa, *b, *wb;             /* [n_a], [n_b] on (0, 1) */
  double *nu, *cosine, *sine, *weight; /* [n_lanes] */
  double *value;                       /* [n_lanes], scratch */
  double *memory;
} zps_rule_nodes;

zps_sigma_rule zps_sigma_rule_default(void) {
  const zps_sigma_rule rule = {48, 32, 16, 4};
  return rule;
}

zps_sigma_rule zps_sigma_rule_scaled(zps_sigma_rule rule, int scale) {
  zps_sigma_rule out = rule;
  out.n_a = scale > 0 ? rule.n_a * 2 : rule.n_a / 2;
  out.n_b = scale > 0 ? rule.n_b * 2 : rule.n_b / 2;
  out.n_t = scale > 0 ? rule.n_t * 2 : rule.n_t / 2;
  out.n_phi = scale > 0 ? rule.n_phi * 2 : rule.n_phi / 2;
  return out;
}

zps_nucleus zps_nucleus_make(double z, double a) {
  zps_nucleus n;
  const double cube_root_z = zps_exp(zps_log(z) / 3.0);
  n.z = z;
  n.mass = ZPS_ATOMIC_MASS_GEV * a;
  n.t_screening = zps_square((ZPS_ELECTRON_MASS_GEV * cube_root_z) / 111.0);
  n.t_size = 0.164 * zps_exp(-(2.0 * zps_log(a)) / 3.0);
  n.t_bend = n.t_size;
  n.log_screening = zps_log(n.t_screening);
  n.inv_row_step = (double)ZPS_N_T_ROW / (zps_log(n.t_size) - n.log_screening);
  n.helm_radius = 0.0;
  n.helm_skin2 = 0.0;
  n.t_inelastic = 1.0;
  n.inelastic_linear = 0.0;
  n.inelastic_squared = 0.0;
  return n;
}

static void zps_nucleus_set_helm(zps_nucleus *n) {
  const double cube_root_a = zps_exp(zps_log(n->mass / ZPS_ATOMIC_MASS_GEV) / 3.0);
  const double c = ((1.23 * cube_root_a) - 0.60) / ZPS_GEV_FM;
  const double thickness = 0.52 / ZPS_GEV_FM;
  const double skin = 0.9 / ZPS_GEV_FM;
  const double radius2 =
      ((c * c) + (((7.0 / 3.0) * (ZPS_PI * ZPS_PI)) * (thickness * thickness))) - ((5.0 * skin) * skin);
  n->helm_radius = zps_sqrt(radius2) / (2.0 * ZPS_PI);
  n->helm_skin2 = (0.5 * skin) * skin;
}

void zps_nucleus_set_form(zps_nucleus *nucleus, zps_form_factor form, zps_inelastic inelastic) {
  if (form == ZPS_FORM_HELM) {
    zps_nucleus_set_helm(nucleus);
  }
  if (inelastic != ZPS_INELASTIC_NONE) {
    const double cube_root_z = zps_exp(zps_log(nucleus->z) / 3.0);
    nucleus->t_inelastic = zps_square((ZPS_ELECTRON_MASS_GEV * (cube_root_z * cube_root_z)) / 773.0);
    nucleus->inelastic_linear = inelastic == ZPS_INELASTIC_LINEAR ? nucleus->z : 0.0;
    nucleus->inelastic_squared = inelastic == ZPS_INELASTIC_SQUARED ? nucleus->z : 0.0;
    nucleus->t_bend = ZPS_T_DIPOLE;
    nucleus->inv_row_step = (double)ZPS_N_T_ROW / (zps_log(nucleus->t_bend) - nucleus->log_screening);
  }
}

static int zps_nucleus_is_plain(const zps_nucleus *n) {
  return !(n->helm_radius > 0.0) && !(n->inelastic_linear > 0.0) && !(n->inelastic_squared > 0.0);
}

zps_status zps_emission_choose(const zps_nucleus *nucleus, int model, zps_mediator mediator, int *chosen,
                               zps_error *error) {
  const int is_default = mediator == ZPS_MEDIATOR_VECTOR && zps_nucleus_is_plain(nucleus);
  *chosen = is_default ? model : ZPS_EMISSION_OPTION + (int)mediator;
  if (!is_default && model != ZPS_EMISSION_ETL) {
    return zps_error_set(error, ZPS_INVALID,
                         "model = %s: only for a vector mediator with the elastic form factor (expected etl)",
                         model == ZPS_EMISSION_WW ? "ww" : "iww");
  }
  return ZPS_OK;
}

int zps_emission_possible(const zps_nucleus *nucleus, double mass_gev, double energy_gev) {
  return mass_gev / energy_gev < zps_emission_x_max(mass_gev, energy_gev, nucleus->mass);
}

static void zps_nodes_unit(size_t n, double *x, double *w) {
  zps_gauss_legendre(n, x, w);
  for (size_t i = 0; i < n; i++) {
    x[i] = 0.5 * (1.0 + x[i]);
    w[i] = 0.5 * w[i];
  }
}

static void zps_rule_fill_lanes(zps_rule_nodes *nodes, const double *t, const double *wt) {
  const size_t n_phi = nodes->rule.n_phi;
  for (size_t i = 0; i < nodes->n_lanes; i++) {
    const double turn = ((double)(i % n_phi) + 0.5) / (2.0 * (double)n_phi);
    const zps_sin_cos phi = zps_sincos_turn(turn);
    nodes->nu[i] = t[i / n_phi];
    nodes->cosine[i] = phi.cosine;
    nodes->sine[i] = phi.sine;
    nodes->weight[i] = wt[i / n_phi] / (double)n_phi;
  }
}

static zps_status zps_rule_nodes_create(zps_sigma_rule rule, zps_rule_nodes *nodes, zps_error *error) {
  const size_t n_lanes = rule.n_t * rule.n_phi;
  const size_t n = (2 * (rule.n_a + rule.n_b + rule.n_t)) + (5 * n_lanes);
  double *const memory = (double *)calloc(n, sizeof *memory);
  if (memory == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "cross-section: no memory for %zu quadrature nodes", n);
  }
  double *at = memory;
  memset(nodes, 0, sizeof *nodes);
  nodes->rule = rule;
  nodes->n_lanes = n_lanes;
  nodes->memory = memory;
  nodes->a = at;
  nodes->wa = at + rule.n_a;
  nodes->b = at + (2 * rule.n_a);
  nodes->wb = nodes->b + rule.n_b;
  double *const t = nodes->wb + rule.n_b;
  double *const wt = t + rule.n_t;
  nodes->nu = wt + rule.n_t;
  nodes->cosine = nodes->nu + n_lanes;
  nodes->sine = nodes->cosine + n_lanes;
  nodes->weight = nodes->sine + n_lanes;
  nodes->value = nodes->weight + n_lanes;
  zps_nodes_unit(rule.n_a, nodes->a, nodes->wa);
  zps_nodes_unit(rule.n_b, nodes->b, nodes->wb);
  zps_nodes_unit(rule.n_t, t, wt);
  zps_rule_fill_lanes(nodes, t, wt);
  return ZPS_OK;
}

static void zps_rule_nodes_free(zps_rule_nodes *nodes) {
  free(nodes->memory);
  nodes->memory = NULL;
}

/** A copy member by member: gcc 12 vectorises loops over these, not over a copy of the struct as a whole. */
ZPS_HD zps_emission_state zps_state_of(const zps_emission_state *b) {
  zps_emission_state s;
  s.live = b->live;
  s.energy = b->energy;
  s.p = b->p;
  s.x = b->x;
  s.y = b->y;
  s.e_k = b->e_k;
  s.k = b->k;
  s.u_abs = b->u_abs;
  s.sin2_half = b->sin2_half;
  s.v2 = b->v2;
  s.v = b->v;
  s.v0 = b->v0;
  s.t_lo = b->t_lo;
  s.t_hi = b->t_hi;
  s.t = b->t;
  s.cos_phi = b->cos_phi;
  s.sin_phi = b->sin_phi;
  s.lambda_0 = b->lambda_0;
  s.lambda_range = b->lambda_range;
  s.jacobian_ab = b->jacobian_ab;
  s.jacobian_t = b->jacobian_t;
  return s;
}

static zps_mediator zps_mediator_of(int model) {
  return model < ZPS_EMISSION_OPTION ? ZPS_MEDIATOR_VECTOR : (zps_mediator)(model - ZPS_EMISSION_OPTION);
}

/* One function per model, so that the loop over lanes has no branch. */
#define ZPS_DEFINE_LANES(name, density)                                                                                \
  static __attribute__((noinline)) void zps_lanes_##name(const zps_nucleus *n, double mass, int32_t model,             \
                                                         const zps_emission_state *restrict base,                      \
                                                         const zps_rule_nodes *nodes, double *restrict value) {        \
    const zps_vertex vertex = zps_emission_vertex(zps_mediator_of(model), mass);                                       \
    const double *const nu = nodes->nu;                                                                                \
    const double *const cosine = nodes->cosine;                                                                        \
    const double *const sine = nodes->sine;                                                                            \
    const int n_lanes = (int)nodes->n_lanes;                                                                           \
    (void)vertex;                                                                                                      \
    _Pragma("omp simd") for (int i = 0; i < n_lanes; i++) {                                                            \
      zps_emission_state s = zps_state_of(base);                                                                       \
      zps_emission_set_t(n, nu[i], &s);                                                                                \
      s.cos_phi = cosine[i];                                                                                           \
      s.sin_phi = sine[i];                                                                                             \
      value[i] = (density)*s.jacobian_t;                                                                               \
    }                                                                                                                  \
  }

ZPS_DEFINE_LANES(etl, zps_emission_etl(n, mass, &s))
ZPS_DEFINE_LANES(ww, zps_emission_ww_event(n, mass, model, &s))
ZPS_DEFINE_LANES(option, zps_emission_etl_option(n, mass, &vertex, &s))

/** Integral over t and phi at one (a, b): d sigma/(da db). */
static double zps_integrate_t_phi(const zps_nucleus *n, int model, double mass, double x_min, double energy, double a,
                                  double b, const zps_rule_nodes *nodes) {
  zps_emission_state s = zps_emission_ab(n, mass, x_min, energy, a, b);
  zps_emission_open_t(n, zps_emission_t_cap(mass, model), &s);
  if (s.live == 0.0) {
    return 0.0;
  }
  if (model == ZPS_EMISSION_ETL) {
    zps_lanes_etl(n, mass, model, &s, nodes, nodes->value);
  } else if (zps_emission_is_ww(model)) {
    zps_lanes_ww(n, mass, model, &s, nodes, nodes->value);
  } else {
    zps_lanes_option(n, mass, model, &s, nodes, nodes->value);
  }
  double sum = 0.0;
  for (size_t i = 0; i < nodes->n_lanes; i++) {
    sum = sum + (nodes->weight[i] * nodes->value[i]);
  }
  return sum * s.jacobian_ab;
}

zps_status zps_emission_integrate(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev,
                                  double x_min, zps_sigma_rule rule, double *integral, zps_error *error) {
  zps_rule_nodes nodes;
  rule.n_t = zps_nucleus_is_plain(nucleus) ? rule.n_t : 2 * rule.n_t;
  const zps_status status = zps_rule_nodes_create(rule, &nodes, error);
  if (status != ZPS_OK) {
    return status;
  }
  double sum = 0.0;
  for (size_t i = 0; i < rule.n_a; i++) {
    double row = 0.0;
    for (size_t j = 0; j < rule.n_b; j++) {
      row = row + (nodes.wb[j] *
                   zps_integrate_t_phi(nucleus, model, mass_gev, x_min, energy_gev, nodes.a[i], nodes.b[j], &nodes));
    }
    sum = sum + (nodes.wa[i] * row);
  }
  zps_rule_nodes_free(&nodes);
  *integral = sum;
  return ZPS_OK;
}

/** d sigma/(da db) of WW on its own: all angles, its own chi. */
static double zps_ww_ab(const zps_nucleus *n, double mass, const zps_emission_state *s) {
  const double t_max = zps_emission_t_cap(mass, ZPS_EMISSION_WW);
  const double u_tilde = zps_emission_u_tilde(mass, s->energy, s->x, s->y, zps_emission_theta2(s->sin2_half));
  const double t_min = zps_emission_ww_t_min(mass, ZPS_EMISSION_WW, s->energy, s->y, u_tilde);
  return zps_emission_ww(mass, s, u_tilde, zps_emission_chi(n, t_min, t_max)) * s->jacobian_ab;
}

/** d sigma/da of IWW: the integral over 1/|utilde| from 0 is a cubic. */
static double zps_iww_a(const zps_nucleus *n, double mass, double logit_range, const zps_emission_state *s) {
  const double m2 = mass * mass;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double v = 1.0 / zps_emission_u_tilde(mass, s->energy, s->x, s->y, 0.0);
  const double t_min = zps_emission_ww_t_min(mass, ZPS_EMISSION_IWW, s->energy, s->y, 0.0);
  const double chi = zps_emission_chi(n, t_min, m2 + mu2);
  const double heavy = m2 + (2.0 * mu2);
  const double cubic = ((m2 * s->y) + (mu2 * (s->x * s->x)));
  const double flat = (2.0 * ((2.0 - (2.0 * s->x)) + (s->x * s->x))) / s->y;
  const double braces = v * (flat - ((2.0 * (heavy * s->x)) * v) + (((4.0 / 3.0) * (heavy * cubic)) * (v * v)));
  const double coupling = (ZPS_ALPHA * ZPS_ALPHA) / (4.0 * ZPS_PI);
  return (((coupling * (s->k / s->energy)) * (s->y / s->x)) * (chi * braces)) * ((s->x * s->y) * logit_range);
}

static double zps_logit_range(const zps_nucleus *n, double mass, double energy, double x_min) {
  const double lo = zps_max(x_min, mass / energy);
  const double hi = zps_emission_x_max(mass, energy, n->mass);
  return zps_log((hi * (1.0 - lo)) / ((1.0 - hi) * lo));
}

static zps_status zps_sigma_ww(const zps_nucleus *n, int model, double mass, double energy, double x_min,
                               zps_sigma_rule rule, double *integral, zps_error *error) {
  zps_rule_nodes nodes;
  const zps_status status = zps_rule_nodes_create(rule, &nodes, error);
  if (status != ZPS_OK) {
    return status;
  }
  const double logit_range = zps_logit_range(n, mass, energy, x_min);
  double sum = 0.0;
  for (size_t i = 0; i < rule.n_a; i++) {
    double row = 0.0;
    for (size_t j = 0; j < rule.n_b; j++) {
      const zps_emission_state s = zps_emission_ab(n, mass, x_min, energy, nodes.a[i], nodes.b[j]);
      const double value = model == ZPS_EMISSION_WW ? zps_ww_ab(n, mass, &s) : zps_iww_a(n, mass, logit_range, &s);
      row = row + (nodes.wb[j] * value);
    }
    sum = sum + (nodes.wa[i] * row);
  }
  zps_rule_nodes_free(&nodes);
  *integral = sum;
  return ZPS_OK;
}

zps_status zps_sigma_value_pb(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev, double x_min,
                              zps_sigma_rule rule, double *sigma_pb, zps_error *error) {
  double integral = 0.0;
  zps_status status = ZPS_OK;
  const double x_max = zps_emission_x_max(mass_gev, energy_gev, nucleus->mass);
  if (zps_emission_possible(nucleus, mass_gev, energy_gev) && x_min < x_max) {
    status = zps_emission_is_ww(model)
                 ? zps_sigma_ww(nucleus, model, mass_gev, energy_gev, x_min, rule, &integral, error)
                 : zps_emission_integrate(nucleus, model, mass_gev, energy_gev, x_min, rule, &integral, error);
  }
  *sigma_pb = integral * ZPS_PB_GEV2;
  return status;
}

zps_status zps_sigma_pb(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev, double x_min,
                        zps_sigma_rule rule, double *sigma_pb, double *error_pb, zps_error *error) {
  double coarse = 0.0;
  zps_status status = zps_sigma_value_pb(nucleus, model, mass_gev, energy_gev, x_min, rule, &coarse, error);
  if (status != ZPS_OK) {
    return status;
  }
  status =
      zps_sigma_value_pb(nucleus, model, mass_gev, energy_gev, x_min, zps_sigma_rule_scaled(rule, 1), sigma_pb, error);
  *error_pb = zps_abs(*sigma_pb - coarse);
  return status;
}

/** Quantiles of t for one row: nodes of equal probability in nu, by linear inversion of the cumulated midpoints. */
static void zps_t_shape_row(const zps_nucleus *n, double t_lo, double *node) {
  const double lambda_0 = zps_emission_lambda(n, t_lo);
  const double range = zps_log(n->t_bend) - lambda_0;
  const int plain = zps_nucleus_is_plain(n);
  double cumulated[ZPS_N_NU + 1];
  cumulated[0] = 0.0;
  for (int i = 0; i < ZPS_N_NU; i++) {
    const double nu = ((double)i + 0.5) / (double)ZPS_N_NU;
    const double big_y = zps_exp(lambda_0 + (nu * range));
    const double t = (big_y - n->t_screening) / (1.0 - (big_y / n->t_bend));
    const double shape =
        plain ? (t - t_lo) / ((t + n->t_screening) * (1.0 + (t / n->t_size)))
              : ((t - t_lo) * zps_emission_flux_option(n, t)) * ((t + n->t_screening) * (1.0 + (t / n->t_bend)));
    cumulated[i + 1] = cumulated[i] + zps_max(shape, 0.0);
  }
  int at = 0;
  node[0] = 0.0;
  for (int i = 1; i < ZPS_N_T_BIN; i++) {
    const double target = (cumulated[ZPS_N_NU] * (double)i) / (double)ZPS_N_T_BIN;
    while (at < ZPS_N_NU - 1 && cumulated[at + 1] < target) {
      at++;
    }
    const double step = (target - cumulated[at]) / (cumulated[at + 1] - cumulated[at]);
    node[i] = ((double)at + step) / (double)ZPS_N_NU;
  }
  node[ZPS_N_T_BIN] = 1.0;
}

void zps_t_shape_build(const zps_nucleus *nucleus, zps_t_shape *shape) {
  for (int row = 0; row <= ZPS_N_T_ROW; row++) {
    /* The last row stands for all t far above t_bend, where the shape in nu has its limit. */
    const double lambda_0 = nucleus->log_screening + ((double)row / nucleus->inv_row_step);
    const double big_y = zps_exp(lambda_0);
    const double t_lo = (big_y - nucleus->t_screening) / (1.0 - (big_y / nucleus->t_bend));
    const double far = 1e3 * nucleus->t_bend;
    zps_t_shape_row(nucleus, (row == ZPS_N_T_ROW || !(t_lo < far)) ? far : zps_max(t_lo, 0.0), shape->node[row]);
  }
}

/** Mean of d sigma/(da db) over sub-points of a cell. */
static double zps_cell_mean(const zps_nucleus *n, int model, double mass, double x_min, double energy, int i, int j,
                            const zps_rule_nodes *nodes) {
  double sum = 0.0;
  for (int p = 0; p < ZPS_N_SUB; p++) {
    for (int q = 0; q < ZPS_N_SUB; q++) {
      const double a = ((double)i + (((double)p + 0.5) / ZPS_N_SUB)) / (double)ZPS_N_A;
      const double b = ((double)j + (((double)q + 0.5) / ZPS_N_SUB)) / (double)ZPS_N_B;
      sum = sum + zps_max(zps_integrate_t_phi(n, model, mass, x_min, energy, a, b, nodes), 0.0);
    }
  }
  return sum / (double)(ZPS_N_SUB * ZPS_N_SUB);
}

/** Walker's alias method from probabilities p (which it overwrites). cell: [0] keep, [1] alias. */
static void zps_alias_build(double *p, double (*cell)[4]) {
  int32_t small[ZPS_N_CELL];
  int32_t large[ZPS_N_CELL];
  int n_small = 0;
  int n_large = 0;
  for (int32_t i = 0; i < ZPS_N_CELL; i++) {
    p[i] = p[i] * (double)ZPS_N_CELL;
    if (p[i] < 1.0) {
      small[n_small++] = i;
    } else {
      large[n_large++] = i;
    }
    cell[i][0] = 1.0;
    cell[i][1] = (double)i;
  }
  while (n_small > 0 && n_large > 0) {
    const int32_t s = small[--n_small];
    const int32_t l = large[n_large - 1];
    cell[s][0] = p[s];
    cell[s][1] = (double)l;
    p[l] = p[l] - (1.0 - p[s]);
    if (p[l] < 1.0) {
      n_large--;
      small[n_small++] = l;
    }
  }
}

static zps_status zps_proposal_build(const zps_nucleus *n, int model, double mass, double x_min, double energy,
                                     zps_emission *table, zps_error *error) {
  static const zps_sigma_rule rule = {1, 1, ZPS_N_SUB_T, ZPS_N_SUB_PHI};
  double p[ZPS_N_CELL];
  zps_rule_nodes nodes;
  const zps_status status = zps_rule_nodes_create(rule, &nodes, error);
  if (status != ZPS_OK) {
    return status;
  }
  double sum = 0.0;
  for (int i = 0; i < ZPS_N_CELL; i++) {
    p[i] = zps_cell_mean(n, model, mass, x_min, energy, i / ZPS_N_B, i % ZPS_N_B, &nodes);
    sum = sum + p[i];
  }
  zps_rule_nodes_free(&nodes);
  if (!(sum > 0.0)) {
    return zps_error_set(error, ZPS_INVALID, "emission: cross-section of mass %g GeV at %g GeV vanishes", mass, energy);
  }
  for (int i = 0; i < ZPS_N_CELL; i++) {
    p[i] = ((1.0 - ZPS_PROPOSAL_FLOOR) * (p[i] / sum)) + (ZPS_PROPOSAL_FLOOR / (double)ZPS_N_CELL);
    table->cell[i][2] = 1.0 / ((p[i] * (double)ZPS_N_CELL) * table->sigma);
    table->cell[i][3] = 0.0;
  }
  zps_alias_build(p, table->cell);
  return ZPS_OK;
}

zps_status zps_emission_build(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev, double x_min,
                              uint64_t i_mass, zps_emission *table, double *integral_all, zps_error *error) {
  const zps_sigma_rule rule = zps_sigma_rule_default();
  zps_status status = ZPS_OK;
  memset(table, 0, sizeof *table);
  table->mass = mass_gev;
  table->x_min = x_min;
  table->i_mass = i_mass;
  table->model = model;
  table->vertex = zps_emission_vertex(zps_mediator_of(model), mass_gev);
  if (!zps_emission_possible(nucleus, mass_gev, energy_gev) ||
      x_min >= zps_emission_x_max(mass_gev, energy_gev, nucleus->mass)) {
    return zps_error_set(error, ZPS_INVALID, "emission: mass %g GeV with x > %g is out of reach of a %g GeV muon",
                         mass_gev, x_min, energy_gev);
  }
  ZPS_TRY(zps_emission_integrate(nucleus, model, mass_gev, energy_gev, x_min, rule, &table->sigma, error));
  *integral_all = table->sigma;
  if (x_min > mass_gev / energy_gev) {
    ZPS_TRY(zps_emission_integrate(nucleus, model, mass_gev, energy_gev, 0.0, rule, integral_all, error));
  }
  ZPS_TRY(zps_proposal_build(nucleus, model, mass_gev, x_min, energy_gev, table, error));
done:
  return status;
}
