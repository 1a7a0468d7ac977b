/* OPERA-3D tables, and the same in the form that Geant4's example of a purging magnet reads: a blank line first,
 * lengths in m, field in T. */
#include <string.h>
#include <strings.h>

#include "host/field/map_number.h"
#include "host/field/map_rows.h"

typedef struct opera_header {
  const char *path;
  zps_error *error;
  bool geant4;
  double n[3];
  zps_length_unit length;
  zps_field_unit field;
  zps_map_rows *rows;
} opera_header;

/** The sizes: nx ny nz and, in some files, one number more. */
static zps_status take_sizes(opera_header *h, const zps_map_line *line) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  const size_t n = zps_map_split(line->text, line->n, false, parts);
  bool good = n == 3 || n == 4;
  for (size_t i = 0; good && i < n; i++) {
    double value = 0.0;
    good = zps_map_number(parts[i].text, parts[i].n, 0, &value) && value >= (i < 3 ? 1.0 : 0.0) && value <= 1e9 &&
           (double)(int64_t)value == value;
    if (good && i < 3) {
      h->n[i] = value;
    }
  }
  if (!good) {
    return zps_error_set(h->error, ZPS_INVALID,
                         "%s:%llu: expected the numbers of nodes `nx ny nz`, three whole numbers", h->path,
                         (unsigned long long)line->number);
  }
  return ZPS_OK;
}

/** 0 to 5 for X, Y, Z, BX, BY, BZ; -1 for another column, which is passed over. */
static int column_of(zps_map_field name) {
  static const char *const names[] = {"X", "Y", "Z", "BX", "BY", "BZ"};
  for (int i = 0; i < 6; i++) {
    if (name.n == strlen(names[i]) && strncasecmp(name.text, names[i], name.n) == 0) {
      return i;
    }
  }
  return -1;
}

/** OPERA's words for "the unit that was set": they say nothing. */
static bool is_nameless(zps_map_field unit) {
  return (unit.n == 7 && (strncasecmp(unit.text, "[LENGU]", 7) == 0 || strncasecmp(unit.text, "[FLUXU]", 7) == 0));
}

static zps_status refuse_unit(const opera_header *h, uint64_t line, zps_map_field unit) {
  return zps_error_set(h->error, ZPS_INVALID,
                       "%s:%llu: unit %.*s: expected one known unit for all axes ([MM], [CM], "
                       "[METRE]) and one for the field ([TESLA], [GAUSS]), or [LENGU] and [FLUXU]",
                       h->path, (unsigned long long)line, (int)(unit.n < 40 ? unit.n : 40), unit.text);
}

static zps_status take_length(opera_header *h, uint64_t line, zps_map_field unit) {
  const zps_length_unit named = zps_length_unit_named(unit.text, unit.n);
  if (named == ZPS_LENGTH_FROM_FILE || (h->length != ZPS_LENGTH_FROM_FILE && h->length != named)) {
    return is_nameless(unit) ? ZPS_OK : refuse_unit(h, line, unit);
  }
  h->length = named;
  return ZPS_OK;
}

static zps_status take_field(opera_header *h, uint64_t line, zps_map_field unit) {
  const zps_field_unit named = zps_field_unit_named(unit.text, unit.n);
  if (named == ZPS_FIELD_FROM_FILE || (h->field != ZPS_FIELD_FROM_FILE && h->field != named)) {
    return is_nameless(unit) ? ZPS_OK : refuse_unit(h, line, unit);
  }
  h->field = named;
  return ZPS_OK;
}

/** One line ` i NAME [UNIT]`. */
static zps_status take_column(opera_header *h, const zps_map_line *line, const zps_map_field *parts, size_t n) {
  double number = 0.0;
  const bool counted = n >= 2 && n <= 3 && zps_map_number(parts[0].text, parts[0].n, 0, &number) &&
                       number == (double)(h->rows->n_columns + 1);
  if (!counted || h->rows->n_columns == ZPS_MAP_COLUMNS_MAX) {
    return zps_error_set(h->error, ZPS_INVALID,
                         "%s:%llu: expected column %zu as ` %zu NAME [UNIT]`, or ` 0` at the end of the header",
                         h->path, (unsigned long long)line->number, h->rows->n_columns + 1, h->rows->n_columns + 1);
  }
  const int column = column_of(parts[1]);
  if (column >= 0 && h->rows->column[column] != ZPS_MAP_NO_COLUMN) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:%llu: a second column %s", h->path,
                         (unsigned long long)line->number, h->rows->names[column]);
  }
  if (column >= 0) {
    h->rows->column[column] = h->rows->n_columns;
  }
  h->rows->n_columns++;
  if (column < 0 || n < 3) {
    return ZPS_OK;
  }
  return column < 3 ? take_length(h, line->number, parts[2]) : take_field(h, line->number, parts[2]);
}

static bool is_zero(zps_map_field part) {
  for (size_t i = 0; i < part.n; i++) {
    if (part.text[i] != '0') {
      return false;
    }
  }
  return part.n > 0;
}

static zps_status take_columns(opera_header *h, zps_map_source *source) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  zps_map_line line;
  bool more = true;
  zps_status status = ZPS_OK;
  for (;;) {
    ZPS_TRY(zps_map_source_line(source, &line, &more, h->error));
    if (!more) {
      return zps_error_set(h->error, ZPS_INVALID, "%s: the header has no end: no line ` 0` after the columns", h->path);
    }
    const size_t n = zps_map_split(line.text, line.n, false, parts);
    if (n == 0) {
      continue;
    }
    if (is_zero(parts[0])) {
      h->rows->first_line = line.number + 1;
      if (n > 1) {
        ZPS_TRY(take_length(h, line.number, parts[1]));
      }
      break;
    }
    ZPS_TRY(take_column(h, &line, parts, n));
  }
  for (int i = 0; i < 6; i++) {
    if (h->rows->column[i] == ZPS_MAP_NO_COLUMN) {
      status = zps_error_set(h->error, ZPS_INVALID, "%s: the header has no column %s", h->path, h->rows->names[i]);
      goto done;
    }
  }
done:
  return status;
}

static zps_status read_header(opera_header *h, zps_map_source *source) {
  zps_map_line line;
  bool more = true;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_map_source_line(source, &line, &more, h->error));
  const bool blank = more && zps_map_skips(line.text, line.n, "");
  if (more && blank != h->geant4) {
    return zps_error_set(h->error, ZPS_INVALID, "%s:1: %s", h->path,
                         blank ? "a blank line: that is the geant4 form of a table, not OPERA's own"
                               : "expected a blank line in front of the numbers of nodes");
  }
  if (blank) {
    ZPS_TRY(zps_map_source_line(source, &line, &more, h->error));
  }
  if (!more) {
    return zps_error_set(h->error, ZPS_INVALID, "%s: ends before the numbers of nodes", h->path);
  }
  ZPS_TRY(take_sizes(h, &line));
  memcpy(h->rows->n_announced, h->n, sizeof h->n);
  ZPS_TRY(take_columns(h, source));
done:
  return status;
}

static zps_status read_table(zps_map_source *source, const zps_job_map_use *use, bool geant4, zps_map_content *content,
                             zps_error *error) {
  zps_map_rows rows = {.column = {ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN,
                                  ZPS_MAP_NO_COLUMN, ZPS_MAP_NO_COLUMN},
                       .names = {"X", "Y", "Z", "BX", "BY", "BZ"},
                       .comment = "",
                       .fastest = -1};
  opera_header h = {.path = zps_map_source_path(source), .error = error, .geant4 = geant4, .rows = &rows};
  zps_status status = ZPS_OK;
  ZPS_TRY(read_header(&h, source));
  if (geant4) {
    h.length = h.length != ZPS_LENGTH_FROM_FILE ? h.length : ZPS_LENGTH_M;
    h.field = h.field != ZPS_FIELD_FROM_FILE ? h.field : ZPS_FIELD_T;
  }
  ZPS_TRY(zps_map_units_choose(h.path, h.length, h.field, use, &rows.units, error));
  ZPS_TRY(zps_map_rows_read(source, &rows, content, error));
done:
  return status;
}

zps_status zps_map_opera_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                              zps_error *error) {
  return read_table(source, use, false, content, error);
}

zps_status zps_map_geant4_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                               zps_error *error) {
  return read_table(source, use, true, content, error);
}
