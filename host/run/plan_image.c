/* The image is the zps_plan itself, its arrays in the order of zps_plan_arrays(), then the nodes of each map. Sizes
 * come from counts within the zps_plan, so reader and writer walk alike. Pointers in it are those of the writer: the
 * reader takes from them only which arrays there are. */
#include "host/run/plan_image.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT ((size_t)64)
#define MAX_PIECES (1 + ZPS_PLAN_N_ARRAYS + ZPS_MAX_ELEMENTS)

typedef struct piece {
  const void *bytes; /* of the writer */
  size_t at, size;
} piece;

static size_t round_up(size_t size) {
  return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

static size_t nodes_size(const zps_field_map *map) {
  return (size_t)map->n_x * (size_t)map->n_y * (size_t)map->n_z * 4 * sizeof *map->b;
}

static void add_piece(piece *pieces, size_t *n, const void *bytes, size_t size) {
  const size_t at = *n == 0 ? 0 : pieces[*n - 1].at + round_up(pieces[*n - 1].size);
  pieces[(*n)++] = (piece){bytes, at, size};
}

/* The plan and its arrays; returns how many. */
static size_t list_arrays(const zps_plan *plan, piece *pieces) {
  zps_plan_array arrays[ZPS_PLAN_N_ARRAYS];
  size_t n = 0;
  zps_plan_arrays(plan, arrays);
  add_piece(pieces, &n, plan, sizeof *plan);
  for (size_t i = 0; i < ZPS_PLAN_N_ARRAYS; i++) {
    const void *const bytes = zps_plan_array_get(plan, arrays[i].offset);
    add_piece(pieces, &n, bytes, bytes == NULL ? 0 : arrays[i].size);
  }
  return n;
}

/* Behind them the nodes of the maps. */
static void list_nodes(const zps_field_map *maps, int32_t n_maps, piece *pieces, size_t *n) {
  for (int32_t i = 0; i < n_maps; i++) {
    add_piece(pieces, n, maps[i].b, nodes_size(&maps[i]));
  }
}

static size_t total(const piece *pieces, size_t n) {
  return pieces[n - 1].at + round_up(pieces[n - 1].size);
}

typedef struct image {
  piece pieces[MAX_PIECES];
  size_t n;
} image;

static zps_status write_pieces(void *context, zps_node_memory *memory, zps_error *error) {
  static const char zeros[ALIGNMENT] = "";
  const image *const whole = (const image *)context;
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < whole->n; i++) {
    const piece *const p = &whole->pieces[i];
    ZPS_TRY(zps_node_memory_append(memory, p->bytes, p->size, error));
    ZPS_TRY(zps_node_memory_append(memory, zeros, round_up(p->size) - p->size, error));
  }
done:
  return status;
}

zps_status zps_plan_image_create(const zps_plan *plan, zps_node_memory *memory, zps_error *error) {
  image whole;
  whole.n = list_arrays(plan, whole.pieces);
  list_nodes(plan->maps, plan->setup.n_maps, whole.pieces, &whole.n);
  return zps_node_memory_create(total(whole.pieces, whole.n), write_pieces, &whole, memory, error);
}

/* Maps hold pointers, so each process has their few bytes for itself, and the nodes are those of the image. */
static zps_status open_maps(const char *base, size_t size, image *whole, zps_plan *plan, zps_error *error) {
  const size_t n_arrays = whole->n;
  const int32_t n_maps = plan->setup.n_maps;
  zps_field_map *const maps = (zps_field_map *)malloc((size_t)(n_maps + 1) * sizeof *maps);
  if (maps == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: no memory for %d maps", plan->job->file, (int)n_maps);
  }
  memcpy(maps, plan->maps, (size_t)n_maps * sizeof *maps);
  plan->maps = maps;
  list_nodes(maps, n_maps, whole->pieces, &whole->n);
  for (int32_t i = 0; i < n_maps; i++) {
    maps[i].b = (const float *)(const void *)(base + whole->pieces[n_arrays + (size_t)i].at);
  }
  if (total(whole->pieces, whole->n) != size) {
    free(maps);
    return zps_error_set(error, ZPS_INVALID, "memory of the node: no plan of this program");
  }
  return ZPS_OK;
}

zps_status zps_plan_image_open(const zps_job *job, zps_node_memory *memory, zps_plan *plan, zps_error *error) {
  const char *const base = (const char *)memory->bytes;
  zps_plan_array arrays[ZPS_PLAN_N_ARRAYS];
  image whole;
  zps_plan made;
  memset(plan, 0, sizeof *plan);
  if (memory->size < sizeof made) {
    return zps_error_set(error, ZPS_INVALID, "memory of the node: no plan of this program");
  }
  memcpy(&made, base, sizeof made);
  made.job = job;
  made.owned_maps = NULL;
  zps_plan_arrays(&made, arrays);
  whole.n = list_arrays(&made, whole.pieces);
  if (total(whole.pieces, whole.n) > memory->size) {
    return zps_error_set(error, ZPS_INVALID, "memory of the node: no plan of this program");
  }
  for (size_t i = 0; i < ZPS_PLAN_N_ARRAYS; i++) {
    if (whole.pieces[1 + i].bytes != NULL) {
      zps_plan_array_set(&made, arrays[i].offset, base + whole.pieces[1 + i].at);
    }
  }
  const zps_status status = open_maps(base, memory->size, &whole, &made, error);
  if (status == ZPS_OK) {
    zps_plan_connect(&made);
    made.shared = *memory;
    *memory = (zps_node_memory){NULL, 0, -1};
    *plan = made;
  }
  return status;
}
