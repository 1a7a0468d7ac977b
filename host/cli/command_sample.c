/* zpscan sample: emission alone, one row per event. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/command.h"
#include "host/cli/emission_argument.h"
#include "host/export/hepmc.h"
#include "host/io/h5.h"
#include "host/io/output.h"
#include "host/run/emission_event.h"
#include "host/tables/emission_table.h"

#define MAX_EVENTS 20000000 /* rows are kept in memory until the file is written whole */

enum sample_key { KEY_OUTPUT = 'o', KEY_EVENTS = 256, KEY_SEED, KEY_FORMAT, KEY_FORCE, KEY_CHARGE };

enum sample_format { FORMAT_CSV, FORMAT_H5, FORMAT_HEPMC, N_FORMAT };

/** Names of the formats, and endings of their files. */
static const char *const formats[N_FORMAT] = {"csv", "h5", "hepmc"};

static const char *const charges[] = {"+1", "-1"};

/** One column of csv and h5. */
typedef struct column {
  const char *name, *unit, *description;
} column;

static const column columns[ZPS_N_EMISSION_COLUMN] = {
    {"x", "1", "energy of the Z' over that of the muon"},
    {"theta_rad", "rad", "angle of the Z' against the incoming muon"},
    {"psi_rad", "rad", "angle of the recoil muon against the incoming one"},
    {"t_gev2", "GeV^2", "minus the square of the four-momentum given to the nucleus"},
    {"weight", "1", "multiplicity k of the event, a whole number"},
    {"zp_px", "GeV", "Z', momentum along x"},
    {"zp_py", "GeV", "Z', momentum along y"},
    {"zp_pz", "GeV", "Z', momentum along z"},
    {"zp_e", "GeV", "Z', total energy"},
    {"mu_px", "GeV", "recoil muon, momentum along x"},
    {"mu_py", "GeV", "recoil muon, momentum along y"},
    {"mu_pz", "GeV", "recoil muon, momentum along z"},
    {"mu_e", "GeV", "recoil muon, total energy"},
    {"n_px", "GeV", "nucleus, momentum along x"},
    {"n_py", "GeV", "nucleus, momentum along y"},
    {"n_pz", "GeV", "nucleus, momentum along z"},
    {"n_ekin", "GeV", "nucleus, kinetic energy t/2M"},
};

typedef struct sample_options {
  zps_emission_argument emission;
  uint64_t events, seed;
  unsigned format; /* enum sample_format */
  unsigned charge; /* in charges */
  bool has_format, force;
  const char *output;
} sample_options;

/** Rows kept: events with weight > 0. */
typedef struct sample_rows {
  size_t n, capacity;
  zps_emission_event *events;
} sample_rows;

static const struct argp_option options[] = {
    ZPS_EMISSION_OPTIONS,
    {"events", KEY_EVENTS, "N", 0, "events drawn; those with weight 0 are left out", 0},
    {"seed", KEY_SEED, "S", 0, "0 .. 2^64 - 1 (default 1)", 0},
    {"charge", KEY_CHARGE, "Q", 0, "of the muon, for hepmc: +1 (default) or -1; emission does not depend on it", 0},
    {"format", KEY_FORMAT, "NAME", 0, "csv, h5 or hepmc (default: by the end of the file's name)", 0},
    {"output", KEY_OUTPUT, "FILE", 0, "file to write; - = stdout (csv, hepmc)", 0},
    {"force", KEY_FORCE, NULL, 0, "replace an output that exists", 0},
    {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  sample_options *const o = (sample_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    return ZPS_OK;
  case KEY_EVENTS:
    return zps_argument_whole("--events", value, 1, MAX_EVENTS, &o->events, error);
  case KEY_SEED:
    return zps_argument_whole("--seed", value, 0, UINT64_MAX, &o->seed, error);
  case KEY_FORMAT:
    o->has_format = true;
    return zps_argument_choice("--format", value, formats, N_FORMAT, &o->format, error);
  case KEY_CHARGE:
    return zps_argument_choice("--charge", value, charges, 2, &o->charge, error);
  case KEY_FORCE:
    o->force = true;
    return ZPS_OK;
  case KEY_OUTPUT:
    o->output = value;
    return ZPS_OK;
  default:
    return zps_emission_argument_set(&o->emission, key, value, error);
  }
}

static const zps_arguments arguments = {
    "zpscan sample",
    "",
    0,
    0,
    "Draws Z' emission from muons of one energy and writes every four-momentum. Weighted events: weight = k.\v"
    "Units: GeV, rad. Frame: incoming muon along +z, nucleus at rest before. Columns: x = E_Z'/E, angles theta of the "
    "Z' and psi of the recoil muon, t, weight, momenta of Z', muon and nucleus. hepmc: HepMC3 ASCII, a muon of "
    "--charge "
    "on the nucleus, for full simulation.\n"
    "Example: zpscan sample --mass-gev 0.1 --energy-gev 160 --material Pb --model etl --events 1000 --seed 1 -o s.csv",
    options,
    set};

/** The format that the ending of the file's name stands for. */
static zps_status choose_format(sample_options *o, zps_error *error) {
  const char *const dot = strrchr(o->output, '.');
  for (unsigned i = 0; dot != NULL && i < N_FORMAT; i++) {
    if (strcmp(dot + 1, formats[i]) == 0) {
      o->format = i;
      return ZPS_OK;
    }
  }
  return zps_error_set(error, ZPS_USAGE,
                       "--output = %.200s: expected a name that ends in .csv, .h5 or .hepmc, or --format with it",
                       o->output);
}

static zps_status check_options(sample_options *o, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_emission_argument_check(&o->emission, error));
  ZPS_TRY(zps_argument_required("--events", o->events > 0, error));
  ZPS_TRY(zps_argument_required("--output", o->output != NULL, error));
  if (strcmp(o->output, "-") == 0) {
    return o->format != FORMAT_H5
               ? ZPS_OK
               : zps_error_set(error, ZPS_USAGE, "--output = -: only csv and hepmc can go to stdout");
  }
  if (!o->has_format) {
    ZPS_TRY(choose_format(o, error));
  }
  ZPS_TRY(zps_output_check(o->output, o->force, error));
done:
  return status;
}

static zps_status add_row(sample_rows *rows, const zps_emission_event *event, zps_error *error) {
  if (rows->n == rows->capacity) {
    const size_t capacity = (2 * rows->capacity) + 1024;
    zps_emission_event *const more = (zps_emission_event *)realloc(rows->events, capacity * sizeof *more);
    if (more == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu events", capacity);
    }
    rows->events = more;
    rows->capacity = capacity;
  }
  rows->events[rows->n++] = *event;
  return ZPS_OK;
}

static zps_status draw_rows(const sample_options *o, sample_rows *rows, zps_error *error) {
  const zps_emission_argument *const e = &o->emission;
  double x_fraction = 0.0;
  zps_status status = ZPS_OK;
  zps_t_shape *const shape = (zps_t_shape *)calloc(1, sizeof *shape);
  zps_emission *const table = (zps_emission *)calloc(1, sizeof *table);
  if (shape == NULL || table == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for the tables of an emission");
    goto done;
  }
  zps_t_shape_build(&e->nucleus, shape);
  ZPS_TRY(
      zps_emission_build(&e->nucleus, e->model, e->mass_gev, e->energy_gev, e->x_min, 0, table, &x_fraction, error));
  for (uint64_t i = 0; i < o->events; i++) {
    const zps_emission_event event = zps_emission_event_draw(&e->nucleus, shape, table, e->energy_gev, o->seed, i);
    if (event.weight > 0.0) {
      ZPS_TRY(add_row(rows, &event, error));
    }
  }
done:
  free(shape);
  free(table);
  return status;
}

/* The fields of an event in the order of the columns. */
static const double *values_of(const zps_emission_event *event) {
  _Static_assert(sizeof *event == ZPS_N_EMISSION_COLUMN * sizeof(double), "one double per column");
  return &event->x;
}

static void print_csv(FILE *out, const sample_rows *rows) {
  for (size_t c = 0; c < ZPS_N_EMISSION_COLUMN; c++) {
    (void)fprintf(out, "%s%s", c > 0 ? "," : "", columns[c].name);
  }
  (void)fputc('\n', out);
  for (size_t i = 0; i < rows->n; i++) {
    const double *const values = values_of(&rows->events[i]);
    for (size_t c = 0; c < ZPS_N_EMISSION_COLUMN; c++) {
      (void)fprintf(out, "%s%.17g", c > 0 ? "," : "", values[c]);
    }
    (void)fputc('\n', out);
  }
}

static int charge_of(const sample_options *o) {
  return o->charge == 0 ? 1 : -1;
}

static zps_status fill_hepmc_run(const sample_options *o, zps_hepmc_run *run, zps_error *error) {
  const zps_emission_argument *const e = &o->emission;
  *run = (zps_hepmc_run){.version = ZPS_VERSION,
                         .model = e->model_name,
                         .mediator_name = e->mediator_name,
                         .form_name = e->form_name,
                         .mediator = (zps_mediator)e->mediator,
                         .charge = charge_of(o),
                         .energy_gev = e->energy_gev,
                         .mass_gev = e->mass_gev,
                         .events = o->events,
                         .nucleus = e->nucleus};
  return zps_sigma_pb(&e->nucleus, e->model, e->mass_gev, e->energy_gev, e->x_min, zps_sigma_rule_default(),
                      &run->sigma_pb, &run->sigma_error_pb, error);
}

static void print_hepmc(FILE *out, const zps_hepmc_run *run, const sample_rows *rows) {
  zps_hepmc_put_head(out, run);
  for (size_t i = 0; i < rows->n; i++) {
    zps_hepmc_put_event(out, run, i, &rows->events[i]);
  }
  zps_hepmc_put_end(out);
}

/** csv or hepmc. */
static zps_status write_text(const sample_options *o, const sample_rows *rows, zps_error *error) {
  const bool is_stdout = strcmp(o->output, "-") == 0;
  zps_hepmc_run run;
  char *text = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  if (o->format == FORMAT_HEPMC) {
    ZPS_TRY(fill_hepmc_run(o, &run, error));
  }
  FILE *const out = is_stdout ? stdout : open_memstream(&text, &size);
  if (out == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %zu rows", rows->n);
    goto done;
  }
  if (o->format == FORMAT_HEPMC) {
    print_hepmc(out, &run, rows);
  } else {
    print_csv(out, rows);
  }
  if (!is_stdout) {
    const bool failed = ferror(out) != 0;
    status =
        fclose(out) == 0 && !failed ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for %zu rows", rows->n);
    ZPS_TRY(status);
    ZPS_TRY(zps_output_write(o->output, text, size, o->force, error));
  }
done:
  free(text);
  return status;
}

static zps_status write_origin(hid_t root, const sample_options *o, zps_error *error) {
  const zps_emission_argument *const e = &o->emission;
  const double charge = charge_of(o);
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_write_text(root, "version", ZPS_VERSION, error));
  ZPS_TRY(zps_h5_write_text(root, "material", e->material, error));
  ZPS_TRY(zps_h5_write_text(root, "model", e->model_name, error));
  ZPS_TRY(zps_h5_write_text(root, "mediator", e->mediator_name, error));
  ZPS_TRY(zps_h5_write_text(root, "form_factor", e->form_name, error));
  ZPS_TRY(zps_h5_write_number(root, "charge", ZPS_H5_F64, &charge, error));
  ZPS_TRY(zps_h5_write_number(root, "mass_gev", ZPS_H5_F64, &e->mass_gev, error));
  ZPS_TRY(zps_h5_write_number(root, "energy_gev", ZPS_H5_F64, &e->energy_gev, error));
  ZPS_TRY(zps_h5_write_number(root, "x_min", ZPS_H5_F64, &e->x_min, error));
  ZPS_TRY(zps_h5_write_number(root, "events", ZPS_H5_U64, &o->events, error));
  ZPS_TRY(zps_h5_write_number(root, "seed", ZPS_H5_U64, &o->seed, error));
done:
  return status;
}

static zps_status write_column(hid_t root, const sample_rows *rows, size_t c, double *values, zps_error *error) {
  const zps_h5_dataset spec = {.name = columns[c].name,
                               .kind = ZPS_H5_F64,
                               .rank = 1,
                               .size = {rows->n},
                               .units = columns[c].unit,
                               .description = columns[c].description};
  for (size_t i = 0; i < rows->n; i++) {
    values[i] = values_of(&rows->events[i])[c];
  }
  return zps_h5_write(root, &spec, values, NULL, error);
}

static zps_status write_h5(const sample_options *o, const sample_rows *rows, zps_error *error) {
  zps_h5_draft draft = {0};
  const void *bytes = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  double *const values = (double *)calloc(rows->n + 1, sizeof *values);
  zps_h5_silence();
  ZPS_TRY(zps_h5_create(&draft, error));
  if (values == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %zu rows", rows->n);
    goto done;
  }
  ZPS_TRY(write_origin(draft.id, o, error));
  for (size_t c = 0; c < ZPS_N_EMISSION_COLUMN; c++) {
    ZPS_TRY(write_column(draft.id, rows, c, values, error));
  }
  ZPS_TRY(zps_h5_finish(&draft, &bytes, &size, error));
  ZPS_TRY(zps_output_write(o->output, bytes, size, o->force, error));
done:
  zps_h5_discard(&draft);
  free(values);
  return status;
}

zps_status zps_command_sample(int argc, char **argv, zps_error *error) {
  sample_options o = {.seed = 1};
  sample_rows rows = {0, 0, NULL};
  bool helped = false;
  zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  ZPS_TRY(check_options(&o, error));
  ZPS_TRY(draw_rows(&o, &rows, error));
  ZPS_TRY(o.format == FORMAT_H5 ? write_h5(&o, &rows, error) : write_text(&o, &rows, error));
done:
  free(rows.events);
  return status;
}
