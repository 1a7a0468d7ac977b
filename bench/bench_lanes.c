#include "bench/bench_lanes.h"

#ifndef ZPS_ISA
#define ZPS_ISA base
#endif
#define ZPS_CONCAT_(a, b) a##b
#define ZPS_CONCAT(a, b) ZPS_CONCAT_(a, b)
#define ZPS_TEXT_(a) #a
#define ZPS_TEXT(a) ZPS_TEXT_(a)

#define ZPS_SEED 1

#define ZPS_OPERATION static __attribute__((noinline)) void
#define ZPS_FOR_LANES _Pragma("omp simd") for (int i = 0; i < ZPS_BENCH_LANES; i++)

/** Draws n blocks of a purpose, from `block` on, for the events that begin with `first`; as the engine does. */
ZPS_OPERATION zps_lanes_draw(uint64_t first, uint32_t purpose, uint32_t block, uint32_t n, zps_bench_batch *batch) {
  for (int i = 0; i < ZPS_BENCH_LANES; i++) {
    batch->event[i] = first + (uint64_t)i;
  }
  for (uint32_t j = 0; j < n; j++) {
    const uint32_t slot = zps_drawn_slot(purpose, block + j);
    zps_draw_ahead(&batch->drawn, slot, ZPS_SEED, 0, batch->event, ZPS_BENCH_LANES, purpose, block + j);
  }
}

ZPS_OPERATION zps_lanes_uniform(const zps_drawn *drawn, zps_bench_batch *restrict batch) {
  ZPS_FOR_LANES {
    const zps_pair u = zps_draw_uniform(zps_stream_of_lane(drawn, i), ZPS_DRAW_BEAM, 0);
    batch->a[i] = u.a;
    batch->b[i] = u.b;
  }
}

static void zps_lanes_philox(uint64_t first, zps_bench_batch *batch) {
  zps_lanes_draw(first, ZPS_DRAW_BEAM, 0, 1, batch);
  zps_lanes_uniform(&batch->drawn, batch);
}

ZPS_OPERATION zps_lanes_normal(const zps_drawn *drawn, zps_bench_batch *restrict batch) {
  ZPS_FOR_LANES {
    const zps_pair z = zps_draw_normal(zps_stream_of_lane(drawn, i), ZPS_DRAW_BEAM, 0);
    batch->a[i] = z.a;
    batch->b[i] = z.b;
  }
}

static void zps_lanes_normals(uint64_t first, zps_bench_batch *batch) {
  zps_lanes_draw(first, ZPS_DRAW_BEAM, 0, 1, batch);
  zps_lanes_normal(&batch->drawn, batch);
}

/* Tables by way of the setup, as in the engine: gcc 12 vectorises gathers only from an address that is loaded. */
ZPS_OPERATION zps_lanes_matter(const zps_setup *setup, int32_t i_table, double path_mm,
                               zps_bench_batch *restrict batch) {
  ZPS_FOR_LANES {
    const zps_crossing crossing = zps_matter_cross(&setup->matter[i_table], batch->p[i], path_mm);
    batch->a[i] = crossing.p_gev;
    batch->b[i] = crossing.ionisation_gev;
  }
}

ZPS_HD void zps_lane_scatter(const zps_setup *setup, int32_t i_table, int32_t model, double dz_mm,
                             const zps_drawn *drawn, zps_bench_batch *restrict batch, int i) {
  const zps_ray in = {batch->x[i], batch->y[i], batch->tx[i], batch->ty[i]};
  const double path = dz_mm * zps_sqrt((1.0 + (in.tx * in.tx)) + (in.ty * in.ty));
  const double p = batch->p[i];
  const zps_ray out = zps_muon_scatter(setup, i_table, model, dz_mm, path, p, 0.99 * p, zps_stream_of_lane(drawn, i),
                                       ZPS_DRAW_ELEMENT, in);
  batch->a[i] = out.tx;
  batch->b[i] = out.ty;
  batch->bx[i] = out.x;
  batch->by[i] = out.y;
}

#define ZPS_DEFINE_LANES_SCATTER(name, model, n_hard)                                                                  \
  ZPS_OPERATION zps_lanes_scatter_##name(const zps_setup *setup, int32_t i_table, double dz_mm,                        \
                                         const zps_drawn *drawn, zps_bench_batch *restrict batch) {                    \
    ZPS_FOR_LANES {                                                                                                    \
      zps_lane_scatter(setup, i_table, model, dz_mm, drawn, batch, i);                                                 \
    }                                                                                                                  \
  }                                                                                                                    \
  static void zps_lanes_##name(const zps_setup *setup, int32_t i_table, double dz_mm, uint64_t first,                  \
                               zps_bench_batch *batch) {                                                               \
    zps_lanes_draw(first, ZPS_DRAW_ELEMENT, 0, 2, batch);                                                              \
    zps_lanes_draw(first, ZPS_DRAW_ELEMENT, ZPS_MOLIERE_BLOCK, n_hard, batch);                                         \
    zps_lanes_scatter_##name(setup, i_table, dz_mm, &batch->drawn, batch);                                             \
  }

ZPS_DEFINE_LANES_SCATTER(highland, 0, 0)
ZPS_DEFINE_LANES_SCATTER(moliere, ZPS_MATTER_MOLIERE, ZPS_MOLIERE_SLOTS)

ZPS_OPERATION zps_lanes_emit(const zps_setup *setup, const zps_emission *emission, const zps_drawn *drawn,
                             zps_bench_batch *restrict batch) {
  const double(*const cell)[4] = emission->cell;
  ZPS_FOR_LANES {
    zps_muon m;
    m.tx = batch->tx[i];
    m.ty = batch->ty[i];
    m.p = batch->p[i];
    m.fate = batch->fate[i];
    zps_stage_emission(setup, emission, cell, ZPS_EMISSION_ETL, zps_stream_of_lane(drawn, i), &m);
    batch->a[i] = m.k;
    batch->b[i] = m.p;
    batch->bx[i] = m.tx;
    batch->by[i] = m.ty;
    batch->bz[i] = m.psi;
    batch->fate[i] = m.fate;
  }
}

static void zps_lanes_emission(const zps_setup *setup, const zps_emission *emission, uint64_t first,
                               zps_bench_batch *batch) {
  zps_lanes_draw(first, ZPS_DRAW_EMISSION, 0, 4, batch);
  zps_lanes_emit(setup, emission, &batch->drawn, batch);
}

const zps_bench_lanes ZPS_CONCAT(zps_bench_lanes_, ZPS_ISA) = {ZPS_TEXT(ZPS_ISA),
                                                               zps_lanes_philox,
                                                               zps_lanes_normals,
                                                               ZPS_CONCAT(zps_field_lanes_lookup_, ZPS_ISA),
                                                               ZPS_CONCAT(zps_field_lanes_step_, ZPS_ISA),
                                                               zps_lanes_matter,
                                                               zps_lanes_highland,
                                                               zps_lanes_moliere,
                                                               zps_lanes_emission};
