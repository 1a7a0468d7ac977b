#include "host/field/field_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/io/output.h"
#include "host/plot/gnuplot.h"
#include "kernels/field.h"

#define SAMPLES_PER_CELL 4
#define MAX_SAMPLES 4000
#define N_PIXELS 300   /* along each side of a slice */
#define NOTE_ROOM 0.22 /* above a curve, as a share of its height: its note stands there */

/** A script growing in memory. */
typedef struct script {
  FILE *stream;
  char *bytes;
  size_t size;
} script;

/** The range of an axis. */
typedef struct span {
  double min_mm, max_mm;
  int32_t n;
} span;

static span span_of(const zps_field_map *map, int axis) {
  const int32_t n[3] = {map->n_x, map->n_y, map->n_z};
  const double first[3] = {map->x_min_mm, map->y_min_mm, map->z_min_mm};
  const double step[3] = {map->step_x_mm, map->step_y_mm, map->step_z_mm};
  const span s = {first[axis], first[axis] + (step[axis] * (double)(n[axis] - 1)), n[axis]};
  return s;
}

/** The coordinate of the span nearest to 0. */
static double nearest_to_axis(span s) {
  return zps_clamp(0.0, s.min_mm, s.max_mm);
}

static double node_of(span s, int i, int n) {
  return s.min_mm + ((s.max_mm - s.min_mm) * ((double)i / (double)(n - 1)));
}

static double by_at(const zps_field_map *map, double x_mm, double y_mm, double z_mm) {
  const zps_field_plane plane = zps_field_plane_at(map, z_mm);
  return zps_field_at(map, plane, plane.between, x_mm, y_mm).y;
}

static zps_status script_open(script *s, zps_error *error) {
  *s = (script){NULL, NULL, 0};
  s->stream = open_memstream(&s->bytes, &s->size);
  return s->stream != NULL ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
}

/** Ends the script, draws it, puts the picture in place whole. */
static zps_status script_draw(script *s, const char *path, zps_error *error) {
  void *picture = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  const int failed = fclose(s->stream);
  s->stream = NULL;
  if (failed != 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
  }
  ZPS_TRY(zps_gnuplot_draw(s->bytes, s->size, &picture, &size, error));
  ZPS_TRY(zps_output_write(path, picture, size, true, error));
done:
  free(picture);
  return status;
}

static void script_free(script *s) {
  if (s->stream != NULL) {
    (void)fclose(s->stream);
  }
  free(s->bytes);
}

static void put_frame(FILE *out, int height) {
  (void)fprintf(
      out,
      "set terminal pngcairo enhanced size 1800,%d font 'Sans,30' linewidth 3\n"
      "set encoding utf8\nset minussign\nset decimalsign '.'\nset border linewidth 1.0\nset tics scale 1.2 front\n",
      height);
}

/** Data block $by: z, By, and the integral of By from the first z; gives the whole integral [T m]. */
static double put_profile_data(FILE *out, const zps_field_map *map) {
  const double x = nearest_to_axis(span_of(map, 0));
  const double y = nearest_to_axis(span_of(map, 1));
  const span z = span_of(map, 2);
  const int n = (int)fmin(MAX_SAMPLES, (SAMPLES_PER_CELL * (double)(z.n - 1)) + 1.0);
  double integral = 0.0;
  double before = 0.0;
  (void)fputs("$by << EOD\n", out);
  for (int i = 0; i < n; i++) {
    const double at = node_of(z, i, n);
    const double by = by_at(map, x, y, at);
    integral += i > 0 ? 0.5 * (by + before) * 1e-3 * ((z.max_mm - z.min_mm) / (double)(n - 1)) : 0.0;
    before = by;
    (void)fprintf(out, "%.9g %.9g %.9g\n", at, by, integral);
  }
  (void)fputs("EOD\n", out);
  return integral;
}

zps_status zps_field_plot_profile(const zps_map_content *content, const char *path_png, zps_error *error) {
  const zps_field_map *const map = &content->grid.map;
  const span z = span_of(map, 2);
  script s = {NULL, NULL, 0};
  zps_status status = ZPS_OK;
  if (content->free_axis[2]) {
    return zps_error_set(error, ZPS_INVALID, "%s: the map has no ends in z: there is no profile to draw", path_png);
  }
  ZPS_TRY(zps_output_check(path_png, true, error));
  ZPS_TRY(script_open(&s, error));
  put_frame(s.stream, 1400);
  const double integral = put_profile_data(s.stream, map);
  (void)fprintf(s.stream,
                "set xrange [%.9g:%.9g]\nset mxtics 5\nset mytics 2\n"
                "set grid xtics ytics linecolor rgb '#b8b8b8' linewidth 0.4 dashtype 3\n"
                "set lmargin at screen 0.13\nset rmargin at screen 0.96\nset multiplot\nset format x ''\n"
                "set offsets 0, 0, graph %g, graph 0.08\nset autoscale yfix\n"
                "set tmargin at screen 0.97\nset bmargin at screen 0.565\nset ylabel '{/:Italic B_y}  [T]'\n"
                "set label 1 '{/:Italic x} = %.4g mm, {/:Italic y} = %.4g mm' at graph 0.02, graph 0.93 front\n"
                "plot $by using 1:2 with lines linecolor rgb '#0072B2' linewidth 1.2 notitle\n"
                "set format x '%%g'\nset xlabel '{/:Italic z}  [mm]' offset 0,0.3\n"
                "set tmargin at screen 0.525\nset bmargin at screen 0.12\n"
                "set ylabel '∫ {/:Italic B_y} d{/:Italic z}  [T m]'\n"
                "set label 1 'in all %.5g T m' at graph 0.02, graph 0.93 front\n"
                "plot $by using 1:3 with lines linecolor rgb '#D55E00' linewidth 1.2 notitle\nunset multiplot\n",
                z.min_mm, z.max_mm, NOTE_ROOM, nearest_to_axis(span_of(map, 0)), nearest_to_axis(span_of(map, 1)),
                integral);
  ZPS_TRY(script_draw(&s, path_png, error));
done:
  script_free(&s);
  return status;
}

/** Data block of By in the plane through `fixed` on axis `across`, with z to the right; widens lo and hi. */
static void put_slice_data(FILE *out, const zps_field_map *map, const char *name, int up, double fixed, double *lo,
                           double *hi) {
  const span v = span_of(map, up);
  const span z = span_of(map, 2);
  (void)fprintf(out, "$%s << EOD\n", name);
  for (int j = 0; j < N_PIXELS; j++) {
    for (int i = 0; i < N_PIXELS; i++) {
      const double at_v = node_of(v, j, N_PIXELS);
      const double at_z = node_of(z, i, N_PIXELS);
      const double by = up == 0 ? by_at(map, at_v, fixed, at_z) : by_at(map, fixed, at_v, at_z);
      *lo = fmin(*lo, by);
      *hi = fmax(*hi, by);
      (void)fprintf(out, "%.7g %.7g %.7g\n", at_z, at_v, by);
    }
    (void)fputc('\n', out);
  }
  (void)fputs("EOD\n", out);
}

/** White is no field; two colours only when the field has both signs. */
static void put_palette(FILE *out, double lo, double hi) {
  const double largest = fmax(fabs(lo), fabs(hi)) > 0.0 ? fmax(fabs(lo), fabs(hi)) : 1.0;
  if (lo < -0.02 * largest && hi > 0.02 * largest) {
    (void)fprintf(out,
                  "set palette defined (-1 '#7f2d00', -0.5 '#D55E00', 0 '#ffffff', 0.5 '#0072B2', 1 '#00243a')\n"
                  "set cbrange [%.4g:%.4g]\n",
                  -largest, largest);
  } else if (hi > -lo) {
    (void)fprintf(out,
                  "set palette defined (0 '#ffffff', 0.35 '#b9d9ee', 0.7 '#0072B2', 1 '#00243a')\n"
                  "set cbrange [0:%.4g]\n",
                  largest);
  } else {
    (void)fprintf(out,
                  "set palette defined (0 '#3d1500', 0.3 '#D55E00', 0.65 '#f5cdb3', 1 '#ffffff')\n"
                  "set cbrange [%.4g:0]\n",
                  -largest);
  }
}

/** Distance between the numbers of an axis: 1, 2 or 5 times a power of ten, some four along the span. */
static double tic_of(span s) {
  const double rough = (s.max_mm - s.min_mm) / 4.0;
  const double decade = pow(10.0, floor(log10(rough)));
  const double lead = rough / decade;
  return decade * (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0);
}

static void put_panel(FILE *out, const zps_field_map *map, const char *name, int up, double top, double bottom) {
  const span v = span_of(map, up);
  const span z = span_of(map, 2);
  const char letter = "xyz"[up];
  const int other = up == 0 ? 1 : 0;
  (void)fprintf(out,
                "set tmargin at screen %g\nset bmargin at screen %g\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n"
                "set ytics %.9g\nset ylabel '{/:Italic %c}  [mm]'\n"
                "set label 1 '{/:Italic %c} = %.4g mm' at graph 0.015, graph 0.92 front boxed\n",
                top, bottom, z.min_mm, z.max_mm, v.min_mm, v.max_mm, tic_of(v), letter, "xyz"[other],
                nearest_to_axis(span_of(map, other)));
  (void)fprintf(out, "plot $%s using 1:2:3 with image notitle\n", name);
}

zps_status zps_field_plot_slices(const zps_map_content *content, const char *path_png, zps_error *error) {
  const zps_field_map *const map = &content->grid.map;
  double lo = 0.0;
  double hi = 0.0;
  script s = {NULL, NULL, 0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_output_check(path_png, true, error));
  ZPS_TRY(script_open(&s, error));
  put_frame(s.stream, 1400);
  put_slice_data(s.stream, map, "side", 1, nearest_to_axis(span_of(map, 0)), &lo, &hi);
  put_slice_data(s.stream, map, "top", 0, nearest_to_axis(span_of(map, 1)), &lo, &hi);
  put_palette(s.stream, lo, hi);
  (void)fputs("set tics out nomirror\nset mxtics 5\nset mytics 2\nset cbtics scale 0.6\n"
              "set lmargin at screen 0.14\nset rmargin at screen 0.83\n"
              "set colorbox user origin 0.86, 0.12 size 0.025, 0.85\n"
              "set style textbox opaque noborder\n"
              "set cblabel '{/:Italic B_y}  [T]' offset 1\nset multiplot\nset format x ''\n",
              s.stream);
  put_panel(s.stream, map, "side", 1, 0.97, 0.565);
  (void)fputs("unset colorbox\nset format x '%g'\nset xlabel '{/:Italic z}  [mm]' offset 0,0.3\n", s.stream);
  put_panel(s.stream, map, "top", 0, 0.525, 0.12);
  (void)fputs("unset multiplot\n", s.stream);
  ZPS_TRY(script_draw(&s, path_png, error));
done:
  script_free(&s);
  return status;
}
