#include "host/plot/legend.h"

#include <stdbool.h>

#define CANVAS_WIDTH_PX 1800
#define CANVAS_HEIGHT_PX 1200
#define ROWS_WITHIN 2 /* of a canvas of this height */

/* A key in font ',26' beside 'Sans,30' as gnuplot 5.4 sets it, measured on the canvas. */
#define GNUPLOT_CHARACTER_PX 22 /* that it reserves for a character */
#define CHARACTER_PX 20         /* that text takes on the whole, */
#define WIDE_PX 40              /* and more for wide letters, which count in a short label */
#define ENTRY_PX 120            /* of the sample and the space around it */
#define ROW_PX 44

/* gnuplot breaks a key by columns that is higher than the plot, and one by rows that is wider. */
#define MOST_ROWS 16
#define PLOT_WIDTH_PX 1170

#define AXIS_PX 170 /* numbers and label of the x axis */
#define RIM_PX 15

void zps_legend_add(zps_legend *legend, const char *label) {
  size_t n = 0;
  for (const char *c = label; *c != '\0'; c++) {
    n += ((unsigned char)*c & 0xc0U) != 0x80U ? 1 : 0; /* not the later bytes of a character */
  }
  legend->longest = n > legend->longest ? n : legend->longest;
  legend->n_entries++;
}

static size_t text_px(const zps_legend *legend) {
  return (CHARACTER_PX * legend->longest) + WIDE_PX;
}

static size_t columns_in(const zps_legend *legend, size_t width_px) {
  const size_t room = width_px / (text_px(legend) + ENTRY_PX);
  const size_t most = room < legend->n_entries ? room : legend->n_entries;
  return most > 1 ? most : 1;
}

static size_t rows_of(const zps_legend *legend, size_t n_columns) {
  return (legend->n_entries + n_columns - 1) / n_columns;
}

static bool is_high(const zps_legend *legend) {
  return rows_of(legend, columns_in(legend, CANVAS_WIDTH_PX)) > MOST_ROWS;
}

size_t zps_legend_columns(const zps_legend *legend) {
  return columns_in(legend, is_high(legend) ? PLOT_WIDTH_PX : CANVAS_WIDTH_PX);
}

size_t zps_legend_rows(const zps_legend *legend) {
  return rows_of(legend, zps_legend_columns(legend));
}

int zps_legend_canvas_px(const zps_legend *legend) {
  const int n_rows = (int)zps_legend_rows(legend);
  return CANVAS_HEIGHT_PX + (n_rows > ROWS_WITHIN ? (n_rows - ROWS_WITHIN) * ROW_PX : 0);
}

/** What gnuplot has to change of the characters that it reserves for a label. */
static int width_correction(const zps_legend *legend) {
  const size_t wanted_px = text_px(legend);
  const size_t widest_px = CANVAS_WIDTH_PX - ENTRY_PX;
  return (int)((wanted_px < widest_px ? wanted_px : widest_px) / GNUPLOT_CHARACTER_PX) - (int)legend->longest;
}

void zps_legend_put(FILE *out, const zps_legend *legend) {
  const size_t n_rows = zps_legend_rows(legend);
  const double height = (double)zps_legend_canvas_px(legend);
  (void)fprintf(out, "set bmargin at screen %.5f\nset key at screen 0.5, screen %.5f center bottom ",
                ((double)(n_rows * ROW_PX) + AXIS_PX + RIM_PX) / height, RIM_PX / height);
  (void)(is_high(legend) ? fprintf(out, "horizontal maxcols %zu ", zps_legend_columns(legend))
                         : fprintf(out, "vertical maxrows %zu ", n_rows > 0 ? n_rows : 1));
  (void)fprintf(out, "Left reverse samplen 2.5 spacing 1.1 width %d font ',26'\n", width_correction(legend));
}
