#include "host/job/job_place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** Writes one byte of a message; returns its length (1 or 4). */
static size_t show_byte(unsigned char byte, char *out) {
  if (byte >= 0x20 && byte < 0x7f) {
    out[0] = (char)byte;
    return 1;
  }
  (void)snprintf(out, 5, "\\x%02x", byte);
  return 4;
}

const char *zps_job_show(const char *text, size_t n, char *buffer, size_t size) {
  const size_t room = size - 8; /* for one escape, "..." and the end */
  size_t used = 0;
  size_t i = 0;
  for (; i < n && used < room; i++) {
    used += show_byte((unsigned char)text[i], buffer + used);
  }
  (void)snprintf(buffer + used, size - used, "%s", i < n ? "..." : "");
  return buffer;
}

zps_status zps_job_refuse(const zps_job_place *place, zps_error *error, const char *format, ...) {
  char text[ZPS_ERROR_TEXT_SIZE - 256];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (place->setting != NULL) {
    char shown[ZPS_SHOWN_SIZE];
    return zps_error_set(error, ZPS_INVALID, "--set %s: %s",
                         zps_job_show(place->setting, strlen(place->setting), shown, sizeof shown), text);
  }
  if (place->line > 0) {
    return zps_error_set(error, ZPS_INVALID, "%s:%d: %s", place->file, place->line, text);
  }
  return zps_error_set(error, ZPS_INVALID, "%s: %s", place->file, text);
}
