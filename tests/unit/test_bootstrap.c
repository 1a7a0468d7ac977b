/* Laws: the drawn numbers have a Poisson's mean and variance; where two positions compete by two cells, the share of
 * replicas that take one of them is the probability that one Poisson number exceeds another; replicas are the same
 * every time; a ceiling holds in every replica. */
#include "tests/zps_test.h"

#include "host/place/bootstrap.h"
#include "tests/unit/lattice_sample.h"

#define N_DRAWS 20000

static void test_poisson(void **state) {
  const double means[] = {0.3, 7.0, 49.9, 50.1, 4000.0};
  (void)state;
  for (size_t m = 0; m < 5; m++) {
    const double mean = means[m];
    double sum = 0.0;
    double squares = 0.0;
    for (uint32_t i = 0; i < N_DRAWS; i++) {
      const double n = zps_bootstrap_poisson(1, m, 5, i, mean);
      assert_true(n >= 0.0 && n <= floor(n));
      sum += n;
      squares += (n - mean) * (n - mean);
    }
    /* Five standard deviations: the mean's is sqrt(mu/N); the variance's sqrt((mu + 2 mu^2)/N), and rounding a normal
     * number adds 1/12 to it. */
    zps_assert_near(sum / N_DRAWS, mean, 5.0 * sqrt(mean / N_DRAWS));
    zps_assert_near(squares / N_DRAWS, mean, (5.0 * sqrt((mean + (2.0 * mean * mean)) / N_DRAWS)) + 0.09);
  }
  zps_assert_near(zps_bootstrap_poisson(1, 0, 0, 0, 0.0), 0.0, 0.0);
}

/** Two edges of the first counter, 3 steps wide: cell 0 is in one alone, cell 3 in the other, and much in both. */
static zps_bootstrap *make_rivals(uint64_t a, uint64_t b, double ratio, const uint64_t *beam, double ceiling) {
  const zps_position_grid grid = lattice_sample_grid(4, 1, 3, 1);
  const uint64_t inner[] = {a, 1000, 2000, b};
  const zps_search_window window = {{3, 1}, {4, 1}};
  const zps_rate_ceiling limit = {beam != NULL, ceiling, ceiling < 0.0, {3, 1}};
  const zps_reach_mass mass = {0.1, 1.0, 100000, 100000, ratio, 1e9, 1.0, {1.0, 0.0, 0.0}};
  zps_summed_area area = lattice_sample_area(&grid, inner);
  zps_bootstrap *bootstrap = NULL;
  assert_int_equal(zps_bootstrap_create(&grid, &window, &limit, 1, ZPS_N_UP, &bootstrap, NULL), ZPS_OK);
  zps_bootstrap_add_mass(bootstrap, 0, &mass, &area);
  if (beam != NULL) {
    zps_summed_area beam_area = lattice_sample_area(&grid, beam);
    const zps_trigger_rate rate = {&beam_area, 1000000, 1.0};
    zps_bootstrap_set_beam(bootstrap, &rate);
    zps_summed_area_free(&beam_area);
  }
  zps_summed_area_free(&area);
  return bootstrap;
}

static zps_optimum_spread run(zps_bootstrap *bootstrap, size_t n_replicas) {
  zps_optimum_spread spread;
  assert_int_equal(zps_bootstrap_run(bootstrap, 7, n_replicas, &spread, NULL), ZPS_OK);
  return spread;
}

static double normal_below(double z) {
  return 0.5 * erfc(-z / sqrt(2.0));
}

static void test_two_rivals(void **state) {
  const size_t n = 2000;
  zps_bootstrap *bootstrap = make_rivals(100, 110, 1.0, NULL, 0.0);
  (void)state;
  const zps_optimum_spread spread = run(bootstrap, n);
  /* The upper edge is taken when its own cell holds more: the difference has mean 10 and variance 210, is whole, and a
   * tie goes to the lower edge. Five standard deviations of the share, and 0.005 for the normal approximation. */
  const double p = normal_below((10.0 - 0.5) / sqrt(210.0));
  const double tolerance = (5.0 * sqrt(p * (1.0 - p) / (double)n)) + 0.005;
  zps_assert_near(spread.mean_first_mm, 3.0 + p, tolerance);
  zps_assert_near(spread.sd_first_mm, sqrt(p * (1.0 - p)), tolerance);
  assert_int_equal(spread.n_found, n);
  zps_assert_near(spread.sd_last_mm, 0.0, 0.0);
  zps_assert_near(spread.lo_first_mm, 3.0, 0.0);
  zps_assert_near(spread.hi_first_mm, 4.0, 0.0);
  assert_int_equal(spread.stride_first, 1);
  zps_bootstrap_destroy(bootstrap);
}

static void test_weighted_rivals(void **state) {
  const size_t n = 2000;
  zps_bootstrap *bootstrap = make_rivals(400, 440, 4.0, NULL, 0.0);
  (void)state;
  /* In units of 4 the cells hold 100 and 110, as before. */
  const double p = normal_below((10.0 - 0.5) / sqrt(210.0));
  zps_assert_near(run(bootstrap, n).mean_first_mm, 3.0 + p, (5.0 * sqrt(p * (1.0 - p) / (double)n)) + 0.005);
  zps_bootstrap_destroy(bootstrap);
}

static void test_same_every_time(void **state) {
  zps_bootstrap *bootstrap = make_rivals(100, 110, 1.0, NULL, 0.0);
  (void)state;
  const zps_optimum_spread a = run(bootstrap, 100);
  const zps_optimum_spread b = run(bootstrap, 100);
  zps_assert_near(a.mean_first_mm, b.mean_first_mm, 0.0);
  zps_bootstrap_destroy(bootstrap);
}

static void test_ceiling(void **state) {
  const uint64_t beam[] = {0, 0, 0, 1000};
  const size_t n = 2000;
  (void)state;
  /* A ceiling of 0: the upper edge is never allowed, though better. */
  zps_bootstrap *bootstrap = make_rivals(100, 1000, 1.0, beam, 0.0);
  zps_assert_near(run(bootstrap, n).mean_first_mm, 3.0, 0.0);
  zps_bootstrap_destroy(bootstrap);
  /* 1000 drawn again exceed 1000 in half of the replicas, P(N <= 1000) = 0.508. */
  bootstrap = make_rivals(100, 1000, 1.0, beam, 1000.0);
  zps_assert_near(run(bootstrap, n).mean_first_mm, 3.508, (5.0 * 0.5 / sqrt((double)n)) + 0.005);
  zps_bootstrap_destroy(bootstrap);
}

static void test_ceiling_of_a_position_moves_with_it(void **state) {
  /* The ceiling is the rate of edge 3; the beam of edge 4 has the same cells but one that holds nothing more: it is
   * allowed in every replica, although its count fluctuates. */
  const uint64_t beam[] = {0, 500, 500, 0};
  zps_bootstrap *bootstrap = make_rivals(100, 1000, 1.0, beam, -1.0);
  (void)state;
  const zps_optimum_spread spread = run(bootstrap, 500);
  assert_int_equal(spread.n_found, 500);
  zps_assert_near(spread.mean_first_mm, 4.0, 0.0);
  zps_bootstrap_destroy(bootstrap);
}

static void test_search_edges(void **state) {
  const zps_position_grid grid = lattice_sample_grid(600, 900, 200, 300);
  const zps_search_window window = {{200, 300}, {600, 900}};
  const zps_rate_ceiling none = {false, 0.0, false, {0, 0}};
  const zps_reach_mass mass = {0.1, 1.0, 100000, 100000, 1.0, 1e9, 1.0, {1.0, 0.0, 0.0}};
  uint64_t *inner = (uint64_t *)calloc((size_t)600 * 900, sizeof *inner);
  zps_bootstrap *bootstrap = NULL;
  (void)state;
  assert_non_null(inner);
  inner[(450 * 900) + 500] = 100; /* one cell: every edge above it by up to a width is as good, the lowest is taken */
  zps_summed_area area = lattice_sample_area(&grid, inner);
  assert_int_equal(zps_bootstrap_create(&grid, &window, &none, 1, ZPS_N_UP, &bootstrap, NULL), ZPS_OK);
  zps_bootstrap_add_mass(bootstrap, 0, &mass, &area);
  const zps_optimum_spread spread = run(bootstrap, 10);
  assert_int_equal(spread.stride_first, 13); /* 401 edges seen at 32 at most */
  assert_int_equal(spread.stride_last, 19);
  zps_assert_near(spread.mean_first_mm, 200.0 + (13.0 * 20.0), 1e-9); /* the first edge above 450 */
  zps_assert_near(spread.mean_last_mm, 300.0 + (19.0 * 11.0), 1e-9);  /* above 500 */
  assert_int_equal(spread.reached.lo.i_first, 460 - 13);
  assert_int_equal(spread.reached.hi.i_last, 509 + 19);
  zps_bootstrap_destroy(bootstrap);
  zps_summed_area_free(&area);
  free(inner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_poisson),         cmocka_unit_test(test_two_rivals),
      cmocka_unit_test(test_weighted_rivals), cmocka_unit_test(test_same_every_time),
      cmocka_unit_test(test_ceiling),         cmocka_unit_test(test_ceiling_of_a_position_moves_with_it),
      cmocka_unit_test(test_search_edges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
