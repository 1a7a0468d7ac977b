#include "host/stats/cls.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "host/stats/cls_asymptotic.h"
#include "host/stats/cls_exact.h"
#include "host/stats/root.h"

#define ROOT_PRECISION 1e-9
#define EXPECTED_PRECISION 1e-7
/* Quadrature of the expected limits: good to 1e-4 or better where it matters. */
#define EXPECTED_LEVEL 1
/* A finer quadrature is tried until n_up moves by less, relative, or it would cost more than MAX_COST. */
#define QUADRATURE_PRECISION 1e-7
#define MAX_COST 4e6
#define MAX_LEVEL 7
/* P(T <= T_obs | no signal) below which a ratio of probabilities tells nothing. */
#define LEAST_CLB 1e-200
#define LEAST_CLS 1e-300
#define LARGEST_SIGNAL 1e12

/** What the root finder sees. */
typedef struct search {
  const zps_counting *counting;
  const zps_exact *exact;
  size_t t;
  double alpha; /* 1 - cl */
  double n_sigma;
  double first; /* a signal about as large as what is found, or smaller */
  zps_status status;
  zps_error *error;
} search;

static void note(search *s, zps_status status) {
  s->status = s->status == ZPS_OK ? status : s->status;
}

/** The logarithm of CLs falls nearly in a straight line: few steps find its root. */
static double exact_excess(double n_signal, void *context) {
  search *const s = (search *)context;
  double cls = 0.0;
  note(s, zps_exact_cls(s->exact, n_signal, s->t, &cls, s->error));
  return log(fmax(cls, LEAST_CLS) / s->alpha);
}

static double asymptotic_excess(double n_signal, void *context) {
  search *const s = (search *)context;
  double q = 0.0;
  double q_asimov = 0.0;
  if (!(n_signal > 0.0)) {
    return 1.0 - s->alpha;
  }
  note(s, zps_asymptotic_q(s->counting, n_signal, &q, &q_asimov, s->error));
  return zps_asymptotic_cls(q, q_asimov) - s->alpha;
}

/** sqrt(q_A) reaches what excludes at the quantile n_sigma of the data. */
static double expected_excess(double n_signal, void *context) {
  search *const s = (search *)context;
  double q = 0.0;
  double q_asimov = 0.0;
  const double tail = s->alpha * gsl_cdf_ugaussian_P(s->n_sigma);
  const double want = gsl_cdf_ugaussian_Qinv(tail) + s->n_sigma;
  if (n_signal > 0.0) {
    note(s, zps_asymptotic_q(s->counting, n_signal, &q, &q_asimov, s->error));
  }
  return want - sqrt(q_asimov);
}

static zps_status find(search *s, zps_function excess, double precision, double *n_up) {
  zps_status status = zps_root_find_above(excess, s, 0.0, s->first, precision, n_up, s->error);
  return s->status != ZPS_OK ? s->status : status;
}

static double first_signal(const zps_exact *exact) {
  double background = 0.0;
  for (size_t c = 0; c < exact->n_channel; c++) {
    background += exact->channels[c].background;
  }
  return 1.0 + sqrt(background);
}

static zps_status exact_n_up(const zps_exact *exact, size_t t, double alpha, double precision, double *n_up,
                             zps_error *error) {
  search s = {.exact = exact, .t = t, .alpha = alpha, .first = first_signal(exact), .error = error};
  if (!(exact->background[t] > LEAST_CLB)) {
    return zps_error_set(error, ZPS_FAILURE,
                         "so few events are seen that the background alone gives them with a probability below %.0e: "
                         "no CLs; check the background",
                         LEAST_CLB);
  }
  return find(&s, exact_excess, precision, n_up);
}

static zps_status exact_expected(zps_exact *exact, double alpha, zps_upper_limit *limit, zps_error *error) {
  zps_status status = ZPS_OK;
  size_t last = 0;
  if (exact->level > EXPECTED_LEVEL) {
    ZPS_TRY(zps_exact_set_level(exact, EXPECTED_LEVEL, error));
  }
  for (int i = 0; i < ZPS_N_EXPECTED; i++) {
    const size_t t = zps_exact_quantile(exact, gsl_cdf_ugaussian_P((double)i - 2.0));
    if (i > 0 && t == last) {
      limit->expected[i] = limit->expected[i - 1];
    } else {
      ZPS_TRY(exact_n_up(exact, t, alpha, EXPECTED_PRECISION, &limit->expected[i], error));
    }
    last = t;
  }
done:
  return status;
}

/** n_up with ever finer quadrature, until it stands still. */
static zps_status exact_refine(zps_exact *exact, double alpha, zps_upper_limit *limit, zps_error *error) {
  double coarser = 0.0;
  zps_status status = ZPS_OK;
  ZPS_TRY(exact_n_up(exact, exact->t_observed, alpha, ROOT_PRECISION, &coarser, error));
  for (unsigned level = 1; level <= MAX_LEVEL; level++) {
    ZPS_TRY(zps_exact_set_level(exact, level, error));
    ZPS_TRY(exact_n_up(exact, exact->t_observed, alpha, ROOT_PRECISION, &limit->n_up, error));
    limit->n_up_error = fabs(limit->n_up - coarser) + (ROOT_PRECISION * limit->n_up);
    coarser = limit->n_up;
    if (limit->n_up_error < QUADRATURE_PRECISION * limit->n_up || zps_exact_cost(exact, level + 1) > MAX_COST) {
      break;
    }
  }
done:
  return status;
}

static zps_status exact_limit(const zps_counting *counting, double alpha, zps_upper_limit *limit, zps_error *error) {
  zps_exact exact;
  zps_status status = zps_exact_make(counting, &exact, error);
  if (status != ZPS_OK) {
    return status;
  }
  limit->n_left_out = exact.n_left_out;
  ZPS_TRY(exact_refine(&exact, alpha, limit, error));
  ZPS_TRY(exact_expected(&exact, alpha, limit, error));
done:
  zps_exact_free(&exact);
  return status;
}

static zps_status asymptotic_limit(const zps_counting *counting, double alpha, zps_upper_limit *limit,
                                   zps_error *error) {
  search s = {.counting = counting, .alpha = alpha, .first = 1.0, .error = error};
  zps_status status = ZPS_OK;
  ZPS_TRY(find(&s, asymptotic_excess, ROOT_PRECISION, &limit->n_up));
  for (int i = 0; i < ZPS_N_EXPECTED; i++) {
    s.n_sigma = (double)i - 2.0;
    ZPS_TRY(find(&s, expected_excess, EXPECTED_PRECISION, &limit->expected[i]));
  }
  /* The fits stop where the likelihood changes by 1e-12. */
  limit->n_up_error = 1e-7 * limit->n_up;
done:
  return status;
}

zps_status zps_upper_limit_find(const zps_counting *counting, zps_limit_method method, double cl,
                                zps_upper_limit *limit, zps_error *error) {
  zps_status status = zps_counting_check(counting, error);
  *limit = (zps_upper_limit){0};
  if (status != ZPS_OK) {
    return status;
  }
  if (!(cl > 0.5 && cl < 1.0)) {
    return zps_error_set(error, ZPS_INVALID, "confidence level = %.10g: must be > 0.5 and < 1", cl);
  }
  return method == ZPS_LIMIT_EXACT ? exact_limit(counting, 1.0 - cl, limit, error)
                                   : asymptotic_limit(counting, 1.0 - cl, limit, error);
}

static zps_status exact_values(const zps_counting *counting, size_t n_signal, const double *n, double *cls,
                               zps_error *error) {
  zps_exact exact;
  zps_status status = zps_exact_make(counting, &exact, error);
  if (status != ZPS_OK) {
    return status;
  }
  ZPS_TRY(zps_exact_set_level(&exact, 1, error));
  for (size_t i = 0; i < n_signal; i++) {
    ZPS_TRY(zps_exact_cls(&exact, n[i], exact.t_observed, &cls[i], error));
  }
done:
  zps_exact_free(&exact);
  return status;
}

zps_status zps_cls(const zps_counting *counting, zps_limit_method method, size_t n_signal, const double *n, double *cls,
                   zps_error *error) {
  zps_status status = zps_counting_check(counting, error);
  if (status != ZPS_OK || method == ZPS_LIMIT_EXACT) {
    return status != ZPS_OK ? status : exact_values(counting, n_signal, n, cls, error);
  }
  search s = {.counting = counting, .alpha = 0.0, .error = error};
  for (size_t i = 0; i < n_signal; i++) {
    cls[i] = n[i] < LARGEST_SIGNAL ? asymptotic_excess(n[i], &s) : 0.0;
  }
  return s.status;
}

const char *zps_limit_method_name(zps_limit_method method) {
  return method == ZPS_LIMIT_EXACT ? "exact" : "asymptotic";
}
