/* One value of a job file into one member of a struct, as its schema key says. */
#ifndef ZPS_JOB_VALUE_H
#define ZPS_JOB_VALUE_H

#include <stddef.h>

#include "host/error.h"
#include "host/job/job_schema.h"
#include "host/job/job_yaml.h"

#define ZPS_DOTTED_SIZE 256

/** Records `place: path = value: message` (printf-style; without `= value` for lists and maps); returns ZPS_INVALID. */
zps_status zps_job_refuse_value(const zps_yaml_node *node, const char *path, zps_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Reads a node into the member of *base that the key names; every type but SECTION and MEMBERS; a GRID as a list.
 *  path is the value's full name for messages. A grid's values are malloc'd. */
zps_status zps_job_value_read(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                              zps_error *error);

#endif
