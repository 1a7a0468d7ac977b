/* When a mass has events enough: `run --target-error`.
 *
 * A mass is judged only when it has exactly its first 2^k events, or the most it may have, and then either stops or
 * gets twice as many. So where it stops depends on the events alone: not on engine, threads, ranks or interruptions.
 * Events beyond a checkpoint say that the mass was found wanting there, whoever looked: a resumed run asks no more. */
#ifndef ZPS_RUN_TARGET_H
#define ZPS_RUN_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "host/error.h"
#include "host/job/job.h"
#include "host/run/ranges.h"

/** The first checkpoint: enough for an error to mean something where one event in a hundred is accepted. */
#define ZPS_TARGET_FIRST_EVENTS ((uint64_t)1 << 12)

/** Zero-initialised: no target, every mass gets the most it may have. */
typedef struct zps_target {
  double error;       /* wanted relative error of the efficiency (zps_relative_error()), 0 = no target */
  bool one_trigger;   /* judged by i_trigger alone, otherwise by every trigger */
  uint32_t i_trigger; /* of the job */
  bool piloted;       /* the job has a pilot: the accepted are judged by their own weights */
} zps_target;

/** A target for the triggers of a job; trigger: the name of one, NULL for all. ZPS_USAGE: no trigger of that name. */
zps_status zps_target_init(const zps_job *job, double error_wanted, const char *trigger, zps_target *target,
                           zps_error *error);

/** Largest relative error among the triggers that count. row: tallies of a mass, of which only the cut-flow is read
 *  (kernels/tally.h has it in front). */
double zps_target_reached(const zps_target *target, const uint64_t *row, uint32_t n_trigger);

/** How many events a mass shall have next, n_most at most, when `done` and row are what it has: the number it has where
 *  no more are needed. */
uint64_t zps_target_events(const zps_target *target, const uint64_t *row, uint32_t n_trigger, const zps_range_set *done,
                           uint64_t n_most);

#endif
