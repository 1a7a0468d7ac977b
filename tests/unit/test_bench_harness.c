/* The harness is held against work that takes no time but counts its calls, and against order statistics by hand. */
#include <time.h>

#include "bench/bench_harness.h"
#include "bench/bench_suite.h"
#include "tests/zps_test.h"

typedef struct counted {
  uint64_t n_calls, n_times;
  double cpu_s; /* per call */
} counted;

static double cpu_now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (1e-9 * (double)t.tv_nsec);
}

static bool count_calls(void *context, uint64_t n_calls) {
  counted *const c = (counted *)context;
  const double until = cpu_now() + ((double)n_calls * c->cpu_s);
  while (cpu_now() < until) {
  }
  c->n_calls += n_calls;
  c->n_times++;
  return true;
}

static void test_spread(void **state) {
  (void)state;
  double values[] = {5.0, 1.0, 4.0, 2.0, 3.0};
  const zps_spread s = zps_spread_of(values, 5);
  zps_assert_near(s.median, 3.0, 0.0);
  zps_assert_near(s.min, 1.0, 0.0);
  zps_assert_near(s.max, 5.0, 0.0);
  zps_assert_near(s.quartile_lo, 2.0, 0.0);
  zps_assert_near(s.quartile_hi, 4.0, 0.0);
  const zps_spread rate = zps_spread_rate(s, 60.0);
  zps_assert_near(rate.median, 20.0, 0.0);
  zps_assert_near(rate.min, 12.0, 0.0); /* the longest time */
  zps_assert_near(rate.max, 60.0, 0.0);
  zps_assert_near(rate.quartile_lo, 15.0, 0.0);
  const zps_spread scaled = zps_spread_scaled(s, 10.0);
  zps_assert_near(scaled.quartile_hi, 40.0, 0.0);
  assert_int_equal(scaled.n, 5);
}

/* Calls of 1 ms are doubled to 8 for a repetition of 6 ms: 1 + 2 + 4 + 8 to find out, then 4 times 8. CPU time: what
 * else runs does not count, but max_s is by the wall clock and must be out of reach. */
static void test_calibrates_and_repeats(void **state) {
  (void)state;
  const zps_bench_timing timing = {.n_repeats = 4, .min_s = 6e-3, .max_s = 1e3};
  counted c = {0, 0, 1e-3};
  const zps_spread s = zps_bench_time(timing, ZPS_BENCH_CPU, count_calls, &c);
  assert_int_equal(s.n, 4);
  assert_int_equal(c.n_times, 8);
  assert_int_equal(c.n_calls, 15 + (4 * 8));
  assert_true(s.min >= 1e-3);
}

/* No time left: three repetitions all the same; a given number of calls: one, and nothing before it. */
static void test_limits(void **state) {
  (void)state;
  const zps_bench_timing hurried = {.n_repeats = 50, .min_s = 1e-9, .max_s = 1e-9};
  counted c = {0, 0, 1e-4};
  assert_int_equal(zps_bench_time(hurried, ZPS_BENCH_CPU, count_calls, &c).n, 3);
  const zps_bench_timing counting = {.n_calls = 7};
  counted d = {0, 0, 0.0};
  assert_int_equal(zps_bench_time(counting, ZPS_BENCH_CPU, count_calls, &d).n, 1);
  assert_int_equal(d.n_calls, 7);
}

/* The second takes 3 ms, the first 1 ms of CPU time per call; a loop that asks the clock overshoots by microseconds. */
static void test_pair(void **state) {
  (void)state;
  const zps_bench_timing timing = {.n_repeats = 5, .min_s = 1e-6, .max_s = 1e3};
  counted a = {0, 0, 1e-3};
  counted b = {0, 0, 3e-3};
  const zps_bench_pair pair = zps_bench_time_pair(timing, ZPS_BENCH_CPU, count_calls, &a, &b);
  assert_int_equal(pair.extra.n, 5);
  zps_assert_relative(pair.first.min, 1e-3, 0.5);
  zps_assert_relative(pair.second.min, 3e-3, 0.5);
  zps_assert_relative(pair.extra.median, 2e-3, 0.5);
}

typedef struct shared {
  uint64_t *total; /* of all cores */
  uint64_t own;    /* of this copy */
} shared;

static bool count_shared(void *context, uint64_t n_calls) {
  shared *const s = (shared *)context;
  s->own += n_calls;
  (void)__atomic_fetch_add(s->total, s->own, __ATOMIC_RELAXED);
  return true;
}

/** Thread i begins at 1000 i of n 1000 calls. */
static void shared_part(void *context, int i, int n) {
  assert_in_range(i, 0, n - 1);
  ((shared *)context)->own = 1000 * (uint64_t)i;
}

/* Every thread works on a copy of its own: with a shared one the second thread would add the first one's calls again.
 */
static void test_threads(void **state) {
  (void)state;
  const zps_bench_timing counting = {.n_calls = 7};
  uint64_t total = 0;
  const shared context = {&total, 0};
  const uint64_t n = (uint64_t)zps_bench_threads();
  zps_spread seconds;
  assert_int_equal(zps_bench_time_threads(counting, count_shared, NULL, &context, sizeof context, &seconds, NULL),
                   ZPS_OK);
  assert_int_equal(total, 7 * n);
  assert_int_equal(context.own, 0);
  assert_int_equal(seconds.n, 1);
  total = 0;
  assert_int_equal(
      zps_bench_time_threads(counting, count_shared, shared_part, &context, sizeof context, &seconds, NULL), ZPS_OK);
  assert_int_equal(total, (7 * n) + (1000 * n * (n - 1) / 2));
}

/** Does what it is asked for until its third time, which fails, and takes no time from there on. */
static bool fail_third(void *context, uint64_t n_calls) {
  counted *const c = (counted *)context;
  return c->n_times < 2 ? count_calls(c, n_calls) : (c->n_times++, false);
}

/* The law: work that fails is not called again, wherever it fails; one that returns at once would never last min_s. */
static void test_failing_work(void **state) {
  (void)state;
  const zps_bench_timing calibrated = {.n_repeats = 9, .min_s = 1.0};
  const zps_bench_timing repeated = {.n_repeats = 9, .min_s = 1e-9, .max_s = 1e3};
  const zps_bench_timing *const timings[] = {&calibrated, &repeated};
  for (int i = 0; i < 2; i++) {
    counted c = {0, 0, 1e-6};
    assert_int_equal(zps_bench_time(*timings[i], ZPS_BENCH_CPU, fail_third, &c).n, 0);
    assert_int_equal(c.n_times, 3);
    counted a = {0, 0, 1e-6};
    counted b = {0, 0, 1e-6};
    assert_int_equal(zps_bench_time_pair(*timings[i], ZPS_BENCH_CPU, fail_third, &a, &b).extra.n, 0);
    assert_int_equal(a.n_times, 3);
    counted d = {0, 2, 0.0};
    zps_spread seconds = {.n = 1};
    assert_int_equal(zps_bench_time_threads(*timings[i], fail_third, NULL, &d, sizeof d, &seconds, NULL), ZPS_FAILURE);
    assert_int_equal(seconds.n, 0);
  }
}

/* Of 6 masses in 4 threads 32 tiles would do, but all masses have as many; one mass must do for many threads. */
static void test_event_tiles(void **state) {
  (void)state;
  assert_int_equal(zps_bench_event_tiles(60, 2), 60);
  assert_int_equal(zps_bench_event_tiles(6, 4), 36);
  assert_int_equal(zps_bench_event_tiles(1, 256), 2048);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spread),      cmocka_unit_test(test_calibrates_and_repeats),
      cmocka_unit_test(test_limits),      cmocka_unit_test(test_pair),
      cmocka_unit_test(test_threads),     cmocka_unit_test(test_failing_work),
      cmocka_unit_test(test_event_tiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
