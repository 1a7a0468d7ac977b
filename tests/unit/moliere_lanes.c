#include "tests/unit/moliere_lanes.h"

#define LANES_JOIN_(a, b) a##b
#define LANES_JOIN(a, b) LANES_JOIN_(a, b)

void LANES_JOIN(moliere_lanes_cross_, LANES_ISA)(const zps_moliere *restrict table, uint64_t first,
                                                 moliere_lanes *restrict lanes) {
#pragma omp simd
  for (int i = 0; i < MOLIERE_N_LANES; i++) {
    const zps_ray in = {lanes->x[i], lanes->y[i], lanes->tx[i], lanes->ty[i]};
    const double path = lanes->dz[i] * zps_sqrt((1.0 + (in.tx * in.tx)) + (in.ty * in.ty));
    const zps_stream s = zps_stream_init(5, 0, first + (uint64_t)i);
    const zps_ray out =
        zps_moliere_carry(table, in, lanes->dz[i], path, lanes->p_in[i], lanes->p_out[i], s, ZPS_DRAW_ELEMENT);
    lanes->x[i] = out.x;
    lanes->y[i] = out.y;
    lanes->tx[i] = out.tx;
    lanes->ty[i] = out.ty;
  }
}
