#include "tests/unit/flags_probe.h"

#define PROBE_JOIN_(a, b) a##b
#define PROBE_JOIN(a, b) PROBE_JOIN_(a, b)

double PROBE_JOIN(flags_probe_sum_, PROBE_ISA)(double a, double b, double c) {
  return (a * b) + c;
}

void PROBE_JOIN(flags_probe_lanes_, PROBE_ISA)(const double *a, const double *b, const double *c, double *out, int n) {
#pragma omp simd
  for (int i = 0; i < n; i++) {
    out[i] = (a[i] * b[i]) + c[i];
  }
}
