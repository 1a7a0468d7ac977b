/* As much of CUDA as the kernel of the CUDA engine uses, on a host: every thread of a block is a thread,
 * __syncthreads() is a barrier, shared memory is shared, atomics are atomic. Slow, and right where the kernel is right:
 * a missing barrier or a race shows as another row, a hang, or a report of the thread sanitizer. */
#ifndef ZPS_CUDA_EMULATION_H
#define ZPS_CUDA_EMULATION_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmath>

#include <Random123/philox.h>

#define __CUDACC__ 1
#define __device__
#define __global__ [[maybe_unused]] static
#define __shared__
#define __grid_constant__
#define __forceinline__ inline
#define __launch_bounds__(threads, blocks)

struct uint2 {
  unsigned x, y;
};
struct uint4 {
  unsigned x, y, z, w;
};
struct float4 {
  float x, y, z, w;
};
struct dim3_emulated {
  unsigned x;
};

/** A block: its barrier and its shared memory. */
struct emulated_block {
  pthread_barrier_t barrier;
  double shared[227 * 1024 / sizeof(double)]; /* the most that compute capability 9.0 gives */
};

/* The kernels proper take their shared memory from the launch; a block here has its own. */
static double zps_shared[1];

extern thread_local dim3_emulated threadIdx;
extern thread_local emulated_block *emulated_this_block;

static inline uint2 make_uint2(unsigned x, unsigned y) {
  return {x, y};
}
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) {
  return {x, y, z, w};
}
static inline long long __double_as_longlong(double x) {
  long long b;
  memcpy(&b, &x, sizeof b);
  return b;
}
static inline double __longlong_as_double(long long b) {
  double x;
  memcpy(&x, &b, sizeof x);
  return x;
}
static inline float4 __ldg(const float4 *address) {
  return *address;
}
template <typename T> static inline T atomicAdd(T *address, T value) {
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
static inline unsigned __isShared(const void *address) {
  const char *const at = static_cast<const char *>(address);
  const char *const start = reinterpret_cast<const char *>(emulated_this_block->shared);
  return at >= start && at < start + sizeof emulated_this_block->shared;
}
static inline void __syncthreads() {
  pthread_barrier_wait(&emulated_this_block->barrier);
}
/* cuRAND's words; tests/unit pins the two generators to each other. */
static inline uint4 curand_Philox4x32_10(uint4 c, uint2 k) {
  const philox4x32_ctr_t counter = {{c.x, c.y, c.z, c.w}};
  const philox4x32_key_t key = {{k.x, k.y}};
  const philox4x32_ctr_t r = philox4x32(counter, key);
  return {r.v[0], r.v[1], r.v[2], r.v[3]};
}
using std::sqrt;

#endif
