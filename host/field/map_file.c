#include "host/field/map_file.h"

#include <string.h>
#include <strings.h>

#include "host/field/map_number.h"
#include "host/field/map_rows.h"
#include "host/field/native_map.h"

#define LOOKED_AT 1000 /* lines before the format must have shown */

typedef zps_status (*map_reader)(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                                 zps_error *error);

static const struct {
  const char *name;
  map_reader read; /* NULL: not through a source */
} formats[ZPS_N_MAP_FORMATS] = {
    {"auto", NULL},
    {"native", NULL},
    {"bdsim", zps_map_bdsim_read},
    {"opera", zps_map_opera_read},
    {"geant4", zps_map_geant4_read},
    {"comsol", zps_map_comsol_read},
    {"acts", zps_map_acts_read},
    {"covfie", zps_map_covfie_read},
};

const char *zps_map_format_name(zps_map_format format) {
  return formats[format].name;
}

static size_t count_numbers(const zps_map_field *parts, size_t n) {
  double value = 0.0;
  size_t n_numbers = 0;
  while (n_numbers < n && n_numbers < ZPS_MAP_COLUMNS_MAX &&
         (zps_map_number(parts[n_numbers].text, parts[n_numbers].n, 0, &value) ||
          zps_map_not_finite(parts[n_numbers].text, parts[n_numbers].n))) {
    n_numbers++;
  }
  return n_numbers;
}

/** `% Dimension: 3` and the other lines that COMSOL alone writes. */
static bool is_comsol_line(const char *text) {
  static const char *const keys[] = {
      "Model:", "Version:", "Dimension:", "Nodes:", "Expressions:", "Length unit:", "Coordinates", "Grid"};
  const char *from = strchr(text, '%') + 1;
  from += strspn(from, " \t");
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    if (strncasecmp(from, keys[i], strlen(keys[i])) == 0) {
      return true;
    }
  }
  return false;
}

/** What a line that is no comment shows by itself; AUTO: nothing yet. */
static zps_map_format format_of_line(const zps_map_line *line, bool blank_first) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  if (memchr(line->text, '>', line->n) != NULL || zps_map_skips(line->text, line->n, "!")) {
    return ZPS_MAP_BDSIM;
  }
  const bool commas = memchr(line->text, ',', line->n) != NULL;
  const size_t n = zps_map_split(line->text, line->n, commas, parts);
  const size_t n_numbers = count_numbers(parts, n);
  if (!commas && (n == 3 || n == 4) && n_numbers == n && line->number == (blank_first ? 2 : 1)) {
    /* A row `r z Br Bz` that is made of four whole numbers is told from sizes by the line behind it. */
    return blank_first ? ZPS_MAP_GEANT4 : ZPS_MAP_OPERA;
  }
  return n == 6 || n == 4 ? ZPS_MAP_ACTS : ZPS_MAP_AUTO;
}

/** Behind the sizes of a table come its columns, ` 1 X`; behind a row, another row. */
static bool is_table(const zps_map_line *line) {
  zps_map_field parts[ZPS_MAP_COLUMNS_MAX + 1];
  const size_t n = zps_map_split(line->text, line->n, false, parts);
  return n < 4 || count_numbers(parts, n) < n;
}

static zps_status find_text_format(zps_map_source *source, zps_map_format *format, zps_error *error) {
  zps_map_line line;
  bool more = true;
  bool blank_first = false;
  zps_status status = ZPS_OK;
  for (int i = 0; i < LOOKED_AT && *format == ZPS_MAP_AUTO; i++) {
    ZPS_TRY(zps_map_source_line(source, &line, &more, error));
    if (!more) {
      break;
    }
    blank_first = blank_first || (line.number == 1 && zps_map_skips(line.text, line.n, ""));
    if (zps_map_skips(line.text, line.n, "%") && !zps_map_skips(line.text, line.n, "")) {
      *format = is_comsol_line(line.text) ? ZPS_MAP_COMSOL : ZPS_MAP_AUTO;
    } else if (!zps_map_skips(line.text, line.n, "#")) {
      *format = format_of_line(&line, blank_first);
      if (*format == ZPS_MAP_AUTO) {
        break;
      }
    }
  }
  if (*format == ZPS_MAP_OPERA || *format == ZPS_MAP_GEANT4) {
    ZPS_TRY(zps_map_source_line(source, &line, &more, error));
    *format = more && !is_table(&line) ? ZPS_MAP_ACTS : *format;
  }
done:
  return status;
}

/** The format that the first bytes or lines show. */
static zps_status find_format(zps_map_source *source, zps_map_format *format, zps_error *error) {
  static const unsigned char hdf5[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  static const unsigned char covfie[] = {0xab, 0x1e, 0x4f, 0xc0};
  unsigned char first[8] = {0};
  size_t n = 0;
  zps_status status = ZPS_OK;
  *format = ZPS_MAP_AUTO;
  ZPS_TRY(zps_map_source_bytes(source, first, sizeof first, &n, error));
  if (n == sizeof first && memcmp(first, hdf5, sizeof hdf5) == 0) {
    *format = ZPS_MAP_NATIVE;
  } else if (n >= sizeof covfie && memcmp(first, covfie, sizeof covfie) == 0) {
    *format = ZPS_MAP_COVFIE;
  } else {
    ZPS_TRY(zps_map_source_rewind(source, error));
    ZPS_TRY(find_text_format(source, format, error));
  }
  if (*format == ZPS_MAP_AUTO) {
    status = zps_error_set(error, ZPS_INVALID,
                           "%s: its first lines are of no known format: expected native, bdsim, opera, geant4, comsol, "
                           "acts or covfie; say which with format",
                           zps_map_source_path(source));
  }
done:
  return status;
}

zps_status zps_map_file_read(const char *path, const zps_job_map_use *use, zps_map_content *content, zps_error *error) {
  zps_map_source *source = NULL;
  zps_map_format format = use->format;
  zps_status status = ZPS_OK;
  *content = (zps_map_content){.format = ZPS_MAP_AUTO};
  ZPS_TRY(zps_map_source_open(path, &source, error));
  if (format == ZPS_MAP_AUTO) {
    ZPS_TRY(find_format(source, &format, error));
  }
  content->format = format;
  if (format == ZPS_MAP_NATIVE) {
    zps_map_units units;
    ZPS_TRY(zps_map_units_choose(path, ZPS_LENGTH_MM, ZPS_FIELD_T, use, &units, error));
    ZPS_TRY(zps_native_map_read(path, &content->grid, error));
  } else {
    ZPS_TRY(zps_map_source_rewind(source, error));
    ZPS_TRY(formats[format].read(source, use, content, error));
  }
done:
  zps_map_source_close(source);
  return status;
}
