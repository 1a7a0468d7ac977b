/* Byte layout of a journal file: header and records (docs/file-formats.md).
 *
 * Little-endian, no padding. A reader never believes a length it has not bounded, and
 * a record's checksum is seeded with its header's, so a record of another journal does
 * not pass. */
#ifndef ZPS_RUN_JOURNAL_FORMAT_H
#define ZPS_RUN_JOURNAL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/journal.h"

#define ZPS_JOURNAL_VERSION 1
#define ZPS_JOURNAL_HEADER_SIZE 240 /* bytes */
#define ZPS_JOURNAL_RECORD_HEAD 32  /* bytes before a record's payload */
#define ZPS_JOURNAL_RECORD_TAIL 8   /* bytes after it */
#define ZPS_JOURNAL_RECORD_MAGIC "ZREC"
#define ZPS_JOURNAL_MAGIC_SIZE 4

#define ZPS_JOURNAL_NOTE_MAGIC "ZTXT"
#define ZPS_JOURNAL_NOTE_HEAD 8                /* bytes before a note's text */
#define ZPS_JOURNAL_NOTE_TAIL 8                /* bytes after it */
#define ZPS_JOURNAL_MAX_NOTE ((size_t)1 << 20) /* bytes of text */

/** Sums over one event range of one mass. */
typedef struct zps_journal_record {
  uint32_t i_mass; /* in the job's full grid */
  uint64_t first;
  uint64_t n;
  uint64_t *row; /* [row_size], borrowed */
} zps_journal_record;

/** The same as read: its sums are still encoded. */
typedef struct zps_journal_found {
  uint32_t i_mass;
  uint32_t row_size;
  uint64_t first;
  uint64_t n;
  const unsigned char *entries; /* borrowed */
  size_t size;                  /* bytes */
} zps_journal_found;

/** Whether an identity can be written: every hash a terminated string of printable ASCII, row_size and n_mass > 0. */
bool zps_journal_identity_is_valid(const zps_journal_identity *identity);

/** Writes the header of a journal. */
void zps_journal_header_encode(const zps_journal_identity *identity, unsigned char bytes[ZPS_JOURNAL_HEADER_SIZE]);

/** The seed of the record checksums under an identity. */
uint64_t zps_journal_record_seed(const zps_journal_identity *identity);

/** Compares the first `size` bytes of the file at path (min(file size, header size)) with the expected header.
 *  *whole is false for the beginning of the right header: a file whose creation was cut off. ZPS_INVALID when this is
 *  no journal, or damaged, or of another format; ZPS_MISMATCH, naming the difference, when it is of another run. */
zps_status zps_journal_header_check(const unsigned char *bytes, size_t size, const zps_journal_identity *identity,
                                    const char *path, bool *whole, zps_error *error);

/** Writes a note of text[length] to bytes[length + head + tail]: what the journal's job is, for people. */
void zps_journal_note_encode(const char *text, size_t length, unsigned char *bytes);

/** Length of the text of the note that begins with head; false when none can begin so. */
bool zps_journal_note_length(const unsigned char head[ZPS_JOURNAL_NOTE_HEAD], size_t *length);

/** Whether bytes, head, text[length] and tail, are as they were written. */
bool zps_journal_note_is_whole(const unsigned char *bytes, size_t length);

/** Largest number of bytes a record can have. */
size_t zps_journal_record_limit(uint32_t row_size);

/** Writes a record to bytes[zps_journal_record_limit()]; returns its size. Zero entries take no space. */
size_t zps_journal_record_encode(const zps_journal_record *record, const zps_journal_identity *identity,
                                 unsigned char *bytes);

/** Size of the record that begins with head, false when no record can begin so. */
bool zps_journal_record_size(const unsigned char head[ZPS_JOURNAL_RECORD_HEAD], const zps_journal_identity *identity,
                             size_t *size);

/** Reads a record of that size; false when it is damaged. What is found points into bytes. */
bool zps_journal_record_decode(const unsigned char *bytes, size_t size, const zps_journal_identity *identity,
                               zps_journal_found *found);

/** Adds entries [first, first + n) of its row to sums[n]. */
void zps_journal_found_add(const zps_journal_found *found, size_t first, size_t n, uint64_t *sums);

#endif
