/* Emission of a Z' by a muon: mu(p) + N(P_i) -> mu(p') + N(P_f) + Z'(k).
 *
 * One event is one point of the unit cube (a, b, c, f) mapped to the physical
 * variables, in which the cross-section is nearly flat:
 *   a -> logit of x = E_Z'/E           (ends: x_min and the kinematic limit)
 *   b -> v = 1/|u|                      (b = 1: forward Z', b = 0: backward)
 *   c -> lambda = log((t + t_a)/(1 + t/t_b)), t between its two exact roots; t_b = t_d but for the options
 *   f -> phi, azimuth of the momentum transfer about V = p - k
 * zps_emission_point() does the mapping with its Jacobian, zps_emission_etl()
 * and zps_emission_ww() give the density. Sigma is their integral over the cube
 * (host/tables/emission_table.c), a sample is a draw from a piecewise constant
 * density on it with an integer multiplicity for the rest, so that the same few
 * functions serve cross-section, table and event.
 *
 * Units: GeV, rad; densities in GeV^-2 at coupling g = 1.
 * Source: the exact tree-level amplitude and the Weizsaecker-Williams forms are
 * written out in docs/physics.md, sections 2a and 2b. */
#ifndef ZPS_EMISSION_H
#define ZPS_EMISSION_H

#include "kernels/constants.h"
#include "kernels/mediator.h"
#include "kernels/rng.h"

/** Grid of the proposal in (a, b), and of the tabulated shape of t. All powers of two. */
#define ZPS_N_A 32
#define ZPS_N_B 32
#define ZPS_N_CELL (ZPS_N_A * ZPS_N_B)
#define ZPS_N_T_ROW 32
#define ZPS_N_T_BIN 32

/** Target nucleus. */
typedef struct zps_nucleus {
  double z;             /* charge number */
  double mass;          /* M [GeV] */
  double t_screening;   /* t_a = (m_e Z^(1/3)/111)^2 [GeV^2] */
  double t_size;        /* t_d = 0.164 A^(-2/3) [GeV^2] */
  double t_bend;        /* t_b, where lambda(t) levels off [GeV^2]: t_d, or more where the flux goes on */
  double log_screening; /* log(t_a) */
  double inv_row_step;  /* rows of the t table: uniform in lambda_0 from log t_a to log t_b */
  /* Options of the form factor, read by zps_emission_flux_option() alone. */
  double helm_radius;                         /* R_n/2pi [1/GeV]; 0: 1/(1 + t/t_d) instead */
  double helm_skin2;                          /* s^2/2 [GeV^-2] */
  double t_inelastic;                         /* 1/a'^2 [GeV^2] */
  double inelastic_linear, inelastic_squared; /* Z in the one chosen, else 0 */
} zps_nucleus;

/** Lorentz structure of the boson's coupling: coefficients of zps_emission_amplitude_option(). */
typedef struct zps_vertex {
  double vector;     /* of the terms of a massless vector */
  double scalar;     /* of those of a massless scalar */
  double difference; /* of P^2 t (1/s - 1/u)^2 [GeV^2] */
  double sum;        /* of P^2 t (1/s + 1/u)^2 [GeV^2] */
  double dipole;     /* of -[P.p/s + P.p'/u]^2 [GeV^2] */
} zps_vertex;

/** Shape of t: normalised nodes of equal probability, for each row of lambda at the lower root.
 *  node[r][i] = (lambda_i - lambda_0)/(lambda_N - lambda_0), from 0 to 1. One per target nucleus. */
typedef struct zps_t_shape {
  double node[ZPS_N_T_ROW + 1][ZPS_N_T_BIN + 1];
} zps_t_shape;

/** Everything an engine needs to emit one mass. */
typedef struct zps_emission {
  double mass;     /* m_Z' [GeV], > 0 */
  double x_min;    /* lowest x generated (0: from m/E) */
  uint64_t i_mass; /* index in the job's full grid: names the random stream */
  int32_t model;   /* ZPS_EMISSION_... */
  int32_t padding;
  double sigma; /* integral over x > x_min at nominal energy [GeV^-2, g = 1] */
  /* Proposal in (a, b): equal cells drawn by Walker's alias method (ACM TOMS 3 (1977) 253). Each holds: the
   * probability to keep the cell drawn; else which cell to take; 1/(density of the proposal here * sigma), times what
   * makes up for columns of a that are drawn less often (host/run/plan_pilot.h); 0. */
  double cell[ZPS_N_CELL][4];
  zps_vertex vertex; /* read from ZPS_EMISSION_OPTION on */
} zps_emission;

/** Models. The first three: vector, elastic form factor. From ZPS_EMISSION_OPTION on: the exact tree level of mediator
 *  model - ZPS_EMISSION_OPTION with the options of the nucleus, by functions of their own, so that the default pays
 *  nothing for them; engines tell no more than ">= ZPS_EMISSION_OPTION". */
enum { ZPS_EMISSION_ETL = 0, ZPS_EMISSION_WW = 1, ZPS_EMISSION_IWW = 2, ZPS_EMISSION_OPTION = 3 };

/** One point of phase space. Lengths of vectors in GeV; live = 0 outside the kinematic range. */
typedef struct zps_emission_state {
  double live;       /* 1 inside phase space, 0 outside */
  double energy, p;  /* incoming muon */
  double x, y;       /* E_k/E and 1 - x, without cancellation */
  double e_k, k;     /* Z' energy and momentum */
  double u_abs;      /* |u| = -u */
  double sin2_half;  /* sin^2(theta/2) */
  double v2, v;      /* |V|^2, |V| */
  double v0;         /* E - E_k */
  double t_lo, t_hi; /* kinematic roots */
  double t;
  double cos_phi, sin_phi;
  double lambda_0, lambda_range;
  double jacobian_ab; /* dx dv / (da db) */
  double jacobian_t;  /* dt / dc */
} zps_emission_state;

/** Range of x at energy e: m/E .. 1 - m^4/(8 E^3 M) - m_mu/E. */
ZPS_HD double zps_emission_x_max(double mass, double energy, double nuclear_mass) {
  const double m2 = mass * mass;
  return (1.0 - ((m2 * m2) / ((8.0 * (energy * energy)) * (energy * nuclear_mass)))) - (ZPS_MUON_MASS_GEV / energy);
}

/** The part of a point that depends on (a, b) alone: x, |u|, angles and the roots of t. */
ZPS_HD zps_emission_state zps_emission_ab(const zps_nucleus *n, double mass, double x_min, double energy, double a,
                                          double b) {
  zps_emission_state s;
  const double m2 = mass * mass;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double x_lo = zps_max(x_min, mass / energy);
  const double x_hi = zps_emission_x_max(mass, energy, n->mass);
  const double open = x_hi > x_lo ? 1.0 : 0.0;
  const double x_top = open > 0.0 ? x_hi : x_lo;
  const double logit_lo = zps_log(x_lo / (1.0 - x_lo));
  const double logit_range = zps_log((x_top * (1.0 - x_lo)) / ((1.0 - x_top) * x_lo));
  const double odds = zps_exp(logit_lo + (a * logit_range));
  s.energy = energy;
  s.p = zps_sqrt((energy - ZPS_MUON_MASS_GEV) * (energy + ZPS_MUON_MASS_GEV));
  s.y = 1.0 / (1.0 + odds);
  s.x = odds * s.y;
  s.e_k = s.x * energy;
  s.v0 = s.y * energy;
  const double k2 = (s.e_k - mass) * (s.e_k + mass);
  s.k = zps_sqrt(zps_max(k2, 0.0));
  const double pk = s.p * s.k;
  /* E E_k - p k from (a^2 - b^2)/(a + b): E^2 E_k^2 - p^2 k^2 = E^2 m^2 + m_mu^2 k^2. */
  const double forward = (((energy * energy) * m2) + (mu2 * zps_max(k2, 0.0))) / ((energy * s.e_k) + pk);
  const double u_min = (2.0 * forward) - m2;
  const double v_max = 1.0 / u_min;
  const double v_min = 1.0 / (u_min + (4.0 * pk));
  const double inv_u = v_min + (b * (v_max - v_min));
  s.u_abs = 1.0 / inv_u;
  s.sin2_half = zps_min(zps_max((s.u_abs - u_min) / (4.0 * zps_max(pk, 1e-300)), 0.0), 1.0);
  /* p - k without cancellation: (p^2 - k^2)/(p + k). */
  const double difference = (((s.v0 * (energy + s.e_k)) - mu2) + m2) / (s.p + s.k);
  s.v2 = (difference * difference) + ((4.0 * pk) * s.sin2_half);
  s.v = zps_sqrt(s.v2);
  const double c1 = 1.0 + (s.v0 / n->mass);
  const double quad_a = (c1 * c1) - (s.v2 / (n->mass * n->mass));
  const double half_b = (2.0 * s.v2) - (s.u_abs * c1);
  const double discriminant = (half_b * half_b) - (quad_a * (s.u_abs * s.u_abs));
  /* Squaring lost the sign of the recoil muon's energy: the muon and nucleus must reach (M + m_mu)^2 together. */
  const double slack = ((2.0 * n->mass) * (s.v0 - ZPS_MUON_MASS_GEV)) - s.u_abs;
  const double inside = ((open > 0.0) & (k2 > 0.0) & (slack > 0.0) & (half_b > 0.0) & (discriminant > 0.0)) ? 1.0 : 0.0;
  const double root = zps_sqrt(zps_max(discriminant, 0.0));
  const double sum = inside > 0.0 ? half_b + root : 1.0;
  s.live = inside;
  s.t_lo = inside > 0.0 ? (s.u_abs * s.u_abs) / sum : 1e-3;
  s.t_hi = inside > 0.0 ? sum / quad_a : 2e-3;
  s.jacobian_ab = ((s.x * s.y) * logit_range) * (v_max - v_min);
  s.lambda_0 = 0.0;
  s.lambda_range = 0.0;
  s.t = 0.0;
  s.jacobian_t = 0.0;
  s.cos_phi = 1.0;
  s.sin_phi = 0.0;
  return s;
}

/** lambda(t) = log((t + t_a)/(1 + t/t_b)): flat where the flux is, finite at both ends. */
ZPS_HD double zps_emission_lambda(const zps_nucleus *n, double t) {
  return zps_log((t + n->t_screening) / (1.0 + (t / n->t_bend)));
}

/** Sets the range of lambda from the roots of t, the upper one lowered to t_cap (WW: m^2 + m_mu^2). */
ZPS_HD void zps_emission_open_t(const zps_nucleus *n, double t_cap, zps_emission_state *s) {
  const double top = zps_min(s->t_hi, t_cap);
  const double open = top > s->t_lo ? 1.0 : 0.0;
  const double hi = open > 0.0 ? top : s->t_lo;
  s->live = s->live * open;
  s->t_hi = hi;
  s->lambda_0 = zps_emission_lambda(n, s->t_lo);
  s->lambda_range = zps_log(((hi + n->t_screening) * (1.0 + (s->t_lo / n->t_bend))) /
                            ((1.0 + (hi / n->t_bend)) * (s->t_lo + n->t_screening)));
}

/** Sets t at normalised position nu in [0, 1] of the range of lambda, and dt/dnu. */
ZPS_HD void zps_emission_set_t(const zps_nucleus *n, double nu, zps_emission_state *s) {
  const double growth = zps_exp(nu * s->lambda_range);
  const double q = (s->t_lo + n->t_screening) / (1.0 + (s->t_lo / n->t_bend));
  const double big_y = q * growth;
  const double t = (big_y - n->t_screening) / (1.0 - (big_y / n->t_bend));
  s->t = zps_min(zps_max(t, s->t_lo), s->t_hi);
  s->jacobian_t = (s->lambda_range * ((s->t + n->t_screening) * (s->t + n->t_bend))) / (n->t_bend - n->t_screening);
}

/** G2(t)/t^2: elastic form factor with screening and nuclear size, over the photon propagator. */
ZPS_HD double zps_emission_flux(const zps_nucleus *n, double t) {
  const double screened = t + n->t_screening;
  const double sized = 1.0 + (t / n->t_size);
  return zps_square(n->z / (screened * sized));
}

/** Helm's form factor 3 j_1(z)/z exp(-t s^2/2), z = R_n sqrt(t) (Helm, Phys. Rev. 104 (1956) 1466). */
ZPS_HD double zps_emission_helm(const zps_nucleus *n, double t) {
  const double turns = n->helm_radius * zps_sqrt(t);
  const double z = (2.0 * ZPS_PI) * turns;
  const double z2 = z * z;
  const zps_sin_cos at = zps_sincos_turn(turns);
  /* (sin z - z cos z)/z^3 cancels at small z; there the series of 3 (-z^2)^n (2n + 2)/(2n + 3)!. */
  const double far = (3.0 * (at.sine - (z * at.cosine))) / zps_max(z * z2, 1e-300);
  double series = -(1.0 / 7410154752000.0);
  series = (series * z2) + (1.0 / 31135104000.0);
  series = (series * z2) - (1.0 / 172972800.0);
  series = (series * z2) + (1.0 / 1330560.0);
  series = (series * z2) - (1.0 / 15120.0);
  series = (series * z2) + (1.0 / 280.0);
  series = (series * z2) - (1.0 / 10.0);
  const double ball = z2 > 1.0 ? far : 1.0 + (series * z2);
  return ball * zps_exp(-(t * n->helm_skin2));
}

/** G2(t)/t^2 with the options of the nucleus: Helm's form factor, and the inelastic term
 *  Z [a'^2 t/(1 + a'^2 t)]^2 h or h^2, h = [1 + t (mu_p^2 - 1)/(4 m_p^2)]/(1 + t/0.71)^4 [+ of docs/physics.md 2]. */
ZPS_HD double zps_emission_flux_option(const zps_nucleus *n, double t) {
  const double size = n->helm_radius > 0.0 ? zps_emission_helm(n, t) : 1.0 / (1.0 + (t / n->t_size));
  const double elastic = zps_square((n->z * size) / (t + n->t_screening));
  const double moment =
      ((ZPS_PROTON_MOMENT * ZPS_PROTON_MOMENT) - 1.0) / ((4.0 * ZPS_PROTON_MASS_GEV) * ZPS_PROTON_MASS_GEV);
  const double h = (1.0 + (t * moment)) / zps_square(zps_square(1.0 + (t / 0.71)));
  const double protons = h * (n->inelastic_linear + (n->inelastic_squared * h));
  return elastic + (protons / zps_square(t + n->t_inelastic));
}

/** |A|^2 of the exact tree level (docs/physics.md 2a), spin-averaged, couplings stripped, over 8 M^2. */
ZPS_HD double zps_emission_amplitude(const zps_nucleus *n, double mass, const zps_emission_state *st) {
  const double m2 = mass * mass;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double nuclear = n->mass;
  const double t = st->t;
  const double u = -st->u_abs;
  const double q2 = t + ((t * t) / (4.0 * (nuclear * nuclear)));
  const double q = zps_sqrt(q2);
  const double cos_qv = zps_min((st->u_abs + (t * (1.0 + (st->v0 / nuclear)))) / ((2.0 * st->v) * q), 1.0);
  const double sin_qv = zps_sqrt(zps_max((1.0 - cos_qv) * (1.0 + cos_qv), 0.0));
  /* Components of p along and across V: p.V = p (p - k cos theta), and p k sin theta / |V|. */
  const double cos_theta = 1.0 - (2.0 * st->sin2_half);
  const double sin_theta = 2.0 * zps_sqrt(st->sin2_half * (1.0 - st->sin2_half));
  const double p_along = (st->p * (st->p - (st->k * cos_theta))) / st->v;
  const double p_across = ((st->p * st->k) * sin_theta) / st->v;
  const double p_dot_q = q * ((p_along * cos_qv) + ((p_across * sin_qv) * st->cos_phi));
  const double s = (2.0 * p_dot_q) - (t * (1.0 + (st->energy / nuclear)));
  /* P = P_i + P_f: P^2 = 4 M^2 + t, P.p = 2 M E + E t/2M - p.q, P.p' = P.(p - k - Q) with P.Q = 0. */
  const double big_p2 = (4.0 * (nuclear * nuclear)) + t;
  const double big_p0 = (2.0 * nuclear) + (t / (2.0 * nuclear));
  const double pp = (big_p0 * st->energy) - p_dot_q;
  const double v_dot_q = (st->v * q) * cos_qv;
  const double ppf = (big_p0 * st->v0) - v_dot_q;
  const double inv_s = 1.0 / s;
  const double inv_u = 1.0 / u;
  const double inv_su = inv_s * inv_u;
  const double term_1 = (2.0 * (((s * s) + (u * u)) + ((2.0 * t) * ((s + u) + t)))) * inv_su;
  const double term_2 = ((2.0 * m2) * t) * zps_square(inv_s - inv_u);
  const double term_3 = ((4.0 * mu2) * t) * zps_square(inv_s + inv_u);
  const double term_4 = ((8.0 * t) * inv_su) * ((pp * pp) + (ppf * ppf));
  const double term_5 = (8.0 * (m2 + (2.0 * mu2))) * zps_square((pp * inv_s) + (ppf * inv_u));
  const double a2 = ((big_p2 * ((term_1 + term_2) + term_3)) - term_4) - term_5;
  return a2 / (8.0 * (nuclear * nuclear));
}

/** The same for any mediator, by the coefficients of its vertex (docs/physics.md 2e). s + u = -2 k.Q, P.k and the part
 *  of k across q are computed from k itself: for a scalar they are what is left when larger terms cancel. */
ZPS_HD double zps_emission_amplitude_option(const zps_nucleus *n, double mass, const zps_vertex *vertex,
                                            const zps_emission_state *st) {
  const double m2 = mass * mass;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double t = st->t;
  const double u = -st->u_abs;
  const double q = zps_sqrt(t + ((t * t) / (4.0 * (n->mass * n->mass))));
  const double cos_qv = zps_min((st->u_abs + (t * (1.0 + (st->v0 / n->mass)))) / ((2.0 * st->v) * q), 1.0);
  const double sin_qv = zps_sqrt(zps_max((1.0 - cos_qv) * (1.0 + cos_qv), 0.0));
  /* Components of k along and across V: k.V = k (p cos theta - k) with p - k = (p^2 - k^2)/(p + k). */
  const double difference = (((st->v0 * (st->energy + st->e_k)) - mu2) + m2) / (st->p + st->k);
  const double k_along = (st->k * (difference - ((2.0 * st->p) * st->sin2_half))) / st->v;
  const double k_across = ((st->p * st->k) * (2.0 * zps_sqrt(st->sin2_half * (1.0 - st->sin2_half)))) / st->v;
  const double k_dot_q = q * ((k_along * cos_qv) + ((k_across * sin_qv) * st->cos_phi));
  const double k_side2 = zps_square(((k_along * sin_qv) * st->cos_phi) - (k_across * cos_qv)) +
                         (zps_square(sin_qv * st->sin_phi) * ((k_along * k_along) + (k_across * k_across)));
  const double v_dot_q = (st->v * q) * cos_qv;
  const double sum = (2.0 * k_dot_q) - (t * (st->e_k / n->mass));
  const double s = st->u_abs + sum;
  const double big_p2 = (4.0 * (n->mass * n->mass)) + t;
  const double big_p0 = (2.0 * n->mass) + (t / (2.0 * n->mass));
  const double pk = (big_p0 * st->e_k) - k_dot_q;
  const double ppf = (big_p0 * st->v0) - v_dot_q;
  const double pp = ppf + pk;
  const double inv_su = 1.0 / (s * u);
  const double square_v = (2.0 * (((s * s) + (u * u)) + ((2.0 * t) * (sum + t)))) * inv_su;
  const double square_s = ((4.0 * t) * inv_su) * (m2 + k_side2);
  const double across_v = ((8.0 * t) * inv_su) * ((pp * pp) + (ppf * ppf));
  const double dipole = ((ppf * sum) + (pk * u)) * inv_su;
  const double poles =
      t * ((vertex->difference * zps_square((u - s) * inv_su)) + (vertex->sum * zps_square(sum * inv_su)));
  const double contact = (vertex->vector * square_v) - (vertex->scalar * square_s);
  const double a2 = ((big_p2 * (contact + poles)) - (vertex->vector * across_v)) - (vertex->dipole * (dipole * dipole));
  return a2 / (8.0 * (n->mass * n->mass));
}

/** Coefficients of a mediator's vertex at mass m; the axial vector holds 4 m_mu^2/m^2 times a pseudoscalar, its
 *  longitudinal part. */
ZPS_HD zps_vertex zps_emission_vertex(zps_mediator mediator, double mass) {
  const double m2 = mass * mass;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double light = m2 - (4.0 * mu2);
  zps_vertex v = {1.0, 0.0, 2.0 * m2, 4.0 * mu2, 8.0 * (m2 + (2.0 * mu2))};
  if (mediator == ZPS_MEDIATOR_AXIAL) {
    v.scalar = (4.0 * mu2) / m2;
    v.difference = 2.0 * light;
    v.sum = 0.0;
    v.dipole = 8.0 * light;
  } else if (mediator != ZPS_MEDIATOR_VECTOR) {
    const double pole = mediator == ZPS_MEDIATOR_SCALAR ? light : m2;
    v.vector = 0.0;
    v.scalar = 1.0;
    v.difference = 0.0;
    v.sum = pole;
    v.dipole = 4.0 * pole;
  }
  return v;
}

/** d sigma/(dx dv dt dphi/2pi) of the exact tree level [GeV^-2 per unit], g = 1; v = 1/|u|. */
ZPS_HD double zps_emission_etl(const zps_nucleus *n, double mass, const zps_emission_state *s) {
  const double coupling = (ZPS_ALPHA * ZPS_ALPHA) / (4.0 * ZPS_PI);
  const double phase_space = (s->energy * (s->u_abs * s->u_abs)) / ((2.0 * (s->p * s->p)) * s->v);
  const double density = (coupling * phase_space) * (zps_emission_flux(n, s->t) * zps_emission_amplitude(n, mass, s));
  return s->live > 0.0 ? density : 0.0;
}

/** The same with the options of vertex and nucleus. */
ZPS_HD double zps_emission_etl_option(const zps_nucleus *n, double mass, const zps_vertex *vertex,
                                      const zps_emission_state *s) {
  const double coupling = (ZPS_ALPHA * ZPS_ALPHA) / (4.0 * ZPS_PI);
  const double phase_space = (s->energy * (s->u_abs * s->u_abs)) / ((2.0 * (s->p * s->p)) * s->v);
  const double square = zps_emission_amplitude_option(n, mass, vertex, s);
  const double density = (coupling * phase_space) * (zps_emission_flux_option(n, s->t) * square);
  return s->live > 0.0 ? density : 0.0;
}

/** chi = integral of (t - t_min)/t^2 G2(t) from t_min to t_max, closed form by partial fractions of
 *  (t - t_min) Z^2 t_d^2 / ((t + t_a)^2 (t + t_d)^2); 0 where t_min >= t_max. */
ZPS_HD double zps_emission_chi(const zps_nucleus *n, double t_min, double t_max) {
  const double a = n->t_screening;
  const double d = n->t_size;
  const double top = zps_max(t_max, t_min);
  const double gap = d - a;
  const double log_ratio = zps_log(((top + a) * (t_min + d)) / ((t_min + a) * (top + d)));
  const double log_part = (((a + d) + (2.0 * t_min)) / gap) * log_ratio;
  const double poles = ((top - t_min) / (top + a)) + ((top - t_min) / (top + d));
  return zps_max(zps_square((n->z * d) / gap) * (log_part - poles), 0.0);
}

/** The braces of the Weizsaecker-Williams form (docs/physics.md 2b): polynomial in 1/|utilde|. */
ZPS_HD double zps_emission_ww_braces(double mass, double x, double y, double u_tilde_abs) {
  const double m2 = mass * mass;
  const double mu2 = ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV;
  const double inv_u = 1.0 / u_tilde_abs;
  const double bracket = ((m2 * y) + (mu2 * (x * x))) - (u_tilde_abs * x);
  return ((2.0 * ((2.0 - (2.0 * x)) + (x * x))) / y) + (((4.0 * (m2 + (2.0 * mu2))) * (inv_u * inv_u)) * bracket);
}

/** |utilde| = x E^2 theta^2 + m^2 (1-x)/x + m_mu^2 x. */
ZPS_HD double zps_emission_u_tilde(double mass, double energy, double x, double y, double theta2) {
  const double e2 = energy * energy;
  return (((x * e2) * theta2) + (((mass * mass) * y) / x)) + ((ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV) * x);
}

/** Lowest t of the approximations: WW [utilde/(2E(1-x))]^2, IWW m^4/(4E^2). */
ZPS_HD double zps_emission_ww_t_min(double mass, int32_t model, double energy, double y, double u_tilde_abs) {
  const double m2 = mass * mass;
  const double ww = zps_square(u_tilde_abs / ((2.0 * energy) * y));
  const double iww = (m2 * m2) / ((4.0 * energy) * energy);
  return model == ZPS_EMISSION_IWW ? iww : ww;
}

/** theta^2 from sin^2(theta/2) = z: 4 arcsin^2(sqrt z) = sum of 2 (4z)^n / (n^2 C(2n, n)); 1e-6 up to 1.3 rad. */
ZPS_HD double zps_emission_theta2(double z) {
  const double w = 4.0 * z;
  double s = 2.0 / (100.0 * 184756.0);
  s = (s * w) + (2.0 / (81.0 * 48620.0));
  s = (s * w) + (2.0 / (64.0 * 12870.0));
  s = (s * w) + (2.0 / (49.0 * 3432.0));
  s = (s * w) + (2.0 / (36.0 * 924.0));
  s = (s * w) + (2.0 / (25.0 * 252.0));
  s = (s * w) + (2.0 / (16.0 * 70.0));
  s = (s * w) + (2.0 / (9.0 * 20.0));
  s = (s * w) + (2.0 / (4.0 * 6.0));
  s = (s * w) + 1.0;
  return s * w;
}

/** d sigma/(dx dv) of WW or IWW [GeV^-2], g = 1, v = 1/|u|, for chi given. */
ZPS_HD double zps_emission_ww(double mass, const zps_emission_state *s, double u_tilde_abs, double chi) {
  const double coupling = (ZPS_ALPHA * ZPS_ALPHA) / (4.0 * ZPS_PI);
  const double braces = zps_emission_ww_braces(mass, s->x, s->y, u_tilde_abs);
  const double measure = ((s->energy / s->p) * s->y) * zps_square(s->u_abs / u_tilde_abs);
  return (coupling * measure) * (zps_max(braces, 0.0) * chi);
}

/** The same times the shape of t: the approximations leave t to the flux (t - t_lo) G2(t)/t^2 between the
 *  kinematic roots, so that their events close energy and momentum too. d sigma/(dx dv dt). */
ZPS_HD double zps_emission_ww_event(const zps_nucleus *n, double mass, int32_t model, const zps_emission_state *s) {
  const double t_max = (mass * mass) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV);
  const double u_tilde = zps_emission_u_tilde(mass, s->energy, s->x, s->y, zps_emission_theta2(s->sin2_half));
  const double t_min = zps_emission_ww_t_min(mass, model, s->energy, s->y, u_tilde);
  const double density = zps_emission_ww(mass, s, u_tilde, zps_emission_chi(n, t_min, t_max));
  const double norm = zps_emission_chi(n, s->t_lo, s->t_hi);
  const double shape = ((s->t - s->t_lo) * zps_emission_flux(n, s->t)) / zps_max(norm, 1e-300);
  return ((s->live > 0.0) & (norm > 0.0)) ? density * shape : 0.0;
}

/** WW or IWW: neither the default nor an option of the exact model. */
ZPS_HD int zps_emission_is_ww(int32_t model) {
  return (model == ZPS_EMISSION_WW) | (model == ZPS_EMISSION_IWW);
}

/** Density of the chosen model at a point, d sigma/(dx dv dt dphi/2pi) [GeV^-2], g = 1; vertex: for the options. */
ZPS_HD double zps_emission_density(const zps_nucleus *n, double mass, int32_t model, const zps_vertex *vertex,
                                   const zps_emission_state *s) {
  if (model == ZPS_EMISSION_ETL) {
    return zps_emission_etl(n, mass, s);
  }
  return zps_emission_is_ww(model) ? zps_emission_ww_event(n, mass, model, s)
                                   : zps_emission_etl_option(n, mass, vertex, s);
}

/** Cap of t: none for the exact model, m^2 + m_mu^2 for the approximations. */
ZPS_HD double zps_emission_t_cap(double mass, int32_t model) {
  const double ww = (mass * mass) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV);
  return zps_emission_is_ww(model) ? ww : 1e300;
}

/** A point of the cube with every variable set: (a, b), nu in place of c, phi in turns. */
ZPS_HD zps_emission_state zps_emission_point(const zps_nucleus *n, double mass, int32_t model, double x_min,
                                             double energy, double a, double b, double nu, double phi_turn) {
  zps_emission_state s = zps_emission_ab(n, mass, x_min, energy, a, b);
  zps_emission_open_t(n, zps_emission_t_cap(mass, model), &s);
  zps_emission_set_t(n, nu, &s);
  const zps_sin_cos phi = zps_sincos_turn(phi_turn);
  s.cos_phi = phi.cosine;
  s.sin_phi = phi.sine;
  return s;
}

/** An emitted Z' and the recoil muon, in the frame with the incoming muon along +z and psi in the x-z plane
 *  turned by a uniform azimuth. */
typedef struct zps_emitted {
  double k;                /* multiplicity: the integer weight, 0 = no event */
  double energy;           /* recoil muon [GeV] */
  double p;                /* its momentum [GeV] */
  double px, py, pz;       /* its components [GeV] */
  double two_sin_half_psi; /* 2 sin(psi/2), psi = its angle against the incoming muon */
} zps_emitted;

/** Recoil muon p' = V - q of a point of phase space, turned by azimuth (cos_w, sin_w) about the incoming muon. */
ZPS_HD zps_emitted zps_emission_recoil(const zps_nucleus *n, const zps_emission_state *s, double cos_w, double sin_w) {
  const double t = s->t;
  const double q = zps_sqrt(t + ((t * t) / (4.0 * (n->mass * n->mass))));
  const double cos_qv = zps_min((s->u_abs + (t * (1.0 + (s->v0 / n->mass)))) / ((2.0 * s->v) * q), 1.0);
  const double sin_qv = zps_sqrt(zps_max((1.0 - cos_qv) * (1.0 + cos_qv), 0.0));
  const double sin_v = ((2.0 * zps_sqrt(s->sin2_half * (1.0 - s->sin2_half))) * s->k) / s->v;
  const double cos_v = (s->p - (s->k * (1.0 - (2.0 * s->sin2_half)))) / s->v;
  const double along = s->v - (q * cos_qv);
  const double across = (q * sin_qv) * s->cos_phi;
  const double px = -((sin_v * along) + (cos_v * across));
  const double py = -((q * sin_qv) * s->sin_phi);
  zps_emitted e;
  e.k = 0.0;
  e.energy = zps_max(s->v0 - (t / (2.0 * n->mass)), ZPS_MUON_MASS_GEV);
  e.p = zps_sqrt((e.energy - ZPS_MUON_MASS_GEV) * (e.energy + ZPS_MUON_MASS_GEV));
  e.pz = (cos_v * along) - (sin_v * across);
  e.px = (px * cos_w) - (py * sin_w);
  e.py = (px * sin_w) + (py * cos_w);
  /* 2 sin^2(psi/2) = 1 - pz/p, written as pt^2/(p (p + pz)) where that does not cancel. */
  const double pt2 = (px * px) + (py * py);
  const double length = zps_sqrt(pt2 + (e.pz * e.pz));
  const double positive = pt2 / zps_max(length * (length + zps_abs(e.pz)), 1e-300);
  const double one_minus_cos = e.pz > 0.0 ? positive : 2.0 - positive;
  e.two_sin_half_psi = zps_sqrt(2.0 * one_minus_cos);
  return e;
}

/** Draws (a, b) from the proposal: one of the equal cells by the alias method, uniform inside.
 *  weight receives 1/(density of the proposal * sigma). */
ZPS_HD zps_pair zps_emission_draw_ab(const double (*cell)[4], zps_stream stream, double *weight) {
  const zps_pair u = zps_draw_uniform(stream, ZPS_DRAW_EMISSION, 0);
  const zps_pair w = zps_draw_uniform(stream, ZPS_DRAW_EMISSION, 1);
  const int32_t first = (int32_t)(u.a * (double)ZPS_N_CELL);
  const double keep = cell[first][0];
  const double other = zps_min(zps_max(cell[first][1], 0.0), (double)(ZPS_N_CELL - 1)); /* NaN becomes 0 */
  const int32_t i = u.b < keep ? first : (int32_t)other;
  zps_pair ab;
  *weight = cell[i][2];
  ab.a = ((double)(i / ZPS_N_B) + w.a) * (1.0 / (double)ZPS_N_A);
  ab.b = ((double)(i % ZPS_N_B) + w.b) * (1.0 / (double)ZPS_N_B);
  return ab;
}

/** Position nu of t for a uniform number u, from the tabulated shape; width receives d nu/d u. */
ZPS_HD double zps_emission_draw_nu(const zps_nucleus *n, const zps_t_shape *shape, double lambda_0, double u,
                                   double *width) {
  const double row = (lambda_0 - n->log_screening) * n->inv_row_step;
  const double inside = zps_min(zps_max(row, 0.0), (double)ZPS_N_T_ROW - 1e-9);
  const int32_t i_row = (int32_t)inside;
  const double f = inside - (double)i_row;
  const double scaled = u * (double)ZPS_N_T_BIN;
  const int32_t i_bin = (int32_t)scaled;
  const double *const node = &shape->node[0][0];
  const int32_t at = (i_row * (ZPS_N_T_BIN + 1)) + i_bin;
  const int32_t up = at + (ZPS_N_T_BIN + 1);
  const double lo = node[at] + (f * (node[up] - node[at]));
  const double hi = node[at + 1] + (f * (node[up + 1] - node[at + 1]));
  *width = (hi - lo) * (double)ZPS_N_T_BIN;
  return lo + ((scaled - (double)i_bin) * (hi - lo));
}

/** Emits a Z' from a muon of the given energy: samples the point *s of phase space and returns the recoil muon
 *  with its multiplicity k = floor(w + u), w = density/(proposal * sigma): unbiased, mean 1 at nominal energy.
 *  model = em->model, a constant where it is known (any ZPS_EMISSION_OPTION and above stands for all); cell = em->cell,
 * passed on its own because gcc 12 vectorises gathers only from an address it need not compute. */
ZPS_HD zps_emitted zps_emission_sample(const zps_nucleus *n, const zps_t_shape *shape, const zps_emission *em,
                                       const double (*cell)[4], int32_t model, double energy, zps_stream stream,
                                       zps_emission_state *s) {
  double cell_weight;
  double width;
  const zps_pair ab = zps_emission_draw_ab(cell, stream, &cell_weight);
  const zps_pair tf = zps_draw_uniform(stream, ZPS_DRAW_EMISSION, 2);
  const zps_pair kw = zps_draw_uniform(stream, ZPS_DRAW_EMISSION, 3);
  *s = zps_emission_ab(n, em->mass, em->x_min, energy, ab.a, ab.b);
  zps_emission_open_t(n, zps_emission_t_cap(em->mass, model), s);
  const double nu = zps_emission_draw_nu(n, shape, s->lambda_0, tf.a, &width);
  zps_emission_set_t(n, nu, s);
  const zps_sin_cos phi = zps_sincos_turn(tf.b);
  s->cos_phi = phi.cosine;
  s->sin_phi = phi.sine;
  const double density = zps_emission_density(n, em->mass, model, &em->vertex, s);
  const double jacobian = (s->jacobian_ab * s->jacobian_t) * width;
  const double w = s->live > 0.0 ? (density * jacobian) * cell_weight : 0.0;
  const zps_sin_cos azimuth = zps_sincos_turn(kw.b);
  zps_emitted e = zps_emission_recoil(n, s, azimuth.cosine, azimuth.sine);
  e.k = zps_floor(zps_min(zps_max(w, 0.0), 1e6) + kw.a); /* NaN becomes 0 */
  return e;
}

#endif
