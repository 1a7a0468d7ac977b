#include "host/job/job_yaml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

/** A stream of libyaml events being turned into our tree. We take events, not a loaded document: a document is whole
 *  before it can be refused, and libyaml's time grows with the square of the nesting. */
typedef struct stream {
  yaml_parser_t parser;
  zps_job_place place; /* of the source; without a line */
  zps_error *error;
} stream;

static zps_status read_node(stream *s, const yaml_event_t *event, int depth, zps_yaml_node **out);

static int line_of(const yaml_mark_t *mark) {
  return mark->line < (size_t)INT_MAX ? (int)mark->line + 1 : INT_MAX;
}

static zps_job_place place_of(const zps_job_place *source, const yaml_mark_t *mark) {
  zps_job_place place = *source;
  place.line = line_of(mark);
  return place;
}

static zps_status out_of_memory(zps_error *error) {
  (void)zps_error_set(error, ZPS_MEMORY, "out of memory while reading a job");
  return ZPS_MEMORY;
}

static zps_yaml_node *create_node(zps_yaml_kind kind, const zps_job_place *place) {
  zps_yaml_node *node = (zps_yaml_node *)calloc(1, sizeof *node);
  if (node != NULL) {
    node->kind = kind;
    node->place = *place;
  }
  return node;
}

zps_yaml_node *zps_yaml_create_map(const zps_job_place *place) {
  return create_node(ZPS_YAML_MAP, place);
}

void zps_yaml_destroy(zps_yaml_node *node) {
  if (node == NULL) {
    return;
  }
  for (size_t i = 0; i < node->n_children; i++) {
    zps_yaml_destroy(node->children[i]);
  }
  free(node->children);
  free(node->key);
  free(node->text);
  free(node);
}

const char *zps_yaml_kind_text(zps_yaml_kind kind) {
  static const char *const texts[] = {"a text", "a list", "a map"};
  return texts[kind];
}

/** Index of a key, or n_children. */
static size_t find_key(const zps_yaml_node *map, const char *key) {
  size_t i = 0;
  while (i < map->n_children && strcmp(map->children[i]->key, key) != 0) {
    i++;
  }
  return i;
}

zps_yaml_node *zps_yaml_child(const zps_yaml_node *node, const char *key) {
  if (node->kind != ZPS_YAML_MAP) {
    return NULL;
  }
  const size_t i = find_key(node, key);
  return i < node->n_children ? node->children[i] : NULL;
}

void zps_yaml_replace(zps_yaml_node *list, size_t i, zps_yaml_node *child) {
  zps_yaml_destroy(list->children[i]);
  list->children[i] = child;
}

zps_status zps_yaml_put(zps_yaml_node *map, const char *key, zps_yaml_node *child, zps_error *error) {
  free(child->key);
  child->key = strdup(key);
  const size_t i = find_key(map, key);
  if (child->key != NULL && i < map->n_children) {
    zps_yaml_replace(map, i, child);
    return ZPS_OK;
  }
  zps_yaml_node **children = (zps_yaml_node **)realloc(map->children, (map->n_children + 1) * sizeof(zps_yaml_node *));
  if (children != NULL) {
    map->children = children;
  }
  if (child->key == NULL || children == NULL) {
    return out_of_memory(error);
  }
  map->children[map->n_children++] = child;
  return ZPS_OK;
}

void zps_yaml_remove(zps_yaml_node *map, const char *key) {
  const size_t i = find_key(map, key);
  if (i == map->n_children) {
    return;
  }
  zps_yaml_destroy(map->children[i]);
  map->n_children--;
  memmove(map->children + i, map->children + i + 1, (map->n_children - i) * sizeof(zps_yaml_node *));
}

/** libyaml's message as one of ours. */
static zps_status refuse_syntax(const stream *s) {
  const yaml_parser_t *parser = &s->parser;
  const char *problem = parser->problem != NULL ? parser->problem : "cannot be parsed";
  zps_job_place place = place_of(&s->place, &parser->problem_mark);
  if (parser->error == YAML_MEMORY_ERROR) {
    return out_of_memory(s->error);
  }
  if (parser->error == YAML_READER_ERROR) {
    place.line = 0;
    return zps_job_refuse(&place, s->error, "not a text in UTF-8: %s at byte %zu", problem, parser->problem_offset);
  }
  if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line) {
    return zps_job_refuse(&place, s->error, "not valid YAML: %s, %s that begins on line %d", problem, parser->context,
                          line_of(&parser->context_mark));
  }
  return zps_job_refuse(&place, s->error, "not valid YAML: %s", problem);
}

/** The next event, to be deleted by the caller when the status is ZPS_OK. */
static zps_status next_event(stream *s, yaml_event_t *event) {
  return yaml_parser_parse(&s->parser, event) != 0 ? ZPS_OK : refuse_syntax(s);
}

/** Refuses what a job file has no use for: aliases, anchors and tags of its own. */
static zps_status refuse_extras(const stream *s, const yaml_event_t *event, const zps_job_place *place) {
  const bool extra =
      event->type == YAML_ALIAS_EVENT ||
      (event->type == YAML_SCALAR_EVENT && (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL)) ||
      (event->type == YAML_SEQUENCE_START_EVENT &&
       (event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL)) ||
      (event->type == YAML_MAPPING_START_EVENT &&
       (event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL));
  return extra ? zps_job_refuse(place, s->error, "YAML anchors, aliases and tags are not supported") : ZPS_OK;
}

static zps_status copy_scalar(const stream *s, const yaml_event_t *event, const zps_job_place *place, char **out) {
  const char *text = (const char *)event->data.scalar.value;
  const size_t n = event->data.scalar.length;
  char shown[ZPS_SHOWN_SIZE];
  if (memchr(text, '\0', n) != NULL) {
    return zps_job_refuse(place, s->error, "'%s': expected a text without NUL characters",
                          zps_job_show(text, n, shown, sizeof shown));
  }
  *out = strdup(text);
  return *out != NULL ? ZPS_OK : out_of_memory(s->error);
}

/** Adds a child at the end; children grow by doubling. Takes child. */
static zps_status append(const stream *s, zps_yaml_node *node, zps_yaml_node *child) {
  const size_t n = node->n_children;
  if ((n & (n - 1)) == 0) {
    zps_yaml_node **grown = (zps_yaml_node **)realloc(node->children, (n > 0 ? 2 * n : 1) * sizeof(zps_yaml_node *));
    if (grown == NULL) {
      zps_yaml_destroy(child);
      return out_of_memory(s->error);
    }
    node->children = grown;
  }
  node->children[node->n_children++] = child;
  return ZPS_OK;
}

static zps_status read_list(stream *s, int depth, zps_yaml_node *list) {
  zps_status status = ZPS_OK;
  bool more = true;
  while (more && status == ZPS_OK) {
    yaml_event_t event;
    zps_yaml_node *child = NULL;
    status = next_event(s, &event);
    if (status != ZPS_OK) {
      break;
    }
    more = event.type != YAML_SEQUENCE_END_EVENT;
    if (more) {
      status = read_node(s, &event, depth + 1, &child);
    }
    if (child != NULL) {
      status = append(s, list, child);
    }
    yaml_event_delete(&event);
  }
  return status;
}

/** Text of a key, as a copy; refuses maps and lists as keys, and a key that the map already has. */
static zps_status read_key(const stream *s, const yaml_event_t *event, const zps_yaml_node *map, char **out) {
  const zps_job_place place = place_of(&s->place, &event->start_mark);
  zps_status status = ZPS_OK;
  char shown[ZPS_SHOWN_SIZE];
  ZPS_TRY(refuse_extras(s, event, &place));
  if (event->type != YAML_SCALAR_EVENT) {
    return zps_job_refuse(&place, s->error, "a key must be a text, not a list or a map");
  }
  if (map->n_children == ZPS_YAML_MAX_KEYS) {
    return zps_job_refuse(&place, s->error, "a map of more than %d keys", ZPS_YAML_MAX_KEYS);
  }
  ZPS_TRY(copy_scalar(s, event, &place, out));
  const size_t earlier = find_key(map, *out);
  if (earlier < map->n_children) {
    status = zps_job_refuse(&place, s->error, "duplicate key '%s', given before on line %d",
                            zps_job_show(*out, strlen(*out), shown, sizeof shown), map->children[earlier]->place.line);
  }
done:
  return status;
}

/** The value that follows a key, placed at its key. Takes key. */
static zps_status read_value(stream *s, int depth, zps_yaml_node *map, char *key, int line) {
  yaml_event_t event;
  zps_yaml_node *child = NULL;
  zps_status status = next_event(s, &event);
  if (status == ZPS_OK) {
    status = read_node(s, &event, depth + 1, &child);
    yaml_event_delete(&event);
  }
  if (child == NULL) {
    free(key);
    return status;
  }
  child->key = key;
  child->place.line = line;
  return append(s, map, child);
}

static zps_status read_map(stream *s, int depth, zps_yaml_node *map) {
  zps_status status = ZPS_OK;
  bool more = true;
  while (more && status == ZPS_OK) {
    yaml_event_t event;
    char *key = NULL;
    status = next_event(s, &event);
    if (status != ZPS_OK) {
      break;
    }
    more = event.type != YAML_MAPPING_END_EVENT;
    if (more) {
      status = read_key(s, &event, map, &key);
    }
    if (more && status == ZPS_OK) {
      status = read_value(s, depth, map, key, line_of(&event.start_mark));
      key = NULL;
    }
    free(key);
    yaml_event_delete(&event);
  }
  return status;
}

static zps_status fill(stream *s, const yaml_event_t *event, int depth, zps_yaml_node *node) {
  switch (event->type) {
  case YAML_SEQUENCE_START_EVENT:
    node->kind = ZPS_YAML_LIST;
    return read_list(s, depth, node);
  case YAML_MAPPING_START_EVENT:
    node->kind = ZPS_YAML_MAP;
    return read_map(s, depth, node);
  default:
    node->kind = ZPS_YAML_SCALAR;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return copy_scalar(s, event, &node->place, &node->text);
  }
}

/** The node that begins with this event. */
static zps_status read_node(stream *s, const yaml_event_t *event, int depth, zps_yaml_node **out) {
  const zps_job_place place = place_of(&s->place, &event->start_mark);
  zps_yaml_node *node = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(refuse_extras(s, event, &place));
  if (depth > ZPS_YAML_MAX_DEPTH) {
    return zps_job_refuse(&place, s->error, "nested deeper than %d levels", ZPS_YAML_MAX_DEPTH);
  }
  node = create_node(ZPS_YAML_SCALAR, &place);
  if (node == NULL) {
    return out_of_memory(s->error);
  }
  ZPS_TRY(fill(s, event, depth, node));
  *out = node;
  node = NULL;
done:
  zps_yaml_destroy(node);
  return status;
}

/** Reads events up to the root's, and those behind it: one document, not empty, with nothing after it. */
static zps_status read_stream(stream *s, zps_yaml_node **root) {
  zps_status status = ZPS_OK;
  bool more = true;
  while (more && status == ZPS_OK) {
    yaml_event_t event;
    status = next_event(s, &event);
    if (status != ZPS_OK) {
      break;
    }
    const zps_job_place place = place_of(&s->place, &event.start_mark);
    if (event.type == YAML_STREAM_END_EVENT) {
      more = false;
    } else if (event.type == YAML_DOCUMENT_START_EVENT && *root != NULL) {
      status = zps_job_refuse(&place, s->error, "a second YAML document: expected one");
    } else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT &&
               event.type != YAML_DOCUMENT_END_EVENT) {
      status = read_node(s, &event, 1, root);
    }
    yaml_event_delete(&event);
  }
  if (status == ZPS_OK && *root == NULL) {
    status = zps_job_refuse(&s->place, s->error, "is empty: expected YAML");
  }
  return status;
}

/** libyaml stops at a NUL with a message of its own; this one has the line. */
static zps_status refuse_nul(const stream *s, const char *text, size_t size) {
  const char *nul = size > 0 ? (const char *)memchr(text, '\0', size) : NULL;
  if (nul == NULL) {
    return ZPS_OK;
  }
  zps_job_place place = s->place;
  place.line = 1;
  for (const char *p = text; p < nul; p++) {
    place.line += *p == '\n' ? 1 : 0;
  }
  return zps_job_refuse(&place, s->error, "a NUL byte: expected text in UTF-8");
}

zps_status zps_yaml_parse(const zps_job_place *place, const char *text, size_t size, zps_yaml_node **root,
                          zps_error *error) {
  stream s = {.place = *place, .error = error};
  s.place.line = 0;
  *root = NULL;
  zps_status status = refuse_nul(&s, text, size);
  if (status != ZPS_OK) {
    return status;
  }
  if (yaml_parser_initialize(&s.parser) == 0) {
    return out_of_memory(error);
  }
  yaml_parser_set_encoding(&s.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&s.parser, (const unsigned char *)text, size);
  status = read_stream(&s, root);
  yaml_parser_delete(&s.parser);
  if (status != ZPS_OK) {
    zps_yaml_destroy(*root);
    *root = NULL;
  }
  return status;
}
