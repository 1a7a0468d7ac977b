#include "host/run/ranges.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t range_end(zps_range range) {
  return range.first + range.n;
}

static bool range_is_legal(uint64_t first, uint64_t n) {
  return first <= ZPS_EVENT_LIMIT && n <= ZPS_EVENT_LIMIT - first;
}

/* Index of the first range that ends after event, set->n when there is none. */
static size_t set_find(const zps_range_set *set, uint64_t event) {
  size_t low = 0;
  size_t high = set->n;
  while (low < high) {
    const size_t middle = low + ((high - low) / 2);
    if (range_end(set->ranges[middle]) > event) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

static zps_status set_reserve(zps_range_set *set, zps_error *error) {
  if (set->n < set->capacity) {
    return ZPS_OK;
  }
  const size_t capacity = set->capacity == 0 ? 8 : 2 * set->capacity;
  zps_range *ranges = (zps_range *)realloc(set->ranges, capacity * sizeof *ranges);
  if (ranges == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu event ranges", capacity);
  }
  set->ranges = ranges;
  set->capacity = capacity;
  return ZPS_OK;
}

static zps_status set_insert(zps_range_set *set, size_t i, zps_range range, zps_error *error) {
  const zps_status status = set_reserve(set, error);
  if (status != ZPS_OK) {
    return status;
  }
  memmove(set->ranges + i + 1, set->ranges + i, (set->n - i) * sizeof *set->ranges);
  set->ranges[i] = range;
  set->n++;
  return ZPS_OK;
}

static void set_remove(zps_range_set *set, size_t i, size_t n) {
  memmove(set->ranges + i, set->ranges + i + n, (set->n - i - n) * sizeof *set->ranges);
  set->n -= n;
}

void zps_range_set_free(zps_range_set *set) {
  free(set->ranges);
  *set = (zps_range_set){.ranges = NULL, .n = 0, .capacity = 0};
}

zps_status zps_range_set_add(zps_range_set *set, uint64_t first, uint64_t n, zps_error *error) {
  if (!range_is_legal(first, n)) {
    return zps_error_set(error, ZPS_INVALID, "event range %" PRIu64 " + %" PRIu64 ": must end at or below 2^44", first,
                         n);
  }
  if (zps_range_set_overlaps(set, first, n)) {
    return zps_error_set(error, ZPS_INVALID,
                         "event range %" PRIu64 " + %" PRIu64 ": some of these events are already counted", first, n);
  }
  if (n == 0) {
    return ZPS_OK;
  }
  const size_t i = set_find(set, first);
  const bool joins_previous = i > 0 && range_end(set->ranges[i - 1]) == first;
  const bool joins_next = i < set->n && set->ranges[i].first == first + n;
  if (joins_previous && joins_next) {
    set->ranges[i - 1].n += n + set->ranges[i].n;
    set_remove(set, i, 1);
  } else if (joins_previous) {
    set->ranges[i - 1].n += n;
  } else if (joins_next) {
    set->ranges[i].first = first;
    set->ranges[i].n += n;
  } else {
    return set_insert(set, i, (zps_range){.first = first, .n = n}, error);
  }
  return ZPS_OK;
}

/* Removes [first, end) from inside range i, leaving a piece on either side. */
static zps_status set_split(zps_range_set *set, size_t i, uint64_t first, uint64_t end, zps_error *error) {
  const uint64_t tail = range_end(set->ranges[i]) - end;
  const zps_status status = set_insert(set, i + 1, (zps_range){.first = end, .n = tail}, error);
  if (status == ZPS_OK) {
    set->ranges[i].n = first - set->ranges[i].first;
  }
  return status;
}

zps_status zps_range_set_subtract(zps_range_set *set, uint64_t first, uint64_t n, zps_error *error) {
  const uint64_t end = n > UINT64_MAX - first ? UINT64_MAX : first + n;
  size_t i = set_find(set, first);
  if (n == 0 || i == set->n) {
    return ZPS_OK;
  }
  if (set->ranges[i].first < first) {
    if (range_end(set->ranges[i]) > end) {
      return set_split(set, i, first, end, error);
    }
    set->ranges[i].n = first - set->ranges[i].first;
    i++;
  }
  size_t n_inside = 0;
  while (i + n_inside < set->n && range_end(set->ranges[i + n_inside]) <= end) {
    n_inside++;
  }
  set_remove(set, i, n_inside);
  if (i < set->n && set->ranges[i].first < end) {
    set->ranges[i].n = range_end(set->ranges[i]) - end;
    set->ranges[i].first = end;
  }
  return ZPS_OK;
}

bool zps_range_set_overlaps(const zps_range_set *set, uint64_t first, uint64_t n) {
  const size_t i = set_find(set, first);
  if (n == 0 || i == set->n) {
    return false;
  }
  return set->ranges[i].first <= first || set->ranges[i].first - first < n;
}

uint64_t zps_range_set_total(const zps_range_set *set) {
  uint64_t total = 0;
  for (size_t i = 0; i < set->n; i++) {
    total += set->ranges[i].n;
  }
  return total;
}

uint64_t zps_range_set_end(const zps_range_set *set) {
  return set->n == 0 ? 0 : range_end(set->ranges[set->n - 1]);
}

bool zps_range_set_next_missing(const zps_range_set *set, uint64_t from, uint64_t end, uint64_t n_max,
                                zps_range *missing) {
  size_t i = set_find(set, from);
  if (i < set->n && set->ranges[i].first <= from) {
    from = range_end(set->ranges[i]); /* the next event is missing: ranges are never adjacent */
    i++;
  }
  if (from >= end) {
    return false;
  }
  const uint64_t stop = i < set->n && set->ranges[i].first < end ? set->ranges[i].first : end;
  const uint64_t n = stop - from;
  *missing = (zps_range){.first = from, .n = n < n_max ? n : n_max};
  return true;
}
