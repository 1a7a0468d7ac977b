/* Multiple scattering: Highland's width, the joint moments of angle and displacement, the frame, the exit plane. */
#include "tests/zps_test.h"

#include <float.h>

#include "kernels/scatter.h"

#define N_DRAWS 400000

static long double highland(long double p, long double x) {
  const long double m = 0.1056583755L;
  const long double beta_p = (p * p) / sqrtl((p * p) + (m * m));
  return (0.0136L / beta_p) * sqrtl(x) * (1.0L + (0.038L * logl(x)));
}

/* Law: 13.6 MeV/(beta p) sqrt(X) (1 + 0.038 ln X), PDG eq. 34.16. Ten roundings of 1e-16; where the logarithm nears
 * -1/0.038 the last factor cancels, so X stays above 1e-9 (factor > 0.2): 1e-14. */
static void test_highland(void **state) {
  (void)state;
  const double momenta[] = {0.2, 1.0, 10.0, 50.0, 160.0, 1000.0};
  for (size_t i = 0; i < sizeof momenta / sizeof momenta[0]; i++) {
    for (int k = -9; k <= 3; k++) {
      const double x = 3.3 * pow(10.0, k);
      const double want = (double)highland((long double)momenta[i], (long double)x);
      zps_assert_relative(zps_scatter_highland(momenta[i], x), want, 1e-14);
    }
  }
}

/** The width that the PDG's formula gives for 40 radiation lengths at 160 GeV, by hand: 85e-6 * 6.3246 * 1.14018. */
static void test_highland_number(void **state) {
  (void)state;
  zps_assert_near(zps_scatter_highland(160.0, 40.0), 6.129e-4, 2e-7);
}

/** Below X = e^(-1/0.038) the formula would turn negative: the width ends at 0. */
static void test_highland_floor(void **state) {
  (void)state;
  assert_true(zps_scatter_highland(10.0, 1e-13) == 0.0);
  assert_true(zps_scatter_highland(10.0, 1e-11) > 0.0);
}

static zps_pair draw(uint32_t i, uint32_t block) {
  return zps_draw_normal(zps_stream_init(21, 0, i), ZPS_DRAW_ELEMENT, block);
}

/* Laws for a muon along z through thickness s: <theta^2> = theta0^2, <y^2> = s^2 theta0^2/3, <theta y> = s theta0^2/2
 * (PDG sect. 34.3; correlation sqrt(3)/2), nothing between the planes. Estimates of a variance v from n normal numbers
 * have a standard deviation of v sqrt(2/n), of a covariance sqrt((v1 v2 + c^2)/n). 5 of them; the slope is tan(theta),
 * which for theta0 = 1e-3 changes a moment by 1e-6 relative. */
static void test_moments(void **state) {
  (void)state;
  const double s = 500.0;
  const double theta0 = 1e-3;
  const double n = N_DRAWS;
  const zps_ray in = {0.0, 0.0, 0.0, 0.0};
  double sum[6] = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  for (uint32_t i = 0; i < N_DRAWS; i++) {
    const zps_ray out = zps_scatter_carry(in, s, s, theta0, draw(i, 0), draw(i, 1));
    sum[0] += out.tx * out.tx;
    sum[1] += out.x * out.x;
    sum[2] += out.tx * out.x;
    sum[3] += out.ty * out.ty;
    sum[4] += out.y * out.y;
    sum[5] += out.ty * out.y;
  }
  const double angle2 = theta0 * theta0;
  const double place2 = (s * s * angle2) / 3.0;
  const double both = (s * angle2) / 2.0;
  for (int plane = 0; plane < 2; plane++) {
    zps_assert_near(sum[3 * plane] / n, angle2, 5.0 * angle2 * sqrt(2.0 / n));
    zps_assert_near(sum[(3 * plane) + 1] / n, place2, 5.0 * place2 * sqrt(2.0 / n));
    zps_assert_near(sum[(3 * plane) + 2] / n, both, 5.0 * sqrt(((angle2 * place2) + (both * both)) / n));
  }
}

static void test_planes_independent(void **state) {
  (void)state;
  const zps_ray in = {0.0, 0.0, 0.0, 0.0};
  double sum[4] = {0.0, 0.0, 0.0, 0.0};
  for (uint32_t i = 0; i < N_DRAWS; i++) {
    const zps_ray out = zps_scatter_carry(in, 1.0, 1.0, 1e-3, draw(i, 0), draw(i, 1));
    sum[0] += out.tx * out.ty;
    sum[1] += out.x * out.y;
    sum[2] += out.tx * out.y;
    sum[3] += out.ty * out.x;
  }
  const double widths[4] = {1e-6, 1e-6 / 3.0, 1e-6 / sqrt(3.0), 1e-6 / sqrt(3.0)};
  for (int i = 0; i < 4; i++) {
    zps_assert_near(sum[i] / N_DRAWS, 0.0, 5.0 * widths[i] / sqrt((double)N_DRAWS));
  }
}

static double norm(const double v[3]) {
  return sqrt((v[0] * v[0]) + (v[1] * v[1]) + (v[2] * v[2]));
}

static double dot(const double a[3], const double b[3]) {
  return (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);
}

/** Direction of a ray as a unit vector. */
static void direction(zps_ray r, double u[3]) {
  const double n = sqrt(1.0 + (r.tx * r.tx) + (r.ty * r.ty));
  u[0] = r.tx / n;
  u[1] = r.ty / n;
  u[2] = 1.0 / n;
}

/* Law: on an oblique track a kick a in one plane turns the direction by atan(a) about an axis across the track, and
 * kicks in the two planes are at right angles. So with z = (0, 1) alone and theta0 = a, cos = 1/sqrt(1 + a^2) exactly.
 * Ten roundings in unit vectors, divided by a = 0.01: 1e-13 in the angle; the dot products to 1e-15. */
static void test_frame_is_orthonormal(void **state) {
  (void)state;
  const double slopes[][2] = {{0.0, 0.0}, {0.3, 0.0}, {0.0, -0.4}, {0.5, 0.7}, {-1.5, 0.2}, {0.9, -2.0}};
  const zps_pair none = {0.0, 0.0};
  const zps_pair kick = {0.0, 1.0};
  const double a = 0.01;
  for (size_t i = 0; i < sizeof slopes / sizeof slopes[0]; i++) {
    const zps_ray in = {3.0, -4.0, slopes[i][0], slopes[i][1]};
    const double path = 100.0 * sqrt(1.0 + (in.tx * in.tx) + (in.ty * in.ty));
    double u[3];
    double v[3];
    double w[3];
    direction(in, u);
    direction(zps_scatter_carry(in, 100.0, path, a, kick, none), v);
    direction(zps_scatter_carry(in, 100.0, path, a, none, kick), w);
    const double want = 1.0 / sqrt(1.0 + (a * a));
    zps_assert_near(dot(u, v), want, 2e-15);
    zps_assert_near(dot(u, w), want, 2e-15);
    double across_v[3];
    double across_w[3];
    for (int k = 0; k < 3; k++) {
      across_v[k] = (v[k] / dot(u, v)) - u[k];
      across_w[k] = (w[k] / dot(u, w)) - u[k];
    }
    zps_assert_near(norm(across_v), a, 1e-13);
    zps_assert_near(norm(across_w), a, 1e-13);
    zps_assert_near(dot(across_v, across_w), 0.0, 1e-15);
  }
}

/* Law: the muon ends on the exit plane: the point displaced across the track, followed along the new direction to
 * z = dz, is (x, y). Displacement d1 e1 + d2 e2 with |e| = 1 from the frame above; 1e-12 mm on 100 mm. */
static void test_arrives_on_the_plane(void **state) {
  (void)state;
  const double dz = 100.0;
  for (uint32_t i = 0; i < 1000; i++) {
    const zps_pair slope = draw(i, 7);
    const zps_ray in = {3.0, -4.0, 0.5 * slope.a, 0.5 * slope.b};
    const double n = sqrt(1.0 + (in.tx * in.tx) + (in.ty * in.ty));
    const double e = sqrt(1.0 + (in.tx * in.tx));
    const double path = dz * n;
    const double theta0 = 0.02;
    const zps_pair zx = draw(i, 0);
    const zps_pair zy = draw(i, 1);
    const zps_ray out = zps_scatter_carry(in, dz, path, theta0, zx, zy);
    const double d1 = path * theta0 * ((zx.a / sqrt(12.0)) + (0.5 * zx.b));
    const double d2 = path * theta0 * ((zy.a / sqrt(12.0)) + (0.5 * zy.b));
    const double px = in.x + (dz * in.tx) + (d1 / e) - (d2 * in.tx * in.ty / (n * e));
    const double py = in.y + (dz * in.ty) + (d2 * e / n);
    const double pz = dz - (d1 * in.tx / e) - (d2 * in.ty / (n * e));
    zps_assert_near(out.x, px + ((dz - pz) * out.tx), 1e-12);
    zps_assert_near(out.y, py + ((dz - pz) * out.ty), 1e-12);
  }
}

/* Without scattering: a straight line, its position to the last bit; the slopes go through the unit vector and back,
 * (t/n)/(1/n), three roundings: 2 ulp. */
static void test_no_scattering(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 10000; i++) {
    const zps_pair place = draw(i, 5);
    const zps_pair slope = draw(i, 6);
    const zps_ray in = {30.0 * place.a, 30.0 * place.b, 0.1 * slope.a, 0.1 * slope.b};
    const double path = 810.0 * zps_sqrt((1.0 + (in.tx * in.tx)) + (in.ty * in.ty));
    const zps_ray out = zps_scatter_carry(in, 810.0, path, 0.0, draw(i, 0), draw(i, 1));
    assert_true(out.x == in.x + (810.0 * in.tx) && out.y == in.y + (810.0 * in.ty));
    zps_assert_relative(out.tx, in.tx, 2.0 * DBL_EPSILON);
    zps_assert_relative(out.ty, in.ty, 2.0 * DBL_EPSILON);
  }
  const zps_ray axis = {1.0, 2.0, 0.0, 0.0};
  const zps_ray along = zps_scatter_carry(axis, 810.0, 810.0, 0.0, draw(1, 0), draw(1, 1));
  assert_true(along.x == 1.0 && along.y == 2.0 && along.tx == 0.0 && along.ty == 0.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_highland),
      cmocka_unit_test(test_highland_number),
      cmocka_unit_test(test_highland_floor),
      cmocka_unit_test(test_moments),
      cmocka_unit_test(test_planes_independent),
      cmocka_unit_test(test_frame_is_orthonormal),
      cmocka_unit_test(test_arrives_on_the_plane),
      cmocka_unit_test(test_no_scattering),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
