/* Runs gnuplot as a child process: script in, picture out, no shell and no files. */
#ifndef ZPS_PLOT_GNUPLOT_H
#define ZPS_PLOT_GNUPLOT_H

#include <stddef.h>

#include "host/error.h"

/** Feeds a script that draws a PNG or PDF to standard output and hands back what it drew (malloc'd), whole or not at
 * all. ZPS_UNAVAILABLE when there is no gnuplot on PATH, ZPS_FAILURE with the first line of its complaint when it
 * fails, or when the end of the picture is missing. */
zps_status zps_gnuplot_draw(const char *script, size_t script_size, void **picture, size_t *size, zps_error *error);

/** text as a gnuplot single-quoted string: quotes doubled, control characters replaced by '?'. malloc'd, NULL when out
 * of memory. Use it with `noenhanced`. */
char *zps_gnuplot_quote(const char *text);

#endif
