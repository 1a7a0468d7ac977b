#include "host/tables/collision_lanes.h"

#include "kernels/math.h"

#ifndef ZPS_ISA
#define ZPS_ISA base
#endif
#define ZPS_CONCAT_(a, b) a##b
#define ZPS_CONCAT(a, b) ZPS_CONCAT_(a, b)
#define ZPS_COLLISION_LANES ZPS_CONCAT(zps_collision_lanes_, ZPS_ISA)

#define ELECTRON_Q_GEV 0.1
#define DIPOLE_GEV2 0.71

/* 3 j1(x)/x; below 0.1 by its series, the next term 1e-11. */
ZPS_HD double uniform_sphere(double x) {
  const double square = x * x;
  const double series = 1.0 - ((square / 10.0) * (1.0 - ((square / 28.0) * (1.0 - (square / 54.0)))));
  const zps_sin_cos t = zps_sincos_turn(x / (2.0 * ZPS_PI));
  const double closed = (3.0 * (t.sine - (x * t.cosine))) / (square * x);
  return x < 0.1 ? series : closed;
}

ZPS_HD double helm_squared(const zps_collision_target *target, double q) {
  const double sphere = uniform_sphere(q * target->helm_radius);
  const double skin = q * target->helm_skin;
  return (sphere * sphere) * zps_exp(-(skin * skin));
}

/* S(q): charges that scatter, squared. */
ZPS_HD double scattering_strength(const zps_collision_target *target, int point, int hydrogen, double q) {
  const double protons = target->protons;
  if (point) {
    return protons * (protons + 1.0);
  }
  const double electron = zps_square(zps_square(zps_square(q / ELECTRON_Q_GEV)));
  const double dipole = 1.0 / zps_square(zps_square(1.0 + ((q * q) / DIPOLE_GEV2)));
  const double helm = hydrogen ? 0.0 : helm_squared(target, q);
  const double nucleus = ((protons * protons) * helm) + ((protons * (1.0 - helm)) * dipole);
  return nucleus + (protons / (1.0 + electron));
}

/* point and hydrogen are constants, so that the loop has no branch. */
ZPS_HD void add_rates(const zps_collision_target *from, int point, int hydrogen, double density, size_t n,
                      const double *restrict q, double *restrict sum) {
  const zps_collision_target target = *from;
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double propagator = (q[i] * q[i]) + target.screening;
    const double strength = scattering_strength(&target, point, hydrogen, q[i]);
    sum[i] += density * ((target.scale * strength) * ((2.0 * q[i]) / (propagator * propagator)));
  }
}

void ZPS_COLLISION_LANES(const zps_collision_target *target, double density, size_t n, const double *restrict q,
                         double *restrict sum) {
  if (target->point) {
    add_rates(target, 1, 0, density, n, q, sum);
  } else if (target->hydrogen) {
    add_rates(target, 0, 1, density, n, q, sum);
  } else {
    add_rates(target, 0, 0, density, n, q, sum);
  }
}
