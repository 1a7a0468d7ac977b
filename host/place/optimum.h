/* The best position on a surface of the figure of merit, what is as good, and what less rate costs. */
#ifndef ZPS_PLACE_OPTIMUM_H
#define ZPS_PLACE_OPTIMUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/place/position_grid.h"
#include "host/place/summed_area.h"
#include "host/place/trigger_rate.h"

/** A figure of merit over positions with what each costs. */
typedef struct zps_merit {
  const zps_position_grid *grid;
  const double *ln_g90;        /* [zps_position_count(grid)] */
  const zps_summed_area *beam; /* coincidences of the beam; NULL: no rates */
  zps_rate_ceiling ceiling;
} zps_merit;

/** Position of the smallest ln g90 under the ceiling; of equals the one with the lower rate, then the lowest edges.
 *  False when nothing is accepted at any position under the ceiling. */
bool zps_optimum_find(const zps_merit *merit, zps_position *best);

/** Positions under the ceiling whose g90 is at most 1 + tolerance times that of the best. */
typedef struct zps_flat_region {
  size_t n;
  zps_position lo, hi; /* smallest and largest edge of either counter in it */
  /* Ends of the stretch of it through the best position when one counter alone is moved. */
  zps_position lo_alone, hi_alone;
} zps_flat_region;

zps_flat_region zps_flat_region_find(const zps_merit *merit, zps_position best, double tolerance);

/** Positions of which none is better at the same or a lower rate. */
typedef struct zps_rate_front {
  size_t n;
  zps_position *positions; /* [n], rate ascending, ln g90 descending strictly */
} zps_rate_front;

/** The front without the ceiling, thinned: each step lowers g90 by more than the share `gain`, except that `kept`, a
 *  position none is better than (NULL: none), stays. merit->beam must be there. Free with zps_rate_front_free(). */
zps_status zps_rate_front_find(const zps_merit *merit, double gain, const zps_position *kept, zps_rate_front *front,
                               zps_error *error);

void zps_rate_front_free(zps_rate_front *front); /* a zeroed one is fine */

#endif
