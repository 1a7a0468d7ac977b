/* The kernel of the CUDA engine as its source says, compiled for the host. */
#include "tests/parity/cuda_emulation/emulated_launch.h"

thread_local dim3_emulated threadIdx;
thread_local emulated_block *emulated_this_block;

void emulated_thread(const emulated_launch &l, emulated_block *block, unsigned i_thread) {
  threadIdx.x = i_thread;
  emulated_this_block = block;
  /* The kernels differ in these constants. */
  if (l.counts->trace.ends != nullptr) {
    zps_block_work<true, true>(*l.setup, l.items, l.n_items, l.next_item, *l.counts, block->shared);
  } else if (l.setup->special_fields) {
    zps_block_work<true, false>(*l.setup, l.items, l.n_items, l.next_item, *l.counts, block->shared);
  } else {
    zps_block_work<false, false>(*l.setup, l.items, l.n_items, l.next_item, *l.counts, block->shared);
  }
}
