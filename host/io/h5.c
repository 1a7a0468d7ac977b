#include "host/io/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5_hl.h>

#define CHUNK_ROWS 64
#define DEFLATE_LEVEL 6
#define SLAB_DEFLATE_LEVEL 1
#define SLAB_CHUNK 64 /* 32 KiB: most of a placement surface is empty, and what is not stays in the cache */
#define MAX_ATTRIBUTES 64
#define MEMORY_STEP ((size_t)1 << 20)
#define MAX_DEFLATE_RATIO 1032

/* HDF5 writes what is still open when the process exits. A file that a full disk kept from closing stays open in its
 * tables, though half of it is freed: the exit would crash. All that matters is closed before, so the exit does
 * nothing. HDF5 hears of this only before its first use, wherever that is. */
__attribute__((constructor)) static void leave_exit_alone(void) {
  (void)H5dont_atexit();
}

void zps_h5_silence(void) {
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static zps_status fail_write(zps_error *error, const char *name) {
  return zps_error_set(error, ZPS_IO, "HDF5 cannot write %s: disk full or out of memory?", name);
}

/* Closing a property list or type that was never made is harmless: the id is then negative. */

static hid_t file_type(zps_h5_kind kind, size_t width) {
  if (kind != ZPS_H5_TEXT) {
    return H5Tcopy(kind == ZPS_H5_F64 ? H5T_IEEE_F64LE : H5T_STD_U64LE);
  }
  const hid_t type = H5Tcopy(H5T_C_S1);
  if (H5Tset_size(type, width) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
    (void)H5Tclose(type);
    return H5I_INVALID_HID;
  }
  return type;
}

static hid_t memory_type(zps_h5_kind kind, size_t width) {
  if (kind == ZPS_H5_TEXT) {
    return file_type(kind, width);
  }
  return H5Tcopy(kind == ZPS_H5_F64 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_UINT64);
}

/* The file's memory is taken over when HDF5 lets go of it at closing. H5Fget_file_image() would be shorter, but leaves
 * a wrong checksum in the superblock (seen with HDF5 1.10.8), so that nobody could open the file. */

static void *take_udata(void *draft) {
  return draft;
}

static herr_t leave_udata(void *draft) {
  (void)draft;
  return 0;
}

static herr_t free_image(void *bytes, H5FD_file_image_op_t operation, void *udata) {
  zps_h5_draft *draft = (zps_h5_draft *)udata;
  if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE && draft->bytes == NULL) {
    draft->bytes = bytes;
  } else {
    free(bytes);
  }
  return 0;
}

static void *allocate_image(size_t size, H5FD_file_image_op_t operation, void *udata) {
  (void)operation;
  (void)udata;
  return malloc(size);
}

static void *reallocate_image(void *bytes, size_t size, H5FD_file_image_op_t operation, void *udata) {
  (void)operation;
  (void)udata;
  return realloc(bytes, size);
}

static void *copy_image(void *to, const void *from, size_t size, H5FD_file_image_op_t operation, void *udata) {
  (void)operation;
  (void)udata;
  return memcpy(to, from, size);
}

/** Makes the file with the access list given, and closes the list. */
static zps_status create_file(const char *name, hid_t access_list, zps_h5_draft *draft, zps_error *error) {
  const hid_t creation_list = H5Pcreate(H5P_FILE_CREATE);
  if (access_list >= 0 && H5Pset_libver_bounds(access_list, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0 &&
      H5Pset_obj_track_times(creation_list, 0) >= 0 &&
      H5Pset_attr_phase_change(creation_list, MAX_ATTRIBUTES, 0) >= 0) {
    draft->id = H5Fcreate(name, H5F_ACC_TRUNC, creation_list, access_list);
  }
  (void)H5Pclose(creation_list);
  (void)H5Pclose(access_list);
  return draft->id >= 0 ? ZPS_OK : fail_write(error, "a new file");
}

zps_status zps_h5_create_on_disk(const char *path, zps_h5_draft *draft, zps_error *error) {
  const hid_t access_list = H5Pcreate(H5P_FILE_ACCESS);
  *draft = (zps_h5_draft){.id = H5I_INVALID_HID, .bytes = NULL};
  /* Its reader cannot have it open yet, and locks fail on some network file systems. */
  (void)H5Pset_file_locking(access_list, 0, 1);
  return create_file(path, access_list, draft, error);
}

zps_status zps_h5_close_on_disk(zps_h5_draft *draft, zps_error *error) {
  const herr_t flushed = H5Fflush(draft->id, H5F_SCOPE_GLOBAL);
  const herr_t closed = H5Fclose(draft->id);
  draft->id = H5I_INVALID_HID;
  return flushed >= 0 && closed >= 0 ? ZPS_OK : zps_error_set(error, ZPS_IO, "cannot write its end: disk full?");
}

zps_status zps_h5_create(zps_h5_draft *draft, zps_error *error) {
  H5FD_file_image_callbacks_t callbacks = {.image_malloc = allocate_image,
                                           .image_memcpy = copy_image,
                                           .image_realloc = reallocate_image,
                                           .image_free = free_image,
                                           .udata_copy = take_udata,
                                           .udata_free = leave_udata,
                                           .udata = draft};
  const hid_t access_list = H5Pcreate(H5P_FILE_ACCESS);
  *draft = (zps_h5_draft){.id = H5I_INVALID_HID, .bytes = NULL};
  if (H5Pset_fapl_core(access_list, MEMORY_STEP, 0) < 0 || H5Pset_file_image_callbacks(access_list, &callbacks) < 0) {
    (void)H5Pclose(access_list);
    return fail_write(error, "a new file");
  }
  /* The driver looks for a file of that name before it makes one in memory: a name that none can have. */
  return create_file("/dev/null/draft", access_list, draft, error);
}

/** End of the file as its superblock gives it: version 2 and 3 hold it in bytes 28 to 35 (HDF5 File Format
 * Specification, II.A). The memory behind it is HDF5's reserve. */
static uint64_t stored_end(const unsigned char *bytes) {
  uint64_t end = 0;
  for (unsigned i = 0; i < 8; i++) {
    end |= (uint64_t)bytes[28 + i] << (8 * i);
  }
  return end;
}

zps_status zps_h5_finish(zps_h5_draft *draft, const void **bytes, size_t *size, zps_error *error) {
  const ssize_t n = H5Fflush(draft->id, H5F_SCOPE_GLOBAL) >= 0 ? H5Fget_file_image(draft->id, NULL, 0) : -1;
  const herr_t closed = H5Fclose(draft->id);
  draft->id = H5I_INVALID_HID;
  if (n < 48 || closed < 0 || draft->bytes == NULL) {
    return fail_write(error, "the end of a file");
  }
  const uint64_t end = stored_end((const unsigned char *)draft->bytes);
  if (end < 48 || end > (uint64_t)n) {
    return fail_write(error, "the end of a file");
  }
  *bytes = draft->bytes;
  *size = (size_t)end;
  return ZPS_OK;
}

void zps_h5_discard(zps_h5_draft *draft) {
  if (draft->id >= 0) {
    (void)H5Fclose(draft->id);
  }
  free(draft->bytes);
  *draft = (zps_h5_draft){.id = H5I_INVALID_HID, .bytes = NULL};
}

zps_status zps_h5_write_text(hid_t object, const char *name, const char *text, zps_error *error) {
  const hid_t type = file_type(ZPS_H5_TEXT, strlen(text) + 1);
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const herr_t written = H5Awrite(attribute, type, text);
  (void)H5Aclose(attribute);
  (void)H5Sclose(space);
  (void)H5Tclose(type);
  return written >= 0 ? ZPS_OK : fail_write(error, name);
}

zps_status zps_h5_write_number(hid_t object, const char *name, zps_h5_kind kind, const void *value, zps_error *error) {
  const hid_t type = file_type(kind, 0);
  const hid_t memory = memory_type(kind, 0);
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const herr_t written = H5Awrite(attribute, memory, value);
  (void)H5Aclose(attribute);
  (void)H5Sclose(space);
  (void)H5Tclose(memory);
  (void)H5Tclose(type);
  return written >= 0 ? ZPS_OK : fail_write(error, name);
}

zps_status zps_h5_group(hid_t parent, const char *name, const char *description, hid_t *group, zps_error *error) {
  const hid_t list = H5Pcreate(H5P_GROUP_CREATE);
  *group = H5I_INVALID_HID;
  if (H5Pset_obj_track_times(list, 0) >= 0 && H5Pset_attr_phase_change(list, MAX_ATTRIBUTES, 0) >= 0) {
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
  }
  (void)H5Pclose(list);
  if (*group < 0) {
    return fail_write(error, name);
  }
  return zps_h5_write_text(*group, "description", description, error);
}

static hid_t creation_list_of(const zps_h5_dataset *spec) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  herr_t set = H5Pset_obj_track_times(list, 0);
  if (set >= 0 && (spec->compress || spec->slabs) && spec->rank > 0) {
    hsize_t chunk[ZPS_H5_MAX_RANK];
    for (int i = 0; i < spec->rank; i++) {
      const hsize_t most = i < spec->rank - 2 ? 1 : SLAB_CHUNK;
      chunk[i] = spec->slabs && spec->size[i] > most ? most : spec->size[i];
    }
    chunk[0] = chunk[0] < CHUNK_ROWS ? chunk[0] : CHUNK_ROWS;
    set = H5Pset_chunk(list, spec->rank, chunk);
    set = set >= 0 ? H5Pset_shuffle(list) : set;
    set = set >= 0 ? H5Pset_deflate(list, spec->slabs ? SLAB_DEFLATE_LEVEL : DEFLATE_LEVEL) : set;
  }
  if (set < 0) {
    (void)H5Pclose(list);
    return H5I_INVALID_HID;
  }
  return list;
}

static hid_t create_dataset(hid_t parent, const zps_h5_dataset *spec, hid_t type) {
  const hid_t space = spec->rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(spec->rank, spec->size, NULL);
  const hid_t list = creation_list_of(spec);
  hid_t dataset = H5I_INVALID_HID;
  if (list >= 0) {
    dataset = H5Dcreate2(parent, spec->name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  }
  (void)H5Pclose(list);
  (void)H5Sclose(space);
  return dataset;
}

static zps_status describe_dataset(hid_t dataset, const zps_h5_dataset *spec, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_write_text(dataset, "units", spec->units, error));
  ZPS_TRY(zps_h5_write_text(dataset, "description", spec->description, error));
  if (spec->scale_name != NULL && H5DSset_scale(dataset, spec->scale_name) < 0) {
    status = fail_write(error, spec->name);
    goto done;
  }
  for (int i = 0; i < spec->rank; i++) {
    if (spec->scale[i] > 0 && H5DSattach_scale(dataset, spec->scale[i], (unsigned)i) < 0) {
      status = fail_write(error, spec->name);
      goto done;
    }
  }
done:
  return status;
}

zps_status zps_h5_write(hid_t parent, const zps_h5_dataset *spec, const void *data, hid_t *dataset, zps_error *error) {
  const hid_t type = file_type(spec->kind, spec->width);
  const hid_t memory = memory_type(spec->kind, spec->width);
  const hid_t id = create_dataset(parent, spec, type);
  zps_status status = ZPS_OK;
  if (H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
    status = fail_write(error, spec->name);
  } else {
    status = describe_dataset(id, spec, error);
  }
  (void)H5Tclose(memory);
  (void)H5Tclose(type);
  if (dataset != NULL && status == ZPS_OK) {
    *dataset = id;
  } else {
    (void)H5Dclose(id);
  }
  return status;
}

zps_status zps_h5_write_empty(hid_t parent, const zps_h5_dataset *spec, hid_t *dataset, zps_error *error) {
  const hid_t type = file_type(spec->kind, spec->width);
  const hid_t id = create_dataset(parent, spec, type);
  const zps_status status = id >= 0 ? describe_dataset(id, spec, error) : fail_write(error, spec->name);
  (void)H5Tclose(type);
  if (status == ZPS_OK) {
    *dataset = id;
  } else {
    (void)H5Dclose(id);
  }
  return status;
}

/** Selects the last two dimensions of space at the indices `at` of the others; *memory is a space of their shape. */
static herr_t select_slab(hid_t space, int rank, const hsize_t *size, const hsize_t *at, hid_t *memory) {
  hsize_t start[ZPS_H5_MAX_RANK] = {0};
  hsize_t count[ZPS_H5_MAX_RANK] = {0};
  for (int i = 0; i < rank; i++) {
    start[i] = i < rank - 2 ? at[i] : 0;
    count[i] = i < rank - 2 ? 1 : size[i];
  }
  *memory = H5Screate_simple(rank, count, NULL);
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
}

/** A chunk of a slab: rows and columns of the last two dimensions. */
typedef struct slab_chunk {
  hsize_t start[2], count[2];
} slab_chunk;

static slab_chunk chunk_at(const hsize_t size[2], hsize_t row, hsize_t column) {
  slab_chunk c = {{row, column}, {SLAB_CHUNK, SLAB_CHUNK}};
  for (int i = 0; i < 2; i++) {
    c.count[i] = size[i] - c.start[i] < SLAB_CHUNK ? size[i] - c.start[i] : SLAB_CHUNK;
  }
  return c;
}

/** The bits of 8-byte values or-ed together, so that a zero tells of zeros alone. */
static uint64_t chunk_bits(const uint64_t *values, hsize_t n_columns, const slab_chunk *c) {
  uint64_t bits = 0;
  for (hsize_t row = 0; row < c->count[0]; row++) {
    const uint64_t *const from = values + ((c->start[0] + row) * n_columns) + c->start[1];
    for (hsize_t i = 0; i < c->count[1]; i++) {
      bits |= from[i];
    }
  }
  return bits;
}

/** Writes one chunk; space is that of the dataset, memory that of the slab. */
static herr_t write_chunk(hid_t dataset, const zps_h5_dataset *spec, hid_t type, hid_t space, hid_t memory,
                          const hsize_t *at, const slab_chunk *c, const void *data) {
  const int n_before = spec->rank - 2;
  hsize_t start[ZPS_H5_MAX_RANK] = {0};
  hsize_t count[ZPS_H5_MAX_RANK] = {1, 1, 1, 1};
  memcpy(start, at, (size_t)n_before * sizeof *start);
  memcpy(start + n_before, c->start, sizeof c->start);
  memcpy(count + n_before, c->count, sizeof c->count);
  if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
      H5Sselect_hyperslab(memory, H5S_SELECT_SET, c->start, NULL, c->count, NULL) < 0) {
    return -1;
  }
  return H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, data);
}

zps_status zps_h5_write_slab(hid_t dataset, const zps_h5_dataset *spec, const hsize_t *at, const void *data,
                             zps_error *error) {
  const hsize_t *const size = spec->size + (spec->rank - 2);
  const hid_t memory_of_value = memory_type(spec->kind, spec->width);
  const hid_t space = H5Dget_space(dataset);
  const hid_t memory = H5Screate_simple(2, size, NULL);
  herr_t written = 0;
  for (hsize_t row = 0; row < size[0]; row += SLAB_CHUNK) {
    for (hsize_t column = 0; column < size[1] && written >= 0; column += SLAB_CHUNK) {
      const slab_chunk c = chunk_at(size, row, column);
      if (chunk_bits((const uint64_t *)data, size[1], &c) != 0) {
        written = write_chunk(dataset, spec, memory_of_value, space, memory, at, &c, data);
      }
    }
  }
  (void)H5Sclose(memory);
  (void)H5Sclose(space);
  (void)H5Tclose(memory_of_value);
  return written >= 0 ? ZPS_OK : zps_error_set(error, ZPS_IO, "cannot write %s: disk full?", spec->name);
}

/** HDF5's own messages for these three are pages long, so look first. */
static zps_status check_file(const char *path, uint64_t *size, zps_error *error) {
  static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  unsigned char start[sizeof signature] = {0};
  struct stat info;
  zps_status status = ZPS_OK;
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 || fstat(file, &info) != 0) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot read: %s", path, strerror(errno));
  } else if (S_ISDIR(info.st_mode)) {
    status = zps_error_set(error, ZPS_IO, "%s: is a folder; expected a result file", path);
  } else if (!S_ISREG(info.st_mode)) {
    status = zps_error_set(error, ZPS_IO, "%s: is no regular file; expected a result file", path);
  } else if (read(file, start, sizeof start) != (ssize_t)sizeof start || memcmp(start, signature, sizeof start) != 0) {
    status = zps_error_set(error, ZPS_INVALID, "%s: is not an HDF5 file", path);
  } else {
    *size = (uint64_t)info.st_size;
  }
  if (file >= 0) {
    (void)close(file);
  }
  return status;
}

zps_status zps_h5_open(const char *path, zps_h5_file *file, zps_error *error) {
  uint64_t size = 0;
  zps_status status = ZPS_OK;
  *file = (zps_h5_file){.id = H5I_INVALID_HID, .path = path, .max_size = 0};
  ZPS_TRY(check_file(path, &size, error));
  file->max_size = size * MAX_DEFLATE_RATIO;
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  /* Locks fail on some network file systems, and a finished result never changes. */
  if (H5Pset_file_locking(list, 0, 1) >= 0 && H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) >= 0) {
    file->id = H5Fopen(path, H5F_ACC_RDONLY, list);
  }
  (void)H5Pclose(list);
  if (file->id < 0) {
    status = zps_error_set(error, ZPS_INVALID, "%s: is damaged: HDF5 cannot open it (cut short?)", path);
  }
done:
  return status;
}

void zps_h5_close(zps_h5_file *file) {
  if (file->id >= 0) {
    (void)H5Fclose(file->id);
  }
  file->id = H5I_INVALID_HID;
}

/** True when every step of path is a hard link: a soft or external one could lead anywhere. */
static bool has_hard_links(hid_t file, const char *path) {
  char step[512];
  const size_t length = strlen(path);
  if (length >= sizeof step) {
    return false;
  }
  memcpy(step, path, length + 1);
  for (size_t i = 1; i <= length; i++) {
    if (path[i] != '/' && path[i] != '\0') {
      continue;
    }
    H5L_info_t info;
    step[i] = '\0';
    if (H5Lget_info(file, step, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD) {
      return false;
    }
    step[i] = path[i];
  }
  return true;
}

static bool has_kind(hid_t type, zps_h5_kind kind, size_t *width) {
  const H5T_class_t type_class = H5Tget_class(type);
  *width = H5Tget_size(type);
  if (kind == ZPS_H5_TEXT) {
    return type_class == H5T_STRING && H5Tis_variable_str(type) == 0 && H5Tget_strpad(type) == H5T_STR_NULLTERM;
  }
  if (*width != 8) {
    return false;
  }
  return kind == ZPS_H5_F64 ? type_class == H5T_FLOAT : type_class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE;
}

/** True when the values lie in this file, contiguous, compact or in chunks no larger than max_size. */
static bool is_stored_plainly(hid_t dataset, size_t width, uint64_t max_size) {
  const hid_t list = H5Dget_create_plist(dataset);
  bool plain = false;
  if (list >= 0 && H5Pget_external_count(list) == 0) {
    const H5D_layout_t layout = H5Pget_layout(list);
    plain = layout == H5D_CONTIGUOUS || layout == H5D_COMPACT;
    if (layout == H5D_CHUNKED) {
      hsize_t chunk[H5S_MAX_RANK];
      const int rank = H5Pget_chunk(list, H5S_MAX_RANK, chunk);
      uint64_t left = max_size / width;
      plain = rank >= 0;
      for (int i = 0; i < rank; i++) {
        plain = plain && chunk[i] > 0 && chunk[i] <= left;
        left = plain ? left / chunk[i] : 0;
      }
    }
  }
  (void)H5Pclose(list);
  return plain;
}

static bool has_shape(hid_t space, int rank, hsize_t *size) {
  if (H5Sget_simple_extent_ndims(space) != rank || H5Sget_simple_extent_type(space) == H5S_NULL) {
    return false;
  }
  return rank == 0 || H5Sget_simple_extent_dims(space, size, NULL) == rank;
}

static bool fits(int rank, const hsize_t *size, size_t width, uint64_t max_size) {
  uint64_t left = width > 0 ? max_size / width : 0;
  for (int i = 0; i < rank; i++) {
    if (size[i] > left) {
      return false;
    }
    left = size[i] > 0 ? left / size[i] : left;
  }
  return left > 0;
}

static const char *kind_name(zps_h5_kind kind) {
  static const char *const names[] = {"64-bit unsigned integers", "64-bit floats", "texts of fixed size"};
  return names[kind];
}

/** Opens the dataset after all checks that need no memory. */
static zps_status open_dataset(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, hsize_t *size,
                               size_t *width, hid_t *dataset, zps_error *error) {
  hid_t type = H5I_INVALID_HID;
  hid_t space = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  *dataset = has_hard_links(file->id, path) ? H5Dopen2(file->id, path, H5P_DEFAULT) : H5I_INVALID_HID;
  if (*dataset < 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no dataset /%s; expected a result of zpscan", file->path, path);
  }
  type = H5Dget_type(*dataset);
  space = H5Dget_space(*dataset);
  if (type < 0 || !has_kind(type, kind, width)) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: expected %s", file->path, path, kind_name(kind));
  } else if (space < 0 || !has_shape(space, rank, size)) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: expected %d dimension%s", file->path, path, rank,
                           rank == 1 ? "" : "s");
  } else if (!fits(rank, size, *width, file->max_size)) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: is larger than its file can hold", file->path, path);
  } else if (!is_stored_plainly(*dataset, *width, file->max_size)) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: must be stored in the file itself", file->path, path);
  }
  (void)H5Sclose(space);
  (void)H5Tclose(type);
  if (status != ZPS_OK) {
    (void)H5Dclose(*dataset);
    *dataset = H5I_INVALID_HID;
  }
  return status;
}

zps_status zps_h5_shape(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, hsize_t *size,
                        size_t *width, zps_error *error) {
  hid_t dataset = H5I_INVALID_HID;
  size_t found_width = 0;
  const zps_status status = open_dataset(file, path, kind, rank, size, &found_width, &dataset, error);
  if (status == ZPS_OK) {
    (void)H5Dclose(dataset);
    if (width != NULL) {
      *width = found_width;
    }
  }
  return status;
}

zps_status zps_h5_read(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, const hsize_t *size,
                       size_t width, void *data, zps_error *error) {
  hsize_t found[ZPS_H5_MAX_RANK] = {0};
  size_t found_width = 0;
  hid_t dataset = H5I_INVALID_HID;
  zps_status status = open_dataset(file, path, kind, rank, found, &found_width, &dataset, error);
  if (status != ZPS_OK) {
    return status;
  }
  for (int i = 0; i < rank && status == ZPS_OK; i++) {
    if (found[i] != size[i]) {
      status = zps_error_set(error, ZPS_INVALID, "%s: /%s: expected size %llu in dimension %d, got %llu", file->path,
                             path, (unsigned long long)size[i], i, (unsigned long long)found[i]);
    }
  }
  const hid_t memory = memory_type(kind, width);
  if (status == ZPS_OK && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: cannot be read: the file is damaged", file->path, path);
  }
  (void)H5Tclose(memory);
  (void)H5Dclose(dataset);
  return status;
}

zps_status zps_h5_read_slab(const zps_h5_file *file, const char *path, zps_h5_kind kind, int rank, const hsize_t *size,
                            const hsize_t *at, void *data, zps_error *error) {
  hsize_t found[ZPS_H5_MAX_RANK] = {0};
  size_t width = 0;
  hid_t dataset = H5I_INVALID_HID;
  hid_t memory = H5I_INVALID_HID;
  zps_status status = open_dataset(file, path, kind, rank, found, &width, &dataset, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (memcmp(found, size, (size_t)rank * sizeof *size) != 0) {
    (void)H5Dclose(dataset);
    return zps_error_set(error, ZPS_INVALID, "%s: /%s: its shape does not fit the axes", file->path, path);
  }
  const hid_t value = memory_type(kind, width);
  const hid_t space = H5Dget_space(dataset);
  herr_t done = select_slab(space, rank, size, at, &memory);
  done = done >= 0 ? H5Dread(dataset, value, memory, space, H5P_DEFAULT, data) : done;
  if (done < 0) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: cannot be read: the file is damaged", file->path, path);
  }
  (void)H5Sclose(memory);
  (void)H5Sclose(space);
  (void)H5Tclose(value);
  (void)H5Dclose(dataset);
  return status;
}

bool zps_h5_has(const zps_h5_file *file, const char *path) {
  return has_hard_links(file->id, path);
}

static zps_status open_attribute(const zps_h5_file *file, const char *path, const char *name, zps_h5_kind kind,
                                 size_t *width, hid_t *attribute, zps_error *error) {
  *attribute = has_hard_links(file->id, path) ? H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT)
                                              : H5I_INVALID_HID;
  const hid_t type = H5Aget_type(*attribute);
  const hid_t space = H5Aget_space(*attribute);
  const bool fine =
      *attribute >= 0 && type >= 0 && space >= 0 && has_kind(type, kind, width) && has_shape(space, 0, NULL);
  (void)H5Sclose(space);
  (void)H5Tclose(type);
  if (!fine) {
    (void)H5Aclose(*attribute);
    *attribute = H5I_INVALID_HID;
    return zps_error_set(error, ZPS_INVALID, "%s: /%s: no attribute %s of the kind expected", file->path, path, name);
  }
  return ZPS_OK;
}

zps_status zps_h5_read_text(const zps_h5_file *file, const char *path, const char *name, char *text, size_t size,
                            zps_error *error) {
  size_t width = 0;
  hid_t attribute = H5I_INVALID_HID;
  zps_status status = open_attribute(file, path, name, ZPS_H5_TEXT, &width, &attribute, error);
  if (status != ZPS_OK) {
    return status;
  }
  const hid_t memory = file_type(ZPS_H5_TEXT, size);
  memset(text, 0, size);
  if (width > size || H5Aread(attribute, memory, text) < 0 || memchr(text, 0, size) == NULL) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: attribute %s: expected a text below %zu bytes", file->path,
                           path, name, size);
  }
  (void)H5Tclose(memory);
  (void)H5Aclose(attribute);
  return status;
}

zps_status zps_h5_read_number(const zps_h5_file *file, const char *path, const char *name, zps_h5_kind kind,
                              void *value, zps_error *error) {
  size_t width = 0;
  hid_t attribute = H5I_INVALID_HID;
  zps_status status = open_attribute(file, path, name, kind, &width, &attribute, error);
  if (status != ZPS_OK) {
    return status;
  }
  const hid_t memory = memory_type(kind, 0);
  if (H5Aread(attribute, memory, value) < 0) {
    status = zps_error_set(error, ZPS_INVALID, "%s: /%s: attribute %s cannot be read", file->path, path, name);
  }
  (void)H5Tclose(memory);
  (void)H5Aclose(attribute);
  return status;
}
