#include "host/stats/counting.h"

#include <math.h>

#define SHARE_ROUNDING 1e-9

zps_counting zps_counting_single(double observed, double background, double background_error, double signal_error) {
  const double relative = background_error > 0.0 ? background_error / background : 0.0;
  zps_counting counting = {.n_channel = 1, .signal_error = signal_error, .backgrounds_together = true};
  counting.channels[0] =
      (zps_channel){.observed = observed, .background = background, .background_error = relative, .share = 1.0};
  return counting;
}

double zps_counting_background(const zps_counting *counting) {
  double sum = 0.0;
  for (size_t c = 0; c < counting->n_channel; c++) {
    sum += counting->channels[c].share > 0.0 ? counting->channels[c].background : 0.0;
  }
  return sum;
}

double zps_counting_observed(const zps_counting *counting) {
  double sum = 0.0;
  for (size_t c = 0; c < counting->n_channel; c++) {
    sum += counting->channels[c].share > 0.0 ? counting->channels[c].observed : 0.0;
  }
  return sum;
}

static zps_status check_number(const char *name, double value, double max, zps_error *error) {
  return value >= 0.0 && value <= max
             ? ZPS_OK
             : zps_error_set(error, ZPS_INVALID, "%s = %.10g: must be >= 0 and <= %.10g", name, value, max);
}

static zps_status check_channel(const zps_channel *channel, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(check_number("observed events", channel->observed, ZPS_MAX_COUNT, error));
  if (channel->observed > floor(channel->observed)) {
    return zps_error_set(error, ZPS_INVALID, "observed events = %.10g: expected a whole number", channel->observed);
  }
  ZPS_TRY(check_number("background", channel->background, ZPS_MAX_COUNT, error));
  if (!(channel->background > 0.0) && channel->background_error > 0.0) {
    return zps_error_set(error, ZPS_INVALID, "error of the background: must be 0 for a background of 0");
  }
  ZPS_TRY(check_number("relative error of the background", channel->background_error, ZPS_MAX_RELATIVE_ERROR, error));
  ZPS_TRY(check_number("relative error of the signal", channel->signal_error, ZPS_MAX_RELATIVE_ERROR, error));
  ZPS_TRY(check_number("share of the signal", channel->share, 1.0 + SHARE_ROUNDING, error));
done:
  return status;
}

zps_status zps_counting_check(const zps_counting *counting, zps_error *error) {
  zps_status status = ZPS_OK;
  double sum = 0.0;
  if (counting->n_channel < 1 || counting->n_channel > ZPS_MAX_CHANNELS) {
    return zps_error_set(error, ZPS_INVALID, "%zu channels: must be 1 to %d", counting->n_channel, ZPS_MAX_CHANNELS);
  }
  for (size_t c = 0; c < counting->n_channel; c++) {
    ZPS_TRY(check_channel(&counting->channels[c], error));
    sum += counting->channels[c].share;
  }
  if (!(fabs(sum - 1.0) <= SHARE_ROUNDING)) {
    return zps_error_set(error, ZPS_INVALID, "shares of the signal add up to %.10g: must be 1", sum);
  }
  ZPS_TRY(check_number("relative error of the signal", counting->signal_error, ZPS_MAX_RELATIVE_ERROR, error));
done:
  return status;
}
