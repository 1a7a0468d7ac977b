/* The placement surfaces of a finished run, summed up one mass at a time from where they lie: the journals, and the
 * result that is extended. */
#ifndef ZPS_RUN_SURFACE_TOTAL_H
#define ZPS_RUN_SURFACE_TOTAL_H

#include "host/error.h"
#include "host/io/surface.h"
#include "host/run/journal.h"
#include "host/run/plan.h"

typedef struct zps_surface_total zps_surface_total;

/** Looks through the journals of the output. before: the result at output that is extended, or NULL. ZPS_IO when they
 *  do not hold exactly the events of done[plan->n_mass]; otherwise as zps_journal_index_create(). All arguments must
 *  outlive the total. Free with zps_surface_total_destroy(). */
zps_status zps_surface_total_create(const zps_plan *plan, const char *output, const zps_journal_identity *identity,
                                    const zps_result *before, const zps_range_set *done, zps_surface_total **total,
                                    zps_error *error);

/** For zps_result_write_placed(); valid as long as the total. */
zps_surface_source zps_surface_total_source(zps_surface_total *total);

void zps_surface_total_destroy(zps_surface_total *total); /* NULL is fine */

#endif
