/* What a watched engine tells of single events: the end of each, and its state at every plane. */
#ifndef ZPS_TRACE_H
#define ZPS_TRACE_H

#include "kernels/muon.h"

/** What a watched engine tells of one event. */
typedef struct zps_event_end {
  uint64_t event;
  uint64_t hits;
  uint64_t beyond;
  int64_t fate;
  double k, p_in, p_out, depth, psi, e_cal; /* as in zps_muon */
} zps_event_end;

/** A muon where it crossed a plane; all NaN when it never got there. */
typedef struct zps_plane_state {
  double x_mm, y_mm; /* position */
  double tx, ty;     /* slopes dx/dz, dy/dz */
  double p_gev;
} zps_plane_state;

/** Where a watched engine leaves events first .. first + n - 1 of a mass, row by row. */
typedef struct zps_trace zps_trace;
struct zps_trace {
  uint64_t first;
  uint64_t n_planes;       /* of the layout */
  zps_event_end *ends;     /* [n] */
  zps_plane_state *planes; /* [n][n_planes] */
};

ZPS_HD zps_event_end zps_event_end_of(const zps_muon *m) {
  zps_event_end end;
  end.event = m->event;
  end.hits = m->hits;
  end.beyond = m->beyond;
  end.fate = m->fate;
  end.k = m->k;
  end.p_in = m->p_in;
  end.p_out = m->p_out;
  end.depth = m->depth;
  end.psi = m->psi;
  end.e_cal = m->e_cal;
  return end;
}

/** An event behind the window: p_in is known, no plane is reached. */
ZPS_HD void zps_trace_begin(const zps_trace *trace, const zps_muon *m) {
  const double nan = zps_from_bits(0x7ff8000000000000ULL);
  const zps_plane_state nowhere = {nan, nan, nan, nan, nan};
  const uint64_t i = m->event - trace->first;
  for (uint64_t plane = 0; plane < trace->n_planes; plane++) {
    trace->planes[(i * trace->n_planes) + plane] = nowhere;
  }
  trace->ends[i] = zps_event_end_of(m);
}

/** A muon at the plane that is element i_element of the layout. */
ZPS_HD void zps_trace_plane(const zps_setup *setup, const zps_trace *trace, int32_t i_element, const zps_muon *m) {
  const zps_plane_state here = {m->x, m->y, m->tx, m->ty, m->p};
  uint64_t plane = 0;
  for (int32_t i = 0; i < i_element; i++) {
    plane += setup->elements[i].kind == ZPS_ELEMENT_PLANE ? 1 : 0;
  }
  trace->planes[((m->event - trace->first) * trace->n_planes) + plane] = here;
}

/** A finished muon. p_in stays as it was at the beginning: its cut is done, and an engine need not carry it on. */
ZPS_HD void zps_trace_end(const zps_trace *trace, const zps_muon *m) {
  zps_event_end *const end = &trace->ends[m->event - trace->first];
  const double p_in = end->p_in;
  *end = zps_event_end_of(m);
  end->p_in = p_in;
}

#endif
