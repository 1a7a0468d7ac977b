#include "host/tables/moliere_table.h"

#include <stdint.h>

#include "host/tables/gauss_legendre.h"
#include "kernels/constants.h"
#include "kernels/math.h"

#define LN_2 0.69314718055994530942
#define GEV_PER_INVERSE_FM 0.1973269804
#define ELECTRON_Q_GEV 0.1
#define DIPOLE_GEV2 0.71

/* Grid in ln q: 4 intervals to an octave, from 2^-30 GeV, far below screening, to 2^20 GeV. */
#define FIRST_OCTAVE (-30)
#define N_INTERVAL (50 * 4)
#define N_GAUSS 5
#define N_BISECTION 45

/* The law of one stack. */
typedef struct law {
  zps_stack stack;
  zps_moliere_charge charge;
  double x[N_GAUSS], w[N_GAUSS];
  double above[N_INTERVAL + 1]; /* collisions above the node [1/mm] */
  double below[N_INTERVAL + 1]; /* sum of their q^2 below the node [GeV^2/mm] */
} law;

static double cube_root(double x) {
  return zps_exp(zps_log(x) / 3.0);
}

/* 3 j1(x)/x; below 0.1 by its series, the next term 1e-11. */
static double uniform_sphere(double x) {
  const double square = x * x;
  if (x < 0.1) {
    return 1.0 - ((square / 10.0) * (1.0 - ((square / 28.0) * (1.0 - (square / 54.0)))));
  }
  const zps_sin_cos t = zps_sincos_turn(x / (2.0 * ZPS_PI));
  return (3.0 * (t.sine - (x * t.cosine))) / (square * x);
}

static double helm_squared(double a, double q) {
  const double thickness = 0.9 / GEV_PER_INVERSE_FM;
  const double diffuseness = 0.52 / GEV_PER_INVERSE_FM;
  const double c = ((1.23 * cube_root(a)) - 0.6) / GEV_PER_INVERSE_FM;
  const double r_squared =
      ((c * c) + (((7.0 / 3.0) * (ZPS_PI * ZPS_PI)) * (diffuseness * diffuseness))) - (5.0 * (thickness * thickness));
  const double sphere = uniform_sphere(q * zps_sqrt(r_squared));
  return (sphere * sphere) * zps_exp(-((q * thickness) * (q * thickness)));
}

/* S(q): charges that scatter, squared. */
static double scattering_strength(int z, double a, zps_moliere_charge charge, double q) {
  const double protons = (double)z;
  if (charge == ZPS_MOLIERE_POINT) {
    return protons * (protons + 1.0);
  }
  const double electron = zps_square(zps_square(zps_square(q / ELECTRON_Q_GEV)));
  const double dipole = 1.0 / zps_square(zps_square(1.0 + ((q * q) / DIPOLE_GEV2)));
  const double helm = z == 1 ? 0.0 : helm_squared(a, q);
  const double nucleus = ((protons * protons) * helm) + ((protons * (1.0 - helm)) * dipole);
  return nucleus + (protons / (1.0 + electron));
}

double zps_moliere_rate(int z, double a, zps_moliere_charge charge, double q_gev) {
  const double mm2_per_pb = 1e-34;
  const double cm3_per_mm3 = 1e-3;
  const double coupling = ((4.0 * ZPS_PI) * (ZPS_ALPHA * ZPS_ALPHA)) * (ZPS_PB_GEV2 * mm2_per_pb);
  const double atoms = (ZPS_AVOGADRO_PER_MOL / a) * cm3_per_mm3;
  const double alpha_z = ZPS_ALPHA * (double)z;
  const double radius = ((ZPS_ALPHA * ZPS_ELECTRON_MASS_GEV) / 0.885) * cube_root((double)z);
  const double screening = (radius * radius) * (1.13 + ((3.76 * alpha_z) * alpha_z));
  const double propagator = (q_gev * q_gev) + screening;
  const double strength = scattering_strength(z, a, charge, q_gev);
  return ((coupling * atoms) * strength) * ((2.0 * q_gev) / (propagator * propagator));
}

static double law_rate(const law *l, double q) {
  double sum = 0.0;
  for (size_t i = 0; i < l->stack.n_elements; i++) {
    const zps_material_element *const e = &l->stack.elements[i];
    sum += e->mass_fraction * zps_moliere_rate(e->z, e->a, l->charge, q);
  }
  return sum;
}

/* Collisions, and the sum of their q^2, between two momenta. */
typedef struct moments {
  double number, square;
} moments;

static moments law_between(const law *l, double log_low, double log_high) {
  const double half = 0.5 * (log_high - log_low);
  moments sum = {0.0, 0.0};
  for (size_t i = 0; i < N_GAUSS; i++) {
    const double q = zps_exp(log_low + (half * (1.0 + l->x[i])));
    const double weight = ((half * l->w[i]) * q) * law_rate(l, q);
    sum.number += weight;
    sum.square += weight * (q * q);
  }
  return sum;
}

static double node_log_q(size_t i) {
  return (FIRST_OCTAVE + (0.25 * (double)i)) * LN_2;
}

/* Below the first node the rate grows as q, above the last it falls as 1/q^3 or faster. */
static void law_integrate(law *l) {
  const double first = zps_exp(node_log_q(0));
  const double last = zps_exp(node_log_q(N_INTERVAL));
  zps_gauss_legendre(N_GAUSS, l->x, l->w);
  l->below[0] = (0.25 * law_rate(l, first)) * ((first * first) * first);
  l->above[N_INTERVAL] = (0.5 * last) * law_rate(l, last);
  for (size_t i = 0; i < N_INTERVAL; i++) {
    const moments m = law_between(l, node_log_q(i), node_log_q(i + 1));
    l->below[i + 1] = l->below[i] + m.square;
    l->above[i] = m.number; /* of the interval, until the sum from above is taken */
  }
  for (size_t i = N_INTERVAL; i > 0; i--) {
    l->above[i - 1] += l->above[i];
  }
}

/* ln q above which there are `number` collisions per mm, within interval i. */
static double law_log_q(const law *l, size_t i, double number) {
  const double end = node_log_q(i + 1);
  double low = node_log_q(i);
  double high = end;
  for (int k = 0; k < N_BISECTION; k++) {
    const double middle = 0.5 * (low + high);
    const int above = l->above[i + 1] + law_between(l, middle, end).number > number;
    low = above ? middle : low;
    high = above ? high : middle;
  }
  return 0.5 * (low + high);
}

static void law_fill(const law *l, zps_moliere *out) {
  const double first = zps_exp(node_log_q(0));
  const uint64_t lowest = zps_bits(1.0) - ((uint64_t)ZPS_MOLIERE_OCTAVES << 52);
  const double total = l->above[0] + ((0.5 * first) * law_rate(l, first));
  size_t i = N_INTERVAL - 1;
  out->rate_per_mm = total;
  for (size_t cell = 0; cell < ZPS_MOLIERE_N_CELL; cell++) {
    const double nu = zps_from_bits(lowest + ((uint64_t)cell << (52 - ZPS_MOLIERE_CELL_BITS)));
    while (i > 0 && l->above[i] < nu * total) {
      i--;
    }
    const double log_q = law_log_q(l, i, nu * total);
    const double q = zps_exp(log_q);
    out->node[cell][0] = nu * (q * q);
    out->node[cell][1] = (l->below[i] + law_between(l, node_log_q(i), log_q).square) / total;
  }
  out->node[ZPS_MOLIERE_N_CELL][0] = 0.0;
  out->node[ZPS_MOLIERE_N_CELL][1] = 0.0;
}

zps_status zps_moliere_build(const zps_layer *layers, size_t n_layers, zps_moliere_charge charge, zps_moliere *out,
                             zps_error *error) {
  zps_status status = ZPS_OK;
  law l;
  ZPS_TRY(zps_stack_init(&l.stack, layers, n_layers, error));
  l.charge = charge;
  law_integrate(&l);
  law_fill(&l, out);
done:
  return status;
}
