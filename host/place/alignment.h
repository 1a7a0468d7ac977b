/* What a displaced counter does to the efficiency: read off the same surface. */
#ifndef ZPS_PLACE_ALIGNMENT_H
#define ZPS_PLACE_ALIGNMENT_H

#include <stdint.h>

#include "host/place/position_grid.h"
#include "host/place/summed_area.h"

/** Which counter is displaced, and which way. */
typedef enum zps_displacement {
  ZPS_FIRST_DOWN, /* first counter towards negative x */
  ZPS_FIRST_UP,
  ZPS_LAST_DOWN, /* last counter */
  ZPS_LAST_UP,
  ZPS_N_DISPLACEMENT
} zps_displacement;

/** Relative change of the efficiency, (A' - A)/A, and its statistical error: the events gained and lost are a part of
 *  the sample of their own, so the error is sqrt(r max(1, gained + lost))/A to first order in their share. Both NaN
 * where A is 0 or the displaced counter is no available position. */
typedef struct zps_efficiency_change {
  double value, error;
} zps_efficiency_change;

/** Change for one counter at `position` displaced by `steps` of its lattice; accepted_ratio r = sum k^2/sum k. */
zps_efficiency_change zps_alignment_change(const zps_position_grid *grid, const zps_summed_area *accepted,
                                           zps_position position, zps_displacement which, int64_t steps,
                                           double accepted_ratio);

/** "x4 - d", ... as tables call it. */
const char *zps_displacement_name(zps_displacement which);

#endif
