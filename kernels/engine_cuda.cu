/* CUDA devices. The kernel runs the same stages as the CPU engine, one muon per thread.
 *
 * Half of all muons are dropped right after emission and the rest have forty field steps before them, so a block works
 * in two phases to keep its warps full: it emits until a whole block of survivors waits in shared memory, then carries
 * those through the layout. Counters are kept in shared memory and added to the tally row of the item when it is done:
 * integers, so the order does not matter. */
#include "kernels/engine_cuda.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#define ZPS_BLOCK 128
#define ZPS_BLOCKS_PER_SM 3

/* Survivors of the emission: what the rest of a life needs, as structure of arrays against bank conflicts. */
#define ZPS_QUEUE (2 * ZPS_BLOCK)
#define ZPS_QUEUE_WORDS 10

static_assert(sizeof(zps_setup) <= 32000, "the setup must fit the parameters of a kernel");

/** Counters of one block in u32 pairs would overflow; u64 atomics on shared memory are native. */
struct zps_block_memory {
  double queue[ZPS_QUEUE_WORDS][ZPS_QUEUE];
  unsigned n_queue;
  unsigned padding;
};

__device__ static void zps_queue_push(zps_block_memory *block, const zps_muon &m) {
  const unsigned i = atomicAdd(&block->n_queue, 1U);
  block->queue[0][i] = m.x;
  block->queue[1][i] = m.y;
  block->queue[2][i] = m.tx;
  block->queue[3][i] = m.ty;
  block->queue[4][i] = m.p;
  block->queue[5][i] = m.e_cal;
  block->queue[6][i] = m.depth;
  block->queue[7][i] = m.psi;
  block->queue[8][i] = m.k;
  block->queue[9][i] = zps_from_bits(m.event);
}

__device__ static zps_muon zps_queue_pop(const zps_block_memory *block, unsigned i) {
  zps_muon m;
  m.x = block->queue[0][i];
  m.y = block->queue[1][i];
  m.tx = block->queue[2][i];
  m.ty = block->queue[3][i];
  m.p = block->queue[4][i];
  m.e_cal = block->queue[5][i];
  m.depth = block->queue[6][i];
  m.psi = block->queue[7][i];
  m.k = block->queue[8][i];
  m.event = zps_bits(block->queue[9][i]);
  m.p_in = 0.0; /* its cut is behind it */
  m.p_out = ZPS_UNMEASURED;
  m.x_first = ZPS_UNMEASURED;
  m.x_last = ZPS_UNMEASURED;
  m.hits = 0;
  m.fate = ZPS_FATE_ARRIVED;
  return m;
}

/** Phase 1 for one event: beam to the window; dead muons are tallied, survivors wait. */
__device__ static void zps_block_emit(const zps_setup &setup, const zps_emission *em, uint64_t event,
                                      zps_block_memory *block, uint64_t *row) {
  zps_muon m = zps_transport_enter(&setup, em, event);
  if (m.fate == ZPS_FATE_ARRIVED) {
    zps_queue_push(block, m);
  } else {
    zps_tally_muon(&setup, &m, row);
  }
}

/** One work item by one block; row is the block's own, in shared memory. */
__device__ static void zps_block_item(const zps_setup &setup, const zps_work_item &item, zps_block_memory *block,
                                      uint64_t *row) {
  const zps_emission *const em = &setup.emission[item.i_mass];
  uint64_t done = 0;
  for (;;) {
    while (block->n_queue < ZPS_BLOCK && done < item.n) {
      __syncthreads(); /* all have read n_queue */
      if (done + threadIdx.x < item.n) {
        zps_block_emit(setup, em, item.first + done + threadIdx.x, block, row);
      }
      done += ZPS_BLOCK;
      __syncthreads();
    }
    const unsigned waiting = block->n_queue;
    __syncthreads();
    if (waiting == 0) {
      return;
    }
    const unsigned take = waiting < ZPS_BLOCK ? waiting : ZPS_BLOCK;
    if (threadIdx.x < take) {
      zps_muon m = zps_queue_pop(block, waiting - 1 - threadIdx.x);
      if (!setup.process_none) {
        zps_stage_exit(&setup, em, &m);
      }
      zps_transport_layout(&setup, em, &m);
      zps_tally_muon(&setup, &m, row);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      block->n_queue = waiting - take;
    }
    __syncthreads();
  }
}

__global__ void __launch_bounds__(ZPS_BLOCK, ZPS_BLOCKS_PER_SM)
    zps_cuda_items(const __grid_constant__ zps_setup setup, const zps_work_item *items, unsigned n_items,
                   uint64_t *rows, unsigned row_size) {
  extern __shared__ double zps_shared[];
  zps_block_memory *const block = reinterpret_cast<zps_block_memory *>(zps_shared);
  uint64_t *const row = reinterpret_cast<uint64_t *>(block + 1);
  for (unsigned i_item = blockIdx.x; i_item < n_items; i_item += gridDim.x) {
    for (unsigned i = threadIdx.x; i < row_size; i += ZPS_BLOCK) {
      row[i] = 0;
    }
    if (threadIdx.x == 0) {
      block->n_queue = 0;
    }
    __syncthreads();
    const zps_work_item item = items[i_item];
    zps_block_item(setup, item, block, row);
    __syncthreads();
    uint64_t *const to = rows + (static_cast<size_t>(item.i_row) * row_size);
    for (unsigned i = threadIdx.x; i < row_size; i += ZPS_BLOCK) {
      if (row[i] != 0) {
        zps_add(&to[i], row[i]);
      }
    }
    __syncthreads();
  }
}

struct zps_cuda_device {
  int i;
  int n_blocks;
  cudaStream_t stream;
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

static int zps_cuda_describe(int i, char *text, size_t size) {
  cudaDeviceProp p;
  if (cudaGetDeviceProperties(&p, i) != cudaSuccess) {
    (void)cudaGetLastError();
    return -1;
  }
  (void)snprintf(text, size, "%s, sm_%d%d, %d SMs, %zu MiB", p.name, p.major, p.minor, p.multiProcessorCount,
                 p.totalGlobalMem >> 20);
  return 0;
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
  if (zps_cuda_check(cudaSetDevice(i), i, "select", message) != 0 ||
      zps_cuda_check(cudaGetDeviceProperties(&p, i), i, "properties", message) != 0 ||
      zps_cuda_check(cudaFuncSetAttribute(zps_cuda_items, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                          static_cast<int>(p.sharedMemPerBlockOptin)),
                     i, "shared memory for the kernel", message) != 0 ||
      zps_cuda_check(cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking), i, "create a stream", message) !=
          0) {
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
  return zps_cuda_check(cudaMemcpyAsync(buffer, from, bytes, cudaMemcpyHostToDevice, d->stream), d->i, "upload",
                        message);
}

static int zps_cuda_zero(void *device, void *buffer, size_t bytes, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  return zps_cuda_check(cudaMemsetAsync(buffer, 0, bytes, d->stream), d->i, "zero the tallies", message);
}

static int zps_cuda_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                        uint64_t *rows, size_t row_size, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
  const unsigned n = static_cast<unsigned>(n_items);
  const unsigned n_blocks = n < static_cast<unsigned>(d->n_blocks) ? n : static_cast<unsigned>(d->n_blocks);
  if (n == 0) {
    return 0;
  }
  if (zps_cuda_check(cudaSetDevice(d->i), d->i, "select", message) != 0) {
    return -1;
  }
  zps_cuda_items<<<n_blocks, ZPS_BLOCK, zps_cuda_shared_bytes(row_size), d->stream>>>(*setup, items, n, rows,
                                                                                      static_cast<unsigned>(row_size));
  return zps_cuda_check(cudaGetLastError(), d->i, "launch the transport kernel", message);
}

static int zps_cuda_download(void *device, void *to, const void *buffer, size_t bytes, char *message) {
  const zps_cuda_device *const d = static_cast<const zps_cuda_device *>(device);
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
  free(d);
}

extern "C" const zps_device_api zps_device_cuda = {
    zps_cuda_count, zps_cuda_describe, zps_cuda_open,     zps_cuda_free_bytes, zps_cuda_allocate, zps_cuda_upload,
    zps_cuda_zero,  zps_cuda_run,      zps_cuda_download, zps_cuda_release,    zps_cuda_close};
