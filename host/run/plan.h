/* From a job to what an engine reads: the tables of a run.
 *
 * A plan owns every table (emission, stopping power, field maps, beam particles) and the zps_setup that points to
 * them, and knows the numbers of the result that do not depend on events: cross-sections, branching ratios. */
#ifndef ZPS_RUN_PLAN_H
#define ZPS_RUN_PLAN_H

#include <stddef.h>

#include "host/error.h"
#include "host/field/field_grid.h"
#include "host/io/result.h"
#include "host/job/job.h"
#include "host/run/node_memory.h"
#include "kernels/transport.h"

/** Raised whenever a change of the kernels or tables changes results. */
#define ZPS_PHYSICS_VERSION 3

/** Masses [first, end) of the job's grid, as `run --masses A:B`. */
typedef struct zps_mass_range {
  size_t first, end;
} zps_mass_range;

typedef struct zps_plan {
  const zps_job *job; /* not owned, outlives the plan */
  zps_mass_range masses;
  size_t n_mass; /* masses.end - masses.first, 1 when process is none and no emission is needed */
  zps_setup setup;
  zps_matter *matter;
  zps_moliere *moliere;                    /* [setup.n_matter]; NULL with Highland's scattering */
  zps_straggling *straggling;              /* [setup.n_matter]; NULL with the mean loss */
  zps_field_map *maps;                     /* [setup.n_maps], and so the next two */
  zps_field_step *steps;                   /* [setup.n_steps] */
  zps_field_map_owned *owned_maps;         /* NULL when shared */
  char (*map_hashes)[ZPS_FIELD_HASH_SIZE]; /* of the maps as given */
  zps_beam_particle *particles;
  zps_t_shape *t_shape;
  zps_emission *emission; /* [n_mass] */
  double *sigma_pb;       /* [n_mass] at g = 1 and nominal energy */
  double *sigma_error_pb; /* [n_mass] difference to half the quadrature nodes: an upper bound */
  double *x_fraction;     /* [n_mass] */
  double *column_weight;  /* [n_mass][ZPS_N_A] factor of k by column of logit x; NULL without a pilot */
  double x_min;           /* lowest x generated */
  double nuclei_per_pb;   /* Z' per muon = this * sigma/pb */
  double setup_s;         /* wall time of the tables */
  char job_hash[ZPS_HASH_SIZE];
  char table_hash[ZPS_HASH_SIZE];
  char map_hash[ZPS_HASH_SIZE];
  zps_node_memory shared; /* holds the arrays and the nodes of the maps for all ranks of the node; empty: own memory */
} zps_plan;

/** An array of a plan: where in zps_plan its pointer stands, and its size when it is there [bytes]. */
typedef struct zps_plan_array {
  size_t offset, size;
} zps_plan_array;

#define ZPS_PLAN_N_ARRAYS 13

/** Builds the plan of a job for some of its masses ({0, 0}: all); n_threads as zps_engine_options. Free with
 *  zps_plan_free(). Fails with the message of the part that failed; *plan is then empty. */
zps_status zps_plan_build(const zps_job *job, zps_mass_range masses, int n_threads, zps_plan *plan, zps_error *error);

/** Does what zps_plan_build() does for all masses up to the integrals of the cross-sections: reads field maps and the
 *  beam file, makes the tables of matter, holds x_min and the masses against the limits of the emission. Fails with
 *  the message zps_plan_build() would fail with; *n_particles is then 0, else the lines of the beam file. Some 0.06 s
 *  on one core, and the time that maps and files take (docs/job-file.md). */
zps_status zps_plan_check(const zps_job *job, uint64_t *n_particles, zps_error *error);

void zps_plan_free(zps_plan *plan);

/** Lists every array of a plan but owned_maps; maps, which holds pointers, is the last. */
void zps_plan_arrays(const zps_plan *plan, zps_plan_array arrays[ZPS_PLAN_N_ARRAYS]);

/** The pointer at an offset of zps_plan_arrays(), NULL when the plan has no such array; and setting it. */
void *zps_plan_array_get(const zps_plan *plan, size_t offset);
void zps_plan_array_set(zps_plan *plan, size_t offset, const void *array);

/** Makes setup point to the arrays. */
void zps_plan_connect(zps_plan *plan);

/** The identity of a job as text: its effective job without what changes no event (how many, in what pieces, where
 * files lie, what is made of the counts afterwards). *text is malloc'd. Its hash is the job_hash. */
zps_status zps_plan_identity_text(const zps_job *job, char **text, zps_error *error);

/** Fills everything of a result that does not come from events (job text, grids, cross-sections, provenance hashes);
 *  allocates it. */
zps_status zps_plan_result(const zps_plan *plan, zps_result *result, zps_error *error);

#endif
