/* Which muons can come under the p_out cut at all: those that cannot are not generated, or not carried. */
#ifndef ZPS_PLAN_CARRY_H
#define ZPS_PLAN_CARRY_H

#include "kernels/muon.h"

/** Largest recoil momentum [GeV] at the vertex that the p_out cut can let through, with all the matter up to the
 *  spectrometer in its way. Infinite when the resolution has no such limit, and behind a tracker: what it makes of a
 *  momentum hangs on the whole of its field. setup: elements, tables of matter, beam and selection are complete.
 *  Resolutions are followed to six standard deviations, losses that E_CAL does not see to one in ten thousand. */
double zps_plan_p_carry_max(const zps_setup *setup);

/** Smallest x a run must generate: events below it leave the muon too fast for the p_out cut, to the same limits.
 *  setup->p_carry_max_gev is set. */
double zps_plan_x_min(const zps_setup *setup);

#endif
