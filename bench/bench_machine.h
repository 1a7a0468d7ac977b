/* What a bench ran on. */
#ifndef ZPS_BENCH_MACHINE_H
#define ZPS_BENCH_MACHINE_H

#include <stddef.h>

/** Model of the CPU as /proc/cpuinfo names it, "unknown" without one. Cut at size. */
void zps_machine_cpu(char *text, size_t size);

/** Cores this process may use, also where OMP_PROC_BIND holds the calling thread on one of them. */
int zps_machine_cores(void);

/** Load average of the last minute, -1 when unknown: above 0 others were at work too. */
double zps_machine_load(void);

/** Now as ISO 8601 in UTC, e.g. "2024-05-01T12:00:00Z"; empty where there is no time. */
void zps_machine_utc(char *text, size_t size);

/** Flags of the engine beyond those of the program; the instruction set is named apart. */
const char *zps_machine_engine_flags(void);

#endif
