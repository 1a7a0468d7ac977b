#include "host/field/dipole.h"

#include <math.h>

#include "kernels/math.h"

/* Beyond this value of the polynomial E is 1 or 0 to 1e-26. */
#define ENGE_SATURATED 60.0
#define ENGE_MAX_FRINGE 64.0
#define ENGE_MAX_COEFFICIENT 1e3
#define MAX_LENGTH_IN_GAPS 1e4

typedef struct complex_number {
  double re, im;
} complex_number;

static complex_number complex_product(complex_number a, complex_number b) {
  const complex_number c = {(a.re * b.re) - (a.im * b.im), (a.re * b.im) + (a.im * b.re)};
  return c;
}

/** c0 + c1 s + ... + c5 s^5. */
static complex_number enge_polynomial(const double c[ZPS_N_ENGE], complex_number s) {
  complex_number p = {c[ZPS_N_ENGE - 1], 0.0};
  for (int i = ZPS_N_ENGE - 2; i >= 0; i--) {
    p = complex_product(p, s);
    p.re += c[i];
  }
  return p;
}

/** d/ds of the polynomial. */
static complex_number enge_slope(const double c[ZPS_N_ENGE], complex_number s) {
  complex_number p = {(ZPS_N_ENGE - 1) * c[ZPS_N_ENGE - 1], 0.0};
  for (int i = ZPS_N_ENGE - 2; i >= 1; i--) {
    p = complex_product(p, s);
    p.re += (double)i * c[i];
  }
  return p;
}

/** E(s) = 1/(1 + e^P). The exponential taken is never above 1: with w = e^-|Re P| times its phase, E = 1/(1 + w) inside
 *  and w/(1 + w) outside. */
static complex_number enge_at(const double c[ZPS_N_ENGE], complex_number s) {
  const complex_number p = enge_polynomial(c, s);
  const double turns = p.im / (2.0 * ZPS_PI);
  /* sincos_turn is exact to 2^49 turns; a polynomial that large is saturated everywhere near. */
  if (zps_abs(p.re) > ENGE_SATURATED || !(zps_abs(turns) < 1099511627776.0)) {
    const complex_number end = {p.re < 0.0 ? 1.0 : 0.0, 0.0};
    return end;
  }
  const zps_sin_cos phase = zps_sincos_turn(turns);
  const double size = zps_exp(-zps_abs(p.re));
  const complex_number w = {size * phase.cosine, p.re < 0.0 ? size * phase.sine : -(size * phase.sine)};
  const double down = zps_square(1.0 + w.re) + zps_square(w.im);
  const complex_number inverse = {(1.0 + w.re) / down, -w.im / down};
  return p.re < 0.0 ? inverse : complex_product(w, inverse);
}

static double polynomial_on_axis(const double c[ZPS_N_ENGE], double s) {
  const complex_number at = {s, 0.0};
  return enge_polynomial(c, at).re;
}

/** Gaps from the effective edge to where the fringe has saturated on both sides; 0 when it does not within 64. */
static double enge_fringe(const double c[ZPS_N_ENGE]) {
  for (int i = 1; i <= 4 * (int)ENGE_MAX_FRINGE; i++) {
    const double s = 0.25 * (double)i;
    if (polynomial_on_axis(c, s) > ENGE_SATURATED && polynomial_on_axis(c, -s) < -ENGE_SATURATED) {
      return s;
    }
  }
  return 0.0;
}

/** Whether the polynomial rises from s_min to s_max, looked at in steps of 1/32 gap. */
static int enge_rises(const double c[ZPS_N_ENGE], double s_min, double s_max) {
  const int n = (int)(32.0 * (s_max - s_min));
  double last = polynomial_on_axis(c, s_min);
  for (int i = 1; i <= n; i++) {
    const double next = polynomial_on_axis(c, s_min + ((double)i / 32.0));
    if (!(next > last)) {
      return 0;
    }
    last = next;
  }
  return 1;
}

/** Number of poles of E with 0 < Im s < 1/2, as a real number: an integer up to the error of the trapezoid rule unless
 *  a pole sits on the wall. The poles of E are the zeros of 1 + e^P, so by the argument principle their number is the
 *  contour integral of P' (1 - E)/(2 pi i); P' alone integrates to zero, E is 0 on the right side and 1 on the left,
 *  the axis is real, and what remains is [Im Int_wall P' E ds + Im P(left end of the wall)]/(2 pi). */
static double enge_poles_in_gap(const double c[ZPS_N_ENGE], double fringe) {
  const double step = 1.0 / 256.0;
  const int n = (int)(2.0 * fringe / step);
  const complex_number left = {-fringe, 0.5};
  double sum = 0.0;
  for (int i = 0; i <= n; i++) {
    const complex_number s = {-fringe + ((double)i * step), 0.5};
    const double part = complex_product(enge_slope(c, s), enge_at(c, s)).im;
    sum += i > 0 ? part : 0.5 * part;
  }
  return ((sum * step) + enge_polynomial(c, left).im) / (2.0 * ZPS_PI);
}

/** f(z + i y) of dipole.h: the field for B0 = 1. */
static complex_number dipole_shape(const zps_dipole *d, double y_mm, double z_mm) {
  const complex_number none = {0.0, 0.0};
  if (zps_abs(z_mm) > d->reach_mm) {
    return none;
  }
  const complex_number entry = {(-z_mm - d->half_length_mm) / d->gap_mm, -y_mm / d->gap_mm};
  const complex_number out = {(z_mm - d->half_length_mm) / d->gap_mm, y_mm / d->gap_mm};
  return complex_product(enge_at(d->enge, entry), enge_at(d->enge, out));
}

/** Integral of f along the axis [mm] by the trapezoid rule, whose error for a function analytic within |y| < gap/2 is
 *  e^(-pi gap/step) = 1e-43 (L. N. Trefethen, J. A. C. Weideman, SIAM Rev. 56 (2014) 385, theorem 5.1). */
static double dipole_axis_integral(const zps_dipole *d) {
  const double step = d->gap_mm / 32.0;
  const int n = (int)(d->reach_mm / step);
  double half = 0.0;
  for (int i = 1; i <= n; i++) {
    half += dipole_shape(d, 0.0, (double)i * step).re;
  }
  return step * (dipole_shape(d, 0.0, 0.0).re + (2.0 * half));
}

/** Integral of f from the middle to end_mm [mm], by the trapezoid rule in steps of at most 1/64 gap. Where f has not
 * ended the rule errs by step^2/12 |f'(end)|: below 5e-5 gaps, since |f'| < 2/gap without a pole in the gap. */
static double dipole_half_integral(const zps_dipole *d, double end_mm) {
  const double n = zps_floor(64.0 * end_mm / d->gap_mm) + 1.0;
  const double step = end_mm / n;
  double sum = 0.5 * (dipole_shape(d, 0.0, 0.0).re + dipole_shape(d, 0.0, end_mm).re);
  for (int i = 1; i < (int)n; i++) {
    sum += dipole_shape(d, 0.0, (double)i * step).re;
  }
  return step * sum;
}

static zps_status check_range(const char *name, double value, double max, zps_error *error) {
  if (value > 0.0 && value <= max) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID, "dipole %s = %g: must be > 0 and <= %g", name, value, max);
}

static zps_status check_enge(const double c[ZPS_N_ENGE], zps_error *error) {
  for (int i = 0; i < ZPS_N_ENGE; i++) {
    if (!(zps_abs(c[i]) <= ENGE_MAX_COEFFICIENT)) {
      return zps_error_set(error, ZPS_INVALID, "dipole enge c%d = %g: must be between -1000 and 1000", i, c[i]);
    }
  }
  return ZPS_OK;
}

static zps_status check_fringe(const zps_dipole *d, double fringe, zps_error *error) {
  if (!(fringe > 0.0)) {
    return zps_error_set(error, ZPS_INVALID,
                         "dipole enge: the field must fall to zero outside and reach B0 inside within 64 gaps of the "
                         "edge; this polynomial does not");
  }
  if (!enge_rises(d->enge, -((2.0 * d->half_length_mm / d->gap_mm) + fringe), fringe)) {
    return zps_error_set(
        error, ZPS_INVALID,
        "dipole enge: the polynomial must rise all the way outwards, so that the field falls; this one "
        "turns back");
  }
  const double n_poles = enge_poles_in_gap(d->enge, fringe);
  if (!(zps_abs(n_poles) < 0.5)) {
    return zps_error_set(error, ZPS_INVALID,
                         "dipole enge: the field becomes infinite in the gap: %.1f poles between mid-plane and pole "
                         "face, must be 0",
                         n_poles);
  }
  return ZPS_OK;
}

zps_status zps_dipole_init(const zps_job_field *field, zps_dipole *dipole, zps_error *error) {
  zps_status status = ZPS_OK;
  zps_dipole d = {.b0_t = 0.0, .gap_mm = field->gap_mm, .half_length_mm = 0.5 * field->effective_length_mm};
  for (int i = 0; i < ZPS_N_ENGE; i++) {
    d.enge[i] = field->enge[i];
  }
  ZPS_TRY(check_range("gap_mm", field->gap_mm, 1e6, error));
  ZPS_TRY(check_range("effective_length_mm", field->effective_length_mm, MAX_LENGTH_IN_GAPS * field->gap_mm, error));
  ZPS_TRY(check_enge(d.enge, error));
  if (!isfinite(field->integral_tm)) {
    status = zps_error_set(error, ZPS_INVALID, "dipole integral_tm = %g: must be finite", field->integral_tm);
    goto done;
  }
  const double fringe = enge_fringe(d.enge);
  ZPS_TRY(check_fringe(&d, fringe, error));
  d.reach_mm = d.half_length_mm + (fringe * d.gap_mm);
  d.b0_t = (1000.0 * field->integral_tm) / dipole_axis_integral(&d);
  *dipole = d;
done:
  return status;
}

zps_dipole_b zps_dipole_at(const zps_dipole *dipole, double y_mm, double z_mm) {
  const complex_number f = dipole_shape(dipole, y_mm, z_mm);
  const zps_dipole_b b = {dipole->b0_t * f.re, dipole->b0_t * f.im};
  return b;
}

double zps_dipole_cut(const zps_dipole *dipole, double length_mm) {
  const double end_mm = zps_min(0.5 * length_mm, dipole->reach_mm);
  return 1.0 - (2.0 * dipole_half_integral(dipole, end_mm) / dipole_axis_integral(dipole));
}

double zps_dipole_least_length(const zps_dipole *dipole, double cut) {
  double lo = 0.0;
  double hi = 2.0 * dipole->reach_mm;
  for (int i = 0; i < 40; i++) {
    const double middle = 0.5 * (lo + hi);
    if (zps_dipole_cut(dipole, middle) > cut) {
      lo = middle;
    } else {
      hi = middle;
    }
  }
  return hi;
}

zps_status zps_dipole_check_length(const zps_dipole *dipole, double length_mm, zps_error *error) {
  const double cut = zps_dipole_cut(dipole, length_mm);
  if (cut <= ZPS_DIPOLE_MAX_CUT) {
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_INVALID,
                       "dipole length_mm = %.10g: cuts its fringes, and with them %.2g %% of integral_tm: expected >= "
                       "%.0f, which keeps all but %g %%",
                       length_mm, 100.0 * cut, ceil(zps_dipole_least_length(dipole, ZPS_DIPOLE_MAX_CUT)),
                       100.0 * ZPS_DIPOLE_MAX_CUT);
}
