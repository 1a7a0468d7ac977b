/* Averages over a standard normal number, as sums over fixed nodes. */
#ifndef ZPS_STATS_NORMAL_RULE_H
#define ZPS_STATS_NORMAL_RULE_H

#include <stddef.h>

#include "host/error.h"

/** E[f(theta)] = sum over i of weight[i] f(node[i]) for theta ~ N(0, 1). Owned by the rule. */
typedef struct zps_normal_rule {
  size_t n;
  double *node, *weight; /* [n] */
} zps_normal_rule;

/** Gauss-Hermite (Abramowitz and Stegun 25.4.46), for functions that are nearly polynomials where theta counts; the
 *  trapezoidal rule on |theta| <= 8.3, for steep ones: its error falls off exponentially once the step resolves them
 *  (Trefethen and Weideman, SIAM Review 56 (2014) 385). */
typedef enum zps_normal_rule_kind { ZPS_NORMAL_HERMITE, ZPS_NORMAL_TRAPEZOID } zps_normal_rule_kind;

/** Makes a rule of n nodes, 1 <= n <= 4096; one node is theta = 0. ZPS_MEMORY; free with zps_normal_rule_free(). */
zps_status zps_normal_rule_make(zps_normal_rule_kind kind, size_t n, zps_normal_rule *rule, zps_error *error);

/** Frees what the members own and zeroes the struct; fine on a zeroed one. */
void zps_normal_rule_free(zps_normal_rule *rule);

#endif
