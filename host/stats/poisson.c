#include "host/stats/poisson.h"

#include <math.h>

/* exp(-mean) is a normal number up to here. */
#define SMALL_MEAN 700.0

/** The term from which the others follow by ratios without losing them to underflow. */
static size_t anchor_of(double mean, size_t n) {
  if (mean < SMALL_MEAN) {
    return 0;
  }
  return mean < (double)n ? (size_t)mean : n;
}

void zps_poisson_fill(double mean, size_t n, double *p) {
  const size_t anchor = anchor_of(mean, n);
  const double k0 = (double)anchor;
  p[anchor] = anchor == 0 ? exp(-mean) : exp((k0 * log(mean)) - mean - lgamma(k0 + 1.0));
  for (size_t k = anchor; k < n; k++) {
    p[k + 1] = p[k] * mean / (double)(k + 1);
  }
  for (size_t k = anchor; k > 0; k--) {
    p[k - 1] = p[k] * (double)k / mean;
  }
}
