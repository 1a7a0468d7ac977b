/* The zero of a function of one variable. */
#ifndef ZPS_STATS_ROOT_H
#define ZPS_STATS_ROOT_H

#include "host/error.h"

/** A function; must return a finite number everywhere in the bracket. */
typedef double (*zps_function)(double x, void *context);

/** x in [lo, hi] with f(x) = 0, to the relative precision given (Brent's method); f must have different signs at the
 *  ends, or be 0 there: else ZPS_FAILURE. */
zps_status zps_root_find(zps_function f, void *context, double lo, double hi, double precision, double *x,
                         zps_error *error);

/** The zero of a function that is positive at lo >= 0 and negative far above: hi is doubled from `first` until the sign
 *  changes. ZPS_FAILURE when it does not before 1e15 * first. */
zps_status zps_root_find_above(zps_function f, void *context, double lo, double first, double precision, double *x,
                               zps_error *error);

#endif
