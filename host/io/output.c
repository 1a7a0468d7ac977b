#include "host/io/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_WRITE ((size_t)1 << 30) /* Linux moves at most 2 GiB at once */

static zps_status fail_errno(zps_error *error, const char *path, const char *what) {
  return zps_error_set(error, ZPS_IO, "%s: %s: %s", path, what, strerror(errno));
}

static zps_status fail_exists(zps_error *error, const char *path) {
  return zps_error_set(error, ZPS_INVALID, "%s: exists; give --force to replace it", path);
}

/** Folder of path: everything before the last slash, "." without one. malloc'd, NULL when out of memory. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) {
    return strdup(".");
  }
  return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static zps_status check_folder(const char *path, zps_error *error) {
  struct stat info;
  zps_status status = ZPS_OK;
  char *folder = folder_of(path);
  if (folder == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: out of memory", path);
  } else if (stat(folder, &info) != 0) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot write: folder %s: %s", path, folder, strerror(errno));
  } else if (!S_ISDIR(info.st_mode)) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot write: %s is not a folder", path, folder);
  } else if (access(folder, W_OK | X_OK) != 0) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot write in folder %s: %s", path, folder, strerror(errno));
  }
  free(folder);
  return status;
}

zps_status zps_output_check(const char *path, bool force, zps_error *error) {
  struct stat info;
  const size_t length = strlen(path);
  if (length == 0) {
    return zps_error_set(error, ZPS_INVALID, "output file: the name is empty");
  }
  if (stat(path, &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      return zps_error_set(error, ZPS_INVALID, "%s: is a folder; the output must be a file", path);
    }
    if (!S_ISREG(info.st_mode)) {
      return zps_error_set(error, ZPS_INVALID, "%s: is no regular file; the output must be one", path);
    }
    if (!force) {
      return fail_exists(error, path);
    }
  } else if (errno != ENOENT) {
    return fail_errno(error, path, "cannot write");
  }
  if (path[length - 1] == '/') {
    return zps_error_set(error, ZPS_INVALID, "%s: names a folder; the output must be a file", path);
  }
  return check_folder(path, error);
}

static bool same_inode(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const char *name_of(const char *path) {
  const char *const slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

/** The same name in the same folder. */
static bool same_place(const char *a, const char *b) {
  char *const folders[2] = {folder_of(a), folder_of(b)};
  struct stat info[2];
  const bool are_there =
      folders[0] != NULL && folders[1] != NULL && stat(folders[0], &info[0]) == 0 && stat(folders[1], &info[1]) == 0;
  free(folders[0]);
  free(folders[1]);
  return are_there ? same_inode(&info[0], &info[1]) && strcmp(name_of(a), name_of(b)) == 0 : strcmp(a, b) == 0;
}

bool zps_output_is_same(const char *a, const char *b) {
  struct stat info[2];
  const bool both_exist = stat(a, &info[0]) == 0 && stat(b, &info[1]) == 0;
  return both_exist ? same_inode(&info[0], &info[1]) : same_place(a, b);
}

static zps_status write_all(int file, const char *path, const void *data, size_t size, zps_error *error) {
  const unsigned char *bytes = (const unsigned char *)data;
  size_t done = 0;
  while (done < size) {
    const size_t left = size - done;
    const ssize_t n = write(file, bytes + done, left < MAX_WRITE ? left : MAX_WRITE);
    if (n < 0 && errno != EINTR) {
      return fail_errno(error, path, "cannot write");
    }
    done += n > 0 ? (size_t)n : 0;
  }
  return fsync(file) == 0 ? ZPS_OK : fail_errno(error, path, "cannot write (fsync)");
}

/** Opens a new file beside path; its name goes to *temporary (malloc'd). The usual umask applies, unlike with mkstemp.
 */
static zps_status open_temporary(const char *path, char **temporary, int *file, zps_error *error) {
  for (unsigned attempt = 0; attempt < 100; attempt++) {
    if (asprintf(temporary, "%s.%ld-%u.tmp", path, (long)getpid(), attempt) < 0) {
      *temporary = NULL;
      return zps_error_set(error, ZPS_MEMORY, "%s: out of memory", path);
    }
    *file = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*file >= 0) {
      return ZPS_OK;
    }
    const int reason = errno;
    free(*temporary);
    *temporary = NULL;
    errno = reason;
    if (reason != EEXIST) {
      break;
    }
  }
  return fail_errno(error, path, "cannot create a file beside it");
}

static zps_status move_into_place(const char *temporary, const char *path, bool force, zps_error *error) {
  if (!force) {
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
      return ZPS_OK;
    }
    if (errno == EEXIST) {
      return fail_exists(error, path);
    }
    if (errno != EINVAL && errno != ENOSYS) {
      return fail_errno(error, path, "cannot rename the finished file");
    }
  }
  /* Also the way of file systems that know no RENAME_NOREPLACE: zps_output_check() has looked. */
  return rename(temporary, path) == 0 ? ZPS_OK : fail_errno(error, path, "cannot rename the finished file");
}

/** Best effort: some file systems refuse fsync on a folder, and the file itself is safe. */
static void sync_folder(const char *path) {
  char *folder = folder_of(path);
  const int file = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (file >= 0) {
    (void)fsync(file);
    (void)close(file);
  }
  free(folder);
}

/** Writes a file beside its place, on disk to the last byte; *temporary (malloc'd) stays NULL on any failure. */
static zps_status write_beside(const zps_output_file *wanted, bool force, char **temporary, zps_error *error) {
  int file = -1;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_output_check(wanted->path, force, error));
  ZPS_TRY(open_temporary(wanted->path, temporary, &file, error));
  status = write_all(file, wanted->path, wanted->data, wanted->size, error);
  if (close(file) != 0 && status == ZPS_OK) {
    status = fail_errno(error, wanted->path, "cannot write (close)");
  }
  if (status != ZPS_OK) {
    zps_output_abandon(*temporary);
    *temporary = NULL;
  }
done:
  return status;
}

zps_status zps_output_write_set(const zps_output_file *files, size_t n, bool force, zps_error *error) {
  char *temporary[ZPS_OUTPUT_MAX_SET] = {NULL};
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < n; i++) {
    ZPS_TRY(write_beside(&files[i], force, &temporary[i], error));
  }
  for (size_t i = 0; i < n; i++) {
    ZPS_TRY(move_into_place(temporary[i], files[i].path, force, error));
    free(temporary[i]);
    temporary[i] = NULL;
    sync_folder(files[i].path);
  }
done:
  for (size_t i = 0; i < n; i++) {
    zps_output_abandon(temporary[i]);
  }
  return status;
}

zps_status zps_output_write(const char *path, const void *data, size_t size, bool force, zps_error *error) {
  const zps_output_file file = {path, data, size};
  return zps_output_write_set(&file, 1, force, error);
}

/** Process of a temporary file of `base`, from its name BASE.PID-N.tmp; 0 when it is none. */
static pid_t writer_of(const char *name, const char *base) {
  const size_t length = strlen(base);
  long pid = 0;
  unsigned attempt = 0;
  int end = 0;
  if (strncmp(name, base, length) != 0 || sscanf(name + length, ".%9ld-%2u.tmp%n", &pid, &attempt, &end) != 2 ||
      end == 0 || name[length + (size_t)end] != 0) {
    return 0;
  }
  return pid > 0 ? (pid_t)pid : 0;
}

/** What a killed process left of this output. Best effort. */
static void remove_stale(const char *path) {
  const char *const base = name_of(path);
  char *const folder = folder_of(path);
  DIR *const entries = folder != NULL ? opendir(folder) : NULL;
  for (const struct dirent *entry = entries != NULL ? readdir(entries) : NULL; entry != NULL;
       entry = readdir(entries)) {
    const pid_t pid = writer_of(entry->d_name, base);
    if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH) {
      (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
  }
  if (entries != NULL) {
    (void)closedir(entries);
  }
  free(folder);
}

zps_status zps_output_begin(const char *path, bool force, char **temporary, zps_error *error) {
  int file = -1;
  zps_status status = ZPS_OK;
  *temporary = NULL;
  ZPS_TRY(zps_output_check(path, force, error));
  remove_stale(path);
  ZPS_TRY(open_temporary(path, temporary, &file, error));
  (void)close(file);
done:
  return status;
}

static zps_status sync_file(const char *temporary, const char *path, zps_error *error) {
  const int file = open(temporary, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail_errno(error, path, "cannot write");
  }
  const zps_status status = fsync(file) == 0 ? ZPS_OK : fail_errno(error, path, "cannot write (fsync)");
  (void)close(file);
  return status;
}

zps_status zps_output_commit(char *temporary, const char *path, bool force, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(sync_file(temporary, path, error));
  ZPS_TRY(move_into_place(temporary, path, force, error));
  free(temporary);
  temporary = NULL;
  sync_folder(path);
done:
  zps_output_abandon(temporary);
  return status;
}

void zps_output_abandon(char *temporary) {
  if (temporary != NULL) {
    (void)unlink(temporary);
    free(temporary);
  }
}
