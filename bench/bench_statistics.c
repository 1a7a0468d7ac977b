#include "bench/bench_statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_isa.h"
#include "host/run/engine.h"
#include "host/run/plan_pilot.h"
#include "host/stats/interval.h"

#define ZPS_EVENTS 32768
#define ZPS_EVERYTHING 1e30 /* no muon is too fast to be carried [GeV] */

/* The jobs behind the ways. */
enum { JOB_AS_RUN, JOB_EVERY_X, JOB_PILOT, N_JOBS };

static const char *const zps_way_names[ZPS_N_WAYS] = {"plain", "dropped_early", "run", "pilot"};

typedef struct zps_way_work {
  zps_engine *engine;
  zps_tile tile;
  uint64_t *row;
  zps_status status;
  zps_error error;
} zps_way_work;

static bool zps_way_calls(void *context, uint64_t n_calls) {
  zps_way_work *const work = (zps_way_work *)context;
  for (uint64_t call = 0; call < n_calls && work->status == ZPS_OK; call++) {
    work->status = zps_engine_run(work->engine, &work->tile, 1, work->row, NULL, &work->error);
  }
  return work->status == ZPS_OK;
}

/** Efficiency of the trigger that accepts least: it is known worst. */
static void zps_cell_judge(const uint64_t *row, uint32_t n_trigger, zps_statistics_cell *cell) {
  uint32_t worst = 0;
  for (uint32_t t = 1; t < n_trigger; t++) {
    worst =
        row[zps_tally_stage(t, ZPS_STAGE_ACCEPTED, 0)] < row[zps_tally_stage(worst, ZPS_STAGE_ACCEPTED, 0)] ? t : worst;
  }
  const zps_counts n = zps_counts_of(row, worst, true);
  cell->efficiency = n.generated > 0 ? cell->x_fraction * ((double)n.accepted / (double)n.generated) : 0.0;
  cell->error = cell->efficiency * zps_relative_error(&n);
  cell->n_eff_share = zps_effective_number(&n) / ZPS_EVENTS;
}

/** What each way needs for the target, where the efficiency is what all of them say: that of the plain way and of the
 *  dropped one rest on the same events, so the plain one is left out. n events know it to sqrt((1 - p)/(p n share)). */
static void zps_cells_weigh(zps_statistics_cell *cells) {
  double sum = 0.0;
  double weight = 0.0;
  for (int way = ZPS_WAY_DROPPED; way < ZPS_N_WAYS; way++) {
    const double w = cells[way].error > 0.0 ? 1.0 / (cells[way].error * cells[way].error) : 0.0;
    sum += w * cells[way].efficiency;
    weight += w;
  }
  for (int way = 0; way < ZPS_N_WAYS; way++) {
    zps_statistics_cell *const cell = &cells[way];
    const double p = (sum / weight) / cell->x_fraction;
    cell->n_events = (1.0 - p) / (p * cell->n_eff_share * ZPS_STATISTICS_TARGET * ZPS_STATISTICS_TARGET);
    cell->seconds = (cell->n_events * cell->s_per_event.median) + cell->pilot_s;
  }
}

static zps_status zps_cell_measure(const zps_bench_options *options, const char *isa, const zps_plan *plan,
                                   const zps_setup *setup, size_t i_mass, zps_statistics_cell *cell, zps_error *error) {
  const zps_engine_options engine_options = {.n_threads = 1, .isa = isa};
  zps_way_work work;
  zps_bench_timing timing = options->timing;
  zps_status status = ZPS_OK;
  memset(&work, 0, sizeof work);
  timing.min_s = 1e-6; /* one call is a repetition */
  work.tile.i_mass = (uint32_t)i_mass;
  work.tile.n = ZPS_EVENTS;
  work.row = (uint64_t *)calloc(zps_tally_size((uint32_t)setup->n_triggers), sizeof *work.row);
  if (work.row == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench statistics: no memory for a row");
  }
  ZPS_TRY(zps_engine_create("cpu", setup, &engine_options, &work.engine, error));
  const zps_spread s = zps_bench_time(timing, ZPS_BENCH_CPU, zps_way_calls, &work);
  if (work.status != ZPS_OK) {
    ZPS_TRY(zps_error_set(error, work.status, "%s", work.error.text));
  }
  cell->s_per_event = zps_spread_scaled(s, 1.0 / ZPS_EVENTS);
  cell->x_fraction = plan->x_fraction[i_mass];
  zps_cell_judge(work.row, (uint32_t)setup->n_triggers, cell);
done:
  zps_engine_destroy(work.engine);
  free(work.row);
  return status;
}

/** The pilot of one mass, again and again. */
typedef struct zps_pilot_work {
  const zps_plan *plan; /* without a pilot */
  const zps_emission *emission;
  uint64_t n_events;
  zps_status status;
  zps_error error;
} zps_pilot_work;

static bool zps_pilot_calls(void *context, uint64_t n_calls) {
  zps_pilot_work *const work = (zps_pilot_work *)context;
  double weight[ZPS_N_A];
  for (uint64_t call = 0; call < n_calls && work->status == ZPS_OK; call++) {
    zps_emission emission = *work->emission;
    work->status = zps_plan_pilot(&work->plan->setup, work->n_events, 1, 1, &emission, weight, &work->error);
  }
  return work->status == ZPS_OK;
}

static zps_status zps_pilot_measure(const zps_bench_options *options, const zps_plan *plan, uint64_t n_events,
                                    size_t i_mass, zps_statistics_cell *cell, zps_error *error) {
  zps_pilot_work work = {.plan = plan, .emission = &plan->emission[i_mass], .n_events = n_events, .status = ZPS_OK};
  zps_bench_timing timing = options->timing;
  timing.min_s = 1e-6; /* one call is a repetition */
  cell->pilot_s = zps_bench_time(timing, ZPS_BENCH_CPU, zps_pilot_calls, &work).median;
  return work.status == ZPS_OK ? ZPS_OK : zps_error_set(error, work.status, "%s", work.error.text);
}

/* Statistics of six standard deviations allow one wrong alarm in 5e8 comparisons. */
static zps_status zps_cells_agree(const zps_statistics *s, size_t i, zps_error *error) {
  const zps_statistics_cell *const run = &s->cells[i][ZPS_WAY_RUN];
  for (int way = 0; way < ZPS_N_WAYS; way++) {
    const zps_statistics_cell *const other = &s->cells[i][way];
    const double width = hypot(run->error, other->error);
    if (!(fabs(run->efficiency - other->efficiency) <= 6.0 * width)) {
      return zps_error_set(error, ZPS_FAILURE, "bench statistics: mass %g GeV: efficiency %g %s, %g as run",
                           s->mass_gev[i], other->efficiency, zps_way_names[way], run->efficiency);
    }
  }
  return ZPS_OK;
}

static void zps_statistics_sum(zps_statistics *s) {
  double most = 0.0;
  for (size_t i = 0; i < s->n_mass; i++) {
    const zps_statistics_cell *const run = &s->cells[i][ZPS_WAY_RUN];
    most = run->n_events > most ? run->n_events : most;
    s->by_mass_s += run->seconds;
    s->pilot_s += s->cells[i][ZPS_WAY_PILOT].seconds;
  }
  for (size_t i = 0; i < s->n_mass; i++) {
    s->even_s += most * s->cells[i][ZPS_WAY_RUN].s_per_event.median;
  }
}

static zps_status zps_statistics_measure(const zps_bench_options *options, const char *isa,
                                         const zps_plan *const plans[ZPS_N_WAYS], zps_statistics *s, zps_error *error) {
  const size_t n_all = plans[ZPS_WAY_RUN]->n_mass;
  zps_status status = ZPS_OK;
  s->n_mass = n_all < ZPS_STATISTICS_MAX_MASSES ? n_all : ZPS_STATISTICS_MAX_MASSES;
  for (size_t i = 0; i < s->n_mass; i++) {
    const size_t i_mass = s->n_mass > 1 ? (i * (n_all - 1)) / (s->n_mass - 1) : 0;
    s->mass_gev[i] = plans[ZPS_WAY_RUN]->job->mass_gev.values[i_mass];
    for (int way = 0; way < ZPS_N_WAYS; way++) {
      zps_setup setup = plans[way]->setup;
      if (way == ZPS_WAY_PLAIN) {
        setup.p_carry_max_gev = ZPS_EVERYTHING;
        setup.i_decision = -1;
        setup.reach.i_element = -1;
      }
      ZPS_TRY(zps_cell_measure(options, isa, plans[way], &setup, i_mass, &s->cells[i][way], error));
    }
    ZPS_TRY(zps_pilot_measure(options, plans[ZPS_WAY_RUN], plans[ZPS_WAY_PILOT]->job->pilot.events, i_mass,
                              &s->cells[i][ZPS_WAY_PILOT], error));
    ZPS_TRY(zps_cells_agree(s, i, error));
    zps_cells_weigh(s->cells[i]);
  }
  zps_statistics_sum(s);
done:
  return status;
}

zps_status zps_bench_statistics(const zps_bench_options *options, zps_statistics *s, zps_error *error) {
  const zps_mass_range all = {0, 0};
  zps_job *const jobs = (zps_job *)calloc(N_JOBS, sizeof *jobs);
  zps_plan *const built = (zps_plan *)calloc(N_JOBS, sizeof *built);
  const zps_bench_lanes *lanes = NULL;
  zps_status status = ZPS_OK;
  memset(s, 0, sizeof *s);
  if (jobs == NULL || built == NULL) {
    ZPS_TRY(zps_error_set(error, ZPS_MEMORY, "bench statistics: out of memory"));
  }
  for (int i = 0; i < N_JOBS; i++) {
    ZPS_TRY(zps_bench_read_job(options->job, &jobs[i], error));
    if (jobs[i].process.kind == ZPS_PROCESS_NONE) {
      ZPS_TRY(zps_error_set(error, ZPS_USAGE, "%s: process.kind = none: expected a job with emission", jobs[i].file));
    }
    jobs[i].process.x_min_auto = i != JOB_EVERY_X && jobs[i].process.x_min_auto;
    jobs[i].process.x_min = i != JOB_EVERY_X ? jobs[i].process.x_min : 0.0;
    jobs[i].pilot.given = i == JOB_PILOT;
    jobs[i].placement.given = false;
    ZPS_TRY(zps_plan_build(&jobs[i], all, 0, &built[i], error));
  }
  ZPS_TRY(zps_bench_report_begin(options, &jobs[JOB_AS_RUN], &built[JOB_AS_RUN].setup, &lanes, &s->about, error));
  s->x_min = built[JOB_AS_RUN].x_min;
  const zps_plan *const plans[ZPS_N_WAYS] = {&built[JOB_EVERY_X], &built[JOB_EVERY_X], &built[JOB_AS_RUN],
                                             &built[JOB_PILOT]};
  ZPS_TRY(zps_statistics_measure(options, lanes->isa, plans, s, error));
done:
  for (int i = 0; i < N_JOBS && jobs != NULL && built != NULL; i++) {
    zps_plan_free(&built[i]);
    zps_job_free(&jobs[i]);
  }
  free(jobs);
  free(built);
  return status;
}

static json_t *zps_cell_json(const zps_statistics_cell *cell) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "efficiency", cell->efficiency, "events", cell->n_events,
                   "ns_per_event", 1e9 * cell->s_per_event.median, "ns_per_event_min", 1e9 * cell->s_per_event.min,
                   "ns_per_event_max", 1e9 * cell->s_per_event.max, "pilot_s", cell->pilot_s, "seconds", cell->seconds);
}

json_t *zps_statistics_json(const zps_statistics *s) {
  json_t *const root = zps_bench_report_json(&s->about);
  json_t *const masses = json_array();
  int failed = root == NULL || masses == NULL;
  for (size_t i = 0; i < s->n_mass && !failed; i++) {
    json_t *const mass = json_pack("{s:f}", "mass_gev", s->mass_gev[i]);
    for (int way = 0; way < ZPS_N_WAYS; way++) {
      failed |= json_object_set_new(mass, zps_way_names[way], zps_cell_json(&s->cells[i][way]));
    }
    failed |= json_array_append_new(masses, mass);
  }
  failed |= json_object_set_new(root, "target_error", json_real(ZPS_STATISTICS_TARGET));
  failed |= json_object_set_new(root, "x_min", json_real(s->x_min));
  failed |= json_object_set_new(root, "same_events_for_all_masses_s", json_real(s->even_s));
  failed |= json_object_set_new(root, "events_by_mass_s", json_real(s->by_mass_s));
  failed |= json_object_set_new(root, "events_by_mass_with_pilot_s", json_real(s->pilot_s));
  failed |= json_object_set(root, "masses", masses);
  json_decref(masses);
  if (failed) {
    json_decref(root);
    return NULL;
  }
  return root;
}

void zps_statistics_print(FILE *out, const zps_statistics *s) {
  (void)fprintf(out, "CPU seconds on one thread to a relative error of %g %% (worst trigger); x_min = %.3f as run\n\n",
                100.0 * ZPS_STATISTICS_TARGET, s->x_min);
  (void)fprintf(out,
                "| mass [GeV] | efficiency | plain | dropped early | as run | with a pilot (it alone) | plain/as run | "
                "as run/with a pilot | events as run | with a pilot | ns/event plain, early, as run, with a pilot "
                "|\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (size_t i = 0; i < s->n_mass; i++) {
    const zps_statistics_cell *const c = s->cells[i];
    (void)fprintf(out,
                  "| %.4g | %.3g %% | %.3g | %.3g | %.3g | %.3g (%.2g) | %.2f | %.2f | %.2g | %.2g | %.0f, %.0f, %.0f, "
                  "%.0f |\n",
                  s->mass_gev[i], 100.0 * c[ZPS_WAY_PILOT].efficiency, c[ZPS_WAY_PLAIN].seconds,
                  c[ZPS_WAY_DROPPED].seconds, c[ZPS_WAY_RUN].seconds, c[ZPS_WAY_PILOT].seconds,
                  c[ZPS_WAY_PILOT].pilot_s, c[ZPS_WAY_PLAIN].seconds / c[ZPS_WAY_RUN].seconds,
                  c[ZPS_WAY_RUN].seconds / c[ZPS_WAY_PILOT].seconds, c[ZPS_WAY_RUN].n_events, c[ZPS_WAY_PILOT].n_events,
                  1e9 * c[ZPS_WAY_PLAIN].s_per_event.median, 1e9 * c[ZPS_WAY_DROPPED].s_per_event.median,
                  1e9 * c[ZPS_WAY_RUN].s_per_event.median, 1e9 * c[ZPS_WAY_PILOT].s_per_event.median);
  }
  (void)fprintf(
      out,
      "\nThese masses together, as run: %.3g s with as many events for each as the worst needs, %.3g s with what "
      "each needs\n(run --target-error, which goes on to the next power of two): %.1f times faster. With a pilot "
      "(process.pilot), its time included: %.3g s,\nanother %.1f times.\n",
      s->even_s, s->by_mass_s, s->even_s / s->by_mass_s, s->pilot_s, s->by_mass_s / s->pilot_s);
}
