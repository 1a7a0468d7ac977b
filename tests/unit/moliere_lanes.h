/* Crossings of many muons in one loop; one copy per instruction set. */
#ifndef ZPS_MOLIERE_LANES_H
#define ZPS_MOLIERE_LANES_H

#include "kernels/moliere.h"

#define MOLIERE_N_LANES 256

/** Muons on the upstream face; a crossing leaves them on the downstream one. */
typedef struct moliere_lanes {
  double x[MOLIERE_N_LANES], y[MOLIERE_N_LANES], tx[MOLIERE_N_LANES], ty[MOLIERE_N_LANES];
  double dz[MOLIERE_N_LANES], p_in[MOLIERE_N_LANES], p_out[MOLIERE_N_LANES];
} moliere_lanes;

/** Events first, first + 1, ... of seed 5 cross their thickness. */
void moliere_lanes_cross_base(const zps_moliere *table, uint64_t first, moliere_lanes *lanes);
void moliere_lanes_cross_v3(const zps_moliere *table, uint64_t first, moliere_lanes *lanes);

#endif
