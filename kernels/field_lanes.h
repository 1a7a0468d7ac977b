/* The magnet over a block of lanes: the lookup and the step of field.h, field_cubic.h and rk4.h for many muons on one
 * plane of constant z, the same bits as theirs. A step is a chain of four roots and two lookups, one behind the other,
 * longer than a processor looks ahead; cut into loops over a block, it leaves lanes to work on while others wait.
 * Compiled once per instruction set. */
#ifndef ZPS_FIELD_LANES_H
#define ZPS_FIELD_LANES_H

#include "kernels/layout.h"
#include "kernels/rk4.h"

/* Enough to hide the latency of a stage; with what the stages hand on still a third of a first-level cache. */
#define ZPS_FIELD_LANES 32

/** Muons of a block, all of them worked on: a place that holds no muon may hold any numbers. */
typedef struct zps_field_lanes {
  double x[ZPS_FIELD_LANES], y[ZPS_FIELD_LANES], tx[ZPS_FIELD_LANES], ty[ZPS_FIELD_LANES]; /* mm, slopes */
  double kappa[ZPS_FIELD_LANES];                                                           /* zps_rk4_kappa() */
  double b[3][ZPS_FIELD_LANES];                                                            /* zps_rk4_memory */
  double third_x[ZPS_FIELD_LANES], third_y[ZPS_FIELD_LANES];
} zps_field_lanes;

/** The field at (x, y) of every lane on a position along z. cubic = ZPS_LOOKUP_CUBIC or 0. */
typedef void zps_field_lanes_lookup(const zps_field_map *map, zps_field_plane plane, int32_t cubic,
                                    zps_field_lanes *lanes);

/** zps_rk4_step() of every lane. */
typedef void zps_field_lanes_step(const zps_field_map *map, const zps_field_step *step, int32_t cubic,
                                  zps_field_lanes *lanes);

zps_field_lanes_lookup zps_field_lanes_lookup_base, zps_field_lanes_lookup_v2, zps_field_lanes_lookup_v3,
    zps_field_lanes_lookup_v4;
zps_field_lanes_step zps_field_lanes_step_base, zps_field_lanes_step_v2, zps_field_lanes_step_v3,
    zps_field_lanes_step_v4;

#endif
