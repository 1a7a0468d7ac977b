/* The job of a subcommand: JOB.yaml and its --set options. */
#ifndef ZPS_CLI_JOB_ARGUMENT_H
#define ZPS_CLI_JOB_ARGUMENT_H

#include "host/error.h"
#include "host/job/job.h"

#define ZPS_MAX_SETTINGS 256

/** Zero-initialise. Texts are those of argv. */
typedef struct zps_job_argument {
  const char *path;
  const char *settings[ZPS_MAX_SETTINGS];
  size_t n_settings;
} zps_job_argument;

/** Adds one --set text. ZPS_USAGE for more than ZPS_MAX_SETTINGS or one without `=`. */
zps_status zps_job_argument_set(zps_job_argument *argument, const char *setting, zps_error *error);

/** Reads the job; *job is malloc'd, free with zps_job_argument_free(). A fault in a --set is ZPS_USAGE. */
zps_status zps_job_argument_read(const zps_job_argument *argument, zps_job **job, zps_error *error);

/** ZPS_USAGE when path, an output that `option` names, is a file the job is made of: the job file, its beam particles,
 * a field map. */
zps_status zps_job_argument_check_output(const zps_job *job, const char *option, const char *path, zps_error *error);

void zps_job_argument_free(zps_job *job); /* NULL is fine */

/** Index of the job's mass within 1e-9 of mass_gev; ZPS_USAGE names the nearest. */
zps_status zps_job_argument_mass(const zps_job *job, double mass_gev, size_t *i_mass, zps_error *error);

#endif
