#include "host/run/comm.h"

zps_status zps_comm_barrier(zps_comm *comm, zps_error *error) {
  return comm->kind->barrier(comm, error);
}

zps_status zps_comm_broadcast(zps_comm *comm, void *data, size_t size, zps_error *error) {
  return comm->kind->broadcast(comm, data, size, error);
}

zps_status zps_comm_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error) {
  return comm->kind->sum(comm, values, n, error);
}

zps_status zps_comm_maximum(zps_comm *comm, uint64_t *value, zps_error *error) {
  return comm->kind->maximum(comm, value, error);
}

void zps_comm_destroy(zps_comm *comm) {
  if (comm != NULL) {
    comm->kind->destroy(comm);
  }
}
