#include "host/error.h"

#include <stdarg.h>
#include <stdio.h>

zps_status zps_error_set(zps_error *error, zps_status status, const char *format, ...) {
  if (error == NULL || error->status != ZPS_OK) {
    return status;
  }
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  error->status = status;
  return status;
}

const char *zps_status_text(zps_status status) {
  static const char *const texts[] = {
#define ZPS_STATUS_TEXT(name, exit_status, text) text,
      ZPS_STATUS_LIST(ZPS_STATUS_TEXT)
#undef ZPS_STATUS_TEXT
  };
  return (unsigned)status < (unsigned)ZPS_N_STATUS ? texts[status] : "unknown status";
}

int zps_status_exit(zps_status status) {
  static const int exits[] = {
#define ZPS_STATUS_EXIT(name, exit_status, text) exit_status,
      ZPS_STATUS_LIST(ZPS_STATUS_EXIT)
#undef ZPS_STATUS_EXIT
  };
  return (unsigned)status < (unsigned)ZPS_N_STATUS ? exits[status] : 1;
}
