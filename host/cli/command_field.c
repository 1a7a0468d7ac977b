/* zpscan field: check a map, convert it, make one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/json_print.h"
#include "host/field/bdsim_write.h"
#include "host/field/field_load.h"
#include "host/field/field_plot.h"
#include "host/field/field_report.h"
#include "host/field/map_file.h"
#include "host/field/map_placement.h"
#include "host/field/native_map.h"
#include "host/field/quadrupole.h"
#include "host/io/output.h"
#include "host/job/job_schema.h"
#include "host/job/number.h"

enum field_key {
  KEY_OUTPUT = 'o',
  KEY_FORMAT = 256,
  KEY_LENGTH_UNIT,
  KEY_FIELD_UNIT,
  KEY_SYMMETRY,
  KEY_JSON,
  KEY_PLOT,
  KEY_FORCE,
  KEY_INTEGRAL,
  KEY_GRADIENT,
  KEY_LENGTH,
  KEY_EFFECTIVE_LENGTH,
  KEY_GAP,
  KEY_WIDTH,
  KEY_GRID,
  KEY_ENGE
};

typedef struct field_options {
  zps_job_map_use use;
  zps_job_field field; /* make */
  const char *operands[2];
  const char *output;
  const char *plot;
  unsigned n_operands;
  double length_mm, gradient_t_m;
  bool has_gradient;
  bool json, force;
} field_options;

#define MAP_OPTIONS                                                                                                    \
  {                                                                                                                    \
      "format",                                                                                                        \
      KEY_FORMAT,                                                                                                      \
      "F",                                                                                                             \
      0,                                                                                                               \
      "native, bdsim, opera, geant4, comsol, acts or covfie (default: told by the content)",                           \
      0},                                                                                                              \
      {"length-unit", KEY_LENGTH_UNIT, "U", 0, "mm, cm or m, for a file that does not say it", 0}, {                   \
    "field-unit", KEY_FIELD_UNIT, "U", 0, "T, mT, kG, G or gev_mm (2.99792458e-4 times T), likewise", 0                \
  }

static const struct argp_option check_options[] = {
    MAP_OPTIONS,
    {"symmetry", KEY_SYMMETRY, "A=K,...", 0,
     "mirror planes of a map of one side, as in a job: axis = normal or parallel, such as "
     "x=parallel,y=normal,z=parallel",
     0},
    {"json", KEY_JSON, NULL, 0, "JSON instead of a table", 0},
    {"plot", KEY_PLOT, "DIR", 0, "draw field_profile.png and field_slices.png into DIR", 0},
    {0}};

static const struct argp_option convert_options[] = {
    MAP_OPTIONS, {"force", KEY_FORCE, NULL, 0, "replace an existing file", 0}, {0}};

static const struct argp_option make_options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "map to write: .h5 native, .dat or .dat.gz BDSIM", 0},
    {"force", KEY_FORCE, NULL, 0, "replace an existing file", 0},
    {"integral-tm", KEY_INTEGRAL, "TM", 0, "dipole, uniform: integral of B_y along the axis [T m]", 0},
    {"gradient-t-m", KEY_GRADIENT, "G", 0, "quadrupole: dB_y/dx [T/m]", 0},
    {"length-mm", KEY_LENGTH, "L", 0, "extent in z [mm] (default 2200)", 0},
    {"effective-length-mm", KEY_EFFECTIVE_LENGTH, "L", 0, "dipole: integral over field at the centre [mm]", 0},
    {"gap-mm", KEY_GAP, "H", 0, "extent in y [mm]; dipole: the gap of the poles", 0},
    {"width-mm", KEY_WIDTH, "W", 0, "extent in x [mm]", 0},
    {"grid-mm", KEY_GRID, "DX,DY,DZ", 0, "spacing of the nodes [mm]", 0},
    {"enge", KEY_ENGE, "C0,...,C5", 0, "dipole: coefficients of the fringe, in gaps", 0},
    {0}};

/** n numbers between commas. */
static zps_status take_list(const char *option, const char *text, size_t n, double min, double max, double *values,
                            zps_error *error) {
  const char *from = text;
  for (size_t i = 0; i < n; i++) {
    const size_t length = strcspn(from, ",");
    if (!zps_number_parse(from, length, &values[i]) || values[i] < min || values[i] > max ||
        (from[length] == ',') != (i + 1 < n)) {
      return zps_error_set(error, ZPS_USAGE, "%s = %.60s: expected %zu numbers from %g to %g with commas between",
                           option, text, n, min, max);
    }
    from += length + 1;
  }
  return ZPS_OK;
}

static zps_status take_choice(const char *option, const char *value, const char *const *choices, unsigned n,
                              unsigned *index, zps_error *error) {
  const zps_status status = zps_argument_choice(option, value, choices, n, index, error);
  *index += 1; /* the first is "as the file says", which no option can ask for */
  return status;
}

static zps_status set_unit(field_options *o, int key, const char *value, zps_error *error) {
  static const char *const lengths[] = {"mm", "cm", "m"};
  static const char *const fields[] = {"T", "mT", "kG", "G", "gev_mm"};
  static const char *const formats[] = {"native", "bdsim", "opera", "geant4", "comsol", "acts", "covfie"};
  unsigned i = 0;
  zps_status status = ZPS_OK;
  if (key == KEY_FORMAT) {
    status = take_choice("--format", value, formats, 7, &i, error);
    o->use.format = (zps_map_format)i;
  } else if (key == KEY_LENGTH_UNIT) {
    status = take_choice("--length-unit", value, lengths, 3, &i, error);
    o->use.length_unit = (zps_length_unit)i;
  } else {
    status = take_choice("--field-unit", value, fields, 5, &i, error);
    o->use.field_unit = (zps_field_unit)i;
  }
  return status;
}

/** One `axis=kind` of n bytes; false when it is none. */
static bool take_mirror(const char *text, size_t n, zps_map_mirror mirror[3]) {
  static const char *const kinds[] = {"none", "normal", "parallel"};
  if (n < 2 || text[0] < 'x' || text[0] > 'z' || text[1] != '=') {
    return false;
  }
  for (int i = 0; i < 3; i++) {
    if (strlen(kinds[i]) == n - 2 && strncmp(text + 2, kinds[i], n - 2) == 0) {
      mirror[text[0] - 'x'] = (zps_map_mirror)i;
      return true;
    }
  }
  return false;
}

static zps_status set_symmetry(field_options *o, const char *value, zps_error *error) {
  for (const char *from = value;; from++) {
    const size_t n = strcspn(from, ",");
    if (!take_mirror(from, n, o->use.mirror)) {
      return zps_error_set(error, ZPS_USAGE,
                           "--symmetry = %.60s: expected axis=none, normal or parallel with commas between, such as "
                           "x=parallel,y=normal,z=parallel",
                           value);
    }
    from += n;
    if (*from == '\0') {
      return ZPS_OK;
    }
  }
}

static zps_status set_magnet(field_options *o, int key, const char *value, zps_error *error) {
  switch (key) {
  case KEY_INTEGRAL:
    return zps_argument_number("--integral-tm", value, -ZPS_MAX_FIELD_INTEGRAL_TM, ZPS_MAX_FIELD_INTEGRAL_TM, false,
                               &o->field.integral_tm, error);
  case KEY_GRADIENT:
    o->has_gradient = true;
    return zps_argument_number("--gradient-t-m", value, -1e4, 1e4, false, &o->gradient_t_m, error);
  case KEY_LENGTH:
    return zps_argument_number("--length-mm", value, 0.0, 1e7, true, &o->length_mm, error);
  case KEY_EFFECTIVE_LENGTH:
    return zps_argument_number("--effective-length-mm", value, 0.0, 1e7, true, &o->field.effective_length_mm, error);
  case KEY_GAP:
    return zps_argument_number("--gap-mm", value, 0.0, 1e5, true, &o->field.gap_mm, error);
  case KEY_WIDTH:
    return zps_argument_number("--width-mm", value, 0.0, 1e5, true, &o->field.width_mm, error);
  case KEY_GRID:
    return take_list("--grid-mm", value, 3, 1e-6, 1e7, o->field.grid_mm, error);
  default:
    return take_list("--enge", value, ZPS_N_ENGE, -100.0, 100.0, o->field.enge, error);
  }
}

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  field_options *const o = (field_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->operands[o->n_operands++] = value;
    return ZPS_OK;
  case KEY_OUTPUT:
    o->output = value;
    return ZPS_OK;
  case KEY_SYMMETRY:
    return set_symmetry(o, value, error);
  case KEY_JSON:
    o->json = true;
    return ZPS_OK;
  case KEY_PLOT:
    o->plot = value;
    return ZPS_OK;
  case KEY_FORCE:
    o->force = true;
    return ZPS_OK;
  case KEY_FORMAT:
  case KEY_LENGTH_UNIT:
  case KEY_FIELD_UNIT:
    return set_unit(o, key, value, error);
  default:
    return set_magnet(o, key, value, error);
  }
}

static const zps_arguments check_arguments = {
    "zpscan field check",
    "MAP",
    1,
    1,
    "Reads a field map of any format strictly and tells its size, strength and how well it obeys Maxwell's equations.\v"
    "Units: mm, T, T m; div B and curl B in T/m, the largest of any cell.\n"
    "Example: zpscan field check magnet.dat --plot .",
    check_options,
    set};

static const zps_arguments convert_arguments = {
    "zpscan field convert",
    "FROM TO",
    2,
    2,
    "Reads a field map of any format and writes it as TO: native HDF5 for .h5, BDSIM text for .dat and .dat.gz. Native "
    "and BDSIM text keep every bit of each other.\v"
    "Units: the native form is in mm and T, BDSIM text in cm and T.\n"
    "Example: zpscan field convert ms2.table ms2.h5 --length-unit cm --field-unit G",
    convert_options,
    set};

static const zps_arguments make_arguments = {
    "zpscan field make",
    "dipole|quadrupole|uniform",
    1,
    1,
    "Writes the map of an ideal magnet, its centre at the origin.\v"
    "Units: mm, T m, T/m. Defaults are those of a job's field element.\n"
    "Example: zpscan field make dipole --integral-tm 1.4 --gap-mm 200 -o dipole.h5",
    make_options,
    set};

static bool ends_with(const char *text, const char *end) {
  const size_t n = strlen(text);
  const size_t n_end = strlen(end);
  return n > n_end && strcmp(text + n - n_end, end) == 0;
}

static zps_status check_output(const char *path, bool force, zps_error *error) {
  if (!ends_with(path, ".h5") && !ends_with(path, ".dat") && !ends_with(path, ".dat.gz")) {
    return zps_error_set(error, ZPS_USAGE, "%s: expected a name that ends in .h5, .dat or .dat.gz", path);
  }
  return zps_output_check(path, force, error);
}

static zps_status write_map(const char *path, const zps_field_map *map, const char *provenance, zps_error *error) {
  return ends_with(path, ".h5") ? zps_native_map_write(path, map, provenance, error)
                                : zps_bdsim_map_write(path, map, provenance, error);
}

static json_t *json_triple(const double values[3]) {
  return json_pack("[f, f, f]", values[0], values[1], values[2]);
}

/** A map that ends at z = 0 is mostly one half of a magnet, and so is its integral. */
static bool ends_at_zero(const zps_field_report *r) {
  const double slack = 1e-6 * r->step_mm[2];
  return r->shape[2] > 1 && (fabs(r->min_mm[2]) <= slack || fabs(r->max_mm[2]) <= slack);
}

static zps_status print_json(const char *path, zps_map_format format, const zps_field_report *r, zps_error *error) {
  json_t *const integral = isfinite(r->integral_by_tm) ? json_real(r->integral_by_tm) : json_null();
  json_t *const extent = json_pack("[[f, f], [f, f], [f, f]]", r->min_mm[0], r->max_mm[0], r->min_mm[1], r->max_mm[1],
                                   r->min_mm[2], r->max_mm[2]);
  return zps_json_print(json_pack("{s:s, s:s, s:[i, i, i], s:o, s:o, s:f, s:o, s:o, s:b, s:f, s:f, s:f, s:f, s:s}",
                                  "map", path, "format", zps_map_format_name(format), "shape", (int)r->shape[0],
                                  (int)r->shape[1], (int)r->shape[2], "extent_mm", extent, "spacing_mm",
                                  json_triple(r->step_mm), "b_max_t", r->b_max_t, "b_max_at_mm",
                                  json_triple(r->b_max_at_mm), "integral_by_tm", integral, "ends_at_z_0",
                                  (int)ends_at_zero(r), "div_max_t_m", r->div_max_t_m, "curl_max_t_m", r->curl_max_t_m,
                                  "div_rms_t_m", r->div_rms_t_m, "curl_rms_t_m", r->curl_rms_t_m, "hash", r->hash),
                        error);
}

static void print_table(const char *path, zps_map_format format, const zps_field_report *r) {
  (void)printf("%s: %s\n%-18s %d x %d x %d nodes\n", path, zps_map_format_name(format), "shape", (int)r->shape[0],
               (int)r->shape[1], (int)r->shape[2]);
  for (int i = 0; i < 3; i++) {
    if (r->shape[i] == 1) {
      (void)printf("%c %16s the field does not change along it\n", "xyz"[i], "");
    } else {
      (void)printf("%c %16s %.9g to %.9g mm in steps of %.9g\n", "xyz"[i], "", r->min_mm[i], r->max_mm[i],
                   r->step_mm[i]);
    }
  }
  (void)printf("%-18s %.6g T at (%.6g, %.6g, %.6g) mm\n", "largest |B|", r->b_max_t, r->b_max_at_mm[0],
               r->b_max_at_mm[1], r->b_max_at_mm[2]);
  if (isfinite(r->integral_by_tm)) {
    (void)printf("%-18s %.9g T m on the axis%s\n", "integral of B_y", r->integral_by_tm,
                 ends_at_zero(r) ? "; the map ends at z = 0: half of it, if the magnet goes on there (--symmetry)"
                                 : "");
  }
  (void)printf("%-18s %.3g T/m rms, at most %.3g in a cell\n", "|div B|", r->div_rms_t_m, r->div_max_t_m);
  (void)printf("%-18s %.3g T/m rms, at most %.3g in a cell\n", "|curl B|", r->curl_rms_t_m, r->curl_max_t_m);
  (void)printf("%-18s %s\n", "hash", r->hash);
}

static zps_status draw(const char *folder, const zps_map_content *content, zps_error *error) {
  char *profile = NULL;
  char *slices = NULL;
  zps_status status = ZPS_OK;
  if (asprintf(&profile, "%s/field_profile.png", folder) < 0 || asprintf(&slices, "%s/field_slices.png", folder) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the pictures");
  }
  if (!content->free_axis[2]) {
    ZPS_TRY(zps_field_plot_profile(content, profile, error));
  }
  ZPS_TRY(zps_field_plot_slices(content, slices, error));
done:
  free(profile);
  free(slices);
  return status;
}

static zps_status command_check(int argc, char **argv, zps_error *error) {
  field_options o = {.use = {.scale = 1.0}};
  zps_map_content content = {.format = ZPS_MAP_AUTO};
  zps_field_report report;
  bool helped = false;
  zps_status status = zps_arguments_parse(&check_arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(zps_map_file_read(o.operands[0], &o.use, &content, error));
  ZPS_TRY(zps_map_mirror_out(o.operands[0], &o.use, &content, error));
  zps_field_report_make(&content, &report);
  if (o.plot != NULL) {
    ZPS_TRY(draw(o.plot, &content, error));
  }
  if (o.json) {
    ZPS_TRY(print_json(o.operands[0], content.format, &report, error));
  } else {
    print_table(o.operands[0], content.format, &report);
  }
done:
  zps_map_content_free(&content);
  return status;
}

static zps_status command_convert(int argc, char **argv, zps_error *error) {
  field_options o = {.use = {.scale = 1.0}};
  zps_map_content content = {.format = ZPS_MAP_AUTO};
  char *origin = NULL;
  bool helped = false;
  zps_status status = zps_arguments_parse(&convert_arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  if (zps_output_is_same(o.operands[0], o.operands[1])) {
    return zps_error_set(error, ZPS_USAGE, "%s: is the map that is read: expected another file", o.operands[1]);
  }
  ZPS_TRY(check_output(o.operands[1], o.force, error));
  ZPS_TRY(zps_map_file_read(o.operands[0], &o.use, &content, error));
  origin = zps_arguments_quote("zpscan field convert", argc - 1, argv + 1);
  ZPS_TRY(write_map(o.operands[1], &content.grid.map, origin != NULL ? origin : "", error));
done:
  free(origin);
  zps_map_content_free(&content);
  return status;
}

/** The numbers of a field key's default in job files, so that they stand in one place. */
static void take_default(const char *key, size_t n, double *values) {
  const zps_schema_key *const schema = zps_schema_find("layout[]", key, 1u << ZPS_ELEMENT_FIELD);
  const char *from = schema->fallback;
  for (size_t i = 0; i < n; i++) {
    from += strspn(from, "[, ");
    const size_t length = strcspn(from, "], ");
    (void)zps_number_parse(from, length, &values[i]);
    from += length;
  }
}

static void take_defaults(field_options *o) {
  take_default("integral_tm", 1, &o->field.integral_tm);
  take_default("effective_length_mm", 1, &o->field.effective_length_mm);
  take_default("gap_mm", 1, &o->field.gap_mm);
  take_default("width_mm", 1, &o->field.width_mm);
  take_default("grid_mm", 3, o->field.grid_mm);
  take_default("enge", ZPS_N_ENGE, o->field.enge);
  o->length_mm = 2200.0;
}

static zps_status make_map(field_options *o, zps_field_map_owned *map, zps_error *error) {
  static const char *const kinds[] = {"dipole", "quadrupole", "uniform"};
  unsigned kind = 0;
  const zps_status status = zps_argument_choice("magnet", o->operands[0], kinds, 3, &kind, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (kind == 1) {
    const zps_status given = zps_argument_required("--gradient-t-m", o->has_gradient, error);
    return given != ZPS_OK ? given : zps_quadrupole_generate(&o->field, o->gradient_t_m, o->length_mm, map, error);
  }
  o->field.generated = true;
  o->field.uniform = kind == 2;
  return zps_field_generate(&o->field, -0.5 * o->length_mm, o->length_mm, map, error);
}

static zps_status command_make(int argc, char **argv, zps_error *error) {
  field_options o = {.use = {.scale = 1.0}};
  zps_field_map_owned map = {.b = NULL};
  char *origin = NULL;
  bool helped = false;
  take_defaults(&o);
  zps_status status = zps_arguments_parse(&make_arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(zps_argument_required("--output", o.output != NULL, error));
  ZPS_TRY(check_output(o.output, o.force, error));
  ZPS_TRY(make_map(&o, &map, error));
  origin = zps_arguments_quote("zpscan field make", argc - 1, argv + 1);
  ZPS_TRY(write_map(o.output, &map.map, origin != NULL ? origin : "", error));
done:
  free(origin);
  zps_field_map_destroy(&map);
  return status;
}

static const zps_arguments field_arguments = {
    "zpscan field",
    "check|convert|make ...",
    1,
    1,
    "Field maps: what is in one, another format for it, the map of an ideal magnet. Each has its own --help.\v"
    "Units: mm, T, T m.\n"
    "Example: zpscan field check magnet.dat --json",
    NULL,
    set};

zps_status zps_command_field(int argc, char **argv, zps_error *error) {
  static const char *const names[] = {"check", "convert", "make"};
  static zps_status (*const commands[])(int, char **, zps_error *) = {command_check, command_convert, command_make};
  field_options o = {.n_operands = 0};
  unsigned i = 0;
  bool helped = false;
  if (argc < 2 || argv[1][0] == '-') {
    return zps_arguments_parse(&field_arguments, argc, argv, &o, &helped, error);
  }
  const zps_status status = zps_argument_choice("field", argv[1], names, 3, &i, error);
  return status == ZPS_OK ? commands[i](argc - 1, argv + 1, error) : status;
}
