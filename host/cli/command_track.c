/* zpscan track: one muon from the end of the target to every plane. */
#include <stdio.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/job_argument.h"
#include "host/cli/json_print.h"
#include "host/run/muon_track.h"
#include "host/run/plan.h"

enum track_key { KEY_P = 256, KEY_X, KEY_Y, KEY_TX, KEY_TY, KEY_NO_MATTER, KEY_JSON, KEY_SET };

typedef struct track_options {
  zps_job_argument job;
  zps_track_start start;
  double tx_mrad, ty_mrad;
  bool json;
} track_options;

static const struct argp_option options[] = {
    {"p-gev", KEY_P, "P", 0, "momentum [GeV], 0.2 to 2000", 0},
    {"x-mm", KEY_X, "X", 0, "position at the end of the target [mm] (default 0)", 0},
    {"y-mm", KEY_Y, "Y", 0, "position [mm] (default 0)", 0},
    {"tx-mrad", KEY_TX, "TX", 0, "slope dx/dz [mrad] (default 0)", 0},
    {"ty-mrad", KEY_TY, "TY", 0, "slope dy/dz [mrad] (default 0)", 0},
    {"no-matter", KEY_NO_MATTER, NULL, 0, "no energy loss: the field alone", 0},
    {"json", KEY_JSON, NULL, 0, "JSON instead of a table", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "change a key of the job, e.g. layout.MS2.integral_tm=1", 0},
    {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  track_options *const o = (track_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->job.path = value;
    return ZPS_OK;
  case KEY_P:
    return zps_argument_number("--p-gev", value, 0.2, 2000.0, false, &o->start.p_gev, error);
  case KEY_X:
    return zps_argument_number("--x-mm", value, -1e6, 1e6, false, &o->start.x_mm, error);
  case KEY_Y:
    return zps_argument_number("--y-mm", value, -1e6, 1e6, false, &o->start.y_mm, error);
  case KEY_TX:
    return zps_argument_number("--tx-mrad", value, -4e3, 4e3, false, &o->tx_mrad, error);
  case KEY_TY:
    return zps_argument_number("--ty-mrad", value, -4e3, 4e3, false, &o->ty_mrad, error);
  case KEY_NO_MATTER:
    o->start.no_matter = true;
    return ZPS_OK;
  case KEY_JSON:
    o->json = true;
    return ZPS_OK;
  default:
    return zps_job_argument_set(&o->job, value, error);
  }
}

static const zps_arguments arguments = {
    "zpscan track",
    "JOB.yaml",
    1,
    1,
    "Carries one muon from the downstream end of the target with mean energy losses and without scattering.\v"
    "Units: GeV, mm, mrad. Beam along +z, y up, x = y cross z; z = 0 at the end of the target. The muon has the charge "
    "of the job's beam.\n"
    "Example: zpscan track grids/na64mu-2022.yaml --p-gev 160 --no-matter",
    options,
    set};

static const zps_job_element *plane_of(const zps_plan *plan, size_t i) {
  return &plan->job->elements[zps_plane_element(&plan->setup, i)];
}

static zps_status print_json(const zps_plan *plan, const zps_plane_state *planes, size_t n, enum zps_fate fate,
                             zps_error *error) {
  json_t *const list = json_array();
  for (size_t i = 0; i < n; i++) {
    const zps_plane_state *const s = &planes[i];
    (void)json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f}", "name", plane_of(plan, i)->name,
                                                "z_mm", plane_of(plan, i)->start_mm, "x_mm", s->x_mm, "y_mm", s->y_mm,
                                                "tx_mrad", 1e3 * s->tx, "ty_mrad", 1e3 * s->ty, "p_gev", s->p_gev));
  }
  return zps_json_print(json_pack("{s:o, s:s}", "planes", list, "fate", zps_fate_name(fate)), error);
}

static void print_table(const zps_plan *plan, const zps_plane_state *planes, size_t n, enum zps_fate fate) {
  (void)printf("%-12s %10s %12s %12s %10s %10s %10s\n", "plane", "z/mm", "x/mm", "y/mm", "tx/mrad", "ty/mrad", "p/GeV");
  for (size_t i = 0; i < n; i++) {
    const zps_plane_state *const s = &planes[i];
    (void)printf("%-12s %10.3f %12.5f %12.5f %10.5f %10.5f %10.5f\n", plane_of(plan, i)->name,
                 plane_of(plan, i)->start_mm, s->x_mm, s->y_mm, 1e3 * s->tx, 1e3 * s->ty, s->p_gev);
  }
  if (fate != ZPS_FATE_ARRIVED) {
    (void)printf("fate: %s\n", zps_fate_name(fate));
  }
}

zps_status zps_command_track(int argc, char **argv, zps_error *error) {
  track_options o = {.json = false};
  zps_plane_state planes[ZPS_MAX_ELEMENTS];
  zps_plan plan;
  zps_job *job = NULL;
  size_t n = 0;
  bool helped = false;
  memset(&plan, 0, sizeof plan);
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  o.start.tx = 1e-3 * o.tx_mrad;
  o.start.ty = 1e-3 * o.ty_mrad;
  ZPS_TRY(zps_argument_required("--p-gev", o.start.p_gev > 0.0, error));
  ZPS_TRY(zps_job_argument_read(&o.job, &job, error));
  /* The tables of one mass: emission plays no part here. */
  ZPS_TRY(zps_plan_build(job, (zps_mass_range){0, 1}, 0, &plan, error));
  const enum zps_fate fate = zps_muon_track(&plan.setup, &o.start, planes, &n);
  if (o.json) {
    ZPS_TRY(print_json(&plan, planes, n, fate, error));
  } else {
    print_table(&plan, planes, n, fate);
  }
done:
  zps_plan_free(&plan);
  zps_job_argument_free(job);
  return status;
}
