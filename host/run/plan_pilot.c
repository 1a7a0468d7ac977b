#include "host/run/plan_pilot.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/engine.h"
#include "host/run/stop_signal.h"
#include "host/tables/emission_table.h"
#include "kernels/tally.h"

/** What the pilots of all masses share: an engine on a setup whose "masses" are the columns of one mass. */
typedef struct pilot {
  zps_setup setup;
  zps_emission *columns; /* [ZPS_N_A] */
  uint64_t *rows;        /* [ZPS_N_A][zps_tally_size(n_triggers)] */
  zps_engine *engine;
} pilot;

static zps_status pilot_open(const zps_setup *setup, int n_threads, pilot *p, zps_error *error) {
  const zps_engine_options options = {.n_threads = n_threads};
  p->columns = (zps_emission *)calloc(ZPS_N_A, sizeof *p->columns);
  p->rows = (uint64_t *)calloc((size_t)ZPS_N_A * zps_tally_size((uint32_t)setup->n_triggers), sizeof *p->rows);
  if (p->columns == NULL || p->rows == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a pilot");
  }
  p->setup = *setup;
  p->setup.emission = p->columns;
  p->setup.n_masses = ZPS_N_A;
  return zps_engine_create("cpu", &p->setup, &options, &p->engine, error);
}

static void pilot_close(pilot *p) {
  zps_engine_destroy(p->engine);
  free(p->columns);
  free(p->rows);
}

/** Leaves the counts of n_events in every column of one mass in the rows. */
static zps_status pilot_count(pilot *p, uint64_t n_events, const zps_emission *emission, zps_error *error) {
  zps_tile tiles[ZPS_N_A];
  for (uint32_t i = 0; i < ZPS_N_A; i++) {
    double favour[ZPS_N_A] = {0.0};
    favour[i] = 1.0;
    p->columns[i] = *emission;
    zps_emission_favour_columns(favour, &p->columns[i]);
    tiles[i] = (zps_tile){.i_mass = i, .first = ZPS_PILOT_FIRST_EVENT + (i * n_events), .n = n_events};
  }
  return zps_engine_run(p->engine, tiles, ZPS_N_A, p->rows, NULL, error);
}

/** Of a trigger that accepted nothing in any column the pilot knows nothing, and it would make all columns alike. */
static bool trigger_is_seen(const uint64_t *rows, size_t size, uint32_t i_trigger) {
  uint64_t accepted = 0;
  for (size_t i = 0; i < ZPS_N_A; i++) {
    accepted += rows[(i * size) + zps_tally_stage(i_trigger, ZPS_STAGE_ACCEPTED, 0)];
  }
  return accepted > 0;
}

/** Efficiency of a trigger in a column, of what the events seen leave possible. */
static double column_efficiency(const uint64_t *row, uint32_t i_trigger, uint64_t n_events) {
  const double generated = (double)row[zps_tally_stage(i_trigger, ZPS_STAGE_GENERATED, 0)];
  const double accepted = (double)row[zps_tally_stage(i_trigger, ZPS_STAGE_ACCEPTED, 0)];
  return (accepted + 1.0) / (zps_max(generated, (double)n_events) + 2.0);
}

/** Adds a trigger's s^2 of every column. */
static void add_spreads(const double share[ZPS_N_A], const double p[ZPS_N_A], double spread2[ZPS_N_A]) {
  double eps = 0.0;
  for (int i = 0; i < ZPS_N_A; i++) {
    eps = eps + (share[i] * p[i]);
  }
  for (int i = 0; i < ZPS_N_A; i++) {
    const double passed = p[i] * ((1.0 - eps) * (1.0 - eps));
    const double failed = (1.0 - p[i]) * (eps * eps);
    spread2[i] = spread2[i] + ((passed + failed) / (eps * eps));
  }
}

void zps_pilot_weights(const double share[ZPS_N_A], const uint64_t *rows, uint32_t n_trigger, uint64_t n_events,
                       double weight[ZPS_N_A]) {
  const size_t size = zps_tally_size(n_trigger);
  double spread2[ZPS_N_A] = {0.0};
  double most = 0.0;
  for (uint32_t t = 0; t < n_trigger; t++) {
    double p[ZPS_N_A];
    if (!trigger_is_seen(rows, size, t)) {
      continue;
    }
    for (size_t i = 0; i < ZPS_N_A; i++) {
      p[i] = column_efficiency(&rows[i * size], t, n_events);
    }
    add_spreads(share, p, spread2);
  }
  for (int i = 0; i < ZPS_N_A; i++) {
    most = zps_max(most, spread2[i]);
  }
  for (int i = 0; i < ZPS_N_A; i++) {
    weight[i] = most > 0.0 ? ZPS_PILOT_LEAST_K * zps_sqrt(most / spread2[i]) : ZPS_PILOT_LEAST_K;
  }
}

static zps_status pilot_mass(pilot *p, uint64_t n_events, zps_emission *emission, double weight[ZPS_N_A],
                             zps_error *error) {
  double share[ZPS_N_A];
  double favour[ZPS_N_A];
  const zps_status status = pilot_count(p, n_events, emission, error);
  if (status != ZPS_OK) {
    return status;
  }
  zps_emission_column_shares(emission, share);
  zps_pilot_weights(share, p->rows, (uint32_t)p->setup.n_triggers, n_events, weight);
  for (int i = 0; i < ZPS_N_A; i++) {
    favour[i] = 1.0 / weight[i];
  }
  zps_emission_favour_columns(favour, emission);
  return ZPS_OK;
}

zps_status zps_plan_pilot(const zps_setup *setup, uint64_t n_events, int n_threads, size_t n_mass,
                          zps_emission *emission, double *column_weight, zps_error *error) {
  pilot p;
  zps_status status = ZPS_OK;
  memset(&p, 0, sizeof p);
  ZPS_TRY(pilot_open(setup, n_threads, &p, error));
  for (size_t i = 0; i < n_mass; i++) {
    if (zps_stop_signal_requested(NULL) != 0) {
      status = zps_error_set(error, ZPS_INTERRUPTED, "interrupted in the pilot of mass %zu of %zu", i + 1, n_mass);
      goto done;
    }
    ZPS_TRY(pilot_mass(&p, n_events, &emission[i], &column_weight[i * ZPS_N_A], error));
  }
done:
  pilot_close(&p);
  return status;
}
