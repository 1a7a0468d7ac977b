/* The inner loops of cross-sections and emission tables, compiled once per instruction set. */
#ifndef ZPS_EMISSION_LANES_H
#define ZPS_EMISSION_LANES_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/emission.h"

/** What is integrated over t and phi, and the nodes: positions nu[n_t] of t with their weights (those of phi, 1/n_phi,
 *  included), cosine[n_phi] and sine[n_phi] of phi. */
typedef struct zps_emission_fibre {
  const zps_nucleus *nucleus;
  int32_t model;     /* ZPS_EMISSION_... */
  zps_vertex vertex; /* read from ZPS_EMISSION_OPTION on */
  double mass, x_min, energy;
  size_t n_t, n_phi;
  const double *nu, *weight;
  const double *cosine, *sine;
} zps_emission_fibre;

/** value[j] = d sigma/(da db) at (a, b[j]) [GeV^-2, g = 1], j < n_b: the sum over t and, inside, phi, in the order of
 *  the nodes; 0 outside phase space. */
typedef void zps_emission_lanes(const zps_emission_fibre *fibre, double a, size_t n_b, const double *b, double *value);

/** One per instruction set: x86-64-v2, -v3, -v4; `base` for the compiler's default, on any machine. */
zps_emission_lanes zps_emission_lanes_base, zps_emission_lanes_v2, zps_emission_lanes_v3, zps_emission_lanes_v4;

#endif
