#include "host/cli/limit_print.h"

#include <math.h>

#include "host/stats/g2.h"
#include "host/stats/widths.h"
#include "kernels/math.h"

static const char *const band_names[ZPS_N_EXPECTED] = {"minus_2_sigma", "minus_1_sigma", "median", "plus_1_sigma",
                                                       "plus_2_sigma"};

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *numbers(const double *values, size_t n) {
  json_t *const list = json_array();
  for (size_t i = 0; i < n; i++) {
    (void)json_array_append_new(list, number(values[i]));
  }
  return list;
}

/** {minus_2_sigma: ..., ...} */
static json_t *band(const double values[ZPS_N_EXPECTED]) {
  json_t *const object = json_object();
  for (int k = 0; k < ZPS_N_EXPECTED; k++) {
    (void)json_object_set_new(object, band_names[k], number(values[k]));
  }
  return object;
}

/** [[lower, upper], ...], null for an open end. */
static json_t *islands_json(const zps_islands *islands) {
  json_t *const list = json_array();
  for (size_t i = 0; i < islands->n; i++) {
    const double ends[2] = {islands->island[i].lo, zps_limit_end(islands, i)};
    (void)json_array_append_new(list, numbers(ends, 2));
  }
  return list;
}

void zps_limit_print_counting(FILE *out, const double inputs[4], zps_limit_method method, double cl,
                              const zps_upper_limit *limit) {
  (void)fprintf(out,
                "N < %.6g at %.6g %% CL (%s, numerical error %.1g); %.6g observed, %.6g +- %.6g expected, error of the "
                "signal %.6g\n",
                limit->n_up, 100.0 * cl, zps_limit_method_name(method), limit->n_up_error, inputs[0], inputs[1],
                inputs[2], inputs[3]);
  (void)fprintf(out, "expected %.6g, 1 sigma %.6g to %.6g, 2 sigma %.6g to %.6g\n", limit->expected[2],
                limit->expected[1], limit->expected[3], limit->expected[0], limit->expected[4]);
}

json_t *zps_limit_json_counting(const double inputs[4], zps_limit_method method, double cl,
                                const zps_upper_limit *limit) {
  return json_pack("{s:f, s:f, s:o, s:s, s:f, s:f, s:f, s:f, s:f}", "n_up", limit->n_up, "n_up_error",
                   limit->n_up_error, "n_up_expected", band(limit->expected), "method", zps_limit_method_name(method),
                   "cl", cl, "observed", inputs[0], "background", inputs[1], "background_error", inputs[2],
                   "signal_error", inputs[3]);
}

/** By zps_dark_matter. */
static const char *const dark_names[] = {"none", "dirac", "scalar", "majorana"};

void zps_limit_print_head(FILE *out, const zps_job *job, zps_limit_method method) {
  (void)fprintf(out, "%.6g %% CL, %s; couplings above g90 are excluded; error of the signal %.2g %%\n",
                100.0 * job->limit.cl, zps_limit_method_name(method), 100.0 * zps_limit_systematics(job));
  if (job->process.dark_matter != ZPS_DARK_NONE) {
    (void)fprintf(out, "dark matter: %s, g_chi = %.6g, m_chi = %.6g m\n", dark_names[job->process.dark_matter],
                  job->process.g_chi, job->process.dark_mass_ratio);
  }
  (void)fprintf(out, "%10s %8s %12s %12s %25s %25s\n", "mass/GeV", "N_up", "g90 observed", "g90 expected", "1 sigma",
                "2 sigma");
}

static void print_pair(FILE *out, const zps_limit_point *point, int i_lo, int i_hi) {
  (void)fprintf(out, " %12.5g %12.5g", zps_limit_edge(&point->expected[i_lo]), zps_limit_edge(&point->expected[i_hi]));
}

void zps_limit_print_point(FILE *out, const zps_limit_point *point) {
  if (!point->has_limit) {
    (void)fprintf(out, "%10.4g no signal expected: no limit\n", point->mass_gev);
    return;
  }
  (void)fprintf(out, "%10.4g %8.5g %12.5g %12.5g", point->mass_gev, point->events.n_up,
                zps_limit_edge(&point->observed), zps_limit_edge(&point->expected[2]));
  print_pair(out, point, 1, 3);
  print_pair(out, point, 0, 4);
  (void)fprintf(out, "%s\n", point->observed.n > 1 ? "  more than one interval: see --json" : "");
}

/** Null without dark matter. */
static json_t *dark_matter_json(const zps_job_process *process) {
  return process->dark_matter == ZPS_DARK_NONE
             ? json_null()
             : json_pack("{s:s, s:f, s:f}", "kind", dark_names[process->dark_matter], "g_chi", process->g_chi,
                         "mass_ratio", process->dark_mass_ratio);
}

json_t *zps_limit_json(const zps_job *job, const zps_result *result, zps_limit_method method, json_t *masses) {
  static const char *const models[] = {"etl", "ww", "iww"};
  return json_pack("{s:s, s:f, s:s, s:o, s:f, s:b, s:f, s:f, s:o, s:s, s:o}", "method", zps_limit_method_name(method),
                   "cl", job->limit.cl, "model", models[job->process.model], "dark_matter",
                   dark_matter_json(&job->process), "signal_error", zps_limit_systematics(job), "backgrounds_together",
                   job->limit.backgrounds_together, "delta_a_mu", job->limit.delta_a_mu, "delta_a_mu_error",
                   job->limit.delta_a_mu_error, "coupling", numbers(result->coupling, result->n_coupling),
                   "content_hash", result->provenance.content_hash, "masses", masses);
}

static json_t *g2_json(const zps_job *job, double mass_gev, double n_sigma) {
  const zps_interval couplings = zps_g2_band(mass_gev, job->limit.delta_a_mu, job->limit.delta_a_mu_error, n_sigma);
  const double ends[2] = {couplings.lo, couplings.hi};
  return numbers(ends, 2);
}

static void add_limit(json_t *object, const zps_job *job, const zps_limit_point *point) {
  const double observed = zps_limit_edge(&point->observed);
  double edges[ZPS_N_EXPECTED];
  for (int k = 0; k < ZPS_N_EXPECTED; k++) {
    edges[k] = zps_limit_edge(&point->expected[k]);
  }
  (void)json_object_set_new(object, "n_up", number(point->events.n_up));
  (void)json_object_set_new(object, "n_up_error", number(point->events.n_up_error));
  (void)json_object_set_new(object, "triggers_left_out", json_integer((json_int_t)point->events.n_left_out));
  (void)json_object_set_new(object, "n_up_expected", band(point->events.expected));
  (void)json_object_set_new(object, "g90_observed", number(observed));
  (void)json_object_set_new(object, "g90_expected", number(edges[2]));
  (void)json_object_set_new(object, "g90_expected_band", band(edges));
  (void)json_object_set_new(object, "width_over_mass_observed",
                            number(zps_process_relative_width(&job->process, point->mass_gev, observed)));
  (void)json_object_set_new(object, "width_over_mass_expected",
                            number(zps_process_relative_width(&job->process, point->mass_gev, edges[2])));
  (void)json_object_set_new(object, "excluded", islands_json(&point->observed));
}

static void add_nothing(json_t *object) {
  static const char *const names[] = {"n_up",
                                      "n_up_error",
                                      "n_up_expected",
                                      "triggers_left_out",
                                      "g90_observed",
                                      "g90_expected",
                                      "g90_expected_band",
                                      "width_over_mass_observed",
                                      "width_over_mass_expected"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    (void)json_object_set_new(object, names[i], json_null());
  }
  (void)json_object_set_new(object, "excluded", json_array());
}

/** y = (g_chi g)^2 (m_chi/m)^4 at the limits. */
static void add_dark_matter(json_t *object, const zps_job *job, const zps_limit_point *point) {
  const zps_job_process *const p = &job->process;
  const double ratio2 = zps_square(p->dark_mass_ratio);
  const double observed = point->has_limit ? zps_limit_edge(&point->observed) : (double)NAN;
  const double expected = point->has_limit ? zps_limit_edge(&point->expected[2]) : (double)NAN;
  (void)json_object_set_new(object, "m_chi_gev", number(p->dark_mass_ratio * point->mass_gev));
  (void)json_object_set_new(object, "y90_observed", number(zps_square(p->g_chi * observed * ratio2)));
  (void)json_object_set_new(object, "y90_expected", number(zps_square(p->g_chi * expected * ratio2)));
}

json_t *zps_limit_json_point(const zps_job *job, const zps_result *result, zps_limit_method method,
                             const zps_limit_point *point, const zps_limit_extra *extra) {
  json_t *const object = json_object();
  (void)json_object_set_new(object, "mass_gev", number(point->mass_gev));
  (void)json_object_set_new(object, "method", json_string(zps_limit_method_name(method)));
  if (point->has_limit) {
    add_limit(object, job, point);
  } else {
    add_nothing(object);
  }
  (void)json_object_set_new(object, "g2_band_1_sigma", g2_json(job, point->mass_gev, 1.0));
  (void)json_object_set_new(object, "g2_band_2_sigma", g2_json(job, point->mass_gev, 2.0));
  if (job->process.dark_matter != ZPS_DARK_NONE) {
    add_dark_matter(object, job, point);
  }
  if (extra->cls != NULL) {
    (void)json_object_set_new(object, "yield", numbers(extra->yield, result->n_coupling));
    (void)json_object_set_new(object, "cls", numbers(extra->cls, result->n_coupling));
  }
  if (extra->thermal != NULL) {
    (void)json_object_set_new(object, "g_thermal", number(extra->thermal->g));
    (void)json_object_set_new(object, "y_thermal", number(extra->thermal->y));
  }
  return object;
}
