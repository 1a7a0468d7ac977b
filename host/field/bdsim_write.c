#include "host/field/bdsim_write.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "host/field/map_number.h"

#define CM (-1)       /* mm to cm */
#define LINE_SIZE 256 /* a row has 6 numbers of at most 24 characters */
#define MAX_ULPS 64

/** The end of an axis from which (last - first)/(n - 1) is the spacing to the last bit, if there is one near. */
static double last_node(double first_mm, double step_mm, int32_t n) {
  const double guess = first_mm + (step_mm * (double)(n - 1));
  double up = guess;
  double down = guess;
  for (int i = 0; i < MAX_ULPS; i++) {
    if ((up - first_mm) / (double)(n - 1) == step_mm) {
      return up;
    }
    if ((down - first_mm) / (double)(n - 1) == step_mm) {
      return down;
    }
    up = nextafter(up, (double)INFINITY);
    down = nextafter(down, -(double)INFINITY);
  }
  return guess;
}

static bool put_header(gzFile file, const zps_field_map *map, const char *provenance) {
  const int32_t n[3] = {map->n_x, map->n_y, map->n_z};
  const double first[3] = {map->x_min_mm, map->y_min_mm, map->z_min_mm};
  const double step[3] = {map->step_x_mm, map->step_y_mm, map->step_z_mm};
  bool ok = gzprintf(file, "# zpscan " ZPS_VERSION ": %.4000s\n# cm, T\n", provenance) > 0;
  for (int i = 0; i < 3; i++) {
    char low[ZPS_MAP_NUMBER_SIZE];
    char high[ZPS_MAP_NUMBER_SIZE];
    const char c = "xyz"[i];
    ok = ok &&
         gzprintf(file, "n%c> %d\n%cmin> %s\n%cmax> %s\n", c, (int)n[i], c, zps_map_number_print(first[i], CM, low), c,
                  zps_map_number_print(last_node(first[i], step[i], n[i]), CM, high)) > 0;
  }
  return ok && gzprintf(file, "loopOrder> xyzt\n! X Y Z Fx Fy Fz\n") > 0;
}

/** The coordinates of all nodes of an axis, as text, ZPS_MAP_NUMBER_SIZE each; NULL when out of memory. */
static char *axis_texts(double first_mm, double step_mm, int32_t n) {
  char *const texts = (char *)malloc((size_t)n * ZPS_MAP_NUMBER_SIZE);
  for (int32_t i = 0; texts != NULL && i < n; i++) {
    /* 12 digits of the extent are enough: the ends in the header are the axis. */
    const double mm = first_mm + (step_mm * (double)i);
    const double extent = fabs(first_mm) + (step_mm * (double)n);
    const double grain = pow(10.0, floor(log10(extent)) - 11.0);
    (void)zps_map_number_print(zps_map_number_round(grain * nearbyint(mm / grain), 15), CM,
                               texts + ((size_t)i * ZPS_MAP_NUMBER_SIZE));
  }
  return texts;
}

static bool put_rows(gzFile file, const zps_field_map *map, char *const texts[3]) {
  char line[LINE_SIZE];
  const float *b = map->b;
  for (int32_t iz = 0; iz < map->n_z; iz++) {
    for (int32_t iy = 0; iy < map->n_y; iy++) {
      for (int32_t ix = 0; ix < map->n_x; ix++, b += 4) {
        const int n =
            snprintf(line, sizeof line, "%s %s %s %.9g %.9g %.9g\n", texts[0] + ((size_t)ix * ZPS_MAP_NUMBER_SIZE),
                     texts[1] + ((size_t)iy * ZPS_MAP_NUMBER_SIZE), texts[2] + ((size_t)iz * ZPS_MAP_NUMBER_SIZE),
                     (double)b[0], (double)b[1], (double)b[2]);
        if (gzwrite(file, line, (unsigned)n) != n) {
          return false;
        }
      }
    }
  }
  return true;
}

/** The text in the C locale; takes the descriptor. */
static bool write_text(int fd, bool compress, const zps_field_map *map, const char *provenance) {
  char *texts[3] = {axis_texts(map->x_min_mm, map->step_x_mm, map->n_x),
                    axis_texts(map->y_min_mm, map->step_y_mm, map->n_y),
                    axis_texts(map->z_min_mm, map->step_z_mm, map->n_z)};
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t before = uselocale(c);
  const int copy = dup(fd);
  const gzFile file = copy >= 0 ? gzdopen(copy, compress ? "wb6" : "wbT") : NULL;
  bool ok = file != NULL && texts[0] != NULL && texts[1] != NULL && texts[2] != NULL &&
            put_header(file, map, provenance) && put_rows(file, map, texts);
  if (file != NULL) {
    ok = gzclose(file) == Z_OK && ok;
  } else if (copy >= 0) {
    (void)close(copy);
  }
  (void)uselocale(before);
  freelocale(c);
  for (int i = 0; i < 3; i++) {
    free(texts[i]);
  }
  return ok;
}

zps_status zps_bdsim_map_write(const char *path, const zps_field_map *map, const char *provenance, zps_error *error) {
  const size_t n = strlen(path);
  const bool compress = n > 3 && strcmp(path + n - 3, ".gz") == 0;
  char *temporary = NULL;
  int fd = -1;
  bool ok = false;
  if (asprintf(&temporary, "%s.%ld.part", path, (long)getpid()) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "%s: no memory for its temporary name", path);
  }
  (void)unlink(temporary);
  errno = 0;
  fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  ok = fd >= 0 && write_text(fd, compress, map, provenance) && fsync(fd) == 0;
  const int reason = errno;
  if (fd >= 0) {
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
      (void)unlink(temporary);
    }
  }
  free(temporary);
  return ok ? ZPS_OK
            : zps_error_set(error, ZPS_IO, "%s: cannot write the field map: %s", path,
                            strerror(reason != 0 ? reason : EIO));
}
