/* Signals that ask to stop set a flag, SIGCONT asks for a flush; the second SIGINT ends the process. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/run/stop_signal.h"
#include "tests/zps_test.h"

static void old_handler(int number) {
  (void)number;
}

static void test_each_signal_sets_the_flag(void **unused) {
  (void)unused;
  static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(zps_stop_signal_install(NULL), ZPS_OK);
    assert_int_equal(zps_stop_signal_requested(NULL), 0);
    assert_int_equal(raise(numbers[i]), 0);
    assert_int_equal(zps_stop_signal_requested(NULL), numbers[i]);
    zps_stop_signal_restore();
  }
}

static void test_old_handlers_come_back(void **unused) {
  (void)unused;
  struct sigaction found;
  assert_true(signal(SIGTERM, old_handler) == SIG_DFL);
  assert_int_equal(zps_stop_signal_install(NULL), ZPS_OK);
  assert_int_equal(zps_stop_signal_install(NULL), ZPS_FAILURE);
  assert_int_equal(sigaction(SIGTERM, NULL, &found), 0);
  assert_true(found.sa_handler != old_handler);
  assert_int_equal(raise(SIGINT), 0);
  zps_stop_signal_restore();
  zps_stop_signal_restore();
  assert_int_equal(sigaction(SIGTERM, NULL, &found), 0);
  assert_true(found.sa_handler == old_handler);
  assert_true(signal(SIGTERM, SIG_DFL) == old_handler);
}

static void test_an_ignored_signal_stays_ignored(void **unused) {
  (void)unused;
  assert_true(signal(SIGINT, SIG_IGN) == SIG_DFL);
  assert_int_equal(zps_stop_signal_install(NULL), ZPS_OK);
  assert_int_equal(raise(SIGINT), 0);
  assert_int_equal(zps_stop_signal_requested(NULL), 0);
  zps_stop_signal_restore();
  assert_true(signal(SIGINT, SIG_DFL) == SIG_IGN);
}

static void test_continue_asks_for_a_flush_once(void **unused) {
  (void)unused;
  assert_int_equal(zps_stop_signal_install(NULL), ZPS_OK);
  assert_int_equal(zps_stop_signal_flush_requested(NULL), 0);
  assert_int_equal(raise(SIGCONT), 0);
  assert_int_equal(zps_stop_signal_requested(NULL), 0);
  assert_int_equal(zps_stop_signal_flush_requested(NULL), 1);
  assert_int_equal(zps_stop_signal_flush_requested(NULL), 0);
  zps_stop_signal_restore();
}

static int status_after(const int *numbers, int n) {
  const pid_t child = fork();
  int status = 0;
  if (child == 0) {
    (void)zps_stop_signal_install(NULL);
    for (int i = 0; i < n; i++) {
      (void)raise(numbers[i]);
    }
    _exit(7);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

static void test_only_a_second_interrupt_ends_the_process(void **unused) {
  (void)unused;
  const int interrupts[] = {SIGINT, SIGINT};
  const int others[] = {SIGTERM, SIGTERM, SIGUSR1, SIGUSR1, SIGINT};
  int status = status_after(interrupts, 2);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGINT);
  status = status_after(others, 5);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void) {
  /* A shell without job control starts background processes with SIGINT ignored. */
  (void)signal(SIGINT, SIG_DFL);
  (void)signal(SIGTERM, SIG_DFL);
  (void)signal(SIGUSR1, SIG_DFL);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_signal_sets_the_flag),
      cmocka_unit_test(test_old_handlers_come_back),
      cmocka_unit_test(test_an_ignored_signal_stays_ignored),
      cmocka_unit_test(test_continue_asks_for_a_flush_once),
      cmocka_unit_test(test_only_a_second_interrupt_ends_the_process),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
