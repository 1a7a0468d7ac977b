#include "host/run/sagitta.h"

#include <math.h>

static void planes_z(const zps_setup *setup, const zps_tracker *tracker, double z_mm[ZPS_N_TRACKER_PLANES]) {
  for (int i = 0; i < ZPS_N_TRACKER_PLANES; i++) {
    z_mm[i] = setup->elements[tracker->i_element[i]].z_start_mm;
  }
}

double zps_sagitta_lever_mm(const double z_mm[ZPS_N_TRACKER_PLANES], double z) {
  const double span = z_mm[2] - z_mm[0];
  const double before = (z - z_mm[0]) * ((z_mm[2] - z_mm[1]) / span);
  const double behind = (z_mm[2] - z) * ((z_mm[1] - z_mm[0]) / span);
  return fmax(fmin(before, behind), 0.0);
}

/** B_y [T] on the axis times the lever arm. */
static double weighted_field(const zps_field_map *map, const double *z_mm, double z) {
  const zps_field_plane plane = zps_field_plane_at(map, z);
  return zps_field_at(map, plane, plane.between, 0.0, 0.0).y * zps_sagitta_lever_mm(z_mm, z);
}

/** Simpson's rule from plane to plane of the map, within the element: exact for the field between them and a straight
 *  piece of L. */
static double element_integral(const zps_setup *setup, const zps_element *e, const double *z_mm) {
  const zps_field_map *const map = &setup->maps[e->i_table];
  double from = e->z_start_mm;
  double sum = 0.0;
  for (int32_t i = 0; i <= map->n_z; i++) {
    const double plane = i < map->n_z ? map->z_min_mm + ((double)i * map->step_z_mm) : e->z_end_mm;
    const double to = fmin(fmax(plane, from), e->z_end_mm);
    const double middle = weighted_field(map, z_mm, 0.5 * (from + to));
    const double ends = weighted_field(map, z_mm, from) + weighted_field(map, z_mm, to);
    sum += ((to - from) / 6.0) * (ends + (4.0 * middle));
    from = to;
  }
  return sum;
}

double zps_sagitta_integral(const zps_setup *setup, const zps_tracker *tracker) {
  double z_mm[ZPS_N_TRACKER_PLANES];
  double sum = 0.0;
  planes_z(setup, tracker, z_mm);
  for (int32_t i = tracker->i_element[0]; i < tracker->i_element[2]; i++) {
    if (setup->elements[i].kind == ZPS_ELEMENT_FIELD) {
      sum += element_integral(setup, &setup->elements[i], z_mm);
    }
  }
  return sum;
}

bool zps_sagitta_weigh(const zps_setup *setup, zps_tracker *tracker) {
  const double gev_mm = (ZPS_CURVATURE_GEV_PER_T_MM * setup->beam.charge) * zps_sagitta_integral(setup, tracker);
  double z_mm[ZPS_N_TRACKER_PLANES];
  planes_z(setup, tracker, z_mm);
  const double share = (z_mm[2] - z_mm[1]) / (z_mm[2] - z_mm[0]);
  tracker->weight[0] = -share / gev_mm;
  tracker->weight[1] = 1.0 / gev_mm;
  tracker->weight[2] = -(1.0 - share) / gev_mm;
  return fabs(gev_mm) > 0.0;
}
