#include "host/place/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/rng.h"

#define MAX_BOUNDS ((2 * ZPS_BOOTSTRAP_EDGES) + 2)
#define DRAW_REPLICA 0x80000000U /* a purpose no element of a layout has */
#define LARGE_MEAN 50.0

/** The edges one search looks at, and the distinct ends of all its counters, between which cells are drawn. */
typedef struct search_axis {
  int64_t width, stride;
  int n_edges;
  int64_t edges[ZPS_BOOTSTRAP_EDGES];
  int n_bounds;
  int64_t bounds[MAX_BOUNDS];
  int lo[ZPS_BOOTSTRAP_EDGES], hi[ZPS_BOOTSTRAP_EDGES]; /* ends of a counter, as indices of bounds */
  int reference_lo, reference_hi;
} search_axis;

struct zps_bootstrap {
  zps_position_grid grid;
  search_axis first, last;
  zps_rate_ceiling ceiling;
  double n_up;
  size_t n_mass;
  zps_reach_mass *masses; /* [n_mass] */
  uint64_t *cells;        /* [n_mass + 1][n_cells]: masses, then the beam */
  bool has_beam;
  double beam_ratio;
};

/** One replica's working space. */
typedef struct replica {
  double *sums;   /* [bounds of first][bounds of last] */
  double *ln_g90; /* [edges of first][edges of last] */
  double *counts; /* likewise, of the beam */
} replica;

static int compare_edges(const void *left, const void *right) {
  const int64_t a = *(const int64_t *)left;
  const int64_t b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

static int bound_index(const search_axis *axis, int64_t edge) {
  int i = 0;
  while (axis->bounds[i] != edge) {
    i++;
  }
  return i;
}

static void add_counter(search_axis *axis, int64_t edge) {
  axis->bounds[axis->n_bounds++] = edge - axis->width;
  axis->bounds[axis->n_bounds++] = edge;
}

static void sort_bounds(search_axis *axis) {
  int n = 0;
  qsort(axis->bounds, (size_t)axis->n_bounds, sizeof axis->bounds[0], compare_edges);
  for (int i = 0; i < axis->n_bounds; i++) {
    if (n == 0 || axis->bounds[n - 1] != axis->bounds[i]) {
      axis->bounds[n++] = axis->bounds[i];
    }
  }
  axis->n_bounds = n;
}

/** Edges lo, lo + stride, ... up to hi; with a reference its counter's ends are bounds too. */
static void axis_init(search_axis *axis, const zps_edge_axis *of, int64_t lo, int64_t hi, bool has_reference,
                      int64_t reference) {
  memset(axis, 0, sizeof *axis);
  axis->width = of->lowest;
  axis->stride = ((hi - lo) / ZPS_BOOTSTRAP_EDGES) + 1;
  for (int64_t i = lo; i <= hi; i += axis->stride) {
    axis->edges[axis->n_edges++] = i;
    add_counter(axis, i);
  }
  if (has_reference) {
    add_counter(axis, reference);
  }
  sort_bounds(axis);
  for (int i = 0; i < axis->n_edges; i++) {
    axis->lo[i] = bound_index(axis, axis->edges[i] - axis->width);
    axis->hi[i] = bound_index(axis, axis->edges[i]);
  }
  axis->reference_lo = has_reference ? bound_index(axis, reference - axis->width) : 0;
  axis->reference_hi = has_reference ? bound_index(axis, reference) : 0;
}

static size_t n_cells(const zps_bootstrap *b) {
  return (size_t)(b->first.n_bounds - 1) * (size_t)(b->last.n_bounds - 1);
}

zps_status zps_bootstrap_create(const zps_position_grid *grid, const zps_search_window *window,
                                const zps_rate_ceiling *ceiling, size_t n_mass, double n_up, zps_bootstrap **bootstrap,
                                zps_error *error) {
  zps_bootstrap *const b = (zps_bootstrap *)calloc(1, sizeof *b);
  *bootstrap = b;
  if (b == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for replicas");
  }
  const bool has_reference = ceiling->is_set && ceiling->has_reference;
  b->grid = *grid;
  b->ceiling = *ceiling;
  b->n_mass = n_mass;
  b->n_up = n_up;
  axis_init(&b->first, &grid->first, window->lo.i_first, window->hi.i_first, has_reference, ceiling->reference.i_first);
  axis_init(&b->last, &grid->last, window->lo.i_last, window->hi.i_last, has_reference, ceiling->reference.i_last);
  b->masses = (zps_reach_mass *)calloc(n_mass + 1, sizeof *b->masses);
  b->cells = (uint64_t *)calloc(((n_mass + 1) * n_cells(b)) + 1, sizeof *b->cells);
  if (b->masses == NULL || b->cells == NULL) {
    zps_bootstrap_destroy(b);
    *bootstrap = NULL;
    return zps_error_set(error, ZPS_MEMORY, "out of memory for replicas of %zu masses", n_mass);
  }
  return ZPS_OK;
}

static void gather(zps_bootstrap *b, size_t i_surface, const zps_summed_area *area) {
  uint64_t *cells = b->cells + (i_surface * n_cells(b));
  for (int i = 0; i + 1 < b->first.n_bounds; i++) {
    for (int j = 0; j + 1 < b->last.n_bounds; j++) {
      *cells++ = zps_summed_area_count(area, b->first.bounds[i], b->first.bounds[i + 1], b->last.bounds[j],
                                       b->last.bounds[j + 1]);
    }
  }
}

void zps_bootstrap_add_mass(zps_bootstrap *bootstrap, size_t i_mass, const zps_reach_mass *mass,
                            const zps_summed_area *accepted) {
  bootstrap->masses[i_mass] = *mass;
  if (mass->weight > 0.0) {
    gather(bootstrap, i_mass, accepted);
  }
}

void zps_bootstrap_set_beam(zps_bootstrap *bootstrap, const zps_trigger_rate *beam) {
  bootstrap->has_beam = true;
  bootstrap->beam_ratio = beam->ratio;
  gather(bootstrap, bootstrap->n_mass, beam->coincidence);
}

static double poisson_by_inversion(double mean, double u) {
  double term = exp(-mean);
  double sum = term;
  double n = 0.0;
  while (u > sum && n < 1000.0) {
    n += 1.0;
    term *= mean / n;
    sum += term;
  }
  return n;
}

double zps_bootstrap_poisson(uint64_t seed, uint64_t i_mass, uint64_t i_replica, uint32_t block, double mean) {
  const zps_stream stream = zps_stream_init(seed, i_mass, i_replica);
  if (!(mean > 0.0)) {
    return 0.0;
  }
  if (mean <= LARGE_MEAN) {
    return poisson_by_inversion(mean, zps_draw_uniform(stream, DRAW_REPLICA, block).a);
  }
  return fmax(0.0, nearbyint(mean + (sqrt(mean) * zps_draw_normal(stream, DRAW_REPLICA, block).a)));
}

/** Fills r->sums with one replica of a surface, summed up. */
static void draw_surface(const zps_bootstrap *b, size_t i_surface, double ratio, uint64_t seed, uint64_t i_replica,
                         replica *r) {
  const int64_t n = b->last.n_bounds;
  const uint64_t *const cells = b->cells + (i_surface * n_cells(b));
  uint32_t block = 0;
  memset(r->sums, 0, (size_t)n * sizeof *r->sums);
  for (int64_t i = 1; i < b->first.n_bounds; i++) {
    double row = 0.0;
    r->sums[i * n] = 0.0;
    for (int64_t j = 1; j < n; j++, block++) {
      const uint64_t count = cells[block];
      if (count > 0) {
        row += ratio * zps_bootstrap_poisson(seed, i_surface, i_replica, block, (double)count / ratio);
      }
      r->sums[(i * n) + j] = r->sums[((i - 1) * n) + j] + row;
    }
  }
}

static double rectangle(const zps_bootstrap *b, const replica *r, int lo_first, int hi_first, int lo_last,
                        int hi_last) {
  const int64_t n = b->last.n_bounds;
  const double *const lo = r->sums + (lo_first * n);
  const double *const hi = r->sums + (hi_first * n);
  return (hi[hi_last] - lo[hi_last]) - (hi[lo_last] - lo[lo_last]);
}

static double count_at(const zps_bootstrap *b, const replica *r, int i, int j) {
  return rectangle(b, r, b->first.lo[i], b->first.hi[i], b->last.lo[j], b->last.hi[j]);
}

static void add_mass(const zps_bootstrap *b, const zps_reach_mass *mass, replica *r) {
  size_t p = 0;
  for (int i = 0; i < b->first.n_edges; i++) {
    for (int j = 0; j < b->last.n_edges; j++, p++) {
      /* Differences of sums with a ratio that is no whole number are rounded: half an event is none. */
      const double count = count_at(b, r, i, j);
      r->ln_g90[p] += count > 0.5 ? mass->weight * log(zps_reach_g90(mass, b->n_up, count)) : HUGE_VAL;
    }
  }
}

/** Counts of the beam at all positions; returns the ceiling. */
static double draw_beam(const zps_bootstrap *b, uint64_t seed, uint64_t i_replica, replica *r) {
  size_t p = 0;
  if (!b->has_beam || !b->ceiling.is_set) {
    return HUGE_VAL;
  }
  draw_surface(b, b->n_mass, b->beam_ratio, seed, i_replica, r);
  for (int i = 0; i < b->first.n_edges; i++) {
    for (int j = 0; j < b->last.n_edges; j++) {
      r->counts[p++] = count_at(b, r, i, j);
    }
  }
  return b->ceiling.has_reference
             ? rectangle(b, r, b->first.reference_lo, b->first.reference_hi, b->last.reference_lo, b->last.reference_hi)
             : b->ceiling.count;
}

/** The best position of one replica; false when there is none. */
static bool search_replica(const zps_bootstrap *b, uint64_t seed, uint64_t i_replica, replica *r, zps_position *best) {
  const size_t n = (size_t)b->first.n_edges * (size_t)b->last.n_edges;
  const double ceiling = draw_beam(b, seed, i_replica, r);
  double best_value = HUGE_VAL;
  memset(r->ln_g90, 0, n * sizeof *r->ln_g90);
  for (size_t m = 0; m < b->n_mass; m++) {
    if (b->masses[m].weight > 0.0) {
      draw_surface(b, m, b->masses[m].accepted_ratio, seed, i_replica, r);
      add_mass(b, &b->masses[m], r);
    }
  }
  for (size_t p = 0; p < n; p++) {
    if (r->ln_g90[p] < best_value && !(r->counts[p] > ceiling)) {
      best_value = r->ln_g90[p];
      *best = (zps_position){b->first.edges[p / (size_t)b->last.n_edges], b->last.edges[p % (size_t)b->last.n_edges]};
    }
  }
  return isfinite(best_value);
}

static int compare_numbers(const void *left, const void *right) {
  const double a = *(const double *)left;
  const double b = *(const double *)right;
  return (a > b) - (a < b);
}

/** Mean, standard deviation and the 16 % and 84 % quantiles of values[n], which are sorted. */
static void summarise(double *values, size_t n, double *mean, double *sd, double *lo, double *hi) {
  double sum = 0.0;
  double squares = 0.0;
  qsort(values, n, sizeof *values, compare_numbers);
  for (size_t i = 0; i < n; i++) {
    sum += values[i];
  }
  *mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) {
    squares += (values[i] - *mean) * (values[i] - *mean);
  }
  *sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0.0;
  *lo = values[(size_t)(0.16 * (double)(n - 1))];
  *hi = values[(size_t)ceil(0.84 * (double)(n - 1))];
}

static void reach_out(int64_t edge, int64_t stride, const zps_edge_axis *axis, int64_t *lo, int64_t *hi) {
  const int64_t below = edge - stride > axis->lowest ? edge - stride : axis->lowest;
  const int64_t above = edge + stride < axis->lattice.n ? edge + stride : axis->lattice.n;
  *lo = below < *lo ? below : *lo;
  *hi = above > *hi ? above : *hi;
}

static void spread_fill(const zps_bootstrap *b, const zps_position *found, size_t n, double *values,
                        zps_optimum_spread *spread) {
  zps_search_window *const reached = &spread->reached;
  reached->lo = found[0];
  reached->hi = found[0];
  for (size_t i = 0; i < n; i++) {
    values[i] = zps_position_first_mm(&b->grid, found[i]);
    reach_out(found[i].i_first, b->first.stride, &b->grid.first, &reached->lo.i_first, &reached->hi.i_first);
    reach_out(found[i].i_last, b->last.stride, &b->grid.last, &reached->lo.i_last, &reached->hi.i_last);
  }
  summarise(values, n, &spread->mean_first_mm, &spread->sd_first_mm, &spread->lo_first_mm, &spread->hi_first_mm);
  for (size_t i = 0; i < n; i++) {
    values[i] = zps_position_last_mm(&b->grid, found[i]);
  }
  summarise(values, n, &spread->mean_last_mm, &spread->sd_last_mm, &spread->lo_last_mm, &spread->hi_last_mm);
}

static zps_status replica_allocate(const zps_bootstrap *b, replica *r, zps_error *error) {
  const size_t n = (size_t)b->first.n_edges * (size_t)b->last.n_edges;
  r->sums = (double *)calloc((size_t)b->first.n_bounds * (size_t)b->last.n_bounds, sizeof *r->sums);
  r->ln_g90 = (double *)calloc(n, sizeof *r->ln_g90);
  r->counts = (double *)calloc(n, sizeof *r->counts);
  return r->sums != NULL && r->ln_g90 != NULL && r->counts != NULL
             ? ZPS_OK
             : zps_error_set(error, ZPS_MEMORY, "out of memory for a replica of %zu positions", n);
}

static void replica_free(replica *r) {
  free(r->sums);
  free(r->ln_g90);
  free(r->counts);
}

zps_status zps_bootstrap_run(const zps_bootstrap *bootstrap, uint64_t seed, size_t n_replicas,
                             zps_optimum_spread *spread, zps_error *error) {
  replica r = {NULL, NULL, NULL};
  zps_position *const found = (zps_position *)calloc(n_replicas + 1, sizeof *found);
  double *const values = (double *)calloc(n_replicas + 1, sizeof *values);
  zps_status status = ZPS_OK;
  memset(spread, 0, sizeof *spread);
  if (found == NULL || values == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %zu replicas", n_replicas);
    goto done;
  }
  ZPS_TRY(replica_allocate(bootstrap, &r, error));
  spread->n_replicas = n_replicas;
  spread->stride_first = bootstrap->first.stride;
  spread->stride_last = bootstrap->last.stride;
  spread->step_first_mm = (double)bootstrap->first.stride * zps_edge_axis_step_mm(&bootstrap->grid.first);
  spread->step_last_mm = (double)bootstrap->last.stride * zps_edge_axis_step_mm(&bootstrap->grid.last);
  for (size_t i = 0; i < n_replicas; i++) {
    spread->n_found += search_replica(bootstrap, seed, i, &r, &found[spread->n_found]) ? 1 : 0;
  }
  if (spread->n_found > 0) {
    spread_fill(bootstrap, found, spread->n_found, values, spread);
  }
done:
  replica_free(&r);
  free(found);
  free(values);
  return status;
}

void zps_bootstrap_destroy(zps_bootstrap *bootstrap) {
  if (bootstrap != NULL) {
    free(bootstrap->masses);
    free(bootstrap->cells);
    free(bootstrap);
  }
}
