/* Reaches every stage from a kernel: only then does a compiler check what device code calls. */
#include "kernels/transport.h"

__global__ void device_life(const zps_setup *setup, unsigned i_mass, unsigned long long n, uint64_t *row) {
  for (uint64_t i = 0; i < n; i++) {
    const zps_muon m = zps_transport_event(setup, &setup->emission[i_mass], i);
    zps_tally_muon(setup, &m, zps_psi_bin(m.psi), row);
  }
}

__global__ void device_life_watched(const zps_setup *setup, const zps_trace *trace, unsigned long long n) {
  for (uint64_t i = 0; i < n; i++) {
    (void)zps_transport_watched(setup, &setup->emission[0], trace, trace->first + i);
  }
}
