/* CUDA devices: memory, copies and launches by the runtime API. The kernel is in engine_cuda_kernel.cuh. */
#include "kernels/engine_cuda.h"

#include <cstdio>
#include <cstdlib>

#include "kernels/engine_cuda_kernel.cuh"

/* What nvcc was told to make code for: 900 is compute capability 9.0. */
static const int zps_cuda_built_for[] = {__CUDA_ARCH_LIST__};

#define ZPS_BUILT_FOR_SIZE 96

struct zps_cuda_device {
  int i;
  int n_blocks;
  cudaStream_t stream;
  unsigned *next_item; /* on the device */
};

/** 0, or -1 with "CUDA device i: what: error" in message. */
static int zps_cuda_check(cudaError_t error, int i, const char *what, char *message) {
  if (error == cudaSuccess) {
    return 0;
  }
  (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "CUDA device %d: %s: %s", i, what, cudaGetErrorString(error));
  (void)cudaGetLastError();
  return -1;
}

static int zps_cuda_count(char *message) {
  int n = 0;
  const cudaError_t error = cudaGetDeviceCount(&n);
  message[0] = '\0';
  if (error != cudaSuccess || n == 0) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "no CUDA device: %s",
                   error != cudaSuccess ? cudaGetErrorString(error) : "none found");
    (void)cudaGetLastError();
    return 0;
  }
  return n;
}

static void zps_cuda_write_built_for(char *text) {
  size_t at = 0;
  text[0] = '\0';
  for (const int architecture : zps_cuda_built_for) {
    const size_t left = ZPS_BUILT_FOR_SIZE - at;
    const int n = snprintf(text + at, left, "%ssm_%d", at == 0 ? "" : " ", architecture / 10);
    at += n > 0 && static_cast<size_t>(n) < left ? static_cast<size_t>(n) : 0;
  }
}

/** Selects device i, the program having code for it; fills *p. */
static int zps_cuda_select(int i, cudaDeviceProp *p, char *message) {
  cudaFuncAttributes attributes;
  char built_for[ZPS_BUILT_FOR_SIZE];
  char what[192];
  if (zps_cuda_check(cudaSetDevice(i), i, "select", message) != 0 ||
      zps_cuda_check(cudaGetDeviceProperties(p, i), i, "properties", message) != 0) {
    return -1;
  }
  zps_cuda_write_built_for(built_for);
  (void)snprintf(what, sizeof what, "%.60s has compute capability %d.%d, this program has code for %s", p->name,
                 p->major, p->minor, built_for);
  return zps_cuda_check(cudaFuncGetAttributes(&attributes, zps_cuda_items), i, what, message);
}

static int zps_cuda_describe(int i, char *text, size_t size) {
  cudaDeviceProp p;
  char message[ZPS_DEVICE_MESSAGE_SIZE];
  char built_for[ZPS_BUILT_FOR_SIZE];
  if (zps_cuda_select(i, &p, message) != 0) {
    (void)snprintf(text, size, "%s", message);
    return -1;
  }
  zps_cuda_write_built_for(built_for);
  (void)snprintf(text, size, "%.60s, compute capability %d.%d, %d SMs, %zu MiB, code for %s", p.name, p.major, p.minor,
                 p.multiProcessorCount, p.totalGlobalMem >> 20, built_for);
  return 0;
}

/** Lets a kernel have all the shared memory of device i. */
static int zps_cuda_widen(const void *kernel, int bytes, int i, char *message) {
  return zps_cuda_check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes), i,
                        "shared memory for the kernel", message);
}

static size_t zps_cuda_shared_bytes(size_t row_size) {
  return sizeof(zps_block_memory) + (row_size * sizeof(uint64_t));
}

static int zps_cuda_open(int i, void **device, char *message) {
  zps_cuda_device *const d = static_cast<zps_cuda_device *>(calloc(1, sizeof(zps_cuda_device)));
  if (d == nullptr) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "CUDA device %d: out of host memory", i);
    return -1;
  }
  cudaDeviceProp p;
  d->i = i;
  if (zps_cuda_select(i, &p, message) != 0 ||
      zps_cuda_widen(reinterpret_cast<const void *>(zps_cuda_items), static_cast<int>(p.sharedMemPerBlockOptin), i,
                     message) != 0 ||
      zps_cuda_widen(reinterpret_cast<const void *>(zps_cuda_special_items), static_cast<int>(p.sharedMemPerBlockOptin),
                     i, message) != 0 ||
      zps_cuda_widen(reinterpret_cast<const void *>(zps_cuda_watched), static_cast<int>(p.sharedMemPerBlockOptin), i,
                     message) != 0 ||
      zps_cuda_check(cudaMalloc(&d->next_item, sizeof *d->next_item), i, "allocate the counter of items", message) !=
          0 ||
      zps_cuda_check(cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking), i, "create a stream", message) !=
          0) {
    (void)cudaFree(d->next_item);
    free(d);
    return -1;
  }
  d->n_blocks = p.multiProcessorCount * ZPS_BLOCKS_PER_SM;
  *device = d;
  return 0;
}

static int zps_cuda_free_bytes(void *device, size_t *bytes, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  size_t total = 0;
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0) {
    return -1;
  }
  return zps_cuda_check(cudaMemGetInfo(bytes, &total), d->i, "ask for free memory", message);
}

static int zps_cuda_allocate(void *device, size_t bytes, void **buffer, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  char what[96];
  (void)snprintf(what, sizeof what, "allocate %zu bytes", bytes);
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0) {
    return -1;
  }
  return zps_cuda_check(cudaMalloc(buffer, bytes), d->i, what, message);
}

static int zps_cuda_upload(void *device, void *buffer, const void *from, size_t bytes, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0) {
    return -1;
  }
  if (zps_cuda_check(cudaMemcpyAsync(buffer, from, bytes, cudaMemcpyHostToDevice, d->stream), d->i, "upload",
                     message) != 0) {
    return -1;
  }
  /* The caller may free `from` at once, and some machines read pageable memory directly. */
  return zps_cuda_check(cudaStreamSynchronize(d->stream), d->i, "upload", message);
}

static int zps_cuda_zero(void *device, void *buffer, size_t bytes, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0) {
    return -1;
  }
  return zps_cuda_check(cudaMemsetAsync(buffer, 0, bytes, d->stream), d->i, "zero the tallies", message);
}

static int zps_cuda_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                        const zps_device_counts *counts, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  const unsigned n = static_cast<unsigned>(n_items);
  const unsigned n_blocks = n < static_cast<unsigned>(d->n_blocks) ? n : static_cast<unsigned>(d->n_blocks);
  if (n == 0) {
    return 0;
  }
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0 ||
      zps_cuda_check(cudaMemsetAsync(d->next_item, 0, sizeof *d->next_item, d->stream), d->i,
                     "zero the counter of items", message) != 0) {
    return -1;
  }
  const auto plain = setup->special_fields ? zps_cuda_special_items : zps_cuda_items;
  const auto kernel = counts->trace.ends != nullptr ? zps_cuda_watched : plain;
  kernel<<<n_blocks, ZPS_BLOCK, zps_cuda_shared_bytes(counts->row_size), d->stream>>>(*setup, items, n, d->next_item,
                                                                                      *counts);
  return zps_cuda_check(cudaGetLastError(), d->i, "launch the transport kernel", message);
}

static int zps_cuda_download(void *device, void *to, const void *buffer, size_t bytes, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0) {
    return -1;
  }
  if (zps_cuda_check(cudaMemcpyAsync(to, buffer, bytes, cudaMemcpyDeviceToHost, d->stream), d->i, "download",
                     message) != 0) {
    return -1;
  }
  return zps_cuda_check(cudaStreamSynchronize(d->stream), d->i, "run the transport kernel", message);
}

static void zps_cuda_release(void *device, void *buffer) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  (void)cudaSetDevice(d->i);
  (void)cudaFree(buffer);
}

static void zps_cuda_close(void *device) {
  zps_cuda_device *const d = static_cast<zps_cuda_device *>(device);
  (void)cudaSetDevice(d->i);
  (void)cudaStreamDestroy(d->stream);
  (void)cudaFree(d->next_item);
  free(d);
}

extern "C" const zps_device_api zps_device_cuda = {
    zps_cuda_count, zps_cuda_describe, zps_cuda_open,     zps_cuda_free_bytes, zps_cuda_allocate, zps_cuda_upload,
    zps_cuda_zero,  zps_cuda_run,      zps_cuda_download, zps_cuda_release,    zps_cuda_close};
