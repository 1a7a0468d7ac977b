/* What every unit test includes: cmocka, and comparisons of doubles as doubles. */
#ifndef ZPS_TEST_H
#define ZPS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/** Fails unless |got - want| <= tolerance; prints both. cmocka's own helper compares as float. */
static inline void zps_assert_near_at(double got, double want, double tolerance, const char *file, int line) {
  const double difference = fabs(got - want);
  if (!(difference <= tolerance)) {
    print_error("got %.17g, want %.17g, |difference| %.3g > %.3g\n", got, want, difference, tolerance);
    _fail(file, line);
  }
}

#define zps_assert_near(got, want, tolerance) zps_assert_near_at((got), (want), (tolerance), __FILE__, __LINE__)
#define zps_assert_relative(got, want, tolerance)                                                                      \
  zps_assert_near_at((got), (want), fabs(want) * (tolerance), __FILE__, __LINE__)

#endif
