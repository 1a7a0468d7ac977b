/* The communicator: what the ranks of a run say to each other.
 *
 * A plain run uses the serial one, a "null communicator" of one rank, so the run
 * has no special case for it. Each function returns when this rank's part is done;
 * every rank must call the same ones in the same order. */
#ifndef ZPS_RUN_COMM_H
#define ZPS_RUN_COMM_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

typedef struct zps_comm zps_comm;

/** What a kind of communicator provides; see the functions of the same names below. */
typedef struct zps_comm_kind {
  const char *name; /* "serial", ... */
  zps_status (*barrier)(zps_comm *comm, zps_error *error);
  zps_status (*broadcast)(zps_comm *comm, void *data, size_t size, zps_error *error);
  zps_status (*sum)(zps_comm *comm, uint64_t *values, size_t n, zps_error *error);
  zps_status (*maximum)(zps_comm *comm, uint64_t *value, zps_error *error);
  void (*destroy)(zps_comm *comm);
} zps_comm_kind;

struct zps_comm {
  const zps_comm_kind *kind;
  int rank; /* 0 .. n_ranks - 1 */
  int n_ranks;
  void *state; /* the kind's own */
};

/** Makes the communicator of a single process. Free with zps_comm_destroy(). */
zps_status zps_comm_create_serial(zps_comm **comm, zps_error *error);

/** Waits until all ranks are here. */
zps_status zps_comm_barrier(zps_comm *comm, zps_error *error);

/** Gives rank 0's data[size] to all ranks. */
zps_status zps_comm_broadcast(zps_comm *comm, void *data, size_t size, zps_error *error);

/** Adds values[n] over the ranks; rank 0 gets the sums, the others' values are undefined afterwards. */
zps_status zps_comm_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error);

/** Replaces *value on every rank by the largest over the ranks; used to agree on a status or a stop. */
zps_status zps_comm_maximum(zps_comm *comm, uint64_t *value, zps_error *error);

void zps_comm_destroy(zps_comm *comm); /* NULL is fine */

#endif
