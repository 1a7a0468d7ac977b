#include "host/cli/run_argument.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/build_info.h"
#include "host/cli/message.h"

#define MAX_THREADS 4096

static zps_status read_flush(double *flush_s, zps_error *error) {
  const char *const text = getenv("ZPS_FLUSH_S");
  if (text == NULL || text[0] == '\0') {
    return ZPS_OK;
  }
  return zps_argument_number("ZPS_FLUSH_S", text, 1e-3, 3600.0, false, flush_s, error);
}

zps_status zps_run_argument_init(zps_run_request *request, char *name, const char *command, bool quiet,
                                 zps_error *error) {
  request->text = quiet ? NULL : stderr;
  request->warn = zps_message_warn;
  request->warn_context = name;
  request->command = command;
  request->compiler = zps_build_compiler();
  request->flags = zps_build_flags();
  return read_flush(&request->flush_s, error);
}

zps_status zps_run_argument_threads(const char *value, int *n_threads, zps_error *error) {
  uint64_t n = 0;
  const zps_status status = zps_argument_whole("--threads", value, 0, MAX_THREADS, &n, error);
  *n_threads = (int)n;
  return status;
}

void zps_run_argument_stem(const char *job_path, char *stem, size_t size) {
  const char *const slash = strrchr(job_path, '/');
  const char *const base = slash != NULL ? slash + 1 : job_path;
  const char *const dot = strrchr(base, '.');
  const int length = (int)(dot != NULL && dot != base ? (size_t)(dot - base) : strnlen(base, 1024));
  (void)snprintf(stem, size, "%.*s", length, base);
}

void zps_run_argument_how_to_resume(const char *command, bool is_resumed, zps_error *error) {
  const size_t used = strlen(error->text);
  (void)snprintf(error->text + used, sizeof error->text - used, ": %s%s", command, is_resumed ? "" : " --resume");
}
