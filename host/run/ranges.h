/* Sets of event ranges: which events of a mass are already counted.
 *
 * The engine counts whole ranges of event indices; a set of them says what is done
 * and what is left. Adding an event twice is an error here, so that no path through
 * journal, resume and run loop can count it twice. */
#ifndef ZPS_RUN_RANGES_H
#define ZPS_RUN_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

/** One past the largest event index: an index has 44 bits in the random-number counter. */
#define ZPS_EVENT_LIMIT ((uint64_t)1 << 44)

/** The events first, first + 1, ..., first + n - 1. */
typedef struct zps_range {
  uint64_t first;
  uint64_t n;
} zps_range;

/** Disjoint, ascending, never adjacent ranges, each with n > 0. Zero-initialised = empty. */
typedef struct zps_range_set {
  zps_range *ranges; /* [n], owned */
  size_t n;
  size_t capacity;
} zps_range_set;

/** Frees what the set holds and leaves it empty. */
void zps_range_set_free(zps_range_set *set);

/** Adds n events from first; adjacent ranges merge; n = 0 does nothing.
 *  ZPS_INVALID, the set unchanged, when an event is there already or the range goes beyond ZPS_EVENT_LIMIT. */
zps_status zps_range_set_add(zps_range_set *set, uint64_t first, uint64_t n, zps_error *error);

/** Takes n events from first out of the set, whether there or not. */
zps_status zps_range_set_subtract(zps_range_set *set, uint64_t first, uint64_t n, zps_error *error);

/** Whether any of the n events from first is in the set. */
bool zps_range_set_overlaps(const zps_range_set *set, uint64_t first, uint64_t n);

/** Number of events in the set. */
uint64_t zps_range_set_total(const zps_range_set *set);

/** One past the last event in the set, 0 when empty. */
uint64_t zps_range_set_end(const zps_range_set *set);

/** Finds the first events not in the set, at or after `from` and below `end`, at most n_max (> 0) of them in a row.
 *  False when none is left. */
bool zps_range_set_next_missing(const zps_range_set *set, uint64_t from, uint64_t end, uint64_t n_max,
                                zps_range *missing);

#endif
