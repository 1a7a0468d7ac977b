#include "host/cli/message.h"

#include <stdio.h>
#include <string.h>

#define MAX_WORD 32
#define MAX_EDITS 2u /* a word further away is not what was meant */

/* A pipe takes as much in one piece, whoever else writes to it. */
#define LINE_SIZE 4096u

/** A line as it grows, or the part of it that is not written yet. */
typedef struct message_line {
  char text[LINE_SIZE];
  size_t n;
} message_line;

static void line_write(message_line *line) {
  (void)fwrite(line->text, 1, line->n, stderr);
  line->n = 0;
}

static void line_put(message_line *line, char c) {
  if (line->n == LINE_SIZE) {
    line_write(line);
  }
  line->text[line->n] = c;
  line->n++;
}

static void line_put_plain(message_line *line, const char *text) {
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char)*text;
    line_put(line, c < 0x20 || c == 0x7f ? '?' : *text);
  }
}

void zps_message(const char *name, const char *text) {
  message_line line;
  line.n = 0;
  line_put_plain(&line, name);
  line_put(&line, ':');
  line_put(&line, ' ');
  line_put_plain(&line, text);
  line_put(&line, '\n');
  line_write(&line);
}

static unsigned smallest(unsigned a, unsigned b, unsigned c) {
  const unsigned ab = a < b ? a : b;
  return ab < c ? ab : c;
}

/* Levenshtein, one row at a time; only the first MAX_WORD letters count. */
static unsigned edit_distance(const char *a, const char *b) {
  unsigned row[MAX_WORD + 1];
  const unsigned n = (unsigned)strnlen(b, MAX_WORD);
  for (unsigned j = 0; j <= n; j++) {
    row[j] = j;
  }
  for (unsigned i = 1; i <= (unsigned)strnlen(a, MAX_WORD); i++) {
    unsigned diagonal = row[0];
    row[0] = i;
    for (unsigned j = 1; j <= n; j++) {
      const unsigned above = row[j];
      row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
      diagonal = above;
    }
  }
  return row[n];
}

void zps_message_warn(void *name, const char *text) {
  zps_message((const char *)name, text);
}

const char *zps_nearest_word(const char *word, const char *const *candidates, unsigned n) {
  const char *best = candidates[0];
  unsigned shortest = edit_distance(word, best);
  for (unsigned i = 1; i < n; i++) {
    const unsigned distance = edit_distance(word, candidates[i]);
    if (distance < shortest) {
      shortest = distance;
      best = candidates[i];
    }
  }
  return shortest <= MAX_EDITS && shortest < strnlen(word, MAX_WORD) ? best : NULL;
}
