/* A map read from a file, put into its element: mirrored, scaled, turned, moved, and made to cover the element. */
#ifndef ZPS_FIELD_MAP_PLACEMENT_H
#define ZPS_FIELD_MAP_PLACEMENT_H

#include "host/field/map_reader.h"

/** Adds the other side of every mirror plane of use->mirror: the map must begin or end on the plane. NORMAL: the field
 *  stands normal to it (its normal component is even, the others odd); PARALLEL: it lies in it (the other way round).
 *  ZPS_INVALID when the map is on both sides already, or when on the plane the odd components exceed 1 % of max |B|:
 *  the wrong kind of mirror. path is for messages. */
zps_status zps_map_mirror_out(const char *path, const zps_job_map_use *use, zps_map_content *content, zps_error *error);

/** Multiplies the field by use->scale, turns the map and the field by use->rotate_deg about x, then y, then z
 *  (right-handed, fixed axes), moves it by use->offset_mm. Nothing is changed when these are 1 and 0. */
zps_status zps_map_turn(const zps_job_map_use *use, zps_map_content *content, zps_error *error);

/** Makes the map cover |x| <= width/2, |y| <= height/2, |z| <= length/2. A free axis gets just these ends; beyond the
 *  nodes of another axis use->outside holds: ERROR refuses, ZERO adds nodes without field (which falls to 0 within one
 *  spacing), CLAMP nodes with the field of the nearest one. A map that is longer than the element in z is refused
 *  always: part of the field would be lost unseen. */
zps_status zps_map_cover(const char *path, const double size_mm[3], const zps_job_map_use *use,
                         zps_map_content *content, zps_error *error);

#endif
