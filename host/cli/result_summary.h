/* A result for people (the table of `run` and `info`) and for programs (`info --json`). */
#ifndef ZPS_CLI_RESULT_SUMMARY_H
#define ZPS_CLI_RESULT_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "host/io/result.h"

/** The coupling the summary shows yields at: the one of the grid nearest to 1e-4 (in the logarithm). */
size_t zps_summary_coupling(const zps_result *result);

/** One row per mass: mass, cross-section, efficiency of each trigger with its 68 % interval, yield of all triggers.
 * Below it the muons beyond a map, if there are any. job: the result's own. */
void zps_summary_print(FILE *out, const zps_job *job, const zps_result *result);

/** The same with the provenance, hashes and raw counts; NULL when out of memory. */
json_t *zps_summary_json(const zps_job *job, const zps_result *result);

#endif
