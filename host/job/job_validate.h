/* What no single key can tell: rules between the keys of a job. */
#ifndef ZPS_JOB_VALIDATE_H
#define ZPS_JOB_VALIDATE_H

#include "host/error.h"
#include "host/job/job.h"
#include "host/job/job_yaml.h"

/** Checks a job that has been read from the tree, which lends its lines to the messages. */
zps_status zps_job_validate(const zps_job *job, const zps_yaml_node *root, zps_error *error);

/** The largest m_Z' [GeV] that muons of momentum p [GeV] can make on a nucleus of atomic mass a [g/mol]: the range of
 *  x = E_Z'/E, m/E .. 1 - m^4/(8 E^3 M) - m_mu/E, is empty from there on. 0 when there is none. */
double zps_job_mass_limit(double p_gev, double a);

#endif
