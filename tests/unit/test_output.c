/* Law: an output file is there whole, or the folder is as it was before. */
#include "tests/zps_test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "host/io/output.h"
#include "tests/unit/scratch_folder.h"

static void assert_contents(const char *path, const char *want) {
  size_t size = 0;
  char *bytes = scratch_read(path, &size);
  assert_non_null(bytes);
  assert_int_equal(size, strlen(want));
  assert_memory_equal(bytes, want, size);
  free(bytes);
}

static void assert_refused(const char *path, bool force, zps_status status, const char *part) {
  zps_error error = {ZPS_OK, ""};
  const int before = scratch_count();
  assert_int_equal(zps_output_write(path, "new", 3, force, &error), status);
  assert_non_null(strstr(error.text, part));
  assert_null(strchr(error.text, '\n'));
  assert_int_equal(scratch_count(), before);
}

static void test_write_and_overwrite(void **state) {
  const char *path = scratch_path("out.txt");
  struct stat info;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(zps_output_check(path, false, &error), ZPS_OK);
  assert_int_equal(scratch_count(), 0);
  assert_int_equal(zps_output_write(path, "old", 3, false, &error), ZPS_OK);
  assert_contents(path, "old");
  assert_int_equal(stat(path, &info), 0);
  const mode_t mask = umask(0);
  (void)umask(mask);
  assert_int_equal(info.st_mode & 0777, 0666 & ~mask);
  assert_refused(path, false, ZPS_INVALID, "out.txt: exists; give --force to replace it");
  assert_contents(path, "old");
  assert_int_equal(zps_output_write(path, "newer", 5, true, &error), ZPS_OK);
  assert_contents(path, "newer");
  assert_int_equal(scratch_count(), 1);
}

static void test_bad_places(void **state) {
  (void)state;
  assert_int_equal(mkdir(scratch_path("folder"), 0777), 0);
  assert_refused(scratch_path("folder"), true, ZPS_INVALID, "is a folder");
  assert_refused(scratch_path("new/"), true, ZPS_INVALID, "names a folder");
  assert_refused(scratch_path("missing/out.h5"), true, ZPS_IO, "No such file or directory");
  assert_refused("/dev/null", true, ZPS_INVALID, "no regular file");
  assert_refused("", true, ZPS_INVALID, "empty");
  assert_int_equal(scratch_write(scratch_path("file"), "x", 1), 0);
  assert_refused(scratch_path("file/out.h5"), true, ZPS_IO, "Not a directory");
  if (geteuid() != 0) { /* nothing is closed to root */
    assert_int_equal(chmod(scratch_path("folder"), 0555), 0);
    assert_refused(scratch_path("folder/out.h5"), true, ZPS_IO, "Permission denied");
  }
}

/** Law: a set is there whole, or none of it is: the first file fits, the second has no place. */
static void test_set(void **state) {
  char *const paths[2] = {strdup(scratch_path("set.csv")), strdup(scratch_path("set.png"))};
  const zps_output_file good[] = {{paths[0], "a", 1}, {paths[1], "bc", 2}};
  const zps_output_file bad[] = {{paths[0], "new", 3}, {scratch_path("missing/set.png"), "new", 3}};
  zps_error error = {ZPS_OK, ""};
  (void)state;
  const int before = scratch_count();
  assert_int_equal(zps_output_write_set(bad, 2, true, &error), ZPS_IO);
  assert_int_equal(scratch_count(), before);
  assert_int_equal(zps_output_write_set(good, 2, false, &error), ZPS_OK);
  assert_int_equal(zps_output_write_set(bad, 2, true, &error), ZPS_IO);
  assert_int_equal(scratch_count(), before + 2);
  assert_contents(paths[0], "a");
  assert_contents(paths[1], "bc");
  free(paths[0]);
  free(paths[1]);
}

/* A limit on the size of files stands for a full disk: the write fails half way. */
static void test_write_cut_short(void **state) {
  static char bytes[1 << 16];
  const char *path = scratch_path("large");
  struct rlimit limit;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(scratch_write(path, "old", 3), 0);
  const int before = scratch_count();
  (void)signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const struct rlimit small = {.rlim_cur = 4096, .rlim_max = limit.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  const zps_status status = zps_output_write(path, bytes, sizeof bytes, true, &error);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(status, ZPS_IO);
  assert_non_null(strstr(error.text, "large: cannot write: File too large"));
  assert_int_equal(scratch_count(), before);
  assert_contents(path, "old");
}

static void touch(const char *path) {
  const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  assert_true(file >= 0);
  (void)close(file);
}

/* A temporary file goes when its process is gone, and nothing else does. */
static void test_what_a_killed_process_left(void **state) {
  char dead[600];
  char alive[600];
  char other[600];
  char like[600];
  char *temporary = NULL;
  (void)state;
  const pid_t child = fork();
  if (child == 0) {
    _exit(0);
  }
  assert_true(child > 0 && waitpid(child, NULL, 0) == child);
  (void)snprintf(dead, sizeof dead, "%s.%ld-0.tmp", scratch_path("stale.h5"), (long)child);
  (void)snprintf(alive, sizeof alive, "%s.%ld-7.tmp", scratch_path("stale.h5"), (long)getpid());
  (void)snprintf(other, sizeof other, "%s.%ld-0.tmp", scratch_path("other.h5"), (long)child);
  (void)snprintf(like, sizeof like, "%s.%ld-0.tmp.h5", scratch_path("stale.h5"), (long)child);
  touch(dead);
  touch(alive);
  touch(other);
  touch(like);
  assert_int_equal(zps_output_begin(scratch_path("stale.h5"), false, &temporary, NULL), ZPS_OK);
  zps_output_abandon(temporary);
  assert_int_not_equal(access(dead, F_OK), 0);
  assert_int_equal(access(alive, F_OK), 0);
  assert_int_equal(access(other, F_OK), 0);
  assert_int_equal(access(like, F_OK), 0);
}

/* One file has many names, before and after it is there. */
static void test_same_file(void **state) {
  const char *const one = scratch_path("same");
  const char *const respelt = scratch_path("./same");
  const char *const other = scratch_path("another");
  const char *const nowhere = scratch_path("no folder/same");
  const char *const linked = scratch_path("linked");
  (void)state;
  assert_true(zps_output_is_same(one, respelt));
  assert_false(zps_output_is_same(one, other));
  assert_false(zps_output_is_same(one, nowhere));
  assert_true(zps_output_is_same(nowhere, nowhere));
  assert_int_equal(scratch_write(one, "1", 1), 0);
  assert_false(zps_output_is_same(one, other));
  assert_int_equal(scratch_write(other, "2", 1), 0);
  assert_true(zps_output_is_same(one, respelt));
  assert_false(zps_output_is_same(one, other));
  assert_int_equal(link(one, linked), 0);
  assert_true(zps_output_is_same(one, linked));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_write_and_overwrite), cmocka_unit_test(test_bad_places),
      cmocka_unit_test(test_write_cut_short),     cmocka_unit_test(test_what_a_killed_process_left),
      cmocka_unit_test(test_same_file),           cmocka_unit_test(test_set),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
