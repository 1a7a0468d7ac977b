#include "host/stats/cls_asymptotic.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

/* theta, one eta and one beta per channel, ln N. */
#define MAX_PARAMETERS ((2 * ZPS_MAX_CHANNELS) + 2)
#define MAX_STEPS 500
#define GRADIENT_SMALL 1e-9
#define LOG_SIGNAL_MAX 40.0
#define NO_PARAMETER MAX_PARAMETERS

/** Minus the log likelihood of some counts as a function of its parameters; which parameter is where. */
typedef struct likelihood {
  const zps_counting *counting;
  double counts[ZPS_MAX_CHANNELS];
  double n_signal; /* when it is no parameter */
  size_t n_parameter;
  size_t i_theta, i_log_signal;
  size_t i_eta[ZPS_MAX_CHANNELS], i_beta[ZPS_MAX_CHANNELS];
} likelihood;

static size_t next_parameter(likelihood *l, bool is_there) {
  return is_there ? l->n_parameter++ : NO_PARAMETER;
}

/** Nuisances of width 0 are no parameters, nor are those of a signal that is not there. */
static void number_parameters(likelihood *l, bool is_free) {
  const zps_counting *const counting = l->counting;
  const bool has_signal = is_free || l->n_signal > 0.0;
  size_t together = NO_PARAMETER;
  l->n_parameter = 0;
  l->i_log_signal = next_parameter(l, is_free);
  l->i_theta = next_parameter(l, has_signal && counting->signal_error > 0.0);
  for (size_t c = 0; c < counting->n_channel; c++) {
    const zps_channel *const channel = &counting->channels[c];
    const bool counts = channel->share > 0.0;
    const bool has_beta = counts && channel->background_error > 0.0;
    l->i_eta[c] = next_parameter(l, counts && has_signal && channel->signal_error > 0.0);
    if (counting->backgrounds_together && has_beta) {
      together = together == NO_PARAMETER ? next_parameter(l, true) : together;
      l->i_beta[c] = together;
    } else {
      l->i_beta[c] = next_parameter(l, has_beta);
    }
  }
}

static double parameter(const gsl_vector *x, size_t i) {
  return i == NO_PARAMETER ? 0.0 : gsl_vector_get(x, i);
}

/** Expected signal and background of a channel. */
typedef struct expectation {
  double signal, background;
} expectation;

static double signal_events(const likelihood *l, const gsl_vector *x) {
  return l->i_log_signal == NO_PARAMETER ? l->n_signal : exp(fmin(gsl_vector_get(x, l->i_log_signal), LOG_SIGNAL_MAX));
}

static expectation expect(const likelihood *l, const gsl_vector *x, size_t c) {
  const zps_channel *const channel = &l->counting->channels[c];
  const double up =
      (l->counting->signal_error * parameter(x, l->i_theta)) + (channel->signal_error * parameter(x, l->i_eta[c]));
  const double rate = channel->background_error * parameter(x, l->i_beta[c]);
  return (expectation){.signal = signal_events(l, x) * channel->share * exp(fmin(up, LOG_SIGNAL_MAX)),
                       .background = channel->background * exp(fmin(rate, LOG_SIGNAL_MAX))};
}

/** lambda - n - n ln(lambda/n): minus the log of the Poisson probability, 0 at lambda = n. */
static double channel_cost(double n, double lambda) {
  if (!(n > 0.0)) {
    return lambda;
  }
  const double excess = (lambda - n) / n;
  return n * (excess - log1p(fmax(excess, -1.0 + 1e-300)));
}

static double cost(const gsl_vector *x, void *context) {
  const likelihood *const l = (const likelihood *)context;
  double sum = 0.0;
  for (size_t c = 0; c < l->counting->n_channel; c++) {
    if (l->counting->channels[c].share > 0.0) {
      const expectation e = expect(l, x, c);
      sum += channel_cost(l->counts[c], fmax(e.signal + e.background, 1e-300));
    }
  }
  for (size_t i = 0; i < l->n_parameter; i++) {
    const double value = gsl_vector_get(x, i);
    sum += i == l->i_log_signal ? 0.0 : 0.5 * value * value;
  }
  return sum;
}

static void add_to(gsl_vector *gradient, size_t i, double value) {
  if (i != NO_PARAMETER) {
    gsl_vector_set(gradient, i, gsl_vector_get(gradient, i) + value);
  }
}

static void cost_gradient(const gsl_vector *x, void *context, gsl_vector *gradient) {
  const likelihood *const l = (const likelihood *)context;
  for (size_t i = 0; i < l->n_parameter; i++) {
    gsl_vector_set(gradient, i, i == l->i_log_signal ? 0.0 : gsl_vector_get(x, i));
  }
  for (size_t c = 0; c < l->counting->n_channel; c++) {
    const zps_channel *const channel = &l->counting->channels[c];
    if (channel->share > 0.0) {
      const expectation e = expect(l, x, c);
      const double slope = 1.0 - (l->counts[c] / fmax(e.signal + e.background, 1e-300));
      add_to(gradient, l->i_log_signal, slope * e.signal);
      add_to(gradient, l->i_theta, slope * e.signal * l->counting->signal_error);
      add_to(gradient, l->i_eta[c], slope * e.signal * channel->signal_error);
      add_to(gradient, l->i_beta[c], slope * e.background * channel->background_error);
    }
  }
}

static void cost_both(const gsl_vector *x, void *context, double *value, gsl_vector *gradient) {
  *value = cost(x, context);
  cost_gradient(x, context, gradient);
}

/** Walks downhill until the gradient vanishes or rounding stops it. */
static void descend(gsl_multimin_fdfminimizer *minimizer) {
  for (int i = 0; i < MAX_STEPS; i++) {
    if (gsl_multimin_fdfminimizer_iterate(minimizer) != GSL_SUCCESS ||
        gsl_multimin_test_gradient(minimizer->gradient, GRADIENT_SMALL) == GSL_SUCCESS) {
      return;
    }
  }
}

/** Least cost from a start x[n_parameter], which becomes the place of the minimum. Done twice: a fresh start sheds a
 *  bad estimate of the curvature. */
static zps_status minimise(likelihood *l, double *x, double *least, zps_error *error) {
  gsl_vector_view start = gsl_vector_view_array(x, l->n_parameter > 0 ? l->n_parameter : 1);
  if (l->n_parameter == 0) {
    *least = cost(&start.vector, l);
    return ZPS_OK;
  }
  gsl_multimin_function_fdf function = {
      .f = cost, .df = cost_gradient, .fdf = cost_both, .n = l->n_parameter, .params = l};
  gsl_multimin_fdfminimizer *minimizer =
      gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, l->n_parameter);
  if (minimizer == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a minimiser");
  }
  for (int pass = 0; pass < 2; pass++) {
    (void)gsl_multimin_fdfminimizer_set(minimizer, &function, &start.vector, 0.1, 0.1);
    descend(minimizer);
    (void)gsl_vector_memcpy(&start.vector, minimizer->x);
  }
  *least = minimizer->f;
  gsl_multimin_fdfminimizer_free(minimizer);
  return isfinite(*least) ? ZPS_OK : zps_error_set(error, ZPS_FAILURE, "the likelihood fit found no minimum");
}

/** Least cost with the signal fixed at n_signal. */
static zps_status fit_fixed(likelihood *l, double n_signal, double *x, double *least, zps_error *error) {
  l->n_signal = n_signal;
  number_parameters(l, false);
  memset(x, 0, MAX_PARAMETERS * sizeof *x);
  return minimise(l, x, least, error);
}

/** d cost/d N at N = 0, the background fitted alone (x from fit_fixed at 0). */
static double slope_at_zero(const likelihood *l, double *x) {
  const gsl_vector_view at = gsl_vector_view_array(x, MAX_PARAMETERS);
  double slope = 0.0;
  for (size_t c = 0; c < l->counting->n_channel; c++) {
    const double share = l->counting->channels[c].share;
    if (share > 0.0) {
      slope += share * (1.0 - (l->counts[c] / fmax(expect(l, &at.vector, c).background, 1e-300)));
    }
  }
  return slope;
}

/** Least cost over all signals >= 0, and the signal there. */
static zps_status fit_free(likelihood *l, double *n_best, double *least, zps_error *error) {
  double x[MAX_PARAMETERS] = {0.0};
  zps_status status = fit_fixed(l, 0.0, x, least, error);
  *n_best = 0.0;
  if (status != ZPS_OK || slope_at_zero(l, x) >= 0.0) {
    return status;
  }
  double excess = -zps_counting_background(l->counting);
  for (size_t c = 0; c < l->counting->n_channel; c++) {
    excess += l->counting->channels[c].share > 0.0 ? l->counts[c] : 0.0;
  }
  number_parameters(l, true);
  memset(x, 0, sizeof x);
  x[l->i_log_signal] = log(fmax(excess, 0.1));
  double free_least = 0.0;
  status = minimise(l, x, &free_least, error);
  if (status == ZPS_OK && free_least < *least) {
    *least = free_least;
    *n_best = exp(fmin(x[l->i_log_signal], LOG_SIGNAL_MAX));
  }
  return status;
}

/** q-tilde of the counts in l. */
static zps_status q_of(likelihood *l, double n_signal, double *q, zps_error *error) {
  double x[MAX_PARAMETERS];
  double fixed = 0.0;
  double best = 0.0;
  double n_best = 0.0;
  zps_status status = ZPS_OK;
  ZPS_TRY(fit_free(l, &n_best, &best, error));
  ZPS_TRY(fit_fixed(l, n_signal, x, &fixed, error));
  *q = n_best > n_signal ? 0.0 : fmax(2.0 * (fixed - best), 0.0);
done:
  return status;
}

zps_status zps_asymptotic_q(const zps_counting *counting, double n_signal, double *q, double *q_asimov,
                            zps_error *error) {
  likelihood l = {.counting = counting};
  zps_status status = ZPS_OK;
  for (size_t c = 0; c < counting->n_channel; c++) {
    l.counts[c] = counting->channels[c].observed;
  }
  ZPS_TRY(q_of(&l, n_signal, q, error));
  for (size_t c = 0; c < counting->n_channel; c++) {
    l.counts[c] = counting->channels[c].background;
  }
  ZPS_TRY(q_of(&l, n_signal, q_asimov, error));
done:
  return status;
}

double zps_asymptotic_cls(double q, double q_asimov) {
  const double r = sqrt(q_asimov);
  double both = 0.0;
  double background = 0.0;
  if (!(q_asimov > 0.0)) {
    return 1.0;
  }
  if (q <= q_asimov) {
    both = gsl_cdf_ugaussian_Q(sqrt(q));
    background = gsl_cdf_ugaussian_Q(sqrt(q) - r);
  } else {
    both = gsl_cdf_ugaussian_Q((q + q_asimov) / (2.0 * r));
    background = gsl_cdf_ugaussian_Q((q - q_asimov) / (2.0 * r));
  }
  return background > 0.0 ? both / background : 0.0;
}
