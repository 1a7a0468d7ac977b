/* Where a value came from, and how to complain about it: `job.yaml:12: layout.S4.start_mm = x: must be a number`. */
#ifndef ZPS_JOB_PLACE_H
#define ZPS_JOB_PLACE_H

#include <stddef.h>

#include "host/error.h"

#define ZPS_SHOWN_SIZE 96

/** A line of a file, or a setting of the command line. Texts are borrowed. */
typedef struct zps_job_place {
  const char *file;
  const char *setting; /* `dotted.path=value` when it came from --set, else NULL */
  int line;            /* from 1; 0 = the file as a whole */
} zps_job_place;

/** A foreign text of n bytes fit for a message: printable ASCII on one line, escaped and cut to size; returns buffer.
 */
const char *zps_job_show(const char *text, size_t n, char *buffer, size_t size);

/** Records ZPS_INVALID with `file:line: ` or `--set setting: ` before the printf-style message; returns it. */
zps_status zps_job_refuse(const zps_job_place *place, zps_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
