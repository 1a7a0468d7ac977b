#include "host/plot/picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/output.h"
#include "host/plot/gnuplot.h"

static const struct {
  const char *colour;
  int point;
} styles[] = {{"#0072B2", 7}, {"#D55E00", 5}, {"#009E73", 9}, {"#CC79A7", 13}, {"#E69F00", 11}, {"#56B4E9", 15}};
#define N_STYLE (sizeof styles / sizeof styles[0])

zps_status zps_picture_open(zps_picture_text *text, zps_error *error) {
  *text = (zps_picture_text){NULL, NULL, 0};
  text->stream = open_memstream(&text->bytes, &text->size);
  return text->stream != NULL ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
}

/** Ends the writing; bytes and size are then final. */
static zps_status finish(zps_picture_text *text, zps_error *error) {
  const int failed = ferror(text->stream);
  const int closed = fclose(text->stream);
  text->stream = NULL;
  return failed == 0 && closed == 0 ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
}

zps_status zps_picture_draw(zps_picture_text *text, const char *path, zps_error *error) {
  void *picture = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(finish(text, error));
  ZPS_TRY(zps_gnuplot_draw(text->bytes, text->size, &picture, &size, error));
  ZPS_TRY(zps_output_write(path, picture, size, true, error));
done:
  free(picture);
  return status;
}

zps_status zps_picture_save(zps_picture_text *text, const char *path, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(finish(text, error));
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
  return styles[i % N_STYLE].colour;
}

int zps_picture_point(size_t i) {
  return styles[i % N_STYLE].point;
}

void zps_picture_put_frame(FILE *out) {
  (void)fputs("set terminal pngcairo enhanced size 1800,1200 font 'Sans,30' linewidth 3\n"
              "set encoding utf8\nset format x '%h'\n" /* its own begins with a blank, beside the tick */
              "set decimalsign '.'\n"
              "set border linewidth 1.0\n"
              "set tics scale 1.2 front\n",
              out);
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
