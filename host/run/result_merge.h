/* Several results of one job into one: what `zpscan merge` does.
 *
 * Parts come from `run --masses A:B`. Whether they belong together is not taken on trust: the tables are built again
 * from the job the parts hold, for each part's masses and for all, and every table_hash must be found. */
#ifndef ZPS_RUN_RESULT_MERGE_H
#define ZPS_RUN_RESULT_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"
#include "host/io/result.h"

typedef struct zps_merge_request {
  const char *const *parts; /* [n_parts] paths, n_parts >= 1 */
  size_t n_parts;
  const char *output;
  bool force;    /* replace an output that is there */
  bool whole;    /* refuse parts that do not have all masses of their job */
  int n_threads; /* for the tables; 0 = as zps_engine_options */
  /** Told of what is worth knowing and no error, one line each; NULL = nobody. */
  void (*warn)(void *context, const char *text);
  void *warn_context;
  const char *command, *compiler, *flags; /* for the provenance; not NULL */
} zps_merge_request;

/** Merges results, with their placement surfaces where they have them, and writes the output whole or not at all. Its
 *  numbers are those of one run over all masses of the parts; the masses must follow each other without a gap.
 *
 *  On success *result is what the file holds (free with zps_result_free()). ZPS_MISMATCH names the difference: physics
 *  version, seed, job, field map, tables, surfaces. ZPS_INVALID: events that are in two parts, masses in none (those
 *  before the first and after the last count when request->whole), or as zps_result_read(). ZPS_USAGE when the output
 * is one of the parts. On failure *result is empty. */
zps_status zps_result_merge(const zps_merge_request *request, zps_result *result, zps_error *error);

#endif
