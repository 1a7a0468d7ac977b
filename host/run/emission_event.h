/* One emission by itself, with every four-momentum: what `zpscan sample` writes.
 *
 * Frame: incoming muon along +z, nucleus at rest. Units GeV, rad. */
#ifndef ZPS_RUN_EMISSION_EVENT_H
#define ZPS_RUN_EMISSION_EVENT_H

#include <stdint.h>

#include "kernels/emission.h"

/** Fields in the order of the columns of the csv file. */
typedef struct zps_emission_event {
  double x;                         /* E_Z'/E */
  double theta_rad;                 /* of the Z' against the incoming muon */
  double psi_rad;                   /* of the recoil muon against it */
  double t_gev2;                    /* -(P_f - P_i)^2 */
  double weight;                    /* k, a whole number */
  double zp_px, zp_py, zp_pz, zp_e; /* Z' */
  double mu_px, mu_py, mu_pz, mu_e; /* recoil muon; energy from its momentum */
  double n_px, n_py, n_pz, n_ekin;  /* nucleus; kinetic energy t/2M */
} zps_emission_event;

#define ZPS_N_EMISSION_COLUMN 17

/** Draws event `event` of a mass for a muon of energy_gev exactly; weight 0 = no event, the rest then means nothing.
 *  seed and table->i_mass name the random stream, as in a run. */
zps_emission_event zps_emission_event_draw(const zps_nucleus *nucleus, const zps_t_shape *shape,
                                           const zps_emission *table, double energy_gev, uint64_t seed, uint64_t event);

#endif
