#include "host/job/job_yaml.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/zps_test.h"

static const zps_job_place place = {"x.yaml", NULL, 0};

static zps_status parse(const char *text, size_t size, zps_yaml_node **root, zps_error *error) {
  memset(error, 0, sizeof *error);
  return zps_yaml_parse(&place, text, size, root, error);
}

static void test_tree(void **state) {
  (void)state;
  static const char text[] = "a: 1\nb:\n  - x\n  - 'y'\nc: {d: \"\"}\n";
  zps_yaml_node *root = NULL;
  zps_error error;
  assert_int_equal(parse(text, strlen(text), &root, &error), ZPS_OK);
  assert_int_equal(root->kind, ZPS_YAML_MAP);
  assert_int_equal(root->n_children, 3);
  assert_string_equal(zps_yaml_child(root, "a")->text, "1");
  const zps_yaml_node *b = zps_yaml_child(root, "b");
  assert_int_equal(b->kind, ZPS_YAML_LIST);
  assert_int_equal(b->place.line, 2);
  assert_int_equal(b->children[1]->place.line, 4);
  assert_false(b->children[0]->quoted);
  assert_true(b->children[1]->quoted);
  assert_string_equal(zps_yaml_child(zps_yaml_child(root, "c"), "d")->text, "");
  assert_null(zps_yaml_child(root, "nothing"));
  zps_yaml_destroy(root);
}

static void test_edit(void **state) {
  (void)state;
  zps_yaml_node *root = NULL;
  zps_error error;
  assert_int_equal(parse("a: 1\nb: 2", 9, &root, &error), ZPS_OK);
  zps_yaml_remove(root, "a");
  zps_yaml_remove(root, "a");
  assert_int_equal(root->n_children, 1);
  assert_int_equal(zps_yaml_put(root, "c", zps_yaml_create_map(&place), &error), ZPS_OK);
  assert_int_equal(zps_yaml_put(root, "b", zps_yaml_create_map(&place), &error), ZPS_OK);
  assert_int_equal(root->n_children, 2);
  assert_int_equal(zps_yaml_child(root, "b")->kind, ZPS_YAML_MAP);
  zps_yaml_destroy(root);
}

static void test_refuses(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "x.yaml: is empty: expected YAML"},
      {"# nothing\n", "x.yaml: is empty: expected YAML"},
      {"a: 1\nb: 2\na: 3\n", "x.yaml:3: duplicate key 'a', given before on line 1"},
      {"a: &x 1\nb: *x\n", "x.yaml:1: YAML anchors, aliases and tags are not supported"},
      {"a: &x [*x]\n", "x.yaml:1: YAML anchors, aliases and tags are not supported"},
      {"a: !!int 5\n", "x.yaml:1: YAML anchors, aliases and tags are not supported"},
      {"a: *x\n", "x.yaml:1: YAML anchors, aliases and tags are not supported"},
      {"a: 1\n---\nb: 2\n", "x.yaml:2: a second YAML document: expected one"},
      {"[a]: 1\n", "x.yaml:1: a key must be a text, not a list or a map"},
      {"a: \"x\\0y\"\n", "x.yaml:1: 'x\\x00y': expected a text without NUL characters"},
      {"\n\na: [1, 2\n",
       "x.yaml:4: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that "
       "begins on line 3"},
      {"a: \xff\n", "x.yaml: not a text in UTF-8: invalid leading UTF-8 octet at byte 3"},
      {"a:\tb: c\n", "x.yaml:1: not valid YAML: mapping values are not allowed in this context"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    zps_yaml_node *root = NULL;
    zps_error error;
    assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &root, &error), ZPS_INVALID);
    assert_null(root);
    assert_string_equal(error.text, cases[i].message);
  }
}

static void test_nul_byte(void **state) {
  (void)state;
  zps_yaml_node *root = NULL;
  zps_error error;
  assert_int_equal(parse("a: 1\nb: \0\n", 10, &root, &error), ZPS_INVALID);
  assert_string_equal(error.text, "x.yaml:2: a NUL byte: expected text in UTF-8");
}

/** Repeats a text up to size bytes; to be freed. */
static char *repeat(const char *text, size_t size) {
  char *out = (char *)malloc(size);
  assert_non_null(out);
  for (size_t i = 0; i < size; i++) {
    out[i] = text[i % strlen(text)];
  }
  return out;
}

/* Law: 1 MiB of anything is answered in a time linear in its size; 5 s is a hundred times what it takes. */
static void test_bombs(void **state) {
  (void)state;
  static const char *const seeds[] = {"[",   "{",  "- ",  "? ",  "{a: ",  "a: [", "!",
                                      "&a ", "\"", "a\n", "'\n", "- -\n", ": ",   "|\n"};
  const size_t size = (size_t)1 << 20;
  for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
    char *text = repeat(seeds[i], size);
    zps_yaml_node *root = NULL;
    zps_error error;
    const clock_t start = clock();
    const zps_status status = parse(text, size, &root, &error);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    free(text);
    zps_yaml_destroy(root);
    if (seconds > 5) {
      fail_msg("1 MiB of '%s' took %.1f s (status %d)", seeds[i], seconds, (int)status);
    }
  }
}

static void test_depth(void **state) {
  (void)state;
  zps_yaml_node *root = NULL;
  zps_error error;
  assert_int_equal(parse("[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]", 31, &root, &error), ZPS_OK);
  zps_yaml_destroy(root);
  assert_int_equal(parse("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", 33, &root, &error), ZPS_INVALID);
  assert_string_equal(error.text, "x.yaml:1: nested deeper than 16 levels");
}

static void test_too_many_keys(void **state) {
  (void)state;
  char text[4096];
  size_t n = 0;
  for (int i = 0; i <= ZPS_YAML_MAX_KEYS; i++) {
    n += (size_t)snprintf(text + n, sizeof text - n, "k%d: 1\n", i);
  }
  zps_yaml_node *root = NULL;
  zps_error error;
  assert_int_equal(parse(text, n, &root, &error), ZPS_INVALID);
  assert_string_equal(error.text, "x.yaml:257: a map of more than 256 keys");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tree),          cmocka_unit_test(test_edit),  cmocka_unit_test(test_refuses),
      cmocka_unit_test(test_nul_byte),      cmocka_unit_test(test_bombs), cmocka_unit_test(test_depth),
      cmocka_unit_test(test_too_many_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
