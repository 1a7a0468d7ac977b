/* zpscan check: is this job valid, and what is in it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/job_argument.h"
#include "host/cli/message.h"
#include "host/job/beam_file.h"
#include "host/job/beam_order.h"

enum check_key { KEY_PRINT = 256, KEY_SET };

typedef struct check_options {
  zps_job_argument job;
  bool print;
} check_options;

static const struct argp_option options[] = {
    {"print", KEY_PRINT, NULL, 0, "print the effective job: every key with its value", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "change a key of the job, e.g. beam.p_gev=100", 0},
    {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  check_options *const o = (check_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->job.path = value;
    return ZPS_OK;
  case KEY_PRINT:
    o->print = true;
    return ZPS_OK;
  default:
    return zps_job_argument_set(&o->job, value, error);
  }
}

static const zps_arguments arguments = {
    "zpscan check",
    "JOB.yaml",
    1,
    1,
    "Validates a job file: one line when it is right, one line with file, line and key when it is not.\v"
    "Units are in the names of the keys: mm, mrad, GeV, T m. The effective job that --print writes is a job file.\n"
    "Example: zpscan check grids/quick.yaml --set beam.p_gev=100 --print",
    options,
    set};

static zps_status print_job(const zps_job *job, zps_error *error) {
  char *text = NULL;
  const zps_status status = zps_job_print(job, &text, error);
  if (status == ZPS_OK) {
    (void)fputs(text, stdout);
  }
  free(text);
  return status;
}

static void print_line(const zps_job *job) {
  (void)printf("%s: ok: %zu masses (%.6g to %.6g GeV), %zu couplings, %zu triggers, %zu elements, %" PRIu64
               " events per mass\n",
               job->file, job->mass_gev.n, job->mass_gev.values[0], job->mass_gev.values[job->mass_gev.n - 1],
               job->coupling.n, job->n_triggers, job->n_elements, job->events_per_mass);
}

/** Reads the beam file, where there is one, and says so when the events use it many times. */
static zps_status check_beam_file(const char *name, const zps_job *job, zps_error *error) {
  zps_beam_particle *particles = NULL;
  size_t n = 0;
  char text[ZPS_ERROR_TEXT_SIZE];
  if (job->beam.file[0] == '\0') {
    return ZPS_OK;
  }
  const zps_status status = zps_beam_file_read(job->beam.file, &particles, &n, error);
  free(particles);
  if (status == ZPS_OK && zps_beam_tell_reuse(job->beam.file, n, job->events_per_mass, text, sizeof text)) {
    zps_message(name, text);
  }
  return status;
}

zps_status zps_command_check(int argc, char **argv, zps_error *error) {
  check_options o = {.print = false};
  bool helped = false;
  zps_job *job = NULL;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(zps_job_argument_read(&o.job, &job, error));
  if (o.print) {
    ZPS_TRY(print_job(job, error));
  } else {
    ZPS_TRY(check_beam_file(argv[0], job, error));
    print_line(job);
  }
done:
  zps_job_argument_free(job);
  return status;
}
