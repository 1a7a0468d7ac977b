#include "host/cli/emission_argument.h"

#include <math.h>
#include <stdio.h>

#include "host/cli/arguments.h"
#include "host/job/job.h"
#include "host/job/job_validate.h"
#include "host/tables/emission_table.h"
#include "host/tables/material.h"

static zps_status set_model(zps_emission_argument *argument, const char *value, zps_error *error) {
  static const char *const models[] = {"etl", "ww", "iww"};
  const zps_status status = zps_argument_choice("--model", value, models, 3, &argument->model_asked, error);
  if (status == ZPS_OK) {
    argument->model_name = models[argument->model_asked];
  }
  return status;
}

static const char *const mediators[] = {"vector", "scalar", "pseudoscalar", "axial"};
static const char *const forms[] = {"elastic", "helm"};
static const char *const inelastics[] = {"none", "squared", "linear"};

zps_status zps_emission_argument_set(zps_emission_argument *argument, int key, const char *value, zps_error *error) {
  switch (key) {
  case ZPS_KEY_MASS:
    return zps_argument_number("--mass-gev", value, ZPS_MIN_MASS_GEV, 1e3, false, &argument->mass_gev, error);
  case ZPS_KEY_ENERGY:
    return zps_argument_number("--energy-gev", value, 1.0, 1e3, false, &argument->energy_gev, error);
  case ZPS_KEY_X_MIN:
    return zps_argument_number("--x-min", value, 0.0, 1.0, false, &argument->x_min, error);
  case ZPS_KEY_MATERIAL:
    argument->material = value;
    return ZPS_OK;
  case ZPS_KEY_MEDIATOR:
    return zps_argument_choice("--mediator", value, mediators, 4, &argument->mediator, error);
  case ZPS_KEY_FORM_FACTOR:
    return zps_argument_choice("--form-factor", value, forms, 2, &argument->form_factor, error);
  case ZPS_KEY_INELASTIC:
    return zps_argument_choice("--inelastic", value, inelastics, 3, &argument->inelastic, error);
  default:
    return set_model(argument, value, error);
  }
}

const char *zps_material_names(char *buffer, size_t size) {
  size_t used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < zps_material_count(); i++) {
    const int n = snprintf(buffer + used, size - used, "%s%s", i > 0 ? ", " : "", zps_material_at(i)->name);
    used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
  }
  return buffer;
}

static zps_status find_nucleus(zps_emission_argument *argument, zps_error *error) {
  char names[512];
  const zps_material *const material = zps_material_find(argument->material);
  if (material == NULL) {
    return zps_error_set(error, ZPS_USAGE, "--material = %.60s: unknown material (have %s)", argument->material,
                         zps_material_names(names, sizeof names));
  }
  if (material->n_elements != 1) {
    return zps_error_set(error, ZPS_USAGE, "--material = %s: expected a chemical element", argument->material);
  }
  argument->nucleus = zps_nucleus_make((double)material->elements[0].z, material->elements[0].a);
  return ZPS_OK;
}

static zps_status check_limit(const zps_emission_argument *argument, zps_error *error) {
  const double mu = ZPS_MUON_MASS_GEV;
  const double p_gev = sqrt((argument->energy_gev - mu) * (argument->energy_gev + mu));
  const double limit = zps_job_mass_limit(p_gev, zps_material_find(argument->material)->elements[0].a);
  if (argument->mass_gev < limit &&
      zps_emission_possible(&argument->nucleus, argument->mass_gev, argument->energy_gev)) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_USAGE,
                       "--mass-gev = %.10g: must be < %.6g, the kinematic limit of %.10g GeV muons "
                       "on %s",
                       argument->mass_gev, limit, argument->energy_gev, argument->material);
}

static zps_status choose_model(zps_emission_argument *argument, zps_error *error) {
  static const char *const names[2][3] = {{"elastic", "elastic + inelastic squared", "elastic + inelastic linear"},
                                          {"helm", "helm + inelastic squared", "helm + inelastic linear"}};
  zps_error local = {ZPS_OK, ""};
  argument->mediator_name = mediators[argument->mediator];
  argument->form_name = names[argument->form_factor][argument->inelastic];
  zps_nucleus_set_form(&argument->nucleus, (zps_form_factor)argument->form_factor, (zps_inelastic)argument->inelastic);
  if (zps_emission_choose(&argument->nucleus, (int)argument->model_asked, (zps_mediator)argument->mediator,
                          &argument->model, &local) != ZPS_OK) {
    return zps_error_set(error, ZPS_USAGE, "--%s", local.text);
  }
  return ZPS_OK;
}

zps_status zps_emission_argument_check(zps_emission_argument *argument, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_argument_required("--mass-gev", argument->mass_gev > 0.0, error));
  ZPS_TRY(zps_argument_required("--energy-gev", argument->energy_gev > 0.0, error));
  ZPS_TRY(zps_argument_required("--material", argument->material != NULL, error));
  argument->model_name = argument->model_name != NULL ? argument->model_name : "etl";
  ZPS_TRY(find_nucleus(argument, error));
  ZPS_TRY(choose_model(argument, error));
  ZPS_TRY(check_limit(argument, error));
done:
  return status;
}
