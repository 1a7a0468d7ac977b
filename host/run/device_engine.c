#include "host/run/device_engine.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/engine_backend.h"

#define ZPS_MAX_SLOTS 32
#define ZPS_SLOTS_PER_DEVICE 2
#define ZPS_MAX_DEVICES (ZPS_MAX_SLOTS / ZPS_SLOTS_PER_DEVICE)
#define ZPS_MAX_BUFFERS 16

/* Most tiles per launch: with the default tile 1.3e8 events, and 40 MiB of rows to copy back. */
#define ZPS_LAUNCH_TILES 2048

/* Events watched by one launch: 10 MiB on the device with two planes. */
#define ZPS_TRACE_EVENTS 65536

/** Where a test wants something to go wrong, and how often the step was reached. */
typedef struct zps_fault {
  char step[16];
  long at;
  long seen;
} zps_fault;

/** The tables on one device, read by all its slots. */
typedef struct zps_device_tables {
  int placed;
  void *device;    /* of the slot that placed them */
  zps_setup setup; /* pointers are the device's */
  void *buffers[ZPS_MAX_BUFFERS];
  size_t n_buffers;
} zps_device_tables;

/** One queue of work on one device. */
typedef struct zps_slot {
  void *device;
  int i_device;
  int works;
  zps_work_item *items;         /* device */
  uint64_t *rows;               /* device */
  uint64_t *surface;            /* device; NULL until one is counted */
  size_t items_size, rows_size; /* capacity: items, rows */
} zps_slot;

struct zps_device_engine {
  const zps_device_api *api;
  const zps_setup *setup;
  size_t row_size;
  size_t surface_size; /* u64; 0 without a placement */
  size_t n_slots;
  zps_slot slots[ZPS_MAX_SLOTS];
  zps_device_tables tables[ZPS_MAX_DEVICES];
  zps_fault fault;
  zps_engine_options options;
  void *cpu; /* opened when the last device has failed */
  char detail[256];
  char trouble[512];
};

/** Tiles of one run, handed out in launches. */
typedef struct zps_hand_out {
  const zps_tile *tiles;
  uint64_t *tallies;
  uint64_t *surface; /* NULL without a placement */
  size_t n_tiles;
  size_t *waiting; /* indices of tiles not done, a stack */
  size_t n_waiting;
} zps_hand_out;

static int zps_fault_hits(zps_fault *fault, const char *step) {
  int hit = 0;
  if (strcmp(fault->step, step) == 0) {
#pragma omp critical(zps_fault)
    hit = fault->seen++ == fault->at;
  }
  return hit;
}

/** "lose:D": every run on device D fails. */
static int zps_fault_loses(const zps_fault *fault, int i_device) {
  return strcmp(fault->step, "lose") == 0 && fault->at == i_device;
}

static zps_status zps_fault_parse(const char *text, zps_fault *fault, zps_error *error) {
  memset(fault, 0, sizeof *fault);
  if (text == NULL || text[0] == '\0') {
    return ZPS_OK;
  }
  const char *const colon = strchr(text, ':');
  const size_t n = colon == NULL ? strlen(text) : (size_t)(colon - text);
  if (n >= sizeof fault->step) {
    return zps_error_set(error, ZPS_USAGE, "fault %.32s: expected open, allocate, tile, upload, zero or lose, and :N",
                         text);
  }
  memcpy(fault->step, text, n);
  fault->at = colon == NULL ? 0 : strtol(colon + 1, NULL, 10);
  return ZPS_OK;
}

static int zps_slot_allocate(zps_device_engine *e, zps_slot *slot, size_t bytes, void **buffer, char *message) {
  if (zps_fault_hits(&e->fault, "allocate")) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "device %d: allocate %zu bytes: injected fault", slot->i_device,
                   bytes);
    return -1;
  }
  return e->api->allocate(slot->device, bytes, buffer, message);
}

/** Copies an array to the slot's device; *on_device is its address there, kept for release. Empty arrays stay NULL. */
static int zps_tables_place_array(zps_device_engine *e, zps_slot *slot, const void *from, size_t bytes,
                                  const void **on_device, char *message) {
  zps_device_tables *const tables = &e->tables[slot->i_device];
  void *buffer = NULL;
  *on_device = NULL;
  if (bytes == 0) {
    return 0;
  }
  if (tables->n_buffers == ZPS_MAX_BUFFERS) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "device %d: more than %d tables", slot->i_device, ZPS_MAX_BUFFERS);
    return -1;
  }
  if (zps_slot_allocate(e, slot, bytes, &buffer, message) != 0) {
    return -1;
  }
  tables->buffers[tables->n_buffers++] = buffer;
  *on_device = buffer;
  return zps_fault_hits(&e->fault, "upload") ? 0 : e->api->upload(slot->device, buffer, from, bytes, message);
}

/** The field maps: values first, then the descriptions that point to them. */
static int zps_tables_place_maps(zps_device_engine *e, zps_slot *slot, char *message) {
  const size_t n = (size_t)e->setup->n_maps;
  zps_field_map *const maps = (zps_field_map *)calloc(n + 1, sizeof *maps);
  const void *placed = NULL;
  int failed = maps == NULL;
  for (size_t i = 0; i < n && !failed; i++) {
    const zps_field_map *const from = &e->setup->maps[i];
    const size_t n_nodes = (size_t)from->n_x * (size_t)from->n_y * (size_t)from->n_z;
    maps[i] = *from;
    failed = zps_tables_place_array(e, slot, from->b, n_nodes * 4 * sizeof(float), &placed, message) != 0;
    maps[i].b = (const float *)placed;
  }
  failed = failed || zps_tables_place_array(e, slot, maps, n * sizeof *maps, &placed, message) != 0;
  e->tables[slot->i_device].setup.maps = (const zps_field_map *)placed;
  free(maps);
  return failed ? -1 : 0;
}

static int zps_tables_place_all(zps_device_engine *e, zps_slot *slot, char *message) {
  const zps_setup *const s = e->setup;
  zps_setup *const there = &e->tables[slot->i_device].setup;
  const size_t n_moliere = s->moliere == NULL ? 0 : (size_t)s->n_matter;
  const size_t n_straggling = s->straggling == NULL ? 0 : (size_t)s->n_matter;
  const void *placed[7] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL};
  *there = *s;
  if (zps_tables_place_array(e, slot, s->matter, (size_t)s->n_matter * sizeof *s->matter, &placed[0], message) != 0 ||
      zps_tables_place_array(e, slot, s->t_shape, sizeof *s->t_shape, &placed[1], message) != 0 ||
      zps_tables_place_array(e, slot, s->emission, (size_t)s->n_masses * sizeof *s->emission, &placed[2], message) !=
          0 ||
      zps_tables_place_array(e, slot, s->beam.particles, (size_t)s->beam.n_particles * sizeof *s->beam.particles,
                             &placed[3], message) != 0 ||
      zps_tables_place_array(e, slot, s->moliere, n_moliere * sizeof *s->moliere, &placed[4], message) != 0 ||
      zps_tables_place_array(e, slot, s->straggling, n_straggling * sizeof *s->straggling, &placed[5], message) != 0 ||
      zps_tables_place_array(e, slot, s->steps, (size_t)s->n_steps * sizeof *s->steps, &placed[6], message) != 0) {
    return -1;
  }
  there->matter = (const zps_matter *)placed[0];
  there->t_shape = (const zps_t_shape *)placed[1];
  there->emission = (const zps_emission *)placed[2];
  there->beam.particles = (const zps_beam_particle *)placed[3];
  there->moliere = (const zps_moliere *)placed[4];
  there->straggling = (const zps_straggling *)placed[5];
  there->steps = (const zps_field_step *)placed[6];
  return zps_tables_place_maps(e, slot, message);
}

static void zps_tables_release(const zps_device_engine *e, zps_device_tables *tables) {
  for (size_t i = 0; i < tables->n_buffers; i++) {
    e->api->release(tables->device, tables->buffers[i]);
  }
  memset(tables, 0, sizeof *tables);
}

/** The tables of the slot's device, once per device: the first slot that can places them for all. */
static int zps_slot_find_tables(zps_device_engine *e, zps_slot *slot, char *message) {
  zps_device_tables *const tables = &e->tables[slot->i_device];
  if (tables->placed) {
    return 0;
  }
  tables->device = slot->device;
  if (zps_tables_place_all(e, slot, message) != 0) {
    zps_tables_release(e, tables);
    return -1;
  }
  tables->placed = 1;
  return 0;
}

static void zps_slot_close(const zps_device_engine *e, zps_slot *slot) {
  if (slot->device == NULL) {
    return;
  }
  e->api->release(slot->device, slot->items);
  e->api->release(slot->device, slot->rows);
  e->api->release(slot->device, slot->surface);
  e->api->close(slot->device);
  memset(slot, 0, sizeof *slot);
}

/** Opens a slot on device i; it takes no part if anything fails. */
static void zps_slot_open(zps_device_engine *e, int i_device) {
  zps_slot *const slot = &e->slots[e->n_slots];
  char message[ZPS_DEVICE_MESSAGE_SIZE] = "";
  memset(slot, 0, sizeof *slot);
  slot->i_device = i_device;
  int failed = 0;
  if (zps_fault_hits(&e->fault, "open")) {
    (void)snprintf(message, sizeof message, "device %d: open: injected fault", i_device);
    failed = 1;
  } else {
    failed = e->api->open(i_device, &slot->device, message) != 0 || zps_slot_find_tables(e, slot, message) != 0;
  }
  if (failed) {
    zps_slot_close(e, slot);
    (void)snprintf(e->trouble, sizeof e->trouble, "%.255s", message);
    return;
  }
  slot->works = 1;
  e->n_slots++;
}

/** Makes room for n items and n_rows rows, where the device has them. */
static int zps_slot_reserve(zps_device_engine *e, zps_slot *slot, size_t n_items, size_t n_rows, int with_surface,
                            char *message) {
  void *buffer = NULL;
  if (n_items > slot->items_size) {
    e->api->release(slot->device, slot->items);
    slot->items = NULL;
    slot->items_size = 0;
    if (zps_slot_allocate(e, slot, n_items * sizeof *slot->items, &buffer, message) != 0) {
      return -1;
    }
    slot->items = (zps_work_item *)buffer;
    slot->items_size = n_items;
  }
  if (n_rows > slot->rows_size) {
    e->api->release(slot->device, slot->rows);
    slot->rows = NULL;
    slot->rows_size = 0;
    if (zps_slot_allocate(e, slot, n_rows * e->row_size * sizeof(uint64_t), &buffer, message) != 0) {
      return -1;
    }
    slot->rows = (uint64_t *)buffer;
    slot->rows_size = n_rows;
  }
  if (with_surface && slot->surface == NULL) {
    if (zps_slot_allocate(e, slot, e->surface_size * sizeof(uint64_t), &buffer, message) != 0) {
      return -1;
    }
    slot->surface = (uint64_t *)buffer;
  }
  return 0;
}

/** Tiles one launch may take with the memory the device has left: half of it at the most. */
static size_t zps_slot_launch_limit(const zps_device_engine *e, const zps_slot *slot) {
  char message[ZPS_DEVICE_MESSAGE_SIZE];
  size_t bytes = 0;
  if (e->api->free_bytes(slot->device, &bytes, message) != 0) {
    return 1;
  }
  const size_t rows = slot->rows_size + (bytes / 2 / (e->row_size * sizeof(uint64_t)));
  return rows < 1 ? 1 : (rows < ZPS_LAUNCH_TILES ? rows : ZPS_LAUNCH_TILES);
}

/** Events per work item of a launch of n_events. An item of n events wastes some 90/n of its time on its last muons,
 *  too few for a block, and the wait for the last item costs n B/2 of n_events where B blocks work side by side:
 *  the sum is least at n = sqrt(180 n_events/B). A multiple of 128, the threads of a block. */
static uint64_t zps_item_events(uint64_t n_events) {
  const uint64_t least = 1024;
  uint64_t n = least;
  while (n < ZPS_WORK_ITEM_EVENTS && n * n < n_events * 180 / ZPS_DEVICE_BLOCKS) {
    n += 128;
  }
  return n;
}

static size_t zps_items_of(uint64_t n_events, uint64_t item_events) {
  return (size_t)((n_events + item_events - 1) / item_events);
}

/** Cuts tiles into work items. Returns NULL when out of memory. */
static zps_work_item *zps_items_make(const zps_tile *tiles, const size_t *chosen, size_t n_chosen, size_t *n_items) {
  uint64_t n_events = 0;
  size_t n = 0;
  for (size_t i = 0; i < n_chosen; i++) {
    n_events += tiles[chosen[i]].n;
  }
  const uint64_t item_events = zps_item_events(n_events);
  for (size_t i = 0; i < n_chosen; i++) {
    n += zps_items_of(tiles[chosen[i]].n, item_events);
  }
  zps_work_item *const items = (zps_work_item *)calloc(n + 1, sizeof *items);
  *n_items = n;
  size_t at = 0;
  for (size_t i = 0; items != NULL && i < n_chosen; i++) {
    const zps_tile *const tile = &tiles[chosen[i]];
    for (uint64_t done = 0; done < tile->n; done += item_events) {
      const uint64_t left = tile->n - done;
      items[at].i_mass = tile->i_mass;
      items[at].i_row = (uint32_t)i;
      items[at].first = tile->first + done;
      items[at].n = left < item_events ? left : item_events;
      at++;
    }
  }
  return items;
}

/** One launch: items up, counters zeroed, run, counters down. trace: buffers of the device, or ends = NULL. */
static int zps_slot_run(zps_device_engine *e, zps_slot *slot, const zps_work_item *items, size_t n_items,
                        uint64_t *rows, size_t n_rows, uint64_t *surface, zps_trace trace, char *message) {
  const zps_device_api *const api = e->api;
  const size_t row_bytes = n_rows * e->row_size * sizeof *rows;
  const size_t surface_bytes = surface == NULL ? 0 : e->surface_size * sizeof *surface;
  if (zps_slot_reserve(e, slot, n_items + 1, n_rows, surface != NULL, message) != 0 ||
      (!zps_fault_hits(&e->fault, "upload") &&
       api->upload(slot->device, slot->items, items, n_items * sizeof *items, message) != 0) ||
      (!zps_fault_hits(&e->fault, "zero") && api->zero(slot->device, slot->rows, row_bytes, message) != 0) ||
      (surface != NULL && !zps_fault_hits(&e->fault, "zero") &&
       api->zero(slot->device, slot->surface, surface_bytes, message) != 0)) {
    return -1;
  }
  const zps_device_counts counts = {slot->rows, e->row_size, surface == NULL ? NULL : slot->surface, trace};
  if (api->run(slot->device, &e->tables[slot->i_device].setup, slot->items, n_items, &counts, message) != 0 ||
      api->download(slot->device, rows, slot->rows, row_bytes, message) != 0) {
    return -1;
  }
  return surface == NULL ? 0 : api->download(slot->device, surface, slot->surface, surface_bytes, message);
}

/** Counts of a launch that went well, added to those of the run. */
static void zps_hand_out_count(const zps_device_engine *e, const zps_hand_out *work, const size_t *chosen,
                               size_t n_chosen, const uint64_t *rows, const uint64_t *surface) {
  for (size_t i = 0; i < n_chosen; i++) {
    memcpy(&work->tallies[chosen[i] * e->row_size], &rows[i * e->row_size], e->row_size * sizeof *rows);
  }
#pragma omp critical(zps_surface)
  for (size_t i = 0; surface != NULL && i < e->surface_size; i++) {
    work->surface[i] += surface[i];
  }
}

/** Runs some tiles on a slot and counts them. */
static int zps_slot_launch(zps_device_engine *e, zps_slot *slot, const zps_hand_out *work, const size_t *chosen,
                           size_t n_chosen, char *message) {
  const zps_trace no_trace = {0, 0, NULL, NULL};
  size_t n_items = 0;
  zps_work_item *const items = zps_items_make(work->tiles, chosen, n_chosen, &n_items);
  uint64_t *const rows = (uint64_t *)malloc(n_chosen * e->row_size * sizeof *rows);
  uint64_t *const surface = work->surface == NULL ? NULL : (uint64_t *)malloc((e->surface_size + 1) * sizeof *surface);
  int failed = items == NULL || rows == NULL || (work->surface != NULL && surface == NULL);
  if (failed) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "out of host memory for %zu tiles", n_chosen);
  } else if (zps_fault_hits(&e->fault, "tile") || zps_fault_loses(&e->fault, slot->i_device)) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "device %d: run: injected fault", slot->i_device);
    failed = 1;
  } else {
    failed = zps_slot_run(e, slot, items, n_items, rows, n_chosen, surface, no_trace, message) != 0;
  }
  if (!failed) {
    zps_hand_out_count(e, work, chosen, n_chosen, rows, surface);
  }
  free(items);
  free(rows);
  free(surface);
  return failed ? -1 : 0;
}

/** Takes up to n waiting tiles; returns how many. */
static size_t zps_hand_out_take(zps_hand_out *work, size_t n, size_t *chosen) {
  size_t taken = 0;
#pragma omp critical(zps_hand_out)
  while (taken < n && work->n_waiting > 0) {
    chosen[taken++] = work->waiting[--work->n_waiting];
  }
  return taken;
}

static void zps_hand_out_return(zps_hand_out *work, const size_t *chosen, size_t n) {
#pragma omp critical(zps_hand_out)
  for (size_t i = 0; i < n; i++) {
    work->waiting[work->n_waiting++] = chosen[i];
  }
}

/** A slot's share of a run: takes tiles until none wait or its device fails. */
static void zps_slot_work(zps_device_engine *e, zps_slot *slot, zps_hand_out *work, size_t share) {
  size_t chosen[ZPS_LAUNCH_TILES];
  char message[ZPS_DEVICE_MESSAGE_SIZE] = "";
  while (slot->works) {
    const size_t limit = zps_slot_launch_limit(e, slot);
    const size_t n = zps_hand_out_take(work, share < limit ? share : limit, chosen);
    if (n == 0) {
      return;
    }
    if (zps_slot_launch(e, slot, work, chosen, n, message) != 0) {
      zps_hand_out_return(work, chosen, n);
      slot->works = 0;
#pragma omp critical(zps_trouble)
      (void)snprintf(e->trouble, sizeof e->trouble, "%.255s; its tiles went elsewhere", message);
    }
  }
}

static size_t zps_slots_working(const zps_device_engine *e) {
  size_t n = 0;
  for (size_t i = 0; i < e->n_slots; i++) {
    n += e->slots[i].works ? 1 : 0;
  }
  return n;
}

/** What no device could do. */
static zps_status zps_run_on_cpu(zps_device_engine *e, zps_hand_out *work, zps_error *error) {
  zps_status status = ZPS_OK;
  char detail[256];
  if (e->cpu == NULL) {
    status = zps_engine_backend_cpu.open(e->setup, &e->options, &e->cpu, detail, sizeof detail, error);
  }
  while (status == ZPS_OK && work->n_waiting > 0) {
    const size_t i = work->waiting[--work->n_waiting];
    status =
        zps_engine_backend_cpu.run(e->cpu, &work->tiles[i], 1, &work->tallies[i * e->row_size], work->surface, error);
  }
  return status;
}

zps_status zps_device_engine_run(zps_device_engine *engine, const zps_tile *tiles, size_t n_tiles, uint64_t *tallies,
                                 uint64_t *surface, zps_error *error) {
  zps_hand_out work = {tiles, tallies, surface, n_tiles, NULL, n_tiles};
  work.waiting = (size_t *)calloc(n_tiles + 1, sizeof *work.waiting);
  if (work.waiting == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "no memory to hand out %zu tiles", n_tiles);
  }
  for (size_t i = 0; i < n_tiles; i++) {
    work.waiting[i] = n_tiles - 1 - i;
  }
  for (size_t n_slots = zps_slots_working(engine); n_slots > 0 && work.n_waiting > 0;
       n_slots = zps_slots_working(engine)) {
    const size_t share = (work.n_waiting + n_slots - 1) / n_slots;
    const long n = (long)engine->n_slots;
#pragma omp parallel for schedule(static, 1) num_threads((int)engine->n_slots)
    for (long i = 0; i < n; i++) {
      zps_slot_work(engine, &engine->slots[i], &work, share < ZPS_LAUNCH_TILES ? share : ZPS_LAUNCH_TILES);
    }
  }
  const zps_status status = work.n_waiting > 0 ? zps_run_on_cpu(engine, &work, error) : ZPS_OK;
  free(work.waiting);
  return status;
}

/** Runs a tile with buffers for its events on the device, zeroed: an event that the device forgets shows as event 0. */
static int zps_slot_watch(zps_device_engine *e, zps_slot *slot, const zps_tile *tile, const zps_trace *to,
                          char *message) {
  const zps_device_api *const api = e->api;
  const size_t first_tile = 0;
  const size_t end_bytes = tile->n * sizeof *to->ends;
  const size_t plane_bytes = tile->n * to->n_planes * sizeof *to->planes;
  void *ends = NULL;
  void *planes = NULL;
  size_t n_items = 0;
  zps_work_item *const items = zps_items_make(tile, &first_tile, 1, &n_items);
  uint64_t *const row = (uint64_t *)malloc(e->row_size * sizeof *row);
  int failed = items == NULL || row == NULL;
  if (failed) {
    (void)snprintf(message, ZPS_DEVICE_MESSAGE_SIZE, "out of host memory for %zu work items", n_items);
  }
  failed = failed || zps_slot_allocate(e, slot, end_bytes, &ends, message) != 0 ||
           zps_slot_allocate(e, slot, plane_bytes + 1, &planes, message) != 0 ||
           api->zero(slot->device, ends, end_bytes, message) != 0 ||
           api->zero(slot->device, planes, plane_bytes, message) != 0;
  if (!failed) {
    const zps_trace trace = {tile->first, to->n_planes, (zps_event_end *)ends, (zps_plane_state *)planes};
    failed = zps_slot_run(e, slot, items, n_items, row, 1, NULL, trace, message) != 0 ||
             api->download(slot->device, to->ends, ends, end_bytes, message) != 0 ||
             api->download(slot->device, to->planes, planes, plane_bytes, message) != 0;
  }
  api->release(slot->device, ends);
  api->release(slot->device, planes);
  free(items);
  free(row);
  return failed ? -1 : 0;
}

zps_status zps_device_engine_trace(zps_device_engine *engine, const zps_tile *tile, const zps_trace *trace,
                                   zps_error *error) {
  char message[ZPS_DEVICE_MESSAGE_SIZE] = "";
  for (uint64_t done = 0; done < tile->n; done += ZPS_TRACE_EVENTS) {
    const uint64_t left = tile->n - done;
    const zps_tile part = {tile->i_mass, 0, tile->first + done, left < ZPS_TRACE_EVENTS ? left : ZPS_TRACE_EVENTS};
    const zps_trace to = {part.first, trace->n_planes, trace->ends + done, trace->planes + (done * trace->n_planes)};
    if (zps_slot_watch(engine, &engine->slots[0], &part, &to, message) != 0) {
      return zps_error_set(error, ZPS_UNAVAILABLE, "%s", message);
    }
  }
  return ZPS_OK;
}

/** Devices with a slot: one that did not open takes no part. */
static int zps_devices_open(const zps_device_engine *e) {
  int n = 0;
  for (size_t i = 0; i < ZPS_MAX_DEVICES; i++) {
    n += e->tables[i].placed ? 1 : 0;
  }
  return n;
}

static void zps_device_engine_name(zps_device_engine *e) {
  const int n_devices = zps_devices_open(e);
  char first[200] = "";
  (void)e->api->describe(e->slots[0].i_device, first, sizeof first);
  if (n_devices > 1) {
    (void)snprintf(e->detail, sizeof e->detail, "%d devices, the first: %s", n_devices, first);
  } else {
    (void)snprintf(e->detail, sizeof e->detail, "%s", first);
  }
}

zps_status zps_device_engine_create(const zps_device_api *api, const char *fault, const zps_setup *setup,
                                    const zps_engine_options *options, zps_device_engine **engine, zps_error *error) {
  char message[ZPS_DEVICE_MESSAGE_SIZE] = "";
  *engine = NULL;
  const int n_devices = api->count(message);
  if (n_devices <= 0) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "%s", message);
  }
  zps_device_engine *const e = (zps_device_engine *)calloc(1, sizeof *e);
  if (e == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "no memory for an engine");
  }
  e->api = api;
  e->setup = setup;
  e->row_size = zps_tally_size((uint32_t)setup->n_triggers);
  e->surface_size = (size_t)zps_surface_size(&setup->placement);
  if (options != NULL) {
    e->options = *options;
  }
  const zps_status status = zps_fault_parse(fault, &e->fault, error);
  for (int s = 0; s < ZPS_SLOTS_PER_DEVICE && status == ZPS_OK; s++) {
    for (int i = 0; i < n_devices && i < ZPS_MAX_DEVICES; i++) {
      zps_slot_open(e, i);
    }
  }
  if (e->n_slots == 0) {
    const zps_status failed = status != ZPS_OK ? status : zps_error_set(error, ZPS_UNAVAILABLE, "%.255s", e->trouble);
    zps_device_engine_destroy(e);
    return failed;
  }
  zps_device_engine_name(e);
  *engine = e;
  return ZPS_OK;
}

const char *zps_device_engine_detail(const zps_device_engine *engine) {
  return engine->detail;
}

const char *zps_device_engine_trouble(const zps_device_engine *engine) {
  return engine->trouble;
}

void zps_device_engine_destroy(zps_device_engine *engine) {
  if (engine == NULL) {
    return;
  }
  for (size_t i = 0; i < ZPS_MAX_DEVICES; i++) {
    zps_tables_release(engine, &engine->tables[i]);
  }
  for (size_t i = 0; i < engine->n_slots; i++) {
    zps_slot_close(engine, &engine->slots[i]);
  }
  if (engine->cpu != NULL) {
    zps_engine_backend_cpu.close(engine->cpu);
  }
  free(engine);
}
