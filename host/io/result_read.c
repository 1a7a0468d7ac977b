#include "host/io/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/h5.h"
#include "host/io/result_fields.h"
#include "host/io/signal.h"

#define MAX_JOB_SIZE ((size_t)1 << 26)
#define MAX_PATH_IN_FILE 256

static zps_status read_column(const zps_h5_file *file, const char *path, size_t n, double *values, zps_error *error) {
  const hsize_t size[] = {n};
  return zps_h5_read(file, path, ZPS_H5_F64, 1, size, 0, values, error);
}

static zps_status read_version(const zps_h5_file *file, zps_error *error) {
  uint64_t version = 0;
  if (zps_h5_read_number(file, "run", "schema_version", ZPS_H5_U64, &version, NULL) != ZPS_OK) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: is no result of zpscan run: expected an attribute schema_version of "
                         "/run",
                         file->path);
  }
  if (version != ZPS_SCHEMA_VERSION) {
    return zps_error_set(error, ZPS_INVALID, "%s: /run: schema_version = %llu: this program reads %d", file->path,
                         (unsigned long long)version, ZPS_SCHEMA_VERSION);
  }
  return ZPS_OK;
}

static zps_status allocate_as_stored(const zps_h5_file *file, zps_result *result, zps_error *error) {
  hsize_t n_mass = 0;
  hsize_t n_coupling = 0;
  hsize_t n_trigger = 0;
  hsize_t n_range = 0;
  zps_error reason = {ZPS_OK, ""};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_shape(file, "grid/mass", ZPS_H5_F64, 1, &n_mass, NULL, error));
  ZPS_TRY(zps_h5_shape(file, "grid/coupling", ZPS_H5_F64, 1, &n_coupling, NULL, error));
  ZPS_TRY(zps_h5_shape(file, "grid/trigger", ZPS_H5_TEXT, 1, &n_trigger, NULL, error));
  ZPS_TRY(zps_h5_shape(file, "run/range/n", ZPS_H5_U64, 1, &n_range, NULL, error));
  status = zps_result_allocate(result, (size_t)n_mass, (size_t)n_coupling, (size_t)n_trigger, &reason);
  if (status != ZPS_OK) {
    return zps_error_set(error, status, "%s: %s", file->path, reason.text);
  }
  result->n_range = (size_t)n_range;
  result->ranges = (zps_result_range *)calloc((size_t)n_range + 1, sizeof *result->ranges);
  if (result->ranges == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: out of memory for its ranges", file->path);
  }
done:
  return status;
}

static zps_status read_names(const zps_h5_file *file, const char *path, size_t n, char *texts, zps_error *error) {
  const hsize_t size[] = {n};
  const zps_status status = zps_h5_read(file, path, ZPS_H5_TEXT, 1, size, ZPS_NAME_SIZE, texts, error);
  for (size_t i = 0; i < n && status == ZPS_OK; i++) {
    if (memchr(texts + (i * ZPS_NAME_SIZE), 0, ZPS_NAME_SIZE) == NULL) {
      return zps_error_set(error, ZPS_INVALID, "%s: /%s: a name is longer than %d", file->path, path,
                           ZPS_NAME_SIZE - 1);
    }
  }
  return status;
}

static zps_status read_trigger_names(const zps_h5_file *file, zps_result *result, zps_error *error) {
  char texts[ZPS_MAX_TRIGGERS * ZPS_NAME_SIZE] = {0};
  const zps_status status = read_names(file, "grid/trigger", result->n_trigger, texts, error);
  for (size_t i = 0; i < result->n_trigger && status == ZPS_OK; i++) {
    memcpy(result->triggers[i].name, texts + (i * ZPS_NAME_SIZE), ZPS_NAME_SIZE);
    if (strchr(result->triggers[i].name, '/') != NULL || result->triggers[i].name[0] == '\0') {
      return zps_error_set(error, ZPS_INVALID, "%s: /grid/trigger: trigger %zu has no proper name", file->path, i);
    }
  }
  return status;
}

/** The names of an axis must be the ones this program knows, in its order. */
static zps_status check_axis(const zps_h5_file *file, const char *path, const char *const *names, size_t n,
                             zps_error *error) {
  char texts[(ZPS_N_STAGE + ZPS_N_FATE) * ZPS_NAME_SIZE] = {0};
  const zps_status status = read_names(file, path, n, texts, error);
  for (size_t i = 0; i < n && status == ZPS_OK; i++) {
    if (strcmp(texts + (i * ZPS_NAME_SIZE), names[i]) != 0) {
      return zps_error_set(error, ZPS_INVALID, "%s: /%s: entry %zu: expected %s", file->path, path, i, names[i]);
    }
  }
  return status;
}

static zps_status check_axes(const zps_h5_file *file, zps_error *error) {
  const char *stages[ZPS_N_STAGE];
  const char *fates[ZPS_N_FATE];
  for (int i = 0; i < ZPS_N_STAGE; i++) {
    stages[i] = zps_stage_name((enum zps_stage)i);
  }
  for (int i = 0; i < ZPS_N_FATE; i++) {
    fates[i] = zps_fate_name((enum zps_fate)i);
  }
  const zps_status status = check_axis(file, "grid/stage", stages, ZPS_N_STAGE, error);
  return status == ZPS_OK ? check_axis(file, "grid/fate", fates, ZPS_N_FATE, error) : status;
}

/** A dataset [n_mass][n] (n = 1: [n_mass]) into entries first, first + stride, ... of every tally row. */
static zps_status read_counts(const zps_h5_file *file, const char *path, const zps_result *result, size_t first,
                              size_t n, size_t stride, zps_error *error) {
  const hsize_t size[] = {result->n_mass, n};
  uint64_t *counts = (uint64_t *)calloc(result->n_mass * n, sizeof *counts);
  if (counts == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for /%s", file->path, path);
  }
  const zps_status status = zps_h5_read(file, path, ZPS_H5_U64, n == 1 ? 1 : 2, size, 0, counts, error);
  for (size_t i = 0; i < result->n_mass && status == ZPS_OK; i++) {
    uint64_t *row = zps_result_row(result, i);
    for (size_t j = 0; j < n; j++) {
      row[first + (j * stride)] = counts[(i * n) + j];
    }
  }
  free(counts);
  return status;
}

/** Counts of muons beyond a map; files from before they were counted have none. */
static zps_status read_beyond(const zps_h5_file *file, const zps_result *result, zps_error *error) {
  const char *names[ZPS_N_BEYOND];
  if (!zps_h5_has(file, "beyond_map")) {
    return ZPS_OK;
  }
  for (int i = 0; i < ZPS_N_BEYOND; i++) {
    names[i] = zps_beyond_name((enum zps_beyond)i);
  }
  const zps_status status = check_axis(file, "grid/beyond", names, ZPS_N_BEYOND, error);
  return status == ZPS_OK ? read_counts(file, "beyond_map", result, zps_tally_beyond((uint32_t)result->n_trigger, 0),
                                        ZPS_N_BEYOND, 1, error)
                          : status;
}

/** Path of a dataset of a trigger; names are at most ZPS_NAME_SIZE long, so it fits. */
static const char *trigger_path(char path[MAX_PATH_IN_FILE], const char *trigger, const char *dataset) {
  (void)snprintf(path, MAX_PATH_IN_FILE, "trigger/%s/%s", trigger, dataset);
  return path;
}

static zps_status read_trigger(const zps_h5_file *file, const zps_result *result, size_t i_trigger, zps_error *error) {
  zps_result_trigger *trigger = &result->triggers[i_trigger];
  const char *name = trigger->name;
  const size_t stride = zps_tally_stage(0, 1, 0) - zps_tally_stage(0, 0, 0);
  char path[MAX_PATH_IN_FILE];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_read(file, trigger_path(path, name, "n_mot"), ZPS_H5_F64, 0, NULL, 0, &trigger->n_mot, error));
  ZPS_TRY(
      zps_h5_read(file, trigger_path(path, name, "live_factor"), ZPS_H5_F64, 0, NULL, 0, &trigger->live_factor, error));
  ZPS_TRY(zps_h5_read(file, trigger_path(path, name, "tracking_factor"), ZPS_H5_F64, 0, NULL, 0,
                      &trigger->tracking_factor, error));
  ZPS_TRY(read_counts(file, trigger_path(path, name, "cutflow"), result, zps_tally_stage((uint32_t)i_trigger, 0, 0),
                      ZPS_N_STAGE, stride, error));
  ZPS_TRY(read_counts(file, trigger_path(path, name, "cutflow_k2"), result, zps_tally_stage((uint32_t)i_trigger, 0, 1),
                      ZPS_N_STAGE, stride, error));
  ZPS_TRY(read_column(file, trigger_path(path, name, "x_fraction"), result->n_mass, result->x_fraction, error));
done:
  return status;
}

static zps_status read_histograms(const zps_h5_file *file, const zps_result *result, zps_error *error) {
  char path[MAX_PATH_IN_FILE];
  zps_status status = ZPS_OK;
  for (unsigned i = 0; i < ZPS_N_HISTOGRAM_STAGE && status == ZPS_OK; i++) {
    for (unsigned j = 0; j < ZPS_N_QUANTITY && status == ZPS_OK; j++) {
      (void)snprintf(path, sizeof path, "histogram/%s/%s", zps_histogram_stage_name((enum zps_histogram_stage)i),
                     zps_quantity_name((enum zps_quantity)j));
      status =
          read_counts(file, path, result, zps_tally_bin((uint32_t)result->n_trigger, i, j, 0), ZPS_N_BIN, 1, error);
    }
  }
  return status;
}

/** Only of a run that had a pilot. */
static zps_status read_emission(const zps_h5_file *file, zps_result *result, zps_error *error) {
  const hsize_t size[] = {result->n_mass, ZPS_N_A};
  if (!zps_h5_has(file, "emission")) {
    return ZPS_OK;
  }
  const zps_status status = zps_result_add_column_weights(result, error);
  return status == ZPS_OK
             ? zps_h5_read(file, "emission/column_weight", ZPS_H5_F64, 2, size, 0, result->column_weight, error)
             : status;
}

/** Files of runs with a pilot from before it was stored: what makes sigma at the vertex the nominal one, as it was. */
static void suppose_mean_k(const zps_result *result) {
  for (size_t i = 0; i < result->n_mass; i++) {
    result->mean_k[i] = 1.0;
    const double mean = zps_signal_vertex_factor(result, i);
    result->mean_k[i] = mean > 0.0 ? mean : 1.0;
  }
}

/** The one input that no hash covers must fit what was made of it and the counts. */
static zps_status check_mean_k(const zps_h5_file *file, const zps_result *result, const double *stored,
                               zps_error *error) {
  for (size_t i = 0; i < result->n_mass; i++) {
    const double factor = zps_signal_vertex_factor(result, i);
    if (stored[i] != factor) {
      return zps_error_set(error, ZPS_INVALID,
                           "%s: is damaged: mean_k = %.10g and the counts of mass %zu give vertex_factor %.10g, but "
                           "/cross_section says %.10g",
                           file->path, result->mean_k[i], i, factor, stored[i]);
    }
  }
  return ZPS_OK;
}

/** After the counts are known to be sound. */
static zps_status read_mean_k(const zps_h5_file *file, const zps_result *result, zps_error *error) {
  double *stored = NULL;
  zps_status status = ZPS_OK;
  if (result->column_weight == NULL) {
    return ZPS_OK;
  }
  if (!zps_h5_has(file, "emission/mean_k") && !zps_h5_has(file, "cross_section/vertex_factor")) {
    suppose_mean_k(result);
    return ZPS_OK;
  }
  stored = (double *)calloc(result->n_mass, sizeof *stored);
  if (stored == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for /cross_section", file->path);
  }
  ZPS_TRY(read_column(file, "emission/mean_k", result->n_mass, result->mean_k, error));
  ZPS_TRY(read_column(file, "cross_section/vertex_factor", result->n_mass, stored, error));
  ZPS_TRY(check_mean_k(file, result, stored, error));
done:
  free(stored);
  return status;
}

static zps_status read_numbers(const zps_h5_file *file, zps_result *result, zps_error *error) {
  const size_t n_mass = result->n_mass;
  const uint32_t n_trigger = (uint32_t)result->n_trigger;
  const hsize_t map[] = {n_mass, result->n_coupling};
  zps_status status = ZPS_OK;
  ZPS_TRY(read_column(file, "grid/mass", n_mass, result->mass_gev, error));
  ZPS_TRY(read_column(file, "grid/coupling", result->n_coupling, result->coupling, error));
  ZPS_TRY(read_column(file, "cross_section/sigma_pb", n_mass, result->sigma_pb, error));
  ZPS_TRY(read_column(file, "cross_section/sigma_error_pb", n_mass, result->sigma_error_pb, error));
  ZPS_TRY(zps_h5_read(file, "cross_section/nuclei_per_pb", ZPS_H5_F64, 0, NULL, 0, &result->nuclei_per_pb, error));
  ZPS_TRY(zps_h5_read(file, "cross_section/x_min", ZPS_H5_F64, 0, NULL, 0, &result->x_min, error));
  ZPS_TRY(zps_h5_read(file, "branching/invisible", ZPS_H5_F64, 2, map, 0, result->branching, error));
  ZPS_TRY(read_emission(file, result, error));
  for (size_t i = 0; i < result->n_trigger; i++) {
    ZPS_TRY(read_trigger(file, result, i, error));
  }
  ZPS_TRY(read_counts(file, "fate", result, zps_tally_fate(n_trigger, 0), ZPS_N_FATE, 1, error));
  ZPS_TRY(read_beyond(file, result, error));
  ZPS_TRY(read_counts(file, "run/events", result, zps_tally_events(n_trigger), 1, 1, error));
  ZPS_TRY(read_histograms(file, result, error));
done:
  return status;
}

static zps_status read_ranges(const zps_h5_file *file, const zps_result *result, zps_error *error) {
  const hsize_t size[] = {result->n_range};
  const size_t n = result->n_range;
  uint64_t *columns = (uint64_t *)calloc(n + 1, 3 * sizeof *columns);
  zps_status status = ZPS_OK;
  if (columns == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for its ranges", file->path);
  }
  ZPS_TRY(zps_h5_read(file, "run/range/i_mass", ZPS_H5_U64, 1, size, 0, columns, error));
  ZPS_TRY(zps_h5_read(file, "run/range/first", ZPS_H5_U64, 1, size, 0, columns + n, error));
  ZPS_TRY(zps_h5_read(file, "run/range/n", ZPS_H5_U64, 1, size, 0, columns + (2 * n), error));
  for (size_t i = 0; i < n; i++) {
    result->ranges[i] = (zps_result_range){columns[i], columns[n + i], columns[(2 * n) + i]};
  }
done:
  free(columns);
  return status;
}

static zps_status read_job(const zps_h5_file *file, zps_result *result, zps_error *error) {
  size_t width = 0;
  const zps_status status = zps_h5_shape(file, "job", ZPS_H5_TEXT, 0, NULL, &width, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (width == 0 || width > MAX_JOB_SIZE) {
    return zps_error_set(error, ZPS_INVALID, "%s: /job: %zu bytes: must be 1 to %zu", file->path, width, MAX_JOB_SIZE);
  }
  result->job_text = (char *)calloc(width + 1, 1);
  if (result->job_text == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for /job", file->path);
  }
  return zps_h5_read(file, "job", ZPS_H5_TEXT, 0, NULL, width, result->job_text, error);
}

static zps_status read_integer(const zps_h5_file *file, const char *name, int64_t *value, zps_error *error) {
  uint64_t stored = 0;
  const zps_status status = zps_h5_read_number(file, "run", name, ZPS_H5_U64, &stored, error);
  if (status == ZPS_OK && stored > INT64_MAX) {
    return zps_error_set(error, ZPS_INVALID, "%s: /run: %s = %llu: is too large", file->path, name,
                         (unsigned long long)stored);
  }
  *value = (int64_t)stored;
  return status;
}

static zps_status read_provenance(const zps_h5_file *file, zps_result *result, zps_error *error) {
  zps_provenance *provenance = &result->provenance;
  zps_status status = ZPS_OK;
#define READ_TEXT(name) ZPS_TRY(zps_h5_read_text(file, "run", #name, provenance->name, sizeof provenance->name, error));
#define READ_NUMBER(name) ZPS_TRY(zps_h5_read_number(file, "run", #name, ZPS_H5_F64, &provenance->name, error));
  ZPS_PROVENANCE_TEXTS(READ_TEXT)
  ZPS_PROVENANCE_NUMBERS(READ_NUMBER)
#undef READ_NUMBER
#undef READ_TEXT
  ZPS_TRY(read_integer(file, "physics_version", &provenance->physics_version, error));
  ZPS_TRY(read_integer(file, "n_threads", &provenance->n_threads, error));
  ZPS_TRY(read_integer(file, "schema_version", &provenance->schema_version, error));
  ZPS_TRY(zps_h5_read_number(file, "run", "events_from_journal", ZPS_H5_U64, &provenance->events_from_journal, error));
  ZPS_TRY(zps_h5_read_number(file, "run", "seed", ZPS_H5_U64, &result->seed, error));
  ZPS_TRY(zps_h5_read_number(file, "run", "i_first_mass", ZPS_H5_U64, &result->i_first_mass, error));
  if (zps_h5_has(file, "run/target")) {
    ZPS_TRY(zps_h5_read_number(file, "run/target", "error", ZPS_H5_F64, &provenance->target_error, error));
    ZPS_TRY(zps_h5_read_text(file, "run/target", "trigger", provenance->target_trigger,
                             sizeof provenance->target_trigger, error));
  }
done:
  return status;
}

static zps_status compare_hash(const zps_h5_file *file, const char *name, const char *computed, char *kept,
                               zps_error *error) {
  const zps_status status = zps_h5_read_text(file, "run", name, kept, ZPS_HASH_SIZE, error);
  if (status == ZPS_OK && strcmp(kept, computed) != 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: is damaged: its numbers give %s %s, but /run says %s", file->path,
                         name, computed, kept);
  }
  return status;
}

static zps_status check_hashes(const zps_h5_file *file, zps_result *result, zps_error *error) {
  char hash[ZPS_HASH_SIZE];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_tally_hash(result, hash, error));
  ZPS_TRY(compare_hash(file, "tally_hash", hash, result->provenance.tally_hash, error));
  ZPS_TRY(zps_result_content_hash(result, hash, error));
  ZPS_TRY(compare_hash(file, "content_hash", hash, result->provenance.content_hash, error));
done:
  return status;
}

static zps_status check_meaning(const zps_h5_file *file, const zps_result *result, zps_error *error) {
  zps_error reason = {ZPS_OK, ""};
  const zps_status status = zps_result_check(result, &reason);
  return status == ZPS_OK ? ZPS_OK : zps_error_set(error, status, "%s: %s", file->path, reason.text);
}

zps_status zps_result_read(const char *path, zps_result *result, zps_error *error) {
  zps_h5_file file = {.id = H5I_INVALID_HID};
  zps_status status = ZPS_OK;
  *result = (zps_result){0};
  zps_h5_silence();
  ZPS_TRY(zps_h5_open(path, &file, error));
  ZPS_TRY(read_version(&file, error));
  ZPS_TRY(allocate_as_stored(&file, result, error));
  ZPS_TRY(check_axes(&file, error));
  ZPS_TRY(read_trigger_names(&file, result, error));
  ZPS_TRY(read_numbers(&file, result, error));
  ZPS_TRY(read_ranges(&file, result, error));
  ZPS_TRY(read_job(&file, result, error));
  ZPS_TRY(read_provenance(&file, result, error));
  ZPS_TRY(check_hashes(&file, result, error));
  ZPS_TRY(read_mean_k(&file, result, error));
  ZPS_TRY(check_meaning(&file, result, error));
done:
  zps_h5_close(&file);
  if (status != ZPS_OK) {
    zps_result_free(result);
  }
  return status;
}
