/* The few shapes of HDF5 object the project writes and reads, with every check in one place.
 *
 * Files are made in memory, with checksummed metadata (HDF5 1.10 format) and
 * without times, so the same data give the same bytes. Reading trusts nothing:
 * only hard links, no external storage, shapes given by the caller. */
#ifndef ZPS_IO_H5_H
#define ZPS_IO_H5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hdf5.h>

#include "host/error.h"

#define ZPS_H5_MAX_RANK 4

typedef enum zps_h5_kind {
  ZPS_H5_U64,  /* uint64_t */
  ZPS_H5_F64,  /* double */
  ZPS_H5_TEXT, /* char [width]: NUL-terminated text, width includes the NUL */
} zps_h5_kind;

/** One dataset to write: shape slowest first, unit ("1" = pure number), description, one scale per dimension. */
typedef struct zps_h5_dataset {
  const char *name;
  zps_h5_kind kind;
  size_t width; /* ZPS_H5_TEXT only */
  int rank;     /* 0 = a single value */
  hsize_t size[ZPS_H5_MAX_RANK];
  const char *units;
  const char *description;
  hid_t scale[ZPS_H5_MAX_RANK]; /* dataset ids; 0 = none */
  const char *scale_name;       /* not NULL: this dataset is itself a scale of that name */
  bool compress;                /* shuffle + deflate, in chunks of up to 64 rows */
  bool slabs;                   /* rank > 2: chunks in the last two dimensions, lightly compressed; see write_slab */
} zps_h5_dataset;

/** Silences HDF5's printing; call before any other function here. (Its work at exit is off in every program with this
 *  file in it.) */
void zps_h5_silence(void);

/** A file being made, in memory or, when it may be large, on disk. */
typedef struct zps_h5_draft {
  hid_t id;    /* the open HDF5 file */
  void *bytes; /* its contents, once it is closed; NULL for a file on disk */
} zps_h5_draft;

/** Starts a new file. draft must stay where it is until zps_h5_discard(), which ends it in any case. */
zps_status zps_h5_create(zps_h5_draft *draft, zps_error *error);

/** The same in a file at path, which is overwritten: for contents that grow with the job. End it with
 * zps_h5_close_on_disk() or zps_h5_discard(). A full disk shows as ZPS_IO there, or before. */
zps_status zps_h5_create_on_disk(const char *path, zps_h5_draft *draft, zps_error *error);

/** Writes out and closes a file on disk (groups and datasets must be closed). */
zps_status zps_h5_close_on_disk(zps_h5_draft *draft, zps_error *error);

/** Closes the file (groups and datasets must be closed) and points *bytes to its contents as they belong on disk; the
 *  draft owns them. */
zps_status zps_h5_finish(zps_h5_draft *draft, const void **bytes, size_t *size, zps_error *error);

void zps_h5_discard(zps_h5_draft *draft);

/** New group below parent, with a description; close with H5Gclose(). */
zps_status zps_h5_group(hid_t parent, const char *name, const char *description, hid_t *group, zps_error *error);

/** Writes a dataset. With dataset not NULL it stays open (as a scale for others); close with H5Dclose(). */
zps_status zps_h5_write(hid_t parent, const zps_h5_dataset *spec, const void *data, hid_t *dataset, zps_error *error);

/** A dataset to be filled in parts by zps_h5_write_slab(); close with H5Dclose(). */
zps_status zps_h5_write_empty(hid_t parent, const zps_h5_dataset *spec, hid_t *dataset, zps_error *error);

/** Writes the last two dimensions of a dataset of rank 3 or 4 at the given indices of those before them, once. Chunks
 *  that hold nothing but zeros are left out: they read as zeros and take neither time nor room. */
zps_status zps_h5_write_slab(hid_t dataset, const zps_h5_dataset *spec, const hsize_t *at, const void *data,
                             zps_error *error);

zps_status zps_h5_write_text(hid_t object, const char *name, const char *text, zps_error *error);
zps_status zps_h5_write_number(hid_t object, const char *name, zps_h5_kind kind, const void *value, zps_error *error);

/** A file opened for reading. */
typedef struct zps_h5_file {
  hid_t id;
  const char *path;  /* for messages; must outlive the struct */
  uint64_t max_size; /* no dataset of this file can hold more bytes: 1032 (deflate's limit) times its length */
} zps_h5_file;

/** Opens path: ZPS_IO when it is missing, a folder or unreadable, ZPS_INVALID when it is no HDF5 file or cut short. */
zps_status zps_h5_open(const char *path, zps_h5_file *file, zps_error *error);
void zps_h5_close(zps_h5_file *file);

/** Shape of the dataset at path (from the root, e.g. "grid/mass"), after checking that it is of that kind and rank and
 *  stored plainly in the file. width (may be NULL) receives the bytes of one value. */
zps_status zps_h5_shape(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, hsize_t *size,
                        size_t *width, zps_error *error);

/** Reads the dataset at path, which must have exactly this shape, into data; texts become width bytes each. */
zps_status zps_h5_read(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, const hsize_t *size,
                       size_t width, void *data, zps_error *error);

/** Reads the last two dimensions of a dataset of rank 3 or 4, of exactly this shape, at the given indices of those
 *  before them. */
zps_status zps_h5_read_slab(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, const hsize_t *size,
                            const hsize_t *at, void *data, zps_error *error);

/** True when there is a group or dataset at path, reached by hard links alone. */
bool zps_h5_has(const zps_h5_file *file, const char *path);

/** Attribute `name` of the group at path, into a text of at most size bytes, NUL included, or an 8-byte number. */
zps_status zps_h5_read_text(const zps_h5_file *file, const char *path, const char *name, char *text, size_t size,
                            zps_error *error);
zps_status zps_h5_read_number(const zps_h5_file *file, const char *path, const char *name, zps_h5_kind kind,
                              void *value, zps_error *error);

#endif
