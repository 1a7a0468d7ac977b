/* Axes of figures: labels at powers of ten, or at 1, 2 and 5 times them where a decade is not to be seen. Files of
 * figures: all three, or none. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/plot/figure.h"
#include "tests/unit/scratch_folder.h"

static char *axis_of(double lo, double hi) {
  char *text = NULL;
  size_t size = 0;
  FILE *const out = open_memstream(&text, &size);
  assert_non_null(out);
  zps_figure_put_log_axis(out, "x", lo, hi);
  assert_int_equal(fclose(out), 0);
  return text;
}

static void test_decades(void **state) {
  char *const wide = axis_of(1e-3, 3.0);
  char *const least = axis_of(0.01, 0.1);
  (void)state;
  assert_string_equal(wide, "set logscale x\nset xrange [0.001:3]\nset format x '10^{%T}'\nset mxtics 10\n");
  assert_non_null(strstr(least, "10^{%T}"));
  free(wide);
  free(least);
}

static void test_less_than_two_decades(void **state) {
  char *const text = axis_of(0.05, 0.2);
  (void)state;
  assert_string_equal(text, "set logscale x\nset xrange [0.05:0.2]\nset xtics ('5\xc2\xb7"
                            "10^{-2}' 0.05, '' 0.06 1, "
                            "'' 0.07 1, '' 0.08 1, '' 0.09 1, '10^{-1}' 0.1, '2\xc2\xb7"
                            "10^{-1}' 0.2)\n");
  free(text);
}

/** A script that gnuplot refuses, or no gnuplot: no file of the figure is made, an old one stays. */
static void test_all_or_nothing(void **state) {
  zps_figure figure = {0};
  zps_error error = {ZPS_OK, ""};
  size_t size = 0;
  (void)state;
  assert_int_equal(scratch_write(scratch_path("f.csv"), "old", 3), 0);
  assert_int_equal(zps_figure_open(&figure, scratch_path("f.png"), &error), ZPS_OK);
  (void)fputs("new", figure.table.stream);
  (void)fputs("no such command\n", figure.script.stream);
  assert_int_not_equal(zps_figure_finish(&figure, &error), ZPS_OK);
  zps_figure_free(&figure);
  assert_int_equal(scratch_count(), 1);
  char *const kept = scratch_read(scratch_path("f.csv"), &size);
  assert_non_null(kept);
  assert_memory_equal(kept, "old", 3);
  free(kept);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_decades), cmocka_unit_test(test_less_than_two_decades),
                                     cmocka_unit_test(test_all_or_nothing)};
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
