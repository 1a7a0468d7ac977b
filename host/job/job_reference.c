#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/job_schema.h"
#include "kernels/layout.h"

static bool is_container(const zps_schema_key *key) {
  return key->type == ZPS_SCHEMA_SECTION || key->type == ZPS_SCHEMA_MEMBERS;
}

static const char *type_text(const zps_schema_key *key) {
  static const char *const texts[] = {[ZPS_SCHEMA_SECTION] = "map",
                                      [ZPS_SCHEMA_MEMBERS] = "list of maps",
                                      [ZPS_SCHEMA_NUMBER] = "number",
                                      [ZPS_SCHEMA_WHOLE] = "whole number",
                                      [ZPS_SCHEMA_COUNT] = "whole number",
                                      [ZPS_SCHEMA_FLAG] = "true, false",
                                      [ZPS_SCHEMA_CHOICE] = "",
                                      [ZPS_SCHEMA_SOURCE] = "",
                                      [ZPS_SCHEMA_NAME] = "name",
                                      [ZPS_SCHEMA_PATH] = "path",
                                      [ZPS_SCHEMA_NUMBERS] = "list of numbers",
                                      [ZPS_SCHEMA_GRID] = "list or map",
                                      [ZPS_SCHEMA_AUTO_NUMBER] = "`auto` or number"};
  return texts[key->type];
}

/** "`a`, `b`" for "a | b": a bar would end the cell of the table. */
static void print_choices(FILE *out, const char *choices) {
  char choice[32];
  for (size_t i = 0; zps_schema_choice(choices, i, choice, sizeof choice); i++) {
    (void)fprintf(out, "%s`%s`", i > 0 ? ", " : "", choice);
  }
}

static void print_default(FILE *out, const zps_schema_key *key) {
  if (key->fallback == NULL) {
    (void)fputs("must be given", out);
  } else if (key->fallback[0] == '\0') {
    (void)fputs("none", out);
  } else {
    (void)fprintf(out, "`%s`", key->fallback);
  }
}

static void print_kinds(FILE *out, unsigned kinds) {
  static const char *const names[] = {
      [ZPS_ELEMENT_MATTER] = "matter", [ZPS_ELEMENT_FIELD] = "field", [ZPS_ELEMENT_PLANE] = "plane"};
  const char *separator = "";
  for (unsigned i = 0; i < 3; i++) {
    if ((kinds & (1u << i)) != 0) {
      (void)fprintf(out, "%s%s", separator, names[i]);
      separator = ", ";
    }
  }
  (void)fputs(kinds != 0 ? ": " : "", out);
}

static void print_row(FILE *out, const zps_schema_key *key) {
  char range[80] = "";
  (void)fprintf(out, "| `%s` | ", zps_schema_leaf(key));
  if (key->choices != NULL) {
    print_choices(out, key->choices);
  }
  (void)fprintf(out, "%s | %s | %s | ", type_text(key), key->unit != NULL ? key->unit : "",
                key->max > key->min ? zps_schema_range_text(key, range) : "");
  print_default(out, key);
  (void)fputs(" | ", out);
  print_kinds(out, key->kinds);
  (void)fprintf(out, "%s |\n", key->help);
}

static bool has_keys(const char *section) {
  size_t n = 0;
  const zps_schema_key *keys = zps_schema_keys(&n);
  for (size_t i = 0; i < n; i++) {
    if (zps_schema_belongs(&keys[i], section, ZPS_SCHEMA_ANY_KIND)) {
      return true;
    }
  }
  return false;
}

/** One table of the keys directly in a section; nothing when it has none. */
static void print_table(FILE *out, const char *section, const char *title, const char *help) {
  size_t n = 0;
  const zps_schema_key *keys = zps_schema_keys(&n);
  if (!has_keys(section)) {
    return;
  }
  (void)fprintf(out, "### %s\n\n%c%s.\n\n", title, toupper((unsigned char)help[0]), help + 1);
  (void)fputs("| key | value | unit | range | default | meaning |\n|---|---|---|---|---|---|\n", out);
  for (size_t i = 0; i < n; i++) {
    if (zps_schema_belongs(&keys[i], section, ZPS_SCHEMA_ANY_KIND)) {
      print_row(out, &keys[i]);
    }
  }
  (void)fputc('\n', out);
}

static void print_tables(FILE *out) {
  size_t n = 0;
  const zps_schema_key *keys = zps_schema_keys(&n);
  print_table(out, "", "top level", "keys of the file");
  for (size_t i = 0; i < n; i++) {
    const bool is_list = keys[i].type == ZPS_SCHEMA_MEMBERS;
    char section[ZPS_SCHEMA_PATH_SIZE];
    char title[ZPS_SCHEMA_PATH_SIZE + 2];
    (void)snprintf(section, sizeof section, "%s%s", keys[i].path, is_list ? "[]" : "");
    (void)snprintf(title, sizeof title, "`%s`", section);
    if (is_container(&keys[i]) || keys[i].type == ZPS_SCHEMA_GRID) {
      print_table(out, section, title, keys[i].help);
    }
  }
}

zps_status zps_job_schema_reference(char **text, zps_error *error) {
  size_t size = 0;
  char *buffer = NULL;
  *text = NULL;
  FILE *out = open_memstream(&buffer, &size);
  if (out == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory while printing the reference");
  }
  print_tables(out);
  const bool failed = ferror(out) != 0;
  if (fclose(out) != 0 || failed) {
    free(buffer);
    return zps_error_set(error, ZPS_MEMORY, "out of memory while printing the reference");
  }
  *text = buffer;
  return ZPS_OK;
}
