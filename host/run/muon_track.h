/* One muon from the downstream end of the target, with mean losses and no scattering: a ray to check a layout with. */
#ifndef ZPS_RUN_MUON_TRACK_H
#define ZPS_RUN_MUON_TRACK_H

#include <stdbool.h>
#include <stddef.h>

#include "host/run/event_trace.h"
#include "kernels/transport.h"

/** A muon at z = the end of the target. */
typedef struct zps_track_start {
  double p_gev; /* > 0, at most 2000 */
  double x_mm, y_mm;
  double tx, ty;  /* slopes */
  bool no_matter; /* true: no energy loss either */
} zps_track_start;

/** Carries it through the layout; planes[zps_plane_count()] receives its state at the first *n_planes, those it
 * reached. Returns what became of it: ZPS_FATE_ARRIVED at the end of the layout, or why it ended early. */
enum zps_fate zps_muon_track(const zps_setup *setup, const zps_track_start *start, zps_plane_state *planes,
                             size_t *n_planes);

#endif
