#include "host/field/field_load.h"

#include <math.h>

#include "host/field/dipole.h"
#include "host/field/map_file.h"
#include "host/field/map_placement.h"
#include "kernels/math.h"

/* What a grid may miss of integral_tm beside what the ends cut off. */
#define GRID_TOLERANCE 1e-3

static zps_status check_positive(const char *name, double value, zps_error *error) {
  if (value > 0.0 && value <= 1e9) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID, "field %s = %g: must be > 0 and <= 1e9", name, value);
}

/** Cells along an axis: at least one, spacing as near to the wanted one as whole cells allow. Beyond 2^31 cells the
 * grid is refused anyway; the limit keeps the rounding in its range. */
static double count_cells(double extent_mm, double spacing_mm) {
  return zps_max(1.0, zps_floor(zps_min(extent_mm / spacing_mm, 2147483648.0) + 0.5));
}

static zps_status create_grid(const zps_job_field *field, double z_start_mm, double length_mm, zps_field_map_owned *out,
                              zps_error *error) {
  static const char *const names[3] = {"grid_mm[0]", "grid_mm[1]", "grid_mm[2]"};
  const double extent[3] = {field->width_mm, field->gap_mm, length_mm};
  zps_status status = ZPS_OK;
  ZPS_TRY(check_positive("width_mm", field->width_mm, error));
  ZPS_TRY(check_positive("gap_mm", field->gap_mm, error));
  ZPS_TRY(check_positive("length_mm", length_mm, error));
  double n_cells[3];
  for (int i = 0; i < 3; i++) {
    ZPS_TRY(check_positive(names[i], field->grid_mm[i], error));
    n_cells[i] = count_cells(extent[i], field->grid_mm[i]);
  }
  if (!isfinite(z_start_mm)) {
    status = zps_error_set(error, ZPS_INVALID, "field start_mm = %g: must be finite", z_start_mm);
    goto done;
  }
  ZPS_TRY(zps_field_map_create(n_cells[0] + 1.0, n_cells[1] + 1.0, n_cells[2] + 1.0, out, error));
  out->map.x_min_mm = -0.5 * field->width_mm;
  out->map.y_min_mm = -0.5 * field->gap_mm;
  out->map.z_min_mm = z_start_mm;
  out->map.step_x_mm = field->width_mm / n_cells[0];
  out->map.step_y_mm = field->gap_mm / n_cells[1];
  out->map.step_z_mm = length_mm / n_cells[2];
done:
  return status;
}

/** Sets all nodes of one line along x. */
static void fill_line(zps_field_map_owned *out, int32_t iy, int32_t iz, zps_dipole_b field_t) {
  const zps_field_map *map = &out->map;
  float *b = out->b + ((((size_t)iz * (size_t)map->n_y) + (size_t)iy) * (size_t)map->n_x * 4);
  for (int32_t ix = 0; ix < map->n_x; ix++) {
    b[0] = 0.0F;
    b[1] = (float)field_t.y_t;
    b[2] = (float)field_t.z_t;
    b[3] = 0.0F;
    b += 4;
  }
}

/** Node i of n, counted from the middle: mirror nodes are exact opposites. */
static double node_from_centre(int32_t i, int32_t n, double step_mm) {
  return (double)((2 * (int64_t)i) - (n - 1)) * (0.5 * step_mm);
}

/** The field is independent of x, so it is worked out once per line. */
static void fill_dipole(const zps_dipole *dipole, zps_field_map_owned *out) {
  const zps_field_map *map = &out->map;
  for (int32_t iz = 0; iz < map->n_z; iz++) {
    const double z_mm = node_from_centre(iz, map->n_z, map->step_z_mm);
    for (int32_t iy = 0; iy < map->n_y; iy++) {
      fill_line(out, iy, iz, zps_dipole_at(dipole, node_from_centre(iy, map->n_y, map->step_y_mm), z_mm));
    }
  }
}

static void fill_uniform(double b_t, zps_field_map_owned *out) {
  const zps_dipole_b b = {b_t, 0.0};
  for (int32_t iz = 0; iz < out->map.n_z; iz++) {
    for (int32_t iy = 0; iy < out->map.n_y; iy++) {
      fill_line(out, iy, iz, b);
    }
  }
}

static zps_status check_floats(double max_t, zps_error *error) {
  if (max_t <= 1e6) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID, "field of %g T from integral_tm and length: must be below 1e6 T", max_t);
}

/** The field between the nodes has the integral asked for: a grid coarser than the fringes misses it. */
static zps_status check_integral(const zps_job_field *field, const zps_field_map *map, zps_error *error) {
  const double integral_tm = zps_field_map_integral_tm(map);
  const double allowed = ZPS_DIPOLE_MAX_CUT + GRID_TOLERANCE;
  if (zps_abs(integral_tm - field->integral_tm) <= allowed * zps_abs(field->integral_tm)) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "dipole grid_mm = [%.6g, %.6g, %.6g]: along the axis its map has an integral of %.6g T m: "
                       "expected integral_tm = %.6g within %g %%: take a finer grid",
                       field->grid_mm[0], field->grid_mm[1], field->grid_mm[2], integral_tm, field->integral_tm,
                       100.0 * allowed);
}

zps_status zps_field_generate(const zps_job_field *field, double z_start_mm, double length_mm, zps_field_map_owned *out,
                              zps_error *error) {
  zps_status status = ZPS_OK;
  zps_dipole dipole = {.b0_t = 0.0};
  const zps_field_map_owned empty = {.b = NULL};
  *out = empty;
  if (!field->uniform) {
    ZPS_TRY(zps_dipole_init(field, &dipole, error));
  }
  ZPS_TRY(create_grid(field, z_start_mm, length_mm, out, error));
  const double uniform_t = (1000.0 * field->integral_tm) / length_mm;
  if (!field->uniform) {
    ZPS_TRY(zps_dipole_check_length(&dipole, length_mm, error));
  }
  ZPS_TRY(check_floats(zps_abs(field->uniform ? uniform_t : dipole.b0_t), error));
  if (field->uniform) {
    fill_uniform(uniform_t, out);
  } else {
    fill_dipole(&dipole, out);
    ZPS_TRY(check_integral(field, &out->map, error));
  }
done:
  if (status != ZPS_OK) {
    zps_field_map_destroy(out);
  }
  return status;
}

/** No field in its element is stronger than those that are generated; float32 rounds the integral. */
static zps_status check_strength(const char *path, const zps_field_map *map, zps_error *error) {
  double at_mm[3] = {0.0, 0.0, 0.0};
  const double largest = zps_field_map_largest(map, at_mm);
  const double integral = zps_field_map_integral_tm(map);
  if (!(largest > ZPS_MAX_FIELD_T) && !(fabs(integral) > ZPS_MAX_FIELD_INTEGRAL_TM * (1.0 + 1e-6))) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "%s: field of up to %.3g T, %.3g T m along the axis: expected at most %g T and %g T m; see "
                       "field_unit, length_unit and scale of the element",
                       path, largest, integral, ZPS_MAX_FIELD_T, ZPS_MAX_FIELD_INTEGRAL_TM);
}

/** Reads a map file and puts it into the element, its origin at the element's centre. */
static zps_status load_file(const zps_job_field *field, double z_start_mm, double length_mm, zps_field_map_owned *out,
                            zps_error *error) {
  const double size_mm[3] = {field->width_mm, field->gap_mm, length_mm};
  zps_map_content content = {.format = ZPS_MAP_AUTO};
  zps_status status = ZPS_OK;
  ZPS_TRY(check_positive("width_mm", field->width_mm, error));
  ZPS_TRY(check_positive("gap_mm", field->gap_mm, error));
  ZPS_TRY(check_positive("length_mm", length_mm, error));
  ZPS_TRY(zps_map_file_read(field->map, &field->use, &content, error));
  ZPS_TRY(zps_map_mirror_out(field->map, &field->use, &content, error));
  ZPS_TRY(zps_map_turn(&field->use, &content, error));
  ZPS_TRY(zps_map_cover(field->map, size_mm, &field->use, &content, error));
  ZPS_TRY(check_strength(field->map, &content.grid.map, error));
  content.grid.map.z_min_mm += z_start_mm + (0.5 * length_mm);
  content.grid.file_lo_mm[2] += z_start_mm + (0.5 * length_mm);
  content.grid.file_hi_mm[2] += z_start_mm + (0.5 * length_mm);
  *out = content.grid;
done:
  if (status != ZPS_OK) {
    zps_map_content_free(&content);
  }
  return status;
}

zps_status zps_field_load(const zps_job_field *field, double z_start_mm, double length_mm, zps_field_map_owned *out,
                          zps_error *error) {
  const zps_field_map_owned empty = {.b = NULL};
  *out = empty;
  if (field->generated) {
    return zps_field_generate(field, z_start_mm, length_mm, out, error);
  }
  return load_file(field, z_start_mm, length_mm, out, error);
}
