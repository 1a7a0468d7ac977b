/* What ranks cost each other, without any physics: handing out work and summing up tallies.
 *   mpirun -np N zps_bench_ranks
 * Rank 0 prints one JSON object. bench/scaling.py runs it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/run/comm.h"
#include "host/run/comm_launch.h"

#define TAKES_PER_RANK 500
#define REPEATS 5
#define LARGEST_SUM ((size_t)1 << 22)

static double clock_s(clockid_t id) {
  struct timespec time;
  (void)clock_gettime(id, &time);
  return (double)time.tv_sec + (1e-9 * (double)time.tv_nsec);
}

/** Time of something on this rank [s]: by the wall and by the processor. */
typedef struct cost {
  double wall_s, cpu_s;
} cost;

static cost now(void) {
  return (cost){clock_s(CLOCK_MONOTONIC), clock_s(CLOCK_PROCESS_CPUTIME_ID)};
}

static cost since(cost start) {
  const cost end = now();
  return (cost){end.wall_s - start.wall_s, end.cpu_s - start.cpu_s};
}

/* Rank 0 takes nothing, so all of its time is that of the answers. */
static zps_status hand_out(zps_comm *comm, cost *spent, zps_error *error) {
  const uint64_t n_units = (uint64_t)TAKES_PER_RANK * (uint64_t)(comm->n_ranks - 1);
  zps_comm_share share = {.n = 1};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_comm_barrier(comm, error));
  const cost start = now();
  ZPS_TRY(zps_comm_begin_sharing(comm, n_units, NULL, NULL, error));
  while (comm->rank > 0 && share.n > 0) {
    ZPS_TRY(zps_comm_take(comm, 1, 1, &share, error));
  }
  ZPS_TRY(zps_comm_end_sharing(comm, error));
  *spent = since(start);
done:
  return status;
}

/* The fastest of some: other work on the machine only adds. */
static zps_status sum_up(zps_comm *comm, uint64_t *values, size_t n, cost *best, zps_error *error) {
  zps_status status = ZPS_OK;
  *best = (cost){1e9, 1e9};
  for (int i = 0; i < REPEATS; i++) {
    ZPS_TRY(zps_comm_barrier(comm, error));
    const cost start = now();
    ZPS_TRY(zps_comm_sum(comm, values, n, error));
    const cost spent = since(start);
    best->wall_s = spent.wall_s < best->wall_s ? spent.wall_s : best->wall_s;
    best->cpu_s = spent.cpu_s < best->cpu_s ? spent.cpu_s : best->cpu_s;
  }
done:
  return status;
}

static zps_status bench_sums(zps_comm *comm, zps_error *error) {
  zps_status status = ZPS_OK;
  uint64_t *const values = (uint64_t *)calloc(LARGEST_SUM, sizeof *values);
  if (values == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu values", LARGEST_SUM);
  }
  for (size_t n = 1024; n <= LARGEST_SUM; n *= 16) {
    cost best;
    ZPS_TRY(sum_up(comm, values, n, &best, error));
    if (comm->rank == 0) {
      (void)printf("%s{\"words\": %zu, \"wall_s\": %.3g, \"cpu_s\": %.3g}", n > 1024 ? ", " : "", n, best.wall_s,
                   best.cpu_s);
    }
  }
done:
  free(values);
  return status;
}

static zps_status bench(zps_comm *comm, zps_error *error) {
  cost spent = {0.0, 0.0};
  zps_status status = ZPS_OK;
  ZPS_TRY(hand_out(comm, &spent, error));
  if (comm->rank == 0) {
    (void)printf("{\"ranks\": %d, \"takes\": %d, \"wall_s\": %.4g, \"cpu_s\": %.4g, \"sums\": [", comm->n_ranks,
                 TAKES_PER_RANK * (comm->n_ranks - 1), spent.wall_s, spent.cpu_s);
  }
  ZPS_TRY(bench_sums(comm, error));
  if (comm->rank == 0) {
    (void)printf("]}\n");
  }
done:
  return status;
}

int main(void) {
  zps_comm *comm = NULL;
  zps_error error = {ZPS_OK, ""};
  zps_status status = zps_comm_open(&comm, &error);
  if (status == ZPS_OK) {
    status = bench(comm, &error);
  }
  if (status != ZPS_OK) {
    (void)fprintf(stderr, "zps_bench_ranks: %s\n", error.text);
  }
  zps_comm_destroy(comm);
  return status == ZPS_OK ? 0 : 1;
}
