#include "host/cli/event_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/io/h5.h"
#include "host/io/output.h"

/** A column of doubles at a fixed place of a row. */
typedef struct place {
  const char *name, *unit, *description;
  size_t offset;
} place;

static const place end_columns[] = {
    {"p_in", "GeV", "measured momentum of the beam muon", offsetof(zps_event_end, p_in)},
    {"p_out", "GeV", "measured momentum of the recoil muon; NaN where not measured", offsetof(zps_event_end, p_out)},
    {"psi", "1", "2 sin(psi/2), psi = angle of the recoil muon at the vertex", offsetof(zps_event_end, psi)},
    {"depth", "1", "of the vertex in the target, 0 to 1", offsetof(zps_event_end, depth)},
    {"e_cal", "GeV", "sum over the calorimeters", offsetof(zps_event_end, e_cal)},
};

static const place x_column = {
    "emission_x", "1", "share of the muon's energy that the emission takes, 1 - E'/E at the vertex; NaN for k = 0", 0};

static const place plane_columns[] = {
    {"x", "mm", "position; NaN where the muon never came", offsetof(zps_plane_state, x_mm)},
    {"y", "mm", "position; NaN where the muon never came", offsetof(zps_plane_state, y_mm)},
    {"tx", "1", "slope dx/dz", offsetof(zps_plane_state, tx)},
    {"ty", "1", "slope dy/dz", offsetof(zps_plane_state, ty)},
    {"p", "GeV", "momentum", offsetof(zps_plane_state, p_gev)},
};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static zps_status write_f64(hid_t parent, const place *where, const void *rows, size_t row_size, size_t n,
                            double *values, zps_error *error) {
  const zps_h5_dataset spec = {.name = where->name,
                               .kind = ZPS_H5_F64,
                               .rank = 1,
                               .size = {n},
                               .units = where->unit,
                               .description = where->description};
  for (size_t i = 0; i < n; i++) {
    const double value = *(const double *)(const void *)((const char *)rows + (i * row_size) + where->offset);
    values[i] = value < ZPS_UNMEASURED ? value : (double)NAN;
  }
  return zps_h5_write(parent, &spec, values, NULL, error);
}

static zps_status write_u64(hid_t parent, const char *name, const char *description, const uint64_t *values, size_t n,
                            hid_t *dataset, zps_error *error) {
  const zps_h5_dataset spec = {
      .name = name, .kind = ZPS_H5_U64, .rank = 1, .size = {n}, .units = "1", .description = description};
  return zps_h5_write(parent, &spec, values, dataset, error);
}

/* "0 arrived, 1 no_weight, ...": the meaning of the numbers beside them. */
static zps_status write_fate(hid_t root, const zps_event_table *table, uint64_t *values, zps_error *error) {
  char names[512];
  size_t used = 0;
  hid_t dataset = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  for (unsigned f = 0; f < ZPS_N_FATE; f++) {
    const int n =
        snprintf(names + used, sizeof names - used, "%s%u %s", f > 0 ? ", " : "", f, zps_fate_name((enum zps_fate)f));
    used += n > 0 && (size_t)n < sizeof names - used ? (size_t)n : 0;
  }
  for (size_t i = 0; i < table->n; i++) {
    values[i] = (uint64_t)table->ends[i].fate;
  }
  ZPS_TRY(
      write_u64(root, "fate", "what became of the muon, see the attribute names", values, table->n, &dataset, error));
  ZPS_TRY(zps_h5_write_text(dataset, "names", names, error));
done:
  if (dataset >= 0) {
    (void)H5Dclose(dataset);
  }
  return status;
}

static zps_status write_counts(hid_t root, const zps_event_table *table, zps_error *error) {
  zps_status status = ZPS_OK;
  uint64_t *const values = (uint64_t *)calloc(table->n + 1, sizeof *values);
  if (values == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for %zu events", table->n);
  }
  for (size_t i = 0; i < table->n; i++) {
    values[i] = table->ends[i].event;
  }
  ZPS_TRY(write_u64(root, "event", "index of the event in its mass", values, table->n, NULL, error));
  for (size_t i = 0; i < table->n; i++) {
    values[i] = (uint64_t)table->ends[i].k;
  }
  ZPS_TRY(write_u64(root, "k", "multiplicity: the weight of the event, 0 = it does not exist", values, table->n, NULL,
                    error));
  for (size_t i = 0; i < table->n; i++) {
    values[i] = table->ends[i].hits;
  }
  ZPS_TRY(write_u64(root, "hits", "bit 4 t + c: counter c of trigger t was hit", values, table->n, NULL, error));
  for (size_t i = 0; i < table->n; i++) {
    values[i] = table->ends[i].beyond;
  }
  ZPS_TRY(write_u64(root, "beyond_map", "beyond the nodes of a map file: bit 0 in x or y, bit 1 in z", values, table->n,
                    NULL, error));
  ZPS_TRY(write_fate(root, table, values, error));
done:
  free(values);
  return status;
}

static zps_status write_plane(hid_t parent, const zps_plan *plan, const zps_event_table *table, size_t i_plane,
                              double *values, zps_error *error) {
  const size_t i_element = zps_plane_element(&plan->setup, i_plane);
  const zps_job_element *const element = &plan->job->elements[i_element];
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(parent, element->name, "state of the muon where it crossed this plane", &group, error));
  ZPS_TRY(zps_h5_write_number(group, "z_mm", ZPS_H5_F64, &element->start_mm, error));
  for (size_t c = 0; c < N_OF(plane_columns); c++) {
    ZPS_TRY(write_f64(group, &plane_columns[c], table->planes + i_plane, table->n_planes * sizeof *table->planes,
                      table->n, values, error));
  }
done:
  if (group >= 0) {
    (void)H5Gclose(group);
  }
  return status;
}

static zps_status write_planes(hid_t root, const zps_plan *plan, const zps_event_table *table, double *values,
                               zps_error *error) {
  hid_t group = H5I_INVALID_HID;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_group(root, "plane", "states at the planes of the layout", &group, error));
  for (size_t i = 0; i < table->n_planes; i++) {
    ZPS_TRY(write_plane(group, plan, table, i, values, error));
  }
done:
  if (group >= 0) {
    (void)H5Gclose(group);
  }
  return status;
}

static zps_status write_origin(hid_t root, const zps_plan *plan, zps_error *error) {
  const double mass = plan->job->mass_gev.values[plan->masses.first];
  const uint64_t i_mass = plan->masses.first;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_h5_write_text(root, "version", ZPS_VERSION, error));
  ZPS_TRY(zps_h5_write_text(root, "job_hash", plan->job_hash, error));
  ZPS_TRY(zps_h5_write_number(root, "mass_gev", ZPS_H5_F64, &mass, error));
  ZPS_TRY(zps_h5_write_number(root, "i_mass", ZPS_H5_U64, &i_mass, error));
  ZPS_TRY(zps_h5_write_number(root, "seed", ZPS_H5_U64, &plan->setup.seed, error));
done:
  return status;
}

static zps_status write_all(hid_t root, const zps_plan *plan, const zps_event_table *table, double *values,
                            zps_error *error) {
  zps_status status = ZPS_OK;
  ZPS_TRY(write_origin(root, plan, error));
  ZPS_TRY(write_counts(root, table, error));
  for (size_t c = 0; c < N_OF(end_columns); c++) {
    ZPS_TRY(write_f64(root, &end_columns[c], table->ends, sizeof *table->ends, table->n, values, error));
  }
  if (table->x != NULL) {
    ZPS_TRY(write_f64(root, &x_column, table->x, sizeof *table->x, table->n, values, error));
  }
  ZPS_TRY(write_planes(root, plan, table, values, error));
done:
  return status;
}

zps_status zps_event_table_write(const char *path, const zps_plan *plan, const zps_event_table *table, bool force,
                                 zps_error *error) {
  zps_h5_draft draft = {0};
  const void *bytes = NULL;
  size_t size = 0;
  zps_status status = ZPS_OK;
  double *const values = (double *)calloc(table->n + 1, sizeof *values);
  zps_h5_silence();
  ZPS_TRY(zps_h5_create(&draft, error));
  if (values == NULL) {
    status = zps_error_set(error, ZPS_MEMORY, "out of memory for %zu events", table->n);
    goto done;
  }
  ZPS_TRY(write_all(draft.id, plan, table, values, error));
  ZPS_TRY(zps_h5_finish(&draft, &bytes, &size, error));
  ZPS_TRY(zps_output_write(path, bytes, size, force, error));
done:
  zps_h5_discard(&draft);
  free(values);
  return status;
}
