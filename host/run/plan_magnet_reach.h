/* Which muons the magnet cannot bend onto a first counter: the bounds of kernels/magnet_reach.h for one setup. */
#ifndef ZPS_PLAN_MAGNET_REACH_H
#define ZPS_PLAN_MAGNET_REACH_H

#include "kernels/transport.h"

/** The bounds for `setup`, whose elements, maps and triggers are complete. They are for the last field element before
 *  the first counters, and only
 *  - where muons that hit no first counter are dropped anyway (setup->i_decision is the plane of all first counters),
 *  - with emission (runs without it are there to show the whole beam at the counters),
 *  - where nothing but planes lies between the two.
 *  Otherwise i_element = -1: every muon is carried. Cost: one pass over the nodes of the map. */
zps_magnet_reach zps_plan_magnet_reach(const zps_setup *setup);

#endif
