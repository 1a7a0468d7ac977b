#include "host/run/plan_rise.h"

#include "host/tables/emission_table.h"

zps_status zps_rise_check(const zps_nucleus *nucleus, int model, double mass_gev, double nominal_gev,
                          double hardest_gev, zps_error *error) {
  const zps_sigma_rule rule = zps_sigma_rule_scaled(zps_sigma_rule_default(), -1);
  double nominal_pb = 0.0;
  double hardest_pb = 0.0;
  zps_status status = ZPS_OK;
  if (mass_gev < ZPS_LIGHT_MASS * nominal_gev) {
    return ZPS_OK;
  }
  ZPS_TRY(zps_sigma_value_pb(nucleus, model, mass_gev, nominal_gev, 0.0, rule, &nominal_pb, error));
  ZPS_TRY(zps_sigma_value_pb(nucleus, model, mass_gev, hardest_gev, 0.0, rule, &hardest_pb, error));
  if (!(hardest_pb <= ZPS_MAX_RISE * nominal_pb)) {
    return zps_error_set(error, ZPS_INVALID,
                         "mass %.10g GeV: the cross-section at the hardest muon of the beam, %.4g GeV, is %.3g times "
                         "that at the nominal %.4g GeV: expected at most %g times, or few events weigh more than all "
                         "others; take a lower mass or another beam",
                         mass_gev, hardest_gev, hardest_pb / nominal_pb, nominal_gev, ZPS_MAX_RISE);
  }
done:
  return status;
}
