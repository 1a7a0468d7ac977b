/* cuRAND's device generator, compiled for the host. */
#define QUALIFIERS static inline __host__ __device__
#include <curand_kernel.h>

#include "tests/unit/curand_on_host.h"

extern "C" void curand_on_host_block(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
  const uint4 w =
      curand_Philox4x32_10(make_uint4(counter[0], counter[1], counter[2], counter[3]), make_uint2(key[0], key[1]));
  words[0] = w.x;
  words[1] = w.y;
  words[2] = w.z;
  words[3] = w.w;
}

extern "C" void curand_on_host_sequence(uint64_t seed, uint64_t subsequence, uint64_t first, size_t n_blocks,
                                        uint32_t *words) {
  curandStatePhilox4_32_10_t state;
  curand_init(seed, subsequence, 0, &state);
  /* The offset counts words in 64 bits; two steps reach every block below 2^63. */
  skipahead(2 * first, &state);
  skipahead(2 * first, &state);
  for (size_t i = 0; i < n_blocks; i++) {
    const uint4 w = curand4(&state);
    words[(4 * i) + 0] = w.x;
    words[(4 * i) + 1] = w.y;
    words[(4 * i) + 2] = w.z;
    words[(4 * i) + 3] = w.w;
  }
}
