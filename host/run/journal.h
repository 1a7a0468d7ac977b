/* The journal of a run: which event ranges are finished, with their sums.
 *
 * `<output>.journal.<rank>` lies beside the output from the run's start until its
 * result is safely written. Records are only ever appended, so a process killed at any
 * moment leaves whole records and at most one torn one behind. Life of a run, rank 0:
 *   zps_journal_open()    takes the lock, refuses what does not belong to this run
 *   zps_journal_read()    done ranges and sums of all ranks' journals (resume)
 *   zps_journal_add(), zps_journal_flush()    while it runs
 *   zps_journal_remove()  after the result file is renamed into place
 *   zps_journal_close()   in any case
 * Other ranks open theirs after rank 0 has read, and do not read or remove.
 * Open the journal before looking whether the output exists: it is the output's lock. */
#ifndef ZPS_RUN_JOURNAL_H
#define ZPS_RUN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/ranges.h"

#define ZPS_JOURNAL_HASH_SIZE 64
#define ZPS_JOURNAL_MAX_ROW ((uint32_t)1 << 28)

/** What a journal belongs to. Hashes are zero-terminated printable ASCII without blanks. */
typedef struct zps_journal_identity {
  char job_hash[ZPS_JOURNAL_HASH_SIZE];
  char table_hash[ZPS_JOURNAL_HASH_SIZE];
  char map_hash[ZPS_JOURNAL_HASH_SIZE];
  uint64_t seed;
  uint32_t physics_version;
  uint32_t row_size; /* u64 per row, 1 .. ZPS_JOURNAL_MAX_ROW */
  uint32_t n_mass;   /* masses in the job's full grid */
} zps_journal_identity;

/** Told of what is worth knowing and no error: dropped or damaged records, one line each, without newline. */
typedef void (*zps_journal_warn)(void *context, const char *text);

typedef struct zps_journal_options {
  bool resume;           /* go on from existing journals; false: refuse them */
  zps_journal_warn warn; /* NULL: no warnings */
  void *warn_context;
  const char *job_text; /* lines that say what the job is; noted in a new journal, and compared with that of a journal
                           of another job to name the difference. NULL: hashes have to do */
} zps_journal_options;

/** Done ranges and sums of the masses i_mass_first .. i_mass_first + n_mass - 1 of the job's grid.
 *  What is already in `done` (e.g. from a result file that is extended) stays and is not counted again. */
typedef struct zps_journal_totals {
  uint32_t i_mass_first;
  uint32_t n_mass;
  zps_range_set *done; /* [n_mass] */
  uint32_t n_sums;     /* leading entries of a row that are wanted, at most the identity's row_size */
  uint64_t *tallies;   /* [n_mass][n_sums], added to; NULL with n_sums = 0 */
} zps_journal_totals;

typedef struct zps_journal zps_journal;

/** Opens, or creates, and locks the journal of a rank. A torn record at its end is cut off.
 *  ZPS_FAILURE: another process is at it, or without resume there is a journal already (rank 0 looks at those of
 *  all ranks); ZPS_MISMATCH: journal of another job; ZPS_INVALID: no journal at all; ZPS_IO: cannot be written.
 *  Close with zps_journal_close(). */
zps_status zps_journal_open(const char *output, int rank, const zps_journal_identity *identity,
                            const zps_journal_options *options, zps_journal **journal, zps_error *error);

/** Adds what all journals of the output hold (any rank). Damaged records and those that repeat events already in
 *  `done` are left out and warned of. ZPS_MISMATCH, ZPS_INVALID as above, or when a record is of a mass outside
 *  the totals; ZPS_FAILURE when another process holds one of them. On failure the totals are not to be used.
 *  *n_events, if not NULL, is set to the events that came from journals. */
zps_status zps_journal_read(zps_journal *journal, const zps_journal_totals *totals, uint64_t *n_events,
                            zps_error *error);

/** Notes n finished events of a mass (index in the job's grid) with their sums row[row_size]. Kept in memory, merged
 *  with the range before it where they touch, until zps_journal_flush(). */
zps_status zps_journal_add(zps_journal *journal, uint32_t i_mass, uint64_t first, uint64_t n, const uint64_t *row,
                           zps_error *error);

/** Appends what was added since the last flush and waits until it is on disk; does nothing when there is nothing.
 *  ZPS_IO: the file is as before, what was added is still in memory, and flushing may be tried again. */
zps_status zps_journal_flush(zps_journal *journal, zps_error *error);

/** Bytes appended by this process. */
uint64_t zps_journal_bytes_written(const zps_journal *journal);

/** Removes all journals of the output. Only after the result is in its place; the journal must still be closed. */
zps_status zps_journal_remove(zps_journal *journal, zps_error *error);

/** Closes and unlocks without flushing; a file that holds no record is removed. NULL is fine. */
void zps_journal_close(zps_journal *journal);

#endif
