/* zpscan xsec: one cross-section. */
#include <stdio.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/emission_argument.h"
#include "host/cli/json_print.h"
#include "host/tables/emission_table.h"

enum xsec_key { KEY_COUPLING = 256, KEY_JSON };

typedef struct xsec_options {
  zps_emission_argument emission;
  double coupling;
  bool json;
} xsec_options;

static const struct argp_option options[] = {ZPS_EMISSION_OPTIONS,
                                             {"coupling", KEY_COUPLING, "G", 0, "g_Z', up to 10 (default 1e-4)", 0},
                                             {"json", KEY_JSON, NULL, 0, "JSON instead of a line", 0},
                                             {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  xsec_options *const o = (xsec_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    return ZPS_OK;
  case KEY_COUPLING:
    return zps_argument_number("--coupling", value, 0.0, 10.0, true, &o->coupling, error);
  case KEY_JSON:
    o->json = true;
    return ZPS_OK;
  default:
    return zps_emission_argument_set(&o->emission, key, value, error);
  }
}

static const zps_arguments arguments = {
    "zpscan xsec",
    "",
    0,
    0,
    "Cross-section of mu N -> mu N Z' per nucleus, with its quadrature error.\v"
    "Units: masses and energies GeV, result pb. sigma is proportional to the coupling squared. A dark photon radiated "
    "by "
    "the muon is a vector with coupling 0.302822 epsilon.\n"
    "Example: zpscan xsec --mass-gev 0.1 --energy-gev 160 --material Pb --coupling 1e-4 --model etl",
    options,
    set};

static zps_status print_sigma(const xsec_options *o, double sigma_pb, double error_pb, zps_error *error) {
  const zps_emission_argument *const e = &o->emission;
  if (o->json) {
    return zps_json_print(json_pack("{s:f, s:f, s:s, s:s, s:s, s:f, s:f, s:s, s:f, s:f}", "sigma_pb", sigma_pb,
                                    "sigma_error_pb", error_pb, "model", e->model_name, "mediator", e->mediator_name,
                                    "form_factor", e->form_name, "mass_gev", e->mass_gev, "energy_gev", e->energy_gev,
                                    "material", e->material, "coupling", o->coupling, "x_min", e->x_min),
                          error);
  }
  (void)printf("sigma = %.8g pb, quadrature error %.1g pb (%s, %s, %s, m = %.6g GeV, E = %.6g GeV, %s, g = %.6g, "
               "x > %.6g)\n",
               sigma_pb, error_pb, e->model_name, e->mediator_name, e->form_name, e->mass_gev, e->energy_gev,
               e->material, o->coupling, e->x_min);
  return ZPS_OK;
}

zps_status zps_command_xsec(int argc, char **argv, zps_error *error) {
  xsec_options o = {.coupling = 1e-4};
  bool helped = false;
  double sigma_pb = 0.0;
  double error_pb = 0.0;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  const zps_emission_argument *const e = &o.emission;
  const double g2 = o.coupling * o.coupling;
  ZPS_TRY(zps_emission_argument_check(&o.emission, error));
  ZPS_TRY(zps_sigma_pb(&e->nucleus, e->model, e->mass_gev, e->energy_gev, e->x_min, zps_sigma_rule_default(), &sigma_pb,
                       &error_pb, error));
  ZPS_TRY(print_sigma(&o, sigma_pb * g2, error_pb * g2, error));
done:
  return status;
}
