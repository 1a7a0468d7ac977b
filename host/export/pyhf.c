#include "host/export/pyhf.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "host/export/document_text.h"
#include "host/export/sha256.h"
#include "host/io/signal.h"

#define POI "mu"

/** Adds a log-normal factor of that relative error, unless it is 0. */
static void add_normsys(json_t *modifiers, const char *name, const char *suffix, double error) {
  if (error > 0.0) {
    (void)json_array_append_new(modifiers,
                                json_pack("{s:o, s:s, s:{s:f, s:f}}", "name", json_sprintf("%s%s", name, suffix),
                                          "type", "normsys", "data", "hi", exp(error), "lo", exp(-error)));
  }
}

static double background_error(const zps_job_trigger *t) {
  return t->background > 0.0 ? t->background_error / t->background : 0.0;
}

static json_t *background_sample(const zps_job *job, const zps_job_trigger *t) {
  json_t *const modifiers = json_array();
  add_normsys(modifiers, "background", job->limit.backgrounds_together ? "" : t->name, background_error(t));
  return json_pack("{s:s, s:[f], s:o}", "name", "background", "data", t->background, "modifiers", modifiers);
}

static json_t *make_workspace(const zps_job *job) {
  json_t *const channels = json_array();
  json_t *const observations = json_array();
  for (size_t t = 0; t < job->n_triggers; t++) {
    const zps_job_trigger *const trigger = &job->triggers[t];
    (void)json_array_append_new(
        channels, json_pack("{s:s, s:[o]}", "name", trigger->name, "samples", background_sample(job, trigger)));
    (void)json_array_append_new(observations,
                                json_pack("{s:s, s:[f]}", "name", trigger->name, "data", trigger->observed));
  }
  return json_pack("{s:o, s:o, s:[{s:s, s:{s:s, s:[{s:s, s:[[f, f]], s:[f]}]}}], s:s}", "channels", channels,
                   "observations", observations, "measurements", "name", "limit", "config", "poi", POI, "parameters",
                   "name", POI, "bounds", 0.0, 20.0, "inits", 1.0, "version", "1.0.0");
}

static zps_status put(FILE *out, json_t *document) {
  if (document == NULL) {
    return ZPS_MEMORY;
  }
  const int failed = json_dumpf(document, out, JSON_INDENT(2));
  (void)fputc('\n', out);
  json_decref(document);
  return failed == 0 ? ZPS_OK : ZPS_MEMORY;
}

zps_status zps_pyhf_put_workspace(FILE *out, const zps_limit_curve *curve) {
  return put(out, make_workspace(curve->job));
}

static json_t *signal_sample(const zps_counting *counting, const zps_job *job, size_t i_trigger, double events) {
  const zps_channel *const channel = &counting->channels[i_trigger];
  json_t *const modifiers = json_pack("[{s:s, s:s, s:n}]", "name", POI, "type", "normfactor", "data");
  add_normsys(modifiers, "signal", "", counting->signal_error);
  add_normsys(modifiers, "simulation_", job->triggers[i_trigger].name, channel->signal_error);
  return json_pack("{s:s, s:[f], s:o}", "name", "signal", "data", events * channel->share, "modifiers", modifiers);
}

/** NULL without a limit at that mass. */
static json_t *make_patch(const zps_limit_curve *curve, size_t i_mass) {
  zps_counting counting;
  const zps_limit_point *const point = &curve->points[i_mass];
  if (!point->has_limit || point->observed.n == 0 ||
      !zps_limit_counting(curve->job, curve->result, i_mass, &counting)) {
    return NULL;
  }
  const double g = point->observed.island[0].lo;
  const double events = zps_signal_total(curve->job, curve->result, i_mass, g);
  json_t *const operations = json_array();
  for (size_t t = 0; t < counting.n_channel; t++) {
    if (counting.channels[t].share > 0.0) {
      (void)json_array_append_new(operations, json_pack("{s:s, s:o, s:o}", "op", "add", "path",
                                                        json_sprintf("/channels/%zu/samples/0", t), "value",
                                                        signal_sample(&counting, curve->job, t, events)));
    }
  }
  return json_pack("{s:{s:o, s:[f, f]}, s:o}", "metadata", "name",
                   json_sprintf("mass_%" PRIu64, curve->result->i_first_mass + i_mass), "values", point->mass_gev, g,
                   "patch", operations);
}

/** Digest of the workspace as pyhf takes it; NULL when out of memory. */
static json_t *make_digest(const zps_job *job) {
  char *text = NULL;
  size_t size = 0;
  char digest[ZPS_SHA256_SIZE];
  json_t *const workspace = make_workspace(job);
  FILE *const out = open_memstream(&text, &size);
  json_t *name = NULL;
  if (workspace != NULL && out != NULL) {
    zps_document_put_sorted(out, workspace);
  }
  if (out != NULL && fclose(out) == 0 && workspace != NULL) {
    zps_sha256(text, size, digest);
    name = json_string(digest);
  }
  free(text);
  json_decref(workspace);
  return name;
}

zps_status zps_pyhf_put_patchset(FILE *out, const zps_limit_curve *curve) {
  json_t *const patches = json_array();
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    json_t *const patch = make_patch(curve, i);
    if (patch != NULL) {
      (void)json_array_append_new(patches, patch);
    }
  }
  /* The format asks for a reference; there is no record yet. */
  return put(out,
             json_pack("{s:{s:{s:s}, s:s, s:{s:o}, s:[s, s]}, s:o, s:s}", "metadata", "references", "hepdata",
                       "ins0000000", "description", "Signal of a Z' at each mass, at the coupling excluded by the data",
                       "digests", "sha256", make_digest(curve->job), "labels", "mass_gev", "coupling", "patches",
                       patches, "version", "1.0.0"));
}
