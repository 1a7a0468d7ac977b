#include "host/stats/root.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#define MAX_STEPS 200
#define MAX_GROWTH 1e15

/** A zps_function that GSL can call: values that are no number would end the program in GSL's error handler. */
typedef struct guarded {
  zps_function f;
  void *context;
  bool failed;
} guarded;

static double guard(double x, void *context) {
  guarded *const g = (guarded *)context;
  const double value = g->f(x, g->context);
  if (!isfinite(value)) {
    g->failed = true;
    return 0.0;
  }
  return value;
}

static zps_status iterate(gsl_root_fsolver *solver, double precision, double *x) {
  for (int i = 0; i < MAX_STEPS; i++) {
    if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) {
      return ZPS_FAILURE;
    }
    const double lo = gsl_root_fsolver_x_lower(solver);
    const double hi = gsl_root_fsolver_x_upper(solver);
    *x = gsl_root_fsolver_root(solver);
    if (hi - lo <= precision * fabs(*x)) {
      return ZPS_OK;
    }
  }
  return ZPS_FAILURE;
}

static zps_status solve(guarded *g, double lo, double hi, double precision, double *x, zps_error *error) {
  gsl_function function = {.function = guard, .params = g};
  gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
  if (solver == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a root finder");
  }
  zps_status status = gsl_root_fsolver_set(solver, &function, lo, hi) == GSL_SUCCESS ? ZPS_OK : ZPS_FAILURE;
  if (status == ZPS_OK) {
    status = iterate(solver, precision, x);
  }
  gsl_root_fsolver_free(solver);
  if (status != ZPS_OK || g->failed) {
    return zps_error_set(error, ZPS_FAILURE, "no convergence to a root between %g and %g", lo, hi);
  }
  return ZPS_OK;
}

zps_status zps_root_find(zps_function f, void *context, double lo, double hi, double precision, double *x,
                         zps_error *error) {
  guarded g = {.f = f, .context = context};
  const double at_lo = guard(lo, &g);
  const double at_hi = guard(hi, &g);
  if (g.failed || (at_lo > 0.0 && at_hi > 0.0) || (at_lo < 0.0 && at_hi < 0.0)) {
    return zps_error_set(error, ZPS_FAILURE, "expected a root between %g and %g, got the values %g and %g", lo, hi,
                         at_lo, at_hi);
  }
  return solve(&g, lo, hi, precision, x, error);
}

zps_status zps_root_find_above(zps_function f, void *context, double lo, double first, double precision, double *x,
                               zps_error *error) {
  double hi = first;
  while (f(hi, context) > 0.0 && hi < MAX_GROWTH * first) {
    lo = hi;
    hi *= 2.0;
  }
  return zps_root_find(f, context, lo, hi, precision, x, error);
}
