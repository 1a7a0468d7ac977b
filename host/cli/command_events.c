/* zpscan events: whole events, one row each. */
#include <stdio.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/event_file.h"
#include "host/cli/job_argument.h"
#include "host/io/output.h"

#define MAX_EVENTS 5000000 /* rows are kept in memory until the file is written whole */

enum events_key { KEY_OUTPUT = 'o', KEY_MASS = 256, KEY_EVENTS, KEY_FIRST, KEY_ENGINE, KEY_FORCE, KEY_SET };

typedef struct events_options {
  zps_job_argument job;
  double mass_gev;
  uint64_t events, first;
  bool force;
  const char *engine;
  const char *output;
} events_options;

static const struct argp_option options[] = {
    {"mass-gev", KEY_MASS, "M", 0, "one of the masses of the job [GeV]", 0},
    {"events", KEY_EVENTS, "N", 0, "number of events", 0},
    {"first", KEY_FIRST, "K", 0, "index of the first one (default 0)", 0},
    {"engine", KEY_ENGINE, "NAME", 0,
     "auto, cpu (default), cuda or check: what this engine makes of them, to find an event that differs", 0},
    {"output", KEY_OUTPUT, "FILE.h5", 0, "file to write", 0},
    {"force", KEY_FORCE, NULL, 0, "replace an output that exists", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "change a key of the job, e.g. seed=2", 0},
    {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  events_options *const o = (events_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->job.path = value;
    return ZPS_OK;
  case KEY_MASS:
    return zps_argument_number("--mass-gev", value, 0.0, 1e3, true, &o->mass_gev, error);
  case KEY_EVENTS:
    return zps_argument_whole("--events", value, 1, MAX_EVENTS, &o->events, error);
  case KEY_FIRST:
    return zps_argument_whole("--first", value, 0, ZPS_MAX_EVENTS - MAX_EVENTS, &o->first, error);
  case KEY_ENGINE:
    o->engine = value;
    return ZPS_OK;
  case KEY_FORCE:
    o->force = true;
    return ZPS_OK;
  case KEY_OUTPUT:
    o->output = value;
    return ZPS_OK;
  default:
    return zps_job_argument_set(&o->job, value, error);
  }
}

static const zps_arguments arguments = {
    "zpscan events",
    "JOB.yaml",
    1,
    1,
    "Writes what happens to single events of a run: weight, fate, and the state at every plane of the layout.\v"
    "Units: GeV, mm, slopes. Event i of a mass is the same here and in zpscan run. Sums of k over rows are the counts "
    "of the run.\n"
    "Example: zpscan events grids/quick.yaml --mass-gev 0.2 --events 1000 -o events.h5",
    options,
    set};

static zps_status check_options(const events_options *o, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_argument_required("--mass-gev", o->mass_gev > 0.0, error));
  ZPS_TRY(zps_argument_required("--events", o->events > 0, error));
  ZPS_TRY(zps_argument_required("--output", o->output != NULL, error));
done:
  return status;
}

zps_status zps_command_events(int argc, char **argv, zps_error *error) {
  events_options o = {.engine = "cpu"};
  zps_event_table table = {.n = 0};
  zps_engine *engine = NULL;
  zps_plan plan;
  zps_job *job = NULL;
  size_t i_mass = 0;
  bool helped = false;
  memset(&plan, 0, sizeof plan);
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(check_options(&o, error));
  ZPS_TRY(zps_job_argument_read(&o.job, &job, error));
  ZPS_TRY(zps_job_argument_check_output(job, "--output", o.output, error));
  ZPS_TRY(zps_output_check(o.output, o.force, error));
  ZPS_TRY(zps_job_argument_mass(job, o.mass_gev, &i_mass, error));
  ZPS_TRY(zps_plan_build(job, (zps_mass_range){i_mass, i_mass + 1}, 0, &plan, error));
  ZPS_TRY(zps_engine_create(o.engine, &plan.setup, NULL, &engine, error));
  ZPS_TRY(zps_event_table_fill(engine, &plan.setup, 0, o.first, (size_t)o.events, &table, error));
  ZPS_TRY(zps_event_table_write(o.output, &plan, &table, o.force, error));
done:
  zps_event_table_free(&table);
  zps_engine_destroy(engine);
  zps_plan_free(&plan);
  zps_job_argument_free(job);
  return status;
}
