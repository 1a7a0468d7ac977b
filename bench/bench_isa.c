#include "bench/bench_isa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/instruction_set.h"
#include "host/run/engine.h"

/* Best first. */
static const zps_bench_lanes *const zps_all_lanes[] = {
#if defined(__x86_64__)
    &zps_bench_lanes_v4, &zps_bench_lanes_v3, &zps_bench_lanes_v2,
#endif
    &zps_bench_lanes_base};

#define ZPS_N_LANES_SETS (sizeof zps_all_lanes / sizeof zps_all_lanes[0])

/** Opens the CPU engine with one thread on this instruction set, to see whether it can. */
static zps_status zps_isa_try(const char *isa, const zps_setup *setup, char *detail, size_t detail_size,
                              zps_error *error) {
  zps_engine_options options;
  zps_instruction_set set = ZPS_SET_BASE;
  zps_engine *engine = NULL;
  memset(&options, 0, sizeof options);
  options.n_threads = 1;
  options.isa = isa;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_engine_create("cpu", setup, &options, &engine, error));
  ZPS_TRY(zps_instruction_set_choose(isa, &set, error));
  (void)snprintf(detail, detail_size, "%s", zps_instruction_set_title(set));
done:
  zps_engine_destroy(engine);
  return status;
}

zps_status zps_bench_isa_choose(const char *isa, const zps_setup *setup, const zps_bench_lanes **lanes, char *detail,
                                size_t detail_size, zps_error *error) {
  const char *const environment = getenv("ZPS_ISA");
  const char *const wanted = (isa == NULL && environment != NULL && environment[0] != '\0') ? environment : isa;
  zps_status status = ZPS_UNAVAILABLE;
  for (size_t i = 0; i < ZPS_N_LANES_SETS && status != ZPS_OK; i++) {
    if (wanted == NULL || strcmp(wanted, zps_all_lanes[i]->isa) == 0) {
      *lanes = zps_all_lanes[i];
      status = zps_isa_try(zps_all_lanes[i]->isa, setup, detail, detail_size, wanted == NULL ? NULL : error);
      if (wanted != NULL) {
        return status;
      }
    }
  }
  return status == ZPS_OK
             ? ZPS_OK
             : zps_error_set(error, ZPS_USAGE, "instruction set %.32s: expected v2, v3, v4 or base", wanted);
}
