#include "host/export/limit_table.h"

#include <math.h>

static void put_number(FILE *out, double value) {
  if (isfinite(value)) {
    (void)fprintf(out, ",%.10g", value);
  } else {
    (void)fputc(',', out);
  }
}

static void put_csv_line(FILE *out, const zps_limit_curve *curve, size_t i_mass, size_t i_interval) {
  const zps_limit_point *const p = &curve->points[i_mass];
  const bool excluded = p->has_limit && i_interval < p->observed.n;
  const double nothing = (double)NAN;
  const zps_interval *const g = &p->observed.island[i_interval];
  (void)fprintf(out, "%.10g,%zu", p->mass_gev, i_interval + 1);
  put_number(out, excluded ? g->lo : nothing);
  put_number(out, p->has_limit ? zps_limit_end(&p->observed, i_interval) : nothing);
  put_number(out, p->has_limit ? p->events.n_up : nothing);
  for (int k = 0; k < ZPS_N_EXPECTED; k++) {
    put_number(out, p->has_limit ? zps_limit_edge(&p->expected[k]) : nothing);
  }
  if (curve->job->process.dark_matter != ZPS_DARK_NONE) {
    put_number(out, curve->job->process.dark_mass_ratio * p->mass_gev);
    put_number(out, excluded ? zps_limit_dark_y(curve->job, g->lo) : nothing);
    put_number(out, p->has_limit ? zps_limit_dark_y(curve->job, zps_limit_edge(&p->expected[2])) : nothing);
  }
  (void)fputc('\n', out);
}

zps_status zps_limit_table_put_csv(FILE *out, const zps_limit_curve *curve) {
  (void)fputs("mass_gev,interval,g_lo,g_hi,n_up,g_expected_minus_2_sigma,g_expected_minus_1_sigma,g_expected_median,"
              "g_expected_plus_1_sigma,g_expected_plus_2_sigma",
              out);
  (void)fputs(curve->job->process.dark_matter != ZPS_DARK_NONE ? ",m_chi_gev,y_lo,y_expected\n" : "\n", out);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const size_t n = curve->points[i].has_limit ? curve->points[i].observed.n : 0;
    for (size_t j = 0; j == 0 || j < n; j++) {
      put_csv_line(out, curve, i, j);
    }
  }
  return ZPS_OK;
}

static bool any_upper_end(const zps_limit_curve *curve) {
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    if (p->has_limit && isfinite(zps_limit_end(&p->observed, 0))) {
      return true;
    }
  }
  return false;
}

zps_status zps_limit_table_put_darkcast(FILE *out, const zps_limit_curve *curve) {
  const bool two_sided = any_upper_end(curve);
  (void)fprintf(out, "#     mass      lower%s\n", two_sided ? "      upper" : "");
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    if (!p->has_limit || p->observed.n == 0) {
      continue;
    }
    (void)fprintf(out, " %.9e  %.9e", p->mass_gev, p->observed.island[0].lo);
    if (two_sided) {
      (void)fprintf(out, "  %.9e", p->observed.island[0].hi);
    }
    (void)fputc('\n', out);
  }
  return ZPS_OK;
}
