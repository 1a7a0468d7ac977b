/* The row of tallies: its layout has no holes and no overlaps; a muon is added where it belongs. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/transport.h"

#define N_TRIGGERS 2

static zps_setup two_triggers(void) {
  zps_setup setup;
  memset(&setup, 0, sizeof setup);
  setup.n_triggers = N_TRIGGERS;
  setup.triggers[0].n_counters = 2;
  setup.triggers[1].n_counters = 3;
  setup.selection.p_out_max_gev = 80.0;
  setup.selection.e_cal_max_gev = 12.0;
  return setup;
}

/** A muon that trigger 0 accepts. */
static zps_muon good_muon(void) {
  zps_muon m;
  memset(&m, 0, sizeof m);
  m.k = 3.0;
  m.p_out = 50.0;
  m.e_cal = 5.0;
  m.psi = 0.0102; /* log10 = -1.9914 */
  m.x_first = -100.0;
  m.x_last = -300.0;
  m.hits = 3;
  m.fate = ZPS_FATE_ARRIVED;
  return m;
}

/** Every entry of the row has one name, and all names lie in the row. */
static void test_layout_is_a_bijection(void **state) {
  (void)state;
  for (uint32_t n = 1; n <= ZPS_MAX_TRIGGERS; n++) {
    const uint32_t size = zps_tally_size(n);
    int *const seen = (int *)calloc(size, sizeof *seen);
    assert_non_null(seen);
    for (uint32_t t = 0; t < n; t++) {
      for (uint32_t i = 0; i < 2 * ZPS_N_STAGE; i++) {
        seen[zps_tally_stage(t, i / 2, i % 2)]++;
      }
    }
    for (uint32_t f = 0; f < ZPS_N_FATE; f++) {
      seen[zps_tally_fate(n, f)]++;
    }
    seen[zps_tally_events(n)]++;
    for (uint32_t i = 0; i < ZPS_N_BEYOND; i++) {
      seen[zps_tally_beyond(n, i)]++;
    }
    for (uint32_t i = 0; i < ZPS_N_HISTOGRAM_STAGE * ZPS_N_QUANTITY * ZPS_N_BIN; i++) {
      const uint32_t stage = i / (ZPS_N_QUANTITY * ZPS_N_BIN);
      seen[zps_tally_bin(n, stage, (i / ZPS_N_BIN) % ZPS_N_QUANTITY, i % ZPS_N_BIN)]++;
    }
    for (uint32_t i = 0; i < size; i++) {
      assert_int_equal(seen[i], 1);
    }
    free(seen);
  }
}

/** A value on the lower edge of a bin belongs to it; outside, NaN included, to the outer bins. */
static void test_bins(void **state) {
  (void)state;
  assert_int_equal(zps_bin(0.0, 0.0, 240.0), 0);
  assert_int_equal(zps_bin(1.9999999, 0.0, 240.0), 0);
  assert_int_equal(zps_bin(2.0, 0.0, 240.0), 1);
  assert_int_equal(zps_bin(239.9999999, 0.0, 240.0), ZPS_N_BIN - 1);
  assert_int_equal(zps_bin(240.0, 0.0, 240.0), ZPS_N_BIN - 1);
  assert_int_equal(zps_bin(1e300, 0.0, 240.0), ZPS_N_BIN - 1);
  assert_int_equal(zps_bin(-1e300, 0.0, 240.0), 0);
  assert_int_equal(zps_bin((double)NAN, 0.0, 240.0), 0);
  assert_int_equal(zps_bin(0.0, -600.0, 600.0), ZPS_N_BIN / 2);
}

typedef struct stage_case {
  const char *what;
  uint64_t hits;
  int64_t fate;
  double p_out, e_cal;
  uint32_t passed; /* stages of trigger 0 */
} stage_case;

/* The cut-flow: each stage requires all before it. p_out <= 80 and e_cal < 12: edges as in the job reference. */
static const stage_case stage_cases[] = {
    {"signal box", 3, ZPS_FATE_ARRIVED, 50.0, 5.0, 7},
    {"p_out on the edge", 3, ZPS_FATE_ARRIVED, 80.0, 5.0, 7},
    {"p_out above", 3, ZPS_FATE_ARRIVED, 80.0000001, 5.0, 5},
    {"e_cal on the edge", 3, ZPS_FATE_ARRIVED, 50.0, 12.0, 6},
    {"e_cal just below", 3, ZPS_FATE_ARRIVED, 50.0, 11.9999999, 7},
    {"p_out and e_cal above", 3, ZPS_FATE_ARRIVED, 90.0, 13.0, 5},
    {"first plane only", 1, ZPS_FATE_ARRIVED, 50.0, 5.0, 4},
    {"second plane only", 2, ZPS_FATE_ARRIVED, 50.0, 5.0, 3},
    {"no plane", 0, ZPS_FATE_MISSED_TRIGGER, 50.0, 5.0, 3},
    {"lost in the gap", 0, ZPS_FATE_LOST_GAP, 50.0, 5.0, 3},
    {"stopped before the spectrometer", 0, ZPS_FATE_STOPPED, ZPS_UNMEASURED, 5.0, 2},
    {"stopped after the first plane", 1, ZPS_FATE_STOPPED, 50.0, 5.0, 4},
    {"too fast", 0, ZPS_FATE_TOO_FAST, ZPS_UNMEASURED, 5.0, 2},
    {"outside the window", 0, ZPS_FATE_OUT_OF_WINDOW, ZPS_UNMEASURED, 5.0, 1},
    {"missed a required plane behind", 3, ZPS_FATE_MISSED_REQUIRED, 50.0, 5.0, 4},
    {"only the other trigger's planes", 0x70, ZPS_FATE_ARRIVED, 50.0, 5.0, 3},
};

static void test_stages_passed(void **state) {
  (void)state;
  const zps_setup setup = two_triggers();
  for (size_t i = 0; i < sizeof stage_cases / sizeof stage_cases[0]; i++) {
    const stage_case *const c = &stage_cases[i];
    zps_muon m = good_muon();
    m.hits = c->hits;
    m.fate = c->fate;
    m.p_out = c->p_out;
    m.e_cal = c->e_cal;
    const uint32_t passed = zps_stages_passed(&setup, 0, &m);
    if (passed != c->passed) {
      print_error("%s: passed %u, want %u\n", c->what, passed, c->passed);
    }
    assert_int_equal(passed, c->passed);
  }
}

/** Trigger t reads bits 4 t to 4 t + 3, and all of its own. */
static void test_triggers_do_not_mix(void **state) {
  (void)state;
  const zps_setup setup = two_triggers();
  zps_muon m = good_muon();
  m.hits = 0x30;
  assert_int_equal(zps_stages_passed(&setup, 0, &m), 3);
  assert_int_equal(zps_stages_passed(&setup, 1, &m), 4);
  m.hits = 0x70;
  assert_int_equal(zps_stages_passed(&setup, 1, &m), 7);
  m.hits = 0x73;
  assert_int_equal(zps_stages_passed(&setup, 0, &m), 7);
}

/** One muon of k = 3: k and k^2 in the stages it passed, k in its fate and histograms, 1 in the events. */
static void test_one_muon(void **state) {
  (void)state;
  const zps_setup setup = two_triggers();
  const zps_muon m = good_muon();
  const uint32_t size = zps_tally_size(N_TRIGGERS);
  uint64_t *const row = (uint64_t *)calloc(size, sizeof *row);
  uint64_t *const want = (uint64_t *)calloc(size, sizeof *want);
  assert_true(row != NULL && want != NULL);
  zps_tally_muon(&setup, &m, zps_psi_bin(m.psi), row);
  for (uint32_t stage = 0; stage < ZPS_N_STAGE; stage++) {
    want[zps_tally_stage(0, stage, 0)] = 3;
    want[zps_tally_stage(0, stage, 1)] = 9;
    want[zps_tally_stage(1, stage, 0)] = stage < ZPS_STAGE_IN_S4 ? 3 : 0;
    want[zps_tally_stage(1, stage, 1)] = stage < ZPS_STAGE_IN_S4 ? 9 : 0;
  }
  want[zps_tally_fate(N_TRIGGERS, ZPS_FATE_ARRIVED)] = 3;
  want[zps_tally_events(N_TRIGGERS)] = 1;
  /* Bins by hand: 50/2, 5/0.5, (5 - 1.9914)/5 of 120 in psi, 500/10, 900/20. */
  for (uint32_t stage = 0; stage < ZPS_N_HISTOGRAM_STAGE; stage++) {
    want[zps_tally_bin(N_TRIGGERS, stage, ZPS_QUANTITY_P_OUT, 25)] = 3;
    want[zps_tally_bin(N_TRIGGERS, stage, ZPS_QUANTITY_E_CAL, 10)] = 3;
    want[zps_tally_bin(N_TRIGGERS, stage, ZPS_QUANTITY_PSI, 72)] = 3;
    want[zps_tally_bin(N_TRIGGERS, stage, ZPS_QUANTITY_X_S4, 50)] = 3;
    want[zps_tally_bin(N_TRIGGERS, stage, ZPS_QUANTITY_X_SMU, 45)] = 3;
  }
  for (uint32_t i = 0; i < size; i++) {
    if (row[i] != want[i]) {
      print_error("entry %u: %llu, want %llu\n", i, (unsigned long long)row[i], (unsigned long long)want[i]);
    }
  }
  assert_memory_equal(row, want, size * sizeof *row);
  free(row);
  free(want);
}

/** k = 0 counts as an event simulated and nothing else. */
static void test_no_weight(void **state) {
  (void)state;
  const zps_setup setup = two_triggers();
  zps_muon m = good_muon();
  m.k = 0.0;
  m.fate = ZPS_FATE_NO_WEIGHT;
  uint64_t *const row = (uint64_t *)calloc(zps_tally_size(N_TRIGGERS), sizeof *row);
  assert_non_null(row);
  zps_tally_muon(&setup, &m, zps_psi_bin(m.psi), row);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < zps_tally_size(N_TRIGGERS); i++) {
    sum += row[i];
  }
  assert_int_equal(sum, 1);
  assert_int_equal(row[zps_tally_events(N_TRIGGERS)], 1);
  free(row);
}

/** A muon that never got to the planes adds to no histogram but psi and, where measured, p_out. */
static void test_unmeasured(void **state) {
  (void)state;
  const zps_setup setup = two_triggers();
  zps_muon m = good_muon();
  m.fate = ZPS_FATE_TOO_FAST;
  m.hits = 0;
  m.p_out = ZPS_UNMEASURED;
  m.x_first = ZPS_UNMEASURED;
  m.x_last = ZPS_UNMEASURED;
  uint64_t *const row = (uint64_t *)calloc(zps_tally_size(N_TRIGGERS), sizeof *row);
  assert_non_null(row);
  zps_tally_muon(&setup, &m, zps_psi_bin(m.psi), row);
  uint64_t sums[ZPS_N_QUANTITY] = {0};
  for (uint32_t q = 0; q < ZPS_N_QUANTITY; q++) {
    for (uint32_t bin = 0; bin < ZPS_N_BIN; bin++) {
      sums[q] += row[zps_tally_bin(N_TRIGGERS, ZPS_HISTOGRAM_GENERATED, q, bin)];
    }
    assert_int_equal(sums[q], q == ZPS_QUANTITY_PSI ? 3 : 0);
  }
  free(row);
}

/** A muon that was beyond a map counts once for each way it was, whatever became of it. */
static void test_beyond_a_map(void **state) {
  (void)state;
  const zps_setup setup = two_triggers();
  uint64_t *const row = (uint64_t *)calloc(zps_tally_size(N_TRIGGERS), sizeof *row);
  assert_non_null(row);
  for (uint64_t beyond = 0; beyond < 4; beyond++) {
    zps_muon m = good_muon();
    m.beyond = beyond;
    m.fate = beyond == 2 ? ZPS_FATE_LOST_GAP : ZPS_FATE_ARRIVED;
    zps_tally_muon(&setup, &m, zps_psi_bin(m.psi), row);
  }
  assert_int_equal(row[zps_tally_beyond(N_TRIGGERS, ZPS_BEYOND_SIDE)], 6);
  assert_int_equal(row[zps_tally_beyond(N_TRIGGERS, ZPS_BEYOND_END)], 6);
  free(row);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_layout_is_a_bijection),
      cmocka_unit_test(test_beyond_a_map),
      cmocka_unit_test(test_bins),
      cmocka_unit_test(test_stages_passed),
      cmocka_unit_test(test_triggers_do_not_mix),
      cmocka_unit_test(test_one_muon),
      cmocka_unit_test(test_no_weight),
      cmocka_unit_test(test_unmeasured),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
