#include "host/stats/cls_exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/stats/normal_rule.h"
#include "host/stats/poisson.h"

#define WEIGHT_STEPS 16.0
#define STEEP 1.5
#define STEEP_WIDTH 0.6
#define MAX_NODES 2048.0
/* s/b above which a channel counts as free of background; keeps the others from rounding to nothing. */
#define MAX_SIGNAL_TO_BACKGROUND 1000.0
/* Phi(2): the +2 sigma quantile, with room for its rounding. */
#define HIGHEST_QUANTILE 0.9775
/* Operations of one CLs at level 0 above which a limit takes minutes. */
#define MAX_COST 2e7

/** Nodes for one nuisance and the arrays of one average over all of them. */
typedef struct workspace {
  const zps_exact *exact;
  double n_signal;
  size_t n_t; /* t_max + 1 */
  zps_normal_rule signal, background;
  zps_normal_rule own_signal[ZPS_MAX_CHANNELS], own_background[ZPS_MAX_CHANNELS];
  double *table, *one;    /* Poisson tables of one channel: at one node, averaged */
  double *joint, *folded; /* distribution of T at one node of the shared nuisances */
  double *sum;            /* averaged over those */
} workspace;

static uint32_t greatest_divisor(uint32_t a, uint32_t b) {
  while (b != 0) {
    const uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Signal at which the weights are taken: about what is excluded at 90 % when the background alone is seen. */
static double reference_signal(const zps_counting *counting) {
  const double b = zps_counting_background(counting);
  return 2.3 + (1.7 * sqrt(b));
}

static void choose_weights(zps_exact *exact, double reference) {
  double ratio[ZPS_MAX_CHANNELS] = {0.0};
  double largest = 0.0;
  uint32_t divisor = 0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    const double s = reference * exact->channels[c].share;
    ratio[c] = log1p(fmin(s / fmax(exact->channels[c].background, 1e-300), MAX_SIGNAL_TO_BACKGROUND));
    largest = fmax(largest, ratio[c]);
  }
  for (size_t c = 0; c < exact->n_channel; c++) {
    exact->weights[c] = (uint32_t)lround(WEIGHT_STEPS * ratio[c] / largest);
    divisor = greatest_divisor(exact->weights[c], divisor);
  }
  for (size_t c = 0; c < exact->n_channel; c++) {
    exact->weights[c] /= divisor;
  }
}

static void take_channels(const zps_counting *counting, zps_exact *exact) {
  for (size_t c = 0; c < counting->n_channel; c++) {
    if (counting->channels[c].share > 0.0) {
      exact->channels[exact->n_channel++] = counting->channels[c];
    }
  }
}

/** How far a nuisance moves the counts, in their own standard deviations: what makes their probability steep in it. */
static zps_normal_rule_kind kind_of(double width, double events) {
  return width * sqrt(events) < STEEP && width < STEEP_WIDTH ? ZPS_NORMAL_HERMITE : ZPS_NORMAL_TRAPEZOID;
}

static size_t n_nodes(double width, double events, unsigned level) {
  double n = 1.0;
  if (width > 0.0 && kind_of(width, events) == ZPS_NORMAL_HERMITE) {
    n = ceil(3.0 + (12.0 * width) + (4.0 * width * sqrt(events))) * (double)(1U << level);
  } else if (width > 0.0) {
    n = ceil(20.0 + (8.0 * width * sqrt(events))) * (double)(1U << level);
  }
  return (size_t)fmin(n, MAX_NODES);
}

/** Events that resolve the nuisances: what T can reach. */
static double resolving_events(const zps_exact *exact) {
  double n = 1.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    n += fmin(exact->channels[c].background, 1e4) + fmin(exact->channels[c].observed, 1e4);
  }
  return n;
}

static double own_width(const zps_exact *exact, size_t c) {
  return exact->backgrounds_together ? 0.0 : exact->channels[c].background_error;
}

static double shared_width(const zps_exact *exact) {
  double width = 0.0;
  for (size_t c = 0; c < exact->n_channel && exact->backgrounds_together; c++) {
    width = fmax(width, exact->channels[c].background_error);
  }
  return width;
}

double zps_exact_cost(const zps_exact *exact, unsigned level) {
  const double events = resolving_events(exact);
  double own = 0.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    const double nodes = (double)n_nodes(exact->channels[c].signal_error, events, level) *
                         (double)n_nodes(own_width(exact, c), events, level);
    const double n = 1.0 + ((double)exact->t_max / fmax(exact->weights[c], 1.0));
    const double folds = c > 0 ? 0.5 * (double)exact->t_max : 1.0;
    own += n * (nodes + folds);
  }
  return own * (double)n_nodes(exact->signal_error, events, level) *
         (double)n_nodes(shared_width(exact), events, level);
}

static void free_workspace(workspace *w) {
  zps_normal_rule_free(&w->signal);
  zps_normal_rule_free(&w->background);
  for (size_t c = 0; c < ZPS_MAX_CHANNELS; c++) {
    zps_normal_rule_free(&w->own_signal[c]);
    zps_normal_rule_free(&w->own_background[c]);
  }
  free(w->table);
  free(w->one);
  free(w->joint);
  free(w->folded);
  free(w->sum);
}

static double *new_table(size_t n) {
  return (double *)calloc(n, sizeof(double));
}

/** Without a signal its nuisances have nothing to act on. */
static zps_status make_rules(workspace *w, unsigned level, zps_error *error) {
  const zps_exact *const exact = w->exact;
  const double events = resolving_events(exact);
  const double acts = w->n_signal > 0.0 ? 1.0 : 0.0;
  const double signal = acts * exact->signal_error;
  const double background = shared_width(exact);
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_normal_rule_make(kind_of(signal, events), n_nodes(signal, events, level), &w->signal, error));
  ZPS_TRY(zps_normal_rule_make(kind_of(background, events), n_nodes(background, events, level), &w->background, error));
  for (size_t c = 0; c < exact->n_channel; c++) {
    const double tau = acts * exact->channels[c].signal_error;
    const double rho = own_width(exact, c);
    ZPS_TRY(zps_normal_rule_make(kind_of(tau, events), n_nodes(tau, events, level), &w->own_signal[c], error));
    ZPS_TRY(zps_normal_rule_make(kind_of(rho, events), n_nodes(rho, events, level), &w->own_background[c], error));
  }
done:
  return status;
}

static zps_status make_workspace(const zps_exact *exact, double n_signal, unsigned level, workspace *w,
                                 zps_error *error) {
  *w = (workspace){.exact = exact, .n_signal = n_signal, .n_t = exact->t_max + 1};
  w->table = new_table(w->n_t);
  w->one = new_table(w->n_t);
  w->joint = new_table(w->n_t);
  w->folded = new_table(w->n_t);
  w->sum = new_table(w->n_t);
  const bool complete = w->table != NULL && w->one != NULL && w->joint != NULL && w->folded != NULL && w->sum != NULL;
  return complete ? make_rules(w, level, error)
                  : zps_error_set(error, ZPS_MEMORY, "out of memory for the distribution of %zu counts", w->n_t);
}

/** Probabilities of 0 .. n events in channel c, averaged over its own nuisances; into w->one. */
static void average_channel(workspace *w, size_t c, double signal, double background, size_t n) {
  const zps_channel *const channel = &w->exact->channels[c];
  memset(w->one, 0, (n + 1) * sizeof(double));
  for (size_t i = 0; i < w->own_signal[c].n; i++) {
    const double s = signal * exp(channel->signal_error * w->own_signal[c].node[i]);
    for (size_t j = 0; j < w->own_background[c].n; j++) {
      const double b = background * exp(own_width(w->exact, c) * w->own_background[c].node[j]);
      const double weight = w->own_signal[c].weight[i] * w->own_background[c].weight[j];
      zps_poisson_fill(s + b, n, w->table);
      for (size_t k = 0; k <= n; k++) {
        w->one[k] += weight * w->table[k];
      }
    }
  }
}

/** Folds channel c into the distribution of T. */
static void fold_channel(workspace *w, size_t c, double signal_factor, double background_theta) {
  const zps_exact *const exact = w->exact;
  const zps_channel *const channel = &exact->channels[c];
  const size_t step = exact->weights[c];
  const size_t n = step > 0 ? exact->t_max / step : 0;
  const double rho = exact->backgrounds_together ? channel->background_error : 0.0;
  if (step == 0) {
    return;
  }
  average_channel(w, c, w->n_signal * channel->share * signal_factor, channel->background * exp(rho * background_theta),
                  n);
  memset(w->folded, 0, w->n_t * sizeof(double));
  for (size_t t = 0; t < w->n_t; t++) {
    for (size_t k = 0; w->joint[t] > 0.0 && k <= n && t + (k * step) < w->n_t; k++) {
      w->folded[t + (k * step)] += w->joint[t] * w->one[k];
    }
  }
  double *const swap = w->joint;
  w->joint = w->folded;
  w->folded = swap;
}

static void add_node(workspace *w, size_t i, size_t j) {
  const double weight = w->signal.weight[i] * w->background.weight[j];
  const double factor = exp(w->exact->signal_error * w->signal.node[i]);
  memset(w->joint, 0, w->n_t * sizeof(double));
  w->joint[0] = 1.0;
  for (size_t c = 0; c < w->exact->n_channel; c++) {
    fold_channel(w, c, factor, w->background.node[j]);
  }
  for (size_t t = 0; t < w->n_t; t++) {
    w->sum[t] += weight * w->joint[t];
  }
}

/** P(T <= t | n_signal) for t = 0 .. t_max; malloc'd. */
static zps_status distribution(const zps_exact *exact, double n_signal, unsigned level, double **cdf,
                               zps_error *error) {
  workspace w;
  zps_status status = make_workspace(exact, n_signal, level, &w, error);
  *cdf = NULL;
  if (status == ZPS_OK) {
    for (size_t i = 0; i < w.signal.n * w.background.n; i++) {
      add_node(&w, i / w.background.n, i % w.background.n);
    }
    for (size_t t = 1; t < w.n_t; t++) {
      w.sum[t] += w.sum[t - 1];
    }
    *cdf = w.sum;
    w.sum = NULL;
  }
  free_workspace(&w);
  return status;
}

zps_status zps_exact_set_level(zps_exact *exact, unsigned level, zps_error *error) {
  double *cdf = NULL;
  const zps_status status = distribution(exact, 0.0, level, &cdf, error);
  if (status == ZPS_OK) {
    free(exact->background);
    exact->background = cdf;
    exact->level = level;
  }
  return status;
}

static zps_status refuse_counts(double events, zps_error *error) {
  return zps_error_set(error, ZPS_INVALID,
                       "%.6g events seen or expected: too many for exact sums; use the method asymptotic", events);
}

/** Makes room for T up to the +2 sigma quantile without a signal. */
static zps_status extend_to_quantile(zps_exact *exact, zps_error *error) {
  for (;;) {
    if (exact->t_max > ZPS_EXACT_MAX_T || zps_exact_cost(exact, 0) > MAX_COST) {
      return refuse_counts((double)exact->t_max, error);
    }
    const zps_status status = zps_exact_set_level(exact, 0, error);
    if (status != ZPS_OK || exact->background[exact->t_max] >= HIGHEST_QUANTILE) {
      return status;
    }
    exact->t_max = exact->t_max < ZPS_EXACT_MAX_T / 2 ? (2 * exact->t_max) + 8 : exact->t_max + (ZPS_EXACT_MAX_T / 4);
  }
}

zps_status zps_exact_make(const zps_counting *counting, zps_exact *exact, zps_error *error) {
  double t = 0.0;
  *exact = (zps_exact){.signal_error = counting->signal_error, .backgrounds_together = counting->backgrounds_together};
  take_channels(counting, exact);
  choose_weights(exact, reference_signal(counting));
  for (size_t c = 0; c < exact->n_channel; c++) {
    t += (double)exact->weights[c] * exact->channels[c].observed;
  }
  const double background = zps_counting_background(counting);
  if (t > ZPS_EXACT_MAX_T || background > ZPS_EXACT_MAX_T) {
    return refuse_counts(fmax(zps_counting_observed(counting), background), error);
  }
  exact->t_observed = (size_t)t;
  exact->t_max = exact->t_observed;
  const zps_status status = extend_to_quantile(exact, error);
  if (status != ZPS_OK) {
    zps_exact_free(exact);
  }
  return status;
}

zps_status zps_exact_cls(const zps_exact *exact, double n_signal, size_t t, double *cls, zps_error *error) {
  double *cdf = NULL;
  zps_exact only = *exact;
  only.t_max = t;
  const zps_status status = distribution(&only, n_signal, exact->level, &cdf, error);
  if (status != ZPS_OK) {
    return status;
  }
  *cls = exact->background[t] > 0.0 ? cdf[t] / exact->background[t] : 0.0;
  free(cdf);
  return ZPS_OK;
}

size_t zps_exact_quantile(const zps_exact *exact, double probability) {
  size_t t = 0;
  while (t < exact->t_max && exact->background[t] < probability) {
    t++;
  }
  return t;
}

void zps_exact_free(zps_exact *exact) {
  free(exact->background);
  *exact = (zps_exact){0};
}
