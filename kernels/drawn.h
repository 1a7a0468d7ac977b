/* Random words of a batch of events, drawn in a loop of their own.
 *
 * A loop over lanes that draws where it needs a word mixes 32-bit words with doubles, and gcc 12 makes shuffles and
 * shifts of the products of Philox there: 26 cycles per block on x86-64-v3 where this loop takes 8
 * (docs/performance.md). Words lie in 64-bit lanes, whose lower halves every x86-64 multiplies to 64 bits in one
 * instruction; the upper halves carry what is left of products, which no later product reads. Same words as
 * zps_philox4x32(), for every counter. Multipliers and key increments: Salmon et al., SC11, table 2. For engines on the
 * host. */
#ifndef ZPS_DRAWN_H
#define ZPS_DRAWN_H

#include <string.h>

#include "kernels/rng.h"

#if defined(__AVX2__)
#define ZPS_DRAW_WIDTH 4
#else
#define ZPS_DRAW_WIDTH 2
#endif
#if defined(__SSE2__)
#include <immintrin.h>
#endif

/** Lanes that are drawn together. */
typedef uint64_t zps_draw_lanes __attribute__((vector_size(8 * ZPS_DRAW_WIDTH)));

#define ZPS_DRAW_LOW_HALF 0xffffffffU

/** Products of the lower halves, 64 bits each. */
static inline zps_draw_lanes zps_draw_multiply(zps_draw_lanes a, zps_draw_lanes b) {
#if defined(__AVX2__)
  return (zps_draw_lanes)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (zps_draw_lanes)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & ZPS_DRAW_LOW_HALF) * (b & ZPS_DRAW_LOW_HALF);
#endif
}

static inline zps_draw_lanes zps_draw_broadcast(uint64_t value) {
  return (zps_draw_lanes){0} + value;
}

/** Counter or result of Philox4x32. */
typedef struct zps_draw_words {
  zps_draw_lanes w0, w1, w2, w3;
} zps_draw_words;

static inline zps_draw_words zps_draw_rounds(zps_draw_words w, uint32_t k0, uint32_t k1) {
  const zps_draw_lanes m0 = zps_draw_broadcast(0xD2511F53U);
  const zps_draw_lanes m2 = zps_draw_broadcast(0xCD9E8D57U);
  for (uint32_t round = 0; round < 10; round++) {
    const zps_draw_lanes product_0 = zps_draw_multiply(w.w0, m0);
    const zps_draw_lanes product_2 = zps_draw_multiply(w.w2, m2);
    w.w0 = ((product_2 >> 32) ^ w.w1) ^ zps_draw_broadcast(k0 + (round * 0x9E3779B9U));
    w.w2 = ((product_0 >> 32) ^ w.w3) ^ zps_draw_broadcast(k1 + (round * 0xBB67AE85U));
    w.w1 = product_2;
    w.w3 = product_0;
  }
  return w;
}

/** Draws the words of (purpose, block) for n <= ZPS_DRAWN_LANES events; slot = zps_drawn_slot(purpose, block). Lanes
 *  from n to the next multiple of ZPS_DRAW_WIDTH are written too; event has as many. */
static inline void zps_draw_ahead(zps_drawn *drawn, uint32_t slot, uint64_t seed, uint64_t i_mass,
                                  const uint64_t *event, int n, uint32_t purpose, uint32_t block) {
  const uint32_t k0 = (uint32_t)seed;
  const uint32_t k1 = (uint32_t)(seed >> 32);
  for (int i = 0; i < n; i += ZPS_DRAW_WIDTH) {
    zps_draw_lanes subsequence;
    memcpy(&subsequence, &event[i], sizeof subsequence);
    subsequence |= i_mass << ZPS_EVENT_BITS;
    zps_draw_words w = {zps_draw_broadcast(block), zps_draw_broadcast(purpose), subsequence, subsequence >> 32};
    w = zps_draw_rounds(w, k0, k1);
    const zps_draw_lanes lo = (w.w0 & ZPS_DRAW_LOW_HALF) | (w.w1 << 32);
    const zps_draw_lanes hi = (w.w2 & ZPS_DRAW_LOW_HALF) | (w.w3 << 32);
    memcpy(&drawn->lo[slot][i], &lo, sizeof lo);
    memcpy(&drawn->hi[slot][i], &hi, sizeof hi);
  }
}

#endif
