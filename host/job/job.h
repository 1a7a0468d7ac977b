/* A job: what the user asked for, validated, with every default filled in.
 *
 * Plain data. Read from YAML by zps_job_read(); the schema table in job_schema.c is
 * the one place that names keys, units, ranges and defaults. */
#ifndef ZPS_JOB_H
#define ZPS_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "kernels/layout.h"
#include "kernels/mediator.h"
#include "kernels/placement.h"
#include "kernels/selection.h"

#define ZPS_NAME_SIZE 64
#define ZPS_PATH_SIZE 4096
#define ZPS_MAX_LAYERS 8
#define ZPS_N_ENGE 6

typedef enum zps_process_kind { ZPS_PROCESS_Z_PRIME, ZPS_PROCESS_NONE } zps_process_kind;
typedef enum zps_model { ZPS_MODEL_ETL, ZPS_MODEL_WW, ZPS_MODEL_IWW } zps_model;
typedef enum zps_dark_matter { ZPS_DARK_NONE, ZPS_DARK_DIRAC, ZPS_DARK_SCALAR, ZPS_DARK_MAJORANA } zps_dark_matter;

#define ZPS_MIN_PILOT_EVENTS 16
#define ZPS_MAX_PILOT_EVENTS 4096 /* bounds the weights, and with them sums of k^2 (host/run/plan_pilot.h) */
#define ZPS_MIN_MASS_GEV 1e-6     /* lightest Z' */

/** Largest |integral of B_y| along the axis of a field [T m], generated or from a map. */
#define ZPS_MAX_FIELD_INTEGRAL_TM 100.0
/** Largest |B| of a map [T]. What ZPS_MAX_FIELD_INTEGRAL_TM has over the default effective length, 1 m, is 100 T, and
 * up to 5.3 times that on the faces of the poles (host/field/dipole.h). Gauss taken for tesla is above it. */
#define ZPS_MAX_FIELD_T 1000.0

/** A list of positive numbers, strictly ascending; from/to/points/spacing is already expanded. Owned by the job. */
typedef struct zps_job_list {
  size_t n;
  double *values;
} zps_job_list;

typedef struct zps_job_beam {
  double p_gev;                        /* nominal momentum */
  double p_spread;                     /* relative, Gaussian */
  double charge;                       /* +1 or -1 */
  double sigma_x_mm, sigma_y_mm;       /* spot at the face of the target */
  double sigma_tx_mrad, sigma_ty_mrad; /* divergence */
  char file[ZPS_PATH_SIZE];            /* beam particles to use instead, "" = none; absolute */
} zps_job_beam;

typedef struct zps_job_process {
  zps_process_kind kind;
  zps_model model;
  zps_mediator mediator;
  zps_form_factor form_factor;
  zps_inelastic inelastic;
  char target[ZPS_NAME_SIZE];   /* name of the matter element in which the Z' is produced */
  char material[ZPS_NAME_SIZE]; /* material of the nucleus, one of the target's layers */
  bool x_min_auto;              /* x_min follows from the p_out cut */
  double x_min;                 /* lowest x = E_Z'/E generated, when not auto */
  zps_dark_matter dark_matter;  /* what the Z' decays to beside neutrinos and leptons */
  double g_chi;
  double dark_mass_ratio; /* m_chi / m_Z' */
} zps_job_process;

/** Draws events where a pilot finds them accepted (host/run/plan_pilot.h). */
typedef struct zps_job_pilot {
  bool given;      /* the job has the section */
  uint64_t events; /* of the pilot, per mass and column of x */
} zps_job_pilot;

typedef enum zps_scattering_model { ZPS_SCATTERING_HIGHLAND, ZPS_SCATTERING_MOLIERE } zps_scattering_model;
typedef enum zps_loss_model { ZPS_LOSS_MEAN, ZPS_LOSS_FLUCTUATING } zps_loss_model;

/** Which physics of matter a run has. */
typedef struct zps_job_matter {
  zps_scattering_model scattering;
  zps_loss_model loss;
} zps_job_matter;

typedef struct zps_job_layer {
  char material[ZPS_NAME_SIZE];
  double thickness_mm;
} zps_job_layer;

/** Formats of a map file (host/field/map_file.h); AUTO: told by its content. */
typedef enum zps_map_format {
  ZPS_MAP_AUTO,
  ZPS_MAP_NATIVE,
  ZPS_MAP_BDSIM,
  ZPS_MAP_OPERA,
  ZPS_MAP_GEANT4,
  ZPS_MAP_COMSOL,
  ZPS_MAP_ACTS,
  ZPS_MAP_COVFIE,
  ZPS_N_MAP_FORMATS
} zps_map_format;

/** Units of the numbers in a map file; FROM_FILE: those its header names. */
typedef enum zps_length_unit { ZPS_LENGTH_FROM_FILE, ZPS_LENGTH_MM, ZPS_LENGTH_CM, ZPS_LENGTH_M } zps_length_unit;
typedef enum zps_field_unit {
  ZPS_FIELD_FROM_FILE,
  ZPS_FIELD_T,
  ZPS_FIELD_MT,
  ZPS_FIELD_KG,
  ZPS_FIELD_G,
  ZPS_FIELD_GEV_MM /* 2.99792458e-4 times the field in tesla */
} zps_field_unit;

/** What the field does on a mirror plane through the map's origin; NONE: no mirror. */
typedef enum zps_map_mirror { ZPS_MIRROR_NONE, ZPS_MIRROR_NORMAL, ZPS_MIRROR_PARALLEL } zps_map_mirror;

/** What holds where the element reaches beyond its map. */
typedef enum zps_map_outside { ZPS_OUTSIDE_ERROR, ZPS_OUTSIDE_ZERO, ZPS_OUTSIDE_CLAMP } zps_map_outside;

/** How the field between the nodes of a map is found (kernels/field.h, kernels/field_cubic.h). */
typedef enum zps_map_interpolation { ZPS_INTERPOLATION_TRILINEAR, ZPS_INTERPOLATION_TRICUBIC } zps_map_interpolation;

/** How a map file is read and put into its element, in this order. */
typedef struct zps_job_map_use {
  zps_map_format format;
  zps_length_unit length_unit;
  zps_field_unit field_unit;
  zps_map_mirror mirror[3]; /* planes x = 0, y = 0, z = 0 */
  double scale;             /* factor of the field */
  double rotate_deg[3];     /* about x, then y, then z; multiples of 90 */
  double offset_mm[3];      /* of the map's origin from the element's centre */
  zps_map_outside outside;
} zps_job_map_use;

/** Parameters of a generated field (generate: dipole | uniform), or a map file. */
typedef struct zps_job_field {
  bool generated;
  bool uniform;            /* generate: uniform; else dipole */
  char map[ZPS_PATH_SIZE]; /* map file, absolute; "" when generated */
  zps_job_map_use use;     /* of the map file */
  double integral_tm;      /* integral of B_y along the axis [T m]; sign included */
  double effective_length_mm;
  double gap_mm; /* along y */
  double enge[ZPS_N_ENGE];
  double width_mm;   /* extent of the map in x */
  double grid_mm[3]; /* node spacing of the generated map in x, y, z */
  double step_mm;    /* longest RK4 step */
  zps_map_interpolation interpolation;
} zps_job_field;

typedef struct zps_job_element {
  char name[ZPS_NAME_SIZE];
  enum zps_element_kind kind;
  double start_mm;  /* z of its upstream face; z = 0 at the downstream end of the target */
  double length_mm; /* derived for matter (layers x repeat x modules), given for a field, 0 for a plane */
  size_t n_layers;  /* matter: one period of the sandwich */
  zps_job_layer layers[ZPS_MAX_LAYERS];
  int64_t repeat;    /* periods per module */
  int64_t n_modules; /* modules one behind the other */
  /* transverse size, 0 = unlimited (a required plane must give both); field: the same as field.width_mm and gap_mm */
  double width_mm, height_mm;
  double hole_mm;       /* side of a square hole on the axis, 0 = none */
  double response;      /* factor in E_CAL, 0 = not summed */
  double resolution[2]; /* matter: of its deposit: stochastic [sqrt(GeV)], constant */
  bool required;        /* plane: a muon that misses it is lost */
  zps_job_field field;
  int line; /* of its name in the job file, for later messages */
} zps_job_element;

typedef struct zps_job_counter {
  char plane[ZPS_NAME_SIZE];
  double edge_x_mm; /* the near edge: the counter covers [edge - width, edge); center_x_mm is turned into this */
  double width_mm, height_mm;
} zps_job_counter;

typedef struct zps_job_trigger {
  char name[ZPS_NAME_SIZE];
  size_t n_counters;
  zps_job_counter counters[ZPS_MAX_TRIGGER_PLANES];
  double n_mot;
  double live_factor, tracking_factor;
  double observed;
  double background, background_error; /* events */
} zps_job_trigger;

typedef enum zps_placement_scan {
  ZPS_SCAN_NOTHING,
  ZPS_SCAN_MAGNET,
  ZPS_SCAN_DISTANCE,
  ZPS_SCAN_ENERGY
} zps_placement_scan;

/** Positions of the first and last counter of the first trigger, all counted in one run (kernels/placement.h). */
typedef struct zps_job_placement {
  bool given;                    /* the job has the section: surfaces are counted */
  double first_mm[2];            /* lowest and highest edge x at the first plane */
  double last_mm[2];             /* likewise at the last plane */
  double step_mm;                /* of both lattices: a whole number of mm, or 1 mm over a whole number */
  zps_job_list y_offset_mm;      /* heights of the two counters; of the first alone with y_last_offset_mm */
  zps_job_list y_last_offset_mm; /* heights of the last, each with each of the first; n = 0: that of the first */
  uint64_t beam_events;          /* events of the beam without emission that `optimize` runs for the trigger rate */
  zps_placement_scan scan;       /* a second parameter for `optimize`; no part of a run's identity */
  zps_job_list scan_values;      /* n = 0 without a scan */
} zps_job_placement;

/** Three planes whose hits measure p_out (kernels/selection.h). */
typedef struct zps_job_sagitta {
  bool given; /* the job has the section: p_out comes from the tracker, not from its resolutions */
  char plane[ZPS_N_TRACKER_PLANES][ZPS_NAME_SIZE];
  double hit_mm;
} zps_job_sagitta;

/** Relative errors of the signal that all triggers share; their squares add up. */
typedef struct zps_job_systematics {
  double mot, running_alpha, soft_photons, pb_purity, detector, alignment;
  double ww; /* counts for the models ww and iww alone */
  double other;
} zps_job_systematics;

/** How counts become limits (host/stats); no part of a run's identity. */
typedef struct zps_job_limit {
  bool given; /* the job has the section; its members hold the defaults otherwise */
  double cl;
  bool backgrounds_together; /* the errors of the triggers' backgrounds move together */
  zps_job_systematics systematics;
  double delta_a_mu, delta_a_mu_error; /* a_mu of experiment minus theory, and its error */
} zps_job_limit;

typedef struct zps_job {
  char file[ZPS_PATH_SIZE]; /* as given, for messages */
  uint64_t seed;
  uint64_t events_per_mass;
  zps_job_list mass_gev;
  zps_job_list coupling;
  zps_job_beam beam;
  zps_job_process process;
  zps_job_pilot pilot;
  zps_job_matter matter;
  size_t n_elements;
  zps_job_element elements[ZPS_MAX_ELEMENTS];
  size_t n_triggers;
  zps_job_trigger triggers[ZPS_MAX_TRIGGERS];
  zps_selection selection;
  zps_job_sagitta sagitta;
  zps_job_placement placement;
  zps_job_limit limit;
  uint64_t tile_events;
} zps_job;

/** Reads and validates the job file at path, after applying n_settings texts `dotted.path=value`.
 *  On success *job must be freed with zps_job_free(); on failure it is empty and error names file, line, key, expected,
 * got. */
zps_status zps_job_read(const char *path, const char *const *settings, size_t n_settings, zps_job *job,
                        zps_error *error);

/** The same for a text in memory; name stands for the file in messages, paths resolve against the directory of name. */
zps_status zps_job_read_text(const char *name, const char *text, size_t size, const char *const *settings,
                             size_t n_settings, zps_job *job, zps_error *error);

void zps_job_free(zps_job *job);

/** The effective job as YAML, every key with its value (lists expanded), each number in as many digits as it needs;
 *  reading it back gives the same job. *text is malloc'd. */
zps_status zps_job_print(const zps_job *job, char **text, zps_error *error);

#endif
