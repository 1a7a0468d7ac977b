/* A device on the host, to find mistakes between host and device without a GPU: buffers of its own, filled with bytes
 * that read as NaN and as absurd integers until something is copied there, and events run in another order than the CPU
 * engine's, one by one through zps_transport_event(). */
#include "kernels/engine_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0xfff8...: a NaN as a double, a huge count as an integer. */
#define ZPS_CHECK_POISON 0xfff8dead5eadbeefULL

/* Enough for any test job; a limit, so that running short of memory can be tested. */
#define ZPS_CHECK_BYTES ((size_t)1 << 30)

typedef struct zps_check_device {
  size_t used;
} zps_check_device;

/** A buffer knows its size: in front of what the caller sees. */
typedef struct zps_check_header {
  size_t bytes;
  size_t padding;
} zps_check_header;

static int zps_check_count(char *message) {
  message[0] = '\0';
  return 1;
}

static int zps_check_describe(int i, char *text, size_t size) {
  (void)snprintf(text, size, "host memory standing in for device %d", i);
  return 0;
}

static int zps_check_open(int i, void **device, char *message) {
  *device = calloc(1, sizeof(zps_check_device));
  if (*device == NULL) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device %d: out of memory", i);
    return -1;
  }
  return 0;
}

static int zps_check_free_bytes(void *device, size_t *bytes, char *message) {
  const zps_check_device *const d = (const zps_check_device *)device;
  (void)message;
  *bytes = ZPS_CHECK_BYTES - d->used;
  return 0;
}

static int zps_check_allocate(void *device, size_t bytes, void **buffer, char *message) {
  zps_check_device *const d = (zps_check_device *)device;
  const size_t whole = sizeof(zps_check_header) + ((bytes + 7) / 8 * 8);
  zps_check_header *const header =
      bytes <= ZPS_CHECK_BYTES - d->used ? (zps_check_header *)malloc(whole) : (zps_check_header *)NULL;
  if (header == NULL) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device: no room for %zu bytes beside %zu", bytes, d->used);
    return -1;
  }
  const uint64_t poison = ZPS_CHECK_POISON;
  header->bytes = bytes;
  for (size_t at = sizeof *header; at < whole; at += sizeof poison) {
    memcpy((char *)header + at, &poison, sizeof poison);
  }
  d->used += bytes;
  *buffer = header + 1;
  return 0;
}

static int zps_check_upload(void *device, void *buffer, const void *from, size_t bytes, char *message) {
  (void)device;
  if (bytes > ((const zps_check_header *)buffer - 1)->bytes) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device: upload of %zu bytes past a buffer's end", bytes);
    return -1;
  }
  memcpy(buffer, from, bytes);
  return 0;
}

static int zps_check_zero(void *device, void *buffer, size_t bytes, char *message) {
  (void)device;
  (void)message;
  memset(buffer, 0, bytes);
  return 0;
}

/** Events of an item in an order of its own: first the odd ones from the end, then the even ones. */
static uint64_t zps_check_order(uint64_t i, uint64_t n) {
  const uint64_t n_odd = n / 2;
  return i < n_odd ? (2 * (n_odd - 1 - i)) + 1 : 2 * (i - n_odd);
}

static void zps_check_item(const zps_setup *setup, const zps_work_item *item, uint64_t *row) {
  const zps_emission *const em = &setup->emission[item->i_mass];
  for (uint64_t i = 0; i < item->n; i++) {
    const zps_muon m = zps_transport_event(setup, em, item->first + zps_check_order(i, item->n));
    zps_tally_muon(setup, &m, row);
  }
}

/** The setup as device code reads it: only what was uploaded can be reached through its pointers. */
static int zps_check_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                         uint64_t *rows, size_t row_size, char *message) {
  (void)device;
  for (size_t i = n_items; i-- > 0;) {
    if (items[i].i_mass >= (uint32_t)setup->n_masses || items[i].n > ZPS_WORK_ITEM_EVENTS) {
      (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device: work item %zu was never uploaded", i);
      return -1;
    }
    zps_check_item(setup, &items[i], &rows[items[i].i_row * row_size]);
  }
  return 0;
}

static int zps_check_download(void *device, void *to, const void *buffer, size_t bytes, char *message) {
  (void)device;
  (void)message;
  memcpy(to, buffer, bytes);
  return 0;
}

static void zps_check_release(void *device, void *buffer) {
  zps_check_device *const d = (zps_check_device *)device;
  if (buffer != NULL) {
    zps_check_header *const header = (zps_check_header *)buffer - 1;
    d->used -= header->bytes;
    free(header);
  }
}

static void zps_check_close(void *device) {
  free(device);
}

const zps_device_api zps_device_check = {zps_check_count,    zps_check_describe, zps_check_open, zps_check_free_bytes,
                                         zps_check_allocate, zps_check_upload,   zps_check_zero, zps_check_run,
                                         zps_check_download, zps_check_release,  zps_check_close};
