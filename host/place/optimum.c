#include "host/place/optimum.h"

#include <math.h>
#include <stdlib.h>

static uint64_t beam_count(const zps_merit *merit, zps_position position) {
  return merit->beam != NULL ? zps_summed_area_at(merit->beam, merit->grid, position) : 0;
}

static bool is_allowed(const zps_merit *merit, zps_position position) {
  return !merit->ceiling.is_set || (double)beam_count(merit, position) <= merit->ceiling.count;
}

bool zps_optimum_find(const zps_merit *merit, zps_position *best) {
  const size_t n = zps_position_count(merit->grid);
  double best_value = HUGE_VAL;
  uint64_t best_count = 0;
  for (size_t p = 0; p < n; p++) {
    const double value = merit->ln_g90[p];
    const zps_position position = zps_position_at(merit->grid, p);
    if (value > best_value || !isfinite(value) || !is_allowed(merit, position)) {
      continue;
    }
    const uint64_t count = beam_count(merit, position);
    if (value < best_value || count < best_count) {
      best_value = value;
      best_count = count;
      *best = position;
    }
  }
  return isfinite(best_value);
}

static int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/** The last position of the region that is reached from `best` in steps of (d_first, d_last). */
static zps_position walk(const zps_merit *merit, zps_position best, int64_t d_first, int64_t d_last, double worst) {
  zps_position end = best;
  for (;;) {
    const zps_position next = {end.i_first + d_first, end.i_last + d_last};
    if (!zps_edge_axis_has(&merit->grid->first, next.i_first) || !zps_edge_axis_has(&merit->grid->last, next.i_last) ||
        !(merit->ln_g90[zps_position_index(merit->grid, next)] <= worst) || !is_allowed(merit, next)) {
      return end;
    }
    end = next;
  }
}

zps_flat_region zps_flat_region_find(const zps_merit *merit, zps_position best, double tolerance) {
  const size_t n = zps_position_count(merit->grid);
  const double worst = merit->ln_g90[zps_position_index(merit->grid, best)] + log1p(tolerance);
  zps_flat_region region = {0, best, best, best, best};
  for (size_t p = 0; p < n; p++) {
    const zps_position at = zps_position_at(merit->grid, p);
    if (merit->ln_g90[p] <= worst && is_allowed(merit, at)) {
      region.n++;
      region.lo.i_first = smaller(region.lo.i_first, at.i_first);
      region.lo.i_last = smaller(region.lo.i_last, at.i_last);
      region.hi.i_first = larger(region.hi.i_first, at.i_first);
      region.hi.i_last = larger(region.hi.i_last, at.i_last);
    }
  }
  region.lo_alone = (zps_position){walk(merit, best, -1, 0, worst).i_first, walk(merit, best, 0, -1, worst).i_last};
  region.hi_alone = (zps_position){walk(merit, best, 1, 0, worst).i_first, walk(merit, best, 0, 1, worst).i_last};
  return region;
}

/** A position with what the front is sorted by. */
typedef struct candidate {
  uint64_t count;
  double value;
  size_t index;
} candidate;

static int by_rate(const void *left, const void *right) {
  const candidate *const a = (const candidate *)left;
  const candidate *const b = (const candidate *)right;
  if (a->count != b->count) {
    return a->count < b->count ? -1 : 1;
  }
  if (a->value < b->value || a->value > b->value) {
    return a->value < b->value ? -1 : 1;
  }
  return a->index < b->index ? -1 : 1;
}

/** Those with a finite figure of merit, sorted. */
static size_t gather(const zps_merit *merit, candidate *candidates) {
  const size_t n = zps_position_count(merit->grid);
  size_t n_found = 0;
  for (size_t p = 0; p < n; p++) {
    if (isfinite(merit->ln_g90[p])) {
      candidates[n_found++] = (candidate){beam_count(merit, zps_position_at(merit->grid, p)), merit->ln_g90[p], p};
    }
  }
  qsort(candidates, n_found, sizeof *candidates, by_rate);
  return n_found;
}

zps_status zps_rate_front_find(const zps_merit *merit, double gain, const zps_position *kept, zps_rate_front *front,
                               zps_error *error) {
  const size_t n = zps_position_count(merit->grid);
  const size_t i_kept = kept != NULL ? zps_position_index(merit->grid, *kept) : n;
  candidate *const candidates = (candidate *)calloc(n, sizeof *candidates);
  const double step = -log1p(-gain);
  double value = HUGE_VAL;
  size_t n_front = 0;
  *front = (zps_rate_front){0, NULL};
  if (candidates == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the front of %zu positions", n);
  }
  const size_t n_found = gather(merit, candidates);
  for (size_t i = 0; i < n_found; i++) {
    if (candidates[i].value < value - (candidates[i].index == i_kept ? 0.0 : step)) {
      value = candidates[i].value;
      candidates[n_front++] = candidates[i];
    }
  }
  front->positions = (zps_position *)calloc(n_front > 0 ? n_front : 1, sizeof *front->positions);
  if (front->positions == NULL) {
    free(candidates);
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the front of %zu positions", n_front);
  }
  for (size_t i = 0; i < n_front; i++) {
    front->positions[i] = zps_position_at(merit->grid, candidates[i].index);
  }
  front->n = n_front;
  free(candidates);
  return ZPS_OK;
}

void zps_rate_front_free(zps_rate_front *front) {
  free(front->positions);
  *front = (zps_rate_front){0, NULL};
}
