#include "host/stats/cls_exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/stats/normal_rule.h"
#include "host/stats/poisson.h"

/* Steps of the largest weight: at least these; doubled up to the second for a channel that would be rounded away. */
#define WEIGHT_STEPS 16.0
#define MAX_WEIGHT_STEPS 16384.0
/* The same up to which other numbers of steps are taken: seconds a limit. */
#define MAX_FINE_COST 5e6
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

/** Variance of a channel's counts with that of its background, and with what it shares with the other channels', over
 *  its Poisson variance b: a count of a background known badly tells less. */
static double excess_variance(const zps_exact *exact, size_t c) {
  double error = 0.0;
  for (size_t k = 0; k < exact->n_channel; k++) {
    const bool is_shared = exact->backgrounds_together || k == c;
    error += is_shared ? exact->channels[k].background_error * exact->channels[k].background : 0.0;
  }
  return 1.0 + (exact->channels[c].background_error * error);
}

/** ln(1 + s/b) of every channel over the largest of them, with b times its excess variance. */
static void weigh(const zps_exact *exact, double reference, double *ratio) {
  double largest = 0.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    const double s = reference * exact->channels[c].share;
    const double b = exact->channels[c].background * excess_variance(exact, c);
    ratio[c] = log1p(fmin(s / fmax(b, 1e-300), MAX_SIGNAL_TO_BACKGROUND));
    largest = fmax(largest, ratio[c]);
  }
  for (size_t c = 0; c < exact->n_channel; c++) {
    ratio[c] /= largest;
  }
}

/** The fewest steps with which no channel is rounded away. */
static double wanted_steps(const zps_exact *exact, const double *ratio) {
  double smallest = 1.0;
  double steps = WEIGHT_STEPS;
  for (size_t c = 0; c < exact->n_channel; c++) {
    smallest = fmin(smallest, ratio[c]);
  }
  while (lround(steps * smallest) < 1 && steps < MAX_WEIGHT_STEPS) {
    steps *= 2.0;
  }
  return steps;
}

/** Puts a channel where the weights stay in ascending order: folding the heavy ones last, of few counts, is cheap. */
static void insert_channel(zps_exact *exact, const zps_channel *channel, uint32_t weight) {
  size_t c = exact->n_channel++;
  for (; c > 0 && exact->weights[c - 1] > weight; c--) {
    exact->weights[c] = exact->weights[c - 1];
    exact->channels[c] = exact->channels[c - 1];
  }
  exact->weights[c] = weight;
  exact->channels[c] = *channel;
}

/** Whole weights for `all`; channels whose weight is 0 are left out: T, and so CLs, does not know them. */
static zps_exact with_weights(const zps_exact *all, const double *ratio, double steps) {
  zps_exact exact = {.signal_error = all->signal_error, .backgrounds_together = all->backgrounds_together};
  uint32_t divisor = 0;
  for (size_t c = 0; c < all->n_channel; c++) {
    const uint32_t weight = (uint32_t)lround(steps * ratio[c]);
    divisor = greatest_divisor(weight, divisor);
    if (weight > 0) {
      insert_channel(&exact, &all->channels[c], weight);
    }
  }
  for (size_t c = 0; c < exact.n_channel; c++) {
    exact.weights[c] /= divisor;
  }
  return exact;
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

/** Events of a channel that resolve its nuisances. */
static double channel_events(const zps_channel *channel) {
  return fmin(channel->background, 1e4) + fmin(channel->observed, 1e4);
}

/** The same of all channels: what T can reach. */
static double resolving_events(const zps_exact *exact) {
  double n = 1.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    n += channel_events(&exact->channels[c]);
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

/** Events with which the shared nuisance of the backgrounds is as steep as with each channel's own width: what Poisson
 *  counts tell of it, the sum of width^2 n, adds up over the channels. */
static double shared_events(const zps_exact *exact) {
  const double largest = shared_width(exact);
  double n = 1.0;
  for (size_t c = 0; c < exact->n_channel && largest > 0.0; c++) {
    const double part = exact->channels[c].background_error / largest;
    n += part * part * channel_events(&exact->channels[c]);
  }
  return n;
}

double zps_exact_cost(const zps_exact *exact, unsigned level) {
  const double events = resolving_events(exact);
  double own = 0.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    const double nodes = (double)n_nodes(exact->channels[c].signal_error, events, level) *
                         (double)n_nodes(own_width(exact, c), events, level);
    const double n = 1.0 + ((double)exact->t_max / exact->weights[c]);
    const double folds = c > 0 ? 0.5 * (double)exact->t_max : 1.0;
    own += n * (nodes + folds);
  }
  return own * (double)n_nodes(exact->signal_error, events, level) *
         (double)n_nodes(shared_width(exact), shared_events(exact), level);
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
  const double background_events = shared_events(exact);
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_normal_rule_make(kind_of(signal, events), n_nodes(signal, events, level), &w->signal, error));
  ZPS_TRY(zps_normal_rule_make(kind_of(background, background_events), n_nodes(background, background_events, level),
                               &w->background, error));
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
  const size_t n = exact->t_max / step;
  const double rho = exact->backgrounds_together ? channel->background_error : 0.0;
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

static zps_status refuse_counts(const zps_exact *exact, zps_error *error) {
  double observed = 0.0;
  double background = 0.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    observed += exact->channels[c].observed;
    background += exact->channels[c].background;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "%.6g events seen, background of %.6g: too many for exact sums; use the method asymptotic",
                       observed, background);
}

/** Makes room for T up to the +2 sigma quantile without a signal; ZPS_INVALID beyond a cost. */
static zps_status extend_to_quantile(zps_exact *exact, double max_cost, zps_error *error) {
  for (;;) {
    if (exact->t_max > ZPS_EXACT_MAX_T || zps_exact_cost(exact, 0) > max_cost) {
      return refuse_counts(exact, error);
    }
    const zps_status status = zps_exact_set_level(exact, 0, error);
    if (status != ZPS_OK || exact->background[exact->t_max] >= HIGHEST_QUANTILE) {
      return status;
    }
    exact->t_max = exact->t_max < ZPS_EXACT_MAX_T / 2 ? (2 * exact->t_max) + 8 : exact->t_max + (ZPS_EXACT_MAX_T / 4);
  }
}

/** Fills T and its distribution without a signal. ZPS_INVALID beyond a cost; free all the same. */
static zps_status prepare(zps_exact *exact, double max_cost, zps_error *error) {
  double observed = 0.0;
  double expected = 0.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    observed += (double)exact->weights[c] * exact->channels[c].observed;
    expected += (double)exact->weights[c] * exact->channels[c].background;
  }
  if (fmax(observed, expected) > ZPS_EXACT_MAX_T) {
    return refuse_counts(exact, error);
  }
  exact->t_observed = (size_t)observed;
  /* Half the distribution lies below its mean: a start that spares the steps up to the quantile, and their cost. */
  exact->t_max = (size_t)fmax(observed, expected);
  return extend_to_quantile(exact, max_cost, error);
}

/** Tries ever fewer steps of the weights until the sums are short enough. Never fewer than keep every channel that
 *  WEIGHT_STEPS keep: rounding may cost some power there, leaving out what counts would cost much. */
static zps_status try_steps(const zps_exact *all, const double *ratio, zps_exact *exact, zps_error *error) {
  const size_t n_kept = with_weights(all, ratio, WEIGHT_STEPS).n_channel;
  zps_status status = ZPS_INVALID;
  for (double steps = wanted_steps(all, ratio); status == ZPS_INVALID; steps *= 0.5) {
    zps_error refusal = {ZPS_OK, ""};
    zps_exact_free(exact);
    *exact = with_weights(all, ratio, steps);
    status = prepare(exact, steps > WEIGHT_STEPS || steps < WEIGHT_STEPS ? MAX_FINE_COST : MAX_COST, &refusal);
    const bool is_last = with_weights(all, ratio, 0.5 * steps).n_channel < n_kept || steps < 2.0;
    if (status != ZPS_OK && (status != ZPS_INVALID || is_last)) {
      return zps_error_set(error, status, "%s", refusal.text);
    }
  }
  return status;
}

zps_status zps_exact_make(const zps_counting *counting, zps_exact *exact, zps_error *error) {
  zps_exact all = {.signal_error = counting->signal_error, .backgrounds_together = counting->backgrounds_together};
  double ratio[ZPS_MAX_CHANNELS] = {0.0};
  *exact = (zps_exact){0};
  take_channels(counting, &all);
  weigh(&all, reference_signal(counting), ratio);
  const zps_status status = try_steps(&all, ratio, exact, error);
  if (status != ZPS_OK) {
    zps_exact_free(exact);
    return status;
  }
  exact->n_left_out = all.n_channel - exact->n_channel;
  return ZPS_OK;
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
