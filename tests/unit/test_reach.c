/* Laws: at g90 the expected events are n_up, with the branching ratio at g90; the mean of ln g90 is that of its masses;
 * weights add up to 1; the statistical error is the propagated one. Tolerances: a few roundings, 1e-13. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/place/reach.h"
#include "tests/unit/lattice_sample.h"

/** All decays invisible. */
static zps_reach_mass make_mass(double mass_gev, double signal_events) {
  const zps_reach_mass mass = {mass_gev, 0.0, 20000, 20000, 1.0, signal_events, 0.5, {1.0, 0.0, 0.0}};
  return mass;
}

static void test_g90_by_hand(void **state) {
  const zps_reach_mass mass = make_mass(0.1, 1e9);
  (void)state;
  /* N(g) = 1e9 g^2 500/20000 = 2.5e7 g^2 = 2.302585 at g = 3.034856e-4. */
  const double g90 = zps_reach_g90(&mass, ZPS_N_UP, 500.0);
  zps_assert_relative(g90, 3.0348545e-4, 1e-7);
  zps_assert_relative(1e9 * g90 * g90 * 500.0 / 20000.0, ZPS_N_UP, 1e-13);
  zps_assert_relative(zps_reach_g90(&mass, 4.0 * ZPS_N_UP, 500.0), 2.0 * g90, 1e-13);
  assert_true(isinf(zps_reach_g90(&mass, ZPS_N_UP, 0.0)));
}

/** 3 GeV, scalar dark matter: Br goes from 1 to 1/2 where g passes g_chi. */
static zps_reach_mass make_dark_mass(zps_job_process *process) {
  zps_reach_mass mass = make_mass(3.0, 1e6);
  *process = (zps_job_process){.dark_matter = ZPS_DARK_SCALAR, .g_chi = 0.05, .dark_mass_ratio = 1.0 / 3.0};
  mass.widths = zps_process_widths_at(process, 3.0, 1.0);
  return mass;
}

static void test_branching_at_each_position(void **state) {
  zps_job_process process;
  const zps_reach_mass mass = make_dark_mass(&process);
  (void)state;
  for (double accepted = 1.0; accepted <= 10000.0; accepted *= 10.0) {
    const double g90 = zps_reach_g90(&mass, ZPS_N_UP, accepted);
    const double branching = zps_process_branching(&process, 3.0, g90);
    zps_assert_relative(1e6 * g90 * g90 * branching * accepted / 20000.0, ZPS_N_UP, 1e-13);
  }
  /* What lies between: the coupling of one count is another Br than that of 10^4. */
  assert_true(zps_process_branching(&process, 3.0, zps_reach_g90(&mass, ZPS_N_UP, 1.0)) <
              0.9 * zps_process_branching(&process, 3.0, zps_reach_g90(&mass, ZPS_N_UP, 10000.0)));
}

static void test_weights(void **state) {
  zps_reach_mass masses[5];
  zps_error error = {ZPS_OK, ""};
  (void)state;
  for (size_t i = 0; i < 5; i++) {
    masses[i] = make_mass(0.01 * pow(10.0, (double)i), 1.0);
  }
  assert_int_equal(zps_reach_weigh(masses, 5, 0.0, HUGE_VAL, ZPS_WEIGHTS_LOG, NULL), ZPS_OK);
  const double log_weights[] = {0.125, 0.25, 0.25, 0.25, 0.125}; /* four equal intervals, halves to either side */
  for (size_t i = 0; i < 5; i++) {
    zps_assert_near(masses[i].weight, log_weights[i], 1e-13);
  }
  assert_int_equal(zps_reach_weigh(masses, 5, 0.05, 20.0, ZPS_WEIGHTS_EQUAL, NULL), ZPS_OK);
  const double equal_weights[] = {0.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0};
  for (size_t i = 0; i < 5; i++) {
    zps_assert_near(masses[i].weight, equal_weights[i], 1e-13);
  }
  assert_int_equal(zps_reach_weigh(masses, 5, 0.1, 0.1, ZPS_WEIGHTS_LOG, NULL), ZPS_OK);
  zps_assert_near(masses[1].weight, 1.0, 0.0);
  assert_int_equal(zps_reach_weigh(masses, 5, 0.2, 0.3, ZPS_WEIGHTS_LOG, &error), ZPS_USAGE);
  assert_non_null(strstr(error.text, "none of the 5 masses"));
}

static void test_surface(void **state) {
  const zps_position_grid grid = lattice_sample_grid(6, 5, 2, 3);
  uint64_t inner[2][30];
  uint64_t random = 123456789123ULL;
  zps_reach_mass masses[2] = {make_mass(0.01, 1e9), make_mass(0.1, 3e8)};
  double surface[5 * 3] = {0.0};
  zps_summed_area areas[2];
  (void)state;
  masses[0].weight = 0.3;
  masses[1].weight = 0.7;
  for (size_t m = 0; m < 2; m++) {
    for (size_t i = 0; i < 30; i++) {
      inner[m][i] = lattice_sample_next(&random) % 50;
    }
    areas[m] = lattice_sample_area(&grid, inner[m]);
    zps_reach_add(&grid, &areas[m], &masses[m], ZPS_N_UP, surface);
  }
  for (size_t p = 0; p < zps_position_count(&grid); p++) {
    double want = 0.0;
    for (size_t m = 0; m < 2; m++) {
      const double count = (double)zps_summed_area_at(&areas[m], &grid, zps_position_at(&grid, p));
      want += masses[m].weight * log(zps_reach_g90(&masses[m], ZPS_N_UP, count));
    }
    zps_assert_relative(surface[p], want, 1e-13);
  }
  zps_summed_area_free(&areas[0]);
  zps_summed_area_free(&areas[1]);
}

static void test_nothing_accepted(void **state) {
  const zps_position_grid grid = lattice_sample_grid(2, 1, 1, 1);
  const uint64_t inner[] = {0, 7};
  zps_reach_mass mass = make_mass(0.01, 1e9);
  double surface[2] = {0.0, 0.0};
  zps_summed_area area = lattice_sample_area(&grid, inner);
  (void)state;
  mass.weight = 1.0;
  zps_reach_add(&grid, &area, &mass, ZPS_N_UP, surface);
  assert_true(isinf(surface[0]));
  assert_true(isfinite(surface[1]));
  zps_summed_area_free(&area);
}

static void test_error(void **state) {
  zps_reach_mass masses[2] = {make_mass(0.01, 1e9), make_mass(0.1, 3e8)};
  uint64_t accepted[] = {400, 900};
  (void)state;
  masses[0].weight = 0.5;
  masses[1].weight = 0.5;
  masses[1].accepted_ratio = 2.0;
  /* d ln g = -1/2 dA/A; var A = r A (1 - A/generated). */
  const double want = 0.5 * sqrt((0.25 * 0.98 / 400.0) + (0.25 * 2.0 * 0.955 / 900.0));
  zps_assert_relative(zps_reach_error(masses, accepted, 1.0, 2, ZPS_N_UP), want, 1e-13);
  accepted[0] = 0;
  assert_true(isinf(zps_reach_error(masses, accepted, 1.0, 2, ZPS_N_UP)));
}

/* With dark matter g90 moves faster than 1/sqrt(A): by the difference of two counts 2e-4 apart, whose curvature is 1e-8
 * of it at most. */
static void test_error_with_dark_matter(void **state) {
  zps_job_process process;
  zps_reach_mass mass = make_dark_mass(&process);
  const uint64_t accepted = 400;
  (void)state;
  mass.weight = 1.0;
  for (double scale = 0.1; scale < 100.0; scale *= 10.0) {
    const double n = scale * (double)accepted;
    const double up = zps_reach_g90(&mass, ZPS_N_UP, n * 1.0001);
    const double down = zps_reach_g90(&mass, ZPS_N_UP, n * 0.9999);
    const double want = log(down / up) / log(1.0001 / 0.9999) * sqrt(0.98 / 400.0);
    zps_assert_relative(zps_reach_error(&mass, &accepted, scale, 1, ZPS_N_UP), want, 1e-7);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_g90_by_hand),
                                     cmocka_unit_test(test_branching_at_each_position),
                                     cmocka_unit_test(test_weights),
                                     cmocka_unit_test(test_surface),
                                     cmocka_unit_test(test_nothing_accepted),
                                     cmocka_unit_test(test_error),
                                     cmocka_unit_test(test_error_with_dark_matter)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
