#include "host/run/event_trace.h"

#include <math.h>
#include <stdlib.h>

size_t zps_plane_count(const zps_setup *setup) {
  size_t n = 0;
  for (int32_t i = 0; i < setup->n_elements; i++) {
    n += setup->elements[i].kind == ZPS_ELEMENT_PLANE ? 1 : 0;
  }
  return n;
}

size_t zps_plane_element(const zps_setup *setup, size_t i) {
  int32_t element = -1;
  for (size_t n = 0; n <= i && element + 1 < setup->n_elements;) {
    element++;
    n += setup->elements[element].kind == ZPS_ELEMENT_PLANE ? 1 : 0;
  }
  return (size_t)element;
}

zps_status zps_event_table_fill(zps_engine *engine, const zps_setup *setup, uint32_t i_mass, uint64_t first, size_t n,
                                zps_event_table *table, zps_error *error) {
  const zps_tile tile = {i_mass, 0, first, n};
  table->first = first;
  table->n = n;
  table->n_planes = zps_plane_count(setup);
  table->ends = (zps_event_end *)calloc(n + 1, sizeof *table->ends);
  table->planes = (zps_plane_state *)calloc((n * table->n_planes) + 1, sizeof *table->planes);
  table->x = setup->process_none ? NULL : (double *)calloc(n + 1, sizeof *table->x);
  if (table->ends == NULL || table->planes == NULL || (!setup->process_none && table->x == NULL)) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu events", n);
  }
  for (size_t i = 0; table->x != NULL && i < n; i++) {
    table->x[i] = zps_event_x(setup, i_mass, first + i);
  }
  const zps_trace trace = {first, table->n_planes, table->ends, table->planes};
  return zps_engine_trace(engine, &tile, &trace, error);
}

void zps_event_table_free(zps_event_table *table) {
  free(table->ends);
  free(table->x);
  free(table->planes);
  *table = (zps_event_table){.n = 0};
}

static double energy_of(const zps_muon *m) {
  return sqrt((m->p * m->p) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
}

double zps_event_x(const zps_setup *setup, size_t i_mass, uint64_t event) {
  const zps_emission *const em = &setup->emission[i_mass];
  const zps_stream s = zps_muon_stream(setup, em, event);
  zps_muon m = zps_stage_beam(setup, s, event, setup->beam.n_particles > 0);
  zps_stage_vertex(setup, setup->matter_model, s, &m);
  const double before = energy_of(&m);
  zps_stage_emission(setup, em, em->cell, em->model, s, &m);
  return m.k > 0.0 ? 1.0 - (energy_of(&m) / before) : (double)NAN;
}
