#include "host/cli/limit_argument.h"

#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/result_argument.h"

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

zps_status zps_limit_argument_read(const char *file, const zps_job_argument *settings, double cl, zps_result *result,
                                   zps_job **job, zps_error *error) {
  const zps_status status = zps_result_argument_read(file, settings, result, job, error);
  if (status == ZPS_OK && cl > 0.0) {
    (*job)->limit.cl = cl;
  }
  return status;
}
