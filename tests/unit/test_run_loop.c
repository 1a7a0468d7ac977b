/* The law: the totals are the sums over all events, each once, whatever the tile size,
 * the batch sizes, the number of interruptions and the way a run was interrupted. */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/run/comm.h"
#include "host/run/journal_index.h"
#include "host/run/journal_list.h"
#include "host/run/run_loop.h"
#include "tests/zps_test.h"

#define I_MASS_FIRST 2
#define N_MASS 3
#define N_GRID 8
#define ROW_SIZE 5
#define SURFACE_SIZE 11
#define N_EVENTS 20000
#define PATH_SIZE 256
#define NOBODY 65534

/* Stands in for the real engine: the type is opaque to the loop. */
struct zps_engine {
  double seconds_per_event; /* on the fake clock, or slept */
  bool sleeps;
  double clock_s;
  uint64_t n_calls;
  uint64_t fails_at_call; /* 0 = never */
  double longest_s, last_s;
  uint64_t largest_tile;
  size_t n_tiles_first; /* in the first call */
  bool stop;
  uint64_t stops_at_call; /* 0 = never */
  uint64_t asks_at_call;  /* for a flush; 0 = never */
  uint64_t n_flushes;
  double last_flush_s, longest_unflushed_s;
  zps_run_event last_event;
};

typedef struct place {
  char directory[PATH_SIZE];
  char output[PATH_SIZE + 16];
  char journal[PATH_SIZE + 32];
} place;

typedef struct totals {
  zps_range_set done[N_MASS];
  uint64_t tallies[N_MASS * ROW_SIZE];
} totals;

static uint64_t entry(uint32_t i_mass, uint64_t event, uint32_t i) {
  const uint64_t mixed = ((event + (uint64_t)i_mass * 1000003u) * 0x9e3779b97f4a7c15u) >> 60;
  return i == 0 ? 1 : (i == 4 ? 0 : mixed % (i + 2));
}

static void pass_time(zps_engine *engine, uint64_t n_events) {
  engine->last_s = (double)n_events * engine->seconds_per_event;
  engine->longest_s = engine->last_s > engine->longest_s ? engine->last_s : engine->longest_s;
  engine->clock_s += engine->last_s;
  if (engine->sleeps) {
    const struct timespec time = {.tv_sec = 0, .tv_nsec = (long)(1e9 * engine->last_s)};
    (void)nanosleep(&time, NULL);
  }
}

/* A surface is of one unbroken range of one mass. */
static void fill_surface(const zps_tile *tiles, size_t n_tiles, uint64_t *surface) {
  if (surface == NULL) {
    return;
  }
  memset(surface, 0, SURFACE_SIZE * sizeof *surface);
  for (size_t i_tile = 0; i_tile < n_tiles; i_tile++) {
    const zps_tile tile = tiles[i_tile];
    assert_int_equal(tile.i_mass, tiles[0].i_mass);
    assert_true(i_tile == 0 || tile.first == tiles[i_tile - 1].first + tiles[i_tile - 1].n);
    for (uint64_t event = tile.first; event < tile.first + tile.n; event++) {
      surface[event % SURFACE_SIZE] += entry(tile.i_mass, event, 3);
    }
  }
}

static zps_status fake_run(zps_engine *engine, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                           uint64_t *surface, zps_error *error) {
  uint64_t n_events = 0;

  engine->n_calls++;
  engine->n_tiles_first = engine->n_calls == 1 ? n_tiles : engine->n_tiles_first;
  engine->stop = engine->stop || engine->n_calls == engine->stops_at_call;
  if (engine->n_calls == engine->fails_at_call) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "the engine broke");
  }
  /* A row is set, not added to: whatever was there before must not matter. */
  memset(tallies, 0, n_tiles * ROW_SIZE * sizeof *tallies);
  for (size_t i_tile = 0; i_tile < n_tiles; i_tile++) {
    const zps_tile tile = tiles[i_tile];
    engine->largest_tile = tile.n > engine->largest_tile ? tile.n : engine->largest_tile;
    n_events += tile.n;
    for (uint64_t event = tile.first; event < tile.first + tile.n; event++) {
      for (uint32_t i = 0; i < ROW_SIZE; i++) {
        tallies[(i_tile * ROW_SIZE) + i] += entry(tile.i_mass, event, i);
      }
    }
  }
  fill_surface(tiles, n_tiles, surface);
  pass_time(engine, n_events);
  return ZPS_OK;
}

static double fake_now(void *context) {
  const zps_engine *engine = (const zps_engine *)context;
  return engine->clock_s;
}

static int fake_stop(void *context) {
  const zps_engine *engine = (const zps_engine *)context;
  return engine->stop ? 1 : 0;
}

static int fake_flush_request(void *context) {
  const zps_engine *engine = (const zps_engine *)context;
  return engine->asks_at_call > 0 && engine->n_calls == engine->asks_at_call ? 1 : 0;
}

static void fake_report(void *context, zps_run_event event, const zps_run_state *state) {
  zps_engine *engine = (zps_engine *)context;
  engine->last_event = event;
  assert_true(state->n_earlier <= state->n_done && state->n_done <= state->n_total);
  if (event == ZPS_RUN_FLUSHED) {
    const double unflushed_s = state->elapsed_s - engine->last_flush_s;
    engine->longest_unflushed_s = unflushed_s > engine->longest_unflushed_s ? unflushed_s : engine->longest_unflushed_s;
    engine->last_flush_s = state->elapsed_s;
    engine->n_flushes++;
  }
}

static zps_run_plan plan_of(uint64_t tile_events, uint32_t n_parallel) {
  return (zps_run_plan){.i_mass_first = I_MASS_FIRST,
                        .n_mass = N_MASS,
                        .row_size = ROW_SIZE,
                        .events_per_mass = N_EVENTS,
                        .tile_events = tile_events,
                        .n_parallel = n_parallel};
}

static zps_run_hooks hooks_of(zps_engine *engine, zps_journal *journal) {
  return (zps_run_hooks){.engine = engine,
                         .run_tiles = fake_run,
                         .journal = journal,
                         .stop_requested = fake_stop,
                         .stop_context = engine,
                         .flush_requested = fake_flush_request,
                         .flush_context = engine,
                         .report = fake_report,
                         .report_context = engine,
                         .now_s = engine->sleeps ? NULL : fake_now,
                         .now_context = engine};
}

static void totals_free(totals *sums) {
  for (int i = 0; i < N_MASS; i++) {
    zps_range_set_free(&sums->done[i]);
  }
}

static void assert_complete(const totals *sums) {
  for (uint32_t i_mass = 0; i_mass < N_MASS; i_mass++) {
    uint64_t expected[ROW_SIZE] = {0};
    for (uint64_t event = 0; event < N_EVENTS; event++) {
      for (uint32_t i = 0; i < ROW_SIZE; i++) {
        expected[i] += entry(i_mass, event, i);
      }
    }
    assert_memory_equal(sums->tallies + ((size_t)i_mass * ROW_SIZE), expected, sizeof expected);
    assert_int_equal(sums->done[i_mass].n, 1);
    assert_int_equal(zps_range_set_total(&sums->done[i_mass]), N_EVENTS);
  }
}

static int setup(void **state) {
  static place here;
  const char *root = getenv("TMPDIR");
  (void)snprintf(here.directory, sizeof here.directory, "%s/zps_run_loop_XXXXXX", root != NULL ? root : "/tmp");
  if (mkdtemp(here.directory) == NULL) {
    return -1;
  }
  (void)snprintf(here.output, sizeof here.output, "%s/out.h5", here.directory);
  (void)snprintf(here.journal, sizeof here.journal, "%s.journal.0", here.output);
  *state = &here;
  return 0;
}

static int teardown(void **state) {
  const place *here = (const place *)*state;
  (void)unlink(here->journal);
  return rmdir(here->directory);
}

static zps_journal_identity identity_of(uint32_t row_size) {
  zps_journal_identity identity;
  memset(&identity, 0, sizeof identity);
  identity.seed = 1;
  identity.row_size = row_size;
  identity.n_mass = N_GRID;
  return identity;
}

static zps_status open_journal(const char *output, bool resume, zps_journal **journal, zps_error *error) {
  const zps_journal_options options = {.resume = resume, .warn = NULL, .warn_context = NULL};
  const zps_journal_identity identity = identity_of(ROW_SIZE);
  return zps_journal_open(output, 0, &identity, &options, journal, error);
}

/* A whole run as a process does it: open, read, loop; the journal is removed only when all is done. */
static zps_status run_once(const char *output, bool resume, const zps_run_plan *plan, zps_engine *engine, totals *sums,
                           zps_run_state *state, zps_error *error) {
  zps_journal *journal = NULL;
  zps_status status = ZPS_OK;
  memset(sums, 0, sizeof *sums);
  const zps_journal_totals view = {
      .i_mass_first = I_MASS_FIRST, .n_mass = N_MASS, .done = sums->done, .n_sums = ROW_SIZE, .tallies = sums->tallies};
  ZPS_TRY(open_journal(output, resume, &journal, error));
  ZPS_TRY(zps_journal_read(journal, &view, NULL, error));
  const zps_run_hooks hooks = hooks_of(engine, journal);
  ZPS_TRY(zps_run_loop(plan, &hooks, sums->done, sums->tallies, state, error));
  ZPS_TRY(zps_journal_remove(journal, error));
done:
  zps_journal_close(journal);
  return status;
}

static void test_every_event_is_counted_once_for_any_tiling(void **unused) {
  (void)unused;
  static const uint64_t tiles[] = {1, 7, 1000, 65536};
  static const double speeds[] = {0.0, 1e-6, 1e-3, 1.0};
  for (size_t i = 0; i < 16; i++) {
    zps_engine engine = {.seconds_per_event = speeds[i / 4]};
    const zps_run_plan plan = plan_of(tiles[i % 4], (uint32_t)(1 + (i % 3)));
    const zps_run_hooks hooks = hooks_of(&engine, NULL);
    totals sums;
    zps_run_state state;
    memset(&sums, 0, sizeof sums);
    assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, &state, NULL), ZPS_OK);
    assert_complete(&sums);
    assert_int_equal(state.n_done, N_MASS * N_EVENTS);
    assert_int_equal(engine.last_event, ZPS_RUN_DONE);
    assert_true(engine.largest_tile <= tiles[i % 4]);
    /* Nothing left: a second run does nothing. */
    const uint64_t n_calls = engine.n_calls;
    assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, &state, NULL), ZPS_OK);
    assert_int_equal(engine.n_calls, n_calls);
    assert_complete(&sums);
    totals_free(&sums);
  }
}

static void test_batches_settle_at_the_aimed_time(void **unused) {
  (void)unused;
  /* 12.5 events per batch time would be below the least batch; 2500 to 2.5 million are not. */
  static const double speeds[] = {1e-4, 1e-6, 1e-7};
  for (size_t i = 0; i < 3; i++) {
    zps_engine engine = {.seconds_per_event = speeds[i]};
    zps_run_plan plan = plan_of(100, 3);
    plan.batch_s = 2500.0 * speeds[i];
    const zps_run_hooks hooks = hooks_of(&engine, NULL);
    totals sums;
    zps_run_state state;
    memset(&sums, 0, sizeof sums);
    assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, &state, NULL), ZPS_OK);
    /* The first batch has 3 x 1024 events; a batch exceeds its budget by less than one tile. */
    zps_assert_relative(engine.longest_s, plan.batch_s, (3072.0 + 100.0) / 2500.0 - 1.0);
    assert_in_range(state.n_batches, (N_MASS * N_EVENTS) / 2600, ((N_MASS * N_EVENTS) / 2500) + 2);
    totals_free(&sums);
  }
}

static void test_a_small_batch_is_shared_among_parallel_tiles(void **unused) {
  (void)unused;
  zps_engine engine = {.seconds_per_event = 1e-3};
  const zps_run_plan plan = plan_of(65536, 4);
  const zps_run_hooks hooks = hooks_of(&engine, NULL);
  totals sums;
  memset(&sums, 0, sizeof sums);
  assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, NULL, NULL), ZPS_OK);
  assert_int_equal(engine.n_tiles_first, 4);
  assert_int_equal(engine.largest_tile, 1024);
  assert_complete(&sums);
  totals_free(&sums);
}

static void test_no_more_than_five_seconds_are_unflushed(void **state) {
  const place *here = (const place *)*state;
  /* 60000 events in 60 s of the fake clock. */
  zps_engine engine = {.seconds_per_event = 1e-3};
  const zps_run_plan plan = plan_of(65536, 1);
  totals sums;
  assert_int_equal(run_once(here->output, false, &plan, &engine, &sums, NULL, NULL), ZPS_OK);
  assert_true(engine.longest_unflushed_s <= 5.0);
  assert_in_range(engine.n_flushes, 12, 16);
  assert_complete(&sums);
  totals_free(&sums);
}

static void test_a_flush_that_is_asked_for(void **state) {
  const place *here = (const place *)*state;
  for (uint64_t call = 0; call < 6; call += 5) {
    /* 60000 events in 2.4 s: the only flush is the one at the end. */
    zps_engine engine = {.seconds_per_event = 4e-5, .asks_at_call = call};
    const zps_run_plan plan = plan_of(65536, 1);
    totals sums;
    assert_int_equal(run_once(here->output, false, &plan, &engine, &sums, NULL, NULL), ZPS_OK);
    assert_int_equal(engine.n_flushes, call == 0 ? 1 : 2);
    assert_complete(&sums);
    totals_free(&sums);
  }
}

static void test_a_stop_loses_nothing(void **state) {
  const place *here = (const place *)*state;
  zps_error error = {.status = ZPS_OK};
  zps_run_state where;
  totals sums;
  uint64_t n_done = 0;
  for (uint64_t i = 0; i < 4; i++) {
    zps_engine engine = {.seconds_per_event = 1e-4, .stops_at_call = 1 + i};
    const zps_run_plan plan = plan_of(700 + (100 * i), 1);
    error.status = ZPS_OK;
    assert_int_equal(run_once(here->output, true, &plan, &engine, &sums, &where, &error), ZPS_INTERRUPTED);
    assert_non_null(strstr(error.text, "continue with --resume"));
    assert_int_equal(engine.last_event, ZPS_RUN_INTERRUPTED);
    assert_int_equal(engine.n_calls, 1 + i);
    /* All that the run before had done is here. */
    assert_int_equal(where.n_earlier, n_done);
    n_done = where.n_done;
    totals_free(&sums);
  }
  zps_engine engine = {.seconds_per_event = 1e-4};
  const zps_run_plan plan = plan_of(65536, 2);
  assert_int_equal(run_once(here->output, true, &plan, &engine, &sums, &where, NULL), ZPS_OK);
  assert_int_equal(where.n_earlier, n_done);
  assert_complete(&sums);
  totals_free(&sums);
  assert_int_not_equal(access(here->journal, F_OK), 0);
}

static void test_what_was_done_before_an_engine_broke_is_kept(void **state) {
  const place *here = (const place *)*state;
  zps_engine engine = {.seconds_per_event = 1e-5, .fails_at_call = 3};
  zps_engine healthy = {.seconds_per_event = 1e-5};
  const zps_run_plan plan = plan_of(1000, 1);
  zps_error error = {.status = ZPS_OK};
  zps_run_state where;
  totals sums;
  assert_int_equal(run_once(here->output, false, &plan, &engine, &sums, &where, &error), ZPS_UNAVAILABLE);
  assert_string_equal(error.text, "the engine broke");
  totals_free(&sums);
  const uint64_t n_done = where.n_done;
  assert_true(n_done > 0);
  assert_int_equal(run_once(here->output, true, &plan, &healthy, &sums, &where, NULL), ZPS_OK);
  assert_int_equal(where.n_earlier, n_done);
  assert_complete(&sums);
  totals_free(&sums);
}

static pid_t start_slow_run(const place *here, uint64_t tile_events) {
  const pid_t child = fork();
  if (child == 0) {
    /* 60000 events in 0.6 s, flushed every 20 ms. */
    zps_engine engine = {.seconds_per_event = 1e-5, .sleeps = true};
    zps_run_plan plan = plan_of(tile_events, 1);
    plan.flush_s = 0.02;
    plan.batch_s = 0.005;
    totals sums;
    const zps_status status = run_once(here->output, true, &plan, &engine, &sums, NULL, NULL);
    _exit(zps_status_exit(status));
  }
  assert_true(child > 0);
  return child;
}

static bool has_records(const place *here) {
  struct stat facts;
  return stat(here->journal, &facts) == 0 && facts.st_size > 240;
}

static void test_kill_at_any_moment_ends_in_the_same_totals(void **state) {
  const place *here = (const place *)*state;
  static const long moments_ms[] = {1, 35, 70, 80, 110};
  /* On a busy machine more attempts, until something was journalled. */
  for (size_t i = 0; i < 5 || (i < 50 && !has_records(here)); i++) {
    const pid_t child = start_slow_run(here, 90 + (111 * i));
    const struct timespec time = {.tv_sec = 0, .tv_nsec = moments_ms[i % 5] * 1000000};
    (void)nanosleep(&time, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
  }
  zps_engine engine = {.seconds_per_event = 1e-6};
  const zps_run_plan plan = plan_of(65536, 3);
  zps_run_state where;
  totals sums;
  assert_int_equal(run_once(here->output, true, &plan, &engine, &sums, &where, NULL), ZPS_OK);
  /* Something was resumed, or this test shows nothing. */
  assert_true(where.n_earlier > 0);
  assert_complete(&sums);
  totals_free(&sums);
}

static void test_a_full_disk_is_told_and_resumable(void **state) {
  const place *here = (const place *)*state;
  const pid_t child = fork();
  if (child == 0) {
    /* Room for a header and not quite four records. */
    const struct rlimit limit = {.rlim_cur = 240 + (4 * 48), .rlim_max = 240 + (4 * 48)};
    zps_engine engine = {.seconds_per_event = 1e-4};
    zps_run_plan plan = plan_of(500, 1);
    plan.flush_s = 1e-3;
    zps_error error = {.status = ZPS_OK};
    totals sums;
    (void)signal(SIGXFSZ, SIG_IGN);
    bool is_right = setrlimit(RLIMIT_FSIZE, &limit) == 0;
    is_right = run_once(here->output, false, &plan, &engine, &sums, NULL, &error) == ZPS_IO && is_right;
    is_right = is_right && strstr(error.text, "out.h5.journal.0: cannot write: File too large") != NULL;
    _exit(is_right && strstr(error.text, "--resume") != NULL ? 0 : 1);
  }
  int exit_status = -1;
  assert_int_equal(waitpid(child, &exit_status, 0), child);
  assert_int_equal(exit_status, 0);
  zps_engine engine = {.seconds_per_event = 1e-6};
  const zps_run_plan plan = plan_of(65536, 1);
  zps_run_state where;
  totals sums;
  assert_int_equal(run_once(here->output, true, &plan, &engine, &sums, &where, NULL), ZPS_OK);
  assert_true(where.n_earlier > 0);
  assert_complete(&sums);
  totals_free(&sums);
}

/* Root may write anywhere, so the attempt is made as nobody. */
static int attempt_without_rights(const char *output, const char *expected) {
  const pid_t child = fork();
  int exit_status = -1;
  if (child == 0) {
    zps_engine engine = {.seconds_per_event = 1e-6};
    const zps_run_plan plan = plan_of(500, 1);
    zps_error error = {.status = ZPS_OK};
    totals sums;
    bool is_right = geteuid() != 0 || (setregid(NOBODY, NOBODY) == 0 && setreuid(NOBODY, NOBODY) == 0);
    is_right = run_once(output, false, &plan, &engine, &sums, NULL, &error) == ZPS_IO && is_right;
    is_right = is_right && engine.n_calls == 0 && strstr(error.text, expected) != NULL;
    if (!is_right) {
      print_error("%s\n", error.text);
    }
    _exit(is_right ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &exit_status, 0), child);
  return exit_status;
}

static void test_a_folder_that_cannot_be_written_is_told_before_any_work(void **state) {
  const place *here = (const place *)*state;
  char missing[PATH_SIZE * 2];
  assert_int_equal(chmod(here->directory, 0555), 0);
  assert_int_equal(attempt_without_rights(here->output, "out.h5.journal.0: cannot open for writing: Permission denied"),
                   0);
  assert_int_equal(chmod(here->directory, 0755), 0);
  (void)snprintf(missing, sizeof missing, "%s/none/out.h5", here->directory);
  assert_int_equal(attempt_without_rights(missing, "/none: No such file or directory"), 0);
}

static void test_fewer_events_than_are_done_is_refused(void **unused) {
  (void)unused;
  zps_engine engine = {.seconds_per_event = 1e-6};
  const zps_run_plan plan = plan_of(500, 1);
  const zps_run_hooks hooks = hooks_of(&engine, NULL);
  zps_error error = {.status = ZPS_OK};
  totals sums;
  memset(&sums, 0, sizeof sums);
  assert_int_equal(zps_range_set_add(&sums.done[1], N_EVENTS, 1, NULL), ZPS_OK);
  assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, NULL, &error), ZPS_MISMATCH);
  assert_non_null(strstr(error.text, "mass 3: events up to 20001 are finished already"));
  assert_int_equal(engine.n_calls, 0);
  totals_free(&sums);
}

/* Each mass its own number of events, one of them none; what is done already counts. */
static void test_a_number_of_events_for_each_mass(void **unused) {
  (void)unused;
  static const uint64_t events[N_MASS] = {500, 0, 3000};
  zps_engine engine = {.seconds_per_event = 1e-6};
  zps_run_plan plan = plan_of(64, 2);
  const zps_run_hooks hooks = hooks_of(&engine, NULL);
  totals sums;
  zps_run_state run_state;
  zps_error error = {ZPS_OK, ""};
  memset(&sums, 0, sizeof sums);
  plan.events = events;
  assert_int_equal(zps_range_set_add(&sums.done[2], 100, 200, NULL), ZPS_OK);
  assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, &run_state, NULL), ZPS_OK);
  assert_int_equal(run_state.n_total, 3500);
  assert_int_equal(run_state.n_here, 3300);
  for (int i = 0; i < N_MASS; i++) {
    assert_int_equal(zps_range_set_total(&sums.done[i]), events[i]);
    assert_int_equal(sums.tallies[i * ROW_SIZE], i == 2 ? 2800 : events[i]);
  }
  assert_int_equal(zps_range_set_add(&sums.done[1], 0, 1, NULL), ZPS_OK);
  assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, NULL, &error), ZPS_MISMATCH);
  assert_non_null(strstr(error.text, "mass 3: events up to 1 are finished already, but this run asks for 0"));
  totals_free(&sums);
}

static void test_bad_plans_are_refused(void **unused) {
  (void)unused;
  zps_engine engine = {.seconds_per_event = 1e-6};
  const zps_run_hooks hooks = hooks_of(&engine, NULL);
  zps_run_plan plans[4] = {plan_of(500, 1), plan_of(0, 1), plan_of(500, 1), plan_of(500, 1)};
  plans[0].n_mass = 0;
  plans[2].row_size = 0;
  plans[3].events_per_mass = ZPS_EVENT_LIMIT + 1;
  for (int i = 0; i < 4; i++) {
    totals sums;
    memset(&sums, 0, sizeof sums);
    assert_int_equal(zps_run_loop(&plans[i], &hooks, sums.done, sums.tallies, NULL, NULL), ZPS_INVALID);
  }
  assert_int_equal(engine.n_calls, 0);
}

static void test_one_rank_needs_no_exchange(void **unused) {
  (void)unused;
  zps_comm *comm = NULL;
  uint64_t values[2] = {3, 4};
  assert_int_equal(zps_comm_create_serial(&comm, NULL), ZPS_OK);
  assert_int_equal(comm->rank, 0);
  assert_int_equal(comm->n_ranks, 1);
  assert_int_equal(zps_comm_barrier(comm, NULL), ZPS_OK);
  assert_int_equal(zps_comm_broadcast(comm, values, sizeof values, NULL), ZPS_OK);
  assert_int_equal(zps_comm_sum(comm, values, 2, NULL), ZPS_OK);
  assert_int_equal(zps_comm_maximum(comm, values, NULL), ZPS_OK);
  assert_int_equal(values[0], 3);
  assert_int_equal(values[1], 4);
  zps_comm_destroy(comm);
  zps_comm_destroy(NULL);
}

/* Stands in for rank 0 of two of which the other takes nothing. */
typedef struct fake_clerk {
  uint64_t n_units, next, n_takes;
  uint64_t largest; /* share but the first */
} fake_clerk;

static zps_status clerk_begin(zps_comm *comm, uint64_t n_units, zps_comm_hurry hurry, void *context, zps_error *error) {
  (void)hurry;
  (void)context;
  (void)error;
  ((fake_clerk *)comm->state)->n_units = n_units;
  return ZPS_OK;
}

static zps_status clerk_take(zps_comm *comm, uint64_t wanted, uint64_t least, zps_comm_share *share, zps_error *error) {
  fake_clerk *clerk = (fake_clerk *)comm->state;
  const uint64_t rest = clerk->n_units - clerk->next;
  const uint64_t n = wanted < rest ? wanted : rest;
  (void)least;
  (void)error;
  *share = (zps_comm_share){clerk->next, n, clerk->next + n, false};
  clerk->next += n;
  clerk->largest = clerk->n_takes > 0 && n > clerk->largest ? n : clerk->largest;
  clerk->n_takes++;
  return ZPS_OK;
}

static zps_status clerk_end(zps_comm *comm, zps_error *error) {
  (void)comm;
  (void)error;
  return ZPS_OK;
}

/* 60000 events in 922 batches, of 1024 events the first and 64, the fewest, the others. The first share is 8 times 1024
 * events, which are 113 batches; up to 8 x 32 batches shares have 8, which makes 18; from there on each is 1/32 of what
 * is done, 32 ln(922 / 256) = 41 of them and, rounded down to batches as they are, a few more. 103 if all had 8
 * batches. */
static void test_shares_grow_with_what_is_done(void **unused) {
  (void)unused;
  const zps_comm_kind kind = {
      .name = "fake", .begin_sharing = clerk_begin, .take = clerk_take, .end_sharing = clerk_end};
  fake_clerk clerk = {.n_units = 0};
  zps_comm comm = {.kind = &kind, .n_ranks = 2, .state = &clerk};
  zps_engine engine = {.seconds_per_event = 1.0};
  const zps_run_plan plan = plan_of(65536, 1);
  zps_run_hooks hooks = hooks_of(&engine, NULL);
  totals sums;
  memset(&sums, 0, sizeof sums);
  hooks.comm = &comm;
  assert_int_equal(zps_run_loop(&plan, &hooks, sums.done, sums.tallies, NULL, NULL), ZPS_OK);
  assert_complete(&sums);
  assert_in_range(clerk.n_takes, 1 + 18 + 41, 1 + 18 + 46);
  assert_true(clerk.largest <= (N_MASS * N_EVENTS / 32) + 1);
  totals_free(&sums);
}

static void assert_surfaces(const char *output, const zps_journal_identity *identity) {
  zps_range_set done[N_MASS];
  zps_journal_index *index = NULL;
  zps_error error = {ZPS_OK, ""};
  memset(done, 0, sizeof done);
  assert_int_equal(zps_journal_index_create(output, identity, I_MASS_FIRST, N_MASS, done, &index, &error), ZPS_OK);
  for (uint32_t m = 0; m < N_MASS; m++) {
    uint64_t want[SURFACE_SIZE] = {0};
    uint64_t got[SURFACE_SIZE] = {0};
    for (uint64_t event = 0; event < N_EVENTS; event++) {
      want[event % SURFACE_SIZE] += entry(m, event, 3);
    }
    assert_int_equal(zps_range_set_total(&done[m]), N_EVENTS);
    assert_int_equal(zps_journal_index_add(index, I_MASS_FIRST + m, ROW_SIZE, SURFACE_SIZE, got, &error), ZPS_OK);
    assert_memory_equal(got, want, sizeof want);
    zps_range_set_free(&done[m]);
  }
  zps_journal_index_destroy(index);
}

/* Interrupted after every few batches, with other tiles each time: the journal holds each event's surface once, in
 * front of which the tallies stand. */
static void test_surfaces_lie_in_the_journal_once(void **state) {
  const place *where = (const place *)*state;
  const uint64_t tiles[] = {700, 1000, 65536, 333};
  const zps_journal_identity identity = identity_of(ROW_SIZE + SURFACE_SIZE);
  zps_status status = ZPS_INTERRUPTED;
  for (size_t attempt = 0; attempt < 40 && status == ZPS_INTERRUPTED; attempt++) {
    zps_engine engine = {.seconds_per_event = 1e-5, .stops_at_call = 3};
    zps_run_plan plan = plan_of(tiles[attempt % 4], 2);
    const zps_journal_options options = {.resume = attempt > 0, .warn = NULL, .warn_context = NULL};
    zps_journal *journal = NULL;
    zps_error error = {ZPS_OK, ""};
    totals sums;
    memset(&sums, 0, sizeof sums);
    const zps_journal_totals view = {
        .i_mass_first = I_MASS_FIRST, .n_mass = N_MASS, .done = sums.done, .n_sums = ROW_SIZE, .tallies = sums.tallies};
    plan.surface_size = SURFACE_SIZE;
    assert_int_equal(zps_journal_open(where->output, 0, &identity, &options, &journal, &error), ZPS_OK);
    assert_int_equal(zps_journal_read(journal, &view, NULL, &error), ZPS_OK);
    const zps_run_hooks hooks = hooks_of(&engine, journal);
    status = zps_run_loop(&plan, &hooks, sums.done, sums.tallies, NULL, &error);
    if (status == ZPS_OK) {
      assert_complete(&sums);
      assert_surfaces(where->output, &identity);
    }
    totals_free(&sums);
    zps_journal_close(journal);
  }
  assert_int_equal(status, ZPS_OK);
}

/* Every event in the journal of a rank of its own: more journals than this process may have files, and few are open at
 * a time while they are indexed and while they are read. */
static void test_surfaces_of_more_ranks_than_files(void **state) {
  const place *where = (const place *)*state;
  const zps_journal_identity identity = identity_of(ROW_SIZE + SURFACE_SIZE);
  const zps_journal_options options = {.resume = false, .warn = NULL, .warn_context = NULL};
  uint64_t row[ROW_SIZE + SURFACE_SIZE] = {0};
  uint64_t got[SURFACE_SIZE] = {0};
  zps_range_set done[N_MASS];
  zps_journal_index *index = NULL;
  struct rlimit before;
  zps_error error = {ZPS_OK, ""};
  enum { N_RANKS = 40, N_FILES = 20 };
  memset(done, 0, sizeof done);
  for (int rank = 0; rank < N_RANKS; rank++) {
    zps_journal *journal = NULL;
    row[ROW_SIZE + 1] = (uint64_t)rank;
    assert_int_equal(zps_journal_open(where->output, rank, &identity, &options, &journal, &error), ZPS_OK);
    assert_int_equal(zps_journal_add(journal, I_MASS_FIRST, (uint64_t)rank, 1, row, &error), ZPS_OK);
    assert_int_equal(zps_journal_flush(journal, &error), ZPS_OK);
    zps_journal_close(journal);
  }
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  const struct rlimit few = {N_FILES, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  const zps_status made =
      zps_journal_index_create(where->output, &identity, I_MASS_FIRST, N_MASS, done, &index, &error);
  const zps_status added =
      made == ZPS_OK ? zps_journal_index_add(index, I_MASS_FIRST, ROW_SIZE, SURFACE_SIZE, got, &error) : made;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(made, ZPS_OK);
  assert_int_equal(added, ZPS_OK);
  assert_int_equal(zps_range_set_total(&done[0]), N_RANKS);
  assert_int_equal(got[1], N_RANKS * (N_RANKS - 1) / 2);
  zps_range_set_free(&done[0]);
  zps_journal_index_destroy(index);
  for (int rank = 0; rank < N_RANKS; rank++) {
    char *const path = zps_journal_path(where->output, rank);
    assert_int_equal(unlink(path), 0);
    free(path);
  }
}

#define PLACED_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_event_is_counted_once_for_any_tiling),
      cmocka_unit_test(test_batches_settle_at_the_aimed_time),
      cmocka_unit_test(test_a_small_batch_is_shared_among_parallel_tiles),
      PLACED_TEST(test_no_more_than_five_seconds_are_unflushed),
      PLACED_TEST(test_a_flush_that_is_asked_for),
      PLACED_TEST(test_a_stop_loses_nothing),
      PLACED_TEST(test_what_was_done_before_an_engine_broke_is_kept),
      PLACED_TEST(test_kill_at_any_moment_ends_in_the_same_totals),
      PLACED_TEST(test_a_full_disk_is_told_and_resumable),
      PLACED_TEST(test_a_folder_that_cannot_be_written_is_told_before_any_work),
      PLACED_TEST(test_surfaces_lie_in_the_journal_once),
      PLACED_TEST(test_surfaces_of_more_ranks_than_files),
      cmocka_unit_test(test_fewer_events_than_are_done_is_refused),
      cmocka_unit_test(test_a_number_of_events_for_each_mass),
      cmocka_unit_test(test_bad_plans_are_refused),
      cmocka_unit_test(test_one_rank_needs_no_exchange),
      cmocka_unit_test(test_shares_grow_with_what_is_done),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
