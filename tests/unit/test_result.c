/* Laws of the result file: what is written is read back, the same result gives the same bytes, and no damage to a file
 * goes unnoticed or does harm. */
#include "tests/zps_test.h"

#include <hdf5.h>
#include <string.h>

#include "host/io/result.h"
#include "host/stats/interval.h"
#include "tests/unit/result_sample.h"
#include "tests/unit/scratch_folder.h"

/* HDF5 itself loses a buffer when the checksum of what it loads is wrong; leaks of ours are still reported.
 * Visible, because the sanitizer looks it up in the program. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

static void make_sample(zps_result *result) {
  zps_error error = {ZPS_OK, ""};
  if (result_sample(result, 3, 2, 2, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
}

static void write_result(const char *path, const zps_result *result) {
  zps_error error = {ZPS_OK, ""};
  if (result_sample_write(path, result, true, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
}

static void assert_same_numbers(const zps_result *a, const zps_result *b) {
  assert_int_equal(a->n_mass, b->n_mass);
  assert_int_equal(a->n_coupling, b->n_coupling);
  assert_int_equal(a->n_trigger, b->n_trigger);
  assert_int_equal(a->n_range, b->n_range);
  assert_int_equal(a->i_first_mass, b->i_first_mass);
  assert_int_equal(a->seed, b->seed);
  assert_string_equal(a->job_text, b->job_text);
  const size_t list = a->n_mass * sizeof(double);
  assert_memory_equal(a->mass_gev, b->mass_gev, list);
  assert_memory_equal(a->coupling, b->coupling, a->n_coupling * sizeof(double));
  assert_memory_equal(a->sigma_pb, b->sigma_pb, list);
  assert_memory_equal(a->sigma_error_pb, b->sigma_error_pb, list);
  assert_memory_equal(a->x_fraction, b->x_fraction, list);
  assert_memory_equal(a->branching, b->branching, list * a->n_coupling);
  assert_memory_equal(&a->nuclei_per_pb, &b->nuclei_per_pb, sizeof a->nuclei_per_pb);
  assert_memory_equal(&a->x_min, &b->x_min, sizeof a->x_min);
  assert_int_equal(a->column_weight != NULL, b->column_weight != NULL);
  if (a->column_weight != NULL) {
    assert_memory_equal(a->column_weight, b->column_weight, list * ZPS_N_A);
  }
  assert_memory_equal(a->mean_k, b->mean_k, list);
  assert_memory_equal(a->tallies, b->tallies, a->n_mass * zps_tally_size((uint32_t)a->n_trigger) * sizeof *a->tallies);
  assert_memory_equal(a->ranges, b->ranges, a->n_range * sizeof *a->ranges);
  for (size_t i = 0; i < a->n_trigger; i++) {
    assert_string_equal(a->triggers[i].name, b->triggers[i].name);
    zps_assert_near(a->triggers[i].n_mot, b->triggers[i].n_mot, 0.0);
    zps_assert_near(a->triggers[i].live_factor, b->triggers[i].live_factor, 0.0);
    zps_assert_near(a->triggers[i].tracking_factor, b->triggers[i].tracking_factor, 0.0);
  }
}

static void test_round_trip(void **state) {
  const char *path = scratch_path("trip.h5");
  zps_result out;
  zps_result in;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  make_sample(&out);
  write_result(path, &out);
  assert_int_equal(zps_result_read(path, &in, &error), ZPS_OK);
  assert_same_numbers(&out, &in);
  /* The writer sets these three itself; all else of the provenance comes back as it went in. */
  assert_int_equal(zps_result_tally_hash(&out, out.provenance.tally_hash, NULL), ZPS_OK);
  assert_int_equal(zps_result_content_hash(&out, out.provenance.content_hash, NULL), ZPS_OK);
  out.provenance.schema_version = ZPS_SCHEMA_VERSION;
  assert_memory_equal(&out.provenance, &in.provenance, sizeof out.provenance);
  zps_result_free(&in);
  zps_result_free(&out);
  zps_result_free(&out);
}

/* A first mass near 2^64, that would wrap behind the others. */
static void test_first_mass(void **state) {
  zps_result out;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  make_sample(&out);
  assert_int_equal(zps_result_check(&out, &error), ZPS_OK);
  out.i_first_mass = UINT64_MAX;
  assert_int_equal(zps_result_check(&out, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "its first mass is mass 18446744073709551615 of the job"));
  zps_result_free(&out);
}

/* Weights of a pilot come back, are part of the content, judge the accepted by their own k^2, and are checked. */
static void test_column_weights(void **state) {
  const char *path = scratch_path("pilot.h5");
  zps_result out;
  zps_result in;
  zps_error error = {ZPS_OK, ""};
  char without[ZPS_HASH_SIZE];
  (void)state;
  make_sample(&out);
  uint64_t *const row = zps_result_row(&out, 0);
  row[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 1)] = 5 * row[zps_tally_stage(0, ZPS_STAGE_ACCEPTED, 0)];
  const zps_counts counts = zps_result_counts(&out, 0, 0);
  const double plain = zps_relative_error(&counts);
  assert_int_equal(zps_result_content_hash(&out, without, &error), ZPS_OK);
  assert_int_equal(zps_result_add_column_weights(&out, &error), ZPS_OK);
  assert_int_equal(zps_result_check(&out, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "column_weight[0] = 0: must be a number from 1 to"));
  for (size_t i = 0; i < out.n_mass * ZPS_N_A; i++) {
    out.column_weight[i] = 4.0 + (double)i;
  }
  write_result(path, &out);
  assert_int_equal(zps_result_read(path, &in, &error), ZPS_OK);
  assert_same_numbers(&out, &in);
  assert_string_not_equal(in.provenance.content_hash, without);
  const zps_counts piloted = zps_result_counts(&in, 0, 0);
  assert_true(zps_relative_error(&piloted) > 1.5 * plain);
  zps_result_free(&in);
  zps_result_free(&out);
}

static void test_same_bytes(void **state) {
  zps_result result;
  size_t size_a = 0;
  size_t size_b = 0;
  (void)state;
  make_sample(&result);
  write_result(scratch_path("a.h5"), &result);
  write_result(scratch_path("b.h5"), &result);
  char *a = scratch_read(scratch_path("a.h5"), &size_a);
  char *b = scratch_read(scratch_path("b.h5"), &size_b);
  assert_int_equal(size_a, size_b);
  assert_memory_equal(a, b, size_a);
  free(a);
  free(b);
  zps_result_free(&result);
}

static void test_ranges_join(void **state) {
  zps_result result;
  (void)state;
  assert_int_equal(zps_result_allocate(&result, 2, 1, 1, NULL), ZPS_OK);
  assert_int_equal(zps_result_add_range(&result, 0, 0, 10, NULL), ZPS_OK);
  assert_int_equal(zps_result_add_range(&result, 0, 10, 5, NULL), ZPS_OK);
  assert_int_equal(zps_result_add_range(&result, 0, 20, 5, NULL), ZPS_OK);
  assert_int_equal(zps_result_add_range(&result, 1, 25, 5, NULL), ZPS_OK);
  assert_int_equal(result.n_range, 3);
  assert_int_equal(result.ranges[0].n, 15);
  zps_result_free(&result);
}

/** Writing must fail with this status and part of a message, leave nothing behind, and be possible after mending. */
static void assert_not_written(const zps_result *result, const char *part) {
  const char *path = scratch_path("never.h5");
  zps_error error = {ZPS_OK, ""};
  const int before = scratch_count();
  assert_int_equal(result_sample_write(path, result, false, &error), ZPS_INVALID);
  if (strstr(error.text, part) == NULL) {
    print_error("got: %s\n", error.text);
    fail();
  }
  assert_int_equal(scratch_count(), before);
}

static void test_bad_results(void **state) {
  zps_result result;
  (void)state;
  make_sample(&result);
  const char *const names[] = {"", ".", "..", "a/b", "total", "new\nline", "smu152"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    (void)snprintf(result.triggers[1].name, ZPS_NAME_SIZE, "%s", names[i]);
    assert_not_written(&result, i < 6 ? "trigger 1: the name must be" : "two triggers are named smu152");
  }
  (void)snprintf(result.triggers[1].name, ZPS_NAME_SIZE, "S mu \xce\xbc `x` %%n");
  result.mass_gev[2] = (double)NAN;
  assert_not_written(&result, "mass_gev[2] = nan");
  result.mass_gev[2] = 3.0;
  result.sigma_pb[0] = -1.0;
  assert_not_written(&result, "sigma_pb[0] = -1");
  result.sigma_pb[0] = 1.0;
  result.triggers[0].live_factor = 1.5;
  assert_not_written(&result, "live_factor = 1.5");
  result.triggers[0].live_factor = 0.87;
  uint64_t *row = zps_result_row(&result, 0);
  row[zps_tally_stage(0, ZPS_STAGE_IN_S4, 0)] += 1000000;
  assert_not_written(&result, "in_s4 but only");
  row[zps_tally_stage(0, ZPS_STAGE_IN_S4, 0)] -= 1000000;
  row[zps_tally_events(2)]++;
  assert_not_written(&result, "20001 events counted, but the ranges hold 20000");
  row[zps_tally_events(2)]--;
  result.ranges[0].i_mass = 0; /* the sample starts at mass 3 */
  assert_not_written(&result, "range 0");
  result.ranges[0].i_mass = 3;
  write_result(scratch_path("mended.h5"), &result);
  zps_result_free(&result);
}

static void test_absurd_sizes(void **state) {
  const size_t bad[][3] = {{0, 1, 1},
                           {1, 0, 1},
                           {1, 1, 0},
                           {1, 1, ZPS_MAX_TRIGGERS + 1},
                           {SIZE_MAX, 1, 1},
                           {1, SIZE_MAX, 1},
                           {1 << 20, 1 << 20, 1}};
  zps_result result;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(zps_result_allocate(&result, bad[i][0], bad[i][1], bad[i][2], NULL), ZPS_INVALID);
    assert_null(result.tallies);
  }
}

static void assert_not_read(const char *path, zps_status status, const char *part) {
  zps_result result;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_result_read(path, &result, &error), status);
  if (strstr(error.text, part) == NULL || strchr(error.text, '\n') != NULL) {
    print_error("got: %s\n", error.text);
    fail();
  }
  assert_null(result.tallies);
  assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0); /* nothing is left open */
}

static void test_not_a_result(void **state) {
  (void)state;
  assert_not_read(scratch_path("missing.h5"), ZPS_IO, "missing.h5: cannot read: No such file or directory");
  assert_not_read(scratch_folder, ZPS_IO, "is a folder");
  assert_not_read("/dev/null", ZPS_IO, "is no regular file");
  assert_int_equal(scratch_write(scratch_path("text.h5"), "seed: 1\nevents: 3\n", 18), 0);
  assert_not_read(scratch_path("text.h5"), ZPS_INVALID, "is not an HDF5 file");
  assert_int_equal(scratch_write(scratch_path("empty.h5"), "", 0), 0);
  assert_not_read(scratch_path("empty.h5"), ZPS_INVALID, "is not an HDF5 file");
  const hid_t file = H5Fcreate(scratch_path("other.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(file >= 0);
  assert_true(H5Fclose(file) >= 0);
  assert_not_read(scratch_path("other.h5"), ZPS_INVALID, "other.h5: is no result of zpscan run");
}

/** Opens a fresh copy of the sample for mischief. */
static hid_t open_victim(const char *path) {
  zps_result result;
  make_sample(&result);
  write_result(path, &result);
  zps_result_free(&result);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(file >= 0);
  return file;
}

static void replace_dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *size, hid_t list) {
  const hid_t space = H5Screate_simple(rank, size, NULL);
  assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  assert_true(dataset >= 0);
  (void)H5Dclose(dataset);
  (void)H5Sclose(space);
}

static void test_hostile_datasets(void **state) {
  const char *path = scratch_path("hostile.h5");
  const hsize_t three[] = {3};
  const hsize_t four[] = {4};
  const hsize_t pair[] = {3, 1};
  const hsize_t huge[] = {1ULL << 40};
  (void)state;
  const struct {
    const char *name;
    hid_t type;
    int rank;
    const hsize_t *size;
    const char *message;
  } cases[] = {
      {"grid/mass", H5T_STD_U64LE, 1, three, "/grid/mass: expected 64-bit floats"},
      {"grid/mass", H5T_IEEE_F32LE, 1, three, "/grid/mass: expected 64-bit floats"},
      {"grid/mass", H5T_IEEE_F64LE, 2, pair, "/grid/mass: expected 1 dimension"},
      {"grid/mass", H5T_IEEE_F64LE, 1, huge, "/grid/mass: is larger than its file can hold"},
      {"grid/coupling", H5T_IEEE_F64LE, 1, huge, "/grid/coupling: is larger than its file can hold"},
      {"run/range/n", H5T_STD_U64LE, 1, huge, "/run/range/n: is larger than its file can hold"},
      {"grid/mass", H5T_IEEE_F64LE, 1, four, "expected size 4 in dimension 0, got 3"},
      {"trigger/smu152/cutflow", H5T_STD_I64LE, 2, pair, "cutflow: expected 64-bit unsigned integers"},
      {"trigger/smu152/cutflow", H5T_STD_U64LE, 2, pair, "expected size 7 in dimension 1, got 1"},
      {"trigger/smu117/cutflow", H5T_STD_U64LE, 1, three, "cutflow: expected 2 dimensions"},
      {"fate", H5T_STD_U64LE, 2, pair, "/fate: expected size 10"},
      {"cross_section/sigma_pb", H5T_IEEE_F64LE, 1, three, "is damaged: its numbers give content_hash"},
      {"grid/stage", H5T_C_S1, 1, three, "/grid/stage"},
      {"grid/trigger", H5T_C_S1, 1, huge, "/grid/trigger: is larger than its file can hold"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const hid_t file = open_victim(path);
    replace_dataset(file, cases[i].name, cases[i].type, cases[i].rank, cases[i].size, H5P_DEFAULT);
    (void)H5Fclose(file);
    assert_not_read(path, ZPS_INVALID, cases[i].message);
  }
}

static void test_missing_parts(void **state) {
  const char *path = scratch_path("part.h5");
  const char *const parts[] = {"grid/mass",      "grid/coupling", "grid/trigger",          "grid/stage", "grid/fate",
                               "trigger",        "fate",          "cross_section",         "branching",  "job",
                               "run/events",     "run/range",     "histogram/in_s4/x_smu", "run",        "grid",
                               "trigger/smu117", "histogram"};
  (void)state;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    const hid_t file = open_victim(path);
    assert_true(H5Ldelete(file, parts[i], H5P_DEFAULT) >= 0);
    (void)H5Fclose(file);
    assert_not_read(path, ZPS_INVALID, "part.h5: ");
  }
}

/* Data that would come from elsewhere: a link out of the file, external raw data, chunks that would need 8 TB at once.
 */
static void test_data_from_elsewhere(void **state) {
  const char *path = scratch_path("else.h5");
  const hsize_t three[] = {3};
  const hsize_t chunk[] = {1ULL << 31};
  (void)state;
  hid_t file = open_victim(path);
  assert_true(H5Ldelete(file, "grid", H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_external(scratch_path("a.h5"), "/grid", file, "grid", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  (void)H5Fclose(file);
  assert_not_read(path, ZPS_INVALID, "no dataset /grid/mass");
  hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  assert_true(H5Pset_external(list, "/dev/zero", 0, 24) >= 0);
  file = open_victim(path);
  replace_dataset(file, "grid/mass", H5T_IEEE_F64LE, 1, three, list);
  (void)H5Pclose(list);
  (void)H5Fclose(file);
  assert_not_read(path, ZPS_INVALID, "/grid/mass: must be stored in the file itself");
  list = H5Pcreate(H5P_DATASET_CREATE);
  assert_true(H5Pset_chunk(list, 1, chunk) >= 0);
  file = open_victim(path);
  const hsize_t unlimited[] = {H5S_UNLIMITED};
  const hid_t space = H5Screate_simple(1, three, unlimited);
  assert_true(H5Ldelete(file, "run/events", H5P_DEFAULT) >= 0);
  const hid_t dataset = H5Dcreate2(file, "run/events", H5T_STD_U8LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  (void)H5Dclose(dataset);
  (void)H5Sclose(space);
  (void)H5Pclose(list);
  (void)H5Fclose(file);
  assert_not_read(path, ZPS_INVALID, "/run/events");
}

/* A count changed by one, as an editor of HDF5 files could: the hashes tell. */
static void test_edited_count(void **state) {
  const char *path = scratch_path("edited.h5");
  uint64_t counts[3][ZPS_N_STAGE];
  (void)state;
  const hid_t file = open_victim(path);
  const hid_t dataset = H5Dopen2(file, "trigger/smu117/cutflow", H5P_DEFAULT);
  assert_true(H5Dread(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, counts) >= 0);
  counts[2][ZPS_STAGE_ACCEPTED]--;
  assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, counts) >= 0);
  (void)H5Dclose(dataset);
  (void)H5Fclose(file);
  assert_not_read(path, ZPS_INVALID, "is damaged: its numbers give tally_hash");
}

static void delete_link(const char *path, const char *name) {
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  (void)H5Fclose(file);
}

/** Adds 1e-9 to a number of mass 1. */
static void edit_number(const char *path, const char *name) {
  double values[3];
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  values[1] += 1e-9;
  assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  (void)H5Dclose(dataset);
  (void)H5Fclose(file);
}

/* The mean k of a pilot's table is no content, so that results keep their hash, but comes back and is checked against
 * what was made of it; a file from before it was stored has the vertex factor 1 that it had then. */
static void test_mean_k(void **state) {
  const char *path = scratch_path("mean_k.h5");
  zps_result out;
  zps_result in;
  zps_error error = {ZPS_OK, ""};
  char before[ZPS_HASH_SIZE];
  (void)state;
  make_sample(&out);
  assert_int_equal(zps_result_add_column_weights(&out, &error), ZPS_OK);
  for (size_t i = 0; i < out.n_mass * ZPS_N_A; i++) {
    out.column_weight[i] = 4.0;
  }
  assert_int_equal(zps_result_content_hash(&out, before, &error), ZPS_OK);
  out.mean_k[1] = 1.25;
  write_result(path, &out);
  assert_int_equal(zps_result_read(path, &in, &error), ZPS_OK);
  assert_same_numbers(&out, &in);
  assert_string_equal(in.provenance.content_hash, before);
  const double generated = (double)zps_result_row(&in, 1)[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)];
  zps_assert_relative(zps_signal_vertex_factor(&in, 1), generated / (20000.0 * 1.25), 1e-15);
  zps_result_free(&in);
  edit_number(path, "emission/mean_k");
  assert_not_read(path, ZPS_INVALID, "is damaged: mean_k = 1.250000001 and the counts of mass 1 give vertex_factor");
  write_result(path, &out);
  edit_number(path, "cross_section/vertex_factor");
  assert_not_read(path, ZPS_INVALID, "is damaged: mean_k = 1.25");
  write_result(path, &out);
  delete_link(path, "emission/mean_k");
  assert_not_read(path, ZPS_INVALID, "emission/mean_k");
  delete_link(path, "cross_section/vertex_factor");
  assert_int_equal(zps_result_read(path, &in, &error), ZPS_OK);
  zps_assert_relative(zps_signal_vertex_factor(&in, 1), 1.0, 1e-15);
  zps_result_free(&in);
  out.mean_k[1] = 0.0;
  assert_int_equal(zps_result_check(&out, &error), ZPS_INVALID);
  zps_result_free(&out);
}

static void test_truncated(void **state) {
  const char *path = scratch_path("short.h5");
  zps_result result;
  size_t size = 0;
  (void)state;
  make_sample(&result);
  write_result(path, &result);
  zps_result_free(&result);
  char *bytes = scratch_read(path, &size);
  assert_non_null(bytes);
  for (size_t i = 0; i < 150; i++) {
    const size_t left = i < 50 ? i * 3 : (size - 1) * (i - 50) / 99;
    assert_int_equal(scratch_write(path, bytes, left), 0);
    assert_not_read(path, ZPS_INVALID, "short.h5: is ");
  }
  free(bytes);
}

/* Whatever single byte is wrong, the file is refused or all that zps_result holds is what was written. Positions come
 * from a fixed sequence, in the header, and all through the file. */
static void test_flipped_bytes(void **state) {
  const char *path = scratch_path("flip.h5");
  zps_result out;
  zps_result in;
  uint64_t random = 88172645463325252ULL;
  size_t size = 0;
  int refused = 0;
  (void)state;
  make_sample(&out);
  write_result(path, &out);
  char *bytes = scratch_read(path, &size);
  assert_non_null(bytes);
  for (size_t i = 0; i < 600; i++) {
    const size_t at = i < 100 ? i : result_sample_next(&random) % size;
    const char kept = bytes[at];
    bytes[at] = (char)(kept ^ (char)(1U << (result_sample_next(&random) % 8)));
    assert_int_equal(scratch_write(path, bytes, size), 0);
    bytes[at] = kept;
    if (zps_result_read(path, &in, NULL) != ZPS_OK) {
      refused++;
      continue;
    }
    assert_same_numbers(&out, &in);
    assert_string_equal(out.provenance.command, in.provenance.command);
    assert_string_equal(out.provenance.job_hash, in.provenance.job_hash);
    zps_result_free(&in);
  }
  print_message("%d of 600 flips refused\n", refused);
  assert_true(refused > 100);
  free(bytes);
  zps_result_free(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_first_mass),
      cmocka_unit_test(test_column_weights), cmocka_unit_test(test_same_bytes),
      cmocka_unit_test(test_mean_k),         cmocka_unit_test(test_ranges_join),
      cmocka_unit_test(test_bad_results),    cmocka_unit_test(test_absurd_sizes),
      cmocka_unit_test(test_not_a_result),   cmocka_unit_test(test_hostile_datasets),
      cmocka_unit_test(test_missing_parts),  cmocka_unit_test(test_data_from_elsewhere),
      cmocka_unit_test(test_edited_count),   cmocka_unit_test(test_truncated),
      cmocka_unit_test(test_flipped_bytes),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
