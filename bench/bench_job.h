/* The job that is measured unless another is named: grids/na64mu-2022.yaml, held in the program. */
#ifndef ZPS_BENCH_JOB_H
#define ZPS_BENCH_JOB_H

#include <stddef.h>

/** What messages call it. */
#define ZPS_BENCH_JOB_NAME "na64mu-2022.yaml (built in)"

/** Its YAML text of *size bytes, without a NUL. */
const char *zps_bench_job_text(size_t *size);

#endif
