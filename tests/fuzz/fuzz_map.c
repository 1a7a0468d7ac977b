/* Any bytes as a field map: of the format ZPS_FUZZ_FORMAT, or of the one they show; without units beside them, and in
 * mm and T.
 *
 * Promises: no crash; a refused map is empty and has a message of one line; an
 * accepted one has finite nodes on ascending axes, and written as BDSIM text and read
 * again it is the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/field/bdsim_write.h"
#include "host/field/map_file.h"
#include "tests/fuzz/fuzz_target.h"

#ifndef ZPS_FUZZ_FORMAT
#define ZPS_FUZZ_FORMAT ZPS_MAP_AUTO
#endif
#define MAX_WRITTEN 500 /* nodes */

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/** A file in memory that has a path. */
static int file_of(const uint8_t *data, size_t size, char path[64]) {
  const int fd = memfd_create("map", MFD_CLOEXEC);
  require(fd >= 0 && (size == 0 || write(fd, data, size) == (ssize_t)size));
  (void)snprintf(path, 64, "/proc/self/fd/%d", fd);
  return fd;
}

static void check_map(const zps_field_map *map) {
  const size_t n = (size_t)map->n_x * (size_t)map->n_y * (size_t)map->n_z;
  require(map->n_x >= 2 && map->n_y >= 2 && map->n_z >= 2 && map->b != NULL);
  require(map->step_x_mm > 0.0 && map->step_y_mm > 0.0 && map->step_z_mm > 0.0);
  require(isfinite(map->x_min_mm) && isfinite(map->y_min_mm) && isfinite(map->z_min_mm));
  for (size_t i = 0; i < 4 * n; i++) {
    require(isfinite(map->b[i]) && (i % 4 != 3 || map->b[i] == 0.0F));
  }
}

static void check_round_trip(const zps_field_map *map) {
  static char path[] = "/tmp/zps-fuzz-XXXXXX.dat";
  static int made = 0;
  const zps_job_map_use use = {.scale = 1.0};
  const size_t n = (size_t)map->n_x * (size_t)map->n_y * (size_t)map->n_z;
  zps_map_content back;
  if (!made) {
    const int fd = mkstemps(path, 4);
    require(fd >= 0 && close(fd) == 0);
    made = 1;
  }
  require(zps_bdsim_map_write(path, map, "fuzz", NULL) == ZPS_OK);
  const zps_status status = zps_map_file_read(path, &use, &back, NULL);
  (void)unlink(path);
  require(status == ZPS_OK && back.grid.map.n_x == map->n_x && back.grid.map.n_z == map->n_z);
  require(memcmp(back.grid.b, map->b, 4 * n * sizeof(float)) == 0);
  zps_map_content_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  zps_map_content content;
  zps_error error = {ZPS_OK, ""};
  zps_job_map_use use = {.format = ZPS_FUZZ_FORMAT, .scale = 1.0};
  for (int turn = 0; turn < 2; turn++) {
    const int fd = file_of(data, size, path);
    error.status = ZPS_OK;
    if (zps_map_file_read(path, &use, &content, &error) != ZPS_OK) {
      require(error.status != ZPS_OK && error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
      require(content.grid.b == NULL);
    } else {
      const zps_field_map *const map = &content.grid.map;
      check_map(map);
      if (content.format != ZPS_MAP_NATIVE && (double)map->n_x * map->n_y * map->n_z < MAX_WRITTEN) {
        check_round_trip(map);
      }
      zps_map_content_free(&content);
    }
    (void)close(fd);
    use.length_unit = ZPS_LENGTH_MM;
    use.field_unit = ZPS_FIELD_T;
  }
  return 0;
}
