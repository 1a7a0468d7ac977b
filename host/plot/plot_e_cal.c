#include "host/plot/plot_e_cal.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/plot/figure.h"

#define MAX_CURVES 4
#define LEAST_SHOWN_GEV 30.0 /* the axis holds this, and the cut with some room behind it */
#define ROOM 1.25
#define LEAST_SHARE 1e-4 /* per GeV: lower end of the axis */

/** Masses [first, end) drawn as one curve. */
typedef struct curve {
  size_t first, end;
} curve;

static uint64_t count_in_bin(const zps_result *result, curve masses, unsigned i_bin) {
  const uint32_t i =
      zps_tally_bin((uint32_t)result->n_trigger, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, i_bin);
  uint64_t sum = 0;
  for (size_t i_mass = masses.first; i_mass < masses.end; i_mass++) {
    sum += zps_result_row(result, i_mass)[i];
  }
  return sum;
}

static uint64_t count_of(const zps_result *result, curve masses) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < ZPS_N_BIN; i++) {
    sum += count_in_bin(result, masses, i);
  }
  return sum;
}

/** Share of the muons of a curve per GeV. */
static double density(const zps_result *result, curve masses, unsigned i_bin) {
  const double width = zps_bin_edge(ZPS_QUANTITY_E_CAL, i_bin + 1) - zps_bin_edge(ZPS_QUANTITY_E_CAL, i_bin);
  const uint64_t n = count_of(result, masses);
  return n > 0 ? (double)count_in_bin(result, masses, i_bin) / ((double)n * width) : 0.0;
}

/** End of the axis [GeV]: before the last bin, which also holds what lies above and would be a spike. */
static double last_shown_gev(const zps_job *job) {
  return fmin(fmax(LEAST_SHOWN_GEV, ROOM * job->selection.e_cal_max_gev),
              zps_bin_edge(ZPS_QUANTITY_E_CAL, ZPS_N_BIN - 1));
}

static bool is_seen(const zps_job *job, const zps_result *result, curve masses) {
  for (unsigned i = 0; zps_bin_edge(ZPS_QUANTITY_E_CAL, i) < last_shown_gev(job); i++) {
    if (density(result, masses, i) > LEAST_SHARE) {
      return true;
    }
  }
  return false;
}

static void put_csv(FILE *out, const zps_result *result) {
  (void)fputs("e_cal_gev", out);
  for (size_t i = 0; i < result->n_mass; i++) {
    (void)fprintf(out, ",%.10g GeV", result->mass_gev[i]);
  }
  (void)fputc('\n', out);
  for (unsigned bin = 0; bin < ZPS_N_BIN; bin++) {
    (void)fprintf(out, "%.10g", zps_bin_centre(ZPS_QUANTITY_E_CAL, bin));
    for (size_t i = 0; i < result->n_mass; i++) {
      (void)fprintf(out, ",%.10g", density(result, (curve){i, i + 1}, bin));
    }
    (void)fputc('\n', out);
  }
}

/** Masses with something to see, spread over the grid, the ends among them; without emission a mass means nothing, and
 *  all are one curve. Returns how many. */
static size_t choose_curves(const zps_job *job, const zps_result *result, curve chosen[MAX_CURVES]) {
  size_t n_filled = 0;
  size_t n = 0;
  if (job->process.kind == ZPS_PROCESS_NONE) {
    chosen[0] = (curve){0, result->n_mass};
    return is_seen(job, result, chosen[0]) ? 1 : 0;
  }
  size_t *const filled = (size_t *)calloc(result->n_mass, sizeof *filled);
  for (size_t i = 0; filled != NULL && i < result->n_mass; i++) {
    filled[n_filled] = i;
    n_filled += is_seen(job, result, (curve){i, i + 1}) ? 1 : 0;
  }
  const size_t n_curves = n_filled < MAX_CURVES ? n_filled : MAX_CURVES;
  for (; n < n_curves; n++) {
    const size_t i = filled[n_curves > 1 ? (n * (n_filled - 1)) / (n_curves - 1) : 0];
    chosen[n] = (curve){i, i + 1};
  }
  free(filled);
  return n;
}

/** Data block $c<i>, without the last bin. */
static void put_curve_data(FILE *out, const zps_result *result, curve masses, size_t i_curve) {
  (void)fprintf(out, "$c%zu << EOD\n", i_curve);
  for (unsigned bin = 0; bin + 1 < ZPS_N_BIN; bin++) {
    (void)fprintf(out, "%.10g %.10g\n", zps_bin_centre(ZPS_QUANTITY_E_CAL, bin), density(result, masses, bin));
  }
  (void)fputs("EOD\n", out);
}

static void put_plot(FILE *out, const zps_job *job, const zps_result *result, const curve *curves, size_t n) {
  const bool has_masses = job->process.kind != ZPS_PROCESS_NONE;
  (void)fprintf(out,
                "set xlabel '{/:Italic E}_{CAL}  [GeV]'\nset ylabel 'Share of triggers per GeV'\n"
                "set xrange [0:%.10g]\nset logscale y\nset format y '10^{%%T}'\nset yrange [%g:2]\n"
                "set key top right Left reverse samplen 2 spacing 1.2%s\n",
                last_shown_gev(job), LEAST_SHARE, has_masses ? " title '{/:Italic m}_{Z′}' left" : "");
  zps_figure_put_grid(out);
  (void)fprintf(out,
                "set arrow from %.10g,graph 0 to %.10g,graph 1 nohead linewidth 1 dashtype 2 linecolor rgb "
                "'#666666'\n",
                job->selection.e_cal_max_gev, job->selection.e_cal_max_gev);
  for (size_t i = 0; i < n; i++) {
    put_curve_data(out, result, curves[i], i);
  }
  for (size_t i = 0; i < n; i++) {
    (void)fprintf(out, "%s $c%zu using 1:2 with histeps linecolor rgb '%s' linewidth 1.2 title ",
                  i == 0 ? "plot" : "    ", i, zps_picture_colour(i));
    (void)(has_masses ? fprintf(out, "'%.3g GeV'", result->mass_gev[curves[i].first]) : fputs("'no emission'", out));
    (void)fputs(i + 1 < n ? ", \\\n" : "\n", out);
  }
}

zps_status zps_plot_e_cal_check(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error) {
  curve curves[MAX_CURVES];
  return choose_curves(job, result, curves) > 0
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "%s: no muon that fires a trigger has E_CAL below %g GeV", path_png,
                             last_shown_gev(job));
}

zps_status zps_plot_e_cal(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error) {
  curve curves[MAX_CURVES];
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plot_e_cal_check(job, result, path_png, error));
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  put_csv(figure.table.stream, result);
  put_plot(figure.script.stream, job, result, curves, choose_curves(job, result, curves));
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}
