/* The CPU engine's inner loop, compiled once per instruction set. */
#ifndef ZPS_ENGINE_CPU_H
#define ZPS_ENGINE_CPU_H

#include <stdint.h>

#include "kernels/transport.h"

/** Runs events [first, first + n) of emission table i_mass on the calling thread and adds to row
 *  (zps_tally_size() u64). surface (zps_surface_size() u64, NULL without a placement) may be shared with other
 *  threads. trace holds a row for each of the events, or is NULL. Returns 0, or -1 when memory is short (nothing
 *  added). */
typedef int zps_cpu_run(const zps_setup *setup, uint32_t i_mass, uint64_t first, uint64_t n, uint64_t *row,
                        uint64_t *surface, const zps_trace *trace);

/** One per instruction set: x86-64-v2, -v3, -v4; `base` for the compiler's default, on any machine. */
zps_cpu_run zps_cpu_run_base, zps_cpu_run_v2, zps_cpu_run_v3, zps_cpu_run_v4;

#endif
