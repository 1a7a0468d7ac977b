#include "host/stats/islands.h"

#include <math.h>

#define PRECISION 1e-12

/** What a scan upwards has seen last. */
typedef struct scan {
  double x, value;
  bool inside;
} scan;

static zps_status open_island(zps_islands *islands, double lo, zps_error *error) {
  if (islands->n == ZPS_MAX_ISLANDS) {
    return zps_error_set(error, ZPS_FAILURE, "more than %d islands", ZPS_MAX_ISLANDS);
  }
  islands->island[islands->n++] = (zps_interval){lo, lo};
  return ZPS_OK;
}

static zps_status cross(zps_function f, void *context, const scan *last, double x, zps_islands *islands,
                        zps_error *error) {
  double edge = 0.0;
  const zps_status status = zps_root_find(f, context, last->x, x, PRECISION, &edge, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (last->inside) {
    islands->island[islands->n - 1].hi = edge;
    return ZPS_OK;
  }
  return open_island(islands, edge, error);
}

zps_status zps_islands_find(zps_function f, void *context, double lo, double hi, size_t n_step, zps_islands *islands,
                            zps_error *error) {
  scan last = {.x = lo, .value = f(lo, context)};
  zps_status status = ZPS_OK;
  *islands = (zps_islands){0};
  last.inside = last.value > 0.0;
  islands->open_below = last.inside;
  if (last.inside) {
    ZPS_TRY(open_island(islands, lo, error));
  }
  for (size_t i = 1; i <= n_step; i++) {
    const double x = i == n_step ? hi : lo * pow(hi / lo, (double)i / (double)n_step);
    const double value = f(x, context);
    if (!isfinite(value)) {
      return zps_error_set(error, ZPS_FAILURE, "no number at %g", x);
    }
    if ((value > 0.0) != last.inside) {
      ZPS_TRY(cross(f, context, &last, x, islands, error));
    }
    last = (scan){.x = x, .value = value, .inside = value > 0.0};
  }
  islands->open_above = last.inside;
  if (last.inside) {
    islands->island[islands->n - 1].hi = hi;
  }
done:
  return status;
}
