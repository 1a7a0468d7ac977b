#include "host/field/quadrupole.h"

#include "host/field/field_load.h"
#include "kernels/math.h"

#define MAX_GRADIENT_T_M 1e6

/** Node i of n, counted from the middle: mirror nodes are exact opposites. */
static double from_centre(int32_t i, int32_t n, double step_mm) {
  return (double)((2 * (int64_t)i) - (n - 1)) * (0.5 * step_mm);
}

zps_status zps_quadrupole_generate(const zps_job_field *field, double gradient_t_m, double length_mm,
                                   zps_field_map_owned *out, zps_error *error) {
  zps_job_field none = *field;
  none.generated = true;
  none.uniform = true;
  none.integral_tm = 0.0;
  if (!(zps_abs(gradient_t_m) <= MAX_GRADIENT_T_M)) {
    return zps_error_set(error, ZPS_INVALID, "gradient of %g T/m: must be within -+%g", gradient_t_m, MAX_GRADIENT_T_M);
  }
  const zps_status status = zps_field_generate(&none, -0.5 * length_mm, length_mm, out, error);
  if (status != ZPS_OK) {
    return status;
  }
  const double per_mm = 1e-3 * gradient_t_m;
  const zps_field_map *const map = &out->map;
  float *b = out->b;
  for (int32_t iz = 0; iz < map->n_z; iz++) {
    for (int32_t iy = 0; iy < map->n_y; iy++) {
      for (int32_t ix = 0; ix < map->n_x; ix++, b += 4) {
        b[0] = (float)(per_mm * from_centre(iy, map->n_y, map->step_y_mm));
        b[1] = (float)(per_mm * from_centre(ix, map->n_x, map->step_x_mm));
      }
    }
  }
  return ZPS_OK;
}
