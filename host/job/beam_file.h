/* Beam particles from a text file, e.g. made from a beam-line simulation. */
#ifndef ZPS_JOB_BEAM_FILE_H
#define ZPS_JOB_BEAM_FILE_H

#include <stddef.h>

#include "host/error.h"
#include "kernels/beam.h"

#define ZPS_BEAM_FILE_MAX_LINES 100000000u

/** Reads `x_mm y_mm tx_mrad ty_mrad p_gev` per line, separated by spaces or tabs; `#` begins a comment, empty lines
 *  are skipped. Slopes are turned from mrad into dx/dz. Refuses |x|, |y| > 1e6 mm, |slope| > 500 mrad,
 *  p outside 0.2 .. 2000 GeV, a file without particles or with more than ZPS_BEAM_FILE_MAX_LINES lines.
 *  *particles is malloc'd [*n], NULL on failure. */
zps_status zps_beam_file_read(const char *path, zps_beam_particle **particles, size_t *n, zps_error *error);

#endif
