/* A small valid job for the tests of host/job. String i is line i: messages name it. */
#ifndef ZPS_JOB_SAMPLE_H
#define ZPS_JOB_SAMPLE_H

#include <stdio.h>
#include <string.h>

#include "host/job/job.h"

static const char sample_job[] =
    "seed: 7\n"
    "scan: {mass_gev: [0.01, 0.1]}\n"
    "layout:\n"
    "  - name: ECAL\n"
    "    kind: matter\n"
    "    start_mm: -471\n"
    "    repeat: 150\n"
    "    layers: [{material: Pb, thickness_mm: 1.5}, {material: polystyrene, thickness_mm: 1.64}]\n"
    "  - {name: VETO, kind: matter, start_mm: 50, layers: [{material: Fe, thickness_mm: 50}]}\n"
    "  - {name: MS2, kind: field, start_mm: 2700, length_mm: 2200, generate: dipole}\n"
    "  - {name: S4, kind: plane, start_mm: 8374}\n"
    "  - {name: Smu, kind: plane, start_mm: 11788}\n"
    "triggers:\n"
    "  - name: smu152\n"
    "    n_mot: 1e10\n"
    "    planes:\n"
    "      - {plane: S4, edge_x_mm: -65, width_mm: 200, height_mm: 200}\n"
    "      - {plane: Smu, center_x_mm: -302, width_mm: 300, height_mm: 300}\n";

/** The sample with the first `find` replaced; find must be there. Returns the length, or 0. */
static inline size_t sample_edit(const char *find, const char *replace, char *out, size_t size) {
  const char *at = strstr(sample_job, find);
  if (at == NULL) {
    return 0;
  }
  const int n = snprintf(out, size, "%.*s%s%s", (int)(at - sample_job), sample_job, replace, at + strlen(find));
  return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

#endif
