#include "host/job/job_schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/job/job.h"
#include "host/job/number.h"
#include "kernels/rng.h"

#define MATTER (1u << ZPS_ELEMENT_MATTER)
#define FIELD (1u << ZPS_ELEMENT_FIELD)
#define PLANE (1u << ZPS_ELEMENT_PLANE)
#define IN_JOB(member) .offset = offsetof(zps_job, member)
#define IN_RANGE(member) .offset = offsetof(zps_job_range, member)
#define IN_ELEMENT(member) .offset = offsetof(zps_job_element, member)
#define IN_TRIGGER(member) .offset = offsetof(zps_job_trigger, member)
#define MAX_LENGTH_MM 1e7
/* Normal numbers reach 8.57 (kernels/rng.h): up to this width, 1 + width z stays positive. */
#define MAX_RELATIVE_WIDTH 0.1

static const zps_schema_key keys[] = {
    {.path = "seed",
     .type = ZPS_SCHEMA_WHOLE,
     .max = 18446744073709551615.0,
     .fallback = "1",
     IN_JOB(seed),
     .help = "key of the random numbers; the same seed gives the same counts"},
    {.path = "events_per_mass",
     .type = ZPS_SCHEMA_WHOLE,
     .min = 1,
     .max = ZPS_MAX_EVENTS,
     .fallback = "1000000",
     IN_JOB(events_per_mass),
     .help = "events simulated at each mass"},

    {.path = "scan", .type = ZPS_SCHEMA_SECTION, .help = "the (mass, coupling) plane"},
    {.path = "scan.mass_gev",
     .type = ZPS_SCHEMA_GRID,
     .unit = "GeV",
     .min = 1e-6,
     .max = 1e3,
     IN_JOB(mass_gev),
     .n_max = ZPS_MAX_MASSES,
     .help = "masses of the Z', ascending: a list, or a map of the four keys below"},
    {.path = "scan.mass_gev.from",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .min = 1e-6,
     .max = 1e3,
     IN_RANGE(from),
     .help = "first value"},
    {.path = "scan.mass_gev.to",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .min = 1e-6,
     .max = 1e3,
     IN_RANGE(to),
     .help = "last value, above the first"},
    {.path = "scan.mass_gev.points",
     .type = ZPS_SCHEMA_WHOLE,
     .min = 2,
     .max = ZPS_MAX_MASSES,
     IN_RANGE(points),
     .help = "number of values, both ends included"},
    {.path = "scan.mass_gev.spacing",
     .type = ZPS_SCHEMA_CHOICE,
     .choices = "log | linear",
     .fallback = "log",
     IN_RANGE(spacing),
     .help = "what is equal between neighbours: ratio or difference"},
    {.path = "scan.coupling",
     .type = ZPS_SCHEMA_GRID,
     .min = 1e-12,
     .max = 10,
     .fallback = "[1e-4]",
     IN_JOB(coupling),
     .n_max = ZPS_MAX_MASSES,
     .help = "couplings g, ascending; they cost arithmetic, no simulation"},
    {.path = "scan.coupling.from",
     .type = ZPS_SCHEMA_NUMBER,
     .min = 1e-12,
     .max = 10,
     IN_RANGE(from),
     .help = "first value"},
    {.path = "scan.coupling.to",
     .type = ZPS_SCHEMA_NUMBER,
     .min = 1e-12,
     .max = 10,
     IN_RANGE(to),
     .help = "last value, above the first"},
    {.path = "scan.coupling.points",
     .type = ZPS_SCHEMA_WHOLE,
     .min = 2,
     .max = ZPS_MAX_MASSES,
     IN_RANGE(points),
     .help = "number of values, both ends included"},
    {.path = "scan.coupling.spacing",
     .type = ZPS_SCHEMA_CHOICE,
     .choices = "log | linear",
     .fallback = "log",
     IN_RANGE(spacing),
     .help = "what is equal between neighbours: ratio or difference"},

    {.path = "beam", .type = ZPS_SCHEMA_SECTION, .fallback = "{}", .help = "muons at the face of the target"},
    {.path = "beam.p_gev",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .min = 1,
     .max = 1000,
     .fallback = "160",
     IN_JOB(beam.p_gev),
     .help = "nominal momentum; sigma is taken at it"},
    {.path = "beam.p_spread",
     .type = ZPS_SCHEMA_NUMBER,
     .max = MAX_RELATIVE_WIDTH,
     .fallback = "0.03",
     IN_JOB(beam.p_spread),
     .help = "relative width of the momentum, Gaussian; unused with `file`"},
    {.path = "beam.charge",
     .type = ZPS_SCHEMA_NUMBER,
     .min = -1,
     .max = 1,
     .fallback = "1",
     IN_JOB(beam.charge),
     .help = "+1 or -1; with +1 and positive B_y muons turn to -x"},
    {.path = "beam.sigma_x_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .max = 1e3,
     .fallback = "9",
     IN_JOB(beam.sigma_x_mm),
     .help = "spot, horizontal; unused with `file`"},
    {.path = "beam.sigma_y_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .max = 1e3,
     .fallback = "19",
     IN_JOB(beam.sigma_y_mm),
     .help = "spot, vertical; unused with `file`"},
    {.path = "beam.sigma_tx_mrad",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mrad",
     .max = 100,
     .fallback = "0.3",
     IN_JOB(beam.sigma_tx_mrad),
     .help = "divergence, horizontal; unused with `file`"},
    {.path = "beam.sigma_ty_mrad",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mrad",
     .max = 100,
     .fallback = "0.3",
     IN_JOB(beam.sigma_ty_mrad),
     .help = "divergence, vertical; unused with `file`"},
    {.path = "beam.file",
     .type = ZPS_SCHEMA_PATH,
     .fallback = "",
     IN_JOB(beam.file),
     .help = "beam particles to use in place of the Gaussian: `x_mm y_mm tx_mrad ty_mrad p_gev` per line"},

    {.path = "process", .type = ZPS_SCHEMA_SECTION, .fallback = "{}", .help = "what happens in the target"},
    {.path = "process.kind",
     .type = ZPS_SCHEMA_CHOICE,
     .choices = "z_prime | none",
     .fallback = "z_prime",
     IN_JOB(process.kind),
     .help = "Z' emission, or plain muons (masses then have no effect)"},
    {.path = "process.model",
     .type = ZPS_SCHEMA_CHOICE,
     .choices = "etl | ww | iww",
     .fallback = "etl",
     IN_JOB(process.model),
     .help = "exact tree level, Weizsaecker-Williams, improved WW"},
    {.path = "process.target",
     .type = ZPS_SCHEMA_NAME,
     .fallback = "ECAL",
     IN_JOB(process.target),
     .help = "matter element in which the Z' is produced; the first of the layout"},
    {.path = "process.material",
     .type = ZPS_SCHEMA_NAME,
     .fallback = "Pb",
     IN_JOB(process.material),
     .help = "chemical element of the nucleus, one of the target's layers"},
    {.path = "process.x_min",
     .type = ZPS_SCHEMA_AUTO_NUMBER,
     .max = 0.999,
     .fallback = "auto",
     IN_JOB(process.x_min),
     .offset_aux = offsetof(zps_job, process.x_min_auto),
     .help = "lowest x = E_Z'/E generated; `auto` follows from the p_out cut"},
    {.path = "process.dark_matter",
     .type = ZPS_SCHEMA_SECTION,
     .fallback = "{}",
     .help = "dark sector, for the invisible branching ratio alone"},
    {.path = "process.dark_matter.kind",
     .type = ZPS_SCHEMA_CHOICE,
     .choices = "none | dirac | scalar | majorana",
     .fallback = "none",
     IN_JOB(process.dark_matter),
     .help = "what else the Z' decays to"},
    {.path = "process.dark_matter.g_chi",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 10,
     .fallback = "0.05",
     IN_JOB(process.g_chi),
     .help = "coupling to dark matter"},
    {.path = "process.dark_matter.mass_ratio",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 1,
     .above = true,
     .fallback = "0.3333333333333333",
     IN_JOB(process.dark_mass_ratio),
     .help = "m_chi / m_Z'"},

    {.path = "layout",
     .type = ZPS_SCHEMA_MEMBERS,
     IN_JOB(elements),
     .offset_aux = offsetof(zps_job, n_elements),
     .n_max = ZPS_MAX_ELEMENTS,
     .member_size = sizeof(zps_job_element),
     .member_key = "name",
     .help = "elements along the beam, ascending in z without overlap, vacuum between; z = 0 at the downstream end of "
             "the target"},
    {.path = "layout[].name", .type = ZPS_SCHEMA_NAME, IN_ELEMENT(name), .help = "unique"},
    {.path = "layout[].kind",
     .type = ZPS_SCHEMA_CHOICE,
     .choices = "matter | field | plane",
     IN_ELEMENT(kind),
     .help = "a sandwich of materials, a magnetic field, or a plane on which counters lie"},
    {.path = "layout[].start_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .min = -MAX_LENGTH_MM,
     .max = MAX_LENGTH_MM,
     IN_ELEMENT(start_mm),
     .help = "z of the upstream face"},
    {.path = "layout[].layers",
     .type = ZPS_SCHEMA_MEMBERS,
     .kinds = MATTER,
     IN_ELEMENT(layers),
     .offset_aux = offsetof(zps_job_element, n_layers),
     .n_max = ZPS_MAX_LAYERS,
     .member_size = sizeof(zps_job_layer),
     .member_key = "material",
     .help = "one period of the sandwich, in order"},
    {.path = "layout[].layers[].material",
     .type = ZPS_SCHEMA_NAME,
     .offset = offsetof(zps_job_layer, material),
     .help = "a material of `zpscan info`"},
    {.path = "layout[].layers[].thickness_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     .offset = offsetof(zps_job_layer, thickness_mm),
     .help = "along the beam"},
    {.path = "layout[].repeat",
     .type = ZPS_SCHEMA_COUNT,
     .kinds = MATTER,
     .min = 1,
     .max = 1e6,
     .fallback = "1",
     IN_ELEMENT(repeat),
     .help = "periods in one module"},
    {.path = "layout[].n_modules",
     .type = ZPS_SCHEMA_COUNT,
     .kinds = MATTER,
     .min = 1,
     .max = 1000,
     .fallback = "1",
     IN_ELEMENT(n_modules),
     .help = "modules, one behind the other without a gap"},
    {.path = "layout[].length_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = FIELD,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     IN_ELEMENT(length_mm),
     .help = "z from the start to the end of the field; matter's follows from its layers"},
    {.path = "layout[].width_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = MATTER | PLANE,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .fallback = "0",
     IN_ELEMENT(width_mm),
     .help = "size along x, centred on the axis; 0 = unlimited"},
    {.path = "layout[].height_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = MATTER | PLANE,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .fallback = "0",
     IN_ELEMENT(height_mm),
     .help = "size along y, centred on the axis; 0 = unlimited"},
    {.path = "layout[].hole_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = MATTER,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .fallback = "0",
     IN_ELEMENT(hole_mm),
     .help = "side of a square hole on the axis; 0 = none"},
    {.path = "layout[].response",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = MATTER,
     .max = 100,
     .fallback = "0",
     IN_ELEMENT(response),
     .help = "factor of its energy loss in E_CAL; 0 = not summed"},
    {.path = "layout[].required",
     .type = ZPS_SCHEMA_FLAG,
     .kinds = PLANE,
     .fallback = "false",
     IN_ELEMENT(required),
     .help = "a muon that misses width_mm x height_mm is lost"},
    {.path = "layout[].generate",
     .type = ZPS_SCHEMA_SOURCE,
     .kinds = FIELD,
     .choices = "dipole | uniform | none",
     .fallback = "none",
     .rival = "map",
     IN_ELEMENT(field),
     .help = "the field is made in memory; `none` with a map"},
    {.path = "layout[].map",
     .type = ZPS_SCHEMA_PATH,
     .kinds = FIELD,
     .fallback = "",
     .rival = "generate",
     IN_ELEMENT(field.map),
     .help = "HDF5 map to use instead"},
    {.path = "layout[].integral_tm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = FIELD,
     .unit = "T m",
     .min = -100,
     .max = 100,
     .fallback = "1.4",
     IN_ELEMENT(field.integral_tm),
     .help = "integral of B_y along the axis, with its sign; unused with a map"},
    {.path = "layout[].effective_length_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = FIELD,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     .fallback = "1000",
     IN_ELEMENT(field.effective_length_mm),
     .help = "integral over field at the centre, at most length_mm; unused with a map"},
    {.path = "layout[].gap_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = FIELD,
     .unit = "mm",
     .max = 1e5,
     .above = true,
     .fallback = "200",
     IN_ELEMENT(field.gap_mm),
     .help = "of the poles along y; a muon outside is lost"},
    {.path = "layout[].enge",
     .type = ZPS_SCHEMA_NUMBERS,
     .kinds = FIELD,
     .min = -100,
     .max = 100,
     .fallback = "[0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111]",
     .n_max = ZPS_N_ENGE,
     IN_ELEMENT(field.enge),
     .help = "coefficients of the fringe field, in gaps; unused with a map or a uniform field"},
    {.path = "layout[].width_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = FIELD,
     .unit = "mm",
     .max = 1e5,
     .above = true,
     .fallback = "800",
     IN_ELEMENT(field.width_mm),
     .help = "of the field along x, centred on the axis; a muon outside is lost"},
    {.path = "layout[].grid_mm",
     .type = ZPS_SCHEMA_NUMBERS,
     .kinds = FIELD,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     .fallback = "[100, 5, 25]",
     .n_max = 3,
     IN_ELEMENT(field.grid_mm),
     .help = "node spacing of the generated map along x, y, z"},
    {.path = "layout[].step_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .kinds = FIELD,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     .fallback = "25",
     IN_ELEMENT(field.step_mm),
     .help = "longest step of the integrator"},

    {.path = "triggers",
     .type = ZPS_SCHEMA_MEMBERS,
     IN_JOB(triggers),
     .offset_aux = offsetof(zps_job, n_triggers),
     .n_max = ZPS_MAX_TRIGGERS,
     .member_size = sizeof(zps_job_trigger),
     .member_key = "name",
     .help = "trigger configurations; all share one propagation"},
    {.path = "triggers[].name", .type = ZPS_SCHEMA_NAME, IN_TRIGGER(name), .help = "unique"},
    {.path = "triggers[].planes",
     .type = ZPS_SCHEMA_MEMBERS,
     IN_TRIGGER(counters),
     .offset_aux = offsetof(zps_job_trigger, n_counters),
     .n_max = ZPS_MAX_TRIGGER_PLANES,
     .member_size = sizeof(zps_job_counter),
     .member_key = "plane",
     .implicit = true,
     .help = "counters that must all be hit, ascending in z"},
    {.path = "triggers[].planes[].plane",
     .type = ZPS_SCHEMA_NAME,
     .offset = offsetof(zps_job_counter, plane),
     .help = "a plane of the layout"},
    {.path = "triggers[].planes[].edge_x_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .min = -MAX_LENGTH_MM,
     .max = MAX_LENGTH_MM,
     .fallback = "",
     .rival = "center_x_mm",
     .offset = offsetof(zps_job_counter, edge_x_mm),
     .help = "near edge: the counter covers edge - width <= x < edge; give this or the centre"},
    {.path = "triggers[].planes[].center_x_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .min = -MAX_LENGTH_MM,
     .max = MAX_LENGTH_MM,
     .fallback = "",
     .input_only = true,
     .rival = "edge_x_mm",
     .offset = offsetof(zps_job_counter, edge_x_mm),
     .help = "centre: the same as edge_x_mm = centre + width / 2"},
    {.path = "triggers[].planes[].width_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     .offset = offsetof(zps_job_counter, width_mm),
     .help = "size along x"},
    {.path = "triggers[].planes[].height_mm",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "mm",
     .max = MAX_LENGTH_MM,
     .above = true,
     .offset = offsetof(zps_job_counter, height_mm),
     .help = "size along y, centred on the axis"},
    {.path = "triggers[].n_mot", .type = ZPS_SCHEMA_NUMBER, .max = 1e30, IN_TRIGGER(n_mot), .help = "muons on target"},
    {.path = "triggers[].live_factor",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 1,
     .fallback = "0.87",
     IN_TRIGGER(live_factor),
     .help = "share not lost to accidental coincidences"},
    {.path = "triggers[].tracking_factor",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 1,
     .fallback = "1",
     IN_TRIGGER(tracking_factor),
     .help = "share not lost to tracking and anything else"},
    {.path = "triggers[].observed",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 1e15,
     .fallback = "0",
     IN_TRIGGER(observed),
     .help = "events seen in the signal box"},
    {.path = "triggers[].background",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 1e15,
     .fallback = "0",
     IN_TRIGGER(background),
     .help = "events expected without a signal"},
    {.path = "triggers[].background_error",
     .type = ZPS_SCHEMA_NUMBER,
     .max = 1e15,
     .fallback = "0",
     IN_TRIGGER(background_error),
     .help = "its uncertainty"},

    {.path = "selection", .type = ZPS_SCHEMA_SECTION, .fallback = "{}", .help = "the signal box"},
    {.path = "selection.p_in_min_gev",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .max = 1e4,
     .fallback = "140",
     IN_JOB(selection.p_in_min_gev),
     .help = "lowest measured incoming momentum"},
    {.path = "selection.p_in_max_gev",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .max = 1e4,
     .above = true,
     .fallback = "180",
     IN_JOB(selection.p_in_max_gev),
     .help = "highest measured incoming momentum"},
    {.path = "selection.p_in_resolution",
     .type = ZPS_SCHEMA_NUMBER,
     .max = MAX_RELATIVE_WIDTH,
     .fallback = "0.038",
     IN_JOB(selection.p_in_resolution),
     .help = "relative, Gaussian"},
    {.path = "selection.p_out_max_gev",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .max = 1e4,
     .above = true,
     .fallback = "80",
     IN_JOB(selection.p_out_max_gev),
     .help = "highest measured momentum after the target"},
    {.path = "selection.p_out_resolution",
     .type = ZPS_SCHEMA_NUMBER,
     .max = MAX_RELATIVE_WIDTH,
     .fallback = "0.044",
     IN_JOB(selection.p_out_resolution),
     .help = "relative, Gaussian"},
    {.path = "selection.e_cal_max_gev",
     .type = ZPS_SCHEMA_NUMBER,
     .unit = "GeV",
     .max = 1e6,
     .above = true,
     .fallback = "12",
     IN_JOB(selection.e_cal_max_gev),
     .help = "E_CAL must lie below"},

    {.path = "run", .type = ZPS_SCHEMA_SECTION, .fallback = "{}", .help = "how to run; changes no count"},
    {.path = "run.tile_events",
     .type = ZPS_SCHEMA_WHOLE,
     .min = 1,
     .max = 1073741824.0,
     .fallback = "65536",
     IN_JOB(tile_events),
     .help = "events in one piece of work"},
};

const zps_schema_key *zps_schema_keys(size_t *n) {
  *n = sizeof keys / sizeof keys[0];
  return keys;
}

const char *zps_schema_leaf(const zps_schema_key *key) {
  const char *dot = strrchr(key->path, '.');
  return dot != NULL ? dot + 1 : key->path;
}

bool zps_schema_belongs(const zps_schema_key *key, const char *section, unsigned kinds) {
  const size_t n = strlen(section);
  const char *leaf = zps_schema_leaf(key);
  const size_t n_parent = leaf == key->path ? 0 : (size_t)(leaf - key->path) - 1;
  return n_parent == n && strncmp(key->path, section, n) == 0 && (key->kinds == 0 || (key->kinds & kinds) != 0);
}

const zps_schema_key *zps_schema_find(const char *section, const char *leaf, unsigned kinds) {
  size_t n = 0;
  const zps_schema_key *all = zps_schema_keys(&n);
  for (size_t i = 0; i < n; i++) {
    if (zps_schema_belongs(&all[i], section, kinds) && strcmp(zps_schema_leaf(&all[i]), leaf) == 0) {
      return &all[i];
    }
  }
  return NULL;
}

const zps_schema_key *zps_schema_implicit(const char *section) {
  size_t n = 0;
  const zps_schema_key *all = zps_schema_keys(&n);
  for (size_t i = 0; i < n; i++) {
    if (all[i].implicit && zps_schema_belongs(&all[i], section, ZPS_SCHEMA_ANY_KIND)) {
      return &all[i];
    }
  }
  return NULL;
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/** Letters to insert, delete or replace to turn a into b (Levenshtein 1966); both are read up to 63 letters. */
static size_t edit_distance(const char *a, const char *b) {
  size_t row[64];
  const size_t n_a = strnlen(a, 63);
  const size_t n_b = strnlen(b, 63);
  for (size_t j = 0; j <= n_b; j++) {
    row[j] = j;
  }
  for (size_t i = 1; i <= n_a; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n_b; j++) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
    }
  }
  return row[n_b];
}

const char *zps_schema_nearest(const char *section, const char *unknown, unsigned kinds) {
  size_t n = 0;
  const zps_schema_key *all = zps_schema_keys(&n);
  const zps_schema_key *here = NULL;
  const zps_schema_key *anywhere = NULL;
  size_t best_here = SIZE_MAX;
  size_t best_anywhere = SIZE_MAX;
  for (size_t i = 0; i < n; i++) {
    const size_t distance = edit_distance(unknown, zps_schema_leaf(&all[i]));
    if (distance < best_here && zps_schema_belongs(&all[i], section, kinds)) {
      best_here = distance;
      here = &all[i];
    }
    if (distance < best_anywhere) {
      best_anywhere = distance;
      anywhere = &all[i];
    }
  }
  /* A key of another section only when it is all but the same and nothing here is close. */
  const bool elsewhere = here == NULL || (best_here > 3 && best_anywhere <= 1);
  return elsewhere ? anywhere->path : zps_schema_leaf(here);
}

bool zps_schema_choice(const char *choices, size_t i, char *buffer, size_t size) {
  for (; i > 0; i--) {
    const char *bar = strstr(choices, " | ");
    if (bar == NULL) {
      return false;
    }
    choices = bar + 3;
  }
  const int n = (int)strcspn(choices, " ");
  (void)snprintf(buffer, size, "%.*s", n, choices);
  return true;
}

const char *zps_schema_range_text(const zps_schema_key *key, char *buffer) {
  char low[ZPS_NUMBER_SIZE];
  char high[ZPS_NUMBER_SIZE];
  (void)snprintf(buffer, 80, "%s %s and <= %s", key->above ? ">" : ">=", zps_number_print(key->min, low),
                 zps_number_print(key->max, high));
  return buffer;
}
