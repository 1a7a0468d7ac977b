/* The study of counter positions: from the surfaces of a result to optimum, price, systematics.
 *
 * Start at zps_placement_study_make(). The surfaces are read one mass at a time, a few times over: the figure of merit
 * at every position; then the chosen positions in detail; then replicas for the uncertainty of the optimum. */
#ifndef ZPS_PLACE_PLACEMENT_STUDY_H
#define ZPS_PLACE_PLACEMENT_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/io/result.h"
#include "host/io/surface.h"
#include "host/place/alignment.h"
#include "host/place/bootstrap.h"
#include "host/place/optimum.h"
#include "host/place/reach.h"
#include "host/place/trigger_rate.h"

#define ZPS_MAX_SHIFTS 8

typedef struct zps_study_options {
  const char *path;      /* result file with surfaces */
  const char *beam_path; /* result of the beam; NULL: no rates */
  double y_mm;           /* height of the counters, one of the job's placement.y_offset_mm */
  double lo_gev, hi_gev; /* masses of the figure of merit */
  zps_mass_weights weights;
  double n_up;
  bool has_rate_max; /* else the rate of the loosest trigger of the job */
  double rate_max;   /* per muon on target */
  size_t n_shifts;
  double shift_mm[ZPS_MAX_SHIFTS]; /* of the counters, > 0 */
  bool has_at;                     /* look at this one position and at nothing else */
  double at_first_mm, at_last_mm;
  size_t n_replicas; /* 0: no uncertainty */
  double flat;       /* positions within this share of the best g90 are as good, e.g. 0.01 */
  double front_gain; /* see zps_rate_front_find() */
} zps_study_options;

/** One position looked at in detail. */
typedef struct zps_study_position {
  char name[ZPS_NAME_SIZE]; /* the trigger's, "best", or "at" */
  double first_mm, last_mm;
  bool on_surface;                /* the surface tells of it */
  zps_position position;          /* when it does */
  uint64_t *accepted;             /* [n_mass] */
  double g90, g90_error;          /* over the masses of the figure of merit; the error is relative */
  zps_rate_value rate;            /* with a beam */
  zps_efficiency_change *changes; /* [n_mass][n_shifts][ZPS_N_DISPLACEMENT] */
} zps_study_position;

typedef struct zps_placement_study {
  zps_study_options options; /* paths borrowed */
  zps_surface_facts facts;
  zps_position_grid grid;
  double n_mot; /* of all triggers of the job */
  size_t n_mass;
  zps_reach_mass *masses; /* [n_mass] */
  size_t n_positions;
  zps_study_position positions[ZPS_MAX_TRIGGERS + 1]; /* the job's triggers, then the best; or the one of --at */
  bool has_beam;
  uint64_t beam_generated;
  zps_trigger_rate rate;
  zps_rate_ceiling ceiling;
  char ceiling_name[ZPS_NAME_SIZE]; /* of the trigger whose rate it is, "" when given */
  double *ln_g90;                   /* [zps_position_count()]; NULL with has_at */
  zps_summed_area beam_area;
  bool has_best;
  size_t i_best; /* in positions */
  zps_flat_region flat_region;
  zps_optimum_spread spread; /* n_replicas = 0: not made */
  zps_rate_front front;
} zps_placement_study;

/** Makes the study. ZPS_INVALID: the file has no surfaces, or they do not agree with its other counts; ZPS_MISMATCH:
 * the beam's file is of another experiment; ZPS_USAGE for options that do not fit (positions, shifts, masses off what
 * the file has). Free with zps_placement_study_free(). */
zps_status zps_placement_study_make(const zps_study_options *options, zps_placement_study *study, zps_error *error);

/** Change of one position at one mass for one displacement. */
zps_efficiency_change zps_study_change(const zps_placement_study *study, const zps_study_position *position,
                                       size_t i_mass, size_t i_shift, zps_displacement which);

/** The largest change, in magnitude, over the masses of the figure of merit. */
typedef struct zps_study_largest {
  bool is_found;
  size_t i_mass;
  zps_displacement which;
  zps_efficiency_change change;
} zps_study_largest;

zps_study_largest zps_study_largest_change(const zps_placement_study *study, const zps_study_position *position,
                                           size_t i_shift);

/** Rate of the ceiling, per muon on target. */
double zps_study_ceiling_rate(const zps_placement_study *study);

void zps_placement_study_free(zps_placement_study *study); /* a zeroed one is fine */

#endif
