/* The file of `zpscan events`: one row per event. */
#ifndef ZPS_CLI_EVENT_FILE_H
#define ZPS_CLI_EVENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/event_trace.h"
#include "host/run/plan.h"

/** Writes the table whole or not at all: datasets event, k, fate, hits, beyond_map (u64), p_in, p_out, psi, depth,
 * e_cal (f64), emission_x (not for process none), and a group /plane/<name> with x, y, tx, ty, p. NaN where the muon
 * never came. */
zps_status zps_event_table_write(const char *path, const zps_plan *plan, const zps_event_table *table, bool force,
                                 zps_error *error);

#endif
