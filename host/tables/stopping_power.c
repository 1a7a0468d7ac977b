#include "host/tables/stopping_power.h"

#include <stdint.h>

#include "host/tables/gauss_legendre.h"
#include "host/tables/radiative_loss.h"
#include "kernels/constants.h"
#include "kernels/math.h"

#define MUON ZPS_MUON_MASS_GEV
#define ELECTRON ZPS_ELECTRON_MASS_GEV
#define BETHE_K 0.307075 /* 4 pi N_A r_e^2 m_e c^2 [MeV cm^2/mol], PDG */
#define LN_10 2.302585092994045684
#define GEV_PER_EV 1e-9
#define GEV_PER_MEV 1e-3
#define CM_PER_MM 0.1

/* Coarse grid of the radiative loss per element: it is smooth in ln T and dear to compute. */
#define N_RADIATIVE 26
/* Gauss points inside one interval of the loss tables, and below the first node. */
#define N_STEP_NODES 5
#define N_START_NODES 32
#define START_GEV 1e-3
#define N_BISECTION 60

static double density_effect(const zps_material *m, double beta_gamma) {
  const double x = zps_log(beta_gamma) / LN_10;
  if (x < m->sternheimer_x0) {
    return m->sternheimer_d0 * zps_exp((2.0 * LN_10) * (x - m->sternheimer_x0));
  }
  const double asymptote = ((2.0 * LN_10) * x) - m->sternheimer_cbar;
  if (x >= m->sternheimer_x1) {
    return asymptote;
  }
  return asymptote + (m->sternheimer_a * zps_exp(m->sternheimer_k * zps_log(m->sternheimer_x1 - x)));
}

/* Photons radiated in collisions with atomic electrons, in units of K Z/A. */
static double collision_radiation(double energy, double q_max) {
  const double log_q = zps_max(zps_log((2.0 * q_max) / ELECTRON), 0.0);
  const double log_e = zps_log((2.0 * energy) / MUON);
  return ((ZPS_ALPHA / (4.0 * ZPS_PI)) * (log_e - (log_q / 3.0))) * (log_q * log_q);
}

double zps_loss_ionisation(const zps_material *material, double kinetic_gev) {
  const double energy = kinetic_gev + MUON;
  const double momentum_squared = kinetic_gev * (energy + MUON);
  const double beta_squared = momentum_squared / (energy * energy);
  const double bg_squared = momentum_squared / (MUON * MUON);
  const double ratio = ELECTRON / MUON;
  const double reach = (2.0 * ELECTRON) * bg_squared;
  const double q_max = reach / ((1.0 + (2.0 * ((energy / MUON) * ratio))) + (ratio * ratio));
  const double excitation = material->mean_excitation_ev * GEV_PER_EV;
  const double log_term = 0.5 * zps_log((reach / excitation) * (q_max / excitation));
  const double delta = density_effect(material, zps_sqrt(bg_squared));
  const double spin = 0.125 * ((q_max / energy) * (q_max / energy));
  const double bethe = (((log_term - beta_squared) - (0.5 * delta)) + spin) / beta_squared;
  return (BETHE_K * material->z_over_a) * (bethe + collision_radiation(energy, q_max));
}

static zps_loss loss_at(const zps_material *material, const zps_radiative_nodes *nodes, double kinetic_gev) {
  zps_loss loss = {zps_loss_ionisation(material, kinetic_gev), 0.0, 0.0, 0.0};
  for (size_t i = 0; i < material->n_elements; i++) {
    const zps_material_element *e = &material->elements[i];
    const double f = e->mass_fraction;
    loss.bremsstrahlung += f * zps_radiative_bremsstrahlung(nodes, e->z, e->a, kinetic_gev);
    loss.pair_production += f * zps_radiative_pair_production(nodes, e->z, e->a, kinetic_gev);
    loss.photonuclear += f * zps_radiative_photonuclear(nodes, e->z, e->a, kinetic_gev);
  }
  return loss;
}

zps_loss zps_loss_at(const zps_material *material, double kinetic_gev) {
  zps_radiative_nodes nodes;
  zps_radiative_nodes_init(&nodes);
  return loss_at(material, &nodes, kinetic_gev);
}

static double excess_of_radiation(const zps_material *material, const zps_radiative_nodes *nodes, double kinetic_gev) {
  const zps_loss loss = loss_at(material, nodes, kinetic_gev);
  return (loss.bremsstrahlung + (loss.pair_production + loss.photonuclear)) - loss.ionisation;
}

/* Kinetic energy [GeV] of the smallest ionisation loss: the loss has one minimum, so its slope changes sign once. */
static double minimum_kinetic(const zps_material *material) {
  double low = 0.05;
  double high = 10.0;
  for (int i = 0; i < N_BISECTION; i++) {
    const double middle = 0.5 * (low + high);
    const int falls = zps_loss_ionisation(material, middle * 1.0001) < zps_loss_ionisation(material, middle);
    low = falls ? middle : low;
    high = falls ? high : middle;
  }
  return low;
}

zps_status zps_material_summarise(const zps_material *material, zps_material_summary *summary, zps_error *error) {
  double low = 1.0;
  double high = 1e4;
  zps_radiative_nodes nodes;
  zps_radiative_nodes_init(&nodes);
  if (material == NULL) {
    return zps_error_set(error, ZPS_INVALID, "material summary: no material given");
  }
  if (excess_of_radiation(material, &nodes, high) <= 0.0) {
    return zps_error_set(error, ZPS_INVALID, "material %s: radiative loss below ionisation up to 10 TeV",
                         material->name);
  }
  for (int i = 0; i < N_BISECTION; i++) {
    const double middle = 0.5 * (low + high);
    const int below = excess_of_radiation(material, &nodes, middle) < 0.0;
    low = below ? middle : low;
    high = below ? high : middle;
  }
  summary->density_g_cm3 = material->density_g_cm3;
  summary->radiation_length_mm = material->radiation_length_mm;
  summary->minimum_kinetic_gev = minimum_kinetic(material);
  summary->minimum_dedx = zps_loss_ionisation(material, summary->minimum_kinetic_gev);
  summary->critical_energy_gev = low + MUON;
  return ZPS_OK;
}

/* A stack, and its radiative loss / T [1/mm] on the coarse grid with the derivative by node index. */
typedef struct lossy_stack {
  zps_stack composition;
  double radiative[N_RADIATIVE], radiative_slope[N_RADIATIVE];
} lossy_stack;

/* MeV cm^2/g times g/cm^3, in GeV/mm. */
static double per_mm(double mass_stopping_times_density) {
  return (mass_stopping_times_density * GEV_PER_MEV) * CM_PER_MM;
}

static double radiative_step(void) {
  return zps_log(ZPS_LOSS_T_MAX_GEV / ZPS_LOSS_T_MIN_GEV) / (double)(N_RADIATIVE - 1);
}

/* Derivative by node index, of fourth order everywhere: central five-point rule, one-sided at the ends. */
static void slopes_by_index(const double *f, double *slope) {
  const size_t last = N_RADIATIVE - 1;
  for (size_t i = 2; i + 2 <= last; i++) {
    slope[i] = ((8.0 * (f[i + 1] - f[i - 1])) - (f[i + 2] - f[i - 2])) / 12.0;
  }
  const double *e = &f[last - 4];
  slope[0] = (((48.0 * f[1]) + (16.0 * f[3])) - ((25.0 * f[0]) + ((36.0 * f[2]) + (3.0 * f[4])))) / 12.0;
  slope[1] = (((18.0 * f[2]) + f[4]) - ((3.0 * f[0]) + ((10.0 * f[1]) + (6.0 * f[3])))) / 12.0;
  slope[last - 1] = (((3.0 * e[4]) + ((10.0 * e[3]) + (6.0 * e[1]))) - ((18.0 * e[2]) + e[0])) / 12.0;
  slope[last] = (((25.0 * e[4]) + ((36.0 * e[2]) + (3.0 * e[0]))) - ((48.0 * e[3]) + (16.0 * e[1]))) / 12.0;
}

static void stack_radiate(const zps_radiative_nodes *nodes, lossy_stack *s) {
  const double step = radiative_step();
  for (size_t i = 0; i < N_RADIATIVE; i++) {
    const double t = zps_exp(zps_log(ZPS_LOSS_T_MIN_GEV) + ((double)i * step));
    double sum = 0.0;
    for (size_t k = 0; k < s->composition.n_elements; k++) {
      const zps_material_element *e = &s->composition.elements[k];
      const double loss =
          zps_radiative_bremsstrahlung(nodes, e->z, e->a, t) +
          (zps_radiative_pair_production(nodes, e->z, e->a, t) + zps_radiative_photonuclear(nodes, e->z, e->a, t));
      sum += e->mass_fraction * loss;
    }
    s->radiative[i] = per_mm(sum) / t;
  }
  slopes_by_index(s->radiative, s->radiative_slope);
}

/* Cubic through values and slopes (per unit interval) at both ends, 0 <= u <= 1. */
static double hermite(double f_0, double s_0, double f_1, double s_1, double u) {
  const double rise = f_1 - f_0;
  const double c_2 = (3.0 * rise) - ((2.0 * s_0) + s_1);
  const double c_3 = (s_0 + s_1) - (2.0 * rise);
  return f_0 + (u * (s_0 + (u * (c_2 + (u * c_3)))));
}

/* Linear stopping powers of the stack [GeV/mm]. */
typedef struct linear_loss {
  double ionisation, total;
} linear_loss;

static linear_loss stack_loss(const lossy_stack *s, double log_t) {
  const double t = zps_exp(log_t);
  double sum = 0.0;
  for (size_t i = 0; i < s->composition.n_layers; i++) {
    sum += s->composition.layer_density[i] * zps_loss_ionisation(s->composition.materials[i], t);
  }
  const double position = zps_max((log_t - zps_log(ZPS_LOSS_T_MIN_GEV)) / radiative_step(), 0.0);
  const double cell = zps_min(zps_floor(position), (double)(N_RADIATIVE - 2));
  const size_t i = (size_t)cell;
  const double u = zps_min(position - cell, 1.0);
  const double b = hermite(s->radiative[i], s->radiative_slope[i], s->radiative[i + 1], s->radiative_slope[i + 1], u);
  linear_loss out;
  out.ionisation = per_mm(sum);
  out.total = out.ionisation + (t * b);
  return out;
}

/* Path and ionisation on the way from T = e^(log_t + width) to e^log_t. */
typedef struct stretch {
  double path_mm, ionisation_gev;
} stretch;

static stretch stack_stretch(const lossy_stack *s, double log_t, double width, size_t n, const double *x,
                             const double *w) {
  stretch out = {0.0, 0.0};
  for (size_t i = 0; i < n; i++) {
    const double at = log_t + ((0.5 * width) * (1.0 + x[i]));
    const linear_loss loss = stack_loss(s, at);
    const double weight = ((0.5 * width) * w[i]) * (zps_exp(at) / loss.total);
    out.path_mm += weight;
    out.ionisation_gev += weight * loss.ionisation;
  }
  return out;
}

static void fill_forward(const lossy_stack *s, zps_matter *out) {
  double x[N_START_NODES];
  double w[N_START_NODES];
  const double log_start = zps_log(START_GEV);
  out->log_t_min = zps_log(ZPS_LOSS_T_MIN_GEV);
  out->log_t_step = zps_log(ZPS_LOSS_T_MAX_GEV / ZPS_LOSS_T_MIN_GEV) / (double)(ZPS_N_LOSS - 1);
  zps_gauss_legendre(N_START_NODES, x, w);
  double range = stack_stretch(s, log_start, out->log_t_min - log_start, N_START_NODES, x, w).path_mm;
  double ionisation = ZPS_LOSS_T_MIN_GEV;
  zps_gauss_legendre(N_STEP_NODES, x, w);
  for (size_t i = 0; i < ZPS_N_LOSS; i++) {
    const double log_t = out->log_t_min + ((double)i * out->log_t_step);
    const linear_loss loss = stack_loss(s, log_t);
    const double t = zps_exp(log_t);
    out->log_range[i][0] = zps_log(range);
    out->log_range[i][1] = t / (loss.total * range);
    out->ionisation[i][0] = ionisation;
    out->ionisation[i][1] = (t * loss.ionisation) / loss.total;
    const stretch next = stack_stretch(s, log_t, out->log_t_step, N_STEP_NODES, x, w);
    range += next.path_mm;
    ionisation += next.ionisation_gev;
  }
}

static double forward_log_range(const zps_matter *m, size_t i, double u) {
  const double h = m->log_t_step;
  return hermite(m->log_range[i][0], h * m->log_range[i][1], m->log_range[i + 1][0], h * m->log_range[i + 1][1], u);
}

/* d ln R / d u of the same cubic. */
static double forward_slope(const zps_matter *m, size_t i, double u) {
  const double s_0 = m->log_t_step * m->log_range[i][1];
  const double s_1 = m->log_t_step * m->log_range[i + 1][1];
  const double rise = m->log_range[i + 1][0] - m->log_range[i][0];
  const double c_2 = (3.0 * rise) - ((2.0 * s_0) + s_1);
  const double c_3 = (s_0 + s_1) - (2.0 * rise);
  return s_0 + (u * ((2.0 * c_2) + (u * (3.0 * c_3))));
}

static void fill_inverse(zps_matter *out) {
  const size_t last = ZPS_N_LOSS - 1;
  out->log_r_min = out->log_range[0][0];
  out->log_r_step = (out->log_range[last][0] - out->log_r_min) / (double)last;
  size_t i = 0;
  for (size_t node = 0; node <= last; node++) {
    const double log_r = out->log_r_min + ((double)node * out->log_r_step);
    while (i + 1 < last && out->log_range[i + 1][0] < log_r) {
      i++;
    }
    double low = 0.0;
    double high = 1.0;
    for (int k = 0; k < N_BISECTION; k++) {
      const double middle = 0.5 * (low + high);
      const int below = forward_log_range(out, i, middle) < log_r;
      low = below ? middle : low;
      high = below ? high : middle;
    }
    const double u = 0.5 * (low + high);
    out->log_kinetic[node][0] = out->log_t_min + (((double)i + u) * out->log_t_step);
    out->log_kinetic[node][1] = out->log_t_step / forward_slope(out, i, u);
  }
}

zps_status zps_matter_build(const zps_layer *layers, size_t n_layers, zps_matter *out, zps_error *error) {
  zps_status status = ZPS_OK;
  lossy_stack s;
  zps_radiative_nodes nodes;
  ZPS_TRY(zps_stack_init(&s.composition, layers, n_layers, error));
  out->radiation_length_mm = s.composition.radiation_length_mm;
  ZPS_TRY(zps_radiative_nodes_choose(&nodes, error));
  stack_radiate(&nodes, &s);
  fill_forward(&s, out);
  fill_inverse(out);
done:
  return status;
}
