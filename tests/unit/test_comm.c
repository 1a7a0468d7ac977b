/* The law of handing out: every unit goes to one rank, once, in order, whoever asks in whatever order for however
 * much. Ranks of MPI are tested in tests/mpi. */
#include <stdlib.h>
#include <string.h>

#include "host/run/comm_launch.h"
#include "host/run/handout.h"
#include "tests/zps_test.h"

#define LEAST 10

static uint64_t next_random(uint64_t *state) {
  *state = (*state * 6364136223846793005u) + 1442695040888963407u;
  return *state >> 33;
}

static void test_every_unit_is_handed_out_once(void **unused) {
  (void)unused;
  static const uint64_t sizes[] = {0, 1, 7, 1000, 123457, (uint64_t)1 << 60};
  uint64_t random = 1;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    for (int n_ranks = 1; n_ranks <= 5; n_ranks++) {
      zps_handout handout;
      uint64_t next = 0;
      uint64_t n_shares = 0;
      zps_handout_init(&handout, sizes[i], n_ranks);
      for (;;) {
        const uint64_t wanted = LEAST + (next_random(&random) % 1000) + (sizes[i] / 100);
        const zps_comm_share share = zps_handout_take(&handout, wanted, LEAST);
        if (share.n == 0) {
          break;
        }
        assert_int_equal(share.first, next);
        assert_true(n_ranks == 1 || share.n <= wanted);
        next += share.n;
        assert_true(share.n >= LEAST || next == sizes[i]);
        assert_int_equal(share.n_handed, next);
        n_shares++;
      }
      assert_int_equal(next, sizes[i]);
      assert_true(n_ranks > 1 || n_shares == (sizes[i] > 0));
    }
  }
}

/* While more than twice `wanted` is left per rank a share is whole; the last ones leave nobody more than half of what a
 * rank has on average, so ranks of one speed end within one small share. */
static void test_shares_shrink_towards_the_end(void **unused) {
  (void)unused;
  zps_handout handout;
  zps_handout_init(&handout, 100000, 4);
  for (uint64_t rest = 100000; rest > 0;) {
    const zps_comm_share share = zps_handout_take(&handout, 2000, LEAST);
    assert_true(rest < 16000 || share.n == 2000);
    assert_true(share.n <= LEAST || share.n <= rest / 8 || rest < LEAST);
    rest -= share.n;
  }
}

static void test_nothing_is_handed_out_after_a_stop(void **unused) {
  (void)unused;
  zps_comm *comm = NULL;
  zps_comm_share share;
  assert_int_equal(zps_comm_create_serial(&comm, NULL), ZPS_OK);
  assert_int_equal(zps_comm_begin_sharing(comm, 5, NULL, NULL, NULL), ZPS_OK);
  assert_int_equal(zps_comm_take(comm, 1, 1, &share, NULL), ZPS_OK);
  assert_int_equal(share.n, 5);
  assert_false(share.stopped);
  assert_int_equal(zps_comm_end_sharing(comm, NULL), ZPS_OK);
  assert_int_equal(zps_comm_begin_sharing(comm, 5, NULL, NULL, NULL), ZPS_OK);
  zps_comm_stop(comm);
  assert_int_equal(zps_comm_take(comm, 1, 1, &share, NULL), ZPS_OK);
  assert_int_equal(share.n, 0);
  assert_true(share.stopped);
  assert_int_equal(comm->n_takes, 2);
  zps_comm_destroy(comm);
}

/* Stands in for three ranks of which this is rank 0 and another, or nobody, fares worse. */
static uint64_t worst_of_others;
static const char *text_of_others;

static zps_status fake_maximum(zps_comm *comm, uint64_t *value, zps_error *error) {
  (void)comm;
  (void)error;
  *value = worst_of_others > *value ? worst_of_others : *value;
  return ZPS_OK;
}

static zps_status fake_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error) {
  (void)comm;
  (void)error;
  assert_int_equal(n * sizeof *values, ZPS_ERROR_TEXT_SIZE);
  (void)snprintf((char *)values, ZPS_ERROR_TEXT_SIZE, "%s", text_of_others);
  return ZPS_OK;
}

/* As zps_comm_agree() packs it: severity, rank, status. */
static uint64_t packed(uint64_t severity, uint32_t rank, zps_status status) {
  return (severity << 40) | ((UINT32_MAX - (uint64_t)rank) << 8) | (uint64_t)status;
}

static void test_ranks_agree_on_the_worst(void **unused) {
  (void)unused;
  const zps_comm_kind kind = {.name = "fake", .sum = fake_sum, .maximum = fake_maximum};
  zps_comm comm = {.kind = &kind, .rank = 0, .n_ranks = 3};
  zps_error error = {ZPS_OK, ""};
  worst_of_others = packed(0, 1, ZPS_OK);
  assert_int_equal(zps_comm_agree(&comm, ZPS_OK, &error), ZPS_OK);
  assert_int_equal(error.status, ZPS_OK);
  worst_of_others = packed(2, 2, ZPS_IO);
  text_of_others = "disk full";
  assert_int_equal(zps_comm_agree(&comm, ZPS_OK, &error), ZPS_IO);
  assert_string_equal(error.text, "rank 2: disk full");
  /* A stop of our own is the consequence of the other's failure: that one is told. */
  error = (zps_error){ZPS_OK, ""};
  (void)zps_error_set(&error, ZPS_INTERRUPTED, "interrupted");
  assert_int_equal(zps_comm_agree(&comm, ZPS_INTERRUPTED, &error), ZPS_IO);
  assert_string_equal(error.text, "rank 2: disk full");
  /* Of two failures the lowest rank's. */
  error = (zps_error){ZPS_OK, ""};
  (void)zps_error_set(&error, ZPS_MEMORY, "out of memory");
  assert_int_equal(zps_comm_agree(&comm, ZPS_MEMORY, &error), ZPS_MEMORY);
  assert_string_equal(error.text, "out of memory");
  worst_of_others = packed(1, 1, ZPS_INTERRUPTED);
  assert_int_equal(zps_comm_agree(&comm, ZPS_MEMORY, &error), ZPS_MEMORY);
}

static void clear_environment(void) {
  static const char *const names[] = {"ZPS_COMM", "ZPS_MPI_PLUGIN", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                      "SLURM_STEP_NUM_TASKS"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    (void)unsetenv(names[i]);
  }
}

static void assert_opens_serial(void) {
  zps_comm *comm = NULL;
  assert_int_equal(zps_comm_open(&comm, NULL), ZPS_OK);
  assert_string_equal(comm->kind->name, "serial");
  zps_comm_destroy(comm);
}

static void test_a_plain_run_needs_no_mpi(void **unused) {
  (void)unused;
  clear_environment();
  (void)setenv("ZPS_MPI_PLUGIN", "/nowhere", 1);
  assert_opens_serial();
  (void)setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
  assert_opens_serial();
  (void)setenv("OMPI_COMM_WORLD_SIZE", "nonsense", 1);
  assert_opens_serial();
  (void)setenv("OMPI_COMM_WORLD_SIZE", "4", 1);
  (void)setenv("ZPS_COMM", "serial", 1);
  assert_opens_serial();
  clear_environment();
}

static void test_a_launcher_without_plugin_is_refused(void **unused) {
  (void)unused;
  static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
    zps_comm *comm = NULL;
    zps_error error = {ZPS_OK, ""};
    clear_environment();
    (void)setenv("ZPS_MPI_PLUGIN", "/nowhere", 1);
    (void)setenv(variables[i], "4", 1);
    assert_int_equal(zps_comm_open(&comm, &error), ZPS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "one of 4 ranks"));
    assert_non_null(strstr(error.text, variables[i]));
    assert_null(comm);
    error = (zps_error){ZPS_OK, ""};
    /* Readable, but no plugin. */
    (void)setenv("ZPS_MPI_PLUGIN", "CMakeLists.txt", 1);
    assert_int_equal(zps_comm_open(&comm, &error), ZPS_UNAVAILABLE);
    (void)setenv("ZPS_COMM", "both", 1);
    assert_int_equal(zps_comm_open(&comm, NULL), ZPS_USAGE);
  }
  clear_environment();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_unit_is_handed_out_once),
      cmocka_unit_test(test_shares_shrink_towards_the_end),
      cmocka_unit_test(test_nothing_is_handed_out_after_a_stop),
      cmocka_unit_test(test_ranks_agree_on_the_worst),
      cmocka_unit_test(test_a_plain_run_needs_no_mpi),
      cmocka_unit_test(test_a_launcher_without_plugin_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
