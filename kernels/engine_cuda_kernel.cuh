/* The kernel of the CUDA engine: the same stages as the CPU engine, one muon per thread.
 *
 * Half of all muons are dropped right after emission, and of those that come to the magnet four in five cannot be bent
 * onto a counter (kernels/magnet_reach.h); the rest have some forty field steps before them. So that its warps stay
 * full a block works in legs: it emits until a whole block of survivors waits in shared memory, carries those to the
 * entry of the magnet, where the few that go on wait in their turn, and carries these to the end when they are a block,
 * or all that is left. Counters are kept in shared memory and added to the tally row of the item when it is done:
 * integers, so the order does not matter.
 *
 * Device code only, so that tests/parity/test_cuda_emulated.c can run it on a host with threads for threads. */
#ifndef ZPS_ENGINE_CUDA_KERNEL_CUH
#define ZPS_ENGINE_CUDA_KERNEL_CUH

#include "kernels/device.h"

/* 12 warps per SM leave 168 registers to a thread. To be chosen by measurement: 64 x 6, 128 x 3, 128 x 2. */
#ifndef ZPS_BLOCK
#define ZPS_BLOCK 128
#endif
#ifndef ZPS_BLOCKS_PER_SM
#define ZPS_BLOCKS_PER_SM 3
#endif

#ifndef ZPS_SPECIAL_BLOCKS_PER_SM
#define ZPS_SPECIAL_BLOCKS_PER_SM 2
#endif

/* What the rest of a life needs, as structure of arrays against bank conflicts. */
#define ZPS_QUEUE (2 * ZPS_BLOCK)
#define ZPS_QUEUE_WORDS 11

/* The number of an event and, above it, where the muon was beyond a map share a word. */
static_assert(ZPS_EVENT_BITS + ZPS_N_BEYOND <= 64, "both must fit");

static_assert(sizeof(zps_setup) <= 32000, "the setup must fit the parameters of a kernel");

/** Muons that wait: fewer than a block and a block more. */
struct zps_block_queue {
  double word[ZPS_QUEUE_WORDS][ZPS_QUEUE];
  unsigned n;
};

/** What the threads of a block share, in front of their tally row. */
struct zps_block_memory {
  zps_block_queue emitted; /* behind the vertex */
  zps_block_queue bent;    /* at the entry of the magnet: those that may come to a counter */
  unsigned i_item;
};

__device__ static void zps_queue_push(zps_block_queue *queue, const zps_muon &m) {
  const unsigned i = atomicAdd(&queue->n, 1U);
  queue->word[0][i] = m.x;
  queue->word[1][i] = m.y;
  queue->word[2][i] = m.tx;
  queue->word[3][i] = m.ty;
  queue->word[4][i] = m.p;
  queue->word[5][i] = m.e_cal;
  queue->word[6][i] = m.p_out;
  queue->word[7][i] = m.depth;
  queue->word[8][i] = m.psi;
  queue->word[9][i] = m.k;
  queue->word[10][i] = zps_from_bits(m.event | (m.beyond << ZPS_EVENT_BITS));
}

/** Planes come after the magnet where muons wait there (kernels/magnet_reach.h): nothing is hit yet. */
__device__ static zps_muon zps_queue_pop(const zps_block_queue *queue, unsigned i) {
  zps_muon m;
  m.x = queue->word[0][i];
  m.y = queue->word[1][i];
  m.tx = queue->word[2][i];
  m.ty = queue->word[3][i];
  m.p = queue->word[4][i];
  m.e_cal = queue->word[5][i];
  m.p_out = queue->word[6][i];
  m.depth = queue->word[7][i];
  m.psi = queue->word[8][i];
  m.k = queue->word[9][i];
  m.event = zps_bits(queue->word[10][i]) & (ZPS_MAX_EVENTS - 1);
  m.p_in = 0.0; /* its cut is behind it */
  m.x_first = ZPS_UNMEASURED;
  m.x_last = ZPS_UNMEASURED;
  m.inverse_p = 0.0;
  m.hits = 0;
  m.beyond = zps_bits(queue->word[10][i]) >> ZPS_EVENT_BITS;
  m.fate = ZPS_FATE_ARRIVED;
  return m;
}

/** Beam to the window for one event; dead muons are tallied, survivors wait. */
template <bool is_watched>
__device__ static void zps_block_emit(const zps_setup &setup, const zps_emission *em, uint64_t event,
                                      zps_block_queue *emitted, uint64_t *row, const zps_trace &trace) {
  zps_muon m = zps_transport_enter(&setup, em, event);
  if (is_watched) {
    zps_trace_begin(&trace, &m);
  }
  if (m.fate == ZPS_FATE_ARRIVED) {
    zps_queue_push(emitted, m);
  } else {
    zps_tally_muon(&setup, &m, zps_psi_bin(m.psi), row);
  }
}

/** The end of a life. */
template <bool is_watched>
__device__ __forceinline__ static void zps_block_count(const zps_setup &setup, const zps_muon &m, uint64_t *row,
                                                       const zps_device_counts &counts) {
  zps_tally_muon(&setup, &m, zps_psi_bin(m.psi), row);
  if (counts.surface != nullptr) {
    zps_count_position(&setup, &m, counts.surface);
  }
  if (is_watched) {
    zps_trace_end(&counts.trace, &m);
  }
}

/** One leg of a muon's life: from the vertex to the entry of the magnet, or from there to the end; all of it where no
 *  muon is judged at the magnet. One copy of the stages serves both. */
template <bool is_special, bool is_watched>
__device__ __forceinline__ static void zps_block_leg(const zps_setup &setup, const zps_emission *em, bool is_second,
                                                     zps_muon m, zps_block_memory *block, uint64_t *row,
                                                     const zps_device_counts &counts) {
  const int32_t i_reach = setup.reach.i_element;
  const int32_t until = is_second || i_reach < 0 ? setup.n_elements : i_reach;
  if (!is_second) {
    zps_transport_exit(&setup, em, &m);
    zps_transport_arrive(&setup, em, 1, setup.elements[0].z_end_mm, &m);
  }
  zps_transport_through(&setup, em, is_second ? i_reach : 1, until, is_special ? 1 : 0,
                        is_watched ? &counts.trace : nullptr, &m);
  if (until < setup.n_elements && m.fate == ZPS_FATE_ARRIVED) {
    zps_queue_push(&block->bent, m);
  } else {
    zps_block_count<is_watched>(setup, m, row, counts);
  }
}

/** One work item by one block; row is the block's own, in shared memory. is_special: see zps_transport_field(). */
template <bool is_special, bool is_watched>
__device__ __forceinline__ static void zps_block_item(const zps_setup &setup, const zps_work_item &item,
                                                      zps_block_memory *block, uint64_t *row,
                                                      const zps_device_counts &counts) {
  const zps_emission *const em = &setup.emission[item.i_mass];
  const unsigned n = static_cast<unsigned>(item.n); /* at most ZPS_WORK_ITEM_EVENTS */
  unsigned done = 0;
  for (;;) {
    while (block->emitted.n < ZPS_BLOCK && done < n) {
      __syncthreads(); /* all have read emitted.n */
      if (done + threadIdx.x < n) {
        zps_block_emit<is_watched>(setup, em, item.first + done + threadIdx.x, &block->emitted, row, counts.trace);
      }
      done += ZPS_BLOCK;
      __syncthreads();
    }
    const bool is_second = block->bent.n >= ZPS_BLOCK || block->emitted.n == 0;
    zps_block_queue *const queue = is_second ? &block->bent : &block->emitted;
    const unsigned waiting = queue->n;
    __syncthreads();
    if (waiting == 0) {
      return;
    }
    const unsigned take = waiting < ZPS_BLOCK ? waiting : ZPS_BLOCK;
    if (threadIdx.x < take) {
      zps_block_leg<is_special, is_watched>(setup, em, is_second, zps_queue_pop(queue, waiting - 1 - threadIdx.x),
                                            block, row, counts);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      queue->n = waiting - take;
    }
    __syncthreads();
  }
}

/** A block's share of a launch, with its shared memory: it takes the next item from *next_item, 0 at launch, so that no
 *  block waits while items are left. */
template <bool is_special, bool is_watched>
__device__ __forceinline__ static void zps_block_work(const zps_setup &setup, const zps_work_item *items,
                                                      unsigned n_items, unsigned *next_item,
                                                      const zps_device_counts &counts, double *shared) {
  const unsigned row_size = static_cast<unsigned>(counts.row_size);
  zps_block_memory *const block = reinterpret_cast<zps_block_memory *>(shared);
  uint64_t *const row = reinterpret_cast<uint64_t *>(block + 1);
  for (;;) {
    for (unsigned i = threadIdx.x; i < row_size; i += ZPS_BLOCK) {
      row[i] = 0;
    }
    if (threadIdx.x == 0) {
      block->emitted.n = 0;
      block->bent.n = 0;
      block->i_item = atomicAdd(next_item, 1U);
    }
    __syncthreads();
    const unsigned i_item = block->i_item;
    if (i_item >= n_items) {
      return;
    }
    zps_block_item<is_special, is_watched>(setup, items[i_item], block, row, counts);
    __syncthreads();
    uint64_t *const to = counts.rows + (static_cast<size_t>(items[i_item].i_row) * row_size);
    for (unsigned i = threadIdx.x; i < row_size; i += ZPS_BLOCK) {
      if (row[i] != 0) {
        zps_add(&to[i], row[i]);
      }
    }
    __syncthreads();
  }
}

__global__ void __launch_bounds__(ZPS_BLOCK, ZPS_BLOCKS_PER_SM)
    zps_cuda_items(const __grid_constant__ zps_setup setup, const zps_work_item *items, unsigned n_items,
                   unsigned *next_item, const zps_device_counts counts) {
  extern __shared__ double zps_shared[];
  zps_block_work<false, false>(setup, items, n_items, next_item, counts, zps_shared);
}

/** For setups with special fields: a kernel of its own, because cubic lookups take more registers. */
__global__ void __launch_bounds__(ZPS_BLOCK, ZPS_SPECIAL_BLOCKS_PER_SM)
    zps_cuda_special_items(const __grid_constant__ zps_setup setup, const zps_work_item *items, unsigned n_items,
                           unsigned *next_item, const zps_device_counts counts) {
  extern __shared__ double zps_shared[];
  zps_block_work<true, false>(setup, items, n_items, next_item, counts, zps_shared);
}

/** For all setups, leaving every event in counts.trace: to find the one that differs from another engine's. */
__global__ void __launch_bounds__(ZPS_BLOCK, 1)
    zps_cuda_watched(const __grid_constant__ zps_setup setup, const zps_work_item *items, unsigned n_items,
                     unsigned *next_item, const __grid_constant__ zps_device_counts counts) {
  extern __shared__ double zps_shared[];
  zps_block_work<true, true>(setup, items, n_items, next_item, counts, zps_shared);
}

#endif
