/* A muon, and everything an engine reads to carry it: plain structs. */
#ifndef ZPS_MUON_H
#define ZPS_MUON_H

#include "kernels/beam.h"
#include "kernels/emission.h"
#include "kernels/layout.h"
#include "kernels/magnet_reach.h"
#include "kernels/moliere.h"
#include "kernels/placement.h"
#include "kernels/selection.h"
#include "kernels/straggling.h"

#define ZPS_UNMEASURED 1e30
#define ZPS_PLACEMENT_BIT (ZPS_MAX_TRIGGER_PLANES * ZPS_MAX_TRIGGERS)

/** The beam at the face of the target. n_particles > 0: event i takes particle i modulo n_particles, which the host has
 *  put into an order that any number of events samples evenly (host/job/beam_order.h). */
typedef struct zps_beam {
  double p_gev, p_spread, charge;
  double sigma_x_mm, sigma_y_mm, sigma_tx, sigma_ty;
  uint64_t n_particles;
  const zps_beam_particle *particles; /* not owned */
} zps_beam;

/** What matter does beyond Highland's scattering and the mean loss. */
enum zps_matter_model { ZPS_MATTER_MOLIERE = 1, ZPS_MATTER_FLUCTUATING = 2, ZPS_N_MATTER_MODEL = 4 };

/** Everything an engine reads. Pointers are not owned; tables of all masses lie in one array. */
typedef struct zps_setup {
  uint64_t seed;
  int32_t process_none; /* 1: no emission, k = 1, the target is crossed whole */
  int32_t n_elements;   /* element 0 is the target */
  int32_t n_triggers;
  int32_t matter_model;   /* sum of ZPS_MATTER_MOLIERE, ZPS_MATTER_FLUCTUATING, or 0 */
  int32_t n_steps;        /* of all field elements */
  int32_t special_fields; /* 1: some field element is cubic or reaches beyond its map */
  int32_t i_spectrometer; /* element at which p_out is smeared; -1: the tracker measures it */
  int32_t i_decision;     /* element after which a muon that hit no first plane is dropped; -1: none */
  int32_t n_matter, n_maps, n_masses;
  int32_t padding;
  double p_carry_max_gev; /* recoil muons above this cannot come under the p_out cut */
  zps_beam beam;
  zps_selection selection;
  zps_tracker tracker;
  zps_nucleus nucleus;
  zps_element elements[ZPS_MAX_ELEMENTS];
  zps_trigger triggers[ZPS_MAX_TRIGGERS];
  zps_magnet_reach reach;           /* i_element = -1: every muon is carried */
  zps_placement placement;          /* of the first and last counter of trigger 0 */
  const zps_matter *matter;         /* [n_matter], and so the next */
  const zps_moliere *moliere;       /* NULL with Highland's scattering */
  const zps_straggling *straggling; /* NULL with the mean loss */
  const zps_field_map *maps;
  const zps_field_step *steps; /* [n_steps], those of one element after the other */
  const zps_t_shape *t_shape;
  const zps_emission *emission; /* [n_masses] */
} zps_setup;

/** A muon on a plane of constant z. */
typedef struct zps_muon {
  double x, y, tx, ty;    /* mm, slopes */
  double p;               /* momentum [GeV] */
  double e_cal;           /* sum over calorimeters so far [GeV] */
  double p_in;            /* measured [GeV] */
  double p_out;           /* measured [GeV]; ZPS_UNMEASURED before */
  double depth;           /* of the vertex in the target, 0..1 */
  double psi;             /* 2 sin(psi/2) of the recoil muon */
  double k;               /* multiplicity */
  double x_first, x_last; /* x at the first and last plane of trigger 0 [mm]; ZPS_UNMEASURED before */
  double inverse_p;       /* 1/p_out by the tracker, summed so far [1/GeV] */
  uint64_t hits;   /* bit 4 t + c: counter c of trigger t; ZPS_PLACEMENT_BIT + i: in y range i of the placement */
  uint64_t event;  /* index of the event */
  uint64_t beyond; /* bit enum zps_beyond: where it has been beyond a map */
  int64_t fate;    /* enum zps_fate; ZPS_FATE_ARRIVED while it lives */
} zps_muon;

ZPS_HD int64_t zps_fate_or(int64_t old, int condition, int64_t fate) {
  return ((old == ZPS_FATE_ARRIVED) & (condition != 0)) ? fate : old;
}

/** Inside a rectangle about the axis, edges excluded. Conditions are joined with & and |: && and || would branch. */
ZPS_HD int zps_inside(double x, double y, double half_x, double half_y) {
  const int in_x = zps_abs(x) < half_x;
  const int in_y = zps_abs(y) < half_y;
  return in_x & in_y;
}

#endif
