/* Which compiled set of hot operations fits the machine. */
#ifndef ZPS_BENCH_ISA_H
#define ZPS_BENCH_ISA_H

#include "bench/bench_lanes.h"
#include "host/error.h"

/** The operations for an instruction set by name; NULL: ZPS_ISA of the environment, else the best. The CPU engine
 * itself is asked what the machine has. setup: any setup, it is not run. detail receives the engine's own words. */
zps_status zps_bench_isa_choose(const char *isa, const zps_setup *setup, const zps_bench_lanes **lanes, char *detail,
                                size_t detail_size, zps_error *error);

#endif
