/* Pictures of a map. */
#ifndef ZPS_FIELD_PLOT_H
#define ZPS_FIELD_PLOT_H

#include "host/field/map_reader.h"

/** Draws By along the axis x = y = 0 with its integral from the start (the axis nearest to it when the map does not
 *  reach it) to path_png. Errors as zps_gnuplot_draw() and zps_output_write(); ZPS_INVALID for a map without ends in z.
 */
zps_status zps_field_plot_profile(const zps_map_content *content, const char *path_png, zps_error *error);

/** Draws By in the planes x = 0 and y = 0 (the ones nearest to them) to path_png. */
zps_status zps_field_plot_slices(const zps_map_content *content, const char *path_png, zps_error *error);

#endif
