/* A launch of a kernel of the CUDA engine on a host, a thread for a thread. What a thread does is linked in: the kernel
 * as its source says (emulated_source.cpp), or as nvcc compiled it (ptx_on_host/). */
#ifndef ZPS_EMULATED_LAUNCH_H
#define ZPS_EMULATED_LAUNCH_H

#include "tests/parity/cuda_emulation/cuda_emulation.h"

#include "kernels/engine_cuda_kernel.cuh"

/** The arguments of a kernel. */
struct emulated_launch {
  const zps_setup *setup;
  const zps_work_item *items;
  unsigned n_items;
  unsigned *next_item;
  const zps_device_counts *counts;
};

/** All that one thread of a block does. */
void emulated_thread(const emulated_launch &launch, emulated_block *block, unsigned i_thread);

/** Runs n_blocks blocks side by side. *n_taken: where the counter of items stood in the end. Returns 0, or -1. */
extern "C" int zps_emulate_launch(const zps_setup *setup, const zps_work_item *items, unsigned n_items,
                                  const zps_device_counts *counts, unsigned n_blocks, unsigned *n_taken);

#endif
