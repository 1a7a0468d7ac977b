/* The check device: see engine_check.c. */
#ifndef ZPS_ENGINE_CHECK_H
#define ZPS_ENGINE_CHECK_H

#include "kernels/device.h"

/** Devices that open() knows; count() presents one of them, a test's own count() more. */
#define ZPS_CHECK_DEVICES 8

extern const zps_device_api zps_device_check;

#endif
