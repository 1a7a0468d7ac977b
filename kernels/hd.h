/* Host or device: the one file that knows which compiler reads the kernels.
 *
 * Every other header in this folder is plain C11 that is also C++17 and CUDA.
 * Functions are marked ZPS_HD; random words come from zps_philox4x32() below,
 * which is Random123 on the host and cuRAND's device function on a GPU (the two
 * headers do not compile in one nvcc unit, and produce the same words). */
#ifndef ZPS_HD_H
#define ZPS_HD_H

#include <stdint.h>

#if defined(__CUDACC__)
#define ZPS_HD static __device__ __forceinline__
#include <curand_philox4x32_x.h>
#else
#define ZPS_HD static inline __attribute__((always_inline))
#include <Random123/philox.h>
#include <math.h>
#include <string.h>
#endif

/** Four random 32-bit words. */
typedef struct zps_words {
  uint32_t w0, w1, w2, w3;
} zps_words;

/** Philox4x32-10 (Salmon et al., SC11): a pure function of counter and key. */
ZPS_HD zps_words zps_philox4x32(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  zps_words out;
#if defined(__CUDACC__)
  const uint4 r = curand_Philox4x32_10(make_uint4(c0, c1, c2, c3), make_uint2(k0, k1));
  out.w0 = r.x;
  out.w1 = r.y;
  out.w2 = r.z;
  out.w3 = r.w;
#else
  const philox4x32_ctr_t counter = {{c0, c1, c2, c3}};
  const philox4x32_key_t key = {{k0, k1}};
  const philox4x32_ctr_t r = philox4x32(counter, key);
  out.w0 = r.v[0];
  out.w1 = r.v[1];
  out.w2 = r.v[2];
  out.w3 = r.v[3];
#endif
  return out;
}

/** The bits of a double as an integer. */
ZPS_HD uint64_t zps_bits(double x) {
#if defined(__CUDACC__)
  return (uint64_t)__double_as_longlong(x);
#else
  uint64_t b;
  memcpy(&b, &x, sizeof b);
  return b;
#endif
}

/** The double with the given bits. */
ZPS_HD double zps_from_bits(uint64_t b) {
#if defined(__CUDACC__)
  return __longlong_as_double((long long)b);
#else
  double x;
  memcpy(&x, &b, sizeof x);
  return x;
#endif
}

/** In front of a loop: a GPU keeps it a loop, whose turns share their registers. */
#if defined(__CUDACC__)
#define ZPS_KEEP_LOOP _Pragma("unroll 1")
#else
#define ZPS_KEEP_LOOP
#endif

/** Component c = 0, 1 or 2 of the node of four floats at b[at + next]; next = 0, or 4 for the node behind. c and next
 *  are constants, b is aligned to 16 bytes, at is a multiple of 4: on a GPU the node comes in one read, which serves
 * all its components. A macro, because gcc 12 makes slower loops of the same as a function. */
#if defined(__CUDACC__)
ZPS_HD double zps_node_component(float4 node, int c) {
  return (double)(c == 0 ? node.x : (c == 1 ? node.y : (c == 2 ? node.z : node.w)));
}
#define ZPS_NODE(b, at, next, c) zps_node_component(__ldg((const float4 *)((b) + (at) + (next))), c)
#else
#define ZPS_NODE(b, at, next, c) ((double)(b)[(at) + ((next) + (c))])
#endif

/** IEEE square root: correctly rounded on every engine, so the only borrowed function. */
ZPS_HD double zps_sqrt(double x) {
  return sqrt(x);
}

/** Adds to a counter: plain on the host (each thread has its own row), atomic on a GPU. Shared memory has no native
 *  64-bit add (a compare-and-swap loop stands in), so there it is two of 32 bits: the carry follows from the old low
 *  word, and every carry is added by the thread whose addition made it. */
ZPS_HD void zps_add(uint64_t *counter, uint64_t k) {
#if defined(__CUDACC__)
  if (__isShared(counter)) {
    unsigned *const words = (unsigned *)counter;
    const unsigned lo = (unsigned)k;
    const unsigned old = atomicAdd(&words[0], lo);
    const unsigned hi = (unsigned)(k >> 32) + (old + lo < old ? 1U : 0U);
    if (hi != 0U) {
      atomicAdd(&words[1], hi);
    }
  } else {
    atomicAdd((unsigned long long *)counter, (unsigned long long)k);
  }
#else
  *counter += k;
#endif
}

/** Adds to a counter that all threads share, in global memory. */
ZPS_HD void zps_add_shared(uint64_t *counter, uint64_t k) {
#if defined(__CUDACC__)
  atomicAdd((unsigned long long *)counter, (unsigned long long)k);
#else
  __atomic_fetch_add(counter, k, __ATOMIC_RELAXED);
#endif
}

#endif
