/* Limits as plain tables of text. */
#ifndef ZPS_EXPORT_LIMIT_TABLE_H
#define ZPS_EXPORT_LIMIT_TABLE_H

#include <stdio.h>

#include "host/stats/limit_curve.h"

/** One line per mass and excluded interval of couplings:
 *    mass_gev, interval (from 1), g_lo, g_hi (empty: no upper end below 10), n_up,
 *    g_expected_minus_2_sigma ... g_expected_plus_2_sigma, and with dark matter m_chi_gev, y_lo, y_expected
 *  A mass without a limit has a line with empty fields. */
zps_status zps_limit_table_put_csv(FILE *out, const zps_limit_curve *curve);

/** For darkcast (Ilten, Soreq, Williams and Xue, JHEP 06 (2018) 004): labels behind `#`, then mass [GeV] and lower end
 *  of the excluded couplings; a third column with their upper end when there is one at any mass. First intervals only;
 *  masses without a limit are left out. */
zps_status zps_limit_table_put_darkcast(FILE *out, const zps_limit_curve *curve);

#endif
