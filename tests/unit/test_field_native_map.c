/* The native map file: every bit comes back, and every broken file gets one line that says what is wrong. */
#include "tests/zps_test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

#include "host/field/field_load.h"
#include "host/field/native_map.h"
#include "host/field/quadrupole.h"

static char folder[64];
static char path[128];

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/zps_native_map_XXXXXX");
  if (mkdtemp(folder) == NULL) {
    return 1;
  }
  (void)snprintf(path, sizeof path, "%s/map.h5", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  (void)unlink(path);
  return rmdir(folder); /* fails when a temporary file was left behind */
}

static zps_job_field dipole_field(void) {
  const zps_job_field field = {.generated = true,
                               .use = {.scale = 1.0},
                               .integral_tm = 1.4,
                               .effective_length_mm = 1000.0,
                               .gap_mm = 200.0,
                               .enge = {0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111},
                               .width_mm = 600.0,
                               .grid_mm = {150.0, 17.0, 13.0}};
  return field;
}

static void write_good_map(void) {
  const zps_job_field field = dipole_field();
  zps_field_map_owned map;
  assert_int_equal(zps_field_generate(&field, -1000.0, 2000.0, &map, NULL), ZPS_OK);
  assert_int_equal(zps_native_map_write(path, &map.map, "test", NULL), ZPS_OK);
  zps_field_map_destroy(&map);
}

/* From 1000.1 mm on in steps of 200/12 mm, (last - first)/(n - 1) is not the step to the last bit: its attribute has
 * to carry it. */
static void test_round_trip_keeps_every_bit(void **state) {
  (void)state;
  const zps_job_field field = dipole_field();
  zps_field_map_owned map;
  zps_field_map_owned back;
  char hash[ZPS_FIELD_HASH_SIZE];
  char hash_back[ZPS_FIELD_HASH_SIZE];
  assert_int_equal(zps_field_generate(&field, -1000.0, 2000.0, &map, NULL), ZPS_OK);
  map.map.y_min_mm = 1000.1;
  assert_int_equal(zps_native_map_write(path, &map.map, "test", NULL), ZPS_OK);
  assert_int_equal(zps_native_map_read(path, &back, NULL), ZPS_OK);
  zps_field_map_hash(&map.map, hash);
  zps_field_map_hash(&back.map, hash_back);
  assert_string_equal(hash, hash_back);
  zps_field_map_destroy(&back);
  assert_int_equal(zps_native_map_write(path, &map.map, "again, over the old one", NULL), ZPS_OK);
  zps_field_map_destroy(&map);
}

/* A job that reads the written map has the bits of the job that generates it. */
static void test_loaded_equals_generated(void **state) {
  (void)state;
  zps_job_field field = dipole_field();
  zps_field_map_owned generated;
  zps_field_map_owned loaded;
  char hash[ZPS_FIELD_HASH_SIZE];
  char hash_loaded[ZPS_FIELD_HASH_SIZE];
  write_good_map();
  assert_int_equal(zps_field_load(&field, 2800.0, 2000.0, &generated, NULL), ZPS_OK);
  field.generated = false;
  (void)snprintf(field.map, sizeof field.map, "%s", path);
  assert_int_equal(zps_field_load(&field, 2800.0, 2000.0, &loaded, NULL), ZPS_OK);
  zps_field_map_hash(&generated.map, hash);
  zps_field_map_hash(&loaded.map, hash_loaded);
  assert_string_equal(hash, hash_loaded);
  zps_field_map_destroy(&generated);
  zps_field_map_destroy(&loaded);
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_field_load(&field, 2800.0, 1990.0, &loaded, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "length_mm = 1990"));
}

/* A map may be as strong as a generated field, 100 T m, and no stronger. A quadrupole has no integral on its axis, and
 * sqrt(0.3^2 + 0.1^2) m times its gradient in a corner of 600 x 200 mm: 980 and 1012 T. */
static void test_strength(void **state) {
  (void)state;
  zps_job_field field = dipole_field();
  zps_field_map_owned map;
  zps_error error = {ZPS_OK, ""};
  field.integral_tm = ZPS_MAX_FIELD_INTEGRAL_TM;
  assert_int_equal(zps_field_generate(&field, -1000.0, 2000.0, &map, NULL), ZPS_OK);
  assert_int_equal(zps_native_map_write(path, &map.map, "test", NULL), ZPS_OK);
  zps_field_map_destroy(&map);
  field.generated = false;
  (void)snprintf(field.map, sizeof field.map, "%s", path);
  assert_int_equal(zps_field_load(&field, 2800.0, 2000.0, &map, NULL), ZPS_OK);
  zps_field_map_destroy(&map);
  field.use.scale = -1.01;
  assert_int_equal(zps_field_load(&field, 2800.0, 2000.0, &map, &error), ZPS_INVALID);
  assert_null(map.b);
  assert_non_null(strstr(error.text, "-101 T m along the axis: expected at most 1000 T and 100 T m; see field_unit"));
  assert_memory_equal(error.text, path, strlen(path));
  assert_int_equal(zps_quadrupole_generate(&field, 3100.0, 2000.0, &map, NULL), ZPS_OK);
  assert_int_equal(zps_native_map_write(path, &map.map, "test", NULL), ZPS_OK);
  zps_field_map_destroy(&map);
  field.use.scale = 1.0;
  assert_int_equal(zps_field_load(&field, 2800.0, 2000.0, &map, NULL), ZPS_OK);
  zps_field_map_destroy(&map);
  field.use.scale = 32.0 / 31.0;
  error = (zps_error){ZPS_OK, ""};
  assert_int_equal(zps_field_load(&field, 2800.0, 2000.0, &map, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "field of up to 1.01e+03 T, "));
}

static void assert_unreadable(const char *file, zps_status want, const char *part) {
  zps_field_map_owned map;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_native_map_read(file, &map, &error), want);
  assert_null(map.b);
  if (strstr(error.text, part) == NULL || strstr(error.text, file) == NULL || strchr(error.text, '\n') != NULL) {
    fail_msg("message \"%s\" does not name %s and say \"%s\" in one line", error.text, file, part);
  }
}

static void test_not_a_file(void **state) {
  (void)state;
  assert_unreadable("/nonexistent/map.h5", ZPS_IO, "No such file");
  assert_unreadable(folder, ZPS_IO, "a directory");
  (void)unlink(path);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_unreadable(path, ZPS_IO, "not a regular file");
  (void)unlink(path);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  (void)fputs("x y z Bx By Bz\n0 0 0 0 1 0\n", file);
  (void)fclose(file);
  assert_unreadable(path, ZPS_INVALID, "not HDF5");
}

/* A truncated file is refused wherever it is cut. */
static void test_truncated(void **state) {
  (void)state;
  write_good_map();
  struct stat about;
  assert_int_equal(stat(path, &about), 0);
  for (int i = 31; i >= 0; i--) {
    assert_int_equal(truncate(path, about.st_size * i / 32), 0);
    assert_unreadable(path, ZPS_INVALID, "damaged");
  }
}

/** Opens the good map for damage. */
static hid_t damage(void) {
  write_good_map();
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(file >= 0);
  return file;
}

static void test_missing_datasets(void **state) {
  (void)state;
  const char *const names[] = {"field", "x", "y", "z"};
  for (size_t i = 0; i < 4; i++) {
    const hid_t file = damage();
    assert_true(H5Ldelete(file, names[i], H5P_DEFAULT) >= 0);
    (void)H5Fclose(file);
    char want[32];
    (void)snprintf(want, sizeof want, "no dataset \"%s\"", names[i]);
    assert_unreadable(path, ZPS_INVALID, want);
  }
}

/** Replaces a dataset by a new one without data of the given type and shape. */
static void replace_dataset(const char *name, hid_t type, int rank, const hsize_t *shape, const char *units) {
  const hid_t file = damage();
  assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  const hid_t space = H5Screate_simple(rank, shape, NULL);
  const hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t text = H5Tcopy(H5T_C_S1);
  (void)H5Tset_size(text, strlen(units) + 1);
  const hid_t one = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(data, "units", text, one, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(attribute, text, units) >= 0);
  (void)H5Aclose(attribute);
  (void)H5Sclose(one);
  (void)H5Tclose(text);
  (void)H5Dclose(data);
  (void)H5Sclose(space);
  (void)H5Fclose(file);
}

static void test_wrong_shapes_types_and_units(void **state) {
  (void)state;
  const hsize_t good[4] = {5, 13, 155, 4};
  const hsize_t three[4] = {5, 13, 155, 3};
  const hsize_t flat[4] = {1, 13, 155, 4};
  const hsize_t huge[4] = {1000000, 1000000, 1000000, 4};
  const hsize_t beyond[4] = {(hsize_t)1 << 40, 13, 155, 4};
  replace_dataset("field", H5T_IEEE_F32LE, 4, good, "T");
  assert_unreadable(path, ZPS_INVALID, "holds no data");
  replace_dataset("field", H5T_IEEE_F32LE, 4, good, "gauss");
  assert_unreadable(path, ZPS_INVALID, "units must be \"T\", got \"gauss\"");
  replace_dataset("field", H5T_IEEE_F64LE, 4, good, "T");
  assert_unreadable(path, ZPS_INVALID, "must hold float32");
  replace_dataset("field", H5T_STD_I32LE, 4, good, "T");
  assert_unreadable(path, ZPS_INVALID, "must hold float32");
  replace_dataset("field", H5T_IEEE_F32LE, 3, good, "T");
  assert_unreadable(path, ZPS_INVALID, "4 dimensions, got 3");
  replace_dataset("field", H5T_IEEE_F32LE, 4, three, "T");
  assert_unreadable(path, ZPS_INVALID, "last dimension must be 4");
  replace_dataset("field", H5T_IEEE_F32LE, 4, flat, "T");
  assert_unreadable(path, ZPS_INVALID, "at least 2");
  replace_dataset("field", H5T_IEEE_F32LE, 4, beyond, "T");
  assert_unreadable(path, ZPS_INVALID, "nodes along x");
  replace_dataset("field", H5T_IEEE_F32LE, 4, huge, "T");
  assert_unreadable(path, ZPS_INVALID, "no data");
  replace_dataset("y", H5T_IEEE_F64LE, 1, good, "mm");
  assert_unreadable(path, ZPS_INVALID, "y: has 5 nodes, field has 13");
  replace_dataset("y", H5T_IEEE_F64LE, 1, &good[1], "cm");
  assert_unreadable(path, ZPS_INVALID, "y: attribute units must be \"mm\", got \"cm\"");
  replace_dataset("y", H5T_IEEE_F64LE, 1, &good[1], "mm"); /* all zero: not ascending */
  assert_unreadable(path, ZPS_INVALID, "y: from 0 in steps of 0 mm: must ascend");
}

/** Overwrites node i of an axis. */
static void set_axis_node(const char *name, size_t i, double value) {
  const hid_t file = damage();
  const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
  double nodes[200];
  assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, nodes) >= 0);
  nodes[i] = value;
  assert_true(H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, nodes) >= 0);
  (void)H5Dclose(data);
  (void)H5Fclose(file);
}

static void test_axes_must_be_uniform(void **state) {
  (void)state;
  zps_field_map_owned map;
  set_axis_node("x", 2, 1e-5); /* 7e-8 of the spacing of 150 mm: inside the tolerance */
  assert_int_equal(zps_native_map_read(path, &map, NULL), ZPS_OK);
  zps_field_map_destroy(&map);
  set_axis_node("x", 2, 1e-3);
  assert_unreadable(path, ZPS_INVALID, "x[2] = 0.001 mm: the axis must be uniform, expected 0");
  set_axis_node("x", 2, (double)NAN);
  assert_unreadable(path, ZPS_INVALID, "x[2] = nan");
  set_axis_node("z", 0, -(double)INFINITY);
  assert_unreadable(path, ZPS_INVALID, "z: from -inf");
}

/** Overwrites one value of the field. */
static void set_value(size_t index, float value) {
  const hid_t file = damage();
  const hid_t data = H5Dopen2(file, "field", H5P_DEFAULT);
  static float values[5 * 13 * 155 * 4];
  assert_true(H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  values[index] = value;
  assert_true(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  (void)H5Dclose(data);
  (void)H5Fclose(file);
}

static void test_values_must_be_finite(void **state) {
  (void)state;
  const size_t at = ((((3 * 13) + 7) * 155 + 99) * 4) + 1;
  set_value(at, NAN);
  assert_unreadable(path, ZPS_INVALID, "field[3][7][99][1] = nan: must be finite");
  set_value(at, INFINITY);
  assert_unreadable(path, ZPS_INVALID, "field[3][7][99][1] = inf: must be finite");
  set_value(at + 2, 1.0F);
  assert_unreadable(path, ZPS_INVALID, "field[3][7][99][3] = 1: must be 0");
}

static void test_wrong_format_attributes(void **state) {
  (void)state;
  hid_t file = damage();
  (void)H5Adelete(file, "format");
  (void)H5Fclose(file);
  assert_unreadable(path, ZPS_INVALID, "attribute format must be \"zpscan field map\", got none");
  file = damage();
  const hid_t version = H5Aopen(file, "version", H5P_DEFAULT);
  const int two = 2;
  assert_true(H5Awrite(version, H5T_NATIVE_INT, &two) >= 0);
  (void)H5Aclose(version);
  (void)H5Fclose(file);
  assert_unreadable(path, ZPS_INVALID, "version must be 1, got 2");
}

/* Nothing half-written stays, and what was there before is kept. */
static void test_unwritable(void **state) {
  (void)state;
  const float b[8 * 4] = {0.0F};
  zps_field_map map = {.n_x = 2, .n_y = 2, .n_z = 2, .step_x_mm = 1.0, .step_y_mm = 1.0, .step_z_mm = 1.0, .b = b};
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_native_map_write("/nonexistent/map.h5", &map, "test", &error), ZPS_IO);
  assert_non_null(strstr(error.text, "/nonexistent/map.h5: cannot write the field map: No such file"));
  error.status = ZPS_OK;
  assert_int_equal(zps_native_map_write(folder, &map, "test", &error), ZPS_IO);
  assert_non_null(strstr(error.text, "Is a directory"));
  write_good_map();
  map.step_x_mm = (double)NAN;
  error.status = ZPS_OK;
  assert_int_equal(zps_native_map_write(path, &map, "test", &error), ZPS_INVALID);
  zps_field_map_owned back;
  assert_int_equal(zps_native_map_read(path, &back, NULL), ZPS_OK);
  zps_field_map_destroy(&back);
}

int main(void) {
  /* The library silences HDF5 for its own calls; the damage done here is meant as well. */
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip_keeps_every_bit),
      cmocka_unit_test(test_loaded_equals_generated),
      cmocka_unit_test(test_strength),
      cmocka_unit_test(test_not_a_file),
      cmocka_unit_test(test_truncated),
      cmocka_unit_test(test_missing_datasets),
      cmocka_unit_test(test_wrong_shapes_types_and_units),
      cmocka_unit_test(test_axes_must_be_uniform),
      cmocka_unit_test(test_values_must_be_finite),
      cmocka_unit_test(test_wrong_format_attributes),
      cmocka_unit_test(test_unwritable),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
