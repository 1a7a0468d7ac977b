/* A map in its element: mirrors, quarter turns, scale, offset, and what holds where the element is larger. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/field/field_load.h"
#include "host/field/map_file.h"
#include "host/field/map_placement.h"

#define FOLDER "tests/unit/field_maps/"

static const double tolerance = 1e-6; /* floats of order 1 */

static double where(const zps_field_map *m, int axis, int i) {
  const double first[3] = {m->x_min_mm, m->y_min_mm, m->z_min_mm};
  const double step[3] = {m->step_x_mm, m->step_y_mm, m->step_z_mm};
  return first[axis] + (step[axis] * i);
}

static const float *node(const zps_field_map *m, int ix, int iy, int iz) {
  return m->b + (4 * (((((size_t)iz * (size_t)m->n_y) + (size_t)iy) * (size_t)m->n_x) + (size_t)ix));
}

typedef void (*field_law)(const double r[3], double b[3]);

/** A map of n[] nodes from first[] in steps of 10, 20, 30 mm that holds a law. */
static void make(zps_map_content *content, field_law law, const int n[3], const double first[3]) {
  *content = (zps_map_content){.format = ZPS_MAP_NATIVE};
  assert_int_equal(zps_field_map_create(n[0], n[1], n[2], &content->grid, NULL), ZPS_OK);
  zps_field_map *const m = &content->grid.map;
  m->x_min_mm = first[0];
  m->y_min_mm = first[1];
  m->z_min_mm = first[2];
  m->step_x_mm = 10.0;
  m->step_y_mm = 20.0;
  m->step_z_mm = 30.0;
  float *b = content->grid.b;
  for (int i = 0; i < n[0] * n[1] * n[2]; i++, b += 4) {
    const double r[3] = {where(m, 0, i % n[0]), where(m, 1, (i / n[0]) % n[1]), where(m, 2, i / (n[0] * n[1]))};
    double at[3];
    law(r, at);
    for (int c = 0; c < 3; c++) {
      b[c] = (float)at[c];
    }
  }
}

/** Every node holds the law at its place. */
static void assert_law(const zps_map_content *content, field_law law) {
  const zps_field_map *const m = &content->grid.map;
  for (int iz = 0; iz < m->n_z; iz++) {
    for (int iy = 0; iy < m->n_y; iy++) {
      for (int ix = 0; ix < m->n_x; ix++) {
        const double r[3] = {where(m, 0, ix), where(m, 1, iy), where(m, 2, iz)};
        const float *const b = node(m, ix, iy, iz);
        double want[3];
        law(r, want);
        for (int c = 0; c < 3; c++) {
          zps_assert_near((double)b[c], want[c], tolerance);
        }
        assert_true(b[3] == 0.0F);
      }
    }
  }
}

/** Parallel to x = 0 and z = 0, normal to y = 0, as a dipole's field is. */
static void dipole_law(const double r[3], double b[3]) {
  b[0] = 1e-7 * r[0] * r[1] * r[2] * r[2];
  b[1] = 1.0 - (1e-5 * r[2] * r[2]) - (1e-4 * r[1] * r[1]) + (2e-5 * r[0] * r[0]);
  b[2] = 1e-4 * r[1] * r[2];
}

/* The law on one side and its mirror images: the law on both. */
static void test_mirrors(void **state) {
  (void)state;
  const zps_job_map_use use = {.mirror = {ZPS_MIRROR_PARALLEL, ZPS_MIRROR_NORMAL, ZPS_MIRROR_PARALLEL}, .scale = 1.0};
  const int n[3] = {3, 4, 5};
  const double above[3] = {0.0, 0.0, 0.0};
  const double below[3] = {-20.0, -60.0, -120.0};
  for (int side = 0; side < 2; side++) {
    zps_map_content content;
    zps_error error = {ZPS_OK, ""};
    make(&content, dipole_law, n, side == 0 ? above : below);
    if (zps_map_mirror_out("m", &use, &content, &error) != ZPS_OK) {
      fail_msg("%s", error.text);
    }
    const zps_field_map *const m = &content.grid.map;
    assert_true(m->n_x == 5 && m->n_y == 7 && m->n_z == 9);
    assert_true(m->x_min_mm == -20.0 && m->y_min_mm == -60.0 && m->z_min_mm == -120.0);
    assert_law(&content, dipole_law);
    zps_map_content_free(&content);
  }
}

static void assert_mirror_refused(zps_job_map_use use, const double first[3], const char *part) {
  zps_map_content content;
  zps_error error = {ZPS_OK, ""};
  const int n[3] = {3, 4, 5};
  make(&content, dipole_law, n, first);
  assert_int_equal(zps_map_mirror_out("m", &use, &content, &error), ZPS_INVALID);
  if (strstr(error.text, part) == NULL) {
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
  }
  zps_map_content_free(&content);
}

static void test_wrong_mirrors(void **state) {
  (void)state;
  const double above[3] = {0.0, 0.0, 0.0};
  const double across[3] = {-10.0, 0.0, 0.0};
  const zps_job_map_use normal = {.mirror = {ZPS_MIRROR_NORMAL}};
  const zps_job_map_use parallel = {.mirror = {ZPS_MIRROR_PARALLEL}};
  assert_mirror_refused(normal, above, "symmetry.x: By = 1 T on the plane x = 0, where this kind of mirror makes it 0");
  assert_mirror_refused(parallel, across, "from x = -10 to 10 mm: must begin or end on the plane x = 0");
}

static void vortex_law(const double r[3], double b[3]) {
  b[0] = 0.01 * r[1] + 0.1;
  b[1] = 0.02 * r[2] + 0.2;
  b[2] = 0.03 * r[0] + 0.3;
}

/** B'(r') = R B(R^-1 r') with R a right-handed turn by 90 degrees about z: (x, y) -> (-y, x). */
static void turned_law(const double r[3], double b[3]) {
  const double back[3] = {r[1], -r[0], r[2]};
  double at[3];
  vortex_law(back, at);
  b[0] = -at[1];
  b[1] = at[0];
  b[2] = at[2];
}

/** First by 90 degrees about x, (y, z) -> (-z, y), then by 180 degrees about z, (x, y) -> (-x, -y). */
static void twice_turned_law(const double r[3], double b[3]) {
  const double once[3] = {-r[0], -r[1], r[2]};
  const double back[3] = {once[0], once[2], -once[1]};
  double at[3];
  vortex_law(back, at);
  const double about_x[3] = {at[0], -at[2], at[1]};
  b[0] = -about_x[0];
  b[1] = -about_x[1];
  b[2] = about_x[2];
}

static void test_turns(void **state) {
  (void)state;
  const int n[3] = {3, 4, 5};
  const double first[3] = {-10.0, 5.0, 0.0};
  zps_map_content content;
  zps_job_map_use use = {.rotate_deg = {0.0, 0.0, 90.0}, .scale = 1.0};
  make(&content, vortex_law, n, first);
  assert_int_equal(zps_map_turn(&use, &content, NULL), ZPS_OK);
  assert_true(content.grid.map.n_x == 4 && content.grid.map.n_y == 3 && content.grid.map.n_z == 5);
  assert_true(content.grid.map.x_min_mm == -65.0 && content.grid.map.step_x_mm == 20.0);
  assert_law(&content, turned_law);
  zps_map_content_free(&content);
  use = (zps_job_map_use){.rotate_deg = {-270.0, 0.0, 180.0}, .scale = 1.0};
  make(&content, vortex_law, n, first);
  assert_int_equal(zps_map_turn(&use, &content, NULL), ZPS_OK);
  assert_law(&content, twice_turned_law);
  zps_map_content_free(&content);
}

/** The vortex law times -2, moved by (1, 2, 3) mm. */
static void moved_law(const double r[3], double b[3]) {
  const double back[3] = {r[0] - 1.0, r[1] - 2.0, r[2] - 3.0};
  vortex_law(back, b);
  for (int c = 0; c < 3; c++) {
    b[c] *= -2.0;
  }
}

static void test_scale_and_offset(void **state) {
  (void)state;
  const int n[3] = {3, 4, 5};
  const double first[3] = {-10.0, 5.0, 0.0};
  const zps_job_map_use use = {.scale = -2.0, .offset_mm = {1.0, 2.0, 3.0}};
  zps_map_content content;
  make(&content, vortex_law, n, first);
  assert_int_equal(zps_map_turn(&use, &content, NULL), ZPS_OK);
  assert_law(&content, moved_law);
  zps_map_content_free(&content);
}

/* Four quarter turns about each axis, and a map that covers its element: not a bit is changed. */
static void test_nothing_to_do(void **state) {
  (void)state;
  const int n[3] = {3, 3, 3};
  const double first[3] = {-10.0, -20.0, -30.0};
  const double size[3] = {20.0, 40.0, 60.0};
  const zps_job_map_use use = {.scale = 1.0, .rotate_deg = {360.0, -360.0, 0.0}};
  zps_map_content content;
  char before[ZPS_FIELD_HASH_SIZE];
  char after[ZPS_FIELD_HASH_SIZE];
  make(&content, vortex_law, n, first);
  zps_field_map_hash(&content.grid.map, before);
  assert_int_equal(zps_map_turn(&use, &content, NULL), ZPS_OK);
  assert_int_equal(zps_map_cover("m", size, &use, &content, NULL), ZPS_OK);
  zps_field_map_hash(&content.grid.map, after);
  assert_string_equal(before, after);
  zps_map_content_free(&content);
}

/* The element is wider, higher and longer than the map: nodes are added on its grid until the element is covered. */
static void test_outside(void **state) {
  (void)state;
  const int n[3] = {3, 3, 3};
  const double first[3] = {-10.0, -20.0, -30.0};
  const double size[3] = {55.0, 40.0, 120.0};
  for (int policy = ZPS_OUTSIDE_ERROR; policy <= ZPS_OUTSIDE_CLAMP; policy++) {
    const zps_job_map_use use = {.scale = 1.0, .outside = (zps_map_outside)policy};
    zps_map_content content;
    zps_error error = {ZPS_OK, ""};
    make(&content, vortex_law, n, first);
    const zps_status status = zps_map_cover("m", size, &use, &content, &error);
    if (policy == ZPS_OUTSIDE_ERROR) {
      assert_int_equal(status, ZPS_INVALID);
      assert_non_null(strstr(error.text, "width_mm = 55 asks for -27.5 to 27.5; or give outside: zero or clamp"));
      zps_map_content_free(&content);
      continue;
    }
    assert_int_equal(status, ZPS_OK);
    const zps_field_map *const m = &content.grid.map;
    assert_true(m->n_x == 7 && m->n_y == 3 && m->n_z == 5 && m->x_min_mm == -30.0 && m->z_min_mm == -60.0);
    for (int ix = 0; ix < 7; ix++) {
      for (int iz = 0; iz < 5; iz++) {
        const bool inside = ix >= 2 && ix <= 4 && iz >= 1 && iz <= 3;
        const double r[3] = {fmax(-10.0, fmin(10.0, where(m, 0, ix))), 20.0, fmax(-30.0, fmin(30.0, where(m, 2, iz)))};
        double want[3];
        vortex_law(r, want);
        for (int c = 0; c < 3; c++) {
          zps_assert_near((double)node(m, ix, 2, iz)[c], inside || policy == ZPS_OUTSIDE_CLAMP ? want[c] : 0.0,
                          tolerance);
        }
      }
    }
    zps_map_content_free(&content);
  }
}

static void assert_cover_refused(const double size[3], const zps_job_map_use *use, const char *part) {
  const int n[3] = {3, 3, 3};
  const double first[3] = {-10.0, -20.0, -30.0};
  zps_map_content content;
  zps_error error = {ZPS_OK, ""};
  make(&content, vortex_law, n, first);
  assert_int_equal(zps_map_cover("m", size, use, &content, &error), ZPS_INVALID);
  if (strstr(error.text, part) == NULL) {
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
  }
  zps_map_content_free(&content);
}

static void test_uncovered(void **state) {
  (void)state;
  const zps_job_map_use strict = {.scale = 1.0};
  const zps_job_map_use zero = {.scale = 1.0, .outside = ZPS_OUTSIDE_ZERO};
  const double higher[3] = {20.0, 41.0, 60.0};
  const double longer[3] = {20.0, 40.0, 61.0};
  const double shorter[3] = {20.0, 40.0, 59.0};
  const double huge[3] = {1e6, 1e6, 1e6};
  assert_cover_refused(higher, &strict, "y from -20 to 20 mm about the element's centre: the element's gap_mm = 41");
  assert_cover_refused(longer, &strict, "z from -30 to 30 mm about the element's centre: the element's length_mm = 61");
  assert_cover_refused(shorter, &zero, "length_mm = 59 asks for -29.5 to 29.5");
  assert_cover_refused(huge, &zero, "filling the element around the map needs");
}

static zps_job_field file_field(const char *name) {
  zps_job_field field = {.gap_mm = 10.0, .width_mm = 20.0, .use = {.scale = 1.0}};
  (void)snprintf(field.map, sizeof field.map, "%s", name);
  return field;
}

/* An axis that the file leaves out takes the ends of the element. */
static void test_free_axes_fit(void **state) {
  (void)state;
  zps_job_field field = file_field(FOLDER "bdsim_1d.dat");
  zps_field_map_owned map;
  field.width_mm = 777.0;
  assert_int_equal(zps_field_load(&field, 1000.0, 40.0, &map, NULL), ZPS_OK);
  assert_true(map.map.n_x == 2 && map.map.x_min_mm == -388.5 && map.map.step_x_mm == 777.0);
  assert_true(map.map.n_z == 3 && map.map.z_min_mm == 1000.0 && map.map.step_z_mm == 20.0);
  zps_field_map_destroy(&map);
}

/* A text map in a job: its origin at the element's centre; too short, too long, in the wrong unit. */
static void test_load_text(void **state) {
  (void)state;
  const zps_job_field field = file_field(FOLDER "bdsim.dat");
  zps_field_map_owned map;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_field_load(&field, 2800.0, 40.0, &map, NULL), ZPS_OK);
  assert_true(map.map.z_min_mm == 2800.0 && map.map.step_z_mm == 40.0 && map.map.y_min_mm == -5.0);
  assert_true(node(&map.map, 2, 1, 1)[0] == 28.0F);
  zps_field_map_destroy(&map);
  assert_int_equal(zps_field_load(&field, 2800.0, 41.0, &map, &error), ZPS_INVALID);
  assert_null(map.b);
  assert_non_null(strstr(error.text, "length_mm = 41"));
  const zps_job_field acts = file_field(FOLDER "acts.txt");
  error.status = ZPS_OK;
  assert_int_equal(zps_field_load(&acts, 2800.0, 40.0, &map, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "expected length_unit"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mirrors),          cmocka_unit_test(test_wrong_mirrors), cmocka_unit_test(test_turns),
      cmocka_unit_test(test_scale_and_offset), cmocka_unit_test(test_nothing_to_do), cmocka_unit_test(test_outside),
      cmocka_unit_test(test_uncovered),        cmocka_unit_test(test_free_axes_fit), cmocka_unit_test(test_load_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
