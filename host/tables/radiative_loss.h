/* Radiative energy loss of muons in a pure chemical element, and its spectra: bremsstrahlung, e+ e- pairs,
 * photonuclear.
 *
 * Each is (N_A/A) integral of eps d sigma/d eps by Gauss-Legendre sums of fixed order, so that the bits
 * do not depend on compiler or machine. Relative error of the sums: bremsstrahlung and photonuclear below 1e-6,
 * pairs below 2e-5 from 10 to 2000 GeV and below 1e-3 down to the threshold, where they are 1e-4 of the loss. */
#ifndef ZPS_TABLES_RADIATIVE_LOSS_H
#define ZPS_TABLES_RADIATIVE_LOSS_H

#include <stddef.h>

#include "host/error.h"
#include "host/tables/pair_lanes.h"

#define ZPS_N_TRANSFER_NODES 24

/** Most transfers that zps_radiative_spectra_at() takes at a time. */
#define ZPS_N_TRANSFERS 256

/** Nodes and weights on [0, 1], made once and used for many energies. */
typedef struct zps_radiative_nodes {
  double transfer_x[ZPS_N_TRANSFER_NODES], transfer_w[ZPS_N_TRANSFER_NODES];
  double asymmetry_x[ZPS_N_ASYMMETRY_NODES], asymmetry_w[ZPS_N_ASYMMETRY_NODES];
  zps_pair_lanes *pair_lanes;
} zps_radiative_nodes;

/** For the compiler's default instruction set, which every machine has. */
void zps_radiative_nodes_init(zps_radiative_nodes *nodes);

/** For the set that zps_instruction_set_choose() gives, whose errors these are: the same results, sooner. */
zps_status zps_radiative_nodes_choose(zps_radiative_nodes *nodes, zps_error *error);

/** Bremsstrahlung loss [MeV cm^2/g]. z >= 1, a [g/mol], kinetic_gev in [0.001, 1e5].
 *
 * d sigma/dv = alpha (2 r_e m_e/m_mu)^2 Z (Z Phi_n + Phi_e) (4/3 - 4v/3 + v^2)/v (Kelner, Kokoulin and
 * Petrukhin, MEPhI preprint 024-95, 1995; Phys. At. Nucl. 60 (1997) 576; Groom et al., ADNDT 78 (2001) 183,
 * section 4.1), v = eps/E, delta = m_mu^2 v / (2 E (1 - v)):
 *   Phi_n = ln [B Z^-1/3 (m_mu + delta (D sqrt(e) - 2)) / (D (m_e + delta sqrt(e) B Z^-1/3))], B = 182.7 (H: 202.4),
 *           D = (1.54 A^0.27)^(1 - 1/Z) (H: exponent 1): nuclear form factor, elastic and inelastic,
 *   Phi_e = ln [B' Z^-2/3 m_mu / ((1 + delta m_mu/(m_e^2 sqrt(e))) (m_e + delta sqrt(e) B' Z^-2/3))], B' = 1429 (H:
 * 446), for v < 1/(1 + m_mu^2/(2 m_e E)): photons emitted by the muon on atomic electrons. */
double zps_radiative_bremsstrahlung(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev);

/** Loss by e+ e- pairs [MeV cm^2/g]; arguments as above.
 *
 * Kokoulin and Petrukhin, Proc. 12th Int. Conf. on Cosmic Rays, Hobart (1971) 2436, in the form
 *   d^2 sigma/(dv d rho) = (4/(3 pi)) Z (Z + zeta) (alpha r_e)^2 (1 - v)/v [Phi_e + (m_e/m_mu)^2 Phi_mu],
 * 0 <= rho < rho_max, with the radiation logarithm 183 (H: 202.4); zeta for atomic electrons: Kelner,
 * Phys. At. Nucl. 61 (1998) 448. 4 m_e < eps < E - (3 sqrt(e)/4) m_mu Z^1/3. */
double zps_radiative_pair_production(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev);

/** Photonuclear loss [MeV cm^2/g]; arguments as above.
 *
 * Bezrukov and Bugaev, Sov. J. Nucl. Phys. 33 (1981) 635, in the form of Groom et al. (2001) with
 * sigma(gamma N) = 114.3 + 1.647 ln^2(0.0213 eps/GeV) microbarn; shadowing G = 1 for hydrogen; eps from
 * m_pi + m_pi^2/(2 m_p) to E - (m_p/2)(1 + m_mu^2/m_p^2). */
double zps_radiative_photonuclear(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev);

/** The spectra behind the three losses: (N_A/A) v d sigma/dv [cm^2/g] by process. */
typedef struct zps_radiative_spectrum {
  double bremsstrahlung, pair_production, photonuclear;
} zps_radiative_spectrum;

/** Spectra at v = (energy lost)/(total energy of the muon), 0 < v < 1, each 0 outside its range of v; formulas and
 *  arguments as above. The integral of v times a spectrum over ln v, times the energy, is the loss. */
zps_radiative_spectrum zps_radiative_spectrum_at(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev,
                                                 double v);

/** The same at v[n], n <= ZPS_N_TRANSFERS. */
void zps_radiative_spectra_at(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev, size_t n,
                              const double *v, zps_radiative_spectrum *out);

#endif
