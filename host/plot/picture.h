/* What every picture is made of: a gnuplot script that grows in memory, the house's colours, files put in place whole.
 */
#ifndef ZPS_PLOT_PICTURE_H
#define ZPS_PLOT_PICTURE_H

#include <stddef.h>
#include <stdio.h>

#include "host/error.h"

/** A text growing in memory. Zero-initialise; end with zps_picture_free(). */
typedef struct zps_picture_text {
  FILE *stream; /* write here */
  char *bytes;
  size_t size;
} zps_picture_text;

zps_status zps_picture_open(zps_picture_text *text, zps_error *error);

/** Ends the text and runs it as a gnuplot script; *picture is malloc'd. As zps_gnuplot_draw(). */
zps_status zps_picture_make(zps_picture_text *text, void **picture, size_t *size, zps_error *error);

/** The same, and puts the picture at path. As zps_output_write(); an existing file is replaced. */
zps_status zps_picture_draw(zps_picture_text *text, const char *path, zps_error *error);

/** Ends the text: bytes and size are then final. */
zps_status zps_picture_end(zps_picture_text *text, zps_error *error);

/** Ends the text and puts it at path as it is, replacing what is there. */
zps_status zps_picture_save(zps_picture_text *text, const char *path, zps_error *error);

void zps_picture_free(zps_picture_text *text);

/** Okabe & Ito's colours, told apart with any kind of colour vision; they repeat after the sixth. */
const char *zps_picture_colour(size_t i);

/** How curves and points of a trigger look: in gnuplot's numbers. */
typedef struct zps_picture_style {
  const char *colour;
  int dash, point;
  const char *short_dash; /* of thick short lines */
} zps_picture_style;

/** Of trigger i, the same in every picture; of ZPS_MAX_TRIGGERS triggers no two look alike, in print neither, nor, with
 *  lines alone, in colour. */
zps_picture_style zps_picture_trigger(size_t i);

/** Terminal, size, font and tics of all pictures; height_px: zps_legend_canvas_px(). */
void zps_picture_put_frame(FILE *out, int height_px);

/** Writes name and suffix as one csv field, quoted as RFC 4180 has it when it must be. */
void zps_picture_put_field(FILE *out, const char *name, const char *suffix);

#endif
