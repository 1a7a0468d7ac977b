#include "host/run/text_difference.h"

#include <stdio.h>
#include <string.h>

/* Copies the next line without indentation; false at the end. */
static bool next_line(const char **text, char line[ZPS_TEXT_LINE_SIZE]) {
  if (**text == '\0') {
    (void)snprintf(line, ZPS_TEXT_LINE_SIZE, "nothing");
    return false;
  }
  const char *const start = *text + strspn(*text, " ");
  const size_t length = strcspn(start, "\n");
  (void)snprintf(line, ZPS_TEXT_LINE_SIZE, "%.*s", (int)(length < ZPS_TEXT_LINE_SIZE ? length : ZPS_TEXT_LINE_SIZE - 1),
                 start);
  *text = start + length + (start[length] == '\n' ? 1 : 0);
  return true;
}

bool zps_text_difference(const char *a, const char *b, char line_a[ZPS_TEXT_LINE_SIZE],
                         char line_b[ZPS_TEXT_LINE_SIZE]) {
  bool more = true;
  while (more) {
    const bool more_a = next_line(&a, line_a);
    const bool more_b = next_line(&b, line_b);
    if (strcmp(line_a, line_b) != 0) {
      return true;
    }
    more = more_a || more_b;
  }
  return false;
}
