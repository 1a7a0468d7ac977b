#include "host/job/job_setting.h"

#include <stdio.h>
#include <string.h>

#include "host/job/job_schema.h"
#include "host/job/job_value.h"

/** Where we are on a dotted path: a node of the tree, its parent, and its path in the schema. */
typedef struct walk {
  zps_yaml_node *parent;     /* the root itself at the root */
  zps_yaml_node *node;       /* NULL when the parent has no such key (yet) */
  size_t i_member;           /* index in the parent when that is a list */
  const zps_schema_key *key; /* NULL at the root and in a member */
  char section[ZPS_SCHEMA_PATH_SIZE];
} walk;

static walk walk_begin(zps_yaml_node *root) {
  const walk w = {.parent = root, .node = root, .section = ""};
  return w;
}

/** Index of the member with this name, or n_children. */
static size_t find_member(const zps_schema_key *key, const zps_yaml_node *list, const char *name) {
  size_t i = 0;
  for (; i < list->n_children; i++) {
    const zps_yaml_node *own = zps_yaml_child(list->children[i], key->member_key);
    if (own != NULL && own->kind == ZPS_YAML_SCALAR && strcmp(own->text, name) == 0) {
      break;
    }
  }
  return i;
}

static bool enter_member(walk *w, const zps_schema_key *list_key, zps_yaml_node *list, const char *name) {
  const size_t i = find_member(list_key, list, name);
  if (i == list->n_children) {
    return false;
  }
  w->parent = list;
  w->node = list->children[i];
  w->i_member = i;
  w->key = NULL;
  (void)snprintf(w->section, sizeof w->section, "%s[]", list_key->path);
  return true;
}

static void enter_key(walk *w, const zps_schema_key *key) {
  w->parent = w->node;
  w->node = zps_yaml_child(w->parent, zps_schema_leaf(key));
  w->key = key;
  (void)snprintf(w->section, sizeof w->section, "%s", key->path);
}

/** One part of the path further. False when there is no such key or member. */
static bool walk_step(walk *w, const char *part) {
  if (w->node == NULL) {
    return false;
  }
  if (w->node->kind == ZPS_YAML_LIST) {
    return w->key != NULL && w->key->type == ZPS_SCHEMA_MEMBERS && enter_member(w, w->key, w->node, part);
  }
  const zps_schema_key *key = zps_schema_find(w->section, part, ZPS_SCHEMA_ANY_KIND);
  if (w->node->kind == ZPS_YAML_MAP && key != NULL) {
    enter_key(w, key);
    return true;
  }
  const zps_schema_key *implicit = zps_schema_implicit(w->section);
  zps_yaml_node *list = implicit != NULL ? zps_yaml_child(w->node, zps_schema_leaf(implicit)) : NULL;
  return list != NULL && list->kind == ZPS_YAML_LIST && enter_member(w, implicit, list, part);
}

/** Copies the part that begins at *path and moves *path behind it; false when it is empty or too long. */
static bool next_part(const char **path, char *part, size_t size) {
  const size_t n = strcspn(*path, ".");
  if (n == 0 || n >= size) {
    return false;
  }
  memcpy(part, *path, n);
  part[n] = '\0';
  *path += n;
  if (**path == '.') {
    (*path)++;
    return **path != '\0';
  }
  return true;
}

const zps_job_place *zps_job_setting_place(const zps_yaml_node *root, const char *dotted) {
  char part[ZPS_DOTTED_SIZE];
  walk w = walk_begin((zps_yaml_node *)root);
  const zps_job_place *place = &root->place;
  while (*dotted != '\0' && next_part(&dotted, part, sizeof part) && walk_step(&w, part) && w.node != NULL) {
    place = &w.node->place;
  }
  return place;
}

/** "S4, Smu": the names of a list's members. */
static const char *member_names(const zps_schema_key *key, const zps_yaml_node *list, char *buffer, size_t size) {
  size_t used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < list->n_children && used + ZPS_SHOWN_SIZE + 3 < size; i++) {
    const zps_yaml_node *own = zps_yaml_child(list->children[i], key->member_key);
    char shown[ZPS_SHOWN_SIZE];
    if (own != NULL && own->kind == ZPS_YAML_SCALAR) {
      used += (size_t)snprintf(buffer + used, size - used, "%s%s", used > 0 ? ", " : "",
                               zps_job_show(own->text, strlen(own->text), shown, sizeof shown));
    }
  }
  return buffer;
}

/** What a member of a list is called in a message. */
static const char *member_noun(const zps_schema_key *key) {
  return strcmp(key->path, "triggers") == 0 ? "trigger"
         : strcmp(key->path, "layout") == 0 ? "element"
                                            : key->member_key;
}

static zps_status refuse_member(const zps_job_place *place, const zps_schema_key *key, const zps_yaml_node *list,
                                const char *part, zps_error *error) {
  char names[512];
  char shown[ZPS_SHOWN_SIZE];
  return zps_job_refuse(place, error, "no %s named '%s' (have %s)", member_noun(key),
                        zps_job_show(part, strlen(part), shown, sizeof shown),
                        member_names(key, list, names, sizeof names));
}

/** Says why walk_step() found nothing. */
static zps_status refuse_step(const zps_job_place *place, const walk *w, const char *part, zps_error *error) {
  char shown[ZPS_SHOWN_SIZE];
  const char *name = zps_job_show(part, strlen(part), shown, sizeof shown);
  const char *in = w->section[0] != '\0' ? " in " : "";
  if (w->node->kind == ZPS_YAML_LIST && w->key != NULL && w->key->type == ZPS_SCHEMA_MEMBERS) {
    return refuse_member(place, w->key, w->node, part, error);
  }
  if (w->node->kind != ZPS_YAML_MAP) {
    return zps_job_refuse(place, error, "'%s' cannot be set: %s is %s, not a map", name,
                          w->section[0] != '\0' ? w->section : "the job", zps_yaml_kind_text(w->node->kind));
  }
  const zps_schema_key *implicit = zps_schema_implicit(w->section);
  const zps_yaml_node *list = implicit != NULL ? zps_yaml_child(w->node, zps_schema_leaf(implicit)) : NULL;
  char names[512];
  if (list != NULL && list->kind == ZPS_YAML_LIST) {
    return zps_job_refuse(place, error, "unknown key or %s '%s'%s%s; nearest known key: %s; have %s",
                          implicit->member_key, name, in, w->section,
                          zps_schema_nearest(w->section, part, ZPS_SCHEMA_ANY_KIND),
                          member_names(implicit, list, names, sizeof names));
  }
  return zps_job_refuse(place, error, "unknown key '%s'%s%s; nearest known key: %s", name, in, w->section,
                        zps_schema_nearest(w->section, part, ZPS_SCHEMA_ANY_KIND));
}

/** Makes the section we stand in when the file leaves it out. */
static zps_status walk_create(walk *w, const zps_job_place *place, zps_error *error) {
  if (w->node != NULL) {
    return ZPS_OK;
  }
  if (w->key == NULL || w->key->type != ZPS_SCHEMA_SECTION) {
    return zps_job_refuse(place, error, "%s is not in the file, or is not a section", w->section);
  }
  zps_yaml_node *map = zps_yaml_create_map(place);
  if (map == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory while applying a setting");
  }
  const zps_status status = zps_yaml_put(w->parent, zps_schema_leaf(w->key), map, error);
  if (status != ZPS_OK) {
    zps_yaml_destroy(map);
    return status;
  }
  w->node = map;
  return ZPS_OK;
}

static zps_status walk_path(walk *w, const zps_job_place *place, const char *path, zps_error *error) {
  char part[ZPS_DOTTED_SIZE];
  zps_status status = ZPS_OK;
  do {
    if (!next_part(&path, part, sizeof part)) {
      return zps_job_refuse(place, error, "expected dotted.path=value");
    }
    ZPS_TRY(walk_create(w, place, error));
    if (!walk_step(w, part)) {
      return refuse_step(place, w, part, error);
    }
  } while (*path != '\0');
done:
  return status;
}

/** Removes the sister keys that a key replaces. */
static void remove_rivals(zps_yaml_node *section, const char *rivals) {
  char name[ZPS_DOTTED_SIZE];
  for (const char *at = rivals; *at != '\0'; at += strspn(at, " ")) {
    const size_t length = strcspn(at, " ");
    (void)snprintf(name, sizeof name, "%.*s", (int)length, at);
    zps_yaml_remove(section, name);
    at += length;
  }
}

/** Puts a value where the walk ended; takes it unless it fails. */
static zps_status set_value(const walk *w, zps_yaml_node *value, zps_error *error) {
  if (w->key == NULL) {
    zps_yaml_replace(w->parent, w->i_member, value);
    return ZPS_OK;
  }
  if (w->key->rival != NULL) {
    remove_rivals(w->parent, w->key->rival);
  }
  return zps_yaml_put(w->parent, zps_schema_leaf(w->key), value, error);
}

zps_status zps_job_setting_apply(zps_yaml_node *root, const char *file, const char *setting, zps_error *error) {
  const zps_job_place place = {.file = file, .setting = setting, .line = 0};
  const char *equals = strchr(setting, '=');
  char path[ZPS_DOTTED_SIZE];
  zps_yaml_node *value = NULL;
  walk w = walk_begin(root);
  zps_status status = ZPS_OK;
  if (equals == NULL || equals[1] == '\0' || (size_t)(equals - setting) >= sizeof path) {
    return zps_job_refuse(&place, error, "expected dotted.path=value");
  }
  (void)snprintf(path, sizeof path, "%.*s", (int)(equals - setting), setting);
  ZPS_TRY(zps_yaml_parse(&place, equals + 1, strlen(equals + 1), &value, error));
  ZPS_TRY(walk_path(&w, &place, path, error));
  ZPS_TRY(set_value(&w, value, error));
  value = NULL;
done:
  zps_yaml_destroy(value);
  return status;
}
