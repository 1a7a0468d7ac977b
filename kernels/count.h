/* How a finished muon is counted: the cut-flow and the histograms of its mass (layout: kernels/tally.h), and the
 * surface of its mass (layout: kernels/placement.h). */
#ifndef ZPS_COUNT_H
#define ZPS_COUNT_H

#include "kernels/muon.h"

#define ZPS_LN_10 2.302585092994046

/** Bin of value in ZPS_N_BIN uniform bins from lo to hi; the outer bins hold what lies outside. */
ZPS_HD uint32_t zps_bin(double value, double lo, double hi) {
  const double bin = ((value - lo) / (hi - lo)) * (double)ZPS_N_BIN;
  return (uint32_t)(int32_t)zps_clamp(bin, 0.0, (double)(ZPS_N_BIN - 1)); /* signed, for vector code */
}

/** Bin of 2 sin(psi/2). By itself, because it costs a logarithm that does not change once the muon is emitted. */
ZPS_HD uint32_t zps_psi_bin(double psi) {
  const double log_psi = zps_log(zps_max(psi, 1e-30));
  return zps_bin(log_psi, (ZPS_BIN_LOG10_PSI_LO * ZPS_LN_10), (ZPS_BIN_LOG10_PSI_HI * ZPS_LN_10));
}

/** Adds k to the histograms of one stage, for the quantities the muon has. */
ZPS_HD void zps_tally_histograms(uint32_t n_trigger, uint32_t stage, const zps_muon *m, uint32_t psi_bin, uint64_t k,
                                 uint64_t *row) {
  zps_add(&row[zps_tally_bin(n_trigger, stage, ZPS_QUANTITY_PSI, psi_bin)], k);
  if (m->p_out < ZPS_UNMEASURED) {
    zps_add(&row[zps_tally_bin(n_trigger, stage, ZPS_QUANTITY_P_OUT, zps_bin(m->p_out, 0.0, ZPS_BIN_P_OUT_HI))], k);
  }
  if (m->x_first < ZPS_UNMEASURED) {
    zps_add(&row[zps_tally_bin(n_trigger, stage, ZPS_QUANTITY_X_S4,
                               zps_bin(m->x_first, -ZPS_BIN_X_S4_HI, ZPS_BIN_X_S4_HI))],
            k);
  }
  if (m->x_last < ZPS_UNMEASURED) {
    zps_add(&row[zps_tally_bin(n_trigger, stage, ZPS_QUANTITY_X_SMU,
                               zps_bin(m->x_last, -ZPS_BIN_X_SMU_HI, ZPS_BIN_X_SMU_HI))],
            k);
    zps_add(&row[zps_tally_bin(n_trigger, stage, ZPS_QUANTITY_E_CAL, zps_bin(m->e_cal, 0.0, ZPS_BIN_E_CAL_HI))], k);
  }
}

/** Number of stages of trigger t passed (at least 1). */
ZPS_HD uint32_t zps_stages_passed(const zps_setup *setup, int32_t t, const zps_muon *m) {
  const uint64_t counters = (m->hits >> (ZPS_MAX_TRIGGER_PLANES * t)) & 15U;
  const uint64_t all = ((uint64_t)1 << setup->triggers[t].n_counters) - 1;
  const uint64_t in_window = m->fate != ZPS_FATE_OUT_OF_WINDOW;
  const uint64_t measured = in_window & (uint64_t)(m->p_out < ZPS_UNMEASURED);
  const uint64_t in_s4 = measured & counters & 1U;
  const uint64_t in_coincidence = in_s4 & (uint64_t)(counters == all && m->fate != ZPS_FATE_MISSED_REQUIRED);
  const uint64_t soft = in_coincidence & (uint64_t)(m->p_out <= setup->selection.p_out_max_gev);
  const uint64_t accepted = soft & (uint64_t)(m->e_cal < setup->selection.e_cal_max_gev);
  return (uint32_t)(1 + in_window + measured + in_s4 + in_coincidence + soft + accepted);
}

/** p_out and E_CAL inside the cuts of the signal box. */
ZPS_HD int zps_in_signal_box(const zps_setup *setup, const zps_muon *m) {
  const int soft = m->p_out <= setup->selection.p_out_max_gev;
  const int quiet = m->e_cal < setup->selection.e_cal_max_gev;
  return soft & quiet;
}

/** Adds a muon that crossed both planes of the placement to the surface of its mass (layout: kernels/placement.h). The
 *  conditions are those of zps_stages_passed(), without what the two counters say in x. */
ZPS_HD void zps_count_position(const zps_setup *setup, const zps_muon *m, uint64_t *surface) {
  const zps_placement *const placement = &setup->placement;
  const uint64_t k = (uint64_t)m->k;
  const int measured = m->fate != ZPS_FATE_OUT_OF_WINDOW && m->p_out < ZPS_UNMEASURED;
  const int crossed = m->x_first < ZPS_UNMEASURED && m->x_last < ZPS_UNMEASURED;
  const int others = (m->hits & placement->others) == placement->others && m->fate != ZPS_FATE_MISSED_REQUIRED;
  if (placement->n_y == 0 || k == 0 || !measured || !crossed || !others) {
    return;
  }
  const int64_t first = zps_lattice_cell(&placement->first, m->x_first);
  const int64_t last = zps_lattice_cell(&placement->last, m->x_last);
  for (int64_t i = 0; i < placement->n_y; i++) {
    if (((m->hits >> (ZPS_PLACEMENT_BIT + i)) & 1U) == 0) {
      continue;
    }
    zps_add_shared(&surface[zps_surface_index(placement, i, ZPS_SURFACE_COINCIDENCE, first, last)], k);
    if (zps_in_signal_box(setup, m)) {
      zps_add_shared(&surface[zps_surface_index(placement, i, ZPS_SURFACE_ACCEPTED, first, last)], k);
    }
  }
}

/** Adds a finished muon to the row of its mass (layout: kernels/tally.h). psi_bin = zps_psi_bin(m->psi). */
ZPS_HD void zps_tally_muon(const zps_setup *setup, const zps_muon *m, uint32_t psi_bin, uint64_t *row) {
  const uint32_t n_trigger = (uint32_t)setup->n_triggers;
  const uint64_t k = (uint64_t)m->k;
  uint32_t most = 1;
  zps_add(&row[zps_tally_events(n_trigger)], 1);
  if (k == 0) {
    return;
  }
  for (int32_t t = 0; t < setup->n_triggers; t++) {
    const uint32_t passed = zps_stages_passed(setup, t, m);
    for (uint32_t stage = 0; stage < passed; stage++) {
      zps_add(&row[zps_tally_stage((uint32_t)t, stage, 0)], k);
      zps_add(&row[zps_tally_stage((uint32_t)t, stage, 1)], k * k);
    }
    most = passed > most ? passed : most;
  }
  zps_add(&row[zps_tally_fate(n_trigger, (uint32_t)m->fate)], k);
  for (uint32_t i = 0; m->beyond != 0 && i < ZPS_N_BEYOND; i++) {
    zps_add(&row[zps_tally_beyond(n_trigger, i)], ((m->beyond >> i) & 1U) * k);
  }
  zps_tally_histograms(n_trigger, ZPS_HISTOGRAM_GENERATED, m, psi_bin, k, row);
  if (most > ZPS_STAGE_IN_S4) {
    zps_tally_histograms(n_trigger, ZPS_HISTOGRAM_IN_S4, m, psi_bin, k, row);
  }
  if (most > ZPS_STAGE_IN_COINCIDENCE) {
    zps_tally_histograms(n_trigger, ZPS_HISTOGRAM_IN_COINCIDENCE, m, psi_bin, k, row);
  }
  if (most > ZPS_STAGE_ACCEPTED) {
    zps_tally_histograms(n_trigger, ZPS_HISTOGRAM_ACCEPTED, m, psi_bin, k, row);
  }
}

#endif
