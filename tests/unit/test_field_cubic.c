/* Tricubic interpolation: exact on nodes and for fields quadratic along each axis, smooth, and never outside the map.
 */
#include "tests/zps_test.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/field_cubic.h"

#define N_X 5
#define N_Y 4
#define N_Z 6
#define PLANE_FLOATS (4 * N_X * N_Y)

typedef zps_field_vector field_of(double x, double y, double z);

/* One plane more than the map has, filled with NaN: whatever reads past the last plane shows. */
typedef struct sample_map {
  float b[(N_Z + 1) * PLANE_FLOATS];
  zps_field_map map;
} sample_map;

/** Quadratic along each axis, of small binary fractions: exact in f32 at the nodes. */
static zps_field_vector quadratic_field(double x, double y, double z) {
  const zps_field_vector b = {
      1.0 + (x / 64.0) - ((y * y) / 32.0) + ((z * z) / 4096.0),
      -2.0 + ((x * x) / 512.0) + ((x * z) / 4096.0) + ((y * z) / 1024.0),
      0.5 - ((x * y * y) / 1024.0) + ((x * y * z) / 32768.0),
  };
  return b;
}

static double node_x(int i) {
  return -16.0 + (8.0 * i);
}

static double node_y(int i) {
  return -8.0 + (4.0 * i);
}

static double node_z(int i) {
  return 32.0 + (16.0 * i);
}

static void fill_sample(sample_map *s, field_of *field) {
  for (int i = 0; i < (N_Z + 1) * PLANE_FLOATS; i++) {
    s->b[i] = NAN;
  }
  for (int i = 0; i < N_X * N_Y * N_Z; i++) {
    const zps_field_vector b = field(node_x(i % N_X), node_y((i / N_X) % N_Y), node_z(i / (N_X * N_Y)));
    s->b[(4 * i) + 0] = (float)b.x;
    s->b[(4 * i) + 1] = (float)b.y;
    s->b[(4 * i) + 2] = (float)b.z;
    s->b[(4 * i) + 3] = 0.0F;
  }
  const zps_field_map map = {N_X, N_Y, N_Z, node_x(0), node_y(0), node_z(0), 8.0, 4.0, 16.0, s->b};
  s->map = map;
}

static zps_field_vector lookup(const zps_field_map *map, double x, double y, double z) {
  const zps_field_plane plane = zps_field_plane_at(map, z);
  return zps_field_lookup(map, plane, ZPS_LOOKUP_CUBIC | plane.between, x, y);
}

static void assert_vector(zps_field_vector got, zps_field_vector want, double tolerance) {
  zps_assert_near(got.x, want.x, tolerance);
  zps_assert_near(got.y, want.y, tolerance);
  zps_assert_near(got.z, want.z, tolerance);
}

static void assert_equal(zps_field_vector a, zps_field_vector b) {
  assert_true(a.x == b.x && a.y == b.y && a.z == b.z);
}

static void test_nodes(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s, quadratic_field);
  for (int iz = 0; iz < N_Z; iz++) {
    for (int iy = 0; iy < N_Y; iy++) {
      for (int ix = 0; ix < N_X; ix++) {
        const zps_field_vector got = lookup(&s.map, node_x(ix), node_y(iy), node_z(iz));
        assert_equal(got, quadratic_field(node_x(ix), node_y(iy), node_z(iz)));
      }
    }
  }
}

/* Law: exact for a field quadratic along each axis, in the cells at the edge too (Keys 1981, section III). Values and
 * partial sums up to 10, some 60 roundings: 60 * 10 * 1.1e-16 = 7e-14. */
static void test_quadratic_field(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s, quadratic_field);
  for (int i = 0; i <= 64; i++) {
    for (int j = 0; j <= 24; j++) {
      for (int k = 0; k <= 80; k++) {
        const double x = -16.0 + (0.5 * i);
        const double y = -8.0 + (0.5 * j);
        const double z = 32.0 + (0.99 * k);
        assert_vector(lookup(&s.map, x, y, z), quadratic_field(x, y, z), 7e-14);
      }
    }
  }
}

/** Nothing special: kinks would show. Every derivative below (1/8 mm)^n * 3 T. */
static zps_field_vector wavy_field(double x, double y, double z) {
  const zps_field_vector b = {sin((x + y + z) / 8.0), cos((x - y) / 8.0) + (z / 64.0), 2.0 * cos((y - z) / 16.0)};
  return b;
}

static void assert_slopes_meet(const zps_field_map *map, double x, double y, double z, const double d[3]) {
  const zps_field_vector at = lookup(map, x, y, z);
  const zps_field_vector before = lookup(map, x - d[0], y - d[1], z - d[2]);
  const zps_field_vector behind = lookup(map, x + d[0], y + d[1], z + d[2]);
  assert_vector(behind, at, 1e-3);
  /* Two one-sided differences over d = 1e-4 mm: where the slope is continuous they differ by d^2 times a second
   * derivative, at most 1e-8 * 0.5 T here; a jump of the slope, some 0.01 T/mm, would be 1e-6. */
  zps_assert_near((behind.x - at.x) - (at.x - before.x), 0.0, 5e-9);
  zps_assert_near((behind.y - at.y) - (at.y - before.y), 0.0, 5e-9);
  zps_assert_near((behind.z - at.z) - (at.z - before.z), 0.0, 5e-9);
}

/* Law: the first derivatives are continuous across the planes of nodes, along each axis. */
static void test_smooth(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s, wavy_field);
  const double along[3][3] = {{1e-4, 0.0, 0.0}, {0.0, 1e-4, 0.0}, {0.0, 0.0, 1e-4}};
  for (int i = 1; i < N_X - 1; i++) {
    assert_slopes_meet(&s.map, node_x(i), 1.3, 71.0, along[0]);
  }
  for (int i = 1; i < N_Y - 1; i++) {
    assert_slopes_meet(&s.map, -3.1, node_y(i), 71.0, along[1]);
  }
  for (int i = 1; i < N_Z - 1; i++) {
    assert_slopes_meet(&s.map, -3.1, 1.3, node_z(i), along[2]);
  }
}

/** Outside the map, at infinity and for NaN: the value of the edge, from inside the map. */
static void test_outside(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s, wavy_field);
  assert_equal(lookup(&s.map, 1e9, 0.0, 40.0), lookup(&s.map, node_x(N_X - 1), 0.0, 40.0));
  assert_equal(lookup(&s.map, -1e300, 0.0, 40.0), lookup(&s.map, node_x(0), 0.0, 40.0));
  assert_equal(lookup(&s.map, 1.0, HUGE_VAL, 40.0), lookup(&s.map, 1.0, node_y(N_Y - 1), 40.0));
  assert_equal(lookup(&s.map, 1.0, 1.0, 1e30), lookup(&s.map, 1.0, 1.0, node_z(N_Z - 1)));
  assert_equal(lookup(&s.map, (double)NAN, (double)NAN, (double)NAN), lookup(&s.map, node_x(0), node_y(0), node_z(0)));
}

/** On planes of the map both ways of looking up agree to the last bit, the last plane included. */
static void test_on_planes(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s, wavy_field);
  for (int iz = 0; iz < N_Z; iz++) {
    const zps_field_plane plane = zps_field_plane_at(&s.map, node_z(iz));
    for (int i = 0; i < 200; i++) {
      const double x = -16.0 + (0.1601 * i);
      const double y = -8.0 + (0.0603 * i);
      assert_equal(zps_field_cubic_at(&s.map, plane, 1, x, y), zps_field_cubic_at(&s.map, plane, 0, x, y));
    }
  }
}

/* An axis of two nodes is linear, one of three quadratic. */
static void test_short_axes(void **state) {
  (void)state;
  float b[4 * 2 * 3 * 2] = {0.0F};
  for (int i = 0; i < 12; i++) {
    const int x = i % 2;
    const int y = (i / 2) % 3;
    const int z = i / 6;
    b[(4 * i) + 1] = (float)(x + (y * y) + (8 * z));
  }
  const zps_field_map map = {2, 3, 2, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, b};
  for (int i = 0; i <= 8; i++) {
    const double f = 0.125 * i;
    /* Binary fractions of few digits: no rounding. */
    assert_true(lookup(&map, f, 0.0, 0.0).y == f);
    assert_true(lookup(&map, 0.0, 2.0 * f, 0.0).y == 4.0 * f * f);
    assert_true(lookup(&map, 1.0, 2.0, f).y == 5.0 + (8.0 * f));
  }
}

/** Without ZPS_LOOKUP_CUBIC the lookup is the trilinear one, bit by bit. */
static void test_choice(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s, wavy_field);
  const zps_field_plane plane = zps_field_plane_at(&s.map, 50.0);
  const zps_field_vector linear = zps_field_at(&s.map, plane, 1, 1.3, -2.1);
  const zps_field_vector chosen = zps_field_lookup(&s.map, plane, ZPS_LOOKUP_BETWEEN, 1.3, -2.1);
  assert_true(zps_bits(linear.x) == zps_bits(chosen.x) && zps_bits(linear.y) == zps_bits(chosen.y) &&
              zps_bits(linear.z) == zps_bits(chosen.z));
  assert_true(linear.x != zps_field_lookup(&s.map, plane, ZPS_LOOKUP_CUBIC | ZPS_LOOKUP_BETWEEN, 1.3, -2.1).x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nodes),   cmocka_unit_test(test_quadratic_field), cmocka_unit_test(test_smooth),
      cmocka_unit_test(test_outside), cmocka_unit_test(test_on_planes),       cmocka_unit_test(test_short_axes),
      cmocka_unit_test(test_choice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
