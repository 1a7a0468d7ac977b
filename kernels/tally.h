/* What is counted: integers only, so that the order of adding cannot matter.
 *
 * One mass has one row of u64. Every entry is a sum of multiplicities k (an
 * event's integer weight), except the second sums, which add k^2, and the number
 * of events simulated. Row layout, slowest first:
 *   [n_trigger][ZPS_N_STAGE][2]    sums of k and of k^2 at each stage of the cut-flow
 *   [ZPS_N_FATE]                   sums of k by what became of the muon
 *   [1]                            events simulated (each counts 1, whatever its k)
 *   [ZPS_N_HISTOGRAM_STAGE][ZPS_N_QUANTITY][ZPS_N_BIN]   histograms, filled for muons
 *                                  that pass the stage in at least one trigger
 *   [ZPS_N_BEYOND]                 sums of k of muons that met the field beyond the nodes of a map file */
#ifndef ZPS_TALLY_H
#define ZPS_TALLY_H

#include "kernels/hd.h"

/* Times 4 counters: bits 60 to 63 of zps_muon.hits are left to the placement. */
#define ZPS_MAX_TRIGGERS 15

/** Cut-flow of one trigger, in order; each stage requires all before it. */
enum zps_stage {
  ZPS_STAGE_GENERATED = 0,      /* every event, beam muons outside the p_in window too */
  ZPS_STAGE_IN_WINDOW = 1,      /* measured p_in inside the window */
  ZPS_STAGE_MEASURED = 2,       /* reached the spectrometer where p_out is taken */
  ZPS_STAGE_IN_S4 = 3,          /* hit the trigger's first plane */
  ZPS_STAGE_IN_COINCIDENCE = 4, /* hit all planes of the trigger */
  ZPS_STAGE_SOFT = 5,           /* measured p_out below the cut */
  ZPS_STAGE_ACCEPTED = 6,       /* E_CAL below the cut: the signal box */
  ZPS_N_STAGE = 7
};

/** What became of a muon. Every event ends in exactly one. */
enum zps_fate {
  ZPS_FATE_ARRIVED = 0,         /* reached the end of the layout */
  ZPS_FATE_NO_WEIGHT = 1,       /* k = 0: the event does not exist (adds nothing) */
  ZPS_FATE_OUT_OF_WINDOW = 2,   /* p_in outside the window: counts as generated, not carried */
  ZPS_FATE_TOO_FAST = 3,        /* its momentum cannot come under the p_out cut: not carried */
  ZPS_FATE_STOPPED = 4,         /* p < 0.2 GeV */
  ZPS_FATE_LOST_GAP = 5,        /* hit the magnet: outside its gap */
  ZPS_FATE_LEFT_MAP = 6,        /* left the field map sideways */
  ZPS_FATE_TURNED = 7,          /* slope above ZPS_MAX_SLOPE: no longer goes forward */
  ZPS_FATE_MISSED_REQUIRED = 8, /* missed a required plane */
  ZPS_FATE_MISSED_TRIGGER = 9,  /* missed, or cannot come to, the first plane of every trigger: not carried further */
  ZPS_N_FATE = 10
};

enum zps_histogram_stage {
  ZPS_HISTOGRAM_GENERATED = 0, /* psi only for muons not carried; p_out and x_s4 where they got that far */
  ZPS_HISTOGRAM_IN_S4 = 1,
  ZPS_HISTOGRAM_IN_COINCIDENCE = 2,
  ZPS_HISTOGRAM_ACCEPTED = 3,
  ZPS_N_HISTOGRAM_STAGE = 4
};

/** Histogrammed quantities. Bins are uniform in the quantity (psi: in log10 psi);
 *  the first and last bins also hold what lies outside. */
enum zps_quantity {
  ZPS_QUANTITY_P_OUT = 0, /* 0 .. 240 GeV */
  ZPS_QUANTITY_E_CAL = 1, /* 0 .. 60 GeV */
  ZPS_QUANTITY_PSI = 2,   /* 1e-5 .. 1: 2 sin(psi/2) of the recoil muon against the incoming one */
  ZPS_QUANTITY_X_S4 = 3,  /* -600 .. 600 mm: x at the first plane of the first trigger */
  ZPS_QUANTITY_X_SMU = 4, /* -1200 .. 1200 mm: x at the last plane of the first trigger */
  ZPS_N_QUANTITY = 5
};

#define ZPS_N_BIN 120

/** Where a muon was beyond the nodes of a map file but inside the field element, so that the `outside` of the job said
 *  what field it met. */
enum zps_beyond {
  ZPS_BEYOND_SIDE = 0, /* in x or y, on entry or at the end of a step */
  ZPS_BEYOND_END = 1,  /* in z, on entry or exit: an element longer than its map */
  ZPS_N_BEYOND = 2
};

/* Ends of the binned ranges, in the units above; the one place that has them. */
#define ZPS_BIN_P_OUT_HI 240.0
#define ZPS_BIN_E_CAL_HI 60.0
#define ZPS_BIN_LOG10_PSI_LO (-5.0)
#define ZPS_BIN_LOG10_PSI_HI 0.0
#define ZPS_BIN_X_S4_HI 600.0 /* from minus this */
#define ZPS_BIN_X_SMU_HI 1200.0

/** Number of u64 in one mass's row. */
ZPS_HD uint32_t zps_tally_size(uint32_t n_trigger) {
  return (n_trigger * ZPS_N_STAGE * 2) + ZPS_N_FATE + 1 + (ZPS_N_HISTOGRAM_STAGE * ZPS_N_QUANTITY * ZPS_N_BIN) +
         ZPS_N_BEYOND;
}

/** Index of the sum of k (second = 0) or k^2 (second = 1) of a trigger's stage. */
ZPS_HD uint32_t zps_tally_stage(uint32_t i_trigger, uint32_t stage, uint32_t second) {
  return (((i_trigger * ZPS_N_STAGE) + stage) * 2) + second;
}

ZPS_HD uint32_t zps_tally_fate(uint32_t n_trigger, uint32_t fate) {
  return (n_trigger * ZPS_N_STAGE * 2) + fate;
}

/** Index of the number of events simulated. */
ZPS_HD uint32_t zps_tally_events(uint32_t n_trigger) {
  return (n_trigger * ZPS_N_STAGE * 2) + ZPS_N_FATE;
}

ZPS_HD uint32_t zps_tally_bin(uint32_t n_trigger, uint32_t histogram_stage, uint32_t quantity, uint32_t bin) {
  return (n_trigger * ZPS_N_STAGE * 2) + ZPS_N_FATE + 1 +
         ((((histogram_stage * ZPS_N_QUANTITY) + quantity) * ZPS_N_BIN) + bin);
}

/** Index of the sum of k of muons that were beyond a map. */
ZPS_HD uint32_t zps_tally_beyond(uint32_t n_trigger, uint32_t beyond) {
  return zps_tally_size(n_trigger) - ZPS_N_BEYOND + beyond;
}

#endif
