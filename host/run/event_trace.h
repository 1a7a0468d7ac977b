/* Single events of a run with their state at every plane: an engine watched (kernels/trace.h).
 *
 * They are what the engine itself counts, so sums over events are its tallies, bit for bit. */
#ifndef ZPS_RUN_EVENT_TRACE_H
#define ZPS_RUN_EVENT_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/engine.h"
#include "kernels/transport.h"

/** Events first .. first + n - 1 of one mass. Zero-initialise; free with zps_event_table_free(). */
typedef struct zps_event_table {
  uint64_t first;
  size_t n, n_planes;
  zps_event_end *ends;     /* [n] */
  double *x;               /* [n] of the emission, zps_event_x(); NULL for process none */
  zps_plane_state *planes; /* [n][n_planes] */
} zps_event_table;

/** Number of planes of the layout. */
size_t zps_plane_count(const zps_setup *setup);

/** Index in the layout of plane i, 0 <= i < zps_plane_count(). */
size_t zps_plane_element(const zps_setup *setup, size_t i);

/** Events first .. first + n - 1 of emission table i_mass, as the engine, opened on setup, makes them.
 *  ZPS_UNAVAILABLE when its device fails: no other takes its place. */
zps_status zps_event_table_fill(zps_engine *engine, const zps_setup *setup, uint32_t i_mass, uint64_t first, size_t n,
                                zps_event_table *table, zps_error *error);

void zps_event_table_free(zps_event_table *table);

/** x of an event's emission: the share of the muon's energy at the vertex that it takes, 1 - E'/E (the Z' with what the
 *  nucleus recoils with); NaN for k = 0. Beam and vertex are drawn a second time. Not for process none. */
double zps_event_x(const zps_setup *setup, size_t i_mass, uint64_t event);

#endif
