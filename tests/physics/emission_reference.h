/* Z' emission coded a second time, for the tests alone: the formulas of docs/physics.md 2a and 2b in the natural
 * variables (x, theta, t, phi), with explicit four-vectors, libm and extended precision. It shares no line, variable or
 * constant with kernels/emission.h, so that one mistake cannot hide in both. Units: GeV, rad; cross-sections in GeV^-2
 * at coupling g = 1 unless named _pb. */
#ifndef ZPS_EMISSION_REFERENCE_H
#define ZPS_EMISSION_REFERENCE_H

#include <math.h>
#include <stddef.h>

/* Extended precision, or with REF_QUAD four times double where gauge cancellations eat digits: events and |A|^2 alone.
 */
#if defined(REF_QUAD) && defined(__SIZEOF_FLOAT128__)
typedef __float128 real;
#else
typedef long double real;
#endif

/** Square root in full precision: one correctly rounded to 64 bits and two Newton steps. */
static inline real ref_sqrt(real x) {
  const real start = (real)sqrtl((long double)x);
  if (!(start > 0.0L)) {
    return 0.0L;
  }
  const real once = 0.5L * (start + (x / start));
  return 0.5L * (once + (x / once));
}

static inline real ref_max(real a, real b) {
  return a > b ? a : b;
}

static inline real ref_abs(real a) {
  return a < 0.0L ? -a : a;
}

#define REF_PI 3.14159265358979323846264338327950288L
#define REF_MUON 0.1056583755L
#define REF_ELECTRON 0.51099895e-3L
#define REF_ALPHA (1.0L / 137.035999L)
#define REF_PB 0.3893793721e9L

enum ref_mediator { REF_VECTOR, REF_SCALAR, REF_PSEUDOSCALAR, REF_AXIAL };

/** Target nucleus: Z, mass, the screening and size parameters of G2 and its options; and what the muon emits. */
typedef struct ref_target {
  real z, mass, t_a, t_d;
  real helm_radius; /* R_n [1/GeV], 0 = no Helm form factor */
  int inelastic;    /* outer exponent, 0 = none */
  real t_map;       /* where nodes in t thin out */
  enum ref_mediator mediator;
} ref_target;

static inline ref_target ref_target_make(double z, double a) {
  const real screening = (REF_ELECTRON * (real)cbrtl((long double)z)) / 111.0L;
  const real root = (real)cbrtl((long double)a);
  const real t_d = 0.164L / (root * root);
  const ref_target target = {(real)z, 0.93149L * (real)a, screening * screening, t_d, 0.0L, 0, t_d, REF_VECTOR};
  return target;
}

#ifndef REF_QUAD

#define REF_FM 5.067730716156396L /* 1 fm in 1/GeV */

/** The same with Helm's form factor, the inelastic term (outer exponent 0, 1 or 2) and another mediator. */
static inline ref_target ref_target_option(double z, double a, int helm, int inelastic, enum ref_mediator mediator) {
  ref_target target = ref_target_make(z, a);
  const real c = ((1.23L * cbrtl((real)a)) - 0.6L) * REF_FM;
  const real fm2 = REF_FM * REF_FM;
  const real rest = ((7.0L / 3.0L) * REF_PI * REF_PI * 0.52L * 0.52L * fm2) - (5.0L * 0.81L * fm2);
  target.helm_radius = helm != 0 ? sqrtl((c * c) + rest) : 0.0L;
  target.inelastic = inelastic;
  target.t_map = inelastic != 0 ? 0.71L : target.t_d;
  target.mediator = mediator;
  return target;
}

/** Helm's form factor from spherical Bessel functions, j_1 = sin z/z^2 - cos z/z; series below z = 0.05. */
static inline real ref_helm(real radius, real t) {
  const real z = radius * sqrtl(t);
  const real ball =
      z < 0.05L ? 1.0L - (z * z / 10.0L) + (z * z * z * z / 280.0L) : 3.0L * ((sinl(z) / z) - cosl(z)) / (z * z);
  return ball * expl(-0.5L * t * 0.81L * REF_FM * REF_FM);
}

/** Inelastic part of G2(t), as in the literature: a' = 773 Z^(-2/3)/m_e. */
static inline real ref_inelastic(const ref_target *target, real t) {
  const real a2 = powl((773.0L * powl(target->z, -2.0L / 3.0L)) / REF_ELECTRON, 2.0L);
  const real proton = 0.9382721L;
  const real bound = (a2 * t) / (1.0L + (a2 * t));
  const real inner =
      (1.0L + ((t * ((2.79L * 2.79L) - 1.0L)) / (4.0L * proton * proton))) / powl(1.0L + (t / 0.71L), 4.0L);
  return target->z * bound * bound * powl(inner, (real)target->inelastic);
}

/** G2(t)/t^2. */
static inline real ref_flux(const ref_target *target, real t) {
  const real size = target->helm_radius > 0.0L ? ref_helm(target->helm_radius, t) : 1.0L / (1.0L + (t / target->t_d));
  const real amplitude = (target->z * size) / (target->t_a + t);
  const real protons = target->inelastic != 0 ? ref_inelastic(target, t) / (t * t) : 0.0L;
  return (amplitude * amplitude) + protons;
}

#endif

/** Sine of 0 <= phi < 2 pi from its cosine: the two on the unit circle in full precision. */
static inline real ref_sine(real phi, real cosine) {
  const real sine = ref_sqrt((1.0L - cosine) * (1.0L + cosine));
  return phi < REF_PI ? sine : -sine;
}

typedef struct ref_four {
  real e, x, y, z;
} ref_four;

static inline ref_four ref_sum(ref_four a, ref_four b) {
  const ref_four c = {a.e + b.e, a.x + b.x, a.y + b.y, a.z + b.z};
  return c;
}

static inline ref_four ref_difference(ref_four a, ref_four b) {
  const ref_four c = {a.e - b.e, a.x - b.x, a.y - b.y, a.z - b.z};
  return c;
}

/** Minkowski product, signature (+, -, -, -). */
static inline real ref_dot(ref_four a, ref_four b) {
  return (a.e * b.e) - (((a.x * b.x) + (a.y * b.y)) + (a.z * b.z));
}

static inline real ref_length(ref_four a) {
  return ref_sqrt((a.x * a.x) + (a.y * a.y) + (a.z * a.z));
}

/** mu(p) + N(nucleus_in) -> mu(p_out) + N(nucleus_out) + Z'(k). */
typedef struct ref_event {
  ref_four p, k, p_out, nucleus_in, nucleus_out;
} ref_event;

/** Incoming muon along +z and the Z' at (x, 1 - cos theta = versine) in the x-z plane. */
static inline void ref_event_start(const ref_target *target, real energy, real m, real x, real versine, ref_event *ev) {
  const real p = ref_sqrt((energy * energy) - (REF_MUON * REF_MUON));
  const real e_k = x * energy;
  const real k = ref_sqrt(ref_max((e_k * e_k) - (m * m), 0.0L));
  const ref_four muon = {energy, 0.0L, 0.0L, p};
  const ref_four boson = {e_k, k * ref_sqrt(ref_max(versine * (2.0L - versine), 0.0L)), 0.0L, k * (1.0L - versine)};
  const ref_four rest = {target->mass, 0.0L, 0.0L, 0.0L};
  ev->p = muon;
  ev->k = boson;
  ev->nucleus_in = rest;
}

/** Cosine between the nucleus's recoil q and V = p - k that puts the recoil muon on its mass shell. */
static inline real ref_recoil_cosine(const ref_event *ev, real t) {
  const ref_four v = ref_difference(ev->p, ev->k);
  const real mass = ev->nucleus_in.e;
  const real q2 = t + ((t * t) / (4.0L * mass * mass));
  const real v2 = (v.x * v.x) + (v.y * v.y) + (v.z * v.z);
  const real e_out = v.e - (t / (2.0L * mass));
  return (((v2 + q2) - (e_out * e_out)) + (REF_MUON * REF_MUON)) / (2.0L * ref_sqrt(v2 * q2));
}

/** Roots of |cos| = 1 in t, from cos^2 q^2 V^2 = q^2 V^2 as a quadratic in t; 0 where there are none, or none with a
 *  recoil muon of positive energy, whose sign the square loses. */
static inline int ref_recoil_roots(const ref_event *ev, real *t_lo, real *t_hi) {
  const ref_four v = ref_difference(ev->p, ev->k);
  const real mass = ev->nucleus_in.e;
  const real v2 = (v.x * v.x) + (v.y * v.y) + (v.z * v.z);
  const real off_shell = ((v2 - (v.e * v.e)) + (REF_MUON * REF_MUON)); /* -u */
  const real slope = 1.0L + (v.e / mass);
  const real a = (slope * slope) - (v2 / (mass * mass));
  const real b = (2.0L * v2) - (off_shell * slope);
  const real d = (b * b) - (a * off_shell * off_shell);
  if (!(b > 0.0L) || !(d > 0.0L) || !(a > 0.0L)) {
    return 0;
  }
  *t_hi = (b + ref_sqrt(d)) / a;
  *t_lo = (off_shell * off_shell) / (b + ref_sqrt(d));
  return v.e - (*t_hi / (2.0L * mass)) >= REF_MUON;
}

/** Completes the event at (t, phi); phi = 0 where q's part transverse to V points along p's. 0 outside phase space. */
static inline int ref_event_finish(ref_event *ev, real t, real phi) {
  const ref_four v = ref_difference(ev->p, ev->k);
  const real length = ref_length(v);
  const real mass = ev->nucleus_in.e;
  const real q = ref_sqrt(t + ((t * t) / (4.0L * mass * mass)));
  const real cosine = ref_recoil_cosine(ev, t);
  if (!(ref_abs(cosine) <= 1.0L) || v.e - (t / (2.0L * mass)) < REF_MUON) {
    return 0;
  }
  const real side = q * ref_sqrt((1.0L - cosine) * (1.0L + cosine));
  const real cos_phi = (real)cosl((long double)phi);
  /* V lies in the x-z plane with V_x = -k_x <= 0, so p's part transverse to V points along (V_z, 0, -V_x). */
  const real nx = v.x / length;
  const real nz = v.z / length;
  ev->nucleus_out.e = mass + (t / (2.0L * mass));
  ev->nucleus_out.x = (q * cosine * nx) + (side * cos_phi * nz);
  ev->nucleus_out.y = side * ref_sine(phi, cos_phi);
  ev->nucleus_out.z = (q * cosine * nz) - (side * cos_phi * nx);
  ev->p_out = ref_difference(ref_sum(ev->p, ev->nucleus_in), ref_sum(ev->k, ev->nucleus_out));
  return 1;
}

/** |A|^2 of docs/physics.md 2a: half the sum over both muon spins and the Z' polarisations, couplings, charge and
 *  photon propagator stripped. */
static inline real ref_amplitude(const ref_event *ev, real m) {
  const real m2 = m * m;
  const real mu2 = REF_MUON * REF_MUON;
  const ref_four transfer = ref_difference(ev->nucleus_out, ev->nucleus_in);
  const ref_four total = ref_sum(ev->nucleus_in, ev->nucleus_out);
  const real t = -ref_dot(transfer, transfer);
  const real s = (2.0L * ref_dot(ev->p_out, ev->k)) + m2;
  const real u = m2 - (2.0L * ref_dot(ev->p, ev->k));
  const real in = ref_dot(total, ev->p);
  const real out = ref_dot(total, ev->p_out);
  const real difference = (1.0L / s) - (1.0L / u);
  const real sum = (1.0L / s) + (1.0L / u);
  const real dipole = (in / s) + (out / u);
  const real square = (2.0L * ((s * s) + (u * u) + (2.0L * t * (s + u)) + (2.0L * t * t)) / (s * u)) +
                      (2.0L * m2 * t * difference * difference) + (4.0L * mu2 * t * sum * sum);
  return (ref_dot(total, total) * square) - (8.0L * t * ((in * in) + (out * out)) / (s * u)) -
         (8.0L * (m2 + (2.0L * mu2)) * dipole * dipole);
}

/** The same of a scalar (light = m^2 - 4 m_mu^2) or a pseudoscalar (light = m^2), docs/physics.md 2e. */
static inline real ref_amplitude_spinless(const ref_event *ev, real m, real light) {
  const ref_four transfer = ref_difference(ev->nucleus_out, ev->nucleus_in);
  const ref_four total = ref_sum(ev->nucleus_in, ev->nucleus_out);
  const real t = -ref_dot(transfer, transfer);
  const real s = (2.0L * ref_dot(ev->p_out, ev->k)) + (m * m);
  const real u = (m * m) - (2.0L * ref_dot(ev->p, ev->k));
  const real sum = (1.0L / s) + (1.0L / u);
  const real dipole = (ref_dot(total, ev->p) / s) + (ref_dot(total, ev->p_out) / u);
  const real to_boson = ref_dot(total, ev->k);
  const real total2 = ref_dot(total, total);
  return (((s + u) * (s + u) * total2) / (s * u)) - ((4.0L * t * to_boson * to_boson) / (s * u)) +
         (light * ((total2 * t * sum * sum) - (4.0L * dipole * dipole)));
}

/** The same of an axial vector: its transverse part, and a pseudoscalar times 4 m_mu^2/m^2. */
static inline real ref_amplitude_axial(const ref_event *ev, real m) {
  const real m2 = m * m;
  const real mu2 = REF_MUON * REF_MUON;
  const ref_four transfer = ref_difference(ev->nucleus_out, ev->nucleus_in);
  const ref_four total = ref_sum(ev->nucleus_in, ev->nucleus_out);
  const real t = -ref_dot(transfer, transfer);
  const real s = (2.0L * ref_dot(ev->p_out, ev->k)) + m2;
  const real u = m2 - (2.0L * ref_dot(ev->p, ev->k));
  const real in = ref_dot(total, ev->p);
  const real out = ref_dot(total, ev->p_out);
  const real difference = (1.0L / s) - (1.0L / u);
  const real sum = (1.0L / s) + (1.0L / u);
  const real dipole = (in / s) + (out / u);
  const real square = (2.0L * ((s * s) + (u * u) + (2.0L * t * (s + u)) + (2.0L * t * t)) / (s * u)) +
                      (2.0L * (m2 - (4.0L * mu2)) * t * difference * difference) - (4.0L * mu2 * t * sum * sum);
  const real transverse = (ref_dot(total, total) * square) - (8.0L * t * ((in * in) + (out * out)) / (s * u)) -
                          (8.0L * (m2 - (6.0L * mu2)) * dipole * dipole);
  return transverse + (((4.0L * mu2) / m2) * ref_amplitude_spinless(ev, m, m2));
}

static inline real ref_amplitude_of(enum ref_mediator mediator, const ref_event *ev, real m) {
  const real m2 = m * m;
  switch (mediator) {
  case REF_SCALAR:
    return ref_amplitude_spinless(ev, m, m2 - (4.0L * REF_MUON * REF_MUON));
  case REF_PSEUDOSCALAR:
    return ref_amplitude_spinless(ev, m, m2);
  case REF_AXIAL:
    return ref_amplitude_axial(ev, m);
  case REF_VECTOR:
  default:
    return ref_amplitude(ev, m);
  }
}

#ifndef REF_QUAD

/** d sigma/(dx dcos(theta) dt dphi/2pi) of the exact tree level at an event completed at t. */
static inline real ref_etl(const ref_target *target, const ref_event *ev, real m, real t) {
  const real k = ref_length(ev->k);
  const real v = ref_length(ref_difference(ev->p, ev->k));
  const real heavy = 8.0L * target->mass * target->mass;
  return (((REF_ALPHA * REF_ALPHA) / (4.0L * REF_PI)) * ((k * ev->p.e) / (ev->p.z * v))) * ref_flux(target, t) *
         (ref_amplitude_of(target->mediator, ev, m) / heavy);
}

#define REF_N_CHI 40

/** Integral of (t - t_min) G2(t)/t^2 from t_min to t_max: midpoints in ln t would do, Gauss-Legendre nodes z and
 *  weights w on (0, 1) do better. */
static inline real ref_chi(const ref_target *target, const double *z, const double *w, real t_min, real t_max) {
  if (!(t_max > t_min)) {
    return 0.0L;
  }
  const real range = logl(t_max / t_min);
  real sum = 0.0L;
  for (int i = 0; i < REF_N_CHI; i++) {
    const real t = t_min * expl(range * (real)z[i]);
    sum += (real)w[i] * t * (t - t_min) * ref_flux(target, t);
  }
  return sum * range;
}

/** |utilde| of docs/physics.md 2b. */
static inline real ref_u_tilde(real energy, real m, real x, real theta) {
  return (x * energy * energy * theta * theta) + ((m * m * (1.0L - x)) / x) + (REF_MUON * REF_MUON * x);
}

/** d sigma/(dx sin(theta) dtheta) of docs/physics.md 2b, without chi. */
static inline real ref_ww_over_chi(real energy, real m, real x, real theta) {
  const real m2 = m * m;
  const real mu2 = REF_MUON * REF_MUON;
  const real u = -ref_u_tilde(energy, m, x, theta);
  const real braces = ((2.0L * (2.0L - (2.0L * x) + (x * x))) / (1.0L - x)) +
                      (((4.0L * (m2 + (2.0L * mu2))) / (u * u)) * ((u * x) + (m2 * (1.0L - x)) + (mu2 * x * x)));
  const real front = (2.0L * REF_ALPHA * REF_ALPHA) / (4.0L * REF_PI);
  return (front * energy * energy * sqrtl((x * x) - (m2 / (energy * energy))) * (1.0L - x) * braces) / (u * u);
}

/** Upper end of x: threshold of the recoil muon and of the nucleus. */
static inline real ref_x_max(const ref_target *target, real energy, real m) {
  const real m2 = m * m;
  return 1.0L - ((m2 * m2) / (8.0L * energy * energy * energy * target->mass)) - (REF_MUON / energy);
}

/** x at r in (0, 1), uniform in ln(x/(1-x)), and dx/dr. */
static inline real ref_x_at(real x_lo, real x_hi, real r, real *slope) {
  const real lo = logl(x_lo / (1.0L - x_lo));
  const real hi = logl(x_hi / (1.0L - x_hi));
  const real x = 1.0L / (1.0L + expl(-(lo + ((hi - lo) * r))));
  *slope = x * (1.0L - x) * (hi - lo);
  return x;
}

/** theta at r in (0, 1), dense up to the angle where |utilde| doubles, and dtheta/dr; theta < limit. */
static inline real ref_theta_at(real energy, real m, real x, real limit, real r, real *slope) {
  const real scale2 = ref_u_tilde(energy, m, x, 0.0L) / (x * energy * energy);
  const real top = (limit * limit) / ((limit * limit) + scale2);
  const real s = top * r;
  const real theta = sqrtl((scale2 * s) / (1.0L - s));
  *slope = (top * scale2) / (2.0L * theta * (1.0L - s) * (1.0L - s));
  return theta;
}

/** t at r in (0, 1), uniform in ln(t/(1 + t/t_map)), and dt/dr. */
static inline real ref_t_at(const ref_target *target, real t_lo, real t_hi, real r, real *slope) {
  const real lo = logl(t_lo / (1.0L + (t_lo / target->t_map)));
  const real hi = logl(t_hi / (1.0L + (t_hi / target->t_map)));
  const real grown = expl(lo + ((hi - lo) * r));
  const real t = grown / (1.0L - (grown / target->t_map));
  *slope = t * (1.0L + (t / target->t_map)) * (hi - lo);
  return t;
}

/** A weighted point: the weight is the density of the model over the density of the points. */
typedef struct ref_point {
  double x, theta, psi, t, weight;
} ref_point;

/** Angle of the recoil muon against the incoming one. */
static inline real ref_psi(const ref_event *ev) {
  return atan2l(sqrtl((ev->p_out.x * ev->p_out.x) + (ev->p_out.y * ev->p_out.y)), ev->p_out.z);
}

/** Nodes r in (0, 1)^4 to a point of the exact tree level (t_cap 0, chi nodes unused) or of WW (t_cap = its t_max):
 *  there (x, theta) follow 2b with t_min of that form, t the flux (t - t_lo) G2(t)/t^2 between the kinematic roots. */
static inline ref_point ref_point_at(const ref_target *target, real energy, real m, real t_cap, const double *z,
                                     const double *w, const double r[4]) {
  ref_point point = {0.0, 0.0, 0.0, 1e-3, 0.0};
  ref_event ev;
  real dx = 0.0L;
  real dtheta = 0.0L;
  real dt = 0.0L;
  real t_lo = 0.0L;
  real t_hi = 0.0L;
  const real x = ref_x_at(m / energy, ref_x_max(target, energy, m), (real)r[0], &dx);
  const real theta = ref_theta_at(energy, m, x, REF_PI, (real)r[1], &dtheta);
  const real half = sinl(0.5L * theta);
  ref_event_start(target, energy, m, x, 2.0L * half * half, &ev);
  if (!ref_recoil_roots(&ev, &t_lo, &t_hi) || (t_cap > 0.0L && t_lo >= t_cap)) {
    return point;
  }
  t_hi = t_cap > 0.0L ? fminl(t_hi, t_cap) : t_hi;
  const real t = ref_t_at(target, t_lo, t_hi, (real)r[2], &dt);
  if (!ref_event_finish(&ev, t, 2.0L * REF_PI * (real)r[3])) {
    return point;
  }
  real density = 0.0L;
  if (t_cap > 0.0L) {
    const real root = ref_u_tilde(energy, m, x, theta) / (2.0L * energy * (1.0L - x));
    const real chi = ref_chi(target, z, w, root * root, t_cap);
    const real norm = ref_chi(target, z, w, t_lo, t_hi);
    density = (ref_ww_over_chi(energy, m, x, theta) * chi * (t - t_lo) * ref_flux(target, t)) / norm;
  } else {
    density = ref_etl(target, &ev, m, t);
  }
  point.x = (double)x;
  point.theta = (double)theta;
  point.psi = (double)ref_psi(&ev);
  point.t = (double)t;
  point.weight = (double)(density * sinl(theta) * dx * dtheta * dt);
  return point;
}

#endif

#endif
