#include "host/plot/overlay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/number.h"

#define MAX_POINTS 1000000

typedef struct source {
  const char *path;
  size_t line;
} source;

static zps_status refuse(const source *at, const char *what, zps_error *error) {
  return zps_error_set(error, ZPS_INVALID, "%s:%zu: %s", at->path, at->line, what);
}

/** Cuts blanks off both ends, in place. */
static char *trim(char *text) {
  text += strspn(text, " \t");
  size_t n = strlen(text);
  while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL) {
    text[--n] = '\0';
  }
  return text;
}

static bool read_number(char *text, double *value) {
  text = trim(text);
  return zps_number_parse(text, strlen(text), value) && *value > 0.0;
}

static zps_status find_curve(zps_overlay *overlay, char *label, const source *at, size_t *i_curve, zps_error *error) {
  label = trim(label);
  const size_t n = strlen(label);
  if (n >= 2 && label[0] == '"' && label[n - 1] == '"') {
    label[n - 1] = '\0';
    label++;
  }
  if (*label == '\0' || strlen(label) >= ZPS_NAME_SIZE) {
    return refuse(at, "label: expected 1 to 63 bytes", error);
  }
  for (*i_curve = 0; *i_curve < overlay->n_curve; (*i_curve)++) {
    if (strcmp(overlay->labels[*i_curve], label) == 0) {
      return ZPS_OK;
    }
  }
  if (overlay->n_curve == ZPS_MAX_OVERLAYS) {
    return refuse(at, "more than 32 labels", error);
  }
  (void)snprintf(overlay->labels[overlay->n_curve++], ZPS_NAME_SIZE, "%s", label);
  return ZPS_OK;
}

static zps_status add_point(zps_overlay *overlay, const zps_overlay_point *point, const source *at, zps_error *error) {
  if (overlay->n_point == MAX_POINTS) {
    return refuse(at, "more than 1000000 points", error);
  }
  /* Grown at powers of two. */
  if ((overlay->n_point & (overlay->n_point - 1)) == 0) {
    const size_t capacity = overlay->n_point > 0 ? 2 * overlay->n_point : 1;
    zps_overlay_point *const more = (zps_overlay_point *)realloc(overlay->points, capacity * sizeof *overlay->points);
    if (more == NULL) {
      return zps_error_set(error, ZPS_MEMORY, "out of memory for %s", at->path);
    }
    overlay->points = more;
  }
  overlay->points[overlay->n_point++] = *point;
  return ZPS_OK;
}

static zps_status read_line(zps_overlay *overlay, char *line, const source *at, zps_error *error) {
  zps_overlay_point point = {0.0, 0.0, 0};
  char *const limit = strchr(line, ',');
  char *const label = limit != NULL ? strchr(limit + 1, ',') : NULL;
  zps_status status = ZPS_OK;
  if (label == NULL) {
    return refuse(at, "expected mass,limit,label", error);
  }
  *limit = '\0';
  *label = '\0';
  if (!read_number(line, &point.mass_gev) || !read_number(limit + 1, &point.limit)) {
    return refuse(at, "mass and limit: expected numbers > 0", error);
  }
  ZPS_TRY(find_curve(overlay, label + 1, at, &point.i_curve, error));
  ZPS_TRY(add_point(overlay, &point, at, error));
done:
  return status;
}

static bool is_passed_over(const char *line, const source *at) {
  return *line == '\0' || *line == '#' ||
         (at->line == 1 && (strncmp(line, "mass", 4) == 0 || strncmp(line, "m_", 2) == 0));
}

zps_status zps_overlay_read(const char *path, zps_overlay *overlay, zps_error *error) {
  source at = {path, 0};
  char *line = NULL;
  size_t capacity = 0;
  zps_status status = ZPS_OK;
  *overlay = (zps_overlay){0};
  FILE *const in = fopen(path, "re");
  if (in == NULL) {
    return zps_error_set(error, ZPS_IO, "%s: cannot read: %s", path, strerror(errno));
  }
  for (ssize_t n = getline(&line, &capacity, in); n >= 0; n = getline(&line, &capacity, in)) {
    at.line++;
    if (strlen(line) != (size_t)n) {
      status = refuse(&at, "expected text, got a NUL", error);
      goto done;
    }
    char *const text = trim(line);
    if (!is_passed_over(text, &at)) {
      ZPS_TRY(read_line(overlay, text, &at, error));
    }
  }
  if (ferror(in) != 0) {
    status = zps_error_set(error, ZPS_IO, "%s: cannot read: %s", path, strerror(errno));
  } else if (overlay->n_point == 0) {
    status = zps_error_set(error, ZPS_INVALID, "%s: no points: expected lines mass,limit,label", path);
  }
done:
  (void)fclose(in);
  free(line);
  if (status != ZPS_OK) {
    zps_overlay_free(overlay);
  }
  return status;
}

/** Limit at a mass on the line between two points, or beyond them. */
static double limit_between(const zps_overlay_point *a, const zps_overlay_point *b, double mass_gev) {
  return a->limit * pow(b->limit / a->limit, log(mass_gev / a->mass_gev) / log(b->mass_gev / a->mass_gev));
}

static bool lies_between(const zps_overlay_point *a, const zps_overlay_point *b, double mass_gev) {
  return (a->mass_gev < mass_gev && mass_gev < b->mass_gev) || (b->mass_gev < mass_gev && mass_gev < a->mass_gev);
}

bool zps_overlay_range(const zps_overlay *overlay, size_t i_curve, double lo_gev, double hi_gev, double limits[2]) {
  const double ends[2] = {lo_gev, hi_gev};
  const zps_overlay_point *last = NULL;
  double found[2] = {HUGE_VAL, 0.0};
  for (size_t i = 0; i < overlay->n_point; i++) {
    const zps_overlay_point *const p = &overlay->points[i];
    if (p->i_curve != i_curve) {
      continue;
    }
    double seen[3] = {p->mass_gev >= lo_gev && p->mass_gev <= hi_gev ? p->limit : 0.0, 0.0, 0.0};
    for (int k = 0; k < 2 && last != NULL; k++) {
      seen[k + 1] = lies_between(last, p, ends[k]) ? limit_between(last, p, ends[k]) : 0.0;
    }
    for (int k = 0; k < 3; k++) {
      found[0] = seen[k] > 0.0 ? fmin(found[0], seen[k]) : found[0];
      found[1] = fmax(found[1], seen[k]);
    }
    last = p;
  }
  if (found[1] > 0.0) {
    limits[0] = found[0];
    limits[1] = found[1];
  }
  return found[1] > 0.0;
}

void zps_overlay_free(zps_overlay *overlay) {
  free(overlay->points);
  *overlay = (zps_overlay){0};
}
