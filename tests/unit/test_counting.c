/* What an experiment may be. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/stats/counting.h"

static zps_counting two(void) {
  zps_counting counting = zps_counting_single(0.0, 0.07, 0.03, 0.08);
  counting.n_channel = 2;
  counting.channels[1] = (zps_channel){.observed = 2.0, .background = 0.5, .share = 0.25};
  counting.channels[0].share = 0.75;
  return counting;
}

static void test_single(void **state) {
  const zps_counting counting = zps_counting_single(3.0, 0.07, 0.03, 0.08);
  (void)state;
  assert_int_equal(zps_counting_check(&counting, NULL), ZPS_OK);
  zps_assert_relative(counting.channels[0].background_error, 3.0 / 7.0, 1e-15);
  zps_assert_near(zps_counting_observed(&counting), 3.0, 0.0);
  zps_assert_near(zps_counting_background(&counting), 0.07, 0.0);
}

static void test_sums_leave_out_channels_without_a_share(void **state) {
  zps_counting counting = two();
  (void)state;
  zps_assert_near(zps_counting_observed(&counting), 2.0, 0.0);
  zps_assert_relative(zps_counting_background(&counting), 0.57, 1e-15);
  counting.channels[0].share = 1.0;
  counting.channels[1].share = 0.0;
  zps_assert_near(zps_counting_observed(&counting), 0.0, 0.0);
  zps_assert_near(zps_counting_background(&counting), 0.07, 0.0);
  assert_int_equal(zps_counting_check(&counting, NULL), ZPS_OK);
}

static void refused(zps_counting counting, const char *words) {
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_counting_check(&counting, &error), ZPS_INVALID);
  if (strstr(error.text, words) == NULL) {
    fail_msg("got: %s\nwant: %s", error.text, words);
  }
}

static void test_refuses(void **state) {
  zps_counting c = two();
  (void)state;
  assert_int_equal(zps_counting_check(&c, NULL), ZPS_OK);
  c.channels[1].observed = 0.5;
  refused(c, "observed events = 0.5: expected a whole number");
  c.channels[1].observed = -1.0;
  refused(c, "observed events = -1: must be >= 0");
  c = two();
  c.channels[1].background = (double)NAN;
  refused(c, "background = nan: must be");
  c = two();
  c.channels[1].background = 1e10;
  refused(c, "background = 1e+10: must be >= 0 and <= 1000000000");
  c = two();
  c.channels[0].background = 0.0;
  refused(c, "error of the background: must be 0 for a background of 0");
  c = two();
  c.channels[0].background_error = 3.1;
  refused(c, "relative error of the background = 3.1");
  c = two();
  c.signal_error = -0.1;
  refused(c, "relative error of the signal = -0.1");
  c = two();
  c.channels[0].share = 0.7;
  refused(c, "shares of the signal add up to 0.95: must be 1");
  c.n_channel = 0;
  refused(c, "0 channels");
  c.n_channel = ZPS_MAX_CHANNELS + 1;
  refused(c, "channels: must be 1 to");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_single),
                                     cmocka_unit_test(test_sums_leave_out_channels_without_a_share),
                                     cmocka_unit_test(test_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
