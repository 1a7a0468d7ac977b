/* Put in front of the C library by LD_PRELOAD: what a test cannot ask of the real system.
 *
 * FAULT_CLOCK = realtime: the time of day jumps by hours, back and forth, at every look at it. monotonic: the other
 * clock, which never goes back, leaps ahead by an hour at every tenth look, as after a suspended machine.
 * FAULT_QUOTA = N: files whose name holds FAULT_QUOTA_NAME take N bytes in all, then fail with EDQUOT. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#pragma GCC visibility push(default)

#define HOUR 3600L

static int is_on(const char *name, const char *value) {
  const char *const text = getenv(name);
  return text != NULL && strcmp(text, value) == 0;
}

static long jump_s(void) {
  static unsigned n;
  n = (n * 1103515245u) + 12345u;
  return ((long)((n >> 16) % 2001u) - 1000) * HOUR;
}

static long leap_s(void) {
  static long n;
  return (__atomic_add_fetch(&n, 1, __ATOMIC_RELAXED) / 10) * HOUR;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  const int status = (int)syscall(SYS_clock_gettime, clock, out);
  if (status == 0 && clock == CLOCK_REALTIME && is_on("FAULT_CLOCK", "realtime")) {
    out->tv_sec += jump_s();
  }
  if (status == 0 && clock == CLOCK_MONOTONIC && is_on("FAULT_CLOCK", "monotonic")) {
    out->tv_sec += leap_s();
  }
  return status;
}

time_t time(time_t *out) {
  struct timespec now;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec now;
  (void)zone;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  *out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

/* Whether n more bytes into this file are too many. */
static int is_over_quota(int fd, size_t n) {
  static size_t used;
  char link[64];
  char path[PATH_MAX] = "";
  const char *const quota = getenv("FAULT_QUOTA");
  const char *const name = getenv("FAULT_QUOTA_NAME");
  if (quota == NULL || name == NULL) {
    return 0;
  }
  (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (readlink(link, path, sizeof path - 1) <= 0 || strstr(path, name) == NULL) {
    return 0;
  }
  used += n;
  return used > strtoul(quota, NULL, 10);
}

ssize_t write(int fd, const void *bytes, size_t n) {
  if (is_over_quota(fd, n)) {
    errno = EDQUOT;
    return -1;
  }
  return syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t offset) {
  if (is_over_quota(fd, n)) {
    errno = EDQUOT;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, bytes, n, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset) {
  return pwrite64(fd, bytes, n, offset);
}
