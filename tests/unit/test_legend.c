/* Laws of a legend: it holds every entry, its columns fit the canvas, and it ends below the labels of the x axis. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/plot/legend.h"

static zps_legend legend_of(size_t n, size_t length) {
  zps_legend legend = {0, 0};
  char label[128] = "";
  memset(label, 'n', length);
  for (size_t i = 0; i < n; i++) {
    zps_legend_add(&legend, label);
  }
  return legend;
}

#define TEXT_SIZE 512

static void print_legend(const zps_legend *legend, char text[TEXT_SIZE]) {
  FILE *const out = fmemopen(text, TEXT_SIZE, "w");
  assert_non_null(out);
  zps_legend_put(out, legend);
  assert_int_equal(fclose(out), 0);
}

/** Number behind a word of a script. */
static double number_after(const char *text, const char *word) {
  const char *const at = strstr(text, word);
  assert_non_null(at);
  return strtod(at + strlen(word), NULL);
}

/* 18 pixels are the mean width of DejaVu Sans at this size (0.6 em), 44 the height of a row, 110 what numbers and label
 * of an axis need: 2.5 lines. */
static void assert_room(size_t n, size_t length) {
  const zps_legend legend = legend_of(n, length);
  const size_t columns = zps_legend_columns(&legend);
  const size_t rows = zps_legend_rows(&legend);
  const double height = zps_legend_canvas_px(&legend);
  char text[TEXT_SIZE];
  print_legend(&legend, text);
  assert_true(rows * columns >= n && (rows - 1) * columns < n);
  assert_true((18 * length * columns) + (100 * columns) <= 1800);
  const double key = number_after(text, "set key at screen 0.5, screen ") * height;
  const double axis = number_after(text, "set bmargin at screen ") * height;
  assert_true(key >= 0.0);
  assert_true(key + (44.0 * (double)rows) + 110.0 <= axis);
  assert_true(height - axis >= 700.0); /* the plot keeps its size */
}

static void test_room(void **state) {
  static const size_t lengths[] = {1, 6, 10, 22, 37, 63, 83};
  (void)state;
  for (size_t n = 1; n <= 40; n++) {
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
      assert_room(n, lengths[i]);
    }
  }
}

static void test_usual_canvas(void **state) {
  const zps_legend two = legend_of(2, 6);
  const zps_legend fifteen = legend_of(15, 6);
  const zps_legend none = {0, 0};
  (void)state;
  assert_int_equal(zps_legend_rows(&two), 1);
  assert_int_equal(zps_legend_canvas_px(&two), 1200);
  assert_int_equal(zps_legend_columns(&fifteen), 6);
  assert_int_equal(zps_legend_canvas_px(&none), 1200);
}

static void test_letters_are_counted(void **state) {
  zps_legend legend = {0, 0};
  (void)state;
  zps_legend_add(&legend, "\xce\xbc, 160 GeV");
  assert_int_equal(legend.longest, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_room), cmocka_unit_test(test_usual_canvas),
                                     cmocka_unit_test(test_letters_are_counted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
