/* The communicator: what the ranks of a run say to each other.
 *
 * A plain run uses the serial one, a "null communicator" of one rank, so the run
 * has no special case for it. Each function returns when this rank's part is done;
 * every rank must call the same ones in the same order, except for zps_comm_take()
 * and zps_comm_stop(), which any rank may call between begin and end of sharing. */
#ifndef ZPS_RUN_COMM_H
#define ZPS_RUN_COMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

typedef struct zps_comm zps_comm;

/** A share of the work: units [first, first + n). n = 0: there is no more. */
typedef struct zps_comm_share {
  uint64_t first, n;
  uint64_t n_handed; /* units handed out so far, to all ranks */
  bool stopped;      /* some rank asked to stop */
} zps_comm_share;

/** Non-zero once this rank should not wait for others any longer. */
typedef int (*zps_comm_hurry)(void *context);

/** What a kind of communicator provides; see the functions of the same names below. */
typedef struct zps_comm_kind {
  const char *name; /* "serial", ... */
  zps_status (*barrier)(zps_comm *comm, zps_error *error);
  zps_status (*broadcast)(zps_comm *comm, void *data, size_t size, zps_error *error);
  zps_status (*broadcast_on_node)(zps_comm *comm, void *data, size_t size, zps_error *error);
  zps_status (*sum)(zps_comm *comm, uint64_t *values, size_t n, zps_error *error);
  zps_status (*maximum)(zps_comm *comm, uint64_t *value, zps_error *error);
  zps_status (*begin_sharing)(zps_comm *comm, uint64_t n_units, zps_comm_hurry hurry, void *context, zps_error *error);
  zps_status (*take)(zps_comm *comm, uint64_t wanted, uint64_t least, zps_comm_share *share, zps_error *error);
  void (*stop)(zps_comm *comm);
  zps_status (*end_sharing)(zps_comm *comm, zps_error *error);
  void (*destroy)(zps_comm *comm);
} zps_comm_kind;

struct zps_comm {
  const zps_comm_kind *kind;
  int rank; /* 0 .. n_ranks - 1 */
  int n_ranks;
  int node_rank; /* among the ranks of this node, 0 .. n_node_ranks - 1 */
  int n_node_ranks;
  bool is_broken; /* rank 0 did not answer: nothing more can be agreed on */
  uint64_t n_takes;
  double take_s, longest_take_s; /* time zps_comm_take() took: all calls, the longest [s] */
  void *state;                   /* the kind's own */
};

/** Makes the communicator of a single process. Free with zps_comm_destroy(). */
zps_status zps_comm_create_serial(zps_comm **comm, zps_error *error);

/** Waits until all ranks are here. */
zps_status zps_comm_barrier(zps_comm *comm, zps_error *error);

/** Gives rank 0's data[size] to all ranks. */
zps_status zps_comm_broadcast(zps_comm *comm, void *data, size_t size, zps_error *error);

/** Gives the data[size] of the first rank of each node to the others of that node. */
zps_status zps_comm_broadcast_on_node(zps_comm *comm, void *data, size_t size, zps_error *error);

/** Adds values[n] over the ranks; rank 0 gets the sums, the others' values are undefined afterwards. */
zps_status zps_comm_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error);

/** Replaces *value on every rank by the largest over the ranks; used to agree on a status or a stop. */
zps_status zps_comm_maximum(zps_comm *comm, uint64_t *value, zps_error *error);

/** Makes n_units of work (the same on every rank) ready to be taken; needs nothing of other ranks. While they are
 *  shared, only take, stop and end may be called. hurry, NULL = never, is asked while rank 0 has not answered. */
zps_status zps_comm_begin_sharing(zps_comm *comm, uint64_t n_units, zps_comm_hurry hurry, void *context,
                                  zps_error *error);

/** Takes the next share: as many as wanted, fewer towards the end so that all ranks finish together but then at least
 *  `least`; a single rank gets all there is. Shares of one rank ascend. When hurry() holds and rank 0 stays silent the
 *  share is empty, stopped is true and the communicator broken. */
zps_status zps_comm_take(zps_comm *comm, uint64_t wanted, uint64_t least, zps_comm_share *share, zps_error *error);

/** From now on nobody gets a share. */
void zps_comm_stop(zps_comm *comm);

/** Rank 0 returns when all ranks are here, the others at once. */
zps_status zps_comm_end_sharing(zps_comm *comm, zps_error *error);

/** Every rank brings how it fared and gets the worst: any failure before ZPS_INTERRUPTED before ZPS_OK. Rank 0's error
 *  is then the one of the lowest rank that fared worst, with "rank N: " in front unless it is its own. */
zps_status zps_comm_agree(zps_comm *comm, zps_status status, zps_error *error);

void zps_comm_destroy(zps_comm *comm); /* NULL is fine */

#endif
