#include "host/field/field_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "hashes are defined over little-endian bytes"
#endif

zps_status zps_field_map_create(double n_x, double n_y, double n_z, zps_field_map_owned *out, zps_error *error) {
  const zps_field_map_owned empty = {.b = NULL};
  *out = empty;
  if (!(n_x >= 2.0 && n_y >= 2.0 && n_z >= 2.0)) {
    return zps_error_set(error, ZPS_INVALID, "field map of %g x %g x %g nodes: must be at least 2 along each axis", n_x,
                         n_y, n_z);
  }
  const double bytes = n_x * n_y * n_z * 16.0;
  if (!(bytes <= ZPS_FIELD_MAX_BYTES)) {
    return zps_error_set(error, ZPS_INVALID,
                         "field map of %g x %g x %g nodes: needs %.3g bytes, at most %.0f are allowed", n_x, n_y, n_z,
                         bytes, ZPS_FIELD_MAX_BYTES);
  }
  out->b = (float *)calloc((size_t)(n_x * n_y * n_z), 4 * sizeof(float));
  if (out->b == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "field map of %g x %g x %g nodes: no memory for %.0f bytes", n_x, n_y, n_z,
                         bytes);
  }
  out->map.n_x = (int32_t)n_x;
  out->map.n_y = (int32_t)n_y;
  out->map.n_z = (int32_t)n_z;
  out->map.b = out->b;
  return ZPS_OK;
}

void zps_field_map_destroy(zps_field_map_owned *owned) {
  const zps_field_map_owned empty = {.b = NULL};
  free(owned->b);
  *owned = empty;
}

void zps_field_map_hash(const zps_field_map *map, char text[ZPS_FIELD_HASH_SIZE]) {
  const int32_t n[3] = {map->n_x, map->n_y, map->n_z};
  const double axes[6] = {map->x_min_mm, map->y_min_mm, map->z_min_mm, map->step_x_mm, map->step_y_mm, map->step_z_mm};
  const size_t n_nodes = (size_t)map->n_x * (size_t)map->n_y * (size_t)map->n_z;
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  (void)XXH3_128bits_reset(&state);
  (void)XXH3_128bits_update(&state, n, sizeof n);
  (void)XXH3_128bits_update(&state, axes, sizeof axes);
  (void)XXH3_128bits_update(&state, map->b, n_nodes * 4 * sizeof(float));
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < sizeof canonical.digest; i++) {
    text[2 * i] = digits[canonical.digest[i] >> 4];
    text[(2 * i) + 1] = digits[canonical.digest[i] & 15];
  }
  text[ZPS_FIELD_HASH_SIZE - 1] = '\0';
}

/** Cell that holds coordinate 0 and the fraction of the way through it; -1 when outside. */
static int32_t cell_of_axis(double min, double step, int32_t n, double *fraction) {
  const double u = -min / step;
  if (!(u >= 0.0 && u <= (double)(n - 1))) {
    return -1;
  }
  const int32_t i = (int32_t)u < n - 2 ? (int32_t)u : n - 2;
  *fraction = u - (double)i;
  return i;
}

double zps_field_map_integral_tm(const zps_field_map *map) {
  double fx = 0.0;
  double fy = 0.0;
  const int32_t ix = cell_of_axis(map->x_min_mm, map->step_x_mm, map->n_x, &fx);
  const int32_t iy = cell_of_axis(map->y_min_mm, map->step_y_mm, map->n_y, &fy);
  if (ix < 0 || iy < 0) {
    return (double)NAN;
  }
  const size_t row = (size_t)map->n_x * 4;
  double sum = 0.0;
  for (int32_t iz = 0; iz < map->n_z; iz++) {
    const float *b = map->b + (((((size_t)iz * (size_t)map->n_y) + (size_t)iy) * row) + ((size_t)ix * 4) + 1);
    const double low = ((1.0 - fx) * (double)b[0]) + (fx * (double)b[4]);
    const double high = ((1.0 - fx) * (double)b[row]) + (fx * (double)b[row + 4]);
    const double end = iz == 0 || iz == map->n_z - 1 ? 0.5 : 1.0;
    sum += end * (((1.0 - fy) * low) + (fy * high));
  }
  return sum * map->step_z_mm * 1e-3;
}

double zps_field_map_largest(const zps_field_map *map, double at_mm[3]) {
  double largest = -1.0;
  const float *b = map->b;
  for (int32_t iz = 0; iz < map->n_z; iz++) {
    for (int32_t iy = 0; iy < map->n_y; iy++) {
      for (int32_t ix = 0; ix < map->n_x; ix++, b += 4) {
        const double square =
            ((double)b[0] * (double)b[0]) + ((double)b[1] * (double)b[1]) + ((double)b[2] * (double)b[2]);
        if (square > largest) {
          largest = square;
          at_mm[0] = map->x_min_mm + (map->step_x_mm * ix);
          at_mm[1] = map->y_min_mm + (map->step_y_mm * iy);
          at_mm[2] = map->z_min_mm + (map->step_z_mm * iz);
        }
      }
    }
  }
  return sqrt(largest);
}

zps_status zps_field_map_halve_planes(zps_field_map_owned *owned, zps_error *error) {
  const zps_field_map *const from = &owned->map;
  const size_t n_plane = 4 * (size_t)from->n_x * (size_t)from->n_y;
  const size_t n_z = (size_t)from->n_z;
  zps_field_map_owned fine = {0};
  const zps_status status =
      zps_field_map_create((double)from->n_x, (double)from->n_y, (2.0 * (double)from->n_z) - 1.0, &fine, error);
  if (status != ZPS_OK) {
    return status;
  }
  for (size_t i = 0; i < n_z; i++) {
    const float *const near = owned->b + (i * n_plane);
    const float *const far = i + 1 < n_z ? near + n_plane : near;
    float *const to = fine.b + (2 * i * n_plane);
    memcpy(to, near, n_plane * sizeof *to);
    for (size_t j = 0; i + 1 < n_z && j < n_plane; j++) {
      to[n_plane + j] = (float)(0.5 * ((double)near[j] + (double)far[j]));
    }
  }
  fine.map.x_min_mm = from->x_min_mm;
  fine.map.y_min_mm = from->y_min_mm;
  fine.map.z_min_mm = from->z_min_mm;
  fine.map.step_x_mm = from->step_x_mm;
  fine.map.step_y_mm = from->step_y_mm;
  fine.map.step_z_mm = 0.5 * from->step_z_mm;
  zps_field_map_destroy(owned);
  *owned = fine;
  return ZPS_OK;
}
