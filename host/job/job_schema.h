/* The one table of the keys of a job file: parsing, messages, --set, printing and the reference page follow it. */
#ifndef ZPS_JOB_SCHEMA_H
#define ZPS_JOB_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

#define ZPS_SCHEMA_PATH_SIZE 64
#define ZPS_SCHEMA_ANY_KIND 7u

/** How a value is written, and the C type of the member that holds it. */
typedef enum zps_schema_type {
  ZPS_SCHEMA_SECTION,    /* a map of further keys */
  ZPS_SCHEMA_MEMBERS,    /* a list of maps: array of structs */
  ZPS_SCHEMA_NUMBER,     /* double */
  ZPS_SCHEMA_WHOLE,      /* uint64_t */
  ZPS_SCHEMA_COUNT,      /* int64_t */
  ZPS_SCHEMA_FLAG,       /* true | false: bool */
  ZPS_SCHEMA_CHOICE,     /* one of `choices`: an enum, in their order */
  ZPS_SCHEMA_SOURCE,     /* dipole | uniform | none: zps_job_field.generated and .uniform */
  ZPS_SCHEMA_NAME,       /* [A-Za-z0-9_-]+: char[ZPS_NAME_SIZE] */
  ZPS_SCHEMA_PATH,       /* a path: char[ZPS_PATH_SIZE] */
  ZPS_SCHEMA_NUMBERS,    /* a list of n_max numbers: double[n_max] */
  ZPS_SCHEMA_GRID,       /* a list of numbers or {from, to, points, spacing}: zps_job_list */
  ZPS_SCHEMA_AUTO_NUMBER /* a number or `auto`: double, and a bool that says auto */
} zps_schema_type;

/** One key. Offsets are into the struct of the innermost list member, else into zps_job; the keys of a GRID's map
 *  are offsets into zps_job_range. */
typedef struct zps_schema_key {
  const char *path; /* dotted, with [] after lists: "layout[].layers[].material" */
  zps_schema_type type;
  unsigned kinds;       /* layout: bit 1 << enum zps_element_kind where the key applies; 0 = everywhere */
  bool above;           /* numbers: min itself is excluded */
  bool implicit;        /* MEMBERS: --set may leave out this list's own key */
  bool input_only;      /* another way to write a key that is printed */
  const char *unit;     /* NULL = none */
  double min, max;      /* numbers, and each number of a list; for texts and sections 0, 0 */
  const char *choices;  /* "etl | ww | iww" */
  const char *fallback; /* its value, as YAML, when left out; "" = left empty; NULL = must be given */
  size_t offset;
  size_t offset_aux;      /* MEMBERS: size_t count; AUTO_NUMBER: bool; SECTION: bool given, 0 = always there */
  size_t n_max;           /* MEMBERS, GRID: most members; NUMBERS: how many */
  size_t member_size;     /* MEMBERS: of the struct */
  const char *member_key; /* MEMBERS: the key that names a member in --set */
  const char *rival;      /* sister keys, blanks between them, that this one replaces under --set */
  const char *help;
} zps_schema_key;

typedef enum zps_spacing { ZPS_SPACING_LOG, ZPS_SPACING_LINEAR } zps_spacing;

/** A grid of numbers by its ends. */
typedef struct zps_job_range {
  double from, to;
  uint64_t points;
  zps_spacing spacing;
} zps_job_range;

/** All keys, each section before its keys, in the order of printing. Static storage. */
const zps_schema_key *zps_schema_keys(size_t *n);

/** True when the key stands directly in section ("" = top level) and applies to one of kinds. */
bool zps_schema_belongs(const zps_schema_key *key, const char *section, unsigned kinds);

/** The last part of the key's path. */
const char *zps_schema_leaf(const zps_schema_key *key);

/** The key `leaf` of a section, or NULL. */
const zps_schema_key *zps_schema_find(const char *section, const char *leaf, unsigned kinds);

/** The list that --set may enter from a section by a member's name alone, or NULL. */
const zps_schema_key *zps_schema_implicit(const char *section);

/** The known key nearest to an unknown one: a leaf of the same section, or the path of a key elsewhere when that is
 *  nearer by far. Never NULL. */
const char *zps_schema_nearest(const char *section, const char *unknown, unsigned kinds);

/** Option i of "a | b | c" into buffer; false when there are fewer. */
bool zps_schema_choice(const char *choices, size_t i, char *buffer, size_t size);

/** An end of a key's range: digits alone for whole numbers, 2^64 as the largest there is; buffer of ZPS_NUMBER_SIZE. */
const char *zps_schema_bound_text(const zps_schema_key *key, double bound, char *buffer);

/** "> 0", ">= 0 and <= 1", ... of a key with numbers, "" without bounds; buffer of 80 bytes. */
const char *zps_schema_range_text(const zps_schema_key *key, char *buffer);

/** The reference tables of every key, in Markdown (the generated part of docs/job-file.md). *text is malloc'd. */
zps_status zps_job_schema_reference(char **text, zps_error *error);

#endif
