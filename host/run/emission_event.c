#include "host/run/emission_event.h"

#include <math.h>

/* Z' momentum: in the x-z plane opposite to V = p - k, then turned by the azimuth that turned the recoil muon. */
static void fill_z_prime(const zps_emission_state *s, zps_stream stream, zps_emission_event *e) {
  const zps_sin_cos w = zps_sincos_turn(zps_draw_uniform(stream, ZPS_DRAW_EMISSION, 3).b);
  const double across = s->k * (2.0 * zps_sqrt(s->sin2_half * (1.0 - s->sin2_half)));
  e->zp_px = across * w.cosine;
  e->zp_py = across * w.sine;
  e->zp_pz = s->k * (1.0 - (2.0 * s->sin2_half));
  e->zp_e = s->e_k;
}

static void fill_recoil(const zps_emitted *emitted, zps_emission_event *e) {
  const double p2 = (emitted->px * emitted->px) + (emitted->py * emitted->py) + (emitted->pz * emitted->pz);
  e->mu_px = emitted->px;
  e->mu_py = emitted->py;
  e->mu_pz = emitted->pz;
  e->mu_e = zps_sqrt(p2 + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
}

zps_emission_event zps_emission_event_draw(const zps_nucleus *nucleus, const zps_t_shape *shape,
                                           const zps_emission *table, double energy_gev, uint64_t seed,
                                           uint64_t event) {
  const zps_stream stream = zps_stream_init(seed, table->i_mass, event);
  zps_emission_state s;
  zps_emission_event e;
  const zps_emitted emitted =
      zps_emission_sample(nucleus, shape, table, table->cell, table->model, energy_gev, stream, &s);
  e.x = s.x;
  e.theta_rad = 2.0 * asin(sqrt(s.sin2_half));
  e.psi_rad = 2.0 * asin(fmin(0.5 * emitted.two_sin_half_psi, 1.0));
  e.t_gev2 = s.t;
  e.weight = emitted.k;
  fill_z_prime(&s, stream, &e);
  fill_recoil(&emitted, &e);
  e.n_px = -(e.zp_px + e.mu_px);
  e.n_py = -(e.zp_py + e.mu_py);
  e.n_pz = (s.p - e.zp_pz) - e.mu_pz;
  e.n_ekin = s.t / (2.0 * nucleus->mass);
  return e;
}
