/* The bytes of a map file, plain or compressed with gzip: line by line, or as they are. */
#ifndef ZPS_FIELD_MAP_SOURCE_H
#define ZPS_FIELD_MAP_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

#define ZPS_MAP_LINE_MAX 65535 /* longest line [bytes] */

typedef struct zps_map_source zps_map_source;

/** One line without its end, NUL behind it. Valid until the next call. */
typedef struct zps_map_line {
  const char *text;
  size_t n;
  uint64_t number; /* from 1 */
} zps_map_line;

/** Opens a regular file; a file that begins as gzip does is decompressed on the way. ZPS_IO with the system's reason.
 *  *source is to be closed; NULL after a failure. */
zps_status zps_map_source_open(const char *path, zps_map_source **source, zps_error *error);
void zps_map_source_close(zps_map_source *source); /* NULL is fine */

/** The path, for messages. */
const char *zps_map_source_path(const zps_map_source *source);

/** Upper bound of the bytes this file can hold once decompressed. */
double zps_map_source_bound(const zps_map_source *source);

/** Next line; *more is false at the end. Ends of lines are LF or CR LF. ZPS_INVALID names the line when it is no text
 *  (a control character other than a tab) or too long, or when the compressed file is cut short or damaged. */
zps_status zps_map_source_line(zps_map_source *source, zps_map_line *line, bool *more, zps_error *error);

/** Next n bytes; *got is less at the end of the file. Not to be mixed with lines. */
zps_status zps_map_source_bytes(zps_map_source *source, void *bytes, size_t n, size_t *got, zps_error *error);

/** Back to the first byte. */
zps_status zps_map_source_rewind(zps_map_source *source, zps_error *error);

#endif
