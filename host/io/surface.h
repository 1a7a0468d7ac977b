/* Placement surfaces of a result file: /placement.
 *
 * A surface (kernels/placement.h) is large, so it never lies in a zps_result: it is written and read one mass at a
 * time. A file without /placement has none. */
#ifndef ZPS_IO_SURFACE_H
#define ZPS_IO_SURFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/io/hash.h"
#include "host/io/result.h"
#include "kernels/placement.h"

/** What a result file says of its surfaces. */
typedef struct zps_surface_facts {
  size_t n_mass;
  zps_placement placement;                 /* lattices, n_y and the y ranges; `others` is 0: the counts know */
  double width_first_mm, width_last_mm;    /* of the counters of the first trigger */
  double y_offset_mm[ZPS_MAX_PLACEMENT_Y]; /* heights of the first counter; the y ranges tell those of the last */
  char hash[ZPS_HASH_SIZE]; /* XXH3-128 of all surfaces, mass by mass, each count as 8 little-endian bytes */
} zps_surface_facts;

typedef struct zps_surface_file zps_surface_file;

/** True when the file at path can be opened and has surfaces. */
bool zps_surface_file_has(const char *path);

/** Opens the surfaces of the result at path. ZPS_INVALID, with one line that says how to make them, when the file has
 *  none; otherwise as zps_result_read(). Close with zps_surface_file_close(). */
zps_status zps_surface_file_open(const char *path, zps_surface_file **file, zps_surface_facts *facts, zps_error *error);

/** Reads the counts of one mass, y offset and stage into cells[zps_placement_cells()], first plane slowest. */
zps_status zps_surface_file_read(zps_surface_file *file, size_t i_mass, size_t i_y, enum zps_surface_stage stage,
                                 uint64_t *cells, zps_error *error);

/** Reads all surfaces and compares their hash with the stored one; with expected not NULL, also lattices, widths,
 *  heights and y ranges with those of the job that the file says it is of. ZPS_INVALID names what differs. */
zps_status zps_surface_file_verify(zps_surface_file *file, const zps_surface_facts *facts,
                                   const zps_surface_facts *expected, zps_error *error);

void zps_surface_file_close(zps_surface_file *file); /* NULL is fine */

/** Where a writer gets surfaces from: fills surface[zps_surface_size()] with the counts of mass i_mass of the result.
 */
typedef struct zps_surface_source {
  zps_surface_facts facts; /* hash is not read */
  zps_status (*read)(void *context, size_t i_mass, uint64_t *surface, zps_error *error);
  void *context;
} zps_surface_source;

/** zps_result_write() with surfaces beside it; source NULL = none. The file is then made on disk under a temporary
 *  name, one mass at a time. Returns what the source returned when it fails. */
zps_status zps_result_write_placed(const char *path, const zps_job *job, const zps_result *result,
                                   const zps_surface_source *source, bool force, zps_error *error);

#endif
