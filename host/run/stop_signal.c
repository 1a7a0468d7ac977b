#include "host/run/stop_signal.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum { N_SIGNALS = 5 };

static const int signals[N_SIGNALS] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGCONT};

/* A handler has no argument of ours, so this state cannot live anywhere else. */
static atomic_int requested;
static atomic_int flush_requested;
static struct sigaction old_actions[N_SIGNALS];
static bool is_installed;

static void handle(int number) {
  const int saved_errno = errno;
  if (number == SIGCONT) {
    atomic_store(&flush_requested, 1);
  } else {
    atomic_store(&requested, number);
  }
  if (number == SIGINT) {
    (void)signal(SIGINT, SIG_DFL);
  }
  errno = saved_errno;
}

static void restore(int n) {
  for (int i = 0; i < n; i++) {
    (void)sigaction(signals[i], &old_actions[i], NULL);
  }
}

zps_status zps_stop_signal_install(zps_error *error) {
  if (is_installed) {
    return zps_error_set(error, ZPS_FAILURE, "stop signals: handlers are already installed");
  }
  atomic_store(&requested, 0);
  atomic_store(&flush_requested, 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  (void)sigemptyset(&action.sa_mask);
  for (int i = 0; i < N_SIGNALS; i++) {
    bool failed = sigaction(signals[i], NULL, &old_actions[i]) != 0;
    if (!failed && old_actions[i].sa_handler != SIG_IGN) {
      failed = sigaction(signals[i], &action, NULL) != 0;
    }
    if (failed) {
      const int reason = errno;
      restore(i);
      return zps_error_set(error, ZPS_FAILURE, "stop signals: cannot handle signal %d: %s", signals[i],
                           strerror(reason));
    }
  }
  is_installed = true;
  return ZPS_OK;
}

int zps_stop_signal_requested(void *context) {
  (void)context;
  return atomic_load(&requested);
}

int zps_stop_signal_flush_requested(void *context) {
  (void)context;
  return atomic_exchange(&flush_requested, 0);
}

void zps_stop_signal_restore(void) {
  if (is_installed) {
    restore(N_SIGNALS);
    is_installed = false;
  }
}
