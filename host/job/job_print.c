#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/job.h"
#include "host/job/job_schema.h"
#include "host/job/number.h"

static void print_section(FILE *out, const char *section, unsigned kinds, const void *base, int indent, bool in_list);

static void print_number(FILE *out, double value) {
  char text[ZPS_NUMBER_SIZE];
  (void)fputs(zps_number_print(value, text), out);
}

static void print_numbers(FILE *out, const double *values, size_t n) {
  (void)fputc('[', out);
  for (size_t i = 0; i < n; i++) {
    (void)fputs(i == 0 ? "" : ", ", out);
    print_number(out, values[i]);
  }
  (void)fputc(']', out);
}

/** In single quotes, the one YAML form in which only the quote itself is special. */
static void print_quoted(FILE *out, const char *text) {
  (void)fputc('\'', out);
  for (; *text != '\0'; text++) {
    (void)fputs(*text == '\'' ? "'" : "", out);
    (void)fputc(*text, out);
  }
  (void)fputc('\'', out);
}

static void print_choice(FILE *out, const char *choices, size_t i) {
  char choice[32] = "";
  (void)zps_schema_choice(choices, i, choice, sizeof choice);
  (void)fputs(choice, out);
}

static size_t source_index(const zps_job_field *field) {
  return !field->generated ? 2 : field->uniform ? 1 : 0;
}

static void print_auto_number(FILE *out, const zps_schema_key *key, const void *base) {
  if (*(const bool *)((const char *)base + key->offset_aux)) {
    (void)fputs("auto", out);
  } else {
    print_number(out, *(const double *)((const char *)base + key->offset));
  }
}

static void print_grid(FILE *out, const zps_job_list *list) {
  print_numbers(out, list->values, list->n);
}

static void print_chosen(FILE *out, const zps_schema_key *key, const void *value) {
  int i = 0;
  memcpy(&i, value, sizeof i);
  print_choice(out, key->choices, (size_t)i);
}

static void print_value(FILE *out, const zps_schema_key *key, const void *base) {
  const void *value = (const char *)base + key->offset;
  switch (key->type) {
  case ZPS_SCHEMA_NUMBER:
    print_number(out, *(const double *)value);
    break;
  case ZPS_SCHEMA_WHOLE:
    (void)fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)value);
    break;
  case ZPS_SCHEMA_COUNT:
    (void)fprintf(out, "%lld", (long long)*(const int64_t *)value);
    break;
  case ZPS_SCHEMA_FLAG:
    (void)fputs(*(const bool *)value ? "true" : "false", out);
    break;
  case ZPS_SCHEMA_CHOICE:
    print_chosen(out, key, value);
    break;
  case ZPS_SCHEMA_SOURCE:
    print_choice(out, key->choices, source_index((const zps_job_field *)value));
    break;
  case ZPS_SCHEMA_NAME:
    (void)fputs((const char *)value, out);
    break;
  case ZPS_SCHEMA_PATH:
    print_quoted(out, (const char *)value);
    break;
  case ZPS_SCHEMA_NUMBERS:
    print_numbers(out, (const double *)value, key->n_max);
    break;
  case ZPS_SCHEMA_GRID:
    print_grid(out, (const zps_job_list *)value);
    break;
  case ZPS_SCHEMA_AUTO_NUMBER:
    print_auto_number(out, key, base);
    break;
  case ZPS_SCHEMA_SECTION:
  case ZPS_SCHEMA_MEMBERS:
  default:
    break;
  }
}

static void print_members(FILE *out, const zps_schema_key *key, const void *base, int indent) {
  const size_t n = *(const size_t *)((const char *)base + key->offset_aux);
  const char *members = (const char *)base + key->offset;
  char section[ZPS_SCHEMA_PATH_SIZE];
  (void)snprintf(section, sizeof section, "%s[]", key->path);
  for (size_t i = 0; i < n; i++) {
    const void *member = members + (i * key->member_size);
    const unsigned kinds =
        strcmp(section, "layout[]") == 0 ? 1u << ((const zps_job_element *)member)->kind : ZPS_SCHEMA_ANY_KIND;
    print_section(out, section, kinds, member, indent, true);
  }
}

static void print_key(FILE *out, const zps_schema_key *key, const void *base, int indent) {
  (void)fprintf(out, "%s:", zps_schema_leaf(key));
  if (key->type == ZPS_SCHEMA_SECTION) {
    (void)fputc('\n', out);
    print_section(out, key->path, ZPS_SCHEMA_ANY_KIND, base, indent + 2, false);
  } else if (key->type == ZPS_SCHEMA_MEMBERS) {
    (void)fputc('\n', out);
    print_members(out, key, base, indent + 2);
  } else {
    (void)fputc(' ', out);
    print_value(out, key, base);
    (void)fputc('\n', out);
  }
}

/** Sections that a job may do without are not printed then. */
static bool is_printed(const zps_schema_key *key, const void *base) {
  const bool optional = key->type == ZPS_SCHEMA_SECTION && key->offset_aux != 0;
  return !key->input_only && (!optional || *(const bool *)((const char *)base + key->offset_aux));
}

/** Prints every key of a section; in a list the first line carries the dash. */
static void print_section(FILE *out, const char *section, unsigned kinds, const void *base, int indent, bool in_list) {
  size_t n = 0;
  bool first = in_list;
  const zps_schema_key *keys = zps_schema_keys(&n);
  for (size_t i = 0; i < n; i++) {
    if (zps_schema_belongs(&keys[i], section, kinds) && is_printed(&keys[i], base)) {
      (void)fprintf(out, "%*s%s", indent, "", first ? "- " : in_list ? "  " : "");
      print_key(out, &keys[i], base, in_list ? indent + 2 : indent);
      first = false;
    }
  }
}

zps_status zps_job_print(const zps_job *job, char **text, zps_error *error) {
  size_t size = 0;
  char *buffer = NULL;
  *text = NULL;
  FILE *out = open_memstream(&buffer, &size);
  if (out == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory while printing a job");
  }
  print_section(out, "", ZPS_SCHEMA_ANY_KIND, job, 0, false);
  const bool failed = ferror(out) != 0;
  if (fclose(out) != 0 || failed) {
    free(buffer);
    return zps_error_set(error, ZPS_MEMORY, "out of memory while printing a job");
  }
  *text = buffer;
  return ZPS_OK;
}
