/* Output files that appear whole or not at all. */
#ifndef ZPS_IO_OUTPUT_H
#define ZPS_IO_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"

/** Says before any work is done whether zps_output_write() can be expected to succeed: path is no directory or device,
 *  its folder exists and can be written, and without force nothing is there yet (ZPS_INVALID). Creates nothing. */
zps_status zps_output_check(const char *path, bool force, zps_error *error);

/** True when two names, of files that may not exist yet, are those of one file: the same device and inode where both
 *  exist, else the same name in the same folder. */
bool zps_output_is_same(const char *a, const char *b);

/** Writes size bytes to path: temporary name in the same folder, fsync, rename, fsync of the folder. Without force an
 *  existing file is refused, also one that appears meanwhile. On any failure (ZPS_INVALID, ZPS_IO) the temporary file
 * is gone and an old file is untouched. */
zps_status zps_output_write(const char *path, const void *data, size_t size, bool force, zps_error *error);

#define ZPS_OUTPUT_MAX_SET 4

typedef struct zps_output_file {
  const char *path;
  const void *data;
  size_t size; /* bytes */
} zps_output_file;

/** Writes n <= ZPS_OUTPUT_MAX_SET files that belong together, as zps_output_write() does one: the first takes its place
 *  when all are on disk, so that a full disk leaves every old file, and no new one. */
zps_status zps_output_write_set(const zps_output_file *files, size_t n, bool force, zps_error *error);

/** An output that is written by another library: a temporary file beside path, empty, closed. *temporary is malloc'd.
 * Temporary files of this output whose process is gone are removed: the caller must be the only one that writes path,
 * on any machine (the runs' lock sees to that). End it with zps_output_commit() or zps_output_abandon(). */
zps_status zps_output_begin(const char *path, bool force, char **temporary, zps_error *error);

/** Puts a finished temporary file into its place: fsync, rename, fsync of the folder; as zps_output_write(). */
zps_status zps_output_commit(char *temporary, const char *path, bool force, zps_error *error);

/** Removes the temporary file, frees its name. NULL is fine. */
void zps_output_abandon(char *temporary);

#endif
