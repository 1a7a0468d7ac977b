/* Mean energy loss of muons in matter, and the tables the transport reads.
 *
 * Every number here has the same bits from every compiler and instruction set:
 * kernels/math.h instead of libm, Gauss-Legendre sums of fixed order. */
#ifndef ZPS_TABLES_STOPPING_POWER_H
#define ZPS_TABLES_STOPPING_POWER_H

#include <stddef.h>

#include "host/error.h"
#include "host/tables/material.h"
#include "host/tables/stack.h"
#include "kernels/material.h"

/** Kinetic energies of the tables [GeV]. */
#define ZPS_LOSS_T_MIN_GEV 0.05
#define ZPS_LOSS_T_MAX_GEV 2000.0

/** Mean stopping power by process [MeV cm^2/g]. */
typedef struct zps_loss {
  double ionisation, bremsstrahlung, pair_production, photonuclear;
} zps_loss;

/** What `info --material` shows. */
typedef struct zps_material_summary {
  double density_g_cm3;
  double radiation_length_mm;
  double minimum_dedx;        /* smallest ionisation loss [MeV cm^2/g] */
  double minimum_kinetic_gev; /* where that is */
  double critical_energy_gev; /* total energy at which radiative and ionisation loss are equal */
} zps_material_summary;

/** Electronic loss [MeV cm^2/g] at a kinetic energy [GeV] in [0.001, 2000].
 *
 * Bethe's formula for spin 1/2 as in Groom, Mokhov and Striganov, ADNDT 78 (2001) 183, section 3: density
 * effect in Sternheimer's parametrisation (Sternheimer, Berger and Seltzer, ADNDT 30 (1984) 261), spin term
 * Q_max^2/(8 E^2), and their correction for bremsstrahlung in collisions with electrons,
 * K Z/(4 pi A) alpha [ln(2E/m_mu) - ln(2 Q_max/m_e)/3] ln^2(2 Q_max/m_e), 2 % at 100 GeV. No shell
 * corrections: they matter below beta gamma = 0.5, far below where a muon counts as stopped. */
double zps_loss_ionisation(const zps_material *material, double kinetic_gev);

/** All of it in a material (Bragg additivity over its elements for the radiative parts), each by its quadrature
 *  (host/tables/radiative_loss.h). kinetic_gev in [0.001, 1e5]. */
zps_loss zps_loss_at(const zps_material *material, double kinetic_gev);

/** Minimum ionisation and critical energy of a material. Fails (ZPS_INVALID) when material is NULL or when
 *  radiative and ionisation loss do not cross below 10 TeV. */
zps_status zps_material_summarise(const zps_material *material, zps_material_summary *summary, zps_error *error);

/** Fills *out for a stack whose period is layers[n_layers], homogenised by mass: radiation length
 *  sum L / sum (L_i/X0_i), linear stopping power sum L_i rho_i S_i / sum L. The number of periods does not matter.
 *  Fails (ZPS_INVALID) for no or too many layers, a NULL material, a thickness not finite and > 0. */
zps_status zps_matter_build(const zps_layer *layers, size_t n_layers, zps_matter *out, zps_error *error);

#endif
