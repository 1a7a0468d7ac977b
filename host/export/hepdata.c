#include "host/export/hepdata.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/export/document_text.h"
#include "host/io/signal.h"

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

/** As HEPData writes reactions; the muons are the beam's. */
static const char *reaction(const zps_job *job) {
  return job->beam.charge < 0.0 ? "MU- NUCLEUS --> MU- NUCLEUS ZPRIME" : "MU+ NUCLEUS --> MU+ NUCLEUS ZPRIME";
}

/** units: NULL = none. */
static void add_qualifier(json_t *list, const char *name, const char *units, json_t *what) {
  json_t *const entry = json_pack("{s:s}", "name", name);
  if (units != NULL) {
    (void)json_object_set_new(entry, "units", json_string(units));
  }
  (void)json_object_set_new(entry, "value", what);
  (void)json_array_append_new(list, entry);
}

/** What is emitted, from what, and by which model: of every table. */
static json_t *emission_qualifiers(const zps_job *job) {
  static const char *const models[] = {"exact tree level", "Weizsaecker-Williams", "improved Weizsaecker-Williams"};
  static const char *const forms[] = {"elastic, 1/(1 + t/d)", "elastic, Helm"};
  static const char *const inelastics[] = {"none", "squared", "linear"};
  json_t *const list = json_array();
  add_qualifier(list, "RE", NULL, json_string(reaction(job)));
  add_qualifier(list, "Beam momentum", "GEV", json_real(job->beam.p_gev));
  add_qualifier(list, "Nucleus", NULL, json_string(job->process.material));
  add_qualifier(list, "Emission", NULL, json_string(models[job->process.model]));
  add_qualifier(list, "Form factor", NULL, json_string(forms[job->process.form_factor]));
  add_qualifier(list, "Inelastic term", NULL, json_string(inelastics[job->process.inelastic]));
  return list;
}

/** What a coupling makes of it: the muons, and what else the Z' decays to. */
static void add_yield_qualifiers(json_t *list, const zps_job *job) {
  static const char *const kinds[] = {"none", "Dirac fermion", "complex scalar", "Majorana fermion"};
  const zps_job_process *const p = &job->process;
  double n_mot = 0.0;
  for (size_t t = 0; t < job->n_triggers; t++) {
    n_mot += job->triggers[t].n_mot;
  }
  add_qualifier(list, "Muons on target", NULL, json_real(n_mot));
  add_qualifier(list, "Dark matter", NULL, json_string(kinds[p->dark_matter]));
  if (p->dark_matter != ZPS_DARK_NONE) {
    add_qualifier(list, "g_chi", NULL, json_real(p->g_chi));
    add_qualifier(list, "m_chi/m", NULL, number(p->dark_mass_ratio));
  }
}

static void add_limit_qualifiers(json_t *list, const zps_limit_curve *curve) {
  add_qualifier(list, "Confidence level", NULL, json_real(curve->job->limit.cl));
  add_qualifier(list, "CLs", NULL, json_string(zps_limit_method_name(curve->method)));
}

/** Which trigger, and where its counters stand. */
static json_t *trigger_qualifiers(const zps_job *job, size_t i_trigger) {
  const zps_job_trigger *const trigger = &job->triggers[i_trigger];
  json_t *const list = emission_qualifiers(job);
  add_qualifier(list, "Trigger", NULL, json_string(trigger->name));
  for (size_t i = 0; i < trigger->n_counters; i++) {
    const zps_job_counter *const counter = &trigger->counters[i];
    char name[ZPS_NAME_SIZE + 32];
    (void)snprintf(name, sizeof name, "Counter %s, x from", counter->plane);
    add_qualifier(list, name, "MM", json_real(counter->edge_x_mm - counter->width_mm));
    (void)snprintf(name, sizeof name, "Counter %s, x to", counter->plane);
    add_qualifier(list, name, "MM", json_real(counter->edge_x_mm));
  }
  return list;
}

static json_t *masses(const zps_limit_curve *curve) {
  json_t *const mass = variable("Z' mass", "GEV", NULL);
  for (size_t i = 0; i < curve->result->n_mass; i++) {
    add_value(mass, value(curve->points[i].mass_gev));
  }
  return mass;
}

/** A limit on a coupling. */
static json_t *limit_variable(const zps_limit_curve *curve, const char *name) {
  json_t *const list = emission_qualifiers(curve->job);
  add_limit_qualifiers(list, curve);
  add_yield_qualifiers(list, curve->job);
  return variable(name, NULL, list);
}

/** A limit on a number of events. */
static json_t *event_variable(const zps_limit_curve *curve, const char *name) {
  json_t *const list = emission_qualifiers(curve->job);
  add_limit_qualifiers(list, curve);
  return variable(name, NULL, list);
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
  static const char *const dark[2] = {"y = (g_chi g)^2 (m_chi/m)^4, observed limit",
                                      "y = (g_chi g)^2 (m_chi/m)^4, expected limit"};
  json_t *const dependent = json_array();
  add_limits(dependent, curve, coupling, coupling_itself);
  if (curve->job->process.dark_matter != ZPS_DARK_NONE) {
    add_limits(dependent, curve, dark, zps_limit_dark_y);
  }
  return put(out, json_pack("[o]", masses(curve)), dependent);
}

zps_status zps_hepdata_put_event_limits(FILE *out, const zps_limit_curve *curve) {
  json_t *const observed = event_variable(curve, "Signal events, observed limit");
  json_t *const expected = event_variable(curve, "Signal events, expected limit");
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
    json_t *const efficiency = variable("Signal efficiency", NULL, trigger_qualifiers(curve->job, t));
    for (size_t i = 0; i < curve->result->n_mass; i++) {
      const zps_efficiency e = zps_signal_efficiency(curve->job, curve->result, t, i);
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
  json_t *const qualifiers = emission_qualifiers(curve->job);
  add_yield_qualifiers(qualifiers, curve->job);
  json_t *const yield = variable("Expected signal events, all triggers", NULL, qualifiers);
  for (size_t i = 0; i < result->n_mass; i++) {
    for (size_t j = 0; j < result->n_coupling; j++) {
      add_value(mass, value(result->mass_gev[i]));
      add_value(coupling, value(result->coupling[j]));
      add_value(yield, value(zps_signal_total(curve->job, result, i, result->coupling[j])));
    }
  }
  return put(out, json_pack("[o, o]", mass, coupling), json_pack("[o]", yield));
}

static const struct {
  const char *name, *file, *description, *observable;
} tables[] = {
    {"Limits on the coupling", "coupling_limits.yaml",
     "Lower end of the excluded couplings g of the Z' to muons, and with dark matter of y, by CLs, and what was "
     "expected "
     "without a signal. Larger couplings are excluded too.",
     "g"},
    {"Limits on the signal", "event_limits.yaml",
     "Upper limit on the number of signal events in all trigger configurations together.", "N"},
    {"Signal efficiencies", "efficiencies.yaml",
     "Share of all Z' produced that pass each trigger configuration and the selection, losses by accidentals "
     "included. A configuration is named by the ranges of x that its counters cover; x = 0 is the axis of the beam "
     "before the magnet.",
     "EFF"},
    {"Expected yields", "yields.yaml",
     "Expected signal events of all trigger configurations, the invisible branching ratio included, with the "
     "cross-section at the energies that muons have where they emit.",
     "N"},
};

static void put_table_entry(FILE *out, const zps_job *job, size_t i) {
  json_t *const entry = json_pack(
      "{s:s, s:s, s:[{s:s, s:[s]}, {s:s, s:[s]}, {s:s, s:[s, s]}], s:s}", "name", tables[i].name, "description",
      tables[i].description, "keywords", "name", "reactions", "values", reaction(job), "name", "observables", "values",
      tables[i].observable, "name", "phrases", "values", "Z' boson", "Missing energy", "data_file", tables[i].file);
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
    put_table_entry(out, curve->job, i);
  }
  return ZPS_OK;
}
