/* The legend of a picture: below the plot, so that it covers nothing, in as many columns as the labels leave room for;
 * the canvas grows with it. */
#ifndef ZPS_PLOT_LEGEND_H
#define ZPS_PLOT_LEGEND_H

#include <stddef.h>
#include <stdio.h>

/** Zero-initialise. */
typedef struct zps_legend {
  size_t n_entries;
  size_t longest; /* characters of the longest label */
} zps_legend;

/** Counts an entry; label: its text (UTF-8) without markup. */
void zps_legend_add(zps_legend *legend, const char *label);

size_t zps_legend_columns(const zps_legend *legend);
size_t zps_legend_rows(const zps_legend *legend);

/** Height of the canvas [pixels]: 1200, and more for a legend of more than two rows. */
int zps_legend_canvas_px(const zps_legend *legend);

/** Lower margin and key, with room for the numbers and the label of the x axis between plot and legend. */
void zps_legend_put(FILE *out, const zps_legend *legend);

#endif
