#include <string.h>

#include "host/run/text_difference.h"
#include "tests/zps_test.h"

static void test_the_first_differing_line_is_named(void **unused) {
  (void)unused;
  static const struct {
    const char *a, *b, *line_a, *line_b;
  } cases[] = {{"seed: 1\nbeam:\n  p: 1\n", "seed: 1\nbeam:\n  p: 2\n", "p: 1", "p: 2"},
               {"a\nb", "a", "b", "nothing"},
               {"", "a\n", "nothing", "a"},
               {"a\nx\ny\n", "a\nu\nv\n", "x", "u"}};
  char line_a[ZPS_TEXT_LINE_SIZE];
  char line_b[ZPS_TEXT_LINE_SIZE];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_true(zps_text_difference(cases[i].a, cases[i].b, line_a, line_b));
    assert_string_equal(line_a, cases[i].line_a);
    assert_string_equal(line_b, cases[i].line_b);
  }
}

static void test_equal_texts_have_no_difference(void **unused) {
  (void)unused;
  char line[ZPS_TEXT_LINE_SIZE];
  char other[ZPS_TEXT_LINE_SIZE];
  assert_false(zps_text_difference("", "", line, other));
  assert_false(zps_text_difference("a\n  b\n", "a\nb\n", line, other));
  assert_false(zps_text_difference("a\nb", "a\nb\n", line, other));
}

static void test_long_lines_are_cut(void **unused) {
  (void)unused;
  char text[3 * ZPS_TEXT_LINE_SIZE];
  char line[ZPS_TEXT_LINE_SIZE];
  char other[ZPS_TEXT_LINE_SIZE];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  assert_true(zps_text_difference(text, "y", line, other));
  assert_int_equal(strlen(line), ZPS_TEXT_LINE_SIZE - 1);
  assert_string_equal(other, "y");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_first_differing_line_is_named),
      cmocka_unit_test(test_equal_texts_have_no_difference),
      cmocka_unit_test(test_long_lines_are_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
