/* A counting experiment: numbers of events seen and expected, in one or more channels.
 *
 * Expected in channel c for a signal of N events in all:
 *   lambda_c = N share_c exp(sigma theta + tau_c eta_c) + b_c exp(rho_c beta_c)
 * with theta, eta_c, beta_c ~ N(0, 1): log-normal factors of median 1, whose widths are the relative errors. Systematic
 * errors of the signal that all channels share are one theta: a product of log-normal factors is one, of width
 * sqrt(sum of sigma_i^2). */
#ifndef ZPS_STATS_COUNTING_H
#define ZPS_STATS_COUNTING_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"
#include "kernels/tally.h"

#define ZPS_MAX_CHANNELS ZPS_MAX_TRIGGERS
/** Widest log-normal factor: exp(3) at one standard deviation. */
#define ZPS_MAX_RELATIVE_ERROR 3.0
/** Most events expected or seen in a channel. */
#define ZPS_MAX_COUNT 1e9

typedef struct zps_channel {
  double observed;         /* events seen, a whole number, 0 .. 1e9 */
  double background;       /* b: events expected without a signal, 0 .. 1e9 */
  double background_error; /* rho: relative, 0 .. 3; 0 where b is 0 */
  double share;            /* of the signal, 0 .. 1; they add up to 1. A channel with 0 is left out of everything */
  double signal_error;     /* tau: relative error of this channel's signal alone, 0 .. 3 */
} zps_channel;

typedef struct zps_counting {
  size_t n_channel; /* 1 .. ZPS_MAX_CHANNELS */
  zps_channel channels[ZPS_MAX_CHANNELS];
  double signal_error;       /* sigma: relative error of the signal that all channels share, 0 .. 3 */
  bool backgrounds_together; /* one beta for all channels, else one each */
} zps_counting;

/** One channel: n observed, b expected, the absolute error of b, the relative error of the signal. */
zps_counting zps_counting_single(double observed, double background, double background_error, double signal_error);

/** Sum of backgrounds and of observed events over the channels with a share. */
double zps_counting_background(const zps_counting *counting);
double zps_counting_observed(const zps_counting *counting);

/** ZPS_INVALID names the first number out of the ranges above. */
zps_status zps_counting_check(const zps_counting *counting, zps_error *error);

#endif
