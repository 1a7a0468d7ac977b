#include "host/run/previous_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/output.h"
#include "host/run/journal_list.h"
#include "host/run/lock.h"
#include "host/run/text_difference.h"

/* The same refusals as zps_journal_open()'s, before any table is made. */
static zps_status refuse_journal(const char *path, zps_error *error) {
  zps_lock_state state = ZPS_LOCK_UNSUPPORTED;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    return zps_error_set(error, ZPS_IO, "%s: cannot open this journal: %s", path, strerror(errno));
  }
  zps_status status = zps_lock_take(fd, path, false, &state, error);
  (void)close(fd);
  if (status == ZPS_OK && state == ZPS_LOCK_BUSY) {
    status = zps_error_set(error, ZPS_FAILURE, "%s: another process is writing this output", path);
  } else if (status == ZPS_OK) {
    status = zps_error_set(error, ZPS_FAILURE,
                           "%s: the journal of an interrupted run is here: continue that run with --resume, or delete "
                           "this file to start again",
                           path);
  }
  return status;
}

static zps_status look_for_journal(const zps_run_request *request, zps_previous_run *previous, zps_error *error) {
  zps_journal_list list = {NULL, 0};
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_journal_list_find(request->output, &list, error));
  previous->has_journal = list.n > 0;
  if (previous->has_journal && !request->resume) {
    ZPS_TRY(refuse_journal(list.paths[0], error));
  }
done:
  zps_journal_list_free(&list);
  return status;
}

static zps_status compare_texts(const zps_run_request *request, const char *a, const char *b, zps_error *error) {
  char there[ZPS_TEXT_LINE_SIZE];
  char here[ZPS_TEXT_LINE_SIZE];
  return zps_text_difference(a, b, there, here)
             ? zps_error_set(error, ZPS_MISMATCH, "%s: the result of another job: `%s` there, `%s` in %s",
                             request->output, there, here, request->job->file)
             : ZPS_OK;
}

static zps_status check_job_text(const zps_run_request *request, const zps_result *result, zps_error *error) {
  zps_job before;
  char *there = NULL;
  char *here = NULL;
  zps_status status =
      zps_job_read_text(request->output, result->job_text, strlen(result->job_text), NULL, 0, &before, error);
  if (status != ZPS_OK) {
    return status;
  }
  ZPS_TRY(zps_plan_identity_text(&before, &there, error));
  ZPS_TRY(zps_plan_identity_text(request->job, &here, error));
  ZPS_TRY(compare_texts(request, there, here, error));
done:
  free(there);
  free(here);
  zps_job_free(&before);
  return status;
}

static zps_status check_same_job(const zps_run_request *request, const zps_result *result, zps_error *error) {
  const zps_mass_range all = {0, request->job->mass_gev.n};
  const zps_mass_range masses = request->masses.end > 0 ? request->masses : all;
  if (result->provenance.physics_version != ZPS_PHYSICS_VERSION) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with physics version %" PRId64 ", this program has %d",
                         request->output, result->provenance.physics_version, ZPS_PHYSICS_VERSION);
  }
  if (result->seed != request->job->seed) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with seed %" PRIu64 ", this run has %" PRIu64, request->output,
                         result->seed, request->job->seed);
  }
  const zps_status status = check_job_text(request, result, error);
  if (status != ZPS_OK) {
    return status;
  }
  if (result->i_first_mass != masses.first || result->n_mass != masses.end - masses.first) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: holds masses %" PRIu64 ":%" PRIu64 ", this run has %zu:%zu",
                         request->output, result->i_first_mass, result->i_first_mass + result->n_mass, masses.first,
                         masses.end);
  }
  return ZPS_OK;
}

static void free_sets(zps_range_set *sets, size_t n) {
  for (size_t i = 0; sets != NULL && i < n; i++) {
    zps_range_set_free(&sets[i]);
  }
  free(sets);
}

static zps_status check_events(const zps_run_request *request, zps_previous_run *previous, zps_error *error) {
  const zps_result *const result = &previous->result;
  const uint64_t wanted = request->job->events_per_mass;
  uint64_t fewest = UINT64_MAX;
  bool is_enough = true;
  zps_status status = ZPS_OK;
  zps_range_set *const done = (zps_range_set *)calloc(result->n_mass, sizeof *done);
  if (done == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "%s: out of memory for its ranges", request->output);
  }
  ZPS_TRY(zps_previous_run_ranges(result, done, error));
  for (size_t i = 0; i < result->n_mass; i++) {
    const uint64_t total = zps_range_set_total(&done[i]);
    fewest = total < fewest ? total : fewest;
    if (zps_range_set_end(&done[i]) > wanted) {
      status = zps_error_set(error, ZPS_MISMATCH,
                             "%s: holds %" PRIu64 " events per mass, more than the %" PRIu64 " asked for",
                             request->output, total, wanted);
      goto done;
    }
    is_enough = is_enough && total == zps_target_events(&request->target, zps_result_row(result, i),
                                                        (uint32_t)result->n_trigger, &done[i], wanted);
  }
  previous->is_finished = is_enough;
  if (!previous->is_finished && !request->extend) {
    status = zps_error_set(error, ZPS_MISMATCH,
                           "%s: holds %" PRIu64 " of %s%" PRIu64 " events per mass: give --extend to add the others",
                           request->output, fewest, request->target.error > 0.0 ? "up to " : "", wanted);
  }
done:
  free_sets(done, result->n_mass);
  return status;
}

static zps_status read_result(const zps_run_request *request, zps_previous_run *previous, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_read(request->output, &previous->result, error));
  ZPS_TRY(check_same_job(request, &previous->result, error));
  ZPS_TRY(check_events(request, previous, error));
  previous->has_result = true;
done:
  if (status != ZPS_OK) {
    zps_result_free(&previous->result);
  }
  return status;
}

/* A new run: a file in the way could also be what the user meant to add to. */
static zps_status check_new_output(const zps_run_request *request, bool is_file, zps_error *error) {
  const zps_status status = zps_output_check(request->output, request->force || is_file, error);
  if (status != ZPS_OK || !is_file || request->force) {
    return status;
  }
  return zps_error_set(error, ZPS_INVALID, "%s: exists; give --force to replace it, --extend to add events to it",
                       request->output);
}

static zps_status look_at_output(const zps_run_request *request, zps_previous_run *previous, zps_error *error) {
  struct stat facts;
  zps_error in_the_way = {ZPS_OK, ""};
  previous->has_output = stat(request->output, &facts) == 0;
  if (!previous->has_output && request->extend) {
    return zps_error_set(error, ZPS_INVALID, "%s: no result here to extend: %s", request->output, strerror(errno));
  }
  if (!previous->has_output || (!request->resume && !request->extend)) {
    return check_new_output(request, previous->has_output && S_ISREG(facts.st_mode), error);
  }
  const zps_status status = zps_output_check(request->output, true, error);
  if (status != ZPS_OK || read_result(request, previous, &in_the_way) == ZPS_OK) {
    return status;
  }
  /* A forced run that is resumed finds the file it was told to replace. */
  return request->force && !request->extend ? ZPS_OK : zps_error_set(error, in_the_way.status, "%s", in_the_way.text);
}

zps_status zps_previous_run_look(const zps_run_request *request, zps_previous_run *previous, zps_error *error) {
  *previous = (zps_previous_run){.has_output = false};
  const zps_status status = look_for_journal(request, previous, error);
  return status == ZPS_OK ? look_at_output(request, previous, error) : status;
}

void zps_previous_run_free(zps_previous_run *previous) {
  zps_result_free(&previous->result);
  *previous = (zps_previous_run){.has_output = false};
}

zps_status zps_previous_run_ranges(const zps_result *result, zps_range_set *done, zps_error *error) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < result->n_range && status == ZPS_OK; i++) {
    const zps_result_range *const range = &result->ranges[i];
    status = zps_range_set_add(&done[range->i_mass - result->i_first_mass], range->first, range->n, error);
  }
  return status;
}

zps_status zps_previous_run_check_plan(const zps_result *result, const zps_plan *plan, const char *output,
                                       zps_error *error) {
  const zps_provenance *const p = &result->provenance;
  if (strcmp(p->job_hash, plan->job_hash) != 0) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: the result of another job: job_hash %s there, %s here", output,
                         p->job_hash, plan->job_hash);
  }
  if (strcmp(p->map_hash, plan->map_hash) != 0) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with another field map: map_hash %s there, %s here", output,
                         p->map_hash, plan->map_hash);
  }
  if (strcmp(p->table_hash, plan->table_hash) != 0) {
    return zps_error_set(error, ZPS_MISMATCH, "%s: made with other tables: table_hash %s there, %s here", output,
                         p->table_hash, plan->table_hash);
  }
  return ZPS_OK;
}
