/* What device code gets from cuRAND, run on the host: curand_on_host.cu. */
#ifndef ZPS_CURAND_ON_HOST_H
#define ZPS_CURAND_ON_HOST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** curand_Philox4x32_10(): the four words of a counter under a key. */
void curand_on_host_block(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);

/** Blocks first .. first + n_blocks - 1 (first < 2^63) of a generator's subsequence, as curand_init(), skipahead() and
 *  curand4() give them: words[4 * n_blocks]. */
void curand_on_host_sequence(uint64_t seed, uint64_t subsequence, uint64_t first, size_t n_blocks, uint32_t *words);

#ifdef __cplusplus
}
#endif

#endif
