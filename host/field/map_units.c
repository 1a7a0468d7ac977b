#include <string.h>
#include <strings.h>

#include "host/field/map_reader.h"

typedef struct unit_name {
  const char *name;
  int unit;
} unit_name;

static const unit_name length_names[] = {{"mm", ZPS_LENGTH_MM},   {"cm", ZPS_LENGTH_CM},    {"m", ZPS_LENGTH_M},
                                         {"metre", ZPS_LENGTH_M}, {"metres", ZPS_LENGTH_M}, {"meter", ZPS_LENGTH_M},
                                         {"meters", ZPS_LENGTH_M}};
static const unit_name field_names[] = {{"t", ZPS_FIELD_T},    {"tesla", ZPS_FIELD_T},   {"mt", ZPS_FIELD_MT},
                                        {"kg", ZPS_FIELD_KG},  {"kgauss", ZPS_FIELD_KG}, {"g", ZPS_FIELD_G},
                                        {"gauss", ZPS_FIELD_G}};

/** The text without the brackets around it, looked up; 0 when it is unknown. */
static int find_unit(const char *text, size_t n, const unit_name *names, size_t n_names) {
  if (n >= 2 && ((text[0] == '[' && text[n - 1] == ']') || (text[0] == '(' && text[n - 1] == ')'))) {
    text += 1;
    n -= 2;
  }
  for (size_t i = 0; i < n_names; i++) {
    if (strlen(names[i].name) == n && strncasecmp(names[i].name, text, n) == 0) {
      return names[i].unit;
    }
  }
  return 0;
}

zps_length_unit zps_length_unit_named(const char *text, size_t n) {
  return (zps_length_unit)find_unit(text, n, length_names, sizeof length_names / sizeof length_names[0]);
}

zps_field_unit zps_field_unit_named(const char *text, size_t n) {
  return (zps_field_unit)find_unit(text, n, field_names, sizeof field_names / sizeof field_names[0]);
}

static const char *length_text(zps_length_unit unit) {
  static const char *const texts[] = {"file", "mm", "cm", "m"};
  return texts[unit];
}

static const char *field_text(zps_field_unit unit) {
  static const char *const texts[] = {"file", "T", "mT", "kG", "G", "gev_mm"};
  return texts[unit];
}

zps_status zps_map_units_choose(const char *path, zps_length_unit length_in_file, zps_field_unit field_in_file,
                                const zps_job_map_use *use, zps_map_units *units, zps_error *error) {
  static const int length_shifts[] = {0, 0, 1, 3};
  static const int field_shifts[] = {0, 0, -3, -1, -4, 0};
  const zps_length_unit length = length_in_file != ZPS_LENGTH_FROM_FILE ? length_in_file : use->length_unit;
  const zps_field_unit field = field_in_file != ZPS_FIELD_FROM_FILE ? field_in_file : use->field_unit;
  if (length == ZPS_LENGTH_FROM_FILE) {
    return zps_error_set(error, ZPS_INVALID, "%s: does not say its unit of length: expected length_unit = mm, cm or m",
                         path);
  }
  if (field == ZPS_FIELD_FROM_FILE) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: does not say its unit of the field: expected field_unit = T, mT, kG, G or gev_mm", path);
  }
  if (use->length_unit != ZPS_LENGTH_FROM_FILE && use->length_unit != length) {
    return zps_error_set(error, ZPS_INVALID, "%s: is in %s, length_unit = %s contradicts that", path,
                         length_text(length), length_text(use->length_unit));
  }
  if (use->field_unit != ZPS_FIELD_FROM_FILE && use->field_unit != field) {
    return zps_error_set(error, ZPS_INVALID, "%s: is in %s, field_unit = %s contradicts that", path, field_text(field),
                         field_text(use->field_unit));
  }
  units->length_shift = length_shifts[length];
  units->field_shift = field_shifts[field];
  units->divisor = field == ZPS_FIELD_GEV_MM ? 2.99792458e-4 : 1.0;
  return ZPS_OK;
}

void zps_map_content_free(zps_map_content *content) {
  zps_field_map_destroy(&content->grid);
}
