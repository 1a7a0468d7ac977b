/* zpscan run: a job file to a result file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/job_argument.h"
#include "host/cli/result_summary.h"
#include "host/cli/run_argument.h"
#include "host/io/output.h"
#include "host/job/job_warning.h"
#include "host/job/number.h"
#include "host/run/comm_launch.h"
#include "host/run/journal_list.h"
#include "host/run/run_job.h"
#include "kernels/rng.h"

enum run_key {
  KEY_OUTPUT = 'o',
  KEY_ENGINE = 256,
  KEY_THREADS,
  KEY_EVENTS,
  KEY_TARGET_ERROR,
  KEY_TARGET_TRIGGER,
  KEY_SEED,
  KEY_MASSES,
  KEY_RESUME,
  KEY_EXTEND,
  KEY_FORCE,
  KEY_SET,
  KEY_QUIET,
  KEY_JSON_LOG
};

/** What was asked for. */
typedef struct run_options {
  zps_job_argument job;
  zps_run_request request;
  uint64_t events, seed;
  double target_error;
  const char *target_trigger; /* NULL = all */
  bool has_events, has_seed, quiet;
  char output[ZPS_PATH_SIZE];
} run_options;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE.h5", 0, "result file; default: the job file's name with .h5, in this folder", 0},
    {"engine", KEY_ENGINE, "NAME", 0, "auto, cpu, cuda or check (default auto); see zpscan info", 0},
    {"threads", KEY_THREADS, "N", 0, "0 = OMP_NUM_THREADS, else the cores it may use (default); changes no count", 0},
    {"events", KEY_EVENTS, "N", 0, "events per mass, instead of the job's", 0},
    {"target-error", KEY_TARGET_ERROR, "E", 0,
     "a mass stops at 2^k events when the relative error of its efficiency is E (1% or 0.01) or less, for every "
     "trigger; events per mass are then the most",
     0},
    {"target-trigger", KEY_TARGET_TRIGGER, "NAME", 0, "only this trigger has to reach --target-error", 0},
    {"seed", KEY_SEED, "S", 0, "0 .. 2^64 - 1, instead of the job's", 0},
    {"masses", KEY_MASSES, "A:B", 0, "only masses A .. B - 1 of the job, counted from 0", 0},
    {"resume", KEY_RESUME, NULL, 0, "go on where an interrupted run stopped", 0},
    {"extend", KEY_EXTEND, NULL, 0, "add events to a finished result, up to --events", 0},
    {"force", KEY_FORCE, NULL, 0, "replace an output that exists", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "change a key of the job, e.g. triggers.smu152.S4.edge_x_mm=-70", 0},
    {"quiet", KEY_QUIET, NULL, 0, "no progress and no table", 0},
    {"json-log", KEY_JSON_LOG, "FILE", 0,
     "progress as JSON, one object per line; added to a FILE that exists with --resume or --extend, which --force "
     "alone "
     "replaces",
     0},
    {0}};

static zps_status set_masses(run_options *o, const char *value, zps_error *error) {
  const char *const colon = strchr(value, ':');
  uint64_t first = 0;
  uint64_t end = 0;
  if (colon == NULL || !zps_number_parse_whole(value, (size_t)(colon - value), &first) ||
      !zps_number_parse_whole(colon + 1, strlen(colon + 1), &end) || first >= end || end > ZPS_MAX_MASSES) {
    return zps_error_set(error, ZPS_USAGE, "--masses = %.60s: expected A:B, whole numbers with A < B", value);
  }
  o->request.masses = (zps_mass_range){(size_t)first, (size_t)end};
  return ZPS_OK;
}

/** A share of 1, or per cent. */
static zps_status set_target_error(run_options *o, const char *value, zps_error *error) {
  const size_t length = strlen(value);
  const bool is_percent = length > 0 && value[length - 1] == '%';
  if (!zps_number_parse(value, is_percent ? length - 1 : length, &o->target_error)) {
    return zps_error_set(error, ZPS_USAGE, "--target-error = %.60s: expected a number such as 0.01 or 1%%", value);
  }
  o->target_error = is_percent ? o->target_error / 100.0 : o->target_error;
  if (o->target_error <= 0.0 || o->target_error > 0.5) {
    return zps_error_set(error, ZPS_USAGE, "--target-error = %.60s: must be > 0 and <= %s", value,
                         is_percent ? "50%" : "0.5");
  }
  return ZPS_OK;
}

static zps_status set_output(run_options *o, const char *value, zps_error *error) {
  if (value[0] == '\0' || strlen(value) >= sizeof o->output) {
    return zps_error_set(error, ZPS_USAGE, "--output: expected a path of 1 to %zu bytes", sizeof o->output - 1);
  }
  (void)snprintf(o->output, sizeof o->output, "%s", value);
  return ZPS_OK;
}

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  run_options *const o = (run_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->job.path = value;
    return ZPS_OK;
  case KEY_OUTPUT:
    return set_output(o, value, error);
  case KEY_ENGINE:
    o->request.engine = value;
    return ZPS_OK;
  case KEY_THREADS:
    return zps_run_argument_threads(value, &o->request.n_threads, error);
  case KEY_EVENTS:
    o->has_events = true;
    return zps_argument_whole("--events", value, 1, ZPS_MAX_EVENTS, &o->events, error);
  case KEY_TARGET_ERROR:
    return set_target_error(o, value, error);
  case KEY_TARGET_TRIGGER:
    o->target_trigger = value;
    return ZPS_OK;
  case KEY_SEED:
    o->has_seed = true;
    return zps_argument_whole("--seed", value, 0, UINT64_MAX, &o->seed, error);
  case KEY_MASSES:
    return set_masses(o, value, error);
  case KEY_RESUME:
    o->request.resume = true;
    return ZPS_OK;
  case KEY_EXTEND:
    o->request.extend = true;
    return ZPS_OK;
  case KEY_FORCE:
    o->request.force = true;
    return ZPS_OK;
  case KEY_SET:
    return zps_job_argument_set(&o->job, value, error);
  case KEY_QUIET:
    o->quiet = true;
    return ZPS_OK;
  default:
    o->request.json_path = value;
    return ZPS_OK;
  }
}

static const zps_arguments arguments = {
    "zpscan run",
    "JOB.yaml",
    1,
    1,
    "Simulates every mass of a job and writes counts, efficiencies and yields to an HDF5 file.\v"
    "Units: GeV, mm, pb; couplings are g_Z'. The counts depend on job, seed and number of events alone: not on engine, "
    "threads, tile size or interruptions. Ctrl-C, SIGTERM, SIGUSR1 and SIGHUP stop a run with exit status 3; --resume "
    "goes "
    "on. Environment: ZPS_ISA = base, v2, v3, v4 (instruction set), ZPS_FLUSH_S = seconds of work a kill may cost "
    "(default 5).\n"
    "Example: zpscan run grids/quick.yaml --events 100000 -o quick.h5",
    options,
    set};

/** The log is no input, nor what the run itself writes. */
static zps_status check_log(const run_options *o, const zps_job *job, zps_error *error) {
  const char *const log = o->request.json_path;
  zps_status status = ZPS_OK;
  char *const journal = zps_journal_path(o->output, 0);
  if (journal == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for a path", o->output);
  }
  ZPS_TRY(zps_job_argument_check_output(job, "--json-log", log, error));
  if (zps_output_is_same(log, o->output)) {
    status = zps_error_set(error, ZPS_USAGE, "--json-log %s: is the result file as well: expected another file", log);
  } else if (zps_output_is_same(log, journal)) {
    status = zps_error_set(error, ZPS_USAGE, "--json-log %s: is the run's journal as well: expected another file", log);
  }
done:
  free(journal);
  return status;
}

static zps_status check_outputs(const run_options *o, const zps_job *job, zps_error *error) {
  const zps_status status = zps_job_argument_check_output(job, "--output", o->output, error);
  return status == ZPS_OK && o->request.json_path != NULL ? check_log(o, job, error) : status;
}

static void report_ending(const run_options *o, const zps_job *job, const zps_result *result, bool was_finished) {
  if (o->quiet) {
    return;
  }
  if (!was_finished) {
    zps_summary_print(stdout, job, result);
  }
  (void)printf("%s: %s; tally_hash %s\n", o->output, was_finished ? "finished already, nothing to do" : "written",
               result->provenance.tally_hash);
}

static zps_status run_it(run_options *o, const char *command, zps_error *error) {
  zps_job *job = NULL;
  zps_result result = {0};
  bool was_finished = false;
  zps_status status = zps_job_argument_read(&o->job, &job, error);
  ZPS_TRY(zps_comm_agree(o->request.comm, status, error));
  job->events_per_mass = o->has_events ? o->events : job->events_per_mass;
  job->seed = o->has_seed ? o->seed : job->seed;
  o->request.job = job;
  ZPS_TRY(zps_comm_agree(o->request.comm, check_outputs(o, job, error), error));
  status = zps_target_init(job, o->target_error, o->target_trigger, &o->request.target, error);
  ZPS_TRY(zps_comm_agree(o->request.comm, status, error));
  if (o->request.comm->rank == 0) {
    zps_job_warn(job, o->request.warn, o->request.warn_context);
  }
  status = zps_run_job(&o->request, &result, &was_finished, error);
  if (status == ZPS_INTERRUPTED) {
    zps_run_argument_how_to_resume(command, o->request.resume, error);
  }
  if (status == ZPS_OK) {
    report_ending(o, job, &result, was_finished);
  }
done:
  zps_result_free(&result);
  zps_job_argument_free(job);
  return status;
}

/** Opens the ranks; only rank 0 speaks of progress and results, and the warnings of others tell whose they are. */
static zps_status run_on_ranks(run_options *o, const char *name, const char *command, zps_error *error) {
  zps_comm *comm = NULL;
  char name_of_rank[64];
  zps_status status = zps_comm_open(&comm, error);
  if (status != ZPS_OK) {
    return status;
  }
  o->request.comm = comm;
  if (comm->rank > 0) {
    (void)snprintf(name_of_rank, sizeof name_of_rank, "%.32s (rank %d)", name, comm->rank);
    o->quiet = true;
    o->request.text = NULL;
    o->request.json_path = NULL;
    o->request.warn_context = name_of_rank;
  }
  status = run_it(o, command, error);
  if (comm->rank > 0 && !comm->is_broken) {
    status = ZPS_OK;
  }
  zps_comm_destroy(comm);
  return status;
}

zps_status zps_command_run(int argc, char **argv, zps_error *error) {
  run_options o = {.quiet = false};
  bool helped = false;
  char *const command = zps_arguments_quote(argv[0], argc - 1, argv + 1);
  if (command == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  o.request.engine = "auto";
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status == ZPS_OK && !helped && o.target_trigger != NULL && o.target_error <= 0.0) {
    status =
        zps_error_set(error, ZPS_USAGE, "--target-trigger %.60s: expected --target-error with it", o.target_trigger);
  }
  if (status == ZPS_OK && !helped) {
    if (o.output[0] == '\0') {
      zps_run_argument_stem(o.job.path, o.output, sizeof o.output - sizeof ".h5");
      (void)strcat(o.output, ".h5");
    }
    o.request.output = o.output;
    status = zps_run_argument_init(&o.request, argv[0], command, o.quiet, error);
  }
  if (status == ZPS_OK && !helped) {
    status = run_on_ranks(&o, argv[0], command, error);
  }
  free(command);
  return status;
}
