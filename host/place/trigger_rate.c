#include "host/place/trigger_rate.h"

zps_rate_value zps_rate_of_count(const zps_trigger_rate *rate, uint64_t count) {
  const double generated = (double)rate->generated;
  const zps_interval interval =
      zps_interval_binomial((double)count / rate->ratio, generated / rate->ratio, ZPS_LEVEL_ONE_SIGMA);
  const zps_rate_value value = {count, generated > 0.0 ? (double)count / generated : 0.0, interval.lo, interval.hi};
  return value;
}

zps_status zps_rate_highest_count(const zps_trigger_rate *rate, double rate_max, uint64_t *count, zps_error *error) {
  const double allowed = rate_max * (1.0 + 1e-9);
  const double most = allowed * (double)rate->generated;
  const double least = zps_rate_of_count(rate, 0).hi;
  uint64_t lo = 0;
  /* The upper limit of a count is above the count itself. */
  uint64_t hi = most < (double)rate->generated ? (uint64_t)most + 1 : rate->generated + 1;
  *count = 0;
  if (least > allowed) {
    return zps_error_set(
        error, ZPS_USAGE,
        "rate ceiling of %.3g: expected at least %.3g, the upper limit (68 %%) of no count in %.4g beam "
        "muons, or more of them (--beam-events)",
        rate_max, least, (double)rate->generated);
  }
  while (hi - lo > 1) {
    const uint64_t middle = lo + ((hi - lo) / 2);
    if (zps_rate_of_count(rate, middle).hi <= allowed) {
      lo = middle;
    } else {
      hi = middle;
    }
  }
  *count = lo;
  return ZPS_OK;
}
