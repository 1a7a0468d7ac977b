#include "host/run/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/run/journal_format.h"
#include "host/run/journal_list.h"
#include "host/run/journal_scan.h"
#include "host/run/lock.h"
#include "host/run/text_difference.h"

#define WARNING_SIZE (ZPS_ERROR_TEXT_SIZE)
#define MAX_UNWRITTEN ((size_t)64 << 20) /* bytes of records that wait for a flush */

struct zps_journal {
  char *output;
  char *path;
  int fd;
  zps_journal_identity identity;
  zps_journal_warn warn;
  void *warn_context;
  char *job_text;      /* owned, or NULL */
  uint64_t records_at; /* where the first record begins, or will [bytes] */
  uint64_t end;        /* of the last whole record in the file [bytes] */
  uint64_t bytes_written;
  bool is_removed; /* the path is no longer ours */
  bool has_pending;
  zps_journal_record pending; /* what adds merge into; its row is owned */
  unsigned char *buffer;      /* encoded records not yet written, owned */
  size_t buffer_size;
  size_t buffer_capacity;
};

static void warn(const zps_journal *journal, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(const zps_journal *journal, const char *format, ...) {
  char text[WARNING_SIZE];
  if (journal->warn == NULL) {
    return;
  }
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  journal->warn(journal->warn_context, text);
}

static zps_status write_all(int fd, const char *path, const unsigned char *bytes, size_t size, zps_error *error) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = write(fd, bytes + done, size - done);
    if (n > 0) {
      done += (size_t)n;
    } else if (n == 0 || errno != EINTR) {
      return zps_error_set(error, ZPS_IO,
                           "%s: cannot write: %s; what it holds is kept, continue with --resume when this is mended",
                           path, n == 0 ? "no space" : strerror(errno));
    }
  }
  if (fsync(fd) != 0 && errno != EINVAL && errno != ENOSYS) {
    return zps_error_set(error, ZPS_IO, "%s: cannot write to disk: %s", path, strerror(errno));
  }
  return ZPS_OK;
}

/* Appends whole or not at all, as far as the file system lets us; what stays is skipped by the reader. */
static zps_status append(zps_journal *journal, const unsigned char *bytes, size_t size, zps_error *error) {
  const zps_status status = write_all(journal->fd, journal->path, bytes, size, error);
  if (status != ZPS_OK) {
    if (ftruncate(journal->fd, (off_t)journal->end) != 0) {
      warn(journal, "%s: the end of this journal is torn", journal->path);
    }
    return status;
  }
  journal->end += size;
  journal->bytes_written += size;
  return ZPS_OK;
}

static zps_status truncate_to(zps_journal *journal, uint64_t size, zps_error *error) {
  if (ftruncate(journal->fd, (off_t)size) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot cut off a torn record: %s", journal->path, strerror(errno));
  }
  journal->end = size;
  return ZPS_OK;
}

/* With the note in one piece. Of what a crash leaves of both the reader takes the header, or makes a new one. */
static zps_status write_header(zps_journal *journal, zps_error *error) {
  const size_t length = journal->job_text == NULL ? 0 : strlen(journal->job_text);
  const bool has_note = length > 0 && length <= ZPS_JOURNAL_MAX_NOTE;
  const size_t note_size = has_note ? ZPS_JOURNAL_NOTE_HEAD + length + ZPS_JOURNAL_NOTE_TAIL : 0;
  unsigned char *const bytes = (unsigned char *)malloc(ZPS_JOURNAL_HEADER_SIZE + note_size);
  zps_status status = ZPS_OK;
  if (bytes == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for its header", journal->path);
  }
  zps_journal_header_encode(&journal->identity, bytes);
  if (has_note) {
    zps_journal_note_encode(journal->job_text, length, bytes + ZPS_JOURNAL_HEADER_SIZE);
  }
  ZPS_TRY(truncate_to(journal, 0, error));
  ZPS_TRY(append(journal, bytes, ZPS_JOURNAL_HEADER_SIZE + note_size, error));
  journal->records_at = journal->end;
done:
  free(bytes);
  zps_journal_sync_directory(journal->path);
  return status;
}

/* zps_journal_scan_begin(); of another job it says in what the jobs differ. */
static zps_status begin_scan(const zps_journal *journal, int fd, const char *path, zps_journal_scan *scan,
                             zps_error *error) {
  char there[ZPS_TEXT_LINE_SIZE];
  char here[ZPS_TEXT_LINE_SIZE];
  zps_error found = {ZPS_OK, ""};
  const zps_status status = zps_journal_scan_begin(scan, fd, path, &journal->identity, &found);
  if (status == ZPS_MISMATCH && scan->note != NULL && journal->job_text != NULL &&
      zps_text_difference(scan->note, journal->job_text, there, here)) {
    return zps_error_set(error, status, "%s: journal of another job: `%s` there, `%s` in this run", path, there, here);
  }
  return status == ZPS_OK ? status : zps_error_set(error, status, "%s", found.text);
}

/* Finds where whole records end and makes that the end of the file. */
static zps_status settle_end(zps_journal *journal, zps_error *error) {
  zps_journal_scan scan;
  zps_journal_found record;
  bool found = true;
  zps_status status = ZPS_OK;
  ZPS_TRY(begin_scan(journal, journal->fd, journal->path, &scan, error));
  journal->end = scan.end;
  journal->records_at = scan.end;
  while (found) {
    ZPS_TRY(zps_journal_scan_next(&scan, &record, &found, error));
  }
  journal->end = scan.end;
  if (scan.end < scan.size) {
    warn(journal, "%s: dropped the last %" PRIu64 " bytes, an unfinished record: its events will be simulated again",
         journal->path, scan.size - scan.end);
    ZPS_TRY(truncate_to(journal, scan.end, error));
  }
  if (scan.end == 0) {
    ZPS_TRY(write_header(journal, error));
  }
done:
  zps_journal_scan_free(&scan);
  return status;
}

static zps_status refuse_existing(const char *path, zps_error *error) {
  return zps_error_set(error, ZPS_FAILURE,
                       "%s: the journal of an interrupted run is here: continue that run with --resume, or delete "
                       "this file to start again",
                       path);
}

/* A journal that another process has open is in use, whatever this run was asked to do with it. */
static zps_status open_to_read(const char *path, int *fd, zps_error *error) {
  struct stat facts;
  zps_lock_state state = ZPS_LOCK_UNSUPPORTED;
  const int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (opened < 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot open: %s", path, strerror(errno));
  }
  zps_status status = ZPS_OK;
  if (fstat(opened, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    status = zps_error_set(error, ZPS_IO, "%s: expected a regular file", path);
  } else {
    status = zps_lock_take(opened, path, false, &state, error);
  }
  if (status == ZPS_OK && state == ZPS_LOCK_BUSY) {
    status = zps_error_set(error, ZPS_FAILURE, "%s: another process is writing this output", path);
  }
  if (status != ZPS_OK) {
    (void)close(opened);
    return status;
  }
  *fd = opened;
  return ZPS_OK;
}

/* Without resume: nobody's journal may be here, and the message depends on whether its writer is alive. */
static zps_status refuse_others(const char *output, zps_error *error) {
  zps_journal_list list;
  zps_status status = zps_journal_list_find(output, &list, error);
  if (status == ZPS_OK && list.n > 0) {
    int fd = -1;
    status = open_to_read(list.paths[0], &fd, error);
    if (status == ZPS_OK) {
      (void)close(fd);
      status = refuse_existing(list.paths[0], error);
    }
  }
  zps_journal_list_free(&list);
  return status;
}

static zps_status open_locked(zps_journal *journal, bool resume, zps_error *error) {
  bool supported = false;
  struct stat facts;
  const zps_status status = zps_lock_open(journal->path, &journal->fd, &supported, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (!supported) {
    warn(journal, "%s: this file system has no locks: see to it that one run at a time writes this output",
         journal->path);
  }
  if (fstat(journal->fd, &facts) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot read: %s", journal->path, strerror(errno));
  }
  /* From here on an unused file is ours to remove; one that was here before and is refused is not. */
  journal->end = (uint64_t)facts.st_size;
  return !resume && facts.st_size > 0 ? refuse_existing(journal->path, error) : ZPS_OK;
}

static zps_status journal_create(const char *output, int rank, const zps_journal_identity *identity,
                                 const zps_journal_options *options, zps_journal **journal, zps_error *error) {
  zps_journal *made = (zps_journal *)calloc(1, sizeof *made);
  *journal = made;
  if (made != NULL) {
    made->fd = -1;
    made->identity = *identity;
    made->warn = options->warn;
    made->warn_context = options->warn_context;
    made->output = strdup(output);
    made->path = zps_journal_path(output, rank);
    made->job_text = options->job_text == NULL ? NULL : strdup(options->job_text);
    made->pending.row = (uint64_t *)calloc(identity->row_size, sizeof *made->pending.row);
  }
  if (made == NULL || made->output == NULL || made->path == NULL || made->pending.row == NULL ||
      (made->job_text == NULL && options->job_text != NULL)) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for its journal", output);
  }
  return ZPS_OK;
}

static void journal_free(zps_journal *journal) {
  if (journal != NULL) {
    free(journal->output);
    free(journal->path);
    free(journal->job_text);
    free(journal->pending.row);
    free(journal->buffer);
    free(journal);
  }
}

/* Leaves a file that this process did not accept as it found it, and none that it made. */
static void abandon(zps_journal *journal) {
  if (journal != NULL && journal->fd >= 0) {
    if (journal->end == 0) {
      (void)unlink(journal->path);
    }
    (void)close(journal->fd);
  }
  journal_free(journal);
}

zps_status zps_journal_open(const char *output, int rank, const zps_journal_identity *identity,
                            const zps_journal_options *options, zps_journal **journal, zps_error *error) {
  zps_status status = ZPS_OK;
  zps_journal *made = NULL;
  *journal = NULL;
  if (!zps_journal_identity_is_valid(identity)) {
    return zps_error_set(error, ZPS_INVALID, "%s: the identity of its journal is not valid", output);
  }
  ZPS_TRY(journal_create(output, rank, identity, options, &made, error));
  if (rank == 0 && !options->resume) {
    ZPS_TRY(refuse_others(output, error));
  }
  ZPS_TRY(open_locked(made, options->resume, error));
  ZPS_TRY(settle_end(made, error));
  *journal = made;
done:
  if (status != ZPS_OK) {
    abandon(made);
  }
  return status;
}

/* What was left out of one file, told once at its end. */
typedef struct leftovers {
  uint64_t n_repeated;
  zps_journal_found first_repeated;
} leftovers;

static zps_status take_record(const char *path, const zps_journal_totals *totals, const zps_journal_found *record,
                              leftovers *left, zps_error *error) {
  if (record->i_mass < totals->i_mass_first || record->i_mass - totals->i_mass_first >= totals->n_mass) {
    return zps_error_set(error, ZPS_MISMATCH,
                         "%s: journal of another range of masses: it holds mass %" PRIu32 ", this run has %" PRIu32
                         ":%" PRIu32,
                         path, record->i_mass, totals->i_mass_first, totals->i_mass_first + totals->n_mass);
  }
  const uint32_t i_mass = record->i_mass - totals->i_mass_first;
  if (zps_range_set_overlaps(&totals->done[i_mass], record->first, record->n)) {
    if (left->n_repeated++ == 0) {
      left->first_repeated = *record;
    }
    return ZPS_OK;
  }
  const zps_status status = zps_range_set_add(&totals->done[i_mass], record->first, record->n, error);
  if (status == ZPS_OK) {
    zps_journal_found_add(record, 0, totals->n_sums, totals->tallies + ((size_t)i_mass * totals->n_sums));
  }
  return status;
}

static void warn_of_leftovers(const zps_journal *journal, const zps_journal_scan *scan, const leftovers *left) {
  if (scan->n_damaged > 0) {
    warn(journal,
         "%s: damaged in %" PRIu64 " places, the first at byte %" PRIu64 ": those events will be simulated again",
         scan->path, scan->n_damaged, scan->first_damaged);
  }
  if (scan->size > scan->end) {
    warn(journal, "%s: ignored the last %" PRIu64 " bytes, an unfinished record: its events will be simulated again",
         scan->path, scan->size - scan->end);
  }
  if (left->n_repeated > 0) {
    warn(journal,
         "%s: ignored %" PRIu64 " records of events already counted, the first: mass %" PRIu32 ", events %" PRIu64
         " to %" PRIu64,
         scan->path, left->n_repeated, left->first_repeated.i_mass, left->first_repeated.first,
         left->first_repeated.first + left->first_repeated.n - 1);
  }
}

static zps_status read_file(const zps_journal *journal, int fd, const char *path, const zps_journal_totals *totals,
                            uint64_t *n_events, zps_error *error) {
  zps_journal_scan scan;
  zps_journal_found record;
  leftovers left = {.n_repeated = 0};
  bool found = true;
  zps_status status = ZPS_OK;
  ZPS_TRY(begin_scan(journal, fd, path, &scan, error));
  while (found) {
    ZPS_TRY(zps_journal_scan_next(&scan, &record, &found, error));
    if (found) {
      const uint64_t n_repeated = left.n_repeated;
      ZPS_TRY(take_record(path, totals, &record, &left, error));
      *n_events += left.n_repeated == n_repeated ? record.n : 0;
    }
  }
  warn_of_leftovers(journal, &scan, &left);
done:
  zps_journal_scan_free(&scan);
  return status;
}

zps_status zps_journal_read(zps_journal *journal, const zps_journal_totals *totals, uint64_t *n_events,
                            zps_error *error) {
  zps_journal_list list;
  uint64_t n_read = 0;
  zps_status status = zps_journal_list_find(journal->output, &list, error);
  for (size_t i = 0; status == ZPS_OK && i < list.n; i++) {
    if (strcmp(list.paths[i], journal->path) == 0) {
      status = read_file(journal, journal->fd, journal->path, totals, &n_read, error);
    } else {
      int fd = -1;
      status = open_to_read(list.paths[i], &fd, error);
      if (status == ZPS_OK) {
        status = read_file(journal, fd, list.paths[i], totals, &n_read, error);
        (void)close(fd);
      }
    }
  }
  zps_journal_list_free(&list);
  if (n_events != NULL) {
    *n_events = n_read;
  }
  return status;
}

/* Turns the pending range into bytes of the buffer. */
static zps_status encode_pending(zps_journal *journal, zps_error *error) {
  const size_t limit = zps_journal_record_limit(journal->identity.row_size);
  if (!journal->has_pending) {
    return ZPS_OK;
  }
  if (journal->buffer_capacity - journal->buffer_size < limit) {
    const size_t capacity = (2 * journal->buffer_capacity) + limit;
    unsigned char *buffer = (unsigned char *)realloc(journal->buffer, capacity);
    if (buffer == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for %zu bytes of records", journal->path, capacity);
    }
    journal->buffer = buffer;
    journal->buffer_capacity = capacity;
  }
  journal->buffer_size +=
      zps_journal_record_encode(&journal->pending, &journal->identity, journal->buffer + journal->buffer_size);
  journal->has_pending = false;
  return ZPS_OK;
}

static bool extends_pending(const zps_journal *journal, uint32_t i_mass, uint64_t first, uint64_t n) {
  const zps_journal_record *pending = &journal->pending;
  return journal->has_pending && pending->i_mass == i_mass &&
         (pending->first + pending->n == first || first + n == pending->first);
}

zps_status zps_journal_add(zps_journal *journal, uint32_t i_mass, uint64_t first, uint64_t n, const uint64_t *row,
                           zps_error *error) {
  zps_journal_record *pending = &journal->pending;
  if (i_mass >= journal->identity.n_mass || n == 0 || first >= ZPS_EVENT_LIMIT || n > ZPS_EVENT_LIMIT - first) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: cannot record mass %" PRIu32 ", events %" PRIu64 " + %" PRIu64 ": outside the job",
                         journal->path, i_mass, first, n);
  }
  if (extends_pending(journal, i_mass, first, n)) {
    for (uint32_t i = 0; i < journal->identity.row_size; i++) {
      pending->row[i] += row[i];
    }
    pending->first = first < pending->first ? first : pending->first;
    pending->n += n;
    return ZPS_OK;
  }
  zps_status status = encode_pending(journal, error);
  if (status == ZPS_OK && journal->buffer_size > MAX_UNWRITTEN) {
    status = zps_journal_flush(journal, error);
  }
  if (status == ZPS_OK) {
    memcpy(pending->row, row, journal->identity.row_size * sizeof *row);
    pending->i_mass = i_mass;
    pending->first = first;
    pending->n = n;
    journal->has_pending = true;
  }
  return status;
}

zps_status zps_journal_flush(zps_journal *journal, zps_error *error) {
  zps_status status = encode_pending(journal, error);
  if (status == ZPS_OK && journal->buffer_size > 0) {
    status = append(journal, journal->buffer, journal->buffer_size, error);
  }
  if (status == ZPS_OK) {
    journal->buffer_size = 0;
  }
  return status;
}

uint64_t zps_journal_bytes_written(const zps_journal *journal) {
  return journal->bytes_written;
}

zps_status zps_journal_remove(zps_journal *journal, zps_error *error) {
  zps_journal_list list;
  zps_status status = zps_journal_list_find(journal->output, &list, error);
  /* Another run may make its own file of that name as soon as ours is gone. */
  journal->is_removed = true;
  /* Backwards: rank 0's, which is the lock, goes last. */
  for (size_t i = list.n; i > 0; i--) {
    if (unlink(list.paths[i - 1]) != 0 && errno != ENOENT) {
      status = zps_error_set(error, ZPS_IO, "%s: cannot remove: %s", list.paths[i - 1], strerror(errno));
    }
  }
  zps_journal_list_free(&list);
  return status;
}

void zps_journal_close(zps_journal *journal) {
  if (journal == NULL) {
    return;
  }
  if (journal->end <= journal->records_at && !journal->is_removed) {
    (void)unlink(journal->path);
  }
  (void)close(journal->fd);
  journal_free(journal);
}
