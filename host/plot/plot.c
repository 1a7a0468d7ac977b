#include "host/plot/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/io/signal.h"
#include "host/plot/figure.h"
#include "host/plot/gnuplot.h"

/* Along an axis of the yield map: more cannot be seen, and gnuplot would take minutes. */
#define MAX_CELLS 300
#define LIMIT_EVENTS 2.302585092994046 /* -ln 0.1 */

static void put_mass_axis(FILE *out, double lo, double hi) {
  zps_figure_put_log_axis(out, "x", lo, hi);
  (void)fputs("set xlabel '{/:Italic m}_{Z′}  [GeV]'\n", out);
}

static void put_csv(FILE *out, const zps_job *job, const zps_result *result) {
  static const char *const suffixes[] = {"", "_lo", "_hi"};
  (void)fputs("mass_gev", out);
  for (size_t i = 0; i < 3 * result->n_trigger; i++) {
    (void)fputc(',', out);
    zps_picture_put_field(out, result->triggers[i / 3].name, suffixes[i % 3]);
  }
  (void)fputc('\n', out);
  for (size_t i = 0; i < result->n_mass; i++) {
    (void)fprintf(out, "%.10g", result->mass_gev[i]);
    for (size_t j = 0; j < result->n_trigger; j++) {
      const zps_efficiency efficiency = zps_signal_efficiency(job, result, j, i);
      (void)fprintf(out, ",%.10g,%.10g,%.10g", efficiency.value, efficiency.lo, efficiency.hi);
    }
    (void)fputc('\n', out);
  }
}

/** Data block $t<i>: mass, efficiency, lower, upper end, in percent. */
static void put_efficiency_data(FILE *out, const zps_job *job, const zps_result *result, size_t i_trigger) {
  (void)fprintf(out, "$t%zu << EOD\n", i_trigger);
  for (size_t i = 0; i < result->n_mass; i++) {
    const zps_efficiency efficiency = zps_signal_efficiency(job, result, i_trigger, i);
    (void)fprintf(out, "%.10g %.10g %.10g %.10g\n", result->mass_gev[i], 100.0 * efficiency.value,
                  100.0 * efficiency.lo, 100.0 * efficiency.hi);
  }
  (void)fputs("EOD\n", out);
}

/** Wider than the masses, so that the first and last point stand free of the frame. */
static void put_wide_mass_axis(FILE *out, const zps_result *result) {
  double lo = result->mass_gev[0];
  double hi = result->mass_gev[0];
  for (size_t i = 1; i < result->n_mass; i++) {
    lo = fmin(lo, result->mass_gev[i]);
    hi = fmax(hi, result->mass_gev[i]);
  }
  const double margin = lo < hi ? 1.25 : 2.0;
  put_mass_axis(out, lo / margin, hi * margin);
}

static zps_status put_efficiency_plot(FILE *out, const zps_result *result, zps_error *error) {
  for (size_t i = 0; i < result->n_trigger; i++) {
    char *name = zps_gnuplot_quote(result->triggers[i].name);
    if (name == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
    }
    const zps_picture_style style = zps_picture_trigger(i);
    (void)fprintf(out,
                  "%s $t%zu using 1:2:3:4 with yerrorbars linecolor rgb '%s' linewidth 0.8 pointtype 0 notitle, \\\n"
                  "     $t%zu using 1:2 with linespoints linecolor rgb '%s' linewidth 0.7 dashtype %d pointtype %d "
                  "pointsize 1.7 title %s noenhanced%s\n",
                  i == 0 ? "plot" : "    ", i, style.colour, i, style.colour, style.dash, style.point, name,
                  i + 1 < result->n_trigger ? ", \\" : "");
    free(name);
  }
  return ZPS_OK;
}

zps_status zps_plot_efficiency(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error) {
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  put_csv(figure.table.stream, job, result);
  FILE *const out = figure.script.stream;
  put_wide_mass_axis(out, result);
  zps_figure_put_grid(out);
  (void)fputs("set ylabel 'Signal efficiency  [%]'\n"
              "set yrange [0:*]\n"
              "set mytics 5\n",
              out);
  for (size_t i = 0; i < result->n_trigger; i++) {
    put_efficiency_data(out, job, result, i);
    zps_legend_add(&figure.legend, result->triggers[i].name);
  }
  zps_legend_put(out, &figure.legend);
  ZPS_TRY(put_efficiency_plot(out, result, error));
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}

/** Every how many of n values a cell is drawn. */
static size_t stride_of(size_t n) {
  return ((n - 1) / MAX_CELLS) + 1;
}

/** Border below the cell of value i of an ascending list of which every stride-th has one, half way on the logarithmic
 *  axis; the ends of the list at both ends. */
static double border(const double *values, size_t n, size_t i, size_t stride) {
  return i == 0 ? values[0] : i >= n ? values[n - 1] : sqrt(values[i - stride] * values[i]);
}

/** Data block $yield: mass, coupling, borders of the cell, events; clamped so that every cell has a colour. Cells reach
 *  under the next ones, which are drawn later: PDF viewers show white lines between cells that only touch. */
static void put_yield_data(FILE *out, const zps_job *job, const zps_result *result, double lo, double hi) {
  const double *const m = result->mass_gev;
  const double *const g = result->coupling;
  const size_t dm = stride_of(result->n_mass);
  const size_t dg = stride_of(result->n_coupling);
  (void)fputs("$yield << EOD\n", out);
  for (size_t i = 0; i < result->n_mass; i += dm) {
    for (size_t j = 0; j < result->n_coupling; j += dg) {
      (void)fprintf(out, "%.10g %.10g %.10g %.10g %.10g %.10g %.10g\n", m[i], g[j], border(m, result->n_mass, i, dm),
                    border(m, result->n_mass, i + (2 * dm), dm), border(g, result->n_coupling, j, dg),
                    border(g, result->n_coupling, j + (2 * dg), dg),
                    fmin(hi, fmax(lo, zps_signal_total(job, result, i, g[j]))));
    }
  }
  (void)fputs("EOD\n", out);
}

/** The coupling of LIMIT_EVENTS at a mass with any efficiency, between the couplings of the grid, or beyond its ends as
 *  its last steps have it, linear in log(events) and log(g): exact where Br does not depend on g. */
static double limit_coupling(const zps_job *job, const zps_result *result, size_t i_mass) {
  const double *const g = result->coupling;
  size_t j = 0;
  while (j + 2 < result->n_coupling && zps_signal_total(job, result, i_mass, g[j + 1]) <= LIMIT_EVENTS) {
    j++;
  }
  const double below = zps_signal_total(job, result, i_mass, g[j]);
  const double part = log(LIMIT_EVENTS / below) / log(zps_signal_total(job, result, i_mass, g[j + 1]) / below);
  return g[j] * pow(g[j + 1] / g[j], part);
}

static bool has_yield(const zps_job *job, const zps_result *result, size_t i_mass) {
  return i_mass < result->n_mass && zps_signal_total(job, result, i_mass, result->coupling[0]) > 0.0;
}

/** Data block $limit: the coupling of LIMIT_EVENTS at each mass, and whether no neighbour has one, so that a line would
 *  not show it. A mass without any efficiency breaks the line. */
static void put_limit_data(FILE *out, const zps_job *job, const zps_result *result) {
  (void)fputs("$limit << EOD\n", out);
  for (size_t i = 0; i < result->n_mass; i++) {
    if (has_yield(job, result, i)) {
      const bool alone = (i == 0 || !has_yield(job, result, i - 1)) && !has_yield(job, result, i + 1);
      (void)fprintf(out, "%.10g %.10g %d\n", result->mass_gev[i], limit_coupling(job, result, i), alone ? 1 : 0);
    } else {
      (void)fputc('\n', out);
    }
  }
  (void)fputs("EOD\n", out);
}

static double largest_yield(const zps_job *job, const zps_result *result) {
  double largest = 0.0;
  for (size_t i = 0; i < result->n_mass; i++) {
    for (size_t j = 0; j < result->n_coupling; j++) {
      largest = fmax(largest, zps_signal_total(job, result, i, result->coupling[j]));
    }
  }
  return largest;
}

/** mass_gev, coupling, events of each trigger, total. */
static void put_yield_csv(FILE *out, const zps_job *job, const zps_result *result) {
  (void)fputs("mass_gev,coupling", out);
  for (size_t t = 0; t < result->n_trigger; t++) {
    (void)fputc(',', out);
    zps_picture_put_field(out, result->triggers[t].name, "");
  }
  (void)fputs(",total\n", out);
  for (size_t i = 0; i < result->n_mass; i++) {
    for (size_t j = 0; j < result->n_coupling; j++) {
      (void)fprintf(out, "%.10g,%.10g", result->mass_gev[i], result->coupling[j]);
      for (size_t t = 0; t < result->n_trigger; t++) {
        (void)fprintf(out, ",%.10g", zps_signal_yield(job, result, t, i, result->coupling[j]));
      }
      (void)fprintf(out, ",%.10g\n", zps_signal_total(job, result, i, result->coupling[j]));
    }
  }
}

zps_status zps_plot_yield_check(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error) {
  if (result->n_mass < 2 || result->n_coupling < 2) {
    return zps_error_set(error, ZPS_INVALID, "%s: a yield map needs at least 2 masses and 2 couplings, got %zu and %zu",
                         path_png, result->n_mass, result->n_coupling);
  }
  return largest_yield(job, result) > 0.0
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "%s: no mass has a yield: no event is accepted", path_png);
}

zps_status zps_plot_yield(const zps_job *job, const zps_result *result, const char *path_png, zps_error *error) {
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plot_yield_check(job, result, path_png, error));
  const double largest = largest_yield(job, result);
  const double lo = 1e-3;
  const double hi = fmin(1e6, fmax(1e1, pow(10.0, ceil(log10(fmax(largest, 1.0))))));
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  put_yield_csv(figure.table.stream, job, result);
  FILE *const out = figure.script.stream;
  put_mass_axis(out, result->mass_gev[0], result->mass_gev[result->n_mass - 1]);
  zps_figure_put_log_axis(out, "y", result->coupling[0], result->coupling[result->n_coupling - 1]);
  (void)fprintf(out,
                "set logscale cb\nset format cb '10^{%%T}'\n"
                "set ylabel '{/:Italic g}_{Z′}' offset -1\nset xlabel offset 0,0.3\nset cblabel 'Expected signal "
                "events' offset 1\n"
                "set tics out nomirror\nset nomcbtics\nset cbtics scale 0.6\n"
                "set lmargin at screen 0.15\nset rmargin at screen 0.82\nset tmargin at screen 0.96\n"
                "set bmargin at screen 0.16\n"
                "set palette defined (0 '#ffffff', 0.35 '#b9d9ee', 0.7 '#0072B2', 1 '#00243a')\n"
                "set cbrange [%g:%g]\nset key bottom left Left reverse samplen 2 width -1 noopaque\n",
                lo, hi);
  put_yield_data(out, job, result, lo, hi);
  put_limit_data(out, job, result);
  (void)fputs("plot $yield using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid noborder fillcolor palette notitle, \\\n"
              "     $limit using 1:($3 == 1 ? $2 : NaN) with points linecolor rgb '#D55E00' pointtype 7 pointsize 1.2 "
              "notitle, \\\n"
              "     $limit using 1:2 with lines linecolor rgb '#D55E00' linewidth 1.6 title '{/:Italic N} = 2.3'\n",
              out);
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}
