/* Single stages of a muon's life as kernels, whose instructions model.py counts. Never run.
 *
 * Each takes its muons from shared memory and puts them back, which zps_alone_nothing does without a stage. What a job
 * settles is a constant, as for the default job of model.py: its models of matter, the exact tree-level emission, a
 * Gaussian beam, field lookups on planes of the map. With the engine's kernels, of whose queues two stages are. */
#include "kernels/engine_cuda_kernel.cuh"

#define ZPS_ALONE_MATTER (ZPS_MATTER_MOLIERE | ZPS_MATTER_FLUCTUATING)

extern __shared__ double zps_alone_shared[];

/** What the threads of a block share. */
struct zps_alone_memory {
  zps_muon in[ZPS_BLOCK], out[ZPS_BLOCK];
  double value[ZPS_BLOCK];
  zps_block_queue queue;
  uint64_t row[1]; /* as long as it is */
};

__device__ static zps_alone_memory *zps_alone() {
  return reinterpret_cast<zps_alone_memory *>(zps_alone_shared);
}

/** A kernel by this name: BODY with the setup, the mass em, the element i and the muon m. */
#define ZPS_ALONE(name, BODY)                                                                                          \
  __global__ void __launch_bounds__(ZPS_BLOCK)                                                                         \
      zps_alone_##name(const __grid_constant__ zps_setup setup, unsigned i_mass, int i) {                              \
    zps_alone_memory *const shared = zps_alone();                                                                      \
    const zps_emission *const em = &setup.emission[i_mass];                                                            \
    zps_muon m = shared->in[threadIdx.x];                                                                              \
    BODY;                                                                                                              \
    shared->out[threadIdx.x] = m;                                                                                      \
    (void)em;                                                                                                          \
    (void)i;                                                                                                           \
  }

#define ZPS_ALONE_STREAM zps_muon_stream(&setup, em, m.event)
#define ZPS_ALONE_ELEMENT (&setup.elements[i])
#define ZPS_ALONE_DEPTH (ZPS_ALONE_ELEMENT->z_end_mm - ZPS_ALONE_ELEMENT->z_start_mm)

ZPS_ALONE(nothing, )
ZPS_ALONE(beam, m = zps_stage_beam(&setup, ZPS_ALONE_STREAM, m.event, 0))
ZPS_ALONE(vertex, zps_stage_vertex(&setup, ZPS_ALONE_MATTER, ZPS_ALONE_STREAM, &m))
ZPS_ALONE(emission, zps_stage_emission(&setup, em, em->cell, ZPS_EMISSION_ETL, ZPS_ALONE_STREAM, &m))
ZPS_ALONE(window, zps_stage_window(&setup, &m))
ZPS_ALONE(push, zps_queue_push(&shared->queue, m))
ZPS_ALONE(pop, m = zps_queue_pop(&shared->queue, threadIdx.x))
ZPS_ALONE(exit, zps_stage_exit(&setup, ZPS_ALONE_MATTER, ZPS_ALONE_STREAM, &m))
ZPS_ALONE(drift, zps_stage_drift(ZPS_ALONE_ELEMENT->z_start_mm, &m))
ZPS_ALONE(meets, m.hits = static_cast<uint64_t>(zps_muon_meets(ZPS_ALONE_ELEMENT, ZPS_ALONE_DEPTH, &m)))
ZPS_ALONE(matter, zps_stage_matter(&setup, i, ZPS_ALONE_MATTER, ZPS_ALONE_STREAM, &m))
ZPS_ALONE(measure, zps_stage_measure(&setup, ZPS_ALONE_STREAM, &m))
ZPS_ALONE(reach, zps_stage_reach(&setup.reach, setup.beam.charge, &m))
ZPS_ALONE(plane, zps_stage_plane(&setup, i, &m))
ZPS_ALONE(decide, zps_stage_decide(zps_first_planes(&setup), &m))

/** As zps_transport_steps() where every lookup is on a plane of the map. */
__device__ static void zps_alone_steps(const zps_setup &setup, const zps_element *e, zps_muon *m) {
  const zps_field_map map = setup.maps[e->i_table];
  zps_rk4_memory memory = zps_field_enter(&map, zps_field_plane_at(&map, e->z_start_mm), 0, m);
#pragma unroll 1
  for (int32_t i = 0; i < e->n_steps && m->fate == ZPS_FATE_ARRIVED; i++) {
    zps_stage_field(e, &map, setup.steps[e->i_step + i], 0, 0, setup.beam.charge, &memory, m);
  }
}
ZPS_ALONE(steps, zps_muon_check_aperture(ZPS_ALONE_ELEMENT, &m); zps_alone_steps(setup, ZPS_ALONE_ELEMENT, &m))

/** What zps_tally_muon() does to every muon. */
__device__ static uint64_t zps_alone_count(const zps_setup &setup, const zps_muon &m, uint64_t *row) {
  const uint32_t n_trigger = static_cast<uint32_t>(setup.n_triggers);
  const uint64_t k = static_cast<uint64_t>(m.k);
  zps_add(&row[zps_tally_events(n_trigger)], 1);
  zps_add(&row[zps_tally_fate(n_trigger, static_cast<uint32_t>(m.fate))], k);
  zps_add(&row[zps_tally_bin(n_trigger, ZPS_HISTOGRAM_GENERATED, ZPS_QUANTITY_PSI, zps_psi_bin(m.psi))], k);
  return k;
}
ZPS_ALONE(tally, m.hits = zps_alone_count(setup, m, shared->row))
ZPS_ALONE(passed, m.hits = zps_stages_passed(&setup, i, &m))
ZPS_ALONE(tally_stage, zps_add(&shared->row[zps_tally_stage(i_mass, static_cast<uint32_t>(i), 0)], m.event);
          zps_add(&shared->row[zps_tally_stage(i_mass, static_cast<uint32_t>(i), 1)], m.event *m.event))
ZPS_ALONE(tally_bin,
          zps_add(&shared->row[zps_tally_bin(2, i_mass, ZPS_QUANTITY_P_OUT, zps_bin(m.p_out, 0.0, ZPS_BIN_P_OUT_HI))],
                  m.event))
