/* A map written as BDSIM text and read again has the same bits, axes included. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/field/bdsim_write.h"
#include "host/field/map_file.h"
#include "tests/unit/scratch_folder.h"

static const zps_job_map_use use = {.scale = 1.0};

static void assert_round_trip(const zps_field_map *map, const char *name) {
  zps_map_content back;
  zps_error error = {ZPS_OK, ""};
  char hash[ZPS_FIELD_HASH_SIZE];
  char hash_back[ZPS_FIELD_HASH_SIZE];
  assert_int_equal(zps_bdsim_map_write(scratch_path(name), map, "test", &error), ZPS_OK);
  if (zps_map_file_read(scratch_path(name), &use, &back, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  zps_field_map_hash(map, hash);
  zps_field_map_hash(&back.grid.map, hash_back);
  assert_string_equal(hash, hash_back);
  zps_map_content_free(&back);
}

/* Any bits of a float but those of huge numbers and NaN, on axes that no short decimal describes. Spacings are those of
 * two ends, (last - first)/(n - 1), as of every map that is made or read from text. */
static void test_every_bit(void **state) {
  (void)state;
  zps_field_map_owned map;
  srand(3);
  for (int turn = 0; turn < 20; turn++) {
    assert_int_equal(zps_field_map_create(4.0, 3.0, 7.0, &map, NULL), ZPS_OK);
    map.map.x_min_mm = -0.01 * sqrt(rand());
    map.map.y_min_mm = (1.0 / 3.0) - 1e-7 * rand();
    map.map.z_min_mm = -1e-6 * rand();
    map.map.step_x_mm = (500.0 + sqrt(rand()) - map.map.x_min_mm) / 3.0;
    map.map.step_y_mm = (300.0 + exp(-1e-9 * rand()) - map.map.y_min_mm) / 2.0;
    map.map.step_z_mm = (10.0 + 1e-6 * rand() - map.map.z_min_mm) / 6.0;
    for (size_t i = 0; i < 4 * 84; i++) {
      uint32_t bits = ((uint32_t)rand() << 9) ^ (uint32_t)rand();
      bits = (bits & 0x807fffffu) | (((bits >> 23) % 0x90u) << 23); /* below 2^17 T, denormals included */
      memcpy(&map.b[i], &bits, sizeof bits);
      map.b[i] = i % 4 == 3 ? 0.0F : map.b[i];
    }
    assert_round_trip(&map.map, "map.dat");
    assert_round_trip(&map.map, "map.dat.gz");
    zps_field_map_destroy(&map);
  }
}

static void test_compressed_is_smaller(void **state) {
  (void)state;
  zps_field_map_owned map;
  size_t plain = 0;
  size_t packed = 0;
  assert_int_equal(zps_field_map_create(20.0, 20.0, 20.0, &map, NULL), ZPS_OK);
  map.map.step_x_mm = map.map.step_y_mm = map.map.step_z_mm = 10.0;
  assert_int_equal(zps_bdsim_map_write(scratch_path("a.dat"), &map.map, "test", NULL), ZPS_OK);
  assert_int_equal(zps_bdsim_map_write(scratch_path("a.dat.gz"), &map.map, "test", NULL), ZPS_OK);
  free(scratch_read(scratch_path("a.dat"), &plain));
  free(scratch_read(scratch_path("a.dat.gz"), &packed));
  assert_true(packed < plain / 5);
  zps_field_map_destroy(&map);
}

static void test_unwritable(void **state) {
  (void)state;
  zps_field_map_owned map;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_field_map_create(2.0, 2.0, 2.0, &map, NULL), ZPS_OK);
  map.map.step_x_mm = map.map.step_y_mm = map.map.step_z_mm = 1.0;
  const int before = scratch_count();
  assert_int_equal(zps_bdsim_map_write("/nonexistent/a.dat", &map.map, "test", &error), ZPS_IO);
  assert_non_null(strstr(error.text, "/nonexistent/a.dat: cannot write the field map: No such file"));
  error.status = ZPS_OK;
  assert_int_equal(zps_bdsim_map_write(scratch_folder, &map.map, "test", &error), ZPS_IO);
  assert_int_equal(scratch_count(), before);
  zps_field_map_destroy(&map);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_bit),
      cmocka_unit_test(test_compressed_is_smaller),
      cmocka_unit_test(test_unwritable),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
