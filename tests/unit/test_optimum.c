/* Laws: the optimum is the best position under the ceiling by brute force; the flat region holds what is as good; the
 * front is the set of positions none dominates. */
#include "tests/zps_test.h"

#include "host/place/optimum.h"
#include "tests/unit/lattice_sample.h"

#define N 24 /* available edges per axis, of counters one step wide */

/** A random beam, and a figure of merit with a minimum and ripples. */
typedef struct landscape {
  zps_position_grid grid;
  zps_summed_area beam;
  double ln_g90[N * N];
} landscape;

static void landscape_make(landscape *l) {
  uint64_t inner[N * N];
  uint64_t random = 987654321987ULL;
  l->grid = lattice_sample_grid(N, N, 1, 1);
  for (size_t p = 0; p < (size_t)N * N; p++) {
    const double i = (double)(p / N) - 9.3;
    const double j = (double)(p % N) - 14.6;
    inner[p] = lattice_sample_next(&random) % 40;
    l->ln_g90[p] = (0.01 * ((i * i) + (j * j))) + (1e-3 * (double)(lattice_sample_next(&random) % 10));
  }
  l->ln_g90[17] = HUGE_VAL;
  l->beam = lattice_sample_area(&l->grid, inner);
}

static uint64_t rate_of(const landscape *l, size_t p) {
  return zps_summed_area_at(&l->beam, &l->grid, zps_position_at(&l->grid, p));
}

static void test_best_by_brute_force(void **state) {
  landscape l;
  (void)state;
  landscape_make(&l);
  for (int ceiling = -1; ceiling < 40; ceiling += 3) {
    const zps_merit merit = {&l.grid, l.ln_g90, &l.beam, {ceiling >= 0, ceiling, false, {0, 0}}};
    zps_position best;
    size_t want = (size_t)N * N;
    assert_true(zps_optimum_find(&merit, &best));
    for (size_t p = 0; p < (size_t)N * N; p++) {
      const bool allowed = ceiling < 0 || rate_of(&l, p) <= (uint64_t)ceiling;
      want = allowed && (want == (size_t)N * N || l.ln_g90[p] < l.ln_g90[want]) ? p : want;
    }
    assert_int_equal(zps_position_index(&l.grid, best), want);
  }
  zps_summed_area_free(&l.beam);
}

static void test_ties_take_the_lower_rate(void **state) {
  const zps_position_grid grid = lattice_sample_grid(3, 1, 1, 1);
  const uint64_t inner[] = {5, 2, 9};
  const double ln_g90[] = {-7.0, -7.0, -7.0};
  zps_summed_area beam = lattice_sample_area(&grid, inner);
  zps_merit merit = {&grid, ln_g90, &beam, {false, 0.0, false, {0, 0}}};
  zps_position best;
  (void)state;
  assert_true(zps_optimum_find(&merit, &best));
  assert_int_equal(best.i_first, 2);
  merit.beam = NULL;
  assert_true(zps_optimum_find(&merit, &best));
  assert_int_equal(best.i_first, 1);
  merit.beam = &beam;
  merit.ceiling.is_set = true;
  merit.ceiling.count = 1.0;
  assert_false(zps_optimum_find(&merit, &best));
  zps_summed_area_free(&beam);
}

static void test_flat_region(void **state) {
  landscape l;
  zps_position best;
  (void)state;
  landscape_make(&l);
  const zps_merit merit = {&l.grid, l.ln_g90, &l.beam, {true, 30.0, false, {0, 0}}};
  assert_true(zps_optimum_find(&merit, &best));
  const zps_flat_region region = zps_flat_region_find(&merit, best, 0.05);
  const double least = exp(l.ln_g90[zps_position_index(&l.grid, best)]);
  size_t n = 0;
  for (size_t p = 0; p < (size_t)N * N; p++) {
    const zps_position at = zps_position_at(&l.grid, p);
    if (exp(l.ln_g90[p]) <= 1.05 * least && rate_of(&l, p) <= 30) {
      n++;
      assert_in_range(at.i_first, region.lo.i_first, region.hi.i_first);
      assert_in_range(at.i_last, region.lo.i_last, region.hi.i_last);
    }
  }
  assert_int_equal(region.n, n);
  assert_true(n > 3);
  /* One counter alone: every edge of the stretch is in the region, the next one is not or is no edge. */
  const double worst = log(1.05 * least);
  for (int64_t i = region.lo_alone.i_first - 1; i <= region.hi_alone.i_first + 1; i++) {
    const zps_position at = {i, best.i_last};
    const bool inside = zps_edge_axis_has(&l.grid.first, i) && l.ln_g90[zps_position_index(&l.grid, at)] <= worst &&
                        zps_summed_area_at(&l.beam, &l.grid, at) <= 30;
    assert_int_equal(inside, i >= region.lo_alone.i_first && i <= region.hi_alone.i_first);
  }
  for (int64_t j = region.lo_alone.i_last - 1; j <= region.hi_alone.i_last + 1; j++) {
    const zps_position at = {best.i_first, j};
    const bool inside = zps_edge_axis_has(&l.grid.last, j) && l.ln_g90[zps_position_index(&l.grid, at)] <= worst &&
                        zps_summed_area_at(&l.beam, &l.grid, at) <= 30;
    assert_int_equal(inside, j >= region.lo_alone.i_last && j <= region.hi_alone.i_last);
  }
  zps_summed_area_free(&l.beam);
}

static bool is_dominated(const landscape *l, size_t p) {
  for (size_t q = 0; q < (size_t)N * N; q++) {
    const uint64_t a = rate_of(l, q);
    const uint64_t b = rate_of(l, p);
    if ((a <= b && l->ln_g90[q] < l->ln_g90[p]) || (a < b && l->ln_g90[q] <= l->ln_g90[p])) {
      return true;
    }
  }
  return false;
}

static void test_front(void **state) {
  landscape l;
  zps_rate_front front;
  zps_rate_front thin;
  size_t n = 0;
  (void)state;
  landscape_make(&l);
  const zps_merit merit = {&l.grid, l.ln_g90, &l.beam, {true, 0.0, false, {0, 0}}};
  assert_int_equal(zps_rate_front_find(&merit, 0.0, NULL, &front, NULL), ZPS_OK);
  for (size_t p = 0; p < (size_t)N * N; p++) {
    n += is_dominated(&l, p) ? 0 : 1;
  }
  assert_true(n > 3);
  assert_int_equal(front.n, n); /* the ripples make ties of both rare; a tie would make n larger */
  for (size_t i = 0; i < front.n; i++) {
    const size_t p = zps_position_index(&l.grid, front.positions[i]);
    assert_false(is_dominated(&l, p));
    if (i > 0) {
      const size_t before = zps_position_index(&l.grid, front.positions[i - 1]);
      assert_true(rate_of(&l, p) > rate_of(&l, before) && l.ln_g90[p] < l.ln_g90[before]);
    }
  }
  assert_int_equal(zps_rate_front_find(&merit, 0.02, NULL, &thin, NULL), ZPS_OK);
  assert_true(thin.n >= 1 && thin.n < front.n);
  for (size_t i = 1; i < thin.n; i++) {
    const double gain = l.ln_g90[zps_position_index(&l.grid, thin.positions[i - 1])] -
                        l.ln_g90[zps_position_index(&l.grid, thin.positions[i])];
    assert_true(gain > -log1p(-0.02));
  }
  /* Any position of the front can be kept, and then the thinned one passes through it. */
  for (size_t k = 0; k < front.n; k++) {
    zps_rate_front through;
    bool found = false;
    assert_int_equal(zps_rate_front_find(&merit, 0.02, &front.positions[k], &through, NULL), ZPS_OK);
    for (size_t i = 0; i < through.n; i++) {
      found =
          found || zps_position_index(&l.grid, through.positions[i]) == zps_position_index(&l.grid, front.positions[k]);
      assert_false(is_dominated(&l, zps_position_index(&l.grid, through.positions[i])));
    }
    assert_true(found);
    zps_rate_front_free(&through);
  }
  zps_rate_front_free(&front);
  zps_rate_front_free(&thin);
  zps_summed_area_free(&l.beam);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_best_by_brute_force),
                                     cmocka_unit_test(test_ties_take_the_lower_rate),
                                     cmocka_unit_test(test_flat_region), cmocka_unit_test(test_front)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
