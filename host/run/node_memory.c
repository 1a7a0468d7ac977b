#include "host/run/node_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define NAME "zpscan-tables" /* as /proc/PID/maps shows it */

static zps_status fail(zps_status status, const char *what, zps_error *error) {
  return zps_error_set(error, status, "memory of the node: %s: %s", what, strerror(errno));
}

zps_status zps_node_memory_append(zps_node_memory *memory, const void *bytes, size_t n, zps_error *error) {
  const char *const from = (const char *)bytes;
  size_t done = 0;
  while (done < n) {
    const ssize_t written = write(memory->fd, from + done, n - done);
    if (written <= 0 && errno != EINTR) {
      return fail(ZPS_MEMORY, "cannot write", error);
    }
    done += written > 0 ? (size_t)written : 0;
  }
  memory->size += n;
  return ZPS_OK;
}

/* Sealing needs that nobody has it mapped writable, which is why it is filled by write(). */
static zps_status seal(zps_node_memory *memory, size_t size, zps_error *error) {
  if (memory->size != size) {
    return zps_error_set(error, ZPS_FAILURE, "memory of the node: %zu bytes written, expected %zu", memory->size, size);
  }
  if (fcntl(memory->fd, F_ADD_SEALS, SEALS) != 0) {
    return fail(ZPS_UNAVAILABLE, "cannot seal", error);
  }
  void *const bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, memory->fd, 0);
  if (bytes == MAP_FAILED) {
    return fail(ZPS_MEMORY, "cannot map", error);
  }
  memory->bytes = bytes;
  return ZPS_OK;
}

zps_status zps_node_memory_create(size_t size,
                                  zps_status (*write)(void *context, zps_node_memory *memory, zps_error *error),
                                  void *context, zps_node_memory *memory, zps_error *error) {
  zps_node_memory made = {NULL, 0, memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  *memory = (zps_node_memory){NULL, 0, -1};
  if (made.fd < 0) {
    return fail(ZPS_UNAVAILABLE, "none of this kind", error);
  }
  zps_status status = write(context, &made, error);
  if (status == ZPS_OK) {
    status = seal(&made, size, error);
  }
  if (status != ZPS_OK) {
    (void)close(made.fd);
    return status;
  }
  *memory = made;
  return ZPS_OK;
}

zps_status zps_node_memory_address(const zps_node_memory *memory, zps_node_address *address, zps_error *error) {
  struct stat facts;
  if (fstat(memory->fd, &facts) != 0) {
    return fail(ZPS_UNAVAILABLE, "cannot look at it", error);
  }
  *address = (zps_node_address){getpid(), memory->fd, (uint64_t)facts.st_dev, (uint64_t)facts.st_ino, memory->size};
  return ZPS_OK;
}

static zps_status map_other(int fd, const zps_node_address *address, zps_node_memory *memory, zps_error *error) {
  struct stat facts;
  if (fstat(fd, &facts) != 0 || (uint64_t)facts.st_dev != address->device || (uint64_t)facts.st_ino != address->inode ||
      (uint64_t)facts.st_size != address->size || (fcntl(fd, F_GET_SEALS) & SEALS) != SEALS) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "memory of the node: file %d of process %d is another one here",
                         (int)address->fd, (int)address->pid);
  }
  void *const bytes = mmap(NULL, (size_t)address->size, PROT_READ, MAP_SHARED, fd, 0);
  if (bytes == MAP_FAILED) {
    return fail(ZPS_MEMORY, "cannot map", error);
  }
  *memory = (zps_node_memory){bytes, (size_t)address->size, -1};
  return ZPS_OK;
}

zps_status zps_node_memory_open(const zps_node_address *address, zps_node_memory *memory, zps_error *error) {
  char path[64];
  *memory = (zps_node_memory){NULL, 0, -1};
  (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)address->pid, (int)address->fd);
  /* O_NONBLOCK: whatever else may have that number must not make us wait. */
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    return fail(ZPS_UNAVAILABLE, path, error);
  }
  const zps_status status = map_other(fd, address, memory, error);
  (void)close(fd);
  return status;
}

void zps_node_memory_close(zps_node_memory *memory) {
  if (memory->bytes != NULL) {
    /* The mapping is ours alone to end; its bytes stay read-only for those who have them. */
    (void)munmap((void *)(uintptr_t)memory->bytes, memory->size);
    if (memory->fd >= 0) {
      (void)close(memory->fd);
    }
  }
  *memory = (zps_node_memory){NULL, 0, -1};
}
