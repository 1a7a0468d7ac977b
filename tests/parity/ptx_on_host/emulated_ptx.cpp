/* The kernels of the CUDA engine as nvcc compiled them, run by a host: their PTX, written as C by ptx_to_c.py. */
#include "tests/parity/cuda_emulation/emulated_launch.h"

#include <cstdio>
#include <cstdlib>

extern "C" {
#include "tests/parity/ptx_on_host/ptx_kernels.h"
}

unsigned long ptx_n_out_of_range;

namespace {

typedef void (*ptx_kernel)(const ptx_thread *);

void wait_for_block(const ptx_thread *t) {
  pthread_barrier_wait(static_cast<pthread_barrier_t *>(t->block));
}

/** The kernel that the CUDA engine would launch (engine_cuda.cu, zps_cuda_run()), and the sizes of its arguments. */
ptx_kernel choose(const emulated_launch &l, const size_t **sizes) {
  if (l.counts->trace.ends != nullptr) {
    *sizes = ptx_zps_cuda_watched_sizes;
    return ptx_zps_cuda_watched;
  }
  *sizes = l.setup->special_fields ? ptx_zps_cuda_special_items_sizes : ptx_zps_cuda_items_sizes;
  return l.setup->special_fields ? ptx_zps_cuda_special_items : ptx_zps_cuda_items;
}

} // namespace

void emulated_thread(const emulated_launch &l, emulated_block *block, unsigned i_thread) {
  zps_setup setup = *l.setup;
  const zps_work_item *items = l.items;
  unsigned n_items = l.n_items;
  unsigned *next_item = l.next_item;
  zps_device_counts counts = *l.counts;
  void *const argument[] = {&setup, &items, &n_items, &next_item, &counts};
  const size_t want[] = {sizeof setup, sizeof items, sizeof n_items, sizeof next_item, sizeof counts};
  const size_t *sizes = nullptr;
  const ptx_kernel kernel = choose(l, &sizes);
  if (memcmp(sizes, want, sizeof want) != 0) {
    (void)fprintf(stderr, "the device lays out the arguments of a kernel in another way\n");
    abort();
  }
  const ptx_thread t = {i_thread,       ZPS_BLOCK,      0, 0, reinterpret_cast<char *>(block->shared), argument,
                        wait_for_block, &block->barrier};
  kernel(&t);
  if (__atomic_load_n(&ptx_n_out_of_range, __ATOMIC_RELAXED) != 0) {
    (void)fprintf(stderr, "a number out of range made an integer: host and device differ in what it becomes\n");
    abort();
  }
}
