/* A figure: one script, drawn as PNG and as PDF, and its numbers as csv beside them. */
#ifndef ZPS_PLOT_FIGURE_H
#define ZPS_PLOT_FIGURE_H

#include "host/plot/legend.h"
#include "host/plot/picture.h"

/** Zero-initialise; end with zps_figure_free(). */
typedef struct zps_figure {
  char *paths[3];          /* NAME.csv, NAME.png, NAME.pdf */
  zps_picture_text script; /* gnuplot without terminal and frame, for zps_picture_put_frame() comes before it */
  zps_picture_text table;  /* csv */
  zps_legend legend;       /* its height makes the canvas higher */
} zps_figure;

/** Begins the figure at path_png = NAME.png; ZPS_IO, ZPS_INVALID when any of its files cannot be written. */
zps_status zps_figure_open(zps_figure *figure, const char *path_png, zps_error *error);

/** Draws PNG (1800 x 1200 pixels, higher with a long legend) and PDF (18 cm wide) and puts them and the csv in place,
 *  replacing what is there: all three, or none when gnuplot is missing or the disk is full. As zps_gnuplot_draw() and
 *  zps_output_write_set(). */
zps_status zps_figure_finish(zps_figure *figure, zps_error *error);

void zps_figure_free(zps_figure *figure);

/** A logarithmic axis ("x", "y") from lo to hi, 0 < lo < hi, labelled at powers of ten; where fewer than two of them
 * lie inside, at 1, 2 and 5 times powers of ten. */
void zps_figure_put_log_axis(FILE *out, const char *axis, double lo, double hi);

/** The grid behind curves. */
void zps_figure_put_grid(FILE *out);

#endif
