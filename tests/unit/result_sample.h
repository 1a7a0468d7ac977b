/* A made-up result with plausible shapes, for the tests of io and plot. */
#ifndef ZPS_TEST_RESULT_SAMPLE_H
#define ZPS_TEST_RESULT_SAMPLE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/io/signal.h"
#include "host/stats/widths.h"

/** Next of a fixed sequence of 64-bit numbers (Marsaglia, J. Stat. Soft. 8 (2003) 14: xorshift). */
static inline uint64_t result_sample_next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/** Cut-flow of one trigger: rises to a plateau and falls, as the experiment's does. */
static inline void result_sample_cutflow(uint64_t *row, uint32_t i_trigger, double mass_gev, uint64_t events,
                                         uint64_t *state) {
  const double rise = mass_gev / (mass_gev + 0.12);
  const double share = (i_trigger == 0 ? 0.17 : 0.21) * rise / (1.0 + pow(mass_gev / 3.0, 2.0));
  const double passed[ZPS_N_STAGE] = {0.998, 0.997, 0.95, 2.5 * share, 1.8 * share, 1.3 * share, share};
  for (uint32_t stage = 0; stage < ZPS_N_STAGE; stage++) {
    const double jitter = stage == ZPS_STAGE_ACCEPTED ? ((double)(result_sample_next(state) % 1000) - 500.0) / 500.0 *
                                                            sqrt(passed[stage] * (double)events)
                                                      : 0.0;
    const double count = (passed[stage] * (double)events) + jitter;
    row[zps_tally_stage(i_trigger, stage, 0)] = count > 0.0 ? (uint64_t)count : 0;
    row[zps_tally_stage(i_trigger, stage, 1)] = (uint64_t)(1.05 * count * (count > 0.0 ? 1.0 : 0.0));
  }
}

static inline void result_sample_row(zps_result *result, size_t i_mass, uint64_t events, uint64_t *state) {
  const uint32_t n_trigger = (uint32_t)result->n_trigger;
  uint64_t *row = zps_result_row(result, i_mass);
  for (uint32_t i = 0; i < n_trigger; i++) {
    result_sample_cutflow(row, i, result->mass_gev[i_mass], events, state);
  }
  row[zps_tally_fate(n_trigger, ZPS_FATE_ARRIVED)] = events;
  row[zps_tally_events(n_trigger)] = events;
  for (uint32_t i = zps_tally_bin(n_trigger, 0, 0, 0); i < zps_tally_size(n_trigger); i++) {
    row[i] = result_sample_next(state) % (events + 1);
  }
}

static inline void result_sample_text(char *text, size_t size, const char *value) {
  (void)snprintf(text, size, "%s", value);
}

static inline void result_sample_provenance(zps_provenance *provenance) {
  result_sample_text(provenance->version, sizeof provenance->version, "0.1.0");
  result_sample_text(provenance->compiler, sizeof provenance->compiler, "gcc 12.2.0");
  result_sample_text(provenance->flags, sizeof provenance->flags, "-O3");
  result_sample_text(provenance->engine, sizeof provenance->engine, "cpu");
  result_sample_text(provenance->command, sizeof provenance->command, "zpscan run sample.yaml");
  result_sample_text(provenance->start_utc, sizeof provenance->start_utc, "2024-05-01T12:00:00Z");
  result_sample_text(provenance->job_hash, sizeof provenance->job_hash, "0123456789abcdef0123456789abcdef");
  provenance->physics_version = 1;
  provenance->n_threads = 2;
  provenance->wall_s = 1.5;
  provenance->setup_s = 0.25;
  provenance->events_from_journal = 7;
  provenance->target_error = 0.03;
  result_sample_text(provenance->target_trigger, sizeof provenance->target_trigger, "one of them");
}

/** The job of a sample: dark matter, and what its triggers say. */
static inline void result_sample_job(const zps_result *result, zps_job *job) {
  memset(job, 0, sizeof *job);
  job->process.kind = ZPS_PROCESS_Z_PRIME;
  job->process.dark_matter = ZPS_DARK_DIRAC;
  job->process.g_chi = 0.05;
  job->process.dark_mass_ratio = 1.0 / 3.0;
  job->n_triggers = result->n_trigger;
  for (size_t i = 0; i < result->n_trigger; i++) {
    zps_job_trigger *const trigger = &job->triggers[i];
    memcpy(trigger->name, result->triggers[i].name, sizeof trigger->name);
    trigger->n_mot = result->triggers[i].n_mot;
    trigger->live_factor = result->triggers[i].live_factor;
    trigger->tracking_factor = result->triggers[i].tracking_factor;
  }
}

/** Writes a sample with its job. */
static inline zps_status result_sample_write(const char *path, const zps_result *result, bool force, zps_error *error) {
  static zps_job job;
  result_sample_job(result, &job);
  return zps_result_write(path, &job, result, force, error);
}

/** Fills *result; free it with zps_result_free(). Masses 1 MeV - 3 GeV, couplings 1e-5 - 1e-1, both logarithmic. */
static inline zps_status result_sample(zps_result *result, size_t n_mass, size_t n_coupling, size_t n_trigger,
                                       zps_error *error) {
  const uint64_t events = 20000;
  uint64_t state = 88172645463325252ULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_result_allocate(result, n_mass, n_coupling, n_trigger, error));
  result->i_first_mass = 3;
  result->seed = 0xfedcba9876543210ULL;
  result->job_text = strdup("seed: 1\n# \xce\xbc and a \"quote\"\n");
  result->nuclei_per_pb = 7.422e-13;
  result->x_min = 0.5;
  for (size_t i = 0; i < n_trigger; i++) {
    (void)snprintf(result->triggers[i].name, ZPS_NAME_SIZE, "smu%u", 152 - (35 * (unsigned)i));
    result->triggers[i].n_mot = i == 0 ? 11.7e9 : 8.1e9;
    result->triggers[i].live_factor = 0.87;
    result->triggers[i].tracking_factor = 1.0;
  }
  for (size_t j = 0; j < n_coupling; j++) {
    result->coupling[j] = pow(10.0, -5.0 + (4.0 * (double)j / (double)(n_coupling > 1 ? n_coupling - 1 : 1)));
  }
  for (size_t i = 0; i < n_mass; i++) {
    const double mass = 1e-3 * pow(3e3, (double)i / (double)(n_mass > 1 ? n_mass - 1 : 1));
    result->mass_gev[i] = mass;
    result->sigma_pb[i] = 1e11 / (1.0 + pow(mass / 0.03, 1.5)) / (1.0 + pow(mass, 3.0));
    result->sigma_error_pb[i] = 1e-5 * result->sigma_pb[i];
    result->x_fraction[i] = 0.6 + (0.3 * mass / (mass + 0.1));
    for (size_t j = 0; j < n_coupling; j++) {
      result->branching[(i * n_coupling) + j] =
          zps_branching_invisible(mass, result->coupling[j], ZPS_DARK_DIRAC, 0.05, 1.0 / 3.0);
    }
    result_sample_row(result, i, events, &state);
    ZPS_TRY(zps_result_add_range(result, result->i_first_mass + i, 0, events, error));
  }
  result_sample_provenance(&result->provenance);
done:
  return status;
}

#endif
