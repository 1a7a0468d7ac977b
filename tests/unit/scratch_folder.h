/* A folder of its own for a test that writes files. */
#ifndef ZPS_TEST_SCRATCH_FOLDER_H
#define ZPS_TEST_SCRATCH_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[256];
static char scratch_names[8][512];

/** cmocka set-up: makes the folder. */
static inline int scratch_create(void **state) {
  const char *parent = getenv("TMPDIR");
  (void)state;
  (void)snprintf(scratch_folder, sizeof scratch_folder, "%.200s/zps-test-XXXXXX", parent != NULL ? parent : "/tmp");
  return mkdtemp(scratch_folder) != NULL ? 0 : -1;
}

/** Path of a name in the folder; the last eight stay valid. */
static inline const char *scratch_path(const char *name) {
  static unsigned next = 0;
  char *path = scratch_names[next++ % 8];
  (void)snprintf(path, sizeof scratch_names[0], "%s/%s", scratch_folder, name);
  return path;
}

/** Number of files in the folder. */
static inline int scratch_count(void) {
  int n = 0;
  DIR *folder = opendir(scratch_folder);
  for (struct dirent *entry = NULL; folder != NULL && (entry = readdir(folder)) != NULL;) {
    n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  }
  if (folder != NULL) {
    (void)closedir(folder);
  }
  return n;
}

/** cmocka tear-down: removes the files and the folder (no sub-folders but empty ones). */
static inline int scratch_destroy(void **state) {
  DIR *folder = opendir(scratch_folder);
  (void)state;
  for (struct dirent *entry = NULL; folder != NULL && (entry = readdir(folder)) != NULL;) {
    const char *path = scratch_path(entry->d_name);
    if (unlink(path) != 0) {
      (void)rmdir(path);
    }
  }
  if (folder != NULL) {
    (void)closedir(folder);
  }
  return rmdir(scratch_folder);
}

/** Whole file, malloc'd, NULL when it cannot be read. */
static inline char *scratch_read(const char *path, size_t *size) {
  struct stat info;
  FILE *file = fopen(path, "rb");
  char *bytes = NULL;
  *size = 0;
  if (file != NULL && fstat(fileno(file), &info) == 0) {
    *size = (size_t)info.st_size;
    bytes = (char *)malloc(*size + 1);
    if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
      free(bytes);
      bytes = NULL;
    }
  }
  if (file != NULL) {
    (void)fclose(file);
  }
  return bytes;
}

/** Writes bytes in place, no questions asked. */
static inline int scratch_write(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  const int failed = file == NULL || fwrite(bytes, 1, size, file) != size;
  return (file != NULL && fclose(file) != 0) || failed ? -1 : 0;
}

#endif
