/* Elementary functions with the same bits on every engine.
 *
 * Written with +, -, *, / and integer operations only: no libm, no fma(), no
 * table, no branch, so that a compiler turns a loop over lanes into vector code
 * and each result is the same in scalar, SSE, AVX and device code. Series are
 * Taylor series cut where the next term is below 2^-56 of the result. Errors
 * against libm are measured over the whole range in tests/unit/test_math.c. */
#ifndef ZPS_MATH_H
#define ZPS_MATH_H

#include "kernels/hd.h"

#define ZPS_PI 3.14159265358979323846

/** Adding and subtracting 1.5 * 2^52 rounds |x| < 2^51 to the nearest integer and leaves it in the low bits. */
#define ZPS_ROUND_MAGIC 6755399441055744.0

ZPS_HD double zps_square(double x) {
  return x * x;
}

ZPS_HD double zps_min(double a, double b) {
  return a < b ? a : b;
}

ZPS_HD double zps_max(double a, double b) {
  return a > b ? a : b;
}

/** |x|, by clearing the sign bit. */
ZPS_HD double zps_abs(double x) {
  return zps_from_bits(zps_bits(x) & 0x7fffffffffffffffULL);
}

ZPS_HD double zps_clamp(double v, double lo, double hi) {
  const double raised = v > lo ? v : lo; /* NaN becomes lo */
  return raised < hi ? raised : hi;
}

/** Natural logarithm of a positive normal double; error below 1 ulp.
 *  x = 2^k (1+f) with 1+f in [sqrt(1/2), sqrt(2)); s = f/(2+f); log(1+f) = 2 atanh(s) = f - s (f - R(s^2)). */
ZPS_HD double zps_log(double x) {
  const uint64_t bits = zps_bits(x);
  const double mantissa = zps_from_bits((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  const double exponent = zps_from_bits((bits >> 52) | 0x4330000000000000ULL) - (4503599627370496.0 + 1023.0);
  const double upper = mantissa > 1.4142135623730951 ? 1.0 : 0.0;
  const double k = exponent + upper;
  const double f = (mantissa * (1.0 - (0.5 * upper))) - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  double r = 2.0 / 21.0;
  r = (r * z) + (2.0 / 19.0);
  r = (r * z) + (2.0 / 17.0);
  r = (r * z) + (2.0 / 15.0);
  r = (r * z) + (2.0 / 13.0);
  r = (r * z) + (2.0 / 11.0);
  r = (r * z) + (2.0 / 9.0);
  r = (r * z) + (2.0 / 7.0);
  r = (r * z) + (2.0 / 5.0);
  r = (r * z) + (2.0 / 3.0);
  r = r * z;
  /* ln 2 in two parts: the first has 21 trailing zero bits, so k * hi is exact. */
  const double ln2_hi = 6.93147180369123816490e-01;
  const double ln2_lo = 1.90821492927058770002e-10;
  return (k * ln2_hi) + (f - ((s * (f - r)) - (k * ln2_lo)));
}

/** e^x; arguments outside [-708, 709] are taken at the nearer end; error below 1 ulp. */
ZPS_HD double zps_exp(double x) {
  const double y = x < -708.0 ? -708.0 : (x > 709.0 ? 709.0 : x);
  const double shifted = (y * 1.44269504088896338700) + ZPS_ROUND_MAGIC;
  const double k = shifted - ZPS_ROUND_MAGIC;
  const double r = (y - (k * 6.93147180369123816490e-01)) - (k * 1.90821492927058770002e-10);
  double p = 1.0 / 6227020800.0;
  p = (p * r) + (1.0 / 479001600.0);
  p = (p * r) + (1.0 / 39916800.0);
  p = (p * r) + (1.0 / 3628800.0);
  p = (p * r) + (1.0 / 362880.0);
  p = (p * r) + (1.0 / 40320.0);
  p = (p * r) + (1.0 / 5040.0);
  p = (p * r) + (1.0 / 720.0);
  p = (p * r) + (1.0 / 120.0);
  p = (p * r) + (1.0 / 24.0);
  p = (p * r) + (1.0 / 6.0);
  p = (p * r) + 0.5;
  const double scale = zps_from_bits((zps_bits(shifted) + 1023) << 52);
  return (1.0 + (r + ((r * r) * p))) * scale;
}

typedef struct zps_sin_cos {
  double sine, cosine;
} zps_sin_cos;

/** Sine and cosine of 2 pi u for |u| < 2^49: an angle in turns needs no lossy reduction; error below 2 ulp. */
ZPS_HD zps_sin_cos zps_sincos_turn(double u) {
  const double quarter = 4.0 * u;
  const double shifted = quarter + ZPS_ROUND_MAGIC;
  const double r = quarter - (shifted - ZPS_ROUND_MAGIC);
  const uint64_t quadrant = zps_bits(shifted);
  const double a = (r * 1.57079632679489655800) + (r * 6.12323399573676603587e-17);
  const double z = a * a;
  double s = 1.0 / 355687428096000.0;
  s = (s * z) - (1.0 / 1307674368000.0);
  s = (s * z) + (1.0 / 6227020800.0);
  s = (s * z) - (1.0 / 39916800.0);
  s = (s * z) + (1.0 / 362880.0);
  s = (s * z) - (1.0 / 5040.0);
  s = (s * z) + (1.0 / 120.0);
  s = (s * z) - (1.0 / 6.0);
  const double sine = a + ((a * z) * s);
  double c = 1.0 / 20922789888000.0;
  c = (c * z) - (1.0 / 87178291200.0);
  c = (c * z) + (1.0 / 479001600.0);
  c = (c * z) - (1.0 / 3628800.0);
  c = (c * z) + (1.0 / 40320.0);
  c = (c * z) - (1.0 / 720.0);
  c = (c * z) + (1.0 / 24.0);
  const double half = 0.5 * z;
  const double near_one = 1.0 - half;
  const double cosine = near_one + (((1.0 - near_one) - half) + ((z * z) * c));
  /* Odd quadrants swap the two; sine changes sign in quadrants 2 and 3, cosine in 1 and 2. */
  const uint64_t odd = (uint64_t)0 - (quadrant & 1);
  const uint64_t sine_sign = (quadrant & 2) << 62;
  const uint64_t cosine_sign = ((quadrant + 1) & 2) << 62;
  const uint64_t s_bits = zps_bits(sine);
  const uint64_t c_bits = zps_bits(cosine);
  zps_sin_cos out;
  out.sine = zps_from_bits(((s_bits & ~odd) | (c_bits & odd)) ^ sine_sign);
  out.cosine = zps_from_bits(((c_bits & ~odd) | (s_bits & odd)) ^ cosine_sign);
  return out;
}

/** floor of 0 <= x < 2^51 as a double, without a conversion instruction. */
ZPS_HD double zps_floor(double x) {
  const double nearest = (x + ZPS_ROUND_MAGIC) - ZPS_ROUND_MAGIC;
  return nearest > x ? nearest - 1.0 : nearest;
}

#endif
