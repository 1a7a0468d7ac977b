/* Which instruction set runs: loops over lanes are compiled once per set, with the same bits in each. */
#ifndef ZPS_INSTRUCTION_SET_H
#define ZPS_INSTRUCTION_SET_H

#include "host/error.h"

/** `base` is the compiler's default, on any machine; the others are levels of x86-64. */
typedef enum zps_instruction_set {
  ZPS_SET_BASE = 0,
  ZPS_SET_V2 = 1,
  ZPS_SET_V3 = 2,
  ZPS_SET_V4 = 3,
  ZPS_N_INSTRUCTION_SETS = 4
} zps_instruction_set;

/** The set called name ("v2", "v3", "v4", "base"); for NULL the one that ZPS_ISA of the environment names, else the
 *  best of this machine. ZPS_UNAVAILABLE where the machine lacks it; for another name ZPS_USAGE, ZPS_INVALID where the
 *  environment has it. */
zps_status zps_instruction_set_choose(const char *name, zps_instruction_set *chosen, zps_error *error);

/** In words, e.g. "x86-64-v3". Static storage. */
const char *zps_instruction_set_title(zps_instruction_set set);

/** name_base, name_v2, ... by zps_instruction_set; where the compiler makes no x86 code there is `base` alone. */
#if defined(__x86_64__)
#define ZPS_BY_INSTRUCTION_SET(name)                                                                                   \
  { name##_base, name##_v2, name##_v3, name##_v4 }
#else
#define ZPS_BY_INSTRUCTION_SET(name)                                                                                   \
  { name##_base, name##_base, name##_base, name##_base }
#endif

#endif
