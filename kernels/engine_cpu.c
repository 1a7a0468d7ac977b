/* The CPU engine: each stage of transport.h runs over lanes of a batch (structure of arrays), so that the compiler
 * makes vector code of it; muons whose fate is known are tallied and dropped between stages. This file is compiled
 * once per instruction set with ZPS_ISA naming it; results are the same bits in all of them. */
#include "kernels/engine_cpu.h"

#include <stdlib.h>

#include "kernels/drawn.h"
#include "kernels/field_lanes.h"

#ifndef ZPS_ISA
#define ZPS_ISA base
#endif
#define ZPS_CONCAT_(a, b) a##b
#define ZPS_CONCAT(a, b) ZPS_CONCAT_(a, b)
#define ZPS_CPU_RUN ZPS_CONCAT(zps_cpu_run_, ZPS_ISA)
#define ZPS_CPU_LOOKUP ZPS_CONCAT(zps_field_lanes_lookup_, ZPS_ISA)
#define ZPS_CPU_STEP ZPS_CONCAT(zps_field_lanes_step_, ZPS_ISA)

/* Fits the first-level cache together with one plane of a field map. */
#define ZPS_LANES 128

/* Steps in a magnet between two looks for dead muons; a block of lanes takes them before the next block has its turn.
 */
#define ZPS_BLOCK_STEPS 4

/* A batch that waits takes another on top: behind the vertex fewer than ZPS_LANES and a fresh one, at the magnet fewer
 * than ZPS_LANES and all of those, which makes whole blocks of ZPS_FIELD_LANES. 64 bytes more, so that its arrays begin
 * in different sets of the cache. */
#define ZPS_BATCH ((3 * ZPS_LANES) + 8)
_Static_assert(ZPS_BATCH <= ZPS_DRAWN_LANES && ZPS_BATCH % ZPS_DRAW_WIDTH == 0,
               "words of a whole batch are drawn at once");
_Static_assert(ZPS_LANES % ZPS_FIELD_LANES == 0, "the last block of a full batch would reach beyond its arrays");

/** Muons as structure of arrays. */
typedef struct zps_batch {
  double x[ZPS_BATCH], y[ZPS_BATCH], tx[ZPS_BATCH], ty[ZPS_BATCH];
  double p[ZPS_BATCH], e_cal[ZPS_BATCH], p_in[ZPS_BATCH], p_out[ZPS_BATCH];
  double depth[ZPS_BATCH], psi[ZPS_BATCH], k[ZPS_BATCH];
  double x_first[ZPS_BATCH], x_last[ZPS_BATCH], inverse_p[ZPS_BATCH];
  double bx[ZPS_BATCH], by[ZPS_BATCH], bz[ZPS_BATCH]; /* zps_rk4_memory, in a field element */
  double third_x[ZPS_BATCH], third_y[ZPS_BATCH];
  uint64_t hits[ZPS_BATCH], event[ZPS_BATCH], beyond[ZPS_BATCH];
  uint64_t psi_bin[ZPS_BATCH]; /* zps_psi_bin() */
  uint64_t meets[ZPS_BATCH];   /* 1: meets the matter at whose face the batch stands */
  int64_t fate[ZPS_BATCH];
  int n;
} zps_batch;

/** What one run works on. */
typedef struct zps_run_context {
  const zps_setup *setup;
  const zps_emission *em;
  uint64_t *row;
  uint64_t *surface;      /* shared by all threads; NULL without a placement */
  const zps_trace *trace; /* NULL: nothing is watched */
  zps_batch fresh;        /* from the beam to the window */
  zps_batch carried;      /* from there to the entry of the magnet */
  zps_batch bent;         /* from there on: those that may come to a counter */
  zps_drawn drawn;        /* the random words of the stage a batch is in */
} zps_run_context;

ZPS_HD zps_muon zps_batch_load(const zps_batch *b, int i) {
  zps_muon m;
  m.x = b->x[i];
  m.y = b->y[i];
  m.tx = b->tx[i];
  m.ty = b->ty[i];
  m.p = b->p[i];
  m.e_cal = b->e_cal[i];
  m.p_in = b->p_in[i];
  m.p_out = b->p_out[i];
  m.depth = b->depth[i];
  m.psi = b->psi[i];
  m.k = b->k[i];
  m.x_first = b->x_first[i];
  m.x_last = b->x_last[i];
  m.inverse_p = b->inverse_p[i];
  m.hits = b->hits[i];
  m.event = b->event[i];
  m.beyond = b->beyond[i];
  m.fate = b->fate[i];
  return m;
}

ZPS_HD void zps_batch_store(zps_batch *b, int i, const zps_muon *m) {
  b->x[i] = m->x;
  b->y[i] = m->y;
  b->tx[i] = m->tx;
  b->ty[i] = m->ty;
  b->p[i] = m->p;
  b->e_cal[i] = m->e_cal;
  b->p_in[i] = m->p_in;
  b->p_out[i] = m->p_out;
  b->depth[i] = m->depth;
  b->psi[i] = m->psi;
  b->k[i] = m->k;
  b->x_first[i] = m->x_first;
  b->x_last[i] = m->x_last;
  b->inverse_p[i] = m->inverse_p;
  b->hits[i] = m->hits;
  b->event[i] = m->event;
  b->beyond[i] = m->beyond;
  b->fate[i] = m->fate;
}

/* One function per stage: small enough for the vectoriser, with the setup known not to alias the lanes. */
#define ZPS_STAGE static __attribute__((noinline)) void

#define ZPS_FOR_LANES(b) _Pragma("omp simd") for (int i = 0; i < (b)->n; i++)
#define ZPS_FOR_BLOCK _Pragma("omp simd") for (int i = 0; i < ZPS_FIELD_LANES; i++)

/* What a stage draws, it must be given: these functions follow zps_stage_*() of transport.h. */

ZPS_STAGE zps_draw_block(const zps_setup *setup, const zps_emission *em, uint32_t purpose, uint32_t block,
                         const zps_batch *b, zps_drawn *drawn) {
  zps_draw_ahead(drawn, zps_drawn_slot(purpose, block), setup->seed, em->i_mass, b->event, b->n, purpose, block);
}

static void zps_draw_blocks(zps_run_context *c, uint32_t purpose, uint32_t first, uint32_t n, const zps_batch *b) {
  for (uint32_t block = first; block < first + n; block++) {
    zps_draw_block(c->setup, c->em, purpose, block, b, &c->drawn);
  }
}

static void zps_draw_crossing(zps_run_context *c, uint32_t purpose, const zps_batch *b) {
  zps_draw_blocks(c, purpose, 0, 2, b);
  if (c->setup->matter_model & ZPS_MATTER_MOLIERE) {
    zps_draw_blocks(c, purpose, ZPS_MOLIERE_BLOCK, ZPS_MOLIERE_SLOTS, b);
  }
  if (c->setup->matter_model & ZPS_MATTER_FLUCTUATING) {
    zps_draw_blocks(c, purpose, ZPS_STRAGGLE_BLOCK, 2, b);
  }
}

ZPS_STAGE zps_lanes_beam(const zps_setup *setup, const zps_drawn *drawn, zps_batch *restrict b) {
  ZPS_FOR_LANES(b) {
    const zps_muon m = zps_stage_beam(setup, zps_stream_of_lane(drawn, i), b->event[i], 0);
    zps_batch_store(b, i, &m);
  }
}

ZPS_STAGE zps_lanes_beam_file(const zps_setup *setup, const zps_drawn *drawn, zps_batch *restrict b) {
  for (int i = 0; i < b->n; i++) {
    const zps_muon m = zps_stage_beam(setup, zps_stream_of_lane(drawn, i), b->event[i], 1);
    zps_batch_store(b, i, &m);
  }
}

/* The model of matter is a constant in each, so that no lane pays for the others. */
#define ZPS_DEFINE_LANES_MATTER(name, model)                                                                           \
  ZPS_STAGE zps_lanes_vertex_##name(const zps_setup *setup, const zps_drawn *drawn, zps_batch *restrict b) {           \
    ZPS_FOR_LANES(b) {                                                                                                 \
      zps_muon m = zps_batch_load(b, i);                                                                               \
      zps_stage_vertex(setup, model, zps_stream_of_lane(drawn, i), &m);                                                \
      zps_batch_store(b, i, &m);                                                                                       \
    }                                                                                                                  \
  }                                                                                                                    \
  ZPS_STAGE zps_lanes_exit_##name(const zps_setup *setup, const zps_drawn *drawn, zps_batch *restrict b) {             \
    ZPS_FOR_LANES(b) {                                                                                                 \
      zps_muon m = zps_batch_load(b, i);                                                                               \
      zps_stage_exit(setup, model, zps_stream_of_lane(drawn, i), &m);                                                  \
      zps_batch_store(b, i, &m);                                                                                       \
    }                                                                                                                  \
  }                                                                                                                    \
  ZPS_STAGE zps_lanes_matter_##name(const zps_setup *setup, int32_t i_element, const zps_drawn *drawn,                 \
                                    zps_batch *restrict b) {                                                           \
    ZPS_FOR_LANES(b) {                                                                                                 \
      zps_muon m = zps_batch_load(b, i);                                                                               \
      zps_stage_matter(setup, i_element, model, zps_stream_of_lane(drawn, i), &m);                                     \
      zps_batch_store(b, i, &m);                                                                                       \
    }                                                                                                                  \
  }

ZPS_DEFINE_LANES_MATTER(simple, 0)
ZPS_DEFINE_LANES_MATTER(moliere, ZPS_MATTER_MOLIERE)
ZPS_DEFINE_LANES_MATTER(fluctuating, ZPS_MATTER_FLUCTUATING)
ZPS_DEFINE_LANES_MATTER(full, ZPS_MATTER_MOLIERE | ZPS_MATTER_FLUCTUATING)

/** The three loops of one model of matter. */
typedef struct zps_matter_lanes {
  void (*vertex)(const zps_setup *setup, const zps_drawn *drawn, zps_batch *b);
  void (*exit)(const zps_setup *setup, const zps_drawn *drawn, zps_batch *b);
  void (*matter)(const zps_setup *setup, int32_t i_element, const zps_drawn *drawn, zps_batch *b);
} zps_matter_lanes;

/* By zps_setup.matter_model. */
static const zps_matter_lanes zps_matter_loops[ZPS_N_MATTER_MODEL] = {
    {zps_lanes_vertex_simple, zps_lanes_exit_simple, zps_lanes_matter_simple},
    {zps_lanes_vertex_moliere, zps_lanes_exit_moliere, zps_lanes_matter_moliere},
    {zps_lanes_vertex_fluctuating, zps_lanes_exit_fluctuating, zps_lanes_matter_fluctuating},
    {zps_lanes_vertex_full, zps_lanes_exit_full, zps_lanes_matter_full}};

/* The model is a constant in each, so that no lane pays for the others. */
#define ZPS_DEFINE_LANES_EMISSION(name, model)                                                                         \
  ZPS_STAGE zps_lanes_emission_##name(const zps_setup *setup, const zps_emission *em, const zps_drawn *drawn,          \
                                      zps_batch *restrict b) {                                                         \
    const double(*const cell)[4] = em->cell;                                                                           \
    ZPS_FOR_LANES(b) {                                                                                                 \
      zps_muon m = zps_batch_load(b, i);                                                                               \
      zps_stage_emission(setup, em, cell, model, zps_stream_of_lane(drawn, i), &m);                                    \
      zps_batch_store(b, i, &m);                                                                                       \
    }                                                                                                                  \
  }

ZPS_DEFINE_LANES_EMISSION(etl, ZPS_EMISSION_ETL)
ZPS_DEFINE_LANES_EMISSION(ww, ZPS_EMISSION_WW)
ZPS_DEFINE_LANES_EMISSION(iww, ZPS_EMISSION_IWW)
ZPS_DEFINE_LANES_EMISSION(option, ZPS_EMISSION_OPTION)

static void zps_batch_emission(zps_run_context *c, zps_batch *b) {
  zps_draw_blocks(c, ZPS_DRAW_EMISSION, 0, 4, b);
  if (c->em->model == ZPS_EMISSION_ETL) {
    zps_lanes_emission_etl(c->setup, c->em, &c->drawn, b);
  } else if (c->em->model == ZPS_EMISSION_WW) {
    zps_lanes_emission_ww(c->setup, c->em, &c->drawn, b);
  } else if (c->em->model == ZPS_EMISSION_IWW) {
    zps_lanes_emission_iww(c->setup, c->em, &c->drawn, b);
  } else {
    zps_lanes_emission_option(c->setup, c->em, &c->drawn, b);
  }
}

ZPS_STAGE zps_lanes_window(const zps_setup *setup, zps_batch *restrict b) {
  ZPS_FOR_LANES(b) {
    zps_muon m = zps_batch_load(b, i);
    zps_stage_window(setup, &m);
    b->psi_bin[i] = zps_psi_bin(m.psi);
    zps_batch_store(b, i, &m);
  }
}

/** Straight on over dz [mm], for the lanes from `first` on. */
ZPS_STAGE zps_lanes_drift(double dz, int first, zps_batch *restrict b) {
  _Pragma("omp simd") for (int i = first; i < b->n; i++) {
    b->x[i] = b->x[i] + (dz * b->tx[i]);
    b->y[i] = b->y[i] + (dz * b->ty[i]);
  }
}

ZPS_STAGE zps_lanes_measure(const zps_setup *setup, const zps_drawn *drawn, zps_batch *restrict b) {
  ZPS_FOR_LANES(b) {
    zps_muon m = zps_batch_load(b, i);
    zps_stage_measure(setup, zps_stream_of_lane(drawn, i), &m);
    zps_batch_store(b, i, &m);
  }
}

ZPS_STAGE zps_lanes_reach(const zps_setup *setup, zps_batch *restrict b) {
  ZPS_FOR_LANES(b) {
    zps_muon m = zps_batch_load(b, i);
    zps_stage_reach(&setup->reach, setup->beam.charge, &m);
    b->fate[i] = m.fate;
  }
}

ZPS_STAGE zps_lanes_kappa(const zps_batch *restrict b, int first, double charge, zps_field_lanes *restrict block) {
  ZPS_FOR_BLOCK {
    block->kappa[i] = zps_rk4_kappa(charge, b->p[first + i]);
  }
}

/** A block of the batch, from lane `first` on, goes to the loops of the field (field_lanes.h). Beyond the last muon it
 *  takes what the batch holds there: that is memory of the batch, and nobody looks at what becomes of it. */
static void zps_block_take(const zps_batch *b, int first, double charge, zps_field_lanes *block) {
  zps_lanes_kappa(b, first, charge, block);
  memcpy(block->x, b->x + first, sizeof block->x);
  memcpy(block->y, b->y + first, sizeof block->y);
  memcpy(block->tx, b->tx + first, sizeof block->tx);
  memcpy(block->ty, b->ty + first, sizeof block->ty);
  memcpy(block->b[0], b->bx + first, sizeof block->b[0]);
  memcpy(block->b[1], b->by + first, sizeof block->b[1]);
  memcpy(block->b[2], b->bz + first, sizeof block->b[2]);
  memcpy(block->third_x, b->third_x + first, sizeof block->third_x);
  memcpy(block->third_y, b->third_y + first, sizeof block->third_y);
}

static void zps_block_give(const zps_field_lanes *block, int first, zps_batch *b) {
  memcpy(b->x + first, block->x, sizeof block->x);
  memcpy(b->y + first, block->y, sizeof block->y);
  memcpy(b->tx + first, block->tx, sizeof block->tx);
  memcpy(b->ty + first, block->ty, sizeof block->ty);
  memcpy(b->bx + first, block->b[0], sizeof block->b[0]);
  memcpy(b->by + first, block->b[1], sizeof block->b[1]);
  memcpy(b->bz + first, block->b[2], sizeof block->b[2]);
  memcpy(b->third_x + first, block->third_x, sizeof block->third_x);
  memcpy(b->third_y + first, block->third_y, sizeof block->third_y);
}

/** What becomes of the muons of a block after a step. */
ZPS_STAGE zps_lanes_stepped(const zps_element *e, int first, zps_field_lanes *restrict block, zps_batch *restrict b) {
  ZPS_FOR_BLOCK {
    zps_muon m;
    m.x = block->x[i];
    m.y = block->y[i];
    m.tx = block->tx[i];
    m.ty = block->ty[i];
    m.fate = b->fate[first + i];
    zps_stage_stepped(e, &m);
    block->tx[i] = m.tx;
    block->ty[i] = m.ty;
    b->fate[first + i] = m.fate;
  }
}

ZPS_STAGE zps_lanes_beyond(const zps_element *e, int32_t beyond_end, const zps_field_lanes *restrict block, int first,
                           zps_batch *restrict b) {
  ZPS_FOR_BLOCK {
    zps_muon m;
    m.x = block->x[i];
    m.y = block->y[i];
    m.fate = b->fate[first + i];
    m.beyond = b->beyond[first + i];
    zps_stage_beyond(e, beyond_end, &m);
    b->beyond[first + i] = m.beyond;
  }
}

/** The aperture at the entry, and that there was no step before. */
ZPS_STAGE zps_lanes_entered(const zps_element *e, zps_batch *restrict b) {
  ZPS_FOR_LANES(b) {
    zps_muon m = zps_batch_load(b, i);
    zps_muon_check_aperture(e, &m);
    b->fate[i] = m.fate;
    b->third_x[i] = 0.0;
    b->third_y[i] = 0.0;
  }
}

/** Tallies a muon whose fate is known. */
static void zps_batch_count(const zps_run_context *c, const zps_batch *b, int i) {
  const zps_muon m = zps_batch_load(b, i);
  zps_tally_muon(c->setup, &m, (uint32_t)b->psi_bin[i], c->row);
  if (c->surface != NULL) {
    zps_count_position(c->setup, &m, c->surface);
  }
  if (c->trace != NULL) {
    zps_trace_end(c->trace, &m);
  }
}

static void zps_batch_copy(const zps_batch *from, int i, zps_batch *to, int j) {
  const zps_muon m = zps_batch_load(from, i);
  zps_batch_store(to, j, &m);
  to->psi_bin[j] = from->psi_bin[i];
  to->bx[j] = from->bx[i];
  to->by[j] = from->by[i];
  to->bz[j] = from->bz[i];
  to->third_x[j] = from->third_x[i];
  to->third_y[j] = from->third_y[i];
}

/** Tallies the muons whose fate is known; the last ones take their places. */
static void zps_batch_drop_dead(const zps_run_context *c, zps_batch *b) {
  for (int i = 0; i < b->n;) {
    if (b->fate[i] == ZPS_FATE_ARRIVED) {
      i++;
    } else {
      zps_batch_count(c, b, i);
      b->n--;
      zps_batch_copy(b, b->n, b, i);
    }
  }
}

ZPS_STAGE zps_lanes_meet(const zps_element *e, double dz, zps_batch *restrict b) {
  ZPS_FOR_LANES(b) {
    const zps_muon m = zps_batch_load(b, i);
    b->meets[i] = (uint64_t)zps_muon_meets(e, dz, &m);
  }
}

static void zps_batch_swap(zps_batch *b, int i, int j) {
  const zps_muon m = zps_batch_load(b, i);
  const uint64_t psi_bin = b->psi_bin[i];
  zps_batch_copy(b, j, b, i);
  zps_batch_store(b, j, &m);
  b->psi_bin[j] = psi_bin;
}

/** Brings the muons that meet an element to the front; their number. */
static int zps_batch_part(zps_batch *b) {
  int n = 0;
  int last = b->n;
  while (n < last) {
    if (b->meets[n]) {
      n++;
    } else {
      last--;
      if (b->meets[last]) {
        zps_batch_swap(b, n, last);
        b->meets[n] = 1;
        b->meets[last] = 0;
      }
    }
  }
  return n;
}

/** A block of matter: only those that meet it draw and scatter. */
static void zps_batch_matter(zps_run_context *c, int32_t i, zps_batch *b) {
  const zps_element *const e = &c->setup->elements[i];
  const double dz = e->z_end_mm - e->z_start_mm;
  const int n = b->n;
  zps_lanes_meet(e, dz, b);
  const int n_meet = zps_batch_part(b);
  zps_lanes_drift(dz, n_meet, b);
  b->n = n_meet;
  zps_draw_crossing(c, ZPS_DRAW_ELEMENT + (uint32_t)i, b);
  zps_matter_loops[c->setup->matter_model].matter(c->setup, i, &c->drawn, b);
  b->n = n;
}

static void zps_batch_enter_field(const zps_run_context *c, const zps_element *e, zps_batch *b) {
  const zps_field_map *const map = &c->setup->maps[e->i_table];
  const zps_field_plane start = zps_field_plane_at(map, e->z_start_mm);
  zps_field_lanes block;
  zps_lanes_entered(e, b);
  for (int first = 0; first < b->n; first += ZPS_FIELD_LANES) {
    zps_block_take(b, first, c->setup->beam.charge, &block);
    ZPS_CPU_LOOKUP(map, start, e->cubic, &block);
    if (e->beyond) {
      zps_lanes_beyond(e, e->beyond_entry, &block, first, b);
    }
    zps_block_give(&block, first, b);
  }
}

/** Steps i_step to i_end - 1 of the element. */
static void zps_batch_steps(const zps_run_context *c, const zps_element *e, int32_t i_step, int32_t i_end,
                            zps_batch *b) {
  const zps_field_map *const map = &c->setup->maps[e->i_table];
  zps_field_lanes block;
  for (int first = 0; first < b->n; first += ZPS_FIELD_LANES) {
    zps_block_take(b, first, c->setup->beam.charge, &block);
    for (int32_t i = i_step; i < i_end; i++) {
      ZPS_CPU_STEP(map, &c->setup->steps[e->i_step + i], e->cubic, &block);
      zps_lanes_stepped(e, first, &block, b);
      if (e->beyond) {
        zps_lanes_beyond(e, i + 1 == e->n_steps ? e->beyond_exit : 0, &block, first, b);
      }
    }
    zps_block_give(&block, first, b);
  }
}

static void zps_batch_field(const zps_run_context *c, const zps_element *e, zps_batch *b) {
  zps_batch_enter_field(c, e, b);
  zps_batch_drop_dead(c, b);
  for (int32_t i = 0; i < e->n_steps; i += ZPS_BLOCK_STEPS) {
    zps_batch_steps(c, e, i, e->n_steps - i < ZPS_BLOCK_STEPS ? e->n_steps : i + ZPS_BLOCK_STEPS, b);
    zps_batch_drop_dead(c, b);
  }
}

static void zps_draw_hits(zps_run_context *c, int32_t i_element, const zps_batch *b) {
  for (uint32_t j = 0; j < ZPS_N_TRACKER_PLANES; j++) {
    if (c->setup->tracker.i_element[j] == i_element) {
      zps_draw_blocks(c, ZPS_DRAW_READOUT, ZPS_TRACKER_BLOCK + j, 1, b);
    }
  }
}

static void zps_batch_plane(zps_run_context *c, int32_t i_element, zps_batch *b) {
  const zps_setup *const setup = c->setup;
  const uint64_t first_planes = zps_first_planes(setup);
  zps_draw_hits(c, i_element, b);
  for (int i = 0; i < b->n; i++) {
    zps_muon m = zps_batch_load(b, i);
    zps_stage_plane(setup, i_element, &m);
    zps_stage_hit(setup, i_element, zps_stream_of_lane(&c->drawn, i), &m);
    if (i_element == setup->i_decision) {
      zps_stage_decide(first_planes, &m);
    }
    if (c->trace != NULL) {
      zps_trace_plane(setup, c->trace, i_element, &m);
    }
    zps_batch_store(b, i, &m);
  }
}

/** A batch behind element i - 1 comes to the entry of element i, if there is one. */
static void zps_batch_arrive(zps_run_context *c, int32_t i, double z_mm, zps_batch *b) {
  const zps_setup *const setup = c->setup;
  if (i >= setup->n_elements) {
    return;
  }
  zps_batch_drop_dead(c, b);
  zps_lanes_drift(setup->elements[i].z_start_mm - z_mm, 0, b);
  if (i == setup->i_spectrometer) {
    zps_draw_blocks(c, ZPS_DRAW_READOUT, 0, 1, b);
    zps_lanes_measure(setup, &c->drawn, b);
  }
}

static void zps_batch_pass(zps_run_context *c, int32_t i, zps_batch *b) {
  const zps_element *const e = &c->setup->elements[i];
  if (e->kind == ZPS_ELEMENT_MATTER) {
    zps_batch_matter(c, i, b);
  } else if (e->kind == ZPS_ELEMENT_FIELD) {
    zps_batch_field(c, e, b);
  } else {
    zps_batch_plane(c, i, b);
  }
}

/** Carries a batch that stands at the entry of element `from` to that of element `until`, or to the end. */
static void zps_batch_cross(zps_run_context *c, int32_t from, int32_t until, zps_batch *b) {
  for (int32_t i = from; i < until && b->n > 0; i++) {
    zps_batch_pass(c, i, b);
    zps_batch_arrive(c, i + 1, c->setup->elements[i].z_end_mm, b);
  }
}

/** Moves the live muons of a batch behind those that wait in another. */
static void zps_batch_move(const zps_run_context *c, zps_batch *from, zps_batch *to) {
  for (int i = 0; i < from->n; i++) {
    if (from->fate[i] == ZPS_FATE_ARRIVED) {
      zps_batch_copy(from, i, to, to->n);
      to->n++;
    } else {
      zps_batch_count(c, from, i);
    }
  }
  from->n = 0;
}

static void zps_batch_end(const zps_run_context *c, zps_batch *b) {
  for (int i = 0; i < b->n; i++) {
    zps_batch_count(c, b, i);
  }
  b->n = 0;
}

/** Carries those that wait behind the vertex, and with them, when they fill a batch or nobody follows, those that wait
 *  at the entry of the magnet. */
static void zps_batch_carry(zps_run_context *c, int is_last) {
  const zps_setup *const setup = c->setup;
  const int32_t n = setup->n_elements;
  const int32_t i_reach = setup->reach.i_element < n ? setup->reach.i_element : -1;
  if (!setup->process_none) {
    zps_draw_crossing(c, ZPS_DRAW_TARGET_EXIT, &c->carried);
    zps_matter_loops[setup->matter_model].exit(setup, &c->drawn, &c->carried);
  }
  zps_batch_arrive(c, 1, setup->elements[0].z_end_mm, &c->carried);
  zps_batch_cross(c, 1, i_reach < 0 ? n : i_reach, &c->carried);
  if (i_reach < 0) {
    zps_batch_end(c, &c->carried);
    return;
  }
  zps_lanes_reach(setup, &c->carried);
  zps_batch_move(c, &c->carried, &c->bent);
  if (c->bent.n >= ZPS_LANES || is_last) {
    zps_batch_cross(c, i_reach, n, &c->bent);
    zps_batch_end(c, &c->bent);
  }
}

static void zps_batch_start(zps_run_context *c, uint64_t first, int n) {
  c->fresh.n = n;
  for (int i = 0; i < n; i++) {
    c->fresh.event[i] = first + (uint64_t)i;
  }
  zps_draw_blocks(c, ZPS_DRAW_BEAM, 0, 3, &c->fresh);
  if (c->setup->beam.n_particles > 0) {
    zps_lanes_beam_file(c->setup, &c->drawn, &c->fresh);
  } else {
    zps_lanes_beam(c->setup, &c->drawn, &c->fresh);
  }
  zps_draw_blocks(c, ZPS_DRAW_VERTEX, 0, 1, &c->fresh);
  zps_draw_crossing(c, ZPS_DRAW_ELEMENT, &c->fresh);
  zps_matter_loops[c->setup->matter_model].vertex(c->setup, &c->drawn, &c->fresh);
  if (!c->setup->process_none) {
    zps_batch_emission(c, &c->fresh);
  }
  zps_lanes_window(c->setup, &c->fresh);
  for (int i = 0; c->trace != NULL && i < n; i++) {
    const zps_muon m = zps_batch_load(&c->fresh, i);
    zps_trace_begin(c->trace, &m);
  }
}

int ZPS_CPU_RUN(const zps_setup *setup, uint32_t i_mass, uint64_t first, uint64_t n, uint64_t *row, uint64_t *surface,
                const zps_trace *trace) {
  zps_run_context *const c = (zps_run_context *)calloc(1, sizeof *c);
  if (c == NULL) {
    return -1;
  }
  c->setup = setup;
  c->em = &setup->emission[i_mass];
  c->row = row;
  c->surface = surface;
  c->trace = trace;
  for (uint64_t done = 0; done < n;) {
    const uint64_t left = n - done;
    const int take = left < ZPS_LANES ? (int)left : ZPS_LANES;
    zps_batch_start(c, first + done, take);
    zps_batch_move(c, &c->fresh, &c->carried);
    done += (uint64_t)take;
    if (c->carried.n >= ZPS_LANES || done == n) {
      zps_batch_carry(c, done == n);
    }
  }
  free(c);
  return 0;
}
