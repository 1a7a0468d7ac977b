/* Limits in the forms that others read. */
#ifndef ZPS_EXPORT_H
#define ZPS_EXPORT_H

#include <stdbool.h>

#include "host/stats/limit_curve.h"

/** Writes into a folder, which is made when its parent exists:
 *    limits.csv                    every number of the limits
 *    limits.lmt                    darkcast: mass, lower, upper end of the excluded couplings
 *    hepdata/submission.yaml, ...  a HEPData submission
 *    pyhf/workspace.json, pyhf/patchset.json
 *  Each file appears whole or not at all. Without force a file that exists is refused before anything is written.
 *  ZPS_INVALID when no mass has a limit, ZPS_IO. */
zps_status zps_export_write(const zps_limit_curve *curve, const char *folder, bool force, zps_error *error);

#endif
