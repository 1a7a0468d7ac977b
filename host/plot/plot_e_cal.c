#include "host/plot/plot_e_cal.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/plot/figure.h"

#define MAX_CURVES 4

static uint64_t count_in_bin(const zps_result *result, size_t i_mass, unsigned i_bin) {
  return zps_result_row(
      result,
      i_mass)[zps_tally_bin((uint32_t)result->n_trigger, ZPS_HISTOGRAM_IN_COINCIDENCE, ZPS_QUANTITY_E_CAL, i_bin)];
}

static uint64_t count_of(const zps_result *result, size_t i_mass) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < ZPS_N_BIN; i++) {
    sum += count_in_bin(result, i_mass, i);
  }
  return sum;
}

/** Share of the muons of a mass per GeV. */
static double density(const zps_result *result, size_t i_mass, unsigned i_bin) {
  const double width = zps_bin_edge(ZPS_QUANTITY_E_CAL, i_bin + 1) - zps_bin_edge(ZPS_QUANTITY_E_CAL, i_bin);
  const uint64_t n = count_of(result, i_mass);
  return n > 0 ? (double)count_in_bin(result, i_mass, i_bin) / ((double)n * width) : 0.0;
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
      (void)fprintf(out, ",%.10g", density(result, i, bin));
    }
    (void)fputc('\n', out);
  }
}

/** Masses with muons, spread over the grid, the ends among them. Returns how many. */
static size_t choose_masses(const zps_result *result, size_t chosen[MAX_CURVES]) {
  size_t n_filled = 0;
  size_t n = 0;
  size_t *const filled = (size_t *)calloc(result->n_mass, sizeof *filled);
  for (size_t i = 0; filled != NULL && i < result->n_mass; i++) {
    filled[n_filled] = i;
    n_filled += count_of(result, i) > 0 ? 1 : 0;
  }
  const size_t n_curves = n_filled < MAX_CURVES ? n_filled : MAX_CURVES;
  for (; n < n_curves; n++) {
    chosen[n] = filled[n_curves > 1 ? (n * (n_filled - 1)) / (n_curves - 1) : 0];
  }
  free(filled);
  return n;
}

/** The muons above the last bin are in the csv, not in the picture: their bin would be a spike. */
static void put_curve_data(FILE *out, const zps_result *result, size_t i_mass) {
  (void)fprintf(out, "$m%zu << EOD\n", i_mass);
  for (unsigned bin = 0; bin + 1 < ZPS_N_BIN; bin++) {
    (void)fprintf(out, "%.10g %.10g\n", zps_bin_centre(ZPS_QUANTITY_E_CAL, bin), density(result, i_mass, bin));
  }
  (void)fputs("EOD\n", out);
}

static void put_plot(FILE *out, const zps_result *result, double e_cal_max_gev, const size_t *masses, size_t n) {
  (void)fputs("set xlabel '{/:Italic E}_{CAL}  [GeV]'\nset ylabel 'Share of triggers per GeV'\n"
              "set xrange [0:30]\nset logscale y\nset format y '10^{%T}'\nset yrange [1e-4:2]\n"
              "set key top right Left reverse samplen 2 spacing 1.2 title '{/:Italic m}_{Z′}' left\n",
              out);
  zps_figure_put_grid(out);
  (void)fprintf(out,
                "set arrow from %.10g,graph 0 to %.10g,graph 1 nohead linewidth 1 dashtype 2 linecolor rgb "
                "'#666666'\n",
                e_cal_max_gev, e_cal_max_gev);
  for (size_t i = 0; i < n; i++) {
    put_curve_data(out, result, masses[i]);
  }
  for (size_t i = 0; i < n; i++) {
    (void)fprintf(out, "%s $m%zu using 1:2 with histeps linecolor rgb '%s' linewidth 1.2 title '%.3g GeV'%s\n",
                  i == 0 ? "plot" : "    ", masses[i], zps_picture_colour(i), result->mass_gev[masses[i]],
                  i + 1 < n ? ", \\" : "");
  }
}

zps_status zps_plot_e_cal(const zps_result *result, double e_cal_max_gev, const char *path_png, zps_error *error) {
  size_t masses[MAX_CURVES] = {0};
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  const size_t n = choose_masses(result, masses);
  if (n == 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no muon fires a trigger at any mass", path_png);
  }
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  put_csv(figure.table.stream, result);
  put_plot(figure.script.stream, result, e_cal_max_gev, masses, n);
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}
