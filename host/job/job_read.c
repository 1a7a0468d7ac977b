#include "host/job/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/job/job_schema.h"
#include "host/job/job_setting.h"
#include "host/job/job_validate.h"
#include "host/job/job_value.h"
#include "host/job/job_yaml.h"
#include "host/job/number.h"
#include "kernels/math.h"

#define MAX_FILE_BYTES ((size_t)1 << 20)
#define MAX_TEXT_BYTES ((size_t)1 << 26) /* an effective job with its lists written out is larger than a file */

static zps_status read_section(const char *section, const zps_yaml_node *node, const char *path, void *base,
                               zps_error *error);

static const char *join(const char *path, const char *leaf, char *buffer) {
  char shown[ZPS_SHOWN_SIZE];
  (void)snprintf(buffer, ZPS_DOTTED_SIZE, "%s%s%s", path, path[0] != '\0' ? "." : "",
                 zps_job_show(leaf, strlen(leaf), shown, sizeof shown));
  return buffer;
}

/** Bit of the kind of a layout element, every bit elsewhere. */
static zps_status find_kinds(const char *section, const zps_yaml_node *node, const char *path, unsigned *kinds,
                             zps_error *error) {
  *kinds = ZPS_SCHEMA_ANY_KIND;
  if (strcmp(section, "layout[]") != 0) {
    return ZPS_OK;
  }
  char dotted[ZPS_DOTTED_SIZE];
  zps_job_element element = {.kind = ZPS_ELEMENT_MATTER};
  const zps_schema_key *key = zps_schema_find(section, "kind", ZPS_SCHEMA_ANY_KIND);
  const zps_yaml_node *kind = zps_yaml_child(node, "kind");
  if (kind == NULL) {
    return zps_job_refuse(&node->place, error, "%s: missing key 'kind': expected %s", path, key->choices);
  }
  const zps_status status = zps_job_value_read(key, kind, join(path, "kind", dotted), &element, error);
  if (status == ZPS_OK) {
    *kinds = 1u << element.kind;
  }
  return status;
}

static zps_status refuse_key(const char *section, const zps_yaml_node *child, const char *path, unsigned kinds,
                             zps_error *error) {
  char shown[ZPS_SHOWN_SIZE];
  const char *name = zps_job_show(child->key, strlen(child->key), shown, sizeof shown);
  const char *in = path[0] != '\0' ? " in " : "";
  if (zps_schema_find(section, child->key, ZPS_SCHEMA_ANY_KIND) != NULL) {
    const char *kind = kinds == 1u << ZPS_ELEMENT_MATTER  ? "matter"
                       : kinds == 1u << ZPS_ELEMENT_FIELD ? "field"
                                                          : "plane";
    return zps_job_refuse(&child->place, error, "key '%s'%s%s does not apply to kind %s", name, in, path, kind);
  }
  return zps_job_refuse(&child->place, error, "unknown key '%s'%s%s; nearest known key: %s", name, in, path,
                        zps_schema_nearest(section, child->key, kinds));
}

static zps_status refuse_unknown(const char *section, const zps_yaml_node *node, const char *path, unsigned kinds,
                                 zps_error *error) {
  for (size_t i = 0; i < node->n_children; i++) {
    if (zps_schema_find(section, node->children[i]->key, kinds) == NULL) {
      return refuse_key(section, node->children[i], path, kinds, error);
    }
  }
  return ZPS_OK;
}

/** Value i of n between from and to, ends exact. zps_log and zps_exp give every machine the same masses; 15 digits
 *  make a decade of a grid the 1e-4 that a reader looks for. */
static double range_value(const zps_job_range *range, uint64_t i) {
  if (i == 0) {
    return range->from;
  }
  if (i == range->points - 1) {
    return range->to;
  }
  const double f = (double)i / (double)(range->points - 1);
  if (range->spacing == ZPS_SPACING_LINEAR) {
    return zps_number_round(range->from + (f * (range->to - range->from)));
  }
  return zps_number_round(range->from * zps_exp(f * zps_log(range->to / range->from)));
}

static zps_status expand_range(const zps_job_range *range, const zps_yaml_node *node, const char *path,
                               zps_job_list *list, zps_error *error) {
  if (!(range->from < range->to)) {
    return zps_job_refuse_value(node, path, error, "from = %.10g must be below to = %.10g", range->from, range->to);
  }
  list->values = (double *)calloc(range->points, sizeof(double));
  if (list->values == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %s", path);
  }
  list->n = range->points;
  for (uint64_t i = 0; i < range->points; i++) {
    list->values[i] = range_value(range, i);
    if (i > 0 && !(list->values[i] > list->values[i - 1])) {
      return zps_job_refuse_value(node, path, error, "from and to are too close for that many points");
    }
  }
  return ZPS_OK;
}

static zps_status read_grid_map(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                                zps_error *error) {
  zps_job_range range = {.points = 0};
  const zps_status status = read_section(key->path, node, path, &range, error);
  if (status != ZPS_OK) {
    return status;
  }
  return expand_range(&range, node, path, (zps_job_list *)((char *)base + key->offset), error);
}

/** A counter lies at its edge or at its centre, one of the two. */
static zps_status finish_counter(const zps_yaml_node *node, const char *path, zps_job_counter *counter,
                                 zps_error *error) {
  const bool has_edge = zps_yaml_child(node, "edge_x_mm") != NULL;
  const bool has_center = zps_yaml_child(node, "center_x_mm") != NULL;
  if (has_edge == has_center) {
    return zps_job_refuse(&node->place, error, "%s: expected either edge_x_mm or center_x_mm, got %s", path,
                          has_edge ? "both" : "neither");
  }
  if (has_center) {
    counter->edge_x_mm += 0.5 * counter->width_mm;
  }
  return ZPS_OK;
}

/** Fills what follows from the keys of an element. */
static void finish_element(const zps_yaml_node *node, zps_job_element *element) {
  element->line = zps_yaml_child(node, "name")->place.line;
  if (element->kind == ZPS_ELEMENT_FIELD) {
    element->width_mm = element->field.width_mm;
    element->height_mm = element->field.gap_mm;
  }
  if (element->kind == ZPS_ELEMENT_MATTER) {
    double period_mm = 0;
    for (size_t i = 0; i < element->n_layers; i++) {
      period_mm += element->layers[i].thickness_mm;
    }
    element->length_mm = period_mm * (double)(element->repeat * element->n_modules);
  }
}

static zps_status read_member(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                              zps_error *error) {
  char section[ZPS_SCHEMA_PATH_SIZE];
  (void)snprintf(section, sizeof section, "%s[]", key->path);
  const zps_status status = read_section(section, node, path, base, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (strcmp(section, "triggers[].planes[]") == 0) {
    return finish_counter(node, path, (zps_job_counter *)base, error);
  }
  if (strcmp(section, "layout[]") == 0) {
    finish_element(node, (zps_job_element *)base);
  }
  return ZPS_OK;
}

/** `layout.ECAL`, or `layout[2]` for a member without a name. */
static const char *name_member(const zps_schema_key *key, const zps_yaml_node *list, size_t i, const char *path,
                               char *buffer) {
  const zps_yaml_node *name = zps_yaml_child(list->children[i], key->member_key);
  if (name != NULL && name->kind == ZPS_YAML_SCALAR) {
    return join(path, name->text, buffer);
  }
  (void)snprintf(buffer, ZPS_DOTTED_SIZE, "%s[%zu]", path, i);
  return buffer;
}

static zps_status read_members(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                               zps_error *error) {
  size_t *n = (size_t *)((char *)base + key->offset_aux);
  char *members = (char *)base + key->offset;
  char dotted[ZPS_DOTTED_SIZE];
  zps_status status = ZPS_OK;
  if (node->kind != ZPS_YAML_LIST) {
    return zps_job_refuse_value(node, path, error, "expected a list of maps, got %s", zps_yaml_kind_text(node->kind));
  }
  if (node->n_children == 0 || node->n_children > key->n_max) {
    return zps_job_refuse(&node->place, error, "%s: expected 1 to %zu members, got %zu", path, key->n_max,
                          node->n_children);
  }
  for (size_t i = 0; i < node->n_children; i++) {
    ZPS_TRY(read_member(key, node->children[i], name_member(key, node, i, path, dotted),
                        members + (i * key->member_size), error));
    *n = i + 1;
  }
done:
  return status;
}

static zps_status read_given(const zps_schema_key *key, const zps_yaml_node *node, const char *path, void *base,
                             zps_error *error) {
  switch (key->type) {
  case ZPS_SCHEMA_SECTION:
    return read_section(key->path, node, path, base, error);
  case ZPS_SCHEMA_MEMBERS:
    return read_members(key, node, path, base, error);
  case ZPS_SCHEMA_GRID:
    return node->kind == ZPS_YAML_MAP ? read_grid_map(key, node, path, base, error)
                                      : zps_job_value_read(key, node, path, base, error);
  default:
    return zps_job_value_read(key, node, path, base, error);
  }
}

static zps_status read_fallback(const zps_schema_key *key, const zps_yaml_node *section, const char *path, void *base,
                                zps_error *error) {
  zps_yaml_node *node = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_yaml_parse(&section->place, key->fallback, strlen(key->fallback), &node, error));
  ZPS_TRY(read_given(key, node, path, base, error));
done:
  zps_yaml_destroy(node);
  return status;
}

static zps_status read_key(const zps_schema_key *key, const zps_yaml_node *section, const char *path, void *base,
                           zps_error *error) {
  const char *leaf = zps_schema_leaf(key);
  const zps_yaml_node *node = zps_yaml_child(section, leaf);
  char dotted[ZPS_DOTTED_SIZE];
  if (key->type == ZPS_SCHEMA_SECTION && key->offset_aux != 0) {
    *(bool *)((char *)base + key->offset_aux) = node != NULL;
  }
  if (node != NULL) {
    return read_given(key, node, join(path, leaf, dotted), base, error);
  }
  if (key->fallback == NULL) {
    return zps_job_refuse(&section->place, error, "%s%smissing key '%s': expected %s%s%s%s", path,
                          path[0] != '\0' ? ": " : "", leaf, key->help, key->unit != NULL ? " [" : "",
                          key->unit != NULL ? key->unit : "", key->unit != NULL ? "]" : "");
  }
  return key->fallback[0] != '\0' ? read_fallback(key, section, join(path, leaf, dotted), base, error) : ZPS_OK;
}

static zps_status read_section(const char *section, const zps_yaml_node *node, const char *path, void *base,
                               zps_error *error) {
  size_t n = 0;
  unsigned kinds = 0;
  const zps_schema_key *keys = zps_schema_keys(&n);
  zps_status status = ZPS_OK;
  if (node->kind != ZPS_YAML_MAP) {
    return zps_job_refuse_value(node, path[0] != '\0' ? path : "job", error, "expected a map of keys, got %s",
                                zps_yaml_kind_text(node->kind));
  }
  ZPS_TRY(find_kinds(section, node, path, &kinds, error));
  ZPS_TRY(refuse_unknown(section, node, path, kinds, error));
  for (size_t i = 0; i < n; i++) {
    if (zps_schema_belongs(&keys[i], section, kinds)) {
      ZPS_TRY(read_key(&keys[i], node, path, base, error));
    }
  }
done:
  return status;
}

static zps_status apply_settings(zps_yaml_node *root, const char *name, const char *const *settings, size_t n_settings,
                                 zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < n_settings; i++) {
    ZPS_TRY(zps_job_setting_apply(root, name, settings[i], error));
  }
done:
  return status;
}

zps_status zps_job_read_text(const char *name, const char *text, size_t size, const char *const *settings,
                             size_t n_settings, zps_job *job, zps_error *error) {
  const zps_job_place place = {.file = name, .setting = NULL, .line = 0};
  zps_yaml_node *root = NULL;
  zps_status status = ZPS_OK;
  memset(job, 0, sizeof *job);
  if (size > MAX_TEXT_BYTES) {
    return zps_job_refuse(&place, error, "%zu bytes: a job has at most %zu", size, MAX_TEXT_BYTES);
  }
  if (snprintf(job->file, sizeof job->file, "%s", name) >= ZPS_PATH_SIZE) {
    job->file[0] = '\0';
    return zps_error_set(error, ZPS_INVALID, "path of the job file is longer than %d bytes", ZPS_PATH_SIZE - 1);
  }
  ZPS_TRY(zps_yaml_parse(&place, text, size, &root, error));
  if (root->kind == ZPS_YAML_MAP) {
    ZPS_TRY(apply_settings(root, name, settings, n_settings, error));
  }
  ZPS_TRY(read_section("", root, "", job, error));
  ZPS_TRY(zps_job_validate(job, root, error));
done:
  zps_yaml_destroy(root);
  if (status != ZPS_OK) {
    zps_job_free(job);
  }
  return status;
}

/** Opens a regular file for reading; *fd is -1 on failure. O_NONBLOCK: a pipe must not make us wait. */
static zps_status open_file(const char *path, int *fd, zps_error *error) {
  struct stat about;
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0) {
    return zps_error_set(error, ZPS_IO, "%s: %s: expected a job file", path, strerror(errno));
  }
  if (fstat(*fd, &about) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: %s", path, strerror(errno));
  }
  if (!S_ISREG(about.st_mode)) {
    return zps_error_set(error, ZPS_IO, "%s: is %s: expected a job file", path,
                         S_ISDIR(about.st_mode) ? "a directory" : "not a regular file");
  }
  return ZPS_OK;
}

/** Reads up to limit + 1 bytes. */
static zps_status read_all(int fd, const char *path, char *text, size_t limit, size_t *size, zps_error *error) {
  *size = 0;
  for (;;) {
    const ssize_t n = read(fd, text + *size, limit + 1 - *size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return zps_error_set(error, ZPS_IO, "%s: %s", path, strerror(errno));
    }
    *size += (size_t)n;
    if (n == 0 || *size > limit) {
      return ZPS_OK;
    }
  }
}

zps_status zps_job_read(const char *path, const char *const *settings, size_t n_settings, zps_job *job,
                        zps_error *error) {
  char *text = NULL;
  size_t size = 0;
  int fd = -1;
  zps_status status = ZPS_OK;
  memset(job, 0, sizeof *job);
  ZPS_TRY(open_file(path, &fd, error));
  text = (char *)malloc(MAX_FILE_BYTES + 1);
  if (text == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory while reading %s", path);
    goto done;
  }
  ZPS_TRY(read_all(fd, path, text, MAX_FILE_BYTES, &size, error));
  if (size > MAX_FILE_BYTES) {
    status = zps_error_set(error, ZPS_INVALID, "%s: larger than 1 MiB: expected a job file", path);
    goto done;
  }
  ZPS_TRY(zps_job_read_text(path, text, size, settings, n_settings, job, error));
done:
  free(text);
  if (fd >= 0) {
    (void)close(fd);
  }
  return status;
}

void zps_job_free(zps_job *job) {
  free(job->mass_gev.values);
  free(job->coupling.values);
  free(job->placement.y_offset_mm.values);
  free(job->placement.y_last_offset_mm.values);
  free(job->placement.scan_values.values);
  memset(job, 0, sizeof *job);
}
