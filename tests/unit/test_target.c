/* The law: events come in powers of two, doubled while the error is above the target, judged on whole checkpoints
 * alone, and what lies beyond a checkpoint answers for it. */
#include <string.h>

#include "host/run/target.h"
#include "host/stats/interval.h"
#include "kernels/tally.h"
#include "tests/zps_test.h"

#define N_TRIGGER 2
#define N_MOST 20000

typedef struct mass {
  uint64_t row[2 * N_TRIGGER * ZPS_N_STAGE];
  zps_range_set done;
} mass;

/* n events of weight 1, one in `rarity` of them accepted. */
static void count(mass *m, uint64_t n, const uint64_t *rarity) {
  for (uint32_t t = 0; t < N_TRIGGER; t++) {
    m->row[zps_tally_stage(t, ZPS_STAGE_GENERATED, 0)] = n;
    m->row[zps_tally_stage(t, ZPS_STAGE_GENERATED, 1)] = n;
    m->row[zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 0)] = n / rarity[t];
  }
}

static uint64_t next_events(const zps_target *target, const mass *m) {
  return zps_target_events(target, m->row, N_TRIGGER, &m->done, N_MOST);
}

/* All numbers of events a mass goes through. */
static int follow(const zps_target *target, const uint64_t *rarity, uint64_t *steps) {
  mass m;
  int n = 0;
  memset(&m, 0, sizeof m);
  for (uint64_t wanted = next_events(target, &m); wanted > zps_range_set_total(&m.done);
       wanted = next_events(target, &m)) {
    const uint64_t here = zps_range_set_total(&m.done);
    assert_int_equal(zps_range_set_add(&m.done, here, wanted - here, NULL), ZPS_OK);
    count(&m, wanted, rarity);
    steps[n++] = wanted;
  }
  zps_range_set_free(&m.done);
  return n;
}

/* One in 5 of 4096: error sqrt(0.8/819) + ... = 3.2 %, of 8192: 2.2 %, of 16384: 1.6 %; one in 50: 16 % of 4096. */
static void test_doubles_until_every_trigger_is_there(void **state) {
  (void)state;
  static const uint64_t rarity[N_TRIGGER] = {5, 50};
  uint64_t steps[16];
  const zps_target none = {.error = 0.0};
  assert_int_equal(follow(&none, rarity, steps), 1);
  assert_int_equal(steps[0], N_MOST);
  const zps_target first = {.error = 0.02, .one_trigger = true, .i_trigger = 0};
  assert_int_equal(follow(&first, rarity, steps), 3);
  assert_int_equal(steps[2], 16384);
  const zps_target loose = {.error = 0.04, .one_trigger = true, .i_trigger = 0};
  assert_int_equal(follow(&loose, rarity, steps), 1);
  assert_int_equal(steps[0], 4096);
  const zps_target all = {.error = 0.04};
  assert_int_equal(follow(&all, rarity, steps), 4);
  assert_int_equal(steps[3], N_MOST);
}

/* An interrupted mass, holes and all, is first filled up to the checkpoint above what it has. */
static void test_fills_up_before_it_judges(void **state) {
  (void)state;
  static const uint64_t rarity[N_TRIGGER] = {2, 2};
  const zps_target target = {.error = 0.4};
  mass m;
  memset(&m, 0, sizeof m);
  count(&m, 8000, rarity);
  assert_int_equal(zps_range_set_add(&m.done, 0, 7000, NULL), ZPS_OK);
  assert_int_equal(zps_range_set_add(&m.done, 7500, 500, NULL), ZPS_OK);
  assert_int_equal(next_events(&target, &m), 8192);
  assert_int_equal(zps_range_set_add(&m.done, 7000, 500, NULL), ZPS_OK);
  assert_int_equal(zps_range_set_add(&m.done, 8000, 192, NULL), ZPS_OK);
  count(&m, 8192, rarity);
  assert_int_equal(next_events(&target, &m), 8192);
  count(&m, 8192, (const uint64_t[N_TRIGGER]){2, 9000}); /* nothing accepted */
  assert_int_equal(next_events(&target, &m), 16384);
  zps_range_set_free(&m.done);
}

static void test_the_worst_trigger_counts(void **state) {
  (void)state;
  mass m;
  memset(&m, 0, sizeof m);
  count(&m, 10000, (const uint64_t[N_TRIGGER]){2, 100});
  const zps_target all = {.error = 0.01};
  const zps_target first = {.error = 0.01, .one_trigger = true};
  const zps_counts rare = {.accepted = 100, .generated = 10000, .generated_k2 = 10000};
  const zps_counts half = {.accepted = 5000, .generated = 10000, .generated_k2 = 10000};
  zps_assert_near(zps_target_reached(&all, m.row, N_TRIGGER), zps_relative_error(&rare), 0.0);
  zps_assert_near(zps_target_reached(&first, m.row, N_TRIGGER), zps_relative_error(&half), 0.0);
}

/* With a pilot the accepted are judged by their own weights: here of 5, so that they are known as 100/5 would be. */
static void test_weights_of_a_pilot(void **state) {
  (void)state;
  static zps_job job;
  zps_target target;
  mass m;
  memset(&m, 0, sizeof m);
  count(&m, 10000, (const uint64_t[N_TRIGGER]){2, 100});
  m.row[zps_tally_stage(1, ZPS_STAGE_ACCEPTED, 1)] = 500;
  const zps_counts heavy = {.accepted = 100, .accepted_k2 = 500, .generated = 10000, .generated_k2 = 10000};
  job.n_triggers = N_TRIGGER;
  job.pilot.given = true;
  assert_int_equal(zps_target_init(&job, 0.01, NULL, &target, NULL), ZPS_OK);
  assert_true(target.piloted);
  zps_assert_near(zps_target_reached(&target, m.row, N_TRIGGER), zps_relative_error(&heavy), 0.0);
}

static void test_names(void **state) {
  (void)state;
  static zps_job job;
  zps_target target;
  zps_error error = {ZPS_OK, ""};
  (void)snprintf(job.file, sizeof job.file, "x.yaml");
  job.n_triggers = N_TRIGGER;
  (void)snprintf(job.triggers[0].name, sizeof job.triggers[0].name, "near");
  (void)snprintf(job.triggers[1].name, sizeof job.triggers[1].name, "far");
  assert_int_equal(zps_target_init(&job, 0.01, "far", &target, &error), ZPS_OK);
  assert_true(target.one_trigger);
  assert_int_equal(target.i_trigger, 1);
  assert_int_equal(zps_target_init(&job, 0.01, NULL, &target, &error), ZPS_OK);
  assert_false(target.one_trigger);
  assert_int_equal(zps_target_init(&job, 0.01, "afar", &target, &error), ZPS_USAGE);
  assert_string_equal(error.text, "--target-trigger afar: no trigger of x.yaml; its first is near");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_doubles_until_every_trigger_is_there),
      cmocka_unit_test(test_fills_up_before_it_judges),
      cmocka_unit_test(test_the_worst_trigger_counts),
      cmocka_unit_test(test_weights_of_a_pilot),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
