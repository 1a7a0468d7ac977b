#include "host/tables/gauss_legendre.h"

#include "kernels/math.h"

#define N_NEWTON 6

typedef struct legendre {
  double value, slope;
} legendre;

/* P_n and its derivative by the three-term recurrence, for |x| < 1. */
static legendre legendre_at(size_t n, double x) {
  double before = 1.0;
  double value = x;
  for (size_t k = 2; k <= n; k++) {
    const double order = (double)k;
    const double next = ((((2.0 * order) - 1.0) * (x * value)) - ((order - 1.0) * before)) / order;
    before = value;
    value = next;
  }
  const legendre out = {value, ((double)n * ((x * value) - before)) / ((x * x) - 1.0)};
  return out;
}

void zps_gauss_legendre(size_t n, double *x, double *w) {
  for (size_t i = 0; i < (n + 1) / 2; i++) {
    const size_t mirror = n - 1 - i;
    double root = zps_sincos_turn(((double)i + 0.75) / ((2.0 * (double)n) + 1.0)).cosine;
    for (int step = 0; step < N_NEWTON; step++) {
      const legendre p = legendre_at(n, root);
      root = root - (p.value / p.slope);
    }
    root = i == mirror ? 0.0 : root;
    const double slope = legendre_at(n, root).slope;
    const double weight = 2.0 / (((1.0 - root) * (1.0 + root)) * (slope * slope));
    x[i] = -root;
    x[mirror] = root;
    w[i] = weight;
    w[mirror] = weight;
  }
}
