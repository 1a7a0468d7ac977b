#include "host/run/journal_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INFIX ".journal."
#define MAX_DIGITS 9

char *zps_journal_path(const char *output, int rank) {
  char *path = NULL;
  return asprintf(&path, "%s" INFIX "%d", output, rank) < 0 ? NULL : path;
}

/* The directory part, "." where there is none; malloc'd. */
static char *directory_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) {
    return strdup(".");
  }
  return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

/* Only the digits of a rank as this program writes them: no sign, no leading zero. */
static bool is_rank(const char *text) {
  const size_t n = strspn(text, "0123456789");
  return n > 0 && n <= MAX_DIGITS && text[n] == '\0' && (n == 1 || text[0] != '0');
}

static int rank_of(const char *path) {
  return atoi(strrchr(path, '.') + 1);
}

static int compare_ranks(const void *left, const void *right) {
  const int a = rank_of(*(char *const *)left);
  const int b = rank_of(*(char *const *)right);
  return (a > b) - (a < b);
}

static zps_status append(zps_journal_list *list, const char *output, int rank, zps_error *error) {
  char **paths = (char **)realloc(list->paths, (list->n + 1) * sizeof *paths);
  if (paths != NULL) {
    list->paths = paths;
    paths[list->n] = zps_journal_path(output, rank);
  }
  if (paths == NULL || paths[list->n] == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for the list of its journals", output);
  }
  list->n++;
  return ZPS_OK;
}

static zps_status read_directory(DIR *stream, const char *output, zps_journal_list *list, zps_error *error) {
  const char *name = name_of(output);
  const size_t length = strlen(name);
  zps_status status = ZPS_OK;
  const struct dirent *entry;
  errno = 0;
  while (status == ZPS_OK && (entry = readdir(stream)) != NULL) {
    const char *rest = entry->d_name + length;
    if (strncmp(entry->d_name, name, length) == 0 && strncmp(rest, INFIX, sizeof INFIX - 1) == 0 &&
        is_rank(rest + sizeof INFIX - 1)) {
      status = append(list, output, rank_of(entry->d_name), error);
    }
    errno = 0;
  }
  if (status == ZPS_OK && errno != 0) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot read its directory: %s", output, strerror(errno));
  }
  return status;
}

zps_status zps_journal_list_find(const char *output, zps_journal_list *list, zps_error *error) {
  zps_status status = ZPS_OK;
  DIR *stream = NULL;
  *list = (zps_journal_list){.paths = NULL, .n = 0};
  char *directory = directory_of(output);
  if (directory == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: out of memory for a path", output);
    goto done;
  }
  stream = opendir(directory);
  if (stream == NULL) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot write: folder %s: %s", output, directory, strerror(errno));
    goto done;
  }
  ZPS_TRY(read_directory(stream, output, list, error));
  if (list->n > 1) {
    qsort(list->paths, list->n, sizeof *list->paths, compare_ranks);
  }
done:
  if (stream != NULL) {
    (void)closedir(stream);
  }
  free(directory);
  if (status != ZPS_OK) {
    zps_journal_list_free(list);
  }
  return status;
}

void zps_journal_list_free(zps_journal_list *list) {
  for (size_t i = 0; i < list->n; i++) {
    free(list->paths[i]);
  }
  free(list->paths);
  *list = (zps_journal_list){.paths = NULL, .n = 0};
}

void zps_journal_sync_directory(const char *path) {
  char *directory = directory_of(path);
  const int fd = directory == NULL ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)fsync(fd);
    (void)close(fd);
  }
  free(directory);
}
