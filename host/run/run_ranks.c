#include "host/run/run_ranks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static zps_status differ(const zps_comm *comm, const char *what, const char *here, const char *there,
                         zps_error *error) {
  return zps_error_set(error, ZPS_MISMATCH, "%s %.100s, but %.100s on rank 0: the ranks of a run need the same job%s",
                       what, here, there, comm->n_ranks > 1 ? "; ZPS_COMM=serial starts separate runs" : "");
}

static zps_status compare_texts(const zps_comm *comm, const zps_ranks_identity *here, const zps_ranks_identity *there,
                                zps_error *error) {
  const struct {
    const char *name, *here, *there;
  } texts[] = {{"output", here->output, there->output},
               {"job_hash", here->journal.job_hash, there->journal.job_hash},
               {"map_hash", here->journal.map_hash, there->journal.map_hash},
               {"table_hash", here->journal.table_hash, there->journal.table_hash}};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (strcmp(texts[i].here, texts[i].there) != 0) {
      return differ(comm, texts[i].name, texts[i].here, texts[i].there, error);
    }
  }
  return ZPS_OK;
}

static zps_status compare_numbers(const zps_comm *comm, const zps_ranks_identity *here, const zps_ranks_identity *there,
                                  zps_error *error) {
  const struct {
    const char *name;
    uint64_t here, there;
  } numbers[] = {{"physics version", here->journal.physics_version, there->journal.physics_version},
                 {"seed", here->journal.seed, there->journal.seed},
                 {"events per mass", here->events_per_mass, there->events_per_mass},
                 {"target error (bits)", here->target_error_bits, there->target_error_bits},
                 {"trigger of the target", here->target_triggers, there->target_triggers},
                 {"first mass", here->i_mass_first, there->i_mass_first},
                 {"number of masses", here->n_mass, there->n_mass},
                 {"row size", here->journal.row_size, there->journal.row_size}};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    if (numbers[i].here != numbers[i].there) {
      char ours[24];
      char theirs[24];
      (void)snprintf(ours, sizeof ours, "%" PRIu64, numbers[i].here);
      (void)snprintf(theirs, sizeof theirs, "%" PRIu64, numbers[i].there);
      return differ(comm, numbers[i].name, ours, theirs, error);
    }
  }
  return ZPS_OK;
}

zps_status zps_ranks_check_same(zps_comm *comm, const zps_ranks_identity *identity, zps_error *error) {
  zps_ranks_identity of_root = *identity;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_comm_broadcast(comm, &of_root, sizeof of_root, error));
  /* Seed and events first: they are part of what job_hash is over, and say more. */
  ZPS_TRY(compare_numbers(comm, identity, &of_root, error));
  ZPS_TRY(compare_texts(comm, identity, &of_root, error));
done:
  return status;
}

static void pack(const zps_range_set *done, size_t n_mass, uint64_t *words) {
  for (size_t i = 0; i < n_mass; i++) {
    for (size_t j = 0; j < done[i].n; j++) {
      *words++ = i;
      *words++ = done[i].ranges[j].first;
      *words++ = done[i].ranges[j].n;
    }
  }
}

static zps_status unpack(const uint64_t *words, uint64_t n, zps_range_set *done, zps_error *error) {
  zps_status status = ZPS_OK;
  for (uint64_t i = 0; i < n && status == ZPS_OK; i++, words += 3) {
    status = zps_range_set_add(&done[words[0]], words[1], words[2], error);
  }
  return status;
}

zps_status zps_ranks_share_done(zps_comm *comm, zps_range_set *done, size_t n_mass, zps_error *error) {
  uint64_t n = 0;
  uint64_t *words = NULL;
  zps_status status = ZPS_OK;
  if (comm->n_ranks == 1) {
    return ZPS_OK;
  }
  for (size_t i = 0; i < n_mass; i++) {
    n += done[i].n;
  }
  ZPS_TRY(zps_comm_broadcast(comm, &n, sizeof n, error));
  words = (uint64_t *)calloc(n + 1, 3 * sizeof *words);
  status = words != NULL ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for %" PRIu64 " ranges", n);
  ZPS_TRY(zps_comm_agree(comm, status, error));
  if (comm->rank == 0) {
    pack(done, n_mass, words);
  }
  ZPS_TRY(zps_comm_broadcast(comm, words, n * 3 * sizeof *words, error));
  status = comm->rank == 0 ? ZPS_OK : unpack(words, n, done, error);
done:
  free(words);
  return status;
}

static double monotonic_s(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (1e-9 * (double)time.tv_nsec);
}

zps_status zps_ranks_sum(zps_comm *comm, uint64_t *tallies, size_t n_words, const zps_ranks_work *work,
                         zps_ranks_summary *summary, zps_error *error) {
  enum { EVENTS, THREADS, TAKES, TAKE_NS, NODES, PLANS, N_SUMS };
  uint64_t sums[N_SUMS] = {[EVENTS] = work->n_events,
                           [THREADS] = work->n_threads,
                           [TAKES] = comm->n_takes,
                           [TAKE_NS] = (uint64_t)(1e9 * comm->take_s),
                           [NODES] = comm->node_rank == 0 ? 1 : 0,
                           [PLANS] = work->built_plan ? 1 : 0};
  uint64_t longest_ns = (uint64_t)(1e9 * comm->longest_take_s);
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_comm_sum(comm, sums, N_SUMS, error));
  ZPS_TRY(zps_comm_maximum(comm, &longest_ns, error));
  const double before_s = monotonic_s();
  ZPS_TRY(zps_comm_sum(comm, tallies, n_words, error));
  *summary = (zps_ranks_summary){.n_events = sums[EVENTS],
                                 .n_threads = sums[THREADS],
                                 .n_takes = sums[TAKES],
                                 .n_nodes = sums[NODES],
                                 .n_plans = sums[PLANS],
                                 .take_s = 1e-9 * (double)sums[TAKE_NS],
                                 .longest_take_s = 1e-9 * (double)longest_ns,
                                 .sum_s = monotonic_s() - before_s};
done:
  return status;
}
