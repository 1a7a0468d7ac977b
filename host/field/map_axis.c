#include "host/field/map_axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024

static size_t slot_of(const zps_map_coordinates *set, double mm) {
  uint64_t bits = 0;
  memcpy(&bits, &mm, sizeof bits);
  bits = (bits ^ (bits >> 29)) * 0x9e3779b97f4a7c15u;
  size_t i = (size_t)(bits >> 32) & (set->n_slots - 1);
  while (set->slots[i].line != 0 && set->slots[i].mm != mm) {
    i = (i + 1) & (set->n_slots - 1);
  }
  return i;
}

/** Twice the slots, at most half full. */
static bool grow(zps_map_coordinates *set) {
  zps_map_coordinates wider = {.n_slots = set->n_slots == 0 ? FIRST_SLOTS : 2 * set->n_slots};
  wider.slots = (zps_map_coordinate *)calloc(wider.n_slots, sizeof *wider.slots);
  if (wider.slots == NULL) {
    return false;
  }
  for (size_t i = 0; i < set->n_slots; i++) {
    if (set->slots[i].line != 0) {
      wider.slots[slot_of(&wider, set->slots[i].mm)] = set->slots[i];
    }
  }
  free(set->slots);
  set->slots = wider.slots;
  set->n_slots = wider.n_slots;
  return true;
}

zps_status zps_map_coordinates_add(zps_map_coordinates *set, double mm, uint64_t line, const char *path, char name,
                                   zps_error *error) {
  const double value = mm + 0.0; /* -0 and 0 are one node */
  if (set->n > 0 && value == set->last_mm) {
    return ZPS_OK;
  }
  if (2 * set->n >= set->n_slots && !grow(set)) {
    return zps_error_set(error, ZPS_MEMORY, "%s: no memory for the nodes along %c", path, name);
  }
  set->last_mm = value;
  zps_map_coordinate *const slot = &set->slots[slot_of(set, value)];
  if (slot->line != 0) {
    return ZPS_OK;
  }
  if (set->n == ZPS_MAP_COORDINATES_MAX) {
    return zps_error_set(error, ZPS_INVALID, "%s:%llu: more than %d different %c: expected the rows of a regular grid",
                         path, (unsigned long long)line, ZPS_MAP_COORDINATES_MAX, name);
  }
  slot->mm = value;
  slot->line = line;
  set->n++;
  return ZPS_OK;
}

static int ascending(const void *a, const void *b) {
  const double u = ((const zps_map_coordinate *)a)->mm;
  const double v = ((const zps_map_coordinate *)b)->mm;
  return (u > v) - (u < v);
}

static int ascending_doubles(const void *a, const void *b) {
  const double u = *(const double *)a;
  const double v = *(const double *)b;
  return (u > v) - (u < v);
}

/** Moves the values to the front of the slots, in order. */
static void sort_values(zps_map_coordinates *set) {
  size_t n = 0;
  for (size_t i = 0; i < set->n_slots; i++) {
    if (set->slots[i].line != 0) {
      set->slots[n++] = set->slots[i];
    }
  }
  qsort(set->slots, n, sizeof *set->slots, ascending);
}

/** Leaves the first of every group of values that are one node; the largest gap is a spacing even when some nodes were
 *  written in two ways. */
static size_t merge_values(zps_map_coordinates *set) {
  double widest = 0.0;
  size_t n = 1;
  for (size_t i = 1; i < set->n; i++) {
    widest = fmax(widest, set->slots[i].mm - set->slots[i - 1].mm);
  }
  for (size_t i = 1; i < set->n; i++) {
    if (set->slots[i].mm - set->slots[n - 1].mm > ZPS_MAP_SAME * widest) {
      set->slots[n++] = set->slots[i];
    }
  }
  return n;
}

/** The gap that differs most from the median one. */
static zps_status refuse_spacing(const zps_map_coordinate *nodes, size_t n, const char *path, char name,
                                 zps_error *error) {
  double *const gaps = (double *)malloc((n - 1) * sizeof *gaps);
  size_t worst = 0;
  if (gaps == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: no memory for the nodes along %c", path, name);
  }
  for (size_t i = 0; i + 1 < n; i++) {
    gaps[i] = nodes[i + 1].mm - nodes[i].mm;
  }
  qsort(gaps, n - 1, sizeof *gaps, ascending_doubles);
  const double median = gaps[(n - 1) / 2];
  for (size_t i = 0; i + 1 < n; i++) {
    if (fabs(nodes[i + 1].mm - nodes[i].mm - median) > fabs(nodes[worst + 1].mm - nodes[worst].mm - median)) {
      worst = i;
    }
  }
  free(gaps);
  const zps_map_coordinate *const a = &nodes[worst];
  const zps_map_coordinate *const b = &nodes[worst + 1];
  return zps_error_set(error, ZPS_INVALID,
                       "%s:%llu: %c = %.9g mm follows %.9g mm (line %llu), but most nodes are %.9g mm apart: must be "
                       "equally spaced",
                       path, (unsigned long long)b->line, name, b->mm, a->mm, (unsigned long long)a->line, median);
}

zps_status zps_map_coordinates_axis(zps_map_coordinates *set, const char *path, char name, zps_map_axis *axis,
                                    zps_error *error) {
  if (set->n > 0) {
    sort_values(set);
    axis->n = merge_values(set);
  }
  if (set->n == 0 || axis->n < 2) {
    return zps_error_set(error, ZPS_INVALID, "%s: all rows have the same %c: expected at least 2 nodes along it", path,
                         name);
  }
  axis->first_mm = set->slots[0].mm;
  axis->last_mm = set->slots[axis->n - 1].mm;
  axis->step_mm = (axis->last_mm - axis->first_mm) / (double)(axis->n - 1);
  for (size_t i = 1; i < axis->n; i++) {
    const double want = axis->first_mm + ((double)i * axis->step_mm);
    if (!(fabs(set->slots[i].mm - want) <= ZPS_MAP_UNIFORM * axis->step_mm)) {
      return refuse_spacing(set->slots, axis->n, path, name, error);
    }
  }
  return zps_map_axis_check(axis, path, name, error);
}

zps_status zps_map_axis_check(const zps_map_axis *axis, const char *path, char name, zps_error *error) {
  const double largest = fmax(fabs(axis->first_mm), fabs(axis->last_mm));
  const double finest = fmax(ZPS_MAP_FINEST_MM, ZPS_MAP_FINEST * largest);
  if (axis->step_mm >= finest && largest <= ZPS_MAP_MAX_MM) {
    return ZPS_OK;
  }
  return zps_error_set(
      error, ZPS_INVALID,
      "%s: nodes along %c from %.9g to %.9g mm, %.3g mm apart: must be at least %.3g mm apart and within "
      "-+%g mm",
      path, name, axis->first_mm, axis->last_mm, axis->step_mm, finest, ZPS_MAP_MAX_MM);
}

void zps_map_coordinates_free(zps_map_coordinates *set) {
  free(set->slots);
  *set = (zps_map_coordinates){.n = 0};
}
