#include "host/run/run_job.h"

#include <errno.h>
#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/job/beam_order.h"
#include "host/run/engine.h"
#include "host/run/journal.h"
#include "host/run/node_plan.h"
#include "host/run/previous_run.h"
#include "host/run/progress.h"
#include "host/run/run_loop.h"
#include "host/run/run_ranks.h"
#include "host/run/stop_signal.h"
#include "host/run/surface_total.h"

/** Everything a run holds; freed by run_free() whatever happened. */
typedef struct run {
  const zps_run_request *request;
  zps_comm *comm; /* the request's, or own */
  zps_comm *own;
  double start_s;
  char start_utc[32];
  zps_previous_run previous;
  zps_plan plan;
  bool built_plan; /* by this rank, rather than by another of its node */
  zps_engine *engine;
  zps_journal_identity identity;
  zps_journal *journal;
  zps_progress *progress;
  FILE *json;
  zps_range_set *done; /* [plan.n_mass] */
  zps_result result;   /* its tallies are what the loop adds to */
  uint64_t *events;    /* [plan.n_mass] events each mass shall have after this round */
  uint64_t n_journal;  /* events taken from journals */
  uint64_t n_missing;  /* events of all ranks in the rounds before this one */
  zps_run_state state; /* at the end of the last round, counted from the first */
  zps_ranks_summary summary;
} run;

static double monotonic_s(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (1e-9 * (double)time.tv_nsec);
}

static bool is_root(const run *r) {
  return r->comm->rank == 0;
}

/** Threads of this rank. */
static int n_threads(const run *r) {
  return r->request->n_threads > 0 ? r->request->n_threads : omp_get_max_threads();
}

static void run_init(const zps_run_request *request, run *r) {
  struct tm utc;
  const time_t now = time(NULL);
  memset(r, 0, sizeof *r);
  r->request = request;
  r->start_s = monotonic_s();
  if (gmtime_r(&now, &utc) != NULL) {
    (void)strftime(r->start_utc, sizeof r->start_utc, "%Y-%m-%dT%H:%M:%SZ", &utc);
  }
}

static void run_free(run *r) {
  for (size_t i = 0; r->done != NULL && i < r->plan.n_mass; i++) {
    zps_range_set_free(&r->done[i]);
  }
  free(r->done);
  free(r->events);
  zps_progress_destroy(r->progress);
  if (r->json != NULL) {
    (void)fclose(r->json);
  }
  zps_journal_close(r->journal);
  zps_engine_destroy(r->engine);
  zps_result_free(&r->result);
  zps_plan_free(&r->plan);
  zps_previous_run_free(&r->previous);
  zps_comm_destroy(r->own);
}

/** Says of a named engine that cannot open so before tables are made. */
static zps_status check_engine(const char *name, zps_error *error) {
  if (strcmp(name, "auto") == 0) {
    return ZPS_OK;
  }
  for (size_t i = 0; i < zps_engine_count(); i++) {
    zps_engine_info info;
    if (zps_engine_describe(i, &info) == ZPS_OK && strcmp(info.name, name) == 0) {
      return info.available ? ZPS_OK : zps_error_set(error, ZPS_UNAVAILABLE, "--engine %s: %s", name, info.reason);
    }
  }
  return zps_error_set(error, ZPS_USAGE, "--engine %s: expected auto, cpu, cuda or check", name);
}

static zps_status check_masses(const zps_run_request *request, zps_error *error) {
  const zps_mass_range m = request->masses;
  const size_t n = request->job->mass_gev.n;
  if ((m.first == 0 && m.end == 0) || (m.first < m.end && m.end <= n)) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_USAGE, "--masses %zu:%zu: expected first < end <= %zu, the number of masses of %s",
                       m.first, m.end, n, request->job->file);
}

/** A run that goes on adds to its log. */
static bool adds_to_log(const zps_run_request *request) {
  return request->resume || request->extend;
}

static zps_status check_log_place(const zps_run_request *request, zps_error *error) {
  struct stat facts;
  if (request->json_path == NULL || request->force || adds_to_log(request) || stat(request->json_path, &facts) != 0 ||
      !S_ISREG(facts.st_mode)) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "--json-log %s: exists; give --force to replace it; --resume and --extend add to it",
                       request->json_path);
}

static zps_status check_before_tables(run *r, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(check_engine(r->request->engine, error));
  ZPS_TRY(check_masses(r->request, error));
  if (is_root(r)) {
    ZPS_TRY(check_log_place(r->request, error));
    ZPS_TRY(zps_previous_run_look(r->request, &r->previous, error));
  }
done:
  return status;
}

/** `auto` says what it took, and why not what it would have taken before. */
static void tell_engine(const run *r) {
  char text[ZPS_ERROR_TEXT_SIZE];
  size_t used =
      (size_t)snprintf(text, sizeof text, "engine %s (%s)", zps_engine_name(r->engine), zps_engine_detail(r->engine));
  if (r->request->text == NULL || r->request->warn == NULL || strcmp(r->request->engine, "auto") != 0) {
    return;
  }
  for (size_t i = 0; i < zps_engine_count(); i++) {
    zps_engine_info info;
    if (zps_engine_describe(i, &info) != ZPS_OK || strcmp(info.name, zps_engine_name(r->engine)) == 0) {
      break;
    }
    const int n = snprintf(text + used, sizeof text - used, "; not %s: %s", info.name, info.reason);
    used += n > 0 && (size_t)n < sizeof text - used ? (size_t)n : 0;
  }
  r->request->warn(r->request->warn_context, text);
}

/** A beam file that is used again and again has a spread of its own. */
static void tell_beam(const run *r) {
  const zps_job *const job = r->request->job;
  char text[ZPS_ERROR_TEXT_SIZE];
  if (is_root(r) && r->request->warn != NULL &&
      zps_beam_tell_reuse(job->beam.file, r->plan.setup.beam.n_particles, job->events_per_mass, text, sizeof text)) {
    r->request->warn(r->request->warn_context, text);
  }
}

/** u64 of one mass's tallies. */
static uint32_t row_size(const run *r) {
  return zps_tally_size((uint32_t)r->request->job->n_triggers);
}

/** u64 of one mass's placement surface; 0 = none is counted. */
static uint32_t surface_size(const run *r) {
  return (uint32_t)zps_surface_size(&r->plan.setup.placement);
}

/** What journals of this run belong to. */
static void identify(run *r) {
  const zps_plan *const plan = &r->plan;
  zps_journal_identity *const identity = &r->identity;
  (void)snprintf(identity->job_hash, sizeof identity->job_hash, "%s", plan->job_hash);
  (void)snprintf(identity->table_hash, sizeof identity->table_hash, "%s", plan->table_hash);
  (void)snprintf(identity->map_hash, sizeof identity->map_hash, "%s", plan->map_hash);
  identity->seed = r->request->job->seed;
  identity->physics_version = ZPS_PHYSICS_VERSION;
  identity->row_size = row_size(r) + surface_size(r);
  identity->n_mass = (uint32_t)r->request->job->mass_gev.n;
}

static zps_status check_ranks(const run *r, zps_error *error) {
  zps_ranks_identity identity;
  memset(&identity, 0, sizeof identity);
  identity.journal = r->identity;
  identity.events_per_mass = r->request->job->events_per_mass;
  memcpy(&identity.target_error_bits, &r->request->target.error, sizeof identity.target_error_bits);
  identity.target_triggers = r->request->target.one_trigger ? 1 + (uint64_t)r->request->target.i_trigger : 0;
  identity.i_mass_first = r->plan.masses.first;
  identity.n_mass = r->plan.n_mass;
  (void)snprintf(identity.output, sizeof identity.output, "%s", r->request->output);
  return zps_ranks_check_same(r->comm, &identity, error);
}

static zps_status open_journal(run *r, zps_error *error) {
  char *text = NULL;
  zps_status status = zps_plan_identity_text(r->request->job, &text, error);
  if (status == ZPS_OK) {
    const zps_journal_options options = {r->request->resume, r->request->warn, r->request->warn_context, text};
    status = zps_journal_open(r->request->output, r->comm->rank, &r->identity, &options, &r->journal, error);
  }
  free(text);
  return status;
}

/** What is counted already: the result that is extended, then the journals. */
static zps_status gather_done(run *r, zps_error *error) {
  const zps_result *const before = &r->previous.result;
  const size_t n_words = r->plan.n_mass * zps_tally_size((uint32_t)r->request->job->n_triggers);
  const zps_journal_totals totals = {(uint32_t)r->plan.masses.first, (uint32_t)r->plan.n_mass, r->done, row_size(r),
                                     r->result.tallies};
  zps_status status = ZPS_OK;
  if (r->previous.has_result) {
    ZPS_TRY(zps_previous_run_check_plan(before, &r->plan, r->request->output, error));
    ZPS_TRY(zps_previous_run_ranges(before, r->done, error));
    memcpy(r->result.tallies, before->tallies, n_words * sizeof *before->tallies);
  }
  if (r->request->resume) {
    ZPS_TRY(zps_journal_read(r->journal, &totals, &r->n_journal, error));
  }
done:
  return status;
}

static zps_status open_progress(run *r, zps_error *error) {
  if (r->request->json_path != NULL) {
    r->json = fopen(r->request->json_path, adds_to_log(r->request) ? "ae" : "we");
    if (r->json == NULL) {
      return zps_error_set(error, ZPS_IO, "--json-log %s: cannot write: %s", r->request->json_path, strerror(errno));
    }
  }
  const zps_progress_options options = {r->request->text, r->json};
  return zps_progress_create(&options, &r->progress, error);
}

static zps_status build_plan(run *r, zps_error *error) {
  zps_error trouble;
  const zps_status status = zps_node_plan_build(r->comm, r->request->job, r->request->masses, r->request->n_threads,
                                                &r->plan, &r->built_plan, &trouble, error);
  if (trouble.status != ZPS_OK && r->request->warn != NULL) {
    r->request->warn(r->request->warn_context, trouble.text);
  }
  return status;
}

/** What a rank makes for itself: engine, empty totals. */
static zps_status prepare_alone(run *r, zps_error *error) {
  const zps_engine_options options = {r->request->n_threads, NULL, NULL};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_engine_create(r->request->engine, &r->plan.setup, &options, &r->engine, error));
  ZPS_TRY(zps_plan_result(&r->plan, &r->result, error));
  identify(r);
  ZPS_TRY(zps_result_check(&r->result, error)); /* what would be refused at the end is refused before the first event */
  r->done = (zps_range_set *)calloc(r->plan.n_mass, sizeof *r->done);
  r->events = (uint64_t *)calloc(r->plan.n_mass, sizeof *r->events);
  if (r->done == NULL || r->events == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the ranges of %zu masses", r->plan.n_mass);
  }
done:
  return status;
}

/** Rank 0 takes the lock of the output and reads everybody's journals; only then others open theirs. */
static zps_status open_journals(run *r, zps_error *error) {
  zps_status status = ZPS_OK;
  if (is_root(r)) {
    status = open_journal(r, error);
    status = status == ZPS_OK ? gather_done(r, error) : status;
  }
  ZPS_TRY(zps_comm_agree(r->comm, status, error));
  status = zps_ranks_share_done(r->comm, r->done, r->plan.n_mass, error);
  if (status == ZPS_OK && !is_root(r)) {
    status = open_journal(r, error);
  }
  status = zps_comm_agree(r->comm, status, error);
done:
  return status;
}

static zps_status prepare(run *r, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_comm_agree(r->comm, build_plan(r, error), error));
  ZPS_TRY(zps_comm_agree(r->comm, prepare_alone(r, error), error));
  ZPS_TRY(zps_comm_agree(r->comm, check_ranks(r, error), error));
  ZPS_TRY(open_journals(r, error));
  ZPS_TRY(zps_comm_agree(r->comm, open_progress(r, error), error));
  tell_engine(r);
  tell_beam(r);
done:
  return status;
}

/* What of a row says how far a mass is: its cut-flow, which is in front. */
static size_t cutflow_size(const run *r) {
  return (size_t)zps_tally_stage((uint32_t)r->request->job->n_triggers, 0, 0);
}

/* The cut-flows [n_mass][cutflow_size()] of all ranks together, on rank 0. */
static zps_status sum_cutflows(const run *r, uint64_t *cutflows, zps_error *error) {
  const size_t n = cutflow_size(r);
  for (size_t i = 0; i < r->plan.n_mass; i++) {
    memcpy(cutflows + (i * n), r->result.tallies + (i * row_size(r)), n * sizeof *cutflows);
  }
  return zps_comm_sum(r->comm, cutflows, r->plan.n_mass * n, error);
}

/* Rank 0 says how many events each mass shall have; n_more: how many of them are missing. */
static zps_status choose_events(run *r, uint64_t *n_more, zps_error *error) {
  const size_t n_mass = r->plan.n_mass;
  const uint32_t n_trigger = (uint32_t)r->request->job->n_triggers;
  uint64_t *const cutflows = (uint64_t *)calloc(n_mass * cutflow_size(r), sizeof *cutflows);
  zps_status status =
      cutflows != NULL ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for %zu cut-flows", n_mass);
  ZPS_TRY(zps_comm_agree(r->comm, status, error));
  ZPS_TRY(sum_cutflows(r, cutflows, error));
  for (size_t i = 0; i < n_mass; i++) {
    r->events[i] = zps_target_events(&r->request->target, cutflows + (i * cutflow_size(r)), n_trigger, &r->done[i],
                                     r->request->job->events_per_mass);
  }
  ZPS_TRY(zps_comm_broadcast(r->comm, r->events, n_mass * sizeof *r->events, error));
  *n_more = 0;
  for (size_t i = 0; i < n_mass; i++) {
    const uint64_t here = zps_range_set_total(&r->done[i]);
    *n_more += r->events[i] > here ? r->events[i] - here : 0;
  }
done:
  free(cutflows);
  return status;
}

/* State of a round as one of the whole run. */
static zps_run_state whole_state(const run *r, const zps_run_state *of_round) {
  zps_run_state state = *of_round;
  state.n_earlier -= r->n_missing;
  state.n_here += r->state.n_here;
  state.n_batches += r->state.n_batches;
  state.elapsed_s += r->state.elapsed_s;
  state.may_grow = r->request->target.error > 0.0;
  return state;
}

/* A run has one start and one end, however many rounds. */
static void report_round(void *context, zps_run_event event, const zps_run_state *of_round) {
  const run *const r = (const run *)context;
  const zps_run_state state = whole_state(r, of_round);
  if (event != ZPS_RUN_DONE && (event != ZPS_RUN_START || r->n_missing == 0)) {
    zps_progress_report(r->progress, event, &state);
  }
}

/* The loop knows no files: puts this run's in front of its message. */
static void name_output(const run *r, zps_error *error) {
  const zps_error unnamed = *error;
  *error = (zps_error){ZPS_OK, ""};
  (void)zps_error_set(error, unnamed.status, "%s: %s", r->request->output, unnamed.text);
}

/* Every mass up to its number of events; all that was missing is then done, here or on other ranks. */
static zps_status run_round(run *r, uint64_t n_more, zps_error *error) {
  const zps_run_plan plan = {
      .i_mass_first = (uint32_t)r->plan.masses.first,
      .n_mass = (uint32_t)r->plan.n_mass,
      .row_size = row_size(r),
      .surface_size = surface_size(r),
      .events = r->events,
      .tile_events = r->request->job->tile_events,
      .n_parallel = zps_engine_parallel(r->engine),
      .flush_s = r->request->flush_s,
  };
  const zps_run_hooks hooks = {
      .engine = r->engine,
      .run_tiles = zps_engine_run,
      .journal = r->journal,
      .comm = r->comm,
      .stop_requested = zps_stop_signal_requested,
      .flush_requested = zps_stop_signal_flush_requested,
      .report = report_round,
      .report_context = r,
  };
  zps_run_state state = {.n_total = 0};
  zps_status status = zps_run_loop(&plan, &hooks, r->done, r->result.tallies, &state, error);
  if (status == ZPS_MISMATCH) {
    name_output(r, error);
  }
  r->state = whole_state(r, &state);
  r->n_missing += n_more;
  status = zps_comm_agree(r->comm, status, error);
  for (size_t i = 0; i < r->plan.n_mass; i++) {
    zps_range missing;
    while (status == ZPS_OK && zps_range_set_next_missing(&r->done[i], 0, r->events[i], ZPS_EVENT_LIMIT, &missing)) {
      status = zps_range_set_add(&r->done[i], missing.first, missing.n, error);
    }
  }
  return status;
}

/* Without a target this is one round. */
static zps_status run_rounds(run *r, zps_error *error) {
  uint64_t n_more = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(choose_events(r, &n_more, error));
  do {
    ZPS_TRY(run_round(r, n_more, error));
    ZPS_TRY(choose_events(r, &n_more, error));
  } while (n_more > 0);
  r->state.may_grow = false;
  zps_progress_report(r->progress, ZPS_RUN_DONE, &r->state);
done:
  return status;
}

static zps_status run_events(run *r, zps_error *error) {
  const zps_status status = run_rounds(r, error);
  zps_progress_end_line(r->progress);
  if (r->request->warn != NULL && zps_engine_trouble(r->engine)[0] != '\0') {
    r->request->warn(r->request->warn_context, zps_engine_trouble(r->engine));
  }
  return status;
}

static zps_status check_events_run(const run *r, zps_error *error) {
  return r->summary.n_events == r->n_missing
             ? ZPS_OK
             : zps_error_set(error, ZPS_FAILURE, "the ranks ran %" PRIu64 " events, expected %" PRIu64,
                             r->summary.n_events, r->n_missing);
}

static void tell_ranks(const run *r) {
  char text[320];
  const zps_ranks_summary *const s = &r->summary;
  if (r->comm->n_ranks > 1 && r->request->text != NULL && r->request->warn != NULL) {
    (void)snprintf(text, sizeof text,
                   "%d ranks, %" PRIu64 " threads, %" PRIu64 " node%s: tables built %" PRIu64
                   " time%s; work handed out %" PRIu64
                   " times in %.2f ms on average, the longest wait %.1f ms; tallies summed in %.1f ms",
                   r->comm->n_ranks, s->n_threads, s->n_nodes, s->n_nodes == 1 ? "" : "s", s->n_plans,
                   s->n_plans == 1 ? "" : "s", s->n_takes, 1e3 * s->take_s / (double)(s->n_takes > 0 ? s->n_takes : 1),
                   1e3 * s->longest_take_s, 1e3 * s->sum_s);
    r->request->warn(r->request->warn_context, text);
  }
}

/** Brings everything to rank 0; from then on the others only wait. */
static zps_status gather_ranks(run *r, zps_error *error) {
  const size_t n_words = r->plan.n_mass * row_size(r);
  const zps_ranks_work work = {r->state.n_here, (uint64_t)n_threads(r), r->built_plan};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_ranks_sum(r->comm, r->result.tallies, n_words, &work, &r->summary, error));
  if (is_root(r)) {
    tell_ranks(r);
    ZPS_TRY(check_events_run(r, error));
  } else {
    zps_journal_close(r->journal);
    r->journal = NULL;
  }
done:
  return zps_comm_agree(r->comm, status, error);
}

static zps_status fill_ranges(run *r, zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < r->plan.n_mass; i++) {
    for (size_t j = 0; j < r->done[i].n; j++) {
      const zps_range range = r->done[i].ranges[j];
      ZPS_TRY(zps_result_add_range(&r->result, r->plan.masses.first + i, range.first, range.n, error));
    }
  }
done:
  return status;
}

static void fill_provenance(run *r) {
  const zps_run_request *const request = r->request;
  zps_provenance *const p = &r->result.provenance;
  (void)snprintf(p->version, sizeof p->version, "%s", ZPS_VERSION);
  (void)snprintf(p->compiler, sizeof p->compiler, "%s", request->compiler);
  (void)snprintf(p->flags, sizeof p->flags, "%s", request->flags);
  (void)snprintf(p->engine, sizeof p->engine, "%s", zps_engine_name(r->engine));
  if (r->comm->n_ranks == 1) {
    (void)snprintf(p->engine_detail, sizeof p->engine_detail, "%s", zps_engine_detail(r->engine));
  } else {
    (void)snprintf(p->engine_detail, sizeof p->engine_detail, "%d ranks, rank 0: %.200s", r->comm->n_ranks,
                   zps_engine_detail(r->engine));
  }
  (void)snprintf(p->command, sizeof p->command, "%s", request->command);
  (void)snprintf(p->start_utc, sizeof p->start_utc, "%s", r->start_utc);
  if (gethostname(p->host, sizeof p->host - 1) != 0) {
    p->host[0] = '\0';
  }
  p->n_threads = (int64_t)r->summary.n_threads;
  p->events_from_journal = r->n_journal;
  p->target_error = request->target.error;
  p->target_trigger[0] = '\0';
  if (request->target.one_trigger) {
    (void)snprintf(p->target_trigger, sizeof p->target_trigger, "%s",
                   request->job->triggers[request->target.i_trigger].name);
  }
  p->wall_s = monotonic_s() - r->start_s;
}

/** The result file, with surfaces where the job counts them. */
static zps_status write_file(const run *r, zps_error *error) {
  const bool force = r->request->force || r->previous.has_result;
  const zps_result *const before = r->previous.has_result ? &r->previous.result : NULL;
  zps_surface_total *total = NULL;
  zps_surface_source source;
  zps_status status = ZPS_OK;
  if (surface_size(r) == 0) {
    return zps_result_write(r->request->output, r->request->job, &r->result, force, error);
  }
  ZPS_TRY(zps_surface_total_create(&r->plan, r->request->output, &r->identity, before, r->done, &total, error));
  source = zps_surface_total_source(total);
  ZPS_TRY(zps_result_write_placed(r->request->output, r->request->job, &r->result, &source, force, error));
done:
  zps_surface_total_destroy(total);
  return status;
}

/* Masses whose most events were not enough. */
static void tell_target(const run *r) {
  const zps_target *const target = &r->request->target;
  const size_t n_mass = r->plan.n_mass;
  char text[256];
  size_t n_wanting = 0;
  size_t worst = 0;
  double largest = 0.0;
  for (size_t i = 0; i < n_mass; i++) {
    const double here = zps_target_reached(target, zps_result_row(&r->result, i), (uint32_t)r->result.n_trigger);
    n_wanting += here > target->error ? 1 : 0;
    worst = here > largest ? i : worst;
    largest = here > largest ? here : largest;
  }
  if (target->error > 0.0 && n_wanting > 0 && r->request->warn != NULL) {
    (void)snprintf(text, sizeof text,
                   "%zu of %zu masses have not reached %g %% with %" PRIu64
                   " events, the worst %.3g %% at %g GeV: --extend with more --events goes on",
                   n_wanting, n_mass, 100.0 * target->error, r->request->job->events_per_mass, 100.0 * largest,
                   r->result.mass_gev[worst]);
    r->request->warn(r->request->warn_context, text);
  }
}

static zps_status write_result(run *r, zps_error *error) {
  zps_error leftover = {ZPS_OK, ""};
  zps_status status = ZPS_OK;
  ZPS_TRY(fill_ranges(r, error));
  fill_provenance(r);
  ZPS_TRY(zps_result_tally_hash(&r->result, r->result.provenance.tally_hash, error));
  ZPS_TRY(zps_result_content_hash(&r->result, r->result.provenance.content_hash, error));
  ZPS_TRY(write_file(r, error));
  if (zps_journal_remove(r->journal, &leftover) != ZPS_OK && r->request->warn != NULL) {
    r->request->warn(r->request->warn_context, leftover.text);
  }
  tell_target(r);
done:
  return status;
}

/* After the result is in its place: a lost log is a failure, but costs no events. */
static zps_status check_log(const run *r, zps_error *error) {
  return r->request->json_path == NULL ? ZPS_OK : zps_progress_check(r->progress, r->request->json_path, error);
}

static zps_status run_all(run *r, bool *was_finished, zps_error *error) {
  zps_status status = ZPS_OK;
  uint64_t finished = 0;
  ZPS_TRY(zps_comm_agree(r->comm, check_before_tables(r, error), error));
  finished = r->previous.is_finished && !r->previous.has_journal ? 1 : 0;
  ZPS_TRY(zps_comm_maximum(r->comm, &finished, error));
  *was_finished = finished != 0;
  if (*was_finished) {
    r->result = r->previous.result;
    r->previous.result = (zps_result){.n_mass = 0};
    return ZPS_OK;
  }
  ZPS_TRY(prepare(r, error));
  ZPS_TRY(run_events(r, error));
  ZPS_TRY(gather_ranks(r, error));
  if (is_root(r)) {
    status = write_result(r, error);
    status = status == ZPS_OK ? check_log(r, error) : status;
  }
  status = zps_comm_agree(r->comm, status, error);
done:
  return status;
}

zps_status zps_run_job(const zps_run_request *request, zps_result *result, bool *was_finished, zps_error *error) {
  run r;
  *result = (zps_result){.n_mass = 0};
  *was_finished = false;
  zps_status status = zps_stop_signal_install(error);
  if (status != ZPS_OK) {
    return status;
  }
  run_init(request, &r);
  r.comm = request->comm;
  if (r.comm == NULL) {
    status = zps_comm_create_serial(&r.own, error);
    r.comm = r.own;
  }
  if (status == ZPS_OK) {
    status = run_all(&r, was_finished, error);
  }
  if (status == ZPS_OK && is_root(&r)) {
    *result = r.result;
    r.result = (zps_result){.n_mass = 0};
  }
  run_free(&r);
  zps_stop_signal_restore();
  return status;
}
