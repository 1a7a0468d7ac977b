/* JSON on stdout. */
#ifndef ZPS_CLI_JSON_PRINT_H
#define ZPS_CLI_JSON_PRINT_H

#include <jansson.h>

#include "host/error.h"

/** Prints a value to stdout, indented, numbers with 17 digits, and drops the reference. NULL stands for out of memory.
 *  A write error shows when main() flushes stdout. */
zps_status zps_json_print(json_t *value, zps_error *error);

#endif
