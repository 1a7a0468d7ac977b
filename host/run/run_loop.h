/* The run loop: event ranges in, totals per mass out, until all is done or someone asks to stop.
 *
 * Goes through the masses in order and hands the engine batches of tiles, sized by
 * measured time so that one call takes about a quarter of a second. Sizes and times
 * never touch results: a tally is a sum over events, and each event is in one tile. */
#ifndef ZPS_RUN_RUN_LOOP_H
#define ZPS_RUN_RUN_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/comm.h"
#include "host/run/engine.h"
#include "host/run/journal.h"
#include "host/run/ranges.h"

#define ZPS_RUN_FLUSH_S 5.0  /* most work a kill -9 may cost */
#define ZPS_RUN_BATCH_S 0.25 /* aimed-at time of one engine call */

/** What to run. A zero in the optional members means the default. */
typedef struct zps_run_plan {
  uint32_t i_mass_first; /* index in the job's grid of the engine's mass 0 */
  uint32_t n_mass;
  uint32_t row_size;        /* u64 per row of tallies */
  uint32_t surface_size;    /* u64 per placement surface; 0 = none is counted */
  uint64_t events_per_mass; /* events 0 .. events_per_mass - 1 of each mass, at most ZPS_EVENT_LIMIT */
  const uint64_t *events;   /* optional, [n_mass]: each mass its own number instead; not owned */
  uint64_t tile_events;     /* most events in one tile, > 0 */
  uint32_t n_parallel;      /* optional: tiles the engine works on at a time; default 1 */
  double flush_s;           /* optional [s] */
  double batch_s;           /* optional [s] */
} zps_run_plan;

typedef enum zps_run_event {
  ZPS_RUN_START,
  ZPS_RUN_PROGRESS,    /* after a batch */
  ZPS_RUN_FLUSHED,     /* the journal is on disk */
  ZPS_RUN_INTERRUPTED, /* stopped as asked, journal flushed */
  ZPS_RUN_DONE
} zps_run_event;

/** Where a run stands. */
typedef struct zps_run_state {
  uint64_t n_total;   /* events asked for, all masses */
  uint64_t n_done;    /* of these, counted by now or handed to other ranks */
  uint64_t n_here;    /* of these, counted by this run on this rank */
  uint64_t n_earlier; /* of these, counted before this run started */
  uint32_t i_mass;    /* the mass being worked on, 0 .. n_mass - 1 */
  uint32_t n_mass;
  bool may_grow; /* n_total is what is known by now; more may be asked for */
  uint64_t n_batches;
  double elapsed_s;
  double rate;   /* events per second of this run, 0 = not known yet */
  double left_s; /* estimated time left, < 0 = not known yet */
} zps_run_state;

/** What the loop calls. Only run_tiles is required. */
typedef struct zps_run_hooks {
  zps_engine *engine;
  /** zps_engine_run(), or a stand-in. */
  zps_status (*run_tiles)(zps_engine *engine, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                          uint64_t *surface, zps_error *error);
  zps_journal *journal; /* NULL: none is kept; its rows are row_size + surface_size long */
  zps_comm *comm;       /* with whom the events are shared; NULL: this process does all of them */
  /** Non-zero once the run should stop; zps_stop_signal_requested(). */
  int (*stop_requested)(void *context);
  void *stop_context;
  /** Non-zero once since the last call when the journal should be flushed; zps_stop_signal_flush_requested(). */
  int (*flush_requested)(void *context);
  void *flush_context;
  /** Told of every zps_run_event; zps_progress_report(). */
  void (*report)(void *context, zps_run_event event, const zps_run_state *state);
  void *report_context;
  /** Seconds of a clock that never goes back; default CLOCK_MONOTONIC. */
  double (*now_s)(void *context);
  void *now_context;
} zps_run_hooks;

/** Runs every event not in done[n_mass], or with several ranks this rank's share of them, and adds to done and
 * tallies[n_mass][row_size]. Surfaces are too large to be kept: they go to the journal, behind the rows of their
 * events, and a batch is then of one mass. All ranks must bring the same plan and done. A rank that stops or fails
 * stops the others: they return ZPS_INTERRUPTED. state, if not NULL, is set to where the run ended, also on failure.
 *  ZPS_INTERRUPTED: stopped as asked; the journal holds all that is in tallies. ZPS_MISMATCH: done holds events
 *  beyond those asked for. ZPS_INVALID: a bad plan. Otherwise what the engine or the journal returned; after an
 *  engine's failure the journal is flushed first. */
zps_status zps_run_loop(const zps_run_plan *plan, const zps_run_hooks *hooks, zps_range_set *done, uint64_t *tallies,
                        zps_run_state *state, zps_error *error);

#endif
