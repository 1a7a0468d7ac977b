/* Overlays: labels in any order make curves in the order of the file; every fault names file and line. */
#include "tests/zps_test.h"

#include <math.h>
#include <string.h>

#include "host/plot/overlay.h"
#include "tests/unit/scratch_folder.h"

static zps_status read_text(const char *text, zps_overlay *overlay, zps_error *error) {
  FILE *const out = fopen(scratch_path("o.csv"), "we");
  assert_non_null(out);
  assert_true(fputs(text, out) >= 0);
  assert_int_equal(fclose(out), 0);
  *error = (zps_error){ZPS_OK, ""};
  return zps_overlay_read(scratch_path("o.csv"), overlay, error);
}

static void test_curves(void **state) {
  zps_overlay overlay;
  zps_error error;
  (void)state;
  assert_int_equal(read_text("mass_gev,limit,label\r\n 0.1 , 1e-3 ,A\n\n# c\n0.2,2e-3,\"B, quoted\"\n0.3,3e-3, A \r\n",
                             &overlay, &error),
                   ZPS_OK);
  assert_int_equal(overlay.n_curve, 2);
  assert_string_equal(overlay.labels[0], "A");
  assert_string_equal(overlay.labels[1], "B, quoted");
  assert_int_equal(overlay.n_point, 3);
  assert_int_equal(overlay.points[2].i_curve, 0);
  zps_assert_relative(overlay.points[2].mass_gev, 0.3, 1e-15);
  zps_assert_relative(overlay.points[1].limit, 2e-3, 1e-15);
  zps_overlay_free(&overlay);
}

/** Law: between its points a curve is a power of the mass: from 1e-3 at 0.01 GeV to 1e-1 at 100 GeV, the root. */
static void test_range(void **state) {
  zps_overlay overlay;
  zps_error error;
  double limits[2] = {0.0, 0.0};
  (void)state;
  assert_int_equal(read_text("0.01,1e-3,A\n7,5,B\n100,1e-1,A\n", &overlay, &error), ZPS_OK);
  assert_true(zps_overlay_range(&overlay, 0, 1.0, 10.0, limits)); /* no point lies there */
  zps_assert_relative(limits[0], 1e-2, 1e-14);
  zps_assert_relative(limits[1], 1e-2 * sqrt(10.0), 1e-14);
  assert_true(zps_overlay_range(&overlay, 0, 1.0, 1e3, limits));
  zps_assert_relative(limits[1], 1e-1, 1e-15);
  assert_true(zps_overlay_range(&overlay, 1, 7.0, 7.0, limits));
  zps_assert_relative(limits[0], 5.0, 1e-15);
  assert_false(zps_overlay_range(&overlay, 0, 1e-5, 1e-3, limits));
  assert_false(zps_overlay_range(&overlay, 1, 8.0, 9.0, limits));
  zps_overlay_free(&overlay);
}

static void test_refuses(void **state) {
  static const struct {
    const char *text, *words;
  } cases[] = {
      {"", "no points"},
      {"mass,limit,label\n", "no points"},
      {"m_chi_gev,y,label\n", "no points"},
      {"1,2\n", "o.csv:1: expected mass,limit,label"},
      {"1,2,a\nmass,limit,label\n", "o.csv:2: mass and limit"},
      {"0,2,a\n", "numbers > 0"},
      {"1,-2,a\n", "numbers > 0"},
      {"1,inf,a\n", "numbers > 0"},
      {"1,1e999,a\n", "numbers > 0"},
      {"1,2, \n", "1 to 63 bytes"},
      {"1,2,0123456789012345678901234567890123456789012345678901234567890123\n", "1 to 63 bytes"},
  };
  zps_overlay overlay;
  zps_error error;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(read_text(cases[i].text, &overlay, &error), ZPS_INVALID);
    assert_non_null(strstr(error.text, cases[i].words));
    assert_null(overlay.points);
  }
}

static void test_many(void **state) {
  char text[40 * 16];
  size_t n = 0;
  zps_overlay overlay;
  zps_error error;
  (void)state;
  for (int i = 0; i < 33; i++) {
    n += (size_t)snprintf(text + n, sizeof text - n, "1,2,c%d\n", i);
    assert_int_equal(read_text(text, &overlay, &error), i < ZPS_MAX_OVERLAYS ? ZPS_OK : ZPS_INVALID);
    zps_overlay_free(&overlay);
  }
  assert_non_null(strstr(error.text, "o.csv:33: more than 32 labels"));
  error = (zps_error){ZPS_OK, ""};
  assert_int_equal(zps_overlay_read(scratch_path("none.csv"), &overlay, &error), ZPS_IO);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_curves), cmocka_unit_test(test_range),
                                     cmocka_unit_test(test_refuses), cmocka_unit_test(test_many)};
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
