/* zpscan check: is this job valid, and what is in it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/job_argument.h"
#include "host/cli/message.h"
#include "host/job/beam_order.h"
#include "host/job/job_warning.h"
#include "host/run/plan.h"

enum check_key { KEY_PRINT = 256, KEY_SET };

typedef struct check_options {
  zps_job_argument job;
  bool print;
} check_options;

static const struct argp_option options[] = {
    {"print", KEY_PRINT, NULL, 0, "print the effective job: every key with its value", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "change a key of the job, e.g. triggers.smu152.S4.edge_x_mm=-70", 0},
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
    "Validates a job file: one line when it is right, one line with file, line and key when it is not. What `run` "
    "refuses "
    "before it simulates is refused here, with the same message: field maps and the beam file are read too.\v"
    "Units are in the names of the keys: mm, mrad, GeV, T m. The effective job that --print writes is a job file.\n"
    "Example: zpscan check grids/quick.yaml --set triggers.smu152.S4.edge_x_mm=-70 --print",
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

static const char *plural(uint64_t n) {
  return n == 1 ? "" : "s";
}

static void print_line(const zps_job *job) {
  const zps_job_list *const masses = &job->mass_gev;
  (void)printf("%s: ok: ", job->file);
  (void)(masses->n == 1
             ? printf("1 mass (%.6g GeV)", masses->values[0])
             : printf("%zu masses (%.6g to %.6g GeV)", masses->n, masses->values[0], masses->values[masses->n - 1]));
  (void)printf(", %zu coupling%s, %zu trigger%s, %zu elements, %" PRIu64 " event%s per mass\n", job->coupling.n,
               plural(job->coupling.n), job->n_triggers, plural(job->n_triggers), job->n_elements, job->events_per_mass,
               plural(job->events_per_mass));
}

/** What `run` warns of before it simulates. n_particles: of the beam file. */
static void warn(char *name, const zps_job *job, uint64_t n_particles) {
  char text[ZPS_ERROR_TEXT_SIZE];
  zps_job_warn(job, zps_message_warn, name);
  if (zps_beam_tell_reuse(job->beam.file, n_particles, job->events_per_mass, text, sizeof text)) {
    zps_message(name, text);
  }
}

zps_status zps_command_check(int argc, char **argv, zps_error *error) {
  check_options o = {.print = false};
  bool helped = false;
  uint64_t n_particles = 0;
  zps_job *job = NULL;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(zps_job_argument_read(&o.job, &job, error));
  ZPS_TRY(zps_plan_check(job, &n_particles, error));
  warn(argv[0], job, n_particles);
  if (o.print) {
    ZPS_TRY(print_job(job, error));
  } else {
    print_line(job);
  }
done:
  zps_job_argument_free(job);
  return status;
}
