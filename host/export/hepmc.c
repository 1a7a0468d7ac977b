#include "host/export/hepmc.h"

#include <inttypes.h>
#include <math.h>

#include "kernels/constants.h"

enum particle_status { STATUS_FINAL = 1, STATUS_BEAM = 4 };

/* PDG codes, as those of nuclei and bosons below. */
#define MU_MINUS 13L
#define MU_PLUS (-13L)

/* By zps_mediator. */
static const long pdg_boson[] = {32L, 35L, 36L, 32L};

static long ion_code(const zps_nucleus *nucleus) {
  const long a = lround(nucleus->mass / ZPS_ATOMIC_MASS_GEV);
  return 1000000000L + (10000L * lround(nucleus->z)) + (10L * a);
}

static void put_particle(FILE *out, int number, int origin, long code, const double p[4], double mass,
                         enum particle_status status) {
  (void)fprintf(out, "P %d %d %ld %.16e %.16e %.16e %.16e %.16e %d\n", number, origin, code, p[0], p[1], p[2], p[3],
                mass, (int)status);
}

void zps_hepmc_put_head(FILE *out, const zps_hepmc_run *run) {
  (void)fprintf(out, "HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\nW k\n");
  (void)fprintf(out, "T zpscan\\|%s\\|Z' emission by muons, model %s, mediator %s, form factor %s\n", run->version,
                run->model, run->mediator_name, run->form_name);
  (void)fprintf(out, "A coupling 1\nA events_drawn %" PRIu64 "\n", run->events);
}

void zps_hepmc_put_event(FILE *out, const zps_hepmc_run *run, uint64_t number, const zps_emission_event *event) {
  const double e = run->energy_gev;
  const double m = run->nucleus.mass;
  const double beam[4] = {0.0, 0.0, sqrt((e - ZPS_MUON_MASS_GEV) * (e + ZPS_MUON_MASS_GEV)), e};
  const double at_rest[4] = {0.0, 0.0, 0.0, m};
  const double z_prime[4] = {event->zp_px, event->zp_py, event->zp_pz, event->zp_e};
  const double muon[4] = {event->mu_px, event->mu_py, event->mu_pz, event->mu_e};
  const double recoil[4] = {event->n_px, event->n_py, event->n_pz, m + event->n_ekin};
  const long ion = ion_code(&run->nucleus);
  const long mu = run->charge < 0 ? MU_MINUS : MU_PLUS;
  (void)fprintf(out, "E %" PRIu64 " 1 5\nU GEV MM\nW %.17g\n", number, event->weight);
  (void)fprintf(out, "A 0 GenCrossSection %.8e %.8e -1 -1\n", run->sigma_pb, run->sigma_error_pb);
  put_particle(out, 1, 0, mu, beam, ZPS_MUON_MASS_GEV, STATUS_BEAM);
  put_particle(out, 2, 0, ion, at_rest, m, STATUS_BEAM);
  (void)fputs("V -1 0 [1,2]\n", out);
  put_particle(out, 3, -1, pdg_boson[run->mediator], z_prime, run->mass_gev, STATUS_FINAL);
  put_particle(out, 4, -1, mu, muon, ZPS_MUON_MASS_GEV, STATUS_FINAL);
  put_particle(out, 5, -1, ion, recoil, m, STATUS_FINAL);
}

void zps_hepmc_put_end(FILE *out) {
  (void)fputs("HepMC::Asciiv3-END_EVENT_LISTING\n\n", out);
}
