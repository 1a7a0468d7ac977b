/* The journal files that lie beside an output. */
#ifndef ZPS_RUN_JOURNAL_LIST_H
#define ZPS_RUN_JOURNAL_LIST_H

#include <stddef.h>

#include "host/error.h"

/** Paths of journals, by ascending rank. */
typedef struct zps_journal_list {
  char **paths; /* [n], each malloc'd */
  size_t n;
} zps_journal_list;

/** The path `<output>.journal.<rank>`, malloc'd; NULL when out of memory. */
char *zps_journal_path(const char *output, int rank);

/** Finds every file of that name, any rank. Free with zps_journal_list_free(). */
zps_status zps_journal_list_find(const char *output, zps_journal_list *list, zps_error *error);

void zps_journal_list_free(zps_journal_list *list);

/** Writes the entries of the directory that holds path to disk, so that a new file outlives a power cut. Where the file
 * system cannot, nothing happens. */
void zps_journal_sync_directory(const char *path);

#endif
