/* The benchmarks of the program: each measures one hot operation, checks what it computed, and reports rates.
 *
 * zps_bench_run() is what `zpscan bench` calls; it prints nothing. */
#ifndef ZPS_BENCH_SUITE_H
#define ZPS_BENCH_SUITE_H

#include <jansson.h>

#include "bench/bench_harness.h"
#include "bench/bench_lanes.h"
#include "host/error.h"
#include "host/run/plan.h"

#define ZPS_BENCH_MAX_ENTRIES 64

/** What to run. Zero-initialised: everything, on the best instruction set. */
typedef struct zps_bench_options {
  const char *job;         /* job file, NULL: zps_bench_job_text(); whole events and set-up are those of its layout */
  const char *isa;         /* "v2", "v3", "v4", "base"; NULL: ZPS_ISA of the environment, else the best */
  const char *only;        /* run the benches whose name contains this; NULL: all */
  zps_bench_timing timing; /* zeros: defaults */
  bool quick;              /* told in the report alone */
  const char *compiler, *flags; /* of the program, for the report; not NULL */
} zps_bench_options;

/** One number of the report. */
typedef struct zps_bench_entry {
  const char *key;  /* e.g. "rk_steps_per_s_core" */
  const char *what; /* what one unit is */
  zps_spread spread;
} zps_bench_entry;

typedef struct zps_bench_report {
  zps_bench_entry entries[ZPS_BENCH_MAX_ENTRIES];
  int n_entries;
  const char *compiler, *flags; /* borrowed from the options */
  char job[4096];               /* what was measured */
  char engine[256];             /* instruction set of the CPU engine */
  char start_utc[32];
  double load_1min;        /* of the machine before the bench began, -1 unknown */
  zps_bench_timing timing; /* with its defaults filled in */
  bool quick;
  char isa[16];
} zps_bench_report;

/** What every bench is given. */
typedef struct zps_bench {
  const zps_job *job;
  const zps_plan *plan;         /* all masses of the job */
  const zps_bench_lanes *lanes; /* of the chosen instruction set */
  zps_bench_timing timing;
  zps_bench_report *report;
} zps_bench;

/** Runs the benches. Fails with the message of the job, of an unknown instruction set, or of a bench whose results are
 *  wrong (ZPS_FAILURE). */
zps_status zps_bench_run(const zps_bench_options *options, zps_bench_report *report, zps_error *error);

/** Reads the job file at path, NULL: the built-in job. As zps_job_read(). */
zps_status zps_bench_read_job(const char *path, zps_job *job, zps_error *error);

/** Starts a report of a job: what it ran on, without entries. Chooses the instruction set; setup is not run. */
zps_status zps_bench_report_begin(const zps_bench_options *options, const zps_job *job, const zps_setup *setup,
                                  const zps_bench_lanes **lanes, zps_bench_report *report, zps_error *error);

/** Appends a number to the report. */
void zps_bench_report_add(zps_bench_report *report, const char *key, const char *what, zps_spread spread);

/** Times work on one thread and on all, and reports n_items per call under key and key_all. part and context as
 *  in zps_bench_time_threads(). */
zps_status zps_bench_report_rates(const zps_bench *bench, zps_bench_work *work, zps_bench_part *part, void *context,
                                  size_t size, double n_items, const char *key, const char *key_all, const char *what,
                                  zps_error *error);

/** Tiles of a call of the bench of whole events on n_threads > 0: as many of every one of n_mass > 0 masses, and at
 * least eight per thread, so that no thread is without work. */
size_t zps_bench_event_tiles(size_t n_mass, int n_threads);

/** The report with machine, compiler and flags: the medians as top-level keys, every spread under "results". New
 *  reference, NULL when out of memory. */
json_t *zps_bench_report_json(const zps_bench_report *report);

/** The benches, one file each. */
zps_status zps_bench_random(const zps_bench *bench, zps_error *error);
zps_status zps_bench_matter(const zps_bench *bench, zps_error *error);
zps_status zps_bench_field(const zps_bench *bench, zps_error *error);
zps_status zps_bench_emission(const zps_bench *bench, zps_error *error);
zps_status zps_bench_event(const zps_bench *bench, zps_error *error);
zps_status zps_bench_extra(const zps_bench *bench, zps_error *error);
zps_status zps_bench_placement(const zps_bench *bench, zps_error *error);
zps_status zps_bench_models(const zps_bench *bench, zps_error *error);
zps_status zps_bench_setup(const zps_bench *bench, zps_error *error);

#endif
