/* From millimetres of a job file to the lattices of kernels/placement.h. */
#ifndef ZPS_JOB_PLACEMENT_LATTICE_H
#define ZPS_JOB_PLACEMENT_LATTICE_H

#include <stdbool.h>

#include "host/error.h"
#include "host/job/job.h"
#include "kernels/placement.h"

#define ZPS_PLACEMENT_MAX_STEPS 8192     /* along one axis */
#define ZPS_PLACEMENT_MAX_SIZE (1 << 25) /* u64 of one mass's surface */

/** Sets the step [mm] of a lattice: a whole number, or 1 over one, up to 1000 each; false for any other. */
bool zps_placement_step(double step_mm, zps_lattice *lattice);

/** Sets the edges of a lattice that has its step, from and to included; false when they are no ascending multiples of
 *  the step, up to 1e-6 of it, or more than ZPS_PLACEMENT_MAX_STEPS apart. */
bool zps_placement_lattice(double from_mm, double to_mm, zps_lattice *lattice);

/** A length as a number of steps > 0; false when it is no multiple, up to 1e-6 of a step. */
bool zps_placement_steps(const zps_lattice *lattice, double length_mm, int64_t *steps);

/** Number of pairs of heights of the first and last counter. */
size_t zps_placement_n_heights(const zps_job *job);

/** Heights [mm] of pair i < zps_placement_n_heights(): those of the last counter go round fastest. */
double zps_placement_height_first(const zps_job *job, size_t i);
double zps_placement_height_last(const zps_job *job, size_t i);

/** What an engine counts for a valid job; n_y = 0 without a placement section. */
zps_placement zps_placement_of_job(const zps_job *job);

#endif
