#include "host/plot/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef struct streams {
  int in, out, err; /* files in memory: no pipe can fill up and block */
} streams;

static zps_status fail(zps_error *error, const char *what) {
  return zps_error_set(error, ZPS_FAILURE, "gnuplot: %s: %s", what, strerror(errno));
}

static zps_status streams_open(streams *files, const char *script, size_t size, zps_error *error) {
  files->in = memfd_create("script", MFD_CLOEXEC);
  files->out = memfd_create("picture", MFD_CLOEXEC);
  files->err = memfd_create("messages", MFD_CLOEXEC);
  if (files->in < 0 || files->out < 0 || files->err < 0) {
    return fail(error, "cannot make its streams");
  }
  for (size_t done = 0; done < size;) {
    const ssize_t n = write(files->in, script + done, size - done);
    if (n <= 0) {
      return fail(error, "cannot write its script");
    }
    done += (size_t)n;
  }
  return lseek(files->in, 0, SEEK_SET) == 0 ? ZPS_OK : fail(error, "cannot write its script");
}

static void streams_close(const streams *files) {
  const int all[] = {files->in, files->out, files->err};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (all[i] >= 0) {
      (void)close(all[i]);
    }
  }
}

/** Contents of a file in memory, with a NUL behind them; NULL when out of memory. */
static char *contents(int file, size_t *size) {
  struct stat info;
  if (fstat(file, &info) != 0) {
    return NULL;
  }
  *size = (size_t)info.st_size;
  char *bytes = (char *)calloc(*size + 1, 1);
  if (bytes != NULL && *size > 0 && pread(file, bytes, *size, 0) != (ssize_t)*size) {
    free(bytes);
    return NULL;
  }
  return bytes;
}

static zps_status start(const streams *files, pid_t *child, zps_error *error) {
  /* -d: no gnuplotrc of the user or the machine changes the picture. */
  char program[] = "gnuplot";
  char defaults[] = "-d";
  char *const arguments[] = {program, defaults, NULL};
  posix_spawn_file_actions_t actions;
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed == 0) {
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, files->in, STDIN_FILENO);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, files->out, STDOUT_FILENO);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, files->err, STDERR_FILENO);
    failed = failed != 0 ? failed : posix_spawnp(child, program, &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
  }
  if (failed == ENOENT) {
    return zps_error_set(error, ZPS_UNAVAILABLE,
                         "gnuplot: not found on PATH; pictures need it (Debian package gnuplot-nox)");
  }
  errno = failed;
  return failed == 0 ? ZPS_OK : fail(error, "cannot be started");
}

/** The first line of its messages that says something, for the error. */
static zps_status fail_as_told(int messages, zps_error *error) {
  size_t size = 0;
  char *text = contents(messages, &size);
  const char *line = text != NULL ? text + strspn(text, " \t\r\n^") : "";
  const zps_status status =
      zps_error_set(error, ZPS_FAILURE, "gnuplot: made no picture: %.*s", (int)(strcspn(line, "\n") & 0xff), line);
  free(text);
  return status;
}

static bool ends_in(const char *bytes, size_t size, const char *end, size_t n) {
  return size >= n && memcmp(bytes + size - n, end, n) == 0;
}

/** gnuplot minds neither a full disk nor a limit on file sizes: what it drew tells by its end whether it is whole. */
static bool is_whole(const char *picture, size_t size) {
  static const char png_end[] = {'I', 'E', 'N', 'D', '\xae', 'B', '`', '\x82'}; /* with its checksum */
  return ends_in(picture, size, png_end, sizeof png_end) || ends_in(picture, size, "%%EOF\n", 6);
}

zps_status zps_gnuplot_draw(const char *script, size_t script_size, void **picture, size_t *size, zps_error *error) {
  streams files = {-1, -1, -1};
  pid_t child = 0;
  int how = 0;
  zps_status status = ZPS_OK;
  *picture = NULL;
  ZPS_TRY(streams_open(&files, script, script_size, error));
  ZPS_TRY(start(&files, &child, error));
  while (waitpid(child, &how, 0) < 0) {
    if (errno != EINTR) {
      status = fail(error, "cannot be waited for");
      goto done;
    }
  }
  *picture = contents(files.out, size);
  if (!WIFEXITED(how) || WEXITSTATUS(how) != 0 || *picture == NULL || *size == 0) {
    free(*picture);
    *picture = NULL;
    status = fail_as_told(files.err, error);
  } else if (!is_whole((const char *)*picture, *size)) {
    free(*picture);
    *picture = NULL;
    status =
        zps_error_set(error, ZPS_FAILURE,
                      "gnuplot: its picture ends after %zu bytes: memory, or a limit on the size of files?", *size);
  }
done:
  streams_close(&files);
  return status;
}

char *zps_gnuplot_quote(const char *text) {
  static const char apostrophe[] = "\xe2\x80\x99";
  char *quoted = (char *)malloc((3 * strlen(text)) + 3);
  if (quoted == NULL) {
    return NULL;
  }
  char *next = quoted;
  *next++ = '\'';
  for (const char *from = text; *from != '\0'; from++) {
    if (*from == '\'') {
      memcpy(next, apostrophe, 3);
      next += 3;
    } else {
      *next++ = (unsigned char)*from < 0x20 || *from == 0x7f ? '?' : *from;
    }
  }
  *next++ = '\'';
  *next = '\0';
  return quoted;
}
