#include "host/export/hepdata.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/export/document_text.h"

#define REACTION "MU+ NUCLEUS --> MU+ NUCLEUS ZPRIME"
#define MEDIAN 2

/** Six digits are enough for a table. */
static double rounded(double value) {
  char text[32];
  (void)snprintf(text, sizeof text, "%.6g", value);
  return strtod(text, NULL);
}

static json_t *number(double value) {
  return isfinite(value) ? json_real(rounded(value)) : json_string("-");
}

static json_t *header(const char *name, const char *units) {
  json_t *const object = json_pack("{s:s}", "name", name);
  if (units != NULL) {
    (void)json_object_set_new(object, "units", json_string(units));
  }
  return object;
}

/** qualifiers: NULL = none. */
static json_t *variable(const char *name, const char *units, json_t *qualifiers) {
  json_t *const object = json_pack("{s:o}", "header", header(name, units));
  if (qualifiers != NULL) {
    (void)json_object_set_new(object, "qualifiers", qualifiers);
  }
  (void)json_object_set_new(object, "values", json_array());
  return object;
}

static void add_value(json_t *to, json_t *entry) {
  (void)json_array_append_new(json_object_get(to, "values"), entry);
}

static json_t *value(double v) {
  return json_pack("{s:o}", "value", number(v));
}

/** Appends the interval from lo to hi around v, unless an end does not exist. */
static void add_error(json_t *errors, double v, double lo, double hi, const char *label) {
  if (isfinite(v) && isfinite(lo) && isfinite(hi)) {
    (void)json_array_append_new(errors, json_pack("{s:{s:f, s:f}, s:s}", "asymerror", "minus", rounded(lo - v), "plus",
                                                  rounded(hi - v), "label", label));
  }
}

/** v with its errors, which it takes. A bare value when there are none, or all are 0: HEPData refuses those. */
static json_t *value_with_errors(double v, json_t *errors) {
  json_t *const entry = value(v);
  size_t i = 0;
  json_t *error = NULL;
  bool any = false;
  json_array_foreach(errors, i, error) {
    const json_t *const ends = json_object_get(error, "asymerror");
    any = any || json_real_value(json_object_get(ends, "minus")) < 0.0 ||
          json_real_value(json_object_get(ends, "plus")) > 0.0;
  }
  if (any) {
    (void)json_object_set_new(entry, "errors", errors);
  } else {
    json_decref(errors);
  }
  return entry;
}

/** A value expected, with its 1- and 2-sigma bands. */
static json_t *value_with_bands(const double v[ZPS_N_EXPECTED]) {
  json_t *const errors = json_array();
  add_error(errors, v[MEDIAN], v[1], v[3], "1 sigma");
  add_error(errors, v[MEDIAN], v[0], v[4], "2 sigma");
  return value_with_errors(v[MEDIAN], errors);
}

static json_t *limit_qualifiers(const zps_limit_curve *curve) {
  static const char *const models[] = {"exact tree level", "Weizsaecker-Williams", "improved Weizsaecker-Williams"};
  return json_pack("[{s:s, s:s}, {s:s, s:f}, {s:s, s:s}, {s:s, s:s}]", "name", "RE", "value", REACTION, "name",
                   "Confidence level", "value", curve->job->limit.cl, "name", "CLs", "value",
                   zps_limit_method_name(curve->method), "name", "Emission", "value",
                   models[curve->job->process.model]);
}

static json_t *masses(const zps_limit_curve *curve) {
  json_t *const mass = variable("Z' mass", "GEV", NULL);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    add_value(mass, value(curve->points[i].mass_gev));
  }
  return mass;
}

static json_t *limit_variable(const zps_limit_curve *curve, const char *name) {
  return variable(name, NULL, limit_qualifiers(curve));
}

/** Writes a table and drops it. */
static zps_status put(FILE *out, json_t *independent, json_t *dependent) {
  json_t *const table = json_pack("{s:o, s:o}", "independent_variables", independent, "dependent_variables", dependent);
  if (table == NULL) {
    return ZPS_MEMORY;
  }
  zps_document_put_yaml(out, table);
  json_decref(table);
  return ZPS_OK;
}

/** What a table makes of a limit on the coupling: itself, or y. */
typedef double (*of_coupling)(const zps_job *job, double coupling);

static double coupling_itself(const zps_job *job, double coupling) {
  (void)job;
  return coupling;
}

static json_t *expected_value(const zps_limit_curve *curve, const zps_limit_point *point, of_coupling f) {
  double v[ZPS_N_EXPECTED];
  for (int k = 0; k < ZPS_N_EXPECTED; k++) {
    v[k] = point->has_limit ? f(curve->job, zps_limit_edge(&point->expected[k])) : (double)NAN;
  }
  return value_with_bands(v);
}

static void add_limits(json_t *dependent, const zps_limit_curve *curve, const char *const names[2], of_coupling f) {
  json_t *const observed = limit_variable(curve, names[0]);
  json_t *const expected = limit_variable(curve, names[1]);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    add_value(observed, value(p->has_limit ? f(curve->job, zps_limit_edge(&p->observed)) : (double)NAN));
    add_value(expected, expected_value(curve, p, f));
  }
  (void)json_array_append_new(dependent, observed);
  (void)json_array_append_new(dependent, expected);
}

zps_status zps_hepdata_put_coupling_limits(FILE *out, const zps_limit_curve *curve) {
  static const char *const coupling[2] = {"Coupling g, observed limit", "Coupling g, expected limit"};
  static const char *const dark[2] = {"y = (g_chi g)^2 (m_chi/m)^4, observed limit", "y, expected limit"};
  json_t *const dependent = json_array();
  add_limits(dependent, curve, coupling, coupling_itself);
  if (curve->job->process.dark_matter != ZPS_DARK_NONE) {
    add_limits(dependent, curve, dark, zps_limit_dark_y);
  }
  return put(out, json_pack("[o]", masses(curve)), dependent);
}

zps_status zps_hepdata_put_event_limits(FILE *out, const zps_limit_curve *curve) {
  json_t *const observed = limit_variable(curve, "Signal events, observed limit");
  json_t *const expected = limit_variable(curve, "Signal events, expected limit");
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    const zps_limit_point *const p = &curve->points[i];
    add_value(observed, value(p->has_limit ? p->events.n_up : (double)NAN));
    add_value(expected, p->has_limit ? value_with_bands(p->events.expected) : value((double)NAN));
  }
  return put(out, json_pack("[o]", masses(curve)), json_pack("[o, o]", observed, expected));
}

zps_status zps_hepdata_put_efficiencies(FILE *out, const zps_limit_curve *curve) {
  json_t *const dependent = json_array();
  for (size_t t = 0; t < curve->result->n_trigger; t++) {
    json_t *const trigger = json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "RE", "value", REACTION, "name", "Trigger",
                                      "value", curve->result->triggers[t].name);
    json_t *const efficiency = variable("Signal efficiency", NULL, trigger);
    for (size_t i = 0; i < curve->result->n_mass; i++) {
      const zps_efficiency e = zps_result_efficiency(curve->result, t, i);
      json_t *const errors = json_array();
      add_error(errors, e.value, e.lo, e.hi, "stat, simulation");
      add_value(efficiency, value_with_errors(e.value, errors));
    }
    (void)json_array_append_new(dependent, efficiency);
  }
  return put(out, json_pack("[o]", masses(curve)), dependent);
}

zps_status zps_hepdata_put_yields(FILE *out, const zps_limit_curve *curve) {
  const zps_result *const result = curve->result;
  json_t *const mass = variable("Z' mass", "GEV", NULL);
  json_t *const coupling = variable("Coupling g", NULL, NULL);
  json_t *const yield = variable("Expected signal events, all triggers", NULL,
                                 json_pack("[{s:s, s:s}]", "name", "RE", "value", REACTION));
  for (size_t i = 0; i < result->n_mass; i++) {
    for (size_t j = 0; j < result->n_coupling; j++) {
      add_value(mass, value(result->mass_gev[i]));
      add_value(coupling, value(result->coupling[j]));
      add_value(yield, value(zps_limit_yield(curve->job, result, i, result->coupling[j])));
    }
  }
  return put(out, json_pack("[o, o]", mass, coupling), json_pack("[o]", yield));
}

static const struct {
  const char *name, *file, *description, *observable;
} tables[] = {
    {"Limits on the coupling", "coupling_limits.yaml",
     "Lower end of the excluded couplings g of the Z' to muons, by CLs, and what was expected without a signal.", "g"},
    {"Limits on the signal", "event_limits.yaml",
     "Upper limit on the number of signal events in all trigger configurations together.", "N"},
    {"Signal efficiencies", "efficiencies.yaml",
     "Share of all Z' produced that pass each trigger configuration and the selection, losses by accidentals "
     "included.",
     "EFF"},
    {"Expected yields", "yields.yaml",
     "Expected signal events of all trigger configurations, the invisible branching ratio included.", "N"},
};

static void put_table_entry(FILE *out, size_t i) {
  json_t *const entry = json_pack("{s:s, s:s, s:[{s:s, s:[s]}, {s:s, s:[s]}, {s:s, s:[s, s]}], s:s}", "name",
                                  tables[i].name, "description", tables[i].description, "keywords", "name", "reactions",
                                  "values", REACTION, "name", "observables", "values", tables[i].observable, "name",
                                  "phrases", "values", "Z' boson", "Missing energy", "data_file", tables[i].file);
  (void)fputs("---\n", out);
  if (entry != NULL) {
    zps_document_put_yaml(out, entry);
  }
  json_decref(entry);
}

zps_status zps_hepdata_put_submission(FILE *out, const zps_limit_curve *curve) {
  const zps_provenance *const p = &curve->result->provenance;
  json_t *const head =
      json_pack("{s:o}", "comment",
                json_sprintf("Made with zpscan %s from a result with content hash %s.", p->version, p->content_hash));
  if (head == NULL) {
    return ZPS_MEMORY;
  }
  (void)fputs("---\n", out);
  zps_document_put_yaml(out, head);
  json_decref(head);
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    put_table_entry(out, i);
  }
  return ZPS_OK;
}
