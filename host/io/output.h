/* Output files that appear whole or not at all. */
#ifndef ZPS_IO_OUTPUT_H
#define ZPS_IO_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"

/** Says before any work is done whether zps_output_write() can be expected to succeed: path is no directory or device,
 *  its folder exists and can be written, and without force nothing is there yet (ZPS_INVALID). Creates nothing. */
zps_status zps_output_check(const char *path, bool force, zps_error *error);

/** Writes size bytes to path: temporary name in the same folder, fsync, rename, fsync of the folder. Without force an
 *  existing file is refused, also one that appears meanwhile. On any failure (ZPS_INVALID, ZPS_IO) the temporary file
 * is gone and an old file is untouched. */
zps_status zps_output_write(const char *path, const void *data, size_t size, bool force, zps_error *error);

#endif
