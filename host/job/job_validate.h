/* What no single key can tell: rules between the keys of a job. */
#ifndef ZPS_JOB_VALIDATE_H
#define ZPS_JOB_VALIDATE_H

#include "host/error.h"
#include "host/job/job.h"
#include "host/job/job_yaml.h"

/** Checks a job that has been read from the tree, which lends its lines to the messages. */
zps_status zps_job_validate(const zps_job *job, const zps_yaml_node *root, zps_error *error);

/** The largest m_Z' [GeV] that muons of momentum p [GeV] can make on a nucleus of atomic mass a [g/mol]: there the
 *  invariant mass of muon and nucleus, s = M^2 + m_mu^2 + 2 E M, is (M + m_mu + m)^2. 0 for a muon at rest. */
double zps_job_mass_limit(double p_gev, double a);

#endif
