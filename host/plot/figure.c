#include "host/plot/figure.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/output.h"

enum figure_file { FILE_CSV, FILE_PNG, FILE_PDF, N_FILE };

zps_status zps_figure_open(zps_figure *figure, const char *path_png, zps_error *error) {
  static const char *const endings[N_FILE] = {".csv", ".png", ".pdf"};
  const size_t length = strlen(path_png);
  const size_t stem = length >= 4 && strcmp(path_png + length - 4, ".png") == 0 ? length - 4 : length;
  zps_status status = ZPS_OK;
  *figure = (zps_figure){0};
  for (int i = 0; i < N_FILE; i++) {
    if (asprintf(&figure->paths[i], "%.*s%s", (int)stem, path_png, endings[i]) < 0) {
      figure->paths[i] = NULL;
      return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
    }
    ZPS_TRY(zps_output_check(figure->paths[i], true, error));
  }
  ZPS_TRY(zps_picture_open(&figure->script, error));
  ZPS_TRY(zps_picture_open(&figure->table, error));
done:
  return status;
}

/** The script with its frame, and for a PDF another terminal: the same drawing, 18 cm wide. */
static zps_status draw(const zps_figure *figure, bool pdf, void **picture, size_t *size, zps_error *error) {
  zps_picture_text whole = {NULL, NULL, 0};
  const int height_px = zps_legend_canvas_px(&figure->legend);
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_picture_open(&whole, error));
  zps_picture_put_frame(whole.stream, height_px);
  if (pdf) {
    (void)fprintf(whole.stream,
                  "set terminal pdfcairo enhanced size 18cm,%.2fcm font 'Sans,30' fontscale 0.2835 linewidth 1.7 "
                  "pointscale 0.567\n",
                  0.01 * height_px);
  }
  (void)fwrite(figure->script.bytes, 1, figure->script.size, whole.stream);
  ZPS_TRY(zps_picture_make(&whole, picture, size, error));
done:
  zps_picture_free(&whole);
  return status;
}

zps_status zps_figure_finish(zps_figure *figure, zps_error *error) {
  void *pictures[N_FILE] = {NULL};
  zps_output_file files[N_FILE];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_picture_end(&figure->table, error));
  ZPS_TRY(zps_picture_end(&figure->script, error));
  files[FILE_CSV] = (zps_output_file){figure->paths[FILE_CSV], figure->table.bytes, figure->table.size};
  for (int i = FILE_PNG; i <= FILE_PDF; i++) {
    size_t size = 0;
    ZPS_TRY(draw(figure, i == FILE_PDF, &pictures[i], &size, error));
    files[i] = (zps_output_file){figure->paths[i], pictures[i], size};
  }
  ZPS_TRY(zps_output_write_set(files, N_FILE, true, error));
done:
  free(pictures[FILE_PNG]);
  free(pictures[FILE_PDF]);
  return status;
}

void zps_figure_free(zps_figure *figure) {
  zps_picture_free(&figure->script);
  zps_picture_free(&figure->table);
  for (int i = 0; i < N_FILE; i++) {
    free(figure->paths[i]);
  }
  *figure = (zps_figure){0};
}

/** Labels at 1, 2, 5 and unlabelled ticks at the other multiples of powers of ten between lo and hi. */
static void put_close_tics(FILE *out, const char *axis, double lo, double hi) {
  const char *separator = "";
  (void)fprintf(out, "set %stics (", axis);
  for (int decade = (int)floor(log10(lo)); decade <= (int)floor(log10(hi)); decade++) {
    for (int m = 1; m < 10; m++) {
      const double value = m * pow(10.0, decade);
      if (value < lo * (1.0 - 1e-9) || value > hi * (1.0 + 1e-9)) {
        continue;
      }
      if (m == 1) {
        (void)fprintf(out, "%s'10^{%d}' %.6g", separator, decade, value);
      } else if (m == 2 || m == 5) {
        (void)fprintf(out, "%s'%d·10^{%d}' %.6g", separator, m, decade, value);
      } else {
        (void)fprintf(out, "%s'' %.6g 1", separator, value);
      }
      separator = ", ";
    }
  }
  (void)fputs(")\n", out);
}

void zps_figure_put_log_axis(FILE *out, const char *axis, double lo, double hi) {
  (void)fprintf(out, "set logscale %s\nset %srange [%.10g:%.10g]\n", axis, axis, lo, hi);
  if (floor(log10(hi)) - ceil(log10(lo)) >= 1.0) {
    (void)fprintf(out, "set format %s '10^{%%T}'\nset m%stics 10\n", axis, axis);
  } else {
    put_close_tics(out, axis, lo, hi);
  }
}

void zps_figure_put_grid(FILE *out) {
  (void)fputs("set grid xtics ytics linecolor rgb '#b8b8b8' linewidth 0.4 dashtype 3\n", out);
}
