#include "host/run/plan_magnet_reach.h"

#include <string.h>

/** Largest field on a position along z, over all nodes of the planes it lies on or between [T]. */
typedef struct zps_plane_most {
  double b, by_up, by_down, bx, bx_bz, by_bz;
} zps_plane_most;

static void most_of_node(const float *node, zps_plane_most *most) {
  const double bx = zps_abs((double)node[0]);
  const double by = zps_abs((double)node[1]);
  const double bz = zps_abs((double)node[2]);
  most->b = zps_max(most->b, zps_sqrt((bx * bx) + ((by * by) + (bz * bz))));
  most->by_up = zps_max(most->by_up, (double)node[1]);
  most->by_down = zps_max(most->by_down, -(double)node[1]);
  most->bx = zps_max(most->bx, bx);
  most->bx_bz = zps_max(most->bx_bz, bx + bz);
  most->by_bz = zps_max(most->by_bz, by + bz);
}

static zps_plane_most most_at(const zps_field_map *map, zps_field_plane at) {
  const size_t n_plane = (size_t)map->n_x * (size_t)map->n_y;
  const size_t n_planes = at.between ? 2 : 1;
  const float *const b = map->b + (4 * n_plane * (size_t)at.i);
  zps_plane_most most;
  memset(&most, 0, sizeof most);
  for (size_t i = 0; i < n_planes * n_plane; i++) {
    most_of_node(b + (4 * i), &most);
  }
  return most;
}

/** Adds a plane with its weight [mm^2] in the deflection. */
static void add_plane(zps_magnet_reach *reach, const zps_plane_most *most, double weight_mm2) {
  reach->by_up_tmm2 += weight_mm2 * most->by_up;
  reach->by_down_tmm2 += weight_mm2 * most->by_down;
  reach->bx_tmm2 += weight_mm2 * most->bx;
  reach->bx_bz_tmm2 += weight_mm2 * most->bx_bz;
  reach->by_bz_tmm2 += weight_mm2 * most->by_bz;
}

/** One step of kernels/rk4.h: x gains h^2/6 (k1 + k2 + k3) and the slope h/6 (k1 + 2 k2 + 2 k3 + k4), k1 at the start,
 *  k2 and k3 in the middle, k4 at the end; far = from the end of the step to the counters. */
static void add_step(zps_magnet_reach *reach, const zps_plane_most *start, const zps_plane_most *middle,
                     const zps_plane_most *end, double h, double far) {
  reach->b_tmm += (h / 6.0) * (start->b + ((4.0 * middle->b) + end->b));
  add_plane(reach, start, (h / 6.0) * (h + far));
  add_plane(reach, middle, (h / 6.0) * ((2.0 * h) + (4.0 * far)));
  add_plane(reach, end, (h / 6.0) * far);
}

static void add_steps(zps_magnet_reach *reach, const zps_setup *setup, const zps_element *e, double z_counters_mm) {
  const zps_field_map *const map = &setup->maps[e->i_table];
  double z_mm = e->z_start_mm;
  zps_plane_most start = most_at(map, zps_field_plane_at(map, e->z_start_mm));
  double largest = 0.0;
  for (int32_t i = 0; i < e->n_steps; i++) {
    const zps_field_step step = setup->steps[e->i_step + i];
    const zps_plane_most middle = most_at(map, step.middle);
    const zps_plane_most end = most_at(map, step.end);
    z_mm += step.h;
    add_step(reach, &start, &middle, &end, step.h, z_counters_mm - z_mm);
    largest = zps_max(largest, step.h * zps_max(start.b, zps_max(middle.b, end.b)));
    start = end;
  }
  /* Slopes predicted within a step take all of it from one plane. */
  reach->b_tmm += largest;
}

/** The rectangle around the first counters of all triggers; 0 when they are not all on the plane i_element. */
static int first_counters(const zps_setup *setup, int32_t i_element, zps_magnet_reach *reach) {
  for (int32_t t = 0; t < setup->n_triggers; t++) {
    const zps_counter *const c = &setup->triggers[t].counters[0];
    if (c->i_element != i_element) {
      return 0;
    }
    reach->x_lo_mm = t == 0 ? c->x_lo_mm : zps_min(reach->x_lo_mm, c->x_lo_mm);
    reach->x_hi_mm = t == 0 ? c->x_hi_mm : zps_max(reach->x_hi_mm, c->x_hi_mm);
    reach->y_lo_mm = t == 0 ? c->y_lo_mm : zps_min(reach->y_lo_mm, c->y_lo_mm);
    reach->y_hi_mm = t == 0 ? c->y_hi_mm : zps_max(reach->y_hi_mm, c->y_hi_mm);
  }
  return setup->n_triggers > 0;
}

/** The last field element before the counters, -1 when there is none or matter lies behind it. */
static int32_t last_field(const zps_setup *setup, int32_t i_counters) {
  int32_t i = i_counters - 1;
  while (i > 0 && setup->elements[i].kind == ZPS_ELEMENT_PLANE) {
    i--;
  }
  return i > 0 && setup->elements[i].kind == ZPS_ELEMENT_FIELD ? i : -1;
}

zps_magnet_reach zps_plan_magnet_reach(const zps_setup *setup) {
  zps_magnet_reach reach;
  memset(&reach, 0, sizeof reach);
  reach.i_element = -1;
  const int32_t i_counters = setup->i_decision;
  if (i_counters < 0 || setup->process_none || !first_counters(setup, i_counters, &reach)) {
    return reach;
  }
  const int32_t i_field = last_field(setup, i_counters);
  /* Between nodes a tricubic field may exceed them; and of muons beyond a map all are to be counted. */
  if (i_field >= 0 && !setup->elements[i_field].cubic && !setup->elements[i_field].beyond) {
    const zps_element *const e = &setup->elements[i_field];
    const double z_counters_mm = setup->elements[i_counters].z_start_mm;
    reach.i_element = i_field;
    reach.arm_mm = z_counters_mm - e->z_start_mm;
    add_steps(&reach, setup, e, z_counters_mm);
  }
  return reach;
}
