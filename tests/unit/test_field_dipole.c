/* The analytic Enge dipole: Maxwell's equations, symmetry, integral, profile, and what is refused. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/field/dipole.h"

static zps_job_field default_field(void) {
  const zps_job_field field = {.generated = true,
                               .integral_tm = 1.4,
                               .effective_length_mm = 1000.0,
                               .gap_mm = 200.0,
                               .enge = {0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111},
                               .width_mm = 600.0,
                               .grid_mm = {100.0, 10.0, 10.0}};
  return field;
}

static zps_dipole default_dipole(void) {
  const zps_job_field field = default_field();
  zps_dipole dipole;
  assert_int_equal(zps_dipole_init(&field, &dipole, NULL), ZPS_OK);
  return dipole;
}

/** Largest |div B| and |curl B| [T/mm] by central differences of half width h over the gap out to |y| = 70 mm. */
static void largest_residuals(const zps_dipole *d, double h, double *divergence, double *curl) {
  *divergence = 0.0;
  *curl = 0.0;
  for (int i = -90; i <= 90; i++) {
    for (int j = -7; j <= 7; j++) {
      const double z = 10.0 * i + 0.3;
      const double y = 10.0 * j;
      const zps_dipole_b up = zps_dipole_at(d, y + h, z);
      const zps_dipole_b down = zps_dipole_at(d, y - h, z);
      const zps_dipole_b front = zps_dipole_at(d, y, z + h);
      const zps_dipole_b back = zps_dipole_at(d, y, z - h);
      const double div = (up.y_t - down.y_t + front.z_t - back.z_t) / (2.0 * h);
      const double rot = (up.z_t - down.z_t - front.y_t + back.y_t) / (2.0 * h);
      *divergence = fmax(*divergence, fabs(div));
      *curl = fmax(*curl, fabs(rot));
    }
  }
}

/* Law: div B = 0 and curl B = 0. Central differences of half width h of an analytic F leave 2 h^2/6 |F'''|. The nearest
 * pole has residue 0.120 gaps * 1.4 T = 34 T mm and is 35 mm from y = 70 mm: |F'''| ~ 6 * 34/35^4 = 1.4e-4 T/mm^3, so
 * h = 0.5 mm leaves 1.1e-5 T/mm and half of h a quarter of it. A wrong sign would leave dBy/dy itself, 1e-2 T/mm. */
static void test_maxwell(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  double div_1 = 0.0;
  double curl_1 = 0.0;
  double div_2 = 0.0;
  double curl_2 = 0.0;
  largest_residuals(&d, 0.5, &div_1, &curl_1);
  largest_residuals(&d, 0.25, &div_2, &curl_2);
  assert_true(div_1 < 2e-5 && curl_1 < 2e-5);
  zps_assert_relative(div_1 / div_2, 4.0, 0.01);
  zps_assert_relative(curl_1 / curl_2, 4.0, 0.01);
  print_message("div B %.2e -> %.2e, curl B %.2e -> %.2e T/mm when h is halved\n", div_1, div_2, curl_1, curl_2);
}

/* Law: mirror planes z = 0 and y = 0. The code evaluates mirror images with the same operations: equal to the bit. */
static void test_symmetry(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  for (int i = 0; i < 400; i++) {
    const double z = 2.9 * i + 0.1;
    const double y = 0.24 * i;
    const zps_dipole_b b = zps_dipole_at(&d, y, z);
    const zps_dipole_b back = zps_dipole_at(&d, y, -z);
    const zps_dipole_b below = zps_dipole_at(&d, -y, z);
    assert_true(b.y_t == back.y_t && b.z_t == -back.z_t);
    assert_true(b.y_t == below.y_t && b.z_t == -below.z_t);
  }
}

/* Law (Cauchy): the integral of an analytic function that vanishes at both ends does not depend on y as long as no pole
 * is crossed. The trapezoid rule with step h = 1 mm errs by exp(-2 pi a/h), a = 15 mm to the nearest pole (y = 90):
 * nothing; what is left is rounding, 2300 terms of order 1 T: 1e-13 relative. */
static void test_integral(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  const double heights[] = {0.0, 30.0, 60.0, 90.0};
  for (size_t i = 0; i < sizeof heights / sizeof heights[0]; i++) {
    double by = 0.0;
    double bz = 0.0;
    for (int iz = -1200; iz <= 1200; iz++) {
      const zps_dipole_b b = zps_dipole_at(&d, heights[i], iz);
      by += b.y_t;
      bz += b.z_t;
    }
    zps_assert_relative(by * 1e-3, 1.4, 1e-12);
    zps_assert_near(bz * 1e-3, 0.0, 1e-12);
  }
}

/* On the axis: B0 in the middle; E(0) = 1/(1 + e^c0) = 0.382498 at the edge (the other edge is 5 gaps away:
 * E(-5) = 1 to 1e-26); libm's profile elsewhere, to a few ulp of exp. */
static void test_profile(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  zps_assert_relative(zps_dipole_at(&d, 0.0, 0.0).y_t, d.b0_t, 1e-15);
  zps_assert_relative(zps_dipole_at(&d, 0.0, 500.0).y_t, d.b0_t / (1.0 + exp(0.478959)), 1e-14);
  zps_assert_relative(d.b0_t, 1.4, 1e-4);
  for (int i = -11; i <= 11; i++) {
    const double s = 0.1 * i;
    const double p = 0.478959 + s * (1.911289 + s * (-1.185953 + s * (1.630554 + s * (-1.082657 + s * 0.318111))));
    const zps_dipole_b b = zps_dipole_at(&d, 0.0, 500.0 + 200.0 * s);
    zps_assert_relative(b.y_t, d.b0_t / (1.0 + exp(p)), 1e-13);
    assert_true(b.z_t == 0.0);
  }
}

/* The nearest pole is a root of P(s) = i pi; numpy.roots puts it at s = -0.6893 + 0.5252 i: the largest |B| on the pole
 * face |y| = 100 mm is near z = 500 - 0.6893 * 200 = 362 mm and |residue| / distance = (1/|P'|) / 0.0252 = 0.120 /
 * 0.0252 = 4.8 B0, plus the regular part of order 1. */
static void test_concentration_on_pole_face(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  double largest = 0.0;
  double at_mm = 0.0;
  for (int i = 0; i < 4000; i++) {
    const double z = 0.25 * i;
    const zps_dipole_b b = zps_dipole_at(&d, 100.0, z);
    const double size = hypot(b.y_t, b.z_t) / d.b0_t;
    if (size > largest) {
      largest = size;
      at_mm = z;
    }
  }
  print_message("|B| on the pole face: up to %.3f B0 at z = %.2f mm\n", largest, at_mm);
  zps_assert_near(at_mm, 362.0, 1.0);
  zps_assert_near(largest, 4.8, 1.0);
}

static void test_far_away_is_zero(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  const double far[] = {1e4, 1e9, 1e300, (double)INFINITY};
  for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
    const zps_dipole_b b = zps_dipole_at(&d, 100.0, far[i]);
    assert_true(b.y_t == 0.0 && b.z_t == 0.0);
  }
}

static void assert_refused(const zps_job_field *field, const char *part) {
  zps_dipole d;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_dipole_init(field, &d, &error), ZPS_INVALID);
  if (strstr(error.text, part) == NULL) {
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
  }
}

static void test_bad_numbers_are_refused(void **state) {
  (void)state;
  const double bad[] = {0.0, -1.0, (double)NAN, (double)INFINITY};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    zps_job_field field = default_field();
    field.gap_mm = bad[i];
    assert_refused(&field, "gap_mm");
    field = default_field();
    field.effective_length_mm = bad[i];
    assert_refused(&field, "effective_length_mm");
  }
  zps_job_field field = default_field();
  field.integral_tm = (double)NAN;
  assert_refused(&field, "integral_tm");
  field = default_field();
  field.enge[2] = (double)NAN;
  assert_refused(&field, "enge c2");
  field = default_field();
  field.gap_mm = 1e-3;
  assert_refused(&field, "effective_length_mm");
}

/* A fringe that never ends, one that turns back, and poles in the gap. P = 7 s has poles at Im s = pi/7 = 0.449 < 1/2,
 * P = 6 s at 0.524 > 1/2: the first must be refused, the second not. P = 20 s has three: pi/20 (1, 3 and not 5 =
 * 0.785). */
static void test_bad_fringes_are_refused(void **state) {
  (void)state;
  const double fringes[][ZPS_N_ENGE] = {{0.0, 0.0}, {0.0, -1.0}, {0.0, 0.5}, {0.0, 1.0, 1.0}};
  for (size_t i = 0; i < sizeof fringes / sizeof fringes[0]; i++) {
    zps_job_field field = default_field();
    memcpy(field.enge, fringes[i], sizeof field.enge);
    assert_refused(&field, "64 gaps");
  }
  zps_job_field field = default_field();
  memset(field.enge, 0, sizeof field.enge);
  field.enge[1] = 7.0;
  assert_refused(&field, "1.0 poles");
  field.enge[1] = 20.0;
  assert_refused(&field, "2.0 poles");
  field.enge[1] = 6.0;
  zps_dipole d;
  assert_int_equal(zps_dipole_init(&field, &d, NULL), ZPS_OK);
  field.enge[1] = -2.0;
  field.enge[3] = 3.0;
  assert_refused(&field, "turns back");
}

/* Law: what an element cuts off is what Simpson's rule finds between its ends and where the field is zero, here in 4000
 * intervals below 0.3 mm per side, which errs by nothing beside the 1e-4 gaps = 2e-5 of the effective length that
 * zps_dipole_cut() allows itself. It falls with the length, and the least length inverts it where it is no rounding. */
static void test_cut_by_the_ends(void **state) {
  (void)state;
  const zps_dipole d = default_dipole();
  const double lengths[] = {1.0, 500.0, 1000.0, 1200.0, 1600.0, 2200.0, 9000.0};
  double last = 1.0;
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    const double from = 0.5 * lengths[i];
    const double h = (d.reach_mm - from) / 4000.0;
    double sum = 0.0;
    for (int j = 0; j <= 4000 && h > 0.0; j++) {
      const double weight = j == 0 || j == 4000 ? 1.0 : j % 2 == 1 ? 4.0 : 2.0;
      sum += weight * zps_dipole_at(&d, 0.0, from + j * h).y_t;
    }
    const double cut = zps_dipole_cut(&d, lengths[i]);
    zps_assert_near(cut, 2.0 * sum * h / 3.0 / 1400.0, 2e-5);
    assert_true(cut < last);
    last = cut;
    zps_assert_relative(cut > 1e-4 ? zps_dipole_least_length(&d, cut) : lengths[i], lengths[i], 1e-6);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_maxwell),
      cmocka_unit_test(test_symmetry),
      cmocka_unit_test(test_integral),
      cmocka_unit_test(test_profile),
      cmocka_unit_test(test_concentration_on_pole_face),
      cmocka_unit_test(test_far_away_is_zero),
      cmocka_unit_test(test_cut_by_the_ends),
      cmocka_unit_test(test_bad_numbers_are_refused),
      cmocka_unit_test(test_bad_fringes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
