/* zpscan optimize: where to put the counters of the first trigger. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/job_argument.h"
#include "host/cli/json_print.h"
#include "host/cli/message.h"
#include "host/cli/placement_summary.h"
#include "host/cli/run_argument.h"
#include "host/io/output.h"
#include "host/job/job_warning.h"
#include "host/job/number.h"
#include "host/place/derived_job.h"
#include "host/place/placement_file.h"
#include "host/place/placement_study.h"
#include "host/plot/picture.h"
#include "host/plot/plot_placement.h"
#include "kernels/rng.h"

#define N_REPLICAS 100
#define FLAT 0.01
#define FRONT_GAIN 0.005
#define NAME_SIZE (ZPS_PATH_SIZE + 64) /* of a stem with what is added to it */
#define MAX_SCAN 64                    /* of placement.scan_values */

enum optimize_key {
  KEY_OUTPUT = 'o',
  KEY_AT = 256,
  KEY_JSON,
  KEY_BEAM,
  KEY_MASSES,
  KEY_WEIGHTS,
  KEY_N_UP,
  KEY_RATE_MAX,
  KEY_SHIFT,
  KEY_Y,
  KEY_REPLICAS,
  KEY_ENGINE,
  KEY_THREADS,
  KEY_EVENTS,
  KEY_BEAM_EVENTS,
  KEY_SEED,
  KEY_SET,
  KEY_RESUME,
  KEY_EXTEND,
  KEY_FORCE,
  KEY_QUIET
};

/** What was asked for. */
typedef struct optimize_options {
  zps_job_argument job; /* its path is the operand, also for a result */
  zps_run_request request;
  zps_study_options study;
  const char *output, *beam;
  const char *run_option; /* first option given that is for a job alone, NULL = none */
  uint64_t events, beam_events, seed;
  bool has_events, has_beam_events, has_seed, json, quiet;
} optimize_options;

static const struct argp_option options[] = {
    {"at", KEY_AT, "X4,XM", 0, "one pair of near edges [mm] instead of the best: counts at every mass", 0},
    {"json", KEY_JSON, NULL, 0, "as JSON", 0},
    {"beam", KEY_BEAM, "BEAM.h5", 0, "run of the beam for a FILE.h5 (default: FILE-beam.h5, if it is there)", 0},
    {"output", KEY_OUTPUT, "DIR|STEM", 0, "folder or beginning of the names of what is written", 0},
    {"masses-gev", KEY_MASSES, "LO:HI", 0, "masses the figure of merit is a mean over (default: all)", 0},
    {"weights", KEY_WEIGHTS, "log|equal", 0,
     "of masses in it: by the range of ln m each stands for (default), or alike", 0},
    {"n-up", KEY_N_UP, "N", 0, "events at g90 (default 2.303)", 0},
    {"rate-max", KEY_RATE_MAX, "R", 0,
     "highest trigger rate per muon, for upper limits (default: that of the job's loosest trigger)", 0},
    {"shift", KEY_SHIFT, "D,D,...", 0, "displacements of the counters [mm] (default 1,5, rounded to the lattice)", 0},
    {"y-mm", KEY_Y, "Y[,YM]", 0,
     "height of the counters, or of the first and the last: a pair that the job counts (default 0)", 0},
    {"replicas", KEY_REPLICAS, "N", 0, "for the uncertainty of the optimum (default 100; 0 = none)", 0},
    {"engine", KEY_ENGINE, "NAME", 0, "for a job: auto, cpu, cuda or check (default auto)", 0},
    {"threads", KEY_THREADS, "N", 0, "for a job: 0 = as run does (default)", 0},
    {"events", KEY_EVENTS, "N", 0, "for a job: events per mass, instead of the job's", 0},
    {"beam-events", KEY_BEAM_EVENTS, "N", 0, "for a job: beam muons, instead of placement.beam_events; 0 = no rates",
     0},
    {"seed", KEY_SEED, "S", 0, "for a job: instead of the job's", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "for a job: change a key", 0},
    {"resume", KEY_RESUME, NULL, 0, "for a job: go on where an interrupted run stopped", 0},
    {"extend", KEY_EXTEND, NULL, 0, "for a job: add events to finished results, up to --events and --beam-events", 0},
    {"force", KEY_FORCE, NULL, 0, "for a job: replace results that exist", 0},
    {"quiet", KEY_QUIET, NULL, 0, "no progress", 0},
    {0}};

/** Numbers between separators: exactly n of them, or up to n when `fewer` is true; returns how many, 0 = not so. */
static size_t split_numbers(const char *text, char separator, size_t n, bool fewer, double *values) {
  size_t found = 0;
  for (const char *from = text;; from++) {
    const char *const next = strchr(from, separator);
    const size_t length = next != NULL ? (size_t)(next - from) : strlen(from);
    if (found == n || !zps_number_parse(from, length, &values[found])) {
      return 0;
    }
    found++;
    if (next == NULL) {
      return found == n || fewer ? found : 0;
    }
    from = next;
  }
}

static zps_status set_at(optimize_options *o, const char *value, zps_error *error) {
  double edges[2];
  if (split_numbers(value, ',', 2, false, edges) == 0) {
    return zps_error_set(error, ZPS_USAGE, "--at = %.60s: expected X4,XM, two near edges in mm such as -65,-152",
                         value);
  }
  o->study.has_at = true;
  o->study.at_first_mm = edges[0];
  o->study.at_last_mm = edges[1];
  return ZPS_OK;
}

static zps_status set_heights(optimize_options *o, const char *value, zps_error *error) {
  double heights[2];
  const size_t n = split_numbers(value, ',', 2, true, heights);
  if (n == 0) {
    return zps_error_set(error, ZPS_USAGE, "--y-mm = %.60s: expected Y or Y,YM, heights in mm", value);
  }
  o->study.y_mm = heights[0];
  o->study.y_last_mm = heights[n - 1];
  return ZPS_OK;
}

static zps_status set_masses(optimize_options *o, const char *value, zps_error *error) {
  double ends[2];
  if (split_numbers(value, ':', 2, false, ends) == 0 || !(ends[0] <= ends[1]) || ends[0] < 0.0) {
    return zps_error_set(error, ZPS_USAGE, "--masses-gev = %.60s: expected LO:HI with 0 <= LO <= HI, such as 0.01:0.1",
                         value);
  }
  o->study.lo_gev = ends[0];
  o->study.hi_gev = ends[1];
  return ZPS_OK;
}

static zps_status set_shift(optimize_options *o, const char *value, zps_error *error) {
  o->study.has_shifts = true;
  o->study.n_shifts = split_numbers(value, ',', ZPS_MAX_SHIFTS, true, o->study.shift_mm);
  bool good = o->study.n_shifts > 0;
  for (size_t i = 0; i < o->study.n_shifts; i++) {
    good = good && o->study.shift_mm[i] > 0.0;
  }
  return good ? ZPS_OK
              : zps_error_set(error, ZPS_USAGE, "--shift = %.60s: expected up to %d distances > 0 in mm, such as 1,5",
                              value, ZPS_MAX_SHIFTS);
}

static zps_status set_weights(optimize_options *o, const char *value, zps_error *error) {
  static const char *const choices[] = {"log", "equal"};
  unsigned choice = 0;
  const zps_status status = zps_argument_choice("--weights", value, choices, 2, &choice, error);
  o->study.weights = choice == 0 ? ZPS_WEIGHTS_LOG : ZPS_WEIGHTS_EQUAL;
  return status;
}

static zps_status set_replicas(optimize_options *o, const char *value, zps_error *error) {
  uint64_t n = 0;
  const zps_status status = zps_argument_whole("--replicas", value, 0, ZPS_BOOTSTRAP_MAX_REPLICAS, &n, error);
  o->study.n_replicas = (size_t)n;
  return status;
}

/** Options of the study, which go with a result as with a job; *known is false for any other. */
static zps_status set_study(optimize_options *o, int key, const char *value, bool *known, zps_error *error) {
  *known = true;
  switch (key) {
  case KEY_AT:
    return set_at(o, value, error);
  case KEY_MASSES:
    return set_masses(o, value, error);
  case KEY_WEIGHTS:
    return set_weights(o, value, error);
  case KEY_N_UP:
    return zps_argument_number("--n-up", value, 0.0, 1e6, true, &o->study.n_up, error);
  case KEY_RATE_MAX:
    o->study.has_rate_max = true;
    return zps_argument_number("--rate-max", value, 0.0, 1.0, true, &o->study.rate_max, error);
  case KEY_SHIFT:
    return set_shift(o, value, error);
  case KEY_Y:
    return set_heights(o, value, error);
  case KEY_REPLICAS:
    return set_replicas(o, value, error);
  default:
    *known = false;
    return ZPS_OK;
  }
}

/** Options of a run. */
static zps_status set_run(optimize_options *o, int key, const char *value, zps_error *error) {
  for (const struct argp_option *option = options; o->run_option == NULL && option->name != NULL; option++) {
    o->run_option = option->key == key ? option->name : NULL;
  }
  switch (key) {
  case KEY_ENGINE:
    o->request.engine = value;
    return ZPS_OK;
  case KEY_THREADS:
    return zps_run_argument_threads(value, &o->request.n_threads, error);
  case KEY_EVENTS:
    o->has_events = true;
    return zps_argument_whole("--events", value, 1, ZPS_MAX_EVENTS, &o->events, error);
  case KEY_BEAM_EVENTS:
    o->has_beam_events = true;
    return zps_argument_whole("--beam-events", value, 0, ZPS_MAX_EVENTS, &o->beam_events, error);
  case KEY_SEED:
    o->has_seed = true;
    return zps_argument_whole("--seed", value, 0, UINT64_MAX, &o->seed, error);
  case KEY_SET:
    return zps_job_argument_set(&o->job, value, error);
  case KEY_RESUME:
    o->request.resume = true;
    return ZPS_OK;
  case KEY_EXTEND:
    o->request.extend = true;
    return ZPS_OK;
  default:
    o->request.force = true;
    return ZPS_OK;
  }
}

static zps_status set_option(void *target, int key, const char *value, zps_error *error) {
  optimize_options *const o = (optimize_options *)target;
  bool known = false;
  const zps_status status = set_study(o, key, value, &known, error);
  if (known) {
    return status;
  }
  switch (key) {
  case ARGP_KEY_ARG:
    o->job.path = value;
    return ZPS_OK;
  case KEY_OUTPUT:
    o->output = value;
    return value[0] != '\0' ? ZPS_OK : zps_error_set(error, ZPS_USAGE, "--output: expected a path");
  case KEY_BEAM:
    o->beam = value;
    return ZPS_OK;
  case KEY_JSON:
    o->json = true;
    return ZPS_OK;
  case KEY_QUIET:
    o->quiet = true;
    return ZPS_OK;
  default:
    return set_run(o, key, value, error);
  }
}

static const zps_arguments arguments = {
    "zpscan optimize",
    "FILE.h5|JOB.yaml",
    1,
    1,
    "Finds the best near edges x4, xm of the first and last counter of a job's first trigger: from a result with "
    "surfaces (a run of a job with a section `placement`), or from a job, which is run first, and its beam after it.\v"
    "Units: GeV, mm; rates per muon on target. The figure of merit is g90, the coupling of --n-up expected events. "
    "Written beside the result: STEM-placement.png (map of g90), STEM-placement.csv (efficiencies, alignment), "
    "STEM-placement.h5 (surfaces), and with a beam STEM-front.png and .csv (g90 against rate); a job also leaves "
    "STEM.h5 and STEM-beam.h5. Files of a study are replaced (another -o keeps them), results are not. With --at "
    "nothing but results is written. Pictures need gnuplot.\n"
    "Example: zpscan optimize grids/quick.yaml --masses-gev 0.01:0.1",
    options,
    set_option};

/** HDF5 files begin with these bytes; a missing file is what its name says. */
static bool is_result(const char *path) {
  static const char signature[] = "\x89HDF\r\n\x1a\n";
  char start[8] = "";
  const size_t length = strlen(path);
  FILE *const file = fopen(path, "rbe");
  const bool read = file != NULL && fread(start, 1, sizeof start, file) == sizeof start;
  if (file != NULL) {
    (void)fclose(file);
  }
  return read ? memcmp(start, signature, sizeof start) == 0 : length > 3 && strcmp(path + length - 3, ".h5") == 0;
}

static bool is_folder(const char *path) {
  struct stat facts;
  return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/** Length of a name without .h5 at its end. */
static int stem_length(const char *name) {
  const size_t length = strlen(name);
  return (int)(length > 3 && strcmp(name + length - 3, ".h5") == 0 ? length - 3 : length);
}

/** Beginning of the names of all files: --output, or a name in it, or the result's own. malloc'd. */
static zps_status make_stem(const optimize_options *o, bool from_result, char **stem, zps_error *error) {
  char name[ZPS_PATH_SIZE];
  const char *const slash = strrchr(o->job.path, '/');
  const char *const base = slash != NULL ? slash + 1 : o->job.path;
  int n = 0;
  if (from_result) {
    (void)snprintf(name, sizeof name, "%.*s", stem_length(base), base);
  } else {
    zps_run_argument_stem(o->job.path, name, sizeof name);
  }
  if (o->output != NULL && is_folder(o->output)) {
    n = asprintf(stem, "%s/%s", o->output, name);
  } else if (o->output != NULL) {
    n = asprintf(stem, "%.*s", stem_length(o->output), o->output);
  } else if (from_result) {
    n = asprintf(stem, "%.*s", stem_length(o->job.path), o->job.path);
  } else {
    n = asprintf(stem, "%s", name);
  }
  if (n < 0) {
    *stem = NULL;
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  return n < ZPS_PATH_SIZE - 32 ? ZPS_OK : zps_error_set(error, ZPS_USAGE, "%.60s...: path too long", *stem);
}

/** stem followed by suffix; buffer holds NAME_SIZE. */
static const char *named(const char *stem, const char *suffix, char *buffer) {
  (void)snprintf(buffer, NAME_SIZE, "%s%s", stem, suffix);
  return buffer;
}

static zps_status write_csv(const zps_placement_study *study, const char *path, zps_error *error) {
  zps_picture_text table = {NULL, NULL, 0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_picture_open(&table, error));
  zps_placement_summary_csv(table.stream, study);
  ZPS_TRY(zps_picture_save(&table, path, error));
done:
  zps_picture_free(&table);
  return status;
}

typedef zps_status (*draw_picture)(const zps_placement_study *study, const char *path_png, zps_error *error);

/* The numbers are what was asked for: they come all the same where gnuplot is missing or makes no picture of them. */
static zps_status draw(const optimize_options *o, draw_picture picture, const zps_placement_study *study,
                       const char *path, zps_error *error) {
  zps_error fault = {ZPS_OK, ""};
  const zps_status status = picture(study, path, &fault);
  if (status == ZPS_UNAVAILABLE || status == ZPS_FAILURE) {
    zps_message((const char *)o->request.warn_context, fault.text);
    return ZPS_OK;
  }
  return status == ZPS_OK ? ZPS_OK : zps_error_set(error, status, "%s", fault.text);
}

static zps_status write_files(const optimize_options *o, const zps_placement_study *study, const char *stem,
                              zps_error *error) {
  char path[NAME_SIZE];
  zps_status status = ZPS_OK;
  ZPS_TRY(write_csv(study, named(stem, "-placement.csv", path), error));
  ZPS_TRY(zps_placement_file_write(named(stem, "-placement.h5", path), study, error));
  if (study->has_best) {
    ZPS_TRY(draw(o, zps_plot_placement, study, named(stem, "-placement.png", path), error));
  }
  if (study->front.n > 0) {
    ZPS_TRY(draw(o, zps_plot_rate_front, study, named(stem, "-front.png", path), error));
  }
done:
  return status;
}

/** Where the optimum lies for one value of a scanned parameter. */
typedef struct scan_row {
  double value;
  bool has_best, has_rate;
  double first_mm, first_sd, last_mm, last_sd, g90, rate;
} scan_row;

static scan_row summarise(const zps_placement_study *study, double value) {
  scan_row row = {.value = value, .has_best = study->has_best || study->options.has_at, .has_rate = study->has_beam};
  if (row.has_best) {
    const zps_study_position *const best = &study->positions[study->i_best]; /* 0 with --at */
    row.first_mm = best->first_mm;
    row.last_mm = best->last_mm;
    row.first_sd = study->spread.sd_first_mm;
    row.last_sd = study->spread.sd_last_mm;
    row.g90 = best->g90;
    row.rate = best->rate.value;
  }
  return row;
}

/** Studies a result, writes files beside stem, prints the table or hands back the JSON. */
static zps_status study_result(const optimize_options *o, const char *path, const char *beam, const char *stem,
                               json_t **json, scan_row *row, zps_error *error) {
  zps_placement_study study;
  zps_study_options asked = o->study;
  asked.path = path;
  asked.beam_path = beam;
  zps_status status = zps_placement_study_make(&asked, &study, error);
  if (status != ZPS_OK) {
    return status;
  }
  ZPS_TRY(asked.has_at ? ZPS_OK : write_files(o, &study, stem, error));
  if (json != NULL) {
    *json = zps_placement_summary_json(&study);
  } else {
    zps_placement_summary_print(stdout, &study);
  }
  *row = summarise(&study, row->value);
done:
  zps_placement_study_free(&study);
  return status;
}

static zps_status run_one(const optimize_options *o, const zps_job *job, const char *output, zps_error *error) {
  zps_run_request request = o->request;
  zps_result result = {0};
  bool was_finished = false;
  request.job = job;
  request.output = output;
  const zps_status status = zps_run_job(&request, &result, &was_finished, error);
  if (status == ZPS_INTERRUPTED) {
    zps_run_argument_how_to_resume(request.command, request.resume, error);
  }
  zps_result_free(&result);
  return status;
}

/** Says what can be done about a result that is in the way. */
static zps_status refuse_existing(const char *path, const char *stem, zps_error *error) {
  zps_surface_file *file = NULL;
  zps_surface_facts facts;
  const bool is_study = zps_surface_file_open(path, &file, &facts, NULL) == ZPS_OK;
  zps_surface_file_close(file);
  if (!is_study) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: exists and holds no placement surfaces: give another name with -o, --force replaces it",
                         path);
  }
  return zps_error_set(error, ZPS_INVALID,
                       "%s: exists: `zpscan optimize %s.h5` studies it, --resume goes on, --extend adds events, "
                       "--force replaces it",
                       path, stem);
}

/** Refuses, before anything is run, results that are there, or inputs of the job. */
static zps_status check_result(const optimize_options *o, const zps_job *job, const char *path, const char *stem,
                               zps_error *error) {
  const bool may_exist = o->request.force || o->request.resume || o->request.extend;
  if (!may_exist && access(path, F_OK) == 0) {
    return refuse_existing(path, stem, error);
  }
  const zps_status status = zps_job_argument_check_output(job, "--output", path, error);
  return status == ZPS_OK ? zps_output_check(path, may_exist, error) : status;
}

/** All that can be said before the first run: the study asked for, the beam's job, the results in the way. */
static zps_status check_ahead(const optimize_options *o, const zps_job *job, const char *stem, zps_error *error) {
  char path[NAME_SIZE];
  zps_job *beam = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_study_options_check_job(&o->study, job, error));
  ZPS_TRY(check_result(o, job, named(stem, ".h5", path), stem, error));
  if (job->placement.beam_events > 0) {
    ZPS_TRY(zps_derived_job_beam(job, &beam, error));
    ZPS_TRY(check_result(o, job, named(stem, "-beam.h5", path), stem, error));
  }
done:
  zps_derived_job_destroy(beam);
  return status;
}

/** Runs a job and its beam, then studies them. */
static zps_status optimize_job(const optimize_options *o, const zps_job *job, const char *stem, json_t **json,
                               scan_row *row, zps_error *error) {
  const bool has_beam = job->placement.beam_events > 0;
  char output[NAME_SIZE];
  char beam_output[NAME_SIZE];
  zps_job *beam = NULL;
  zps_status status = ZPS_OK;
  (void)named(stem, ".h5", output);
  (void)named(stem, "-beam.h5", beam_output);
  if (has_beam) {
    ZPS_TRY(zps_derived_job_beam(job, &beam, error));
  }
  zps_job_warn(job, o->request.warn, o->request.warn_context);
  ZPS_TRY(run_one(o, job, output, error));
  ZPS_TRY(has_beam ? run_one(o, beam, beam_output, error) : ZPS_OK);
  ZPS_TRY(study_result(o, output, has_beam ? beam_output : NULL, stem, json, row, error));
done:
  zps_derived_job_destroy(beam);
  return status;
}

static void print_scan(const zps_job *job, const scan_row *rows, size_t n) {
  (void)printf("\nscan of %s\n%12s %18s %18s %10s %10s\n", zps_placement_scan_name(job->placement.scan),
               zps_placement_scan_unit(job->placement.scan), "x4/mm", "xm/mm", "g90", "rate");
  for (size_t i = 0; i < n; i++) {
    const scan_row *const r = &rows[i];
    if (!r->has_best) {
      (void)printf("%12.6g  no position accepts an event at every mass\n", r->value);
      continue;
    }
    (void)printf("%12.6g %8.10g +- %6.2g %8.10g +- %6.2g %10.4g ", r->value, r->first_mm, r->first_sd, r->last_mm,
                 r->last_sd, r->g90);
    (void)(r->has_rate ? printf("%10.3e\n", r->rate) : printf("%10s\n", "-"));
  }
}

static zps_status check_value(const optimize_options *o, const zps_job *job, const char *stem, size_t i,
                              zps_error *error) {
  char own_stem[ZPS_PATH_SIZE];
  zps_job *scanned = NULL;
  zps_status status = ZPS_OK;
  (void)snprintf(own_stem, sizeof own_stem, "%s-%zu", stem, i + 1);
  ZPS_TRY(zps_derived_job_scanned(job, job->placement.scan_values.values[i], &scanned, error));
  ZPS_TRY(check_ahead(o, scanned, own_stem, error));
done:
  zps_derived_job_destroy(scanned);
  return status;
}

/** One value of a scan: its files are STEM-1, STEM-2, ... */
static zps_status optimize_value(const optimize_options *o, const zps_job *job, const char *stem, size_t i,
                                 json_t *list, scan_row *row, zps_error *error) {
  char own_stem[ZPS_PATH_SIZE];
  zps_job *scanned = NULL;
  json_t *json = NULL;
  zps_status status = ZPS_OK;
  row->value = job->placement.scan_values.values[i];
  (void)snprintf(own_stem, sizeof own_stem, "%s-%zu", stem, i + 1);
  ZPS_TRY(zps_derived_job_scanned(job, row->value, &scanned, error));
  if (list == NULL) {
    (void)printf("%s%s = %.10g %s\n\n", i > 0 ? "\n" : "", zps_placement_scan_name(job->placement.scan), row->value,
                 zps_placement_scan_unit(job->placement.scan));
  }
  ZPS_TRY(optimize_job(o, scanned, own_stem, list != NULL ? &json : NULL, row, error));
  if (list != NULL) {
    (void)json_array_append_new(list, json_pack("{s:f, s:o}", "value", row->value, "study", json));
  }
done:
  zps_derived_job_destroy(scanned);
  return status;
}

static zps_status optimize_scan(const optimize_options *o, const zps_job *job, const char *stem, zps_error *error) {
  const size_t n = job->placement.scan_values.n;
  scan_row rows[MAX_SCAN];
  json_t *list = o->json ? json_array() : NULL;
  zps_status status = ZPS_OK;
  if (n > MAX_SCAN) {
    status = zps_error_set(error, ZPS_INVALID, "%s: placement.scan_values: %zu of them: expected at most %d", job->file,
                           n, MAX_SCAN);
    goto done;
  }
  memset(rows, 0, sizeof rows);
  for (size_t i = 0; i < n; i++) {
    ZPS_TRY(check_value(o, job, stem, i, error));
  }
  for (size_t i = 0; i < n; i++) {
    ZPS_TRY(optimize_value(o, job, stem, i, list, &rows[i], error));
  }
  if (list != NULL) {
    json_t *const object = json_pack("{s:s, s:s, s:O}", "scan", zps_placement_scan_name(job->placement.scan), "unit",
                                     zps_placement_scan_unit(job->placement.scan), "values", list);
    ZPS_TRY(zps_json_print(object, error));
  } else {
    print_scan(job, rows, n);
  }
done:
  json_decref(list);
  return status;
}

static zps_status optimize_single(const optimize_options *o, const zps_job *job, const char *stem, zps_error *error) {
  scan_row row = {.value = 0.0};
  json_t *json = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(check_ahead(o, job, stem, error));
  ZPS_TRY(optimize_job(o, job, stem, o->json ? &json : NULL, &row, error));
  ZPS_TRY(o->json ? zps_json_print(json, error) : ZPS_OK);
done:
  return status;
}

static zps_status optimize_from_job(optimize_options *o, const char *stem, zps_error *error) {
  zps_job *given = NULL;
  zps_job *job = NULL;
  zps_status status = ZPS_OK;
  if (o->beam != NULL) {
    return zps_error_set(error, ZPS_USAGE, "--beam: only with a result; a job has its beam run");
  }
  ZPS_TRY(zps_job_argument_read(&o->job, &given, error));
  given->events_per_mass = o->has_events ? o->events : given->events_per_mass;
  given->seed = o->has_seed ? o->seed : given->seed;
  given->placement.beam_events = o->has_beam_events ? o->beam_events : given->placement.beam_events;
  ZPS_TRY(zps_derived_job_with_surfaces(given, &job, error));
  ZPS_TRY(job->placement.scan_values.n > 0 ? optimize_scan(o, job, stem, error) : optimize_single(o, job, stem, error));
done:
  zps_derived_job_destroy(job);
  zps_job_argument_free(given);
  return status;
}

static zps_status optimize_from_result(const optimize_options *o, const char *stem, zps_error *error) {
  char own_stem[ZPS_PATH_SIZE];
  char beam[NAME_SIZE];
  scan_row row = {.value = 0.0};
  json_t *json = NULL;
  if (o->run_option != NULL) {
    return zps_error_set(error, ZPS_USAGE, "--%s: only with a job; %.200s is a result", o->run_option, o->job.path);
  }
  (void)snprintf(own_stem, sizeof own_stem, "%.*s", stem_length(o->job.path), o->job.path);
  (void)named(own_stem, "-beam.h5", beam);
  const char *const own_beam = access(beam, F_OK) == 0 ? beam : NULL;
  const zps_status status =
      study_result(o, o->job.path, o->beam != NULL ? o->beam : own_beam, stem, o->json ? &json : NULL, &row, error);
  return status == ZPS_OK && o->json ? zps_json_print(json, error) : status;
}

static zps_status optimize(optimize_options *o, char *name, const char *command, zps_error *error) {
  const bool from_result = is_result(o->job.path);
  char *stem = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_run_argument_init(&o->request, name, command, o->quiet, error));
  ZPS_TRY(make_stem(o, from_result, &stem, error));
  ZPS_TRY(from_result ? optimize_from_result(o, stem, error) : optimize_from_job(o, stem, error));
done:
  free(stem);
  return status;
}

zps_status zps_command_optimize(int argc, char **argv, zps_error *error) {
  optimize_options o = {.study = {.hi_gev = HUGE_VAL,
                                  .n_up = ZPS_N_UP,
                                  .n_shifts = 2,
                                  .shift_mm = {1.0, 5.0},
                                  .n_replicas = N_REPLICAS,
                                  .flat = FLAT,
                                  .front_gain = FRONT_GAIN}};
  bool helped = false;
  char *const command = zps_arguments_quote(argv[0], argc - 1, argv + 1);
  if (command == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  o.request.engine = "auto";
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status == ZPS_OK && !helped) {
    status = optimize(&o, argv[0], command, error);
  }
  free(command);
  return status;
}
