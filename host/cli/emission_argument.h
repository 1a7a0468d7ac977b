/* The options xsec and sample share: which muon emits which Z' on what. */
#ifndef ZPS_CLI_EMISSION_ARGUMENT_H
#define ZPS_CLI_EMISSION_ARGUMENT_H

#include <stdbool.h>

#include "host/error.h"
#include "kernels/emission.h"

enum zps_emission_key {
  ZPS_KEY_MASS = 512,
  ZPS_KEY_ENERGY,
  ZPS_KEY_MATERIAL,
  ZPS_KEY_MODEL,
  ZPS_KEY_X_MIN,
  ZPS_KEY_MEDIATOR,
  ZPS_KEY_FORM_FACTOR,
  ZPS_KEY_INELASTIC
};

/** Rows of an argp_option table. */
#define ZPS_EMISSION_OPTIONS                                                                                           \
  {"mass-gev", ZPS_KEY_MASS, "M", 0, "Z' mass [GeV], 1e-6 up to the kinematic limit", 0},                              \
      {"energy-gev", ZPS_KEY_ENERGY, "E", 0, "energy of the muon [GeV], 1 to 1000", 0},                                \
      {"material", ZPS_KEY_MATERIAL, "NAME", 0, "the nucleus: a chemical element such as Pb, Fe, C", 0},               \
      {"model", ZPS_KEY_MODEL, "NAME", 0, "etl: exact tree level (default); ww, iww: Weizsaecker-Williams", 0},        \
      {"mediator", ZPS_KEY_MEDIATOR, "NAME", 0, "vector (default), scalar, pseudoscalar or axial", 0},                 \
      {"form-factor", ZPS_KEY_FORM_FACTOR, "NAME", 0, "elastic (default) or helm", 0},                                 \
      {"inelastic", ZPS_KEY_INELASTIC, "NAME", 0, "protons knocked out: none (default), squared or linear", 0}, {      \
    "x-min", ZPS_KEY_X_MIN, "X", 0, "only x = E_Z'/E > X, 0 to 1 (default 0: all)", 0                                  \
  }

/** Zero-initialise, fill with zps_emission_argument_set(), finish with zps_emission_argument_check(). */
typedef struct zps_emission_argument {
  double mass_gev, energy_gev, x_min;
  const char *material, *model_name;
  unsigned model_asked, mediator, form_factor, inelastic;
  int model;                             /* as host/tables/emission_table.h takes it */
  const char *mediator_name, *form_name; /* form_name: with the inelastic term */
  zps_nucleus nucleus;
} zps_emission_argument;

zps_status zps_emission_argument_set(zps_emission_argument *argument, int key, const char *value, zps_error *error);

/** Everything given, and possible together: ZPS_USAGE names what is missing, or the kinematic limit. Fills nucleus;
 *  model and names; the model is etl where none was given. */
zps_status zps_emission_argument_check(zps_emission_argument *argument, zps_error *error);

/** Writes the names of all materials, separated by commas; returns buffer. */
const char *zps_material_names(char *buffer, size_t size);

#endif
