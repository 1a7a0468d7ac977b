#include "host/stats/interval.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "kernels/tally.h"

#define LARGE_COUNT 1e5
#define MAX_STEPS 500

/** Beta quantile for large a, b, Abramowitz & Stegun 26.5.22; y = upper-tail normal deviate of 1 - p. */
static double beta_quantile_large(double p, double a, double b) {
  const double y = -gsl_cdf_ugaussian_Pinv(p);
  const double lambda = ((y * y) - 3.0) / 6.0;
  const double alpha = 1.0 / ((2.0 * a) - 1.0);
  const double beta = 1.0 / ((2.0 * b) - 1.0);
  const double h = 2.0 / (alpha + beta);
  const double w = (y * sqrt(h + lambda) / h) - ((beta - alpha) * (lambda + (5.0 / 6.0) - (2.0 / (3.0 * h))));
  return a / (a + (b * exp(2.0 * w)));
}

static double first_guess(double p, double a, double b) {
  const double guess = a > 1.0 && b > 1.0 ? beta_quantile_large(p, a, b) : a / (a + b);
  return guess > 0.0 && guess < 1.0 ? guess : 0.5;
}

/** Beta quantile by Newton steps inside a shrinking bracket. GSL's own gsl_cdf_beta_Pinv calls the process-wide error
 *  handler, which by default aborts; gsl_cdf_beta_P does not. */
static double beta_quantile(double p, double a, double b) {
  double lo = 0.0;
  double hi = 1.0;
  double x = first_guess(p, a, b);
  for (int i = 0; i < MAX_STEPS; i++) {
    const double excess = gsl_cdf_beta_P(x, a, b) - p;
    if (!isfinite(excess)) {
      return first_guess(p, a, b);
    }
    if (excess > 0.0) {
      hi = x;
    } else {
      lo = x;
    }
    double next = x - (excess / gsl_ran_beta_pdf(x, a, b));
    if (!(next > lo && next < hi)) {
      next = 0.5 * (lo + hi);
    }
    const bool settled = fabs(next - x) <= 1e-15 * x;
    x = next;
    if (settled) {
      break;
    }
  }
  return x;
}

static double quantile(double p, double a, double b) {
  return a > LARGE_COUNT && b > LARGE_COUNT ? beta_quantile_large(p, a, b) : beta_quantile(p, a, b);
}

zps_interval zps_interval_binomial(double x, double n, double level) {
  zps_interval interval = {0.0, 1.0};
  if (!(x >= 0.0 && x <= n && n > 0.0 && isfinite(n) && level > 0.0 && level < 1.0)) {
    return interval;
  }
  const double tail = 0.5 * (1.0 - level);
  if (x > 0.0) {
    interval.lo = quantile(tail, x, n - x + 1.0);
  }
  if (x < n) {
    interval.hi = quantile(1.0 - tail, x + 1.0, n - x);
  }
  return interval;
}

zps_counts zps_counts_of(const uint64_t *row, uint32_t i_trigger, bool piloted) {
  const zps_counts counts = {.accepted = row[zps_tally_stage(i_trigger, ZPS_STAGE_ACCEPTED, 0)],
                             .accepted_k2 = piloted ? row[zps_tally_stage(i_trigger, ZPS_STAGE_ACCEPTED, 1)] : 0,
                             .generated = row[zps_tally_stage(i_trigger, ZPS_STAGE_GENERATED, 0)],
                             .generated_k2 = row[zps_tally_stage(i_trigger, ZPS_STAGE_GENERATED, 1)]};
  return counts;
}

static double share_of(const zps_counts *counts) {
  return counts->generated > 0 ? (double)counts->accepted / (double)counts->generated : 0.0;
}

double zps_effective_number(const zps_counts *counts) {
  const double sum = (double)counts->generated;
  const double p = share_of(counts);
  if (counts->generated_k2 == 0) {
    return 0.0;
  }
  if (counts->accepted_k2 == 0 || counts->accepted_k2 >= counts->generated_k2) {
    return sum * (sum / (double)counts->generated_k2);
  }
  const double passed = (double)counts->accepted_k2 * ((1.0 - p) * (1.0 - p));
  const double failed = (double)(counts->generated_k2 - counts->accepted_k2) * (p * p);
  return (p * (1.0 - p)) * (sum * (sum / (passed + failed)));
}

zps_interval zps_interval_weighted(const zps_counts *counts, double level) {
  const double n = zps_effective_number(counts);
  return zps_interval_binomial(n * share_of(counts), n, level);
}

double zps_relative_error(const zps_counts *counts) {
  if (counts->accepted == 0 || counts->accepted > counts->generated || counts->generated_k2 == 0) {
    return (double)INFINITY;
  }
  const double share = share_of(counts);
  const double x = share * zps_effective_number(counts);
  return sqrt((1.0 - share) / x) + (0.5 / x);
}

double zps_sum_error(uint64_t accepted, uint64_t accepted_k2, uint64_t n_events) {
  if (accepted == 0 || accepted_k2 == 0 || n_events == 0) {
    return (double)INFINITY;
  }
  const double x = (double)accepted * ((double)accepted / (double)accepted_k2);
  return sqrt(fmax((1.0 / x) - (1.0 / (double)n_events), 0.0)) + (0.5 / x);
}
