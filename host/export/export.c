#include "host/export/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/export/hepdata.h"
#include "host/export/limit_table.h"
#include "host/export/pyhf.h"
#include "host/io/output.h"

typedef zps_status (*put_document)(FILE *out, const zps_limit_curve *curve);

/** The files, in the order they are written. */
static const struct {
  const char *name;
  put_document put;
} documents[] = {
    {"limits.csv", zps_limit_table_put_csv},
    {"limits.lmt", zps_limit_table_put_darkcast},
    {"hepdata/coupling_limits.yaml", zps_hepdata_put_coupling_limits},
    {"hepdata/event_limits.yaml", zps_hepdata_put_event_limits},
    {"hepdata/efficiencies.yaml", zps_hepdata_put_efficiencies},
    {"hepdata/yields.yaml", zps_hepdata_put_yields},
    {"hepdata/submission.yaml", zps_hepdata_put_submission},
    {"pyhf/workspace.json", zps_pyhf_put_workspace},
    {"pyhf/patchset.json", zps_pyhf_put_patchset},
};
#define N_DOCUMENT (sizeof documents / sizeof documents[0])

static zps_status make_folder(const char *folder, const char *name, zps_error *error) {
  char *path = NULL;
  zps_status status = ZPS_OK;
  if (asprintf(&path, "%s%s", folder, name) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for an export");
  }
  if (mkdir(path, 0777) != 0 && errno != EEXIST) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot make the folder: %s", path, strerror(errno));
  }
  free(path);
  return status;
}

/** Writes a document, or with text == NULL only checks that it can be written. */
static zps_status write_one(const char *folder, const char *name, const char *text, size_t size, bool force,
                            zps_error *error) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", folder, name) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for an export");
  }
  const zps_status status =
      text == NULL ? zps_output_check(path, force, error) : zps_output_write(path, text, size, force, error);
  free(path);
  return status;
}

static zps_status write_document(const zps_limit_curve *curve, const char *folder, size_t i, bool force,
                                 zps_error *error) {
  char *text = NULL;
  size_t size = 0;
  FILE *const out = open_memstream(&text, &size);
  if (out == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %s", documents[i].name);
  }
  zps_status status = documents[i].put(out, curve);
  const bool failed = ferror(out) != 0;
  if (fclose(out) != 0 || failed || status != ZPS_OK) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %s", documents[i].name);
  } else {
    status = write_one(folder, documents[i].name, text, size, force, error);
  }
  free(text);
  return status;
}

static zps_status check_limits(const zps_limit_curve *curve, const char *folder, zps_error *error) {
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    if (curve->points[i].has_limit) {
      return ZPS_OK;
    }
  }
  return zps_error_set(error, ZPS_INVALID, "%s: no mass has a limit: nothing to export", folder);
}

zps_status zps_export_write(const zps_limit_curve *curve, const char *folder, bool force, zps_error *error) {
  static const char *const folders[] = {"", "/hepdata", "/pyhf"};
  zps_status status = ZPS_OK;
  ZPS_TRY(check_limits(curve, folder, error));
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    ZPS_TRY(make_folder(folder, folders[i], error));
  }
  for (size_t i = 0; i < N_DOCUMENT; i++) {
    ZPS_TRY(write_one(folder, documents[i].name, NULL, 0, force, error));
  }
  for (size_t i = 0; i < N_DOCUMENT; i++) {
    ZPS_TRY(write_document(curve, folder, i, force, error));
  }
done:
  return status;
}
