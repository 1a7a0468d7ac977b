/* Where a function of the coupling is positive: a set of intervals, as no one value can always say it. */
#ifndef ZPS_STATS_ISLANDS_H
#define ZPS_STATS_ISLANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "host/stats/interval.h"
#include "host/stats/root.h"

#define ZPS_MAX_ISLANDS 8

typedef struct zps_islands {
  size_t n;                             /* 0: nowhere positive */
  zps_interval island[ZPS_MAX_ISLANDS]; /* ascending; an end is a root of f, or an end of the range searched */
  bool open_below, open_above;          /* the first begins, the last ends at an end of the range */
} zps_islands;

/** Finds them in [lo, hi], 0 < lo < hi, on a logarithmic lattice of n_step steps with every change of sign refined to
 *  1e-12 by root finding: a gap or an island narrower than a step can be missed. ZPS_FAILURE for a function that is no
 *  number somewhere, or more than ZPS_MAX_ISLANDS islands. */
zps_status zps_islands_find(zps_function f, void *context, double lo, double hi, size_t n_step, zps_islands *islands,
                            zps_error *error);

#endif
