/* Exact limits against toy experiments: at the limit, the share of experiments with a signal that look at most as
 * signal-like as the data, over the same share without, is 1 - cl within the error of counting toys. */
#include "tests/zps_test.h"

#include "host/stats/cls.h"
#include "host/stats/cls_exact.h"
#include "kernels/rng.h"

#define N_TOYS 100000
#define N_SIGMA 5.0

/** Poisson number by inversion of u. */
static unsigned poisson(double mean, double u) {
  double p = exp(-mean);
  unsigned k = 0;
  while (u > p && k < 1000) {
    u -= p;
    k++;
    p *= mean / (double)k;
  }
  return k;
}

/** T of one toy. Purposes of the stream: 0 the shared nuisances, 1 + c those of channel c and its count. */
static size_t throw_toy(const zps_exact *exact, double n_signal, uint64_t i_toy) {
  const zps_stream stream = zps_stream_init(7, n_signal > 0.0 ? 1 : 0, i_toy);
  const zps_pair shared = zps_draw_normal(stream, 0, 0);
  size_t t = 0;
  for (uint32_t c = 0; c < exact->n_channel; c++) {
    const zps_channel *const channel = &exact->channels[c];
    const zps_pair own = zps_draw_normal(stream, 1 + c, 0);
    const double beta = exact->backgrounds_together ? shared.b : own.b;
    const double s =
        n_signal * channel->share * exp((exact->signal_error * shared.a) + (channel->signal_error * own.a));
    const double b = channel->background * exp(channel->background_error * beta);
    t += exact->weights[c] * (size_t)poisson(s + b, zps_draw_uniform(stream, 1 + c, 1).a);
  }
  return t;
}

static double share_at_most(const zps_exact *exact, double n_signal) {
  unsigned n = 0;
  for (uint64_t i = 0; i < N_TOYS; i++) {
    n += throw_toy(exact, n_signal, i) <= exact->t_observed ? 1 : 0;
  }
  return (double)n / N_TOYS;
}

/** Relative error of a share. */
static double error_of(double p) {
  return sqrt((1.0 - p) / (p * N_TOYS));
}

static void compare(const zps_counting *counting) {
  zps_upper_limit limit;
  zps_exact exact;
  zps_error error = {ZPS_OK, ""};
  if (zps_upper_limit_find(counting, ZPS_LIMIT_EXACT, 0.9, &limit, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(zps_exact_make(counting, &exact, NULL), ZPS_OK);
  const double both = share_at_most(&exact, limit.n_up);
  const double background = share_at_most(&exact, 0.0);
  if (both * N_TOYS > 50.0) {
    const double tolerance = N_SIGMA * hypot(error_of(both), error_of(background));
    zps_assert_relative(both / background, 0.1, tolerance);
  }
  zps_exact_free(&exact);
}

static void test_single(void **state) {
  static const double errors[][2] = {{0.0, 0.0}, {0.43, 0.08}, {1.0, 0.4}};
  (void)state;
  for (unsigned n = 0; n <= 5; n++) {
    for (double b = 0.01; b < 11.0; b *= sqrt(1000.0)) {
      for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const zps_counting counting = zps_counting_single((double)n, b, b * errors[i][0], errors[i][1]);
        compare(&counting);
      }
    }
  }
}

static void test_channels(void **state) {
  zps_counting counting = {.n_channel = 3, .signal_error = 0.08};
  (void)state;
  counting.channels[0] = (zps_channel){.observed = 1, .background = 0.5, .background_error = 0.4, .share = 0.5};
  counting.channels[1] =
      (zps_channel){.observed = 2, .background = 2.0, .background_error = 0.3, .share = 0.3, .signal_error = 0.2};
  counting.channels[2] =
      (zps_channel){.observed = 0, .background = 0.01, .background_error = 1.0, .share = 0.2, .signal_error = 0.1};
  for (int together = 0; together < 2; together++) {
    counting.backgrounds_together = together == 1;
    compare(&counting);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_single), cmocka_unit_test(test_channels)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
