#include "host/instruction_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const zps_set_names[ZPS_N_INSTRUCTION_SETS] = {"base", "v2", "v3", "v4"};

#if defined(__x86_64__)
/** What of x86-64-v3 older compilers have no name for; a virtual machine may hide each. */
static bool zps_has_lzcnt_movbe_f16c(void) {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  const bool has = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_MOVBE) != 0 && (ecx & bit_F16C) != 0;
  return has && __get_cpuid(0x80000001U, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_LZCNT) != 0;
}
#endif

static int zps_machine_has(zps_instruction_set set) {
  int has = set == ZPS_SET_BASE;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const int v2 =
      __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("ssse3");
  const int v3 = v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                 __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && zps_has_lzcnt_movbe_f16c();
  const int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512vl");
  has |= (set == ZPS_SET_V2 && v2) | (set == ZPS_SET_V3 && v3) | (set == ZPS_SET_V4 && v4);
#endif
  return has;
}

const char *zps_instruction_set_title(zps_instruction_set set) {
  static const char *const titles[ZPS_N_INSTRUCTION_SETS] = {"the compiler's default instruction set", "x86-64-v2",
                                                             "x86-64-v3", "x86-64-v4"};
  return titles[set];
}

static zps_instruction_set zps_best_set(void) {
  int set = ZPS_N_INSTRUCTION_SETS - 1;
  while (!zps_machine_has((zps_instruction_set)set)) {
    set--;
  }
  return (zps_instruction_set)set;
}

/** The name in the environment, NULL without one. */
static const char *zps_set_of_environment(void) {
  const char *const name = getenv("ZPS_ISA");
  return (name != NULL && name[0] != '\0') ? name : NULL;
}

zps_status zps_instruction_set_choose(const char *name, zps_instruction_set *chosen, zps_error *error) {
  const char *const wanted = name != NULL ? name : zps_set_of_environment();
  if (wanted == NULL) {
    *chosen = zps_best_set();
    return ZPS_OK;
  }
  for (int i = 0; i < ZPS_N_INSTRUCTION_SETS; i++) {
    const zps_instruction_set set = (zps_instruction_set)i;
    if (strcmp(zps_set_names[set], wanted) == 0) {
      *chosen = set;
      return zps_machine_has(set) ? ZPS_OK
                                  : zps_error_set(error, ZPS_UNAVAILABLE, "ZPS_ISA = %s: this machine has no %s",
                                                  wanted, zps_instruction_set_title(set));
    }
  }
  return zps_error_set(error, name != NULL ? ZPS_USAGE : ZPS_INVALID, "ZPS_ISA = %.32s: expected v2, v3, v4 or base",
                       wanted);
}
