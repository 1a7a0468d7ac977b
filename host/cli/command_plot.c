/* zpscan plot: pictures of a result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/plot/plot.h"

enum plot_key { KEY_OUTPUT = 'o' };

typedef struct plot_options {
  const char *file;
  const char *folder;
} plot_options;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "DIR", 0, "folder to write to (default: this one)", 0}, {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  plot_options *const o = (plot_options *)target;
  (void)error;
  if (key == ARGP_KEY_ARG) {
    o->file = value;
  } else {
    o->folder = value;
  }
  return ZPS_OK;
}

static const zps_arguments arguments = {
    "zpscan plot",
    "FILE.h5",
    1,
    1,
    "Draws efficiency.png (with efficiency.csv) and yield.png; existing ones are replaced. Needs gnuplot.\v"
    "Units: GeV. yield.png needs at least two masses and two couplings.\n"
    "Example: zpscan plot na64mu-2022.h5 -o pictures",
    options,
    set};

static zps_status check_folder(const char *folder, zps_error *error) {
  struct stat facts;
  if (stat(folder, &facts) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot write: %s", folder, strerror(errno));
  }
  return S_ISDIR(facts.st_mode) ? ZPS_OK : zps_error_set(error, ZPS_INVALID, "%s: expected a folder", folder);
}

typedef zps_status (*draw_picture)(const zps_result *result, const char *path_png, zps_error *error);

static zps_status draw(const plot_options *o, const char *name, const zps_result *result, draw_picture picture,
                       zps_error *error) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", o->folder, name) < 0) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  const zps_status status = picture(result, path, error);
  if (status == ZPS_OK) {
    (void)printf("%s\n", path);
  }
  free(path);
  return status;
}

zps_status zps_command_plot(int argc, char **argv, zps_error *error) {
  plot_options o = {.folder = "."};
  zps_result result = {0};
  bool helped = false;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(check_folder(o.folder, error));
  ZPS_TRY(zps_result_read(o.file, &result, error));
  ZPS_TRY(draw(&o, "efficiency.png", &result, zps_plot_efficiency, error));
  if (result.n_mass > 1 && result.n_coupling > 1) {
    ZPS_TRY(draw(&o, "yield.png", &result, zps_plot_yield, error));
  }
done:
  zps_result_free(&result);
  return status;
}
