/* Settings of the command line, `dotted.path=value`, on the tree of a job file. */
#ifndef ZPS_JOB_SETTING_H
#define ZPS_JOB_SETTING_H

#include "host/error.h"
#include "host/job/job_yaml.h"

/** Applies one setting to the tree: keys by name, members of lists by theirs (layout.HCAL.n_modules=4;
 *  triggers.smu152.S4.edge_x_mm=-70), the value as YAML. setting must outlive the tree. file is for messages. */
zps_status zps_job_setting_apply(zps_yaml_node *root, const char *file, const char *setting, zps_error *error);

/** The place of the value a dotted path names, or of the innermost part of the path that is there. */
const zps_job_place *zps_job_setting_place(const zps_yaml_node *root, const char *dotted);

#endif
