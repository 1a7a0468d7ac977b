#include "host/field/map_number.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_TOKEN 64
#define DIGITS_SIZE 20
#define MAX_EXPONENT 99999
#define MAX_EXACT 9007199254740992u /* 2^53: whole numbers up to here are doubles */
#define MAX_POWER 22                /* so is 10^22, the largest power of ten that is */

/** A number taken apart: mantissa * 10^exponent, its point already counted in. */
typedef struct decimal {
  uint64_t mantissa;
  long exponent;
  long written_exponent; /* the part behind the e */
  size_t n_mantissa;     /* characters in front of the e */
  bool negative;
  bool exact; /* all digits are in mantissa */
} decimal;

static void take_digit(decimal *d, char digit) {
  if (d->mantissa >= (UINT64_MAX - 9) / 10) {
    d->exact = false;
    return;
  }
  d->mantissa = (d->mantissa * 10) + (uint64_t)(digit - '0');
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/** Digits with at most one point; the number of characters, 0 when there is no digit. */
static size_t take_mantissa(const char *text, size_t n, decimal *d) {
  bool point = false;
  bool any = false;
  size_t i = 0;
  for (; i < n; i++) {
    if (text[i] == '.' && !point) {
      point = true;
    } else if (is_digit(text[i])) {
      any = true;
      take_digit(d, text[i]);
      d->exponent -= point ? 1 : 0;
    } else {
      break;
    }
  }
  return any ? i : 0;
}

/** The text behind e, E, d or D: digits with or without a sign. */
static bool take_exponent(const char *text, size_t n, decimal *d) {
  const bool negative = n > 0 && text[0] == '-';
  size_t i = n > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  long value = 0;
  if (i == n) {
    return false;
  }
  for (; i < n; i++) {
    if (!is_digit(text[i])) {
      return false;
    }
    value = value < MAX_EXPONENT ? (value * 10) + (text[i] - '0') : value;
  }
  d->written_exponent = negative ? -value : value;
  return true;
}

static bool take_decimal(const char *text, size_t n, decimal *d) {
  if (n == 0 || n > MAX_TOKEN) {
    return false;
  }
  const size_t sign = text[0] == '+' || text[0] == '-' ? 1 : 0;
  d->negative = text[0] == '-';
  const size_t mantissa = take_mantissa(text + sign, n - sign, d);
  d->n_mantissa = sign + mantissa;
  if (mantissa == 0) {
    return false;
  }
  if (d->n_mantissa == n) {
    return true;
  }
  const char e = text[d->n_mantissa];
  if (e != 'e' && e != 'E' && e != 'd' && e != 'D') {
    return false;
  }
  return take_exponent(text + d->n_mantissa + 1, n - d->n_mantissa - 1, d);
}

/** strtod in the C locale, which glibc keeps ready: this allocates nothing. */
static double convert(const char *text) {
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const double value = strtod_l(text, NULL, c);
  freelocale(c);
  return value;
}

static double convert_shifted(const char *text, const decimal *d, int shift) {
  char copy[MAX_TOKEN + 32];
  (void)snprintf(copy, sizeof copy, "%.*se%ld", (int)d->n_mantissa, text, d->written_exponent + shift);
  return convert(copy);
}

bool zps_map_number(const char *text, size_t n, int shift, double *value) {
  static const double powers[MAX_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  decimal d = {.exact = true};
  if (!take_decimal(text, n, &d)) {
    return false;
  }
  const long e = d.exponent + d.written_exponent + shift;
  if (d.exact && d.mantissa <= MAX_EXACT && e >= -MAX_POWER && e <= MAX_POWER) {
    /* Both factors are exact, so the one operation rounds correctly (W. D. Clinger, PLDI 1990). */
    const double m = (double)d.mantissa;
    const double size = e < 0 ? m / powers[-e] : m * powers[e];
    *value = d.negative ? -size : size;
    return true;
  }
  *value = convert_shifted(text, &d, shift);
  return isfinite(*value) != 0;
}

bool zps_map_not_finite(const char *text, size_t n) {
  static const char *const names[] = {"nan", "inf", "infinity"};
  const size_t sign = n > 0 && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (n - sign == strlen(names[i]) && strncasecmp(text + sign, names[i], n - sign) == 0) {
      return true;
    }
  }
  return false;
}

/** Digits without a point and the power of ten of the first one: value = +-d.ddd * 10^exponent, in the C locale. */
static int split_digits(double value, int n_digits, char *digits) {
  char text[ZPS_MAP_NUMBER_SIZE];
  size_t n = 0;
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t before = uselocale(c);
  (void)snprintf(text, sizeof text, "%.*e", n_digits - 1, fabs(value));
  (void)uselocale(before);
  freelocale(c);
  const char *const e = strchr(text, 'e');
  for (const char *from = text; from < e && n + 1 < DIGITS_SIZE; from++) {
    if (*from != '.') {
      digits[n++] = *from;
    }
  }
  digits[n] = '\0';
  return (int)strtol(e + 1, NULL, 10);
}

/** Puts the point where it belongs, as %g does: 0.0125, 12.5, 1.25e-09. */
static void print_digits(double value, int n_digits, int shift, char *buffer) {
  char digits[DIGITS_SIZE];
  const int exponent = split_digits(value, n_digits, digits) + (fabs(value) > 0.0 ? shift : 0);
  const char *const sign = signbit(value) ? "-" : "";
  const int n = (int)strlen(digits);
  const int before = exponent + 1; /* digits in front of the point */
  if (exponent < -5 || before > 15) {
    (void)snprintf(buffer, ZPS_MAP_NUMBER_SIZE, "%s%c%s%se%d", sign, digits[0], n > 1 ? "." : "", digits + 1, exponent);
  } else if (before <= 0) {
    (void)snprintf(buffer, ZPS_MAP_NUMBER_SIZE, "%s0.%.*s%s", sign, -before, "00000", digits);
  } else if (before >= n) {
    (void)snprintf(buffer, ZPS_MAP_NUMBER_SIZE, "%s%s%.*s", sign, digits, before - n, "000000000000000");
  } else {
    (void)snprintf(buffer, ZPS_MAP_NUMBER_SIZE, "%s%.*s.%s", sign, before, digits, digits + before);
  }
}

const char *zps_map_number_print(double value, int shift, char *buffer) {
  for (int digits = 1; digits <= 17; digits++) {
    double back = 0.0;
    print_digits(value, digits, shift, buffer);
    if (zps_map_number(buffer, strlen(buffer), -shift, &back) && back == value) {
      break;
    }
  }
  return buffer;
}

double zps_map_number_round(double value, int n_digits) {
  char text[ZPS_MAP_NUMBER_SIZE];
  double back = value;
  print_digits(value, n_digits, 0, text);
  (void)zps_map_number(text, strlen(text), 0, &back);
  return back;
}
