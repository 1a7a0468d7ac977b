#include "host/tables/moliere_table.h"

#include <stdint.h>
#include <string.h>

#include "host/instruction_set.h"
#include "host/tables/collision_lanes.h"
#include "host/tables/gauss_legendre.h"
#include "kernels/constants.h"
#include "kernels/math.h"

#define LN_2 0.69314718055994530942
#define GEV_PER_INVERSE_FM 0.1973269804

/* Grid in ln q: 4 intervals to an octave, from 2^-30 GeV, far below screening, to 2^20 GeV. */
#define FIRST_OCTAVE (-30)
#define N_INTERVAL (50 * 4)
#define N_GAUSS 5
#define N_BISECTION 45

/* Cells, or intervals, that are worked on together. */
#define N_TOGETHER ZPS_MOLIERE_N_CELL
_Static_assert(N_INTERVAL <= N_TOGETHER, "law_between() takes N_TOGETHER stretches at most");

/* The law of one stack. */
typedef struct law {
  zps_stack stack;
  zps_collision_target targets[ZPS_MATTER_MAX_ELEMENTS];
  zps_collision_lanes *lanes;
  double x[N_GAUSS], w[N_GAUSS];
  double above[N_INTERVAL + 1]; /* collisions above the node [1/mm] */
  double below[N_INTERVAL + 1]; /* sum of their q^2 below the node [GeV^2/mm] */
} law;

static zps_collision_lanes *const lanes_by_set[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_collision_lanes);

static double cube_root(double x) {
  return zps_exp(zps_log(x) / 3.0);
}

static double helm_radius(double a, double skin) {
  const double diffuseness = 0.52 / GEV_PER_INVERSE_FM;
  const double c = ((1.23 * cube_root(a)) - 0.6) / GEV_PER_INVERSE_FM;
  return zps_sqrt(((c * c) + (((7.0 / 3.0) * (ZPS_PI * ZPS_PI)) * (diffuseness * diffuseness))) -
                  (5.0 * (skin * skin)));
}

static zps_collision_target target_of(int z, double a, zps_moliere_charge charge) {
  const double mm2_per_pb = 1e-34;
  const double cm3_per_mm3 = 1e-3;
  const double coupling = ((4.0 * ZPS_PI) * (ZPS_ALPHA * ZPS_ALPHA)) * (ZPS_PB_GEV2 * mm2_per_pb);
  const double atoms = (ZPS_AVOGADRO_PER_MOL / a) * cm3_per_mm3;
  const double alpha_z = ZPS_ALPHA * (double)z;
  const double radius = ((ZPS_ALPHA * ZPS_ELECTRON_MASS_GEV) / 0.885) * cube_root((double)z);
  zps_collision_target target;
  target.scale = coupling * atoms;
  target.screening = (radius * radius) * (1.13 + ((3.76 * alpha_z) * alpha_z));
  target.protons = (double)z;
  target.helm_skin = 0.9 / GEV_PER_INVERSE_FM;
  target.helm_radius = helm_radius(a, target.helm_skin);
  target.point = charge == ZPS_MOLIERE_POINT;
  target.hydrogen = z == 1;
  return target;
}

double zps_moliere_rate(int z, double a, zps_moliere_charge charge, double q_gev) {
  const zps_collision_target target = target_of(z, a, charge);
  double rate = 0.0;
  zps_collision_lanes_base(&target, 1.0, 1, &q_gev, &rate);
  return rate;
}

/* d N/d q of the stack at n momenta. */
static void law_rates(const law *l, size_t n, const double *q, double *rate) {
  memset(rate, 0, n * sizeof *rate);
  for (size_t i = 0; i < l->stack.n_elements; i++) {
    l->lanes(&l->targets[i], l->stack.elements[i].mass_fraction, n, q, rate);
  }
}

static double law_rate(const law *l, double q) {
  double rate = 0.0;
  law_rates(l, 1, &q, &rate);
  return rate;
}

/* Collisions, and the sum of their q^2, between two momenta. */
typedef struct moments {
  double number, square;
} moments;

/* The same for n <= N_TOGETHER stretches of ln q. */
static void law_between(const law *l, size_t n, const double *log_low, const double *log_high, moments *sum) {
  double q[N_GAUSS * N_TOGETHER];
  double rate[N_GAUSS * N_TOGETHER];
  for (size_t i = 0; i < N_GAUSS; i++) {
    for (size_t j = 0; j < n; j++) {
      const double half = 0.5 * (log_high[j] - log_low[j]);
      q[(i * n) + j] = zps_exp(log_low[j] + (half * (1.0 + l->x[i])));
    }
  }
  law_rates(l, N_GAUSS * n, q, rate);
  memset(sum, 0, n * sizeof *sum);
  for (size_t i = 0; i < N_GAUSS; i++) {
    for (size_t j = 0; j < n; j++) {
      const double half = 0.5 * (log_high[j] - log_low[j]);
      const double at = q[(i * n) + j];
      const double weight = ((half * l->w[i]) * at) * rate[(i * n) + j];
      sum[j].number += weight;
      sum[j].square += weight * (at * at);
    }
  }
}

static double node_log_q(size_t i) {
  return (FIRST_OCTAVE + (0.25 * (double)i)) * LN_2;
}

/* Below the first node the rate grows as q, above the last it falls as 1/q^3 or faster. */
static void law_integrate(law *l) {
  const double first = zps_exp(node_log_q(0));
  const double last = zps_exp(node_log_q(N_INTERVAL));
  double low[N_INTERVAL];
  double high[N_INTERVAL];
  moments m[N_INTERVAL];
  zps_gauss_legendre(N_GAUSS, l->x, l->w);
  l->below[0] = (0.25 * law_rate(l, first)) * ((first * first) * first);
  l->above[N_INTERVAL] = (0.5 * last) * law_rate(l, last);
  for (size_t i = 0; i < N_INTERVAL; i++) {
    low[i] = node_log_q(i);
    high[i] = node_log_q(i + 1);
  }
  law_between(l, N_INTERVAL, low, high, m);
  for (size_t i = 0; i < N_INTERVAL; i++) {
    l->below[i + 1] = l->below[i] + m[i].square;
    l->above[i] = m[i].number; /* of the interval, until the sum from above is taken */
  }
  for (size_t i = N_INTERVAL; i > 0; i--) {
    l->above[i - 1] += l->above[i];
  }
}

/* Where the cells of the table begin: nu, the interval of the grid, and ln q. */
typedef struct cell_starts {
  double nu[ZPS_MOLIERE_N_CELL];
  size_t i[ZPS_MOLIERE_N_CELL];
  double log_q[ZPS_MOLIERE_N_CELL];
} cell_starts;

static void find_intervals(const law *l, double total, cell_starts *at) {
  const uint64_t lowest = zps_bits(1.0) - ((uint64_t)ZPS_MOLIERE_OCTAVES << 52);
  size_t i = N_INTERVAL - 1;
  for (size_t cell = 0; cell < ZPS_MOLIERE_N_CELL; cell++) {
    at->nu[cell] = zps_from_bits(lowest + ((uint64_t)cell << (52 - ZPS_MOLIERE_CELL_BITS)));
    while (i > 0 && l->above[i] < at->nu[cell] * total) {
      i--;
    }
    at->i[cell] = i;
  }
}

/* ln q above which there are nu total collisions per mm: all cells go through the same bisection. */
static void find_log_q(const law *l, double total, cell_starts *at) {
  double low[ZPS_MOLIERE_N_CELL];
  double high[ZPS_MOLIERE_N_CELL];
  double end[ZPS_MOLIERE_N_CELL];
  moments beyond[ZPS_MOLIERE_N_CELL];
  for (size_t cell = 0; cell < ZPS_MOLIERE_N_CELL; cell++) {
    low[cell] = node_log_q(at->i[cell]);
    end[cell] = node_log_q(at->i[cell] + 1);
    high[cell] = end[cell];
    at->log_q[cell] = 0.5 * (low[cell] + high[cell]);
  }
  for (int k = 0; k < N_BISECTION; k++) {
    law_between(l, ZPS_MOLIERE_N_CELL, at->log_q, end, beyond);
    for (size_t cell = 0; cell < ZPS_MOLIERE_N_CELL; cell++) {
      const int above = l->above[at->i[cell] + 1] + beyond[cell].number > at->nu[cell] * total;
      low[cell] = above ? at->log_q[cell] : low[cell];
      high[cell] = above ? high[cell] : at->log_q[cell];
      at->log_q[cell] = 0.5 * (low[cell] + high[cell]);
    }
  }
}

static void law_fill(const law *l, zps_moliere *out) {
  const double first = zps_exp(node_log_q(0));
  const double total = l->above[0] + ((0.5 * first) * law_rate(l, first));
  cell_starts at;
  double low[ZPS_MOLIERE_N_CELL];
  moments m[ZPS_MOLIERE_N_CELL];
  find_intervals(l, total, &at);
  find_log_q(l, total, &at);
  for (size_t cell = 0; cell < ZPS_MOLIERE_N_CELL; cell++) {
    low[cell] = node_log_q(at.i[cell]);
  }
  law_between(l, ZPS_MOLIERE_N_CELL, low, at.log_q, m);
  out->rate_per_mm = total;
  for (size_t cell = 0; cell < ZPS_MOLIERE_N_CELL; cell++) {
    const double q = zps_exp(at.log_q[cell]);
    out->node[cell][0] = at.nu[cell] * (q * q);
    out->node[cell][1] = (l->below[at.i[cell]] + m[cell].square) / total;
  }
  out->node[ZPS_MOLIERE_N_CELL][0] = 0.0;
  out->node[ZPS_MOLIERE_N_CELL][1] = 0.0;
}

zps_status zps_moliere_build(const zps_layer *layers, size_t n_layers, zps_moliere_charge charge, zps_moliere *out,
                             zps_error *error) {
  zps_status status = ZPS_OK;
  zps_instruction_set set = ZPS_SET_BASE;
  law l;
  ZPS_TRY(zps_stack_init(&l.stack, layers, n_layers, error));
  ZPS_TRY(zps_instruction_set_choose(NULL, &set, error));
  l.lanes = lanes_by_set[set];
  for (size_t i = 0; i < l.stack.n_elements; i++) {
    l.targets[i] = target_of(l.stack.elements[i].z, l.stack.elements[i].a, charge);
  }
  law_integrate(&l);
  law_fill(&l, out);
done:
  return status;
}
