/* zpscan bench: how fast this machine is. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_machine.h"
#include "bench/bench_statistics.h"
#include "bench/bench_suite.h"
#include "host/cli/arguments.h"
#include "host/cli/build_info.h"
#include "host/cli/command.h"
#include "host/cli/json_print.h"

enum bench_key { KEY_JSON = 256, KEY_ONLY, KEY_ISA, KEY_QUICK, KEY_STATISTICS, KEY_REPEATS, KEY_MIN_MS, KEY_CALLS };

typedef struct bench_options {
  zps_bench_options bench;
  bool json, statistics;
} bench_options;

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "JSON instead of a table", 0},
    {"only", KEY_ONLY, "NAME", 0, "one part: random, matter, field, emission, event, extra, placement, models, setup",
     0},
    {"isa", KEY_ISA, "NAME", 0, "instruction set: v2, v3, v4 or base (default: the best)", 0},
    {"quick", KEY_QUICK, NULL, 0, "3 repetitions of 5 ms", 0},
    {"statistics", KEY_STATISTICS, NULL, 0, "instead: CPU time to 1 % on the efficiency, by mass and way", 0},
    {"repeats", KEY_REPEATS, "N", 0, "repetitions at most, 1 to 101 (default 11)", 0},
    {"min-ms", KEY_MIN_MS, "T", 0, "shortest repetition in ms (default 50)", 0},
    {"calls", KEY_CALLS, "N", 0, "one repetition of N calls, no warm-up: for instruction counts", 0},
    {0}};

static zps_status set_timing(zps_bench_timing *timing, int key, const char *value, zps_error *error) {
  uint64_t n = 0;
  zps_status status = ZPS_OK;
  if (key == KEY_REPEATS) {
    status = zps_argument_whole("--repeats", value, 1, ZPS_BENCH_MAX_REPEATS, &n, error);
    timing->n_repeats = (int)n;
  } else if (key == KEY_MIN_MS) {
    status = zps_argument_whole("--min-ms", value, 1, 100000, &n, error);
    timing->min_s = 1e-3 * (double)n;
  } else {
    status = zps_argument_whole("--calls", value, 1, 1000000000, &timing->n_calls, error);
  }
  return status;
}

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  bench_options *const o = (bench_options *)target;
  switch (key) {
  case ARGP_KEY_ARG:
    o->bench.job = value;
    break;
  case KEY_JSON:
    o->json = true;
    break;
  case KEY_ONLY:
    o->bench.only = value;
    break;
  case KEY_ISA:
    o->bench.isa = value;
    break;
  case KEY_STATISTICS:
    o->statistics = true;
    break;
  case KEY_QUICK:
    o->bench.quick = true;
    o->bench.timing.n_repeats = 3;
    o->bench.timing.min_s = 5e-3;
    break;
  default:
    return set_timing(&o->bench.timing, key, value, error);
  }
  return ZPS_OK;
}

static const zps_arguments arguments = {
    "zpscan bench",
    "[JOB.yaml]",
    0,
    1,
    "Rates of the hot operations, of whole events and of set-up, each checked for what it computed; half a minute. "
    "Whole events are those of JOB.yaml, by default of grids/na64mu-2022.yaml, which the program holds.\v"
    "Units: `_per_s_core` operations per second of CPU time on one thread; `_per_s` on all threads (OMP_NUM_THREADS, "
    "else all cores) by the wall clock; "
    "`_ms`, `_ns` as they say. A RK step is one fourth-order step with two field lookups, 5 mm in a map of 201 x 201 x "
    "301 nodes every 100 mm, muons of 1 GeV. An event is one generated event, averaged over the masses of the job. "
    "Medians with their spread; compare numbers of one run, or as bench/README.md says. The JSON says what each number "
    "is.\n"
    "Example: zpscan bench --json",
    options,
    set};

static void print_origin(const zps_bench_report *report) {
  char cpu[256];
  zps_machine_cpu(cpu, sizeof cpu);
  (void)printf("%s, %d cores, load %.2f before; engine cpu (%s), %d threads\n%s, %s %s\n%s\n", cpu, zps_machine_cores(),
               report->load_1min, report->engine, zps_bench_threads(), report->compiler, report->flags,
               zps_machine_engine_flags(), report->job);
}

static zps_status run_benches(const bench_options *o, zps_error *error) {
  zps_bench_report report;
  const zps_status status = zps_bench_run(&o->bench, &report, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (o->json) {
    return zps_json_print(zps_bench_report_json(&report), error);
  }
  print_origin(&report);
  (void)printf("%-32s %10s %10s %10s %10s %10s\n", "", "median", "quartile", "quartile", "min", "max");
  for (int i = 0; i < report.n_entries; i++) {
    const zps_spread *const s = &report.entries[i].spread;
    (void)printf("%-32s %10.4g %10.4g %10.4g %10.4g %10.4g\n", report.entries[i].key, s->median, s->quartile_lo,
                 s->quartile_hi, s->min, s->max);
  }
  return ZPS_OK;
}

static zps_status run_statistics(const bench_options *o, zps_error *error) {
  zps_statistics *const statistics = (zps_statistics *)calloc(1, sizeof *statistics);
  if (statistics == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory");
  }
  zps_status status = zps_bench_statistics(&o->bench, statistics, error);
  if (status == ZPS_OK && o->json) {
    status = zps_json_print(zps_statistics_json(statistics), error);
  } else if (status == ZPS_OK) {
    print_origin(&statistics->about);
    zps_statistics_print(stdout, statistics);
  }
  free(statistics);
  return status;
}

zps_status zps_command_bench(int argc, char **argv, zps_error *error) {
  bench_options o = {.json = false};
  bool helped = false;
  const zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  o.bench.compiler = zps_build_compiler();
  o.bench.flags = zps_build_flags();
  return o.statistics ? run_statistics(&o, error) : run_benches(&o, error);
}
