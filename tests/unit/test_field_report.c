/* What `field check` tells: numbers known beforehand from simple fields. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/field/dipole.h"
#include "host/field/field_load.h"
#include "host/field/field_report.h"
#include "host/field/quadrupole.h"

static zps_job_field default_field(void) {
  const zps_job_field field = {.generated = true,
                               .integral_tm = 1.4,
                               .effective_length_mm = 1000.0,
                               .gap_mm = 200.0,
                               .enge = {0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111},
                               .width_mm = 600.0,
                               .grid_mm = {100.0, 10.0, 10.0}};
  return field;
}

/* A quadrupole of 5 T/m: B = 5 sqrt(0.3^2 + 0.1^2) T in the corner; div and curl vanish to the rounding of floats,
 * 6e-8 * 1.5 T over the spacing of 0.01 m in four terms: below 4e-5 T/m. */
static void test_quadrupole(void **state) {
  (void)state;
  const zps_job_field field = default_field();
  zps_map_content content = {.format = ZPS_MAP_NATIVE};
  zps_field_report report;
  assert_int_equal(zps_quadrupole_generate(&field, 5.0, 400.0, &content.grid, NULL), ZPS_OK);
  zps_field_report_make(&content, &report);
  zps_assert_relative(report.b_max_t, 5.0 * sqrt(0.1), 1e-6);
  zps_assert_near(report.integral_by_tm, 0.0, 1e-12);
  assert_true(report.div_max_t_m < 4e-5 && report.curl_max_t_m < 4e-5);
  assert_true(report.shape[0] == 7 && report.shape[1] == 21 && report.shape[2] == 41);
  assert_true(report.min_mm[2] == -200.0 && report.max_mm[2] == 200.0 && report.step_mm[2] == 10.0);
  zps_map_content_free(&content);
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_quadrupole_generate(&field, (double)NAN, 400.0, &content.grid, &error), ZPS_INVALID);
  assert_null(content.grid.b);
}

/* B = (2x, 3y, 5z) T/m has div B = 10 T/m; B = (-4y, 7x, 0) has curl B = 11 T/m along z. Both are linear, so the cell
 * differences are exact but for floats: 6e-8 * 1 T over 0.1 m. */
static void test_divergence_and_curl(void **state) {
  (void)state;
  zps_map_content content = {.format = ZPS_MAP_NATIVE};
  zps_field_report report;
  assert_int_equal(zps_field_map_create(3.0, 4.0, 5.0, &content.grid, NULL), ZPS_OK);
  content.grid.map.step_x_mm = 100.0;
  content.grid.map.step_y_mm = 50.0;
  content.grid.map.step_z_mm = 20.0;
  for (int kind = 0; kind < 2; kind++) {
    float *b = content.grid.b;
    for (int i = 0; i < 60; i++, b += 4) {
      const double x = 0.1 * (i % 3);
      const double y = 0.05 * ((i / 3) % 4);
      const double z = 0.02 * (i / 12);
      b[0] = (float)(kind == 0 ? 2.0 * x : -4.0 * y);
      b[1] = (float)(kind == 0 ? 3.0 * y : 7.0 * x);
      b[2] = (float)(kind == 0 ? 5.0 * z : 0.0);
    }
    zps_field_report_make(&content, &report);
    zps_assert_near(report.div_max_t_m, kind == 0 ? 10.0 : 0.0, 1e-4);
    zps_assert_near(report.div_rms_t_m, kind == 0 ? 10.0 : 0.0, 1e-4);
    zps_assert_near(report.curl_max_t_m, kind == 0 ? 0.0 : 11.0, 1e-4);
    zps_assert_near(report.curl_rms_t_m, kind == 0 ? 0.0 : 11.0, 1e-4);
  }
  zps_map_content_free(&content);
}

/* Law: for an exact field the cell differences err by h^2, so the residuals of the dipole fall to a quarter when the
 * spacing is halved (where the field is smooth: |y| <= 40 mm). */
static void test_residuals_fall_with_the_spacing(void **state) {
  (void)state;
  double div[2];
  double curl[2];
  for (int i = 0; i < 2; i++) {
    zps_job_field field = default_field();
    zps_dipole dipole;
    zps_map_content content = {.format = ZPS_MAP_NATIVE};
    zps_field_report report;
    const int fine = i + 1;
    assert_int_equal(zps_dipole_init(&field, &dipole, NULL), ZPS_OK);
    assert_int_equal(zps_field_map_create(2.0, 8.0 * fine + 1.0, 160.0 * fine + 1.0, &content.grid, NULL), ZPS_OK);
    content.grid.map.step_x_mm = 100.0;
    content.grid.map.step_y_mm = content.grid.map.step_z_mm = 10.0 / fine;
    float *b = content.grid.b;
    for (int iz = 0; iz <= 160 * fine; iz++) {
      for (int iy = 0; iy <= 8 * fine; iy++) {
        const zps_dipole_b at = zps_dipole_at(&dipole, 10.0 * iy / fine - 40.0, 10.0 * iz / fine - 800.0);
        for (int ix = 0; ix < 2; ix++, b += 4) {
          b[1] = (float)at.y_t;
          b[2] = (float)at.z_t;
        }
      }
    }
    zps_field_report_make(&content, &report);
    div[i] = report.div_rms_t_m;
    curl[i] = report.curl_rms_t_m;
    zps_map_content_free(&content);
  }
  print_message("div %.3g -> %.3g, curl %.3g -> %.3g T/m when the spacing is halved\n", div[0], div[1], curl[0],
                curl[1]);
  zps_assert_relative(div[0] / div[1], 4.0, 0.1);
  zps_assert_relative(curl[0] / curl[1], 4.0, 0.1);
}

/* A map whose field does not change along z has no integral; an axis left out counts as one node. */
static void test_free_axes(void **state) {
  (void)state;
  zps_map_content content = {.free_axis = {false, false, true}};
  zps_field_report report;
  assert_int_equal(zps_field_map_create(2.0, 2.0, 2.0, &content.grid, NULL), ZPS_OK);
  content.grid.map.x_min_mm = content.grid.map.y_min_mm = content.grid.map.z_min_mm = -1.0;
  content.grid.map.step_x_mm = content.grid.map.step_y_mm = content.grid.map.step_z_mm = 2.0;
  zps_field_report_make(&content, &report);
  assert_true(isnan(report.integral_by_tm) && report.shape[2] == 1 && report.shape[0] == 2);
  content.free_axis[2] = false;
  zps_field_report_make(&content, &report);
  assert_true(report.integral_by_tm == 0.0);
  zps_map_content_free(&content);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_quadrupole),
      cmocka_unit_test(test_divergence_and_curl),
      cmocka_unit_test(test_residuals_fall_with_the_spacing),
      cmocka_unit_test(test_free_axes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
