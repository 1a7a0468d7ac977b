#include "host/plot/picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/output.h"
#include "host/plot/gnuplot.h"

static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
#define N_COLOUR (sizeof colours / sizeof colours[0])

zps_status zps_picture_open(zps_picture_text *text, zps_error *error) {
  *text = (zps_picture_text){NULL, NULL, 0};
  text->stream = open_memstream(&text->bytes, &text->size);
  return text->stream != NULL ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
}

zps_status zps_picture_end(zps_picture_text *text, zps_error *error) {
  const int failed = ferror(text->stream);
  const int closed = fclose(text->stream);
  text->stream = NULL;
  return failed == 0 && closed == 0 ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
}

zps_status zps_picture_make(zps_picture_text *text, void **picture, size_t *size, zps_error *error) {
  const zps_status status = zps_picture_end(text, error);
  return status == ZPS_OK ? zps_gnuplot_draw(text->bytes, text->size, picture, size, error) : status;
}

zps_status zps_picture_draw(zps_picture_text *text, const char *path, zps_error *error) {
  void *picture = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_picture_make(text, &picture, &size, error));
  ZPS_TRY(zps_output_write(path, picture, size, true, error));
done:
  free(picture);
  return status;
}

zps_status zps_picture_save(zps_picture_text *text, const char *path, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_picture_end(text, error));
  ZPS_TRY(zps_output_write(path, text->bytes, text->size, true, error));
done:
  return status;
}

void zps_picture_free(zps_picture_text *text) {
  if (text->stream != NULL) {
    (void)fclose(text->stream);
  }
  free(text->bytes);
}

const char *zps_picture_colour(size_t i) {
  return colours[i % N_COLOUR];
}

/* Tracks of the layout are blue: triggers begin with other colours. Filled marks and full lines first, open marks and
 * dashes then, crosses and dash-dots last. */
zps_picture_style zps_picture_trigger(size_t i) {
  static const int order[N_COLOUR] = {1, 2, 4, 3, 5, 0};
  static const int dashes[] = {1, 2, 4};
  static const char *const short_dashes[] = {"1", "(6,3)", "(2,2)"};
  static const int points[][N_COLOUR] = {{7, 5, 9, 13, 11, 15}, {6, 4, 8, 12, 10, 14}, {1, 2, 3, 1, 2, 3}};
  const size_t round = (i / N_COLOUR) % 3;
  return (zps_picture_style){colours[order[i % N_COLOUR]], dashes[round], points[round][i % N_COLOUR],
                             short_dashes[round]};
}

void zps_picture_put_frame(FILE *out, int height_px) {
  (void)fprintf(out,
                "set terminal pngcairo enhanced size 1800,%d font 'Sans,30' linewidth 3\n"
                "set encoding utf8\nset format x '%%h'\n" /* its own begins with a blank, beside the tick */
                "set decimalsign '.'\n"
                "set border linewidth 1.0\n"
                "set tics scale 1.2 front\n",
                height_px);
}

void zps_picture_put_field(FILE *out, const char *name, const char *suffix) {
  const bool quoted = strpbrk(name, ",\"\r\n") != NULL;
  if (quoted) {
    (void)fputc('"', out);
  }
  for (const char *c = name; *c != '\0'; c++) {
    if (*c == '"') {
      (void)fputc('"', out);
    }
    (void)fputc(*c, out);
  }
  (void)fputs(suffix, out);
  if (quoted) {
    (void)fputc('"', out);
  }
}
