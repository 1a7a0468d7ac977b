#include "host/field/map_placement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/field/map_axis.h"

#define PLANE_TOLERANCE 1e-2 /* odd components on a mirror plane, of max |B| */
#define SLACK 1e-6           /* of a spacing */
#define NO_FIELD (-1)

/** How a new grid is made from the nodes of an old one. */
typedef struct regrid {
  int32_t n[3];
  double first_mm[3], step_mm[3];
  int from_axis[3];     /* the old axis along each new one */
  float sign[3];        /* of each new component */
  int32_t *from[3];     /* old index for each new one, or NO_FIELD */
  float mirror_sign[3]; /* further sign of each component behind the mirror plane */
  int mirror_axis;      /* -1: none */
  bool behind_low;      /* the old nodes are those above the plane */
} regrid;

static regrid regrid_begin(const zps_field_map *map) {
  const regrid r = {.n = {map->n_x, map->n_y, map->n_z},
                    .first_mm = {map->x_min_mm, map->y_min_mm, map->z_min_mm},
                    .step_mm = {map->step_x_mm, map->step_y_mm, map->step_z_mm},
                    .from_axis = {0, 1, 2},
                    .sign = {1.0F, 1.0F, 1.0F},
                    .mirror_axis = -1};
  return r;
}

static double last_mm(const regrid *r, int axis) {
  return r->first_mm[axis] + (r->step_mm[axis] * (double)(r->n[axis] - 1));
}

static zps_status allocate_indices(regrid *r, zps_error *error) {
  for (int i = 0; i < 3; i++) {
    r->from[i] = (int32_t *)malloc((size_t)r->n[i] * sizeof *r->from[i]);
    if (r->from[i] == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "no memory for %d nodes of a field map", (int)r->n[i]);
    }
  }
  return ZPS_OK;
}

static void regrid_free(const regrid *r) {
  for (int i = 0; i < 3; i++) {
    free(r->from[i]);
  }
}

static void move_node(const regrid *r, const zps_field_map *old, const int32_t node[3], float *to) {
  int32_t from[3];
  for (int i = 0; i < 3; i++) {
    from[r->from_axis[i]] = r->from[i][node[i]];
  }
  if (from[0] == NO_FIELD || from[1] == NO_FIELD || from[2] == NO_FIELD) {
    return;
  }
  const float *const b =
      old->b + (4 * ((((size_t)from[2] * (size_t)old->n_y) + (size_t)from[1]) * (size_t)old->n_x + (size_t)from[0]));
  const int a = r->mirror_axis;
  const bool behind = a >= 0 && (r->behind_low ? node[a] < (r->n[a] - 1) / 2 : node[a] > (r->n[a] - 1) / 2);
  for (int i = 0; i < 3; i++) {
    /* A product with 1 keeps every bit, the sign of a zero included. */
    to[i] = b[r->from_axis[i]] * r->sign[i] * (behind ? r->mirror_sign[i] : 1.0F);
  }
}

/** Puts the new grid in the place of the old one. */
static zps_status regrid_finish(const regrid *r, zps_field_map_owned *grid, zps_error *error) {
  zps_field_map_owned fresh = {.b = NULL};
  int32_t node[3];
  const zps_status status = zps_field_map_create((double)r->n[0], (double)r->n[1], (double)r->n[2], &fresh, error);
  if (status != ZPS_OK) {
    return status;
  }
  float *to = fresh.b;
  for (node[2] = 0; node[2] < r->n[2]; node[2]++) {
    for (node[1] = 0; node[1] < r->n[1]; node[1]++) {
      for (node[0] = 0; node[0] < r->n[0]; node[0]++) {
        move_node(r, &grid->map, node, to);
        to += 4;
      }
    }
  }
  fresh.map.x_min_mm = r->first_mm[0];
  fresh.map.y_min_mm = r->first_mm[1];
  fresh.map.z_min_mm = r->first_mm[2];
  fresh.map.step_x_mm = r->step_mm[0];
  fresh.map.step_y_mm = r->step_mm[1];
  fresh.map.step_z_mm = r->step_mm[2];
  zps_field_map_destroy(grid);
  *grid = fresh;
  return ZPS_OK;
}

static float largest_field(const zps_field_map *map) {
  const size_t n = 4 * (size_t)map->n_x * (size_t)map->n_y * (size_t)map->n_z;
  float largest = 0.0F;
  for (size_t i = 0; i < n; i++) {
    const float size = fabsf(map->b[i]);
    largest = size > largest ? size : largest;
  }
  return largest;
}

/** Components that must vanish on the plane do. */
static zps_status check_plane(const char *path, const zps_field_map *map, int axis, int32_t i_plane,
                              const float mirror_sign[3], zps_error *error) {
  const float allowed = (float)PLANE_TOLERANCE * largest_field(map);
  const int32_t n[3] = {map->n_x, map->n_y, map->n_z};
  int32_t node[3];
  int32_t end[3] = {n[0], n[1], n[2]};
  int32_t begin[3] = {0, 0, 0};
  begin[axis] = i_plane;
  end[axis] = i_plane + 1;
  for (node[2] = begin[2]; node[2] < end[2]; node[2]++) {
    for (node[1] = begin[1]; node[1] < end[1]; node[1]++) {
      for (node[0] = begin[0]; node[0] < end[0]; node[0]++) {
        const float *const b =
            map->b + (4 * ((((size_t)node[2] * (size_t)n[1]) + (size_t)node[1]) * (size_t)n[0] + (size_t)node[0]));
        for (int c = 0; c < 3; c++) {
          if (mirror_sign[c] < 0.0F && fabsf(b[c]) > allowed) {
            return zps_error_set(
                error, ZPS_INVALID,
                "%s: symmetry.%c: B%c = %.3g T on the plane %c = 0, where this kind of mirror makes it "
                "0: is it the other kind?",
                path, "xyz"[axis], "xyz"[c], (double)b[c], "xyz"[axis]);
          }
        }
      }
    }
  }
  return ZPS_OK;
}

static zps_status mirror_axis_out(const char *path, int axis, zps_map_mirror kind, zps_map_content *content,
                                  zps_error *error) {
  regrid r = regrid_begin(&content->grid.map);
  const int32_t n = r.n[axis];
  const double slack = ZPS_MAP_UNIFORM * r.step_mm[axis];
  const bool above = fabs(r.first_mm[axis]) <= slack;
  zps_status status = ZPS_OK;
  if (content->free_axis[axis] || !(above || fabs(last_mm(&r, axis)) <= slack)) {
    return zps_error_set(
        error, ZPS_INVALID,
        "%s: symmetry.%c: the map goes from %c = %.9g to %.9g mm: must begin or end on the plane %c = 0", path,
        "xyz"[axis], "xyz"[axis], r.first_mm[axis], last_mm(&r, axis), "xyz"[axis]);
  }
  r.mirror_axis = axis;
  r.behind_low = above;
  for (int c = 0; c < 3; c++) {
    r.mirror_sign[c] = (c == axis) == (kind == ZPS_MIRROR_NORMAL) ? 1.0F : -1.0F;
  }
  ZPS_TRY(check_plane(path, &content->grid.map, axis, above ? 0 : n - 1, r.mirror_sign, error));
  if ((double)n * 32.0 > ZPS_FIELD_MAX_BYTES) {
    return zps_error_set(error, ZPS_INVALID, "%s: %d nodes along %c are too many to mirror", path, (int)n, "xyz"[axis]);
  }
  r.n[axis] = (2 * n) - 1;
  r.first_mm[axis] = -(r.step_mm[axis] * (double)(n - 1));
  ZPS_TRY(allocate_indices(&r, error));
  for (int i = 0; i < 3; i++) {
    for (int32_t k = 0; k < r.n[i]; k++) {
      const int32_t away = k > n - 1 ? k - (n - 1) : (n - 1) - k;
      r.from[i][k] = i != axis ? k : above ? away : (n - 1) - away;
    }
  }
  ZPS_TRY(regrid_finish(&r, &content->grid, error));
done:
  regrid_free(&r);
  return status;
}

zps_status zps_map_mirror_out(const char *path, const zps_job_map_use *use, zps_map_content *content,
                              zps_error *error) {
  zps_status status = ZPS_OK;
  for (int axis = 0; axis < 3; axis++) {
    if (use->mirror[axis] != ZPS_MIRROR_NONE) {
      ZPS_TRY(mirror_axis_out(path, axis, use->mirror[axis], content, error));
    }
  }
done:
  return status;
}

/** Quarter turns of a new frame: row i says which old axis lies along new axis i, and with which sign. */
typedef struct quarter_turn {
  int axis[3];
  int sign[3];
} quarter_turn;

/** One more quarter turn about `about`: the axis behind it takes the place of the next, (y, z) -> (-z, y) about x. */
static quarter_turn turn_once(quarter_turn t, int about) {
  const int u = (about + 1) % 3;
  const int v = (about + 2) % 3;
  quarter_turn next = t;
  next.axis[u] = t.axis[v];
  next.sign[u] = -t.sign[v];
  next.axis[v] = t.axis[u];
  next.sign[v] = t.sign[u];
  return next;
}

static zps_status turn_grid(const quarter_turn *t, zps_map_content *content, zps_error *error) {
  const regrid old = regrid_begin(&content->grid.map);
  const bool old_free[3] = {content->free_axis[0], content->free_axis[1], content->free_axis[2]};
  regrid r = old;
  zps_status status = ZPS_OK;
  for (int i = 0; i < 3; i++) {
    const int a = t->axis[i];
    r.from_axis[i] = a;
    r.sign[i] = t->sign[i] > 0 ? 1.0F : -1.0F;
    r.n[i] = old.n[a];
    r.step_mm[i] = old.step_mm[a];
    r.first_mm[i] = t->sign[i] > 0 ? old.first_mm[a] : -last_mm(&old, a);
    content->free_axis[i] = old_free[a];
  }
  ZPS_TRY(allocate_indices(&r, error));
  for (int i = 0; i < 3; i++) {
    for (int32_t k = 0; k < r.n[i]; k++) {
      r.from[i][k] = t->sign[i] > 0 ? k : r.n[i] - 1 - k;
    }
  }
  ZPS_TRY(regrid_finish(&r, &content->grid, error));
done:
  regrid_free(&r);
  return status;
}

static void scale_field(double scale, zps_field_map_owned *grid) {
  const size_t n = 4 * (size_t)grid->map.n_x * (size_t)grid->map.n_y * (size_t)grid->map.n_z;
  for (size_t i = 0; i < n; i++) {
    grid->b[i] = (float)((double)grid->b[i] * scale);
  }
}

zps_status zps_map_turn(const zps_job_map_use *use, zps_map_content *content, zps_error *error) {
  quarter_turn t = {{0, 1, 2}, {1, 1, 1}};
  int n_turns = 0;
  zps_status status = ZPS_OK;
  if (use->scale != 1.0) {
    scale_field(use->scale, &content->grid);
  }
  for (int about = 0; about < 3; about++) {
    const int turns = ((int)(use->rotate_deg[about] / 90.0) % 4 + 4) % 4;
    for (int i = 0; i < turns; i++) {
      t = turn_once(t, about);
      n_turns++;
    }
  }
  if (n_turns > 0) {
    ZPS_TRY(turn_grid(&t, content, error));
  }
  content->grid.map.x_min_mm += use->offset_mm[0];
  content->grid.map.y_min_mm += use->offset_mm[1];
  content->grid.map.z_min_mm += use->offset_mm[2];
done:
  return status;
}

/** Spacings from a node outwards to a place; 0 when the place is inside. */
static double count_beyond(double from_mm, double to_mm, double step_mm) {
  return fmax(0.0, ceil(((to_mm - from_mm) / step_mm) - SLACK));
}

static zps_status refuse_size(const char *path, const regrid *r, int axis, double size_mm, bool too_long,
                              zps_error *error) {
  static const char *const names[] = {"width_mm", "gap_mm", "length_mm"};
  return zps_error_set(error, ZPS_INVALID,
                       "%s: %c from %.9g to %.9g mm about the element's centre: the element's %s = %.9g asks for %.9g "
                       "to %.9g%s",
                       path, "xyz"[axis], r -> first_mm[axis], last_mm(r, axis), names[axis], size_mm, -0.5 * size_mm,
                       0.5 * size_mm, too_long ? "" : "; or give outside: zero or clamp");
}

/** Nodes to add in front of and behind an axis. */
static zps_status count_added(const char *path, const regrid *r, int axis, double size_mm, zps_map_outside outside,
                              double added[2], zps_error *error) {
  const double half = 0.5 * size_mm;
  const double slack = SLACK * r->step_mm[axis];
  added[0] = count_beyond(-r->first_mm[axis], half, r->step_mm[axis]);
  added[1] = count_beyond(last_mm(r, axis), half, r->step_mm[axis]);
  if (axis == 2 && (r->first_mm[2] < -half - slack || last_mm(r, 2) > half + slack)) {
    return refuse_size(path, r, axis, size_mm, true, error);
  }
  if (added[0] + added[1] > 0.0 && outside == ZPS_OUTSIDE_ERROR) {
    return refuse_size(path, r, axis, size_mm, false, error);
  }
  return ZPS_OK;
}

/** Whether the grid would still be allowed, before its indices are made. */
static zps_status check_size(const char *path, const regrid *r, double added[3][2], zps_error *error) {
  double bytes = 16.0;
  for (int i = 0; i < 3; i++) {
    bytes *= (double)r->n[i] + added[i][0] + added[i][1];
  }
  if (bytes <= ZPS_FIELD_MAX_BYTES) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "%s: filling the element around the map needs %.3g bytes, at most %.0f are allowed", path, bytes,
                       ZPS_FIELD_MAX_BYTES);
}

static zps_status add_nodes(regrid *r, double added[3][2], zps_map_outside outside, zps_field_map_owned *grid,
                            zps_error *error) {
  int32_t n_old[3];
  zps_status status = ZPS_OK;
  for (int i = 0; i < 3; i++) {
    n_old[i] = r->n[i];
    r->n[i] += (int32_t)added[i][0] + (int32_t)added[i][1];
    r->first_mm[i] -= added[i][0] * r->step_mm[i];
  }
  ZPS_TRY(allocate_indices(r, error));
  for (int i = 0; i < 3; i++) {
    for (int32_t k = 0; k < r->n[i]; k++) {
      const int32_t at = k - (int32_t)added[i][0];
      const int32_t nearest = at < 0 ? 0 : at < n_old[i] ? at : n_old[i] - 1;
      r->from[i][k] = outside == ZPS_OUTSIDE_ZERO && nearest != at ? NO_FIELD : nearest;
    }
  }
  ZPS_TRY(regrid_finish(r, grid, error));
done:
  regrid_free(r);
  return status;
}

static void fit_free_axes(const double size_mm[3], zps_map_content *content) {
  zps_field_map *const map = &content->grid.map;
  double *const firsts[3] = {&map->x_min_mm, &map->y_min_mm, &map->z_min_mm};
  double *const steps[3] = {&map->step_x_mm, &map->step_y_mm, &map->step_z_mm};
  for (int i = 0; i < 3; i++) {
    if (content->free_axis[i]) {
      *firsts[i] = -0.5 * size_mm[i];
      *steps[i] = size_mm[i];
    }
  }
}

zps_status zps_map_cover(const char *path, const double size_mm[3], const zps_job_map_use *use,
                         zps_map_content *content, zps_error *error) {
  double added[3][2] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
  double n_added = 0.0;
  zps_status status = ZPS_OK;
  fit_free_axes(size_mm, content);
  regrid r = regrid_begin(&content->grid.map);
  const regrid file = r;
  for (int i = 0; i < 3; i++) {
    if (!content->free_axis[i]) {
      ZPS_TRY(count_added(path, &r, i, size_mm[i], use->outside, added[i], error));
      n_added += added[i][0] + added[i][1];
    }
  }
  if (n_added > 0.0) {
    ZPS_TRY(check_size(path, &r, added, error));
    ZPS_TRY(add_nodes(&r, added, use->outside, &content->grid, error));
  }
  for (int i = 0; i < 3; i++) {
    content->grid.reaches[i] = added[i][0] + added[i][1] > 0.0;
    content->grid.file_lo_mm[i] = file.first_mm[i];
    content->grid.file_hi_mm[i] = last_mm(&file, i);
  }
done:
  return status;
}
