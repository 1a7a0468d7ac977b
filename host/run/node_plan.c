#include "host/run/node_plan.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/hash.h"
#include "host/run/plan_image.h"

/** What the first rank of a node tells the others; its bytes are sent. */
typedef struct offer {
  zps_node_address address; /* zeros: nothing is shared */
  uint64_t failed;          /* the first rank has no plan */
  char job[ZPS_HASH_SIZE];  /* job_of() the plan */
} offer;

/* What makes plans equal: the job, the masses, and which files are read, as two ranks may name different ones. */
static zps_status job_of(const zps_job *job, zps_mass_range masses, char text[ZPS_HASH_SIZE], zps_error *error) {
  const uint64_t range[] = {masses.first, masses.end};
  char *identity = NULL;
  zps_hash *hash = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plan_identity_text(job, &identity, error));
  ZPS_TRY(zps_hash_create(&hash, error));
  zps_hash_bytes(hash, range, sizeof range);
  zps_hash_bytes(hash, identity, strlen(identity) + 1);
  zps_hash_bytes(hash, job->beam.file, strlen(job->beam.file) + 1);
  for (size_t i = 0; i < job->n_elements; i++) {
    zps_hash_bytes(hash, job->elements[i].field.map, strlen(job->elements[i].field.map) + 1);
  }
  zps_hash_finish(hash, text);
done:
  zps_hash_destroy(hash);
  free(identity);
  return status;
}

/* The first rank's plan moves into the memory too, so that a node has one copy. Without such memory it stays as it is.
 */
static void offer_plan(zps_plan *plan, offer *made, zps_error *trouble) {
  zps_node_memory memory = {NULL, 0, -1};
  zps_plan shared;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plan_image_create(plan, &memory, trouble));
  ZPS_TRY(zps_plan_image_open(plan->job, &memory, &shared, trouble));
  zps_plan_free(plan);
  *plan = shared;
  status = zps_node_memory_address(&plan->shared, &made->address, trouble);
done:
  zps_node_memory_close(&memory);
  (void)status;
}

static zps_status accept_plan(const zps_job *job, const offer *made, zps_plan *plan, zps_error *trouble) {
  zps_node_memory memory = {NULL, 0, -1};
  zps_status status = ZPS_OK;
  if (made->address.size == 0) {
    return ZPS_UNAVAILABLE; /* the first rank says why */
  }
  ZPS_TRY(zps_node_memory_open(&made->address, &memory, trouble));
  status = zps_plan_image_open(job, &memory, plan, trouble);
done:
  zps_node_memory_close(&memory);
  return status;
}

static zps_status build_first(zps_comm *comm, const zps_job *job, zps_mass_range masses, int n_threads, offer *made,
                              zps_plan *plan, zps_error *trouble, zps_error *error) {
  zps_status status = zps_plan_build(job, masses, n_threads, plan, error);
  made->failed = status == ZPS_OK ? 0 : 1;
  if (status == ZPS_OK) {
    offer_plan(plan, made, trouble);
  }
  const zps_status sent = zps_comm_broadcast_on_node(comm, made, sizeof *made, status == ZPS_OK ? error : NULL);
  return status == ZPS_OK ? sent : status;
}

static zps_status build_other(zps_comm *comm, const zps_job *job, zps_mass_range masses, int n_threads,
                              const offer *mine, zps_plan *plan, bool *built, zps_error *trouble, zps_error *error) {
  offer theirs;
  zps_status status = zps_comm_broadcast_on_node(comm, &theirs, sizeof theirs, error);
  if (status != ZPS_OK || theirs.failed != 0) {
    return status;
  }
  *built = strcmp(theirs.job, mine->job) != 0 || accept_plan(job, &theirs, plan, trouble) != ZPS_OK;
  return *built ? zps_plan_build(job, masses, n_threads, plan, error) : ZPS_OK;
}

zps_status zps_node_plan_build(zps_comm *comm, const zps_job *job, zps_mass_range masses, int n_threads, zps_plan *plan,
                               bool *built, zps_error *trouble, zps_error *error) {
  offer mine;
  memset(&mine, 0, sizeof mine);
  memset(plan, 0, sizeof *plan);
  *trouble = (zps_error){ZPS_OK, ""};
  *built = comm->node_rank == 0;
  if (comm->n_node_ranks == 1) {
    return zps_plan_build(job, masses, n_threads, plan, error);
  }
  const zps_status status = job_of(job, masses, mine.job, error);
  mine.failed = status == ZPS_OK ? 0 : 1;
  if (status != ZPS_OK) {
    /* The others of the node wait for a word, or send one. */
    (void)zps_comm_broadcast_on_node(comm, &mine, sizeof mine, NULL);
    return status;
  }
  return comm->node_rank == 0 ? build_first(comm, job, masses, n_threads, &mine, plan, trouble, error)
                              : build_other(comm, job, masses, n_threads, &mine, plan, built, trouble, error);
}
