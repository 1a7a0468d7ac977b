#include "host/io/surface.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/h5.h"
#include "host/io/surface_write.h"

#define GROUP "placement"
#define MAX_STEPS ((hsize_t)1 << 20)
#define MAX_CELLS ((hsize_t)1 << 25)

static const char *const stage_names[ZPS_N_SURFACE] = {"coincidence", "accepted"};

/** Shape of a stage's dataset. */
static void shape_of(const zps_surface_facts *facts, hsize_t size[4]) {
  size[0] = facts->n_mass;
  size[1] = (hsize_t)facts->placement.n_y;
  size[2] = (hsize_t)zps_lattice_cells(&facts->placement.first);
  size[3] = (hsize_t)zps_lattice_cells(&facts->placement.last);
}

static zps_h5_dataset stage_spec(const zps_surface_facts *facts, int stage, const hid_t scales[4]) {
  static const char *const descriptions[ZPS_N_SURFACE] = {
      "sum of k per cell of (x at the first plane, x at the last plane): muons in the window that hit all other "
      "counters, and both planes in y; the count of a coincidence is the sum over the cells its two counters cover",
      "of these, muons in the signal box"};
  zps_h5_dataset spec = {.name = stage_names[stage],
                         .kind = ZPS_H5_U64,
                         .rank = 4,
                         .units = "1",
                         .description = descriptions[stage],
                         .slabs = true};
  shape_of(facts, spec.size);
  memcpy(spec.scale, scales, 4 * sizeof *scales);
  return spec;
}

/** Where the cells of an axis begin, the first one at minus infinity, as a scale. */
static zps_status write_axis(hid_t group, const char *name, const char *description, const zps_lattice *lattice,
                             hid_t *scale, zps_error *error) {
  const size_t n = (size_t)zps_lattice_cells(lattice);
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_F64,
                               .rank = 1,
                               .size = {n},
                               .units = "mm",
                               .description = description,
                               .scale_name = name};
  double *const from = (double *)malloc(n * sizeof *from);
  if (from == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the axis of a surface");
  }
  from[0] = -HUGE_VAL;
  for (size_t i = 1; i < n; i++) {
    from[i] = zps_lattice_edge(lattice, (int64_t)i - 1);
  }
  const zps_status status = zps_h5_write(group, &spec, from, scale, error);
  free(from);
  return status;
}

static zps_status write_heights(hid_t group, const zps_surface_facts *facts, hid_t *scale, zps_error *error) {
  const zps_placement *const p = &facts->placement;
  const zps_h5_dataset offset = {
      .name = "y_offset",
      .kind = ZPS_H5_F64,
      .rank = 1,
      .size = {(hsize_t)p->n_y},
      .units = "mm",
      .description = "height of the first counter above the axis; the last one's is the middle of its y_range",
      .scale_name = "y_offset"};
  zps_h5_dataset range = {.name = "y_range",
                          .kind = ZPS_H5_F64,
                          .rank = 2,
                          .size = {(hsize_t)p->n_y, 4},
                          .units = "mm",
                          .description = "y of the counters: lowest and highest at the first, then at the last plane"};
  double values[ZPS_MAX_PLACEMENT_Y][4];
  zps_status status = ZPS_OK;
  for (int64_t i = 0; i < p->n_y; i++) {
    values[i][0] = p->y_first_lo[i];
    values[i][1] = p->y_first_hi[i];
    values[i][2] = p->y_last_lo[i];
    values[i][3] = p->y_last_hi[i];
  }
  ZPS_TRY(zps_h5_write(group, &offset, facts->y_offset_mm, scale, error));
  range.scale[0] = *scale;
  ZPS_TRY(zps_h5_write(group, &range, values, NULL, error));
done:
  return status;
}

/** Numbers from which a reader rebuilds the lattices to the last bit. */
static zps_status write_facts(hid_t group, const zps_surface_facts *facts, zps_error *error) {
  const zps_placement *const p = &facts->placement;
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"step_multiplier", p->first.multiplier},  {"step_divisor", p->first.divisor},
                 {"first_index", (double)p->first.first},   {"last_index", (double)p->last.first},
                 {"width_first_mm", facts->width_first_mm}, {"width_last_mm", facts->width_last_mm}};
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    ZPS_TRY(zps_h5_write_number(group, numbers[i].name, ZPS_H5_F64, &numbers[i].value, error));
  }
done:
  return status;
}

static zps_status write_mass(const zps_surface_facts *facts, const zps_h5_dataset *specs, const hid_t *datasets,
                             size_t i_mass, const uint64_t *surface, zps_error *error) {
  const size_t n_cells = (size_t)zps_placement_cells(&facts->placement);
  zps_status status = ZPS_OK;
  for (size_t i_y = 0; i_y < (size_t)facts->placement.n_y; i_y++) {
    for (size_t stage = 0; stage < ZPS_N_SURFACE; stage++) {
      const hsize_t at[2] = {i_mass, i_y};
      ZPS_TRY(zps_h5_write_slab(datasets[stage], &specs[stage], at,
                                surface + (((i_y * ZPS_N_SURFACE) + stage) * n_cells), error));
    }
  }
done:
  return status;
}

static zps_status write_masses(const zps_surface_source *source, hid_t group, const zps_h5_dataset *specs,
                               const hid_t *datasets, zps_error *error) {
  const size_t size = (size_t)zps_surface_size(&source->facts.placement);
  uint64_t *const surface = (uint64_t *)malloc(size * sizeof *surface);
  char hex[ZPS_HASH_SIZE];
  zps_hash *hash = NULL;
  zps_status status = surface != NULL ? zps_hash_create(&hash, error)
                                      : zps_error_set(error, ZPS_MEMORY, "out of memory for a placement surface");
  for (size_t i = 0; status == ZPS_OK && i < source->facts.n_mass; i++) {
    ZPS_TRY(source->read(source->context, i, surface, error));
    zps_hash_u64(hash, surface, size);
    ZPS_TRY(write_mass(&source->facts, specs, datasets, i, surface, error));
  }
  if (status == ZPS_OK) {
    zps_hash_finish(hash, hex);
    ZPS_TRY(zps_h5_write_text(group, "hash", hex, error));
  }
done:
  zps_hash_destroy(hash);
  free(surface);
  return status;
}

zps_status zps_surface_write(hid_t root, hid_t mass_scale, const zps_surface_source *source, zps_error *error) {
  const zps_surface_facts *const facts = &source->facts;
  hid_t scales[4] = {mass_scale, 0, 0, 0};
  hid_t datasets[ZPS_N_SURFACE] = {0, 0};
  zps_h5_dataset specs[ZPS_N_SURFACE];
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(root, GROUP, "where muons cross the first and last plane of the first trigger", &group, error));
  ZPS_TRY(write_facts(group, facts, error));
  ZPS_TRY(write_heights(group, facts, &scales[1], error));
  ZPS_TRY(write_axis(group, "first_from", "lower end of each cell in x at the first plane; the last has no upper end",
                     &facts->placement.first, &scales[2], error));
  ZPS_TRY(write_axis(group, "last_from", "lower end of each cell in x at the last plane; the last has no upper end",
                     &facts->placement.last, &scales[3], error));
  for (int i = 0; i < ZPS_N_SURFACE; i++) {
    specs[i] = stage_spec(facts, i, scales);
    ZPS_TRY(zps_h5_write_empty(group, &specs[i], &datasets[i], error));
  }
  ZPS_TRY(write_masses(source, group, specs, datasets, error));
done:
  for (int i = 0; i < ZPS_N_SURFACE; i++) {
    (void)(datasets[i] > 0 ? H5Dclose(datasets[i]) : 0);
  }
  for (int i = 1; i < 4; i++) {
    (void)(scales[i] > 0 ? H5Dclose(scales[i]) : 0);
  }
  (void)H5Gclose(group);
  return status;
}

struct zps_surface_file {
  zps_h5_file file;
  char *path;
  hsize_t size[4];
};

/** A whole number that a double holds exactly, and small enough for a lattice. */
static bool is_index(double value) {
  return fabs(value) < 1e12 && !(value > floor(value)) && !(value < floor(value));
}

static zps_status read_facts(const zps_h5_file *file, zps_surface_facts *facts, zps_error *error) {
  zps_placement *const p = &facts->placement;
  double first = 0.0;
  double last = 0.0;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_read_number(file, GROUP, "step_multiplier", ZPS_H5_F64, &p->first.multiplier, error));
  ZPS_TRY(zps_h5_read_number(file, GROUP, "step_divisor", ZPS_H5_F64, &p->first.divisor, error));
  ZPS_TRY(zps_h5_read_number(file, GROUP, "first_index", ZPS_H5_F64, &first, error));
  ZPS_TRY(zps_h5_read_number(file, GROUP, "last_index", ZPS_H5_F64, &last, error));
  ZPS_TRY(zps_h5_read_number(file, GROUP, "width_first_mm", ZPS_H5_F64, &facts->width_first_mm, error));
  ZPS_TRY(zps_h5_read_number(file, GROUP, "width_last_mm", ZPS_H5_F64, &facts->width_last_mm, error));
  ZPS_TRY(zps_h5_read_text(file, GROUP, "hash", facts->hash, sizeof facts->hash, error));
  if (!is_index(first) || !is_index(last) || !(p->first.multiplier >= 1.0 && p->first.multiplier <= 1e6) ||
      !(p->first.divisor >= 1.0 && p->first.divisor <= 1e6) || !(facts->width_first_mm > 0.0) ||
      !(facts->width_last_mm > 0.0)) {
    return zps_error_set(error, ZPS_INVALID, "%s: /placement: its lattice makes no sense", file->path);
  }
  p->last = p->first;
  p->first.first = (int64_t)first;
  p->last.first = (int64_t)last;
done:
  return status;
}

static zps_status read_shape(zps_surface_file *f, zps_surface_facts *facts, zps_error *error) {
  hsize_t other[4];
  hsize_t n_mass = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_shape(&f->file, "placement/coincidence", ZPS_H5_U64, 4, f->size, NULL, error));
  ZPS_TRY(zps_h5_shape(&f->file, "placement/accepted", ZPS_H5_U64, 4, other, NULL, error));
  ZPS_TRY(zps_h5_shape(&f->file, "grid/mass", ZPS_H5_F64, 1, &n_mass, NULL, error));
  if (memcmp(f->size, other, sizeof other) != 0 || f->size[0] != n_mass || f->size[1] < 1 ||
      f->size[1] > ZPS_MAX_PLACEMENT_Y || f->size[2] < 3 || f->size[2] > MAX_STEPS || f->size[3] < 3 ||
      f->size[3] > MAX_STEPS || f->size[2] * f->size[3] > MAX_CELLS) {
    return zps_error_set(error, ZPS_INVALID, "%s: /placement: surfaces of a shape that no run makes", f->path);
  }
  facts->n_mass = (size_t)f->size[0];
  facts->placement.n_y = (int64_t)f->size[1];
  facts->placement.first.n = (int64_t)f->size[2] - 2;
  facts->placement.last.n = (int64_t)f->size[3] - 2;
done:
  return status;
}

static zps_status read_heights(const zps_surface_file *f, zps_surface_facts *facts, zps_error *error) {
  zps_placement *const p = &facts->placement;
  const hsize_t size[2] = {f->size[1], 4};
  double values[ZPS_MAX_PLACEMENT_Y][4];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_read(&f->file, "placement/y_offset", ZPS_H5_F64, 1, size, 0, facts->y_offset_mm, error));
  ZPS_TRY(zps_h5_read(&f->file, "placement/y_range", ZPS_H5_F64, 2, size, 0, values, error));
  for (int64_t i = 0; i < p->n_y; i++) {
    p->y_first_lo[i] = values[i][0];
    p->y_first_hi[i] = values[i][1];
    p->y_last_lo[i] = values[i][2];
    p->y_last_hi[i] = values[i][3];
  }
done:
  return status;
}

bool zps_surface_file_has(const char *path) {
  zps_h5_file file = {.id = H5I_INVALID_HID};
  zps_error ignored = {ZPS_OK, ""};
  zps_h5_silence();
  const bool has = zps_h5_open(path, &file, &ignored) == ZPS_OK && zps_h5_has(&file, GROUP);
  zps_h5_close(&file);
  return has;
}

zps_status zps_surface_file_open(const char *path, zps_surface_file **file, zps_surface_facts *facts,
                                 zps_error *error) {
  zps_surface_file *const made = (zps_surface_file *)calloc(1, sizeof *made);
  zps_status status = ZPS_OK;
  *file = NULL;
  memset(facts, 0, sizeof *facts);
  zps_h5_silence();
  if (made == NULL || (made->path = strdup(path)) == NULL) {
    free(made);
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory", path);
  }
  made->file.id = H5I_INVALID_HID;
  ZPS_TRY(zps_h5_open(made->path, &made->file, error));
  if (!zps_h5_has(&made->file, GROUP)) {
    status = zps_error_set(error, ZPS_INVALID,
                           "%s: holds no placement surfaces: run its job with a `placement:` section, or give the job "
                           "to `zpscan optimize`",
                           path);
    goto done;
  }
  ZPS_TRY(read_facts(&made->file, facts, error));
  ZPS_TRY(read_shape(made, facts, error));
  ZPS_TRY(read_heights(made, facts, error));
  *file = made;
done:
  if (status != ZPS_OK) {
    zps_surface_file_close(made);
  }
  return status;
}

zps_status zps_surface_file_read(zps_surface_file *file, size_t i_mass, size_t i_y, enum zps_surface_stage stage,
                                 uint64_t *cells, zps_error *error) {
  const hsize_t at[2] = {i_mass, i_y};
  char name[64];
  if (i_mass >= file->size[0] || i_y >= file->size[1]) {
    return zps_error_set(error, ZPS_USAGE, "%s: no surface of mass %zu, height %zu", file->path, i_mass, i_y);
  }
  (void)snprintf(name, sizeof name, GROUP "/%s", stage_names[stage]);
  return zps_h5_read_slab(&file->file, name, ZPS_H5_U64, 4, file->size, at, cells, error);
}

static bool same_number(double a, double b) {
  return a <= b && a >= b;
}

static bool same_lattice(const zps_lattice *a, const zps_lattice *b) {
  return a->first == b->first && a->n == b->n && same_number(a->multiplier, b->multiplier) &&
         same_number(a->divisor, b->divisor);
}

static bool same_heights(const zps_surface_facts *a, const zps_surface_facts *b) {
  const zps_placement *const p = &a->placement;
  const zps_placement *const q = &b->placement;
  bool same = p->n_y == q->n_y;
  for (int64_t i = 0; same && i < p->n_y; i++) {
    same = same_number(a->y_offset_mm[i], b->y_offset_mm[i]) && same_number(p->y_first_lo[i], q->y_first_lo[i]) &&
           same_number(p->y_first_hi[i], q->y_first_hi[i]) && same_number(p->y_last_lo[i], q->y_last_lo[i]) &&
           same_number(p->y_last_hi[i], q->y_last_hi[i]);
  }
  return same;
}

/** What differs between the surfaces and those of their job; NULL = nothing. */
static const char *difference(const zps_surface_facts *a, const zps_surface_facts *b) {
  if (a->n_mass != b->n_mass) {
    return "number of masses";
  }
  if (!same_lattice(&a->placement.first, &b->placement.first) ||
      !same_lattice(&a->placement.last, &b->placement.last)) {
    return "lattices";
  }
  if (!same_number(a->width_first_mm, b->width_first_mm) || !same_number(a->width_last_mm, b->width_last_mm)) {
    return "widths of the counters";
  }
  return same_heights(a, b) ? NULL : "heights or y ranges";
}

static zps_status hash_all(zps_surface_file *file, const zps_surface_facts *facts, char hex[ZPS_HASH_SIZE],
                           zps_error *error) {
  const size_t n_cells = (size_t)zps_placement_cells(&facts->placement);
  const size_t n_parts = (size_t)facts->placement.n_y * ZPS_N_SURFACE;
  uint64_t *const cells = (uint64_t *)malloc(n_cells * sizeof *cells);
  zps_hash *hash = NULL;
  zps_status status = cells != NULL ? zps_hash_create(&hash, error)
                                    : zps_error_set(error, ZPS_MEMORY, "out of memory for a placement surface");
  for (size_t i = 0; status == ZPS_OK && i < facts->n_mass * n_parts; i++) {
    ZPS_TRY(zps_surface_file_read(file, i / n_parts, (i % n_parts) / ZPS_N_SURFACE,
                                  (enum zps_surface_stage)(i % ZPS_N_SURFACE), cells, error));
    zps_hash_u64(hash, cells, n_cells);
  }
  if (status == ZPS_OK) {
    zps_hash_finish(hash, hex);
  }
done:
  zps_hash_destroy(hash);
  free(cells);
  return status;
}

zps_status zps_surface_file_verify(zps_surface_file *file, const zps_surface_facts *facts,
                                   const zps_surface_facts *expected, zps_error *error) {
  const char *const what = expected != NULL ? difference(facts, expected) : NULL;
  char hex[ZPS_HASH_SIZE] = "";
  if (what != NULL) {
    return zps_error_set(error, ZPS_INVALID, "%s: /placement: %s are not those of its job: the file is damaged",
                         file->path, what);
  }
  const zps_status status = hash_all(file, facts, hex, error);
  if (status != ZPS_OK || strcmp(hex, facts->hash) == 0) {
    return status;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "%s: /placement: the surfaces hash to %s, its attribute says %s: the file is "
                       "damaged",
                       file->path, hex, facts->hash);
}

void zps_surface_file_close(zps_surface_file *file) {
  if (file != NULL) {
    zps_h5_close(&file->file);
    free(file->path);
    free(file);
  }
}
