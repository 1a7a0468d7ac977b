#include "host/plot/plot_placement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/output.h"
#include "host/plot/gnuplot.h"
#include "host/plot/legend.h"
#include "host/plot/picture.h"

#define MAX_SHOWN 240 /* points of a surface along one axis */
#define BEST_POINT 13
#define COUPLING_UNIT 1e4
#define LEAST_COUNT 10.0  /* coincidences of the lowest rate with a contour */
#define WORST_SHOWN 3.0   /* g90 relative to the best */
#define LABEL_WIDTH 0.085 /* of the label of a decade, as a share of the frame's */
#define LABEL_RIM 0.04    /* kept free above and below, as a share of the map's height */
#define LABEL_TRIES 16
#define MAX_LABELS 20
#define WORST_ON_FRONT 10.0 /* g90 relative to the best */
#define WIDEN 4.0           /* times the lattice at most, for a trigger beside it */

#define RATE_LABEL "trigger rate per muon"
#define CEILING_LABEL "above the rate ceiling"
#define OFF_LABEL "off the lattice"
#define OFF_LATTICE "fillcolor rgb '#b0b0b0' fillstyle pattern 4"

/** What is drawn: every n-th edge, from a window around the positions that matter, in a frame that also holds triggers
 *  beside the lattice. */
typedef struct view {
  zps_position lo, hi;
  int64_t stride_first, stride_last;
  double first_mm[2], last_mm[2]; /* ends of the frame */
} view;

static double smaller(double a, double b) {
  return a < b ? a : b;
}

static double larger(double a, double b) {
  return a > b ? a : b;
}

static int64_t clamp(int64_t i, int64_t lo, int64_t hi) {
  return i < lo ? lo : i > hi ? hi : i;
}

/** The available edge below x_mm, or the first or last where x_mm lies beyond. */
static int64_t nearest_edge(const zps_edge_axis *axis, double x_mm) {
  const double i = floor((x_mm - zps_lattice_edge(&axis->lattice, 0)) / zps_edge_axis_step_mm(axis));
  return i <= (double)axis->lowest ? axis->lowest : i >= (double)axis->lattice.n ? axis->lattice.n : (int64_t)i;
}

/** Whether a frame that holds x_mm is not out of all proportion to the lattice. */
static bool is_near(const zps_edge_axis *axis, double x_mm) {
  const double lo = zps_lattice_edge(&axis->lattice, axis->lowest);
  const double hi = zps_lattice_edge(&axis->lattice, axis->lattice.n);
  const double reach = 0.5 * (WIDEN - 1.0) * (hi - lo);
  return x_mm > lo - reach && x_mm < hi + reach;
}

/** Widens a frame to an x_mm beside the lattice. */
static void widen(double frame[2], const zps_edge_axis *axis, double x_mm) {
  const double lo = zps_lattice_edge(&axis->lattice, axis->lowest);
  const double hi = zps_lattice_edge(&axis->lattice, axis->lattice.n);
  const double margin = 0.03 * (hi - lo);
  frame[0] = x_mm < lo ? smaller(frame[0], x_mm - margin) : frame[0];
  frame[1] = x_mm > hi ? larger(frame[1], x_mm + margin) : frame[1];
}

static bool is_position_near(const zps_placement_study *s, size_t i) {
  return is_near(&s->grid.first, s->positions[i].first_mm) && is_near(&s->grid.last, s->positions[i].last_mm);
}

static void include(view *v, zps_position at) {
  v->lo.i_first = at.i_first < v->lo.i_first ? at.i_first : v->lo.i_first;
  v->lo.i_last = at.i_last < v->lo.i_last ? at.i_last : v->lo.i_last;
  v->hi.i_first = at.i_first > v->hi.i_first ? at.i_first : v->hi.i_first;
  v->hi.i_last = at.i_last > v->hi.i_last ? at.i_last : v->hi.i_last;
}

/** The window of the positions with g90 up to WORST_SHOWN, of the marks, and a bit more: the rest is blank. */
static view choose_view(const zps_placement_study *s) {
  const zps_position_grid *const g = &s->grid;
  const double worst = log(s->positions[s->i_best].g90 * WORST_SHOWN);
  const int64_t margin_first = (g->first.lattice.n / 40) + 1;
  const int64_t margin_last = (g->last.lattice.n / 40) + 1;
  const zps_position best = s->positions[s->i_best].position;
  view v = {.lo = best, .hi = best};
  for (size_t p = 0; p < zps_position_count(g); p++) {
    if (s->ln_g90[p] <= worst) {
      include(&v, zps_position_at(g, p));
    }
  }
  for (size_t i = 0; i < s->n_positions; i++) {
    const zps_study_position *const p = &s->positions[i];
    if (is_position_near(s, i)) {
      include(&v, (zps_position){nearest_edge(&g->first, p->first_mm), nearest_edge(&g->last, p->last_mm)});
    }
  }
  v.lo.i_first = clamp(v.lo.i_first - margin_first, g->first.lowest, g->first.lattice.n);
  v.lo.i_last = clamp(v.lo.i_last - margin_last, g->last.lowest, g->last.lattice.n);
  v.hi.i_first = clamp(v.hi.i_first + margin_first, g->first.lowest, g->first.lattice.n);
  v.hi.i_last = clamp(v.hi.i_last + margin_last, g->last.lowest, g->last.lattice.n);
  v.stride_first = ((v.hi.i_first - v.lo.i_first) / MAX_SHOWN) + 1;
  v.stride_last = ((v.hi.i_last - v.lo.i_last) / MAX_SHOWN) + 1;
  v.first_mm[0] = zps_position_first_mm(g, v.lo);
  v.first_mm[1] = zps_position_first_mm(g, v.hi);
  v.last_mm[0] = zps_position_last_mm(g, v.lo);
  v.last_mm[1] = zps_position_last_mm(g, v.hi);
  for (size_t i = 0; i < s->n_positions; i++) {
    if (is_position_near(s, i)) {
      widen(v.first_mm, &g->first, s->positions[i].first_mm);
      widen(v.last_mm, &g->last, s->positions[i].last_mm);
    }
  }
  return v;
}

/** Whether the frame shows what lies beside the lattice. */
static bool is_wider(const zps_placement_study *s, const view *v) {
  return v->first_mm[0] < zps_position_first_mm(&s->grid, v->lo) ||
         v->first_mm[1] > zps_position_first_mm(&s->grid, v->hi) ||
         v->last_mm[0] < zps_position_last_mm(&s->grid, v->lo) || v->last_mm[1] > zps_position_last_mm(&s->grid, v->hi);
}

static bool is_above_ceiling(const zps_placement_study *s, uint64_t count) {
  return s->ceiling.is_set && (double)count > s->ceiling.count;
}

/** Data block $merit: x4, xm, g90 relative to the best (NaN above the ceiling), log10 of the rate. */
static void put_surface(FILE *out, const zps_placement_study *s, const view *v) {
  const double best = log(s->positions[s->i_best].g90);
  (void)fputs("$merit << EOD\n", out);
  for (int64_t i = v->lo.i_first; i <= v->hi.i_first; i += v->stride_first) {
    for (int64_t j = v->lo.i_last; j <= v->hi.i_last; j += v->stride_last) {
      const zps_position at = {i, j};
      const double ratio = exp(s->ln_g90[zps_position_index(&s->grid, at)] - best);
      const uint64_t count = s->has_beam ? zps_summed_area_at(&s->beam_area, &s->grid, at) : 0;
      (void)fprintf(out, "%.10g %.10g ", zps_position_first_mm(&s->grid, at), zps_position_last_mm(&s->grid, at));
      (void)(is_above_ceiling(s, count) ? fputs("NaN ", out) : fprintf(out, "%.6g ", smaller(ratio, WORST_SHOWN)));
      /* Half a count stands for none: contours need a number everywhere. */
      (void)fprintf(out, "%.6g\n", s->has_beam ? log10(larger((double)count, 0.5) / (double)s->beam_generated) : 0.0);
    }
    (void)fputc('\n', out);
  }
  (void)fputs("EOD\n", out);
}

/** Marks, one data block each, $p<i>: x4, xm, 0, rate (the end of its interval where none was seen), g90. */
static void put_positions(FILE *out, const zps_placement_study *s) {
  for (size_t i = 0; i < s->n_positions; i++) {
    const zps_study_position *const p = &s->positions[i];
    (void)fprintf(out, "$p%zu << EOD\n%.10g %.10g 0 %.10g %.10g\nEOD\n", i, p->first_mm, p->last_mm,
                  p->rate.count > 0 ? p->rate.value : p->rate.hi, p->g90);
  }
}

static bool is_best(const zps_placement_study *s, size_t i) {
  return s->has_best && i == s->i_best;
}

/** Whether a picture has a place for a mark: the frame of the map, or a g90 on the front (v = NULL). */
static bool has_place(const zps_placement_study *s, const view *v, size_t i) {
  return v == NULL ? isfinite(s->positions[i].g90) : is_position_near(s, i);
}

#define LABEL_SIZE (ZPS_NAME_SIZE + 64)

static void print_label(const zps_placement_study *s, const view *v, size_t i, char label[LABEL_SIZE]) {
  const char *const lack = has_place(s, v, i) ? "" : v == NULL ? ", accepts none" : ", outside";
  (void)snprintf(label, LABEL_SIZE, "%s (%.10g, %.10g)%s", is_best(s, i) ? "best" : s->positions[i].name,
                 s->positions[i].first_mm, s->positions[i].last_mm, lack);
}

/** Appends `, \` and one mark with its name, or its name alone; columns as gnuplot's `using` has them. */
static zps_status put_mark(FILE *out, const zps_placement_study *s, const view *v, size_t i, const char *columns,
                           zps_error *error) {
  const zps_picture_style style =
      is_best(s, i) ? (zps_picture_style){"#000000", 1, BEST_POINT, "1"} : zps_picture_trigger(i);
  char label[LABEL_SIZE];
  print_label(s, v, i, label);
  char *const quoted = zps_gnuplot_quote(label);
  if (quoted == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
  }
  if (has_place(s, v, i)) {
    (void)fprintf(
        out,
        ", \\\n     $p%zu using %s with points pointtype %d pointsize 3.2 linewidth 1.2 linecolor rgb 'white' "
        "notitle, \\\n     $p%zu using %s",
        i, columns, style.point, i, columns);
  } else {
    (void)fputs(", \\\n     NaN", out);
  }
  (void)fprintf(out, " with points pointtype %d pointsize 2.4 linecolor rgb '%s' title %s noenhanced", style.point,
                style.colour, quoted);
  free(quoted);
  return ZPS_OK;
}

static zps_status put_marks(FILE *out, const zps_placement_study *s, const view *v, const char *columns,
                            zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < s->n_positions; i++) {
    ZPS_TRY(put_mark(out, s, v, i, columns, error));
  }
  (void)fputc('\n', out);
done:
  return status;
}

/** The key: what the picture has besides marks, and the marks. */
static zps_legend legend_of(const zps_placement_study *s, const view *v, const char *const *labels, size_t n) {
  zps_legend legend = {0, 0};
  char label[LABEL_SIZE];
  for (size_t i = 0; i < n; i++) {
    zps_legend_add(&legend, labels[i]);
  }
  for (size_t i = 0; i < s->n_positions; i++) {
    print_label(s, v, i, label);
    zps_legend_add(&legend, label);
  }
  return legend;
}

/** Lowest decade of the rate with LEAST_COUNT coincidences, -1 at most. */
static int lowest_decade(const zps_placement_study *s) {
  const int decade = (int)ceil(log10(LEAST_COUNT / (double)s->beam_generated));
  return decade < -1 ? decade : -1;
}

/** Where the contour of a rate is at edge i of the first counter, from below; -infinity where it is not in the map. */
static double contour_height(const zps_placement_study *s, const view *v, int64_t i, double rate) {
  int64_t j = v->lo.i_last - 1;
  while (j < v->hi.i_last) {
    const zps_position at = {i, j + 1};
    if ((double)zps_summed_area_at(&s->beam_area, &s->grid, at) > rate * (double)s->beam_generated) {
      break;
    }
    j++;
  }
  const zps_position at = {i, j};
  return j >= v->lo.i_last && j < v->hi.i_last ? zps_position_last_mm(&s->grid, at) : -HUGE_VAL;
}

/** Height of a label on the contour of a rate at edge i; infinite where it would lie at the rim. */
static double label_height(const zps_placement_study *s, const view *v, int64_t i, double rate) {
  const double low = zps_position_last_mm(&s->grid, v->lo);
  const double rim = LABEL_RIM * (zps_position_last_mm(&s->grid, v->hi) - low);
  const double y = contour_height(s, v, i, rate);
  return y > low + rim && y < zps_position_last_mm(&s->grid, v->hi) - rim ? y : HUGE_VAL;
}

/** Labels that have their places [mm]; none may cover another. */
typedef struct label_places {
  size_t n;
  double first_mm[MAX_LABELS], last_mm[MAX_LABELS];
} label_places;

/** Whether the label of a rate fits at edge i: on the contour, in the map, free of the labels placed before. */
static bool label_fits(const zps_placement_study *s, const view *v, const label_places *taken, int64_t i, double rate) {
  const zps_position at = {i, v->lo.i_last};
  const double x = zps_position_first_mm(&s->grid, at);
  const double y = label_height(s, v, i, rate);
  bool fits = isfinite(y);
  for (size_t k = 0; k < taken->n; k++) {
    fits = fits && (fabs(x - taken->first_mm[k]) >= 0.9 * LABEL_WIDTH * (v->first_mm[1] - v->first_mm[0]) ||
                    fabs(y - taken->last_mm[k]) >= LABEL_RIM * (v->last_mm[1] - v->last_mm[0]));
  }
  return fits;
}

/** Where along x to put the label of a decade: side by side from the right, as contours lie close there; where that
 * does not fit, the first place from the left that does. Returns lo.i_first - 1 for none. */
static int64_t label_edge(const zps_placement_study *s, const view *v, const label_places *taken, int decade) {
  const int64_t width = v->hi.i_first - v->lo.i_first;
  const double frame = (v->first_mm[1] - v->first_mm[0]) / zps_edge_axis_step_mm(&s->grid.first);
  const double rate = pow(10.0, decade);
  const int64_t left = v->hi.i_first + (int64_t)(LABEL_WIDTH * frame * (decade + 0.3));
  const int64_t wanted = clamp(left, v->lo.i_first, v->hi.i_first);
  if (label_fits(s, v, taken, wanted, rate)) {
    return wanted;
  }
  for (int64_t i = v->lo.i_first + (width / LABEL_TRIES); i < v->hi.i_first; i += (width / LABEL_TRIES) + 1) {
    if (label_fits(s, v, taken, i, rate)) {
      return i;
    }
  }
  return v->lo.i_first - 1;
}

static void put_contour_labels(FILE *out, const zps_placement_study *s, const view *v) {
  label_places taken = {.n = 0};
  (void)fputs("set style textbox opaque noborder fillcolor rgb '#ffffff' margins 0.2,0.2\n", out);
  for (int decade = -1; decade >= lowest_decade(s) && taken.n < MAX_LABELS; decade--) {
    const zps_position at = {label_edge(s, v, &taken, decade), v->lo.i_last};
    if (at.i_first >= v->lo.i_first) {
      taken.first_mm[taken.n] = zps_position_first_mm(&s->grid, at);
      taken.last_mm[taken.n] = label_height(s, v, at.i_first, pow(10.0, decade));
      (void)fprintf(out, "set label '10^{%d}' at %.10g,%.10g center boxed front font ',20'\n", decade,
                    taken.first_mm[taken.n], taken.last_mm[taken.n]);
      taken.n++;
    }
  }
}

/** Contours of the rate into tables: $rates at decades, $ceiling at the ceiling. */
static void put_contours(FILE *out, const zps_placement_study *s) {
  (void)fprintf(out,
                "set contour base\nunset surface\nset cntrparam levels incremental %d,1,-1\n"
                "set table $rates\nsplot $merit using 1:2:4 with lines\nunset table\n",
                lowest_decade(s));
  if (s->ceiling.count >= LEAST_COUNT) {
    (void)fprintf(out,
                  "set cntrparam levels discrete %.8g\n"
                  "set table $ceiling\nsplot $merit using 1:2:4 with lines\nunset table\n",
                  log10(s->ceiling.count / (double)s->beam_generated));
  }
  (void)fputs("unset contour\nset surface\n", out);
}

/** A filled rectangle behind everything. */
static void put_ground(FILE *out, const double first_mm[2], const double last_mm[2], const char *style) {
  (void)fprintf(out, "set object rectangle from %.10g,%.10g to %.10g,%.10g behind %s noborder\n", first_mm[0],
                last_mm[0], first_mm[1], last_mm[1], style);
}

static void put_map_style(FILE *out, const zps_placement_study *s, const view *v) {
  const double first_mm[2] = {zps_position_first_mm(&s->grid, v->lo), zps_position_first_mm(&s->grid, v->hi)};
  const double last_mm[2] = {zps_position_last_mm(&s->grid, v->lo), zps_position_last_mm(&s->grid, v->hi)};
  (void)fprintf(out,
                "set xlabel '{/:Italic x}_4: near edge of the first counter  [mm]' offset 0,0.3\n"
                "set ylabel '{/:Italic x}_μ: near edge of the last counter  [mm]' offset -0.4\n"
                "set cblabel '{/:Italic g}_{90} / best' offset 1\n"
                "set tics out nomirror\nset mxtics 5\nset mytics 5\n"
                "set palette defined (0 '#00243a', 0.15 '#0072B2', 0.5 '#b9d9ee', 1 '#ffffff')\n"
                "set logscale cb\nset cbrange [1:%g]\nset cbtics (1, 1.1, 1.25, 1.5, 2, 3)\nset cbtics scale 0.6\n"
                "set lmargin at screen 0.145\nset rmargin at screen 0.80\nset tmargin at screen 0.96\n"
                "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n",
                WORST_SHOWN, v->first_mm[0], v->first_mm[1], v->last_mm[0], v->last_mm[1]);
  if (is_wider(s, v)) {
    put_ground(out, v->first_mm, v->last_mm, OFF_LATTICE);
  }
  put_ground(out, first_mm, last_mm, "fillcolor rgb '#dcdcdc' fillstyle solid");
}

/** The map and what lies under the marks. */
static void put_map(FILE *out, const zps_placement_study *s, const view *v) {
  (void)fputs("plot $merit using 1:2:3 with image notitle", out);
  if (s->has_beam) {
    (void)fputs(", \\\n     $rates using 1:2 with lines linecolor rgb '#606060' linewidth 0.6 title '" RATE_LABEL "', "
                "\\\n     NaN with filledcurves linecolor rgb '#dcdcdc' title '" CEILING_LABEL "'",
                out);
  }
  if (is_wider(s, v)) {
    (void)fputs(", \\\n     NaN with filledcurves " OFF_LATTICE " title '" OFF_LABEL "'", out);
  }
  if (s->ceiling.count >= LEAST_COUNT) {
    (void)fputs(", \\\n     $ceiling using 1:2 with lines linecolor rgb '#D55E00' linewidth 1.3 notitle", out);
  }
}

static zps_legend map_legend(const zps_placement_study *s, const view *v) {
  const char *labels[3];
  size_t n = 0;
  if (s->has_beam) {
    labels[n++] = RATE_LABEL;
    labels[n++] = CEILING_LABEL;
  }
  if (is_wider(s, v)) {
    labels[n++] = OFF_LABEL;
  }
  return legend_of(s, v, labels, n);
}

zps_status zps_plot_placement(const zps_placement_study *study, const char *path_png, zps_error *error) {
  zps_picture_text script = {NULL, NULL, 0};
  zps_status status = ZPS_OK;
  if (!study->has_best || study->ln_g90 == NULL) {
    return zps_error_set(error, ZPS_INVALID, "%s: no position accepts an event at every mass: nothing to draw",
                         path_png);
  }
  if (zps_edge_axis_count(&study->grid.first) < 2 || zps_edge_axis_count(&study->grid.last) < 2) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "%s: one position alone along an axis: no map is drawn", path_png);
  }
  const view v = choose_view(study);
  const zps_legend legend = map_legend(study, &v);
  ZPS_TRY(zps_output_check(path_png, true, error));
  ZPS_TRY(zps_picture_open(&script, error));
  zps_picture_put_frame(script.stream, zps_legend_canvas_px(&legend));
  (void)fputs("set minussign\n", script.stream);
  put_surface(script.stream, study, &v);
  put_positions(script.stream, study);
  if (study->has_beam) {
    put_contours(script.stream, study);
    put_contour_labels(script.stream, study, &v);
  }
  put_map_style(script.stream, study, &v);
  zps_legend_put(script.stream, &legend);
  put_map(script.stream, study, &v);
  ZPS_TRY(put_marks(script.stream, study, &v, "1:2", error));
  ZPS_TRY(zps_picture_draw(&script, path_png, error));
done:
  zps_picture_free(&script);
  return status;
}

static double front_rate(const zps_placement_study *s, size_t i) {
  return (double)zps_summed_area_at(&s->beam_area, &s->grid, s->front.positions[i]) / (double)s->beam_generated;
}

static double front_g90(const zps_placement_study *s, size_t i) {
  return exp(s->ln_g90[zps_position_index(&s->grid, s->front.positions[i])]);
}

static zps_status write_front_csv(const zps_placement_study *s, const char *path_png, zps_error *error) {
  const size_t length = strlen(path_png);
  char *path = NULL;
  zps_picture_text table = {NULL, NULL, 0};
  zps_status status = ZPS_OK;
  if (asprintf(&path, "%.*s.csv", (int)(length > 4 ? length - 4 : length), path_png) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
  }
  ZPS_TRY(zps_picture_open(&table, error));
  (void)fputs("rate,g90,x4_mm,xm_mm\n", table.stream);
  for (size_t i = 0; i < s->front.n; i++) {
    (void)fprintf(table.stream, "%.10g,%.10g,%.10g,%.10g\n", front_rate(s, i), front_g90(s, i),
                  zps_position_first_mm(&s->grid, s->front.positions[i]),
                  zps_position_last_mm(&s->grid, s->front.positions[i]));
  }
  ZPS_TRY(zps_picture_save(&table, path, error));
done:
  zps_picture_free(&table);
  free(path);
  return status;
}

/** Lowest and highest g90 of front and marks; of the front alone up to WORST_ON_FRONT times the lowest. */
static void find_front_reach(const zps_placement_study *s, double g[2]) {
  double worst_mark = 0.0;
  g[0] = HUGE_VAL;
  g[1] = 0.0;
  for (size_t i = 0; i < s->front.n; i++) {
    g[0] = smaller(g[0], front_g90(s, i));
    g[1] = larger(g[1], front_g90(s, i));
  }
  for (size_t i = 0; i < s->n_positions; i++) {
    const double value = s->positions[i].g90;
    g[0] = smaller(g[0], value);
    worst_mark = isfinite(value) ? larger(worst_mark, value) : worst_mark;
  }
  g[1] = larger(smaller(g[1], WORST_ON_FRONT * g[0]), worst_mark);
}

/** Ranges of the axes: the front as far as it is shown, without rates of zero, and the marks. */
static void put_front_ranges(FILE *out, const zps_placement_study *s) {
  double rate[2] = {1.0, 0.0};
  double g[2];
  find_front_reach(s, g);
  for (size_t i = 0; i < s->front.n + s->n_positions; i++) {
    const zps_study_position *const p = i < s->front.n ? NULL : &s->positions[i - s->front.n];
    const double r = p == NULL ? front_rate(s, i) : p->rate.count > 0 ? p->rate.value : p->rate.hi;
    const bool is_shown = p != NULL || front_g90(s, i) <= g[1];
    rate[0] = is_shown && r > 0.0 ? smaller(rate[0], p != NULL && p->rate.count == 0 ? r / 3.0 : r) : rate[0];
    rate[1] = larger(rate[1], r);
  }
  (void)fprintf(out, "set xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\n", 0.6 * rate[0], 1.5 * larger(rate[0], rate[1]),
                0.9 * g[0] * COUPLING_UNIT, 1.1 * g[1] * COUPLING_UNIT);
}

/** 1, 1.5, 2, 3, 5, 7 of every decade that a coupling [1e-4] can have. */
static void put_coupling_tics(FILE *out) {
  static const double steps[] = {1.0, 1.5, 2.0, 3.0, 5.0, 7.0};
  (void)fputs("set ytics (", out);
  for (int i = 0; i < 6 * 9; i++) {
    (void)fprintf(out, "%s%.3g", i > 0 ? ", " : "", steps[i % 6] * pow(10.0, (i / 6) - 4));
  }
  (void)fputs(")\n", out);
}

/** An arrow to lower rates from every mark whose rate is an upper limit. */
static void put_limits(FILE *out, const zps_placement_study *s) {
  for (size_t i = 0; i < s->n_positions; i++) {
    const zps_study_position *const p = &s->positions[i];
    if (p->rate.count == 0 && isfinite(p->g90)) {
      (void)fprintf(out, "set arrow from %.10g,%.10g to %.10g,%.10g linecolor rgb '#606060' linewidth 0.8 front\n",
                    p->rate.hi, p->g90 * COUPLING_UNIT, p->rate.hi / 2.5, p->g90 * COUPLING_UNIT);
    }
  }
}

/** Data block $front. A logarithm has no zero: positions without a count stand at their upper limit, as their marks do.
 */
static void put_front(FILE *out, const zps_placement_study *s) {
  const double limit = zps_rate_of_count(&s->rate, 0).hi;
  (void)fputs("$front << EOD\n", out);
  for (size_t i = 0; i < s->front.n; i++) {
    const double rate = front_rate(s, i);
    if (rate > 0.0 || s->front.n == 1) {
      (void)fprintf(out, "%.10g %.10g\n", rate > 0.0 ? rate : limit, front_g90(s, i) * COUPLING_UNIT);
    }
  }
  (void)fputs("EOD\n", out);
}

zps_status zps_plot_rate_front(const zps_placement_study *study, const char *path_png, zps_error *error) {
  static const char *const front_label = "best at this rate";
  zps_picture_text script = {NULL, NULL, 0};
  zps_status status = ZPS_OK;
  if (!study->has_beam || study->front.n == 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no trigger rates or no position with a reach: nothing to draw",
                         path_png);
  }
  ZPS_TRY(zps_output_check(path_png, true, error));
  ZPS_TRY(write_front_csv(study, path_png, error));
  ZPS_TRY(zps_picture_open(&script, error));
  const zps_legend legend = legend_of(study, NULL, &front_label, 1);
  zps_picture_put_frame(script.stream, zps_legend_canvas_px(&legend));
  zps_legend_put(script.stream, &legend);
  (void)fputs("set minussign\n", script.stream);
  put_front(script.stream, study);
  put_positions(script.stream, study);
  put_front_ranges(script.stream, study);
  put_limits(script.stream, study);
  put_coupling_tics(script.stream);
  (void)fputs("set xlabel 'Trigger rate per muon on target'\n"
              "set ylabel '{/:Italic g}_{90}, mean over masses  [10^{-4}]'\n"
              "set logscale xy\nset format x '10^{%T}'\nset mxtics 10\n"
              "set grid xtics ytics linecolor rgb '#b8b8b8' linewidth 0.4 dashtype 3\n"
              "plot $front using 1:2 with steps linecolor rgb '#0072B2' linewidth 1.2 title 'best at this rate'",
              script.stream);
  ZPS_TRY(put_marks(script.stream, study, NULL, "4:($5*1e4)", error));
  ZPS_TRY(zps_picture_draw(&script, path_png, error));
done:
  zps_picture_free(&script);
  return status;
}
