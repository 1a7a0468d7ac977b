#include "host/io/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const stage_names[ZPS_N_STAGE] = {"generated",      "in_window", "measured", "in_s4",
                                                     "in_coincidence", "soft",      "accepted"};

static const char *const fate_names[ZPS_N_FATE] = {"arrived",         "no_weight",     "out_of_window", "too_fast",
                                                   "stopped",         "lost_gap",      "left_map",      "turned",
                                                   "missed_required", "missed_trigger"};

static const char *const beyond_names[ZPS_N_BEYOND] = {"side", "end"};

static const char *const histogram_stage_names[ZPS_N_HISTOGRAM_STAGE] = {"generated", "in_s4", "in_coincidence",
                                                                         "accepted"};

/** The ranges of kernels/tally.h. */
static const struct {
  const char *name, *unit;
  double lo, hi; /* of the uniform variable: log10 of the quantity where logarithmic */
  bool logarithmic;
} quantities[ZPS_N_QUANTITY] = {{"p_out", "GeV", 0.0, ZPS_BIN_P_OUT_HI, false},
                                {"e_cal", "GeV", 0.0, ZPS_BIN_E_CAL_HI, false},
                                {"psi", "1", ZPS_BIN_LOG10_PSI_LO, ZPS_BIN_LOG10_PSI_HI, true},
                                {"x_s4", "mm", -ZPS_BIN_X_S4_HI, ZPS_BIN_X_S4_HI, false},
                                {"x_smu", "mm", -ZPS_BIN_X_SMU_HI, ZPS_BIN_X_SMU_HI, false}};

const char *zps_stage_name(enum zps_stage stage) {
  return stage_names[stage];
}

const char *zps_fate_name(enum zps_fate fate) {
  return fate_names[fate];
}

const char *zps_beyond_name(enum zps_beyond beyond) {
  return beyond_names[beyond];
}

const char *zps_quantity_name(enum zps_quantity quantity) {
  return quantities[quantity].name;
}

const char *zps_quantity_unit(enum zps_quantity quantity) {
  return quantities[quantity].unit;
}

const char *zps_histogram_stage_name(enum zps_histogram_stage stage) {
  return histogram_stage_names[stage];
}

static double bin_position(enum zps_quantity quantity, double position) {
  const double lo = quantities[quantity].lo;
  const double value = lo + ((quantities[quantity].hi - lo) * position / (double)ZPS_N_BIN);
  return quantities[quantity].logarithmic ? pow(10.0, value) : value;
}

double zps_bin_edge(enum zps_quantity quantity, unsigned i_bin) {
  return bin_position(quantity, (double)i_bin);
}

double zps_bin_centre(enum zps_quantity quantity, unsigned i_bin) {
  return bin_position(quantity, (double)i_bin + 0.5);
}

static zps_status check_sizes(size_t n_mass, size_t n_coupling, size_t n_trigger, zps_error *error) {
  if (n_mass < 1 || n_mass > ZPS_RESULT_MAX_MASSES) {
    return zps_error_set(error, ZPS_INVALID, "result: %zu masses: must be 1 to %u", n_mass, ZPS_RESULT_MAX_MASSES);
  }
  if (n_coupling < 1 || n_coupling > ZPS_RESULT_MAX_COUPLINGS) {
    return zps_error_set(error, ZPS_INVALID, "result: %zu couplings: must be 1 to %u", n_coupling,
                         ZPS_RESULT_MAX_COUPLINGS);
  }
  if (n_coupling > ZPS_RESULT_MAX_CELLS / n_mass) {
    return zps_error_set(error, ZPS_INVALID, "result: %zu masses times %zu couplings: must be at most %u", n_mass,
                         n_coupling, ZPS_RESULT_MAX_CELLS);
  }
  if (n_trigger < 1 || n_trigger > ZPS_MAX_TRIGGERS) {
    return zps_error_set(error, ZPS_INVALID, "result: %zu triggers: must be 1 to %d", n_trigger, ZPS_MAX_TRIGGERS);
  }
  return ZPS_OK;
}

static double *new_doubles(size_t n) {
  return (double *)calloc(n, sizeof(double));
}

zps_status zps_result_allocate(zps_result *result, size_t n_mass, size_t n_coupling, size_t n_trigger,
                               zps_error *error) {
  *result = (zps_result){0};
  const zps_status status = check_sizes(n_mass, n_coupling, n_trigger, error);
  if (status != ZPS_OK) {
    return status;
  }
  result->n_mass = n_mass;
  result->n_coupling = n_coupling;
  result->n_trigger = n_trigger;
  result->mass_gev = new_doubles(n_mass);
  result->coupling = new_doubles(n_coupling);
  result->triggers = (zps_result_trigger *)calloc(n_trigger, sizeof *result->triggers);
  result->tallies = (uint64_t *)calloc(n_mass * zps_tally_size((uint32_t)n_trigger), sizeof *result->tallies);
  result->sigma_pb = new_doubles(n_mass);
  result->sigma_error_pb = new_doubles(n_mass);
  result->x_fraction = new_doubles(n_mass);
  result->branching = new_doubles(n_mass * n_coupling);
  result->mean_k = new_doubles(n_mass);
  if (result->mass_gev == NULL || result->coupling == NULL || result->triggers == NULL || result->tallies == NULL ||
      result->sigma_pb == NULL || result->sigma_error_pb == NULL || result->x_fraction == NULL ||
      result->branching == NULL || result->mean_k == NULL) {
    zps_result_free(result);
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a result of %zu masses and %zu couplings", n_mass,
                         n_coupling);
  }
  for (size_t i = 0; i < n_mass; i++) {
    result->mean_k[i] = 1.0;
  }
  return ZPS_OK;
}

void zps_result_free(zps_result *result) {
  free(result->job_text);
  free(result->mass_gev);
  free(result->coupling);
  free(result->triggers);
  free(result->tallies);
  free(result->sigma_pb);
  free(result->sigma_error_pb);
  free(result->x_fraction);
  free(result->branching);
  free(result->column_weight);
  free(result->mean_k);
  free(result->ranges);
  *result = (zps_result){0};
}

zps_status zps_result_add_range(zps_result *result, uint64_t i_mass, uint64_t first, uint64_t n, zps_error *error) {
  if (result->n_range > 0) {
    zps_result_range *last = &result->ranges[result->n_range - 1];
    if (last->i_mass == i_mass && last->first + last->n == first) {
      last->n += n;
      return ZPS_OK;
    }
  }
  zps_result_range *ranges =
      (zps_result_range *)realloc(result->ranges, (result->n_range + 1) * sizeof *result->ranges);
  if (ranges == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the ranges of a result");
  }
  ranges[result->n_range++] = (zps_result_range){i_mass, first, n};
  result->ranges = ranges;
  return ZPS_OK;
}

zps_status zps_result_add_column_weights(zps_result *result, zps_error *error) {
  result->column_weight = new_doubles(result->n_mass * ZPS_N_A);
  return result->column_weight != NULL
             ? ZPS_OK
             : zps_error_set(error, ZPS_MEMORY, "out of memory for the weights of %zu masses", result->n_mass);
}

uint64_t *zps_result_row(const zps_result *result, size_t i_mass) {
  return result->tallies + (i_mass * zps_tally_size((uint32_t)result->n_trigger));
}

/** A name becomes a link in HDF5, where '/' separates and '.' stands for the group itself. */
static bool is_fit_name(const char *name) {
  const size_t length = strnlen(name, ZPS_NAME_SIZE);
  if (length == 0 || length == ZPS_NAME_SIZE || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
      strcmp(name, "total") == 0) {
    return false;
  }
  for (size_t i = 0; i < length; i++) {
    const unsigned char c = (unsigned char)name[i];
    if (c < 0x20 || c == 0x7f || c == '/') {
      return false;
    }
  }
  return true;
}

static bool is_within(double value, double lo, double hi) {
  return value >= lo && value <= hi;
}

static zps_status check_trigger(const zps_result *result, size_t i, zps_error *error) {
  const zps_result_trigger *trigger = &result->triggers[i];
  if (!is_fit_name(trigger->name)) {
    return zps_error_set(error, ZPS_INVALID,
                         "result: trigger %zu: the name must be 1 to %d characters without '/' and control characters, "
                         "and not \"total\", \".\" or \"..\"",
                         i, ZPS_NAME_SIZE - 1);
  }
  for (size_t j = 0; j < i; j++) {
    if (strcmp(trigger->name, result->triggers[j].name) == 0) {
      return zps_error_set(error, ZPS_INVALID, "result: two triggers are named %s", trigger->name);
    }
  }
  if (!(is_within(trigger->live_factor, 0.0, 1.0) && is_within(trigger->tracking_factor, 0.0, 1.0) &&
        is_within(trigger->n_mot, 0.0, HUGE_VAL) && isfinite(trigger->n_mot))) {
    return zps_error_set(error, ZPS_INVALID,
                         "result: trigger %s: n_mot = %g must be >= 0, live_factor = %g and tracking_factor = %g must "
                         "be 0 to 1",
                         trigger->name, trigger->n_mot, trigger->live_factor, trigger->tracking_factor);
  }
  return ZPS_OK;
}

static zps_status check_list(const char *name, const double *values, size_t n, double lo, double hi, zps_error *error) {
  for (size_t i = 0; i < n; i++) {
    if (!(isfinite(values[i]) && is_within(values[i], lo, hi))) {
      return zps_error_set(error, ZPS_INVALID, "result: %s[%zu] = %g: must be a number from %g to %g", name, i,
                           values[i], lo, hi);
    }
  }
  return ZPS_OK;
}

static zps_status check_cutflow(const zps_result *result, size_t i_mass, size_t i_trigger, zps_error *error) {
  const uint64_t *row = zps_result_row(result, i_mass);
  for (uint32_t stage = 1; stage < ZPS_N_STAGE; stage++) {
    const uint64_t before = row[zps_tally_stage((uint32_t)i_trigger, stage - 1, 0)];
    const uint64_t here = row[zps_tally_stage((uint32_t)i_trigger, stage, 0)];
    if (here > before) {
      return zps_error_set(error, ZPS_INVALID, "result: mass %zu, trigger %s: %llu %s but only %llu %s", i_mass,
                           result->triggers[i_trigger].name, (unsigned long long)here, stage_names[stage],
                           (unsigned long long)before, stage_names[stage - 1]);
    }
  }
  return ZPS_OK;
}

/** The ranges of each mass must add up to its events; a range of a mass that is not here has no business here. */
static zps_status check_ranges(const zps_result *result, zps_error *error) {
  const uint32_t entry = zps_tally_events((uint32_t)result->n_trigger);
  uint64_t *promised = (uint64_t *)calloc(result->n_mass, sizeof *promised);
  zps_status status = ZPS_OK;
  if (promised == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the ranges of a result");
  }
  for (size_t i = 0; i < result->n_range && status == ZPS_OK; i++) {
    const zps_result_range *range = &result->ranges[i];
    const uint64_t i_mass = range->i_mass - result->i_first_mass;
    if (i_mass >= result->n_mass || range->n > UINT64_MAX - promised[i_mass] || range->n > UINT64_MAX - range->first) {
      status = zps_error_set(error, ZPS_INVALID, "result: range %zu: no events %llu + %llu of mass %llu can be here", i,
                             (unsigned long long)range->first, (unsigned long long)range->n,
                             (unsigned long long)range->i_mass);
    } else {
      promised[i_mass] += range->n;
    }
  }
  for (size_t i = 0; i < result->n_mass && status == ZPS_OK; i++) {
    const uint64_t events = zps_result_row(result, i)[entry];
    if (events != promised[i]) {
      status = zps_error_set(error, ZPS_INVALID, "result: mass %zu: %llu events counted, but the ranges hold %llu", i,
                             (unsigned long long)events, (unsigned long long)promised[i]);
    }
  }
  free(promised);
  return status;
}

zps_status zps_result_check(const zps_result *result, zps_error *error) {
  const size_t n_mass = result->n_mass;
  zps_status status = ZPS_OK;
  ZPS_TRY(check_sizes(n_mass, result->n_coupling, result->n_trigger, error));
  if (result->i_first_mass > ZPS_RESULT_MAX_MASSES) {
    return zps_error_set(error, ZPS_INVALID,
                         "result: its first mass is mass %" PRIu64 " of the job: must be at most %u",
                         result->i_first_mass, ZPS_RESULT_MAX_MASSES);
  }
  if (result->job_text == NULL) {
    return zps_error_set(error, ZPS_INVALID, "result: no job text");
  }
  for (size_t i = 0; i < result->n_trigger; i++) {
    ZPS_TRY(check_trigger(result, i, error));
  }
  ZPS_TRY(check_list("mass_gev", result->mass_gev, n_mass, 1e-12, 1e12, error));
  ZPS_TRY(check_list("coupling", result->coupling, result->n_coupling, 1e-100, 1e100, error));
  ZPS_TRY(check_list("sigma_pb", result->sigma_pb, n_mass, 0.0, 1e200, error));
  ZPS_TRY(check_list("sigma_error_pb", result->sigma_error_pb, n_mass, 0.0, 1e200, error));
  ZPS_TRY(check_list("x_fraction", result->x_fraction, n_mass, 0.0, 1.0 + 1e-9, error));
  ZPS_TRY(check_list("branching", result->branching, n_mass * result->n_coupling, 0.0, 1.0 + 1e-9, error));
  if (result->column_weight != NULL) {
    ZPS_TRY(check_list("column_weight", result->column_weight, n_mass * ZPS_N_A, 1.0, 1e6, error));
  }
  ZPS_TRY(check_list("mean_k", result->mean_k, n_mass, 1e-12, 1e6, error));
  ZPS_TRY(check_list("nuclei_per_pb", &result->nuclei_per_pb, 1, 0.0, 1e100, error));
  ZPS_TRY(check_list("x_min", &result->x_min, 1, 0.0, 1.0, error));
  ZPS_TRY(check_ranges(result, error));
  for (size_t i = 0; i < n_mass * result->n_trigger; i++) {
    ZPS_TRY(check_cutflow(result, i / result->n_trigger, i % result->n_trigger, error));
  }
done:
  return status;
}

zps_counts zps_result_counts(const zps_result *result, size_t i_trigger, size_t i_mass) {
  return zps_counts_of(zps_result_row(result, i_mass), (uint32_t)i_trigger, result->column_weight != NULL);
}

zps_status zps_result_tally_hash(const zps_result *result, char hash[ZPS_HASH_SIZE], zps_error *error) {
  const char *names[ZPS_MAX_TRIGGERS] = {NULL};
  for (size_t i = 0; i < result->n_trigger; i++) {
    names[i] = result->triggers[i].name;
  }
  return zps_tally_hash(names, result->n_trigger, result->tallies, result->n_mass, hash, error);
}

static void hash_triggers(zps_hash *hash, const zps_result *result) {
  for (size_t i = 0; i < result->n_trigger; i++) {
    const zps_result_trigger *trigger = &result->triggers[i];
    zps_hash_bytes(hash, trigger->name, strlen(trigger->name) + 1);
    zps_hash_f64(hash, &trigger->n_mot, 1);
    zps_hash_f64(hash, &trigger->live_factor, 1);
    zps_hash_f64(hash, &trigger->tracking_factor, 1);
  }
}

static void hash_ranges(zps_hash *hash, const zps_result *result) {
  for (size_t i = 0; i < result->n_range; i++) {
    zps_hash_u64(hash, &result->ranges[i].i_mass, 1);
    zps_hash_u64(hash, &result->ranges[i].first, 1);
    zps_hash_u64(hash, &result->ranges[i].n, 1);
  }
}

/** Entries [first, first + n) of every row. */
static void hash_entries(zps_hash *hash, const zps_result *result, size_t first, size_t n) {
  for (size_t i = 0; i < result->n_mass; i++) {
    zps_hash_u64(hash, zps_result_row(result, i) + first, n);
  }
}

static bool any_beyond(const zps_result *result) {
  bool any = false;
  for (size_t i = 0; i < result->n_mass * ZPS_N_BEYOND; i++) {
    const uint32_t entry = zps_tally_beyond((uint32_t)result->n_trigger, (uint32_t)(i % ZPS_N_BEYOND));
    any = any || zps_result_row(result, i / ZPS_N_BEYOND)[entry] > 0;
  }
  return any;
}

zps_status zps_result_content_hash(const zps_result *result, char hash[ZPS_HASH_SIZE], zps_error *error) {
  const size_t n_mass = result->n_mass;
  const size_t text_size = strlen(result->job_text);
  const uint64_t sizes[] = {ZPS_SCHEMA_VERSION,   n_mass,       result->n_coupling, result->n_trigger,
                            result->i_first_mass, result->seed, result->n_range,    text_size};
  zps_hash *state = NULL;
  const zps_status status = zps_hash_create(&state, error);
  if (status != ZPS_OK) {
    return status;
  }
  zps_hash_u64(state, sizes, sizeof sizes / sizeof sizes[0]);
  zps_hash_bytes(state, result->job_text, text_size);
  zps_hash_f64(state, result->mass_gev, n_mass);
  zps_hash_f64(state, result->coupling, result->n_coupling);
  hash_triggers(state, result);
  zps_hash_f64(state, result->sigma_pb, n_mass);
  zps_hash_f64(state, result->sigma_error_pb, n_mass);
  zps_hash_f64(state, result->x_fraction, n_mass);
  zps_hash_f64(state, result->branching, n_mass * result->n_coupling);
  zps_hash_f64(state, &result->nuclei_per_pb, 1);
  zps_hash_f64(state, &result->x_min, 1);
  hash_entries(state, result, 0, zps_tally_beyond((uint32_t)result->n_trigger, 0));
  hash_ranges(state, result);
  if (result->column_weight != NULL) {
    zps_hash_f64(state, result->column_weight, n_mass * ZPS_N_A);
  }
  if (any_beyond(result)) {
    hash_entries(state, result, zps_tally_beyond((uint32_t)result->n_trigger, 0), ZPS_N_BEYOND);
  }
  zps_hash_finish(state, hash);
  zps_hash_destroy(state);
  return ZPS_OK;
}
