#include "host/run/run_loop.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_EVENTS 1024      /* per parallel tile: a few ms on any machine */
#define MIN_EVENTS 64          /* per parallel tile, however slow the engine */
#define MAX_GROWTH 4           /* of a batch over the one before */
#define MAX_TILES 4096         /* in a batch */
#define ROW_BYTES (64UL << 20) /* memory for a batch's rows, as long as every parallel tile has one */
#define SHARE_BATCHES 8 /* in a share of several ranks, at least: about 2 s, and as many fewer records in journals */
#define LEAST_PART 25   /* of a batch is the smallest share */
#define SHARE_PART 32   /* of what a rank has done are in its next share: long runs need few shares */

typedef struct loop {
  zps_run_plan plan; /* defaults filled in */
  const zps_run_hooks *hooks;
  zps_comm *comm;
  zps_range_set *done;
  uint64_t *tallies;
  zps_tile *tiles; /* [max_tiles] */
  uint64_t *rows;  /* [max_tiles][row_size] */
  uint64_t *whole; /* [row_size + surface_size]: a batch of one mass as the journal takes it; NULL without surfaces */
  size_t max_tiles;
  size_t n_tiles;
  uint32_t i_mass; /* the next event to run, if it is ours */
  uint64_t i_event;
  uint64_t position;  /* of that event among all that were missing at the start */
  uint64_t share_end; /* events up to this position are ours */
  uint64_t n_taken;   /* events in our shares so far */
  uint64_t n_elsewhere;
  bool is_stopped; /* by another rank */
  uint64_t budget; /* events in the next batch */
  double start_s;
  double unflushed_since_s; /* when the oldest event not on disk was started */
  bool is_unflushed;
  double batch_s; /* time the last batch took */
  zps_run_state state;
} loop;

static double monotonic_s(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (1e-9 * (double)time.tv_nsec);
}

static double now(const loop *run) {
  return run->hooks->now_s != NULL ? run->hooks->now_s(run->hooks->now_context) : monotonic_s();
}

static void report(loop *run, zps_run_event event) {
  zps_run_state *state = &run->state;
  state->n_done = state->n_earlier + state->n_here + run->n_elsewhere;
  const uint64_t n_run = state->n_done - state->n_earlier;
  state->elapsed_s = now(run) - run->start_s;
  state->rate = n_run > 0 && state->elapsed_s > 0.0 ? (double)n_run / state->elapsed_s : 0.0;
  state->left_s = state->rate > 0.0 ? (double)(state->n_total - state->n_done) / state->rate : -1.0;
  if (run->hooks->report != NULL) {
    run->hooks->report(run->hooks->report_context, event, state);
  }
}

static uint64_t events_of(const zps_run_plan *plan, uint32_t i_mass) {
  return plan->events != NULL ? plan->events[i_mass] : plan->events_per_mass;
}

static uint64_t most_events(const zps_run_plan *plan) {
  uint64_t most = 0;
  for (uint32_t i = 0; i < plan->n_mass; i++) {
    most = events_of(plan, i) > most ? events_of(plan, i) : most;
  }
  return most;
}

static zps_status check_plan(const zps_run_plan *plan, const zps_range_set *done, zps_error *error) {
  if (plan->n_mass == 0 || plan->row_size == 0 || plan->tile_events == 0 || most_events(plan) > ZPS_EVENT_LIMIT) {
    return zps_error_set(error, ZPS_INVALID,
                         "run plan: %" PRIu32 " masses, rows of %" PRIu32 ", tiles of %" PRIu64 ", %" PRIu64
                         " events per mass: the first three must be > 0, the last at most 2^44",
                         plan->n_mass, plan->row_size, plan->tile_events, most_events(plan));
  }
  for (uint32_t i = 0; i < plan->n_mass; i++) {
    if (zps_range_set_end(&done[i]) > events_of(plan, i)) {
      return zps_error_set(error, ZPS_MISMATCH,
                           "mass %" PRIu32 ": events up to %" PRIu64
                           " are finished already, but this run asks for %" PRIu64
                           " per mass: ask for at least as many",
                           plan->i_mass_first + i, zps_range_set_end(&done[i]), events_of(plan, i));
    }
  }
  return ZPS_OK;
}

static void fill_defaults(zps_run_plan *plan) {
  plan->n_parallel = plan->n_parallel == 0 ? 1 : plan->n_parallel;
  plan->flush_s = plan->flush_s > 0.0 ? plan->flush_s : ZPS_RUN_FLUSH_S;
  plan->batch_s = plan->batch_s > 0.0 ? plan->batch_s : ZPS_RUN_BATCH_S;
}

static void loop_init(loop *run, const zps_run_plan *plan, const zps_run_hooks *hooks, zps_range_set *done,
                      uint64_t *tallies) {
  *run = (loop){.plan = *plan, .hooks = hooks, .comm = hooks->comm, .done = done, .tallies = tallies};
  fill_defaults(&run->plan);
  run->budget = (uint64_t)run->plan.n_parallel * FIRST_EVENTS;
  run->state.n_mass = plan->n_mass;
  for (uint32_t i = 0; i < plan->n_mass; i++) {
    run->state.n_total += events_of(plan, i);
    run->state.n_earlier += zps_range_set_total(&done[i]);
  }
  run->state.n_done = run->state.n_earlier;
  run->start_s = now(run);
}

static zps_status allocate_batch(loop *run, zps_error *error) {
  const zps_run_plan *const plan = &run->plan;
  const size_t row_bytes = plan->row_size * sizeof(uint64_t);
  size_t n = ROW_BYTES / row_bytes;
  n = n > MAX_TILES ? MAX_TILES : n;
  run->max_tiles = n < run->plan.n_parallel ? run->plan.n_parallel : n;
  run->tiles = (zps_tile *)malloc(run->max_tiles * sizeof *run->tiles);
  run->rows = (uint64_t *)malloc(run->max_tiles * row_bytes);
  if (plan->surface_size > 0) {
    run->whole = (uint64_t *)malloc(row_bytes + (plan->surface_size * sizeof(uint64_t)));
  }
  if (run->tiles == NULL || run->rows == NULL || (plan->surface_size > 0 && run->whole == NULL)) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a batch of %zu tiles", run->max_tiles);
  }
  return ZPS_OK;
}

/* The next missing events in order, at most n_max of them. Ours are counted in `done` only after the cursor has passed
 * them, so all ranks see the same order. */
static bool next_tile(loop *run, uint64_t n_max, zps_tile *tile) {
  while (n_max > 0 && run->i_mass < run->plan.n_mass) {
    zps_range missing;
    if (zps_range_set_next_missing(&run->done[run->i_mass], run->i_event, events_of(&run->plan, run->i_mass), n_max,
                                   &missing)) {
      *tile = (zps_tile){.i_mass = run->i_mass, .first = missing.first, .n = missing.n};
      run->i_event = missing.first + missing.n;
      run->position += missing.n;
      return true;
    }
    run->i_mass++;
    run->i_event = 0;
  }
  return false;
}

/* With surfaces a batch is one range of events of one mass. */
static bool may_follow(const loop *run, const zps_tile *tile) {
  if (run->whole == NULL || run->n_tiles == 0) {
    return true;
  }
  const zps_tile *last = &run->tiles[run->n_tiles - 1];
  return tile->i_mass == last->i_mass && tile->first == last->first + last->n;
}

/* Events this rank wants next. A part of what it has done, so that no rank can hold up the end by more than that part.
 */
static uint64_t wanted_events(const loop *run) {
  const uint64_t part = run->state.n_batches / SHARE_PART;
  return (part > SHARE_BATCHES ? part : SHARE_BATCHES) * run->budget;
}

/* Fewer are not worth the asking: about 10 ms of this rank, so that ranks of one speed end that close together. */
static uint64_t least_events(const loop *run) {
  const uint64_t lowest = (uint64_t)run->plan.n_parallel * MIN_EVENTS;
  const uint64_t part = run->budget / LEAST_PART;
  return part > lowest ? part : lowest;
}

/* Takes the next share when the last is used up, and passes over the events that others have. */
static zps_status take_share(loop *run, zps_error *error) {
  zps_comm_share share;
  zps_tile passed;
  if (run->position < run->share_end) {
    return ZPS_OK;
  }
  const zps_status status = zps_comm_take(run->comm, wanted_events(run), least_events(run), &share, error);
  if (status == ZPS_OK && share.n > 0) {
    run->share_end = share.first + share.n;
    run->n_taken += share.n;
    while (run->position < share.first && next_tile(run, share.first - run->position, &passed)) {
    }
  }
  run->is_stopped = share.stopped;
  run->n_elsewhere = share.stopped ? run->n_elsewhere : share.n_handed - run->n_taken;
  return status;
}

/* Fills the batch up to its budget; a small budget is still shared among all parallel tiles. */
static zps_status gather_batch(loop *run, zps_error *error) {
  const uint64_t part = (run->budget + run->plan.n_parallel - 1) / run->plan.n_parallel;
  const uint64_t n_max = part < run->plan.tile_events ? part : run->plan.tile_events;
  uint64_t n_events = 0;
  run->n_tiles = 0;
  const zps_status status = take_share(run, error);
  while (status == ZPS_OK && n_events < run->budget && run->n_tiles < run->max_tiles) {
    const uint64_t left = run->share_end - run->position;
    const uint32_t i_mass = run->i_mass;
    const uint64_t i_event = run->i_event;
    const uint64_t position = run->position;
    zps_tile *tile = &run->tiles[run->n_tiles];
    if (run->position >= run->share_end || !next_tile(run, n_max < left ? n_max : left, tile)) {
      break;
    }
    if (!may_follow(run, tile)) {
      run->i_mass = i_mass;
      run->i_event = i_event;
      run->position = position;
      break;
    }
    n_events += tile->n;
    run->n_tiles++;
  }
  return status;
}

static zps_status count_tile(loop *run, const zps_tile *tile, const uint64_t *row, zps_error *error) {
  zps_status status = ZPS_OK;
  uint64_t *sums = run->tallies + ((size_t)tile->i_mass * run->plan.row_size);
  ZPS_TRY(zps_range_set_add(&run->done[tile->i_mass], tile->first, tile->n, error));
  for (uint32_t i = 0; i < run->plan.row_size; i++) {
    sums[i] += row[i];
  }
  run->state.n_here += tile->n;
  run->state.i_mass = tile->i_mass;
  if (run->hooks->journal != NULL && run->whole == NULL) {
    ZPS_TRY(
        zps_journal_add(run->hooks->journal, run->plan.i_mass_first + tile->i_mass, tile->first, tile->n, row, error));
  }
done:
  return status;
}

/* The sums of a batch of one mass in front of its surface, as one record. */
static zps_status record_whole(loop *run, uint64_t n_events, zps_error *error) {
  const uint32_t row_size = run->plan.row_size;
  const zps_tile *first = &run->tiles[0];
  memset(run->whole, 0, row_size * sizeof *run->whole);
  for (size_t i = 0; i < run->n_tiles; i++) {
    for (uint32_t j = 0; j < row_size; j++) {
      run->whole[j] += run->rows[(i * row_size) + j];
    }
  }
  return run->hooks->journal == NULL ? ZPS_OK
                                     : zps_journal_add(run->hooks->journal, run->plan.i_mass_first + first->i_mass,
                                                       first->first, n_events, run->whole, error);
}

/* The next batch should take batch_s, judged by this one. */
static void adapt_budget(loop *run, uint64_t n_events) {
  const uint64_t lowest = (uint64_t)run->plan.n_parallel * MIN_EVENTS;
  const double highest = (double)MAX_GROWTH * (double)run->budget;
  const double wanted = run->batch_s > 0.0 ? (double)n_events * (run->plan.batch_s / run->batch_s) : highest;
  const double limited = wanted < highest ? wanted : highest;
  run->budget = limited < (double)ZPS_EVENT_LIMIT ? (uint64_t)limited : ZPS_EVENT_LIMIT;
  run->budget = run->budget < lowest ? lowest : run->budget;
}

static zps_status run_batch(loop *run, zps_error *error) {
  zps_status status = ZPS_OK;
  uint64_t n_events = 0;
  const double before_s = now(run);
  uint64_t *const surface = run->whole == NULL ? NULL : run->whole + run->plan.row_size;
  ZPS_TRY(run->hooks->run_tiles(run->hooks->engine, run->tiles, run->n_tiles, run->rows, surface, error));
  if (!run->is_unflushed) {
    run->unflushed_since_s = before_s;
    run->is_unflushed = true;
  }
  for (size_t i = 0; i < run->n_tiles; i++) {
    ZPS_TRY(count_tile(run, &run->tiles[i], run->rows + (i * run->plan.row_size), error));
    n_events += run->tiles[i].n;
  }
  if (run->whole != NULL) {
    ZPS_TRY(record_whole(run, n_events, error));
  }
  run->batch_s = now(run) - before_s;
  run->state.n_batches++;
  adapt_budget(run, n_events);
  report(run, ZPS_RUN_PROGRESS);
done:
  return status;
}

static zps_status flush(loop *run, zps_error *error) {
  if (run->hooks->journal == NULL || !run->is_unflushed) {
    return ZPS_OK;
  }
  const zps_status status = zps_journal_flush(run->hooks->journal, error);
  if (status == ZPS_OK) {
    run->is_unflushed = false;
    report(run, ZPS_RUN_FLUSHED);
  }
  return status;
}

/* When somebody asks for it, or before the next batch, which may take twice as long as the last, lets the oldest
 * unflushed work grow too old. */
static bool flush_is_due(const loop *run) {
  const bool is_asked_for =
      run->hooks->flush_requested != NULL && run->hooks->flush_requested(run->hooks->flush_context) != 0;
  return is_asked_for ||
         (run->is_unflushed && now(run) - run->unflushed_since_s + (2.0 * run->batch_s) >= run->plan.flush_s);
}

static bool should_stop(const loop *run) {
  return run->hooks->stop_requested != NULL && run->hooks->stop_requested(run->hooks->stop_context) != 0;
}

static zps_status stop(loop *run, zps_error *error) {
  const zps_status status = flush(run, error);
  zps_comm_stop(run->comm);
  if (status != ZPS_OK) {
    return status;
  }
  report(run, ZPS_RUN_INTERRUPTED);
  return zps_error_set(error, ZPS_INTERRUPTED, "interrupted after %" PRIu64 " of %" PRIu64 " events%s",
                       run->state.n_done, run->state.n_total,
                       run->hooks->journal != NULL ? "; continue with --resume" : "");
}

/* Batch after batch until nothing is left to take. */
static zps_status run_batches(loop *run, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(gather_batch(run, error));
  while (run->n_tiles > 0) {
    if (should_stop(run)) {
      return stop(run, error);
    }
    ZPS_TRY(run_batch(run, error));
    if (flush_is_due(run)) {
      ZPS_TRY(flush(run, error));
    }
    ZPS_TRY(gather_batch(run, error));
  }
  if (run->is_stopped) {
    return stop(run, error);
  }
  ZPS_TRY(flush(run, error));
  report(run, ZPS_RUN_DONE);
done:
  return status;
}

static zps_status run_share(loop *run, zps_error *error) {
  zps_status status = allocate_batch(run, error);
  if (status == ZPS_OK) {
    report(run, ZPS_RUN_START);
    status = run_batches(run, error);
  }
  if (status != ZPS_OK && status != ZPS_INTERRUPTED) {
    /* The first error is the one to tell; error keeps it. */
    (void)flush(run, error);
    zps_comm_stop(run->comm);
  }
  return status;
}

/* Shares the missing events; every rank ends sharing, whatever became of it. */
static zps_status run_shared(loop *run, zps_error *error) {
  const uint64_t n_missing = run->state.n_total - run->state.n_earlier;
  zps_status status =
      zps_comm_begin_sharing(run->comm, n_missing, run->hooks->stop_requested, run->hooks->stop_context, error);
  if (status == ZPS_OK) {
    status = run_share(run, error);
  }
  const zps_status ended = zps_comm_end_sharing(run->comm, status == ZPS_OK ? error : NULL);
  return status == ZPS_OK ? ended : status;
}

zps_status zps_run_loop(const zps_run_plan *plan, const zps_run_hooks *hooks, zps_range_set *done, uint64_t *tallies,
                        zps_run_state *state, zps_error *error) {
  loop run = {.hooks = hooks};
  zps_comm *own = NULL;
  zps_status status = check_plan(plan, done, error);
  if (status == ZPS_OK) {
    loop_init(&run, plan, hooks, done, tallies);
  }
  if (status == ZPS_OK && run.comm == NULL) {
    status = zps_comm_create_serial(&own, error);
    run.comm = own;
  }
  if (status == ZPS_OK) {
    status = run_shared(&run, error);
  }
  if (state != NULL) {
    *state = run.state;
  }
  free(run.tiles);
  free(run.rows);
  free(run.whole);
  zps_comm_destroy(own);
  return status;
}
