/* Going through the records of one journal file, past damage. */
#ifndef ZPS_RUN_JOURNAL_SCAN_H
#define ZPS_RUN_JOURNAL_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "host/run/journal.h"
#include "host/run/journal_format.h"

/** A reader at some point of a file. Read-only for the caller; memory is bounded by one record, not by the file. */
typedef struct zps_journal_scan {
  int fd; /* borrowed */
  const char *path;
  const zps_journal_identity *identity;
  uint64_t size;          /* of the file [bytes] */
  uint64_t offset;        /* where to look for the next record */
  uint64_t end;           /* one past the last whole record, or past the header; 0 when even the header is torn */
  uint64_t n_damaged;     /* stretches without a record before `end` */
  uint64_t first_damaged; /* where the first of them begins */
  uint64_t found_at;      /* where the record found last begins */
  unsigned char *bytes;   /* one record, owned */
  char *note;             /* text behind the header, owned; NULL: none, or damaged */
} zps_journal_scan;

/** Checks the header of the journal open at fd and stands before its first record; path and identity must outlive
 *  the scan. Errors of zps_journal_header_check(), after which the note is there all the same, ZPS_IO, ZPS_MEMORY. Free
 *  with zps_journal_scan_free() even then. */
zps_status zps_journal_scan_begin(zps_journal_scan *scan, int fd, const char *path,
                                  const zps_journal_identity *identity, zps_error *error);

/** Finds the next whole record; *found is false at the end. It points into the scan, until the next call. */
zps_status zps_journal_scan_next(zps_journal_scan *scan, zps_journal_found *record, bool *found, zps_error *error);

/** The record that begins at an offset, found_at of an earlier call; *found is false when none does. Does not move. */
zps_status zps_journal_scan_at(zps_journal_scan *scan, uint64_t offset, zps_journal_found *record, bool *found,
                               zps_error *error);

/** Frees what the scan owns. */
void zps_journal_scan_free(zps_journal_scan *scan);

#endif
