/* docs/job-file.md follows the schema. With --print the program writes the generated part, to paste between its marks.
 */
#include <stdlib.h>
#include <string.h>

#include "host/job/job_schema.h"
#include "tests/zps_test.h"

#define BEGIN "<!-- begin: test_job_reference --print -->\n"
#define END "<!-- end -->\n"

static char *read_page(void) {
  FILE *file = fopen("docs/job-file.md", "r");
  assert_non_null(file);
  char *text = (char *)calloc(1, 1 << 18);
  assert_non_null(text);
  const size_t n = fread(text, 1, (1 << 18) - 1, file);
  assert_true(n > 0);
  (void)fclose(file);
  return text;
}

static void test_page_is_current(void **state) {
  (void)state;
  zps_error error = {ZPS_OK, ""};
  char *want = NULL;
  char *page = read_page();
  assert_int_equal(zps_job_schema_reference(&want, &error), ZPS_OK);
  char *begin = strstr(page, BEGIN);
  char *end = strstr(page, END);
  assert_non_null(begin);
  assert_non_null(end);
  *end = '\0';
  assert_string_equal(begin + strlen(BEGIN), want);
  free(want);
  free(page);
}

/* Laws of the table: every parent is there and comes before its keys; a default lies inside the range it documents
 * is checked by reading a job without the key (test_job.c). */
static void test_parents_come_first(void **state) {
  (void)state;
  size_t n = 0;
  const zps_schema_key *keys = zps_schema_keys(&n);
  for (size_t i = 0; i < n; i++) {
    const char *leaf = zps_schema_leaf(&keys[i]);
    bool found = leaf == keys[i].path;
    for (size_t j = 0; j < i && !found; j++) {
      char section[ZPS_SCHEMA_PATH_SIZE];
      (void)snprintf(section, sizeof section, "%s%s", keys[j].path, keys[j].type == ZPS_SCHEMA_MEMBERS ? "[]" : "");
      found = zps_schema_belongs(&keys[i], section, ZPS_SCHEMA_ANY_KIND);
    }
    if (!found) {
      fail_msg("%s stands before its section", keys[i].path);
    }
    assert_true(strlen(keys[i].path) + 3 < ZPS_SCHEMA_PATH_SIZE);
    assert_true(strlen(keys[i].help) > 0);
    assert_null(strchr(keys[i].help, '|'));
  }
}

static void test_nearest(void **state) {
  (void)state;
  assert_string_equal(zps_schema_nearest("scan", "mas_gev", ZPS_SCHEMA_ANY_KIND), "mass_gev");
  assert_string_equal(zps_schema_nearest("", "p_gev", ZPS_SCHEMA_ANY_KIND), "beam.p_gev");
  assert_string_equal(zps_schema_nearest("", "", ZPS_SCHEMA_ANY_KIND), "run");
  char text[5000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  assert_non_null(zps_schema_nearest("beam", text, ZPS_SCHEMA_ANY_KIND));
}

static int print_reference(void) {
  zps_error error = {ZPS_OK, ""};
  char *text = NULL;
  if (zps_job_schema_reference(&text, &error) != ZPS_OK) {
    return 1;
  }
  (void)fputs(text, stdout);
  free(text);
  return 0;
}

int main(int n_arguments, char **arguments) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_page_is_current),
      cmocka_unit_test(test_parents_come_first),
      cmocka_unit_test(test_nearest),
  };
  if (n_arguments > 1 && strcmp(arguments[1], "--print") == 0) {
    return print_reference();
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
