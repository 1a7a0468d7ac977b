#include "host/run/result_merge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/output.h"
#include "host/io/surface.h"
#include "host/run/plan.h"
#include "host/run/previous_run.h"
#include "host/run/ranges.h"
#include "host/run/text_difference.h"

#define NO_PART ((size_t)-1)

/** Everything a merge holds; freed by merge_free() whatever happened. */
typedef struct merge {
  const zps_merge_request *request;
  zps_result *parts; /* [request->n_parts] */
  zps_job job;       /* of the first part, with the most events of any */
  char *job_text;    /* what all parts must agree on */
  zps_mass_range masses;
  zps_range_set *done; /* [masses.end - masses.first] */
  zps_plan plan;
  zps_result result;
  bool has_surfaces;
  zps_surface_facts facts;
  size_t i_open; /* the part whose surfaces are open, or NO_PART */
  zps_surface_file *open;
  uint64_t *cells; /* of one surface of one height and stage */
} merge;

static size_t n_mass(const merge *m) {
  return m->masses.end - m->masses.first;
}

static void merge_free(merge *m) {
  for (size_t i = 0; m->parts != NULL && i < m->request->n_parts; i++) {
    zps_result_free(&m->parts[i]);
  }
  for (size_t i = 0; m->done != NULL && i < n_mass(m); i++) {
    zps_range_set_free(&m->done[i]);
  }
  free(m->parts);
  free(m->done);
  free(m->job_text);
  free(m->cells);
  zps_surface_file_close(m->open);
  zps_plan_free(&m->plan);
  zps_job_free(&m->job);
  zps_result_free(&m->result);
}

/** The job of a part as text without what may differ: how many events, in what pieces, where files lie. */
static zps_status print_comparable(const zps_job *job, char **text, zps_error *error) {
  zps_job comparable = *job;
  comparable.events_per_mass = 1;
  comparable.tile_events = 1;
  comparable.beam.file[0] = '\0';
  for (size_t i = 0; i < comparable.n_elements; i++) {
    comparable.elements[i].field.map[0] = '\0';
  }
  return zps_job_print(&comparable, text, error);
}

static zps_status read_job(const char *path, const zps_result *part, zps_job *job, zps_error *error) {
  return zps_job_read_text(path, part->job_text, strlen(part->job_text), NULL, 0, job, error);
}

static zps_status compare_jobs(merge *m, size_t i, zps_error *error) {
  const char *const path = m->request->parts[i];
  char there[ZPS_TEXT_LINE_SIZE];
  char here[ZPS_TEXT_LINE_SIZE];
  zps_job job;
  char *text = NULL;
  zps_status status = read_job(path, &m->parts[i], &job, error);
  if (status != ZPS_OK) {
    return status;
  }
  ZPS_TRY(print_comparable(&job, &text, error));
  if (zps_text_difference(text, m->job_text, there, here)) {
    status = zps_error_set(error, ZPS_MISMATCH, "%s: of another job: `%s` there, `%s` in %s", path, there, here,
                           m->request->parts[0]);
  } else if (job.events_per_mass > m->job.events_per_mass) {
    m->job.events_per_mass = job.events_per_mass;
  }
done:
  free(text);
  zps_job_free(&job);
  return status;
}

static zps_status check_part(merge *m, size_t i, zps_error *error) {
  const char *const path = m->request->parts[i];
  const char *const first_path = m->request->parts[0];
  const zps_result *const part = &m->parts[i];
  const zps_result *const first = &m->parts[0];
  if (part->provenance.physics_version != ZPS_PHYSICS_VERSION) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with physics version %" PRId64 ", this program has %d", path,
                         part->provenance.physics_version, ZPS_PHYSICS_VERSION);
  }
  if (part->seed != first->seed) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with seed %" PRIu64 ", %s with %" PRIu64, path, part->seed,
                         first_path, first->seed);
  }
  const zps_status status = compare_jobs(m, i, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (strcmp(part->provenance.map_hash, first->provenance.map_hash) != 0) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with another field map than %s: map_hash %s there, %s here",
                         path, first_path, part->provenance.map_hash, first->provenance.map_hash);
  }
  if (part->i_first_mass > m->job.mass_gev.n || part->n_mass > m->job.mass_gev.n - part->i_first_mass) {
    return zps_error_set(error, ZPS_INVALID, "%s: holds %zu masses from mass %" PRIu64 " on, of a job with %zu", path,
                         part->n_mass, part->i_first_mass, m->job.mass_gev.n);
  }
  return ZPS_OK;
}

static zps_status read_parts(merge *m, zps_error *error) {
  const zps_merge_request *const request = m->request;
  zps_status status = ZPS_OK;
  m->parts = (zps_result *)calloc(request->n_parts, sizeof *m->parts);
  if (m->parts == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu parts", request->n_parts);
  }
  ZPS_TRY(zps_result_read(request->parts[0], &m->parts[0], error));
  ZPS_TRY(read_job(request->parts[0], &m->parts[0], &m->job, error));
  ZPS_TRY(print_comparable(&m->job, &m->job_text, error));
  for (size_t i = 0; i < request->n_parts; i++) {
    if (i > 0) {
      ZPS_TRY(zps_result_read(request->parts[i], &m->parts[i], error));
    }
    ZPS_TRY(check_part(m, i, error));
  }
done:
  return status;
}

static bool holds(const zps_result *part, size_t i_mass) {
  return i_mass >= part->i_first_mass && i_mass - part->i_first_mass < part->n_mass;
}

static void find_masses(merge *m) {
  m->masses = (zps_mass_range){SIZE_MAX, 0};
  for (size_t i = 0; i < m->request->n_parts; i++) {
    const size_t first = (size_t)m->parts[i].i_first_mass;
    const size_t end = first + m->parts[i].n_mass;
    m->masses.first = first < m->masses.first ? first : m->masses.first;
    m->masses.end = end > m->masses.end ? end : m->masses.end;
  }
}

static zps_status check_gaps(const merge *m, zps_error *error) {
  for (size_t i = m->masses.first; i < m->masses.end; i++) {
    bool found = false;
    for (size_t j = 0; j < m->request->n_parts && !found; j++) {
      found = holds(&m->parts[j], i);
    }
    if (!found) {
      return zps_error_set(error, ZPS_INVALID,
                           "mass %zu (%g GeV) is in none of the %zu parts, but masses before and after it are: make "
                           "it with run --masses %zu:%zu",
                           i, m->job.mass_gev.values[i], m->request->n_parts, i, i + 1);
    }
  }
  return ZPS_OK;
}

static zps_status check_whole(const merge *m, zps_error *error) {
  const size_t n = m->job.mass_gev.n;
  const zps_mass_range missing =
      m->masses.first > 0 ? (zps_mass_range){0, m->masses.first} : (zps_mass_range){m->masses.end, n};
  if (!m->request->whole || missing.first == missing.end) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "masses %zu:%zu of the %zu of the job are in none of the %zu parts, and --whole asks for all: "
                       "make them with run --masses %zu:%zu",
                       missing.first, missing.end, n, m->request->n_parts, missing.first, missing.end);
}

/** Another part that holds one of these events. */
static const char *owner_of(const merge *m, size_t i_part, const zps_result_range *range) {
  for (size_t i = 0; i <= i_part; i++) {
    for (size_t j = 0; j < m->parts[i].n_range; j++) {
      const zps_result_range *const other = &m->parts[i].ranges[j];
      if (other != range && other->i_mass == range->i_mass && other->first < range->first + range->n &&
          range->first < other->first + other->n) {
        return m->request->parts[i];
      }
    }
  }
  return m->request->parts[i_part];
}

static zps_status add_ranges(merge *m, size_t i_part, zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < m->parts[i_part].n_range && status == ZPS_OK; i++) {
    const zps_result_range *const range = &m->parts[i_part].ranges[i];
    zps_range_set *const set = &m->done[range->i_mass - m->masses.first];
    if (zps_range_set_overlaps(set, range->first, range->n)) {
      return zps_error_set(error, ZPS_INVALID,
                           "%s: holds events of mass %" PRIu64 " that are in %s too: no event may count twice",
                           m->request->parts[i_part], range->i_mass, owner_of(m, i_part, range));
    }
    status = zps_range_set_add(set, range->first, range->n, error);
  }
  return status;
}

static zps_status gather_events(merge *m, zps_error *error) {
  zps_status status = ZPS_OK;
  find_masses(m);
  m->done = (zps_range_set *)calloc(n_mass(m), sizeof *m->done);
  if (m->done == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the ranges of %zu masses", n_mass(m));
  }
  ZPS_TRY(check_gaps(m, error));
  ZPS_TRY(check_whole(m, error));
  for (size_t i = 0; i < m->request->n_parts; i++) {
    ZPS_TRY(add_ranges(m, i, error));
  }
done:
  return status;
}

/** Builds the tables of one part's masses, which is what its table_hash is over. */
static zps_status check_tables(const merge *m, size_t i, zps_error *error) {
  const zps_result *const part = &m->parts[i];
  const zps_mass_range masses = {(size_t)part->i_first_mass, (size_t)part->i_first_mass + part->n_mass};
  const bool is_whole = masses.first == m->masses.first && masses.end == m->masses.end;
  zps_plan plan;
  zps_status status = ZPS_OK;
  if (is_whole) {
    return zps_previous_run_check_plan(part, &m->plan, m->request->parts[i], error);
  }
  status = zps_plan_build(&m->job, masses, m->request->n_threads, &plan, error);
  if (status == ZPS_OK) {
    status = zps_previous_run_check_plan(part, &plan, m->request->parts[i], error);
    zps_plan_free(&plan);
  }
  return status;
}

static zps_status build_tables(merge *m, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_plan_build(&m->job, m->masses, m->request->n_threads, &m->plan, error));
  for (size_t i = 0; i < m->request->n_parts; i++) {
    ZPS_TRY(check_tables(m, i, error));
  }
  ZPS_TRY(zps_plan_result(&m->plan, &m->result, error));
done:
  return status;
}

static zps_status fill_ranges(merge *m, zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < n_mass(m); i++) {
    for (size_t j = 0; j < m->done[i].n && status == ZPS_OK; j++) {
      const zps_range range = m->done[i].ranges[j];
      status = zps_result_add_range(&m->result, m->masses.first + i, range.first, range.n, error);
    }
  }
  return status;
}

static void add_tallies(merge *m) {
  const size_t n_words = zps_tally_size((uint32_t)m->result.n_trigger);
  for (size_t i = 0; i < m->request->n_parts; i++) {
    const zps_result *const part = &m->parts[i];
    for (size_t j = 0; j < part->n_mass; j++) {
      const uint64_t *const from = zps_result_row(part, j);
      uint64_t *const to = zps_result_row(&m->result, (size_t)part->i_first_mass + j - m->masses.first);
      for (size_t k = 0; k < n_words; k++) {
        to[k] += from[k];
      }
    }
  }
}

/** One engine's name, or "mixed". Times and events from journals are sums over the parts, the start is the first. */
static void fill_provenance(merge *m) {
  const zps_merge_request *const request = m->request;
  zps_provenance *const p = &m->result.provenance;
  const zps_provenance *const first = &m->parts[0].provenance;
  (void)snprintf(p->version, sizeof p->version, "%s", ZPS_VERSION);
  (void)snprintf(p->compiler, sizeof p->compiler, "%s", request->compiler);
  (void)snprintf(p->flags, sizeof p->flags, "%s", request->flags);
  (void)snprintf(p->command, sizeof p->command, "%s", request->command);
  (void)snprintf(p->engine, sizeof p->engine, "%s", first->engine);
  (void)snprintf(p->engine_detail, sizeof p->engine_detail, "merged from %zu parts", request->n_parts);
  (void)snprintf(p->host, sizeof p->host, "%s", first->host);
  (void)snprintf(p->start_utc, sizeof p->start_utc, "%s", first->start_utc);
  p->target_error = first->target_error;
  memcpy(p->target_trigger, first->target_trigger, sizeof p->target_trigger);
  p->wall_s = 0.0;
  p->setup_s = 0.0;
  for (size_t i = 0; i < request->n_parts; i++) {
    const zps_provenance *const part = &m->parts[i].provenance;
    if (strcmp(part->engine, p->engine) != 0) {
      (void)snprintf(p->engine, sizeof p->engine, "mixed");
    }
    /* ISO 8601 in UTC sorts as text. */
    if (strcmp(part->start_utc, p->start_utc) < 0) {
      (void)snprintf(p->start_utc, sizeof p->start_utc, "%s", part->start_utc);
    }
    p->n_threads = part->n_threads > p->n_threads ? part->n_threads : p->n_threads;
    if (part->target_error != p->target_error || strcmp(part->target_trigger, p->target_trigger) != 0) {
      p->target_error = 0.0; /* parts of different precision: the whole has none */
      p->target_trigger[0] = '\0';
    }
    p->events_from_journal += part->events_from_journal;
    p->wall_s += part->wall_s;
    p->setup_s += part->setup_s;
  }
}

static bool same_lattice(const zps_lattice *a, const zps_lattice *b) {
  return a->first == b->first && a->n == b->n;
}

static zps_status check_surfaces(merge *m, size_t i, zps_error *error) {
  const char *const path = m->request->parts[i];
  const char *const first_path = m->request->parts[0];
  zps_surface_file *file = NULL;
  zps_surface_facts facts;
  if (zps_surface_file_has(path) != m->has_surfaces) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: %s placement surfaces, %s %s", path,
                         m->has_surfaces ? "has no" : "has", first_path, m->has_surfaces ? "has" : "has none");
  }
  if (!m->has_surfaces) {
    return ZPS_OK;
  }
  const zps_status status = zps_surface_file_open(path, &file, &facts, error);
  zps_surface_file_close(file);
  if (status != ZPS_OK) {
    return status;
  }
  if (i == 0) {
    m->facts = facts;
    m->facts.n_mass = n_mass(m);
  }
  if (!same_lattice(&facts.placement.first, &m->facts.placement.first) ||
      !same_lattice(&facts.placement.last, &m->facts.placement.last) || facts.placement.n_y != m->facts.placement.n_y) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: its placement surfaces have another lattice than those of %s", path,
                         first_path);
  }
  return ZPS_OK;
}

static zps_status look_at_surfaces(merge *m, zps_error *error) {
  zps_status status = ZPS_OK;
  m->has_surfaces = zps_surface_file_has(m->request->parts[0]);
  for (size_t i = 0; i < m->request->n_parts && status == ZPS_OK; i++) {
    status = check_surfaces(m, i, error);
  }
  if (status == ZPS_OK && m->has_surfaces) {
    m->cells = (uint64_t *)malloc((size_t)zps_placement_cells(&m->facts.placement) * sizeof *m->cells);
    status = m->cells != NULL ? ZPS_OK : zps_error_set(error, ZPS_MEMORY, "out of memory for a placement surface");
  }
  return status;
}

static zps_status open_surfaces(merge *m, size_t i_part, zps_error *error) {
  zps_surface_facts ignored;
  if (m->i_open == i_part) {
    return ZPS_OK;
  }
  zps_surface_file_close(m->open);
  m->open = NULL;
  m->i_open = NO_PART;
  const zps_status status = zps_surface_file_open(m->request->parts[i_part], &m->open, &ignored, error);
  m->i_open = status == ZPS_OK ? i_part : NO_PART;
  return status;
}

static zps_status add_surface(merge *m, size_t i_part, size_t i_mass, uint64_t *surface, zps_error *error) {
  const size_t n_cells = (size_t)zps_placement_cells(&m->facts.placement);
  const size_t n_layers = (size_t)m->facts.placement.n_y * ZPS_N_SURFACE;
  zps_status status = ZPS_OK;
  ZPS_TRY(open_surfaces(m, i_part, error));
  for (size_t i = 0; i < n_layers; i++) {
    ZPS_TRY(zps_surface_file_read(m->open, i_mass - (size_t)m->parts[i_part].i_first_mass, i / ZPS_N_SURFACE,
                                  (enum zps_surface_stage)(i % ZPS_N_SURFACE), m->cells, error));
    for (size_t j = 0; j < n_cells; j++) {
      surface[(i * n_cells) + j] += m->cells[j];
    }
  }
done:
  return status;
}

static zps_status read_surface(void *context, size_t i_mass, uint64_t *surface, zps_error *error) {
  merge *const m = (merge *)context;
  zps_status status = ZPS_OK;
  memset(surface, 0, (size_t)zps_surface_size(&m->facts.placement) * sizeof *surface);
  for (size_t i = 0; i < m->request->n_parts && status == ZPS_OK; i++) {
    if (holds(&m->parts[i], m->masses.first + i_mass)) {
      status = add_surface(m, i, m->masses.first + i_mass, surface, error);
    }
  }
  return status;
}

static zps_status write_file(merge *m, zps_error *error) {
  const zps_surface_source source = {m->facts, read_surface, m};
  zps_provenance *const p = &m->result.provenance;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_tally_hash(&m->result, p->tally_hash, error));
  ZPS_TRY(zps_result_content_hash(&m->result, p->content_hash, error));
  ZPS_TRY(zps_result_write_placed(m->request->output, &m->job, &m->result, m->has_surfaces ? &source : NULL,
                                  m->request->force, error));
done:
  return status;
}

/** Worth knowing: the whole is only part of the job, or uneven. */
static void tell(const merge *m) {
  char text[ZPS_ERROR_TEXT_SIZE];
  if (m->request->warn != NULL && n_mass(m) < m->job.mass_gev.n) {
    (void)snprintf(text, sizeof text, "%s: holds masses %zu:%zu of the %zu of its job", m->request->output,
                   m->masses.first, m->masses.end, m->job.mass_gev.n);
    m->request->warn(m->request->warn_context, text);
  }
}

static zps_status keep_parts(const zps_merge_request *request, zps_error *error) {
  for (size_t i = 0; i < request->n_parts; i++) {
    if (zps_output_is_same(request->parts[i], request->output)) {
      return zps_error_set(error, ZPS_USAGE, "--output %s: is one of the parts: expected another file",
                           request->output);
    }
  }
  return ZPS_OK;
}

static zps_status merge_all(merge *m, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(keep_parts(m->request, error));
  ZPS_TRY(zps_output_check(m->request->output, m->request->force, error));
  ZPS_TRY(read_parts(m, error));
  ZPS_TRY(gather_events(m, error));
  ZPS_TRY(look_at_surfaces(m, error));
  ZPS_TRY(build_tables(m, error));
  ZPS_TRY(fill_ranges(m, error));
  add_tallies(m);
  fill_provenance(m);
  ZPS_TRY(write_file(m, error));
  tell(m);
done:
  return status;
}

zps_status zps_result_merge(const zps_merge_request *request, zps_result *result, zps_error *error) {
  merge m;
  memset(&m, 0, sizeof m);
  m.request = request;
  m.i_open = NO_PART;
  *result = (zps_result){.n_mass = 0};
  const zps_status status = merge_all(&m, error);
  if (status == ZPS_OK) {
    *result = m.result;
    m.result = (zps_result){.n_mass = 0};
  }
  merge_free(&m);
  return status;
}
