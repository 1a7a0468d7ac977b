/* The C that ptx_to_c.py writes: a function for each kernel, and the sizes of its parameters in bytes. */
#ifndef PTX_KERNELS_H
#define PTX_KERNELS_H

#include "tests/parity/ptx_on_host/ptx_thread.h"

extern const size_t ptx_zps_cuda_items_sizes[5];
extern const size_t ptx_zps_cuda_special_items_sizes[5];
extern const size_t ptx_zps_cuda_watched_sizes[5];
extern unsigned long ptx_n_out_of_range; /* conversions to an integer that cannot hold the number */

void ptx_zps_cuda_items(const ptx_thread *t);
void ptx_zps_cuda_special_items(const ptx_thread *t);
void ptx_zps_cuda_watched(const ptx_thread *t);

#endif
