/* Jobs made from a job: the beam without emission, and a second parameter at another value. */
#ifndef ZPS_PLACE_DERIVED_JOB_H
#define ZPS_PLACE_DERIVED_JOB_H

#include "host/error.h"
#include "host/job/job.h"

/** The same job with surfaces, as if its text had a section `placement`. Fails with the job's own messages; *derived is
 *  malloc'd, free with zps_derived_job_destroy(). */
zps_status zps_derived_job_with_surfaces(const zps_job *job, zps_job **derived, zps_error *error);

/** The job whose coincidences are the trigger rate: process none, one mass, placement.beam_events events. */
zps_status zps_derived_job_beam(const zps_job *job, zps_job **derived, zps_error *error);

/** The job with its scanned parameter at `value`, validated again:
 *    magnet    integral_tm [T m] of the first field element, which must be generated;
 *    distance  value [mm] added to the start of every element from the first trigger's first plane on;
 *    energy    beam.p_gev [GeV]; the p_in window and the p_out cut are scaled along, the magnet is not. */
zps_status zps_derived_job_scanned(const zps_job *job, double value, zps_job **derived, zps_error *error);

/** "magnet", ... and its unit. */
const char *zps_placement_scan_name(zps_placement_scan scan);
const char *zps_placement_scan_unit(zps_placement_scan scan);

/** ZPS_MISMATCH unless `beam` is a beam job of the same beam, layout, triggers and selection, counted on the same
 *  lattices; the line that differs is named. Texts of the two for the message. */
zps_status zps_derived_job_check_beam(const zps_job *signal, const zps_job *beam, const char *signal_name,
                                      const char *beam_name, zps_error *error);

void zps_derived_job_destroy(zps_job *job); /* NULL is fine */

#endif
