/* COMSOL's spreadsheet export of a field on a regular grid of points. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/field/map_number.h"
#include "host/field/map_rows.h"

typedef struct comsol_header {
  const char *path;
  zps_error *error;
  zps_length_unit length;
  zps_field_unit field;
  zps_map_rows *rows;
  char *columns; /* the last line with a % */
  uint64_t columns_line;
} comsol_header;

/** The text behind `% KEY:`, without blanks around it; n = SIZE_MAX when the line is another. */
static zps_map_field value_of(zps_map_field text, const char *key) {
  const size_t n_key = strlen(key);
  if (text.n <= n_key || strncasecmp(text.text, key, n_key) != 0 || text.text[n_key] != ':') {
    return (zps_map_field){NULL, SIZE_MAX};
  }
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  const char *const from = text.text + n_key + 1;
  /* A csv export puts a comma behind the colon. */
  const size_t rest = text.n - n_key - 1;
  const size_t skip = rest > 0 && from[0] == ',' ? 1 : 0;
  return zps_map_split(from + skip, rest - skip, false, parts) == 1 ? parts[0] : (zps_map_field){from, 0};
}

static zps_status refuse_export(const comsol_header *h, uint64_t line, const char *kind) {
  return zps_error_set(h->error, ZPS_INVALID,
                       "%s:%llu: this is a %s export: export again with data format Spreadsheet, points of a Regular "
                       "grid",
                       h->path, (unsigned long long)line, kind);
}

static zps_status check_export(const comsol_header *h, uint64_t line, zps_map_field text) {
  static const struct {
    const char *word;
    const char *kind;
  } words[] = {{"Coordinates", "Sectionwise"}, {"Elements", "Sectionwise"}, {"Grid", "Grid"}, {"Data", "Grid"}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    const size_t n = strlen(words[i].word);
    const bool starts = text.n >= n && strncasecmp(text.text, words[i].word, n) == 0;
    if (starts && (text.n == n || text.text[n] == ' ' || text.text[n] == '(')) {
      return refuse_export(h, line, words[i].kind);
    }
  }
  return ZPS_OK;
}

static zps_status take_count(const comsol_header *h, uint64_t line, const char *key, zps_map_field value, double *to) {
  if (zps_map_number(value.text, value.n, 0, to) && *to >= 1.0 && *to <= 1e15 && (double)(int64_t)*to == *to) {
    return ZPS_OK;
  }
  return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: %s: expected a whole number", h->path, (unsigned long long)line,
                       key);
}

static zps_status take_length(comsol_header *h, uint64_t line, zps_map_field value) {
  const zps_length_unit named = zps_length_unit_named(value.text, value.n);
  if (named == ZPS_LENGTH_FROM_FILE || (h->length != ZPS_LENGTH_FROM_FILE && h->length != named)) {
    return zps_error_set(h->error, ZPS_INVALID,
                         "%s:%llu: unit of length %.*s: expected mm, cm or m, the same everywhere", h->path,
                         (unsigned long long)line, (int)(value.n < 40 ? value.n : 40), value.text);
  }
  h->length = named;
  return ZPS_OK;
}

static zps_status take_key(comsol_header *h, uint64_t line, zps_map_field text) {
  zps_status status = ZPS_OK;
  double dimension = 3.0;
  zps_map_field value = value_of(text, "Dimension");
  if (value.n != SIZE_MAX) {
    ZPS_TRY(take_count(h, line, "Dimension", value, &dimension));
  }
  if (dimension != 3.0) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: Dimension: %g: expected 3", h->path, (unsigned long long)line,
                         dimension);
  }
  value = value_of(text, "Nodes");
  if (value.n != SIZE_MAX) {
    ZPS_TRY(take_count(h, line, "Nodes", value, &h->rows->n_rows_announced));
  }
  value = value_of(text, "Length unit");
  if (value.n != SIZE_MAX) {
    ZPS_TRY(take_length(h, line, value));
  }
  ZPS_TRY(check_export(h, line, text));
done:
  return status;
}

/** Keeps the line: only behind the header is it known which one was the last. */
static zps_status keep_columns(comsol_header *h, uint64_t line, zps_map_field text) {
  free(h->columns);
  h->columns = strndup(text.text, text.n);
  h->columns_line = line;
  return h->columns != NULL ? ZPS_OK : zps_error_set(h->error, ZPS_MEMORY, "%s: no memory for its header", h->path);
}

static zps_status read_lines(comsol_header *h, zps_map_source *source) {
  zps_map_line line;
  bool more = true;
  zps_status status = ZPS_OK;
  for (;;) {
    ZPS_TRY(zps_map_source_line(source, &line, &more, h->error));
    if (!more) {
      return zps_error_set(h->error, ZPS_INVALID, "%s: no rows behind the header", h->path);
    }
    if (zps_map_skips(line.text, line.n, "")) {
      continue;
    }
    if (!zps_map_skips(line.text, line.n, "%")) {
      h->rows->commas = memchr(line.text, ',', line.n) != NULL;
      h->rows->first_line = line.number;
      break;
    }
    const char *from = strchr(line.text, '%') + 1;
    from += strspn(from, " \t");
    const zps_map_field text = {from, strlen(from)};
    ZPS_TRY(take_key(h, line.number, text));
    ZPS_TRY(keep_columns(h, line.number, text));
  }
  if (h->columns == NULL) {
    status = zps_error_set(h->error, ZPS_INVALID, "%s: no line with %% that names the columns", h->path);
  }
done:
  return status;
}

/** Splits at blanks and commas outside brackets: `mf.Bx (T)` gives a name and a unit. */
static size_t split_names(const char *text, zps_map_field *parts) {
  size_t n = 0;
  for (size_t i = 0; text[i] != '\0' && n <= ZPS_MAP_COLUMNS_MAX;) {
    if (text[i] == ' ' || text[i] == '\t' || text[i] == ',') {
      i++;
      continue;
    }
    const size_t begin = i;
    const bool bracket = text[i] == '(';
    const size_t length = strcspn(text + i, bracket ? ")" : " \t,(");
    i += length + (bracket && text[i + length] == ')' ? 1 : 0);
    parts[n++] = (zps_map_field){text + begin, i - begin};
  }
  return n;
}

/** 0, 1, 2 for x, y, z; 3, 4, 5 for a name that ends in Bx, By, Bz behind its last point; -1: another expression. */
static int column_of(zps_map_field name) {
  static const char letters[] = "xyz";
  const char *from = name.text;
  for (size_t i = 0; i < name.n; i++) {
    from = name.text[i] == '.' ? name.text + i + 1 : from;
  }
  const size_t n = name.n - (size_t)(from - name.text);
  for (int i = 0; i < 3; i++) {
    const char last = n > 0 ? from[n - 1] : '\0';
    const bool letter = last == letters[i] || last == letters[i] - 'a' + 'A';
    if (letter && n == 1 && from == name.text) {
      return i;
    }
    if (letter && n == 2 && (from[0] == 'B' || from[0] == 'b')) {
      return 3 + i;
    }
  }
  return -1;
}

static zps_status take_unit(comsol_header *h, int column, zps_map_field unit) {
  if (column < 0) {
    return ZPS_OK;
  }
  if (column < 3) {
    return take_length(h, h->columns_line, (zps_map_field){unit.text + 1, unit.n >= 2 ? unit.n - 2 : 0});
  }
  const zps_field_unit named = zps_field_unit_named(unit.text, unit.n);
  if (named == ZPS_FIELD_FROM_FILE || (h->field != ZPS_FIELD_FROM_FILE && h->field != named)) {
    return zps_error_set(h->error, ZPS_INVALID,
                         "%s:%llu: unit %.*s of the field: expected (T), (mT) or (G), the same "
                         "for all components",
                         h->path, (unsigned long long)h->columns_line, (int)(unit.n < 40 ? unit.n : 40), unit.text);
  }
  h->field = named;
  return ZPS_OK;
}

static zps_status take_columns(comsol_header *h) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  const size_t n = split_names(h->columns, parts);
  int column = -1;
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < n && i < ZPS_MAP_COLUMNS_MAX; i++) {
    if (parts[i].text[0] == '(') {
      ZPS_TRY(take_unit(h, column, parts[i]));
      continue;
    }
    column = column_of(parts[i]);
    if (column >= 0 && h->rows->column[column] != ZPS_MAP_NO_COLUMN) {
      return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: two columns for %s", h->path,
                           (unsigned long long)h->columns_line, h->rows->names[column]);
    }
    if (column >= 0) {
      h->rows->column[column] = h->rows->n_columns;
    }
    h->rows->n_columns++;
  }
  for (int i = 0; i < 6; i++) {
    if (h->rows->column[i] == ZPS_MAP_NO_COLUMN) {
      return zps_error_set(h->error, ZPS_INVALID,
                           "%s:%llu: no column %s: expected names such as `%% x y z mf.Bx (T) mf.By (T) mf.Bz (T)`",
                           h->path, (unsigned long long)h->columns_line, h->rows->names[i]);
    }
  }
done:
  return status;
}

zps_status zps_map_comsol_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                               zps_error *error) {
  zps_map_rows rows = {.column = {ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN,
                                  ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN},
                       .names = {"x", "y", "z", "Bx", "By", "Bz"},
                       .comment = "%",
                       .fastest = -1};
  comsol_header h = {.path = zps_map_source_path(source), .error = error, .rows = &rows};
  zps_status status = ZPS_OK;
  ZPS_TRY(read_lines(&h, source));
  ZPS_TRY(take_columns(&h));
  ZPS_TRY(zps_map_units_choose(h.path, h.length, h.field, use, &rows.units, error));
  ZPS_TRY(zps_map_rows_read(source, &rows, content, error));
done:
  free(h.columns);
  return status;
}
