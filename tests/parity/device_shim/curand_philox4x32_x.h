/* Stands for cuRAND's header of the same name. */
#ifndef ZPS_SHIM_CURAND_PHILOX_H
#define ZPS_SHIM_CURAND_PHILOX_H

#include "device_shim.h"

__device__ uint4 curand_Philox4x32_10(uint4 counter, uint2 key);

#endif
