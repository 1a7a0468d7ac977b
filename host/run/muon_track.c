#include "host/run/muon_track.h"

#include <string.h>

/* Mean loss in a block, without its scattering. */
static void cross_matter(const zps_setup *setup, const zps_element *e, bool no_matter, zps_muon *m) {
  const double dz = e->z_end_mm - e->z_start_mm;
  const int meets = zps_muon_meets(e, dz, m);
  zps_stage_drift(dz, m);
  if (no_matter || !meets) {
    return;
  }
  const double path = dz * zps_sqrt((1.0 + (m->tx * m->tx)) + (m->ty * m->ty));
  const double p = zps_matter_cross(&setup->matter[e->i_table], m->p, path).p_gev;
  m->fate = zps_fate_or(m->fate, p < ZPS_STOP_P_GEV, ZPS_FATE_STOPPED);
  m->p = zps_max(p, ZPS_STOP_P_GEV);
}

static void cross_element(const zps_setup *setup, int32_t i, bool no_matter, zps_muon *m) {
  const zps_element *const e = &setup->elements[i];
  if (e->kind == ZPS_ELEMENT_MATTER) {
    cross_matter(setup, e, no_matter, m);
  } else if (e->kind == ZPS_ELEMENT_FIELD) {
    zps_transport_field(setup, e, 1, m);
  } else {
    zps_stage_plane(setup, i, m);
  }
}

static zps_muon muon_at_start(const zps_track_start *start) {
  zps_muon m;
  memset(&m, 0, sizeof m);
  m.x = start->x_mm;
  m.y = start->y_mm;
  m.tx = start->tx;
  m.ty = start->ty;
  m.p = start->p_gev;
  m.k = 1.0;
  m.fate = ZPS_FATE_ARRIVED;
  zps_muon_check_slope(&m);
  m.fate = zps_fate_or(m.fate, m.p < ZPS_STOP_P_GEV, ZPS_FATE_STOPPED);
  return m;
}

enum zps_fate zps_muon_track(const zps_setup *setup, const zps_track_start *start, zps_plane_state *planes,
                             size_t *n_planes) {
  zps_muon m = muon_at_start(start);
  double z_mm = setup->elements[0].z_end_mm;
  *n_planes = 0;
  for (int32_t i = 1; i < setup->n_elements && m.fate == ZPS_FATE_ARRIVED; i++) {
    const zps_element *const e = &setup->elements[i];
    zps_stage_drift(e->z_start_mm - z_mm, &m);
    cross_element(setup, i, start->no_matter, &m);
    z_mm = e->z_end_mm;
    if (e->kind == ZPS_ELEMENT_PLANE) {
      const zps_plane_state here = {m.x, m.y, m.tx, m.ty, m.p};
      planes[(*n_planes)++] = here;
    }
  }
  return (enum zps_fate)m.fate;
}
