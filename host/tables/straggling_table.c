#include "host/tables/straggling_table.h"

#include "host/tables/radiative_loss.h"
#include "kernels/constants.h"
#include "kernels/math.h"

#define MUON ZPS_MUON_MASS_GEV
#define ELECTRON ZPS_ELECTRON_MASS_GEV
#define HALF_BETHE_K (0.5 * 0.307075) /* 2 pi N_A r_e^2 m_e c^2 [MeV cm^2/mol], PDG */
#define GEV_PER_MEV 1e-3
#define CM_PER_MM 0.1

/* Radiative losses: from LOSS_MIN_GEV, below which only knock-on electrons count, to (1 - GAP) of the kinetic energy.
 */
#define LOSS_MIN_GEV 1e-4
#define GAP 1e-4
#define N_CELL 64
#define N_BISECTION 30

/* Knock-on electrons in one stack at one energy. */
typedef struct knock_on {
  double xi; /* [GeV/mm] */
  double energy, beta_squared, top;
} knock_on;

static double beta_squared_at(double energy) {
  return 1.0 - ((MUON / energy) * (MUON / energy));
}

double zps_knock_on_max(double energy_gev) {
  const double gamma = energy_gev / MUON;
  const double ratio = ELECTRON / MUON;
  return ((2.0 * ELECTRON) * ((gamma * gamma) - 1.0)) / ((1.0 + (2.0 * (gamma * ratio))) + (ratio * ratio));
}

/* In one stack at one energy; xi is left to the caller. */
static knock_on knock_on_at(double energy) {
  knock_on k;
  k.xi = 1.0;
  k.energy = energy;
  k.beta_squared = beta_squared_at(energy);
  k.top = zps_knock_on_max(energy);
  return k;
}

/* Number above a loss, over xi. */
static double knock_on_number(const knock_on *k, double loss_gev) {
  const double loss = zps_min(loss_gev, k->top);
  const double rutherford = (1.0 / loss) - (1.0 / k->top);
  const double spin = (k->top - loss) / (2.0 * (k->energy * k->energy));
  return (rutherford - ((k->beta_squared / k->top) * zps_log(k->top / loss))) + spin;
}

double zps_knock_on_rate(double energy_gev, double loss_gev) {
  const knock_on k = knock_on_at(energy_gev);
  return knock_on_number(&k, loss_gev);
}

/* Integrals of loss^2 and loss^3 over the softer knock-on electrons. */
static double knock_on_variance(const knock_on *k, double loss_gev) {
  const double e = zps_min(loss_gev, k->top);
  const double spin = (e * e) / (6.0 * (k->energy * k->energy));
  return k->xi * (e * ((1.0 - ((0.5 * k->beta_squared) * (e / k->top))) + spin));
}

static double knock_on_skewness(const knock_on *k, double loss_gev) {
  const double e = zps_min(loss_gev, k->top);
  const double spin = (e * e) / (8.0 * (k->energy * k->energy));
  return k->xi * ((e * e) * ((0.5 - ((k->beta_squared / 3.0) * (e / k->top))) + spin));
}

double zps_knock_on_radiation(double energy_gev, double loss_gev) {
  if (loss_gev >= zps_knock_on_max(energy_gev)) {
    return 0.0;
  }
  const double electron = zps_log(1.0 + ((2.0 * loss_gev) / ELECTRON));
  const double muon = zps_log((4.0 * (energy_gev * (energy_gev - loss_gev))) / (MUON * MUON));
  return ((ZPS_ALPHA / (2.0 * ZPS_PI)) * electron) * zps_max(muon - electron, 0.0);
}

/* Knock-on electrons by ln loss [1/mm]. */
static double knock_on_density(const knock_on *k, double loss) {
  const double share = loss / k->energy;
  return (k->xi / loss) * ((1.0 - (k->beta_squared * (loss / k->top))) + (0.5 * (share * share)));
}

/* A cumulative sum over the radiative losses at a node, and its derivative by y. */
typedef struct running_sum {
  double value, slope;
} running_sum;

/* All losses at one energy. The radiative ones lie on nodes uniform in y = ln(loss/(T - loss)). */
typedef struct loss_spectrum {
  knock_on electrons;
  double kinetic;
  double y_min, y_step;
  running_sum harder[N_CELL + 1];   /* number of losses above the node [1/mm] */
  running_sum variance[N_CELL + 1]; /* loss^2 summed over those below */
  running_sum skewness[N_CELL + 1]; /* loss^3 summed over those below */
} loss_spectrum;

static double loss_at_y(double kinetic, double y) {
  return kinetic / (1.0 + zps_exp(-y));
}

/* The spectrum is taken at the nodes and between them: place i at y_min + i y_step/2. */
#define N_PLACE ((2 * N_CELL) + 1)
_Static_assert(N_PLACE <= ZPS_N_TRANSFERS, "all places in one call");

/* Losses at the places, and d N/d y of the radiative ones there [1/mm]. */
typedef struct place_values {
  double loss[N_PLACE], density[N_PLACE];
} place_values;

static double place_y(const loss_spectrum *s, size_t i) {
  const double y = s->y_min + ((double)((i + 1) / 2) * s->y_step);
  return i % 2 == 0 ? y : y - (0.5 * s->y_step);
}

/* What knock-on electrons radiate counts among the radiative losses. */
static void radiative_density(const zps_stack *stack, const zps_radiative_nodes *nodes, const loss_spectrum *s,
                              place_values *at) {
  const double kinetic = s->kinetic;
  double v[N_PLACE];
  double sum[N_PLACE] = {0.0};
  zps_radiative_spectrum element[N_PLACE];
  for (size_t i = 0; i < N_PLACE; i++) {
    at->loss[i] = loss_at_y(kinetic, place_y(s, i));
    v[i] = at->loss[i] / (kinetic + MUON);
  }
  for (size_t k = 0; k < stack->n_elements; k++) {
    const zps_material_element *const e = &stack->elements[k];
    zps_radiative_spectra_at(nodes, e->z, e->a, kinetic, N_PLACE, v, element);
    for (size_t i = 0; i < N_PLACE; i++) {
      sum[i] += e->mass_fraction * (element[i].bremsstrahlung + (element[i].pair_production + element[i].photonuclear));
    }
  }
  for (size_t i = 0; i < N_PLACE; i++) {
    const double radiating =
        knock_on_density(&s->electrons, at->loss[i]) * zps_knock_on_radiation(kinetic + MUON, at->loss[i]);
    at->density[i] = ((CM_PER_MM * sum[i]) + radiating) * (1.0 - (at->loss[i] / kinetic));
  }
}

/* Moments of a cell by Simpson's rule. */
typedef struct cell_moments {
  double number, variance, skewness;
} cell_moments;

static cell_moments cell_of(const double *density, const double *loss, double width) {
  static const double weight[3] = {1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0};
  cell_moments out = {0.0, 0.0, 0.0};
  for (int i = 0; i < 3; i++) {
    const double w = (width * weight[i]) * density[i];
    const double square = loss[i] * loss[i];
    out.number += w;
    out.variance += w * square;
    out.skewness += w * (square * loss[i]);
  }
  return out;
}

static void spectrum_radiate(const zps_stack *stack, const zps_radiative_nodes *nodes, loss_spectrum *out) {
  cell_moments cells[N_CELL];
  place_values at;
  radiative_density(stack, nodes, out, &at);
  for (size_t i = 0; i <= N_CELL; i++) {
    const double density = at.density[2 * i];
    const double loss = at.loss[2 * i];
    out->harder[i].slope = -density;
    out->variance[i].slope = density * (loss * loss);
    out->skewness[i].slope = out->variance[i].slope * loss;
  }
  for (size_t i = 0; i < N_CELL; i++) {
    cells[i] = cell_of(&at.density[2 * i], &at.loss[2 * i], out->y_step);
  }
  out->harder[N_CELL].value = 0.0;
  out->variance[0].value = 0.0;
  out->skewness[0].value = 0.0;
  for (size_t i = 0; i < N_CELL; i++) {
    const size_t down = N_CELL - 1 - i;
    out->harder[down].value = out->harder[down + 1].value + cells[down].number;
    out->variance[i + 1].value = out->variance[i].value + cells[i].variance;
    out->skewness[i + 1].value = out->skewness[i].value + cells[i].skewness;
  }
}

static void spectrum_init(const zps_stack *stack, const zps_radiative_nodes *nodes, double energy, loss_spectrum *out) {
  double electrons = 0.0; /* Z/A rho of the stack [mol/cm^3] */
  for (size_t i = 0; i < stack->n_layers; i++) {
    electrons += stack->layer_density[i] * stack->materials[i]->z_over_a;
  }
  out->electrons = knock_on_at(energy);
  out->electrons.xi = (HALF_BETHE_K * (GEV_PER_MEV * CM_PER_MM)) * (electrons / out->electrons.beta_squared);
  out->kinetic = energy - MUON;
  out->y_min = zps_log(LOSS_MIN_GEV / (out->kinetic - LOSS_MIN_GEV));
  out->y_step = (zps_log((1.0 - GAP) / GAP) - out->y_min) / (double)N_CELL;
  spectrum_radiate(stack, nodes, out);
}

/* Cubic through two nodes, 0 <= u <= 1. */
static double between(const running_sum *f, double step, double u) {
  const double s_0 = step * f[0].slope;
  const double s_1 = step * f[1].slope;
  const double rise = f[1].value - f[0].value;
  const double c_2 = (3.0 * rise) - ((2.0 * s_0) + s_1);
  const double c_3 = (s_0 + s_1) - (2.0 * rise);
  return f[0].value + (u * (s_0 + (u * (c_2 + (u * c_3)))));
}

/* A loss on the grid: the radiative cell it lies in, and the place there. */
typedef struct grid_place {
  size_t i;
  double u, loss;
} grid_place;

static grid_place place_at(const loss_spectrum *s, size_t i, double u) {
  const grid_place place = {i, u, loss_at_y(s->kinetic, s->y_min + (((double)i + u) * s->y_step))};
  return place;
}

static double number_above(const loss_spectrum *s, const grid_place *at) {
  const double electrons = s->electrons.xi * knock_on_number(&s->electrons, at->loss);
  return electrons + between(&s->harder[at->i], s->y_step, at->u);
}

/* The place above which there are n losses, n at most that at the first node: by bisection, first for the cell. */
static grid_place place_of(const loss_spectrum *s, double n) {
  size_t low = 0;
  size_t high = N_CELL;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    const grid_place at = place_at(s, middle, 0.0);
    const int beyond = number_above(s, &at) > n;
    low = beyond ? middle : low;
    high = beyond ? high : middle;
  }
  double u_low = 0.0;
  double u_high = 1.0;
  for (int k = 0; k < N_BISECTION; k++) {
    const double u = 0.5 * (u_low + u_high);
    const grid_place at = place_at(s, low, u);
    const int beyond = number_above(s, &at) > n;
    u_low = beyond ? u : u_low;
    u_high = beyond ? u_high : u;
  }
  return place_at(s, low, u_low);
}

static void fill_node(const loss_spectrum *s, double n, float *node) {
  const knock_on *const electrons = &s->electrons;
  const grid_place first = place_at(s, 0, 0.0);
  const double n_first = number_above(s, &first);
  if (n > n_first) {
    const double inverse = (1.0 / first.loss) + ((n - n_first) / electrons->xi);
    const double loss = 1.0 / inverse;
    node[ZPS_STRAGGLE_INVERSE] = (float)inverse;
    node[ZPS_STRAGGLE_VARIANCE] = (float)knock_on_variance(electrons, loss);
    node[ZPS_STRAGGLE_SKEWNESS] = (float)knock_on_skewness(electrons, loss);
    return;
  }
  const grid_place at = place_of(s, n);
  node[ZPS_STRAGGLE_INVERSE] = (float)(1.0 / at.loss);
  node[ZPS_STRAGGLE_VARIANCE] =
      (float)(knock_on_variance(electrons, at.loss) + between(&s->variance[at.i], s->y_step, at.u));
  node[ZPS_STRAGGLE_SKEWNESS] =
      (float)(knock_on_skewness(electrons, at.loss) + between(&s->skewness[at.i], s->y_step, at.u));
}

/* Node i of a grid with nodes at 2^k and 1.5 2^k, whose first node is given. */
static double half_octave_node(double first, size_t i) {
  double node = first;
  for (size_t k = 1; k < i; k += 2) {
    node *= 2.0;
  }
  return i % 2 == 1 ? 1.5 * node : node;
}

/* Integral of the loss over a cell, per width: the mean of 1/linear. What the kernel takes inside a cell is Simpson's
 * rule for it. */
static double mean_of_cell(double inverse_0, double inverse_1) {
  const double rise = (inverse_1 - inverse_0) / inverse_0;
  if (rise < 0.05) {
    return zps_straggle_integral(inverse_0, inverse_1, 1.0);
  }
  return zps_log(1.0 + rise) / (rise * inverse_0);
}

static void fill_row(const loss_spectrum *s, float (*row)[ZPS_N_STRAGGLE_VALUE]) {
  double above = 0.0;
  for (size_t i = 0; i < ZPS_N_STRAGGLE_RATE; i++) {
    const double n = half_octave_node(ZPS_STRAGGLE_RATE_MIN, i);
    fill_node(s, n, row[i]);
    /* Of the rounded losses, as they will be drawn: the two must cancel in the mean. */
    const double inverse = (double)row[i][ZPS_STRAGGLE_INVERSE];
    if (i == 0) {
      above = n / inverse;
    } else {
      const double width = n - half_octave_node(ZPS_STRAGGLE_RATE_MIN, i - 1);
      above += width * mean_of_cell((double)row[i - 1][ZPS_STRAGGLE_INVERSE], inverse);
    }
    row[i][ZPS_STRAGGLE_ABOVE] = (float)above;
  }
}

zps_status zps_straggling_build(const zps_layer *layers, size_t n_layers, zps_straggling *out, zps_error *error) {
  zps_status status = ZPS_OK;
  zps_stack stack;
  loss_spectrum spectrum;
  zps_radiative_nodes nodes;
  ZPS_TRY(zps_stack_init(&stack, layers, n_layers, error));
  ZPS_TRY(zps_radiative_nodes_choose(&nodes, error));
  for (size_t i = 0; i < ZPS_N_STRAGGLE_ENERGY; i++) {
    spectrum_init(&stack, &nodes, half_octave_node(ZPS_STRAGGLE_ENERGY_MIN_GEV, i), &spectrum);
    fill_row(&spectrum, out->node[i]);
  }
done:
  return status;
}
