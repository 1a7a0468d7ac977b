#include "tests/parity/cuda_emulation/emulated_launch.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

struct thread_of_launch {
  const emulated_launch *launch;
  emulated_block *block;
  unsigned i_thread;
};

void *run_thread(void *argument) {
  const thread_of_launch *const t = static_cast<const thread_of_launch *>(argument);
  emulated_thread(*t->launch, t->block, t->i_thread);
  return nullptr;
}

} // namespace

int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items,
                       const zps_device_counts *counts, unsigned n_blocks, unsigned *n_taken) {
  if (sizeof(zps_block_memory) + (counts->row_size * sizeof(uint64_t)) > sizeof(emulated_block::shared)) {
    return -1;
  }
  *n_taken = 0;
  const emulated_launch launch = {setup, items, n_items, n_taken, counts};
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
    arguments[i] = {&launch, blocks[i / ZPS_BLOCK].get(), i % ZPS_BLOCK};
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
