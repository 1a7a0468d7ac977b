#include "host/run/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_ATTEMPTS 100

zps_status zps_lock_take(int fd, const char *path, bool exclusive, zps_lock_state *state, zps_error *error) {
  int result;
  do {
    result = flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) {
    *state = ZPS_LOCK_HELD;
  } else if (errno == EWOULDBLOCK) {
    *state = ZPS_LOCK_BUSY;
  } else if (errno == ENOSYS || errno == EOPNOTSUPP || errno == ENOLCK) {
    *state = ZPS_LOCK_UNSUPPORTED;
  } else {
    return zps_error_set(error, ZPS_IO, "%s: cannot lock: %s", path, strerror(errno));
  }
  return ZPS_OK;
}

static zps_status open_regular(const char *path, int *fd, zps_error *error) {
  /* O_NONBLOCK: a pipe of that name must not make us wait. */
  const int opened = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  struct stat facts;
  if (opened < 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot open for writing: %s", path, strerror(errno));
  }
  if (fstat(opened, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    (void)close(opened);
    return zps_error_set(error, ZPS_IO, "%s: expected a regular file", path);
  }
  *fd = opened;
  return ZPS_OK;
}

/* False when the file was removed or replaced between open and lock, by a run that was just finishing. */
static bool is_still_there(int fd, const char *path) {
  struct stat ours;
  struct stat theirs;
  return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
         ours.st_ino == theirs.st_ino;
}

zps_status zps_lock_open(const char *path, int *fd, bool *supported, zps_error *error) {
  for (int i = 0; i < N_ATTEMPTS; i++) {
    int opened = -1;
    zps_lock_state state = ZPS_LOCK_BUSY;
    zps_status status = open_regular(path, &opened, error);
    if (status != ZPS_OK) {
      return status;
    }
    status = zps_lock_take(opened, path, true, &state, error);
    if (status == ZPS_OK && state == ZPS_LOCK_BUSY) {
      status = zps_error_set(error, ZPS_FAILURE, "%s: another process is writing this output", path);
    }
    if (status == ZPS_OK && is_still_there(opened, path)) {
      *fd = opened;
      *supported = state == ZPS_LOCK_HELD;
      return ZPS_OK;
    }
    (void)close(opened);
    if (status != ZPS_OK) {
      return status;
    }
  }
  return zps_error_set(error, ZPS_FAILURE, "%s: keeps being replaced by another process", path);
}
