/* How well a map stands for the field it was made of: the Enge dipole itself against trilinear and tricubic
 * interpolation in its maps, field by field and muon by muon, and how both fall with the spacing of the nodes. Prints
 * the table of docs/validation.md. */
#include "tests/zps_test.h"

#include <math.h>

#include "host/field/dipole.h"
#include "host/field/field_grid.h"
#include "host/field/field_load.h"
#include "kernels/rk4.h"

#define N_SPACING 5
#define HALF_LENGTH_MM 1200.0
#define HALF_GAP_MM 100.0
#define HALF_Y_MM 40.0  /* of the positions looked at: 65 mm and more from the singularities behind the pole faces */
#define DRIFT_MM 3374.0 /* to S4 */
#define N_MUON 200

static const double spacings[N_SPACING] = {40.0, 20.0, 10.0, 5.0, 2.5};
static const int32_t kinds[2] = {0, ZPS_LOOKUP_CUBIC};

typedef struct ray {
  double x, y, tx, ty;
} ray;

/** Errors of one map: of the field [T] and at S4 [mm], rms and worst, [trilinear, tricubic]. */
typedef struct map_errors {
  double field_rms[2], field_worst[2], s4_rms[2], s4_worst[2];
} map_errors;

static zps_dipole dipole;

static int open_dipole(void **state) {
  (void)state;
  const zps_job_field field = {.generated = true,
                               .integral_tm = 1.4,
                               .effective_length_mm = 1000.0,
                               .gap_mm = 2.0 * HALF_GAP_MM,
                               .enge = {0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111}};
  return zps_dipole_init(&field, &dipole, NULL) == ZPS_OK ? 0 : -1;
}

/** The dipole on nodes h apart in y and z; it does not depend on x. */
static zps_field_map_owned map_of_dipole(double h) {
  zps_field_map_owned out = {.b = NULL};
  const double n_y = 1.0 + (2.0 * HALF_GAP_MM / h);
  const double n_z = 1.0 + (2.0 * HALF_LENGTH_MM / h);
  assert_int_equal(zps_field_map_create(2.0, n_y, n_z, &out, NULL), ZPS_OK);
  out.map.x_min_mm = -400.0;
  out.map.step_x_mm = 800.0;
  out.map.y_min_mm = -HALF_GAP_MM;
  out.map.z_min_mm = -HALF_LENGTH_MM;
  out.map.step_y_mm = out.map.step_z_mm = h;
  float *b = out.b;
  for (int iz = 0; iz < out.map.n_z; iz++) {
    for (int i = 0; i < 2 * out.map.n_y; i++, b += 4) {
      const zps_dipole_b at = zps_dipole_at(&dipole, ((i / 2) * h) - HALF_GAP_MM, (iz * h) - HALF_LENGTH_MM);
      b[1] = (float)at.y_t;
      b[2] = (float)at.z_t;
    }
  }
  return out;
}

static double next_uniform(uint64_t *s) {
  *s = (*s * 6364136223846793005U) + 1442695040888963407U;
  return (double)(*s >> 11) * 0x1p-53;
}

static void compare_fields(const zps_field_map *map, map_errors *errors) {
  const int n = 20000;
  for (int k = 0; k < 2; k++) {
    uint64_t s = 11;
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      const double y = HALF_Y_MM * ((2.0 * next_uniform(&s)) - 1.0);
      const double z = 800.0 * ((2.0 * next_uniform(&s)) - 1.0);
      const zps_field_plane plane = zps_field_plane_at(map, z);
      const zps_field_vector b = zps_field_lookup(map, plane, kinds[k] | plane.between, 100.0, y);
      const zps_dipole_b exact = zps_dipole_at(&dipole, y, z);
      const double error = hypot(b.y - exact.y_t, b.z - exact.z_t);
      sum += error * error;
      errors->field_worst[k] = fmax(errors->field_worst[k], error);
    }
    errors->field_rms[k] = sqrt(sum / n);
  }
}

/** Slopes of a ray in the dipole itself: dp/ds = 0.299792458 q u x B. */
static ray derivative(ray r, double z, double kappa) {
  const zps_dipole_b b = zps_dipole_at(&dipole, r.y, z);
  const double k = kappa * sqrt(1.0 + (r.tx * r.tx) + (r.ty * r.ty));
  const ray d = {r.tx, r.ty, k * (r.ty * b.z_t - (1.0 + r.tx * r.tx) * b.y_t), -k * r.tx * (r.ty * b.y_t + b.z_t)};
  return d;
}

static ray moved(ray r, ray d, double h) {
  const ray out = {r.x + (h * d.x), r.y + (h * d.y), r.tx + (h * d.tx), r.ty + (h * d.ty)};
  return out;
}

/** The classical Runge-Kutta method, coded apart from kernels/rk4.h. */
static ray carry_exactly(ray r, double kappa) {
  const double h = 1.25;
  for (double z = -HALF_LENGTH_MM; z < HALF_LENGTH_MM; z += h) {
    const ray k1 = derivative(r, z, kappa);
    const ray k2 = derivative(moved(r, k1, 0.5 * h), z + (0.5 * h), kappa);
    const ray k3 = derivative(moved(r, k2, 0.5 * h), z + (0.5 * h), kappa);
    const ray k4 = derivative(moved(r, k3, h), z + h, kappa);
    r = moved(moved(moved(moved(r, k1, h / 6.0), k2, h / 3.0), k3, h / 3.0), k4, h / 6.0);
  }
  return r;
}

/** Steps of 1.25 mm: what is left is the map's. */
static ray carry_in_map(const zps_field_map *map, int32_t cubic, ray start, double kappa) {
  const double h = 1.25;
  zps_ray r = {start.x, start.y, start.tx, start.ty};
  zps_field_plane end = zps_field_plane_at(map, -HALF_LENGTH_MM);
  zps_rk4_memory memory = {zps_field_lookup(map, end, cubic | end.between, r.x, r.y), {0.0, 0.0}};
  for (double z = -HALF_LENGTH_MM; z < HALF_LENGTH_MM; z += h) {
    const zps_field_plane middle = zps_field_plane_at(map, z + (0.5 * h));
    end = zps_field_plane_at(map, z + h);
    r = zps_rk4_step(map, middle, end, cubic | middle.between, cubic | end.between, kappa, h, r, &memory);
  }
  const ray out = {r.x, r.y, r.tx, r.ty};
  return out;
}

/* 20 GeV muons, slopes up to 20 mrad, that would stand within |y| < 30 mm at the middle of the magnet. */
static void compare_muons(const zps_field_map *map, map_errors *errors) {
  const double kappa = zps_rk4_kappa(1.0, 20.0);
  for (int k = 0; k < 2; k++) {
    uint64_t s = 12;
    double sum = 0.0;
    for (int i = 0; i < N_MUON; i++) {
      ray r = {0.0, 60.0 * (next_uniform(&s) - 0.5), 0.04 * (next_uniform(&s) - 0.5), 0.04 * (next_uniform(&s) - 0.5)};
      r = moved(r, (ray){r.tx, r.ty, 0.0, 0.0}, -HALF_LENGTH_MM);
      const ray want = carry_exactly(r, kappa);
      const ray got = carry_in_map(map, kinds[k], r, kappa);
      const double error =
          hypot((got.x - want.x) + (DRIFT_MM * (got.tx - want.tx)), (got.y - want.y) + (DRIFT_MM * (got.ty - want.ty)));
      sum += error * error;
      errors->s4_worst[k] = fmax(errors->s4_worst[k], error);
    }
    errors->s4_rms[k] = sqrt(sum / N_MUON);
  }
}

/** Power of the spacing from one line of the table to the next, in which the spacing is halved. */
static double order(double coarse, double fine) {
  return log2(coarse / fine);
}

/* Laws, h small against the 65 mm to the nearest singularity. Of the field: linear interpolation errs by h^2 times a
 * second derivative: order 2, the next term being (h/65 mm)^2 of it, 2 % at 10 mm. Catmull-Rom's error has a term h^3,
 * at most 0.008 h^3 times a third derivative because it changes sign in the middle of a cell, and one h^4 of the other
 * parity, so that their squares add up: the order comes down to 3 from above. At S4: By satisfies Laplace's equation,
 * so its second and third derivatives along y integrate to nothing along z, and what a map errs cancels on a path
 * parallel to the axis. What is left goes with the slope of the path and falls unevenly until a muon crosses several
 * cells in y within the fringe (20 mrad over 200 mm: h below 4 mm). There the trilinear map has its order 2; of the
 * tricubic one, nanometres by then, a bound is asked. */
static void test_against_the_dipole(void **state) {
  (void)state;
  map_errors e[N_SPACING] = {{{0.0}, {0.0}, {0.0}, {0.0}}};
  print_message(
      "| spacing | trilinear, field | tricubic, field | trilinear, S4 | tricubic, S4 |\n|---|---|---|---|---|\n");
  for (int i = 0; i < N_SPACING; i++) {
    zps_field_map_owned owned = map_of_dipole(spacings[i]);
    compare_fields(&owned.map, &e[i]);
    compare_muons(&owned.map, &e[i]);
    zps_field_map_destroy(&owned);
    print_message("| %.3g mm |", spacings[i]);
    for (int k = 0; k < 2; k++) {
      print_message(" %.2g (%.2g) mT |", 1e3 * e[i].field_rms[k], 1e3 * e[i].field_worst[k]);
    }
    for (int k = 0; k < 2; k++) {
      print_message(" %.2g (%.2g) um |", 1e3 * e[i].s4_rms[k], 1e3 * e[i].s4_worst[k]);
    }
    print_message("\n");
  }
  for (int i = 1; i < N_SPACING; i++) {
    print_message("orders from %.3g to %.3g mm: field %.2f, %.2f; S4 %.2f, %.2f\n", spacings[i - 1], spacings[i],
                  order(e[i - 1].field_rms[0], e[i].field_rms[0]), order(e[i - 1].field_rms[1], e[i].field_rms[1]),
                  order(e[i - 1].s4_rms[0], e[i].s4_rms[0]), order(e[i - 1].s4_rms[1], e[i].s4_rms[1]));
  }
  for (int i = 3; i < N_SPACING; i++) {
    const double linear = order(e[i - 1].field_rms[0], e[i].field_rms[0]);
    const double cubic = order(e[i - 1].field_rms[1], e[i].field_rms[1]);
    zps_assert_near(linear, 2.0, 0.05);
    assert_true(cubic > 3.0 && cubic < 4.0 && cubic < order(e[i - 2].field_rms[1], e[i - 1].field_rms[1]));
  }
  zps_assert_near(order(e[N_SPACING - 2].s4_rms[0], e[N_SPACING - 1].s4_rms[0]), 2.0, 0.2);
  for (int i = 1; i < N_SPACING; i++) {
    assert_true(e[i].s4_rms[0] < e[i - 1].s4_rms[0] && e[i].s4_rms[1] < e[i - 1].s4_rms[1]);
    assert_true(e[i].s4_rms[1] < 0.02 * e[i].s4_rms[0]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_against_the_dipole, open_dipole)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
