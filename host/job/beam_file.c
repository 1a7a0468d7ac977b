#include "host/job/beam_file.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/job/job_place.h"
#include "host/job/number.h"

#define MAX_LINE_BYTES 1024
#define N_COLUMNS 5

/** A file being read. */
typedef struct reading {
  FILE *file;
  zps_job_place place;
  zps_beam_particle *particles;
  size_t n, n_allocated;
  zps_error *error;
} reading;

static const struct {
  const char *name;
  double min, max;
} columns[N_COLUMNS] = {
    {"x_mm", -1e6, 1e6}, {"y_mm", -1e6, 1e6}, {"tx_mrad", -500, 500}, {"ty_mrad", -500, 500}, {"p_gev", 0.2, 2000}};

static zps_status read_column(const reading *r, int i, const char *text, size_t n, double *value) {
  char shown[ZPS_SHOWN_SIZE];
  if (!zps_number_parse(text, n, value)) {
    return zps_job_refuse(&r->place, r->error, "%s = %s: expected a number", columns[i].name,
                          zps_job_show(text, n, shown, sizeof shown));
  }
  if (!(*value >= columns[i].min && *value <= columns[i].max)) {
    return zps_job_refuse(&r->place, r->error, "%s = %.10g: must be >= %.10g and <= %.10g", columns[i].name, *value,
                          columns[i].min, columns[i].max);
  }
  return ZPS_OK;
}

static zps_status append(reading *r, const double *v) {
  if (r->n == r->n_allocated) {
    const size_t more = r->n_allocated > 0 ? 2 * r->n_allocated : 1024;
    zps_beam_particle *grown = (zps_beam_particle *)realloc(r->particles, more * sizeof *grown);
    if (grown == NULL) {
      return zps_error_set(r->error, ZPS_MEMORY, "out of memory for %zu beam particles of %s", more, r->place.file);
    }
    r->particles = grown;
    r->n_allocated = more;
  }
  const zps_beam_particle particle = {.x_mm = v[0], .y_mm = v[1], .tx = v[2] * 1e-3, .ty = v[3] * 1e-3, .p_gev = v[4]};
  r->particles[r->n++] = particle;
  return ZPS_OK;
}

/** One line without its newline and comment. */
static zps_status read_line(reading *r, const char *line) {
  static const char blank[] = " \t\r";
  double values[N_COLUMNS];
  int i = 0;
  zps_status status = ZPS_OK;
  for (line += strspn(line, blank); *line != '\0'; line += strspn(line, blank)) {
    const size_t n = strcspn(line, blank);
    if (i == N_COLUMNS) {
      return zps_job_refuse(&r->place, r->error, "more than 5 columns: expected x_mm y_mm tx_mrad ty_mrad p_gev");
    }
    ZPS_TRY(read_column(r, i, line, n, &values[i]));
    line += n;
    i++;
  }
  if (i != 0 && i != N_COLUMNS) {
    return zps_job_refuse(&r->place, r->error, "%d columns: expected 5: x_mm y_mm tx_mrad ty_mrad p_gev", i);
  }
  if (i == N_COLUMNS) {
    status = append(r, values);
  }
done:
  return status;
}

/** Reads the next line into buffer; *more is false at the end of the file. */
static zps_status next_line(reading *r, char *buffer, bool *more) {
  size_t n = 0;
  int c = getc_unlocked(r->file);
  *more = c != EOF;
  bool comment = false;
  for (; c != EOF && c != '\n'; c = getc_unlocked(r->file)) {
    comment = comment || c == '#';
    if (c == '\0') {
      return zps_job_refuse(&r->place, r->error, "a NUL byte: expected text");
    }
    if (!comment && n + 1 == MAX_LINE_BYTES) {
      return zps_job_refuse(&r->place, r->error, "longer than %d bytes", MAX_LINE_BYTES - 1);
    }
    if (!comment) {
      buffer[n++] = (char)c;
    }
  }
  buffer[n] = '\0';
  if (ferror(r->file) != 0) {
    return zps_error_set(r->error, ZPS_IO, "%s: %s", r->place.file, strerror(errno));
  }
  return ZPS_OK;
}

static zps_status read_lines(reading *r) {
  char line[MAX_LINE_BYTES];
  bool more = true;
  zps_status status = ZPS_OK;
  for (r->place.line = 1;; r->place.line++) {
    ZPS_TRY(next_line(r, line, &more));
    if (!more) {
      break;
    }
    if ((unsigned)r->place.line > ZPS_BEAM_FILE_MAX_LINES) {
      return zps_job_refuse(&r->place, r->error, "more than %u lines", ZPS_BEAM_FILE_MAX_LINES);
    }
    ZPS_TRY(read_line(r, line));
  }
  if (r->n == 0) {
    r->place.line = 0;
    status = zps_job_refuse(&r->place, r->error, "no beam particle: expected lines x_mm y_mm tx_mrad ty_mrad p_gev");
  }
done:
  return status;
}

zps_status zps_beam_file_read(const char *path, zps_beam_particle **particles, size_t *n, zps_error *error) {
  reading r = {.place = {.file = path, .setting = NULL, .line = 0}, .error = error};
  struct stat about;
  *particles = NULL;
  *n = 0;
  if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
    return zps_error_set(error, ZPS_IO, "%s: is not a regular file: expected beam particles", path);
  }
  r.file = fopen(path, "re");
  if (r.file == NULL) {
    return zps_error_set(error, ZPS_IO, "%s: %s: expected beam particles", path, strerror(errno));
  }
  const zps_status status = read_lines(&r);
  (void)fclose(r.file);
  if (status != ZPS_OK) {
    free(r.particles);
    return status;
  }
  *particles = r.particles;
  *n = r.n;
  return ZPS_OK;
}
