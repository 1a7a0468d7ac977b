/* Errors of the library: a status code out, one line of text beside it.
 *
 * The library never exits and never prints. A message says what, expected, got
 * and where: `na64mu.yaml:14: field step_mm = -1: must be > 0`. */
#ifndef ZPS_ERROR_H
#define ZPS_ERROR_H

/** Codes, exit statuses of the program, and what they mean. */
#define ZPS_STATUS_LIST(X)                                                                                             \
  X(OK, 0, "ok")                                                                                                       \
  X(FAILURE, 1, "failure")                                                                                             \
  X(USAGE, 2, "usage error")                                                                                           \
  X(INTERRUPTED, 3, "interrupted, can be resumed")                                                                     \
  X(INVALID, 1, "invalid input")                                                                                       \
  X(IO, 1, "input/output error")                                                                                       \
  X(MEMORY, 1, "out of memory")                                                                                        \
  X(UNAVAILABLE, 1, "not available in this build or on this machine")                                                  \
  X(MISMATCH, 1, "does not belong to this job")

typedef enum zps_status {
#define ZPS_STATUS_ENUM(name, exit_status, text) ZPS_##name,
  ZPS_STATUS_LIST(ZPS_STATUS_ENUM)
#undef ZPS_STATUS_ENUM
      ZPS_N_STATUS
} zps_status;

#define ZPS_ERROR_TEXT_SIZE 1024

/** The first error of a call chain. Zero-initialise; fill with zps_error_set(). */
typedef struct zps_error {
  zps_status status;
  char text[ZPS_ERROR_TEXT_SIZE];
} zps_error;

/** Records status and message (printf-style, one line) unless an error is already there; returns status.
 *  error may be NULL: the status alone is then returned. */
zps_status zps_error_set(zps_error *error, zps_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Short text of a code, e.g. "out of memory". */
const char *zps_status_text(zps_status status);

/** Exit status of the program for a code: 0, 1, 2 or 3. */
int zps_status_exit(zps_status status);

/** Runs a call that returns zps_status; on failure jumps to the function's `done:` label with `status` set. */
#define ZPS_TRY(call)                                                                                                  \
  do {                                                                                                                 \
    status = (call);                                                                                                   \
    if (status != ZPS_OK) {                                                                                            \
      goto done;                                                                                                       \
    }                                                                                                                  \
  } while (0)

#endif
