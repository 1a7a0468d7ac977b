/* With one rank every exchange is already finished. */
#include <stdlib.h>

#include "host/run/comm.h"
#include "host/run/handout.h"

static zps_status serial_barrier(zps_comm *comm, zps_error *error) {
  (void)comm;
  (void)error;
  return ZPS_OK;
}

static zps_status serial_broadcast(zps_comm *comm, void *data, size_t size, zps_error *error) {
  (void)comm;
  (void)data;
  (void)size;
  (void)error;
  return ZPS_OK;
}

static zps_status serial_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error) {
  (void)comm;
  (void)values;
  (void)n;
  (void)error;
  return ZPS_OK;
}

static zps_status serial_maximum(zps_comm *comm, uint64_t *value, zps_error *error) {
  (void)comm;
  (void)value;
  (void)error;
  return ZPS_OK;
}

static zps_status serial_begin_sharing(zps_comm *comm, uint64_t n_units, zps_comm_hurry hurry, void *context,
                                       zps_error *error) {
  (void)hurry;
  (void)context;
  (void)error;
  zps_handout_init((zps_handout *)comm->state, n_units, 1);
  return ZPS_OK;
}

static zps_status serial_take(zps_comm *comm, uint64_t wanted, uint64_t least, zps_comm_share *share,
                              zps_error *error) {
  (void)error;
  *share = zps_handout_take((zps_handout *)comm->state, wanted, least);
  return ZPS_OK;
}

static void serial_stop(zps_comm *comm) {
  ((zps_handout *)comm->state)->stopped = true;
}

static zps_status serial_end_sharing(zps_comm *comm, zps_error *error) {
  (void)comm;
  (void)error;
  return ZPS_OK;
}

static void serial_destroy(zps_comm *comm) {
  free(comm->state);
  free(comm);
}

static const zps_comm_kind serial = {
    .name = "serial",
    .barrier = serial_barrier,
    .broadcast = serial_broadcast,
    .broadcast_on_node = serial_broadcast,
    .sum = serial_sum,
    .maximum = serial_maximum,
    .begin_sharing = serial_begin_sharing,
    .take = serial_take,
    .stop = serial_stop,
    .end_sharing = serial_end_sharing,
    .destroy = serial_destroy,
};

zps_status zps_comm_create_serial(zps_comm **comm, zps_error *error) {
  zps_comm *made = (zps_comm *)malloc(sizeof *made);
  zps_handout *const handout = (zps_handout *)calloc(1, sizeof *handout);
  if (made == NULL || handout == NULL) {
    free(made);
    free(handout);
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a communicator");
  }
  *made = (zps_comm){.kind = &serial, .rank = 0, .n_ranks = 1, .node_rank = 0, .n_node_ranks = 1, .state = handout};
  *comm = made;
  return ZPS_OK;
}
