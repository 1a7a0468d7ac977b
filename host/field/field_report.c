#include "host/field/field_report.h"

#include <math.h>

/** d(component c)/d(axis a) in the middle of the cell whose lowest corner is b [T/mm]. */
static double slope(const zps_field_map *map, const float *b, int c, int a) {
  const size_t strides[3] = {4, 4 * (size_t)map->n_x, 4 * (size_t)map->n_x * (size_t)map->n_y};
  const double steps[3] = {map->step_x_mm, map->step_y_mm, map->step_z_mm};
  const size_t u = strides[(a + 1) % 3];
  const size_t v = strides[(a + 2) % 3];
  const size_t w = strides[a];
  const float *const low = b + c;
  const float *const high = low + w;
  const double rise = ((double)high[0] - (double)low[0]) + ((double)high[u] - (double)low[u]) +
                      ((double)high[v] - (double)low[v]) + ((double)high[u + v] - (double)low[u + v]);
  return 0.25 * rise / steps[a];
}

static void find_residuals(const zps_field_map *map, zps_field_report *report) {
  const double n_cells = (double)(map->n_x - 1) * (double)(map->n_y - 1) * (double)(map->n_z - 1);
  double div_2 = 0.0;
  double curl_2 = 0.0;
  for (int32_t iz = 0; iz + 1 < map->n_z; iz++) {
    for (int32_t iy = 0; iy + 1 < map->n_y; iy++) {
      const float *b = map->b + (4 * ((((size_t)iz * (size_t)map->n_y) + (size_t)iy) * (size_t)map->n_x));
      for (int32_t ix = 0; ix + 1 < map->n_x; ix++, b += 4) {
        const double div = slope(map, b, 0, 0) + slope(map, b, 1, 1) + slope(map, b, 2, 2);
        const double curl_x = slope(map, b, 2, 1) - slope(map, b, 1, 2);
        const double curl_y = slope(map, b, 0, 2) - slope(map, b, 2, 0);
        const double curl_z = slope(map, b, 1, 0) - slope(map, b, 0, 1);
        const double square = (curl_x * curl_x) + (curl_y * curl_y) + (curl_z * curl_z);
        report->div_max_t_m = fmax(report->div_max_t_m, 1e3 * fabs(div));
        report->curl_max_t_m = fmax(report->curl_max_t_m, 1e3 * sqrt(square));
        div_2 += div * div;
        curl_2 += square;
      }
    }
  }
  report->div_rms_t_m = 1e3 * sqrt(div_2 / n_cells);
  report->curl_rms_t_m = 1e3 * sqrt(curl_2 / n_cells);
}

void zps_field_report_make(const zps_map_content *content, zps_field_report *report) {
  const zps_field_map *const map = &content->grid.map;
  const int32_t n[3] = {map->n_x, map->n_y, map->n_z};
  const double first[3] = {map->x_min_mm, map->y_min_mm, map->z_min_mm};
  const double step[3] = {map->step_x_mm, map->step_y_mm, map->step_z_mm};
  *report = (zps_field_report){.div_max_t_m = 0.0};
  for (int i = 0; i < 3; i++) {
    report->shape[i] = content->free_axis[i] ? 1 : n[i];
    report->min_mm[i] = first[i];
    report->max_mm[i] = first[i] + (step[i] * (double)(n[i] - 1));
    report->step_mm[i] = step[i];
  }
  report->b_max_t = zps_field_map_largest(map, report->b_max_at_mm);
  find_residuals(map, report);
  report->integral_by_tm = content->free_axis[2] ? (double)NAN : zps_field_map_integral_tm(map);
  zps_field_map_hash(map, report->hash);
}
