/* Random numbers as a pure function of (seed, mass, event, purpose, block).
 *
 * Counter words 2-3 = mass_index << 44 | event_index (mass_index in the job's
 * full grid), word 1 = purpose, word 0 = block within the purpose; key = seed.
 * No purpose reads another's words, so jobs that differ in one element share
 * every other draw. */
#ifndef ZPS_RNG_H
#define ZPS_RNG_H

#include "kernels/math.h"

#define ZPS_EVENT_BITS 44
#define ZPS_MAX_EVENTS ((uint64_t)1 << ZPS_EVENT_BITS)
#define ZPS_MAX_MASSES ((uint64_t)1 << 20)

/** Counter word 1. Element e of the layout draws under ZPS_DRAW_ELEMENT + e. */
enum zps_draw_purpose {
  ZPS_DRAW_BEAM = 0,
  ZPS_DRAW_VERTEX = 1,
  ZPS_DRAW_EMISSION = 2,
  ZPS_DRAW_READOUT = 3, /* blocks: 0 p_out, 1 to 3 hits of the tracker */
  ZPS_DRAW_TARGET_EXIT = 4,
  ZPS_DRAW_ELEMENT = 16
};

#define ZPS_DRAWN_LANES 392
#define ZPS_DRAWN_SLOTS 8

/** Words of up to ZPS_DRAWN_LANES events, drawn before they are asked for (kernels/drawn.h): 0 and 1 in lo, 2 and 3 in
 *  hi, the first of each in the lower half. */
typedef struct zps_drawn {
  uint64_t lo[ZPS_DRAWN_SLOTS][ZPS_DRAWN_LANES];
  uint64_t hi[ZPS_DRAWN_SLOTS][ZPS_DRAWN_LANES];
} zps_drawn;

/** Where the words of (purpose, block) lie. No two that a stage of transport.h asks for share a slot. */
ZPS_HD uint32_t zps_drawn_slot(uint32_t purpose, uint32_t block) {
  const uint32_t of_block = block < 8 ? block : (block < 16 ? block - 4 : block - 10);
  return purpose == ZPS_DRAW_VERTEX ? 2 : of_block;
}

/** One event's own stream of random numbers: computed when asked for, or drawn ahead. Which of the two is a constant
 *  wherever a stream is made, so that nothing is left of the other. */
typedef struct zps_stream {
  uint32_t key_lo, key_hi;
  uint32_t event_lo, event_hi;
  const zps_drawn *drawn; /* read where is_drawn */
  int32_t is_drawn, i_lane;
} zps_stream;

typedef struct zps_pair {
  double a, b;
} zps_pair;

ZPS_HD zps_stream zps_stream_init(uint64_t seed, uint64_t i_mass, uint64_t i_event) {
  const uint64_t subsequence = (i_mass << ZPS_EVENT_BITS) | i_event;
  zps_stream s;
  s.key_lo = (uint32_t)seed;
  s.key_hi = (uint32_t)(seed >> 32);
  s.event_lo = (uint32_t)subsequence;
  s.event_hi = (uint32_t)(subsequence >> 32);
  s.drawn = 0;
  s.is_drawn = 0;
  s.i_lane = 0;
  return s;
}

/** The stream of the event in a lane of a batch whose words are drawn. */
ZPS_HD zps_stream zps_stream_of_lane(const zps_drawn *drawn, int32_t i_lane) {
  zps_stream s = {0, 0, 0, 0, drawn, 1, i_lane};
  return s;
}

/** The four random words of a block. */
ZPS_HD zps_words zps_stream_words(zps_stream s, uint32_t purpose, uint32_t block) {
  if (!s.is_drawn) {
    return zps_philox4x32(block, purpose, s.event_lo, s.event_hi, s.key_lo, s.key_hi);
  }
  const uint32_t slot = zps_drawn_slot(purpose, block);
  const uint64_t lo = s.drawn->lo[slot][s.i_lane];
  const uint64_t hi = s.drawn->hi[slot][s.i_lane];
  const zps_words w = {(uint32_t)lo, (uint32_t)(lo >> 32), (uint32_t)hi, (uint32_t)(hi >> 32)};
  return w;
}

/** 52 of 64 random bits to (k + 1/2) 2^-52: exact, symmetric, never 0 or 1. */
ZPS_HD double zps_uniform_of_words(uint32_t lo, uint32_t hi) {
  const uint64_t bits = ((uint64_t)hi << 32) | lo;
  return zps_from_bits(0x3ff0000000000000ULL | (bits >> 12)) - (1.0 - 1.1102230246251565e-16);
}

/** Two independent uniform numbers in (0, 1). */
ZPS_HD zps_pair zps_draw_uniform(zps_stream s, uint32_t purpose, uint32_t block) {
  const zps_words w = zps_stream_words(s, purpose, block);
  zps_pair p;
  p.a = zps_uniform_of_words(w.w0, w.w1);
  p.b = zps_uniform_of_words(w.w2, w.w3);
  return p;
}

/** Two independent standard normal numbers (Box and Muller, Ann. Math. Stat. 29 (1958) 610); |z| <= 8.57. */
ZPS_HD zps_pair zps_draw_normal(zps_stream s, uint32_t purpose, uint32_t block) {
  const zps_pair u = zps_draw_uniform(s, purpose, block);
  const double r = zps_sqrt(-2.0 * zps_log(u.a));
  const zps_sin_cos t = zps_sincos_turn(u.b);
  zps_pair z;
  z.a = r * t.cosine;
  z.b = r * t.sine;
  return z;
}

#endif
