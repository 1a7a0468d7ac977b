/* Curves of other experiments, from the user's own csv. */
#ifndef ZPS_PLOT_OVERLAY_H
#define ZPS_PLOT_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"
#include "host/job/job.h"

#define ZPS_MAX_OVERLAYS 32

typedef struct zps_overlay_point {
  double mass_gev, limit; /* > 0 */
  size_t i_curve;
} zps_overlay_point;

typedef struct zps_overlay {
  size_t n_curve;
  char labels[ZPS_MAX_OVERLAYS][ZPS_NAME_SIZE];
  size_t n_point;
  zps_overlay_point *points; /* [n_point], malloc'd, in the order of the file */
} zps_overlay;

/** Reads lines `mass,limit,label`: mass in GeV, limit a coupling (or y), label in quotes or not. A first line
 *  of names (`mass...` or `m_...`), empty lines and lines that begin with `#` are passed over. Lines of one label are
 * one curve, joined in the order given. ZPS_IO; ZPS_INVALID names file, line and fault. Free with zps_overlay_free().
 */
zps_status zps_overlay_read(const char *path, zps_overlay *overlay, zps_error *error);

/** Lowest and highest limit of a curve at masses lo_gev .. hi_gev, the lines between its points included, which are
 *  straight in the logarithms; false, and limits untouched, when nothing of it lies there. */
bool zps_overlay_range(const zps_overlay *overlay, size_t i_curve, double lo_gev, double hi_gev, double limits[2]);

void zps_overlay_free(zps_overlay *overlay);

#endif
