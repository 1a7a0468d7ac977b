#include "host/stats/normal_rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_integration.h>

/* The two tails beyond hold 1e-16. */
#define TRAPEZOID_END 8.3

static zps_status no_memory(zps_error *error) {
  return zps_error_set(error, ZPS_MEMORY, "out of memory for a quadrature rule");
}

static void normalise(zps_normal_rule *rule) {
  double sum = 0.0;
  for (size_t i = 0; i < rule->n; i++) {
    sum += rule->weight[i];
  }
  for (size_t i = 0; i < rule->n; i++) {
    rule->weight[i] /= sum;
  }
}

static void fill_trapezoid(zps_normal_rule *rule) {
  const double step = 2.0 * TRAPEZOID_END / (double)(rule->n - 1);
  for (size_t i = 0; i < rule->n; i++) {
    const double theta = -TRAPEZOID_END + ((double)i * step);
    rule->node[i] = theta;
    rule->weight[i] = exp(-0.5 * theta * theta);
  }
}

static zps_status fill_hermite(zps_normal_rule *rule, zps_error *error) {
  gsl_integration_fixed_workspace *w =
      gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, rule->n, 0.0, 0.5, 0.0, 0.0);
  if (w == NULL) {
    return no_memory(error);
  }
  memcpy(rule->node, gsl_integration_fixed_nodes(w), rule->n * sizeof(double));
  memcpy(rule->weight, gsl_integration_fixed_weights(w), rule->n * sizeof(double));
  gsl_integration_fixed_free(w);
  return ZPS_OK;
}

zps_status zps_normal_rule_make(zps_normal_rule_kind kind, size_t n, zps_normal_rule *rule, zps_error *error) {
  zps_status status = ZPS_OK;
  rule->n = n;
  rule->node = (double *)calloc(rule->n, sizeof(double));
  rule->weight = (double *)calloc(rule->n, sizeof(double));
  if (rule->node == NULL || rule->weight == NULL) {
    status = no_memory(error);
  } else if (rule->n == 1) {
    rule->weight[0] = 1.0;
  } else if (kind == ZPS_NORMAL_HERMITE) {
    status = fill_hermite(rule, error);
  } else {
    fill_trapezoid(rule);
  }
  if (status != ZPS_OK) {
    zps_normal_rule_free(rule);
    return status;
  }
  normalise(rule);
  return ZPS_OK;
}

void zps_normal_rule_free(zps_normal_rule *rule) {
  free(rule->node);
  free(rule->weight);
  *rule = (zps_normal_rule){0};
}
