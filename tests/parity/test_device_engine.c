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
  assert_int_equal(zps_engine_run(cpu, f->tiles, N_TILES, f->want, NULL, &error), ZPS_OK);
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
    status = zps_device_engine_run(engine, f->tiles, N_TILES, f->got, NULL, error);
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

/* The first slot of the one device makes 5 allocations for the tables, which the second slot makes again if one fails;
 * each slot makes 2 in its first launch. Any of them, either opening and either launch may fail: the rows stay the
 * same, and the trouble is told. */
static void test_faults(void **state) {
  fixture *const f = (fixture *)*state;
  static const char *const faults[] = {"open:0",     "open:1",     "allocate:0", "allocate:3", "allocate:4",
                                       "allocate:5", "allocate:6", "tile:0",     "tile:1",     "lose:0"};
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
static int fail_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                    const zps_device_counts *counts, char *message) {
  (void)device;
  (void)setup;
  (void)items;
  (void)n_items;
  (void)counts;
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
  assert_int_equal(zps_device_engine_run(engine, f->tiles, N_TILES, f->got, NULL, &error), ZPS_OK);
  assert_true(rows_equal(f));
  assert_non_null(strstr(zps_device_engine_trouble(engine), "fell off the bus"));
  zps_device_engine_destroy(engine);
}

/* Events are wanted as the device makes them: no other engine takes its place. */
static void test_watched_device_lost(void **state) {
  fixture *const f = (fixture *)*state;
  zps_device_api lost = zps_device_check;
  zps_device_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  zps_event_end end;
  zps_plane_state planes[2];
  const zps_tile tile = {0, 0, 5, 1};
  const zps_trace trace = {5, 2, &end, planes};
  lost.run = fail_run;
  assert_int_equal(zps_device_engine_create(&lost, NULL, &f->plan.setup, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(zps_device_engine_trace(engine, &tile, &trace, &error), ZPS_UNAVAILABLE);
  assert_string_equal(error.text, "the device fell off the bus");
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
  assert_int_equal(zps_device_engine_run(engine, f->tiles, N_TILES, f->got, NULL, &error), ZPS_OK);
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

/* Opening makes 8 uploads per device (matter, t shape, emission, Moliere, straggling, steps, field values, field map),
 * each launch one of work items and one zeroing; there are two launches. A wrong result of one launch is enough to be
 * seen. */
static void test_mutations(void **state) {
  char fault[32];
  (void)state;
  assert_true(same_in_child("upload:1000"));
  for (int i = 0; i < 9; i++) {
    (void)snprintf(fault, sizeof fault, "upload:%d", i);
    print_message("%s left out\n", fault);
    assert_false(same_in_child(fault));
  }
  assert_false(same_in_child("zero:0"));
}

/** Three devices; each run is counted. */
#define N_DEVICES 3

static int runs_on[N_DEVICES];
static void *handles[2 * N_DEVICES];
static int handle_device[2 * N_DEVICES];
static int n_handles;

static int three_devices(char *message) {
  message[0] = '\0';
  return N_DEVICES;
}

static int open_counted(int i, void **device, char *message) {
  const int status = zps_device_check.open(i, device, message);
  if (status == 0 && n_handles < 2 * N_DEVICES) {
    handles[n_handles] = *device;
    handle_device[n_handles++] = i;
  }
  return status;
}

/** Waits for a while, so that no queue can take all tiles before the others have started. */
static int run_counted(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                       const zps_device_counts *counts, char *message) {
  for (int i = 0; i < n_handles; i++) {
    if (handles[i] == device) {
#pragma omp atomic
      runs_on[handle_device[i]]++;
    }
  }
  (void)usleep(200000);
  return zps_device_check.run(device, setup, items, n_items, counts, message);
}

static zps_status run_on_three(fixture *f, const char *fault, zps_device_api api, char *trouble, size_t size) {
  zps_device_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  memset(runs_on, 0, sizeof runs_on);
  memset(f->got, 0x5a, N_TILES * f->n_row * sizeof(uint64_t));
  n_handles = 0;
  api.count = three_devices;
  zps_status status = zps_device_engine_create(&api, fault, &f->plan.setup, NULL, &engine, &error);
  if (status == ZPS_OK) {
    assert_non_null(strstr(zps_device_engine_detail(engine), "3 devices"));
    status = zps_device_engine_run(engine, f->tiles, N_TILES, f->got, NULL, &error);
    (void)snprintf(trouble, size, "%s", zps_device_engine_trouble(engine));
  }
  zps_device_engine_destroy(engine);
  return status;
}

static zps_device_api counted_api(void) {
  zps_device_api api = zps_device_check;
  api.open = open_counted;
  api.run = run_counted;
  return api;
}

/** Six queues share six tiles: every device gets some. One device lost: the others do its tiles. All lost: the CPU. */
static void test_three_devices(void **state) {
  fixture *const f = (fixture *)*state;
  const zps_device_api api = counted_api();
  zps_device_api lost = api;
  char trouble[512] = "";
  assert_int_equal(run_on_three(f, NULL, api, trouble, sizeof trouble), ZPS_OK);
  assert_true(rows_equal(f));
  assert_string_equal(trouble, "");
  assert_true(runs_on[0] > 0 && runs_on[1] > 0 && runs_on[2] > 0);
  for (int i = 0; i < N_DEVICES; i++) {
    char fault[16];
    (void)snprintf(fault, sizeof fault, "lose:%d", i);
    assert_int_equal(run_on_three(f, fault, api, trouble, sizeof trouble), ZPS_OK);
    assert_true(rows_equal(f));
    assert_non_null(strstr(trouble, "injected fault"));
    assert_int_equal(runs_on[i], 0);
    assert_int_equal(runs_on[0] + runs_on[1] + runs_on[2], N_TILES);
  }
  lost.run = fail_run;
  assert_int_equal(run_on_three(f, NULL, lost, trouble, sizeof trouble), ZPS_OK);
  assert_true(rows_equal(f));
  assert_non_null(strstr(trouble, "fell off the bus"));
}

/** Tables handed to another device than the one they lie on: the check device refuses. */
static int run_elsewhere(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                         const zps_device_counts *counts, char *message) {
  (void)device;
  for (int i = 0; i < n_handles; i++) {
    if (handle_device[i] == N_DEVICES - 1) {
      return zps_device_check.run(handles[i], setup, items, n_items, counts, message);
    }
  }
  return -1;
}

static void test_wrong_device_is_seen(void **state) {
  fixture *const f = (fixture *)*state;
  zps_device_api api = counted_api();
  char trouble[512] = "";
  api.run = run_elsewhere;
  assert_int_equal(run_on_three(f, NULL, api, trouble, sizeof trouble), ZPS_OK);
  assert_true(rows_equal(f));
  assert_non_null(strstr(trouble, "buffer of another device"));
}

static size_t free_on_check(void) {
  char message[ZPS_DEVICE_MESSAGE_SIZE];
  void *device = NULL;
  size_t bytes = 0;
  assert_int_equal(zps_device_check.open(0, &device, message), 0);
  assert_int_equal(zps_device_check.free_bytes(device, &bytes, message), 0);
  zps_device_check.close(device);
  return bytes;
}

/** The memory of a device is all there again afterwards, and an open engine takes its tables once, not per queue. */
static void test_tables_once(void **state) {
  const fixture *const f = (const fixture *)*state;
  const zps_setup *const s = &f->plan.setup;
  zps_device_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  size_t want = ((size_t)s->n_matter * sizeof *s->matter) + sizeof *s->t_shape +
                ((size_t)s->n_masses * sizeof *s->emission) + ((size_t)s->n_maps * sizeof *s->maps) +
                ((size_t)s->n_matter * (sizeof *s->moliere + sizeof *s->straggling)) +
                ((size_t)s->n_steps * sizeof *s->steps);
  for (int i = 0; i < s->n_maps; i++) {
    want += (size_t)s->maps[i].n_x * (size_t)s->maps[i].n_y * (size_t)s->maps[i].n_z * 4 * sizeof(float);
  }
  const size_t before = free_on_check();
  assert_int_equal(zps_device_engine_create(&zps_device_check, NULL, s, NULL, &engine, &error), ZPS_OK);
  assert_int_equal(before - free_on_check(), want);
  zps_device_engine_destroy(engine);
  assert_int_equal(free_on_check(), before);
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
      cmocka_unit_test(test_same_rows),        cmocka_unit_test(test_faults),
      cmocka_unit_test(test_all_devices_lost), cmocka_unit_test(test_short_of_memory),
      cmocka_unit_test(test_mutations),        cmocka_unit_test(test_bad_fault),
      cmocka_unit_test(test_three_devices),    cmocka_unit_test(test_wrong_device_is_seen),
      cmocka_unit_test(test_tables_once),      cmocka_unit_test(test_watched_device_lost),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
