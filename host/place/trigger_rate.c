#include "host/place/trigger_rate.h"

zps_rate_value zps_rate_of_count(const zps_trigger_rate *rate, uint64_t count) {
  const double generated = (double)rate->generated;
  const zps_interval interval =
      zps_interval_binomial((double)count / rate->ratio, generated / rate->ratio, ZPS_LEVEL_ONE_SIGMA);
  const zps_rate_value value = {count, generated > 0.0 ? (double)count / generated : 0.0, interval.lo, interval.hi};
  return value;
}
