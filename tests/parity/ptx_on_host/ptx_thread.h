#ifndef PTX_THREAD_H
#define PTX_THREAD_H

#include <stddef.h>
#include <stdint.h>

/** A thread of a block. Shared memory is addressed from its first byte, everything else by the host's addresses. */
typedef struct ptx_thread {
  uint32_t tid, ntid, ctaid, nctaid;
  char *shared;
  void *const *argument; /* of the kernel, as cudaLaunchKernel() takes them */
  void (*barrier)(const struct ptx_thread *);
  void *block; /* the barrier's */
} ptx_thread;

#endif
