/* Memory that the processes of a node share: written once by one of them, sealed, then read by all.
 *
 * It is a file without a name (memfd): nothing of it is left behind however its processes end, and once sealed not even
 * its writer can change it. */
#ifndef ZPS_RUN_NODE_MEMORY_H
#define ZPS_RUN_NODE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

/** Zero-initialise; close with zps_node_memory_close(). */
typedef struct zps_node_memory {
  const void *bytes; /* read-only, page-aligned; NULL until sealed or opened */
  size_t size;
  int fd; /* of the process that made it, else -1 */
} zps_node_memory;

/** By what another process of the node finds the memory while its maker has it open. Zeros: there is none. */
typedef struct zps_node_address {
  int64_t pid, fd;
  uint64_t device, inode, size; /* so that a process id of another container is not mistaken for it */
} zps_node_address;

/** Makes memory of `size` bytes and lets write() fill it by zps_node_memory_append(), then seals it.
 *  ZPS_UNAVAILABLE: the system has none of this kind; ZPS_MEMORY: not enough; otherwise what write() returned. */
zps_status zps_node_memory_create(size_t size,
                                  zps_status (*write)(void *context, zps_node_memory *memory, zps_error *error),
                                  void *context, zps_node_memory *memory, zps_error *error);

/** Writes the next n bytes; of write() above alone. */
zps_status zps_node_memory_append(zps_node_memory *memory, const void *bytes, size_t n, zps_error *error);

zps_status zps_node_memory_address(const zps_node_memory *memory, zps_node_address *address, zps_error *error);

/** Opens what another process made. ZPS_UNAVAILABLE: it is not to be seen from here. */
zps_status zps_node_memory_open(const zps_node_address *address, zps_node_memory *memory, zps_error *error);

void zps_node_memory_close(zps_node_memory *memory); /* an empty one is fine */

#endif
