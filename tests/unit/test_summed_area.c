/* Law: the count of any rectangle of edges is the sum over its cells, and the count at a position is that of a
 * coincidence that asks every muon edge - width <= x < edge. Whole numbers: equal, not near. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/place/summed_area.h"
#include "tests/unit/lattice_sample.h"

#define N_FIRST 37
#define N_LAST 53

static uint64_t add_up(const uint64_t *cells, int64_t i0, int64_t i1, int64_t j0, int64_t j1) {
  uint64_t sum = 0;
  for (int64_t i = i0 + 1; i <= i1; i++) {
    for (int64_t j = j0 + 1; j <= j1; j++) {
      sum += cells[(i * (N_LAST + 2)) + j];
    }
  }
  return sum;
}

static void test_random_rectangles(void **state) {
  const zps_lattice first = lattice_sample(-20, N_FIRST);
  const zps_lattice last = lattice_sample(-30, N_LAST);
  uint64_t cells[(N_FIRST + 2) * (N_LAST + 2)];
  uint64_t random = 88172645463325252ULL;
  zps_summed_area area = {0, 0, NULL};
  (void)state;
  for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
    cells[i] = lattice_sample_next(&random) >> 40; /* borders too: they must not be counted */
  }
  assert_int_equal(zps_summed_area_allocate(&area, &first, &last, NULL), ZPS_OK);
  assert_int_equal(zps_summed_area_build(&area, cells, NULL), ZPS_OK);
  for (int n = 0; n < 2000; n++) {
    const int64_t i0 = lattice_sample_between(&random, 0, N_FIRST);
    const int64_t i1 = lattice_sample_between(&random, i0, N_FIRST);
    const int64_t j0 = lattice_sample_between(&random, 0, N_LAST);
    const int64_t j1 = lattice_sample_between(&random, j0, N_LAST);
    assert_true(zps_summed_area_count(&area, i0, i1, j0, j1) == add_up(cells, i0, i1, j0, j1));
  }
  assert_true(zps_summed_area_total(&area) == add_up(cells, 0, N_FIRST, 0, N_LAST));
  zps_summed_area_free(&area);
}

#define N_MUONS 20000

/** A muon: mostly anywhere, sometimes on an edge exactly, sometimes far outside. */
static double draw_x(uint64_t *random, const zps_lattice *lattice) {
  const int64_t i = lattice_sample_between(random, 0, lattice->n);
  const double within = (double)lattice_sample_between(random, -50, lattice->n + 50);
  switch (lattice_sample_next(random) % 4) {
  case 0:
    return zps_lattice_edge(lattice, i);
  case 1:
    return nextafter(zps_lattice_edge(lattice, i), -1e9);
  default:
    return (((double)lattice->first + within) * lattice->multiplier / lattice->divisor) +
           ((double)(lattice_sample_next(random) >> 12) * 0x1p-52);
  }
}

static void test_counters_of_a_run(void **state) {
  const zps_lattice first = {-40, 60, 1.0, 2.0}; /* half a millimetre */
  const zps_lattice last = {-30, 45, 1.0, 2.0};
  const zps_position_grid grid = {{first, 13}, {last, 20}};
  const int64_t width = zps_lattice_cells(&last);
  uint64_t *cells = (uint64_t *)calloc((size_t)(zps_lattice_cells(&first) * width), sizeof *cells);
  double(*x)[2] = (double(*)[2])calloc(N_MUONS, sizeof *x);
  uint64_t random = 362436069362436069ULL;
  zps_summed_area area = {0, 0, NULL};
  (void)state;
  assert_non_null(cells);
  assert_non_null(x);
  for (int n = 0; n < N_MUONS; n++) {
    x[n][0] = draw_x(&random, &first);
    x[n][1] = draw_x(&random, &last);
    cells[(zps_lattice_cell(&first, x[n][0]) * width) + zps_lattice_cell(&last, x[n][1])] += 1 + ((uint64_t)n % 3);
  }
  assert_int_equal(zps_summed_area_allocate(&area, &first, &last, NULL), ZPS_OK);
  assert_int_equal(zps_summed_area_build(&area, cells, NULL), ZPS_OK);
  for (int t = 0; t < 100; t++) {
    const zps_position at = {lattice_sample_between(&random, grid.first.lowest, first.n),
                             lattice_sample_between(&random, grid.last.lowest, last.n)};
    const double hi[2] = {zps_position_first_mm(&grid, at), zps_position_last_mm(&grid, at)};
    uint64_t count = 0;
    for (int n = 0; n < N_MUONS; n++) {
      const bool hit = x[n][0] >= hi[0] - 6.5 && x[n][0] < hi[0] && x[n][1] >= hi[1] - 10.0 && x[n][1] < hi[1];
      count += hit ? 1 + ((uint64_t)n % 3) : 0;
    }
    assert_true(zps_summed_area_at(&area, &grid, at) == count);
  }
  zps_summed_area_free(&area);
  free(cells);
  free(x);
}

static void test_overflow(void **state) {
  const zps_lattice lattice = lattice_sample(0, 2);
  uint64_t cells[16] = {0};
  zps_summed_area area = {0, 0, NULL};
  zps_error error = {ZPS_OK, ""};
  (void)state;
  cells[5] = (uint64_t)1 << 63;
  cells[10] = (uint64_t)1 << 63;
  assert_int_equal(zps_summed_area_allocate(&area, &lattice, &lattice, NULL), ZPS_OK);
  assert_int_equal(zps_summed_area_build(&area, cells, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "2^64"));
  cells[10] -= 1;
  assert_int_equal(zps_summed_area_build(&area, cells, NULL), ZPS_OK);
  assert_true(zps_summed_area_total(&area) == UINT64_MAX);
  zps_summed_area_free(&area);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_rectangles), cmocka_unit_test(test_counters_of_a_run),
                                     cmocka_unit_test(test_overflow)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
