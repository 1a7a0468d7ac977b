/* The kernel of the CUDA engine on a host, a thread for a thread (cuda_emulation.h): its rows are those of the CPU
 * engine. */
#include "tests/parity/cuda_emulation/cuda_emulation.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

/* The kernels proper take their shared memory from the launch; a block here has its own. */
#define zps_cuda_items zps_cuda_items_emulated
#define zps_cuda_special_items zps_cuda_special_items_emulated
#define zps_cuda_watched zps_cuda_watched_emulated
static double zps_shared[1];
#include "kernels/engine_cuda_kernel.cuh"

thread_local dim3_emulated threadIdx;
thread_local emulated_block *emulated_this_block;

namespace {

struct launch {
  const zps_setup *setup;
  const zps_work_item *items;
  unsigned n_items;
  unsigned *next_item;
  const zps_device_counts *counts;
};

struct thread_of_launch {
  const launch *l;
  emulated_block *block;
  unsigned i_thread;
};

void *run_thread(void *argument) {
  const thread_of_launch *const t = static_cast<const thread_of_launch *>(argument);
  const launch *const l = t->l;
  threadIdx.x = t->i_thread;
  emulated_this_block = t->block;
  /* The kernels differ in these constants. */
  if (l->counts->trace.ends != nullptr) {
    zps_block_work<true, true>(*l->setup, l->items, l->n_items, l->next_item, *l->counts, t->block->shared);
  } else if (l->setup->special_fields) {
    zps_block_work<true, false>(*l->setup, l->items, l->n_items, l->next_item, *l->counts, t->block->shared);
  } else {
    zps_block_work<false, false>(*l->setup, l->items, l->n_items, l->next_item, *l->counts, t->block->shared);
  }
  return nullptr;
}

} // namespace

extern "C" int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items,
                                  const zps_device_counts *counts, unsigned n_blocks, unsigned *n_taken);

/** Runs n_blocks blocks side by side. *n_taken: where the counter of items stood in the end. Returns 0, or -1. */
int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items,
                       const zps_device_counts *counts, unsigned n_blocks, unsigned *n_taken) {
  if (sizeof(zps_block_memory) + (counts->row_size * sizeof(uint64_t)) > sizeof(emulated_block::shared)) {
    return -1;
  }
  *n_taken = 0;
  const launch l = {setup, items, n_items, n_taken, counts};
  std::vector<std::unique_ptr<emulated_block>> blocks(n_blocks);
  std::vector<pthread_t> threads(n_blocks * ZPS_BLOCK);
  std::vector<thread_of_launch> arguments(n_blocks * ZPS_BLOCK);
  for (std::unique_ptr<emulated_block> &block : blocks) {
    block.reset(new emulated_block);
    pthread_barrier_init(&block->barrier, nullptr, ZPS_BLOCK);
    /* Nothing sensible: the kernel has to set its shared memory itself. */
    memset(block->shared, 0x7f, sizeof block->shared);
  }
  for (unsigned i = 0; i < n_blocks * ZPS_BLOCK; i++) {
    arguments[i] = {&l, blocks[i / ZPS_BLOCK].get(), i % ZPS_BLOCK};
    if (pthread_create(&threads[i], nullptr, run_thread, &arguments[i]) != 0) {
      perror("a thread of an emulated block");
      abort(); /* the others wait for it */
    }
  }
  for (pthread_t &thread : threads) {
    pthread_join(thread, nullptr);
  }
  for (const std::unique_ptr<emulated_block> &block : blocks) {
    pthread_barrier_destroy(&block->barrier);
  }
  return 0;
}
