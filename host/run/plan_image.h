/* A plan as one piece of memory, which the ranks of a node share. */
#ifndef ZPS_RUN_PLAN_IMAGE_H
#define ZPS_RUN_PLAN_IMAGE_H

#include "host/run/node_memory.h"
#include "host/run/plan.h"

/** Copies a built plan into memory of the node. */
zps_status zps_plan_image_create(const zps_plan *plan, zps_node_memory *memory, zps_error *error);

/** Makes a plan of job whose tables are those in memory. On success *plan owns the memory, also when this process made
 *  it, and *memory is empty; free with zps_plan_free(). ZPS_INVALID: it holds no plan. */
zps_status zps_plan_image_open(const zps_job *job, zps_node_memory *memory, zps_plan *plan, zps_error *error);

#endif
