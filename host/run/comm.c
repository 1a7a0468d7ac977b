#include "host/run/comm.h"

#include <string.h>
#include <time.h>

static double monotonic_s(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (1e-9 * (double)time.tv_nsec);
}

zps_status zps_comm_barrier(zps_comm *comm, zps_error *error) {
  return comm->kind->barrier(comm, error);
}

zps_status zps_comm_broadcast(zps_comm *comm, void *data, size_t size, zps_error *error) {
  return comm->kind->broadcast(comm, data, size, error);
}

zps_status zps_comm_broadcast_on_node(zps_comm *comm, void *data, size_t size, zps_error *error) {
  return comm->kind->broadcast_on_node(comm, data, size, error);
}

zps_status zps_comm_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error) {
  return comm->kind->sum(comm, values, n, error);
}

zps_status zps_comm_maximum(zps_comm *comm, uint64_t *value, zps_error *error) {
  return comm->kind->maximum(comm, value, error);
}

zps_status zps_comm_begin_sharing(zps_comm *comm, uint64_t n_units, zps_comm_hurry hurry, void *context,
                                  zps_error *error) {
  return comm->kind->begin_sharing(comm, n_units, hurry, context, error);
}

zps_status zps_comm_take(zps_comm *comm, uint64_t wanted, uint64_t least, zps_comm_share *share, zps_error *error) {
  const double before_s = monotonic_s();
  *share = (zps_comm_share){.n = 0, .stopped = true};
  const zps_status status = comm->kind->take(comm, wanted, least, share, error);
  const double took_s = monotonic_s() - before_s;
  comm->n_takes++;
  comm->take_s += took_s;
  comm->longest_take_s = took_s > comm->longest_take_s ? took_s : comm->longest_take_s;
  return status;
}

void zps_comm_stop(zps_comm *comm) {
  comm->kind->stop(comm);
}

zps_status zps_comm_end_sharing(zps_comm *comm, zps_error *error) {
  return comm->kind->end_sharing(comm, error);
}

static uint64_t severity(zps_status status) {
  return status == ZPS_OK ? 0 : status == ZPS_INTERRUPTED ? 1 : 2;
}

/* Only rank `from` adds anything but zeros: the sum on rank 0 is its text. */
static zps_status send_text(zps_comm *comm, int from, char text[ZPS_ERROR_TEXT_SIZE], zps_error *error) {
  uint64_t words[ZPS_ERROR_TEXT_SIZE / sizeof(uint64_t)] = {0};
  if (comm->rank == from) {
    memcpy(words, text, ZPS_ERROR_TEXT_SIZE);
  }
  const zps_status status = zps_comm_sum(comm, words, sizeof words / sizeof words[0], error);
  if (status == ZPS_OK && comm->rank == 0) {
    memcpy(text, words, ZPS_ERROR_TEXT_SIZE);
    text[ZPS_ERROR_TEXT_SIZE - 1] = '\0';
  }
  return status;
}

zps_status zps_comm_agree(zps_comm *comm, zps_status status, zps_error *error) {
  /* The worst first, then the lowest rank. */
  uint64_t worst = (severity(status) << 40) | ((UINT32_MAX - (uint64_t)comm->rank) << 8) | (uint64_t)status;
  char text[ZPS_ERROR_TEXT_SIZE] = "";
  zps_error trouble = {ZPS_OK, ""};
  if (comm->n_ranks == 1) {
    return status;
  }
  if (zps_comm_maximum(comm, &worst, &trouble) != ZPS_OK) {
    return status != ZPS_OK ? status : zps_error_set(error, trouble.status, "%s", trouble.text);
  }
  const int from = (int)(UINT32_MAX - ((worst >> 8) & UINT32_MAX));
  const zps_status agreed = (zps_status)(worst & 0xff);
  if (agreed == ZPS_OK || from == 0) {
    return agreed;
  }
  if (error != NULL && comm->rank == from) {
    memcpy(text, error->text, sizeof text);
  }
  if (send_text(comm, from, text, &trouble) == ZPS_OK && comm->rank == 0 && error != NULL) {
    *error = (zps_error){ZPS_OK, ""};
    (void)zps_error_set(error, agreed, "rank %d: %.*s", from, ZPS_ERROR_TEXT_SIZE - 32, text);
  }
  return agreed;
}

void zps_comm_destroy(zps_comm *comm) {
  if (comm != NULL) {
    comm->kind->destroy(comm);
  }
}
