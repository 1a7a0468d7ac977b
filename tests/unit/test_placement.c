/* Lattices of counter positions: a cell is found by the comparisons a counter makes, for every step that a job may
 * give, and an edge is the double that the same decimal text gives. */
#include "host/job/placement_lattice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/rng.h"
#include "tests/zps_test.h"

static const double steps[] = {1.0, 2.0, 25.0, 0.5, 0.1, 0.2, 1.0 / 3.0, 0.001};

#define N_STEPS (sizeof steps / sizeof steps[0])

static zps_lattice lattice_of(double step_mm, double from, double to) {
  zps_lattice lattice;
  assert_true(zps_placement_step(step_mm, &lattice));
  assert_true(zps_placement_lattice(from * step_mm, to * step_mm, &lattice));
  return lattice;
}

/** The definition: how many edges are at or below x. */
static int64_t count_edges(const zps_lattice *lattice, double x) {
  int64_t n = 0;
  for (int64_t i = 0; i <= lattice->n; i++) {
    n += x >= zps_lattice_edge(lattice, i) ? 1 : 0;
  }
  return n;
}

static void test_a_cell_is_what_the_edges_say(void **unused) {
  (void)unused;
  for (size_t i = 0; i < N_STEPS; i++) {
    const zps_lattice lattice = lattice_of(steps[i], -501.0, 300.0);
    assert_int_equal(zps_lattice_cells(&lattice), 803);
    for (uint64_t event = 0; event < 2000; event++) {
      const zps_pair u = zps_draw_uniform(zps_stream_init(1, i, event), ZPS_DRAW_BEAM, 0);
      const double x = steps[i] * ((1000.0 * u.a) - 600.0);
      assert_int_equal(zps_lattice_cell(&lattice, x), count_edges(&lattice, x));
    }
  }
}

/* On an edge, and one step of the number format to both sides of it. */
static void test_edges_belong_to_the_cell_above(void **unused) {
  (void)unused;
  for (size_t i = 0; i < N_STEPS; i++) {
    const zps_lattice lattice = lattice_of(steps[i], -501.0, 300.0);
    for (int64_t edge = 0; edge <= lattice.n; edge++) {
      const double x = zps_lattice_edge(&lattice, edge);
      assert_int_equal(zps_lattice_cell(&lattice, x), edge + 1);
      assert_int_equal(zps_lattice_cell(&lattice, nextafter(x, (double)INFINITY)), edge + 1);
      assert_int_equal(zps_lattice_cell(&lattice, nextafter(x, -(double)INFINITY)), edge);
    }
  }
}

static void test_what_lies_outside(void **unused) {
  (void)unused;
  const zps_lattice lattice = lattice_of(1.0, -500.0, 100.0);
  assert_int_equal(zps_lattice_cell(&lattice, -1e300), 0);
  assert_int_equal(zps_lattice_cell(&lattice, -(double)INFINITY), 0);
  assert_int_equal(zps_lattice_cell(&lattice, 1e30), 601);
  assert_int_equal(zps_lattice_cell(&lattice, (double)INFINITY), 601);
  assert_int_equal(zps_lattice_cell(&lattice, (double)NAN), 0);
}

/* n/10 is correctly rounded, and so is the text: they are the same double. */
static void test_an_edge_is_the_number_a_job_file_gives(void **unused) {
  (void)unused;
  const zps_lattice lattice = lattice_of(0.1, -5000.0, 1000.0);
  for (int64_t i = 0; i <= lattice.n; i++) {
    const int64_t tenths = i - 5000;
    char text[32];
    (void)snprintf(text, sizeof text, "%s%lld.%lld", tenths < 0 ? "-" : "", llabs((long long)tenths) / 10,
                   llabs((long long)tenths) % 10);
    assert_true(zps_bits(zps_lattice_edge(&lattice, i)) == zps_bits(strtod(text, NULL)) || tenths == 0);
  }
}

static void test_steps_that_are_refused(void **unused) {
  (void)unused;
  static const double wrong[] = {0.0, -1.0, 1.5, 0.3, 0.15, 0.00099, 2.5, (double)NAN, (double)INFINITY, 1e300};
  zps_lattice lattice;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_false(zps_placement_step(wrong[i], &lattice));
  }
}

static void test_ends_that_are_refused(void **unused) {
  (void)unused;
  int64_t n = 0;
  zps_lattice lattice;
  assert_true(zps_placement_step(2.0, &lattice));
  assert_false(zps_placement_lattice(-501.0, 100.0, &lattice));
  assert_false(zps_placement_lattice(-500.0, 101.0, &lattice));
  assert_false(zps_placement_lattice(100.0, 100.0, &lattice));
  assert_false(zps_placement_lattice(100.0, -500.0, &lattice));
  assert_false(zps_placement_lattice(-1e9, 1e9, &lattice));
  assert_false(zps_placement_lattice((double)NAN, 100.0, &lattice));
  assert_true(zps_placement_lattice(-500.0, 100.0, &lattice));
  assert_int_equal(lattice.n, 300);
  assert_true(zps_placement_steps(&lattice, 200.0, &n));
  assert_int_equal(n, 100);
  assert_false(zps_placement_steps(&lattice, 201.0, &n));
  assert_false(zps_placement_steps(&lattice, 0.0, &n));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_cell_is_what_the_edges_say),
      cmocka_unit_test(test_edges_belong_to_the_cell_above),
      cmocka_unit_test(test_what_lies_outside),
      cmocka_unit_test(test_an_edge_is_the_number_a_job_file_gives),
      cmocka_unit_test(test_steps_that_are_refused),
      cmocka_unit_test(test_ends_that_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
