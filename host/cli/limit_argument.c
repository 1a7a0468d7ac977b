#include "host/cli/limit_argument.h"

#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"

static bool is_fit_for_trigger(const char *setting) {
  static const char *const leaves[] = {".n_mot",    ".live_factor", ".tracking_factor",
                                       ".observed", ".background",  ".background_error"};
  const size_t n = strcspn(setting, "=");
  bool is_fit = false;
  for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
    const size_t m = strlen(leaves[i]);
    is_fit = is_fit || (n > m && strncmp(setting + n - m, leaves[i], m) == 0);
  }
  return is_fit && strncmp(setting, "triggers.", 9) == 0;
}

zps_status zps_limit_argument_set(zps_job_argument *settings, const char *setting, zps_error *error) {
  if (strncmp(setting, "limit.", 6) != 0 && strncmp(setting, "process.dark_matter.", 20) != 0 &&
      !is_fit_for_trigger(setting)) {
    return zps_error_set(error, ZPS_USAGE,
                         "--set %.60s: changes events, which are in the file; expected limit.*, "
                         "process.dark_matter.*, or n_mot, live_factor, tracking_factor, observed, background "
                         "or background_error of a trigger",
                         setting);
  }
  return zps_job_argument_set(settings, setting, error);
}

zps_status zps_limit_argument_method(const char *value, zps_limit_method *method, zps_error *error) {
  static const char *const names[] = {"exact", "asymptotic"};
  unsigned i = 0;
  const zps_status status = zps_argument_choice("--method", value, names, 2, &i, error);
  *method = i == 0 ? ZPS_LIMIT_EXACT : ZPS_LIMIT_ASYMPTOTIC;
  return status;
}

static zps_status read_job(const char *file, const zps_job_argument *settings, const zps_result *result, zps_job *job,
                           zps_error *error) {
  zps_status status = zps_job_read_text(file, result->job_text, strlen(result->job_text), settings->settings,
                                        settings->n_settings, job, error);
  if (status == ZPS_INVALID && error->status == ZPS_INVALID && strncmp(error->text, "--set ", 6) == 0) {
    error->status = ZPS_USAGE;
    status = ZPS_USAGE;
  }
  return status;
}

zps_status zps_limit_argument_read(const char *file, const zps_job_argument *settings, double cl, zps_result *result,
                                   zps_job **job, zps_error *error) {
  zps_status status = ZPS_OK;
  *job = (zps_job *)calloc(1, sizeof **job);
  if (*job == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
  }
  ZPS_TRY(zps_result_read(file, result, error));
  ZPS_TRY(read_job(file, settings, result, *job, error));
  if (cl > 0.0) {
    (*job)->limit.cl = cl;
  }
done:
  return status;
}
