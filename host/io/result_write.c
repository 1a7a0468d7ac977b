#include "host/io/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/h5.h"
#include "host/io/output.h"
#include "host/io/result_fields.h"
#include "host/io/signal.h"
#include "host/io/surface_write.h"

/** What every part of the writer needs: the open file, the scales, and room for one column. */
typedef struct result_writer {
  const zps_job *job;
  const zps_result *result;
  zps_h5_draft draft;
  hid_t mass, coupling, trigger, stage, fate, beyond, range; /* scales: open datasets */
  hid_t bin[ZPS_N_QUANTITY];
  uint64_t *counts; /* [n_mass][largest row of one dataset] */
  double *values;   /* [n_mass][n_coupling or 1] */
  double *strength; /* [n_mass][n_coupling] of zps_signal_strength(): once for all triggers */
} result_writer;

/** Largest number of u64 per mass in one dataset. */
static size_t widest(void) {
  size_t width = ZPS_N_BIN;
  width = width > ZPS_N_STAGE ? width : ZPS_N_STAGE;
  return width > ZPS_N_FATE ? width : ZPS_N_FATE;
}

/** temporary: NULL for a file made in memory. */
static zps_status writer_open(result_writer *writer, const zps_result *result, const char *temporary,
                              zps_error *error) {
  writer->counts = (uint64_t *)calloc(result->n_mass * widest(), sizeof *writer->counts);
  writer->values = (double *)calloc(result->n_mass * result->n_coupling, sizeof *writer->values);
  writer->strength = (double *)calloc(result->n_mass * result->n_coupling, sizeof *writer->strength);
  if (writer->counts == NULL || writer->values == NULL || writer->strength == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for writing a result");
  }
  return temporary == NULL ? zps_h5_create(&writer->draft, error)
                           : zps_h5_create_on_disk(temporary, &writer->draft, error);
}

static void close_dataset(hid_t *dataset) {
  if (*dataset > 0) {
    (void)H5Dclose(*dataset);
  }
  *dataset = 0;
}

static void close_scales(result_writer *writer) {
  close_dataset(&writer->mass);
  close_dataset(&writer->coupling);
  close_dataset(&writer->trigger);
  close_dataset(&writer->stage);
  close_dataset(&writer->fate);
  close_dataset(&writer->beyond);
  close_dataset(&writer->range);
  for (size_t i = 0; i < ZPS_N_QUANTITY; i++) {
    close_dataset(&writer->bin[i]);
  }
}

static void writer_close(result_writer *writer) {
  close_scales(writer);
  zps_h5_discard(&writer->draft);
  free(writer->counts);
  free(writer->values);
  free(writer->strength);
}

/** A scale of texts, each in width bytes. */
static zps_status write_names(hid_t parent, const char *name, const char *description, const char *const *names,
                              size_t n, hid_t *scale, zps_error *error) {
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_TEXT,
                               .width = ZPS_NAME_SIZE,
                               .rank = 1,
                               .size = {n},
                               .units = "1",
                               .description = description,
                               .scale_name = name};
  char *texts = (char *)calloc(n, ZPS_NAME_SIZE);
  if (texts == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for writing a result");
  }
  for (size_t i = 0; i < n; i++) {
    (void)snprintf(texts + (i * ZPS_NAME_SIZE), ZPS_NAME_SIZE, "%s", names[i]);
  }
  const zps_status status = zps_h5_write(parent, &spec, texts, scale, error);
  free(texts);
  return status;
}

static zps_status write_scale(hid_t parent, const char *name, const char *units, const char *description,
                              const double *values, size_t n, hid_t *scale, zps_error *error) {
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_F64,
                               .rank = 1,
                               .size = {n},
                               .units = units,
                               .description = description,
                               .scale_name = name};
  return zps_h5_write(parent, &spec, values, scale, error);
}

static zps_status write_grid(result_writer *writer, zps_error *error) {
  const zps_result *result = writer->result;
  const char *stages[ZPS_N_STAGE];
  const char *fates[ZPS_N_FATE];
  const char *beyond[ZPS_N_BEYOND];
  const char *triggers[ZPS_MAX_TRIGGERS];
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  for (int i = 0; i < ZPS_N_STAGE; i++) {
    stages[i] = zps_stage_name((enum zps_stage)i);
  }
  for (int i = 0; i < ZPS_N_FATE; i++) {
    fates[i] = zps_fate_name((enum zps_fate)i);
  }
  for (int i = 0; i < ZPS_N_BEYOND; i++) {
    beyond[i] = zps_beyond_name((enum zps_beyond)i);
  }
  for (size_t i = 0; i < result->n_trigger; i++) {
    triggers[i] = result->triggers[i].name;
  }
  ZPS_TRY(zps_h5_group(writer->draft.id, "grid", "axes of all other datasets", &group, error));
  ZPS_TRY(write_scale(group, "mass", "GeV", "mass of the Z'", result->mass_gev, result->n_mass, &writer->mass, error));
  ZPS_TRY(write_scale(group, "coupling", "1", "coupling g of the Z' to muons", result->coupling, result->n_coupling,
                      &writer->coupling, error));
  ZPS_TRY(write_names(group, "trigger", "names of the triggers in the order of the job", triggers, result->n_trigger,
                      &writer->trigger, error));
  ZPS_TRY(write_names(group, "stage", "stages of the cut-flow; each requires all before it", stages, ZPS_N_STAGE,
                      &writer->stage, error));
  ZPS_TRY(write_names(group, "fate", "what became of a muon; every event ends in exactly one", fates, ZPS_N_FATE,
                      &writer->fate, error));
  ZPS_TRY(write_names(group, "beyond", "how a muon was beyond the nodes of a map file: in x or y, or in z", beyond,
                      ZPS_N_BEYOND, &writer->beyond, error));
done:
  (void)H5Gclose(group);
  return status;
}

/** One column of the tally rows, entries [first, first + n) with the given stride, as a dataset [n_mass] or
 * [n_mass][n]. */
static zps_status write_counts(result_writer *writer, hid_t parent, const char *name, const char *description,
                               size_t first, size_t n, size_t stride, hid_t scale, bool compress, zps_error *error) {
  const size_t n_mass = writer->result->n_mass;
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_U64,
                               .rank = scale > 0 ? 2 : 1,
                               .size = {n_mass, n},
                               .units = "1",
                               .description = description,
                               .scale = {writer->mass, scale},
                               .compress = compress};
  for (size_t i = 0; i < n_mass; i++) {
    const uint64_t *row = zps_result_row(writer->result, i);
    for (size_t j = 0; j < n; j++) {
      writer->counts[(i * n) + j] = row[first + (j * stride)];
    }
  }
  return zps_h5_write(parent, &spec, writer->counts, NULL, error);
}

static zps_status write_per_mass(const result_writer *writer, hid_t parent, const char *name, const char *units,
                                 const char *description, const double *values, zps_error *error) {
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_F64,
                               .rank = 1,
                               .size = {writer->result->n_mass},
                               .units = units,
                               .description = description,
                               .scale = {writer->mass}};
  return zps_h5_write(parent, &spec, values, NULL, error);
}

static zps_status write_map(const result_writer *writer, hid_t parent, const char *name, const char *description,
                            const double *values, zps_error *error) {
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_F64,
                               .rank = 2,
                               .size = {writer->result->n_mass, writer->result->n_coupling},
                               .units = "1",
                               .description = description,
                               .scale = {writer->mass, writer->coupling}};
  return zps_h5_write(parent, &spec, values, NULL, error);
}

static zps_status write_single(hid_t parent, const char *name, const char *units, const char *description, double value,
                               zps_error *error) {
  const zps_h5_dataset spec = {.name = name, .kind = ZPS_H5_F64, .rank = 0, .units = units, .description = description};
  return zps_h5_write(parent, &spec, &value, NULL, error);
}

static zps_status write_trigger_counts(result_writer *writer, hid_t group, size_t i_trigger, zps_error *error) {
  static const struct {
    enum zps_stage stage;
    const char *name, *name_k2, *description;
  } columns[] = {
      {ZPS_STAGE_GENERATED, "generated", "generated_k2",
       "all events with x > x_min, beam muons outside the p_in window too"},
      {ZPS_STAGE_IN_S4, "in_s4", "in_s4_k2", "events in the window that hit the first plane of the trigger"},
      {ZPS_STAGE_IN_COINCIDENCE, "in_coincidence", "in_coincidence_k2", "of these, events that hit all its planes"},
      {ZPS_STAGE_ACCEPTED, "accepted", "accepted_k2", "of these, events in the signal box"}};
  char description[160];
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
    const uint32_t stage = (uint32_t)columns[i].stage;
    (void)snprintf(description, sizeof description, "sum of k (integer weight): %s", columns[i].description);
    ZPS_TRY(write_counts(writer, group, columns[i].name, description, zps_tally_stage((uint32_t)i_trigger, stage, 0), 1,
                         1, 0, false, error));
    (void)snprintf(description, sizeof description, "sum of k^2: %s", columns[i].description);
    ZPS_TRY(write_counts(writer, group, columns[i].name_k2, description, zps_tally_stage((uint32_t)i_trigger, stage, 1),
                         1, 1, 0, false, error));
  }
  const size_t stride = zps_tally_stage(0, 1, 0) - zps_tally_stage(0, 0, 0);
  ZPS_TRY(write_counts(writer, group, "cutflow", "sum of k (integer weight) at every stage",
                       zps_tally_stage((uint32_t)i_trigger, 0, 0), ZPS_N_STAGE, stride, writer->stage, false, error));
  ZPS_TRY(write_counts(writer, group, "cutflow_k2", "sum of k^2 at every stage",
                       zps_tally_stage((uint32_t)i_trigger, 0, 1), ZPS_N_STAGE, stride, writer->stage, false, error));
done:
  return status;
}

typedef enum efficiency_part { EFFICIENCY_VALUE, EFFICIENCY_LO, EFFICIENCY_HI, EFFICIENCY_ERROR } efficiency_part;

static void fill_efficiency(const result_writer *writer, size_t i_trigger, efficiency_part part) {
  for (size_t i = 0; i < writer->result->n_mass; i++) {
    const zps_efficiency efficiency = zps_signal_efficiency(writer->job, writer->result, i_trigger, i);
    writer->values[i] = part == EFFICIENCY_VALUE ? efficiency.value
                        : part == EFFICIENCY_LO  ? efficiency.lo
                        : part == EFFICIENCY_HI  ? efficiency.hi
                                                 : efficiency.relative_error;
  }
}

static zps_status write_efficiency(result_writer *writer, hid_t group, size_t i_trigger, zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(write_per_mass(writer, group, "x_fraction", "1",
                         "sigma(x > x_min)/sigma: share of the cross section that was generated",
                         writer->result->x_fraction, error));
  fill_efficiency(writer, i_trigger, EFFICIENCY_VALUE);
  ZPS_TRY(write_per_mass(writer, group, "efficiency", "1",
                         "live_factor * tracking_factor * x_fraction * accepted/generated", writer->values, error));
  fill_efficiency(writer, i_trigger, EFFICIENCY_LO);
  ZPS_TRY(write_per_mass(writer, group, "efficiency_lo", "1",
                         writer->result->column_weight == NULL
                             ? "lower end of the 68.27 % interval of efficiency (equal tails, Clopper-Pearson at "
                               "n_eff = generated^2/generated_k2)"
                             : "lower end of the 68.27 % interval of efficiency (equal tails, Clopper-Pearson at n_eff "
                               "= p (1 - p) generated^2/[accepted_k2 (1 - p)^2 + (generated_k2 - accepted_k2) p^2], "
                               "p = accepted/generated; generated^2/generated_k2 where nothing is accepted)",
                         writer->values, error));
  fill_efficiency(writer, i_trigger, EFFICIENCY_HI);
  ZPS_TRY(write_per_mass(writer, group, "efficiency_hi", "1", "upper end of the 68.27 % interval of efficiency",
                         writer->values, error));
  fill_efficiency(writer, i_trigger, EFFICIENCY_ERROR);
  ZPS_TRY(write_per_mass(writer, group, "relative_error", "1",
                         "half of that interval over efficiency, as run --target-error judges it; inf where nothing is "
                         "accepted",
                         writer->values, error));
done:
  return status;
}

static zps_status write_trigger(result_writer *writer, hid_t parent, size_t i_trigger, zps_error *error) {
  const zps_result_trigger *trigger = &writer->result->triggers[i_trigger];
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(parent, trigger->name, "counts and efficiency of one trigger", &group, error));
  ZPS_TRY(write_single(group, "n_mot", "1", "muons on target", trigger->n_mot, error));
  ZPS_TRY(write_single(group, "live_factor", "1", "share of events kept by accidentals", trigger->live_factor, error));
  ZPS_TRY(
      write_single(group, "tracking_factor", "1", "other factors of the efficiency", trigger->tracking_factor, error));
  ZPS_TRY(write_trigger_counts(writer, group, i_trigger, error));
  ZPS_TRY(write_efficiency(writer, group, i_trigger, error));
done:
  (void)H5Gclose(group);
  return status;
}

static zps_status write_triggers(result_writer *writer, zps_error *error) {
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(writer->draft.id, "trigger", "one group per trigger; their order is in /grid/trigger", &group,
                       error));
  for (size_t i = 0; i < writer->result->n_trigger; i++) {
    ZPS_TRY(write_trigger(writer, group, i, error));
  }
done:
  (void)H5Gclose(group);
  return status;
}

static void fill_vertex_factor(const result_writer *writer) {
  for (size_t i = 0; i < writer->result->n_mass; i++) {
    writer->values[i] = zps_signal_vertex_factor(writer->result, i);
  }
}

static zps_status write_cross_section(const result_writer *writer, zps_error *error) {
  const zps_result *result = writer->result;
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(writer->draft.id, "cross_section", "production of the Z' on one nucleus", &group, error));
  ZPS_TRY(write_per_mass(writer, group, "sigma_pb", "pb",
                         "cross section at coupling 1 and the nominal beam momentum; proportional to g^2",
                         result->sigma_pb, error));
  ZPS_TRY(write_per_mass(writer, group, "sigma_error_pb", "pb", "numerical error of sigma_pb", result->sigma_error_pb,
                         error));
  fill_vertex_factor(writer);
  ZPS_TRY(write_per_mass(writer, group, "vertex_factor", "1",
                         "mean of sigma over the energies of the muons at the vertex, over sigma at the nominal beam "
                         "momentum: generated/(events * mean_k), mean_k = 1 without process.pilot",
                         writer->values, error));
  ZPS_TRY(write_single(group, "nuclei_per_pb", "1/pb",
                       "Z' produced per muon = nuclei_per_pb * sigma_pb * vertex_factor * g^2", result->nuclei_per_pb,
                       error));
  ZPS_TRY(write_single(group, "x_min", "1", "lowest x = E_Z'/E generated", result->x_min, error));
done:
  (void)H5Gclose(group);
  return status;
}

/** Only of a run that had a pilot. */
static zps_status write_emission(const result_writer *writer, zps_error *error) {
  const zps_h5_dataset spec = {.name = "column_weight",
                               .kind = ZPS_H5_F64,
                               .rank = 2,
                               .size = {writer->result->n_mass, ZPS_N_A},
                               .units = "1",
                               .description =
                                   "factor of k in each of 32 columns, equal in logit x from the lowest to the "
                                   "highest x; as much less likely were its events drawn",
                               .scale = {writer->mass}};
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  if (writer->result->column_weight == NULL) {
    return ZPS_OK;
  }
  ZPS_TRY(zps_h5_group(writer->draft.id, "emission",
                       "how events were weighted: more were drawn where a pilot found them accepted (process.pilot)",
                       &group, error));
  ZPS_TRY(zps_h5_write(group, &spec, writer->result->column_weight, NULL, error));
  ZPS_TRY(write_per_mass(writer, group, "mean_k", "1", "mean k of events, were all muons of the nominal beam momentum",
                         writer->result->mean_k, error));
done:
  (void)H5Gclose(group);
  return status;
}

static zps_status write_branching(const result_writer *writer, zps_error *error) {
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(writer->draft.id, "branching", "branching ratios of the Z'", &group, error));
  ZPS_TRY(
      write_map(writer, group, "invisible", "Br(Z' -> neutrinos or dark matter)", writer->result->branching, error));
done:
  (void)H5Gclose(group);
  return status;
}

static void fill_strength(const result_writer *writer) {
  const zps_result *const result = writer->result;
  for (size_t i = 0; i < result->n_mass; i++) {
    for (size_t j = 0; j < result->n_coupling; j++) {
      writer->strength[(i * result->n_coupling) + j] = zps_signal_strength(writer->job, result, i, result->coupling[j]);
    }
  }
}

/** Yields of a mass with this unit yield. */
static void fill_yields(const result_writer *writer, size_t i_mass, double unit) {
  const size_t first = i_mass * writer->result->n_coupling;
  for (size_t j = first; j < first + writer->result->n_coupling; j++) {
    writer->values[j] = unit * writer->strength[j];
  }
}

static zps_status write_yields(const result_writer *writer, zps_error *error) {
  const zps_result *const result = writer->result;
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(writer->draft.id, "yield", "expected signal events", &group, error));
  fill_strength(writer);
  for (size_t t = 0; t < result->n_trigger; t++) {
    for (size_t i = 0; i < result->n_mass; i++) {
      fill_yields(writer, i, zps_signal_unit_yield(writer->job, result, t, i));
    }
    ZPS_TRY(write_map(writer, group, result->triggers[t].name,
                      "n_mot * nuclei_per_pb * sigma_pb * vertex_factor * g^2 * efficiency * Br(invisible)",
                      writer->values, error));
  }
  for (size_t i = 0; i < result->n_mass; i++) {
    fill_yields(writer, i, zps_signal_unit_total(writer->job, result, i));
  }
  ZPS_TRY(write_map(writer, group, "total", "sum over the triggers", writer->values, error));
done:
  (void)H5Gclose(group);
  return status;
}

static zps_status write_bins(result_writer *writer, hid_t parent, zps_error *error) {
  double edges[ZPS_N_BIN + 1];
  double centres[ZPS_N_BIN];
  hid_t edge_group = H5I_INVALID_HID;
  hid_t centre_group = H5I_INVALID_HID;
  hid_t edge_scale = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(parent, "edges", "edges of the bins of every quantity", &edge_group, error));
  ZPS_TRY(zps_h5_group(parent, "centres", "middles of the bins of every quantity", &centre_group, error));
  for (unsigned i = 0; i < ZPS_N_QUANTITY; i++) {
    const enum zps_quantity quantity = (enum zps_quantity)i;
    for (unsigned j = 0; j < ZPS_N_BIN; j++) {
      edges[j] = zps_bin_edge(quantity, j);
      centres[j] = zps_bin_centre(quantity, j);
    }
    edges[ZPS_N_BIN] = zps_bin_edge(quantity, ZPS_N_BIN);
    ZPS_TRY(write_scale(edge_group, zps_quantity_name(quantity), zps_quantity_unit(quantity),
                        "edges of the bins; the first and last bin also hold what lies outside", edges, ZPS_N_BIN + 1,
                        &edge_scale, error));
    close_dataset(&edge_scale);
    ZPS_TRY(write_scale(centre_group, zps_quantity_name(quantity), zps_quantity_unit(quantity),
                        "middles of the bins (psi: geometric)", centres, ZPS_N_BIN, &writer->bin[i], error));
  }
done:
  (void)H5Gclose(centre_group);
  (void)H5Gclose(edge_group);
  return status;
}

static zps_status write_histogram_stage(result_writer *writer, hid_t parent, enum zps_histogram_stage stage,
                                        zps_error *error) {
  static const char *const descriptions[ZPS_N_QUANTITY] = {
      "momentum of the muon at the spectrometer", "energy seen in the calorimeters",
      "2 sin(psi/2), psi the angle of the recoil muon against the incoming one",
      "x at the first plane of the first trigger", "x at the last plane of the first trigger"};
  const zps_result *result = writer->result;
  hid_t group = H5I_INVALID_HID;
  char description[160];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(parent, zps_histogram_stage_name(stage), "muons that pass this stage in at least one trigger",
                       &group, error));
  for (unsigned i = 0; i < ZPS_N_QUANTITY; i++) {
    (void)snprintf(description, sizeof description, "sum of k per bin: %s", descriptions[i]);
    ZPS_TRY(write_counts(writer, group, zps_quantity_name((enum zps_quantity)i), description,
                         zps_tally_bin((uint32_t)result->n_trigger, (uint32_t)stage, i, 0), ZPS_N_BIN, 1,
                         writer->bin[i], true, error));
  }
done:
  (void)H5Gclose(group);
  return status;
}

static zps_status write_histograms(result_writer *writer, zps_error *error) {
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(writer->draft.id, "histogram", "histograms by stage and quantity", &group, error));
  ZPS_TRY(write_bins(writer, group, error));
  for (unsigned i = 0; i < ZPS_N_HISTOGRAM_STAGE; i++) {
    ZPS_TRY(write_histogram_stage(writer, group, (enum zps_histogram_stage)i, error));
  }
done:
  (void)H5Gclose(group);
  return status;
}

typedef enum range_part { RANGE_MASS, RANGE_FIRST, RANGE_N } range_part;

static zps_status write_range_part(result_writer *writer, hid_t group, const char *name, const char *description,
                                   range_part part, zps_error *error) {
  const zps_result *result = writer->result;
  const zps_h5_dataset spec = {.name = name,
                               .kind = ZPS_H5_U64,
                               .rank = 1,
                               .size = {result->n_range},
                               .units = "1",
                               .description = description,
                               .scale = {part == RANGE_MASS ? 0 : writer->range},
                               .scale_name = part == RANGE_MASS ? name : NULL};
  uint64_t *column = (uint64_t *)calloc(result->n_range + 1, sizeof *column);
  if (column == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for writing a result");
  }
  for (size_t i = 0; i < result->n_range; i++) {
    const zps_result_range *range = &result->ranges[i];
    column[i] = part == RANGE_MASS ? range->i_mass : part == RANGE_FIRST ? range->first : range->n;
  }
  const zps_status status = zps_h5_write(group, &spec, column, part == RANGE_MASS ? &writer->range : NULL, error);
  free(column);
  return status;
}

static zps_status write_ranges(result_writer *writer, hid_t run, zps_error *error) {
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(run, "range", "ranges of events that are in the counts", &group, error));
  ZPS_TRY(
      write_range_part(writer, group, "i_mass", "index of the mass in the job's full grid, from 0", RANGE_MASS, error));
  ZPS_TRY(write_range_part(writer, group, "first", "index of the first event of the range", RANGE_FIRST, error));
  ZPS_TRY(write_range_part(writer, group, "n", "number of events of the range", RANGE_N, error));
done:
  (void)H5Gclose(group);
  return status;
}

static zps_status write_provenance(hid_t run, const zps_result *result, zps_error *error) {
  const zps_provenance *provenance = &result->provenance;
  zps_status status = ZPS_OK;
#define WRITE_TEXT(name) ZPS_TRY(zps_h5_write_text(run, #name, provenance->name, error));
#define WRITE_INTEGER(name)                                                                                            \
  const uint64_t name = (uint64_t)provenance->name;                                                                    \
  ZPS_TRY(zps_h5_write_number(run, #name, ZPS_H5_U64, &name, error));
#define WRITE_NUMBER(name) ZPS_TRY(zps_h5_write_number(run, #name, ZPS_H5_F64, &provenance->name, error));
  ZPS_PROVENANCE_TEXTS(WRITE_TEXT)
  ZPS_PROVENANCE_INTEGERS(WRITE_INTEGER)
  ZPS_PROVENANCE_NUMBERS(WRITE_NUMBER)
#undef WRITE_NUMBER
#undef WRITE_INTEGER
#undef WRITE_TEXT
done:
  return status;
}

/** Only of a run that had one. */
static zps_status write_target(hid_t run, const zps_provenance *provenance, zps_error *error) {
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  if (provenance->target_error <= 0.0) {
    return ZPS_OK;
  }
  ZPS_TRY(zps_h5_group(run, "target", "relative error of the efficiency at which a mass got no more events", &group,
                       error));
  ZPS_TRY(zps_h5_write_number(group, "error", ZPS_H5_F64, &provenance->target_error, error));
  ZPS_TRY(zps_h5_write_text(group, "trigger", provenance->target_trigger, error));
done:
  (void)H5Gclose(group);
  return status;
}

static zps_status write_identity(hid_t run, const zps_result *result, zps_error *error) {
  const uint64_t schema_version = ZPS_SCHEMA_VERSION;
  char hash[ZPS_HASH_SIZE];
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_write_number(run, "schema_version", ZPS_H5_U64, &schema_version, error));
  ZPS_TRY(zps_h5_write_number(run, "seed", ZPS_H5_U64, &result->seed, error));
  ZPS_TRY(zps_h5_write_number(run, "i_first_mass", ZPS_H5_U64, &result->i_first_mass, error));
  ZPS_TRY(zps_result_tally_hash(result, hash, error));
  ZPS_TRY(zps_h5_write_text(run, "tally_hash", hash, error));
  ZPS_TRY(zps_result_content_hash(result, hash, error));
  ZPS_TRY(zps_h5_write_text(run, "content_hash", hash, error));
done:
  return status;
}

static zps_status write_run(result_writer *writer, zps_error *error) {
  const size_t n_trigger = writer->result->n_trigger;
  hid_t run = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(
      zps_h5_group(writer->draft.id, "run", "how, when and from what the counts were made; times in s", &run, error));
  ZPS_TRY(write_identity(run, writer->result, error));
  ZPS_TRY(write_provenance(run, writer->result, error));
  ZPS_TRY(write_target(run, &writer->result->provenance, error));
  ZPS_TRY(write_ranges(writer, run, error));
  ZPS_TRY(write_counts(writer, run, "events", "events simulated, each counted once whatever its k",
                       zps_tally_events((uint32_t)n_trigger), 1, 1, 0, false, error));
done:
  (void)H5Gclose(run);
  return status;
}

static zps_status write_job(const result_writer *writer, zps_error *error) {
  const char *text = writer->result->job_text;
  const zps_h5_dataset spec = {.name = "job",
                               .kind = ZPS_H5_TEXT,
                               .width = strlen(text) + 1,
                               .rank = 0,
                               .units = "1",
                               .description = "effective job file (YAML), every key with its value"};
  return zps_h5_write(writer->draft.id, &spec, text, NULL, error);
}

static zps_status write_everything(result_writer *writer, zps_error *error) {
  const uint32_t n_trigger = (uint32_t)writer->result->n_trigger;
  zps_status status = ZPS_OK;
  ZPS_TRY(write_grid(writer, error));
  ZPS_TRY(write_triggers(writer, error));
  ZPS_TRY(write_cross_section(writer, error));
  ZPS_TRY(write_emission(writer, error));
  ZPS_TRY(write_branching(writer, error));
  ZPS_TRY(write_yields(writer, error));
  ZPS_TRY(write_counts(writer, writer->draft.id, "fate", "sum of k by what became of the muon",
                       zps_tally_fate(n_trigger, 0), ZPS_N_FATE, 1, writer->fate, false, error));
  ZPS_TRY(write_counts(writer, writer->draft.id, "beyond_map",
                       "sum of k of muons that met the field beyond the nodes of a map file (outside: zero or clamp)",
                       zps_tally_beyond(n_trigger, 0), ZPS_N_BEYOND, 1, writer->beyond, false, error));
  ZPS_TRY(write_histograms(writer, error));
  ZPS_TRY(write_job(writer, error));
  ZPS_TRY(write_run(writer, error));
done:
  return status;
}

static zps_status check_pair(const zps_job *job, const zps_result *result, zps_error *error) {
  const zps_status status = zps_result_check(result, error);
  return status == ZPS_OK ? zps_signal_check(job, result, error) : status;
}

zps_status zps_result_write(const char *path, const zps_job *job, const zps_result *result, bool force,
                            zps_error *error) {
  result_writer writer = {.job = job, .result = result, .draft = {.id = H5I_INVALID_HID}};
  const void *image = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  zps_h5_silence();
  ZPS_TRY(zps_output_check(path, force, error));
  ZPS_TRY(check_pair(job, result, error));
  ZPS_TRY(writer_open(&writer, result, NULL, error));
  ZPS_TRY(write_everything(&writer, error));
  close_scales(&writer);
  ZPS_TRY(zps_h5_finish(&writer.draft, &image, &size, error));
  ZPS_TRY(zps_output_write(path, image, size, force, error));
done:
  writer_close(&writer);
  return status;
}

/** The writers below do not know the file's name; what reads the journals for them names those. */
static zps_status name_file(const char *path, zps_status status, zps_error *error) {
  if (status != ZPS_IO || error == NULL || strncmp(error->text, path, strlen(path)) == 0) {
    return status;
  }
  const zps_error fault = *error;
  error->status = ZPS_OK;
  return zps_error_set(error, ZPS_IO, "%s: %s", path, fault.text);
}

zps_status zps_result_write_placed(const char *path, const zps_job *job, const zps_result *result,
                                   const zps_surface_source *source, bool force, zps_error *error) {
  result_writer writer = {.job = job, .result = result, .draft = {.id = H5I_INVALID_HID}};
  char *temporary = NULL;
  zps_status status = ZPS_OK;
  if (source == NULL) {
    return zps_result_write(path, job, result, force, error);
  }
  zps_h5_silence();
  ZPS_TRY(check_pair(job, result, error));
  ZPS_TRY(zps_output_begin(path, force, &temporary, error));
  ZPS_TRY(name_file(path, writer_open(&writer, result, temporary, error), error));
  ZPS_TRY(name_file(path, write_everything(&writer, error), error));
  ZPS_TRY(name_file(path, zps_surface_write(writer.draft.id, writer.mass, source, error), error));
  close_scales(&writer);
  ZPS_TRY(name_file(path, zps_h5_close_on_disk(&writer.draft, error), error));
  status = zps_output_commit(temporary, path, force, error);
  temporary = NULL;
done:
  writer_close(&writer);
  zps_output_abandon(temporary);
  return status;
}
