/* Progress in a log, in JSON lines and on a terminal. */
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/run/progress.h"
#include "tests/zps_test.h"

static zps_run_state state_at(double elapsed_s) {
  return (zps_run_state){.n_total = 60000000,
                         .n_done = (uint64_t)(12300000.0 + (512345.0 * elapsed_s)),
                         .n_earlier = 12300000,
                         .i_mass = 12,
                         .n_mass = 60,
                         .n_batches = 3,
                         .elapsed_s = elapsed_s,
                         .rate = elapsed_s > 0.0 ? 512345.0 : 0.0,
                         .left_s = elapsed_s > 0.0 ? 93.1 : -1.0};
}

/* A run of 35 s that reports every quarter of a second and flushes every 5 s. */
static void play_run(zps_progress *progress) {
  zps_run_state state = state_at(0.0);
  zps_progress_report(progress, ZPS_RUN_START, &state);
  for (int i = 1; i <= 140; i++) {
    state = state_at(0.25 * i);
    zps_progress_report(progress, ZPS_RUN_PROGRESS, &state);
    if (i % 20 == 0) {
      zps_progress_report(progress, ZPS_RUN_FLUSHED, &state);
    }
  }
  zps_progress_report(progress, ZPS_RUN_DONE, &state);
}

static size_t count_lines(const char *text) {
  size_t n = 0;
  for (; *text != '\0'; text++) {
    n += *text == '\n' ? 1 : 0;
  }
  return n;
}

static void test_a_line_says_where_the_run_stands(void **unused) {
  (void)unused;
  char line[ZPS_PROGRESS_LINE_SIZE];
  zps_run_state state = state_at(0.0);
  zps_progress_format(&state, line);
  assert_string_equal(line, "12.3 M of 60.0 M events (20.5 %), mass 13 of 60");
  state.rate = 512345.0;
  state.left_s = 93.1;
  zps_progress_format(&state, line);
  assert_string_equal(line, "12.3 M of 60.0 M events (20.5 %), mass 13 of 60, 512 k/s, 1 min 33 s left");
  state.left_s = 1e300;
  zps_progress_format(&state, line);
  assert_string_equal(line, "12.3 M of 60.0 M events (20.5 %), mass 13 of 60");
  state.left_s = 0.0; /* of a round; another may follow */
  state.may_grow = true;
  zps_progress_format(&state, line);
  assert_string_equal(line, "12.3 M of at least 60.0 M events, mass 13 of 60, 512 k/s");
  state = (zps_run_state){.n_total = 0, .n_mass = 1, .left_s = -1.0};
  zps_progress_format(&state, line);
  assert_string_equal(line, "0 of 0 events (100.0 %), mass 1 of 1");
  state = (zps_run_state){.n_total = UINT64_MAX, .n_done = 999, .n_mass = UINT32_MAX, .rate = 0.5, .left_s = 8000.0};
  zps_progress_format(&state, line);
  assert_string_equal(line, "999 of 18446744 T events (0.0 %), mass 1 of 4294967295, 0/s, 2 h 13 min left");
}

static void test_a_log_gets_a_line_every_ten_seconds(void **unused) {
  (void)unused;
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  zps_progress *progress = NULL;
  const zps_progress_options options = {.text = file, .json = NULL};
  assert_int_equal(zps_progress_create(&options, &progress, NULL), ZPS_OK);
  play_run(progress);
  zps_progress_destroy(progress);
  assert_int_equal(fclose(file), 0);
  /* At 10, 20 and 30 s, and the end. */
  assert_int_equal(count_lines(text), 4);
  assert_null(strchr(text, '\r'));
  free(text);
}

static void test_the_json_log_has_an_object_per_line(void **unused) {
  (void)unused;
  char *text = NULL;
  size_t size = 0;
  size_t n_flushes = 0;
  size_t n_progress = 0;
  FILE *file = open_memstream(&text, &size);
  zps_progress *progress = NULL;
  const zps_progress_options options = {.text = NULL, .json = file};
  assert_int_equal(zps_progress_create(&options, &progress, NULL), ZPS_OK);
  play_run(progress);
  assert_int_equal(zps_progress_check(progress, "log", NULL), ZPS_OK);
  zps_progress_destroy(progress);
  assert_int_equal(fclose(file), 0);
  char *rest = text;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    json_t *object = json_loads(line, 0, NULL);
    assert_non_null(object);
    const char *event = json_string_value(json_object_get(object, "event"));
    n_flushes += strcmp(event, "flush") == 0 ? 1 : 0;
    n_progress += strcmp(event, "progress") == 0 ? 1 : 0;
    assert_int_equal(json_integer_value(json_object_get(object, "events_total")), 60000000);
    assert_int_equal(json_is_null(json_object_get(object, "left_s")), strcmp(event, "start") == 0);
    json_decref(object);
  }
  assert_int_equal(n_flushes, 7);
  assert_int_equal(n_progress, 35);
  free(text);
}

static void test_a_terminal_shows_one_line(void **unused) {
  (void)unused;
  char text[65536];
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
    skip();
  }
  FILE *file = fopen(ptsname(master), "w");
  assert_non_null(file);
  zps_progress *progress = NULL;
  const zps_progress_options options = {.text = file, .json = NULL};
  assert_int_equal(zps_progress_create(&options, &progress, NULL), ZPS_OK);
  zps_run_state state = state_at(1.0);
  zps_progress_report(progress, ZPS_RUN_PROGRESS, &state);
  state = state_at(1.1);
  zps_progress_report(progress, ZPS_RUN_PROGRESS, &state);
  state = state_at(2.0);
  state.left_s = -1.0;
  zps_progress_report(progress, ZPS_RUN_INTERRUPTED, &state);
  zps_progress_destroy(progress);
  /* The kernel may hand the two lines over one by one. */
  size_t n = 0;
  while (n == 0 || text[n - 1] != '\n') {
    const ssize_t got = read(master, text + n, sizeof text - 1 - n);
    assert_true(got > 0);
    n += (size_t)got;
  }
  text[n] = '\0';
  /* The one at 1.1 s comes too soon; the shorter last line blanks the end of the first. */
  assert_string_equal(text, "\r12.8 M of 60.0 M events (21.4 %), mass 13 of 60, 512 k/s, 1 min 33 s left"
                            "\r13.3 M of 60.0 M events (22.2 %), mass 13 of 60                          \r\n");
  (void)fclose(file);
  (void)close(master);
}

static void test_a_log_that_cannot_be_written_is_told_at_the_end(void **unused) {
  (void)unused;
  FILE *file = fopen("/dev/full", "w");
  if (file == NULL) {
    skip();
  }
  zps_progress *progress = NULL;
  zps_error error = {.status = ZPS_OK};
  const zps_progress_options options = {.text = NULL, .json = file};
  assert_int_equal(zps_progress_create(&options, &progress, NULL), ZPS_OK);
  play_run(progress);
  assert_int_equal(zps_progress_check(progress, "run.jsonl", &error), ZPS_IO);
  assert_string_equal(error.text, "run.jsonl: some lines of this log could not be written");
  zps_progress_destroy(progress);
  (void)fclose(file);
}

static void test_quiet_writes_nothing(void **unused) {
  (void)unused;
  zps_progress *progress = NULL;
  const zps_progress_options options = {.text = NULL, .json = NULL};
  assert_int_equal(zps_progress_create(&options, &progress, NULL), ZPS_OK);
  play_run(progress);
  zps_progress_end_line(progress);
  zps_progress_destroy(progress);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_line_says_where_the_run_stands),
      cmocka_unit_test(test_a_log_gets_a_line_every_ten_seconds),
      cmocka_unit_test(test_the_json_log_has_an_object_per_line),
      cmocka_unit_test(test_a_terminal_shows_one_line),
      cmocka_unit_test(test_a_log_that_cannot_be_written_is_told_at_the_end),
      cmocka_unit_test(test_quiet_writes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
