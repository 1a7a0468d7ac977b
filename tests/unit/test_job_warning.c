/* Warnings of valid jobs. */
#include "host/job/job_warning.h"

#include <stdio.h>
#include <string.h>

#include "tests/zps_test.h"

typedef struct heard {
  int n;
  char text[512];
} heard;

static void listen(void *context, const char *text) {
  heard *const h = (heard *)context;
  h->n++;
  (void)snprintf(h->text, sizeof h->text, "%s", text);
}

/** Warnings of the quick job, whose window is 140 to 180 GeV, with settings; *h has their number and the last. */
static void hear(const char *const *settings, size_t n_settings, heard *h) {
  zps_job job;
  zps_error error = {ZPS_OK, ""};
  *h = (heard){.n = 0};
  assert_int_equal(zps_job_read("grids/quick.yaml", settings, n_settings, &job, &error), ZPS_OK);
  zps_job_warn(&job, listen, h);
  zps_job_free(&job);
}

/** The window's ends belong to it. */
static void test_window(void **state) {
  (void)state;
  const struct {
    const char *setting;
    int n;
  } cases[] = {{"beam.p_gev=160", 0}, {"beam.p_gev=140", 0},   {"beam.p_gev=180", 0},
               {"beam.p_gev=100", 1}, {"beam.p_gev=139.9", 1}, {"beam.p_gev=180.1", 1}};
  heard h;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    hear(&cases[i].setting, 1, &h);
    assert_int_equal(h.n, cases[i].n);
  }
  const char *const both[] = {"beam.p_gev=100", "selection.p_in_min_gev=90"};
  hear(both, 2, &h);
  assert_int_equal(h.n, 0);
  hear(both, 1, &h);
  assert_string_equal(h.text,
                      "grids/quick.yaml: warning: beam.p_gev = 100: outside the window selection.p_in_min_gev = "
                      "140 to p_in_max_gev = 180: hardly a muon is counted");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_window)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
