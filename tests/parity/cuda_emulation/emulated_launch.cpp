/* The kernel of the CUDA engine, block by block on a host (cuda_emulation.h): its rows are those of the CPU engine. */
#include "tests/parity/cuda_emulation/cuda_emulation.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

/* Shared memory of the one block that runs at a time. */
double zps_shared[1 << 14];
/* Another name than in a build that has the real one. */
#define zps_cuda_items zps_cuda_items_emulated
#include "kernels/engine_cuda_kernel.cuh"

thread_local dim3_emulated threadIdx;
thread_local dim3_emulated blockIdx;
dim3_emulated gridDim;
pthread_barrier_t zps_block_barrier;

namespace {

struct launch {
  const zps_setup *setup;
  const zps_work_item *items;
  unsigned n_items;
  uint64_t *rows;
  unsigned row_size;
  unsigned i_thread, i_block;
};

void *run_thread(void *argument) {
  const launch *const l = static_cast<const launch *>(argument);
  threadIdx.x = l->i_thread;
  blockIdx.x = l->i_block;
  zps_cuda_items(*l->setup, l->items, l->n_items, l->rows, l->row_size);
  return nullptr;
}

} // namespace

extern "C" int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items, uint64_t *rows,
                                  unsigned row_size, unsigned n_blocks);

/** Runs n_blocks blocks, one after the other; each takes items i_block, i_block + n_blocks, ... Returns 0, or -1. */
int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items, uint64_t *rows,
                       unsigned row_size, unsigned n_blocks) {
  if (sizeof(zps_block_memory) + (row_size * sizeof(uint64_t)) > sizeof zps_shared) {
    return -1;
  }
  gridDim.x = n_blocks;
  for (unsigned i_block = 0; i_block < n_blocks; i_block++) {
    std::vector<pthread_t> threads(ZPS_BLOCK);
    std::vector<launch> launches(ZPS_BLOCK);
    pthread_barrier_init(&zps_block_barrier, nullptr, ZPS_BLOCK);
    /* What a block before left behind, or nothing sensible: the kernel has to set its shared memory itself. */
    memset(zps_shared, 0x7f, sizeof zps_shared);
    for (unsigned i = 0; i < ZPS_BLOCK; i++) {
      launches[i] = {setup, items, n_items, rows, row_size, i, i_block};
      if (pthread_create(&threads[i], nullptr, run_thread, &launches[i]) != 0) {
        return -1;
      }
    }
    for (unsigned i = 0; i < ZPS_BLOCK; i++) {
      pthread_join(threads[i], nullptr);
    }
    pthread_barrier_destroy(&zps_block_barrier);
  }
  return 0;
}
