#include "host/cli/json_print.h"

#include <stdio.h>

zps_status zps_json_print(json_t *value, zps_error *error) {
  if (value == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the JSON output");
  }
  const int failed = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  json_decref(value);
  (void)fputc('\n', stdout);
  return failed == 0 ? ZPS_OK : zps_error_set(error, ZPS_IO, "stdout: cannot write all results");
}
