/* What the words of PTX mean, for kernels that ptx_to_c.py wrote as C. Source: NVIDIA, Parallel Thread Execution ISA,
 * instructions of the same names; f64 operations round to nearest as those of the host do, and subnormals stay. */
#ifndef PTX_MACHINE_H
#define PTX_MACHINE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tests/parity/ptx_on_host/ptx_kernels.h"

#define PTX_BITS(from, to)                                                                                             \
  static inline to bits_##from##_##to(from a) {                                                                        \
    to b;                                                                                                              \
    _Static_assert(sizeof a == sizeof b, "same width");                                                                \
    memcpy(&b, &a, sizeof b);                                                                                          \
    return b;                                                                                                          \
  }
PTX_BITS(uint64_t, double)
PTX_BITS(int64_t, double)
PTX_BITS(double, uint64_t)
PTX_BITS(double, int64_t)
PTX_BITS(uint32_t, float)
PTX_BITS(int32_t, float)
PTX_BITS(float, uint32_t)
PTX_BITS(float, int32_t)

#define is_unordered(a, b) (((a) != (a)) | ((b) != (b)))

/* A shift by the width or more leaves nothing, or the sign. */
#define PTX_INTEGER(name, type, width)                                                                                 \
  static inline type shl_##name(type a, uint32_t n) {                                                                  \
    return n < (width) ? (type)((uint64_t)a << n) : (type)0;                                                           \
  }                                                                                                                    \
  static inline type shr_##name(type a, uint32_t n) {                                                                  \
    return n < (width) ? (type)(a >> n) : (type)(a < 0 ? -1 : 0);                                                      \
  }                                                                                                                    \
  static inline type min_##name(type a, type b) {                                                                      \
    return a < b ? a : b;                                                                                              \
  }                                                                                                                    \
  static inline type max_##name(type a, type b) {                                                                      \
    return a > b ? a : b;                                                                                              \
  }                                                                                                                    \
  /* The device's division by zero gives all ones, its remainder a; the kernels have none. */                          \
  static inline type div_##name(type a, type b) {                                                                      \
    return b != 0 ? (type)(a / b) : (type)-1;                                                                          \
  }                                                                                                                    \
  static inline type rem_##name(type a, type b) {                                                                      \
    return b != 0 ? (type)(a % b) : a;                                                                                 \
  }
PTX_INTEGER(u32, uint32_t, 32)
PTX_INTEGER(s32, int32_t, 32)
PTX_INTEGER(b32, uint32_t, 32)
PTX_INTEGER(u64, uint64_t, 64)
PTX_INTEGER(s64, int64_t, 64)
PTX_INTEGER(b64, uint64_t, 64)

static inline uint32_t mul_hi_u32(uint32_t a, uint32_t b) {
  return (uint32_t)(((uint64_t)a * b) >> 32);
}
static inline int32_t mul_hi_s32(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b) >> 32);
}
static inline uint64_t mul_hi_u64(uint64_t a, uint64_t b) {
  return (uint64_t)(((unsigned __int128)a * b) >> 64);
}
static inline uint64_t pack_b64(uint32_t low, uint32_t high) {
  return low | ((uint64_t)high << 32);
}
static inline uint64_t bfi_b64(uint64_t a, uint64_t into, uint32_t at, uint32_t n) {
  const uint64_t mask = shl_b64(n < 64 ? ((uint64_t)1 << n) - 1 : ~(uint64_t)0, at & 0xff);
  return (into & ~mask) | (shl_b64(a, at & 0xff) & mask);
}
static inline uint32_t bfi_b32(uint32_t a, uint32_t into, uint32_t at, uint32_t n) {
  const uint32_t mask = shl_b32(n < 32 ? ((uint32_t)1 << n) - 1 : ~(uint32_t)0, at & 0xff);
  return (into & ~mask) | (shl_b32(a, at & 0xff) & mask);
}
static inline uint32_t shf_l_wrap(uint32_t low, uint32_t high, uint32_t n) {
  return (uint32_t)((pack_b64(low, high) << (n & 31)) >> 32);
}
static inline uint32_t shf_r_wrap(uint32_t low, uint32_t high, uint32_t n) {
  return (uint32_t)(pack_b64(low, high) >> (n & 31));
}

/* min and max: the other where one is NaN, -0 below +0. */
#define PTX_REAL(name, type)                                                                                           \
  static inline type min_##name(type a, type b) {                                                                      \
    return a != a ? b : b != b ? a : a == b ? (signbit(a) ? a : b) : a < b ? a : b;                                    \
  }                                                                                                                    \
  static inline type max_##name(type a, type b) {                                                                      \
    return a != a ? b : b != b ? a : a == b ? (signbit(a) ? b : a) : a > b ? a : b;                                    \
  }                                                                                                                    \
  static inline type div_##name(type a, type b) {                                                                      \
    return a / b;                                                                                                      \
  }                                                                                                                    \
  static inline type rcp_##name(type a) {                                                                              \
    return (type)1 / a;                                                                                                \
  }
PTX_REAL(f32, float)
PTX_REAL(f64, double)
static inline double sqrt_f64(double a) {
  return sqrt(a);
}
static inline double abs_f64(double a) {
  return fabs(a);
}
static inline double fma_f64(double a, double b, double c) {
  return fma(a, b, c);
}
static inline double rzi_f64(double a) {
  return trunc(a);
}
static inline double rni_f64(double a) {
  return rint(a);
}
static inline double rmi_f64(double a) {
  return floor(a);
}
static inline double rpi_f64(double a) {
  return ceil(a);
}

/* An integer out of range is the nearest in range, NaN the top bit alone. A host would answer otherwise, so a kernel
 * must ask for neither: they are counted. */
#define PTX_TO_INTEGER(name, type, below, least, most)                                                                 \
  static inline type cvt_##name##_f64(double a) {                                                                      \
    if (a >= (double)(least) && a < (below)) {                                                                         \
      return (type)a;                                                                                                  \
    }                                                                                                                  \
    (void)__atomic_fetch_add(&ptx_n_out_of_range, 1, __ATOMIC_RELAXED);                                                \
    return a != a ? (type)((uint64_t)1 << (8 * sizeof(type) - 1)) : a < (double)(least) ? (least) : (most);            \
  }
PTX_TO_INTEGER(s32, int32_t, 0x1p31, INT32_MIN, INT32_MAX)
PTX_TO_INTEGER(u32, uint32_t, 0x1p32, 0U, UINT32_MAX)
PTX_TO_INTEGER(s64, int64_t, 0x1p63, INT64_MIN, INT64_MAX)
PTX_TO_INTEGER(u64, uint64_t, 0x1p64, UINT64_C(0), UINT64_MAX)

#endif
