#include "host/plot/plot_limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/plot/figure.h"
#include "host/plot/gnuplot.h"
#include "host/stats/g2.h"
#include "host/stats/relic.h"
#include "kernels/constants.h"

#define MEDIAN 2
#define N_BAND 200 /* masses of the g-2 band */
#define N_EVEN 16  /* masses of a thermal target, evenly in the logarithm */
#define N_NEAR 9   /* and at the threshold of each lepton */
#define N_TARGET (N_EVEN + (2 * N_NEAR))
#define N_TARGETS 3
#define LEAST_M_CHI 1e-3 /* of zps_relic_target() */
#define LARGEST_M_CHI 100.0
#define WIDEN 100.0 /* at most, of the mass axis at either end, for other experiments' curves */
#define OBSERVED_COLOUR "#0072B2"
#define EXPECTED_COLOUR "#000000"
#define G2_COLOUR "#009E73"

static double expected_at(const zps_limit_point *p, int k) {
  return p->has_limit ? zps_limit_edge(&p->expected[k]) : (double)NAN;
}

static double observed_at(const zps_limit_point *p) {
  return p->has_limit ? zps_limit_edge(&p->observed) : (double)NAN;
}

/** Smallest and largest of what was seen. */
typedef struct extent {
  double lo, hi;
} extent;

static void extend(extent *e, double value) {
  if (isfinite(value) && value > 0.0) {
    e->lo = fmin(e->lo, value);
    e->hi = fmax(e->hi, value);
  }
}

static extent masses_of(const zps_limit_curve *curve) {
  extent e = {HUGE_VAL, 0.0};
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    extend(&e, curve->points[i].mass_gev);
  }
  if (e.lo == e.hi) {
    e = (extent){0.5 * e.lo, 2.0 * e.hi};
  }
  return e;
}

/** A mass axis that also holds other experiments' points within reach. */
static extent widened(extent x, const zps_overlay *overlay) {
  extent e = x;
  for (size_t i = 0; overlay != NULL && i < overlay->n_point; i++) {
    const double mass = overlay->points[i].mass_gev;
    if (mass >= x.lo / WIDEN && mass <= x.hi * WIDEN) {
      extend(&e, mass);
    }
  }
  return e;
}

void zps_plot_exclusion_masses(const zps_limit_curve *curve, const zps_overlay *overlay, double ends[2]) {
  const extent x = widened(masses_of(curve), overlay);
  ends[0] = x.lo;
  ends[1] = x.hi;
}

void zps_plot_thermal_masses(const zps_limit_curve *curve, const zps_overlay *overlay, double ends[2]) {
  const double ratio = curve->job->process.dark_mass_ratio;
  const extent masses = masses_of(curve);
  const extent x = widened((extent){ratio * masses.lo, ratio * masses.hi}, overlay);
  ends[0] = x.lo;
  ends[1] = x.hi;
}

/** Observed and expected limits: their range, empty (lo > hi) when there are none. */
static extent limits_of(const zps_limit_curve *curve, int k_lo, int k_hi) {
  extent e = {HUGE_VAL, 0.0};
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    extend(&e, observed_at(&curve->points[i]));
    for (int k = k_lo; k <= k_hi; k++) {
      extend(&e, expected_at(&curve->points[i], k));
    }
  }
  return e;
}

static zps_status check_limits(const zps_limit_curve *curve, const char *path, zps_error *error) {
  return limits_of(curve, MEDIAN, MEDIAN).hi > 0.0
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "%s: no mass has a limit: nothing to draw", path);
}

static void put_axes(FILE *out, extent x, extent y) {
  zps_figure_put_log_axis(out, "x", x.lo, x.hi);
  zps_figure_put_log_axis(out, "y", y.lo, y.hi);
  (void)fputs("set xlabel offset 0,0.3\nset ylabel offset 0.5\nset clip two\n", out);
}

static const char *method_words(zps_limit_method method) {
  return method == ZPS_LIMIT_EXACT ? "exact CL_s" : "asymptotic CL_s";
}

#define EXCLUDED_SIZE 64

static const char *excluded_label(const zps_limit_curve *curve, char text[EXCLUDED_SIZE]) {
  (void)snprintf(text, EXCLUDED_SIZE, "Excluded, %.4g %% CL, %s", 100.0 * curve->job->limit.cl,
                 method_words(curve->method));
  return text;
}

/** csv and data block lines share this: nothing stands for no number. */
static void put_cell(FILE *out, double value) {
  if (isfinite(value)) {
    (void)fprintf(out, ",%.10g", value);
  } else {
    (void)fputc(',', out);
  }
}

static bool is_shown(const zps_overlay *overlay, size_t i_curve, extent x) {
  double limits[2];
  return zps_overlay_range(overlay, i_curve, x.lo, x.hi, limits);
}

/** Limits of other experiments at the masses shown widen the range of couplings. */
static void extend_to_overlay(extent *y, extent x, const zps_overlay *overlay) {
  for (size_t c = 0; overlay != NULL && c < overlay->n_curve; c++) {
    double limits[2];
    if (zps_overlay_range(overlay, c, x.lo, x.hi, limits)) {
      extend(y, limits[0]);
      extend(y, limits[1]);
    }
  }
}

static size_t n_points_of(const zps_overlay *overlay, size_t i_curve) {
  size_t n = 0;
  for (size_t i = 0; i < overlay->n_point; i++) {
    n += overlay->points[i].i_curve == i_curve ? 1 : 0;
  }
  return n;
}

/** The key of labels[n] (without markup) and of the curves of other experiments. */
static void put_legend(zps_figure *figure, const char *const *labels, size_t n, const zps_overlay *overlay, extent x) {
  for (size_t i = 0; i < n; i++) {
    zps_legend_add(&figure->legend, labels[i]);
  }
  for (size_t c = 0; overlay != NULL && c < overlay->n_curve; c++) {
    if (is_shown(overlay, c, x)) {
      zps_legend_add(&figure->legend, overlay->labels[c]);
    }
  }
  zps_legend_put(figure->script.stream, &figure->legend);
}

static void put_overlay_data(FILE *out, const zps_overlay *overlay) {
  for (size_t c = 0; overlay != NULL && c < overlay->n_curve; c++) {
    (void)fprintf(out, "$overlay%zu << EOD\n", c);
    for (size_t i = 0; i < overlay->n_point; i++) {
      if (overlay->points[i].i_curve == c) {
        (void)fprintf(out, "%.10g %.10g\n", overlay->points[i].mass_gev, overlay->points[i].limit);
      }
    }
    (void)fputs("EOD\n", out);
  }
}

/** The first colours are those that no other curve of these pictures has. A curve of one point is a mark. */
static zps_status put_overlay_curves(FILE *out, const zps_overlay *overlay, extent x, zps_error *error) {
  static const char *const colours[] = {"#E69F00", "#606060", "#56B4E9", "#D55E00", "#CC79A7"};
  static const int dashes[] = {1, 5, 4, 2};
  for (size_t c = 0; overlay != NULL && c < overlay->n_curve; c++) {
    if (!is_shown(overlay, c, x)) {
      continue;
    }
    char *const label = zps_gnuplot_quote(overlay->labels[c]);
    if (label == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
    }
    const bool is_line = n_points_of(overlay, c) > 1;
    (void)fprintf(out,
                  ", \\\n     $overlay%zu using 1:2 with %s %d linecolor rgb '%s' linewidth 1.4 title %s noenhanced", c,
                  is_line ? "lines dashtype" : "points pointsize 1.7 pointtype",
                  is_line ? dashes[(c + (c / 5)) % 4] : zps_picture_trigger(c).point, colours[c % 5], label);
    free(label);
  }
  return ZPS_OK;
}

static bool has_interval(const zps_limit_curve *curve, size_t i_mass, size_t k) {
  return i_mass < curve->result->n_mass && curve->points[i_mass].has_limit && k < curve->points[i_mass].observed.n;
}

/** Whether no neighbour has interval k: no line and no area would show this mass. */
static bool is_alone(const zps_limit_curve *curve, size_t i_mass, size_t k) {
  return (i_mass == 0 || !has_interval(curve, i_mass - 1, k)) && !has_interval(curve, i_mass + 1, k);
}

/** Data blocks $excluded<k>: mass, lower and upper end of interval k (beyond for an open one), whether it is alone; a
 *  mass without it breaks the area. */
static void put_excluded(FILE *out, const zps_limit_curve *curve, size_t n_interval, double beyond) {
  for (size_t k = 0; k < n_interval; k++) {
    (void)fprintf(out, "$excluded%zu << EOD\n", k);
    for (size_t i = 0; i < curve->result->n_mass; i++) {
      const zps_limit_point *const p = &curve->points[i];
      if (has_interval(curve, i, k)) {
        const double end = zps_limit_end(&p->observed, k);
        (void)fprintf(out, "%.10g %.10g %.10g %d\n", p->mass_gev, p->observed.island[k].lo,
                      isfinite(end) ? end : beyond, is_alone(curve, i, k) ? 1 : 0);
      } else {
        (void)fputc('\n', out);
      }
    }
    (void)fputs("EOD\n", out);
  }
}

static size_t most_intervals(const zps_limit_curve *curve) {
  size_t n = 0;
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    n = p->has_limit && p->observed.n > n ? p->observed.n : n;
  }
  return n;
}

static void put_expected_line(FILE *out, const zps_limit_curve *curve) {
  (void)fputs("$expected << EOD\n", out);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const double g = expected_at(&curve->points[i], MEDIAN);
    if (isfinite(g)) {
      (void)fprintf(out, "%.10g %.10g\n", curve->points[i].mass_gev, g);
    } else {
      (void)fputc('\n', out);
    }
  }
  (void)fputs("EOD\n", out);
}

static zps_interval g2_band(const zps_limit_curve *curve, double mass_gev) {
  const zps_job_limit *const limit = &curve->job->limit;
  return zps_g2_band(mass_gev, limit->delta_a_mu, limit->delta_a_mu_error, 2.0);
}

/** $g2: mass, lower and upper end; ends at 0 become floor. */
static void put_g2(FILE *out, const zps_limit_curve *curve, extent x, double floor_g) {
  (void)fputs("$g2 << EOD\n", out);
  for (int i = 0; i <= N_BAND; i++) {
    const double mass = x.lo * pow(x.hi / x.lo, (double)i / N_BAND);
    const zps_interval g = g2_band(curve, mass);
    (void)fprintf(out, "%.10g %.10g %.10g\n", mass, fmax(g.lo, floor_g), fmax(g.hi, floor_g));
  }
  (void)fputs("EOD\n", out);
}

static void put_exclusion_csv(FILE *out, const zps_limit_curve *curve) {
  (void)fputs("mass_gev,interval,g_lo,g_hi,g_expected,g2_lo,g2_hi\n", out);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    const size_t n = p->has_limit ? p->observed.n : 0;
    const zps_interval g2 = g2_band(curve, p->mass_gev);
    for (size_t k = 0; k == 0 || k < n; k++) {
      (void)fprintf(out, "%.10g,%zu", p->mass_gev, k + 1);
      put_cell(out, k < n ? p->observed.island[k].lo : (double)NAN);
      put_cell(out, p->has_limit ? zps_limit_end(&p->observed, k) : (double)NAN);
      put_cell(out, expected_at(p, MEDIAN));
      put_cell(out, g2.lo);
      put_cell(out, g2.hi);
      (void)fputc('\n', out);
    }
  }
}

/** The areas first: what is drawn before them, text of the key included, would shine through. */
static void put_exclusion_curves(FILE *out, const zps_limit_curve *curve, size_t n_interval) {
  for (size_t k = 0; k < n_interval; k++) {
    (void)fprintf(out,
                  "%s$excluded%zu using 1:2:3 with filledcurves linecolor rgb '" OBSERVED_COLOUR
                  "' fillstyle transparent solid 0.25 noborder notitle",
                  k == 0 ? "plot " : ", \\\n     ", k);
  }
  for (size_t k = 0; k < n_interval; k++) {
    (void)fprintf(
        out,
        ", \\\n     $excluded%zu using 1:3 with lines linecolor rgb '" OBSERVED_COLOUR
        "' linewidth 1.4 notitle, \\\n     $excluded%zu using 1:($4 == 1 ? $2 : NaN):2:3 with yerrorbars linecolor "
        "rgb '" OBSERVED_COLOUR "' linewidth 1.4 pointtype 7 pointsize 1.2 notitle, \\\n     $excluded%zu "
        "using 1:2 with lines linecolor rgb '" OBSERVED_COLOUR "' linewidth 1.4 ",
        k, k, k);
    if (k == 0) {
      (void)fprintf(out, "title 'Excluded, %.4g %% CL, %s'", 100.0 * curve->job->limit.cl, method_words(curve->method));
    } else {
      (void)fputs("notitle", out);
    }
  }
  (void)fputs(", \\\n     $expected using 1:2 with lines linecolor rgb '" EXPECTED_COLOUR
              "' linewidth 0.9 dashtype 2 title 'Expected, median', \\\n     $g2 using 1:2:3 with filledcurves "
              "linecolor rgb '" G2_COLOUR "' fillstyle transparent solid 0.45 noborder title '({/:Italic g}−2)_μ ±2σ'",
              out);
}

zps_status zps_plot_exclusion(const zps_limit_curve *curve, const zps_overlay *overlay, const char *path_png,
                              zps_error *error) {
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  char excluded[EXCLUDED_SIZE];
  const char *const labels[] = {excluded_label(curve, excluded), "Expected, median", "(g-2)mu 2 sigma"};
  const extent x = widened(masses_of(curve), overlay);
  extent y = limits_of(curve, MEDIAN, MEDIAN);
  const size_t n_interval = most_intervals(curve);
  ZPS_TRY(check_limits(curve, path_png, error));
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  put_exclusion_csv(figure.table.stream, curve);
  extend(&y, g2_band(curve, x.hi).hi);
  extend_to_overlay(&y, x, overlay);
  y = (extent){y.lo / 4.0, 2.0 * y.hi};
  FILE *const out = figure.script.stream;
  put_axes(out, x, y);
  (void)fputs("set xlabel '{/:Italic m}_{Z′}  [GeV]'\nset ylabel '{/:Italic g}_{Z′}'\n", out);
  put_legend(&figure, labels, sizeof labels / sizeof labels[0], overlay, x);
  put_g2(out, curve, x, 0.1 * y.lo);
  put_excluded(out, curve, n_interval, 2.0 * y.hi);
  put_expected_line(out, curve);
  put_overlay_data(out, overlay);
  put_exclusion_curves(out, curve, n_interval);
  ZPS_TRY(put_overlay_curves(out, overlay, x, error));
  (void)fputc('\n', out);
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}

static void put_expected_csv(FILE *out, const zps_limit_curve *curve) {
  (void)fputs("mass_gev,g_observed,g_expected,g_minus_2_sigma,g_minus_1_sigma,g_plus_1_sigma,g_plus_2_sigma\n", out);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    (void)fprintf(out, "%.10g", p->mass_gev);
    put_cell(out, observed_at(p));
    put_cell(out, expected_at(p, MEDIAN));
    for (int k = 0; k < ZPS_N_EXPECTED; k++) {
      if (k != MEDIAN) {
        put_cell(out, expected_at(p, k));
      }
    }
    (void)fputc('\n', out);
  }
}

/** $bands: mass, -2 .. 2 sigma, observed, whether it is alone. */
static void put_bands(FILE *out, const zps_limit_curve *curve) {
  (void)fputs("$bands << EOD\n", out);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    if (!isfinite(observed_at(p)) || !isfinite(expected_at(p, ZPS_N_EXPECTED - 1))) {
      (void)fputc('\n', out);
      continue;
    }
    (void)fprintf(out, "%.10g", p->mass_gev);
    for (int k = 0; k < ZPS_N_EXPECTED; k++) {
      (void)fprintf(out, " %.10g", expected_at(p, k));
    }
    (void)fprintf(out, " %.10g %d\n", observed_at(p), is_alone(curve, i, 0) ? 1 : 0);
  }
  (void)fputs("EOD\n", out);
}

zps_status zps_plot_expected(const zps_limit_curve *curve, const char *path_png, zps_error *error) {
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  static const char *const labels[] = {"Expected 2 sigma", "Expected 1 sigma", "Observed", "Expected, median"};
  const extent all = limits_of(curve, 0, ZPS_N_EXPECTED - 1);
  const extent x = masses_of(curve);
  ZPS_TRY(check_limits(curve, path_png, error));
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  put_expected_csv(figure.table.stream, curve);
  FILE *const out = figure.script.stream;
  put_axes(out, x, (extent){all.lo / 2.0, 2.0 * all.hi});
  put_bands(out, curve);
  (void)fputs("set xlabel '{/:Italic m}_{Z′}  [GeV]'\n", out);
  (void)fprintf(out, "set ylabel 'Limit on {/:Italic g}_{Z′}, %.4g %% CL, %s'\n", 100.0 * curve->job->limit.cl,
                method_words(curve->method));
  put_legend(&figure, labels, sizeof labels / sizeof labels[0], NULL, x);
  (void)fputs("plot $bands using 1:2:6 with filledcurves linecolor rgb '#cfe3f2' fillstyle solid noborder title "
              "'Expected ±2σ', \\\n"
              "     $bands using 1:3:5 with filledcurves linecolor rgb '#8dbfe0' fillstyle solid noborder title "
              "'Expected ±1σ', \\\n"
              "     $bands using 1:($8 == 1 ? $4 : NaN):2:6 with yerrorbars linecolor rgb '#8dbfe0' linewidth 1.2 "
              "pointtype 6 pointsize 2 notitle, \\\n"
              "     $bands using 1:($8 == 1 ? $7 : NaN) with points linecolor rgb '#000000' pointtype 7 pointsize 1.2 "
              "notitle, \\\n"
              "     $bands using 1:7 with lines linecolor rgb '#000000' linewidth 1.4 title 'Observed', \\\n"
              "     $bands using 1:4 with lines linecolor rgb '#D55E00' linewidth 1.2 dashtype 2 title 'Expected, "
              "median'\n",
              out);
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}

static const struct {
  zps_dark_matter kind;
  const char *name, *colour;
  int dash;
} targets[N_TARGETS] = {{ZPS_DARK_SCALAR, "scalar", "#D55E00", 1},
                        {ZPS_DARK_DIRAC, "pseudo-Dirac", "#009E73", 5},
                        {ZPS_DARK_MAJORANA, "Majorana", "#CC79A7", 4}};

typedef struct target_point {
  double m_chi_gev, y; /* y = NaN where no coupling gives the density */
} target_point;

static int compare_numbers(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/** Masses of a thermal target, ascending, and how many: evenly spread, and where annihilation into muons and taus opens
 *  within a few temperatures of freeze-out. */
static int choose_target_masses(extent m_chi, double masses[N_TARGET]) {
  static const double thresholds[2] = {ZPS_MUON_MASS_GEV, ZPS_TAU_MASS_GEV};
  int n = 0;
  for (int j = 0; j < N_EVEN; j++) {
    masses[n++] = m_chi.lo * pow(m_chi.hi / m_chi.lo, (double)j / (N_EVEN - 1));
  }
  for (int j = 0; j < 2 * N_NEAR; j++) {
    const double mass = thresholds[j / N_NEAR] * (0.8 + (0.05 * (j % N_NEAR)));
    if (mass > m_chi.lo && mass < m_chi.hi) {
      masses[n++] = mass;
    }
  }
  qsort(masses, (size_t)n, sizeof masses[0], compare_numbers);
  return n;
}

/** Returns how many masses each has. */
static int find_targets(const zps_job *job, extent m_chi, target_point points[N_TARGETS][N_TARGET]) {
  double masses[N_TARGET];
  const int n = choose_target_masses(m_chi, masses);
#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < N_TARGETS * n; i++) {
    target_point *const p = &points[i / n][i % n];
    zps_thermal_target target = {0.0, 0.0};
    p->m_chi_gev = masses[i % n];
    const zps_status status = zps_relic_target(targets[i / n].kind, p->m_chi_gev, job->process.dark_mass_ratio,
                                               job->process.g_chi, 0.0, &target, NULL);
    p->y = status == ZPS_OK ? target.y : (double)NAN;
  }
  return n;
}

static void put_target_data(FILE *out, FILE *csv, target_point points[N_TARGETS][N_TARGET], int n, extent *y) {
  for (int t = 0; t < N_TARGETS; t++) {
    (void)fprintf(out, "$target%d << EOD\n", t);
    for (int j = 0; j < n; j++) {
      const target_point *const p = &points[t][j];
      (void)fprintf(csv, "%s,%.10g", targets[t].name, p->m_chi_gev);
      put_cell(csv, p->y);
      (void)fputc('\n', csv);
      extend(y, p->y);
      if (isfinite(p->y)) {
        (void)fprintf(out, "%.10g %.10g\n", p->m_chi_gev, p->y);
      }
    }
    (void)fputs("EOD\n", out);
  }
}

/** $y: m_chi, observed, expected, whether it is alone. */
static void put_y_data(FILE *out, FILE *csv, const zps_limit_curve *curve, extent *y) {
  static const char *const names[2] = {"observed", "expected"};
  (void)fputs("$y << EOD\n", out);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    const double m_chi = curve->job->process.dark_mass_ratio * p->mass_gev;
    const double v[2] = {zps_limit_dark_y(curve->job, observed_at(p)),
                         zps_limit_dark_y(curve->job, expected_at(p, MEDIAN))};
    for (int k = 0; k < 2; k++) {
      (void)fprintf(csv, "%s,%.10g", names[k], m_chi);
      put_cell(csv, v[k]);
      (void)fputc('\n', csv);
      extend(y, v[k]);
    }
    if (isfinite(v[0]) && isfinite(v[1])) {
      (void)fprintf(out, "%.10g %.10g %.10g %d\n", m_chi, v[0], v[1], is_alone(curve, i, 0) ? 1 : 0);
    } else {
      (void)fputc('\n', out);
    }
  }
  (void)fputs("EOD\n", out);
}

static zps_status put_thermal_curves(FILE *out, const zps_limit_curve *curve, const zps_overlay *overlay, extent x,
                                     extent y, zps_error *error) {
  (void)fprintf(out,
                "plot $y using 1:2:(%.6g) with filledcurves linecolor rgb '" OBSERVED_COLOUR
                "' fillstyle transparent solid 0.25 noborder notitle, \\\n"
                "     $y using 1:($4 == 1 ? $2 : NaN):2:(%.6g) with yerrorbars linecolor rgb '" OBSERVED_COLOUR
                "' linewidth 1.4 pointtype 7 pointsize 1.2 notitle, \\\n"
                "     $y using 1:2 with lines linecolor rgb '" OBSERVED_COLOUR
                "' linewidth 1.4 title 'Excluded, %.4g %% CL, %s', \\\n"
                "     $y using 1:3 with lines linecolor rgb '" EXPECTED_COLOUR
                "' linewidth 0.9 dashtype 2 title 'Expected, median'",
                2.0 * y.hi, 2.0 * y.hi, 100.0 * curve->job->limit.cl, method_words(curve->method));
  for (int t = 0; t < N_TARGETS; t++) {
    (void)fprintf(out,
                  ", \\\n     $target%d using 1:2 with lines linecolor rgb '%s' linewidth 1.2 dashtype %d title "
                  "'Thermal target, %s'",
                  t, targets[t].colour, targets[t].dash, targets[t].name);
  }
  return put_overlay_curves(out, overlay, x, error);
}

zps_status zps_plot_thermal_check(const zps_job *job, const char *path_png, zps_error *error) {
  const zps_job_process *const process = &job->process;
  if (process->dark_matter == ZPS_DARK_NONE) {
    return zps_error_set(error, ZPS_INVALID, "%s: expected a job with process.dark_matter.kind", path_png);
  }
  return process->dark_mass_ratio < 0.5
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID,
                             "%s: process.dark_matter.mass_ratio = %.6g: must be < 0.5, the Z' decays to dark matter",
                             path_png, process->dark_mass_ratio);
}

zps_status zps_plot_thermal(const zps_limit_curve *curve, const zps_overlay *overlay, const char *path_png,
                            zps_error *error) {
  const zps_job_process *const process = &curve->job->process;
  char excluded[EXCLUDED_SIZE];
  const char *const labels[] = {excluded_label(curve, excluded), "Expected, median", "Thermal target, scalar",
                                "Thermal target, pseudo-Dirac", "Thermal target, Majorana"};
  double ends[2];
  zps_plot_thermal_masses(curve, overlay, ends);
  const extent x = {ends[0], ends[1]};
  target_point points[N_TARGETS][N_TARGET];
  extent y = {HUGE_VAL, 0.0};
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plot_thermal_check(curve->job, path_png, error));
  ZPS_TRY(check_limits(curve, path_png, error));
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  const int n_target = find_targets(curve->job, (extent){fmax(x.lo, LEAST_M_CHI), fmin(x.hi, LARGEST_M_CHI)}, points);
  (void)fputs("curve,m_chi_gev,y\n", figure.table.stream);
  FILE *const out = figure.script.stream;
  put_y_data(out, figure.table.stream, curve, &y);
  put_target_data(out, figure.table.stream, points, n_target, &y);
  extend_to_overlay(&y, x, overlay);
  put_overlay_data(out, overlay);
  put_axes(out, x, (extent){0.3 * y.lo, 30.0 * y.hi});
  (void)fprintf(out,
                "set xlabel '{/:Italic m}_χ  [GeV]'\n"
                "set ylabel '{/:Italic y} = ({/:Italic g}_χ {/:Italic g}_{Z′})^2 ({/:Italic m}_χ/{/:Italic "
                "m}_{Z′})^4'\nset label '{/:Italic g}_χ = %.4g,  {/:Italic m}_{Z′} = %.4g {/:Italic "
                "m}_χ' at graph 0.97, graph 0.06 right front\n",
                process->g_chi, 1.0 / process->dark_mass_ratio);
  put_legend(&figure, labels, sizeof labels / sizeof labels[0], overlay, x);
  ZPS_TRY(put_thermal_curves(out, curve, overlay, x, (extent){y.lo, 30.0 * y.hi}, error));
  (void)fputc('\n', out);
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}
