/* Generated grids: shape, bits, distance from the analytic field, and what is refused. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/field/dipole.h"
#include "host/field/field_load.h"

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

static const float *node(const zps_field_map *m, int ix, int iy, int iz) {
  return m->b + (4 * (((((size_t)iz * (size_t)m->n_y) + (size_t)iy) * (size_t)m->n_x) + (size_t)ix));
}

static void test_shape_and_place(void **state) {
  (void)state;
  const zps_job_field field = default_field();
  zps_field_map_owned map;
  assert_int_equal(zps_field_generate(&field, 2800.0, 2004.0, &map, NULL), ZPS_OK);
  assert_int_equal(map.map.n_x, 7);
  assert_int_equal(map.map.n_y, 21);
  assert_int_equal(map.map.n_z, 201); /* 200.4 cells rounded */
  assert_true(map.map.x_min_mm == -300.0 && map.map.y_min_mm == -100.0 && map.map.z_min_mm == 2800.0);
  zps_assert_relative(map.map.step_z_mm, 10.02, 1e-15);
  for (int ix = 0; ix < 7; ix++) {
    const float *middle = node(&map.map, ix, 10, 100);
    assert_true(middle[0] == 0.0F && middle[2] == 0.0F && middle[3] == 0.0F);
    zps_assert_relative((double)middle[1], 1.4, 1e-4);
  }
  zps_field_map_destroy(&map);
  assert_null(map.b);
}

/* The bits of the map are a promise to every compiler and instruction set. The recorded value changes only together
 * with physics_version. */
static void test_recorded_hash(void **state) {
  (void)state;
  const zps_job_field field = default_field();
  zps_field_map_owned map;
  char hash[ZPS_FIELD_HASH_SIZE];
  assert_int_equal(zps_field_generate(&field, 2800.0, 2000.0, &map, NULL), ZPS_OK);
  zps_field_map_hash(&map.map, hash);
  assert_string_equal(hash, "819c3b4d2f655155d5f7287e7a435114");
  char other[ZPS_FIELD_HASH_SIZE];
  map.map.z_min_mm += 1.0;
  zps_field_map_hash(&map.map, other);
  assert_string_not_equal(hash, other);
  map.map.z_min_mm -= 1.0;
  map.b[4 * 1234 + 1] = nextafterf(map.b[4 * 1234 + 1], 9.0F);
  zps_field_map_hash(&map.map, other);
  assert_string_not_equal(hash, other);
  zps_field_map_destroy(&map);
}

/** Trilinear interpolation; a map that does not depend on x needs only y and z. */
static void interpolate(const zps_field_map *m, double y, double z, double b[2]) {
  const double u = (y - m->y_min_mm) / m->step_y_mm;
  const double v = (z - m->z_min_mm) / m->step_z_mm;
  const int iy = (int)fmin(floor(u), m->n_y - 2);
  const int iz = (int)fmin(floor(v), m->n_z - 2);
  const double fy = u - iy;
  const double fz = v - iz;
  for (int c = 0; c < 2; c++) {
    const double low = (1.0 - fz) * (double)node(m, 0, iy, iz)[c + 1] + fz * (double)node(m, 0, iy, iz + 1)[c + 1];
    const double high =
        (1.0 - fz) * (double)node(m, 0, iy + 1, iz)[c + 1] + fz * (double)node(m, 0, iy + 1, iz + 1)[c + 1];
    b[c] = (1.0 - fy) * low + fy * high;
  }
}

/* Law: linear interpolation along one axis with spacing h errs by at most h^2/8 max|f''|, so two axes by
 * (h_y^2 + h_z^2)/8 max|F''|. Off the axis |F''| <= 2 max|F| / r^2 on a circle of radius r (Cauchy); instead of that
 * loose bound F'' is taken from differences of the analytic field over the same region, with 10 % for its sampling, and
 * float32 adds 6e-8 * 2 T. For the default map and |y| <= 70 mm (r >= 35 mm) it is some 1e-2 T. */
static void test_map_against_analytic(void **state) {
  (void)state;
  const zps_job_field field = default_field();
  zps_field_map_owned map;
  zps_dipole dipole;
  assert_int_equal(zps_field_generate(&field, -1000.0, 2000.0, &map, NULL), ZPS_OK);
  assert_int_equal(zps_dipole_init(&field, &dipole, NULL), ZPS_OK);
  double curvature = 0.0;
  for (int i = -1000; i <= 1000; i += 2) {
    for (int j = -70; j <= 70; j += 2) {
      const zps_dipole_b a = zps_dipole_at(&dipole, j, i - 1.0);
      const zps_dipole_b b = zps_dipole_at(&dipole, j, i);
      const zps_dipole_b c = zps_dipole_at(&dipole, j, i + 1.0);
      curvature = fmax(curvature, hypot(a.y_t - 2.0 * b.y_t + c.y_t, a.z_t - 2.0 * b.z_t + c.z_t));
    }
  }
  const double bound = 1.1 * 200.0 / 8.0 * curvature + 1.2e-7;
  double largest = 0.0;
  srand(7);
  for (int i = 0; i < 20000; i++) {
    const double y = 70.0 * (2.0 * rand() / RAND_MAX - 1.0);
    const double z = 1000.0 * (2.0 * rand() / RAND_MAX - 1.0);
    double b[2];
    interpolate(&map.map, y, z, b);
    const zps_dipole_b exact = zps_dipole_at(&dipole, y, z);
    largest = fmax(largest, fmax(fabs(b[0] - exact.y_t), fabs(b[1] - exact.z_t)));
  }
  print_message("map - analytic: at most %.2e T for |y| < 70 mm, bound %.2e T\n", largest, bound);
  assert_true(largest < bound);
  assert_true(largest > 0.1 * bound); /* the bound is of the right size, so it can fail */
  zps_field_map_destroy(&map);
}

/* The trapezoid rule over the nodes errs by exp(-2 pi 105 mm/h) for h = 10 mm: nothing. What the map loses is the tail
 * outside +-1000 mm, 9.8e-8 of the integral, and float32: 6e-8 per node at random. */
static void test_integral_of_map(void **state) {
  (void)state;
  const zps_job_field field = default_field();
  zps_field_map_owned map;
  assert_int_equal(zps_field_generate(&field, 100.0, 2000.0, &map, NULL), ZPS_OK);
  zps_assert_relative(zps_field_map_integral_tm(&map.map), 1.4, 2e-7);
  map.map.y_min_mm = 1.0;
  assert_true(isnan(zps_field_map_integral_tm(&map.map)));
  zps_field_map_destroy(&map);
}

/* A uniform field: integral = B * length, to float32. One cell is enough when the spacing is larger than the extent. */
static void test_uniform(void **state) {
  (void)state;
  zps_job_field field = default_field();
  field.uniform = true;
  field.grid_mm[0] = field.grid_mm[1] = field.grid_mm[2] = 1e4;
  zps_field_map_owned map;
  assert_int_equal(zps_field_generate(&field, 0.0, 700.0, &map, NULL), ZPS_OK);
  assert_int_equal(map.map.n_x * map.map.n_y * map.map.n_z, 8);
  for (int i = 0; i < 8; i++) {
    assert_true(map.b[4 * i + 1] == 2.0F && map.b[4 * i] == 0.0F && map.b[4 * i + 2] == 0.0F);
  }
  zps_assert_relative(zps_field_map_integral_tm(&map.map), 1.4, 1e-7);
  zps_field_map_destroy(&map);
}

static void assert_refused(const zps_job_field *field, double start, double length, const char *part) {
  zps_field_map_owned map;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_field_load(field, start, length, &map, &error), ZPS_INVALID);
  assert_null(map.b);
  if (strstr(error.text, part) == NULL) {
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
  }
}

/* Law: a map keeps all but ZPS_DIPOLE_MAX_CUT of its integral, and the length that the refusal names is the shortest
 * that does: one millimetre takes 2 x 0.5 mm x B(end) < 1e-3 x 0.01 from it there. The sum over the nodes of a map is
 * the trapezoid rule, which at h = 10 mm errs by h^2/12 |f'(end)| = 8 mm^2 x 5e-5/mm per end, below 1e-6 of 1000 mm. */
static void test_short_dipoles_are_refused(void **state) {
  (void)state;
  const zps_job_field field = default_field();
  zps_field_map_owned map;
  assert_refused(&field, 0.0, 1600.0, "dipole length_mm = 1600: cuts its fringes, and with them 0.42 %");
  assert_refused(&field, 0.0, 1711.0, "expected >= 1712");
  assert_int_equal(zps_field_generate(&field, 0.0, 1712.0, &map, NULL), ZPS_OK);
  zps_assert_near(zps_field_map_integral_tm(&map.map) / 1.4, 1.0 - ZPS_DIPOLE_MAX_CUT, 1.2e-5);
  zps_field_map_destroy(&map);
}

/** Law: the trapezoids between the nodes have the integral asked for, or the grid is refused. */
static void test_coarse_grids_are_refused(void **state) {
  (void)state;
  zps_job_field field = default_field();
  field.grid_mm[2] = 150.0;
  assert_refused(&field, 0.0, 2200.0,
                 "along the axis its map has an integral of 1.4081 T m: expected integral_tm = 1.4");
  field = default_field();
  field.grid_mm[1] = 200.0; /* nodes on the poles alone */
  assert_refused(&field, 0.0, 2200.0, "take a finer grid");
}

static void test_bad_grids_are_refused(void **state) {
  (void)state;
  const double bad[] = {0.0, -1.0, (double)NAN, (double)INFINITY};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    zps_job_field field = default_field();
    field.width_mm = bad[i];
    assert_refused(&field, 0.0, 2000.0, "width_mm");
    field = default_field();
    field.grid_mm[1] = bad[i];
    assert_refused(&field, 0.0, 2000.0, "grid_mm[1]");
    field = default_field();
    assert_refused(&field, 0.0, bad[i], "length_mm");
  }
  zps_job_field field = default_field();
  assert_refused(&field, (double)NAN, 2000.0, "start_mm");
  field.grid_mm[0] = field.grid_mm[1] = field.grid_mm[2] = 0.1;
  assert_refused(&field, 0.0, 2000.0, "bytes");
  field.grid_mm[0] = 1e-300;
  assert_refused(&field, 0.0, 2000.0, "bytes");
  field = default_field();
  field.integral_tm = 1e300;
  assert_refused(&field, 0.0, 2000.0, "1e6 T");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shape_and_place),
      cmocka_unit_test(test_recorded_hash),
      cmocka_unit_test(test_map_against_analytic),
      cmocka_unit_test(test_integral_of_map),
      cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_short_dipoles_are_refused),
      cmocka_unit_test(test_coarse_grids_are_refused),
      cmocka_unit_test(test_bad_grids_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
