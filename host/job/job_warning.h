/* What is valid in a job, and hardly what was meant. */
#ifndef ZPS_JOB_WARNING_H
#define ZPS_JOB_WARNING_H

#include "host/job/job.h"

/** Tells `warn` one line of each oddity of a valid job: a nominal momentum outside the window of the incoming momentum,
 *  by which hardly a muon is counted. */
void zps_job_warn(const zps_job *job, void (*warn)(void *context, const char *text), void *context);

#endif
