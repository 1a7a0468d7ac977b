/* One run from a validated job to a result file: what `zpscan run` does.
 *
 * Start reading at zps_run_job(). Cheap checks come first (the output, its journal, the engine), then the tables, then
 * events. The result file appears whole at the very end; until then all that is done lies in the journal. */
#ifndef ZPS_RUN_RUN_JOB_H
#define ZPS_RUN_RUN_JOB_H

#include <stdbool.h>
#include <stdio.h>

#include "host/error.h"
#include "host/io/result.h"
#include "host/job/job.h"
#include "host/run/comm.h"
#include "host/run/plan.h"
#include "host/run/target.h"

typedef struct zps_run_request {
  const zps_job *job;    /* events_per_mass and seed as they shall be */
  const char *output;    /* result file; its journal lies beside it */
  const char *engine;    /* "auto", "cpu", "cuda", "check" */
  int n_threads;         /* 0 = as zps_engine_options */
  zps_mass_range masses; /* {0, 0} = all */
  zps_target target;     /* a mass that reaches it has fewer events than the job's events_per_mass */
  bool resume;           /* go on from a journal; nothing to do where the result is finished */
  bool extend;           /* add the missing events to a finished result */
  bool force;            /* replace an output that is there */
  double flush_s;        /* most work a kill may cost [s]; 0 = ZPS_RUN_FLUSH_S */
  FILE *text;            /* progress lines; NULL = none */
  /** File for progress as JSON lines, NULL = none. One that exists is added to with resume or extend, replaced with
   *  force alone, and refused (ZPS_INVALID) with none of them. */
  const char *json_path;
  /** Told of what is worth knowing and no error, one line each; NULL = nobody. */
  void (*warn)(void *context, const char *text);
  void *warn_context;
  const char *command, *compiler, *flags; /* for the provenance; not NULL */
  zps_comm *comm;                         /* the ranks of the run; NULL = this process alone */
} zps_run_request;

/** Runs a job and writes its result. SIGINT, SIGTERM, SIGUSR1 and SIGHUP flush the journal and end it with
 * ZPS_INTERRUPTED.
 *
 * On success *result is what the file holds (free with zps_result_free()) and *was_finished is true when the file was
 * there already and nothing had to be run. ZPS_INVALID or ZPS_FAILURE when output or journal stand in the way;
 * ZPS_MISMATCH when they are of another job, naming the difference; ZPS_USAGE for an engine or masses that do not
 * exist; otherwise what a part of the run returned. On failure *result is empty.
 *
 * With several ranks each calls this with the same request (engine and threads may differ) and gets the same status;
 * output and journals must lie on a file system that all of them see. Rank 0 alone looks at the output, writes it and
 * has the error of whichever rank failed; the others' *result is empty. */
zps_status zps_run_job(const zps_run_request *request, zps_result *result, bool *was_finished, zps_error *error);

#endif
