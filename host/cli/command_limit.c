/* zpscan limit: what counts exclude. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/json_print.h"
#include "host/cli/limit_argument.h"
#include "host/cli/limit_print.h"
#include "host/cli/message.h"
#include "host/export/export.h"
#include "host/io/signal.h"
#include "host/job/number.h"
#include "host/stats/limit_curve.h"

enum limit_key {
  KEY_COUNTING = 256,
  KEY_CL,
  KEY_METHOD,
  KEY_SET,
  KEY_MAP,
  KEY_THERMAL,
  KEY_JSON,
  KEY_EXPORT,
  KEY_FORCE
};

#define N_INPUTS 4
#define CL_MAX 0.999999

typedef struct limit_options {
  const char *file;
  const char *counting; /* as given, NULL = a file instead */
  double inputs[N_INPUTS];
  double cl; /* 0 = not given */
  zps_limit_method method;
  zps_job_argument settings;
  bool map;
  bool thermal;
  bool json;
  const char *folder; /* of --export, NULL = none */
  bool force;
} limit_options;

static const struct argp_option options[] = {
    {"counting", KEY_COUNTING, "N,B,SIGMA_B,SIGMA_S", 0,
     "one counting experiment instead of a file: events observed, expected, its error, relative error of the signal",
     0},
    {"cl", KEY_CL, "CL", 0, "confidence level, above 0.5 (default: limit.cl of the job, or 0.9)", 0},
    {"method", KEY_METHOD, "NAME", 0, "exact (default) or asymptotic", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, ZPS_LIMIT_SET_HELP, 0},
    {"map", KEY_MAP, NULL, 0, "with --json: yield and CLs at every coupling of the result", 0},
    {"thermal", KEY_THERMAL, NULL, 0,
     "with --json and process.dark_matter: coupling and y of the relic density observed (0.3 s per mass)", 0},
    {"json", KEY_JSON, NULL, 0, "JSON instead of a table", 0},
    {"export", KEY_EXPORT, "DIR", 0,
     "write the limits for others into DIR: csv, darkcast (lmt), HEPData submission, pyhf workspace and patch set", 0},
    {"force", KEY_FORCE, NULL, 0, "with --export: replace files that exist", 0},
    {0}};

/** N,B,SIGMA_B,SIGMA_S */
static zps_status parse_counting(limit_options *o, zps_error *error) {
  const char *at = o->counting;
  for (int i = 0; i < N_INPUTS; i++) {
    const size_t n = strcspn(at, ",");
    const bool is_last = i == N_INPUTS - 1;
    if (!zps_number_parse(at, n, &o->inputs[i]) || (at[n] == '\0') != is_last) {
      return zps_error_set(error, ZPS_USAGE,
                           "--counting = %.60s: expected N,B,SIGMA_B,SIGMA_S: four numbers such as 0,0.07,0.03,0.08",
                           o->counting);
    }
    at += n + 1;
  }
  return ZPS_OK;
}

static zps_status check_background(const limit_options *o, zps_error *error) {
  const double b = o->inputs[1];
  const double sigma = o->inputs[2];
  if (!(b >= 0.0)) {
    return zps_error_set(error, ZPS_USAGE, "--counting = %.60s: B = %.10g: must be >= 0", o->counting, b);
  }
  if (!(sigma >= 0.0 && sigma <= ZPS_MAX_RELATIVE_ERROR * b)) {
    return zps_error_set(error, ZPS_USAGE, "--counting = %.60s: SIGMA_B = %.10g: must be >= 0 and <= %g times B",
                         o->counting, sigma, ZPS_MAX_RELATIVE_ERROR);
  }
  return ZPS_OK;
}

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  limit_options *const o = (limit_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->file = value;
    return ZPS_OK;
  case KEY_COUNTING:
    o->counting = value;
    return parse_counting(o, error);
  case KEY_CL:
    return zps_argument_number("--cl", value, 0.5, CL_MAX, true, &o->cl, error);
  case KEY_METHOD:
    return zps_limit_argument_method(value, &o->method, error);
  case KEY_SET:
    return zps_limit_argument_set(&o->settings, value, error);
  case KEY_MAP:
    o->map = true;
    return ZPS_OK;
  case KEY_THERMAL:
    o->thermal = true;
    return ZPS_OK;
  case KEY_EXPORT:
    o->folder = value;
    return ZPS_OK;
  case KEY_FORCE:
    o->force = true;
    return ZPS_OK;
  default:
    o->json = true;
    return ZPS_OK;
  }
}

static const zps_arguments arguments = {
    "zpscan limit",
    "[FILE.h5]",
    0,
    1,
    "Upper limits by CLs: on the coupling at each mass of a result, or on the signal of one counting experiment.\v"
    "Units: GeV, events; errors of the signal are relative. docs/how-to/set-a-limit.md tells more.\n"
    "Example: zpscan limit quick.h5 --json\n"
    "Example: zpscan limit quick.h5 --method asymptotic --export published\n"
    "Example: zpscan limit --counting 0,0.07,0.03,0.08 --method asymptotic",
    options,
    set};

static zps_status check_options(const limit_options *o, zps_error *error) {
  if ((o->file != NULL) == (o->counting != NULL)) {
    return zps_error_set(error, ZPS_USAGE, "expected either a result FILE.h5 or --counting, got %s",
                         o->file != NULL ? "both" : "neither");
  }
  const char *const for_files = o->map                       ? "--map"
                                : o->thermal                 ? "--thermal"
                                : o->folder != NULL          ? "--export"
                                : o->settings.n_settings > 0 ? "--set"
                                                             : NULL;
  if (o->counting != NULL && for_files != NULL) {
    return zps_error_set(error, ZPS_USAGE, "%s: expected a result FILE.h5, not --counting", for_files);
  }
  if ((o->map || o->thermal) && !o->json) {
    return zps_error_set(error, ZPS_USAGE, "%s: expected --json beside it", for_files);
  }
  if (o->folder != NULL && *o->folder == '\0') {
    return zps_error_set(error, ZPS_USAGE, "--export: expected the name of a folder, got nothing");
  }
  if (o->force && o->folder == NULL) {
    return zps_error_set(error, ZPS_USAGE, "--force: expected --export beside it");
  }
  return o->counting != NULL ? check_background(o, error) : ZPS_OK;
}

static zps_status limit_counting(const limit_options *o, zps_error *error) {
  const zps_counting counting = zps_counting_single(o->inputs[0], o->inputs[1], o->inputs[2], o->inputs[3]);
  const double cl = o->cl > 0.0 ? o->cl : 0.9;
  zps_upper_limit limit;
  zps_error inner = {ZPS_OK, ""};
  const zps_status status = zps_upper_limit_find(&counting, o->method, cl, &limit, &inner);
  if (status != ZPS_OK) {
    return zps_error_set(error, status == ZPS_INVALID ? ZPS_USAGE : status, "--counting = %.60s: %s", o->counting,
                         inner.text);
  }
  if (o->json) {
    return zps_json_print(zps_limit_json_counting(o->inputs, o->method, cl, &limit), error);
  }
  zps_limit_print_counting(stdout, o->inputs, o->method, cl, &limit);
  return ZPS_OK;
}

/** Yield and CLs at every coupling of the result; both arrays of n_coupling. CLs is 1 without an efficiency. */
static zps_status fill_map(const limit_options *o, const zps_job *job, const zps_result *result, size_t i_mass,
                           double *yield, double *cls, zps_error *error) {
  zps_counting counting;
  for (size_t g = 0; g < result->n_coupling; g++) {
    yield[g] = zps_signal_total(job, result, i_mass, result->coupling[g]);
    cls[g] = 1.0;
  }
  return zps_limit_counting(job, result, i_mass, &counting)
             ? zps_cls(&counting, o->method, result->n_coupling, yield, cls, error)
             : ZPS_OK;
}

/** NaN where the relic density has no solution: no dark matter, a mass out of range, no coupling that does it. */
static zps_thermal_target thermal_target(const zps_job *job, double mass_gev) {
  const zps_job_process *const p = &job->process;
  zps_thermal_target target = {0.0, 0.0};
  const zps_status status =
      zps_relic_target(p->dark_matter, p->dark_mass_ratio * mass_gev, p->dark_mass_ratio, p->g_chi, 0.0, &target, NULL);
  return status == ZPS_OK ? target : (zps_thermal_target){(double)NAN, (double)NAN};
}

static zps_status add_mass(const limit_options *o, const zps_limit_curve *curve, size_t i_mass, double *room,
                           json_t *masses, zps_error *error) {
  const zps_result *const result = curve->result;
  zps_limit_extra extra = {NULL, NULL, NULL};
  zps_thermal_target target;
  zps_status status = ZPS_OK;
  if (o->map) {
    ZPS_TRY(fill_map(o, curve->job, result, i_mass, room, room + result->n_coupling, error));
    extra.yield = room;
    extra.cls = room + result->n_coupling;
  }
  if (o->thermal) {
    target = thermal_target(curve->job, result->mass_gev[i_mass]);
    extra.thermal = &target;
  }
  (void)json_array_append_new(masses,
                              zps_limit_json_point(curve->job, result, curve->method, &curve->points[i_mass], &extra));
done:
  return status;
}

static zps_status print_json(const limit_options *o, const zps_limit_curve *curve, zps_error *error) {
  const zps_result *const result = curve->result;
  double *room = (double *)calloc(2 * result->n_coupling, sizeof(double));
  json_t *masses = json_array();
  zps_status status = room != NULL && masses != NULL ? ZPS_OK : ZPS_MEMORY;
  for (size_t i = 0; i < result->n_mass && status == ZPS_OK; i++) {
    zps_error inner = {ZPS_OK, ""};
    status = add_mass(o, curve, i, room, masses, &inner);
    if (status != ZPS_OK) {
      (void)zps_error_set(error, status, "%s: mass %.6g GeV: %s", o->file, result->mass_gev[i], inner.text);
    }
  }
  if (status == ZPS_OK) {
    status = zps_json_print(zps_limit_json(curve->job, result, o->method, masses), error);
    masses = NULL;
  }
  json_decref(masses);
  free(room);
  return status;
}

static void print_table(const zps_limit_curve *curve) {
  zps_limit_print_head(stdout, curve->job, curve->method);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    zps_limit_print_point(stdout, &curve->points[i]);
  }
}

/** Says where limits rest on fewer triggers than the job has: valid, but weaker than they could be. */
static void tell_left_out(const zps_limit_curve *curve) {
  size_t n = 0;
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    n += curve->points[i].has_limit && curve->points[i].events.n_left_out > 0 ? 1 : 0;
  }
  if (n > 0) {
    char text[200];
    (void)snprintf(text, sizeof text,
                   "at %zu of %zu masses the exact sums leave out a trigger of much background: limits there are valid "
                   "but some percent weak",
                   n, curve->result->n_mass);
    zps_message("zpscan limit", text);
  }
}

/** Says where a limit lies at couplings of a wide Z'. */
static void tell_wide(const zps_limit_curve *curve) {
  const zps_limit_wide wide = zps_limit_wide_find(curve);
  if (wide.n > 0) {
    char text[200];
    (void)snprintf(text, sizeof text,
                   "at %zu of %zu masses the limit lies where Gamma/m > %g %%, up to %.2g %% at %.6g GeV: efficiencies "
                   "are those of a narrow Z'",
                   wide.n, curve->result->n_mass, 100.0 * ZPS_NARROW_WIDTH, 100.0 * wide.relative_width, wide.mass_gev);
    zps_message("zpscan limit", text);
  }
}

static zps_status limit_file(const limit_options *o, zps_error *error) {
  zps_result result = {0};
  zps_job *job = NULL;
  zps_limit_curve curve = {0};
  zps_error inner = {ZPS_OK, ""};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_limit_argument_read(o->file, &o->settings, o->cl, &result, &job, error));
  if (o->thermal && job->process.dark_matter == ZPS_DARK_NONE) {
    status = zps_error_set(error, ZPS_INVALID,
                           "%s: --thermal: expected dark matter, in the job or by --set "
                           "process.dark_matter.kind=...",
                           o->file);
    goto done;
  }
  status = zps_limit_curve_find(job, &result, o->method, &curve, &inner);
  if (status != ZPS_OK) {
    (void)zps_error_set(error, status, "%s: %s", o->file, inner.text);
    goto done;
  }
  tell_left_out(&curve);
  tell_wide(&curve);
  if (o->folder != NULL) {
    ZPS_TRY(zps_export_write(&curve, o->folder, o->force, error));
  }
  if (o->json) {
    ZPS_TRY(print_json(o, &curve, error));
  } else {
    print_table(&curve);
  }
done:
  zps_limit_curve_free(&curve);
  zps_job_argument_free(job);
  zps_result_free(&result);
  return status;
}

zps_status zps_command_limit(int argc, char **argv, zps_error *error) {
  limit_options o = {.method = ZPS_LIMIT_EXACT};
  bool helped = false;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(check_options(&o, error));
  status = o.counting != NULL ? limit_counting(&o, error) : limit_file(&o, error);
done:
  return status;
}
