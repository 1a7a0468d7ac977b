#include "host/job/job_warning.h"

#include <stdio.h>

#define TEXT_SIZE (ZPS_PATH_SIZE + 256)

static void warn_of_window(const zps_job *job, void (*warn)(void *context, const char *text), void *context) {
  const zps_selection *const s = &job->selection;
  char text[TEXT_SIZE];
  if (s->p_in_min_gev <= job->beam.p_gev && job->beam.p_gev <= s->p_in_max_gev) {
    return;
  }
  (void)snprintf(text, sizeof text,
                 "%s: warning: beam.p_gev = %.10g: outside the window selection.p_in_min_gev = %.10g to p_in_max_gev = "
                 "%.10g: hardly a muon is counted",
                 job->file, job->beam.p_gev, s->p_in_min_gev, s->p_in_max_gev);
  warn(context, text);
}

void zps_job_warn(const zps_job *job, void (*warn)(void *context, const char *text), void *context) {
  warn_of_window(job, warn, context);
}
