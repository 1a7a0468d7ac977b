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
#include "host/place/study_options.h"
#include "host/place/trigger_rate.h"

/** One position looked at in detail. */
typedef struct zps_study_position {
  char name[ZPS_NAME_SIZE]; /* the trigger's, "best", or "at" */
  double first_mm, last_mm;
  bool on_surface;       /* the surface tells of it */
  zps_position position; /* when it does */
  double scale;          /* live_factor tracking_factor of its trigger over those of the first; 1 for best and at */
  uint64_t *accepted;    /* [n_mass] */
  double g90, g90_error; /* over the masses of the figure of merit; the error is relative */
  zps_rate_value rate;   /* with a beam */
  zps_efficiency_change *changes; /* [n_mass][n_shifts][ZPS_N_DISPLACEMENT] */
} zps_study_position;

/** Where the highest rate comes from. */
typedef enum zps_ceiling_source {
  ZPS_CEILING_NONE,    /* no beam */
  ZPS_CEILING_GIVEN,   /* rate_max: a position's upper limit lies below it */
  ZPS_CEILING_TRIGGER, /* of the job's loosest trigger: a position has no more coincidences than it */
  /** That trigger has fewer than ZPS_FEW_COUNTS coincidences: as if max(ZPS_FEW_COUNTS/beam_generated, its rate) had
   *  been given. */
  ZPS_CEILING_FEW
} zps_ceiling_source;

typedef struct zps_placement_study {
  zps_study_options options; /* paths borrowed; displacements as they are used */
  bool has_rounded_shifts;
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
  zps_ceiling_source ceiling_source;
  double ceiling_rate;              /* per muon on target; NaN without */
  char ceiling_name[ZPS_NAME_SIZE]; /* of the loosest trigger, "" when given */
  double *ln_g90;                   /* [zps_position_count()]; NULL with has_at */
  zps_summed_area beam_area;
  bool has_best;
  size_t i_best; /* in positions */
  zps_flat_region flat_region;
  zps_optimum_spread spread; /* n_replicas = 0: not made */
  /** A ceiling of fewer than ZPS_FEW_COUNTS counts has hardly a beam muon to resample near it. The replicas then have a
   *  ceiling of ZPS_FEW_COUNTS, and their deviations are multiplied by this: the spread of the (c+1)th outermost of a
   *  sample with an exponential tail is scale * sqrt(trigamma(c + 1)) (sums of exponential spacings, Renyi 1953). */
  double spread_factor; /* 1: as the replicas have it */
  zps_rate_front front;
} zps_placement_study;

/** Makes the study. ZPS_INVALID: the file has no surfaces, or they do not agree with its other counts; ZPS_MISMATCH:
 * the beam's file is of another experiment; ZPS_USAGE for options that do not fit (positions, shifts, masses off what
 * the file has). Free with zps_placement_study_free(). */
zps_status zps_placement_study_make(const zps_study_options *options, zps_placement_study *study, zps_error *error);

/** g90 of one position at one mass. */
double zps_study_g90(const zps_placement_study *study, const zps_study_position *position, size_t i_mass);

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

/** The displacement with the largest weighted mean of the change over the masses of the figure of merit, in magnitude;
 *  i_mass means nothing. */
zps_study_largest zps_study_mean_change(const zps_placement_study *study, const zps_study_position *position,
                                        size_t i_shift);

void zps_placement_study_free(zps_placement_study *study); /* a zeroed one is fine */

#endif
