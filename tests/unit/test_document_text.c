/* Laws: the sorted text is that of Python's json.dumps, character by character (the wanted text is Python's own); YAML
 * numbers are floats for YAML 1.1, whose grammar wants a point, and texts cannot break out of their line. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/export/document_text.h"

typedef void (*put_text)(FILE *out, json_t *value);

static char *text_of(put_text put, json_t *value) {
  char *text = NULL;
  size_t size = 0;
  FILE *const out = open_memstream(&text, &size);
  assert_non_null(out);
  put(out, value);
  assert_int_equal(fclose(out), 0);
  json_decref(value);
  return text;
}

static void test_sorted(void **state) {
  json_t *const value = json_pack("{s:[f,f,f,f,f,f,f,f,f,f,f,f,f], s:{s:s, s:n, s:i, s:[]}}", "b", 1.0, 100000.0, 1e16,
                                  123456789012345680.0, 0.1, 1e-4, 1e-5, -2.5e-7, 5e-324, 1.0 / 3.0, -0.0, 1e22,
                                  1.7976931348623157e308, "a", "t", "x \"y\" \\ \xce\xbc", "n", "i", -3, "l");
  char *const text = text_of(zps_document_put_sorted, value);
  (void)state;
  assert_string_equal(text, "{\"a\": {\"i\": -3, \"l\": [], \"n\": null, \"t\": \"x \\\"y\\\" \\\\ \xce\xbc\"}, "
                            "\"b\": [1.0, 100000.0, 1e+16, 1.2345678901234568e+17, 0.1, 0.0001, 1e-05, -2.5e-07, "
                            "5e-324, 0.3333333333333333, -0.0, 1e+22, 1.7976931348623157e+308]}");
  free(text);
}

static void test_yaml(void **state) {
  json_t *const value =
      json_pack("{s:s, s:[s, f], s:{s:f}, s:[{s:s, s:[{s:f}, {s:f}]}], s:[]}", "name", "a: b\n- c", "list", "- x", 1e-5,
                "flat", "units", 2.5, "deep", "header", "m", "values", "value", 1e-30, "value", 3.0, "none");
  char *const text = text_of(zps_document_put_yaml, value);
  (void)state;
  assert_string_equal(text, "name: \"a: b\\n- c\"\n"
                            "list:\n- \"- x\"\n- 1.0e-05\n"
                            "flat: {units: 2.5}\n"
                            "deep:\n- header: \"m\"\n  values:\n  - {value: 1.0e-30}\n  - {value: 3.0}\n"
                            "none: []\n");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sorted), cmocka_unit_test(test_yaml)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
