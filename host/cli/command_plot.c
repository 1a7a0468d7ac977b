/* zpscan plot: pictures of a result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/limit_argument.h"
#include "host/cli/message.h"
#include "host/io/output.h"
#include "host/plot/plot.h"
#include "host/plot/plot_e_cal.h"
#include "host/plot/plot_layout.h"
#include "host/plot/plot_limit.h"

enum plot_key { KEY_OUTPUT = 'o', KEY_METHOD = 256, KEY_SET, KEY_OVERLAY, KEY_OVERLAY_DARK, KEY_THERMAL };

typedef struct plot_options {
  const char *file;
  const char *folder;
  const char *overlay, *overlay_dark; /* NULL = none */
  zps_limit_method method;
  zps_job_argument settings;
  bool thermal;
} plot_options;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "DIR", 0, "folder to write to, made where there is none (default: this one)", 0},
    {"method", KEY_METHOD, "NAME", 0, "of the limits: exact (default) or asymptotic", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, ZPS_LIMIT_SET_HELP, 0},
    {"overlay", KEY_OVERLAY, "CSV", 0,
     "curves of other experiments in the exclusion: lines mass,limit,label (GeV, coupling)", 0},
    {"overlay-dark", KEY_OVERLAY_DARK, "CSV", 0, "the same in thermal.png: m_chi, y, label", 0},
    {"thermal", KEY_THERMAL, NULL, 0,
     "draw thermal.png: y over m_chi with thermal targets (some 25 s); needs dark matter, from the job or --set", 0},
    {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  plot_options *const o = (plot_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->file = value;
    return ZPS_OK;
  case KEY_METHOD:
    return zps_limit_argument_method(value, &o->method, error);
  case KEY_SET:
    return zps_limit_argument_set(&o->settings, value, error);
  case KEY_OVERLAY:
    o->overlay = value;
    return ZPS_OK;
  case KEY_OVERLAY_DARK:
    o->overlay_dark = value;
    return ZPS_OK;
  case KEY_THERMAL:
    o->thermal = true;
    return ZPS_OK;
  default:
    o->folder = value;
    return ZPS_OK;
  }
}

static const zps_arguments arguments = {
    "zpscan plot",
    "FILE.h5",
    1,
    1,
    "Draws efficiency, yield, e_cal, exclusion, expected and layout, each as png, pdf and csv; existing ones are "
    "replaced. "
    "Needs gnuplot.\v"
    "Units: GeV. yield needs a Z', at least two masses and two couplings; e_cal needs muons that fire a trigger; "
    "exclusion and expected need a vector and a mass with events accepted. What cannot be drawn is left out, with a "
    "line that says why.\n"
    "Example: zpscan plot na64mu-2022.h5 -o pictures --method asymptotic\n"
    "Example: zpscan plot na64mu-2022.h5 --thermal --set process.dark_matter.kind=scalar",
    options,
    set};

/** Makes the folder where there is none; *made then. */
static zps_status make_folder(const char *folder, bool *made, zps_error *error) {
  struct stat facts;
  *made = mkdir(folder, 0777) == 0;
  if (!*made && errno != EEXIST) {
    return zps_error_set(error, ZPS_IO, "%s: cannot make the folder: %s", folder, strerror(errno));
  }
  if (stat(folder, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return zps_error_set(error, ZPS_INVALID, "%s: expected a folder", folder);
  }
  return ZPS_OK;
}

/** A curve of the user's that has the name of a table of ours. path: NULL = none. */
static zps_status keep_overlay(const char *folder, const char *option, const char *path, zps_error *error) {
  static const char *const tables[] = {"efficiency", "yield", "e_cal", "exclusion", "expected", "thermal", "layout"};
  for (size_t i = 0; path != NULL && i < sizeof tables / sizeof tables[0]; i++) {
    char *table = NULL;
    if (asprintf(&table, "%s/%s.csv", folder, tables[i]) < 0) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory");
    }
    const bool is_table = zps_output_is_same(path, table);
    free(table);
    if (is_table) {
      return zps_error_set(error, ZPS_USAGE,
                           "%s %s: would be replaced by the table of a picture: expected another file", option, path);
    }
  }
  return ZPS_OK;
}

static zps_status check_options(const plot_options *o, zps_error *error) {
  zps_status status = ZPS_OK;
  if (o->overlay_dark != NULL && !o->thermal) {
    return zps_error_set(error, ZPS_USAGE, "--overlay-dark: expected --thermal beside it");
  }
  ZPS_TRY(keep_overlay(o->folder, "--overlay", o->overlay, error));
  ZPS_TRY(keep_overlay(o->folder, "--overlay-dark", o->overlay_dark, error));
done:
  return status;
}

/** Everything pictures are made of. */
typedef struct subject {
  const plot_options *options;
  zps_result result;
  zps_job *job;
  zps_limit_curve curve;
  zps_overlay overlay, overlay_dark;
} subject;

/** Draws a picture, or says whether there is one to draw. */
typedef zps_status (*draw_picture)(const subject *s, const char *path_png, zps_error *error);

static zps_status draw_efficiency(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_efficiency(s->job, &s->result, path_png, error);
}

static zps_status check_yield(const subject *s, const char *path_png, zps_error *error) {
  return s->job->process.kind == ZPS_PROCESS_Z_PRIME
             ? zps_plot_yield_check(s->job, &s->result, path_png, error)
             : zps_error_set(error, ZPS_INVALID, "%s: process.kind = none: plain muons have no yield", path_png);
}

static zps_status draw_yield(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_yield(s->job, &s->result, path_png, error);
}

static zps_status check_e_cal(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_e_cal_check(s->job, &s->result, path_png, error);
}

static zps_status draw_e_cal(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_e_cal(s->job, &s->result, path_png, error);
}

static zps_status draw_exclusion(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_exclusion(&s->curve, &s->overlay, path_png, error);
}

static zps_status draw_expected(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_expected(&s->curve, path_png, error);
}

static zps_status draw_thermal(const subject *s, const char *path_png, zps_error *error) {
  return zps_plot_thermal(&s->curve, &s->overlay_dark, path_png, error);
}

/** A field map that is not on this machine costs the tracks, not the picture. */
static zps_status draw_layout(const subject *s, const char *path_png, zps_error *error) {
  zps_error inner = {ZPS_OK, ""};
  zps_status status = zps_plot_layout(s->job, true, path_png, &inner);
  if (status == ZPS_IO || status == ZPS_INVALID) {
    zps_message("zpscan plot", inner.text);
    zps_message("zpscan plot", "layout.png: drawn without tracks");
    return zps_plot_layout(s->job, false, path_png, error);
  }
  return status == ZPS_OK ? status : zps_error_set(error, status, "%s", inner.text);
}

static zps_status draw(const subject *s, const char *name, draw_picture picture, zps_error *error) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", s->options->folder, name) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  const zps_status status = picture(s, path, error);
  if (status == ZPS_OK) {
    (void)printf("%s\n", path);
  }
  free(path);
  return status;
}

/** What a result is not for costs a picture and a line, not the others. */
static void leave_out(const char *why) {
  char line[ZPS_ERROR_TEXT_SIZE + 16];
  (void)snprintf(line, sizeof line, "left out: %s", why);
  zps_message("zpscan plot", line);
}

static zps_status draw_if(const subject *s, const char *name, draw_picture check, draw_picture picture,
                          zps_error *error) {
  zps_error why = {ZPS_OK, ""};
  if (check(s, name, &why) != ZPS_OK) {
    leave_out(why.text);
    return ZPS_OK;
  }
  return draw(s, name, picture, error);
}

static bool has_limit(const subject *s) {
  for (size_t i = 0; s->curve.points != NULL && i < s->result.n_mass; i++) {
    if (s->curve.points[i].has_limit) {
      return true;
    }
  }
  return false;
}

static const char *why_no_limit(const zps_job_process *process) {
  return process->kind != ZPS_PROCESS_Z_PRIME
             ? "exclusion.png, expected.png: process.kind = none: plain muons limit nothing"
         : process->mediator != ZPS_MEDIATOR_VECTOR
             ? "exclusion.png, expected.png: process.mediator: limits and the g-2 band are for a vector alone"
             : "exclusion.png, expected.png: no mass has a limit";
}

/** Names the curves of other experiments that lie beside the axis of a picture. */
static void name_overlays(const char *picture, const zps_overlay *overlay, const double ends[2]) {
  for (size_t c = 0; c < overlay->n_curve; c++) {
    double limits[2];
    char why[ZPS_NAME_SIZE + 128];
    if (!zps_overlay_range(overlay, c, ends[0], ends[1], limits)) {
      (void)snprintf(why, sizeof why, "%s: curve %s lies outside of its %.4g .. %.4g GeV", picture, overlay->labels[c],
                     ends[0], ends[1]);
      leave_out(why);
    }
  }
}

static zps_status draw_limits(const subject *s, zps_error *error) {
  double ends[2];
  zps_status status = ZPS_OK;
  if (!has_limit(s)) {
    leave_out(why_no_limit(&s->job->process));
    return ZPS_OK;
  }
  ZPS_TRY(draw(s, "exclusion.png", draw_exclusion, error));
  zps_plot_exclusion_masses(&s->curve, &s->overlay, ends);
  name_overlays("exclusion.png", &s->overlay, ends);
  ZPS_TRY(draw(s, "expected.png", draw_expected, error));
done:
  return status;
}

static zps_status draw_dark_matter(const subject *s, zps_error *error) {
  double ends[2];
  const zps_status status = draw(s, "thermal.png", draw_thermal, error);
  if (status == ZPS_OK) {
    zps_plot_thermal_masses(&s->curve, &s->overlay_dark, ends);
    name_overlays("thermal.png", &s->overlay_dark, ends);
  }
  return status;
}

/** A vector's limit; thermal targets, when they are asked for, of anything else are refused. */
static zps_status find_limits(subject *s, zps_error *error) {
  const zps_job_process *const process = &s->job->process;
  zps_error inner = {ZPS_OK, ""};
  const bool is_vector = process->kind == ZPS_PROCESS_Z_PRIME && process->mediator == ZPS_MEDIATOR_VECTOR;
  if (!is_vector && !s->options->thermal) {
    return ZPS_OK;
  }
  const zps_status status = zps_limit_curve_find(s->job, &s->result, s->options->method, &s->curve, &inner);
  return status == ZPS_OK ? ZPS_OK : zps_error_set(error, status, "%s: %s", s->options->file, inner.text);
}

static zps_status read_subject(subject *s, zps_error *error) {
  const plot_options *const o = s->options;
  zps_status status = ZPS_OK;
  if (o->overlay != NULL) {
    ZPS_TRY(zps_overlay_read(o->overlay, &s->overlay, error));
  }
  if (o->overlay_dark != NULL) {
    ZPS_TRY(zps_overlay_read(o->overlay_dark, &s->overlay_dark, error));
  }
  ZPS_TRY(zps_limit_argument_read(o->file, &o->settings, 0.0, &s->result, &s->job, error));
  if (o->thermal) {
    ZPS_TRY(zps_plot_thermal_check(s->job, "thermal.png", error));
  }
  ZPS_TRY(find_limits(s, error));
done:
  return status;
}

static zps_status draw_all(const subject *s, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(draw(s, "efficiency.png", draw_efficiency, error));
  ZPS_TRY(draw_if(s, "yield.png", check_yield, draw_yield, error));
  ZPS_TRY(draw_if(s, "e_cal.png", check_e_cal, draw_e_cal, error));
  ZPS_TRY(draw_limits(s, error));
  ZPS_TRY(s->options->thermal ? draw_dark_matter(s, error) : ZPS_OK);
  ZPS_TRY(draw(s, "layout.png", draw_layout, error));
done:
  return status;
}

zps_status zps_command_plot(int argc, char **argv, zps_error *error) {
  plot_options o = {.folder = ".", .method = ZPS_LIMIT_EXACT};
  subject s = {.options = &o};
  bool helped = false;
  bool made = false;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(check_options(&o, error));
  ZPS_TRY(read_subject(&s, error));
  ZPS_TRY(make_folder(o.folder, &made, error));
  ZPS_TRY(draw_all(&s, error));
done:
  if (made && status != ZPS_OK) {
    (void)rmdir(o.folder); /* unless there are pictures in it */
  }
  zps_limit_curve_free(&s.curve);
  zps_overlay_free(&s.overlay);
  zps_overlay_free(&s.overlay_dark);
  zps_job_argument_free(s.job);
  zps_result_free(&s.result);
  return status;
}
