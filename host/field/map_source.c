#include "host/field/map_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#define BUFFER_BYTES ((size_t)1 << 18)
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* what spreadsheets put in front of UTF-8 */
#define DEFLATE_LIMIT 1032.0           /* zlib's largest ratio of expansion */

struct zps_map_source {
  char *path;
  gzFile file;
  double bound;
  char *buffer; /* BUFFER_BYTES + 1 */
  size_t begin, end;
  uint64_t number; /* of the last line handed out */
  bool at_end;     /* no more bytes behind the buffer */
};

/** Descriptor of a regular file; O_NONBLOCK: a pipe must not make us wait. */
static zps_status open_regular(const char *path, int *fd, double *bound, zps_error *error) {
  struct stat about;
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0 || fstat(*fd, &about) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot read the field map: %s", path, strerror(errno));
  }
  if (!S_ISREG(about.st_mode)) {
    return zps_error_set(error, ZPS_IO, "%s: expected a field map file, got %s", path,
                         S_ISDIR(about.st_mode) ? "a directory" : "something that is not a regular file");
  }
  *bound = DEFLATE_LIMIT * (double)about.st_size;
  return ZPS_OK;
}

zps_status zps_map_source_open(const char *path, zps_map_source **source, zps_error *error) {
  int fd = -1;
  zps_status status = ZPS_OK;
  *source = (zps_map_source *)calloc(1, sizeof **source);
  if (*source == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: no memory to read it", path);
  }
  ZPS_TRY(open_regular(path, &fd, &(*source)->bound, error));
  (*source)->path = strdup(path);
  (*source)->buffer = (char *)malloc(BUFFER_BYTES + 1);
  (*source)->file = gzdopen(fd, "rb");
  if ((*source)->path == NULL || (*source)->buffer == NULL || (*source)->file == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "%s: no memory to read it", path);
    goto done;
  }
  fd = -1;
  (void)gzbuffer((*source)->file, (unsigned)BUFFER_BYTES);
done:
  if (status != ZPS_OK) {
    if (fd >= 0 && (*source)->file == NULL) {
      (void)close(fd);
    }
    zps_map_source_close(*source);
    *source = NULL;
  }
  return status;
}

void zps_map_source_close(zps_map_source *source) {
  if (source == NULL) {
    return;
  }
  if (source->file != NULL) {
    (void)gzclose_r(source->file);
  }
  free(source->buffer);
  free(source->path);
  free(source);
}

const char *zps_map_source_path(const zps_map_source *source) {
  return source->path;
}

double zps_map_source_bound(const zps_map_source *source) {
  return source->bound;
}

static zps_status fail_reading(const zps_map_source *source, int code, const char *told, zps_error *error) {
  if (code == Z_ERRNO) {
    return zps_error_set(error, ZPS_IO, "%s: cannot be read: %s", source->path, strerror(errno));
  }
  return zps_error_set(error, ZPS_INVALID, "%s: %s after line %llu: %s", source->path,
                       code == Z_BUF_ERROR ? "compressed file is cut short" : "compressed file is damaged",
                       (unsigned long long)source->number, told);
}

/** Up to n bytes; 0 at the end alone. */
static zps_status read_some(zps_map_source *source, void *bytes, size_t n, size_t *got, zps_error *error) {
  int code = Z_OK;
  *got = 0;
  const int read = gzread(source->file, bytes, (unsigned)n);
  const char *const told = gzerror(source->file, &code);
  if (read < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    return fail_reading(source, code, told, error);
  }
  *got = (size_t)read;
  return ZPS_OK;
}

/** More bytes behind those still in the buffer, which move to its front. */
static zps_status refill(zps_map_source *source, zps_error *error) {
  size_t got = 0;
  memmove(source->buffer, source->buffer + source->begin, source->end - source->begin);
  source->end -= source->begin;
  source->begin = 0;
  const zps_status status = read_some(source, source->buffer + source->end, BUFFER_BYTES - source->end, &got, error);
  source->end += got;
  source->at_end = got == 0;
  return status;
}

/** The character that no text has, or -1. */
static int foreign_character(const char *text, size_t n) {
  unsigned foreign = 0;
  for (size_t i = 0; i < n; i++) {
    const unsigned char c = (unsigned char)text[i];
    foreign |= (unsigned)(c < 0x20) & (unsigned)(c != '\t');
  }
  for (size_t i = 0; foreign != 0 && i < n; i++) {
    if ((unsigned char)text[i] < 0x20 && text[i] != '\t') {
      return (unsigned char)text[i];
    }
  }
  return -1;
}

static zps_status hand_out(zps_map_source *source, size_t n, size_t n_end, zps_map_line *line, zps_error *error) {
  char *text = source->buffer + source->begin;
  source->begin += n + n_end;
  source->number++;
  if (source->number == 1 && n >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
    text += 3;
    n -= 3;
  }
  n -= n > 0 && text[n - 1] == '\r' ? 1 : 0;
  text[n] = '\0';
  const int foreign = foreign_character(text, n);
  if (foreign >= 0) {
    return zps_error_set(error, ZPS_INVALID, "%s:%llu: expected text, got the byte 0x%02x: is this a binary file?",
                         source->path, (unsigned long long)source->number, (unsigned)foreign);
  }
  *line = (zps_map_line){.text = text, .n = n, .number = source->number};
  return ZPS_OK;
}

zps_status zps_map_source_line(zps_map_source *source, zps_map_line *line, bool *more, zps_error *error) {
  size_t searched = 0;
  zps_status status = ZPS_OK;
  *more = false;
  for (;;) {
    const size_t n = source->end - source->begin;
    const char *const from = source->buffer + source->begin;
    const char *const end = (const char *)memchr(from + searched, '\n', n - searched);
    const size_t length = end != NULL ? (size_t)(end - from) : n;
    if (length > ZPS_MAP_LINE_MAX) {
      return zps_error_set(error, ZPS_INVALID, "%s:%llu: a line of more than %d bytes: is this a text file?",
                           source->path, (unsigned long long)source->number + 1, ZPS_MAP_LINE_MAX);
    }
    if (end != NULL || (source->at_end && n > 0)) {
      *more = true;
      return hand_out(source, length, end != NULL ? 1 : 0, line, error);
    }
    if (source->at_end) {
      return ZPS_OK;
    }
    searched = n;
    ZPS_TRY(refill(source, error));
  }
done:
  return status;
}

zps_status zps_map_source_bytes(zps_map_source *source, void *bytes, size_t n, size_t *got, zps_error *error) {
  zps_status status = ZPS_OK;
  *got = 0;
  while (*got < n) {
    const size_t rest = n - *got;
    size_t some = 0;
    ZPS_TRY(read_some(source, (char *)bytes + *got, rest < ((size_t)1 << 30) ? rest : (size_t)1 << 30, &some, error));
    if (some == 0) {
      break;
    }
    *got += some;
  }
done:
  return status;
}

zps_status zps_map_source_rewind(zps_map_source *source, zps_error *error) {
  source->begin = 0;
  source->end = 0;
  source->number = 0;
  source->at_end = false;
  if (gzrewind(source->file) != 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot be read a second time: %s", source->path, strerror(errno));
  }
  return ZPS_OK;
}
