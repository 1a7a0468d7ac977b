/* A pilot changes no expectation: efficiencies, and x of what is generated, are those of plain events; and intervals
 * hold what they promise. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/run/engine.h"
#include "host/run/plan.h"
#include "host/stats/interval.h"
#include "kernels/tally.h"

#define N_TRIGGERS 2
#define PILOT "process.pilot.events=256"
#define NO_PILOT "seed=1"

/** A job of the quick grid with a plan and an engine. */
typedef struct work {
  zps_job job;
  zps_plan plan;
  zps_engine *engine;
} work;

static void work_open(const char *masses, const char *pilot, const char *option, work *w) {
  const char *const settings[] = {masses, pilot, option};
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read("grids/quick.yaml", settings, 3, &w->job, &error) != ZPS_OK ||
      zps_plan_build(&w->job, all, 0, &w->plan, &error) != ZPS_OK ||
      zps_engine_create("cpu", &w->plan.setup, NULL, &w->engine, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

static void work_close(work *w) {
  zps_engine_destroy(w->engine);
  zps_plan_free(&w->plan);
  zps_job_free(&w->job);
}

/** Rows of n tiles of n_events each of one mass, one after the other. */
static uint64_t *work_count(const work *w, uint32_t i_mass, uint64_t first, size_t n, uint64_t n_events) {
  zps_error error = {ZPS_OK, ""};
  zps_tile *const tiles = (zps_tile *)calloc(n, sizeof *tiles);
  uint64_t *const rows = (uint64_t *)calloc(n * zps_tally_size(N_TRIGGERS), sizeof *rows);
  assert_true(tiles != NULL && rows != NULL);
  for (size_t i = 0; i < n; i++) {
    tiles[i] = (zps_tile){.i_mass = i_mass, .first = first + (i * n_events), .n = n_events};
  }
  assert_int_equal(zps_engine_run(w->engine, tiles, n, rows, NULL, &error), ZPS_OK);
  free(tiles);
  return rows;
}

typedef struct measured {
  double value, error; /* accepted/generated and its standard deviation */
} measured;

/** Variance of a ratio of weighted sums: [K2_pass (1 - p)^2 + K2_fail p^2]/K^2. */
static measured efficiency(const uint64_t *row, uint32_t i_trigger) {
  const zps_counts n = zps_counts_of(row, i_trigger, true);
  const double p = (double)n.accepted / (double)n.generated;
  const double passed = (double)n.accepted_k2 * (1.0 - p) * (1.0 - p);
  const double failed = (double)(n.generated_k2 - n.accepted_k2) * p * p;
  return (measured){p, sqrt(passed + failed) / (double)n.generated};
}

/* Law: the same efficiency, within 4.5 deviations of the difference (7e-6 for each of 18 comparisons), with smaller
 * errors for light masses. */
static void check_efficiencies(const char *option) {
  static work plain;
  static work piloted;
  const uint64_t n_events = 300000;
  const char *const masses = "scan.mass_gev=[0.003, 0.04, 0.5]";
  work_open(masses, NO_PILOT, option, &plain);
  work_open(masses, PILOT, option, &piloted);
  for (uint32_t m = 0; m < 3; m++) {
    /* Other events for the piloted, so that the two are independent. */
    uint64_t *const a = work_count(&plain, m, 0, 1, n_events);
    uint64_t *const b = work_count(&piloted, m, n_events, 1, n_events);
    for (uint32_t t = 0; t < N_TRIGGERS; t++) {
      const measured p = efficiency(a, t);
      const measured q = efficiency(b, t);
      print_message("%s, %g GeV, trigger %u: %.5f +- %.5f plain, %.5f +- %.5f with a pilot (%+.1f standard errors), "
                    "%.1f times fewer events\n",
                    option, plain.job.mass_gev.values[m], t, p.value, p.error, q.value, q.error,
                    (q.value - p.value) / hypot(p.error, q.error), (p.error * p.error) / (q.error * q.error));
      zps_assert_near(q.value, p.value, 4.5 * hypot(p.error, q.error));
      assert_true(q.error < (m == 0 ? 0.5 : 1.0) * p.error);
    }
    free(a);
    free(b);
  }
  work_close(&plain);
  work_close(&piloted);
}

static void test_same_efficiencies(void **state) {
  (void)state;
  check_efficiencies("process.model=etl");
  check_efficiencies("process.model=ww");
  check_efficiencies("process.inelastic=linear");
}

#define N_BINS 25

/** Sums of k and of k^2 in bins of x [0, 1) of events at the nominal energy. */
typedef struct spectrum {
  double k[N_BINS], k2[N_BINS], all_k, all_k2;
} spectrum;

static void fill_spectrum(const work *w, uint64_t first, uint64_t n, spectrum *s) {
  const zps_setup *const setup = &w->plan.setup;
  const zps_emission *const em = &setup->emission[0];
  memset(s, 0, sizeof *s);
  for (uint64_t i = first; i < first + n; i++) {
    zps_emission_state state;
    const zps_emitted e = zps_emission_sample(&setup->nucleus, setup->t_shape, em, (const double(*)[4])em->cell,
                                              em->model, w->job.beam.p_gev, zps_stream_init(1, em->i_mass, i), &state);
    const int bin = (int)(state.x * N_BINS);
    s->k[bin] += e.k;
    s->k2[bin] += e.k * e.k;
    s->all_k += e.k;
    s->all_k2 += e.k * e.k;
  }
}

static double share_error(const spectrum *s, int bin) {
  const double p = s->k[bin] / s->all_k;
  return sqrt((s->k2[bin] * (1.0 - p) * (1.0 - p)) + ((s->all_k2 - s->k2[bin]) * p * p)) / s->all_k;
}

/* Law: the weights give back the spectrum of x. In every bin with 25 events or more on either side (so that the
 * variance estimated means something) within 4.5 deviations, 7e-6 for each of 50 comparisons. */
static void check_spectrum(const char *option) {
  static work plain;
  static work piloted;
  static spectrum a;
  static spectrum b;
  const char *const masses = "scan.mass_gev=[0.01]";
  double worst = 0.0;
  work_open(masses, NO_PILOT, option, &plain);
  work_open(masses, PILOT, option, &piloted);
  fill_spectrum(&plain, 0, 400000, &a);
  fill_spectrum(&piloted, 400000, 400000, &b);
  for (int i = 0; i < N_BINS; i++) {
    const double n_a = a.k[i] * a.k[i] / fmax(a.k2[i], 1.0);
    const double n_b = b.k[i] * b.k[i] / fmax(b.k2[i], 1.0);
    const double difference = (b.k[i] / b.all_k) - (a.k[i] / a.all_k);
    const double pull = difference / hypot(share_error(&a, i), share_error(&b, i));
    worst = n_a >= 25.0 && n_b >= 25.0 ? fmax(worst, fabs(pull)) : worst;
  }
  print_message("%s: largest pull of %d bins of x %.2f\n", option, N_BINS, worst);
  assert_true(worst > 0.5 && worst < 4.5);
  work_close(&plain);
  work_close(&piloted);
}

static void test_same_spectrum_of_x(void **state) {
  (void)state;
  check_spectrum("process.model=etl");
  check_spectrum("process.model=iww");
}

/* Law: of many short runs 68.27 % of the intervals hold the efficiency, or more where few are accepted, and
 * (estimate - truth)/error has deviation 1. Truth: a run with a pilot of as many events as all short ones together
 * times 4, so that its own error is a small part of theirs. Tolerance: four deviations of N_RUNS tries, and for the
 * pulls of 1/sqrt(2 N_RUNS) each; an error that ignores the weights of the accepted would be several times too large.
 */
#define N_RUNS 1000

static void check_intervals(const char *pilot, uint64_t n_events, double truth) {
  static work w;
  size_t n_held = 0;
  double sum2 = 0.0;
  double n_accepted = 0.0;
  work_open("scan.mass_gev=[0.003]", pilot, "process.model=etl", &w);
  uint64_t *const rows = work_count(&w, 0, 4000000, N_RUNS, n_events);
  for (size_t i = 0; i < N_RUNS; i++) {
    const uint64_t *const row = &rows[i * zps_tally_size(N_TRIGGERS)];
    const zps_counts n = zps_counts_of(row, 0, w.job.pilot.given);
    const zps_interval interval = zps_interval_weighted(&n, ZPS_LEVEL_ONE_SIGMA);
    const measured e = efficiency(row, 0);
    n_held += interval.lo <= truth && truth <= interval.hi ? 1 : 0;
    sum2 += e.error > 0.0 ? (e.value - truth) * (e.value - truth) / (e.error * e.error) : 0.0;
    n_accepted += n.accepted > 0 ? zps_effective_number(&n) * e.value / N_RUNS : 0.0;
  }
  const double level = ZPS_LEVEL_ONE_SIGMA;
  const double coverage = (double)n_held / N_RUNS;
  print_message("%s, %d runs of %d events, %.1f effective accepted: coverage %.3f, deviation of the pulls %.3f\n",
                pilot, N_RUNS, (int)n_events, n_accepted, coverage, sqrt(sum2 / N_RUNS));
  assert_true(coverage > level - (4.0 * sqrt(level * (1.0 - level) / N_RUNS)));
  if (n_accepted > 50.0) {
    assert_true(coverage < level + 0.03 + (4.0 * sqrt(level * (1.0 - level) / N_RUNS)));
    zps_assert_near(sqrt(sum2 / N_RUNS), 1.0, 0.05 + (4.0 / sqrt(2.0 * N_RUNS)));
  }
  free(rows);
  work_close(&w);
}

static void test_intervals_hold_the_truth(void **state) {
  (void)state;
  static work w;
  work_open("scan.mass_gev=[0.003]", PILOT, "process.model=etl", &w);
  uint64_t *const row = work_count(&w, 0, 0, 1, 4000000);
  const measured truth = efficiency(row, 0);
  print_message("efficiency %.6f +- %.6f\n", truth.value, truth.error);
  free(row);
  work_close(&w);
  check_intervals(PILOT, 50, truth.value);
  check_intervals(PILOT, 1000, truth.value);
  check_intervals(NO_PILOT, 400, truth.value);
  check_intervals(NO_PILOT, 5000, truth.value);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_efficiencies),
      cmocka_unit_test(test_same_spectrum_of_x),
      cmocka_unit_test(test_intervals_hold_the_truth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
