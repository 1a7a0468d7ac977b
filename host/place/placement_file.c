#include "host/place/placement_file.h"

#include <math.h>
#include <stdlib.h>

#include "host/io/h5.h"
#include "host/io/output.h"

/** What every part of the writer needs. */
typedef struct surface_writer {
  const zps_placement_study *study;
  zps_h5_draft draft;
  hid_t first, last, front; /* scales */
  size_t n_first, n_last;
  double *values; /* room for the largest dataset */
  uint64_t *counts;
} surface_writer;

static zps_status write_line(surface_writer *w, const char *name, const char *units, const char *description, size_t n,
                             hid_t scale, hid_t *dataset, zps_error *error) {
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_F64,
                               .rank = 1,
                               .size = {n},
                               .units = units,
                               .description = description,
                               .scale = {scale},
                               .scale_name = dataset != NULL ? name : NULL};
  return zps_h5_write(w->draft.id, &spec, w->values, dataset, error);
}

static zps_h5_dataset surface_spec(const surface_writer *w, const char *name, zps_h5_kind kind,
                                   const char *description) {
  const zps_h5_dataset spec = {.name = name,
                               .kind = kind,
                               .rank = 2,
                               .size = {w->n_first, w->n_last},
                               .units = "1",
                               .description = description,
                               .scale = {w->first, w->last},
                               .compress = true};
  return spec;
}

static void fill_edges(surface_writer *w, const zps_edge_axis *axis, size_t n) {
  for (size_t i = 0; i < n; i++) {
    w->values[i] = zps_lattice_edge(&axis->lattice, axis->lowest + (int64_t)i);
  }
}

static zps_status write_axes(surface_writer *w, zps_error *error) {
  const zps_position_grid *const grid = &w->study->grid;
  zps_status status = ZPS_OK;
  fill_edges(w, &grid->first, w->n_first);
  ZPS_TRY(write_line(w, "x4_mm", "mm", "near edge of the first counter, which reaches from there to more negative x",
                     w->n_first, 0, &w->first, error));
  fill_edges(w, &grid->last, w->n_last);
  ZPS_TRY(write_line(w, "xm_mm", "mm", "near edge of the last counter, which reaches from there to more negative x",
                     w->n_last, 0, &w->last, error));
done:
  return status;
}

static zps_status write_merit(surface_writer *w, zps_error *error) {
  const zps_h5_dataset spec =
      surface_spec(w, "g90", ZPS_H5_F64,
                   "coupling of n_up expected events, geometric mean over mass_gev with weight; "
                   "inf where a mass has nothing accepted");
  for (size_t p = 0; p < w->n_first * w->n_last; p++) {
    w->values[p] = exp(w->study->ln_g90[p]);
  }
  return zps_h5_write(w->draft.id, &spec, w->values, NULL, error);
}

static zps_status write_rate(surface_writer *w, zps_error *error) {
  const zps_placement_study *const s = w->study;
  const zps_h5_dataset rate = surface_spec(w, "rate", ZPS_H5_F64, "coincidences of beam muons per muon on target");
  const zps_h5_dataset counts = surface_spec(w, "coincidences", ZPS_H5_U64, "of beam muons, sum of k");
  zps_status status = ZPS_OK;
  for (size_t p = 0; p < w->n_first * w->n_last; p++) {
    w->counts[p] = zps_summed_area_at(&s->beam_area, &s->grid, zps_position_at(&s->grid, p));
    w->values[p] = (double)w->counts[p] / (double)s->beam_generated;
  }
  ZPS_TRY(zps_h5_write(w->draft.id, &rate, w->values, NULL, error));
  ZPS_TRY(zps_h5_write(w->draft.id, &counts, w->counts, NULL, error));
done:
  return status;
}

static zps_status write_masses(surface_writer *w, zps_error *error) {
  const zps_placement_study *const s = w->study;
  hid_t mass = 0;
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < s->n_mass; i++) {
    w->values[i] = s->masses[i].mass_gev;
  }
  ZPS_TRY(write_line(w, "mass_gev", "GeV", "Z' mass", s->n_mass, 0, &mass, error));
  for (size_t i = 0; i < s->n_mass; i++) {
    w->values[i] = s->masses[i].weight;
  }
  ZPS_TRY(write_line(w, "weight", "1", "of a mass in the mean of ln g90; 0 = left out", s->n_mass, mass, NULL, error));
done:
  if (mass > 0) {
    (void)H5Dclose(mass);
  }
  return status;
}

static zps_status write_front(surface_writer *w, zps_error *error) {
  const zps_placement_study *const s = w->study;
  const size_t n = s->front.n;
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < n; i++) {
    w->values[i] =
        (double)zps_summed_area_at(&s->beam_area, &s->grid, s->front.positions[i]) / (double)s->beam_generated;
  }
  ZPS_TRY(write_line(w, "front_rate", "1", "trigger rates of positions with none better at the same or a lower rate", n,
                     0, &w->front, error));
  for (size_t i = 0; i < n; i++) {
    w->values[i] = exp(s->ln_g90[zps_position_index(&s->grid, s->front.positions[i])]);
  }
  ZPS_TRY(write_line(w, "front_g90", "1", "their figure of merit", n, w->front, NULL, error));
  for (size_t i = 0; i < n; i++) {
    w->values[i] = zps_position_first_mm(&s->grid, s->front.positions[i]);
  }
  ZPS_TRY(write_line(w, "front_x4_mm", "mm", "their near edge of the first counter", n, w->front, NULL, error));
  for (size_t i = 0; i < n; i++) {
    w->values[i] = zps_position_last_mm(&s->grid, s->front.positions[i]);
  }
  ZPS_TRY(write_line(w, "front_xm_mm", "mm", "their near edge of the last counter", n, w->front, NULL, error));
done:
  return status;
}

static zps_status write_attributes(surface_writer *w, zps_error *error) {
  const zps_placement_study *const s = w->study;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_write_number(w->draft.id, "n_up", ZPS_H5_F64, &s->options.n_up, error));
  ZPS_TRY(zps_h5_write_number(w->draft.id, "n_mot", ZPS_H5_F64, &s->n_mot, error));
  ZPS_TRY(zps_h5_write_number(w->draft.id, "y_mm", ZPS_H5_F64, &s->options.y_mm, error));
  ZPS_TRY(zps_h5_write_number(w->draft.id, "y_last_mm", ZPS_H5_F64, &s->options.y_last_mm, error));
  ZPS_TRY(zps_h5_write_number(w->draft.id, "width_x4_mm", ZPS_H5_F64, &s->facts.width_first_mm, error));
  ZPS_TRY(zps_h5_write_number(w->draft.id, "width_xm_mm", ZPS_H5_F64, &s->facts.width_last_mm, error));
  if (s->has_beam) {
    ZPS_TRY(zps_h5_write_number(w->draft.id, "rate_max", ZPS_H5_F64, &s->ceiling_rate, error));
    ZPS_TRY(zps_h5_write_number(w->draft.id, "beam_generated", ZPS_H5_U64, &s->beam_generated, error));
  }
done:
  return status;
}

static zps_status write_all(surface_writer *w, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(write_axes(w, error));
  ZPS_TRY(write_merit(w, error));
  ZPS_TRY(write_masses(w, error));
  ZPS_TRY(write_attributes(w, error));
  if (w->study->has_beam) {
    ZPS_TRY(write_rate(w, error));
    ZPS_TRY(w->study->front.n > 0 ? write_front(w, error) : ZPS_OK);
  }
done:
  return status;
}

static void close_scale(hid_t *scale) {
  if (*scale > 0) {
    (void)H5Dclose(*scale);
  }
  *scale = 0;
}

zps_status zps_placement_file_write(const char *path, const zps_placement_study *study, zps_error *error) {
  surface_writer w = {.study = study, .draft = {.id = H5I_INVALID_HID}};
  const void *bytes = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  w.n_first = (size_t)zps_edge_axis_count(&study->grid.first);
  w.n_last = (size_t)zps_edge_axis_count(&study->grid.last);
  const size_t largest = (w.n_first * w.n_last) + study->n_mass;
  zps_h5_silence();
  w.values = (double *)calloc(largest, sizeof *w.values);
  w.counts = (uint64_t *)calloc(largest, sizeof *w.counts);
  if (w.values == NULL || w.counts == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %s", path);
    goto done;
  }
  ZPS_TRY(zps_h5_create(&w.draft, error));
  ZPS_TRY(write_all(&w, error));
  close_scale(&w.first);
  close_scale(&w.last);
  close_scale(&w.front);
  ZPS_TRY(zps_h5_finish(&w.draft, &bytes, &size, error));
  ZPS_TRY(zps_output_write(path, bytes, size, true, error));
done:
  close_scale(&w.first);
  close_scale(&w.last);
  close_scale(&w.front);
  zps_h5_discard(&w.draft);
  free(w.values);
  free(w.counts);
  return status;
}
