/* Rates of single losses of muons in a stack, as kernels/straggling.h draws from them.
 *
 * N(>loss) per mm at total energy E is the sum over
 *   knock-on electrons, xi/loss^2 (1 - beta^2 loss/Q_max + loss^2/(2 E^2)) (1 + radiation), loss < Q_max, with
 *     xi = (K/2)(Z/A) rho/beta^2 (spin 1/2: Rossi, High-Energy Particles (1952) section 2.3; PDG review, eq. 34.8; the
 *     factor: zps_knock_on_radiation()), down to loss zero as in Landau's theory: binding matters in layers so thin
 *     that xi path is below some 10 keV;
 *   bremsstrahlung, e+ e- pairs and photonuclear reactions, the spectra of host/tables/radiative_loss.h.
 * Same bits from every compiler and machine. */
#ifndef ZPS_TABLES_STRAGGLING_TABLE_H
#define ZPS_TABLES_STRAGGLING_TABLE_H

#include "host/error.h"
#include "host/tables/stack.h"
#include "kernels/straggling.h"

/** Largest energy Q_max [GeV] a muon of total energy energy_gev passes to an electron at rest (PDG, eq. 34.4). */
double zps_knock_on_max(double energy_gev);

/** Number of knock-on electrons above loss_gev > 0 for xi = 1 GeV/mm, without radiation [1/mm]; 0 from Q_max on. */
double zps_knock_on_rate(double energy_gev, double loss_gev);

/** Radiative correction to the spectrum of knock-on electrons, relative: alpha/(2 pi) a (b - a), a = ln(1 + 2
 * loss/m_e), b = ln(4 E (E - loss)/m_mu^2) (Kelner, Kokoulin and Petrukhin, Phys. At. Nucl. 60 (1997) 576). Its mean is
 * the last term of zps_loss_ionisation(). 0 from Q_max on. */
double zps_knock_on_radiation(double energy_gev, double loss_gev);

/** Fills *out for a stack whose period is layers[n_layers]; errors as zps_matter_build(). */
zps_status zps_straggling_build(const zps_layer *layers, size_t n_layers, zps_straggling *out, zps_error *error);

#endif
