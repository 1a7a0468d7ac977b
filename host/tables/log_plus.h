/* ln(1 + x), for the integrands of the radiative losses. */
#ifndef ZPS_LOG_PLUS_H
#define ZPS_LOG_PLUS_H

#include "kernels/math.h"

/** ln(1 + x) for x > 0, accurate for small x too: the rounding of 1 + x divides out. */
ZPS_HD double zps_log_plus(double x) {
  const double sum = 1.0 + x;
  const double rounded = zps_log(sum) * (x / (sum - 1.0));
  return sum == 1.0 ? x : rounded;
}

#endif
