/* Lanes are transfers v; a loop over them for each node of the asymmetry. */
#include "host/tables/pair_lanes.h"

#include "host/tables/log_plus.h"
#include "kernels/constants.h"

#ifndef ZPS_ISA
#define ZPS_ISA base
#endif
#define ZPS_CONCAT_(a, b) a##b
#define ZPS_CONCAT(a, b) ZPS_CONCAT_(a, b)
#define ZPS_PAIR_LANES ZPS_CONCAT(zps_pair_lanes_, ZPS_ISA)

#define MUON ZPS_MUON_MASS_GEV
#define ELECTRON ZPS_ELECTRON_MASS_GEV
#define SQRT_E 1.6487212707001282

/* Lanes that are worked on together. */
#define N_BLOCK 64

/* Phi_e + (m_e/m_mu)^2 Phi_mu at v = eps/E and asymmetry rho, gap = 1 - rho^2. */
ZPS_HD double pair_integrand(const zps_pair_target *target, double v, double rho, double gap) {
  const double square = rho * rho;
  const double beta = (v * v) / (2.0 * (1.0 - v));
  const double ratio = (MUON * v) / (2.0 * ELECTRON);
  const double xi = (ratio * ratio) * (gap / (1.0 - v));
  const double inverse = 1.0 / xi;
  const double y_e =
      ((5.0 - square) + (4.0 * (beta * (1.0 + square)))) /
      (((2.0 * (1.0 + (3.0 * beta))) * zps_log(3.0 + inverse)) - (square + (2.0 * (beta * (2.0 - square)))));
  const double y_mu = ((4.0 + square) + (3.0 * (beta * (1.0 + square)))) /
                      ((((1.0 + square) * (1.5 + (2.0 * beta))) * zps_log(3.0 + xi)) + (1.0 - (1.5 * square)));
  const double recoil = (2.0 * (ELECTRON * SQRT_E) * target->screening) / ((target->energy * v) * gap);
  const double wide_e = (1.0 + xi) * (1.0 + y_e);
  const double wide_mu = (1.0 + xi) * (1.0 + y_mu);
  const double damped = 1.0 + (recoil * wide_e);
  const double log_e = 0.5 * zps_log(((target->screening * target->screening) * wide_e) /
                                     ((damped * damped) * (1.0 + (target->form_squared * wide_e))));
  const double log_mu = zps_log(target->log_mu_scale / (1.0 + (recoil * wide_mu)));
  const double b_e = ((((2.0 + square) * (1.0 + beta)) + (xi * (3.0 + square))) * zps_log_plus(inverse)) +
                     (((gap - beta) / (1.0 + xi)) - (3.0 + square));
  const double b_mu =
      ((((1.0 + square) * (1.0 + (1.5 * beta))) - (inverse * ((1.0 + (2.0 * beta)) * gap))) * zps_log_plus(xi)) +
      (((xi * (gap - beta)) / (1.0 + xi)) + ((1.0 + (2.0 * beta)) * gap));
  const double mass_ratio = ELECTRON / MUON;
  return zps_max(b_e * log_e, 0.0) + ((mass_ratio * mass_ratio) * zps_max(b_mu * log_mu, 0.0));
}

/* ln(1 - rho_max) at v. */
ZPS_HD double log_gap_at(const zps_pair_target *target, double v) {
  const double energy = target->energy;
  const double edge = (4.0 * ELECTRON) / (v * energy);
  const double root = zps_sqrt(1.0 - edge);
  const double loss = (6.0 * (MUON * MUON)) / ((energy * energy) * (1.0 - v));
  /* 1 - rho_max with rho_max = (1 - loss) root, without cancellation. */
  return zps_log((edge / (1.0 + root)) + (loss * root));
}

/* The integral is over ln(1 - rho), where it is smooth. */
static __attribute__((noinline)) void zps_sum_pairs(const zps_pair_target *from, const double *x, const double *w,
                                                    int n, const double *restrict v, double *restrict integral) {
  const zps_pair_target target = *from;
  double log_gap_min[N_BLOCK];
  double sum[N_BLOCK];
#pragma omp simd
  for (int i = 0; i < n; i++) {
    log_gap_min[i] = log_gap_at(&target, v[i]);
    sum[i] = 0.0;
  }
  for (int k = 0; k < ZPS_N_ASYMMETRY_NODES; k++) {
    const double node = x[k];
    const double weight = w[k];
#pragma omp simd
    for (int i = 0; i < n; i++) {
      const double below_one = zps_exp(log_gap_min[i] * node);
      const double rho = 1.0 - below_one;
      sum[i] += (weight * below_one) * pair_integrand(&target, v[i], rho, below_one * (1.0 + rho));
    }
  }
  for (int i = 0; i < n; i++) {
    integral[i] = -(log_gap_min[i] * sum[i]);
  }
}

void ZPS_PAIR_LANES(const zps_pair_target *target, const double x[ZPS_N_ASYMMETRY_NODES],
                    const double w[ZPS_N_ASYMMETRY_NODES], size_t n, const double *v, double *integral) {
  for (size_t first = 0; first < n; first += N_BLOCK) {
    const int n_block = (int)(n - first < N_BLOCK ? n - first : N_BLOCK);
    zps_sum_pairs(target, x, w, n_block, &v[first], &integral[first]);
  }
}
