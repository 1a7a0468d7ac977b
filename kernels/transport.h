/* A muon's life, stage by stage. Read this first.
 *
 *   zps_stage_beam      a beam muon at the face of the target (Gaussian or from a file), its p_in measured
 *   zps_stage_vertex    loss and scattering down to the vertex, uniform over the depth of the target
 *   zps_stage_emission  Z' emission: recoil muon, multiplicity k; muons that cannot pass are not carried
 *   zps_stage_exit      the rest of the target
 *   then, for each element of the layout in order:
 *   zps_stage_drift     a straight line to its upstream face
 *   zps_stage_matter    loss, scattering, deposit summed for E_CAL, if it meets the block
 *   zps_stage_measure   p_out, at the entry of the magnet
 *   zps_stage_reach     muons that no field can bend onto a first counter are not carried further
 *   zps_stage_field     the magnet, one RK4 step after the other
 *   zps_stage_plane     counters hit, required planes
 *   zps_stage_hit       hits of the tracker, where p_out is their sagitta
 *   and in the end
 *   zps_tally_muon      what has become of it, added to the row of its mass
 *   zps_count_position  where it crossed the trigger's planes, added to the surface of its mass
 *   zps_trace_*         for a run that is watched: the event by itself
 *
 * A stage is a function of one muon without branches that depend on data: the CPU
 * engine runs it over lanes, the CUDA engine runs zps_transport_event() per thread.
 * Dead muons (fate set) pass through stages unchanged in fate; they are dropped
 * between stages. */
#ifndef ZPS_TRANSPORT_H
#define ZPS_TRANSPORT_H

#include <stddef.h>

#include "kernels/count.h"
#include "kernels/energy_loss.h"
#include "kernels/rk4.h"
#include "kernels/scatter.h"
#include "kernels/trace.h"

#define ZPS_MAX_SLOPE 4.0
#define ZPS_TRACKER_BLOCK 1 /* of the readout's random numbers: one per plane of the tracker, behind that of p_out */

ZPS_HD zps_stream zps_muon_stream(const zps_setup *setup, const zps_emission *em, uint64_t event) {
  return zps_stream_init(setup->seed, em->i_mass, event);
}

/** A Gaussian beam muon; p stays above the cut of stopped muons. */
ZPS_HD zps_muon zps_beam_gaussian(const zps_beam *beam, zps_stream s, uint64_t event) {
  const zps_pair a = zps_draw_normal(s, ZPS_DRAW_BEAM, 0);
  const zps_pair b = zps_draw_normal(s, ZPS_DRAW_BEAM, 1);
  const zps_pair c = zps_draw_normal(s, ZPS_DRAW_BEAM, 2);
  zps_muon m;
  m.x = beam->sigma_x_mm * a.a;
  m.y = beam->sigma_y_mm * a.b;
  m.tx = beam->sigma_tx * b.a;
  m.ty = beam->sigma_ty * b.b;
  m.p = zps_max(beam->p_gev * (1.0 + (beam->p_spread * c.a)), ZPS_STOP_P_GEV);
  m.e_cal = 0.0;
  m.p_in = c.b; /* the normal number, until the measurement turns it into a momentum */
  m.p_out = ZPS_UNMEASURED;
  m.depth = 1.0;
  m.psi = 0.0;
  m.k = 1.0;
  m.x_first = ZPS_UNMEASURED;
  m.x_last = ZPS_UNMEASURED;
  m.inverse_p = 0.0;
  m.hits = 0;
  m.event = event;
  m.beyond = 0;
  m.fate = ZPS_FATE_ARRIVED;
  return m;
}

/** Replaces position, direction and momentum by those of a particle of the beam file. */
ZPS_HD void zps_beam_from_file(const zps_beam *beam, zps_muon *m) {
  const zps_beam_particle *const particle = &beam->particles[m->event % beam->n_particles];
  m->x = particle->x_mm;
  m->y = particle->y_mm;
  m->tx = particle->tx;
  m->ty = particle->ty;
  m->p = zps_max(particle->p_gev, ZPS_STOP_P_GEV);
}

/** The beam muon of an event at the face of the target. from_file = 0 or 1, a constant where it is known. */
ZPS_HD zps_muon zps_stage_beam(const zps_setup *setup, zps_stream s, uint64_t event, int from_file) {
  zps_muon m = zps_beam_gaussian(&setup->beam, s, event);
  if (from_file) {
    zps_beam_from_file(&setup->beam, &m);
  }
  m.p_in = m.p * (1.0 + (setup->selection.p_in_resolution * m.p_in));
  return m;
}

/** A ray across thickness dz, scattered on the way from p_in to p_out. */
ZPS_HD zps_ray zps_muon_scatter(const zps_setup *setup, int32_t i_table, int32_t model, double dz, double path,
                                double p_in, double p_out, zps_stream s, uint32_t purpose, zps_ray in) {
  if (model & ZPS_MATTER_MOLIERE) {
    return zps_moliere_carry(&setup->moliere[i_table], in, dz, path, p_in, p_out, s, purpose);
  }
  const zps_pair zx = zps_draw_normal(s, purpose, 0);
  const zps_pair zy = zps_draw_normal(s, purpose, 1);
  const double x_over_x0 = zps_max(path, 1e-9) / setup->matter[i_table].radiation_length_mm;
  const double width = zps_scatter_highland(zps_sqrt(p_in * p_out), x_over_x0);
  return zps_scatter_carry(in, dz, path, width, zx, zy);
}

/** What a calorimeter makes of a deposit E [GeV]: Gaussian with variance a^2 E + b^2 E^2, not below zero. */
ZPS_HD double zps_muon_deposit(const zps_element *e, double deposit, double normal) {
  const double stochastic = e->resolution_stochastic * e->resolution_stochastic;
  const double constant = e->resolution_constant * deposit;
  const double width = zps_sqrt((stochastic * deposit) + (constant * constant));
  return zps_max(deposit + (width * normal), 0.0);
}

/** Momentum after a stack, what it leaves there for E_CAL (of the mean loss: ionisation alone), and the normal number
 * of its measurement. */
typedef struct zps_muon_loss {
  double p_gev, seen_gev, normal;
} zps_muon_loss;

ZPS_HD zps_muon_loss zps_muon_lose(const zps_setup *setup, const zps_element *e, int32_t model, double p, double path,
                                   zps_stream s, uint32_t purpose) {
  const zps_matter *const matter = &setup->matter[e->i_table];
  zps_muon_loss loss;
  if (model & ZPS_MATTER_FLUCTUATING) {
    const zps_straggled_crossing crossing =
        zps_matter_cross_straggled(matter, &setup->straggling[e->i_table], p, path, s, purpose);
    loss.p_gev = crossing.p_gev;
    loss.seen_gev = crossing.deposited_gev;
    loss.normal = crossing.normal;
  } else {
    const zps_crossing crossing = zps_matter_cross(matter, p, path);
    loss.p_gev = crossing.p_gev;
    loss.seen_gev = crossing.ionisation_gev;
    loss.normal = 0.0;
  }
  return loss;
}

/** What a part of an element that is crossed in two parts has of its measurement. The resolution is that of the whole
 * deposit, so it is drawn with the last part, on top of what lies there before [GeV]; is_last = 0.0 or 1.0. */
typedef struct zps_element_part {
  double before_gev, is_last;
} zps_element_part;

/** Loss, scattering and E_CAL over thickness dz [mm] of a stack. model is that of the setup, a constant where it is
 * known. */
ZPS_HD void zps_muon_cross(const zps_setup *setup, const zps_element *e, int32_t model, double dz,
                           zps_element_part part, zps_stream s, uint32_t purpose, zps_muon *m) {
  const double path = dz * zps_sqrt((1.0 + (m->tx * m->tx)) + (m->ty * m->ty));
  const zps_muon_loss loss = zps_muon_lose(setup, e, model, m->p, path, s, purpose);
  const double measured = zps_muon_deposit(e, part.before_gev + loss.seen_gev, part.is_last * loss.normal);
  const double counted = e->response * (measured - part.before_gev);
  const int stopped = loss.p_gev < ZPS_STOP_P_GEV;
  const double p_after = zps_max(loss.p_gev, ZPS_STOP_P_GEV);
  const zps_ray in = {m->x, m->y, m->tx, m->ty};
  const zps_ray out = zps_muon_scatter(setup, e->i_table, model, dz, path, m->p, p_after, s, purpose, in);
  m->x = out.x;
  m->y = out.y;
  m->tx = out.tx;
  m->ty = out.ty;
  m->p = p_after;
  m->e_cal = m->e_cal + counted;
  m->fate = zps_fate_or(m->fate, stopped, ZPS_FATE_STOPPED);
}

/** No longer forward: given up. Keeps the slopes finite for the stages a dead muon still passes. */
ZPS_HD void zps_muon_check_slope(zps_muon *m) {
  const int turned = !zps_inside(m->tx, m->ty, ZPS_MAX_SLOPE, ZPS_MAX_SLOPE);
  m->fate = zps_fate_or(m->fate, turned, ZPS_FATE_TURNED);
  m->tx = turned ? 0.0 : m->tx;
  m->ty = turned ? 0.0 : m->ty;
}

/** The target upstream of the vertex: the vertex is uniform over its depth. */
ZPS_HD void zps_stage_vertex(const zps_setup *setup, int32_t model, zps_stream s, zps_muon *m) {
  const zps_element *const target = &setup->elements[0];
  const zps_pair u = zps_draw_uniform(s, ZPS_DRAW_VERTEX, 0);
  m->depth = setup->process_none ? 1.0 : u.a;
  const zps_element_part part = {0.0, setup->process_none ? 1.0 : 0.0};
  zps_muon_cross(setup, target, model, m->depth * (target->z_end_mm - target->z_start_mm), part, s, ZPS_DRAW_ELEMENT,
                 m);
  zps_muon_check_slope(m);
}

/** Slopes of a vector given along the muon's direction: (px, py, pz) in the frame of zps_emission.h. */
ZPS_HD void zps_muon_turn(double px, double py, double pz, zps_muon *m) {
  const double n = zps_sqrt((1.0 + (m->tx * m->tx)) + (m->ty * m->ty));
  const double e = zps_sqrt(1.0 + (m->tx * m->tx));
  const double ne = n * e;
  const double ux = ((pz * m->tx) / n) + ((px / e) - (py * ((m->tx * m->ty) / ne)));
  const double uy = ((pz * m->ty) / n) + (py * ((e * e) / ne));
  const double uz = (pz / n) - (((px * m->tx) / e) + (py * (m->ty / ne)));
  const double length = zps_sqrt((px * px) + ((py * py) + (pz * pz)));
  /* Backward or nearly so: slopes no stage takes for forward (zps_muon_check_slope). */
  const int backward = !(uz > (1e-3 * length));
  const double forward = backward ? 1.0 : uz;
  m->tx = backward ? 2.0 * ZPS_MAX_SLOPE : ux / forward;
  m->ty = backward ? 2.0 * ZPS_MAX_SLOPE : uy / forward;
}

/** Emission at the vertex. A muon outside the p_in window, or too fast to come under the p_out cut, is dropped. */
ZPS_HD void zps_stage_emission(const zps_setup *setup, const zps_emission *em, const double (*cell)[4], int32_t model,
                               zps_stream s, zps_muon *m) {
  const double energy = zps_sqrt((m->p * m->p) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
  zps_emission_state state;
  const zps_emitted e = zps_emission_sample(&setup->nucleus, setup->t_shape, em, cell, model, energy, s, &state);
  const int exists = e.k > 0.0;
  m->k = e.k;
  m->psi = exists ? e.two_sin_half_psi : 0.0;
  zps_muon_turn(exists ? e.px : 0.0, exists ? e.py : 0.0, exists ? e.pz : 1.0, m);
  m->p = exists ? zps_max(e.p, ZPS_STOP_P_GEV) : m->p;
  m->fate = exists ? m->fate : ZPS_FATE_NO_WEIGHT;
  m->fate = zps_fate_or(m->fate, exists & (e.p < ZPS_STOP_P_GEV), ZPS_FATE_STOPPED);
}

/** The p_in window and the reach of the p_out cut. */
ZPS_HD void zps_stage_window(const zps_setup *setup, zps_muon *m) {
  const double p_in_min = setup->selection.p_in_min_gev;
  const double p_in_max = setup->selection.p_in_max_gev;
  const int in_window = (m->p_in >= p_in_min) & (m->p_in <= p_in_max);
  /* The window comes first in the cut-flow, whatever else became of the muon. */
  m->fate = ((!in_window) & (m->fate != ZPS_FATE_NO_WEIGHT)) ? ZPS_FATE_OUT_OF_WINDOW : m->fate;
  m->fate = zps_fate_or(m->fate, m->p > setup->p_carry_max_gev, ZPS_FATE_TOO_FAST);
  zps_muon_check_slope(m);
}

/** The target downstream of the vertex. */
ZPS_HD void zps_stage_exit(const zps_setup *setup, int32_t model, zps_stream s, zps_muon *m) {
  const zps_element *const target = &setup->elements[0];
  const double response = target->response;
  const zps_element_part part = {response > 0.0 ? m->e_cal / response : 0.0, 1.0};
  zps_muon_cross(setup, target, model, (1.0 - m->depth) * (target->z_end_mm - target->z_start_mm), part, s,
                 ZPS_DRAW_TARGET_EXIT, m);
  zps_muon_check_slope(m);
}

/** A straight line over dz [mm] of vacuum. */
ZPS_HD void zps_stage_drift(double dz, zps_muon *m) {
  m->x = m->x + (dz * m->tx);
  m->y = m->y + (dz * m->ty);
}

/** Does a muon meet a block of matter? Its straight line decides: inside the hole, or outside the block, at entry and
 * at exit = no matter; else all of it. */
ZPS_HD int zps_muon_meets(const zps_element *e, double dz, const zps_muon *m) {
  const double x_exit = m->x + (dz * m->tx);
  const double y_exit = m->y + (dz * m->ty);
  const double hole = e->hole_half_mm;
  const int in_hole = zps_inside(m->x, m->y, hole, hole) & zps_inside(x_exit, y_exit, hole, hole);
  const int in_block =
      zps_inside(m->x, m->y, e->half_x_mm, e->half_y_mm) | zps_inside(x_exit, y_exit, e->half_x_mm, e->half_y_mm);
  return in_block & !in_hole;
}

/** A block of matter, for a muon that meets it. */
ZPS_HD void zps_stage_matter(const zps_setup *setup, int32_t i_element, int32_t model, zps_stream s, zps_muon *m) {
  const zps_element *const e = &setup->elements[i_element];
  const double dz = e->z_end_mm - e->z_start_mm;
  const zps_element_part whole = {0.0, 1.0};
  zps_muon_cross(setup, e, model, dz, whole, s, ZPS_DRAW_ELEMENT + (uint32_t)i_element, m);
  zps_muon_check_slope(m);
}

/** Measured momentum, true p times (1 + resolution z); the resolution grows with p where the job says so. */
ZPS_HD void zps_stage_measure(const zps_setup *setup, zps_stream s, zps_muon *m) {
  const zps_pair z = zps_draw_normal(s, ZPS_DRAW_READOUT, 0);
  const double constant = setup->selection.p_out_resolution;
  const double growing = setup->selection.p_out_resolution_per_gev * m->p;
  const double resolution = zps_sqrt((constant * constant) + (growing * growing));
  m->p_out = m->p * (1.0 + (resolution * z.a));
}

/** Muons that cannot come to a first counter, whatever the field does: not carried through it. */
ZPS_HD void zps_stage_reach(const zps_magnet_reach *reach, double charge, zps_muon *m) {
  const int misses = zps_magnet_misses(reach, zps_rk4_kappa(charge, m->p), m->x, m->y, m->tx, m->ty);
  m->fate = zps_fate_or(m->fate, misses, ZPS_FATE_MISSED_TRIGGER);
}

/** Lost when outside the aperture of a field element: its gap in y, its width in x. */
ZPS_HD void zps_muon_check_aperture(const zps_element *e, zps_muon *m) {
  m->fate = zps_fate_or(m->fate, !(zps_abs(m->y) < e->half_y_mm), ZPS_FATE_LOST_GAP);
  m->fate = zps_fate_or(m->fate, !(zps_abs(m->x) <= e->half_x_mm), ZPS_FATE_LEFT_MAP);
}

/** Notes a living muon that is beyond the nodes of its map. beyond_end: 1 on a face of the element that is. */
ZPS_HD void zps_stage_beyond(const zps_element *e, int32_t beyond_end, zps_muon *m) {
  const uint64_t in_x = (e->map_x_lo_mm <= m->x) & (m->x <= e->map_x_hi_mm);
  const uint64_t in_y = (e->map_y_lo_mm <= m->y) & (m->y <= e->map_y_hi_mm);
  const uint64_t beyond = ((1 - (in_x & in_y)) << ZPS_BEYOND_SIDE) | ((uint64_t)beyond_end << ZPS_BEYOND_END);
  m->beyond |= m->fate == ZPS_FATE_ARRIVED ? beyond : 0;
}

/** The field where a muon enters a field element, `start` on its face. lookup: enum zps_lookup, a constant where it is
 *  known. */
ZPS_HD zps_rk4_memory zps_field_enter(const zps_field_map *map, zps_field_plane start, int32_t lookup,
                                      const zps_muon *m) {
  zps_rk4_memory memory;
  memory.b = zps_field_lookup(map, start, lookup, m->x, m->y);
  memory.third.x = 0.0;
  memory.third.y = 0.0;
  return memory;
}

/** What becomes of a muon after a step in a field element. */
ZPS_HD void zps_stage_stepped(const zps_element *e, zps_muon *m) {
  zps_muon_check_aperture(e, m);
  zps_muon_check_slope(m);
}

/** One RK4 step; lookup_middle and lookup_end are enum zps_lookup, as constants where they are known. */
ZPS_HD void zps_stage_field(const zps_element *e, const zps_field_map *map, zps_field_step step, int32_t lookup_middle,
                            int32_t lookup_end, double charge, zps_rk4_memory *memory, zps_muon *m) {
  const zps_ray in = {m->x, m->y, m->tx, m->ty};
  const zps_ray out = zps_rk4_step(map, step.middle, step.end, lookup_middle, lookup_end, zps_rk4_kappa(charge, m->p),
                                   step.h, in, memory);
  m->x = out.x;
  m->y = out.y;
  m->tx = out.tx;
  m->ty = out.ty;
  zps_stage_stepped(e, m);
}

/** Which y ranges of the placement a muon keeps to: noted at the first plane, taken back at the last. */
ZPS_HD void zps_placement_note_y(const zps_placement *placement, int is_first, zps_muon *m) {
  for (int64_t i = 0; i < placement->n_y; i++) {
    const uint64_t bit = (uint64_t)1 << (ZPS_PLACEMENT_BIT + i);
    const double lo = is_first ? placement->y_first_lo[i] : placement->y_last_lo[i];
    const double hi = is_first ? placement->y_first_hi[i] : placement->y_last_hi[i];
    const int inside = lo <= m->y && m->y < hi;
    const uint64_t before = is_first ? m->hits | bit : m->hits;
    m->hits = inside ? before : m->hits & ~bit;
  }
}

/** Counters of one plane: hits of every trigger, the required size, x at the planes of trigger 0. */
ZPS_HD void zps_stage_plane(const zps_setup *setup, int32_t i_element, zps_muon *m) {
  const zps_element *const e = &setup->elements[i_element];
  for (int32_t t = 0; t < setup->n_triggers; t++) {
    const zps_trigger *const trigger = &setup->triggers[t];
    for (int32_t c = 0; c < trigger->n_counters; c++) {
      const zps_counter *const counter = &trigger->counters[c];
      const int hit = (counter->i_element == i_element && counter->x_lo_mm <= m->x && m->x < counter->x_hi_mm &&
                       counter->y_lo_mm <= m->y && m->y < counter->y_hi_mm);
      m->hits |= hit ? (uint64_t)1 << ((ZPS_MAX_TRIGGER_PLANES * t) + c) : (uint64_t)0;
    }
  }
  const zps_trigger *const zero = &setup->triggers[0];
  if (zero->counters[0].i_element == i_element) {
    m->x_first = m->x;
    zps_placement_note_y(&setup->placement, 1, m);
  }
  if (zero->counters[zero->n_counters - 1].i_element == i_element) {
    m->x_last = m->x;
    zps_placement_note_y(&setup->placement, 0, m);
  }
  if (e->required) {
    m->fate = zps_fate_or(m->fate, !zps_inside(m->x, m->y, e->half_x_mm, e->half_y_mm), ZPS_FATE_MISSED_REQUIRED);
  }
}

/** A hit of the tracker, x with its error; the last one completes p_out. What bends less than a muon of a million GeV,
 *  or the wrong way, by the errors of its hits counts as that fast. */
ZPS_HD void zps_stage_hit(const zps_setup *setup, int32_t i_element, zps_stream s, zps_muon *m) {
  const zps_tracker *const tracker = &setup->tracker;
  for (uint32_t j = 0; j < ZPS_N_TRACKER_PLANES; j++) {
    if (tracker->i_element[j] == i_element) {
      const zps_pair z = zps_draw_normal(s, ZPS_DRAW_READOUT, ZPS_TRACKER_BLOCK + j);
      m->inverse_p = m->inverse_p + (tracker->weight[j] * (m->x + (tracker->hit_mm * z.a)));
      m->p_out = j + 1 == ZPS_N_TRACKER_PLANES ? 1.0 / zps_max(m->inverse_p, 1e-6) : m->p_out;
    }
  }
}

/** Bits of the first planes of all triggers. */
ZPS_HD uint64_t zps_first_planes(const zps_setup *setup) {
  uint64_t bits = 0;
  for (int32_t t = 0; t < setup->n_triggers; t++) {
    bits |= (uint64_t)1 << (ZPS_MAX_TRIGGER_PLANES * t);
  }
  return bits;
}

/** After the last of the first planes: a muon that hit none of them is done. */
ZPS_HD void zps_stage_decide(uint64_t first_planes, zps_muon *m) {
  m->fate = zps_fate_or(m->fate, (m->hits & first_planes) == 0, ZPS_FATE_MISSED_TRIGGER);
}

/** All steps of a field element for one muon. cubic: that of the element; special: as below; both are constants. */
ZPS_HD void zps_transport_steps(const zps_setup *setup, const zps_element *e, int32_t cubic, int32_t special,
                                zps_muon *m) {
  const zps_field_map copy = setup->maps[e->i_table]; /* its own, so that no pointer can change it in the loop */
  const zps_field_map *const map = &copy;
  const zps_field_plane start = zps_field_plane_at(map, e->z_start_mm);
  zps_rk4_memory memory = zps_field_enter(map, start, zps_field_lookup_on(start, cubic), m);
  if (special) {
    zps_stage_beyond(e, e->beyond_entry, m);
  }
  for (int32_t i = 0; i < e->n_steps && m->fate == ZPS_FATE_ARRIVED; i++) {
    const zps_field_step step = setup->steps[e->i_step + i];
    zps_stage_field(e, map, step, zps_field_lookup_on(step.middle, cubic), zps_field_lookup_on(step.end, cubic),
                    setup->beam.charge, &memory, m);
    if (special) {
      zps_stage_beyond(e, 0, m);
    }
  }
  if (special) {
    zps_stage_beyond(e, e->beyond_exit, m);
  }
}

/** A field element, for one muon. special = setup->special_fields, or 1; a constant 0 leaves out what they need. */
ZPS_HD void zps_transport_field(const zps_setup *setup, const zps_element *e, int32_t special, zps_muon *m) {
  zps_muon_check_aperture(e, m);
  if (special && e->cubic) {
    zps_transport_steps(setup, e, ZPS_LOOKUP_CUBIC, special, m);
  } else {
    zps_transport_steps(setup, e, 0, special, m);
  }
}

/** A muon standing at z = z_mm comes to the upstream face of element i, if it lives and there is one. */
ZPS_HD void zps_transport_arrive(const zps_setup *setup, const zps_emission *em, int32_t i, double z_mm, zps_muon *m) {
  if (i >= setup->n_elements || m->fate != ZPS_FATE_ARRIVED) {
    return;
  }
  zps_stage_drift(setup->elements[i].z_start_mm - z_mm, m);
  if (i == setup->i_spectrometer) {
    zps_stage_measure(setup, zps_muon_stream(setup, em, m->event), m);
  }
  if (i == setup->reach.i_element) {
    zps_stage_reach(&setup->reach, setup->beam.charge, m);
  }
}

/** Element i is matter: a muon that meets none of it goes straight on. */
ZPS_HD void zps_transport_matter(const zps_setup *setup, const zps_emission *em, int32_t i, zps_muon *m) {
  const zps_element *const e = &setup->elements[i];
  const double dz = e->z_end_mm - e->z_start_mm;
  if (zps_muon_meets(e, dz, m)) {
    zps_stage_matter(setup, i, setup->matter_model, zps_muon_stream(setup, em, m->event), m);
  } else {
    zps_stage_drift(dz, m);
  }
}

/** A muon crosses element i. special: see zps_transport_field(). */
ZPS_HD void zps_transport_pass(const zps_setup *setup, const zps_emission *em, int32_t i, int32_t special,
                               zps_muon *m) {
  const zps_element *const e = &setup->elements[i];
  if (e->kind == ZPS_ELEMENT_MATTER) {
    zps_transport_matter(setup, em, i, m);
  } else if (e->kind == ZPS_ELEMENT_FIELD) {
    zps_transport_field(setup, e, special, m);
  } else {
    zps_stage_plane(setup, i, m);
    zps_stage_hit(setup, i, zps_muon_stream(setup, em, m->event), m);
  }
  if (i == setup->i_decision) {
    zps_stage_decide(zps_first_planes(setup), m);
  }
}

/** From the beam to the window: all that happens before a muon is carried. */
ZPS_HD zps_muon zps_transport_enter(const zps_setup *setup, const zps_emission *em, uint64_t event) {
  const zps_stream s = zps_muon_stream(setup, em, event);
  zps_muon m = zps_stage_beam(setup, s, event, setup->beam.n_particles > 0);
  zps_stage_vertex(setup, setup->matter_model, s, &m);
  if (!setup->process_none) {
    zps_stage_emission(setup, em, em->cell, em->model, s, &m);
  }
  zps_stage_window(setup, &m);
  return m;
}

/** The rest of the target, for a muon that is still carried. */
ZPS_HD void zps_transport_exit(const zps_setup *setup, const zps_emission *em, zps_muon *m) {
  if (!setup->process_none && m->fate == ZPS_FATE_ARRIVED) {
    zps_stage_exit(setup, setup->matter_model, zps_muon_stream(setup, em, m->event), m);
  }
}

/** From the beam to the exit of the target. */
ZPS_HD zps_muon zps_transport_start(const zps_setup *setup, const zps_emission *em, uint64_t event) {
  zps_muon m = zps_transport_enter(setup, em, event);
  zps_transport_exit(setup, em, &m);
  return m;
}

/** From the entry of element `from` to that of element `until`, or to the end of the layout, given up as soon as the
 *  muon's fate is known. special: see zps_transport_field(); trace is NULL or watches. */
ZPS_HD void zps_transport_through(const zps_setup *setup, const zps_emission *em, int32_t from, int32_t until,
                                  int32_t special, const zps_trace *trace, zps_muon *m) {
  for (int32_t i = from; i < until && m->fate == ZPS_FATE_ARRIVED; i++) {
    zps_transport_pass(setup, em, i, special, m);
    if (trace != NULL && setup->elements[i].kind == ZPS_ELEMENT_PLANE) {
      zps_trace_plane(setup, trace, i, m);
    }
    zps_transport_arrive(setup, em, i + 1, setup->elements[i].z_end_mm, m);
  }
}

/** The layout behind the target. */
ZPS_HD void zps_transport_layout(const zps_setup *setup, const zps_emission *em, int32_t special,
                                 const zps_trace *trace, zps_muon *m) {
  zps_transport_arrive(setup, em, 1, setup->elements[0].z_end_mm, m);
  zps_transport_through(setup, em, 1, setup->n_elements, special, trace, m);
}

/** A muon's whole life, watched: the stages above in order. */
ZPS_HD zps_muon zps_transport_watched(const zps_setup *setup, const zps_emission *em, const zps_trace *trace,
                                      uint64_t event) {
  zps_muon m = zps_transport_enter(setup, em, event);
  zps_trace_begin(trace, &m);
  zps_transport_exit(setup, em, &m);
  zps_transport_layout(setup, em, 1, trace, &m);
  zps_trace_end(trace, &m);
  return m;
}

/** A muon's whole life. */
ZPS_HD zps_muon zps_transport_event(const zps_setup *setup, const zps_emission *em, uint64_t event) {
  zps_muon m = zps_transport_start(setup, em, event);
  zps_transport_layout(setup, em, 1, NULL, &m);
  return m;
}

#endif
