/* A stack of layers, homogenised by mass: what stopping power and straggling are summed over. */
#ifndef ZPS_TABLES_STACK_H
#define ZPS_TABLES_STACK_H

#include <stddef.h>

#include "host/error.h"
#include "host/tables/material.h"

/** Most layers in one period of a stack, and most chemical elements in it. */
#define ZPS_MATTER_MAX_LAYERS 64
#define ZPS_MATTER_MAX_ELEMENTS 32

/** One layer of a stack. */
typedef struct zps_layer {
  const zps_material *material; /* not owned */
  double thickness_mm;          /* > 0 */
} zps_layer;

/** A stack as the sums need it: layers by their share of the volume, chemical elements by mass per volume. */
typedef struct zps_stack {
  double radiation_length_mm; /* sum L / sum (L_i/X0_i) */
  size_t n_layers;
  const zps_material *materials[ZPS_MATTER_MAX_LAYERS]; /* not owned */
  double layer_density[ZPS_MATTER_MAX_LAYERS];          /* f_i rho_i [g/cm^3] */
  size_t n_elements;
  zps_material_element elements[ZPS_MATTER_MAX_ELEMENTS]; /* mass_fraction holds [g/cm^3] of the stack */
} zps_stack;

/** Fills *stack from one period, layers[n_layers]; the number of periods does not matter.
 *  Fails (ZPS_INVALID) for no or too many layers, a NULL material, a thickness not finite and > 0. */
zps_status zps_stack_init(zps_stack *stack, const zps_layer *layers, size_t n_layers, zps_error *error);

#endif
