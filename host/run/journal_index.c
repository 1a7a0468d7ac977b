#include "host/run/journal_index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/run/journal_list.h"
#include "host/run/journal_scan.h"

/** One record that counts. */
typedef struct index_entry {
  size_t i_file;
  uint64_t offset;
  uint32_t i_mass;
} index_entry;

/* One journal is open at a time: there may be more ranks than a process may have files, and each scan has room for a
 * record, a whole surface. */
struct zps_journal_index {
  zps_journal_list list;
  const zps_journal_identity *identity;
  size_t i_open; /* of list.paths; without meaning where scan.fd is -1 */
  zps_journal_scan scan;
  index_entry *entries; /* [n], in the order found */
  size_t n, capacity;
};

static void close_file(zps_journal_index *index) {
  if (index->scan.fd >= 0) {
    (void)close(index->scan.fd);
  }
  zps_journal_scan_free(&index->scan);
  index->scan.fd = -1;
}

/** Leaves the scan of this file open, standing where it was if it is the one that was. */
static zps_status open_file(zps_journal_index *index, size_t i_file, zps_error *error) {
  const char *const path = index->list.paths[i_file];
  if (index->scan.fd >= 0 && index->i_open == i_file) {
    return ZPS_OK;
  }
  close_file(index);
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot open: %s", path, strerror(errno));
  }
  index->i_open = i_file;
  return zps_journal_scan_begin(&index->scan, fd, path, index->identity, error);
}

static zps_status note(zps_journal_index *index, size_t i_file, const zps_journal_found *record, zps_error *error) {
  if (index->n == index->capacity) {
    const size_t capacity = (2 * index->capacity) + 64;
    index_entry *const entries = (index_entry *)realloc(index->entries, capacity * sizeof *entries);
    if (entries == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory for an index of %zu records", capacity);
    }
    index->entries = entries;
    index->capacity = capacity;
  }
  index->entries[index->n++] = (index_entry){i_file, index->scan.found_at, record->i_mass};
  return ZPS_OK;
}

static zps_status index_file(zps_journal_index *index, size_t i_file, uint32_t i_mass_first, uint32_t n_mass,
                             zps_range_set *done, zps_error *error) {
  zps_journal_scan *const scan = &index->scan;
  zps_journal_found record;
  bool found = true;
  zps_status status = open_file(index, i_file, error);
  while (status == ZPS_OK && found) {
    ZPS_TRY(zps_journal_scan_next(scan, &record, &found, error));
    if (!found) {
      break;
    }
    if (record.i_mass < i_mass_first || record.i_mass - i_mass_first >= n_mass) {
      return zps_error_set(error, ZPS_MISMATCH, "%s: journal of another range of masses: it holds mass %" PRIu32,
                           scan->path, record.i_mass);
    }
    zps_range_set *const set = &done[record.i_mass - i_mass_first];
    if (!zps_range_set_overlaps(set, record.first, record.n)) {
      ZPS_TRY(zps_range_set_add(set, record.first, record.n, error));
      ZPS_TRY(note(index, i_file, &record, error));
    }
  }
done:
  return status;
}

zps_status zps_journal_index_create(const char *output, const zps_journal_identity *identity, uint32_t i_mass_first,
                                    uint32_t n_mass, zps_range_set *done, zps_journal_index **index, zps_error *error) {
  zps_journal_index *const made = (zps_journal_index *)calloc(1, sizeof *made);
  zps_status status = ZPS_OK;
  *index = made;
  if (made == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for the index of its journals", output);
  }
  made->scan.fd = -1;
  made->identity = identity;
  ZPS_TRY(zps_journal_list_find(output, &made->list, error));
  for (size_t i = 0; i < made->list.n; i++) {
    ZPS_TRY(index_file(made, i, i_mass_first, n_mass, done, error));
  }
done:
  if (status != ZPS_OK) {
    zps_journal_index_destroy(made);
    *index = NULL;
  }
  return status;
}

zps_status zps_journal_index_add(zps_journal_index *index, uint32_t i_mass, size_t first, size_t n, uint64_t *sums,
                                 zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < index->n; i++) {
    const index_entry *const entry = &index->entries[i];
    zps_journal_found record;
    bool found = false;
    if (entry->i_mass != i_mass) {
      continue;
    }
    const zps_journal_scan *const scan = &index->scan;
    ZPS_TRY(open_file(index, entry->i_file, error));
    ZPS_TRY(zps_journal_scan_at(&index->scan, entry->offset, &record, &found, error));
    if (!found || record.i_mass != i_mass) {
      return zps_error_set(error, ZPS_IO, "%s: the record at byte %" PRIu64 " has changed while the run was using it",
                           scan->path, entry->offset);
    }
    zps_journal_found_add(&record, first, n, sums);
  }
done:
  return status;
}

void zps_journal_index_destroy(zps_journal_index *index) {
  if (index == NULL) {
    return;
  }
  close_file(index);
  free(index->entries);
  zps_journal_list_free(&index->list);
  free(index);
}
