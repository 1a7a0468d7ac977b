/* The pilot: weights that make the variance least, tables that keep sums of k, and the same ones on every machine. */
#include "host/run/plan_pilot.h"

#include <stdlib.h>
#include <string.h>

#include "host/instruction_set.h"
#include "host/run/engine.h"
#include "host/run/plan.h"
#include "host/tables/emission_table.h"
#include "kernels/tally.h"
#include "tests/zps_test.h"

#define N_EVENTS 500 /* of the pilot made by hand */
#define N_TRIGGERS 2

/** A proposal falling over the columns, and counts that rise, pass a maximum and fall to nothing. */
typedef struct sample {
  double share[ZPS_N_A];
  double p[N_TRIGGERS][ZPS_N_A]; /* as the pilot takes them */
  uint64_t *rows;
} sample;

static void sample_fill(sample *s) {
  const size_t size = zps_tally_size(N_TRIGGERS);
  double sum = 0.0;
  s->rows = (uint64_t *)calloc(ZPS_N_A * size, sizeof *s->rows);
  assert_non_null(s->rows);
  for (uint32_t i = 0; i < ZPS_N_A; i++) {
    s->share[i] = exp(-0.2 * i);
    sum += s->share[i];
    for (uint32_t t = 0; t < N_TRIGGERS; t++) {
      const uint64_t accepted = (uint64_t)(400.0 * exp(-0.02 * ((i - 20.0) * (i - 20.0)))) >> t;
      s->rows[(i * size) + zps_tally_stage(t, ZPS_STAGE_GENERATED, 0)] = N_EVENTS;
      s->rows[(i * size) + zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 0)] = accepted;
      s->p[t][i] = ((double)accepted + 1.0) / (N_EVENTS + 2.0);
    }
  }
  for (int i = 0; i < ZPS_N_A; i++) {
    s->share[i] /= sum;
  }
}

/** Relative variance of accepted/generated per event, summed over the triggers, with k ~ weight: written as the sum
 * over columns of q k^2 [p (1 - eps)^2 + (1 - p) eps^2], over (eps sum q k)^2. */
static double variance(const sample *s, const double weight[ZPS_N_A]) {
  double sum = 0.0;
  for (int t = 0; t < N_TRIGGERS; t++) {
    double eps = 0.0;
    double drawn = 0.0;
    double generated = 0.0;
    double squares = 0.0;
    for (int i = 0; i < ZPS_N_A; i++) {
      eps += s->share[i] * s->p[t][i];
      drawn += s->share[i] / weight[i];
    }
    for (int i = 0; i < ZPS_N_A; i++) {
      const double q = (s->share[i] / weight[i]) / drawn;
      const double p = s->p[t][i];
      generated += q * weight[i];
      squares += q * weight[i] * weight[i] * ((p * (1.0 - eps) * (1.0 - eps)) + ((1.0 - p) * eps * eps));
    }
    sum += squares / (generated * generated * eps * eps);
  }
  return sum;
}

/* Law: no other weights give less. Around a minimum a tenth more or less in one column raises the variance. */
static void test_weights_make_the_variance_least(void **unused) {
  (void)unused;
  sample s;
  double weight[ZPS_N_A];
  sample_fill(&s);
  zps_pilot_weights(s.share, s.rows, N_TRIGGERS, N_EVENTS, weight);
  const double least = variance(&s, weight);
  double even[ZPS_N_A];
  double smallest = weight[0];
  double largest = weight[0];
  for (int i = 0; i < ZPS_N_A; i++) {
    const double kept = weight[i];
    for (double factor = 0.9; factor < 1.2; factor += 0.2) {
      weight[i] = factor * kept;
      assert_true(variance(&s, weight) > least);
    }
    weight[i] = kept;
    even[i] = 1.0;
    smallest = fmin(smallest, kept);
    largest = fmax(largest, kept);
  }
  print_message("weights %.3g to %.3g; variance %.2f times that of even ones\n", smallest, largest,
                least / variance(&s, even));
  zps_assert_near(smallest, ZPS_PILOT_LEAST_K, 0.0);
  assert_true(largest <= ZPS_PILOT_LEAST_K * sqrt(N_EVENTS + 2.0));
  free(s.rows);
}

/** A trigger that nobody hits changes no weight; with no other all columns weigh the same. */
static void test_trigger_that_nobody_hits(void **unused) {
  (void)unused;
  const size_t size = zps_tally_size(N_TRIGGERS + 1);
  sample s;
  double two[ZPS_N_A];
  double with_dead[ZPS_N_A];
  sample_fill(&s);
  zps_pilot_weights(s.share, s.rows, N_TRIGGERS, N_EVENTS, two);
  uint64_t *const rows = (uint64_t *)calloc(ZPS_N_A * size, sizeof *rows);
  assert_non_null(rows);
  for (size_t i = 0; i < ZPS_N_A; i++) {
    const uint64_t *const from = &s.rows[i * zps_tally_size(N_TRIGGERS)];
    for (uint32_t t = 0; t < N_TRIGGERS; t++) {
      rows[(i * size) + zps_tally_stage(t, ZPS_STAGE_GENERATED, 0)] = from[zps_tally_stage(t, ZPS_STAGE_GENERATED, 0)];
      rows[(i * size) + zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 0)] = from[zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 0)];
    }
    rows[(i * size) + zps_tally_stage(N_TRIGGERS, ZPS_STAGE_GENERATED, 0)] = N_EVENTS;
  }
  zps_pilot_weights(s.share, rows, N_TRIGGERS + 1, N_EVENTS, with_dead);
  assert_memory_equal(two, with_dead, sizeof two);
  memset(rows, 0, ZPS_N_A * size * sizeof *rows);
  zps_pilot_weights(s.share, rows, N_TRIGGERS + 1, N_EVENTS, with_dead);
  for (int i = 0; i < ZPS_N_A; i++) {
    assert_true(with_dead[i] == ZPS_PILOT_LEAST_K);
  }
  free(rows);
  free(s.rows);
}

/** Probability of every cell, from the alias table alone. */
static void cell_probabilities(const zps_emission *table, double p[ZPS_N_CELL]) {
  memset(p, 0, ZPS_N_CELL * sizeof *p);
  for (int i = 0; i < ZPS_N_CELL; i++) {
    p[i] += table->cell[i][0] / ZPS_N_CELL;
    p[(int)table->cell[i][1]] += (1.0 - table->cell[i][0]) / ZPS_N_CELL;
  }
}

static void table_build(int model, zps_emission *table) {
  const zps_nucleus nucleus = zps_nucleus_make(82, 207.2);
  double all = 0.0;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_emission_build(&nucleus, model, 0.01, 160.0, 0.03, 0, table, &all, &error), ZPS_OK);
}

/* Law: what a cell is drawn less often its k is larger, so probability times k keeps its proportions: to the rounding
 * of a thousand subtractions of the alias method, each of 1e-16 in numbers of order 1/1024 that are 1e-9 at least. */
static void test_favoured_table_keeps_sums(void **unused) {
  (void)unused;
  static zps_emission plain;
  static zps_emission favoured;
  static double p_plain[ZPS_N_CELL];
  static double p_favoured[ZPS_N_CELL];
  double share[ZPS_N_A];
  double favour[ZPS_N_A];
  double sum = 0.0;
  for (int model = ZPS_EMISSION_ETL; model <= ZPS_EMISSION_IWW; model++) {
    table_build(model, &plain);
    favoured = plain;
    for (int i = 0; i < ZPS_N_A; i++) {
      favour[i] = 1.0 / (1.0 + (0.7 * ((i * 5) % 11)));
    }
    zps_emission_favour_columns(favour, &favoured);
    cell_probabilities(&plain, p_plain);
    cell_probabilities(&favoured, p_favoured);
    const double scale = (p_favoured[0] * favoured.cell[0][2]) / (p_plain[0] * plain.cell[0][2]);
    for (int i = 0; i < ZPS_N_CELL; i++) {
      zps_assert_relative(favoured.cell[i][2], plain.cell[i][2] / favour[i / ZPS_N_B], 1e-15);
      zps_assert_relative(p_favoured[i] * favoured.cell[i][2], scale * p_plain[i] * plain.cell[i][2], 1e-9);
    }
    zps_emission_column_shares(&plain, share);
    for (int i = 0; i < ZPS_N_A; i++) {
      double column = 0.0;
      for (int j = 0; j < ZPS_N_B; j++) {
        column += p_plain[(i * ZPS_N_B) + j];
      }
      zps_assert_relative(share[i], column, 1e-9);
      sum += share[i];
    }
  }
  zps_assert_relative(sum, 3.0, 1e-14);
}

/* Law: a favour of 0 leaves a column out; what is left keeps its proportions. */
static void test_one_column(void **unused) {
  (void)unused;
  static zps_emission table;
  static double p[ZPS_N_CELL];
  double favour[ZPS_N_A] = {0.0};
  table_build(ZPS_EMISSION_ETL, &table);
  favour[17] = 1.0;
  zps_emission_favour_columns(favour, &table);
  cell_probabilities(&table, p);
  for (int i = 0; i < ZPS_N_CELL; i++) {
    if (i / ZPS_N_B == 17) {
      assert_true(p[i] > 0.0 && table.cell[i][2] > 0.0);
    } else {
      assert_true(p[i] <= 0.0 && table.cell[i][2] <= 0.0);
    }
  }
}

/** The plan of masses of the quick job with a pilot. */
static void plan_build(const char *setting, zps_mass_range masses, int n_threads, zps_job *job, zps_plan *plan) {
  const char *const settings[] = {setting};
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read("grids/quick.yaml", settings, 1, job, &error) != ZPS_OK ||
      zps_plan_build(job, masses, n_threads, plan, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
}

#define N_MASS 2
static const zps_mass_range two = {1, 1 + N_MASS};

/* Law: the weights hang on job and mass alone: not on threads, instruction set, or which masses are planned together.
 */
static void test_same_weights_everywhere(void **unused) {
  (void)unused;
  static const char *const sets[] = {"base", "v2", "v3", "v4"};
  static zps_job job;
  static zps_job other;
  zps_plan plan;
  zps_plan again;
  plan_build("process.pilot.events=64", two, 1, &job, &plan);
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    zps_instruction_set set;
    zps_error error = {ZPS_OK, ""};
    if (zps_instruction_set_choose(sets[i], &set, &error) != ZPS_OK) {
      continue;
    }
    assert_int_equal(setenv("ZPS_ISA", sets[i], 1), 0);
    plan_build("process.pilot.events=64", two, 2, &other, &again);
    assert_memory_equal(again.column_weight, plan.column_weight, N_MASS * ZPS_N_A * sizeof *plan.column_weight);
    assert_memory_equal(again.emission, plan.emission, N_MASS * sizeof *plan.emission);
    assert_string_equal(again.table_hash, plan.table_hash);
    zps_plan_free(&again);
    zps_job_free(&other);
  }
  assert_int_equal(unsetenv("ZPS_ISA"), 0);
  plan_build("process.pilot.events=64", (zps_mass_range){2, 3}, 1, &other, &again);
  assert_memory_equal(again.column_weight, plan.column_weight + ZPS_N_A, ZPS_N_A * sizeof *plan.column_weight);
  zps_plan_free(&again);
  zps_job_free(&other);
  plan_build("process.pilot.events=65", two, 1, &other, &again);
  assert_string_not_equal(again.job_hash, plan.job_hash);
  assert_string_not_equal(again.table_hash, plan.table_hash);
  zps_plan_free(&again);
  zps_job_free(&other);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

static uint64_t *count(const zps_plan *plan, const char *engine_name, const char *isa) {
  const zps_engine_options options = {.n_threads = 2, .isa = isa};
  const zps_tile tiles[N_MASS] = {{.i_mass = 0, .first = 0, .n = 3000}, {.i_mass = 1, .first = 7, .n = 3000}};
  zps_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  uint64_t *const rows = (uint64_t *)calloc(N_MASS * zps_tally_size((uint32_t)plan->setup.n_triggers), sizeof *rows);
  assert_non_null(rows);
  if (zps_engine_create(engine_name, &plan->setup, &options, &engine, &error) != ZPS_OK ||
      zps_engine_run(engine, tiles, N_MASS, rows, NULL, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  zps_engine_destroy(engine);
  return rows;
}

/* Law: weighted events have the same bits on every engine and instruction set. */
static void test_same_counts_everywhere(void **unused) {
  (void)unused;
  static const char *const sets[] = {"base", "v2", "v3", "v4"};
  static zps_job job;
  zps_plan plan;
  plan_build("process.pilot.events=64", two, 1, &job, &plan);
  const size_t size = N_MASS * zps_tally_size((uint32_t)plan.setup.n_triggers) * sizeof(uint64_t);
  uint64_t *const want = count(&plan, "check", NULL);
  assert_true(want[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 0)] > 0);
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    zps_instruction_set set;
    zps_error error = {ZPS_OK, ""};
    if (zps_instruction_set_choose(sets[i], &set, &error) == ZPS_OK) {
      uint64_t *const got = count(&plan, "cpu", sets[i]);
      assert_memory_equal(got, want, size);
      free(got);
    }
  }
  free(want);
  zps_plan_free(&plan);
  zps_job_free(&job);
}

/* Law: the events of the pilot are none of the run's. */
static void test_room_for_the_pilot(void **unused) {
  (void)unused;
  static zps_job job;
  zps_plan plan;
  zps_error error = {ZPS_OK, ""};
  const char *const settings[] = {"process.pilot.events=16"};
  assert_true(ZPS_PILOT_FIRST_EVENT + ((uint64_t)ZPS_N_A * ZPS_MAX_PILOT_EVENTS) <= ZPS_MAX_EVENTS);
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, 1, &job, &error), ZPS_OK);
  job.events_per_mass = ZPS_PILOT_FIRST_EVENT + 1;
  assert_int_equal(zps_plan_build(&job, two, 1, &plan, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "events_per_mass = 17592185913345: must be <= 17592185913344 with process.pilot"));
  zps_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weights_make_the_variance_least),
      cmocka_unit_test(test_trigger_that_nobody_hits),
      cmocka_unit_test(test_favoured_table_keeps_sums),
      cmocka_unit_test(test_one_column),
      cmocka_unit_test(test_same_weights_everywhere),
      cmocka_unit_test(test_same_counts_everywhere),
      cmocka_unit_test(test_room_for_the_pilot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
