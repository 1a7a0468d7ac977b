/* zps_stage_counts JOB.yaml EVENTS [path=value ...]: how often each stage of transport.h runs in EVENTS events of every
 * mass of a job, as one JSON line, per event: "lanes" by muons, "warps" by warps of 32 that the CUDA kernel makes of
 * them (a warp runs what any of its lanes needs). For model.py.
 *
 * Muons of an item wait as in kernels/engine_cuda_kernel.cuh: warps hold 32 of one leg, the last of an item fewer.
 * Steps of the field are those of the whole element for every muon that enters it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/run/plan.h"
#include "kernels/device.h"

#define ZPS_WARP 32

/* The stages of bench/gpu/stages.cu. */
#define ZPS_STAGE_LIST(X)                                                                                              \
  X(beam)                                                                                                              \
  X(vertex)                                                                                                            \
  X(emission)                                                                                                          \
  X(window)                                                                                                            \
  X(push)                                                                                                              \
  X(pop)                                                                                                               \
  X(exit)                                                                                                              \
  X(drift)                                                                                                             \
  X(meets)                                                                                                             \
  X(matter)                                                                                                            \
  X(measure)                                                                                                           \
  X(reach)                                                                                                             \
  X(field)                                                                                                             \
  X(step)                                                                                                              \
  X(plane)                                                                                                             \
  X(decide)                                                                                                            \
  X(tally)                                                                                                             \
  X(passed)                                                                                                            \
  X(tally_stage)                                                                                                       \
  X(tally_bin)

#define ZPS_STAGE_ID(name) ZPS_USE_##name,
#define ZPS_STAGE_NAME(name) #name,
enum zps_use { ZPS_STAGE_LIST(ZPS_STAGE_ID) ZPS_N_USE };
static const char *const use_names[ZPS_N_USE] = {ZPS_STAGE_LIST(ZPS_STAGE_NAME)};

/** Legs of a life in the kernel: to the window, to the magnet, to the end. */
enum zps_leg { ZPS_LEG_EMIT, ZPS_LEG_TO_MAGNET, ZPS_LEG_ON, ZPS_N_LEG };

/** How often a stage ran at one place, and the warp of each leg it ran in last there (counted from 1). */
typedef struct zps_use_count {
  uint64_t lanes, warps, last[ZPS_N_LEG];
} zps_use_count;

/* Places of a stage, which a warp comes to one after the other: elements, triggers, counters of the tally; or 0. */
#define ZPS_N_PLACE 128
_Static_assert(ZPS_MAX_TRIGGERS *ZPS_N_STAGE <= ZPS_N_PLACE, "stages of all triggers need a place each");

typedef struct zps_stage_counts {
  zps_job job;
  zps_plan plan;
  uint64_t n_events;        /* per mass */
  uint64_t lane[ZPS_N_LEG]; /* next lane of each leg */
  enum zps_leg leg;         /* where the muon at hand is */
  zps_use_count uses[ZPS_N_USE][ZPS_N_PLACE];
} zps_stage_counts;

/** One more use of a stage, `times` over, by the muon at hand. */
static void zps_use_times(zps_stage_counts *c, enum zps_use stage, uint32_t place, uint64_t times) {
  zps_use_count *const use = &c->uses[stage][place];
  const uint64_t warp = (c->lane[c->leg] / ZPS_WARP) + 1;
  use->lanes += times;
  use->warps += use->last[c->leg] == warp ? 0 : times;
  use->last[c->leg] = warp;
}

static void zps_use(zps_stage_counts *c, enum zps_use stage, uint32_t place) {
  zps_use_times(c, stage, place, 1);
}

/** The histograms of one stage, as zps_tally_histograms() fills them; psi is in `tally` where all muons have it. */
static void zps_use_histograms(zps_stage_counts *c, uint32_t stage, const zps_muon *m) {
  const int with[ZPS_N_QUANTITY] = {[ZPS_QUANTITY_P_OUT] = m->p_out < ZPS_UNMEASURED,
                                    [ZPS_QUANTITY_E_CAL] = m->x_last < ZPS_UNMEASURED,
                                    [ZPS_QUANTITY_PSI] = stage != ZPS_HISTOGRAM_GENERATED,
                                    [ZPS_QUANTITY_X_S4] = m->x_first < ZPS_UNMEASURED,
                                    [ZPS_QUANTITY_X_SMU] = m->x_last < ZPS_UNMEASURED};
  for (uint32_t q = 0; q < ZPS_N_QUANTITY; q++) {
    if (with[q]) {
      zps_use(c, ZPS_USE_tally_bin, (stage * ZPS_N_QUANTITY) + q);
    }
  }
}

/** The end of a life, as zps_tally_muon() counts it. */
static void zps_use_tally(zps_stage_counts *c, const zps_muon *m) {
  const enum zps_stage least[ZPS_N_HISTOGRAM_STAGE] = {ZPS_STAGE_GENERATED, ZPS_STAGE_IN_S4, ZPS_STAGE_IN_COINCIDENCE,
                                                       ZPS_STAGE_ACCEPTED};
  const zps_setup *const setup = &c->plan.setup;
  uint32_t most = 0;
  zps_use(c, ZPS_USE_tally, 0);
  for (int32_t t = 0; m->k > 0.0 && t < setup->n_triggers; t++) {
    const uint32_t passed = zps_stages_passed(setup, t, m);
    zps_use(c, ZPS_USE_passed, (uint32_t)t);
    for (uint32_t stage = 0; stage < passed; stage++) {
      zps_use(c, ZPS_USE_tally_stage, ((uint32_t)t * ZPS_N_STAGE) + stage);
    }
    most = passed > most ? passed : most;
  }
  for (uint32_t stage = 0; stage < ZPS_N_HISTOGRAM_STAGE; stage++) {
    if (most > (uint32_t)least[stage]) {
      zps_use_histograms(c, stage, m);
    }
  }
}

static void zps_use_element(zps_stage_counts *c, int32_t i, const zps_muon *m) {
  const zps_element *const e = &c->plan.setup.elements[i];
  const uint32_t place = (uint32_t)i;
  if (e->kind == ZPS_ELEMENT_PLANE) {
    zps_use(c, ZPS_USE_plane, place);
  } else if (e->kind == ZPS_ELEMENT_FIELD) {
    zps_use(c, ZPS_USE_field, place);
    zps_use_times(c, ZPS_USE_step, place, (uint64_t)e->n_steps);
  } else {
    zps_use(c, ZPS_USE_meets, place);
    if (zps_muon_meets(e, e->z_end_mm - e->z_start_mm, m)) {
      zps_use(c, ZPS_USE_matter, place);
    }
  }
}

static void zps_use_arrive(zps_stage_counts *c, int32_t i, const zps_muon *m) {
  const zps_setup *const setup = &c->plan.setup;
  if (i < setup->n_elements && m->fate == ZPS_FATE_ARRIVED) {
    zps_use(c, ZPS_USE_drift, (uint32_t)i);
    if (i == setup->i_spectrometer) {
      zps_use(c, ZPS_USE_measure, 0);
    }
    if (i == setup->reach.i_element) {
      zps_use(c, ZPS_USE_reach, 0);
    }
  }
}

/** As zps_transport_through(). */
static void zps_use_through(zps_stage_counts *c, const zps_emission *em, int32_t from, int32_t until, zps_muon *m) {
  const zps_setup *const setup = &c->plan.setup;
  for (int32_t i = from; i < until && m->fate == ZPS_FATE_ARRIVED; i++) {
    zps_use_element(c, i, m);
    zps_transport_pass(setup, em, i, setup->special_fields, m);
    if (i == setup->i_decision) {
      zps_use(c, ZPS_USE_decide, 0);
    }
    zps_use_arrive(c, i + 1, m);
    zps_transport_arrive(setup, em, i + 1, setup->elements[i].z_end_mm, m);
  }
}

/** The muon at hand waits and comes to the next leg. */
static void zps_use_queue(zps_stage_counts *c, enum zps_leg next) {
  zps_use(c, ZPS_USE_push, 0);
  c->leg = next;
  zps_use(c, ZPS_USE_pop, 0);
}

/** From the exit of the target to the end, as zps_block_leg() for both legs. */
static void zps_use_carry(zps_stage_counts *c, const zps_emission *em, zps_muon *m) {
  const zps_setup *const setup = &c->plan.setup;
  const int32_t i_reach = setup->reach.i_element;
  const int32_t until = i_reach < 0 ? setup->n_elements : i_reach;
  zps_use_queue(c, ZPS_LEG_TO_MAGNET);
  zps_use(c, ZPS_USE_exit, 0);
  zps_transport_exit(setup, em, m);
  zps_use_arrive(c, 1, m);
  zps_transport_arrive(setup, em, 1, setup->elements[0].z_end_mm, m);
  zps_use_through(c, em, 1, until, m);
  if (until < setup->n_elements && m->fate == ZPS_FATE_ARRIVED) {
    zps_use_queue(c, ZPS_LEG_ON);
    zps_use_through(c, em, until, setup->n_elements, m);
  }
}

static void zps_use_event(zps_stage_counts *c, const zps_emission *em, uint64_t event) {
  c->leg = ZPS_LEG_EMIT;
  zps_use(c, ZPS_USE_beam, 0);
  zps_use(c, ZPS_USE_vertex, 0);
  zps_use(c, ZPS_USE_emission, 0);
  zps_use(c, ZPS_USE_window, 0);
  zps_muon m = zps_transport_enter(&c->plan.setup, em, event);
  if (m.fate == ZPS_FATE_ARRIVED) {
    zps_use_carry(c, em, &m);
  }
  zps_use_tally(c, &m);
  for (int leg = 0; leg <= (int)c->leg; leg++) {
    c->lane[leg]++;
  }
}

/** Events [first, end) of a mass, an item of work: its warps begin anew. */
static void zps_use_item(zps_stage_counts *c, const zps_emission *em, uint64_t first, uint64_t end) {
  for (int leg = 0; leg < ZPS_N_LEG; leg++) {
    c->lane[leg] = ((c->lane[leg] + ZPS_WARP - 1) / ZPS_WARP) * ZPS_WARP;
  }
  for (uint64_t event = first; event < end; event++) {
    zps_use_event(c, em, event);
  }
}

static void zps_use_masses(zps_stage_counts *c) {
  for (size_t i = 0; i < c->plan.n_mass; i++) {
    for (uint64_t first = 0; first < c->n_events; first += ZPS_WORK_ITEM_EVENTS) {
      const uint64_t end = first + ZPS_WORK_ITEM_EVENTS;
      zps_use_item(c, &c->plan.setup.emission[i], first, end < c->n_events ? end : c->n_events);
    }
  }
}

/** Of a stage at the places [first, end), per event. */
static json_t *zps_use_json(const zps_stage_counts *c, enum zps_use stage, size_t first, size_t end) {
  const double n = (double)c->n_events * (double)c->plan.n_mass;
  uint64_t lanes = 0;
  uint64_t warps = 0;
  for (size_t i = first; i < end; i++) {
    lanes += c->uses[stage][i].lanes;
    warps += c->uses[stage][i].warps;
  }
  return json_pack("{s:f, s:f}", "lanes", (double)lanes / n, "warps", (double)(warps * ZPS_WARP) / n);
}

static void zps_use_print(const zps_stage_counts *c) {
  const zps_setup *const setup = &c->plan.setup;
  json_t *const stages = json_object();
  json_t *const matter = json_object();
  int32_t n_steps = 0;
  for (int i = 0; i < ZPS_N_USE; i++) {
    (void)json_object_set_new(stages, use_names[i], zps_use_json(c, (enum zps_use)i, 0, ZPS_N_PLACE));
  }
  for (int32_t i = 1; i < setup->n_elements; i++) {
    if (setup->elements[i].kind == ZPS_ELEMENT_MATTER) {
      (void)json_object_set_new(matter, c->job.elements[i].name,
                                zps_use_json(c, ZPS_USE_matter, (size_t)i, (size_t)i + 1));
    }
    n_steps += setup->elements[i].kind == ZPS_ELEMENT_FIELD ? setup->elements[i].n_steps : 0;
  }
  json_t *const all =
      json_pack("{s:o, s:o, s:i, s:I, s:I, s:I}", "stages", stages, "matter", matter, "steps", n_steps, "row_bytes",
                (json_int_t)(zps_tally_size((uint32_t)setup->n_triggers) * sizeof(uint64_t)), "events_per_mass",
                (json_int_t)c->n_events, "masses", (json_int_t)c->plan.n_mass);
  (void)json_dumpf(all, stdout, JSON_COMPACT);
  (void)putchar('\n');
  json_decref(all);
}

/** What stages.cu has as constants, and a kernel without special fields. */
static zps_status zps_use_check(const zps_stage_counts *c, zps_error *error) {
  const zps_setup *const setup = &c->plan.setup;
  const int same = setup->matter_model == (ZPS_MATTER_MOLIERE | ZPS_MATTER_FLUCTUATING) && !setup->process_none &&
                   setup->emission[0].model == ZPS_EMISSION_ETL && setup->beam.n_particles == 0 &&
                   !setup->special_fields && setup->i_spectrometer >= 0 && setup->placement.n_y == 0;
  int32_t between = 0;
  for (int32_t i = 0; i < setup->n_steps; i++) {
    between += setup->steps[i].middle.between + setup->steps[i].end.between;
  }
  return same && between == 0
             ? ZPS_OK
             : zps_error_set(error, ZPS_USAGE, "expected a job with the models of na64mu-2022.yaml, got another");
}

int main(int argc, char **argv) {
  static zps_stage_counts counts;
  const zps_mass_range all = {0, 0};
  zps_error error = {ZPS_OK, ""};
  zps_status status = ZPS_OK;
  counts.n_events = argc < 3 ? 0 : strtoull(argv[2], NULL, 10);
  if (counts.n_events == 0 || counts.n_events > ZPS_MAX_EVENTS) {
    (void)fprintf(stderr, "usage: zps_stage_counts JOB.yaml EVENTS [path=value ...]\n");
    return zps_status_exit(ZPS_USAGE);
  }
  ZPS_TRY(zps_job_read(argv[1], (const char *const *)&argv[3], (size_t)argc - 3, &counts.job, &error));
  ZPS_TRY(zps_plan_build(&counts.job, all, 0, &counts.plan, &error));
  ZPS_TRY(zps_use_check(&counts, &error));
  zps_use_masses(&counts);
  zps_use_print(&counts);
done:
  if (status != ZPS_OK) {
    (void)fprintf(stderr, "zps_stage_counts: %s\n", error.text);
  }
  zps_plan_free(&counts.plan);
  zps_job_free(&counts.job);
  return zps_status_exit(status);
}
