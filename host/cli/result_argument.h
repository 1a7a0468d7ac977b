/* A result together with its job: FILE.h5, and --set where a command takes it. */
#ifndef ZPS_CLI_RESULT_ARGUMENT_H
#define ZPS_CLI_RESULT_ARGUMENT_H

#include "host/cli/job_argument.h"
#include "host/io/result.h"

/** Reads the job inside a result of that name, with the settings applied (NULL = none), and checks that it has the
 *  result's triggers. *job is malloc'd, free with zps_job_argument_free(). A fault in a --set is ZPS_USAGE. */
zps_status zps_result_argument_job(const char *file, const zps_job_argument *settings, const zps_result *result,
                                   zps_job **job, zps_error *error);

/** Reads a result, to be freed with zps_result_free(), and its job, as above. */
zps_status zps_result_argument_read(const char *file, const zps_job_argument *settings, zps_result *result,
                                    zps_job **job, zps_error *error);

#endif
