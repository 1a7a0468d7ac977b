/* The figure of merit of a position: the smallest coupling it is sensitive to.
 *
 * N(g) = signal_events g^2 Br(g) accepted/generated events are expected [arXiv:2401.01708, eq. 1]; with none observed
 * and no background, couplings with N(g) > n_up are excluded (n_up = ln 10 = 2.303: 90 % confidence): N(g90) = n_up, as
 * `limit` solves it (zps_coupling_of_events).
 * Over masses: the weighted geometric mean, exp(sum w ln g90 / sum w). */
#ifndef ZPS_PLACE_REACH_H
#define ZPS_PLACE_REACH_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/place/position_grid.h"
#include "host/place/summed_area.h"
#include "host/stats/widths.h"

#define ZPS_N_UP 2.302585092994046 /* ln 10 */

/** One mass as the figure of merit needs it. */
typedef struct zps_reach_mass {
  double mass_gev;
  double weight; /* in the mean, all together 1; 0: left out */
  uint64_t generated, generated_k2;
  double accepted_ratio;     /* sum k^2/sum k of the accepted events: their variance per count */
  double signal_events;      /* expected at g = 1, were every event accepted and every decay invisible */
  double factor;             /* efficiency = factor * accepted/generated */
  zps_process_widths widths; /* at coupling 1 */
} zps_reach_mass;

/** How masses are weighted in the mean. */
typedef enum zps_mass_weights {
  ZPS_WEIGHTS_LOG,   /* by the range of ln m that a mass stands for: half way to its neighbours in the range */
  ZPS_WEIGHTS_EQUAL, /* all alike */
} zps_mass_weights;

/** Sets the weights of the masses (ascending) with lo <= mass_gev <= hi, 0 for the others. ZPS_USAGE without any. */
zps_status zps_reach_weigh(zps_reach_mass *masses, size_t n, double lo_gev, double hi_gev, zps_mass_weights how,
                           zps_error *error);

/** g90 of one mass; infinite when nothing is accepted. */
double zps_reach_g90(const zps_reach_mass *mass, double n_up, double accepted);

/** Adds weight * ln g90 of a mass at every available position to surface[zps_position_count()]. */
void zps_reach_add(const zps_position_grid *grid, const zps_summed_area *accepted, const zps_reach_mass *mass,
                   double n_up, double *surface);

/** Statistical error of the mean ln g90 at one position: sqrt(sum (w/q)^2 r (1 - eps)/A), A accepted with r = sum
 *  k^2/sum k, eps = A/generated, and q = d ln N/d ln g at g90, 2 without dark matter; infinite where a mass with a
 * weight has none. The signal is that of A scale events. */
double zps_reach_error(const zps_reach_mass *masses, const uint64_t *accepted, double scale, size_t n, double n_up);

#endif
