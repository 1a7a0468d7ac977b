/* A HEPData submission: one YAML file per table and submission.yaml, which lists them.
 *
 * Format: https://hepdata-submission.readthedocs.io (schemas of hepdata-validator 1.1). All functions write one file;
 * ZPS_MEMORY is their only failure. Numbers that do not exist are '-', as HEPData has it. */
#ifndef ZPS_EXPORT_HEPDATA_H
#define ZPS_EXPORT_HEPDATA_H

#include <stdio.h>

#include "host/stats/limit_curve.h"

/** Lower end of the excluded couplings: observed, and expected with 1- and 2-sigma errors; with dark matter y too. */
zps_status zps_hepdata_put_coupling_limits(FILE *out, const zps_limit_curve *curve);

/** Upper limit on the number of signal events, observed and expected. */
zps_status zps_hepdata_put_event_limits(FILE *out, const zps_limit_curve *curve);

/** Signal efficiency of each trigger with its 68.27 % interval. */
zps_status zps_hepdata_put_efficiencies(FILE *out, const zps_limit_curve *curve);

/** Expected signal events of all triggers over mass and coupling. */
zps_status zps_hepdata_put_yields(FILE *out, const zps_limit_curve *curve);

/** submission.yaml */
zps_status zps_hepdata_put_submission(FILE *out, const zps_limit_curve *curve);

#endif
