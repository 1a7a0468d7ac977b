#include "host/tables/radiative_loss.h"

#include <stddef.h>

#include "host/tables/gauss_legendre.h"
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

/* ln(1 + x) for x > 0, accurate for small x too: the rounding of 1 + x divides out. */
static double log_plus(double x) {
  const double sum = 1.0 + x;
  return sum == 1.0 ? x : zps_log(sum) * (x / (sum - 1.0));
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

/* (N_A/A) alpha (2 r_e m_e/m_mu)^2 Z phi [cm^2/g]. */
static double photon_scale(int z, double a, double phi) {
  const double radius_cm = 2.0 * (ELECTRON_RADIUS_CM * (ELECTRON / MUON));
  const double cross_section_cm2 = (ZPS_ALPHA * (radius_cm * radius_cm)) * ((double)z * phi);
  return (ZPS_AVOGADRO_PER_MOL / a) * cross_section_cm2;
}

double zps_radiative_bremsstrahlung(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev) {
  const double energy = kinetic_gev + MUON;
  const double charge = (double)z;
  const photon_screening nucleus = nuclear_screening(z, a, energy);
  const photon_screening electrons = electron_screening(z, energy);
  const double phi = (charge * photon_integral(nodes, &nucleus, energy)) + photon_integral(nodes, &electrons, energy);
  return photon_scale(z, a, phi) * (energy * MEV_PER_GEV);
}

/* What the pair integrand needs of the element and the energy. */
typedef struct pair_target {
  double energy;
  double screening;    /* A* Z^-1/3 */
  double form_squared; /* (3 m_e Z^1/3 / (2 m_mu))^2 */
  double log_mu_scale; /* (2/3) (m_mu/m_e) A* Z^-2/3 */
} pair_target;

/* Phi_e + (m_e/m_mu)^2 Phi_mu at v = eps/E and asymmetry rho, gap = 1 - rho^2. */
static double pair_integrand(const pair_target *target, double v, double rho, double gap) {
  const double square = rho * rho;
  const double beta = (v * v) / (2.0 * (1.0 - v));
  const double ratio = (MUON * v) / (2.0 * ELECTRON);
  const double xi = (ratio * ratio) * (gap / (1.0 - v));
  const double inverse = 1.0 / xi;
  const double y_e =
      ((5.0 - square) + (4.0 * (beta * (1.0 + square)))) /
      (((2.0 * (1.0 + (3.0 * beta))) * zps_log(3.0 + inverse)) - (square + (2.0 * (beta * (2.0 - square)))));
  const double y_mu = ((4.0 + square) + (3.0 * (beta * (1.0 + square)))) /
                      ((((1.0 + square) * (1.5 + (2.0 * beta))) * zps_log(3.0 + xi)) + (1.0 - (1.5 * square)));
  const double recoil = (2.0 * (ELECTRON * SQRT_E) * target->screening) / ((target->energy * v) * gap);
  const double wide_e = (1.0 + xi) * (1.0 + y_e);
  const double wide_mu = (1.0 + xi) * (1.0 + y_mu);
  const double damped = 1.0 + (recoil * wide_e);
  const double log_e = 0.5 * zps_log(((target->screening * target->screening) * wide_e) /
                                     ((damped * damped) * (1.0 + (target->form_squared * wide_e))));
  const double log_mu = zps_log(target->log_mu_scale / (1.0 + (recoil * wide_mu)));
  const double b_e = ((((2.0 + square) * (1.0 + beta)) + (xi * (3.0 + square))) * log_plus(inverse)) +
                     (((gap - beta) / (1.0 + xi)) - (3.0 + square));
  const double b_mu =
      ((((1.0 + square) * (1.0 + (1.5 * beta))) - (inverse * ((1.0 + (2.0 * beta)) * gap))) * log_plus(xi)) +
      (((xi * (gap - beta)) / (1.0 + xi)) + ((1.0 + (2.0 * beta)) * gap));
  const double mass_ratio = ELECTRON / MUON;
  return zps_max(b_e * log_e, 0.0) + ((mass_ratio * mass_ratio) * zps_max(b_mu * log_mu, 0.0));
}

/* Integral over rho at fixed v, in ln(1 - rho), where it is smooth. */
static double pair_asymmetry_integral(const zps_radiative_nodes *nodes, const pair_target *target, double v) {
  const double energy = target->energy;
  const double edge = (4.0 * ELECTRON) / (v * energy);
  const double root = zps_sqrt(1.0 - edge);
  const double loss = (6.0 * (MUON * MUON)) / ((energy * energy) * (1.0 - v));
  /* 1 - rho_max with rho_max = (1 - loss) root, without cancellation. */
  const double log_gap_min = zps_log((edge / (1.0 + root)) + (loss * root));
  double sum = 0.0;
  for (size_t i = 0; i < ZPS_N_ASYMMETRY_NODES; i++) {
    const double below_one = zps_exp(log_gap_min * nodes->asymmetry_x[i]);
    const double rho = 1.0 - below_one;
    sum += (nodes->asymmetry_w[i] * below_one) * pair_integrand(target, v, rho, below_one * (1.0 + rho));
  }
  return -(log_gap_min * sum);
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
  pair_target target;
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

/* (N_A/A) (4/(3 pi)) Z (Z + zeta) (alpha r_e)^2 value [cm^2/g]. */
static double pair_scale(const pair_process *p, int z, double a, double value) {
  const double charge = (double)z;
  const double radius_cm = ZPS_ALPHA * ELECTRON_RADIUS_CM;
  const double couplings =
      (4.0 / (3.0 * ZPS_PI)) * (charge * (charge + pair_electron_share(z, p->root, p->target.energy)));
  const double cross_section_cm2 = (couplings * (radius_cm * radius_cm)) * value;
  return (ZPS_AVOGADRO_PER_MOL / a) * cross_section_cm2;
}

double zps_radiative_pair_production(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev) {
  const double energy = kinetic_gev + MUON;
  const pair_process p = pair_process_at(z, energy);
  if (p.v_max <= p.v_min) {
    return 0.0;
  }
  const double log_v_min = zps_log(p.v_min);
  const double log_ratio = zps_log(p.v_max) - log_v_min;
  double sum = 0.0;
  for (size_t i = 0; i < ZPS_N_TRANSFER_NODES; i++) {
    const double v = zps_exp(log_v_min + (log_ratio * nodes->transfer_x[i]));
    sum += nodes->transfer_w[i] * ((v * (1.0 - v)) * pair_asymmetry_integral(nodes, &p.target, v));
  }
  return pair_scale(&p, z, a, log_ratio * sum) * (energy * MEV_PER_GEV);
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
  const double transverse = g * ((kappa * (log_plus(m1_squared / t) - ratio)) - mass_term);
  const double hard = 0.25 * ((kappa * log_plus(m2_squared / t)) - mass_term);
  const double longitudinal =
      (0.25 * mass_term) * ((g * ratio) + ((0.25 * (m2_squared / t)) * log_plus(t / m2_squared)));
  return (sigma * (v * v)) * (transverse + (hard + longitudinal));
}

/* (N_A/A) alpha/(2 pi) A value [cm^2/g], value in microbarn. */
static double photonuclear_scale(double a, double value) {
  const double cross_section_cm2 = ((ZPS_ALPHA / (2.0 * ZPS_PI)) * (a * CM2_PER_MICROBARN)) * value;
  return (ZPS_AVOGADRO_PER_MOL / a) * cross_section_cm2;
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
  return photonuclear_scale(a, log_ratio * sum) * (energy * MEV_PER_GEV);
}

static double photon_spectrum(int z, double a, double energy, double v) {
  const photon_screening nucleus = nuclear_screening(z, a, energy);
  const photon_screening electrons = electron_screening(z, energy);
  const double on_nucleus = v < nucleus.v_max ? photon_phi(&nucleus, energy, v) : 0.0;
  const double on_electrons = v < electrons.v_max ? photon_phi(&electrons, energy, v) : 0.0;
  const double phi = ((double)z * on_nucleus) + on_electrons;
  return photon_scale(z, a, ((4.0 / 3.0) - (v * ((4.0 / 3.0) - v))) * phi);
}

static double pair_spectrum(const zps_radiative_nodes *nodes, int z, double a, double energy, double v) {
  const pair_process p = pair_process_at(z, energy);
  const int allowed = v > p.v_min && v < p.v_max;
  return allowed ? pair_scale(&p, z, a, (1.0 - v) * pair_asymmetry_integral(nodes, &p.target, v)) : 0.0;
}

static double photonuclear_spectrum(int z, double a, double energy, double v) {
  const int allowed = v > photonuclear_v_min(energy) && v < photonuclear_v_max(energy);
  return allowed ? photonuclear_scale(a, photonuclear_integrand(v, energy, cube_root(a), z)) : 0.0;
}

zps_radiative_spectrum zps_radiative_spectrum_at(const zps_radiative_nodes *nodes, int z, double a, double kinetic_gev,
                                                 double v) {
  const double energy = kinetic_gev + MUON;
  zps_radiative_spectrum out;
  out.bremsstrahlung = photon_spectrum(z, a, energy, v);
  out.pair_production = pair_spectrum(nodes, z, a, energy, v);
  out.photonuclear = photonuclear_spectrum(z, a, energy, v);
  return out;
}
