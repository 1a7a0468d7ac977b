#include "bench/bench_machine.h"
#include "bench/bench_suite.h"

void zps_bench_report_add(zps_bench_report *report, const char *key, const char *what, zps_spread spread) {
  if (report->n_entries < ZPS_BENCH_MAX_ENTRIES) {
    zps_bench_entry *const entry = &report->entries[report->n_entries++];
    entry->key = key;
    entry->what = what;
    entry->spread = spread;
  }
}

zps_status zps_bench_report_rates(const zps_bench *bench, zps_bench_work *work, zps_bench_part *part, void *context,
                                  size_t size, double n_items, const char *key, const char *key_all, const char *what,
                                  zps_error *error) {
  zps_spread all;
  const zps_spread one = zps_bench_time(bench->timing, ZPS_BENCH_CPU, work, context);
  const zps_status status = zps_bench_time_threads(bench->timing, work, part, context, size, &all, error);
  if (status == ZPS_OK) {
    zps_bench_report_add(bench->report, key, what, zps_spread_rate(one, n_items));
    zps_bench_report_add(bench->report, key_all, "the same on all threads, by the wall clock",
                         zps_spread_rate(all, n_items * (double)zps_bench_threads()));
  }
  return status;
}

static json_t *zps_entry_json(const zps_bench_entry *entry) {
  const zps_spread *const s = &entry->spread;
  return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:i}", "what", entry->what, "median", s->median, "min", s->min,
                   "max", s->max, "quartile_lo", s->quartile_lo, "quartile_hi", s->quartile_hi, "n_repeats", s->n);
}

static json_t *zps_machine_json(const zps_bench_report *report) {
  char cpu[256];
  zps_machine_cpu(cpu, sizeof cpu);
  return json_pack("{s:s, s:i, s:f}", "cpu", cpu, "cores", zps_machine_cores(), "load_1min", report->load_1min);
}

/** How the numbers were taken: what two runs must have in common to be compared. */
static json_t *zps_timing_json(const zps_bench_report *report) {
  const zps_bench_timing *const t = &report->timing;
  return json_pack("{s:b, s:i, s:f, s:f, s:I}", "quick", report->quick ? 1 : 0, "n_repeats", t->n_repeats, "min_ms",
                   1e3 * t->min_s, "max_s", t->max_s, "n_calls", (json_int_t)t->n_calls);
}

json_t *zps_bench_report_json(const zps_bench_report *report) {
  json_t *const root =
      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:{}}", "version", ZPS_VERSION, "compiler",
                report->compiler, "flags", report->flags, "engine_flags", zps_machine_engine_flags(), "isa",
                report->isa, "engine", report->engine, "job", report->job, "start_utc", report->start_utc, "threads",
                zps_bench_threads(), "timing", zps_timing_json(report), "machine", zps_machine_json(report), "results");
  int failed = root == NULL;
  for (int i = 0; i < report->n_entries && !failed; i++) {
    const zps_bench_entry *const entry = &report->entries[i];
    failed |= json_object_set_new(root, entry->key, json_real(entry->spread.median));
    failed |= json_object_set_new(json_object_get(root, "results"), entry->key, zps_entry_json(entry));
  }
  if (failed) {
    json_decref(root);
    return NULL;
  }
  return root;
}
