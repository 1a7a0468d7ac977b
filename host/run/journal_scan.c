#include "host/run/journal_scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SIZE 65536

/* Reads up to size bytes; fewer only at the end of the file. */
static zps_status read_at(const zps_journal_scan *scan, uint64_t offset, unsigned char *bytes, size_t size,
                          size_t *n_read, zps_error *error) {
  *n_read = 0;
  while (*n_read < size) {
    const ssize_t n = pread(scan->fd, bytes + *n_read, size - *n_read, (off_t)(offset + *n_read));
    if (n == 0) {
      break;
    }
    if (n > 0) {
      *n_read += (size_t)n;
    } else if (errno != EINTR) {
      return zps_error_set(error, ZPS_IO, "%s: cannot read: %s", scan->path, strerror(errno));
    }
  }
  return ZPS_OK;
}

/* Behind a header; a note that is torn or damaged counts as damage like any other. */
static zps_status read_note(zps_journal_scan *scan, zps_error *error) {
  unsigned char head[ZPS_JOURNAL_NOTE_HEAD];
  unsigned char *bytes = NULL;
  size_t n_read = 0;
  size_t length = 0;
  zps_status status = read_at(scan, ZPS_JOURNAL_HEADER_SIZE, head, sizeof head, &n_read, error);
  if (status != ZPS_OK || n_read < sizeof head || !zps_journal_note_length(head, &length)) {
    return status;
  }
  const size_t size = ZPS_JOURNAL_NOTE_HEAD + length + ZPS_JOURNAL_NOTE_TAIL;
  bytes = (unsigned char *)malloc(size);
  scan->note = (char *)calloc(length + 1, 1);
  if (bytes == NULL || scan->note == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: out of memory for a note", scan->path);
    goto done;
  }
  ZPS_TRY(read_at(scan, ZPS_JOURNAL_HEADER_SIZE, bytes, size, &n_read, error));
  if (n_read == size && zps_journal_note_is_whole(bytes, length)) {
    memcpy(scan->note, bytes + ZPS_JOURNAL_NOTE_HEAD, length);
    scan->end = ZPS_JOURNAL_HEADER_SIZE + size;
    scan->offset = scan->end;
  } else {
    free(scan->note);
    scan->note = NULL;
  }
done:
  free(bytes);
  return status;
}

zps_status zps_journal_scan_begin(zps_journal_scan *scan, int fd, const char *path,
                                  const zps_journal_identity *identity, zps_error *error) {
  memset(scan, 0, sizeof *scan);
  scan->fd = fd;
  scan->path = path;
  scan->identity = identity;
  struct stat facts;
  if (fstat(fd, &facts) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot read: %s", path, strerror(errno));
  }
  scan->size = (uint64_t)facts.st_size;
  scan->bytes = (unsigned char *)malloc(zps_journal_record_limit(identity->row_size));
  if (scan->bytes == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for a record", path);
  }
  unsigned char header[ZPS_JOURNAL_HEADER_SIZE];
  size_t n_read = 0;
  bool whole = false;
  zps_status status = read_at(scan, 0, header, sizeof header, &n_read, error);
  if (status == ZPS_OK) {
    status = zps_journal_header_check(header, n_read, identity, path, &whole, error);
  }
  scan->end = whole ? ZPS_JOURNAL_HEADER_SIZE : 0;
  scan->offset = whole ? ZPS_JOURNAL_HEADER_SIZE : scan->size;
  if (whole && (status == ZPS_OK || status == ZPS_MISMATCH)) {
    const zps_status noted = read_note(scan, status == ZPS_OK ? error : NULL);
    status = status == ZPS_OK ? noted : status;
  }
  return status;
}

/* *size is set to 0 when there is no whole record at this offset. */
static zps_status record_at(zps_journal_scan *scan, uint64_t offset, zps_journal_found *record, size_t *size,
                            zps_error *error) {
  size_t n_read = 0;
  size_t length = 0;
  *size = 0;
  zps_status status = read_at(scan, offset, scan->bytes, ZPS_JOURNAL_RECORD_HEAD, &n_read, error);
  if (status != ZPS_OK || n_read < ZPS_JOURNAL_RECORD_HEAD ||
      !zps_journal_record_size(scan->bytes, scan->identity, &length) || length > scan->size - offset) {
    return status;
  }
  status = read_at(scan, offset, scan->bytes, length, &n_read, error);
  if (status == ZPS_OK && n_read == length && zps_journal_record_decode(scan->bytes, length, scan->identity, record)) {
    *size = length;
  }
  return status;
}

/* Moves scan->offset to the next place that looks like the beginning of a record, or to the end of the file. */
static zps_status find_magic(zps_journal_scan *scan, uint64_t from, zps_error *error) {
  unsigned char chunk[CHUNK_SIZE];
  size_t n_read = 0;
  scan->offset = scan->size;
  while (from < scan->size) {
    const zps_status status = read_at(scan, from, chunk, sizeof chunk, &n_read, error);
    if (status != ZPS_OK || n_read < ZPS_JOURNAL_MAGIC_SIZE) {
      return status;
    }
    const void *hit = memmem(chunk, n_read, ZPS_JOURNAL_RECORD_MAGIC, ZPS_JOURNAL_MAGIC_SIZE);
    if (hit != NULL) {
      scan->offset = from + (uint64_t)((const unsigned char *)hit - chunk);
      return ZPS_OK;
    }
    /* A magic may lie across two chunks. */
    from += n_read - (ZPS_JOURNAL_MAGIC_SIZE - 1);
  }
  return ZPS_OK;
}

zps_status zps_journal_scan_next(zps_journal_scan *scan, zps_journal_found *record, bool *found, zps_error *error) {
  *found = false;
  while (scan->offset < scan->size) {
    size_t size = 0;
    zps_status status = record_at(scan, scan->offset, record, &size, error);
    if (status != ZPS_OK) {
      return status;
    }
    if (size > 0) {
      if (scan->offset != scan->end && scan->n_damaged++ == 0) {
        scan->first_damaged = scan->end;
      }
      scan->found_at = scan->offset;
      scan->offset += size;
      scan->end = scan->offset;
      *found = true;
      return ZPS_OK;
    }
    status = find_magic(scan, scan->offset + 1, error);
    if (status != ZPS_OK) {
      return status;
    }
  }
  return ZPS_OK;
}

zps_status zps_journal_scan_at(zps_journal_scan *scan, uint64_t offset, zps_journal_found *record, bool *found,
                               zps_error *error) {
  size_t size = 0;
  const zps_status status = record_at(scan, offset, record, &size, error);
  *found = size > 0;
  return status;
}

void zps_journal_scan_free(zps_journal_scan *scan) {
  free(scan->bytes);
  free(scan->note);
  scan->bytes = NULL;
  scan->note = NULL;
}
