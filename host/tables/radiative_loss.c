#include "host/tables/radiative_loss.h"

#include <stddef.h>

#include "host/instruction_set.h"
#include "host/tables/gauss_legendre.h"
#include "host/tables/log_plus.h"
#include "kernels/constants.h"
#include "kernels/math.h"

#define MUON ZPS_MUON_MASS_GEV
#define ELECTRON ZPS_ELECTRON_MASS_GEV
#define PROTON ZPS_PROTON_MASS_GEV
#define PION 0.13957039                     /* charged pion [GeV], PDG 2022 */
#define ELECTRON_RADIUS_CM 2.8179403205e-13 /* CODATA 2022 */
#define SQRT_E 1.6487212707001282
#define MEV_PER_GEV 1000.0
#define CM2_PER_MICROBARN 1e-30

static double cube_root(double x) {
  return zps_exp(zps_log(x) / 3.0);
}

static void unit_interval(size_t n, double *x, double *w) {
  zps_gauss_legendre(n, x, w);
  for (size_t i = 0; i < n; i++) {
    x[i] = 0.5 * (1.0 + x[i]);
    w[i] = 0.5 * w[i];
  }
}

void zps_radiative_nodes_init(zps_radiative_nodes *nodes) {
  unit_interval(ZPS_N_TRANSFER_NODES, nodes->transfer_x, nodes->transfer_w);
  unit_interval(ZPS_N_ASYMMETRY_NODES, nodes->asymmetry_x, nodes->asymmetry_w);
  nodes->pair_lanes = zps_pair_lanes_base;
}

zps_status zps_radiative_nodes_choose(zps_radiative_nodes *nodes, zps_error *error) {
  static zps_pair_lanes *const by_set[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_pair_lanes);
  zps_instruction_set set = ZPS_SET_BASE;
  const zps_status status = zps_instruction_set_choose(NULL, &set, error);
  zps_radiative_nodes_init(nodes);
  nodes->pair_lanes = by_set[set];
  return status;
}

/* Integrals over the asymmetry at n transfers. */
static void pair_integrals(const zps_radiative_nodes *nodes, const zps_pair_target *target, size_t n, const double *v,
                           double *integral) {
  nodes->pair_lanes(target, nodes->asymmetry_x, nodes->asymmetry_w, n, v, integral);
}

/* Atoms per gram, and the cross-section in units of the integral. */
typedef struct mass_scale {
  double atoms_per_g, cross_section_cm2;
} mass_scale;

static double scaled(const mass_scale *scale, double integral) {
  return scale->atoms_per_g * (scale->cross_section_cm2 * integral);
}

/* One screening function and how far it reaches. */
typedef struct photon_screening {
  double v_max;
  double top, top_slope;       /* numerator top + top_slope delta */
  double bottom, bottom_slope; /* first factor of the denominator */
  double recoil_slope;         /* second factor 1 + recoil_slope delta */
} photon_screening;

static photon_screening nuclear_screening(int z, double a, double energy) {
  const double log_form = zps_log(1.54) + (0.27 * zps_log(a));
  const double form = zps_exp(z == 1 ? log_form : log_form * (1.0 - (1.0 / (double)z)));
  const double b = (z == 1 ? 202.4 : 182.7) / cube_root((double)z);
  /* Phi_n falls to zero at this delta: larger transfers do not resolve the nucleus. */
  const double delta = 0.5 * (MUON - ((form * ELECTRON) / b));
  const double v_zero = delta / (delta + ((MUON * MUON) / (2.0 * energy)));
  photon_screening out;
  out.v_max = zps_min(v_zero, 1.0 - (MUON / energy));
  out.top = (b / form) * MUON;
  out.top_slope = (b / form) * ((form * SQRT_E) - 2.0);
  out.bottom = ELECTRON;
  out.bottom_slope = SQRT_E * b;
  out.recoil_slope = 0.0;
  return out;
}

static photon_screening electron_screening(int z, double energy) {
  const double root = cube_root((double)z);
  const double b = (z == 1 ? 446.0 : 1429.0) / (root * root);
  photon_screening out;
  out.v_max = 1.0 / (1.0 + ((MUON * MUON) / (2.0 * (ELECTRON * energy))));
  out.top = b * MUON;
  out.top_slope = 0.0;
  out.bottom = ELECTRON;
  out.bottom_slope = SQRT_E * b;
  out.recoil_slope = MUON / ((ELECTRON * ELECTRON) * SQRT_E);
  return out;
}

/* Phi at v: 0 where it would be negative. */
static double photon_phi(const photon_screening *screening, double energy, double v) {
  const double delta = ((MUON * MUON) * v) / (2.0 * (energy * (1.0 - v)));
  const double top = screening->top + (screening->top_slope * delta);
  const double bottom =
      (screening->bottom + (screening->bottom_slope * delta)) * (1.0 + (screening->recoil_slope * delta));
  return zps_max(zps_log(top / bottom), 0.0);
}

/* Integral of (4/3 - 4v/3 + v^2) Phi dv from 0 to v_max. v = v_max s^2 (3 - 2s) takes the
 * logarithms at both ends out of the integrand. */
static double photon_integral(const zps_radiative_nodes *nodes, const photon_screening *screening, double energy) {
  double sum = 0.0;
  for (size_t i = 0; i < ZPS_N_TRANSFER_NODES; i++) {
    const double s = nodes->transfer_x[i];
    const double v = screening->v_max * ((s * s) * (3.0 - (2.0 * s)));
    const double weight = nodes->transfer_w[i] * (screening->v_max * ((6.0 * s) * (1.0 - s)));
    const double phi = photon_phi(screening, energy, v);
    sum += weight * (((4.0 / 3.0) - (v * ((4.0 / 3.0) - v))) * phi);
  }
  return sum;
}

/* (N_A/A) alpha (2 r_e m_e/m_mu)^2 [cm^2/g], of Z Phi. */
static mass_scale photon_scale(double a) {
  const double radius_cm = 2.0 * (ELECTRON_RADIUS_CM * (ELECTRON / MUON));
  const mass_scale scale = {ZPS_AVOGADRO_PER_MOL / a, ZPS_ALPHA * (radius_cm * radius_cm)};
  return scale;
}

double zps_radiative_bremsstrahlung(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev) {
  const double energy = kinetic_gev + MUON;
  const double charge = (double)z;
  const photon_screening nucleus = nuclear_screening(z, a, energy);
  const photon_screening electrons = electron_screening(z, energy);
  const double phi = (charge * photon_integral(nodes, &nucleus, energy)) + photon_integral(nodes, &electrons, energy);
  const mass_scale scale = photon_scale(a);
  return scaled(&scale, charge * phi) * (energy * MEV_PER_GEV);
}

/* zeta of Z (Z + zeta): atomic electrons relative to one unit of nuclear charge. */
static double pair_electron_share(int z, double root, double energy) {
  const double gamma = energy / MUON;
  const double g_1 = z == 1 ? 4.4e-5 : 1.95e-5;
  const double g_2 = z == 1 ? 4.8e-5 : 5.3e-5;
  if (gamma <= 35.0) {
    return 0.0;
  }
  const double top = (0.073 * zps_log(gamma / (1.0 + (g_1 * ((root * root) * gamma))))) - 0.26;
  const double bottom = (0.058 * zps_log(gamma / (1.0 + (g_2 * (root * gamma))))) - 0.14;
  return top > 0.0 ? top / bottom : 0.0;
}

/* Pair production in one element: the integrand's constants and the range of v (empty: v_max <= v_min). */
typedef struct pair_process {
  zps_pair_target target;
  double root; /* Z^1/3 */
  double v_min, v_max;
} pair_process;

static pair_process pair_process_at(int z, double energy) {
  const double root = cube_root((double)z);
  const double screening = (z == 1 ? 202.4 : 183.0) / root;
  const double form = (1.5 * (ELECTRON / MUON)) * root;
  const double left_over =
      zps_max((0.75 * SQRT_E) * ((MUON / energy) * root), (6.0 * (MUON * MUON)) / (energy * energy));
  pair_process p;
  p.target.energy = energy;
  p.target.screening = screening;
  p.target.form_squared = form * form;
  p.target.log_mu_scale = (((2.0 / 3.0) * (MUON / ELECTRON)) * screening) / root;
  p.root = root;
  p.v_min = (4.0 * ELECTRON) / energy;
  p.v_max = 1.0 - left_over;
  return p;
}

/* (N_A/A) (4/(3 pi)) Z (Z + zeta) (alpha r_e)^2 [cm^2/g]. */
static mass_scale pair_scale(const pair_process *p, int z, double a) {
  const double charge = (double)z;
  const double radius_cm = ZPS_ALPHA * ELECTRON_RADIUS_CM;
  const double couplings =
      (4.0 / (3.0 * ZPS_PI)) * (charge * (charge + pair_electron_share(z, p->root, p->target.energy)));
  const mass_scale scale = {ZPS_AVOGADRO_PER_MOL / a, couplings * (radius_cm * radius_cm)};
  return scale;
}

double zps_radiative_pair_production(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev) {
  const double energy = kinetic_gev + MUON;
  const pair_process p = pair_process_at(z, energy);
  if (p.v_max <= p.v_min) {
    return 0.0;
  }
  const double log_v_min = zps_log(p.v_min);
  const double log_ratio = zps_log(p.v_max) - log_v_min;
  double v[ZPS_N_TRANSFER_NODES];
  double integral[ZPS_N_TRANSFER_NODES];
  for (size_t i = 0; i < ZPS_N_TRANSFER_NODES; i++) {
    v[i] = zps_exp(log_v_min + (log_ratio * nodes->transfer_x[i]));
  }
  pair_integrals(nodes, &p.target, ZPS_N_TRANSFER_NODES, v, integral);
  double sum = 0.0;
  for (size_t i = 0; i < ZPS_N_TRANSFER_NODES; i++) {
    sum += nodes->transfer_w[i] * ((v[i] * (1.0 - v[i])) * integral[i]);
  }
  const mass_scale scale = pair_scale(&p, z, a);
  return scaled(&scale, log_ratio * sum) * (energy * MEV_PER_GEV);
}

/* v d sigma/dv per nucleon, divided by alpha/(2 pi) [microbarn]. */
static double photonuclear_integrand(double v, double energy, double root_a, int z) {
  const double m1_squared = 0.54; /* GeV^2 */
  const double m2_squared = 1.80;
  const double log_scale = zps_log(0.0213 * (v * energy));
  const double sigma = 114.3 + (1.647 * (log_scale * log_scale));
  const double x = 0.00282 * (root_a * sigma);
  const double shadow = (3.0 / ((x * x) * x)) * ((((x * x) / 2.0) - 1.0) + (zps_exp(-x) * (1.0 + x)));
  const double g = 0.75 * (z == 1 ? 1.0 : shadow);
  const double t = ((MUON * MUON) * (v * v)) / (1.0 - v);
  const double kappa = (1.0 - (2.0 / v)) + (2.0 / (v * v));
  const double mass_term = (2.0 * (MUON * MUON)) / t;
  const double ratio = m1_squared / (m1_squared + t);
  const double transverse = g * ((kappa * (zps_log_plus(m1_squared / t) - ratio)) - mass_term);
  const double hard = 0.25 * ((kappa * zps_log_plus(m2_squared / t)) - mass_term);
  const double longitudinal =
      (0.25 * mass_term) * ((g * ratio) + ((0.25 * (m2_squared / t)) * zps_log_plus(t / m2_squared)));
  return (sigma * (v * v)) * (transverse + (hard + longitudinal));
}

/* (N_A/A) alpha/(2 pi) A [cm^2/g], of microbarn. */
static mass_scale photonuclear_scale(double a) {
  const mass_scale scale = {ZPS_AVOGADRO_PER_MOL / a, (ZPS_ALPHA / (2.0 * ZPS_PI)) * (a * CM2_PER_MICROBARN)};
  return scale;
}

static double photonuclear_v_min(double energy) {
  return (PION + ((PION * PION) / (2.0 * PROTON))) / energy;
}

static double photonuclear_v_max(double energy) {
  return 1.0 - ((0.5 * (PROTON + ((MUON * MUON) / PROTON))) / energy);
}

double zps_radiative_photonuclear(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev) {
  const double energy = kinetic_gev + MUON;
  const double v_min = photonuclear_v_min(energy);
  const double v_max = photonuclear_v_max(energy);
  if (v_max <= v_min) {
    return 0.0;
  }
  /* ln v is quadratic in the node, dense towards v = 1 where ln(1 - v) varies. */
  const double root_a = cube_root(a);
  const double log_v_min = zps_log(v_min);
  const double log_ratio = zps_log(v_max) - log_v_min;
  double sum = 0.0;
  for (size_t i = 0; i < ZPS_N_TRANSFER_NODES; i++) {
    const double left = 1.0 - nodes->transfer_x[i];
    const double v = zps_exp(log_v_min + (log_ratio * (1.0 - (left * left))));
    sum += (nodes->transfer_w[i] * (2.0 * left)) * (v * photonuclear_integrand(v, energy, root_a, z));
  }
  const mass_scale scale = photonuclear_scale(a);
  return scaled(&scale, log_ratio * sum) * (energy * MEV_PER_GEV);
}

/* One element at one energy: what its spectra need, whatever the transfer. */
typedef struct radiation_source {
  int z;
  double energy, root_a;
  photon_screening nucleus, electrons;
  pair_process pair;
  double photonuclear_v_min, photonuclear_v_max;
  mass_scale photon_scale, pair_scale, photonuclear_scale;
} radiation_source;

static radiation_source source_at(int z, double a, double energy) {
  radiation_source s;
  s.z = z;
  s.energy = energy;
  s.root_a = cube_root(a);
  s.nucleus = nuclear_screening(z, a, energy);
  s.electrons = electron_screening(z, energy);
  s.pair = pair_process_at(z, energy);
  s.photonuclear_v_min = photonuclear_v_min(energy);
  s.photonuclear_v_max = photonuclear_v_max(energy);
  s.photon_scale = photon_scale(a);
  s.pair_scale = pair_scale(&s.pair, z, a);
  s.photonuclear_scale = photonuclear_scale(a);
  return s;
}

static double photon_spectrum(const radiation_source *s, double v) {
  const double on_nucleus = v < s->nucleus.v_max ? photon_phi(&s->nucleus, s->energy, v) : 0.0;
  const double on_electrons = v < s->electrons.v_max ? photon_phi(&s->electrons, s->energy, v) : 0.0;
  const double phi = ((double)s->z * on_nucleus) + on_electrons;
  return scaled(&s->photon_scale, (double)s->z * (((4.0 / 3.0) - (v * ((4.0 / 3.0) - v))) * phi));
}

static double pair_spectrum(const radiation_source *s, double v, double integral) {
  const int allowed = v > s->pair.v_min && v < s->pair.v_max;
  return allowed ? scaled(&s->pair_scale, (1.0 - v) * integral) : 0.0;
}

static double photonuclear_spectrum(const radiation_source *s, double v) {
  const int allowed = v > s->photonuclear_v_min && v < s->photonuclear_v_max;
  return allowed ? scaled(&s->photonuclear_scale, photonuclear_integrand(v, s->energy, s->root_a, s->z)) : 0.0;
}

void zps_radiative_spectra_at(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev, size_t n,
                              const double *v, zps_radiative_spectrum *out) {
  const radiation_source source = source_at(z, a, kinetic_gev + MUON);
  double integral[ZPS_N_TRANSFERS];
  pair_integrals(nodes, &source.pair.target, n, v, integral);
  for (size_t i = 0; i < n; i++) {
    out[i].bremsstrahlung = photon_spectrum(&source, v[i]);
    out[i].pair_production = pair_spectrum(&source, v[i], integral[i]);
    out[i].photonuclear = photonuclear_spectrum(&source, v[i]);
  }
}

zps_radiative_spectrum zps_radiative_spectrum_at(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev,
                                                 double v) {
  zps_radiative_spectrum out;
  zps_radiative_spectra_at(nodes, z, a, kinetic_gev, 1, &v, &out);
  return out;
}
