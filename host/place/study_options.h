/* What a placement study is asked for, and whether a job can answer it: everything here is known before a run. */
#ifndef ZPS_PLACE_STUDY_OPTIONS_H
#define ZPS_PLACE_STUDY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "host/error.h"
#include "host/io/surface.h"
#include "host/job/job.h"
#include "host/place/position_grid.h"
#include "host/place/reach.h"

#define ZPS_MAX_SHIFTS 8

typedef struct zps_study_options {
  const char *path;      /* result file with surfaces */
  const char *beam_path; /* result of the beam; NULL: no rates */
  double y_mm;           /* height of the first counter, one of the job's placement.y_offset_mm */
  double y_last_mm;      /* of the last one: the same, or one of placement.y_last_offset_mm */
  double lo_gev, hi_gev; /* masses of the figure of merit */
  zps_mass_weights weights;
  double n_up;
  bool has_rate_max; /* else the rate of the loosest trigger of the job, see zps_rate_ceiling */
  double rate_max;   /* per muon on target */
  bool has_shifts;   /* asked for as they are; else rounded to the lattice */
  size_t n_shifts;
  double shift_mm[ZPS_MAX_SHIFTS]; /* of the counters, > 0 */
  bool has_at;                     /* look at this one position and at nothing else */
  double at_first_mm, at_last_mm;
  size_t n_replicas; /* 0: no uncertainty */
  double flat;       /* positions within this share of the best g90 are as good, e.g. 0.01 */
  double front_gain; /* see zps_rate_front_find() */
} zps_study_options;

/** Options as numbers of the lattices. */
typedef struct zps_study_lattice {
  zps_position_grid grid;
  size_t i_y;              /* of the height */
  zps_position at;         /* with has_at */
  bool has_rounded_shifts; /* shift_mm are no longer those given */
} zps_study_lattice;

/** What the surfaces of n_mass masses of a job are; no hash. */
zps_surface_facts zps_study_facts_of_job(const zps_job *job, size_t n_mass);

/** Finds height, position and displacements on the lattices. Displacements without has_shifts become multiples of the
 *  step, at least one, each once. ZPS_USAGE names what does not fit and what would; name begins messages of heights. */
zps_status zps_study_options_resolve(zps_study_options *options, const char *name, const zps_surface_facts *facts,
                                     zps_study_lattice *lattice, zps_error *error);

/** All that can be said before a job with surfaces is run: that it has a signal, muons on target, the masses, height,
 *  position and displacements asked for, and beam muons enough for the ceiling. ZPS_USAGE or ZPS_INVALID. */
zps_status zps_study_options_check_job(const zps_study_options *options, const zps_job *job, zps_error *error);

#endif
