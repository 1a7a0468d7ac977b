/* Laws: the change is that of the counts at the two positions, exactly; for an exponential density it is exp(d/l) - 1
 * whatever the position; its error is that of the events gained and lost. */
#include "tests/zps_test.h"

#include "host/place/alignment.h"
#include "tests/unit/lattice_sample.h"

#define N 40

static zps_position moved(zps_position at, zps_displacement which, int64_t steps) {
  at.i_first += which == ZPS_FIRST_UP ? steps : which == ZPS_FIRST_DOWN ? -steps : 0;
  at.i_last += which == ZPS_LAST_UP ? steps : which == ZPS_LAST_DOWN ? -steps : 0;
  return at;
}

static void test_counts_at_two_positions(void **state) {
  const zps_position_grid grid = lattice_sample_grid(N, N, 5, 9);
  uint64_t inner[N * N];
  uint64_t random = 555555555555ULL;
  (void)state;
  for (size_t i = 0; i < (size_t)N * N; i++) {
    inner[i] = lattice_sample_next(&random) % 100;
  }
  zps_summed_area area = lattice_sample_area(&grid, inner);
  for (int n = 0; n < 500; n++) {
    const zps_position at = {lattice_sample_between(&random, 5, N), lattice_sample_between(&random, 9, N)};
    const zps_displacement which = (zps_displacement)(lattice_sample_next(&random) % ZPS_N_DISPLACEMENT);
    const int64_t steps = lattice_sample_between(&random, 1, 12); /* also more than a width */
    const zps_position to = moved(at, which, steps);
    const zps_efficiency_change change = zps_alignment_change(&grid, &area, at, which, steps, 1.0);
    if (!zps_edge_axis_has(&grid.first, to.i_first) || !zps_edge_axis_has(&grid.last, to.i_last)) {
      assert_true(isnan(change.value) && isnan(change.error));
      continue;
    }
    const double before = (double)zps_summed_area_at(&area, &grid, at);
    const double after = (double)zps_summed_area_at(&area, &grid, to);
    zps_assert_near(change.value, (after / before) - 1.0, 1e-13);
    assert_true(change.error >= 0.0);
  }
  zps_summed_area_free(&area);
}

static void test_exponential_density(void **state) {
  const zps_position_grid grid = lattice_sample_grid(N, 4, 10, 2);
  uint64_t inner[N * 4];
  const double length = 12.0;
  (void)state;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < 4; j++) {
      inner[(i * 4) + j] = (uint64_t)llround(1e9 * exp((double)i / length));
    }
  }
  zps_summed_area area = lattice_sample_area(&grid, inner);
  const zps_position at = {20, 3};
  /* Cells are rounded to one part in 1e9. */
  zps_assert_near(zps_alignment_change(&grid, &area, at, ZPS_FIRST_UP, 3, 1.0).value, expm1(3.0 / length), 1e-8);
  zps_assert_near(zps_alignment_change(&grid, &area, at, ZPS_FIRST_DOWN, 3, 1.0).value, expm1(-3.0 / length), 1e-8);
  zps_assert_near(zps_alignment_change(&grid, &area, at, ZPS_LAST_UP, 1, 1.0).value, 0.0, 1e-8);
  zps_summed_area_free(&area);
}

static void test_error_by_hand(void **state) {
  const zps_position_grid grid = lattice_sample_grid(4, 1, 2, 1);
  const uint64_t inner[] = {10, 90, 30, 7};
  zps_summed_area area = lattice_sample_area(&grid, inner);
  const zps_position at = {2, 1};
  (void)state;
  /* Cells 0, 1 become 1, 2: 30 gained, 10 lost of 100. */
  const zps_efficiency_change change = zps_alignment_change(&grid, &area, at, ZPS_FIRST_UP, 1, 4.0);
  zps_assert_near(change.value, 0.2, 1e-15);
  zps_assert_near(change.error, sqrt(4.0 * 40.0) / 100.0, 1e-15);
  zps_summed_area_free(&area);
}

static void test_nothing_there(void **state) {
  const zps_position_grid grid = lattice_sample_grid(4, 1, 2, 1);
  const uint64_t inner[] = {0, 0, 30, 7};
  zps_summed_area area = lattice_sample_area(&grid, inner);
  const zps_position at = {2, 1};
  (void)state;
  assert_true(isnan(zps_alignment_change(&grid, &area, at, ZPS_FIRST_UP, 1, 1.0).value));
  zps_summed_area_free(&area);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts_at_two_positions),
                                     cmocka_unit_test(test_exponential_density), cmocka_unit_test(test_error_by_hand),
                                     cmocka_unit_test(test_nothing_there)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
