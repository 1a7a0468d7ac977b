/* One process at a time, also while others remove and create the locked file. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/run/lock.h"
#include "tests/zps_test.h"

#define N_PROCESSES 4
#define N_TURNS 1500
#define PATH_SIZE 256

static char directory[PATH_SIZE];
static char path[PATH_SIZE + 16];
static char guard[PATH_SIZE + 16];

static int setup(void **unused) {
  (void)unused;
  const char *root = getenv("TMPDIR");
  (void)snprintf(directory, sizeof directory, "%s/zps_lock_XXXXXX", root != NULL ? root : "/tmp");
  if (mkdtemp(directory) == NULL) {
    return -1;
  }
  (void)snprintf(path, sizeof path, "%s/locked", directory);
  (void)snprintf(guard, sizeof guard, "%s/guard", directory);
  return 0;
}

static int teardown(void **unused) {
  (void)unused;
  (void)unlink(path);
  (void)unlink(guard);
  return rmdir(directory);
}

/* As a run that finishes at once. False when someone else was inside at the same time. */
static bool take_turn(void) {
  int fd = -1;
  bool supported = false;
  if (zps_lock_open(path, &fd, &supported, NULL) != ZPS_OK) {
    return true;
  }
  const int guard_fd = open(guard, O_WRONLY | O_CREAT | O_EXCL, 0600);
  const bool was_alone = guard_fd >= 0;
  if (was_alone) {
    (void)close(guard_fd);
    (void)unlink(guard);
  }
  (void)unlink(path);
  (void)close(fd);
  return was_alone;
}

static void test_two_never_hold_the_lock(void **unused) {
  (void)unused;
  pid_t children[N_PROCESSES];
  for (int i = 0; i < N_PROCESSES; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) {
      bool was_alone = true;
      for (int j = 0; j < N_TURNS; j++) {
        was_alone = take_turn() && was_alone;
      }
      _exit(was_alone ? 0 : 1);
    }
  }
  for (int i = 0; i < N_PROCESSES; i++) {
    int exit_status = -1;
    assert_int_equal(waitpid(children[i], &exit_status, 0), children[i]);
    assert_int_equal(exit_status, 0);
  }
}

static void test_a_held_lock_is_told(void **unused) {
  (void)unused;
  int first = -1;
  int second = -1;
  bool supported = false;
  zps_error error = {.status = ZPS_OK};
  assert_int_equal(zps_lock_open(path, &first, &supported, NULL), ZPS_OK);
  assert_true(supported);
  assert_int_equal(zps_lock_open(path, &second, &supported, &error), ZPS_FAILURE);
  assert_non_null(strstr(error.text, "locked: another process is writing this output"));
  assert_int_equal(second, -1);
  (void)close(first);
  assert_int_equal(zps_lock_open(path, &second, &supported, NULL), ZPS_OK);
  (void)close(second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_two_never_hold_the_lock, setup, teardown),
      cmocka_unit_test_setup_teardown(test_a_held_lock_is_told, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
