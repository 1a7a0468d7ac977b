#include "host/job/beam_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/zps_test.h"

static char path[] = "/tmp/zps_beam_XXXXXX";

static void write_file(const char *text, size_t n) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

static void test_reads(void **state) {
  (void)state;
  static const char text[] = "# a beam\n\n 1 -2\t0.3 -0.4 160.5 # first\r\n-1e1 2 0 0 99"; /* no newline at the end */
  zps_beam_particle *particles = NULL;
  size_t n = 0;
  zps_error error = {ZPS_OK, ""};
  write_file(text, strlen(text));
  assert_int_equal(zps_beam_file_read(path, &particles, &n, &error), ZPS_OK);
  assert_int_equal(n, 2);
  zps_assert_near(particles[0].x_mm, 1, 0);
  zps_assert_near(particles[0].y_mm, -2, 0);
  zps_assert_near(particles[0].tx, 0.3e-3, 1e-19);
  zps_assert_near(particles[0].ty, -0.4e-3, 1e-19);
  zps_assert_near(particles[0].p_gev, 160.5, 0);
  zps_assert_near(particles[1].x_mm, -10, 0);
  free(particles);
}

static void test_many(void **state) {
  (void)state;
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  for (int i = 0; i < 5000; i++) {
    (void)fprintf(file, "%d 0 0 0 160\n", i);
  }
  (void)fclose(file);
  zps_beam_particle *particles = NULL;
  size_t n = 0;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_beam_file_read(path, &particles, &n, &error), ZPS_OK);
  assert_int_equal(n, 5000);
  for (size_t i = 0; i < n; i++) {
    zps_assert_near(particles[i].x_mm, (double)i, 0);
  }
  free(particles);
}

static void expect_refusal(const char *text, size_t size, const char *message) {
  zps_beam_particle *particles = NULL;
  size_t n = 1;
  zps_error error = {ZPS_OK, ""};
  char want[256];
  write_file(text, size);
  assert_int_equal(zps_beam_file_read(path, &particles, &n, &error), ZPS_INVALID);
  assert_null(particles);
  assert_int_equal(n, 0);
  (void)snprintf(want, sizeof want, "%s%s", path, message);
  assert_string_equal(error.text, want);
}

static void test_refuses(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", ": no beam particle: expected lines x_mm y_mm tx_mrad ty_mrad p_gev"},
      {"# none\n\n", ": no beam particle: expected lines x_mm y_mm tx_mrad ty_mrad p_gev"},
      {"1 2 3 4\n", ":1: 4 columns: expected 5: x_mm y_mm tx_mrad ty_mrad p_gev"},
      {"1 2 3 4 160 6\n", ":1: more than 5 columns: expected x_mm y_mm tx_mrad ty_mrad p_gev"},
      {"1 2 3 4 160\n1 2 3 4 nan\n", ":2: p_gev = nan: expected a number"},
      {"1,5 2 3 4 160\n", ":1: x_mm = 1,5: expected a number"},
      {"1 2 3 4 -160\n", ":1: p_gev = -160: must be >= 0.2 and <= 2000"},
      {"1 2 600 4 160\n", ":1: tx_mrad = 600: must be >= -500 and <= 500"},
      {"\x1f\x8b\x08\n", ":1: x_mm = \\x1f\\x8b\\x08: expected a number"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    expect_refusal(cases[i].text, strlen(cases[i].text), cases[i].message);
  }
  expect_refusal("1 2 3 4 160\n1 \0 3", 16, ":2: a NUL byte: expected text");
  char blanks[2048];
  memset(blanks, ' ', sizeof blanks);
  expect_refusal(blanks, sizeof blanks, ":1: longer than 1023 bytes");
}

static void test_no_file(void **state) {
  (void)state;
  zps_beam_particle *particles = NULL;
  size_t n = 0;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_beam_file_read("/tmp", &particles, &n, &error), ZPS_IO);
  assert_string_equal(error.text, "/tmp: is not a regular file: expected beam particles");
  memset(&error, 0, sizeof error);
  assert_int_equal(zps_beam_file_read("no/such", &particles, &n, &error), ZPS_IO);
  assert_string_equal(error.text, "no/such: No such file or directory: expected beam particles");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reads),
      cmocka_unit_test(test_many),
      cmocka_unit_test(test_refuses),
      cmocka_unit_test(test_no_file),
  };
  const int fd = mkstemp(path);
  if (fd < 0) {
    return 1;
  }
  (void)close(fd);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  (void)unlink(path);
  return failed;
}
