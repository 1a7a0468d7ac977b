#include "host/job/number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 64

static size_t count_digits(const char *text) {
  size_t n = 0;
  while (text[n] >= '0' && text[n] <= '9') {
    n++;
  }
  return n;
}

/** True for [+-] digits [. digits] [e [+-] digits] with a digit on one side of the point. */
static bool has_decimal_form(const char *text) {
  text += (*text == '+' || *text == '-') ? 1 : 0;
  const size_t before = count_digits(text);
  text += before;
  size_t after = 0;
  if (*text == '.') {
    after = count_digits(text + 1);
    text += 1 + after;
  }
  if (before + after == 0) {
    return false;
  }
  if (*text == 'e' || *text == 'E') {
    text++;
    text += (*text == '+' || *text == '-') ? 1 : 0;
    const size_t exponent = count_digits(text);
    text += exponent;
    return exponent > 0 && *text == '\0';
  }
  return *text == '\0';
}

/** The double of a text of decimal form; glibc's "C" locale is static, so this allocates nothing. */
static double convert(const char *text) {
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const double value = strtod_l(text, NULL, c);
  freelocale(c);
  return value;
}

bool zps_number_parse(const char *text, size_t n, double *value) {
  char copy[MAX_DIGITS + 1];
  if (n == 0 || n > MAX_DIGITS) {
    return false;
  }
  memcpy(copy, text, n);
  copy[n] = '\0';
  if (strlen(copy) != n || !has_decimal_form(copy)) {
    return false;
  }
  errno = 0;
  *value = convert(copy);
  return errno != ERANGE && isfinite(*value);
}

bool zps_number_parse_whole(const char *text, size_t n, uint64_t *value) {
  if (n == 0 || (n > 1 && text[0] == '0')) {
    return false;
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    if (text[i] < '0' || text[i] > '9') {
      return false;
    }
    const uint64_t digit = (uint64_t)(text[i] - '0');
    if (sum > (UINT64_MAX - digit) / 10) {
      return false;
    }
    sum = (sum * 10) + digit;
  }
  *value = sum;
  return true;
}

double zps_number_round(double value) {
  char text[ZPS_NUMBER_SIZE];
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t before = uselocale(c);
  (void)snprintf(text, sizeof text, "%.15g", value);
  const double rounded = strtod_l(text, NULL, c);
  (void)uselocale(before);
  freelocale(c);
  return rounded;
}

const char *zps_number_print(double value, char *buffer) {
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t before = uselocale(c);
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(buffer, ZPS_NUMBER_SIZE, "%.*g", digits, value);
    const double back = strtod_l(buffer, NULL, c);
    if (back == value) {
      break;
    }
  }
  (void)uselocale(before);
  freelocale(c);
  return buffer;
}
