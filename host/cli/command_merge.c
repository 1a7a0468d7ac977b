/* zpscan merge: results of parts of a job into one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/build_info.h"
#include "host/cli/command.h"
#include "host/cli/message.h"
#include "host/cli/result_argument.h"
#include "host/cli/result_summary.h"
#include "host/cli/run_argument.h"
#include "host/job/job.h"
#include "host/run/result_merge.h"

#define MAX_PARTS 65536u

enum merge_key { KEY_OUTPUT = 'o', KEY_THREADS = 256, KEY_FORCE, KEY_WHOLE, KEY_QUIET };

typedef struct merge_options {
  zps_merge_request request;
  const char **parts; /* [MAX_PARTS at most], owned; the paths are argv's */
  bool quiet;
} merge_options;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE.h5", 0, "the merged result", 0},
    {"threads", KEY_THREADS, "N", 0, "for building the tables again; 0 = as run does (default)", 0},
    {"force", KEY_FORCE, NULL, 0, "replace an output that exists", 0},
    {"whole", KEY_WHOLE, NULL, 0, "refuse parts that lack masses of the job", 0},
    {"quiet", KEY_QUIET, NULL, 0, "no table", 0},
    {0}};

static zps_status add_part(merge_options *o, const char *path, zps_error *error) {
  const char **const parts = (const char **)realloc(o->parts, (o->request.n_parts + 1) * sizeof *parts);
  if (parts == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu parts", o->request.n_parts + 1);
  }
  parts[o->request.n_parts++] = path;
  o->parts = parts;
  return ZPS_OK;
}

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  merge_options *const o = (merge_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    return add_part(o, value, error);
  case KEY_OUTPUT:
    o->request.output = value;
    return value[0] != '\0' && strlen(value) < ZPS_PATH_SIZE
               ? ZPS_OK
               : zps_error_set(error, ZPS_USAGE, "--output: expected a path of 1 to %d bytes", ZPS_PATH_SIZE - 1);
  case KEY_THREADS:
    return zps_run_argument_threads(value, &o->request.n_threads, error);
  case KEY_FORCE:
    o->request.force = true;
    return ZPS_OK;
  case KEY_WHOLE:
    o->request.whole = true;
    return ZPS_OK;
  default:
    o->quiet = true;
    return ZPS_OK;
  }
}

static const zps_arguments arguments = {
    "zpscan merge",
    "PART.h5...",
    1,
    MAX_PARTS,
    "Puts results of `zpscan run --masses A:B` together: the same numbers as one run over all of these masses.\v"
    "Parts of another job, field map, seed or physics version, with other tables, or with events that another part "
    "has too are refused, and the difference is named. The tables are built again to compare them, so a field map "
    "must lie where the job says. Placement surfaces are merged where the parts have them.\n"
    "Example: zpscan merge part-*.h5 -o whole.h5",
    options,
    set};

static zps_status merge_it(merge_options *o, zps_error *error) {
  zps_result result = {0};
  zps_job *job = NULL;
  zps_status status = ZPS_OK;
  o->request.parts = o->parts;
  ZPS_TRY(zps_result_merge(&o->request, &result, error));
  if (!o->quiet) {
    ZPS_TRY(zps_result_argument_job(o->request.output, NULL, &result, &job, error));
    zps_summary_print(stdout, job, &result);
    (void)printf("%s: written from %zu parts; tally_hash %s\n", o->request.output, o->request.n_parts,
                 result.provenance.tally_hash);
  }
done:
  zps_job_argument_free(job);
  zps_result_free(&result);
  return status;
}

zps_status zps_command_merge(int argc, char **argv, zps_error *error) {
  merge_options o = {.quiet = false};
  bool helped = false;
  char *const command = zps_arguments_quote(argv[0], argc - 1, argv + 1);
  if (command == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status == ZPS_OK && !helped) {
    status = zps_argument_required("--output", o.request.output != NULL, error);
  }
  if (status == ZPS_OK && !helped) {
    o.request.warn = zps_message_warn;
    o.request.warn_context = argv[0];
    o.request.command = command;
    o.request.compiler = zps_build_compiler();
    o.request.flags = zps_build_flags();
    status = merge_it(&o, error);
  }
  free(o.parts);
  free(command);
  return status;
}
