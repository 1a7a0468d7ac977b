#include "host/cli/result_argument.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/signal.h"

static zps_status read_job(const char *file, const zps_job_argument *settings, const zps_result *result, zps_job *job,
                           zps_error *error) {
  const size_t size = strlen(result->job_text);
  zps_status status = settings == NULL ? zps_job_read_text(file, result->job_text, size, NULL, 0, job, error)
                                       : zps_job_read_text(file, result->job_text, size, settings->settings,
                                                           settings->n_settings, job, error);
  if (status == ZPS_INVALID && error->status == ZPS_INVALID && strncmp(error->text, "--set ", 6) == 0) {
    error->status = ZPS_USAGE;
    status = ZPS_USAGE;
  }
  return status;
}

zps_status zps_result_argument_job(const char *file, const zps_job_argument *settings, const zps_result *result,
                                   zps_job **job, zps_error *error) {
  zps_error inner = {ZPS_OK, ""};
  zps_status status = ZPS_OK;
  *job = (zps_job *)calloc(1, sizeof **job);
  if (*job == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
  }
  ZPS_TRY(read_job(file, settings, result, *job, error));
  status = zps_signal_check(*job, result, &inner);
  if (status != ZPS_OK) {
    (void)zps_error_set(error, status, "%s: %s", file, inner.text);
  }
done:
  return status;
}

zps_status zps_result_argument_read(const char *file, const zps_job_argument *settings, zps_result *result,
                                    zps_job **job, zps_error *error) {
  const zps_status status = zps_result_read(file, result, error);
  return status == ZPS_OK ? zps_result_argument_job(file, settings, result, job, error) : status;
}
