/* Events as HepMC3 ASCII ("Asciiv3"): Buckley et al., Comput. Phys. Commun. 260 (2021) 107310.
 *
 * One vertex per event, at the origin: incoming muon (mu+ or mu-, along +z) and nucleus at rest; boson, outgoing
 * muon, nucleus. PDG code of the boson: 32 (Z') for vector and axial vector, 35 and 36 (heavy Higgs bosons) for scalar
 * and pseudoscalar. Units GEV MM. One weight, named k: the multiplicity of the event. The nucleus has the ion code
 * 10LZZZAAAI of the mass number nearest to the element's mean, its mass is that of the calculation. */
#ifndef ZPS_EXPORT_HEPMC_H
#define ZPS_EXPORT_HEPMC_H

#include <stdint.h>
#include <stdio.h>

#include "host/run/emission_event.h"

/** What all events of a file share. */
typedef struct zps_hepmc_run {
  const char *version; /* of the program */
  const char *model;   /* etl, ww, iww */
  const char *mediator_name, *form_name;
  zps_mediator mediator;
  int charge;        /* of the muon: +1 or -1 */
  double energy_gev; /* of the incoming muon */
  double mass_gev;   /* of the Z' */
  uint64_t events;   /* drawn: those of weight 0 are not in the file */
  double sigma_pb;   /* at coupling 1, x > x_min */
  double sigma_error_pb;
  zps_nucleus nucleus;
} zps_hepmc_run;

void zps_hepmc_put_head(FILE *out, const zps_hepmc_run *run);
/** number: of the event in the file, from 0. */
void zps_hepmc_put_event(FILE *out, const zps_hepmc_run *run, uint64_t number, const zps_emission_event *event);
void zps_hepmc_put_end(FILE *out);

#endif
