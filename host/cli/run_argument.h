/* What subcommands that run a job have in common. */
#ifndef ZPS_CLI_RUN_ARGUMENT_H
#define ZPS_CLI_RUN_ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"
#include "host/run/run_job.h"

/** Fills what every request of this program has: progress to stderr (none when quiet) and warnings in the name of the
 *  subcommand (argv[0], borrowed), command line (borrowed), build, ZPS_FLUSH_S of the environment. */
zps_status zps_run_argument_init(zps_run_request *request, char *name, const char *command, bool quiet,
                                 zps_error *error);

/** Value of --threads. */
zps_status zps_run_argument_threads(const char *value, int *n_threads, zps_error *error);

/** JOB.yaml in any folder gives JOB: a name in this folder. */
void zps_run_argument_stem(const char *job_path, char *stem, size_t size);

/** Adds to the line of an interrupted run what to type next. */
void zps_run_argument_how_to_resume(const char *command, bool is_resumed, zps_error *error);

#endif
