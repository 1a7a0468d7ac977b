/* Whether the weights of hard muons leave any statistics.
 *
 * Events carry k of the mean sigma(E)/sigma(nominal) (docs/physics.md 2c). Near the largest mass, or with a beam file
 * of very different momenta, sigma rises so steeply that few events would weigh more than all others. */
#ifndef ZPS_PLAN_RISE_H
#define ZPS_PLAN_RISE_H

#include "host/error.h"
#include "kernels/emission.h"

/** From which part of the nominal energy on a mass is looked at: below, a muon of 2000 GeV weighs a hundred times one
 * of 160 GeV at most. */
#define ZPS_LIGHT_MASS 0.03

/** How much sigma may rise: k reaches some 45 at the nominal energy, and has a guard at 1e6 (kernels/emission.h). */
#define ZPS_MAX_RISE 1000.0

/** ZPS_INVALID when sigma of a mass at the energy of the hardest muon of the beam is more than ZPS_MAX_RISE times that
 * at the nominal energy; all in GeV. */
zps_status zps_rise_check(const zps_nucleus *nucleus, int model, double mass_gev, double nominal_gev,
                          double hardest_gev, zps_error *error);

#endif
