#include "host/run/surface_total.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/placement_lattice.h"
#include "host/run/journal_index.h"
#include "host/run/previous_run.h"

struct zps_surface_total {
  const zps_plan *plan;
  uint32_t row_size;        /* tallies in front of the surface in a journal's row */
  zps_surface_file *before; /* NULL: nothing is extended */
  zps_journal_index *index;
  zps_range_set *done; /* [plan->n_mass], as the index found them */
  zps_surface_facts facts;
};

static zps_status total_read(void *context, size_t i_mass, uint64_t *surface, zps_error *error) {
  const zps_surface_total *const t = (const zps_surface_total *)context;
  const zps_placement *const placement = &t->plan->setup.placement;
  const size_t n_cells = (size_t)zps_placement_cells(placement);
  const size_t size = (size_t)zps_surface_size(placement);
  const size_t n_parts = (size_t)placement->n_y * ZPS_N_SURFACE;
  zps_status status = ZPS_OK;
  memset(surface, 0, size * sizeof *surface);
  for (size_t i = 0; t->before != NULL && i < n_parts; i++) {
    ZPS_TRY(zps_surface_file_read(t->before, i_mass, i / ZPS_N_SURFACE, (enum zps_surface_stage)(i % ZPS_N_SURFACE),
                                  surface + (i * n_cells), error));
  }
  ZPS_TRY(
      zps_journal_index_add(t->index, (uint32_t)(t->plan->masses.first + i_mass), t->row_size, size, surface, error));
done:
  return status;
}

static void describe(const zps_plan *plan, zps_surface_facts *facts) {
  const zps_job *const job = plan->job;
  const zps_job_trigger *const trigger = &job->triggers[0];
  facts->n_mass = plan->n_mass;
  facts->placement = plan->setup.placement;
  facts->width_first_mm = trigger->counters[0].width_mm;
  facts->width_last_mm = trigger->counters[trigger->n_counters - 1].width_mm;
  for (size_t i = 0; i < zps_placement_n_heights(job); i++) {
    facts->y_offset_mm[i] = zps_placement_height_first(job, i);
  }
}

static zps_status check_events(const zps_surface_total *t, const char *output, const zps_range_set *done,
                               zps_error *error) {
  uint64_t n_found = 0;
  uint64_t n_expected = 0;
  for (size_t i = 0; i < t->plan->n_mass; i++) {
    n_found += zps_range_set_total(&t->done[i]);
    n_expected += zps_range_set_total(&done[i]);
  }
  return n_found == n_expected
             ? ZPS_OK
             : zps_error_set(error, ZPS_IO, "%s: its journals hold surfaces of %" PRIu64 " events, expected %" PRIu64,
                             output, n_found, n_expected);
}

zps_status zps_surface_total_create(const zps_plan *plan, const char *output, const zps_journal_identity *identity,
                                    const zps_result *before, const zps_range_set *done, zps_surface_total **total,
                                    zps_error *error) {
  zps_surface_total *const t = (zps_surface_total *)calloc(1, sizeof *t);
  zps_surface_facts before_facts;
  zps_status status = ZPS_OK;
  *total = NULL;
  if (t == NULL || (t->done = (zps_range_set *)calloc(plan->n_mass, sizeof *t->done)) == NULL) {
    free(t);
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the ranges of %zu masses", plan->n_mass);
  }
  t->plan = plan;
  t->row_size = identity->row_size - (uint32_t)zps_surface_size(&plan->setup.placement);
  describe(plan, &t->facts);
  if (before != NULL) {
    ZPS_TRY(zps_previous_run_ranges(before, t->done, error));
    ZPS_TRY(zps_surface_file_open(output, &t->before, &before_facts, error));
    ZPS_TRY(zps_surface_file_verify(t->before, &before_facts, &t->facts, error));
  }
  ZPS_TRY(zps_journal_index_create(output, identity, (uint32_t)plan->masses.first, (uint32_t)plan->n_mass, t->done,
                                   &t->index, error));
  ZPS_TRY(check_events(t, output, done, error));
  *total = t;
done:
  if (status != ZPS_OK) {
    zps_surface_total_destroy(t);
  }
  return status;
}

zps_surface_source zps_surface_total_source(zps_surface_total *total) {
  const zps_surface_source source = {total->facts, total_read, total};
  return source;
}

void zps_surface_total_destroy(zps_surface_total *total) {
  if (total == NULL) {
    return;
  }
  for (size_t i = 0; i < total->plan->n_mass; i++) {
    zps_range_set_free(&total->done[i]);
  }
  free(total->done);
  zps_journal_index_destroy(total->index);
  zps_surface_file_close(total->before);
  free(total);
}
