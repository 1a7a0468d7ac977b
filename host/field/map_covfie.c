/* covfie's binary fields (.cvf), little-endian: nested levels, each from a magic number and a tag to their footers:
 * field > affine > [linear | nearest] > [clamp] > strided > array, or field > constant. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/field/map_axis.h"
#include "host/field/map_number.h"
#include "host/field/map_reader.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "covfie files are little-endian"
#endif

#define HEADER_MAGIC 0xC04F1EABu
#define FOOTER_MAGIC 0xC04F1E70u
#define FOOTER_SHIFT 0x20000000u
#define TAG_FIELD 0xAB000000u
#define TAG_AFFINE 0xAB020000u
#define TAG_CLAMP 0xAB020002u
#define TAG_LINEAR 0xAB020005u
#define TAG_NEAREST 0xAB020007u
#define TAG_STRIDED 0xAB020010u
#define TAG_ARRAY 0xAB010000u
#define TAG_CONSTANT 0xAB010001u
#define MAX_LEVELS 8
#define CHUNK_NODES 4096
#define MAX_FIELD_T 1e6

/** A file being read, and the levels that are still open. */
typedef struct covfie_reading {
  zps_map_source *source;
  const char *path;
  zps_error *error;
  uint64_t at; /* bytes read */
  uint32_t open[MAX_LEVELS];
  int n_open;
  bool has_affine, has_sizes;
  float affine[3][4];
  uint64_t n[3];
  zps_map_units units;
  zps_map_content *content;
} covfie_reading;

static zps_status take_bytes(covfie_reading *r, void *bytes, size_t n) {
  size_t got = 0;
  const zps_status status = zps_map_source_bytes(r->source, bytes, n, &got, r->error);
  if (status == ZPS_OK && got < n) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: ends at byte %llu, in the middle of the field", r->path,
                         (unsigned long long)(r->at + got));
  }
  r->at += got;
  return status;
}

/** The header of a level whose magic number is known or still to be read. */
static zps_status open_level(covfie_reading *r, bool magic_read, uint32_t *tag) {
  uint32_t magic = HEADER_MAGIC;
  zps_status status = ZPS_OK;
  if (!magic_read) {
    ZPS_TRY(take_bytes(r, &magic, sizeof magic));
  }
  if (magic != HEADER_MAGIC) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: byte %llu: 0x%08x: expected the start of a level, 0x%08x", r->path,
                         (unsigned long long)(r->at - 4), magic, HEADER_MAGIC);
  }
  ZPS_TRY(take_bytes(r, tag, sizeof *tag));
  if (r->n_open == MAX_LEVELS) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: more than %d levels", r->path, MAX_LEVELS);
  }
  r->open[r->n_open++] = *tag;
done:
  return status;
}

static zps_status close_levels(covfie_reading *r) {
  zps_status status = ZPS_OK;
  while (r->n_open > 0) {
    const uint32_t want[2] = {FOOTER_MAGIC, r->open[--r->n_open] + FOOTER_SHIFT};
    uint32_t got[2] = {0, 0};
    ZPS_TRY(take_bytes(r, got, sizeof got));
    if (got[0] != want[0] || got[1] != want[1]) {
      return zps_error_set(r->error, ZPS_INVALID,
                           "%s: byte %llu: 0x%08x 0x%08x: expected the end of a level, 0x%08x 0x%08x", r->path,
                           (unsigned long long)(r->at - 8), got[0], got[1], want[0], want[1]);
    }
  }
  char more = 0;
  size_t n = 0;
  ZPS_TRY(zps_map_source_bytes(r->source, &more, 1, &n, r->error));
  if (n > 0) {
    status = zps_error_set(r->error, ZPS_INVALID, "%s: goes on behind the end of the field at byte %llu", r->path,
                           (unsigned long long)r->at);
  }
done:
  return status;
}

static zps_status take_affine(covfie_reading *r) {
  const zps_status status = take_bytes(r, r->affine, sizeof r->affine);
  if (status != ZPS_OK) {
    return status;
  }
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      const bool good = i == j ? isnormal(r->affine[i][j]) != 0 : r->affine[i][j] == 0.0F;
      if (!good || !isfinite(r->affine[i][3])) {
        return zps_error_set(r->error, ZPS_INVALID,
                             "%s: affine[%d][%d] = %g: expected axes along x, y, z: a diagonal "
                             "matrix, its diagonal not 0",
                             r->path, i, j, (double)r->affine[i][j]);
      }
    }
  }
  r->has_affine = true;
  return ZPS_OK;
}

/** Limits of the index, as three u64 or three floats each: what comes behind tells which. Their use is outside the
 *  grid, which is this program's `outside`. */
static zps_status skip_clamp(covfie_reading *r, bool *magic_read) {
  uint32_t words[13];
  zps_status status = ZPS_OK;
  ZPS_TRY(take_bytes(r, words, 7 * sizeof words[0]));
  if (words[6] != HEADER_MAGIC) {
    ZPS_TRY(take_bytes(r, words + 7, 6 * sizeof words[0]));
    *magic_read = words[12] == HEADER_MAGIC;
  } else {
    *magic_read = true;
  }
  if (!*magic_read) {
    status = zps_error_set(r->error, ZPS_INVALID, "%s: byte %llu: no level behind the clamp", r->path,
                           (unsigned long long)r->at);
  }
done:
  return status;
}

static zps_status take_sizes(covfie_reading *r) {
  zps_status status = ZPS_OK;
  double nodes = 1.0;
  ZPS_TRY(take_bytes(r, r->n, sizeof r->n));
  for (int i = 0; i < 3; i++) {
    nodes *= (double)r->n[i];
    if (r->n[i] < 2) {
      return zps_error_set(r->error, ZPS_INVALID, "%s: %llu nodes along %c: expected at least 2", r->path,
                           (unsigned long long)r->n[i], "xyz"[i]);
    }
  }
  if (16.0 * nodes > ZPS_FIELD_MAX_BYTES) {
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: header announces %.0f nodes: need %.3g bytes, at most %.0f are "
                         "allowed",
                         r->path, nodes, 16.0 * nodes, ZPS_FIELD_MAX_BYTES);
  }
  r->has_sizes = true;
done:
  return status;
}

/** The decimal in the fewest digits that the stored float cannot be told from: 25 mm for 0.04 per mm. */
static double decimal_spacing(float per_mm) {
  const double exact = 1.0 / (double)per_mm;
  for (int digits = 1; digits < 10; digits++) {
    const double decimal = zps_map_number_round(exact, digits);
    if ((float)(1.0 / decimal) == per_mm) {
      return decimal;
    }
  }
  return exact;
}

static double decimal_origin(float offset, double spacing) {
  const double exact = -(double)offset * spacing;
  for (int digits = 1; digits < 10; digits++) {
    const double decimal = zps_map_number_round(exact, digits);
    if ((float)(-decimal / spacing) == offset) {
      return decimal;
    }
  }
  return exact;
}

/** First node and spacing of axis i from index = a x + b. */
static zps_status place_axis(const covfie_reading *r, int i, double *min_mm, double *step_mm) {
  char text[ZPS_MAP_NUMBER_SIZE];
  const double spacing = decimal_spacing(r->affine[i][i]);
  const double origin = decimal_origin(r->affine[i][3], spacing);
  const double first = spacing > 0.0 ? origin : origin + (spacing * (double)(r->n[i] - 1));
  /* To mm through the decimals, as in the text formats. */
  *step_mm = fabs(spacing);
  *min_mm = first;
  (void)zps_map_number(text, strlen(zps_map_number_print(*step_mm, 0, text)), r->units.length_shift, step_mm);
  (void)zps_map_number(text, strlen(zps_map_number_print(*min_mm, 0, text)), r->units.length_shift, min_mm);
  const zps_map_axis axis = {(size_t)r->n[i], *min_mm, *min_mm + (*step_mm * (double)(r->n[i] - 1)), *step_mm};
  return zps_map_axis_check(&axis, r->path, "xyz"[i], r -> error);
}

static zps_status take_value(const covfie_reading *r, double raw, uint64_t node, int component, float *to) {
  static const double factors[] = {1.0, 1e-1, 1e-2, 1e-3, 1e-4};
  const double value = (raw * factors[-r->units.field_shift]) / r->units.divisor;
  *to = (float)value;
  if (fabs(value) <= MAX_FIELD_T) {
    return ZPS_OK;
  }
  return zps_error_set(r->error, ZPS_INVALID, "%s: node %llu: B%c = %g T: must be finite and within -+%g T", r->path,
                       (unsigned long long)node, "xyz"[component], value, MAX_FIELD_T);
}

static float *node_of(const covfie_reading *r, uint64_t i) {
  const zps_field_map *const map = &r->content->grid.map;
  const uint64_t index[3] = {i / (r->n[1] * r->n[2]), (i / r->n[2]) % r->n[1], i % r->n[2]};
  size_t node[3];
  for (int a = 0; a < 3; a++) {
    node[a] = (size_t)(r->affine[a][a] > 0.0F ? index[a] : r->n[a] - 1 - index[a]);
  }
  return r->content->grid.b + (4 * ((((node[2] * (size_t)map->n_y) + node[1]) * (size_t)map->n_x) + node[0]));
}

static zps_status take_nodes(covfie_reading *r, uint64_t first, size_t n, size_t width, void *buffer) {
  zps_status status = ZPS_OK;
  ZPS_TRY(take_bytes(r, buffer, 3 * n * width));
  for (size_t i = 0; i < n; i++) {
    float *const to = node_of(r, first + i);
    for (int c = 0; c < 3; c++) {
      const size_t at = (3 * i) + (size_t)c;
      const double raw = width == 4 ? (double)((const float *)buffer)[at] : ((const double *)buffer)[at];
      ZPS_TRY(take_value(r, raw, first + i, c, &to[c]));
    }
  }
done:
  return status;
}

static zps_status create_grid(covfie_reading *r) {
  zps_field_map *const map = &r->content->grid.map;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_field_map_create((double)r->n[0], (double)r->n[1], (double)r->n[2], &r->content->grid, r->error));
  ZPS_TRY(place_axis(r, 0, &map->x_min_mm, &map->step_x_mm));
  ZPS_TRY(place_axis(r, 1, &map->y_min_mm, &map->step_y_mm));
  ZPS_TRY(place_axis(r, 2, &map->z_min_mm, &map->step_z_mm));
done:
  return status;
}

static zps_status check_array(const covfie_reading *r, uint32_t width, uint64_t count) {
  const uint64_t nodes = r->n[0] * r->n[1] * r->n[2];
  if (!r->has_affine || !r->has_sizes) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: an array without %s: expected field > affine > strided > array",
                         r->path, r->has_affine ? "strides" : "an affine transformation to coordinates");
  }
  if (width != 4 && width != 8) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: numbers of %u bytes: expected 4 or 8", r->path, width);
  }
  if (count != nodes) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: %llu values for %llu x %llu x %llu nodes", r->path,
                         (unsigned long long)count, (unsigned long long)r->n[0], (unsigned long long)r->n[1],
                         (unsigned long long)r->n[2]);
  }
  if (3.0 * (double)count * (double)width > zps_map_source_bound(r->source)) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: is too short for the %llu values it announces", r->path,
                         (unsigned long long)count);
  }
  return ZPS_OK;
}

static zps_status take_array(covfie_reading *r) {
  uint32_t width = 0;
  uint64_t count = 0;
  void *buffer = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(take_bytes(r, &width, sizeof width));
  ZPS_TRY(take_bytes(r, &count, sizeof count));
  ZPS_TRY(check_array(r, width, count));
  ZPS_TRY(create_grid(r));
  buffer = malloc((size_t)3 * CHUNK_NODES * sizeof(double));
  if (buffer == NULL) {
    status = zps_error_set(r->error, ZPS_MEMORY, "%s: no memory to read it", r->path);
    goto done;
  }
  for (uint64_t i = 0; i < count; i += CHUNK_NODES) {
    const uint64_t rest = count - i;
    ZPS_TRY(take_nodes(r, i, (size_t)(rest < CHUNK_NODES ? rest : CHUNK_NODES), width, buffer));
  }
done:
  free(buffer);
  return status;
}

/** One vector, floats or doubles: the footer behind it tells which. */
static zps_status take_constant(covfie_reading *r) {
  unsigned char bytes[24];
  uint32_t magic = 0;
  double raw[3];
  zps_field_map_owned *const grid = &r->content->grid;
  zps_status status = ZPS_OK;
  ZPS_TRY(take_bytes(r, bytes, 12));
  ZPS_TRY(take_bytes(r, &magic, sizeof magic));
  if (magic == FOOTER_MAGIC) {
    for (int c = 0; c < 3; c++) {
      float value = 0.0F;
      memcpy(&value, bytes + (4 * c), sizeof value);
      raw[c] = (double)value;
    }
  } else {
    memcpy(bytes + 12, &magic, sizeof magic);
    ZPS_TRY(take_bytes(r, bytes + 16, 8));
    memcpy(raw, bytes, sizeof raw);
    ZPS_TRY(take_bytes(r, &magic, sizeof magic));
  }
  uint32_t footer = 0;
  ZPS_TRY(take_bytes(r, &footer, sizeof footer));
  if (magic != FOOTER_MAGIC || footer != TAG_CONSTANT + FOOTER_SHIFT) {
    return zps_error_set(r->error, ZPS_INVALID, "%s: byte %llu: expected the end of the constant field", r->path,
                         (unsigned long long)(r->at - 8));
  }
  r->n_open--;
  ZPS_TRY(zps_field_map_create(2.0, 2.0, 2.0, grid, r->error));
  for (size_t i = 0; i < 8; i++) {
    for (int c = 0; c < 3; c++) {
      ZPS_TRY(take_value(r, raw[c], 0, c, &grid->b[(4 * i) + (size_t)c]));
    }
  }
  grid->map.x_min_mm = grid->map.y_min_mm = grid->map.z_min_mm = -ZPS_MAP_FREE_MM;
  grid->map.step_x_mm = grid->map.step_y_mm = grid->map.step_z_mm = 2.0 * ZPS_MAP_FREE_MM;
  r->content->free_axis[0] = r->content->free_axis[1] = r->content->free_axis[2] = true;
done:
  return status;
}

/** The next level inwards; *last when it holds the values. */
static zps_status take_level(covfie_reading *r, bool *magic_read, bool *last) {
  uint32_t tag = 0;
  const bool known = *magic_read;
  *magic_read = false;
  const zps_status status = open_level(r, known, &tag);
  if (status != ZPS_OK) {
    return status;
  }
  if ((tag == TAG_FIELD) != (r->n_open == 1)) {
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: byte %llu: level 0x%08x: expected the outermost level to be a "
                         "field, 0x%08x, and no other",
                         r->path, (unsigned long long)(r->at - 4), tag, TAG_FIELD);
  }
  *last = tag == TAG_ARRAY || tag == TAG_CONSTANT;
  switch (tag) {
  case TAG_FIELD:
  case TAG_LINEAR:
  case TAG_NEAREST:
    return ZPS_OK;
  case TAG_AFFINE:
    return take_affine(r);
  case TAG_CLAMP:
    return skip_clamp(r, magic_read);
  case TAG_STRIDED:
    return take_sizes(r);
  case TAG_ARRAY:
    return take_array(r);
  case TAG_CONSTANT:
    return take_constant(r);
  default:
    return zps_error_set(r->error, ZPS_INVALID,
                         "%s: byte %llu: level 0x%08x: expected affine, linear, nearest, clamp, strided, array or a "
                         "constant field",
                         r->path, (unsigned long long)(r->at - 4), tag);
  }
}

zps_status zps_map_covfie_read(zps_map_source *source, const zps_job_map_use *use, zps_map_content *content,
                               zps_error *error) {
  covfie_reading r = {.source = source, .path = zps_map_source_path(source), .error = error, .content = content};
  bool magic_read = false;
  bool last = false;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_map_units_choose(r.path, ZPS_LENGTH_FROM_FILE, ZPS_FIELD_FROM_FILE, use, &r.units, error));
  ZPS_TRY(zps_map_source_rewind(source, error));
  while (!last) {
    ZPS_TRY(take_level(&r, &magic_read, &last));
  }
  ZPS_TRY(close_levels(&r));
done:
  if (status != ZPS_OK) {
    zps_map_content_free(content);
  }
  return status;
}
