/* BDSIM's text format (.dat, .dat.gz): L. J. Nevay et al., Comput. Phys. Commun. 252 (2020) 107200, and the manual's
 * chapter on field maps. cm and T. */
#include <string.h>
#include <strings.h>

#include "host/field/map_number.h"
#include "host/field/map_rows.h"

#define N_AXES 4 /* x y z t */

/** What stands in front of the rows. */
typedef struct bdsim_header {
  const char *path;
  zps_error *error;
  double n[N_AXES];
  double min_mm[N_AXES], max_mm[N_AXES];
  bool has_n[N_AXES], has_min[N_AXES], has_max[N_AXES];
  bool has_order, z_fastest;
} bdsim_header;

static const char axis_letters[N_AXES + 1] = "xyzt";

static int axis_of(char letter) {
  const char *const found = letter != '\0' ? strchr(axis_letters, letter) : NULL;
  return found != NULL ? (int)(found - axis_letters) : -1;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static zps_status refuse_key(const bdsim_header *h, uint64_t line, zps_map_field key) {
  return zps_error_set(h->error, ZPS_INVALID,
                       "%s:%llu: key '%.*s': expected nx, xmin, xmax (also y, z, t) or loopOrder", h->path,
                       (unsigned long long)line, (int)(key.n < 40 ? key.n : 40), key.text);
}

static zps_status take_order(bdsim_header *h, uint64_t line, zps_map_field value) {
  const bool x_first = value.n == 4 && strncasecmp(value.text, "xyzt", 4) == 0;
  h->z_fastest = value.n == 4 && strncasecmp(value.text, "tzyx", 4) == 0;
  if (!x_first && !h->z_fastest) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: loopOrder> %.*s: expected xyzt or tzyx", h->path,
                         (unsigned long long)line, (int)(value.n < 40 ? value.n : 40), value.text);
  }
  h->has_order = true;
  return ZPS_OK;
}

/** A number into one of the three lists, once. */
static zps_status take_number(const bdsim_header *h, uint64_t line, zps_map_field key, zps_map_field value, int shift,
                              double *to, bool *has) {
  const int n_key = (int)key.n;
  if (*has) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: %.*s is given a second time", h->path,
                         (unsigned long long)line, n_key, key.text);
  }
  if (!zps_map_number(value.text, value.n, shift, to)) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: %.*s> %.*s: expected a number", h->path,
                         (unsigned long long)line, n_key, key.text, (int)(value.n < 40 ? value.n : 40), value.text);
  }
  *has = true;
  return ZPS_OK;
}

static zps_status take_key(bdsim_header *h, uint64_t line, zps_map_field key, zps_map_field value) {
  const int axis = key.n == 2 || key.n == 4 ? axis_of(lower(key.text[key.n == 2 ? 1 : 0])) : -1;
  if (key.n == 9 && strncasecmp(key.text, "loopOrder", 9) == 0) {
    return take_order(h, line, value);
  }
  if (axis >= 0 && key.n == 2 && lower(key.text[0]) == 'n') {
    return take_number(h, line, key, value, 0, &h->n[axis], &h->has_n[axis]);
  }
  const int shift = axis == 3 ? 0 : 1; /* cm */
  if (axis >= 0 && key.n == 4 && strncasecmp(key.text + 1, "min", 3) == 0) {
    return take_number(h, line, key, value, shift, &h->min_mm[axis], &h->has_min[axis]);
  }
  if (axis >= 0 && key.n == 4 && strncasecmp(key.text + 1, "max", 3) == 0) {
    return take_number(h, line, key, value, shift, &h->max_mm[axis], &h->has_max[axis]);
  }
  return refuse_key(h, line, key);
}

static zps_status take_key_line(bdsim_header *h, const zps_map_line *line) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  const char *const arrow = (const char *)memchr(line->text, '>', line->n);
  if (arrow == NULL) {
    return zps_error_set(h->error, ZPS_INVALID,
                         "%s:%llu: expected a line `key> number`, or the names of the columns "
                         "after a `!`, before the rows",
                         h->path, (unsigned long long)line->number);
  }
  zps_map_field key = {line->text, 0};
  if (zps_map_split(line->text, (size_t)(arrow - line->text), false, parts) == 1) {
    key = parts[0];
  }
  const size_t n_values = zps_map_split(arrow + 1, line->n - (size_t)(arrow - line->text) - 1, false, parts);
  if (key.n == 0 || n_values != 1) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: expected `key> value`, one of each", h->path,
                         (unsigned long long)line->number);
  }
  return take_key(h, line->number, key, parts[0]);
}

/** 0, 1, 2: x, y, z; 3, 4, 5: the components; -1: another name. */
static int column_of(zps_map_field name) {
  if (name.n == 1 && lower(name.text[0]) != 't') {
    return axis_of(lower(name.text[0]));
  }
  const bool component = name.n == 2 && (lower(name.text[0]) == 'f' || lower(name.text[0]) == 'b');
  const int axis = component ? axis_of(lower(name.text[1])) : -1;
  return axis >= 0 && axis < 3 ? 3 + axis : -1;
}

static zps_status take_columns(const bdsim_header *h, const zps_map_line *line, zps_map_rows *rows) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  const char *const mark = (const char *)memchr(line->text, '!', line->n);
  rows->n_columns = zps_map_split(mark + 1, line->n - (size_t)(mark - line->text) - 1, false, parts);
  rows->first_line = line->number + 1;
  for (size_t i = 0; i < rows->n_columns && i <= ZPS_MAP_COLUMNS_MAX; i++) {
    const int column = column_of(parts[i]);
    if (column < 0 || rows->column[column] != ZPS_MAP_NO_COLUMN) {
      return zps_error_set(h->error, ZPS_INVALID,
                           "%s:%llu: column %.*s: expected X, Y, Z, Fx, Fy, Fz, each at most once", h->path,
                           (unsigned long long)line->number, (int)(parts[i].n < 40 ? parts[i].n : 40), parts[i].text);
    }
    rows->column[column] = i;
  }
  for (int i = 3; i < 6; i++) {
    if (rows->column[i] == ZPS_MAP_NO_COLUMN) {
      return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: no column F%c", h->path, (unsigned long long)line->number,
                           axis_letters[i - 3]);
    }
  }
  return ZPS_OK;
}

static zps_status check_axis(const bdsim_header *h, int i) {
  const char c = axis_letters[i];
  if (!h->has_n[i] || !h->has_min[i] || !h->has_max[i]) {
    return zps_error_set(h->error, ZPS_INVALID, "%s: the column %c needs n%c>, %cmin> and %cmax> in the header",
                         h->path, c, c, c, c);
  }
  if (!(h->n[i] >= 2.0 && h->n[i] <= 1e9 && (double)(int64_t)h->n[i] == h->n[i])) {
    return zps_error_set(h->error, ZPS_INVALID, "%s: n%c> %g: expected a whole number >= 2", h->path, c, h->n[i]);
  }
  if (!(h->min_mm[i] < h->max_mm[i])) {
    return zps_error_set(h->error, ZPS_INVALID, "%s: %cmin> %.9g cm: must be below %cmax> %.9g cm", h->path, c,
                         0.1 * h->min_mm[i], c, 0.1 * h->max_mm[i]);
  }
  return ZPS_OK;
}

/** The header's axes for the rows; an axis without a column may be there as one node. */
static zps_status take_axes(const bdsim_header *h, zps_map_rows *rows) {
  int n_named = 0;
  zps_status status = ZPS_OK;
  for (int i = 0; i < N_AXES; i++) {
    if (i == 3 || rows->column[i] == ZPS_MAP_NO_COLUMN) {
      if (h->has_n[i] && h->n[i] != 1.0) {
        return zps_error_set(h->error, ZPS_INVALID,
                             "%s: n%c> %g, but no column %c: expected a static field on the "
                             "axes that the line with `!` names",
                             h->path, axis_letters[i], h->n[i], axis_letters[i]);
      }
      continue;
    }
    ZPS_TRY(check_axis(h, i));
    rows->n_announced[i] = h->n[i];
    rows->has_ends[i] = true;
    rows->first_mm[i] = h->min_mm[i];
    rows->last_mm[i] = h->max_mm[i];
    if (h->has_order && (n_named == 0 || h->z_fastest)) {
      rows->fastest = i;
    }
    n_named++;
  }
  if (n_named == 0) {
    status = zps_error_set(h->error, ZPS_INVALID, "%s: the line with `!` names no axis: expected X, Y or Z", h->path);
  }
done:
  return status;
}

static zps_status read_header(bdsim_header *h, zps_map_source *source, zps_map_rows *rows) {
  zps_map_line line;
  bool more = true;
  bool has_columns = false;
  zps_status status = ZPS_OK;
  while (!has_columns) {
    ZPS_TRY(zps_map_source_line(source, &line, &more, h->error));
    if (!more) {
      status = zps_error_set(h->error, ZPS_INVALID, "%s: no line `! X Y Z Fx Fy Fz` that names the columns", h->path);
      goto done;
    }
    if (zps_map_skips(line.text, line.n, "#")) {
      continue;
    }
    has_columns = zps_map_skips(line.text, line.n, "!");
    if (has_columns) {
      ZPS_TRY(take_columns(h, &line, rows));
    } else {
      ZPS_TRY(take_key_line(h, &line));
    }
  }
  ZPS_TRY(take_axes(h, rows));
done:
  return status;
}

zps_status zps_map_bdsim_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                              zps_error *error) {
  bdsim_header header = {.path = zps_map_source_path(source), .error = error};
  zps_map_rows rows = {.column = {ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN,
                                  ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN},
                       .names = {"x", "y", "z", "Fx", "Fy", "Fz"},
                       .comment = "#",
                       .fastest = -1};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_map_units_choose(header.path, ZPS_LENGTH_CM, ZPS_FIELD_T, use, &rows.units, error));
  ZPS_TRY(read_header(&header, source, &rows));
  ZPS_TRY(zps_map_rows_read(source, &rows, content, error));
done:
  return status;
}
