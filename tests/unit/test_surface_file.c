/* Surfaces in a result file: what is written one mass at a time is read back, and what is no surface is refused. */
#include "host/io/surface.h"

#include <hdf5.h>
#include <string.h>
#include <unistd.h>

#include "host/job/placement_lattice.h"
#include "tests/unit/result_sample.h"
#include "tests/unit/scratch_folder.h"
#include "tests/zps_test.h"

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

#define N_MASS 3

/* Cells along both axes, in three chunks of 64 each. */
#define N_FIRST 142
#define N_LAST 132

/** A count that tells every index of its cell; nothing in the chunk in the middle. */
static uint64_t count_at(size_t i_mass, size_t i) {
  const bool is_empty = i % N_LAST / 64 == 1 && i / N_LAST % N_FIRST / 64 == 1;
  return is_empty || i % 5 == 0 ? 0 : (1000003u * i_mass) + i + (i % 7 == 0 ? (uint64_t)1 << 60 : 0);
}

typedef struct sample {
  zps_surface_source source;
  size_t fails_at;
  size_t n_read;
} sample;

static zps_status sample_read(void *context, size_t i_mass, uint64_t *surface, zps_error *error) {
  sample *const s = (sample *)context;
  if (s->n_read++ == s->fails_at) {
    return zps_error_set(error, ZPS_FAILURE, "no surface of mass %zu", i_mass);
  }
  for (size_t i = 0; i < (size_t)zps_surface_size(&s->source.facts.placement); i++) {
    surface[i] = count_at(i_mass, i);
  }
  return ZPS_OK;
}

static void sample_init(sample *s, double step_mm) {
  zps_placement *const p = &s->source.facts.placement;
  memset(s, 0, sizeof *s);
  s->fails_at = SIZE_MAX;
  s->source.read = sample_read;
  s->source.context = s;
  s->source.facts.n_mass = N_MASS;
  s->source.facts.width_first_mm = 20.0 * step_mm;
  s->source.facts.width_last_mm = 30.0 * step_mm;
  p->n_y = 2;
  assert_true(zps_placement_step(step_mm, &p->first) && zps_placement_step(step_mm, &p->last));
  assert_true(zps_placement_lattice(-50.0 * step_mm, (N_FIRST - 52.0) * step_mm, &p->first));
  assert_true(zps_placement_lattice(-70.0 * step_mm, (N_LAST - 72.0) * step_mm, &p->last));
  for (int i = 0; i < 2; i++) {
    s->source.facts.y_offset_mm[i] = 5.0 * i;
    p->y_first_lo[i] = (5.0 * i) - 100.0;
    p->y_first_hi[i] = (5.0 * i) + 100.0;
    p->y_last_lo[i] = (5.0 * i) - 150.0;
    p->y_last_hi[i] = (5.0 * i) + 150.0;
  }
}

static zps_status write_sample(const char *path, sample *s, zps_error *error) {
  static zps_job job;
  zps_result result;
  zps_status status = result_sample(&result, N_MASS, 2, 2, error);
  result_sample_job(&result, &job);
  status = status == ZPS_OK ? zps_result_write_placed(path, &job, &result, &s->source, true, error) : status;
  zps_result_free(&result);
  return status;
}

static void test_round_trip(void **unused) {
  (void)unused;
  static const double steps[] = {1.0, 0.1, 25.0};
  const char *const path = scratch_path("surface.h5");
  for (size_t i_step = 0; i_step < sizeof steps / sizeof steps[0]; i_step++) {
    zps_error error = {ZPS_OK, ""};
    zps_surface_file *file = NULL;
    zps_surface_facts facts;
    zps_result result;
    sample s;
    sample_init(&s, steps[i_step]);
    const zps_placement *const p = &s.source.facts.placement;
    const size_t n = (size_t)zps_placement_cells(p);
    uint64_t *const cells = (uint64_t *)malloc(n * sizeof *cells);
    assert_non_null(cells);
    assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
    assert_int_equal(zps_surface_file_open(path, &file, &facts, &error), ZPS_OK);
    assert_int_equal(facts.n_mass, N_MASS);
    assert_memory_equal(&facts.placement, p, sizeof *p);
    assert_memory_equal(facts.y_offset_mm, s.source.facts.y_offset_mm, sizeof facts.y_offset_mm);
    zps_assert_near(facts.width_first_mm, 20.0 * steps[i_step], 0.0);
    zps_assert_near(facts.width_last_mm, 30.0 * steps[i_step], 0.0);
    for (size_t part = 0; part < N_MASS * 2 * ZPS_N_SURFACE; part++) {
      const size_t i_mass = part / 4;
      assert_int_equal(
          zps_surface_file_read(file, i_mass, (part / 2) % 2, (enum zps_surface_stage)(part % 2), cells, &error),
          ZPS_OK);
      for (size_t i = 0; i < n; i++) {
        assert_int_equal(cells[i], count_at(i_mass, ((part % 4) * n) + i));
      }
    }
    assert_int_equal(zps_surface_file_read(file, N_MASS, 0, ZPS_SURFACE_ACCEPTED, cells, &error), ZPS_USAGE);
    zps_surface_file_close(file);
    /* The rest of the result is the result. */
    assert_int_equal(zps_result_read(path, &result, &error), ZPS_OK);
    zps_result_free(&result);
    free(cells);
  }
}

/* Chunks without counts take no room; the others lie there once. */
static void test_empty_chunks_are_left_out(void **unused) {
  (void)unused;
  const char *const path = scratch_path("chunks.h5");
  zps_error error = {ZPS_OK, ""};
  hsize_t n_chunks = 0;
  sample s;
  sample_init(&s, 1.0);
  assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, "placement/accepted", H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset);
  assert_true(H5Dget_num_chunks(dataset, space, &n_chunks) >= 0);
  assert_int_equal(n_chunks, N_MASS * 2 * (9 - 1));
  (void)H5Sclose(space);
  (void)H5Dclose(dataset);
  (void)H5Fclose(file);
}

static void test_hash_tells_surfaces_apart(void **unused) {
  (void)unused;
  const char *const path = scratch_path("hash.h5");
  char hashes[2][ZPS_HASH_SIZE];
  for (int i = 0; i < 2; i++) {
    zps_error error = {ZPS_OK, ""};
    zps_surface_file *file = NULL;
    zps_surface_facts facts;
    sample s;
    sample_init(&s, 1.0);
    s.source.facts.placement.last.n -= i;
    assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
    assert_int_equal(zps_surface_file_open(path, &file, &facts, &error), ZPS_OK);
    memcpy(hashes[i], facts.hash, ZPS_HASH_SIZE);
    zps_surface_file_close(file);
  }
  assert_string_not_equal(hashes[0], hashes[1]);
}

static void test_a_failing_source_leaves_no_file(void **unused) {
  (void)unused;
  const char *const path = scratch_path("none.h5");
  for (size_t i = 0; i < N_MASS; i++) {
    zps_error error = {ZPS_OK, ""};
    sample s;
    sample_init(&s, 1.0);
    s.fails_at = i;
    assert_int_equal(write_sample(path, &s, &error), ZPS_FAILURE);
    assert_int_not_equal(access(path, F_OK), 0);
  }
}

static void test_a_result_without_surfaces_says_how_to_make_them(void **unused) {
  (void)unused;
  static zps_job job;
  const char *const path = scratch_path("plain.h5");
  zps_error error = {ZPS_OK, ""};
  zps_surface_file *file = NULL;
  zps_surface_facts facts;
  zps_result result;
  assert_int_equal(result_sample(&result, N_MASS, 2, 2, &error), ZPS_OK);
  result_sample_job(&result, &job);
  assert_int_equal(zps_result_write_placed(path, &job, &result, NULL, true, &error), ZPS_OK);
  zps_result_free(&result);
  assert_int_equal(zps_surface_file_open(path, &file, &facts, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "placement"));
  assert_null(file);
}

/** Replaces one attribute of /placement. */
static void spoil(const char *path, const char *name, double value) {
  const hid_t id = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t group = H5Gopen2(id, "placement", H5P_DEFAULT);
  const hid_t space = H5Screate(H5S_SCALAR);
  assert_true(H5Adelete(group, name) >= 0);
  const hid_t attribute = H5Acreate2(group, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
  (void)H5Aclose(attribute);
  (void)H5Sclose(space);
  (void)H5Gclose(group);
  (void)H5Fclose(id);
}

static void test_lattices_that_make_no_sense_are_refused(void **unused) {
  (void)unused;
  static const struct {
    const char *name;
    double value;
  } faults[] = {{"step_multiplier", 0.0}, {"step_divisor", -1.0},  {"first_index", 0.5},
                {"last_index", 1e300},    {"width_first_mm", 0.0}, {"step_multiplier", 1e300}};
  const char *const path = scratch_path("spoilt.h5");
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    zps_error error = {ZPS_OK, ""};
    zps_surface_file *file = NULL;
    zps_surface_facts facts;
    sample s;
    sample_init(&s, 1.0);
    assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
    spoil(path, faults[i].name, faults[i].value);
    assert_int_equal(zps_surface_file_open(path, &file, &facts, &error), ZPS_INVALID);
    assert_non_null(strstr(error.text, path));
  }
}

/** Adds 1 to one count of a stage. */
static void spoil_count(const char *path, const char *dataset_path) {
  const hid_t id = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(id, dataset_path, H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset);
  const hsize_t start[4] = {1, 1, 20, 20};
  const hsize_t count[4] = {1, 1, 1, 1};
  const hid_t one = H5Screate_simple(4, count, NULL);
  uint64_t value = 0;
  assert_true(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0);
  assert_true(H5Dread(dataset, H5T_NATIVE_UINT64, one, space, H5P_DEFAULT, &value) >= 0);
  value++;
  assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT64, one, space, H5P_DEFAULT, &value) >= 0);
  (void)H5Sclose(one);
  (void)H5Sclose(space);
  (void)H5Dclose(dataset);
  (void)H5Fclose(id);
}

static zps_status verify(const char *path, const zps_surface_facts *expected, zps_error *error) {
  zps_surface_file *file = NULL;
  zps_surface_facts facts;
  zps_status status = zps_surface_file_open(path, &file, &facts, error);
  status = status == ZPS_OK ? zps_surface_file_verify(file, &facts, expected, error) : status;
  zps_surface_file_close(file);
  return status;
}

/* One count more in one cell of either stage is found, and so is a file that is not of its job. */
static void test_verify(void **unused) {
  (void)unused;
  static const char *const datasets[] = {"placement/coincidence", "placement/accepted"};
  static const struct {
    const char *name;
    double value;
    const char *words;
  } faults[] = {{"first_index", -51.0, "lattices"}, {"width_last_mm", 31.0, "widths"}};
  const char *const path = scratch_path("verify.h5");
  sample s;
  for (size_t i = 0; i < 2; i++) {
    zps_error error = {ZPS_OK, ""};
    sample_init(&s, 1.0);
    assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
    assert_int_equal(verify(path, &s.source.facts, &error), ZPS_OK);
    spoil_count(path, datasets[i]);
    assert_int_equal(verify(path, NULL, &error), ZPS_INVALID);
    assert_non_null(strstr(error.text, "hash"));
  }
  for (size_t i = 0; i < 2; i++) {
    zps_error error = {ZPS_OK, ""};
    sample_init(&s, 1.0);
    assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
    spoil(path, faults[i].name, faults[i].value);
    assert_int_equal(verify(path, &s.source.facts, &error), ZPS_INVALID);
    assert_non_null(strstr(error.text, faults[i].words));
  }
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(write_sample(path, &s, &error), ZPS_OK);
  s.source.facts.placement.y_last_hi[1] += 1.0;
  assert_int_equal(verify(path, &s.source.facts, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "y ranges"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_empty_chunks_are_left_out),
      cmocka_unit_test(test_hash_tells_surfaces_apart),
      cmocka_unit_test(test_a_failing_source_leaves_no_file),
      cmocka_unit_test(test_a_result_without_surfaces_says_how_to_make_them),
      cmocka_unit_test(test_lattices_that_make_no_sense_are_refused),
      cmocka_unit_test(test_verify),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
