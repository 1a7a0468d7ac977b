#include "host/field/map_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/field/map_axis.h"
#include "host/field/map_number.h"

#define MAX_FIELD_T 1e6
#define MAX_NODES (ZPS_FIELD_MAX_BYTES / 16.0)
#define SPARSE 1000.0 /* nodes per row from which on a missing one is not worth a name */
#define SHOWN 40

/** A file being read: the parts of the row that was read last. */
typedef struct row_reading {
  zps_map_source *source;
  const zps_map_rows *rows;
  const char *path;
  uint64_t line;
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  zps_map_axis axes[3]; /* n = 1 for a free axis */
  zps_error *error;
} row_reading;

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static size_t split_blanks(const char *text, size_t n, zps_map_field *parts) {
  size_t n_parts = 0;
  for (size_t i = 0; i < n && n_parts <= ZPS_MAP_COLUMNS_MAX;) {
    if (is_blank(text[i])) {
      i++;
      continue;
    }
    const size_t begin = i;
    while (i < n && !is_blank(text[i])) {
      i++;
    }
    parts[n_parts++] = (zps_map_field){text + begin, i - begin};
  }
  return n_parts;
}

static size_t split_commas(const char *text, size_t n, zps_map_field *parts) {
  size_t n_parts = 0;
  for (size_t begin = 0; begin <= n && n_parts <= ZPS_MAP_COLUMNS_MAX;) {
    const char *const comma = (const char *)memchr(text + begin, ',', n - begin);
    size_t end = comma != NULL ? (size_t)(comma - text) : n;
    const size_t next = end + 1;
    while (begin < end && is_blank(text[begin])) {
      begin++;
    }
    while (end > begin && is_blank(text[end - 1])) {
      end--;
    }
    parts[n_parts++] = (zps_map_field){text + begin, end - begin};
    begin = next;
  }
  return n_parts;
}

size_t zps_map_split(const char *text, size_t n, bool commas, zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1]) {
  return commas ? split_commas(text, n, parts) : split_blanks(text, n, parts);
}

bool zps_map_skips(const char *text, size_t n, const char *comment) {
  size_t i = 0;
  while (i < n && is_blank(text[i])) {
    i++;
  }
  return i == n || strchr(comment, text[i]) != NULL;
}

static zps_status row_next(row_reading *r, bool *more) {
  zps_map_line line;
  zps_status status = ZPS_OK;
  do {
    ZPS_TRY(zps_map_source_line(r->source, &line, more, r->error));
  } while (*more && (line.number < r->rows->first_line || zps_map_skips(line.text, line.n, r->rows->comment)));
  if (*more) {
    const size_t n = zps_map_split(line.text, line.n, r->rows->commas, r->parts);
    r->line = line.number;
    if (n != r->rows->n_columns) {
      status = zps_error_set(r->error, ZPS_INVALID, "%s:%llu: expected %zu columns, got %s%zu", r->path,
                             (unsigned long long)r->line, r->rows->n_columns, n > ZPS_MAP_COLUMNS_MAX ? "over " : "",
                             n > ZPS_MAP_COLUMNS_MAX ? (size_t)ZPS_MAP_COLUMNS_MAX : n);
    }
  }
done:
  return status;
}

/** Rows from the one read last to the end of the file in which a column is nan or inf. */
static uint64_t count_not_finite(row_reading *r) {
  uint64_t n = 0;
  bool more = true;
  while (more) {
    for (size_t i = 0; i < r->rows->n_columns; i++) {
      if (zps_map_not_finite(r->parts[i].text, r->parts[i].n)) {
        n++;
        break;
      }
    }
    if (row_next(r, &more) != ZPS_OK) {
      break;
    }
  }
  return n;
}

static zps_status refuse_number(row_reading *r, int i) {
  char shown[SHOWN + 1];
  const zps_map_field part = r->parts[r->rows->column[i]];
  const uint64_t line = r->line;
  const size_t n = part.n < SHOWN ? part.n : SHOWN;
  memcpy(shown, part.text, n);
  shown[n] = '\0';
  if (!zps_map_not_finite(part.text, part.n)) {
    return zps_error_set(r->error, ZPS_INVALID, "%s:%llu: %s = %s: expected a number such as -0.5 or 1e-3", r->path,
                         (unsigned long long)line, r->rows->names[i], shown);
  }
  zps_error *const error = r->error;
  zps_error unheard = {ZPS_OK, ""};
  r->error = &unheard;
  const uint64_t n_rows = count_not_finite(r);
  r->error = error;
  return zps_error_set(error, ZPS_INVALID, "%s:%llu: %s = %s: must be finite; %llu row%s from here on %s not", r->path,
                       (unsigned long long)line, r->rows->names[i], shown, (unsigned long long)n_rows,
                       n_rows == 1 ? "" : "s", n_rows == 1 ? "is" : "are");
}

/** Coordinate i of the row [mm]. */
static zps_status row_coordinate(row_reading *r, int i, double *mm) {
  const zps_map_field part = r->parts[r->rows->column[i]];
  if (!zps_map_number(part.text, part.n, r->rows->units.length_shift, mm)) {
    return refuse_number(r, i);
  }
  if (!(fabs(*mm) <= ZPS_MAP_MAX_MM)) {
    return zps_error_set(r->error, ZPS_INVALID, "%s:%llu: %s = %g mm: must be within -+%g mm", r->path,
                         (unsigned long long)r->line, r->rows->names[i], *mm, ZPS_MAP_MAX_MM);
  }
  return ZPS_OK;
}

static zps_status row_field(row_reading *r, float b[3]) {
  for (int i = 3; i < 6; i++) {
    double value = 0.0;
    if (r->rows->column[i] == ZPS_MAP_NO_COLUMN) {
      b[i - 3] = 0.0F;
      continue;
    }
    const zps_map_field part = r->parts[r->rows->column[i]];
    if (!zps_map_number(part.text, part.n, r->rows->units.field_shift, &value)) {
      return refuse_number(r, i);
    }
    value /= r->rows->units.divisor;
    if (!(fabs(value) <= MAX_FIELD_T)) {
      return zps_error_set(r->error, ZPS_INVALID, "%s:%llu: %s = %g T: must be within -+%g T", r->path,
                           (unsigned long long)r->line, r->rows->names[i], value, MAX_FIELD_T);
    }
    b[i - 3] = (float)value;
  }
  return ZPS_OK;
}

static zps_status check_announced(const row_reading *r) {
  const double *const n = r->rows->n_announced;
  double nodes = r->rows->n_rows_announced;
  double product = 1.0;
  for (int i = 0; i < 3; i++) {
    product *= n[i] > 0.0 ? n[i] : 1.0;
  }
  nodes = product > nodes ? product : nodes;
  if (nodes > MAX_NODES) {
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: header announces %.0f nodes: need %.3g bytes, at most %.0f are "
                         "allowed",
                         r->path, nodes, 16.0 * nodes, ZPS_FIELD_MAX_BYTES);
  }
  return ZPS_OK;
}

/** A header that names the order of the rows must be right: other programs go by it. */
static zps_status check_fastest(const row_reading *r, const double row_1[3], const double row_2[3]) {
  const int i = r->rows->fastest;
  if (i < 0 || fabs(row_1[i] - row_2[i]) > 0.0) {
    return ZPS_OK;
  }
  return zps_error_set(r->error, ZPS_INVALID,
                       "%s:%llu: the header's loop order says that %s changes from row to row, got %.9g mm twice",
                       r->path, (unsigned long long)r->line, r->rows->names[i], row_1[i]);
}

static zps_status collect_coordinates(row_reading *r, zps_map_coordinates sets[3], uint64_t *n_rows) {
  double row[3] = {0.0, 0.0, 0.0};
  double before[3] = {0.0, 0.0, 0.0};
  bool more = true;
  zps_status status = ZPS_OK;
  *n_rows = 0;
  for (;;) {
    ZPS_TRY(row_next(r, &more));
    if (!more) {
      break;
    }
    memcpy(before, row, sizeof before);
    for (int i = 0; i < 3; i++) {
      if (r->rows->column[i] != ZPS_MAP_NO_COLUMN) {
        ZPS_TRY(row_coordinate(r, i, &row[i]));
        ZPS_TRY(zps_map_coordinates_add(&sets[i], row[i], r->line, r->path, r->rows->names[i][0], r->error));
      }
    }
    *n_rows += 1;
    if (*n_rows == 2) {
      ZPS_TRY(check_fastest(r, before, row));
    }
    if ((double)*n_rows > MAX_NODES) {
      status = zps_error_set(r->error, ZPS_INVALID, "%s:%llu: more than %.0f rows: the map would exceed %.0f bytes",
                             r->path, (unsigned long long)r->line, MAX_NODES, ZPS_FIELD_MAX_BYTES);
      goto done;
    }
  }
  if (*n_rows == 0) {
    status = zps_error_set(r->error, ZPS_INVALID, "%s: no rows of numbers", r->path);
  }
done:
  return status;
}

/** The header's number of nodes and ends must be those of the rows; then the header's ends are the axis. */
static zps_status agree_with_header(const row_reading *r, int i, zps_map_axis *axis) {
  const zps_map_rows *const rows = r->rows;
  if (rows->n_announced[i] > 0.0 && rows->n_announced[i] != (double)axis->n) {
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: header says %.0f nodes along %s, the rows have %zu (%.9g to %.9g mm)", r->path,
                         rows->n_announced[i], rows->names[i], axis->n, axis->first_mm, axis->last_mm);
  }
  if (!rows->has_ends[i]) {
    return ZPS_OK;
  }
  const double slack = ZPS_MAP_UNIFORM * axis->step_mm;
  if (!(fabs(rows->first_mm[i] - axis->first_mm) <= slack && fabs(rows->last_mm[i] - axis->last_mm) <= slack)) {
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: header says %s from %.9g to %.9g mm, the rows go from %.9g to %.9g mm", r->path,
                         rows->names[i], rows->first_mm[i], rows->last_mm[i], axis->first_mm, axis->last_mm);
  }
  axis->first_mm = rows->first_mm[i];
  axis->last_mm = rows->last_mm[i];
  axis->step_mm = (axis->last_mm - axis->first_mm) / (double)(axis->n - 1);
  return ZPS_OK;
}

/** Fewer rows than the header announces, which are no smaller grid either: the file was cut short. */
static zps_status check_complete(const row_reading *r, const zps_map_coordinates sets[3], uint64_t n_rows) {
  const double *const n = r->rows->n_announced;
  double announced = 1.0;
  double found = 1.0;
  bool lacks = false;
  bool is_flat = false;
  for (int i = 0; i < 3; i++) {
    const bool is_known = r->rows->column[i] != ZPS_MAP_NO_COLUMN && n[i] > 0.0;
    announced *= is_known ? n[i] : 1.0;
    found *= is_known ? (double)sets[i].n : 1.0;
    lacks = lacks || (is_known && (double)sets[i].n < n[i]);
    is_flat = is_flat || (is_known && sets[i].n == 1);
  }
  if (!lacks || (double)n_rows >= announced || ((double)n_rows == found && !is_flat)) {
    return ZPS_OK;
  }
  return zps_error_set(
      r->error, ZPS_INVALID,
      "%s:%llu: the file ends after %llu rows: the header announces %.0f x %.0f x %.0f nodes, %.0f rows", r->path,
      (unsigned long long)r->line, (unsigned long long)n_rows, fmax(n[0], 1.0), fmax(n[1], 1.0), fmax(n[2], 1.0),
      announced);
}

static zps_status find_axes(row_reading *r, zps_map_coordinates sets[3]) {
  zps_status status = ZPS_OK;
  for (int i = 0; i < 3; i++) {
    if (r->rows->column[i] == ZPS_MAP_NO_COLUMN) {
      r->axes[i] = (zps_map_axis){1, -ZPS_MAP_FREE_MM, ZPS_MAP_FREE_MM, 2.0 * ZPS_MAP_FREE_MM};
      continue;
    }
    ZPS_TRY(zps_map_coordinates_axis(&sets[i], r->path, r->rows->names[i][0], &r->axes[i], r->error));
    ZPS_TRY(agree_with_header(r, i, &r->axes[i]));
  }
done:
  return status;
}

/** Index of the row's node along each axis; the file may have changed since its coordinates were collected. */
static zps_status row_node(row_reading *r, size_t node[3]) {
  for (int i = 0; i < 3; i++) {
    const zps_map_axis *const axis = &r->axes[i];
    double mm = 0.0;
    node[i] = 0;
    if (axis->n == 1) {
      continue;
    }
    const zps_status status = row_coordinate(r, i, &mm);
    if (status != ZPS_OK) {
      return status;
    }
    const double at = (mm - axis->first_mm) / axis->step_mm;
    if (!(at > -0.5 && at < (double)axis->n - 0.5)) {
      return zps_error_set(r->error, ZPS_INVALID, "%s:%llu: changed while it was read", r->path,
                           (unsigned long long)r->line);
    }
    node[i] = (size_t)(at + 0.5);
  }
  return ZPS_OK;
}

static double node_mm(const zps_map_axis *axis, size_t i) {
  return axis->n == 1 ? 0.0 : axis->first_mm + ((double)i * axis->step_mm);
}

static size_t node_number(const row_reading *r, const size_t node[3]) {
  return (((node[2] * r->axes[1].n) + node[1]) * r->axes[0].n) + node[0];
}

static zps_status refuse_double(const row_reading *r, const size_t node[3], uint64_t first_line) {
  char first[48] = "";
  if (first_line > 0) {
    (void)snprintf(first, sizeof first, ", the first on line %llu", (unsigned long long)first_line);
  }
  return zps_error_set(r->error, ZPS_INVALID, "%s:%llu: a second row for the node (%.9g, %.9g, %.9g) mm%s", r->path,
                       (unsigned long long)r->line, node_mm(&r->axes[0], node[0]), node_mm(&r->axes[1], node[1]),
                       node_mm(&r->axes[2], node[2]), first);
}

static zps_status refuse_missing(const row_reading *r, const uint8_t *seen, double n_nodes, uint64_t n_rows) {
  const size_t n_x = r->axes[0].n;
  const size_t n_y = r->axes[1].n;
  size_t i = 0;
  while ((seen[i / 8] & (1u << (i % 8))) != 0) {
    i++;
  }
  return zps_error_set(
      r->error, ZPS_INVALID, "%s: no row for the node (%.9g, %.9g, %.9g) mm: %zu x %zu x %zu = %.0f nodes, %llu rows",
      r->path, node_mm(&r->axes[0], i % n_x), node_mm(&r->axes[1], (i / n_x) % n_y),
      node_mm(&r->axes[2], i / (n_x * n_y)), n_x, n_y, r->axes[2].n, n_nodes, (unsigned long long)n_rows);
}

/** Fewer or more rows than nodes: a third reading finds the first that is double, or one that is missing. */
static zps_status refuse_count(row_reading *r, double n_nodes, uint64_t n_rows) {
  uint8_t *seen = NULL;
  bool more = true;
  zps_status status = ZPS_OK;
  if (n_nodes > MAX_NODES || n_nodes > SPARSE * (double)n_rows) {
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: %zu x %zu x %zu different coordinates, but only %llu rows: expected every node of a "
                         "regular grid",
                         r->path, r->axes[0].n, r->axes[1].n, r->axes[2].n, (unsigned long long)n_rows);
  }
  ZPS_TRY(zps_map_source_rewind(r->source, r->error));
  seen = (uint8_t *)calloc(((size_t)n_nodes / 8) + 1, 1);
  if (seen == NULL) {
    return zps_error_set(r->error, ZPS_MEMORY, "%s: no memory to find the missing node", r->path);
  }
  for (;;) {
    size_t node[3];
    ZPS_TRY(row_next(r, &more));
    if (!more) {
      break;
    }
    ZPS_TRY(row_node(r, node));
    const size_t i = node_number(r, node);
    if ((seen[i / 8] & (1u << (i % 8))) != 0) {
      status = refuse_double(r, node, 0);
      goto done;
    }
    seen[i / 8] = (uint8_t)(seen[i / 8] | (1u << (i % 8)));
  }
  status = refuse_missing(r, seen, n_nodes, n_rows);
done:
  free(seen);
  return status;
}

static zps_status create_grid(const row_reading *r, zps_map_content *content) {
  double n[3];
  for (int i = 0; i < 3; i++) {
    content->free_axis[i] = r->axes[i].n == 1;
    n[i] = content->free_axis[i] ? 2.0 : (double)r->axes[i].n;
  }
  const zps_status status = zps_field_map_create(n[0], n[1], n[2], &content->grid, r->error);
  zps_field_map *const map = &content->grid.map;
  map->x_min_mm = r->axes[0].first_mm;
  map->y_min_mm = r->axes[1].first_mm;
  map->z_min_mm = r->axes[2].first_mm;
  map->step_x_mm = r->axes[0].step_mm;
  map->step_y_mm = r->axes[1].step_mm;
  map->step_z_mm = r->axes[2].step_mm;
  return status;
}

static float *node_of(const zps_field_map_owned *grid, const size_t node[3]) {
  const zps_field_map *const map = &grid->map;
  return grid->b + (4 * ((((node[2] * (size_t)map->n_y) + node[1]) * (size_t)map->n_x) + node[0]));
}

/** Writes the field of the row to its node. Until all are there, the fourth number holds the line it came from. */
static zps_status place_row(row_reading *r, const zps_map_content *content) {
  size_t node[3];
  float b[3];
  uint32_t first_line = 0;
  const uint32_t line = (uint32_t)r->line == 0 ? 1 : (uint32_t)r->line;
  zps_status status = ZPS_OK;
  ZPS_TRY(row_node(r, node));
  ZPS_TRY(row_field(r, b));
  float *const to = node_of(&content->grid, node);
  memcpy(&first_line, &to[3], sizeof first_line);
  if (first_line != 0) {
    return refuse_double(r, node, first_line);
  }
  memcpy(to, b, sizeof b);
  memcpy(&to[3], &line, sizeof line);
done:
  return status;
}

/** Gives every node of a free axis's second plane the field of the first, and clears the lines. */
static void finish_grid(const zps_map_content *content) {
  const zps_field_map *const map = &content->grid.map;
  size_t node[3];
  for (node[2] = 0; node[2] < (size_t)map->n_z; node[2]++) {
    for (node[1] = 0; node[1] < (size_t)map->n_y; node[1]++) {
      for (node[0] = 0; node[0] < (size_t)map->n_x; node[0]++) {
        const size_t from[3] = {content->free_axis[0] ? 0 : node[0], content->free_axis[1] ? 0 : node[1],
                                content->free_axis[2] ? 0 : node[2]};
        float *const to = node_of(&content->grid, node);
        memmove(to, node_of(&content->grid, from), 3 * sizeof *to);
        to[3] = 0.0F;
      }
    }
  }
}

static zps_status place_rows(row_reading *r, const zps_map_content *content, uint64_t n_rows) {
  uint64_t n = 0;
  bool more = true;
  zps_status status = ZPS_OK;
  for (;;) {
    ZPS_TRY(row_next(r, &more));
    if (!more) {
      break;
    }
    ZPS_TRY(place_row(r, content));
    n++;
  }
  if (n != n_rows) {
    status = zps_error_set(r->error, ZPS_INVALID, "%s: changed while it was read", r->path);
    goto done;
  }
  finish_grid(content);
done:
  return status;
}

zps_status zps_map_rows_read(zps_map_source *source, const zps_map_rows *rows, zps_map_content *content,
                             zps_error *error) {
  row_reading r = {.source = source, .rows = rows, .path = zps_map_source_path(source), .error = error};
  zps_map_coordinates sets[3] = {{.n = 0}, {.n = 0}, {.n = 0}};
  uint64_t n_rows = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(check_announced(&r));
  ZPS_TRY(zps_map_source_rewind(source, error));
  ZPS_TRY(collect_coordinates(&r, sets, &n_rows));
  ZPS_TRY(check_complete(&r, sets, n_rows));
  ZPS_TRY(find_axes(&r, sets));
  const double n_nodes = (double)r.axes[0].n * (double)r.axes[1].n * (double)r.axes[2].n;
  if (n_nodes != (double)n_rows) {
    status = refuse_count(&r, n_nodes, n_rows);
    goto done;
  }
  if (rows->n_rows_announced > 0.0 && rows->n_rows_announced != n_nodes) {
    status = zps_error_set(error, ZPS_INVALID, "%s: header announces %.0f rows, got %llu", r.path,
                           rows->n_rows_announced, (unsigned long long)n_rows);
    goto done;
  }
  ZPS_TRY(create_grid(&r, content));
  ZPS_TRY(zps_map_source_rewind(source, error));
  ZPS_TRY(place_rows(&r, content, n_rows));
done:
  for (int i = 0; i < 3; i++) {
    zps_map_coordinates_free(&sets[i]);
  }
  if (status != ZPS_OK) {
    zps_map_content_free(content);
  }
  return status;
}
