/* The hot operations of the engine, each alone over a batch of lanes, compiled once per instruction set. */
#ifndef ZPS_BENCH_LANES_H
#define ZPS_BENCH_LANES_H

#include "kernels/drawn.h"
#include "kernels/field_lanes.h"
#include "kernels/transport.h"

#define ZPS_BENCH_LANES 128

/** Muons of a batch, and room for what an operation returns. */
typedef struct zps_bench_batch {
  double x[ZPS_BENCH_LANES], y[ZPS_BENCH_LANES], tx[ZPS_BENCH_LANES], ty[ZPS_BENCH_LANES]; /* mm, slopes */
  double p[ZPS_BENCH_LANES];                                                               /* GeV */
  double a[ZPS_BENCH_LANES], b[ZPS_BENCH_LANES];                                           /* results */
  double bx[ZPS_BENCH_LANES], by[ZPS_BENCH_LANES], bz[ZPS_BENCH_LANES];                    /* more of them */
  int64_t fate[ZPS_BENCH_LANES];                                                           /* enum zps_fate */
  uint64_t event[ZPS_BENCH_LANES];
  zps_drawn drawn;
} zps_bench_batch;

/** One instruction set. first is the index of the first lane's event: it names the random numbers. */
typedef struct zps_bench_lanes {
  const char *isa;
  /** One Philox4x32-10 block per lane, as two uniform numbers in a and b. */
  void (*philox)(uint64_t first, zps_bench_batch *batch);
  /** Two standard normal numbers per lane, in a and b. */
  void (*normals)(uint64_t first, zps_bench_batch *batch);
  /** The field, and one RK4 step, of a block of lanes: the loops that the engine runs. */
  zps_field_lanes_lookup *lookup;
  zps_field_lanes_step *step;
  /** Mean loss on path_mm of matter i_table of the setup: p and ionisation, to a and b. */
  void (*matter)(const zps_setup *setup, int32_t i_table, double path_mm, zps_bench_batch *batch);
  /** Scattering with displacement over dz_mm of matter i_table of the setup, random numbers drawn: slopes to a and b, x
   * and y to bx and by. Highland's law; Moliere's, with its tails. */
  void (*highland)(const zps_setup *setup, int32_t i_table, double dz_mm, uint64_t first, zps_bench_batch *batch);
  void (*moliere)(const zps_setup *setup, int32_t i_table, double dz_mm, uint64_t first, zps_bench_batch *batch);
  /** One exact emission by muons of slopes tx, ty and momentum p: multiplicity and recoil momentum in a and b, slopes
   * of the recoil muon in bx and by. */
  void (*emission)(const zps_setup *setup, const zps_emission *emission, uint64_t first, zps_bench_batch *batch);
} zps_bench_lanes;

extern const zps_bench_lanes zps_bench_lanes_base, zps_bench_lanes_v2, zps_bench_lanes_v3, zps_bench_lanes_v4;

#endif
