/* zpscan info: this build, a result, or a material. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/build_info.h"
#include "host/cli/command.h"
#include "host/cli/emission_argument.h"
#include "host/cli/json_print.h"
#include "host/cli/message.h"
#include "host/cli/result_argument.h"
#include "host/cli/result_summary.h"
#include "host/io/surface.h"
#include "host/run/engine.h"
#include "host/run/plan.h"
#include "host/tables/stopping_power.h"

#define MAX_MATERIALS 64

enum info_key { KEY_MATERIAL = 256, KEY_JSON };

typedef struct info_options {
  const char *file;
  const char *material;
  bool json;
} info_options;

static const struct argp_option options[] = {{"material", KEY_MATERIAL, "NAME", 0, "a material instead, e.g. Pb", 0},
                                             {"json", KEY_JSON, NULL, 0, "JSON instead of text", 0},
                                             {0}};

static zps_status set(void *target, int key, const char *value, zps_error *error) {
  info_options *const o = (info_options *)target;
  (void)error;
  switch (key) {
  case ARGP_KEY_ARG:
    o->file = value;
    break;
  case KEY_MATERIAL:
    o->material = value;
    break;
  default:
    o->json = true;
    break;
  }
  return ZPS_OK;
}

static const zps_arguments arguments = {"zpscan info",
                                        "[FILE.h5]",
                                        0,
                                        1,
                                        "Without a file: version, compiler, engines and materials of this build. With "
                                        "one: the summary, origin and hashes of a "
                                        "result.\v"
                                        "Units: GeV, pb; of a material: MeV cm^2/g, GeV, mm, g/cm^3.\n"
                                        "Example: zpscan info quick.h5 --json",
                                        options,
                                        set};

static json_t *materials_json(void) {
  json_t *const list = json_array();
  for (size_t i = 0; i < zps_material_count(); i++) {
    const zps_material *const m = zps_material_at(i);
    (void)json_array_append_new(list,
                                json_pack("{s:s, s:s, s:f, s:f}", "name", m->name, "title", m->title, "density_g_cm3",
                                          m->density_g_cm3, "radiation_length_mm", m->radiation_length_mm));
  }
  return list;
}

static zps_status build_json(zps_error *error) {
  json_t *const engines = json_array();
  for (size_t i = 0; i < zps_engine_count(); i++) {
    zps_engine_info e;
    (void)zps_engine_describe(i, &e);
    (void)json_array_append_new(engines, json_pack("{s:s, s:b, s:s, s:s}", "name", e.name, "available", e.available,
                                                   "reason", e.reason, "detail", e.detail));
  }
  return zps_json_print(json_pack("{s:s, s:s, s:s, s:i, s:o, s:o}", "version", ZPS_VERSION, "compiler",
                                  zps_build_compiler(), "flags", zps_build_flags(), "physics_version",
                                  ZPS_PHYSICS_VERSION, "engines", engines, "materials", materials_json()),
                        error);
}

static zps_status show_build(const info_options *o, zps_error *error) {
  if (o->json) {
    return build_json(error);
  }
  (void)printf("zpscan %s, physics version %d\ncompiler: %s\nflags: %s\n", ZPS_VERSION, ZPS_PHYSICS_VERSION,
               zps_build_compiler(), zps_build_flags());
  for (size_t i = 0; i < zps_engine_count(); i++) {
    zps_engine_info e;
    (void)zps_engine_describe(i, &e);
    (void)printf("engine %-6s %s%s\n", e.name,
                 e.available ? "available: " : "not available: ", e.available ? e.detail : e.reason);
  }
  for (size_t i = 0; i < zps_material_count(); i++) {
    const zps_material *const m = zps_material_at(i);
    (void)printf("material %-11s %10.6g g/cm^3, X0 %10.6g mm: %s\n", m->name, m->density_g_cm3, m->radiation_length_mm,
                 m->title);
  }
  return ZPS_OK;
}

static const char *nearest_material(const char *name) {
  const char *names[MAX_MATERIALS];
  unsigned n = 0;
  for (; n < zps_material_count() && n < MAX_MATERIALS; n++) {
    names[n] = zps_material_at(n)->name;
  }
  return zps_nearest_word(name, names, n);
}

static zps_status show_material(const info_options *o, zps_error *error) {
  char names[512];
  zps_material_summary s;
  const zps_material *const m = zps_material_find(o->material);
  if (m == NULL) {
    const char *const nearest = nearest_material(o->material);
    return zps_error_set(error, ZPS_USAGE, "--material = %.60s: unknown material%s%s (have %s)", o->material,
                         nearest != NULL ? "; nearest: " : "", nearest != NULL ? nearest : "",
                         zps_material_names(names, sizeof names));
  }
  const zps_status status = zps_material_summarise(m, &s, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (o->json) {
    return zps_json_print(json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f}", "name", m->name, "symbol", m->symbol,
                                    "title", m->title, "density_g_cm3", s.density_g_cm3, "radiation_length_mm",
                                    s.radiation_length_mm, "min_dedx_mev_cm2_g", s.minimum_dedx, "min_dedx_kinetic_gev",
                                    s.minimum_kinetic_gev, "critical_energy_gev", s.critical_energy_gev),
                          error);
  }
  (void)printf("%s (%s, %s)\ndensity              %.6g g/cm^3\nradiation length     %.6g mm\n"
               "minimum ionisation   %.5g MeV cm^2/g at T = %.3g GeV\nmuon critical energy %.5g GeV\n",
               m->name, m->symbol, m->title, s.density_g_cm3, s.radiation_length_mm, s.minimum_dedx,
               s.minimum_kinetic_gev, s.critical_energy_gev);
  return ZPS_OK;
}

static void print_origin(const char *path, const zps_result *result) {
  const zps_provenance *const p = &result->provenance;
  (void)printf("%s: zpscan %s, physics version %" PRId64 ", seed %" PRIu64 "\n", path, p->version, p->physics_version,
               result->seed);
  (void)printf("engine %s (%s), %s, %.3g s, of which tables %.3g s; %" PRIu64 " events from the journal\n", p->engine,
               p->engine_detail, p->start_utc, p->wall_s, p->setup_s, p->events_from_journal);
  (void)printf("compiler %s, flags %s\nhost %s, command: %s\n", p->compiler, p->flags, p->host, p->command);
  (void)printf("job_hash     %s\ntable_hash   %s\nmap_hash     %s\ntally_hash   %s\ncontent_hash %s\n", p->job_hash,
               p->table_hash, p->map_hash, p->tally_hash, p->content_hash);
}

/** Hash of the placement surfaces, "" for a result without. */
static zps_status surface_hash(const char *path, char hash[ZPS_HASH_SIZE], zps_error *error) {
  zps_surface_file *file = NULL;
  zps_surface_facts facts;
  zps_status status = ZPS_OK;
  hash[0] = '\0';
  if (!zps_surface_file_has(path)) {
    return ZPS_OK;
  }
  status = zps_surface_file_open(path, &file, &facts, error);
  if (status == ZPS_OK) {
    memcpy(hash, facts.hash, ZPS_HASH_SIZE);
  }
  zps_surface_file_close(file);
  return status;
}

static zps_status show_result(const info_options *o, zps_error *error) {
  char hash[ZPS_HASH_SIZE];
  zps_result result = {0};
  zps_job *job = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_argument_read(o->file, NULL, &result, &job, error));
  ZPS_TRY(surface_hash(o->file, hash, error));
  if (o->json) {
    json_t *const summary = zps_summary_json(job, &result);
    (void)json_object_set_new(summary, "surface_hash", hash[0] == '\0' ? json_null() : json_string(hash));
    status = zps_json_print(summary, error);
  } else {
    print_origin(o->file, &result);
    (void)(hash[0] != '\0' ? printf("surface_hash %s\n", hash) : 0);
    (void)(result.column_weight != NULL
               ? printf("events drawn with a pilot; intervals by the weights of the accepted\n")
               : 0);
    zps_summary_print(stdout, job, &result);
  }
done:
  zps_job_argument_free(job);
  zps_result_free(&result);
  return status;
}

zps_status zps_command_info(int argc, char **argv, zps_error *error) {
  info_options o = {.json = false};
  bool helped = false;
  const zps_status status = zps_arguments_parse(&arguments, argc, argv, &o, &helped, error);
  if (status != ZPS_OK || helped) {
    return status;
  }
  if (o.file != NULL && o.material != NULL) {
    return zps_error_set(error, ZPS_USAGE, "--material and a file: expected one of them");
  }
  if (o.material != NULL) {
    return show_material(&o, error);
  }
  return o.file != NULL ? show_result(&o, error) : show_build(&o, error);
}
