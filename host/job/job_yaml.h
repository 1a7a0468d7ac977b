/* YAML as a tree of our own: small, editable, every node with its place.
 *
 * Only what a job file needs: one document of maps, lists and plain or quoted
 * scalars. Anchors, aliases, tags, duplicate keys and deep nesting are refused, so that
 * a tree is never larger than its text. */
#ifndef ZPS_JOB_YAML_H
#define ZPS_JOB_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "host/job/job_place.h"

#define ZPS_YAML_MAX_DEPTH 16
#define ZPS_YAML_MAX_KEYS 256

typedef enum zps_yaml_kind { ZPS_YAML_SCALAR, ZPS_YAML_LIST, ZPS_YAML_MAP } zps_yaml_kind;

typedef struct zps_yaml_node zps_yaml_node;
struct zps_yaml_node {
  zps_yaml_kind kind;
  bool quoted; /* a scalar in quotes is a text, never a number */
  zps_job_place place;
  char *key;  /* its key when the parent is a map, else NULL */
  char *text; /* scalar: without NUL bytes inside; else NULL */
  size_t n_children;
  zps_yaml_node **children; /* owned; map: unique keys, at most ZPS_YAML_MAX_KEYS */
};

/** Parses size bytes of UTF-8. place names the source in messages (its line is not used) and its texts must outlive
 *  the tree. *root is NULL on failure. Free with zps_yaml_destroy(). */
zps_status zps_yaml_parse(const zps_job_place *place, const char *text, size_t size, zps_yaml_node **root,
                          zps_error *error);

/** NULL is fine. */
void zps_yaml_destroy(zps_yaml_node *node);

/** An empty map; NULL when out of memory. */
zps_yaml_node *zps_yaml_create_map(const zps_job_place *place);

/** The value of a key, or NULL; also NULL when node is not a map. Owned by the tree. */
zps_yaml_node *zps_yaml_child(const zps_yaml_node *node, const char *key);

/** Puts child under key of a map, in place of what was there. Takes child unless it fails. */
zps_status zps_yaml_put(zps_yaml_node *map, const char *key, zps_yaml_node *child, zps_error *error);

/** Replaces item i of a list. Takes child. */
void zps_yaml_replace(zps_yaml_node *list, size_t i, zps_yaml_node *child);

/** Removes a key from a map, if it is there. */
void zps_yaml_remove(zps_yaml_node *map, const char *key);

/** "a text", "a list" or "a map". */
const char *zps_yaml_kind_text(zps_yaml_kind kind);

#endif
