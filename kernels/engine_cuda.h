/* CUDA devices: see engine_cuda.cu. */
#ifndef ZPS_ENGINE_CUDA_H
#define ZPS_ENGINE_CUDA_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const zps_device_api zps_device_cuda;

#ifdef __cplusplus
}
#endif

#endif
