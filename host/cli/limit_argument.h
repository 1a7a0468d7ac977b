/* A result together with its job, for commands that make limits of it: FILE.h5, --set, --cl, --method. */
#ifndef ZPS_CLI_LIMIT_ARGUMENT_H
#define ZPS_CLI_LIMIT_ARGUMENT_H

#include "host/cli/job_argument.h"
#include "host/io/result.h"
#include "host/stats/cls.h"

/** What --set may change after a run. */
#define ZPS_LIMIT_SET_HELP                                                                                             \
  "change what limits depend on: limit.*, process.dark_matter.*, and of a trigger n_mot, live_factor, "                \
  "tracking_factor, observed, background, background_error"

/** Adds one --set text. ZPS_USAGE for one that changes events: those are in the file. */
zps_status zps_limit_argument_set(zps_job_argument *settings, const char *setting, zps_error *error);

/** exact or asymptotic. */
zps_status zps_limit_argument_method(const char *value, zps_limit_method *method, zps_error *error);

/** Reads a result and the job inside it, with the settings applied; cl > 0 replaces that of the job. *job is malloc'd,
 *  free with zps_job_argument_free(); the result with zps_result_free(). A fault in a --set is ZPS_USAGE. */
zps_status zps_limit_argument_read(const char *file, const zps_job_argument *settings, double cl, zps_result *result,
                                   zps_job **job, zps_error *error);

#endif
