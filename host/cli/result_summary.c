#include "host/cli/result_summary.h"

#include <inttypes.h>
#include <math.h>

#include "host/io/signal.h"

#define COUPLING_SHOWN 1e-4

size_t zps_summary_coupling(const zps_result *result) {
  size_t best = 0;
  for (size_t i = 1; i < result->n_coupling; i++) {
    const double here = fabs(log(result->coupling[i] / COUPLING_SHOWN));
    best = here < fabs(log(result->coupling[best] / COUPLING_SHOWN)) ? i : best;
  }
  return best;
}

static uint64_t events_of(const zps_result *result, size_t i_mass) {
  return zps_result_row(result, i_mass)[zps_tally_events((uint32_t)result->n_trigger)];
}

static void print_head(FILE *out, const zps_result *result, double g) {
  uint64_t least = UINT64_MAX;
  uint64_t most = 0;
  for (size_t i = 0; i < result->n_mass; i++) {
    const uint64_t n = events_of(result, i);
    least = n < least ? n : least;
    most = n > most ? n : most;
  }
  (void)fprintf(out, "%zu mass%s, ", result->n_mass, result->n_mass == 1 ? "" : "es");
  (void)(least == most ? fprintf(out, "%" PRIu64, most) : fprintf(out, "%" PRIu64 " to %" PRIu64, least, most));
  (void)fprintf(out, " event%s%s; sigma and yield at g = %.4g; efficiencies with 68.27 %% intervals\n",
                most == 1 ? "" : "s", result->n_mass == 1 ? "" : " each", g);
  (void)fprintf(out, "%10s %12s", "mass/GeV", "sigma/pb");
  for (size_t t = 0; t < result->n_trigger; t++) {
    (void)fprintf(out, "  %-25.25s", result->triggers[t].name);
  }
  (void)fprintf(out, " %10s\n", "yield");
}

/** Says which share of the muons met a field that no map file gave, if any did. */
static void print_beyond(FILE *out, const zps_result *result) {
  const uint32_t n_trigger = (uint32_t)result->n_trigger;
  uint64_t beyond[ZPS_N_BEYOND] = {0};
  uint64_t generated = 0;
  for (size_t i = 0; i < result->n_mass; i++) {
    const uint64_t *const row = zps_result_row(result, i);
    generated += row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)];
    for (uint32_t j = 0; j < ZPS_N_BEYOND; j++) {
      beyond[j] += row[zps_tally_beyond(n_trigger, j)];
    }
  }
  if (beyond[ZPS_BEYOND_SIDE] + beyond[ZPS_BEYOND_END] > 0) {
    (void)fprintf(out,
                  "beyond the nodes of a map file (outside: zero or clamp), of %" PRIu64 " generated: %" PRIu64
                  " in x or y, %" PRIu64 " in z\n",
                  generated, beyond[ZPS_BEYOND_SIDE], beyond[ZPS_BEYOND_END]);
  }
}

void zps_summary_print(FILE *out, const zps_job *job, const zps_result *result) {
  const size_t i_g = zps_summary_coupling(result);
  const double g = result->coupling[i_g];
  print_head(out, result, g);
  for (size_t i = 0; i < result->n_mass; i++) {
    (void)fprintf(out, "%10.4g %12.5g", result->mass_gev[i], result->sigma_pb[i] * g * g);
    for (size_t t = 0; t < result->n_trigger; t++) {
      const zps_efficiency e = zps_signal_efficiency(job, result, t, i);
      (void)fprintf(out, "  %.5f [%.5f,%.5f]", e.value, e.lo, e.hi);
    }
    (void)fprintf(out, " %10.4g\n", zps_signal_total(job, result, i, g));
  }
  print_beyond(out, result);
}

static json_t *trigger_json(const zps_job *job, const zps_result *result, size_t i_trigger, size_t i_mass, size_t i_g) {
  const zps_efficiency e = zps_signal_efficiency(job, result, i_trigger, i_mass);
  const uint64_t *const row = zps_result_row(result, i_mass);
  json_t *const object =
      json_pack("{s:s, s:f, s:f, s:f, s:o, s:f, s:f}", "name", result->triggers[i_trigger].name, "efficiency", e.value,
                "efficiency_lo", e.lo, "efficiency_hi", e.hi, "relative_error",
                isfinite(e.relative_error) ? json_real(e.relative_error) : json_null(), "n_eff", e.n_eff, "yield",
                zps_signal_yield(job, result, i_trigger, i_mass, result->coupling[i_g]));
  for (uint32_t stage = 0; stage < ZPS_N_STAGE; stage++) {
    const uint64_t n = row[zps_tally_stage((uint32_t)i_trigger, stage, 0)];
    (void)json_object_set_new(object, zps_stage_name((enum zps_stage)stage), json_integer((json_int_t)n));
  }
  return object;
}

static json_t *beyond_json(const zps_result *result, const uint64_t *row) {
  json_t *const object = json_object();
  for (uint32_t i = 0; i < ZPS_N_BEYOND; i++) {
    const uint64_t n = row[zps_tally_beyond((uint32_t)result->n_trigger, i)];
    (void)json_object_set_new(object, zps_beyond_name((enum zps_beyond)i), json_integer((json_int_t)n));
  }
  return object;
}

static json_t *mass_json(const zps_job *job, const zps_result *result, size_t i_mass, size_t i_g) {
  const uint64_t *const row = zps_result_row(result, i_mass);
  json_t *const triggers = json_array();
  json_t *const fates = json_object();
  for (size_t t = 0; t < result->n_trigger; t++) {
    (void)json_array_append_new(triggers, trigger_json(job, result, t, i_mass, i_g));
  }
  for (uint32_t f = 0; f < ZPS_N_FATE; f++) {
    const uint64_t n = row[zps_tally_fate((uint32_t)result->n_trigger, f)];
    (void)json_object_set_new(fates, zps_fate_name((enum zps_fate)f), json_integer((json_int_t)n));
  }
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I, s:f, s:o, s:o, s:o}", "mass_gev", result->mass_gev[i_mass],
                   "sigma_pb", result->sigma_pb[i_mass], "sigma_error_pb", result->sigma_error_pb[i_mass],
                   "vertex_factor", zps_signal_vertex_factor(result, i_mass), "x_fraction", result->x_fraction[i_mass],
                   "events", (json_int_t)events_of(result, i_mass), "yield",
                   zps_signal_total(job, result, i_mass, result->coupling[i_g]), "triggers", triggers, "fates", fates,
                   "beyond_map", beyond_json(result, row));
}

static json_t *provenance_json(const zps_provenance *p) {
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:f}",
                   "version", p->version, "compiler", p->compiler, "flags", p->flags, "engine", p->engine,
                   "engine_detail", p->engine_detail, "host", p->host, "command", p->command, "start_utc", p->start_utc,
                   "job_hash", p->job_hash, "table_hash", p->table_hash, "map_hash", p->map_hash, "tally_hash",
                   p->tally_hash, "content_hash", p->content_hash, "schema_version", (json_int_t)p->schema_version,
                   "physics_version", (json_int_t)p->physics_version, "n_threads", (json_int_t)p->n_threads,
                   "events_from_journal", (json_int_t)p->events_from_journal, "wall_s", p->wall_s, "setup_s",
                   p->setup_s);
}

json_t *zps_summary_json(const zps_job *job, const zps_result *result) {
  const size_t i_g = zps_summary_coupling(result);
  json_t *const object = provenance_json(&result->provenance);
  json_t *const masses = json_array();
  char seed[24];
  for (size_t i = 0; i < result->n_mass; i++) {
    (void)json_array_append_new(masses, mass_json(job, result, i, i_g));
  }
  /* JSON readers take numbers as doubles or signed words: a seed of 64 bits goes as text when it does not fit. */
  (void)snprintf(seed, sizeof seed, "%" PRIu64, result->seed);
  (void)json_object_set_new(object, "seed",
                            result->seed <= (1ULL << 53) ? json_integer((json_int_t)result->seed) : json_string(seed));
  (void)json_object_set_new(object, "i_first_mass", json_integer((json_int_t)result->i_first_mass));
  (void)json_object_set_new(object, "n_mass", json_integer((json_int_t)result->n_mass));
  (void)json_object_set_new(object, "n_coupling", json_integer((json_int_t)result->n_coupling));
  (void)json_object_set_new(object, "yield_coupling", json_real(result->coupling[i_g]));
  (void)json_object_set_new(object, "x_min", json_real(result->x_min));
  (void)json_object_set_new(object, "nuclei_per_pb", json_real(result->nuclei_per_pb));
  const zps_provenance *const p = &result->provenance;
  (void)json_object_set_new(object, "target_error", p->target_error > 0.0 ? json_real(p->target_error) : json_null());
  (void)json_object_set_new(object, "target_trigger",
                            p->target_trigger[0] != '\0' ? json_string(p->target_trigger) : json_null());
  (void)json_object_set_new(object, "piloted", json_boolean(result->column_weight != NULL));
  (void)json_object_set_new(object, "masses", masses);
  return object;
}
