#include "host/stats/limit_curve.h"

#include <math.h>
#include <stdlib.h>

#include "host/stats/widths.h"
#include "kernels/math.h"

static zps_status find_points(zps_limit_curve *curve, zps_error *error) {
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    zps_error inner = {ZPS_OK, ""};
    const zps_status status = zps_limit_find(curve->job, curve->result, i, curve->method, &curve->points[i], &inner);
    if (status != ZPS_OK) {
      return zps_error_set(error, status, "mass %.6g GeV: %s", curve->result->mass_gev[i], inner.text);
    }
  }
  return ZPS_OK;
}

zps_status zps_limit_curve_find(const zps_job *job, const zps_result *result, zps_limit_method method,
                                zps_limit_curve *curve, zps_error *error) {
  zps_status status = ZPS_OK;
  *curve = (zps_limit_curve){.job = job, .result = result, .method = method};
  ZPS_TRY(zps_limit_check(job, result, error));
  curve->points = (zps_limit_point *)calloc(result->n_mass, sizeof *curve->points);
  if (curve->points == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %zu limits", result->n_mass);
    goto done;
  }
  ZPS_TRY(find_points(curve, error));
done:
  if (status != ZPS_OK) {
    zps_limit_curve_free(curve);
  }
  return status;
}

void zps_limit_curve_free(zps_limit_curve *curve) {
  free(curve->points);
  *curve = (zps_limit_curve){0};
}

/** Gamma/m at the weaker of observed and median; 0 without both. */
static double widest(const zps_job *job, const zps_limit_point *point) {
  const double coupling = fmax(zps_limit_edge(&point->observed), zps_limit_edge(&point->expected[2]));
  return coupling > 0.0 ? zps_process_relative_width(&job->process, point->mass_gev, coupling) : 0.0;
}

zps_limit_wide zps_limit_wide_find(const zps_limit_curve *curve) {
  zps_limit_wide wide = {0, 0.0, 0.0};
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const point = &curve->points[i];
    const double width = widest(curve->job, point);
    wide.n += width > ZPS_NARROW_WIDTH ? 1 : 0;
    if (width > wide.relative_width) {
      wide.mass_gev = point->mass_gev;
      wide.relative_width = width;
    }
  }
  return wide;
}

double zps_limit_dark_y(const zps_job *job, double coupling) {
  const double ratio2 = zps_square(job->process.dark_mass_ratio);
  return zps_square(job->process.g_chi * coupling * ratio2);
}
