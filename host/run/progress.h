/* Telling how a run goes: a line on a terminal, lines in a log, JSON lines for programs. */
#ifndef ZPS_RUN_PROGRESS_H
#define ZPS_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "host/error.h"
#include "host/run/run_loop.h"

#define ZPS_PROGRESS_TERMINAL_S 0.2 /* at most one line rewritten in this time */
#define ZPS_PROGRESS_LOG_S 10.0     /* at most one line of a log in this time */
#define ZPS_PROGRESS_JSON_S 1.0     /* at most one progress object in this time */
#define ZPS_PROGRESS_LINE_SIZE 256

/** Where to write; the files stay the caller's. */
typedef struct zps_progress_options {
  FILE *text; /* NULL: quiet */
  FILE *json; /* NULL: none */
} zps_progress_options;

typedef struct zps_progress zps_progress;

/** Makes a progress reporter; whether text is a terminal is found out here. Free with zps_progress_destroy(). */
zps_status zps_progress_create(const zps_progress_options *options, zps_progress **progress, zps_error *error);

/** Writes what is due for an event; progress is a zps_progress. The report hook of zps_run_loop(). */
void zps_progress_report(void *progress, zps_run_event event, const zps_run_state *state);

/** Ends a line left open on a terminal, so that a message can follow. */
void zps_progress_end_line(zps_progress *progress);

/** ZPS_IO when the JSON log could not be written completely; name is its name for the message. */
zps_status zps_progress_check(zps_progress *progress, const char *name, zps_error *error);

void zps_progress_destroy(zps_progress *progress); /* NULL is fine */

/** Formats where a run stands into one line without newline, e.g.
 *  "12.3 M of 60.0 M events (20.5 %), mass 13 of 60, 512 k/s, 1 min 33 s left", or without share and time left where
 *  more may be asked for: "12.3 M of at least 60.0 M events, mass 13 of 60, 512 k/s". */
void zps_progress_format(const zps_run_state *state, char line[ZPS_PROGRESS_LINE_SIZE]);

#endif
