/* The price of a position: how often an unscattered beam muon fires the coincidence.
 *
 * From a run with process none: rate = coincidences/muons on target. Beam muons outside the p_in window count as muons
 * on target but not as coincidences, as in the cut-flow. */
#ifndef ZPS_PLACE_TRIGGER_RATE_H
#define ZPS_PLACE_TRIGGER_RATE_H

#include <stdbool.h>

#include "host/error.h"

#include "host/place/position_grid.h"
#include "host/place/summed_area.h"
#include "host/stats/interval.h"

/** The beam's surface. */
typedef struct zps_trigger_rate {
  const zps_summed_area *coincidence; /* borrowed */
  uint64_t generated;
  double ratio; /* sum k^2/sum k of the coincidences: their variance per count */
} zps_trigger_rate;

/** A rate with its 68.27 % Clopper-Pearson interval at the effective numbers count/ratio in generated/ratio. */
typedef struct zps_rate_value {
  uint64_t count;
  double value, lo, hi;
} zps_rate_value;

/** A rate from a count of its own. */
zps_rate_value zps_rate_of_count(const zps_trigger_rate *rate, uint64_t count);

/** Counts below which a rate is known too badly to be a ceiling, or to be resampled. */
#define ZPS_FEW_COUNTS 10.0

/** The largest count whose upper limit (zps_rate_of_count().hi) does not exceed rate_max, up to rounding. ZPS_USAGE
 * when the upper limit of no count does: these beam muons cannot tell of so low a rate. */
zps_status zps_rate_highest_count(const zps_trigger_rate *rate, double rate_max, uint64_t *count, zps_error *error);

/** What a position may cost: at most `count` coincidences in the beam's run. */
typedef struct zps_rate_ceiling {
  bool is_set;
  double count;
  bool has_reference; /* it is the rate of this position, and fluctuates with it */
  zps_position reference;
} zps_rate_ceiling;

#endif
