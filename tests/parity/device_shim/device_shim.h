/* As much of CUDA as the kernels use, so that clang without a CUDA toolkit can check what device code may call. */
#ifndef ZPS_DEVICE_SHIM_H
#define ZPS_DEVICE_SHIM_H

#define __CUDACC__ 1
#define __device__ __attribute__((device))
#define __host__ __attribute__((host))
#define __global__ __attribute__((global))
#define __forceinline__ inline __attribute__((always_inline))

typedef struct uint2 {
  unsigned x, y;
} uint2;

typedef struct uint4 {
  unsigned x, y, z, w;
} uint4;

typedef struct float4 {
  float x, y, z, w;
} float4;

__device__ uint2 make_uint2(unsigned x, unsigned y);
__device__ uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w);
__device__ long long __double_as_longlong(double x);
__device__ double __longlong_as_double(long long x);
__device__ unsigned long long atomicAdd(unsigned long long *address, unsigned long long value);
__device__ unsigned atomicAdd(unsigned *address, unsigned value);
__device__ float4 __ldg(const float4 *address);
__device__ unsigned __isShared(const void *address);
__device__ double sqrt(double x);

#endif
