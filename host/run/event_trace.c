#include "host/run/event_trace.h"

#include <math.h>

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

zps_muon zps_event_trace(const zps_setup *setup, size_t i_mass, uint64_t event, zps_plane_state *planes) {
  const zps_plane_state nowhere = {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
  const zps_emission *const em = &setup->emission[i_mass];
  const size_t n_planes = zps_plane_count(setup);
  for (size_t i = 0; i < n_planes; i++) {
    planes[i] = nowhere;
  }
  zps_muon m = zps_transport_start(setup, em, event);
  double z_mm = setup->elements[0].z_end_mm;
  size_t i_plane = 0;
  for (int32_t i = 1; i < setup->n_elements && m.fate == ZPS_FATE_ARRIVED; i++) {
    zps_transport_element(setup, em, i, z_mm, &m);
    z_mm = setup->elements[i].z_end_mm;
    if (setup->elements[i].kind == ZPS_ELEMENT_PLANE) {
      const zps_plane_state here = {m.x, m.y, m.tx, m.ty, m.p};
      planes[i_plane++] = here;
    }
  }
  return m;
}

static double energy_of(const zps_muon *m) {
  return sqrt((m->p * m->p) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
}

double zps_event_x(const zps_setup *setup, size_t i_mass, uint64_t event) {
  const zps_emission *const em = &setup->emission[i_mass];
  zps_muon m = zps_stage_beam(setup, em, event, setup->beam.n_particles > 0);
  zps_stage_vertex(setup, em, setup->matter_model, &m);
  const double before = energy_of(&m);
  zps_stage_emission(setup, em, em->cell, em->model, &m);
  return m.k > 0.0 ? 1.0 - (energy_of(&m) / before) : (double)NAN;
}
