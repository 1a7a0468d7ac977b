/* Any bytes as a job file. Leading lines `#set path=value` are settings of the command line.
 *
 * Promises: no crash; a refused job is empty and has a message of one line; an
 * accepted job, printed and read again, prints the same. */
#include <stdlib.h>
#include <string.h>

#include "host/job/job.h"
#include "tests/fuzz/fuzz_target.h"

#define MAX_SETTINGS 4
#define PREFIX "#set "
#define MAX_PRINTED 1000

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/** Copies the leading settings; each is to be freed. Returns their number. */
static size_t take_settings(const char *text, size_t size, char **settings) {
  const size_t n_prefix = strlen(PREFIX);
  size_t n = 0;
  while (n < MAX_SETTINGS && size > n_prefix && memcmp(text, PREFIX, n_prefix) == 0) {
    const char *end = (const char *)memchr(text, '\n', size);
    const size_t length = end != NULL ? (size_t)(end - text) : size;
    settings[n] = strndup(text + n_prefix, length - n_prefix);
    require(settings[n] != NULL);
    n++;
    text += length;
    size -= length;
    text += size > 0 ? 1 : 0;
    size -= size > 0 ? 1 : 0;
  }
  return n;
}

static char *print(const zps_job *job) {
  char *text = NULL;
  zps_error error = {ZPS_OK, ""};
  require(zps_job_print(job, &text, &error) == ZPS_OK);
  return text;
}

static void check_round_trip(const zps_job *job) {
  static zps_job again;
  zps_error error = {ZPS_OK, ""};
  char *first = print(job);
  require(zps_job_read_text("again.yaml", first, strlen(first), NULL, 0, &again, &error) == ZPS_OK);
  char *second = print(&again);
  require(strcmp(first, second) == 0);
  zps_job_free(&again);
  free(first);
  free(second);
}

static void check_refusal(const zps_job *job, const zps_error *error) {
  require(error->status != ZPS_OK && error->text[0] != '\0' && strchr(error->text, '\n') == NULL);
  require(job->mass_gev.values == NULL && job->coupling.values == NULL && job->n_elements == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static zps_job job;
  char *settings[MAX_SETTINGS] = {NULL};
  zps_error error = {ZPS_OK, ""};
  const char *text = (const char *)data;
  const size_t n = take_settings(text, size, settings);
  if (zps_job_read_text("fuzz.yaml", text, size, (const char *const *)settings, n, &job, &error) != ZPS_OK) {
    check_refusal(&job, &error);
  } else if (job.mass_gev.n < MAX_PRINTED && job.coupling.n < MAX_PRINTED) {
    check_round_trip(&job);
  }
  zps_job_free(&job);
  for (size_t i = 0; i < n; i++) {
    free(settings[i]);
  }
  return 0;
}
