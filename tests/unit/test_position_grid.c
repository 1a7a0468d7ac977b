/* Laws: an edge is found when it is a number of the lattice exactly, and available when its counter lies wholly on the
 * lattice; everything else is refused with its neighbours or the range. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/place/position_grid.h"

static zps_edge_axis make_axis(int64_t first, int64_t n, double multiplier, double divisor, double width_mm) {
  const zps_lattice lattice = {first, n, multiplier, divisor};
  zps_edge_axis axis;
  zps_error error = {ZPS_OK, ""};
  if (zps_edge_axis_init(&axis, &lattice, width_mm, "x4", &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
  return axis;
}

static void refuses(const zps_edge_axis *axis, double x_mm, const char *words) {
  zps_error error = {ZPS_OK, ""};
  int64_t i = 0;
  assert_int_equal(zps_edge_axis_find(axis, "--at: x4", x_mm, &i, &error), ZPS_USAGE);
  if (strstr(error.text, words) == NULL) {
    print_error("%s: expected %s\n", error.text, words);
    fail();
  }
}

static void test_every_edge_is_found(void **state) {
  const zps_edge_axis axes[] = {make_axis(-500, 600, 1.0, 1.0, 200.0), make_axis(-3000, 4000, 1.0, 10.0, 33.3),
                                make_axis(-30, 40, 5.0, 1.0, 100.0)};
  (void)state;
  for (size_t a = 0; a < 3; a++) {
    for (int64_t i = axes[a].lowest; i <= axes[a].lattice.n; i++) {
      int64_t found = -1;
      assert_int_equal(zps_edge_axis_find(&axes[a], "x4", zps_lattice_edge(&axes[a].lattice, i), &found, NULL), ZPS_OK);
      assert_int_equal(found, i);
    }
  }
  int64_t found = -1;
  assert_int_equal(zps_edge_axis_find(&axes[1], "x4", -65.3, &found, NULL), ZPS_OK); /* as a user types it */
  assert_int_equal(found, 3000 - 653);
}

static void test_bounds(void **state) {
  const zps_edge_axis axis = make_axis(-500, 600, 1.0, 1.0, 200.0);
  (void)state;
  assert_int_equal(axis.lowest, 200);
  assert_int_equal(zps_edge_axis_count(&axis), 401);
  assert_int_equal(zps_edge_axis_index(&axis, -301.0), 199); /* an edge, but not available */
  assert_false(zps_edge_axis_has(&axis, 199));
  assert_int_equal(zps_edge_axis_index(&axis, -65.5), -1);
  assert_int_equal(zps_edge_axis_index(&axis, -501.0), -1);
  assert_int_equal(zps_edge_axis_index(&axis, (double)NAN), -1);
  assert_int_equal(zps_edge_axis_index(&axis, 1e300), -1);
  refuses(&axis, -65.5, "neighbours are -66 and -65 mm");
  refuses(&axis, -301.0, "from -300 to 100 mm");
  refuses(&axis, 101.0, "from -300 to 100 mm");
  refuses(&axis, (double)NAN, "from -300 to 100 mm");
  refuses(&axis, (double)INFINITY, "a counter of 200 mm");
}

static void test_widths(void **state) {
  const zps_lattice lattice = {-500, 600, 1.0, 1.0};
  zps_edge_axis axis;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(zps_edge_axis_init(&axis, &lattice, 200.5, "x4", &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "multiple of the step 1 mm"));
  error = (zps_error){ZPS_OK, ""};
  assert_int_equal(zps_edge_axis_init(&axis, &lattice, 601.0, "x4", &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "-500 .. 100 mm"));
  assert_int_equal(zps_edge_axis_init(&axis, &lattice, 600.0, "x4", &error), ZPS_OK);
  assert_int_equal(zps_edge_axis_count(&axis), 1);
}

static void test_indices(void **state) {
  const zps_position_grid grid = {make_axis(-500, 600, 1.0, 1.0, 200.0), make_axis(-800, 900, 1.0, 1.0, 300.0)};
  (void)state;
  assert_int_equal(zps_position_count(&grid), 401 * 601);
  for (size_t p = 0; p < zps_position_count(&grid); p += 977) {
    const zps_position position = zps_position_at(&grid, p);
    assert_int_equal(zps_position_index(&grid, position), p);
  }
  zps_assert_near(zps_position_first_mm(&grid, zps_position_at(&grid, 0)), -300.0, 0.0);
  zps_assert_near(zps_position_last_mm(&grid, zps_position_at(&grid, 0)), -500.0, 0.0);
  assert_int_equal(zps_edge_axis_steps(&grid.first, 5.0), 5);
  assert_int_equal(zps_edge_axis_steps(&grid.first, 0.5), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_edge_is_found), cmocka_unit_test(test_bounds),
                                     cmocka_unit_test(test_widths), cmocka_unit_test(test_indices)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
