#include "host/field/native_map.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

#define FORMAT_NAME "zpscan field map"
#define FORMAT_VERSION 1
#define TEXT_SIZE 64
#define UNIFORMITY 1e-6
#define MAX_COORDINATE_MM 1e9

static const char *const axis_names[3] = {"x", "y", "z"};

/** HDF5 prints its error stack unless told not to; the caller's handler comes back afterwards. */
typedef struct silence {
  H5E_auto2_t handler;
  void *data;
} silence;

static silence silence_begin(void) {
  silence s = {NULL, NULL};
  (void)H5Eget_auto2(H5E_DEFAULT, &s.handler, &s.data);
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return s;
}

static void silence_end(silence s) {
  (void)H5Eset_auto2(H5E_DEFAULT, s.handler, s.data);
}

static void close_if_open(hid_t id, herr_t (*close_object)(hid_t)) {
  if (id >= 0) {
    (void)close_object(id);
  }
}

/** First node and spacing of axis 0, 1, 2. */
static void map_axis(const zps_field_map *map, int axis, int32_t *n, double *min_mm, double *step_mm) {
  const int32_t counts[3] = {map->n_x, map->n_y, map->n_z};
  const double mins[3] = {map->x_min_mm, map->y_min_mm, map->z_min_mm};
  const double steps[3] = {map->step_x_mm, map->step_y_mm, map->step_z_mm};
  *n = counts[axis];
  *min_mm = mins[axis];
  *step_mm = steps[axis];
}

/* ---- writing ---- */

static bool write_text(hid_t object, const char *name, const char *text) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  (void)H5Tset_size(type, H5T_VARIABLE);
  (void)H5Tset_cset(type, H5T_CSET_UTF8);
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const bool ok = attribute >= 0 && H5Awrite(attribute, type, (const void *)&text) >= 0;
  close_if_open(attribute, H5Aclose);
  close_if_open(space, H5Sclose);
  close_if_open(type, H5Tclose);
  return ok;
}

static bool write_number(hid_t object, const char *name, hid_t file_type, hid_t memory_type, const void *value) {
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
  const bool ok = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
  close_if_open(attribute, H5Aclose);
  close_if_open(space, H5Sclose);
  return ok;
}

static bool write_axis(hid_t file, const zps_field_map *map, int axis) {
  static const char *const descriptions[3] = {"position of the nodes across the beam, horizontal, +x to the left",
                                              "position of the nodes across the beam, +y up",
                                              "position of the nodes along the beam from the centre of the element"};
  int32_t n = 0;
  double min_mm = 0.0;
  double step_mm = 0.0;
  map_axis(map, axis, &n, &min_mm, &step_mm);
  double *nodes = (double *)malloc((size_t)n * sizeof *nodes);
  if (nodes == NULL) {
    return false;
  }
  for (int32_t i = 0; i < n; i++) {
    nodes[i] = min_mm + ((double)i * step_mm);
  }
  const hsize_t size = (hsize_t)n;
  const hid_t space = H5Screate_simple(1, &size, NULL);
  const hid_t data = H5Dcreate2(file, axis_names[axis], H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const bool ok = data >= 0 && H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, nodes) >= 0 &&
                  write_text(data, "units", "mm") && write_text(data, "description", descriptions[axis]) &&
                  write_number(data, "step", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &step_mm);
  close_if_open(data, H5Dclose);
  close_if_open(space, H5Sclose);
  free(nodes);
  return ok;
}

/** Copies between one plane of constant x, [n_y][n_z][4] as in the file, and the map's [n_z][n_y][n_x][4]. */
static void gather_plane(const zps_field_map *map, int32_t ix, float *plane) {
  for (int32_t iy = 0; iy < map->n_y; iy++) {
    for (int32_t iz = 0; iz < map->n_z; iz++) {
      const size_t from = ((((size_t)iz * (size_t)map->n_y) + (size_t)iy) * (size_t)map->n_x) + (size_t)ix;
      memcpy(plane, map->b + (4 * from), 4 * sizeof(float));
      plane += 4;
    }
  }
}

static void scatter_plane(const zps_field_map *map, int32_t ix, const float *plane, float *b) {
  for (int32_t iy = 0; iy < map->n_y; iy++) {
    for (int32_t iz = 0; iz < map->n_z; iz++) {
      const size_t to = ((((size_t)iz * (size_t)map->n_y) + (size_t)iy) * (size_t)map->n_x) + (size_t)ix;
      memcpy(b + (4 * to), plane, 4 * sizeof(float));
      plane += 4;
    }
  }
}

/** Reads or writes plane ix of the dataset. */
static bool transfer_plane(hid_t data, hid_t space, const zps_field_map *map, int32_t ix, float *plane, bool write) {
  const hsize_t start[4] = {(hsize_t)ix, 0, 0, 0};
  const hsize_t count[4] = {1, (hsize_t)map->n_y, (hsize_t)map->n_z, 4};
  const hid_t memory = H5Screate_simple(4, count, NULL);
  bool ok = memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
  if (ok && write) {
    ok = H5Dwrite(data, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, plane) >= 0;
  } else if (ok) {
    ok = H5Dread(data, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, plane) >= 0;
  }
  close_if_open(memory, H5Sclose);
  return ok;
}

static bool write_field(hid_t file, const zps_field_map *map) {
  const hsize_t size[4] = {(hsize_t)map->n_x, (hsize_t)map->n_y, (hsize_t)map->n_z, 4};
  float *plane = (float *)malloc((size_t)map->n_y * (size_t)map->n_z * 4 * sizeof *plane);
  const hid_t space = H5Screate_simple(4, size, NULL);
  const hid_t data = H5Dcreate2(file, "field", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bool ok = plane != NULL && data >= 0 && write_text(data, "units", "T") &&
            write_text(data, "description", "magnetic field at the nodes [n_x][n_y][n_z]: Bx, By, Bz, 0");
  for (int32_t ix = 0; ok && ix < map->n_x; ix++) {
    gather_plane(map, ix, plane);
    ok = transfer_plane(data, space, map, ix, plane, true);
  }
  close_if_open(data, H5Dclose);
  close_if_open(space, H5Sclose);
  free(plane);
  return ok;
}

static bool write_file(const char *path, const zps_field_map *map, const char *provenance) {
  const int32_t version = FORMAT_VERSION;
  const hid_t file = H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  bool ok = file >= 0 && write_text(file, "format", FORMAT_NAME) &&
            write_number(file, "version", H5T_STD_I32LE, H5T_NATIVE_INT32, &version) &&
            write_text(file, "provenance", provenance) && write_text(file, "created_by", "zpscan " ZPS_VERSION) &&
            write_axis(file, map, 0) && write_axis(file, map, 1) && write_axis(file, map, 2) && write_field(file, map);
  if (file >= 0) {
    ok = H5Fclose(file) >= 0 && ok;
  }
  return ok;
}

static bool sync_path(const char *path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  const bool ok = fsync(fd) == 0;
  return close(fd) == 0 && ok;
}

/** After a rename the name itself has to reach the disk. Not every file system can sync a folder; the data is safe. */
static void sync_folder_of(const char *path) {
  char folder[4096];
  const char *slash = strrchr(path, '/');
  const size_t length = slash == NULL ? 0 : (size_t)(slash - path);
  if (length >= sizeof folder) {
    return;
  }
  (void)snprintf(folder, sizeof folder, "%.*s", (int)length, path);
  (void)sync_path(slash == NULL ? "." : (length == 0 ? "/" : folder), O_RDONLY | O_DIRECTORY);
}

static zps_status check_writable(const zps_field_map *map, const char *path, zps_error *error) {
  for (int axis = 0; axis < 3; axis++) {
    int32_t n = 0;
    double min_mm = 0.0;
    double step_mm = 0.0;
    map_axis(map, axis, &n, &min_mm, &step_mm);
    if (n < 2 || !isfinite(min_mm) || !(step_mm > 0.0) || !isfinite(step_mm)) {
      return zps_error_set(error, ZPS_INVALID, "%s: axis %s has %d nodes from %g in steps of %g: cannot be written",
                           path, axis_names[axis], (int)n, min_mm, step_mm);
    }
  }
  return ZPS_OK;
}

zps_status zps_native_map_write(const char *path, const zps_field_map *map, const char *provenance, zps_error *error) {
  zps_status status = ZPS_OK;
  char *temporary = NULL;
  bool made = false;
  const silence before = silence_begin();
  ZPS_TRY(check_writable(map, path, error));
  if (asprintf(&temporary, "%s.%ld.part", path, (long)getpid()) < 0) {
    temporary = NULL;
    status = zps_error_set(error, ZPS_MEMORY, "%s: no memory for its temporary name", path);
    goto done;
  }
  (void)unlink(temporary);
  errno = 0;
  made = true;
  if (!write_file(temporary, map, provenance)) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot write the field map: %s", path,
                           errno != 0 ? strerror(errno) : "HDF5 failed");
    goto done;
  }
  if (!sync_path(temporary, O_RDONLY) || rename(temporary, path) != 0) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot write the field map: %s", path, strerror(errno));
    goto done;
  }
  made = false;
  sync_folder_of(path);
done:
  if (made) {
    (void)unlink(temporary);
  }
  free(temporary);
  silence_end(before);
  return status;
}

/* ---- reading ---- */

/** The file, opened without surprises: HDF5's own message for a missing file or a folder says nothing. */
static zps_status open_file(const char *path, hid_t *file, zps_error *error) {
  struct stat about;
  if (stat(path, &about) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot read the field map: %s", path, strerror(errno));
  }
  if (!S_ISREG(about.st_mode)) {
    return zps_error_set(error, ZPS_IO, "%s: expected a field map file, got %s", path,
                         S_ISDIR(about.st_mode) ? "a directory" : "something that is not a regular file");
  }
  if (access(path, R_OK) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot read the field map: %s", path, strerror(errno));
  }
  *file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (*file < 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: expected a native field map (HDF5): not HDF5, or damaged", path);
  }
  return ZPS_OK;
}

/** The text of a scalar string attribute, cut to fit; false when there is none. */
static bool read_text(hid_t object, const char *name, char text[TEXT_SIZE]) {
  bool ok = false;
  char *variable = NULL;
  hid_t memory = -1;
  text[0] = '\0';
  if (H5Aexists(object, name) <= 0) {
    return false;
  }
  const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  const hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1;
  const hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
  if (type < 0 || space < 0 || H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) {
    goto done;
  }
  memory = H5Tcopy(H5T_C_S1);
  (void)H5Tset_cset(memory, H5Tget_cset(type));
  if (H5Tis_variable_str(type) > 0) {
    (void)H5Tset_size(memory, H5T_VARIABLE);
    ok = H5Aread(attribute, memory, (void *)&variable) >= 0 && variable != NULL;
    if (ok) {
      (void)snprintf(text, TEXT_SIZE, "%s", variable);
    }
    (void)H5free_memory(variable);
  } else {
    (void)H5Tset_size(memory, TEXT_SIZE);
    ok = H5Aread(attribute, memory, text) >= 0;
  }
done:
  close_if_open(memory, H5Tclose);
  close_if_open(space, H5Sclose);
  close_if_open(type, H5Tclose);
  close_if_open(attribute, H5Aclose);
  return ok;
}

static zps_status check_text(const char *path, const char *where, hid_t object, const char *name, const char *want,
                             zps_error *error) {
  char got[TEXT_SIZE];
  const bool there = read_text(object, name, got);
  if (there && strcmp(got, want) == 0) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID, "%s: %s: attribute %s must be \"%s\", got %s%s%s", path, where, name, want,
                       there ? "\"" : "", there ? got : "none", there ? "\"" : "");
}

static zps_status check_version(const char *path, hid_t file, zps_error *error) {
  int32_t version = 0;
  const hid_t attribute = H5Aexists(file, "version") > 0 ? H5Aopen(file, "version", H5P_DEFAULT) : -1;
  const hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
  const bool ok =
      space >= 0 && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, H5T_NATIVE_INT32, &version) >= 0;
  close_if_open(space, H5Sclose);
  close_if_open(attribute, H5Aclose);
  if (ok && version == FORMAT_VERSION) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID, "%s: attribute version must be %d, got %d", path, FORMAT_VERSION,
                       (int)version);
}

/** Opens a dataset of floating-point numbers of value_size bytes and the wanted rank; gives its shape. */
static zps_status open_data(const char *path, hid_t file, const char *name, size_t value_size, int rank, hid_t *data,
                            hsize_t shape[4], zps_error *error) {
  *data = H5Lexists(file, name, H5P_DEFAULT) > 0 ? H5Dopen2(file, name, H5P_DEFAULT) : -1;
  if (*data < 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: no dataset \"%s\": a native field map has field, x, y and z", path,
                         name);
  }
  const hid_t type = H5Dget_type(*data);
  const hid_t space = H5Dget_space(*data);
  const bool type_ok = H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == value_size;
  const int got_rank = H5Sget_simple_extent_ndims(space);
  const bool shape_ok = got_rank == rank && H5Sget_simple_extent_dims(space, shape, NULL) >= 0;
  close_if_open(space, H5Sclose);
  close_if_open(type, H5Tclose);
  if (!type_ok) {
    return zps_error_set(error, ZPS_INVALID, "%s: %s: must hold float%zu", path, name, 8 * value_size);
  }
  if (!shape_ok) {
    return zps_error_set(error, ZPS_INVALID, "%s: %s: must have %d dimension%s, got %d", path, name, rank,
                         rank == 1 ? "" : "s", got_rank);
  }
  return ZPS_OK;
}

/** Whether the axis carries its spacing; a wrong type counts as none. */
static bool read_step(hid_t data, double *step_mm) {
  const hid_t attribute = H5Aexists(data, "step") > 0 ? H5Aopen(data, "step", H5P_DEFAULT) : -1;
  const hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
  const bool ok =
      space >= 0 && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, H5T_NATIVE_DOUBLE, step_mm) >= 0;
  close_if_open(space, H5Sclose);
  close_if_open(attribute, H5Aclose);
  return ok;
}

static zps_status check_axis(const char *path, const char *name, const double *nodes, hsize_t n, double step_mm,
                             zps_error *error) {
  if (!(step_mm > 0.0 && step_mm <= MAX_COORDINATE_MM && fabs(nodes[0]) <= MAX_COORDINATE_MM)) {
    return zps_error_set(error, ZPS_INVALID, "%s: %s: from %g in steps of %g mm: must ascend within +-1e9 mm", path,
                         name, nodes[0], step_mm);
  }
  for (hsize_t i = 0; i < n; i++) {
    const double want = nodes[0] + ((double)i * step_mm);
    if (!(fabs(nodes[i] - want) <= UNIFORMITY * step_mm)) {
      return zps_error_set(error, ZPS_INVALID, "%s: %s[%llu] = %.12g mm: the axis must be uniform, expected %.12g",
                           path, name, (unsigned long long)i, nodes[i], want);
    }
  }
  return ZPS_OK;
}

/** Reads axis `axis`, which must have n nodes, into its first node and spacing. */
static zps_status read_axis(const char *path, hid_t file, int axis, hsize_t n, double *min_mm, double *step_mm,
                            zps_error *error) {
  zps_status status = ZPS_OK;
  const char *name = axis_names[axis];
  hid_t data = -1;
  double *nodes = NULL;
  hsize_t shape[4] = {0, 0, 0, 0};
  ZPS_TRY(open_data(path, file, name, sizeof(double), 1, &data, shape, error));
  ZPS_TRY(check_text(path, name, data, "units", "mm", error));
  if (n < 2 || shape[0] != n) {
    status = zps_error_set(error, ZPS_INVALID, "%s: %s: has %llu nodes, field has %llu along it", path, name,
                           (unsigned long long)shape[0], (unsigned long long)n);
    goto done;
  }
  nodes = (double *)malloc((size_t)n * sizeof *nodes);
  if (nodes == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: no memory for axis %s", path, name);
    goto done;
  }
  if (H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, nodes) < 0) {
    status = zps_error_set(error, ZPS_IO, "%s: %s: cannot be read, the file is damaged", path, name);
    goto done;
  }
  double step = 0.0;
  if (!read_step(data, &step)) {
    step = (nodes[n - 1] - nodes[0]) / (double)(n - 1);
  }
  ZPS_TRY(check_axis(path, name, nodes, n, step, error));
  *min_mm = nodes[0];
  *step_mm = step;
done:
  free(nodes);
  close_if_open(data, H5Dclose);
  return status;
}

static zps_status check_shape(const char *path, hid_t data, const hsize_t shape[4], zps_error *error) {
  if (shape[3] != 4) {
    return zps_error_set(error, ZPS_INVALID, "%s: field: last dimension must be 4 (Bx, By, Bz, 0), got %llu", path,
                         (unsigned long long)shape[3]);
  }
  for (int axis = 0; axis < 3; axis++) {
    if (shape[axis] < 2 || (double)shape[axis] * 32.0 > ZPS_FIELD_MAX_BYTES) {
      return zps_error_set(error, ZPS_INVALID,
                           "%s: field: %llu nodes along %s: must be at least 2, and %.0f bytes in all", path,
                           (unsigned long long)shape[axis], axis_names[axis], ZPS_FIELD_MAX_BYTES);
    }
  }
  if (H5Dget_storage_size(data) == 0) {
    return zps_error_set(error, ZPS_INVALID, "%s: field: holds no data", path);
  }
  return ZPS_OK;
}

static zps_status check_plane(const char *path, const zps_field_map *map, int32_t ix, const float *plane,
                              zps_error *error) {
  const size_t n = (size_t)map->n_y * (size_t)map->n_z * 4;
  for (size_t i = 0; i < n; i++) {
    const bool padding = i % 4 == 3;
    if (isfinite(plane[i]) && (!padding || plane[i] == 0.0F)) {
      continue;
    }
    const size_t node = i / 4;
    return zps_error_set(error, ZPS_INVALID, "%s: field[%d][%zu][%zu][%zu] = %g: must be %s", path, (int)ix,
                         node / (size_t)map->n_z, node % (size_t)map->n_z, i % 4, (double)plane[i],
                         padding ? "0" : "finite");
  }
  return ZPS_OK;
}

static zps_status read_values(const char *path, hid_t data, zps_field_map_owned *out, zps_error *error) {
  zps_status status = ZPS_OK;
  const zps_field_map *map = &out->map;
  const hid_t space = H5Dget_space(data);
  float *plane = (float *)malloc((size_t)map->n_y * (size_t)map->n_z * 4 * sizeof *plane);
  if (plane == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: no memory for a plane of the map", path);
    goto done;
  }
  for (int32_t ix = 0; ix < map->n_x; ix++) {
    if (!transfer_plane(data, space, map, ix, plane, false)) {
      status = zps_error_set(error, ZPS_IO, "%s: field: cannot be read, the file is damaged", path);
      goto done;
    }
    ZPS_TRY(check_plane(path, map, ix, plane, error));
    scatter_plane(map, ix, plane, out->b);
  }
done:
  free(plane);
  close_if_open(space, H5Sclose);
  return status;
}

zps_status zps_native_map_read(const char *path, zps_field_map_owned *out, zps_error *error) {
  zps_status status = ZPS_OK;
  hid_t file = -1;
  hid_t data = -1;
  hsize_t shape[4] = {0, 0, 0, 0};
  double min_mm[3] = {0.0, 0.0, 0.0};
  double step_mm[3] = {0.0, 0.0, 0.0};
  const zps_field_map_owned empty = {.b = NULL};
  const silence before = silence_begin();
  *out = empty;
  ZPS_TRY(open_file(path, &file, error));
  ZPS_TRY(check_text(path, "file", file, "format", FORMAT_NAME, error));
  ZPS_TRY(check_version(path, file, error));
  ZPS_TRY(open_data(path, file, "field", sizeof(float), 4, &data, shape, error));
  ZPS_TRY(check_text(path, "field", data, "units", "T", error));
  ZPS_TRY(check_shape(path, data, shape, error));
  for (int axis = 0; axis < 3; axis++) {
    ZPS_TRY(read_axis(path, file, axis, shape[axis], &min_mm[axis], &step_mm[axis], error));
  }
  ZPS_TRY(zps_field_map_create((double)shape[0], (double)shape[1], (double)shape[2], out, error));
  out->map.x_min_mm = min_mm[0];
  out->map.y_min_mm = min_mm[1];
  out->map.z_min_mm = min_mm[2];
  out->map.step_x_mm = step_mm[0];
  out->map.step_y_mm = step_mm[1];
  out->map.step_z_mm = step_mm[2];
  ZPS_TRY(read_values(path, data, out, error));
done:
  close_if_open(data, H5Dclose);
  close_if_open(file, H5Fclose);
  if (status != ZPS_OK) {
    zps_field_map_destroy(out);
  }
  silence_end(before);
  return status;
}
