/* Moliere scattering: the table against a second writing of the law with libm and GSL, the Gaussian part's lever arm,
 * moments, edges, the same bits from vector and scalar code. */
#include "tests/zps_test.h"

#include <string.h>

#include <gsl/gsl_integration.h>
#include <xxhash.h>

#include "host/tables/moliere_table.h"
#include "tests/unit/moliere_lanes.h"

#define N_WORKSPACE 2000
#define N_DRAWS 400000

static zps_moliere table_of(const char *name, zps_moliere_charge charge) {
  static zps_moliere table;
  const zps_layer layer = {zps_material_find(name), 1.0};
  assert_int_equal(zps_moliere_build(&layer, 1, charge, &table, NULL), ZPS_OK);
  return table;
}

static zps_moliere table_of_ecal(zps_moliere_charge charge) {
  static zps_moliere table;
  const zps_layer layers[] = {
      {zps_material_find("Pb"), 1.5}, {zps_material_find("polystyrene"), 1.5}, {zps_material_find("paper"), 0.14}};
  assert_int_equal(zps_moliere_build(layers, 3, charge, &table, NULL), ZPS_OK);
  return table;
}

/* ---- the law, written a second time ---- */

typedef struct target {
  int z;
  double a, g_per_cm3;
} target;

/** A stack as the law needs it. */
typedef struct reference {
  zps_moliere_charge charge;
  size_t n;
  target targets[4];
  double power; /* of q in the integral */
} reference;

static double sphere_form(double x) {
  return x < 1e-3 ? 1.0 - (x * x / 10.0) : 3.0 * ((sin(x) / x) - cos(x)) / (x * x);
}

/** Charges that scatter, squared, and the form factor of Lewin and Smith with lengths in fm. */
static double strength(const reference *r, const target *t, double q_gev) {
  const double z = t->z;
  if (r->charge == ZPS_MOLIERE_POINT) {
    return z * (z + 1.0);
  }
  const double q = q_gev / 0.19732698;
  const double c = (1.23 * cbrt(t->a)) - 0.6;
  const double radius = sqrt((c * c) + ((7.0 / 3.0) * pow(M_PI * 0.52, 2.0)) - (5.0 * 0.81));
  const double helm = pow(sphere_form(q * radius) * exp(-0.5 * pow(0.9 * q, 2.0)), 2.0);
  const double dipole = pow(1.0 + (q_gev * q_gev / 0.71), -4.0);
  const double electron = z / (1.0 + pow(q_gev / 0.1, 8.0));
  return electron + (t->z == 1 ? dipole : (z * z * helm) + (z * (1.0 - helm) * dipole));
}

/** Collisions per mm and per d ln q, from Bethe's chi_c^2 = 0.157 MeV^2 Z (Z + 1)/A t/(p beta)^2, t in g/cm^2. */
static double per_log_q(double log_q, void *context) {
  const reference *const r = (const reference *)context;
  const double q = exp(log_q);
  double sum = 0.0;
  for (size_t i = 0; i < r->n; i++) {
    const target *const t = &r->targets[i];
    const double chi_c2 = 0.156915e-6 * t->g_per_cm3 * 0.1 / t->a;
    const double q_0 = 4.2135e-6 * cbrt((double)t->z);
    const double q_a2 = q_0 * q_0 * (1.13 + (3.76 * pow(t->z / 137.036, 2.0)));
    sum += chi_c2 * strength(r, t, q) * 2.0 * q * q / pow((q * q) + q_a2, 2.0);
  }
  return sum * pow(q, r->power);
}

static double integral(reference *r, double power, double q_low, double q_high) {
  double result = 0.0;
  double deviation = 0.0;
  gsl_integration_workspace *const w = gsl_integration_workspace_alloc(N_WORKSPACE);
  gsl_function f = {per_log_q, r};
  r->power = power;
  gsl_integration_qag(&f, log(q_low), log(q_high), 0.0, 1e-7, N_WORKSPACE, GSL_INTEG_GAUSS31, w, &result, &deviation);
  gsl_integration_workspace_free(w);
  return result;
}

/* Law: at nu the table's q = sqrt(node 0/nu) has nu * rate collisions above it; node 1 is the sum of their q^2 below,
 * over the rate. A straight line over a cell of 1/4 octave, at most 0.25 nu wide, misses nu^k by at most 0.25^2/8 k (1
 * - k). Where the number falls as 1/q^m, nu q^2 is nu^(1 - 2/m), and q^2 is out by 1/128 (1 - 2/m) 2/m, the number by
 * m/2 of that: below 1/128 for any m. Node 1 is -ln nu - 1 + nu, or flatter: 1/128/(1.4 at nu = 0.1). Down to nu =
 * 1e-16; constants agree to 1e-3. */
static void check_table(const zps_moliere *table, reference *r) {
  double worst_number = 0.0;
  double worst_square = 0.0;
  const double total = integral(r, 0.0, 1e-11, 1e7);
  zps_assert_relative(table->rate_per_mm, total, 1e-3);
  for (double nu = 0.1; nu > 1e-16; nu *= 0.37) {
    const zps_moliere_place at = zps_moliere_find(nu);
    const double q = sqrt(zps_moliere_value(table, at, 0) / nu);
    const double number = integral(r, 0.0, q, 1e7) / total;
    const double square = integral(r, 2.0, 1e-11, q) / total;
    worst_number = fmax(worst_number, fabs((number / nu) - 1.0));
    worst_square = fmax(worst_square, fabs((zps_moliere_value(table, at, 1) / square) - 1.0));
  }
  print_message("worst deviations: number %.2g, mean square %.2g\n", worst_number, worst_square);
  assert_true(worst_number < 9e-3 && worst_square < 7e-3);
}

static void test_table_follows_the_law(void **state) {
  (void)state;
  for (int c = 0; c < 2; c++) {
    const zps_moliere_charge charge = c == 0 ? ZPS_MOLIERE_EXTENDED : ZPS_MOLIERE_POINT;
    const zps_moliere lead = table_of("Pb", charge);
    reference pb = {charge, 1, {{82, 207.2, 11.35}}, 0.0};
    check_table(&lead, &pb);
    const zps_moliere iron = table_of("Fe", charge);
    reference fe = {charge, 1, {{26, 55.845, 7.874}}, 0.0};
    check_table(&iron, &fe);
    /* ECAL: volume shares 1.5, 1.5 and 0.14 of 3.14; C8H8 and C6H10O5 by mass. */
    const double ps = 1.06 * 1.5 / 3.14;
    const double paper = 0.9 * 0.14 / 3.14;
    const zps_moliere ecal = table_of_ecal(charge);
    reference stack = {charge,
                       4,
                       {{82, 207.2, 11.35 * 1.5 / 3.14},
                        {6, 12.011, (ps * 0.922579) + (paper * 0.444465)},
                        {1, 1.008, (ps * 0.077421) + (paper * 0.062168)},
                        {8, 15.999, paper * 0.493367}},
                       0.0};
    check_table(&ecal, &stack);
  }
}

/* Law: far above screening and for points, q times the rate per dq is 2 chi_c^2 p^2/q^2 with Bethe's chi_c^2; 1e-3 by
 * the digits of 0.157. */
static void test_rate_of_points(void **state) {
  (void)state;
  const double q = 0.01;
  const double chi_c2 = 0.157e-6 * 82.0 * 83.0 / 207.2 * 0.1;
  zps_assert_relative(q * zps_moliere_rate(82, 207.2, ZPS_MOLIERE_POINT, q), 2.0 * chi_c2 / (q * q), 1e-3);
}

/* Law: the constants that go with ZPS_MOLIERE_HARD = h. (1 - e^-x (1 + x))/x by its series, x (1/2 - x/3 + x^2/8 -
 * ...), the n-th term (-1)^n (n - 1)/n! x^(n-1), integrated: the 20th is below 1e-22. */
static void test_constants(void **state) {
  (void)state;
  double sum = 0.0;
  double power = 1.0; /* (-h)^n/n! */
  for (int n = 1; n <= 20; n++) {
    power *= -ZPS_MOLIERE_HARD / n;
    sum += power * (n - 1.0) / n;
  }
  zps_assert_relative(ZPS_MOLIERE_BEYOND_SLOTS, sum, 1e-12);
  zps_assert_relative(ZPS_MOLIERE_SPREAD, 1.0 / sqrt(2.0 * ZPS_MOLIERE_HARD), 1e-15);
}

/* Law: places below 2^-64 and above 1 are those at the ends, NaN is the lower end; the fraction runs through a cell. */
static void test_places(void **state) {
  (void)state;
  assert_int_equal(zps_moliere_find(1e-30).cell, 0);
  assert_int_equal(zps_moliere_find(0.0).cell, 0);
  assert_int_equal(zps_moliere_find((double)NAN).cell, 0);
  assert_int_equal(zps_moliere_find(1.0).cell, ZPS_MOLIERE_N_CELL - 1);
  assert_int_equal(zps_moliere_find((double)INFINITY).cell, ZPS_MOLIERE_N_CELL - 1);
  assert_int_equal(zps_moliere_find(0.5).cell, ZPS_MOLIERE_N_CELL - 4);
  assert_true(zps_moliere_find(0.5).fraction == 0.0);
  assert_true(zps_moliere_find(0.5 * 1.125).fraction == 0.5);
}

/* Law: with w(s) ~ 1/p(s)^2, p linear in the depth s, mean and variance of t = 1 - s. Remainder of Gauss's rule of
 * three nodes on (0, 1): the sixth derivative over 2016000, for t(u)^2 = ((1 - u)/(1 + g u))^2, g = p_in/p_out - 1,
 * largest at u = 0: 720 (5 g^4 + 12 g^5 + 7 g^6)/2016000; for t itself less. In the width twice that, as 2 width > 1/2.
 * Midpoint sums of 1e4 terms: 1e-8. Without loss 1/2 and 1/sqrt(12) to rounding. */
static void test_lever_arm(void **state) {
  (void)state;
  zps_assert_near(zps_moliere_lever_arm(20.0, 20.0).mean, 0.5, 1e-15);
  zps_assert_near(zps_moliere_lever_arm(20.0, 20.0).width, 1.0 / sqrt(12.0), 1e-15);
  for (double ratio = 1.01; ratio <= 1.5; ratio += 0.07) {
    double sum[3] = {0.0, 0.0, 0.0};
    for (int i = 0; i < 10000; i++) {
      const double s = (i + 0.5) / 10000.0;
      const double p = ratio + (s * (1.0 - ratio));
      sum[0] += 1.0 / (p * p);
      sum[1] += (1.0 - s) / (p * p);
      sum[2] += (1.0 - s) * (1.0 - s) / (p * p);
    }
    const double mean = sum[1] / sum[0];
    const zps_moliere_lever lever = zps_moliere_lever_arm(ratio, 1.0);
    const double g = ratio - 1.0;
    const double remainder = 1e-8 + ((720.0 / 2016000.0) * pow(g, 4.0) * (5.0 + (g * (12.0 + (7.0 * g)))));
    zps_assert_near(lever.mean, mean, remainder);
    zps_assert_near(lever.width, sqrt((sum[2] / sum[0]) - (mean * mean)), 2.0 * remainder);
  }
}

/* Laws without loss: <a^2> = M/p^2, <d^2> = L^2 <a^2>/3, <a d> = L <a^2>/2, nothing between the planes, with
 * M = half the collisions times the mean square q of all of them (node 1 at the smallest nu). 5 standard deviations,
 * from the fourth moments of the sample itself; 0.2 % for the table's straight lines. */
static void test_moments(void **state) {
  (void)state;
  const zps_moliere table = table_of("Fe", ZPS_MOLIERE_EXTENDED);
  const double path = 500.0;
  const double p = 1000.0;
  const double angle2 = (0.5 * path * table.rate_per_mm * table.node[0][1]) / (p * p);
  const double want[5] = {1.0, 1.0 / 3.0, 0.5, 0.0, 0.0};
  double sum[5] = {0.0, 0.0, 0.0, 0.0, 0.0};
  double square[5] = {0.0, 0.0, 0.0, 0.0, 0.0};
  const zps_ray in = {0.0, 0.0, 0.0, 0.0};
  for (uint32_t i = 0; i < N_DRAWS; i++) {
    const zps_ray o = zps_moliere_carry(&table, in, path, path, p, p, zps_stream_init(3, 0, i), ZPS_DRAW_ELEMENT);
    const double v[5] = {o.tx * o.tx, (o.x / path) * (o.x / path), o.tx * (o.x / path), o.tx * o.ty,
                         o.ty * (o.x / path)};
    for (int k = 0; k < 5; k++) {
      sum[k] += v[k] / angle2;
      square[k] += (v[k] / angle2) * (v[k] / angle2);
    }
  }
  for (int k = 0; k < 5; k++) {
    const double mean = sum[k] / N_DRAWS;
    const double sigma = sqrt(((square[k] / N_DRAWS) - (mean * mean)) / N_DRAWS);
    zps_assert_near(mean, want[k], (5.0 * sigma) + (2e-3 * want[k]));
  }
}

/* In matter of no thickness, slow, thick: finite, and with a path of 1e-9 mm an angle above 1e-3 would have a chance of
 * chi_c^2/theta^2 = 1e-11. */
static void test_edges(void **state) {
  (void)state;
  const zps_moliere table = table_of("Pb", ZPS_MOLIERE_POINT);
  const zps_ray in = {3.0, -4.0, 0.01, -0.02};
  for (uint32_t i = 0; i < 10000; i++) {
    const zps_stream s = zps_stream_init(4, 0, i);
    const zps_ray nothing = zps_moliere_carry(&table, in, 0.0, 0.0, 50.0, 50.0, s, ZPS_DRAW_ELEMENT);
    zps_assert_near(nothing.tx, 0.01, 1e-3);
    zps_assert_near(nothing.x, 3.0, 1e-9);
    const zps_ray slow = zps_moliere_carry(&table, in, 5000.0, 5001.0, 1.0, 0.2, s, ZPS_DRAW_ELEMENT);
    assert_true(isfinite(slow.x) && isfinite(slow.y) && isfinite(slow.tx) && isfinite(slow.ty));
  }
}

/* ---- the same bits ---- */

static void lanes_fill(moliere_lanes *lanes, uint64_t first) {
  for (int i = 0; i < MOLIERE_N_LANES; i++) {
    const zps_pair u = zps_draw_uniform(zps_stream_init(6, 0, first + (uint64_t)i), 0, 0);
    const zps_pair v = zps_draw_uniform(zps_stream_init(6, 0, first + (uint64_t)i), 0, 1);
    lanes->x[i] = 100.0 * (u.a - 0.5);
    lanes->y[i] = 100.0 * (u.b - 0.5);
    lanes->tx[i] = 0.1 * (v.a - 0.5);
    lanes->ty[i] = 0.1 * (v.b - 0.5);
    lanes->dz[i] = 471.0 * pow(10.0, -9.0 * u.a * u.a);
    lanes->p_in[i] = 0.5 + (160.0 * u.b);
    lanes->p_out[i] = lanes->p_in[i] * (1.0 - (0.5 * v.a));
  }
}

static zps_ray __attribute__((noinline))
cross_one(const zps_moliere *table, uint64_t event, const moliere_lanes *l, int i) {
  const zps_ray in = {l->x[i], l->y[i], l->tx[i], l->ty[i]};
  const double path = l->dz[i] * zps_sqrt((1.0 + (in.tx * in.tx)) + (in.ty * in.ty));
  return zps_moliere_carry(table, in, l->dz[i], path, l->p_in[i], l->p_out[i], zps_stream_init(5, 0, event),
                           ZPS_DRAW_ELEMENT);
}

static void check_lanes(const zps_moliere *table,
                        void (*cross)(const zps_moliere *table, uint64_t first, moliere_lanes *lanes)) {
  static moliere_lanes before;
  static moliere_lanes after;
  for (uint64_t first = 0; first < 40 * MOLIERE_N_LANES; first += MOLIERE_N_LANES) {
    lanes_fill(&before, first);
    after = before;
    cross(table, first, &after);
    for (int i = 0; i < MOLIERE_N_LANES; i++) {
      const zps_ray one = cross_one(table, first + (uint64_t)i, &before, i);
      assert_true(zps_bits(one.x) == zps_bits(after.x[i]) && zps_bits(one.y) == zps_bits(after.y[i]));
      assert_true(zps_bits(one.tx) == zps_bits(after.tx[i]) && zps_bits(one.ty) == zps_bits(after.ty[i]));
    }
  }
}

static void test_lanes_have_the_bits_of_one(void **state) {
  (void)state;
  const zps_moliere table = table_of_ecal(ZPS_MOLIERE_EXTENDED);
  check_lanes(&table, moliere_lanes_cross_base);
#ifdef LANES_HAVE_V3
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) {
    check_lanes(&table, moliere_lanes_cross_v3);
  }
#endif
}

/** The tables of every compiler have these bits. */
static void test_table_bits(void **state) {
  (void)state;
  const zps_moliere ecal = table_of_ecal(ZPS_MOLIERE_EXTENDED);
  const zps_moliere iron = table_of("Fe", ZPS_MOLIERE_POINT);
  const XXH64_hash_t extended = XXH3_64bits(&ecal, sizeof ecal);
  const XXH64_hash_t point = XXH3_64bits(&iron, sizeof iron);
  print_message("XXH3 of the tables: ECAL %016llx, points of Fe %016llx\n", (unsigned long long)extended,
                (unsigned long long)point);
  assert_true(extended == 0x301537191ea66c68ULL);
  assert_true(point == 0xeaa53721f183d389ULL);
}

static void test_bad_stacks_are_refused(void **state) {
  (void)state;
  static zps_moliere table;
  zps_error error = {ZPS_OK, ""};
  const zps_layer negative = {zps_material_find("Fe"), -1.0};
  assert_int_equal(zps_moliere_build(&negative, 1, ZPS_MOLIERE_EXTENDED, &table, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "layer 1 (Fe): thickness_mm = -1"));
  assert_int_equal(zps_moliere_build(NULL, 1, ZPS_MOLIERE_EXTENDED, &table, NULL), ZPS_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table_follows_the_law),
      cmocka_unit_test(test_rate_of_points),
      cmocka_unit_test(test_constants),
      cmocka_unit_test(test_places),
      cmocka_unit_test(test_lever_arm),
      cmocka_unit_test(test_moments),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_lanes_have_the_bits_of_one),
      cmocka_unit_test(test_table_bits),
      cmocka_unit_test(test_bad_stacks_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
