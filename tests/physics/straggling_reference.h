/* Losses of muons written a second time, with libm and GSL's adaptive integration: what the tests of straggling
 * compare with. */
#ifndef ZPS_STRAGGLING_REFERENCE_H
#define ZPS_STRAGGLING_REFERENCE_H

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include "host/tables/radiative_loss.h"
#include "host/tables/stopping_power.h"
#include "host/tables/straggling_table.h"
#include "tests/zps_test.h"

#define MU ZPS_MUON_MASS_GEV
#define ME ZPS_ELECTRON_MASS_GEV
#define N_WORKSPACE 4000

/** A stack and its period. */
typedef struct reference_stack {
  zps_layer layers[3];
  size_t n;
} reference_stack;

static inline reference_stack reference_material(const char *name) {
  const reference_stack s = {{{zps_material_find(name), 1.0}, {NULL, 0.0}, {NULL, 0.0}}, 1};
  return s;
}

static inline reference_stack reference_ecal(void) {
  const reference_stack s = {
      {{zps_material_find("Pb"), 1.5}, {zps_material_find("polystyrene"), 1.5}, {zps_material_find("paper"), 0.14}}, 3};
  return s;
}

static inline reference_stack reference_hcal(void) {
  const reference_stack s = {
      {{zps_material_find("Fe"), 25.0}, {zps_material_find("polystyrene"), 4.0}, {zps_material_find("air"), 5.0}}, 3};
  return s;
}

static inline double reference_q_max(double energy) {
  const double gamma = energy / MU;
  return 2.0 * ME * (gamma * gamma - 1.0) / (1.0 + 2.0 * gamma * ME / MU + ME * ME / (MU * MU));
}

/** xi of one mm [GeV/mm]. */
static inline double reference_xi(const reference_stack *s, double energy) {
  double electrons = 0.0;
  double length = 0.0;
  for (size_t i = 0; i < s->n; i++) {
    const zps_layer *l = &s->layers[i];
    electrons += l->thickness_mm * l->material->density_g_cm3 * l->material->z_over_a;
    length += l->thickness_mm;
  }
  return 0.5 * 0.307075e-4 * electrons / (length * (1.0 - MU * MU / (energy * energy)));
}

/** What an integrand needs. */
typedef struct reference_point {
  const reference_stack *stack;
  double energy;
  const zps_radiative_nodes *nodes;
} reference_point;

/** loss dN/dloss of knock-on electrons, xi = 1. */
static inline double reference_knock_on(double energy, double loss) {
  const double q = reference_q_max(energy);
  const double beta2 = 1.0 - MU * MU / (energy * energy);
  const double a = log1p(2.0 * loss / ME);
  const double b = log(4.0 * energy * (energy - loss) / (MU * MU));
  const double radiation = b > a ? a * (b - a) / (2.0 * M_PI * 137.035999) : 0.0;
  const double shape = 1.0 - beta2 * loss / q + loss * loss / (2.0 * energy * energy);
  return loss < q ? shape * (1.0 + radiation) / loss : 0.0;
}

/** dN/dln(loss) of everything [1/mm]. */
static inline double reference_density(double log_loss, void *data) {
  const reference_point *p = (const reference_point *)data;
  const double loss = exp(log_loss);
  double length = 0.0;
  double sum = 0.0;
  for (size_t i = 0; i < p->stack->n; i++) {
    const zps_layer *l = &p->stack->layers[i];
    length += l->thickness_mm;
    for (size_t k = 0; k < l->material->n_elements; k++) {
      const zps_material_element *e = &l->material->elements[k];
      const zps_radiative_spectrum s =
          zps_radiative_spectrum_at(p->nodes, e->z, e->a, p->energy - MU, loss / p->energy);
      sum += l->thickness_mm * l->material->density_g_cm3 * e->mass_fraction *
             (s.bremsstrahlung + s.pair_production + s.photonuclear);
    }
  }
  return 0.1 * sum / length + reference_xi(p->stack, p->energy) * reference_knock_on(p->energy, loss);
}

/** N(>loss) per mm, by GSL; the integral is split at Q_max, where knock-on electrons end. */
static inline double reference_rate(const reference_stack *s, double energy, double loss) {
  zps_radiative_nodes nodes;
  zps_radiative_nodes_init(&nodes);
  reference_point point = {s, energy, &nodes};
  const gsl_function f = {reference_density, &point};
  gsl_integration_workspace *w = gsl_integration_workspace_alloc(N_WORKSPACE);
  double soft = 0.0;
  double hard = 0.0;
  double error = 0.0;
  const double split = log(fmax(reference_q_max(energy), loss));
  gsl_set_error_handler_off();
  (void)gsl_integration_qag(&f, log(loss), split, 0.0, 1e-5, N_WORKSPACE, GSL_INTEG_GAUSS31, w, &soft, &error);
  (void)gsl_integration_qag(&f, split, log(energy - MU), 1e-16, 1e-5, N_WORKSPACE, GSL_INTEG_GAUSS31, w, &hard, &error);
  gsl_integration_workspace_free(w);
  return soft + hard;
}

/** The loss of which there are rate per mm, as the kernel reads it. */
static inline double reference_table_loss(const zps_straggling *table, double energy, double rate) {
  return zps_straggle_loss(
      table,
      zps_half_octave_at(energy, ZPS_STRAGGLE_ENERGY_MIN_GEV, ZPS_STRAGGLE_LOG2_ENERGY_MIN,
                         ZPS_STRAGGLE_ENERGY_MAX_GEV),
      zps_half_octave_at(rate, ZPS_STRAGGLE_RATE_MIN, ZPS_STRAGGLE_LOG2_RATE_MIN, ZPS_STRAGGLE_RATE_MAX));
}

#endif
