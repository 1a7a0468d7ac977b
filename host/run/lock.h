/* One writer per file: open and flock, so that the lock dies with its process (kill -9 too). */
#ifndef ZPS_RUN_LOCK_H
#define ZPS_RUN_LOCK_H

#include <stdbool.h>

#include "host/error.h"

typedef enum zps_lock_state {
  ZPS_LOCK_HELD,       /* the lock is ours */
  ZPS_LOCK_BUSY,       /* another process holds it */
  ZPS_LOCK_UNSUPPORTED /* this file system cannot lock */
} zps_lock_state;

/** Tries to lock an open file; exclusive, or shared with other readers. Never waits. */
zps_status zps_lock_take(int fd, const char *path, bool exclusive, zps_lock_state *state, zps_error *error);

/** Opens the regular file at path for reading and appending, creates it where it is missing, and locks it.
 *  On success *fd is open (close() gives the lock back) and *supported says whether the file system could lock.
 *  ZPS_FAILURE when another process holds it, ZPS_IO when it cannot be opened; nothing is left open then. */
zps_status zps_lock_open(const char *path, int *fd, bool *supported, zps_error *error);

#endif
