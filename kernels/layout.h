/* The beam line as the transport reads it: elements in order along z. */
#ifndef ZPS_LAYOUT_H
#define ZPS_LAYOUT_H

#include <stdint.h>

#include "kernels/field.h"
#include "kernels/material.h"

#define ZPS_MAX_ELEMENTS 32

enum zps_element_kind { ZPS_ELEMENT_MATTER = 0, ZPS_ELEMENT_FIELD = 1, ZPS_ELEMENT_PLANE = 2 };

/** One RK4 step in a field element: its length [mm], where its middle and its end lie in the map. */
typedef struct zps_field_step {
  double h;
  zps_field_plane middle, end;
} zps_field_step;

/** The step from z_mm over h_mm. */
ZPS_HD zps_field_step zps_field_step_from(const zps_field_map *map, double z_mm, double h_mm) {
  zps_field_step step;
  step.h = h_mm;
  step.middle = zps_field_plane_at(map, z_mm + (0.5 * h_mm));
  step.end = zps_field_plane_at(map, z_mm + h_mm);
  return step;
}

/** One element. Elements do not overlap and ascend in z; between them is vacuum. */
typedef struct zps_element {
  int32_t kind;     /* enum zps_element_kind */
  int32_t i_table;  /* index of its zps_matter or zps_field_map; unused for a plane */
  int32_t required; /* plane: a muon that misses it is lost */
  int32_t n_steps;  /* field: number of RK4 steps from z_start to z_end */
  int32_t i_step;   /* field: index of the first of them in zps_setup.steps */
  int32_t cubic;    /* field: ZPS_LOOKUP_CUBIC, or 0 for trilinear lookups */
  /* field: 1 when the element reaches beyond the nodes of its map file, at all, or at its upstream or downstream face
   */
  int32_t beyond, beyond_entry, beyond_exit;
  int32_t padding;
  double z_start_mm; /* upstream face; a plane's z */
  double z_end_mm;   /* downstream face; equal to z_start_mm for a plane */
  double half_x_mm;  /* matter: half size; field: half aperture; required plane: half size */
  double half_y_mm;
  double hole_half_mm; /* matter: half side of the square hole on the axis, 0 = none */
  double response;     /* matter: factor of its deposit in E_CAL, 0 = not summed */
  /* matter: relative resolution of its deposit E [GeV] squared = stochastic^2/E + constant^2 */
  double resolution_stochastic, resolution_constant;
  double map_x_lo_mm, map_x_hi_mm, map_y_lo_mm, map_y_hi_mm; /* field: where those nodes are */
} zps_element;

#endif
