/* The check device: see engine_check.c. */
#ifndef ZPS_ENGINE_CHECK_H
#define ZPS_ENGINE_CHECK_H

#include "kernels/device.h"

extern const zps_device_api zps_device_check;

#endif
