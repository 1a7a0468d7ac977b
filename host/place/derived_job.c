#include "host/place/derived_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What a copy changes. */
typedef zps_status (*change_job)(const zps_job *from, double value, zps_job *to, zps_error *error);

/* Printing and reading back validates the changed job and gives it lists of its own. */
static zps_status reread(const zps_job *changed, const char *name, zps_job *derived, zps_error *error) {
  char *text = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_job_print(changed, &text, error));
  ZPS_TRY(zps_job_read_text(name, text, strlen(text), NULL, 0, derived, error));
  (void)snprintf(derived->file, sizeof derived->file, "%s", changed->file);
done:
  free(text);
  return status;
}

static zps_status derive(const zps_job *job, const char *what, change_job change, double value, zps_job **derived,
                         zps_error *error) {
  zps_job *const changed = (zps_job *)malloc(sizeof *changed);
  char *name = NULL;
  zps_status status = ZPS_OK;
  *derived = (zps_job *)calloc(1, sizeof **derived);
  if (changed == NULL || *derived == NULL || asprintf(&name, "%s (%s)", job->file, what) < 0) {
    name = NULL;
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
    goto done;
  }
  *changed = *job;
  changed->placement.given = true;
  ZPS_TRY(change(job, value, changed, error));
  ZPS_TRY(reread(changed, name, *derived, error));
done:
  if (status != ZPS_OK) {
    free(*derived);
    *derived = NULL;
  }
  free(name);
  free(changed);
  return status;
}

static zps_status change_nothing(const zps_job *from, double value, zps_job *to, zps_error *error) {
  (void)from;
  (void)value;
  (void)to;
  (void)error;
  return ZPS_OK;
}

zps_status zps_derived_job_with_surfaces(const zps_job *job, zps_job **derived, zps_error *error) {
  return derive(job, "with surfaces", change_nothing, 0.0, derived, error);
}

static zps_status change_to_beam(const zps_job *from, double value, zps_job *to, zps_error *error) {
  (void)value;
  (void)error;
  to->process.kind = ZPS_PROCESS_NONE;
  to->mass_gev.n = 1;
  to->events_per_mass = from->placement.beam_events;
  return ZPS_OK;
}

zps_status zps_derived_job_beam(const zps_job *job, zps_job **derived, zps_error *error) {
  return derive(job, "its beam", change_to_beam, 0.0, derived, error);
}

static zps_status change_magnet(const zps_job *from, double value, zps_job *to, zps_error *error) {
  for (size_t i = 0; i < from->n_elements; i++) {
    if (from->elements[i].kind == ZPS_ELEMENT_FIELD) {
      to->elements[i].field.integral_tm = value;
      return from->elements[i].field.generated
                 ? ZPS_OK
                 : zps_error_set(error, ZPS_INVALID,
                                 "%s: placement.scan = magnet: %s is a map file: expected a generated field",
                                 from->file, from->elements[i].name);
    }
  }
  return zps_error_set(error, ZPS_INVALID, "%s: placement.scan = magnet: the layout has no field", from->file);
}

static zps_status change_distance(const zps_job *from, double value, zps_job *to, zps_error *error) {
  const char *const plane = from->triggers[0].counters[0].plane;
  bool is_behind = false;
  (void)error;
  for (size_t i = 0; i < from->n_elements; i++) {
    is_behind = is_behind || strcmp(from->elements[i].name, plane) == 0;
    to->elements[i].start_mm += is_behind ? value : 0.0;
  }
  return ZPS_OK;
}

static zps_status change_energy(const zps_job *from, double value, zps_job *to, zps_error *error) {
  const double scale = value / from->beam.p_gev;
  (void)error;
  to->beam.p_gev = value;
  to->selection.p_in_min_gev *= scale;
  to->selection.p_in_max_gev *= scale;
  to->selection.p_out_max_gev *= scale;
  return ZPS_OK;
}

const char *zps_placement_scan_name(zps_placement_scan scan) {
  static const char *const names[] = {"nothing", "magnet", "distance", "energy"};
  return names[scan];
}

const char *zps_placement_scan_unit(zps_placement_scan scan) {
  static const char *const units[] = {"", "T m", "mm", "GeV"};
  return units[scan];
}

zps_status zps_derived_job_scanned(const zps_job *job, double value, zps_job **derived, zps_error *error) {
  static const change_job changes[] = {change_nothing, change_magnet, change_distance, change_energy};
  const zps_placement_scan scan = job->placement.scan;
  char what[64];
  (void)snprintf(what, sizeof what, "%s = %.10g %s", zps_placement_scan_name(scan), value,
                 zps_placement_scan_unit(scan));
  return derive(job, what, changes[scan], value, derived, error);
}

void zps_derived_job_destroy(zps_job *job) {
  if (job != NULL) {
    zps_job_free(job);
    free(job);
  }
}

/** The job as text without what may differ between a run and its beam's. */
static zps_status print_common(const zps_job *job, const zps_job *like, char **text, zps_error *error) {
  zps_job *const copy = (zps_job *)malloc(sizeof *copy);
  if (copy == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a job");
  }
  *copy = *job;
  copy->seed = like->seed;
  copy->events_per_mass = like->events_per_mass;
  copy->tile_events = like->tile_events;
  copy->mass_gev = like->mass_gev;
  copy->coupling = like->coupling;
  copy->process = like->process;
  copy->limit = like->limit;
  copy->placement.beam_events = like->placement.beam_events;
  copy->placement.scan = like->placement.scan;
  copy->placement.scan_values = like->placement.scan_values;
  for (size_t i = 0; i < copy->n_triggers && i < like->n_triggers; i++) {
    copy->triggers[i].n_mot = like->triggers[i].n_mot;
    copy->triggers[i].live_factor = like->triggers[i].live_factor;
    copy->triggers[i].tracking_factor = like->triggers[i].tracking_factor;
    copy->triggers[i].observed = like->triggers[i].observed;
    copy->triggers[i].background = like->triggers[i].background;
    copy->triggers[i].background_error = like->triggers[i].background_error;
  }
  const zps_status status = zps_job_print(copy, text, error);
  free(copy);
  return status;
}

/** Length of the line at text without the blanks before it, to which *text is moved. */
static int line_length(const char **text) {
  *text += strspn(*text, " ");
  const size_t length = strcspn(*text, "\n");
  return (int)(length < 200 ? length : 200);
}

static zps_status compare_texts(const char *signal, const char *beam, const char *signal_name, const char *beam_name,
                                zps_error *error) {
  const char *a = signal;
  const char *b = beam;
  for (size_t i = 0; signal[i] != '\0' && signal[i] == beam[i]; i++) {
    if (signal[i] == '\n') {
      a = signal + i + 1;
      b = beam + i + 1;
    }
  }
  if (strcmp(a, b) == 0) {
    return ZPS_OK;
  }
  const int n_a = line_length(&a);
  const int n_b = line_length(&b);
  return zps_error_set(error, ZPS_MISMATCH,
                       "%s: `%.*s` where %s has `%.*s`: expected the same beam, layout, triggers and selection",
                       beam_name, n_b, b, signal_name, n_a, a);
}

zps_status zps_derived_job_check_beam(const zps_job *signal, const zps_job *beam, const char *signal_name,
                                      const char *beam_name, zps_error *error) {
  char *a = NULL;
  char *b = NULL;
  zps_status status = ZPS_OK;
  if (beam->process.kind != ZPS_PROCESS_NONE) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: expected a run with process.kind = none", beam_name);
  }
  ZPS_TRY(print_common(signal, signal, &a, error));
  ZPS_TRY(print_common(beam, signal, &b, error));
  ZPS_TRY(a != NULL && b != NULL ? compare_texts(a, b, signal_name, beam_name, error) : ZPS_MEMORY);
done:
  free(a);
  free(b);
  return status;
}
