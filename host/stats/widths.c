#include "host/stats/widths.h"

#include <math.h>

#include "kernels/constants.h"
#include "kernels/math.h"

/** beta^2 = 1 - 4 r of the daughters, 0 at and below threshold. */
static double beta_squared(double mass_gev, double daughter_gev) {
  const double ratio = 2.0 * daughter_gev / mass_gev;
  return ratio < 1.0 ? (1.0 - ratio) * (1.0 + ratio) : 0.0;
}

/** Two-body width into a Dirac pair with vector coupling. */
static double vector_width(double mass_gev, double coupling, double daughter_gev) {
  const double r = zps_square(daughter_gev / mass_gev);
  const double beta = sqrt(beta_squared(mass_gev, daughter_gev));
  return coupling * coupling * mass_gev / (12.0 * ZPS_PI) * (1.0 + (2.0 * r)) * beta;
}

double zps_width_neutrinos(double mass_gev, double coupling) {
  return coupling * coupling * mass_gev / (12.0 * ZPS_PI);
}

double zps_width_lepton(double mass_gev, double coupling, double lepton_gev) {
  return vector_width(mass_gev, coupling, lepton_gev);
}

double zps_width_dark(zps_dark_matter kind, double mass_gev, double g_chi, double dark_gev) {
  const double beta2 = beta_squared(mass_gev, dark_gev);
  const double beta3 = beta2 * sqrt(beta2);
  switch (kind) {
  case ZPS_DARK_DIRAC:
    return vector_width(mass_gev, g_chi, dark_gev);
  case ZPS_DARK_SCALAR:
    return g_chi * g_chi * mass_gev * beta3 / (48.0 * ZPS_PI);
  case ZPS_DARK_MAJORANA:
    return g_chi * g_chi * mass_gev * beta3 / (24.0 * ZPS_PI);
  case ZPS_DARK_NONE:
  default:
    return 0.0;
  }
}

static double width_invisible(double mass_gev, double coupling, zps_dark_matter kind, double g_chi,
                              double dark_mass_ratio) {
  return zps_width_neutrinos(mass_gev, coupling) + zps_width_dark(kind, mass_gev, g_chi, dark_mass_ratio * mass_gev);
}

static double width_visible(double mass_gev, double coupling) {
  return zps_width_lepton(mass_gev, coupling, ZPS_MUON_MASS_GEV) +
         zps_width_lepton(mass_gev, coupling, ZPS_TAU_MASS_GEV);
}

double zps_width_total(double mass_gev, double coupling, zps_dark_matter kind, double g_chi, double dark_mass_ratio) {
  return width_invisible(mass_gev, coupling, kind, g_chi, dark_mass_ratio) + width_visible(mass_gev, coupling);
}

double zps_width_pair(zps_mediator mediator, double mass_gev, double coupling, double daughter_gev) {
  const double beta2 = beta_squared(mass_gev, daughter_gev);
  const double beta = sqrt(beta2);
  const double front = coupling * coupling * mass_gev / ZPS_PI;
  switch (mediator) {
  case ZPS_MEDIATOR_SCALAR:
    return front / 8.0 * beta2 * beta;
  case ZPS_MEDIATOR_PSEUDOSCALAR:
    return front / 8.0 * beta;
  case ZPS_MEDIATOR_AXIAL:
    return front / 12.0 * beta2 * beta;
  case ZPS_MEDIATOR_VECTOR:
  default:
    return vector_width(mass_gev, coupling, daughter_gev);
  }
}

double zps_process_branching(const zps_job_process *process, double mass_gev, double coupling) {
  if (process->mediator == ZPS_MEDIATOR_VECTOR) {
    return zps_branching_invisible(mass_gev, coupling, process->dark_matter, process->g_chi, process->dark_mass_ratio);
  }
  const bool dirac = process->dark_matter == ZPS_DARK_DIRAC;
  const double dark =
      dirac ? zps_width_pair(process->mediator, mass_gev, process->g_chi, process->dark_mass_ratio * mass_gev) : 0.0;
  const double muons = zps_width_pair(process->mediator, mass_gev, coupling, ZPS_MUON_MASS_GEV);
  return dark > 0.0 ? dark / (dark + muons) : 0.0;
}

double zps_branching_invisible(double mass_gev, double coupling, zps_dark_matter kind, double g_chi,
                               double dark_mass_ratio) {
  const double invisible = width_invisible(mass_gev, coupling, kind, g_chi, dark_mass_ratio);
  return invisible / (invisible + width_visible(mass_gev, coupling));
}
