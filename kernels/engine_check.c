/* A device on the host, to find mistakes between host and device without a GPU: buffers of its own, filled with bytes
 * that read as NaN and as absurd integers until something is copied there, and events run in another order than the CPU
 * engine's, one by one through zps_transport_event(). */
#include "kernels/engine_check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0xfff8...: a NaN as a double, a huge count as an integer. */
#define ZPS_CHECK_POISON 0xfff8dead5eadbeefULL

/* Enough for any test job; a limit, so that running short of memory can be tested. */
#define ZPS_CHECK_BYTES ((size_t)1 << 30)

/* Bytes in use on each device, whoever has it open. */
static atomic_size_t zps_check_used[ZPS_CHECK_DEVICES];

typedef struct zps_check_device {
  size_t i;
} zps_check_device;

/** A buffer knows its size and its device: in front of what the caller sees. */
typedef struct zps_check_header {
  size_t bytes;
  size_t i_device;
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
  zps_check_device *d = NULL;
  if (i < 0 || i >= ZPS_CHECK_DEVICES) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device %d: expected 0 to %d", i, ZPS_CHECK_DEVICES - 1);
    return -1;
  }
  d = (zps_check_device *)calloc(1, sizeof *d);
  if (d == NULL) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device %d: out of memory", i);
    return -1;
  }
  d->i = (size_t)i;
  *device = d;
  return 0;
}

static int zps_check_free_bytes(void *device, size_t *bytes, char *message) {
  const zps_check_device *const d = (const zps_check_device *)device;
  (void)message;
  *bytes = ZPS_CHECK_BYTES - atomic_load(&zps_check_used[d->i]);
  return 0;
}

static int zps_check_allocate(void *device, size_t bytes, void **buffer, char *message) {
  const zps_check_device *const d = (const zps_check_device *)device;
  const size_t whole = sizeof(zps_check_header) + ((bytes + 7) / 8 * 8);
  const size_t used = atomic_fetch_add(&zps_check_used[d->i], bytes);
  const int fits = used <= ZPS_CHECK_BYTES && bytes <= ZPS_CHECK_BYTES - used;
  zps_check_header *const header = fits ? (zps_check_header *)malloc(whole) : (zps_check_header *)NULL;
  if (header == NULL) {
    (void)atomic_fetch_sub(&zps_check_used[d->i], bytes);
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device %zu: no room for %zu bytes beside %zu", d->i, bytes,
                   used);
    return -1;
  }
  const uint64_t poison = ZPS_CHECK_POISON;
  header->bytes = bytes;
  header->i_device = d->i;
  for (size_t at = sizeof *header; at < whole; at += sizeof poison) {
    memcpy((char *)header + at, &poison, sizeof poison);
  }
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

static void zps_check_item(const zps_setup *setup, const zps_work_item *item, const zps_device_counts *counts) {
  const zps_emission *const em = &setup->emission[item->i_mass];
  uint64_t *const row = &counts->rows[item->i_row * counts->row_size];
  for (uint64_t i = 0; i < item->n; i++) {
    const uint64_t event = item->first + zps_check_order(i, item->n);
    const zps_muon m = counts->trace.ends == NULL ? zps_transport_event(setup, em, event)
                                                  : zps_transport_watched(setup, em, &counts->trace, event);
    zps_tally_muon(setup, &m, zps_psi_bin(m.psi), row);
    if (counts->surface != NULL) {
      zps_count_position(setup, &m, counts->surface);
    }
  }
}

/** 1 when a buffer of device d starts at address, or there is none. */
static int zps_check_owns(const zps_check_device *d, const void *address) {
  return address == NULL || ((const zps_check_header *)address - 1)->i_device == d->i;
}

/** The setup as device code reads it: only what was uploaded can be reached through its pointers. */
static int zps_check_run(void *device, const zps_setup *setup, const zps_work_item *items, size_t n_items,
                         const zps_device_counts *counts, char *message) {
  const zps_check_device *const d = (const zps_check_device *)device;
  if (!zps_check_owns(d, setup->matter) || !zps_check_owns(d, setup->maps) || !zps_check_owns(d, setup->t_shape) ||
      !zps_check_owns(d, setup->emission) || !zps_check_owns(d, setup->beam.particles) || !zps_check_owns(d, items) ||
      !zps_check_owns(d, counts->rows) || !zps_check_owns(d, counts->surface) ||
      !zps_check_owns(d, counts->trace.ends) || !zps_check_owns(d, counts->trace.planes)) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device %zu: run with a buffer of another device", d->i);
    return -1;
  }
  for (size_t i = n_items; i-- > 0;) {
    if (items[i].i_mass >= (uint32_t)setup->n_masses || items[i].n > ZPS_WORK_ITEM_EVENTS) {
      (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "check device: work item %zu was never uploaded", i);
      return -1;
    }
    zps_check_item(setup, &items[i], counts);
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
  (void)device;
  if (buffer != NULL) {
    zps_check_header *const header = (zps_check_header *)buffer - 1;
    (void)atomic_fetch_sub(&zps_check_used[header->i_device], header->bytes);
    free(header);
  }
}

static void zps_check_close(void *device) {
  free(device);
}

const zps_device_api zps_device_check = {zps_check_count,    zps_check_describe, zps_check_open, zps_check_free_bytes,
                                         zps_check_allocate, zps_check_upload,   zps_check_zero, zps_check_run,
                                         zps_check_download, zps_check_release,  zps_check_close};
