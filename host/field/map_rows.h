/* The rows of a text map, `x y z Bx By Bz` in any order, put onto a grid.
 *
 * The file is read twice: first the coordinates, which give the axes, then the
 * field, which goes straight to its place. So there is one copy of the map and one
 * line of text in memory, whatever the order of the rows. */
#ifndef ZPS_FIELD_MAP_ROWS_H
#define ZPS_FIELD_MAP_ROWS_H

#include "host/field/map_reader.h"

#define ZPS_MAP_COLUMNS_MAX 64
#define ZPS_MAP_NO_COLUMN SIZE_MAX

/** One part of a line. */
typedef struct zps_map_field {
  const char *text;
  size_t n;
} zps_map_field;

/** What a format's header says of the rows behind it. */
typedef struct zps_map_rows {
  uint64_t first_line; /* of the rows */
  size_t n_columns;
  size_t column[6];     /* of x, y, z, Bx, By, Bz; NO_COLUMN: a free axis, or a component that is zero */
  const char *names[6]; /* of the same, for messages */
  bool commas;          /* between columns; else blanks and tabs */
  const char *comment;  /* characters that begin a line to pass over */
  zps_map_units units;
  double n_announced[3]; /* nodes along x, y, z; 0: not announced */
  double n_rows_announced;
  bool has_ends[3]; /* the header gives the ends of the axis, which then are the axis */
  double first_mm[3], last_mm[3];
  int fastest; /* axis that must change from the first row to the second; -1: any order */
} zps_map_rows;

/** Splits a line at blanks and tabs, or at commas with blanks around them; the number of parts, at most
 *  ZPS_MAP_COLUMNS_MAX + 1. */
size_t zps_map_split(const char *text, size_t n, bool commas, zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1]);

/** True for an empty line or one whose first character is in `comment`. */
bool zps_map_skips(const char *text, size_t n, const char *comment);

/** Reads the rows into content->grid and free_axis. Every node of the product of the axes exactly once; what is
 * missing, double, not a number or not finite is named with its line; ZPS_FIELD_MAX_BYTES is checked before anything is
 *  allocated, on announced sizes too. */
zps_status zps_map_rows_read(zps_map_source *source, const zps_map_rows *rows, zps_map_content *content,
                             zps_error *error);

#endif
