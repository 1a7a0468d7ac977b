/* The law: the first rank of a node builds the tables and the others read them where they are; one that cannot, or has
 * another job, builds its own. Ranks are a process and its child, and a pipe between them. */
#include "host/run/node_plan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/zps_test.h"

static int ends[2]; /* of the pipe: to read, to write */
static bool hides;  /* what the first rank offers is not to be seen from the other */

static zps_status send_or_receive(zps_comm *comm, void *data, size_t size, zps_error *error) {
  if (comm->node_rank == 0) {
    return write(ends[1], data, size) == (ssize_t)size ? ZPS_OK : zps_error_set(error, ZPS_FAILURE, "pipe");
  }
  if (read(ends[0], data, size) != (ssize_t)size) {
    return zps_error_set(error, ZPS_FAILURE, "pipe");
  }
  if (hides) {
    ((zps_node_address *)data)->inode++; /* the address comes first */
  }
  return ZPS_OK;
}

static const zps_comm_kind by_pipe = {.name = "pipe", .broadcast_on_node = send_or_receive};

/** What a rank found. */
typedef struct outcome {
  zps_status status;
  bool built, is_shared, has_plan;
  zps_status trouble;
  char table_hash[ZPS_HASH_SIZE];
} outcome;

static outcome build(int node_rank, const char *setting, zps_plan *plan, zps_job *job) {
  zps_comm comm = {.kind = &by_pipe, .rank = node_rank, .n_ranks = 2, .node_rank = node_rank, .n_node_ranks = 2};
  zps_error error = {ZPS_OK, ""};
  zps_error trouble = {ZPS_OK, ""};
  outcome found;
  memset(&found, 0, sizeof found);
  found.status = zps_job_read("grids/quick.yaml", &setting, 1, job, &error);
  if (found.status == ZPS_OK) {
    found.status = zps_node_plan_build(&comm, job, (zps_mass_range){5, 6}, 1, plan, &found.built, &trouble, &error);
    found.trouble = trouble.status;
    found.is_shared = plan->shared.bytes != NULL;
    found.has_plan = plan->n_mass > 0;
    memcpy(found.table_hash, plan->table_hash, sizeof found.table_hash);
  }
  return found;
}

/* Both ranks; the first keeps its plan until the other is through. */
static void build_both(const char *setting, const char *other_setting, outcome *first, outcome *other) {
  int back[2];
  int exit_status = -1;
  zps_job job;
  zps_plan plan;
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(pipe(back), 0);
  const pid_t child = fork();
  if (child == 0) {
    const outcome found = build(1, other_setting, &plan, &job);
    const bool sent = write(back[1], &found, sizeof found) == (ssize_t)sizeof found;
    zps_plan_free(&plan);
    zps_job_free(&job);
    _exit(sent ? 0 : 1);
  }
  *first = build(0, setting, &plan, &job);
  assert_int_equal(read(back[0], other, sizeof *other), sizeof *other);
  assert_int_equal(waitpid(child, &exit_status, 0), child);
  assert_int_equal(exit_status, 0);
  zps_plan_free(&plan);
  zps_job_free(&job);
  for (int i = 0; i < 2; i++) {
    (void)close(ends[i]);
    (void)close(back[i]);
  }
}

static void test_tables_are_built_once(void **unused) {
  (void)unused;
  outcome first;
  outcome other;
  hides = false;
  /* Sizes and numbers of events are no part of the tables. */
  build_both("run.tile_events=500", "events_per_mass=17", &first, &other);
  assert_int_equal(first.status, ZPS_OK);
  assert_int_equal(other.status, ZPS_OK);
  assert_true(first.built && !other.built);
  assert_true(first.is_shared && other.is_shared);
  assert_int_equal(other.trouble, ZPS_OK);
  assert_string_equal(first.table_hash, other.table_hash);
}

static void test_another_job_builds_its_own(void **unused) {
  (void)unused;
  outcome first;
  outcome other;
  hides = false;
  build_both("seed=1", "matter.loss=mean", &first, &other);
  assert_int_equal(other.status, ZPS_OK);
  assert_true(first.built && other.built && !other.is_shared);
  assert_string_not_equal(first.table_hash, other.table_hash);
}

static void test_what_cannot_be_seen_is_built_again(void **unused) {
  (void)unused;
  outcome first;
  outcome other;
  hides = true;
  build_both("seed=1", "seed=1", &first, &other);
  assert_int_equal(other.status, ZPS_OK);
  assert_true(first.built && other.built && !other.is_shared);
  assert_int_equal(other.trouble, ZPS_UNAVAILABLE);
  assert_string_equal(first.table_hash, other.table_hash);
}

static void test_failure_of_the_first_rank(void **unused) {
  (void)unused;
  outcome first;
  outcome other;
  hides = false;
  build_both("process.x_min=0.999", "process.x_min=0.999", &first, &other);
  assert_int_equal(first.status, ZPS_INVALID);
  assert_int_equal(other.status, ZPS_OK);
  assert_true(!first.has_plan && !other.has_plan && !other.built);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tables_are_built_once),
      cmocka_unit_test(test_another_job_builds_its_own),
      cmocka_unit_test(test_what_cannot_be_seen_is_built_again),
      cmocka_unit_test(test_failure_of_the_first_rank),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
