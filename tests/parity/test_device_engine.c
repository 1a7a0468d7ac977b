/* The device engine on the check device: the same rows as the CPU engine, whatever fails on the way; and a copy or a
 * zeroing left out does show (by other rows, or by the child that computes them crashing on what it finds). */
#include "host/run/device_engine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/engine_check.h"
#include "tests/parity/row_hash.h"
#include "tests/zps_test.h"

/* Two masses of the quick job, 3 tiles each, the last one short. */
#define N_EVENTS 2500
#define TILE_EVENTS 1000
#define N_TILES 6

typedef struct fixture {
  zps_job job;
  zps_plan plan;
  zps_tile tiles[N_TILES];
  size_t n_row;
  uint64_t *want; /* [N_TILES][n_row] of the CPU engine */
  uint64_t *got;
} fixture;

static int set_up(void **state) {
  fixture *const f = (fixture *)calloc(1, sizeof *f);
  const zps_mass_range masses = {1, 3};
  zps_error error = {ZPS_OK, ""};
  zps_engine *cpu = NULL;
  assert_non_null(f);
  assert_int_equal(zps_job_read("grids/quick.yaml", NULL, 0, &f->job, &error), ZPS_OK);
  assert_int_equal(zps_plan_build(&f->job, masses, 1, &f->plan, &error), ZPS_OK);
  f->n_row = zps_tally_size((uint32_t)f->plan.setup.n_triggers);
  assert_int_equal(row_hash_tiles(2, N_EVENTS, TILE_EVENTS, f->tiles), N_TILES);
  f->want = (uint64_t *)calloc(N_TILES * f->n_row, sizeof(uint64_t));
  f->got = (uint64_t *)calloc(N_TILES * f->n_row, sizeof(uint64_t));
  assert_non_null(f->want);
  assert_non_null(f->got);
  assert_int_equal(zps_engine_create("cpu", &f->plan.setup, NULL, &cpu, &error), ZPS_OK);
  assert_int_equal(zps_engine_run(cpu, f->tiles, N_TILES, f->want, &error), ZPS_OK);
  zps_engine_destroy(cpu);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *const f = (fixture *)*state;
  zps_plan_free(&f->plan);
  zps_job_free(&f->job);
  free(f->want);
  free(f->got);
  free(f);
  return 0;
}

static int rows_equal(const fixture *f) {
  return memcmp(f->want, f->got, N_TILES * f->n_row * sizeof(uint64_t)) == 0;
}

static zps_status run_check(fixture *f, const char *fault, char *trouble, size_t size, zps_error *error) {
  zps_device_engine *engine = NULL;
  zps_status status = zps_device_engine_create(&zps_device_check, fault, &f->plan.setup, NULL, &engine, error);
  if (status == ZPS_OK) {
    memset(f->got, 0x5a, N_TILES * f->n_row * sizeof(uint64_t));
    status = zps_device_engine_run(engine, f->tiles, N_TILES, f->got, error);
    (void)snprintf(trouble, size, "%s", zps_device_engine_trouble(engine));
  }
  zps_device_engine_destroy(engine);
  return status;
}

static void test_same_rows(void **state) {
  fixture *const f = (fixture *)*state;
  zps_error error = {ZPS_OK, ""};
  char trouble[512];
  assert_int_equal(run_check(f, NULL, trouble, sizeof trouble, &error), ZPS_OK);
  assert_true(rows_equal(f));
  assert_string_equal(trouble, "");
}

/* The two slots of the one device make 5 allocations each when they open and 2 in their first launch; any of them,
 * either opening and either launch may fail: the rows stay the same, and the trouble is told. */
static void test_faults(void **state) {
  fixture *const f = (fixture *)*state;
  static const char *const faults[] = {"open:0",     "open:1",      "allocate:0",  "allocate:3", "allocate:6",
                                       "allocate:9", "allocate:10", "allocate:11", "tile:0",     "tile:1"};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    zps_error error = {ZPS_OK, ""};
    char trouble[512] = "";
    print_message("fault %s\n", faults[i]);
    assert_int_equal(run_check(f, faults[i], trouble, sizeof trouble, &error), ZPS_OK);
    assert_true(rows_equal(f));
    assert_non_null(strstr(trouble, "injected fault"));
  }
}

/** A device whose every run fails. */
static int fail_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items, uint64_t *rows,
                    size_t row_size, char *message) {
  (void)device;
  (void)setup;
  (void)items;
  (void)n_items;
  (void)rows;
  (void)row_size;
  (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "the device fell off the bus");
  return -1;
}

static void test_all_devices_lost(void **state) {
  fixture *const f = (fixture *)*state;
  zps_device_api lost = zps_device_check;
  zps_device_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  lost.run = fail_run;
  assert_int_equal(zps_device_engine_create(&lost, NULL, &f->plan.setup, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_run(engine, f->tiles, N_TILES, f->got, &error), ZPS_OK);
  assert_true(rows_equal(f));
  assert_non_null(strstr(zps_device_engine_trouble(engine), "fell off the bus"));
  zps_device_engine_destroy(engine);
}

/** A device with room for the tables and little more: launches shrink, the rows stay the same. */
static int little_free(void *device, size_t *bytes, char *message) {
  (void)device;
  (void)message;
  *bytes = 1;
  return 0;
}

static void test_short_of_memory(void **state) {
  fixture *const f = (fixture *)*state;
  zps_device_api small = zps_device_check;
  zps_device_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  small.free_bytes = little_free;
  assert_int_equal(zps_device_engine_create(&small, NULL, &f->plan.setup, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_run(engine, f->tiles, N_TILES, f->got, &error), ZPS_OK);
  assert_true(rows_equal(f));
  zps_device_engine_destroy(engine);
}

/** What the program does when it is called with a fault: exit 0 if the rows are those of the CPU engine and
 *  nothing had to be worked around. */
static int run_as_child(const char *fault) {
  const struct rlimit no_core = {0, 0};
  void *state = NULL;
  char trouble[512];
  zps_error error = {ZPS_OK, ""};
  (void)setrlimit(RLIMIT_CORE, &no_core);
  (void)alarm(60);
  (void)set_up(&state);
  fixture *const f = (fixture *)state;
  const int fine = run_check(f, fault, trouble, sizeof trouble, &error) == ZPS_OK && rows_equal(f);
  return fine && trouble[0] == 0 ? 0 : 1;
}

/** 1 when a run with the fault, in a process of its own, gives the rows of the CPU engine. Threads do not survive a
 *  fork, so the child starts over. */
static int same_in_child(const char *fault) {
  const pid_t child = fork();
  if (child == 0) {
    (void)execl("/proc/self/exe", "test_device_engine", fault, (char *)NULL);
    _exit(2);
  }
  int status = 0;
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 2);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Each slot makes 5 uploads when it opens (matter, t shape, emission, field values, field map) and one of work items
 * per launch, and zeroes once per launch. A wrong result of one slot is enough to be seen. */
static void test_mutations(void **state) {
  char fault[32];
  (void)state;
  assert_true(same_in_child("upload:1000"));
  for (int i = 0; i < 12; i++) {
    (void)snprintf(fault, sizeof fault, "upload:%d", i);
    print_message("%s left out\n", fault);
    assert_false(same_in_child(fault));
  }
  assert_false(same_in_child("zero:0"));
}

static void test_bad_fault(void **state) {
  fixture *const f = (fixture *)*state;
  zps_error error = {ZPS_OK, ""};
  char trouble[512];
  assert_int_equal(run_check(f, "a word that is much too long:3", trouble, sizeof trouble, &error), ZPS_USAGE);
}

int main(int argc, char **argv) {
  if (argc == 2) {
    return run_as_child(argv[1]);
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_rows),       cmocka_unit_test(test_faults),    cmocka_unit_test(test_all_devices_lost),
      cmocka_unit_test(test_short_of_memory), cmocka_unit_test(test_mutations), cmocka_unit_test(test_bad_fault),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
