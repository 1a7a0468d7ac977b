/* zps_bench: runs the benchmarks and prints a table or JSON. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_machine.h"
#include "bench/bench_suite.h"

enum { ZPS_KEY_ONLY = 256, ZPS_KEY_ISA, ZPS_KEY_REPEATS, ZPS_KEY_MIN_MS, ZPS_KEY_CALLS, ZPS_KEY_QUICK };

typedef struct zps_bench_arguments {
  zps_bench_options options;
  int json;
} zps_bench_arguments;

static const struct argp_option zps_options[] = {
    {"json", 'j', NULL, 0, "JSON on stdout", 0},
    {"only", ZPS_KEY_ONLY, "NAME", 0, "one bench: random, matter, field, emission, event, placement, models, setup", 0},
    {"isa", ZPS_KEY_ISA, "NAME", 0, "instruction set: v2, v3, v4 or base (default: the best)", 0},
    {"repeats", ZPS_KEY_REPEATS, "N", 0, "repetitions (default 11)", 0},
    {"min-ms", ZPS_KEY_MIN_MS, "T", 0, "shortest repetition in milliseconds (default 50)", 0},
    {"quick", ZPS_KEY_QUICK, NULL, 0, "3 repetitions of 5 ms", 0},
    {"calls", ZPS_KEY_CALLS, "N", 0, "one repetition of N calls, no warm-up: for callgrind", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

/** A whole number in [1, most]; argp ends the program with status 2 on anything else. */
static long zps_whole(const char *text, long most, const char *option, struct argp_state *state) {
  char *end = NULL;
  errno = 0;
  const long value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < 1 || value > most) {
    argp_error(state, "%s %s: expected a whole number from 1 to %ld", option, text, most);
  }
  return value;
}

static error_t zps_parse(int key, char *text, struct argp_state *state) {
  zps_bench_arguments *const arguments = (zps_bench_arguments *)state->input;
  zps_bench_timing *const timing = &arguments->options.timing;
  switch (key) {
  case 'j':
    arguments->json = 1;
    return 0;
  case ZPS_KEY_ONLY:
    arguments->options.only = text;
    return 0;
  case ZPS_KEY_ISA:
    arguments->options.isa = text;
    return 0;
  case ZPS_KEY_REPEATS:
    timing->n_repeats = (int)zps_whole(text, ZPS_BENCH_MAX_REPEATS, "--repeats", state);
    return 0;
  case ZPS_KEY_MIN_MS:
    timing->min_s = 1e-3 * (double)zps_whole(text, 100000, "--min-ms", state);
    return 0;
  case ZPS_KEY_CALLS:
    timing->n_calls = (uint64_t)zps_whole(text, 1000000000, "--calls", state);
    return 0;
  case ZPS_KEY_QUICK:
    timing->n_repeats = 3;
    timing->min_s = 5e-3;
    return 0;
  case ARGP_KEY_ARG:
    if (state->arg_num > 0) {
      argp_error(state, "%s: expected one job file", text);
    }
    arguments->options.job = text;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static void zps_print_table(const zps_bench_report *report) {
  char cpu[256];
  zps_machine_cpu(cpu, sizeof cpu);
  printf("%s, %d cores, load %.2f; %s; %s\n%s\n", cpu, zps_machine_cores(), zps_machine_load(), report->engine,
         zps_machine_compiler(), zps_machine_flags());
  printf("%-34s %11s %11s %11s %6s\n", "", "median", "min", "max", "IQR");
  for (int i = 0; i < report->n_entries; i++) {
    const zps_spread *const s = &report->entries[i].spread;
    printf("%-34s %11.4g %11.4g %11.4g %5.1f%%\n", report->entries[i].key, s->median, s->min, s->max,
           (100.0 * (s->quartile_hi - s->quartile_lo)) / s->median);
  }
}

static int zps_print_json(const zps_bench_report *report) {
  json_t *const json = zps_bench_report_json(report);
  if (json == NULL || json_dumpf(json, stdout, JSON_INDENT(2)) != 0) {
    fprintf(stderr, "zps_bench: the report cannot be written\n");
    json_decref(json);
    return zps_status_exit(ZPS_IO);
  }
  putchar('\n');
  json_decref(json);
  return 0;
}

int main(int argc, char **argv) {
  static const struct argp argp = {
      zps_options,
      zps_parse,
      "[JOB.yaml]",
      "Rates of the hot operations on one core, whole events and set-up of a job (default grids/na64mu-2022.yaml).\v"
      "Example: zps_bench --json --only event grids/quick.yaml",
      NULL,
      NULL,
      NULL};
  zps_bench_arguments arguments = {{"grids/na64mu-2022.yaml", NULL, NULL, {0, 0.0, 0}}, 0};
  zps_bench_report report;
  zps_error error = {ZPS_OK, ""};
  argp_err_exit_status = 2;
  argp_parse(&argp, argc, argv, 0, NULL, &arguments);
  const zps_status status = zps_bench_run(&arguments.options, &report, &error);
  if (status != ZPS_OK) {
    fprintf(stderr, "zps_bench: %s\n", error.text);
    return zps_status_exit(status);
  }
  if (arguments.json) {
    return zps_print_json(&report);
  }
  zps_print_table(&report);
  return 0;
}
