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

double zps_branching_invisible(double mass_gev, double coupling, zps_dark_matter kind, double g_chi,
                               double dark_mass_ratio) {
  const double invisible = width_invisible(mass_gev, coupling, kind, g_chi, dark_mass_ratio);
  return invisible / (invisible + width_visible(mass_gev, coupling));
}

zps_process_widths zps_process_widths_at(const zps_job_process *process, double mass_gev, double coupling) {
  const double dark_gev = process->dark_mass_ratio * mass_gev;
  if (process->mediator == ZPS_MEDIATOR_VECTOR) {
    return (zps_process_widths){zps_width_neutrinos(mass_gev, coupling), width_visible(mass_gev, coupling),
                                zps_width_dark(process->dark_matter, mass_gev, process->g_chi, dark_gev)};
  }
  const bool dirac = process->dark_matter == ZPS_DARK_DIRAC;
  return (zps_process_widths){0.0, zps_width_pair(process->mediator, mass_gev, coupling, ZPS_MUON_MASS_GEV),
                              dirac ? zps_width_pair(process->mediator, mass_gev, process->g_chi, dark_gev) : 0.0};
}

double zps_process_relative_width(const zps_job_process *process, double mass_gev, double coupling) {
  const zps_process_widths w = zps_process_widths_at(process, mass_gev, coupling);
  return (w.neutrinos + w.dark + w.leptons) / mass_gev;
}

double zps_process_branching(const zps_job_process *process, double mass_gev, double coupling) {
  const zps_process_widths w = zps_process_widths_at(process, mass_gev, coupling);
  const double invisible = w.neutrinos + w.dark;
  return invisible > 0.0 ? invisible / (invisible + w.leptons) : 0.0;
}

double zps_coupling_of_events(const zps_process_widths *widths, double events_at_1, double n) {
  const double a = events_at_1 * widths->neutrinos;
  const double b = (n * (widths->neutrinos + widths->leptons)) - (events_at_1 * widths->dark);
  const double c = n * widths->dark;
  const double root = sqrt((b * b) + (4.0 * a * c));
  /* a s^2 - b s - c = 0, in the form that does not cancel. */
  if (b > 0.0) {
    return a > 0.0 ? sqrt(0.5 * (b + root) / a) : HUGE_VAL;
  }
  return c > 0.0 && root > b ? sqrt(2.0 * c / (root - b)) : HUGE_VAL;
}

double zps_events_slope(const zps_process_widths *widths, double coupling) {
  const double invisible = coupling * coupling * widths->neutrinos;
  const double all = coupling * coupling * (widths->neutrinos + widths->leptons);
  return 2.0 * (1.0 + (invisible / (invisible + widths->dark)) - (all / (all + widths->dark)));
}
