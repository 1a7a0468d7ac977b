/* Interpolation in a field map: exact on nodes and for trilinear fields, at the edges, and never outside the map. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/field.h"

#define N_X 5
#define N_Y 4
#define N_Z 6
#define PLANE_FLOATS (4 * N_X * N_Y)

/* One plane more than the map has, filled with NaN: whatever reads past the last plane shows. */
typedef struct sample_map {
  float b[(N_Z + 1) * PLANE_FLOATS];
  zps_field_map map;
} sample_map;

/** A field linear along each axis, of small multiples of 1/8: exact in f32 at the nodes. */
static zps_field_vector linear_field(double x, double y, double z) {
  const zps_field_vector b = {
      1.0 + (x / 64.0) - (y / 32.0) + (z / 128.0) + ((x * y) / 512.0),
      -2.0 + (y / 16.0) + ((x * z) / 4096.0) + ((y * z) / 1024.0),
      0.5 - (x / 32.0) + ((x * y * z) / 32768.0),
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

static void fill_sample(sample_map *s) {
  for (int i = 0; i < (N_Z + 1) * PLANE_FLOATS; i++) {
    s->b[i] = NAN;
  }
  for (int iz = 0; iz < N_Z; iz++) {
    for (int iy = 0; iy < N_Y; iy++) {
      for (int ix = 0; ix < N_X; ix++) {
        const zps_field_vector b = linear_field(node_x(ix), node_y(iy), node_z(iz));
        float *const at = &s->b[4 * ((((iz * N_Y) + iy) * N_X) + ix)];
        at[0] = (float)b.x;
        at[1] = (float)b.y;
        at[2] = (float)b.z;
        at[3] = 0.0F;
      }
    }
  }
  const zps_field_map map = {N_X, N_Y, N_Z, node_x(0), node_y(0), node_z(0), 8.0, 4.0, 16.0, s->b};
  s->map = map;
}

static zps_field_vector lookup(const zps_field_map *map, double x, double y, double z) {
  const zps_field_plane plane = zps_field_plane_at(map, z);
  return zps_field_at(map, plane, plane.between, x, y);
}

static void assert_vector(zps_field_vector got, zps_field_vector want, double tolerance) {
  zps_assert_near(got.x, want.x, tolerance);
  zps_assert_near(got.y, want.y, tolerance);
  zps_assert_near(got.z, want.z, tolerance);
}

static void assert_same_bits(zps_field_vector a, zps_field_vector b) {
  assert_true(zps_bits(a.x) == zps_bits(b.x) && zps_bits(a.y) == zps_bits(b.y) && zps_bits(a.z) == zps_bits(b.z));
}

/** On a node the result is the node's value to the last bit. */
static void test_nodes(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s);
  for (int iz = 0; iz < N_Z; iz++) {
    for (int iy = 0; iy < N_Y; iy++) {
      for (int ix = 0; ix < N_X; ix++) {
        const zps_field_vector got = lookup(&s.map, node_x(ix), node_y(iy), node_z(iz));
        assert_same_bits(got, linear_field(node_x(ix), node_y(iy), node_z(iz)));
      }
    }
  }
}

/* Law: trilinear interpolation is exact for a field linear along each axis. Values up to 6, some 20 roundings: 3e-15.
 */
static void test_linear_field(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s);
  for (int i = 0; i <= 64; i++) {
    for (int j = 0; j <= 24; j++) {
      for (int k = 0; k <= 80; k++) {
        const double x = -16.0 + (0.5 * i);
        const double y = -8.0 + (0.5 * j);
        const double z = 32.0 + (0.99 * k);
        assert_vector(lookup(&s.map, x, y, z), linear_field(x, y, z), 1e-14);
      }
    }
  }
}

/** Outside the map, at infinity and for NaN: the value of the edge, from inside the map. */
static void test_outside(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s);
  const double x_end = node_x(N_X - 1);
  const double y_end = node_y(N_Y - 1);
  const double z_end = node_z(N_Z - 1);
  assert_same_bits(lookup(&s.map, 1e9, 0.0, 40.0), lookup(&s.map, x_end, 0.0, 40.0));
  assert_same_bits(lookup(&s.map, -1e300, 0.0, 40.0), lookup(&s.map, node_x(0), 0.0, 40.0));
  assert_same_bits(lookup(&s.map, 1.0, HUGE_VAL, 40.0), lookup(&s.map, 1.0, y_end, 40.0));
  assert_same_bits(lookup(&s.map, 1.0, -HUGE_VAL, 40.0), lookup(&s.map, 1.0, node_y(0), 40.0));
  assert_same_bits(lookup(&s.map, 1.0, 1.0, 1e30), lookup(&s.map, 1.0, 1.0, z_end));
  assert_same_bits(lookup(&s.map, 1.0, 1.0, -1e30), lookup(&s.map, 1.0, 1.0, node_z(0)));
  assert_same_bits(lookup(&s.map, (double)NAN, (double)NAN, 40.0), lookup(&s.map, node_x(0), node_y(0), 40.0));
  assert_same_bits(lookup(&s.map, 1.0, 1.0, (double)NAN), lookup(&s.map, 1.0, 1.0, node_z(0)));
}

/** Positions along z: whole planes are not "between", within 1e-9 of a plane counts as on it. */
static void test_plane_at(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s);
  for (int i = 0; i < N_Z; i++) {
    for (int j = -1; j <= 1; j++) {
      const zps_field_plane p = zps_field_plane_at(&s.map, node_z(i) + (1e-9 * j));
      assert_int_equal(p.i, i);
      assert_int_equal(p.between, 0);
      assert_true(p.fraction == 0.0);
    }
  }
  const zps_field_plane p = zps_field_plane_at(&s.map, node_z(2) + 4.0);
  assert_int_equal(p.i, 2);
  assert_int_equal(p.between, 1);
  assert_true(p.fraction == 0.25);
}

/** On planes of the map the trilinear lookup gives the bits of the bilinear one, the last plane included. */
static void test_bilinear_is_trilinear(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s);
  for (int iz = 0; iz < N_Z; iz++) {
    const zps_field_plane plane = zps_field_plane_at(&s.map, node_z(iz));
    for (int i = 0; i < 200; i++) {
      const double x = -16.0 + (0.1601 * i);
      const double y = -8.0 + (0.0603 * i);
      assert_same_bits(zps_field_at(&s.map, plane, 1, x, y), zps_field_at(&s.map, plane, 0, x, y));
    }
  }
}

/** Between planes, close to one: continuous across it. Slope along z at most 0.1 T/mm: 2e-6 mm apart within 1e-6 T. */
static void test_continuous(void **state) {
  (void)state;
  sample_map s;
  fill_sample(&s);
  for (int iz = 1; iz < N_Z - 1; iz++) {
    const zps_field_vector below = lookup(&s.map, 1.3, -2.1, node_z(iz) - 1e-6);
    const zps_field_vector above = lookup(&s.map, 1.3, -2.1, node_z(iz) + 1e-6);
    assert_vector(below, above, 1e-6);
  }
}

/** The smallest map, two nodes along each axis. */
static void test_smallest_map(void **state) {
  (void)state;
  float b[32];
  memset(b, 0, sizeof b);
  for (int i = 0; i < 8; i++) {
    b[(4 * i) + 1] = (float)i;
  }
  const zps_field_map map = {2, 2, 2, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, b};
  assert_true(lookup(&map, 0.0, 0.0, 0.0).y == 0.0 && lookup(&map, 1.0, 1.0, 1.0).y == 7.0);
  assert_true(lookup(&map, 0.5, 0.5, 0.5).y == 3.5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nodes),
      cmocka_unit_test(test_linear_field),
      cmocka_unit_test(test_outside),
      cmocka_unit_test(test_plane_at),
      cmocka_unit_test(test_bilinear_is_trilinear),
      cmocka_unit_test(test_continuous),
      cmocka_unit_test(test_smallest_map),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
