/* The part of a result file that holds surfaces: for result_write.c alone. */
#ifndef ZPS_IO_SURFACE_WRITE_H
#define ZPS_IO_SURFACE_WRITE_H

#include "host/io/h5.h"
#include "host/io/surface.h"

/** Writes /placement below root; mass_scale is the open dataset of the masses. */
zps_status zps_surface_write(hid_t root, hid_t mass_scale, const zps_surface_source *source, zps_error *error);

#endif
