#include "host/cli/job_argument.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/output.h"
#include "host/job/number.h"

zps_status zps_job_argument_set(zps_job_argument *argument, const char *setting, zps_error *error) {
  if (argument->n_settings == ZPS_MAX_SETTINGS) {
    return zps_error_set(error, ZPS_USAGE, "--set: more than %d of them", ZPS_MAX_SETTINGS);
  }
  argument->settings[argument->n_settings++] = setting;
  return ZPS_OK;
}

zps_status zps_job_argument_read(const zps_job_argument *argument, zps_job **job, zps_error *error) {
  *job = (zps_job *)calloc(1, sizeof **job);
  if (*job == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
  }
  const zps_status status = zps_job_read(argument->path, argument->settings, argument->n_settings, *job, error);
  if (status == ZPS_OK) {
    return ZPS_OK;
  }
  free(*job);
  *job = NULL;
  if (status == ZPS_INVALID && strncmp(error->text, "--set ", 6) == 0) {
    error->status = ZPS_USAGE;
    return ZPS_USAGE;
  }
  return status;
}

/** input: "" = there is none. */
static zps_status keep_input(const char *input, const char *what, const char *option, const char *path,
                             zps_error *error) {
  if (input[0] == '\0' || !zps_output_is_same(input, path)) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_USAGE, "%s %s: is the %s itself: expected another file", option, path, what);
}

zps_status zps_job_argument_check_output(const zps_job *job, const char *option, const char *path, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(keep_input(job->file, "job file", option, path, error));
  ZPS_TRY(keep_input(job->beam.file, "job's beam file", option, path, error));
  for (size_t i = 0; i < job->n_elements; i++) {
    ZPS_TRY(keep_input(job->elements[i].field.map, "job's field map", option, path, error));
  }
done:
  return status;
}

void zps_job_argument_free(zps_job *job) {
  if (job != NULL) {
    zps_job_free(job);
    free(job);
  }
}

zps_status zps_job_argument_mass(const zps_job *job, double mass_gev, size_t *i_mass, zps_error *error) {
  const zps_job_list *const list = &job->mass_gev;
  size_t nearest = 0;
  for (size_t i = 1; i < list->n; i++) {
    nearest = fabs(list->values[i] - mass_gev) < fabs(list->values[nearest] - mass_gev) ? i : nearest;
  }
  *i_mass = nearest;
  if (fabs(list->values[nearest] - mass_gev) <= 1e-9 * mass_gev) {
    return ZPS_OK;
  }
  char wanted[ZPS_NUMBER_SIZE];
  char found[ZPS_NUMBER_SIZE];
  return zps_error_set(
      error, ZPS_USAGE, "--mass-gev = %s: not among the %zu masses of %s; the nearest is number %zu: %s",
      zps_number_print(mass_gev, wanted), list->n, job->file, nearest, zps_number_print(list->values[nearest], found));
}
