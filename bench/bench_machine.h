/* What a bench ran on. */
#ifndef ZPS_BENCH_MACHINE_H
#define ZPS_BENCH_MACHINE_H

#include <stddef.h>

/** Model of the CPU as /proc/cpuinfo names it, "unknown" without one. Cut at size. */
void zps_machine_cpu(char *text, size_t size);

/** Cores this process may use. */
int zps_machine_cores(void);

/** Load average of the last minute, -1 when unknown: above 0 others were at work too. */
double zps_machine_load(void);

/** Flags of the engine beyond those of the program; the instruction set is named apart. */
const char *zps_machine_engine_flags(void);

#endif
