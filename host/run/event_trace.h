/* One event with its state at every plane: the life of kernels/transport.h, watched.
 *
 * Built of the same stages as the engines, so that sums over traces are the engines' tallies, bit for bit. */
#ifndef ZPS_RUN_EVENT_TRACE_H
#define ZPS_RUN_EVENT_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/transport.h"

/** A muon where it crossed a plane; all NaN when it never got there. */
typedef struct zps_plane_state {
  double x_mm, y_mm; /* position */
  double tx, ty;     /* slopes dx/dz, dy/dz */
  double p_gev;
} zps_plane_state;

/** Number of planes of the layout. */
size_t zps_plane_count(const zps_setup *setup);

/** Index in the layout of plane i, 0 <= i < zps_plane_count(). */
size_t zps_plane_element(const zps_setup *setup, size_t i);

/** Carries event `event` of emission table i_mass; fills planes[zps_plane_count()] and returns the muon at its end. */
zps_muon zps_event_trace(const zps_setup *setup, size_t i_mass, uint64_t event, zps_plane_state *planes);

/** x of an event's emission: the share of the muon's energy at the vertex that it takes, 1 - E'/E (the Z' with what the
 *  nucleus recoils with); NaN for k = 0. Beam and vertex are drawn a second time. Not for process none. */
double zps_event_x(const zps_setup *setup, size_t i_mass, uint64_t event);

#endif
