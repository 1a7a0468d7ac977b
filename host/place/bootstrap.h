/* How well the optimum is known: it is searched again in replicas of the counts.
 *
 * Every cell of every mass and of the beam is replaced by a Poisson number of the same mean [Efron, Ann. Stat. 7 (1979)
 * 1, for event counts]; weighted cells by r times one of mean count/r, r = sum k^2/sum k [Bohm & Zech, NIM A 748 (2014)
 * 1]. A sum of cells is again such a number, so cells between the edges a search can reach are drawn as one: a search
 * looks at up to ZPS_BOOTSTRAP_EDGES edges per counter, first over the whole lattice, then over what the replicas of
 * the search before it reached, until the edges are neighbours. Replica i draws the same numbers on every machine. */
#ifndef ZPS_PLACE_BOOTSTRAP_H
#define ZPS_PLACE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/place/optimum.h"
#include "host/place/reach.h"

#define ZPS_BOOTSTRAP_EDGES 32
#define ZPS_BOOTSTRAP_MAX_REPLICAS 10000

/** Smallest and largest edge of each counter that a search looks at. */
typedef struct zps_search_window {
  zps_position lo, hi;
} zps_search_window;

typedef struct zps_bootstrap zps_bootstrap;

/** Prepares one search. n_mass masses are to be added; window must lie on available edges. The ceiling is that of the
 *  optimum; one with a reference is the reference's count in each replica. Free with zps_bootstrap_destroy(). */
zps_status zps_bootstrap_create(const zps_position_grid *grid, const zps_search_window *window,
                                const zps_rate_ceiling *ceiling, size_t n_mass, double n_up, zps_bootstrap **bootstrap,
                                zps_error *error);

/** Adds the accepted counts of mass i_mass; weight 0 is left out at once. */
void zps_bootstrap_add_mass(zps_bootstrap *bootstrap, size_t i_mass, const zps_reach_mass *mass,
                            const zps_summed_area *accepted);

/** Sets the beam; without one the ceiling is not looked at. */
void zps_bootstrap_set_beam(zps_bootstrap *bootstrap, const zps_trigger_rate *beam);

/** Where the replicas have their optima. */
typedef struct zps_optimum_spread {
  size_t n_replicas, n_found;         /* asked for; with any position under the ceiling */
  double mean_first_mm, mean_last_mm; /* near edges */
  double sd_first_mm, sd_last_mm;     /* standard deviations */
  double lo_first_mm, hi_first_mm;    /* 16 % and 84 % quantiles */
  double lo_last_mm, hi_last_mm;
  double step_first_mm, step_last_mm; /* between the edges of the last search */
  zps_search_window reached;          /* smallest and largest edges, widened by a step of the search */
  int64_t stride_first, stride_last;  /* step of the search in lattice steps */
} zps_optimum_spread;

/** Draws the replicas and searches each. ZPS_MEMORY only. */
zps_status zps_bootstrap_run(const zps_bootstrap *bootstrap, uint64_t seed, size_t n_replicas,
                             zps_optimum_spread *spread, zps_error *error);

void zps_bootstrap_destroy(zps_bootstrap *bootstrap); /* NULL is fine */

/** A Poisson number of that mean >= 0 for cell `block` of mass i_mass in a replica: by inversion up to a mean of 50,
 *  above it rounded normal with the same variance (the skewness left out is below 0.15). */
double zps_bootstrap_poisson(uint64_t seed, uint64_t i_mass, uint64_t i_replica, uint32_t block, double mean);

#endif
