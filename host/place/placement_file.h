/* The surfaces over positions that a study derives, as HDF5 with axes, units and descriptions.
 *
 *   /x4_mm [n_first], /xm_mm [n_last]            near edges of the two counters: scales of the surfaces
 *   /g90 [n_first][n_last]                       figure of merit; inf where a mass has nothing accepted
 *   /rate [n_first][n_last], /coincidences u64   trigger rate per muon on target; with a beam only
 *   /mass_gev, /weight [n_mass]                  what the figure of merit is a mean over
 *   /front_x4_mm, /front_xm_mm, /front_rate, /front_g90 [n_front]   the front, rate ascending; with a beam only */
#ifndef ZPS_PLACE_PLACEMENT_FILE_H
#define ZPS_PLACE_PLACEMENT_FILE_H

#include "host/error.h"
#include "host/place/placement_study.h"

/** Writes the file, whole or not at all; an existing one is replaced. The study must have been made without has_at. */
zps_status zps_placement_file_write(const char *path, const zps_placement_study *study, zps_error *error);

#endif
