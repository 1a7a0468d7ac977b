/* The plan of a run on several ranks: built once per node, its tables shared by the ranks there. */
#ifndef ZPS_RUN_NODE_PLAN_H
#define ZPS_RUN_NODE_PLAN_H

#include <stdbool.h>

#include "host/error.h"
#include "host/run/comm.h"
#include "host/run/plan.h"

/** zps_plan_build() by the first rank of each node; the others of the node read what it built. All ranks must call it.
 *
 *  *built says whether this rank built tables. One that cannot see the first rank's (another container, a kernel
 *  without such memory) or has another job builds its own; why goes into *trouble, which is empty otherwise and is no
 *  failure. Where the first rank fails it has the error, and the others return ZPS_OK with an empty plan:
 *  zps_comm_agree() must follow. */
zps_status zps_node_plan_build(zps_comm *comm, const zps_job *job, zps_mass_range masses, int n_threads, zps_plan *plan,
                               bool *built, zps_error *trouble, zps_error *error);

#endif
