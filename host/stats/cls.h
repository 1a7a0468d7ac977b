/* Upper limits on the number of signal events of a counting experiment, by CLs (Read, J. Phys. G 28 (2002) 2693). */
#ifndef ZPS_STATS_CLS_H
#define ZPS_STATS_CLS_H

#include "host/stats/counting.h"

typedef enum zps_limit_method {
  ZPS_LIMIT_EXACT,     /* host/stats/cls_exact.h */
  ZPS_LIMIT_ASYMPTOTIC /* host/stats/cls_asymptotic.h */
} zps_limit_method;

/** -2, -1, 0, 1, 2 standard deviations of the data without a signal. */
#define ZPS_N_EXPECTED 5

typedef struct zps_upper_limit {
  double n_up;                     /* smallest excluded number of signal events */
  double n_up_error;               /* its numerical error: of the quadrature and of the root */
  size_t n_left_out;               /* exact: channels of too little weight for sums of this length (cls_exact.h) */
  double expected[ZPS_N_EXPECTED]; /* what n_up would be, had the data without a signal been at that quantile */
} zps_upper_limit;

/** n_up with CLs(n_up) = 1 - cl, and the expected limits. 0.5 < cl < 1. Exact: expected limits are those of the
 *  quantiles of the test statistic; asymptotic: eq. (89) of Cowan et al. with CLs. ZPS_INVALID for an experiment that
 *  zps_counting_check() refuses or with too many events for exact sums; ZPS_FAILURE when the data are impossible
 * without a signal (no CLs) or a numerical method fails. */
zps_status zps_upper_limit_find(const zps_counting *counting, zps_limit_method method, double cl,
                                zps_upper_limit *limit, zps_error *error);

/** CLs of n[n_signal] numbers of signal events, each >= 0; 1 at 0. */
zps_status zps_cls(const zps_counting *counting, zps_limit_method method, size_t n_signal, const double *n, double *cls,
                   zps_error *error);

/** "exact", "asymptotic". */
const char *zps_limit_method_name(zps_limit_method method);

#endif
