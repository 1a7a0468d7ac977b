#include "host/job/job_value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/job/job.h"
#include "host/job/number.h"

zps_status zps_job_refuse_value(const zps_yaml_node *node, const char *path, zps_error *error, const char *format,
                                ...) {
  char message[512];
  char shown[ZPS_SHOWN_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (node->kind != ZPS_YAML_SCALAR) {
    return zps_job_refuse(&node->place, error, "%s: %s", path, message);
  }
  return zps_job_refuse(&node->place, error, "%s = %s: %s", path,
                        zps_job_show(node->text, strlen(node->text), shown, sizeof shown), message);
}

/** The member a key names. */
static void *member(const zps_schema_key *key, void *base) {
  return (char *)base + key->offset;
}

static zps_status expect_scalar(const zps_yaml_node *node, const char *path, const char *expected, zps_error *error) {
  if (node->kind == ZPS_YAML_SCALAR) {
    return ZPS_OK;
  }
  return zps_job_refuse_value(node, path, error, "expected %s, got %s", expected, zps_yaml_kind_text(node->kind));
}

static zps_status check_bounds(const zps_schema_key *key, const zps_yaml_node *node, const char *path, double value,
                               zps_error *error) {
  char bound[ZPS_NUMBER_SIZE];
  if (value < key->min || (key->above && value <= key->min)) {
    return zps_job_refuse_value(node, path, error, "must be %s %s",
                                key->above ? ">" : ">=", zps_schema_bound_text(key, key->min, bound));
  }
  if (value > key->max) {
    return zps_job_refuse_value(node, path, error, "must be <= %s", zps_schema_bound_text(key, key->max, bound));
  }
  return ZPS_OK;
}

static zps_status read_number(const zps_schema_key *key, const zps_yaml_node *node, const char *path, double *out,
                              zps_error *error) {
  const zps_status status = expect_scalar(node, path, "a number", error);
  if (status != ZPS_OK) {
    return status;
  }
  if (node->quoted || !zps_number_parse(node->text, strlen(node->text), out)) {
    return zps_job_refuse_value(node, path, error, "expected a number such as 160, -0.5 or 1e-3%s",
                                node->quoted ? ", got a text in quotes" : "");
  }
  return check_bounds(key, node, path, *out, error);
}

/** Digits of a number that no uint64_t holds, after zps_number_parse_whole() has failed. */
static bool is_too_large(const char *text) {
  return text[0] >= '1' && text[0] <= '9' && text[strspn(text, "0123456789")] == '\0';
}

static zps_status read_whole(const zps_schema_key *key, const zps_yaml_node *node, const char *path, uint64_t *out,
                             zps_error *error) {
  const zps_status status = expect_scalar(node, path, "a whole number", error);
  if (status != ZPS_OK) {
    return status;
  }
  if (node->quoted || !zps_number_parse_whole(node->text, strlen(node->text), out)) {
    if (!node->quoted && is_too_large(node->text)) {
      return check_bounds(key, node, path, HUGE_VAL, error);
    }
    return zps_job_refuse_value(node, path, error, "expected a whole number in digits, such as 1000000");
  }
  return check_bounds(key, node, path, (double)*out, error);
}

static zps_status read_count(const zps_schema_key *key, const zps_yaml_node *node, const char *path, int64_t *out,
                             zps_error *error) {
  uint64_t whole = 0;
  const zps_status status = read_whole(key, node, path, &whole, error);
  if (status == ZPS_OK) {
    *out = (int64_t)whole;
  }
  return status;
}

/** Index of the chosen text among the key's choices. */
static zps_status read_choice(const zps_schema_key *key, const zps_yaml_node *node, const char *path, int *out,
                              zps_error *error) {
  char choice[32];
  const zps_status status = expect_scalar(node, path, key->choices, error);
  if (status != ZPS_OK) {
    return status;
  }
  for (size_t i = 0; zps_schema_choice(key->choices, i, choice, sizeof choice); i++) {
    if (strcmp(node->text, choice) == 0) {
      *out = (int)i;
      return ZPS_OK;
    }
  }
  return zps_job_refuse_value(node, path, error, "expected %s", key->choices);
}

static zps_status read_flag(const zps_yaml_node *node, const char *path, bool *out, zps_error *error) {
  const zps_status status = expect_scalar(node, path, "true or false", error);
  if (status != ZPS_OK) {
    return status;
  }
  *out = strcmp(node->text, "true") == 0;
  if (!*out && strcmp(node->text, "false") != 0) {
    return zps_job_refuse_value(node, path, error, "expected true or false");
  }
  return ZPS_OK;
}

static zps_status read_source(const zps_schema_key *key, const zps_yaml_node *node, const char *path,
                              zps_job_field *out, zps_error *error) {
  int i = 0;
  const zps_status status = read_choice(key, node, path, &i, error);
  if (status == ZPS_OK) {
    out->generated = i != 2;
    out->uniform = i == 1;
  }
  return status;
}

static zps_status read_name(const zps_yaml_node *node, const char *path, char *out, zps_error *error) {
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  const zps_status status = expect_scalar(node, path, "a name", error);
  if (status != ZPS_OK) {
    return status;
  }
  const size_t n = strlen(node->text);
  if (n == 0 || n >= ZPS_NAME_SIZE || strspn(node->text, allowed) != n) {
    return zps_job_refuse_value(node, path, error, "expected a name of 1 to %d letters, digits, '_' or '-'",
                                ZPS_NAME_SIZE - 1);
  }
  memcpy(out, node->text, n + 1);
  return ZPS_OK;
}

/** Writes the absolute form of a path; relative to the folder of the job file, or to the working folder when it came
 *  from --set. False when it does not fit or there is no working folder. */
static bool resolve(const zps_job_place *place, const char *path, char *out) {
  char folder[ZPS_PATH_SIZE] = "";
  const char *slash = place->setting == NULL ? strrchr(place->file, '/') : NULL;
  const int n_above = slash != NULL ? (int)(slash - place->file) + 1 : 0;
  const char *above = n_above > 0 ? place->file : "";
  if (path[0] == '/') {
    return snprintf(out, ZPS_PATH_SIZE, "%s", path) < ZPS_PATH_SIZE;
  }
  if (above[0] != '/' && getcwd(folder, sizeof folder) == NULL) {
    return false;
  }
  const char *join = folder[0] != '\0' && strcmp(folder, "/") != 0 ? "/" : "";
  return snprintf(out, ZPS_PATH_SIZE, "%s%s%.*s%s", folder, join, n_above, above, path) < ZPS_PATH_SIZE;
}

static bool has_control_character(const char *text) {
  for (; *text != '\0'; text++) {
    if ((unsigned char)*text < 0x20 || *text == 0x7f) {
      return true;
    }
  }
  return false;
}

static zps_status read_path(const zps_yaml_node *node, const char *path, char *out, zps_error *error) {
  char whole[ZPS_PATH_SIZE];
  const zps_status status = expect_scalar(node, path, "a path", error);
  if (status != ZPS_OK) {
    return status;
  }
  if (node->text[0] == '\0') {
    out[0] = '\0';
    return ZPS_OK;
  }
  if (has_control_character(node->text)) {
    return zps_job_refuse_value(node, path, error, "expected a path without control characters");
  }
  if (!resolve(&node->place, node->text, whole)) {
    return zps_job_refuse_value(node, path, error, "its full path is longer than %d bytes or cannot be found",
                                ZPS_PATH_SIZE - 1);
  }
  memcpy(out, whole, strlen(whole) + 1);
  return ZPS_OK;
}

static zps_status expect_list(const zps_yaml_node *node, const char *path, const char *expected, zps_error *error) {
  if (node->kind == ZPS_YAML_LIST) {
    return ZPS_OK;
  }
  return zps_job_refuse_value(node, path, error, "expected %s, got %s", expected, zps_yaml_kind_text(node->kind));
}

static zps_status read_numbers(const zps_schema_key *key, const zps_yaml_node *node, const char *path, double *out,
                               zps_error *error) {
  zps_status status = expect_list(node, path, "a list of numbers", error);
  if (status == ZPS_OK && node->n_children != key->n_max) {
    status = zps_job_refuse_value(node, path, error, "expected %zu numbers, got %zu", key->n_max, node->n_children);
  }
  for (size_t i = 0; status == ZPS_OK && i < key->n_max; i++) {
    status = read_number(key, node->children[i], path, &out[i], error);
  }
  return status;
}

static zps_status read_grid(const zps_schema_key *key, const zps_yaml_node *node, const char *path, zps_job_list *out,
                            zps_error *error) {
  double single = 0.0;
  zps_status status = ZPS_OK;
  if (node->kind != ZPS_YAML_LIST) {
    return zps_job_refuse_value(node, path, error,
                                "expected a list such as [%s], or a grid such as {from: 0.01, to: 1, points: 9, "
                                "spacing: log}",
                                zps_number_parse(node->text, strlen(node->text), &single) ? node->text : "0.01, 0.1");
  }
  const bool may_be_empty = key->fallback != NULL && key->fallback[0] == '\0';
  if ((node->n_children == 0 && !may_be_empty) || node->n_children > key->n_max) {
    return zps_job_refuse_value(node, path, error, "expected %s to %zu numbers, got %zu", may_be_empty ? "0" : "1",
                                key->n_max, node->n_children);
  }
  if (node->n_children == 0) {
    return ZPS_OK;
  }
  out->values = (double *)calloc(node->n_children, sizeof(double));
  if (out->values == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu numbers of %s", node->n_children, path);
  }
  out->n = node->n_children;
  for (size_t i = 0; i < out->n; i++) {
    ZPS_TRY(read_number(key, node->children[i], path, &out->values[i], error));
    if (i > 0 && !(out->values[i] > out->values[i - 1])) {
      return zps_job_refuse_value(node->children[i], path, error, "must be above the value before it, %.10g",
                                  out->values[i - 1]);
    }
  }
done:
  return status;
}

static zps_status read_auto_number(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                                   zps_error *error) {
  bool *is_auto = (bool *)((char *)base + key->offset_aux);
  *is_auto = node->kind == ZPS_YAML_SCALAR && strcmp(node->text, "auto") == 0;
  if (*is_auto) {
    return ZPS_OK;
  }
  const zps_status status = read_number(key, node, path, (double *)member(key, base), error);
  return status;
}

zps_status zps_job_value_read(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                              zps_error *error) {
  _Static_assert(sizeof(zps_model) == sizeof(int), "choices are stored through int");
  void *out = member(key, base);
  switch (key->type) {
  case ZPS_SCHEMA_NUMBER:
    return read_number(key, node, path, (double *)out, error);
  case ZPS_SCHEMA_WHOLE:
    return read_whole(key, node, path, (uint64_t *)out, error);
  case ZPS_SCHEMA_COUNT:
    return read_count(key, node, path, (int64_t *)out, error);
  case ZPS_SCHEMA_FLAG:
    return read_flag(node, path, (bool *)out, error);
  case ZPS_SCHEMA_CHOICE: {
    int i = 0;
    const zps_status status = read_choice(key, node, path, &i, error);
    memcpy(out, &i, sizeof i);
    return status;
  }
  case ZPS_SCHEMA_SOURCE:
    return read_source(key, node, path, (zps_job_field *)out, error);
  case ZPS_SCHEMA_NAME:
    return read_name(node, path, (char *)out, error);
  case ZPS_SCHEMA_PATH:
    return read_path(node, path, (char *)out, error);
  case ZPS_SCHEMA_NUMBERS:
    return read_numbers(key, node, path, (double *)out, error);
  case ZPS_SCHEMA_GRID:
    return read_grid(key, node, path, (zps_job_list *)out, error);
  case ZPS_SCHEMA_AUTO_NUMBER:
    return read_auto_number(key, node, path, base, error);
  case ZPS_SCHEMA_SECTION:
  case ZPS_SCHEMA_MEMBERS:
  default:
    return zps_job_refuse_value(node, path, error, "is not a single value");
  }
}
