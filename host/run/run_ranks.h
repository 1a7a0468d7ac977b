/* What the ranks of one run must agree on before and after their events. With one rank all of it does nothing. */
#ifndef ZPS_RUN_RUN_RANKS_H
#define ZPS_RUN_RUN_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/comm.h"
#include "host/run/journal.h"
#include "host/run/ranges.h"

/** What must be the same on every rank. Zero it before filling: its bytes are sent. */
typedef struct zps_ranks_identity {
  zps_journal_identity journal;
  uint64_t events_per_mass;
  uint64_t target_error_bits; /* of the double */
  uint64_t target_triggers;   /* 0 = every trigger, else 1 + the one's index */
  uint64_t i_mass_first, n_mass;
  char output[4096];
} zps_ranks_identity;

/** ZPS_MISMATCH on a rank whose identity is not rank 0's, naming the first difference. */
zps_status zps_ranks_check_same(zps_comm *comm, const zps_ranks_identity *identity, zps_error *error);

/** Gives rank 0's done[n_mass] to the other ranks, whose sets must be empty. */
zps_status zps_ranks_share_done(zps_comm *comm, zps_range_set *done, size_t n_mass, zps_error *error);

/** What one rank did. */
typedef struct zps_ranks_work {
  uint64_t n_events, n_threads;
  bool built_plan;
} zps_ranks_work;

/** What ranks did, summed up on rank 0. */
typedef struct zps_ranks_summary {
  uint64_t n_events, n_threads, n_takes;
  uint64_t n_nodes, n_plans; /* nodes, and how many times tables were built on them */
  double take_s;             /* time all takes took */
  double longest_take_s;     /* of any rank */
  double sum_s;              /* time summing up the tallies took rank 0, waiting included */
} zps_ranks_summary;

/** Adds up tallies[n_words] over the ranks, and fills *summary from what this one did. Only rank 0's tallies are of
 *  use afterwards. */
zps_status zps_ranks_sum(zps_comm *comm, uint64_t *tallies, size_t n_words, const zps_ranks_work *work,
                         zps_ranks_summary *summary, zps_error *error);

#endif
