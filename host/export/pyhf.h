/* The counting experiment for pyhf (Heinrich, Feickert, Stark and Cranmer, JOSS 6 (2021) 2823): a workspace without a
 * signal and a patch per mass that adds it.
 *
 * Each trigger is a channel with one bin. The signal of a patch is that of the coupling at the lower end of the
 * observed exclusion; the strength is `mu`, so that CLs(mu = 1) = 1 - CL in the same method. Relative errors are
 * `normsys` with hi = exp(sigma), lo = exp(-sigma): log-normal, as in host/stats/counting.h, up to pyhf's
 * interpolation below one standard deviation. Masses without a limit have no patch; ZPS_MEMORY is the only failure. */
#ifndef ZPS_EXPORT_PYHF_H
#define ZPS_EXPORT_PYHF_H

#include <stdio.h>

#include "host/stats/limit_curve.h"

zps_status zps_pyhf_put_workspace(FILE *out, const zps_limit_curve *curve);

/** Patches are named mass_<index in the job's grid>, with values [mass_gev, coupling]. */
zps_status zps_pyhf_put_patchset(FILE *out, const zps_limit_curve *curve);

#endif
