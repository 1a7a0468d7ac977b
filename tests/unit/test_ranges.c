/* Range sets against the plainest model there is: one bool per event. */
#include <stdbool.h>
#include <string.h>

#include "host/run/ranges.h"
#include "tests/zps_test.h"

#define N_EVENTS 400
#define N_ROUNDS 200
#define N_STEPS 60

static uint64_t random_below(uint64_t *state, uint64_t limit) {
  *state = (*state * 6364136223846793005u) + 1442695040888963407u;
  return (*state >> 33) % limit;
}

static void assert_equals_model(const zps_range_set *set, const bool *model) {
  bool seen[N_EVENTS] = {false};
  uint64_t total = 0;
  uint64_t end = 0;
  for (size_t i = 0; i < set->n; i++) {
    const zps_range range = set->ranges[i];
    assert_true(range.n > 0);
    /* Ascending, disjoint and never adjacent. */
    assert_true(i == 0 || range.first > end);
    end = range.first + range.n;
    for (uint64_t event = range.first; event < end; event++) {
      seen[event] = true;
    }
  }
  for (size_t i = 0; i < N_EVENTS; i++) {
    total += model[i] ? 1 : 0;
  }
  assert_memory_equal(seen, model, sizeof seen);
  assert_int_equal(zps_range_set_total(set), total);
  assert_int_equal(zps_range_set_end(set), end);
}

static bool model_overlaps(const bool *model, uint64_t first, uint64_t n) {
  return n > 0 && memchr(model + first, true, n) != NULL;
}

static void assert_same_missing(const zps_range_set *set, const bool *model, uint64_t from, uint64_t end,
                                uint64_t n_max) {
  zps_range missing = {.first = 0, .n = 0};
  uint64_t first = from;
  while (first < end && model[first]) {
    first++;
  }
  uint64_t n = 0;
  while (first + n < end && n < n_max && !model[first + n]) {
    n++;
  }
  assert_int_equal(zps_range_set_next_missing(set, from, end, n_max, &missing), n > 0);
  if (n > 0) {
    assert_int_equal(missing.first, first);
    assert_int_equal(missing.n, n);
  }
}

static void step(zps_range_set *set, bool *model, uint64_t *state) {
  const uint64_t first = random_below(state, N_EVENTS);
  const uint64_t limit = N_EVENTS - first < 30 ? N_EVENTS - first : 30;
  const uint64_t n = random_below(state, limit + 1);
  const bool overlaps = model_overlaps(model, first, n);
  assert_int_equal(zps_range_set_overlaps(set, first, n), overlaps);
  if (random_below(state, 3) > 0) {
    assert_int_equal(zps_range_set_add(set, first, n, NULL), overlaps ? ZPS_INVALID : ZPS_OK);
    if (!overlaps) {
      memset(model + first, true, n);
    }
  } else {
    assert_int_equal(zps_range_set_subtract(set, first, n, NULL), ZPS_OK);
    memset(model + first, false, n);
  }
  assert_equals_model(set, model);
  const uint64_t from = random_below(state, N_EVENTS);
  assert_same_missing(set, model, from, random_below(state, N_EVENTS + 1), 1 + random_below(state, 40));
}

static void test_random_ranges_follow_the_model(void **unused) {
  (void)unused;
  uint64_t state = 1;
  for (int i = 0; i < N_ROUNDS; i++) {
    zps_range_set set = {.ranges = NULL, .n = 0, .capacity = 0};
    bool model[N_EVENTS] = {false};
    for (int j = 0; j < N_STEPS; j++) {
      step(&set, model, &state);
    }
    zps_range_set_free(&set);
    assert_int_equal(set.n, 0);
  }
}

static void test_tiles_of_any_size_cover_what_is_missing(void **unused) {
  (void)unused;
  for (uint64_t tile = 1; tile <= N_EVENTS; tile += 37) {
    zps_range_set set = {.ranges = NULL, .n = 0, .capacity = 0};
    zps_range range;
    uint64_t n_given = 0;
    assert_int_equal(zps_range_set_add(&set, 100, 50, NULL), ZPS_OK);
    assert_int_equal(zps_range_set_add(&set, 399, 1, NULL), ZPS_OK);
    while (zps_range_set_next_missing(&set, 0, N_EVENTS, tile, &range)) {
      assert_int_equal(zps_range_set_add(&set, range.first, range.n, NULL), ZPS_OK);
      n_given += range.n;
    }
    assert_int_equal(n_given, N_EVENTS - 51);
    assert_int_equal(set.n, 1);
    assert_int_equal(zps_range_set_total(&set), N_EVENTS);
    zps_range_set_free(&set);
  }
}

static void test_counting_twice_is_an_error(void **unused) {
  (void)unused;
  zps_range_set set = {.ranges = NULL, .n = 0, .capacity = 0};
  zps_error error = {.status = ZPS_OK};
  assert_int_equal(zps_range_set_add(&set, 10, 10, &error), ZPS_OK);
  assert_int_equal(zps_range_set_add(&set, 19, 5, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "already counted"));
  assert_int_equal(zps_range_set_total(&set), 10);
  zps_range_set_free(&set);
}

static void test_ranges_end_at_the_event_limit(void **unused) {
  (void)unused;
  zps_range_set set = {.ranges = NULL, .n = 0, .capacity = 0};
  assert_int_equal(zps_range_set_add(&set, ZPS_EVENT_LIMIT - 1, 1, NULL), ZPS_OK);
  assert_int_equal(zps_range_set_add(&set, ZPS_EVENT_LIMIT, 1, NULL), ZPS_INVALID);
  assert_int_equal(zps_range_set_add(&set, 1, UINT64_MAX, NULL), ZPS_INVALID);
  assert_int_equal(zps_range_set_add(&set, UINT64_MAX, 1, NULL), ZPS_INVALID);
  assert_int_equal(zps_range_set_subtract(&set, 5, UINT64_MAX, NULL), ZPS_OK);
  assert_int_equal(set.n, 0);
  zps_range_set_free(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_ranges_follow_the_model),
      cmocka_unit_test(test_tiles_of_any_size_cover_what_is_missing),
      cmocka_unit_test(test_counting_twice_is_an_error),
      cmocka_unit_test(test_ranges_end_at_the_event_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
