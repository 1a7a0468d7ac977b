#include "host/stats/limit_curve.h"

#include <stdlib.h>

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

double zps_limit_dark_y(const zps_job *job, double coupling) {
  const double ratio2 = zps_square(job->process.dark_mass_ratio);
  return zps_square(job->process.g_chi * coupling * ratio2);
}
