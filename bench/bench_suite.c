#include "bench/bench_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_isa.h"
#include "bench/bench_job.h"
#include "bench/bench_machine.h"

typedef struct zps_bench_listed {
  const char *name;
  zps_status (*run)(const zps_bench *bench, zps_error *error);
} zps_bench_listed;

static const zps_bench_listed zps_benches[] = {
    {"random", zps_bench_random},       {"matter", zps_bench_matter}, {"field", zps_bench_field},
    {"emission", zps_bench_emission},   {"event", zps_bench_event},   {"extra", zps_bench_extra},
    {"placement", zps_bench_placement}, {"models", zps_bench_models}, {"setup", zps_bench_setup}};

#define ZPS_N_BENCHES (sizeof zps_benches / sizeof zps_benches[0])

static int zps_is_wanted(const char *only, const char *name) {
  return only == NULL || strstr(name, only) != NULL;
}

static zps_status zps_run_listed(const zps_bench *bench, const char *only, zps_error *error) {
  zps_status status = ZPS_OK;
  size_t n_run = 0;
  for (size_t i = 0; i < ZPS_N_BENCHES; i++) {
    if (zps_is_wanted(only, zps_benches[i].name)) {
      ZPS_TRY(zps_benches[i].run(bench, error));
      n_run++;
    }
  }
  if (n_run == 0) {
    status = zps_error_set(
        error, ZPS_USAGE,
        "--only %.60s: expected part of random, matter, field, emission, event, extra, placement, models or setup",
        only);
  }
done:
  return status;
}

zps_status zps_bench_read_job(const char *path, zps_job *job, zps_error *error) {
  size_t size = 0;
  const char *const text = zps_bench_job_text(&size);
  return path != NULL ? zps_job_read(path, NULL, 0, job, error)
                      : zps_job_read_text(ZPS_BENCH_JOB_NAME, text, size, NULL, 0, job, error);
}

zps_status zps_bench_report_begin(const zps_bench_options *options, const zps_job *job, const zps_setup *setup,
                                  const zps_bench_lanes **lanes, zps_bench_report *report, zps_error *error) {
  memset(report, 0, sizeof *report);
  report->compiler = options->compiler;
  report->flags = options->flags;
  report->load_1min = zps_machine_load();
  report->timing = zps_bench_timing_filled(options->timing);
  report->quick = options->quick;
  zps_machine_utc(report->start_utc, sizeof report->start_utc);
  (void)snprintf(report->job, sizeof report->job, "%s", job->file);
  const zps_status status =
      zps_bench_isa_choose(options->isa, setup, lanes, report->engine, sizeof report->engine, error);
  if (status == ZPS_OK) {
    (void)snprintf(report->isa, sizeof report->isa, "%s", (*lanes)->isa);
  }
  return status;
}

zps_status zps_bench_run(const zps_bench_options *options, zps_bench_report *report, zps_error *error) {
  const zps_mass_range all = {0, 0};
  zps_plan plan;
  zps_bench bench;
  zps_status status = ZPS_OK;
  zps_job *const job = (zps_job *)calloc(1, sizeof *job);
  memset(&plan, 0, sizeof plan);
  if (job == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "bench: out of memory");
  }
  ZPS_TRY(zps_bench_read_job(options->job, job, error));
  ZPS_TRY(zps_plan_build(job, all, 0, &plan, error));
  memset(&bench, 0, sizeof bench);
  bench.job = job;
  bench.plan = &plan;
  bench.timing = options->timing;
  bench.report = report;
  ZPS_TRY(zps_bench_report_begin(options, job, &plan.setup, &bench.lanes, report, error));
  ZPS_TRY(zps_run_listed(&bench, options->only, error));
done:
  zps_plan_free(&plan);
  zps_job_free(job);
  free(job);
  return status;
}
