/* The beam line as the transport reads it: elements in order along z. */
#ifndef ZPS_LAYOUT_H
#define ZPS_LAYOUT_H

#include <stdint.h>

#include "kernels/field_map.h"
#include "kernels/material.h"

#define ZPS_MAX_ELEMENTS 32

enum zps_element_kind { ZPS_ELEMENT_MATTER = 0, ZPS_ELEMENT_FIELD = 1, ZPS_ELEMENT_PLANE = 2 };

/** One element. Elements do not overlap and ascend in z; between them is vacuum. */
typedef struct zps_element {
  int32_t kind;      /* enum zps_element_kind */
  int32_t i_table;   /* index of its zps_matter or zps_field_map; unused for a plane */
  int32_t required;  /* plane: a muon that misses it is lost */
  int32_t n_steps;   /* field: number of equal RK4 steps from z_start to z_end */
  double z_start_mm; /* upstream face; a plane's z */
  double z_end_mm;   /* downstream face; equal to z_start_mm for a plane */
  double half_x_mm;  /* matter: half size; field: half aperture; required plane: half size */
  double half_y_mm;
  double hole_half_mm; /* matter: half side of the square hole on the axis, 0 = none */
  double response;     /* matter: factor of its deposit in E_CAL, 0 = not summed */
  /* matter: relative resolution of its deposit E [GeV] squared = stochastic^2/E + constant^2 */
  double resolution_stochastic, resolution_constant;
} zps_element;

#endif
