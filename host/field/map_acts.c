/* Field maps as ACTS reads them: rows `x y z Bx By Bz`, or `r z Br Bz` of a field that does not change when it is
 * turned about the z axis; in text without a header or as CSV with one. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "host/field/map_axis.h"
#include "host/field/map_number.h"
#include "host/field/map_rows.h"

#define COMMENT "%#"

static zps_status refuse_columns(const char *path, uint64_t line, zps_error *error) {
  return zps_error_set(error, ZPS_INVALID,
                       "%s:%llu: expected columns x, y, z, Bx, By, Bz, or r, z, Br, Bz, in a CSV file with one line of "
                       "these names",
                       path, (unsigned long long)line);
}

/** Finds the columns by the names of a CSV header. */
static bool take_names(const zps_map_field *parts, size_t n, bool turned, zps_map_rows *rows) {
  static const char *const box[] = {"x", "y", "z", "Bx", "By", "Bz"};
  static const char *const ring[] = {"r", "", "z", "Br", "", "Bz"};
  const char *const *const names = turned ? ring : box;
  for (size_t i = 0; i < n; i++) {
    int found = -1;
    for (int c = 0; c < 6; c++) {
      const bool same = strlen(names[c]) == parts[i].n && strncasecmp(names[c], parts[i].text, parts[i].n) == 0;
      found = same && parts[i].n > 0 ? c : found;
    }
    if (found < 0 || rows->column[found] != ZPS_MAP_NO_COLUMN) {
      return false;
    }
    rows->column[found] = i;
  }
  return true;
}

static void take_usual_order(bool turned, zps_map_rows *rows) {
  static const size_t box[] = {0, 1, 2, 3, 4, 5};
  static const size_t ring[] = {0, ZPS_MAP_NO_COLUMN, 1, 2, ZPS_MAP_NO_COLUMN, 3};
  memcpy(rows->column, turned ? ring : box, sizeof rows->column);
}

static bool begins_with_letter(const char *text, size_t n) {
  size_t i = 0;
  while (i < n && (text[i] == ' ' || text[i] == '\t')) {
    i++;
  }
  return i < n && ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')) &&
         !zps_map_not_finite(text + i, strcspn(text + i, " \t,"));
}

static zps_status read_header(zps_map_source *source, zps_map_rows *rows, bool *turned, zps_error *error) {
  const char *const path = zps_map_source_path(source);
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  zps_map_line line = {.text = "", .n = 0, .number = 0};
  bool more = true;
  zps_status status = ZPS_OK;
  do {
    ZPS_TRY(zps_map_source_line(source, &line, &more, error));
  } while (more && zps_map_skips(line.text, line.n, COMMENT));
  if (!more) {
    return zps_error_set(error, ZPS_INVALID, "%s: no rows of numbers", path);
  }
  rows->commas = memchr(line.text, ',', line.n) != NULL;
  rows->n_columns = zps_map_split(line.text, line.n, rows->commas, parts);
  *turned = rows->n_columns == 4;
  if (rows->n_columns != 4 && rows->n_columns != 6) {
    return refuse_columns(path, line.number, error);
  }
  const bool named = begins_with_letter(line.text, line.n);
  if (named && !take_names(parts, rows->n_columns, *turned, rows)) {
    return refuse_columns(path, line.number, error);
  }
  if (!named) {
    take_usual_order(*turned, rows);
  }
  rows->first_line = line.number + (named ? 1 : 0);
done:
  return status;
}

/** Br and Bz at radius r in a plane of constant z, linear between the nodes. */
static void ring_field(const zps_field_map *rings, int32_t iz, double r_mm, double *b_r, double *b_z) {
  const double at = r_mm / rings->step_x_mm;
  const int32_t i = (int32_t)at < rings->n_x - 2 ? (int32_t)at : rings->n_x - 2;
  const double f = at - (double)i;
  const float *const b = rings->b + (4 * (((size_t)iz * (size_t)rings->n_y * (size_t)rings->n_x) + (size_t)i));
  *b_r = ((1.0 - f) * (double)b[0]) + (f * (double)b[4]);
  *b_z = ((1.0 - f) * (double)b[2]) + (f * (double)b[6]);
}

static void turn_plane(const zps_field_map *rings, int32_t iz, int32_t reach, float *to) {
  for (int32_t iy = -reach; iy <= reach; iy++) {
    for (int32_t ix = -reach; ix <= reach; ix++) {
      const double x = (double)ix * rings->step_x_mm;
      const double y = (double)iy * rings->step_x_mm;
      const double r = sqrt((x * x) + (y * y));
      double b_r = 0.0;
      double b_z = 0.0;
      ring_field(rings, iz, r, &b_r, &b_z);
      to[0] = r > 0.0 ? (float)((b_r * x) / r) : 0.0F;
      to[1] = r > 0.0 ? (float)((b_r * y) / r) : 0.0F;
      to[2] = (float)b_z;
      to += 4;
    }
  }
}

/** From rings (r in the place of x) to the largest square of nodes inside them, with the spacing of r. */
static zps_status turn_about_z(const char *path, zps_map_content *content, zps_error *error) {
  const zps_field_map *const rings = &content->grid.map;
  zps_field_map_owned box = {.b = NULL};
  if (!(fabs(rings->x_min_mm) <= ZPS_MAP_UNIFORM * rings->step_x_mm)) {
    return zps_error_set(error, ZPS_INVALID, "%s: r begins at %.9g mm: must begin at 0", path, rings->x_min_mm);
  }
  const double half = (double)(rings->n_x - 1) / sqrt(2.0);
  const int32_t reach = (int32_t)half;
  if (reach < 1) {
    return zps_error_set(error, ZPS_INVALID, "%s: only %d nodes along r: expected at least 3", path, (int)rings->n_x);
  }
  const double n = (2.0 * (double)reach) + 1.0;
  const zps_status status = zps_field_map_create(n, n, (double)rings->n_z, &box, error);
  if (status != ZPS_OK) {
    return status;
  }
  box.map.x_min_mm = -(double)reach * rings->step_x_mm;
  box.map.y_min_mm = box.map.x_min_mm;
  box.map.z_min_mm = rings->z_min_mm;
  box.map.step_x_mm = rings->step_x_mm;
  box.map.step_y_mm = rings->step_x_mm;
  box.map.step_z_mm = rings->step_z_mm;
  for (int32_t iz = 0; iz < rings->n_z; iz++) {
    turn_plane(rings, iz, reach, box.b + (4 * (size_t)iz * (size_t)box.map.n_x * (size_t)box.map.n_y));
  }
  zps_map_content_free(content);
  content->grid = box;
  content->free_axis[1] = false;
  return ZPS_OK;
}

zps_status zps_map_acts_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                             zps_error *error) {
  zps_map_rows rows = {.column = {ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN,
                                  ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN},
                       .names = {"x", "y", "z", "Bx", "By", "Bz"},
                       .comment = COMMENT,
                       .fastest = -1};
  const char *const path = zps_map_source_path(source);
  bool turned = false;
  zps_status status = ZPS_OK;
  ZPS_TRY(read_header(source, &rows, &turned, error));
  if (turned) {
    rows.names[0] = "r";
    rows.names[3] = "Br";
  }
  ZPS_TRY(zps_map_units_choose(path, ZPS_LENGTH_FROM_FILE, ZPS_FIELD_FROM_FILE, use, &rows.units, error));
  ZPS_TRY(zps_map_rows_read(source, &rows, content, error));
  if (turned) {
    ZPS_TRY(turn_about_z(path, content, error));
  }
done:
  if (status != ZPS_OK) {
    zps_map_content_free(content);
  }
  return status;
}
