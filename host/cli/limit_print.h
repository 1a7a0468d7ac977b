/* Limits as a table and as JSON. */
#ifndef ZPS_CLI_LIMIT_PRINT_H
#define ZPS_CLI_LIMIT_PRINT_H

#include <jansson.h>
#include <stdio.h>

#include "host/stats/limit.h"
#include "host/stats/relic.h"

/** What is printed at one mass beside the limit itself, each NULL when not asked for. */
typedef struct zps_limit_extra {
  const double *yield, *cls;         /* [result->n_coupling] */
  const zps_thermal_target *thermal; /* NaN where there is none */
} zps_limit_extra;

/** The one line, and the object, of a single counting experiment; inputs N, B, SIGMA_B, SIGMA_S. NULL: out of memory.
 */
void zps_limit_print_counting(FILE *out, const double inputs[4], zps_limit_method method, double cl,
                              const zps_upper_limit *limit);
json_t *zps_limit_json_counting(const double inputs[4], zps_limit_method method, double cl,
                                const zps_upper_limit *limit);

/** The table of a result: its head, and one line per mass. */
void zps_limit_print_head(FILE *out, const zps_job *job, zps_limit_method method);
void zps_limit_print_point(FILE *out, const zps_limit_point *point);

/** What holds for all masses; `masses` joins it (the reference is taken). NULL: out of memory. */
json_t *zps_limit_json(const zps_job *job, const zps_result *result, zps_limit_method method, json_t *masses);

/** One mass; couplings without a limit are null. NULL: out of memory. */
json_t *zps_limit_json_point(const zps_job *job, const zps_result *result, zps_limit_method method,
                             const zps_limit_point *point, const zps_limit_extra *extra);

#endif
