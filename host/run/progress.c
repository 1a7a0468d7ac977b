#include "host/run/progress.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NUMBER_SIZE 32
#define MAX_SHOWN_S 8640000.0 /* 100 days: beyond it an estimate means nothing */

struct zps_progress {
  FILE *text;
  FILE *json;
  bool is_terminal;
  bool line_is_open;
  size_t line_length; /* of what stands on the terminal's line */
  double text_s;      /* elapsed time at the last line */
  double json_s;
  bool json_failed;
};

/* Three digits and k, M, G or T. */
static void format_count(double count, char text[NUMBER_SIZE]) {
  static const char *const prefixes[] = {"", " k", " M", " G", " T"};
  size_t i = 0;
  while (count >= 999.5 && i + 1 < sizeof prefixes / sizeof prefixes[0]) {
    count /= 1000.0;
    i++;
  }
  const int n_decimals = i == 0 || count >= 99.95 ? 0 : (count >= 9.995 ? 1 : 2);
  (void)snprintf(text, NUMBER_SIZE, "%.*f%s", n_decimals, count, prefixes[i]);
}

static void format_time(double time_s, char text[NUMBER_SIZE]) {
  const long seconds = (long)(time_s + 0.5);
  if (seconds < 60) {
    (void)snprintf(text, NUMBER_SIZE, "%ld s", seconds);
  } else if (seconds < 3600) {
    (void)snprintf(text, NUMBER_SIZE, "%ld min %ld s", seconds / 60, seconds % 60);
  } else {
    (void)snprintf(text, NUMBER_SIZE, "%ld h %ld min", seconds / 3600, (seconds / 60) % 60);
  }
}

void zps_progress_format(const zps_run_state *state, char line[ZPS_PROGRESS_LINE_SIZE]) {
  char done[NUMBER_SIZE];
  char total[NUMBER_SIZE];
  char rate[NUMBER_SIZE];
  char left[NUMBER_SIZE];
  char pace[2 * NUMBER_SIZE + 16] = "";
  format_count((double)state->n_done, done);
  format_count((double)state->n_total, total);
  format_count(state->rate, rate);
  if (state->rate > 0.0 && state->may_grow) {
    (void)snprintf(pace, sizeof pace, ", %s/s", rate);
  } else if (state->rate > 0.0 && state->left_s >= 0.0 && state->left_s < MAX_SHOWN_S) {
    format_time(state->left_s, left);
    (void)snprintf(pace, sizeof pace, ", %s/s, %s left", rate, left);
  }
  if (state->may_grow) {
    (void)snprintf(line, ZPS_PROGRESS_LINE_SIZE, "%s of at least %s events, mass %" PRIu32 " of %" PRIu32 "%s", done,
                   total, state->i_mass + 1, state->n_mass, pace);
    return;
  }
  const double percent = state->n_total > 0 ? 100.0 * (double)state->n_done / (double)state->n_total : 100.0;
  (void)snprintf(line, ZPS_PROGRESS_LINE_SIZE, "%s of %s events (%.1f %%), mass %" PRIu32 " of %" PRIu32 "%s", done,
                 total, percent, state->i_mass + 1, state->n_mass, pace);
}

zps_status zps_progress_create(const zps_progress_options *options, zps_progress **progress, zps_error *error) {
  zps_progress *made = (zps_progress *)calloc(1, sizeof *made);
  if (made == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the progress display");
  }
  made->text = options->text;
  made->json = options->json;
  made->is_terminal = made->text != NULL && fileno(made->text) >= 0 && isatty(fileno(made->text)) != 0;
  *progress = made;
  return ZPS_OK;
}

static void rewrite_line(zps_progress *progress, const char *line) {
  const size_t length = strlen(line);
  const size_t n_blanks = progress->line_length > length ? progress->line_length - length : 0;
  (void)fprintf(progress->text, "\r%s%*s", line, (int)n_blanks, "");
  (void)fflush(progress->text);
  progress->line_length = length;
  progress->line_is_open = true;
}

static bool is_last(zps_run_event event) {
  return event == ZPS_RUN_DONE || event == ZPS_RUN_INTERRUPTED;
}

static void report_text(zps_progress *progress, zps_run_event event, const zps_run_state *state) {
  const double interval_s = progress->is_terminal ? ZPS_PROGRESS_TERMINAL_S : ZPS_PROGRESS_LOG_S;
  const bool is_due = state->elapsed_s - progress->text_s >= interval_s;
  if (event == ZPS_RUN_START || event == ZPS_RUN_FLUSHED || (event == ZPS_RUN_PROGRESS && !is_due)) {
    return;
  }
  char line[ZPS_PROGRESS_LINE_SIZE];
  zps_progress_format(state, line);
  progress->text_s = state->elapsed_s;
  if (progress->is_terminal) {
    rewrite_line(progress, line);
  } else {
    (void)fprintf(progress->text, "%s\n", line);
    (void)fflush(progress->text);
  }
  if (is_last(event)) {
    zps_progress_end_line(progress);
  }
}

/* A number that is not known is null. */
static json_t *number_or_null(double value, bool is_known) {
  return is_known ? json_real(value) : json_null();
}

static void report_json(zps_progress *progress, zps_run_event event, const zps_run_state *state) {
  static const char *const names[] = {"start", "progress", "flush", "interrupted", "done"};
  const bool is_due = state->elapsed_s - progress->json_s >= ZPS_PROGRESS_JSON_S;
  if (event == ZPS_RUN_PROGRESS && !is_due) {
    return;
  }
  if (event == ZPS_RUN_PROGRESS) {
    progress->json_s = state->elapsed_s;
  }
  json_t *object = json_pack(
      "{s:s, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "event", names[event], "elapsed_s", state->elapsed_s,
      "events_done", (json_int_t)state->n_done, "events_total", (json_int_t)state->n_total, "events_earlier",
      (json_int_t)state->n_earlier, "i_mass", (json_int_t)state->i_mass, "n_mass", (json_int_t)state->n_mass, "batches",
      (json_int_t)state->n_batches, "events_per_s", number_or_null(state->rate, state->rate > 0.0), "left_s",
      number_or_null(state->left_s, state->left_s >= 0.0 && !state->may_grow));
  const bool written = object != NULL && json_dumpf(object, progress->json, JSON_COMPACT) == 0 &&
                       fputc('\n', progress->json) != EOF && fflush(progress->json) == 0;
  progress->json_failed = progress->json_failed || !written;
  json_decref(object);
}

void zps_progress_report(void *progress, zps_run_event event, const zps_run_state *state) {
  zps_progress *self = (zps_progress *)progress;
  if (self->text != NULL) {
    report_text(self, event, state);
  }
  if (self->json != NULL) {
    report_json(self, event, state);
  }
}

void zps_progress_end_line(zps_progress *progress) {
  if (progress->line_is_open) {
    (void)fputc('\n', progress->text);
    (void)fflush(progress->text);
    progress->line_is_open = false;
    progress->line_length = 0;
  }
}

zps_status zps_progress_check(zps_progress *progress, const char *name, zps_error *error) {
  return progress->json_failed ? zps_error_set(error, ZPS_IO, "%s: some lines of this log could not be written", name)
                               : ZPS_OK;
}

void zps_progress_destroy(zps_progress *progress) {
  free(progress);
}
