/* Where the rows of a run's journals lie, mass by mass.
 * Holds one of them open at a time, however many ranks there were.
 *
 * For what is too large to be summed up for all masses at once: placement surfaces are read back one mass at a time
 * when the result is written. */
#ifndef ZPS_RUN_JOURNAL_INDEX_H
#define ZPS_RUN_JOURNAL_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/run/journal.h"

typedef struct zps_journal_index zps_journal_index;

/** Finds the records of all journals of the output that are not already in done[n_mass] (which is added to): the same
 *  that zps_journal_read() would count. Takes no lock: the caller holds the output's. identity must outlive the index.
 *  Errors as zps_journal_read(). Free with zps_journal_index_destroy(). */
zps_status zps_journal_index_create(const char *output, const zps_journal_identity *identity, uint32_t i_mass_first,
                                    uint32_t n_mass, zps_range_set *done, zps_journal_index **index, zps_error *error);

/** Adds entries [first, first + n) of all rows of mass i_mass (of the job's grid) to sums[n]. ZPS_IO when a record
 *  that was there is no longer. */
zps_status zps_journal_index_add(zps_journal_index *index, uint32_t i_mass, size_t first, size_t n, uint64_t *sums,
                                 zps_error *error);

void zps_journal_index_destroy(zps_journal_index *index); /* NULL is fine */

#endif
