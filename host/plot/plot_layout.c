#include "host/plot/plot_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plot/figure.h"
#include "host/plot/gnuplot.h"
#include "host/run/muon_track.h"
#include "host/run/plan.h"

#define N_TRACK 4
#define N_CURVE 24          /* points of a track inside a field */
#define COUNTER_SHIFT 0.004 /* of the z range, between triggers whose counters would hide one another */
#define NARROW 0.07         /* of the z range: names of narrower elements stand upright above the frame */

#define NAME_HEIGHT 0.034 /* of the z range */
#define NAMES_PX 168.0    /* above the frame */

typedef struct view {
  double z_lo, z_hi, x_lo, x_hi; /* mm */
} view;

static view choose_view(const zps_job *job) {
  const zps_job_element *const last = &job->elements[job->n_elements - 1];
  view v = {job->elements[0].start_mm, last->start_mm + last->length_mm, -100.0, 100.0};
  for (size_t t = 0; t < job->n_triggers; t++) {
    for (size_t c = 0; c < job->triggers[t].n_counters; c++) {
      const zps_job_counter *const counter = &job->triggers[t].counters[c];
      v.x_lo = fmin(v.x_lo, counter->edge_x_mm - counter->width_mm);
      v.x_hi = fmax(v.x_hi, counter->edge_x_mm);
    }
  }
  const double z_margin = (0.03 + (0.5 * COUNTER_SHIFT * (double)job->n_triggers)) * (v.z_hi - v.z_lo);
  const double x_margin = 0.12 * (v.x_hi - v.x_lo);
  /* Matter on both sides of the axis shows at least as far as the nearer side needs. */
  return (view){v.z_lo - z_margin, v.z_hi + z_margin, v.x_lo - x_margin, fmax(v.x_hi, -0.5 * v.x_lo) + x_margin};
}

static bool is_plane(const zps_job_element *e) {
  return e->kind == ZPS_ELEMENT_PLANE;
}

/** 0: without end. */
static double width_of(const zps_job_element *e) {
  return e->kind == ZPS_ELEMENT_FIELD ? e->field.width_mm : e->width_mm;
}

static void put_box(FILE *out, const view *v, const double z[2], const double x[2], const char *colour) {
  const double lo = fmax(x[0], v->x_lo);
  const double hi = fmin(x[1], v->x_hi);
  if (lo < hi) {
    (void)fprintf(out,
                  "set object rectangle from %.6g,%.6g to %.6g,%.6g back fillcolor rgb '%s' fillstyle solid border "
                  "linecolor rgb '#707070' linewidth 0.5\n",
                  1e-3 * z[0], lo, 1e-3 * z[1], hi, colour);
  }
}

/** x: NULL = no end on either side. */
static void put_csv_line(FILE *csv, const char *what, const char *name, const double z[2], const double *x) {
  (void)fprintf(csv, "%s,", what);
  zps_picture_put_field(csv, name, "");
  (void)fprintf(csv, ",%.10g,%.10g", z[0], z[1]);
  if (x != NULL) {
    (void)fprintf(csv, ",%.10g,%.10g\n", x[0], x[1]);
  } else {
    (void)fputs(",,\n", csv);
  }
}

static bool has_counter(const zps_job *job, const zps_job_element *e) {
  for (size_t t = 0; t < job->n_triggers; t++) {
    for (size_t c = 0; c < job->triggers[t].n_counters; c++) {
      if (strcmp(job->triggers[t].counters[c].plane, e->name) == 0) {
        return true;
      }
    }
  }
  return false;
}

/** A plane that no counter stands for: trackers, planes that a muon is required to cross. */
static void put_plane(FILE *out, FILE *csv, const view *v, const zps_job_element *e) {
  const bool has_end = width_of(e) > 0.0;
  const double x[2] = {has_end ? -0.5 * width_of(e) : v->x_lo, has_end ? 0.5 * width_of(e) : v->x_hi};
  const double z[2] = {e->start_mm, e->start_mm};
  put_csv_line(csv, "plane", e->name, z, has_end ? x : NULL);
  (void)fprintf(out,
                "set arrow from %.6g,%.6g to %.6g,%.6g nohead linecolor rgb '#505050' linewidth 1.0 dashtype 2 back\n",
                1e-3 * z[0], fmax(x[0], v->x_lo), 1e-3 * z[0], fmin(x[1], v->x_hi));
}

static void put_element(FILE *out, FILE *csv, const view *v, const zps_job_element *e) {
  const char *const colour = e->kind == ZPS_ELEMENT_FIELD ? "#d3e8f5" : e->response > 0.0 ? "#e4e4e4" : "#f6ecc8";
  const bool has_end = width_of(e) > 0.0;
  const double half = has_end ? 0.5 * width_of(e) : 2.0 * fmax(-v->x_lo, v->x_hi);
  const double hole = 0.5 * e->hole_mm;
  const double z[2] = {e->start_mm, e->start_mm + e->length_mm};
  const double whole[2] = {-half, half};
  const double lower[2] = {-half, -hole};
  const double upper[2] = {hole, half};
  put_csv_line(csv, "element", e->name, z, has_end ? whole : NULL);
  if (hole > 0.0) {
    put_box(out, v, z, lower, colour);
    put_box(out, v, z, upper, colour);
  } else {
    put_box(out, v, z, whole, colour);
  }
}

/** *taken_mm: where the last upright name stands; the next keeps its distance. */
static zps_status put_name(FILE *out, const view *v, const zps_job_element *e, double *taken_mm, zps_error *error) {
  char *const name = zps_gnuplot_quote(e->name);
  const double range = v->z_hi - v->z_lo;
  double z = e->start_mm + (0.5 * e->length_mm);
  if (name == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
  }
  if (e->length_mm > NARROW * range) {
    (void)fprintf(out, "set label %s at %.6g, graph 1.035 center noenhanced font ',26'\n", name, 1e-3 * z);
  } else {
    z = fmax(z, *taken_mm + (NAME_HEIGHT * range));
    *taken_mm = z;
    (void)fprintf(out, "set label %s at %.6g, graph 1.02 rotate by 90 left noenhanced font ',26'\n", name, 1e-3 * z);
  }
  free(name);
  return ZPS_OK;
}

/** Data block $counter<t>: z, lower end and width of each counter of trigger t, shifted along z so that all triggers
 * are seen. */
static void put_counters(FILE *out, FILE *csv, const view *v, const zps_job *job) {
  for (size_t t = 0; t < job->n_triggers; t++) {
    const zps_job_trigger *const trigger = &job->triggers[t];
    const double shift = COUNTER_SHIFT * (v->z_hi - v->z_lo) * ((double)t - (0.5 * (double)(job->n_triggers - 1)));
    (void)fprintf(out, "$counter%zu << EOD\n", t);
    for (size_t c = 0; c < trigger->n_counters; c++) {
      const zps_job_counter *const counter = &trigger->counters[c];
      double z[2] = {0.0, 0.0};
      for (size_t i = 0; i < job->n_elements; i++) {
        z[0] = strcmp(job->elements[i].name, counter->plane) == 0 ? job->elements[i].start_mm : z[0];
      }
      z[1] = z[0];
      const double x[2] = {counter->edge_x_mm - counter->width_mm, counter->edge_x_mm};
      put_csv_line(csv, "counter", trigger->name, z, x);
      (void)fprintf(out, "%.6g %.6g %.6g\n", 1e-3 * (z[0] + shift), x[0], x[1] - x[0]);
    }
    (void)fputs("EOD\n", out);
  }
}

static void add_plane(zps_job *job, const char *name, double z_mm) {
  zps_job_element *const e = &job->elements[job->n_elements++];
  *e = (zps_job_element){.kind = ZPS_ELEMENT_PLANE, .start_mm = z_mm};
  (void)snprintf(e->name, sizeof e->name, "%s", name);
}

/** A job that carries plain muons through the same layout, with planes before and behind every block: the points of a
 *  track. Fields come first, as there are at most ZPS_MAX_ELEMENTS. NULL when out of memory. */
static zps_job *watched_job(const zps_job *job) {
  zps_job *const watched = (zps_job *)malloc(sizeof *watched);
  size_t n_free = ZPS_MAX_ELEMENTS - job->n_elements;
  if (watched == NULL) {
    return NULL;
  }
  *watched = *job;
  watched->process.kind = ZPS_PROCESS_NONE;
  watched->beam.file[0] = '\0';
  watched->placement.given = false;
  watched->n_elements = 0;
  for (size_t i = 0; i < job->n_elements; i++) {
    const zps_job_element *const e = &job->elements[i];
    const bool watch = i > 0 && !is_plane(e) && n_free >= 2;
    char name[ZPS_NAME_SIZE];
    if (watch) {
      (void)snprintf(name, sizeof name, "before %zu", i);
      add_plane(watched, name, e->start_mm);
    }
    watched->elements[watched->n_elements++] = *e;
    if (watch) {
      (void)snprintf(name, sizeof name, "behind %zu", i);
      add_plane(watched, name, e->start_mm + e->length_mm);
      n_free -= 2;
    }
  }
  return watched;
}

/** One track on its way into the picture. */
typedef struct pencil {
  FILE *out, *csv;
  const char *name;
  double z, x, tx; /* last point */
} pencil;

static void put_point(const pencil *p, double z, double x) {
  const double zs[2] = {z, z};
  const double xs[2] = {x, x};
  (void)fprintf(p->out, "%.8g %.8g\n", 1e-3 * z, x);
  put_csv_line(p->csv, "track", p->name, zs, xs);
}

/** Cubic from the last point to a plane, by positions and slopes (Hermite): straight where there is no field. */
static void draw_to(pencil *p, double z, const zps_plane_state *state) {
  const double dz = z - p->z;
  const int n = fabs(state->tx - p->tx) > 1e-9 ? N_CURVE : 1;
  for (int i = 1; i <= n && dz > 0.0; i++) {
    const double s = (double)i / n;
    const double r = 1.0 - s;
    const double x = (r * r * (1.0 + (2.0 * s)) * p->x) + (s * s * (3.0 - (2.0 * s)) * state->x_mm) +
                     (s * r * dz * ((r * p->tx) - (s * state->tx)));
    put_point(p, p->z + (s * dz), x);
  }
  p->z = z;
  p->x = state->x_mm;
  p->tx = state->tx;
}

static void put_track(FILE *out, FILE *csv, const zps_plan *plan, double p_gev, size_t i_track) {
  zps_plane_state planes[ZPS_MAX_ELEMENTS];
  const zps_track_start start = {.p_gev = p_gev};
  size_t n = 0;
  char name[32];
  (void)snprintf(name, sizeof name, "%.4g GeV", p_gev);
  (void)zps_muon_track(&plan->setup, &start, planes, &n);
  pencil p = {out, csv, name, plan->setup.elements[0].z_end_mm, 0.0, 0.0};
  (void)fprintf(out, "$track%zu << EOD\n", i_track);
  if (i_track == 0) {
    put_point(&p, plan->setup.elements[0].z_start_mm, 0.0);
  }
  put_point(&p, p.z, 0.0);
  for (size_t i = 0; i < n; i++) {
    draw_to(&p, plan->setup.elements[zps_plane_element(&plan->setup, i)].z_start_mm, &planes[i]);
  }
  (void)fputs("EOD\n", out);
}

static void track_momenta(const zps_job *job, double p_gev[N_TRACK]) {
  p_gev[0] = job->beam.p_gev;
  for (int i = 1; i < N_TRACK; i++) {
    p_gev[i] = fmin(job->selection.p_out_max_gev, job->beam.p_gev) / (double)(1 << (i - 1));
  }
}

static zps_status put_tracks(FILE *out, FILE *csv, const zps_job *job, zps_error *error) {
  double p_gev[N_TRACK];
  zps_plan plan;
  zps_job *watched = watched_job(job);
  zps_status status = ZPS_OK;
  memset(&plan, 0, sizeof plan);
  if (watched == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
  }
  track_momenta(job, p_gev);
  ZPS_TRY(zps_plan_build(watched, (zps_mass_range){0, 0}, 0, &plan, error));
  for (size_t i = 0; i < N_TRACK; i++) {
    put_track(out, csv, &plan, p_gev[i], i);
  }
done:
  zps_plan_free(&plan);
  free(watched);
  return status;
}

/** A separator for the parts of a plot command. */
static const char *next_part(size_t *n_part) {
  return (*n_part)++ == 0 ? "plot " : ", \\\n     ";
}

static zps_status put_plot(FILE *out, const zps_job *job, bool with_tracks, zps_error *error) {
  static const char *const colours[N_TRACK] = {"#000000", "#0072B2", "#56B4E9", "#CC79A7"};
  static const int dashes[N_TRACK] = {1, 1, 2, 4};
  double p_gev[N_TRACK];
  size_t n_part = 0;
  track_momenta(job, p_gev);
  for (size_t i = 0; i < N_TRACK && with_tracks; i++) {
    (void)fprintf(out,
                  "%s$track%zu using 1:2 with lines linecolor rgb '%s' linewidth 1.1 dashtype %d title 'μ, %.4g GeV'",
                  next_part(&n_part), i, colours[i], dashes[i], p_gev[i]);
  }
  for (size_t t = 0; t < job->n_triggers; t++) {
    char *const name = zps_gnuplot_quote(job->triggers[t].name);
    if (name == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory for a picture");
    }
    const zps_picture_style style = zps_picture_trigger(t);
    (void)fprintf(out,
                  "%s$counter%zu using 1:2:(0):3 with vectors nohead linecolor rgb '%s' linewidth 2.4 dashtype %s "
                  "title %s noenhanced",
                  next_part(&n_part), t, style.colour, style.short_dash, name);
    free(name);
  }
  (void)fputs(n_part > 0 ? "\n" : "plot NaN notitle\n", out);
  return ZPS_OK;
}

static zps_legend legend_of(const zps_job *job, bool with_tracks) {
  zps_legend legend = {0, 0};
  double p_gev[N_TRACK];
  char label[32];
  track_momenta(job, p_gev);
  for (size_t i = 0; i < N_TRACK && with_tracks; i++) {
    (void)snprintf(label, sizeof label, "μ, %.4g GeV", p_gev[i]);
    zps_legend_add(&legend, label);
  }
  for (size_t t = 0; t < job->n_triggers; t++) {
    zps_legend_add(&legend, job->triggers[t].name);
  }
  return legend;
}

zps_status zps_plot_layout(const zps_job *job, bool with_tracks, const char *path_png, zps_error *error) {
  zps_figure figure = {0};
  zps_status status = ZPS_OK;
  const view v = choose_view(job);
  double taken_mm = -HUGE_VAL;
  ZPS_TRY(zps_figure_open(&figure, path_png, error));
  FILE *const out = figure.script.stream;
  FILE *const csv = figure.table.stream;
  figure.legend = legend_of(job, with_tracks);
  (void)fprintf(out,
                "set minussign\nset xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\nset tmargin at screen %.5f\n"
                "set xlabel '{/:Italic z}  [m]' offset 0,0.5\nset ylabel '{/:Italic x}  [mm]'\nset mxtics 4\n"
                "set mytics 5\n",
                1e-3 * v.z_lo, 1e-3 * v.z_hi, v.x_lo, v.x_hi, 1.0 - (NAMES_PX / zps_legend_canvas_px(&figure.legend)));
  zps_legend_put(out, &figure.legend);
  (void)fputs("what,name,z_lo_mm,z_hi_mm,x_lo_mm,x_hi_mm\n", csv);
  for (size_t i = 0; i < job->n_elements; i++) {
    if (!is_plane(&job->elements[i])) {
      put_element(out, csv, &v, &job->elements[i]);
    } else if (!has_counter(job, &job->elements[i])) {
      put_plane(out, csv, &v, &job->elements[i]);
    }
    ZPS_TRY(put_name(out, &v, &job->elements[i], &taken_mm, error));
  }
  put_counters(out, csv, &v, job);
  if (with_tracks) {
    ZPS_TRY(put_tracks(out, csv, job, error));
  }
  ZPS_TRY(put_plot(out, job, with_tracks, error));
  ZPS_TRY(zps_figure_finish(&figure, error));
done:
  zps_figure_free(&figure);
  return status;
}
