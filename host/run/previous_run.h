/* What an earlier run left at an output: a result, a journal, both or nothing. */
#ifndef ZPS_RUN_PREVIOUS_RUN_H
#define ZPS_RUN_PREVIOUS_RUN_H

#include <stdbool.h>

#include "host/run/ranges.h"
#include "host/run/run_job.h"

typedef struct zps_previous_run {
  bool has_output;   /* a file is there */
  bool has_journal;  /* some rank's journal is there */
  bool has_result;   /* result holds events of this job */
  bool is_finished;  /* ... and all of them */
  zps_result result; /* owned */
} zps_previous_run;

/** Looks, without tables, whether a run may start, and reads the result it goes on from (--resume, --extend).
 *  ZPS_INVALID, ZPS_FAILURE, ZPS_MISMATCH as zps_run_job(). Free with zps_previous_run_free(), also on failure. */
zps_status zps_previous_run_look(const zps_run_request *request, zps_previous_run *previous, zps_error *error);

void zps_previous_run_free(zps_previous_run *previous);

/** Adds the events of a result to done[result->n_mass]. */
zps_status zps_previous_run_ranges(const zps_result *result, zps_range_set *done, zps_error *error);

/** ZPS_MISMATCH unless the result is of this plan: job_hash, table_hash. output is for the message. */
zps_status zps_previous_run_check_plan(const zps_result *result, const zps_plan *plan, const char *output,
                                       zps_error *error);

#endif
