#include "host/tables/emission_table.h"

#include <stdlib.h>
#include <string.h>

#include "host/instruction_set.h"
#include "host/tables/emission_lanes.h"
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

/** Nodes of a product rule, and the loop over lanes that takes them. */
typedef struct zps_rule_nodes {
  zps_sigma_rule rule;
  double *a, *wa, *b, *wb; /* [n_a], [n_b] on (0, 1) */
  double *nu, *weight;     /* [n_t] on (0, 1), weights over n_phi */
  double *cosine, *sine;   /* [n_phi] */
  double *value;           /* [n_b], scratch */
  zps_emission_lanes *lanes;
  double *memory;
} zps_rule_nodes;

static zps_emission_lanes *const zps_lanes_by_set[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_emission_lanes);

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

static void zps_rule_fill(zps_rule_nodes *nodes) {
  const double n_phi = (double)nodes->rule.n_phi;
  zps_nodes_unit(nodes->rule.n_a, nodes->a, nodes->wa);
  zps_nodes_unit(nodes->rule.n_b, nodes->b, nodes->wb);
  zps_nodes_unit(nodes->rule.n_t, nodes->nu, nodes->weight);
  for (size_t i = 0; i < nodes->rule.n_t; i++) {
    nodes->weight[i] = nodes->weight[i] / n_phi;
  }
  for (size_t i = 0; i < nodes->rule.n_phi; i++) {
    const zps_sin_cos phi = zps_sincos_turn(((double)i + 0.5) / (2.0 * n_phi));
    nodes->cosine[i] = phi.cosine;
    nodes->sine[i] = phi.sine;
  }
}

static zps_status zps_rule_nodes_create(zps_sigma_rule rule, zps_rule_nodes *nodes, zps_error *error) {
  const size_t n = (2 * (rule.n_a + rule.n_t + rule.n_phi)) + (3 * rule.n_b);
  zps_instruction_set set = ZPS_SET_BASE;
  const zps_status status = zps_instruction_set_choose(NULL, &set, error);
  if (status != ZPS_OK) {
    return status;
  }
  double *const memory = (double *)calloc(n, sizeof *memory);
  if (memory == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "cross-section: no memory for %zu quadrature nodes", n);
  }
  nodes->rule = rule;
  nodes->lanes = zps_lanes_by_set[set];
  nodes->memory = memory;
  nodes->a = memory;
  nodes->wa = nodes->a + rule.n_a;
  nodes->b = nodes->wa + rule.n_a;
  nodes->wb = nodes->b + rule.n_b;
  nodes->value = nodes->wb + rule.n_b;
  nodes->nu = nodes->value + rule.n_b;
  nodes->weight = nodes->nu + rule.n_t;
  nodes->cosine = nodes->weight + rule.n_t;
  nodes->sine = nodes->cosine + rule.n_phi;
  zps_rule_fill(nodes);
  return ZPS_OK;
}

static void zps_rule_nodes_free(zps_rule_nodes *nodes) {
  free(nodes->memory);
  nodes->memory = NULL;
}

static zps_mediator zps_mediator_of(int model) {
  return model < ZPS_EMISSION_OPTION ? ZPS_MEDIATOR_VECTOR : (zps_mediator)(model - ZPS_EMISSION_OPTION);
}

static zps_emission_fibre zps_fibre_of(const zps_nucleus *nucleus, int model, double mass, double x_min, double energy,
                                       const zps_rule_nodes *nodes) {
  const zps_emission_fibre fibre = {nucleus,
                                    model,
                                    zps_emission_vertex(zps_mediator_of(model), mass),
                                    mass,
                                    x_min,
                                    energy,
                                    nodes->rule.n_t,
                                    nodes->rule.n_phi,
                                    nodes->nu,
                                    nodes->weight,
                                    nodes->cosine,
                                    nodes->sine};
  return fibre;
}

zps_status zps_emission_integrate(const zps_nucleus *nucleus, int model, double mass_gev, double energy_gev,
                                  double x_min, zps_sigma_rule rule, double *integral, zps_error *error) {
  zps_rule_nodes nodes;
  rule.n_t = zps_nucleus_is_plain(nucleus) ? rule.n_t : 2 * rule.n_t;
  const zps_status status = zps_rule_nodes_create(rule, &nodes, error);
  if (status != ZPS_OK) {
    return status;
  }
  const zps_emission_fibre fibre = zps_fibre_of(nucleus, model, mass_gev, x_min, energy_gev, &nodes);
  double sum = 0.0;
  for (size_t i = 0; i < rule.n_a; i++) {
    double row = 0.0;
    nodes.lanes(&fibre, nodes.a[i], rule.n_b, nodes.b, nodes.value);
    for (size_t j = 0; j < rule.n_b; j++) {
      row = row + (nodes.wb[j] * nodes.value[j]);
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

/** Middle of sub-point i_sub of cell i of n. */
static double zps_sub_point(int i, int i_sub, int n) {
  return ((double)i + (((double)i_sub + 0.5) / ZPS_N_SUB)) / (double)n;
}

/** p[ZPS_N_CELL]: mean of d sigma/(da db) over the sub-points of each cell. */
static void zps_cell_means(const zps_emission_fibre *fibre, zps_emission_lanes *lanes, double *p) {
  double b[ZPS_N_B * ZPS_N_SUB];
  double value[ZPS_N_B * ZPS_N_SUB];
  for (int j = 0; j < ZPS_N_B * ZPS_N_SUB; j++) {
    b[j] = zps_sub_point(j / ZPS_N_SUB, j % ZPS_N_SUB, ZPS_N_B);
  }
  memset(p, 0, ZPS_N_CELL * sizeof *p);
  for (int i = 0; i < ZPS_N_A * ZPS_N_SUB; i++) {
    double *const row = &p[(i / ZPS_N_SUB) * ZPS_N_B];
    lanes(fibre, zps_sub_point(i / ZPS_N_SUB, i % ZPS_N_SUB, ZPS_N_A), ZPS_N_B * ZPS_N_SUB, b, value);
    for (int j = 0; j < ZPS_N_B * ZPS_N_SUB; j++) {
      row[j / ZPS_N_SUB] = row[j / ZPS_N_SUB] + zps_max(value[j], 0.0);
    }
  }
  for (int i = 0; i < ZPS_N_CELL; i++) {
    p[i] = p[i] / (double)(ZPS_N_SUB * ZPS_N_SUB);
  }
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
  const zps_emission_fibre fibre = zps_fibre_of(n, model, mass, x_min, energy, &nodes);
  zps_cell_means(&fibre, nodes.lanes, p);
  zps_rule_nodes_free(&nodes);
  double sum = 0.0;
  for (int i = 0; i < ZPS_N_CELL; i++) {
    sum = sum + p[i];
  }
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

zps_status zps_emission_check(const zps_nucleus *nucleus, double mass_gev, double energy_gev, double x_min,
                              zps_error *error) {
  const int reached = zps_emission_possible(nucleus, mass_gev, energy_gev) &&
                      x_min < zps_emission_x_max(mass_gev, energy_gev, nucleus->mass);
  return reached
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "emission: mass %g GeV with x > %g is out of reach of a %g GeV muon",
                             mass_gev, x_min, energy_gev);
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
  ZPS_TRY(zps_emission_check(nucleus, mass_gev, energy_gev, x_min, error));
  ZPS_TRY(zps_emission_integrate(nucleus, model, mass_gev, energy_gev, x_min, rule, &table->sigma, error));
  *integral_all = table->sigma;
  if (x_min > mass_gev / energy_gev) {
    ZPS_TRY(zps_emission_integrate(nucleus, model, mass_gev, energy_gev, 0.0, rule, integral_all, error));
  }
  ZPS_TRY(zps_proposal_build(nucleus, model, mass_gev, x_min, energy_gev, table, error));
done:
  return status;
}

/** Probability of a cell in the proposal of zps_emission_build(). */
static double zps_cell_probability(const zps_emission *table, int i_cell) {
  return 1.0 / ((table->cell[i_cell][2] * (double)ZPS_N_CELL) * table->sigma);
}

double zps_emission_mean_k(const zps_emission *table) {
  double sum = 0.0;
  for (int i = 0; i < ZPS_N_CELL; i++) {
    sum = sum + zps_cell_probability(table, i);
  }
  return 1.0 / sum;
}

void zps_emission_column_shares(const zps_emission *table, double share[ZPS_N_A]) {
  double sum = 0.0;
  for (int i = 0; i < ZPS_N_A; i++) {
    share[i] = 0.0;
    for (int j = 0; j < ZPS_N_B; j++) {
      share[i] = share[i] + zps_cell_probability(table, (i * ZPS_N_B) + j);
    }
    sum = sum + share[i];
  }
  for (int i = 0; i < ZPS_N_A; i++) {
    share[i] = share[i] / sum;
  }
}

void zps_emission_favour_columns(const double favour[ZPS_N_A], zps_emission *table) {
  double p[ZPS_N_CELL];
  double sum = 0.0;
  for (int i = 0; i < ZPS_N_CELL; i++) {
    const double here = favour[i / ZPS_N_B];
    p[i] = zps_cell_probability(table, i) * here;
    sum = sum + p[i];
    table->cell[i][2] = here > 0.0 ? table->cell[i][2] / here : 0.0;
  }
  for (int i = 0; i < ZPS_N_CELL; i++) {
    p[i] = p[i] / sum;
  }
  zps_alias_build(p, table->cell);
}
