#include "host/export/document_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 48

/** Fewest digits that read back as the same number, as d.dddde+xx. */
static void print_scientific(double value, char text[NUMBER_SIZE]) {
  for (int digits = 0; digits < 17; digits++) {
    (void)snprintf(text, NUMBER_SIZE, "%.*e", digits, value);
    if (strtod(text, NULL) == value) {
      return;
    }
  }
}

/** Moves the point of d.dddd by exponent, -4 <= exponent < 16: 1.25, 2 -> 125.0. */
static void print_fixed(const char *scientific, int exponent, char text[NUMBER_SIZE]) {
  char digits[NUMBER_SIZE];
  int n = 0;
  char *out = text;
  for (const char *c = scientific; *c != 'e'; c++) {
    if (*c == '-') {
      *out++ = '-';
    } else if (*c != '.') {
      digits[n++] = *c;
    }
  }
  for (int i = exponent < 0 ? exponent : 0; i <= exponent + 1 || i < n; i++) {
    if (i == exponent + 1) {
      *out++ = '.';
    }
    *out++ = (char)(i >= 0 && i < n ? digits[i] : '0');
  }
  *out = '\0';
}

/** A number as Python prints it; with_point: 1.0e-05 instead of 1e-05. */
static const char *print_number(double value, bool with_point, char text[NUMBER_SIZE]) {
  char scientific[NUMBER_SIZE];
  print_scientific(value, scientific);
  const char *const e = strchr(scientific, 'e');
  const int exponent = (int)strtol(e + 1, NULL, 10);
  if (exponent >= -4 && exponent < 16) {
    print_fixed(scientific, exponent, text);
  } else {
    const bool add = with_point && memchr(scientific, '.', (size_t)(e - scientific)) == NULL;
    (void)snprintf(text, NUMBER_SIZE, "%.*s%s%s", (int)(e - scientific), scientific, add ? ".0" : "", e);
  }
  return text;
}

static bool is_plain(const json_t *value) {
  return !json_is_object(value) && !json_is_array(value);
}

static void put_plain(FILE *out, const json_t *value, bool with_point) {
  char text[NUMBER_SIZE];
  if (json_is_real(value)) {
    (void)fputs(print_number(json_real_value(value), with_point, text), out);
    return;
  }
  (void)json_dumpf(value, out, JSON_ENCODE_ANY);
}

static bool is_flat(json_t *object) {
  const char *key = NULL;
  json_t *member = NULL;
  if (!json_is_object(object)) {
    return false;
  }
  json_object_foreach(object, key, member) {
    if (!is_plain(member)) {
      return false;
    }
  }
  return true;
}

static void put_flat(FILE *out, json_t *object) {
  const char *key = NULL;
  json_t *member = NULL;
  const char *before = "{";
  json_object_foreach(object, key, member) {
    (void)fprintf(out, "%s%s: ", before, key);
    put_plain(out, member, true);
    before = ", ";
  }
  (void)fputs(json_object_size(object) > 0 ? "}\n" : "{}\n", out);
}

static void put_object(FILE *out, json_t *object, int indent, bool has_indent);

static void put_list(FILE *out, const json_t *list, int indent) {
  size_t i = 0;
  json_t *member = NULL;
  json_array_foreach(list, i, member) {
    (void)fprintf(out, "%*s- ", indent, "");
    if (is_plain(member)) {
      put_plain(out, member, true);
      (void)fputc('\n', out);
    } else if (is_flat(member)) {
      put_flat(out, member);
    } else {
      put_object(out, member, indent + 2, true);
    }
  }
}

static void put_object(FILE *out, json_t *object, int indent, bool has_indent) {
  const char *key = NULL;
  json_t *member = NULL;
  json_object_foreach(object, key, member) {
    (void)fprintf(out, "%*s%s:", has_indent ? 0 : indent, "", key);
    has_indent = false;
    if (is_plain(member) || is_flat(member)) {
      (void)fputc(' ', out);
    } else {
      (void)fputs(json_array_size(member) > 0 || json_is_object(member) ? "\n" : " []\n", out);
    }
    if (is_plain(member)) {
      put_plain(out, member, true);
      (void)fputc('\n', out);
    } else if (is_flat(member)) {
      put_flat(out, member);
    } else if (json_is_array(member)) {
      put_list(out, member, indent);
    } else {
      put_object(out, member, indent + 2, false);
    }
  }
}

void zps_document_put_yaml(FILE *out, json_t *object) {
  put_object(out, object, 0, false);
}

static int compare_keys(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_sorted_object(FILE *out, json_t *object) {
  const size_t size = json_object_size(object);
  const char **keys = (const char **)calloc(size + 1, sizeof *keys);
  const char *key = NULL;
  json_t *member = NULL;
  size_t n = 0;
  if (keys == NULL) {
    return;
  }
  json_object_foreach(object, key, member) {
    keys[n++] = key;
  }
  qsort(keys, n, sizeof *keys, compare_keys);
  (void)fputc('{', out);
  for (size_t i = 0; i < n; i++) {
    (void)fprintf(out, "%s\"%s\": ", i > 0 ? ", " : "", keys[i]);
    zps_document_put_sorted(out, json_object_get(object, keys[i]));
  }
  (void)fputc('}', out);
  free(keys);
}

void zps_document_put_sorted(FILE *out, json_t *value) {
  if (json_is_object(value)) {
    put_sorted_object(out, value);
  } else if (json_is_array(value)) {
    (void)fputc('[', out);
    for (size_t i = 0; i < json_array_size(value); i++) {
      (void)fputs(i > 0 ? ", " : "", out);
      zps_document_put_sorted(out, json_array_get(value, i));
    }
    (void)fputc(']', out);
  } else {
    put_plain(out, value, false);
  }
}
