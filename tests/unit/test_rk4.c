/* The RK4 step: closed-form helices, order, reversal, mirror symmetry, and the magnet of the 2022 run. */
#include "tests/zps_test.h"

#include "host/run/plan.h"
#include "host/run/plan_steps.h"
#include "kernels/transport.h"

/** Field of a test: any smooth function of position. */
typedef zps_field_vector field_of(double x, double y, double z);

static zps_field_vector uniform_by(double x, double y, double z) {
  (void)x;
  (void)y;
  (void)z;
  const zps_field_vector b = {0.0, 1.5, 0.0};
  return b;
}

static zps_field_vector uniform_bz(double x, double y, double z) {
  (void)x;
  (void)y;
  (void)z;
  const zps_field_vector b = {0.0, 0.0, 1.5};
  return b;
}

/** Strong gradients along every axis, on the scale of 200 mm. */
static zps_field_vector wavy(double x, double y, double z) {
  const double s = 1.0 / 200.0;
  const zps_field_vector b = {
      0.9 * sin((0.7 * x + 0.4 * y + 0.9 * z) * s),
      1.5 * cos((0.8 * x - 0.5 * y + 0.6 * z) * s),
      0.8 * sin((0.5 * x + 0.9 * y - 0.7 * z) * s + 1.0),
  };
  return b;
}

/** One step with true field values, in the way of zps_rk4_step(). */
static zps_ray analytic_step(field_of *field, zps_rk4_memory *memory, double kappa, double z, double h, zps_ray r) {
  const zps_bend k1 = zps_rk4_bend(kappa, r.tx, r.ty, memory->b);
  const zps_ray m = zps_rk4_middle(r, k1, memory->third, h);
  const zps_field_vector middle = field(m.x, m.y, z + (0.5 * h));
  const zps_bend k2 = zps_rk4_bend(kappa, m.tx, m.ty, middle);
  const zps_bend k3 = zps_rk4_again(kappa, r, k2, middle, h);
  const zps_ray e = zps_rk4_end(r, k1, k2, k3, h);
  memory->b = field(e.x, e.y, z + h);
  const zps_bend k4 = zps_rk4_bend(kappa, e.tx, e.ty, memory->b);
  memory->third = zps_rk4_third(k3, k4, h);
  return zps_rk4_finish(r, e, zps_rk4_sum(k1, k2, k3), k4, h);
}

/** n steps over length mm. */
static zps_ray analytic_track(field_of *field, double kappa, double length, int n, zps_ray r) {
  const double h = length / n;
  zps_rk4_memory memory = {field(r.x, r.y, 0.0), {0.0, 0.0}};
  for (int i = 0; i < n; i++) {
    r = analytic_step(field, &memory, kappa, i * h, h, r);
  }
  return r;
}

/* Law, B along y, w = kappa B (1/mm along the path): with ux = c sin(f), uz = c cos(f), c^2 = 1 - uy^2, f falls by w
 * per mm of path: sin f = sin f0 - w z/c, x = x0 + (c/w)(cos f - cos f0), y = y0 + uy (f0 - f)/w. */
static zps_ray helix_by(zps_ray r, double w, double z) {
  const double n = sqrt(1.0 + (r.tx * r.tx) + (r.ty * r.ty));
  const double uy = r.ty / n;
  const double c = sqrt(1.0 - (uy * uy));
  const double f0 = atan(r.tx);
  const double f = asin(sin(f0) - (w * z / c));
  const zps_ray out = {r.x + ((c / w) * (cos(f) - cos(f0))), r.y + (uy * (f0 - f) / w), tan(f), uy / (c * cos(f))};
  return out;
}

/* Law, B along z: the slopes turn by a = kappa n B per mm of z. */
static zps_ray helix_bz(zps_ray r, double w, double z) {
  const double a = w * sqrt(1.0 + (r.tx * r.tx) + (r.ty * r.ty));
  const double s = sin(a * z);
  const double v = 2.0 * sin(0.5 * a * z) * sin(0.5 * a * z);
  const zps_ray out = {
      r.x + (((s * r.tx) + (v * r.ty)) / a),
      r.y + (((s * r.ty) - (v * r.tx)) / a),
      ((1.0 - v) * r.tx) + (s * r.ty),
      ((1.0 - v) * r.ty) - (s * r.tx),
  };
  return out;
}

static void assert_ray(zps_ray got, zps_ray want, double relative) {
  const double length = fmax(fabs(want.x), fabs(want.y));
  const double slope = fmax(fabs(want.tx), fabs(want.ty));
  zps_assert_near(got.x, want.x, relative * length);
  zps_assert_near(got.y, want.y, relative * length);
  zps_assert_near(got.tx, want.tx, relative * slope);
  zps_assert_near(got.ty, want.ty, relative * slope);
}

/* A helix to 1e-10 relative over 2 m at 10 GeV, both charges. The step turns by kappa B h = 4.5e-4 (h = 10 mm), so its
 * error is of the order of (4.5e-4)^5 = 2e-17 rad, 200 steps: roundings dominate. */
static void test_helix(void **state) {
  (void)state;
  const zps_ray starts[] = {{0.0, 0.0, 0.0, 0.0}, {20.0, -10.0, 0.05, 0.03}, {5.0, 7.0, -0.4, 0.6}};
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
    for (int charge = -1; charge <= 1; charge += 2) {
      const double kappa = zps_rk4_kappa(charge, 10.0);
      assert_ray(analytic_track(uniform_by, kappa, 2000.0, 200, starts[i]), helix_by(starts[i], 1.5 * kappa, 2000.0),
                 1e-10);
      if (i > 0) {
        assert_ray(analytic_track(uniform_bz, kappa, 2000.0, 200, starts[i]), helix_bz(starts[i], 1.5 * kappa, 2000.0),
                   1e-10);
      }
    }
  }
}

/** Sign and size: q = +1, B along +y bends towards -x by 0.299792458 GeV/(T m) * 1.5 T * 2 m over p. */
static void test_kick(void **state) {
  (void)state;
  const zps_ray start = {0.0, 0.0, 0.0, 0.0};
  const zps_ray end = analytic_track(uniform_by, zps_rk4_kappa(1.0, 100.0), 2000.0, 20, start);
  zps_assert_relative(sin(atan(end.tx)), -0.299792458 * 1.5 * 2.0 / 100.0, 1e-12);
}

static double distance(zps_ray a, zps_ray b) {
  return hypot(a.x - b.x, a.y - b.y);
}

/** Exponent of the error in h between n and 2 n steps, at 1 GeV over 1 m. */
static double measured_order(int n) {
  const zps_ray start = {15.0, -20.0, 0.1, -0.15};
  const double kappa = zps_rk4_kappa(1.0, 1.0);
  const zps_ray exact = analytic_track(wavy, kappa, 1000.0, 8192, start);
  const double coarse = distance(analytic_track(wavy, kappa, 1000.0, n, start), exact);
  const double fine = distance(analytic_track(wavy, kappa, 1000.0, 2 * n, start), exact);
  return log2(coarse / fine);
}

/* Law: in a smooth field with gradients along every axis the error falls with the fourth power of the step, with two
 * lookups per step. */
static void test_fourth_order(void **state) {
  (void)state;
  for (int n = 32; n <= 256; n *= 2) {
    const double order = measured_order(n);
    print_message("n = %d, order %.3f\n", n, order);
    zps_assert_near(order, 4.0, 0.2);
  }
}

/* ---- the magnet of the 2022 run ---- */

static zps_job job;
static zps_plan plan;

static int open_plan(void **state) {
  (void)state;
  const char *const settings[] = {"process.kind=none"};
  const zps_mass_range one = {0, 1};
  zps_error error = {ZPS_OK, ""};
  if (zps_job_read("grids/na64mu-2022.yaml", settings, 1, &job, &error) != ZPS_OK ||
      zps_plan_build(&job, one, 1, &plan, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    return -1;
  }
  return 0;
}

static int close_plan(void **state) {
  (void)state;
  zps_plan_free(&plan);
  zps_job_free(&job);
  return 0;
}

static int find_kind(int32_t kind) {
  for (int i = 0; i < plan.setup.n_elements; i++) {
    if (plan.setup.elements[i].kind == kind) {
      return i;
    }
  }
  return -1;
}

/** Step i of n through the magnet; n = 0: of those of the job, any other number: of equal ones. */
static zps_field_step magnet_step(const zps_element *e, const zps_field_map *map, int n, int i) {
  const double h = (e->z_end_mm - e->z_start_mm) / (double)n;
  return n == 0 ? plan.setup.steps[e->i_step + i] : zps_field_step_from(map, e->z_start_mm + ((double)i * h), h);
}

/** The same step the other way. */
static zps_field_step backward(const zps_field_map *map, zps_field_step step) {
  const double z = map->z_min_mm + (map->step_z_mm * ((double)step.end.i + step.end.fraction));
  return zps_field_step_from(map, z, -step.h);
}

/** Through the magnet in n_steps (0: those of the job), forwards or back; NaN positions when it hits something. */
static zps_ray through_magnet(zps_ray r, double charge, double p, int n_steps, int backwards) {
  zps_element e = plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  const zps_field_map *const map = &plan.setup.maps[e.i_table];
  const int n = n_steps > 0 ? n_steps : e.n_steps;
  zps_muon m = {0};
  m.x = r.x;
  m.y = r.y;
  m.tx = r.tx;
  m.ty = r.ty;
  m.p = p;
  zps_muon_check_aperture(&e, &m);
  const zps_field_plane entry = zps_field_plane_at(map, backwards ? e.z_end_mm : e.z_start_mm);
  zps_rk4_memory memory = zps_field_enter(map, entry, entry.between, &m);
  for (int i = 0; i < n; i++) {
    const zps_field_step ahead = magnet_step(&e, map, n_steps, backwards ? n - 1 - i : i);
    const zps_field_step step = backwards ? backward(map, ahead) : ahead;
    zps_stage_field(&e, map, step, step.middle.between, step.end.between, charge, &memory, &m);
  }
  assert_true(m.p == p);
  const double lost = m.fate == ZPS_FATE_ARRIVED ? 0.0 : (double)NAN;
  const zps_ray out = {m.x + lost, m.y + lost, m.tx, m.ty};
  return out;
}

static zps_ray drifted(zps_ray r, double dz) {
  const zps_ray out = {r.x + (dz * r.tx), r.y + (dz * r.ty), r.tx, r.ty};
  return out;
}

static double magnet_to_s4(void) {
  const zps_setup *const setup = &plan.setup;
  return setup->elements[setup->triggers[0].counters[0].i_element].z_start_mm -
         setup->elements[find_kind(ZPS_ELEMENT_FIELD)].z_end_mm;
}

/* Published: <dx> = -12.0 mm at S4 for 160 GeV. Kick 0.41971 GeV/p over 4574 mm is -11.998 mm. */
static void test_deflection(void **state) {
  (void)state;
  const zps_ray start = {0.0, 0.0, 0.0, 0.0};
  const zps_ray s4 = drifted(through_magnet(start, 1.0, 160.0, 0, 0), magnet_to_s4());
  print_message("160 GeV at S4: x = %.4f mm\n", s4.x);
  zps_assert_near(s4.x, -12.0, 0.1);
  zps_assert_near(s4.y, 0.0, 1e-9);
}

static double next_uniform(uint64_t *s) {
  *s = (*s * 6364136223846793005U) + 1442695040888963407U;
  return (double)(*s >> 11) * 0x1p-53;
}

/** A muon spread over the gap at the middle of the magnet: |x| < 200, |y| < 80 mm, slopes up to 20 mrad, taken back
 *  along a straight line to its entry. */
static zps_ray spread_muon(uint64_t *s) {
  const zps_element *const e = &plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  zps_ray r;
  r.x = 400.0 * (next_uniform(s) - 0.5);
  r.y = 160.0 * (next_uniform(s) - 0.5);
  r.tx = 0.04 * (next_uniform(s) - 0.5);
  r.ty = 0.04 * (next_uniform(s) - 0.5);
  return drifted(r, -0.5 * (e->z_end_mm - e->z_start_mm));
}

/** Root mean square distance at S4 [um] between n_steps and the steps of a reference, over muons that get through. */
static double error_at_s4(double p, int n_steps, int n_reference, double *worst) {
  uint64_t s = 7;
  double sum = 0.0;
  int n = 0;
  *worst = 0.0;
  while (n < 300) {
    const zps_ray start = spread_muon(&s);
    const zps_ray coarse = drifted(through_magnet(start, 1.0, p, n_steps, 0), magnet_to_s4());
    const zps_ray fine = drifted(through_magnet(start, 1.0, p, n_reference, 0), magnet_to_s4());
    const double error = 1e3 * distance(coarse, fine);
    if (error >= 0.0) {
      sum += error * error;
      *worst = fmax(*worst, error);
      n++;
    }
  }
  return sqrt(sum / n);
}

/* Law: the job's steps are below 1 um rms at S4 from 10 to 160 GeV, against steps a hundred times finer than cells in
 * the same map. */
static void test_default_step(void **state) {
  (void)state;
  const double momenta[] = {10.0, 20.0, 40.0, 80.0, 160.0};
  const zps_element *const e = &plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  const int n_default = e->n_steps;
  const int n_cells = plan.setup.maps[e->i_table].n_z / 2;
  assert_true(n_default < n_cells / 2);
  for (size_t i = 0; i < sizeof momenta / sizeof momenta[0]; i++) {
    double worst = 0.0;
    const double rms = error_at_s4(momenta[i], 0, 100 * n_cells, &worst);
    print_message("%3.0f GeV, %d steps: %.3f um rms, %.3f um worst at S4\n", momenta[i], n_default, rms, worst);
    assert_true(rms < 1.0);
  }
}

/* Law: a step backwards undoes a step forwards but for the error of the step itself: there and back through the magnet
 * returns to within twice the error of one way, and with steps of a tenth of a cell to within a nanometre. */
static void test_there_and_back(void **state) {
  (void)state;
  const zps_element *const e = &plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  const int n_fine = 10 * (plan.setup.maps[e->i_table].n_z / 2);
  uint64_t s = 8;
  int n = 0;
  double coarse = 0.0;
  double fine = 0.0;
  while (n < 200) {
    const zps_ray start = spread_muon(&s);
    const zps_ray there = through_magnet(start, 1.0, 20.0, 0, 0);
    const zps_ray there_fine = through_magnet(start, 1.0, 20.0, n_fine, 0);
    const double back = distance(through_magnet(there, 1.0, 20.0, 0, 1), start);
    const double back_fine = distance(through_magnet(there_fine, 1.0, 20.0, n_fine, 1), start);
    if (back >= 0.0 && back_fine >= 0.0) {
      coarse = fmax(coarse, back);
      fine = fmax(fine, back_fine);
      n++;
    }
  }
  print_message("there and back at 20 GeV: %.3g mm with the default step, %.3g mm with tenths of a cell\n", coarse,
                fine);
  assert_true(coarse < 1e-3);
  assert_true(fine < 1e-6);
}

/* Law: By and Bz do not depend on x, Bx = 0, so the mirror x -> -x with the other charge is the same motion: every
 * operation is the same up to a sign, so the bits are. And q -> -q with B -> -B is the same motion too. */
static void test_charges_mirror(void **state) {
  (void)state;
  uint64_t s = 9;
  int n = 0;
  while (n < 200) {
    const zps_ray r = spread_muon(&s);
    const zps_ray mirrored = {-r.x, r.y, -r.tx, r.ty};
    const zps_ray plus = through_magnet(r, 1.0, 30.0, 0, 0);
    const zps_ray minus = through_magnet(mirrored, -1.0, 30.0, 0, 0);
    if (plus.x == plus.x) {
      assert_true(plus.x == -minus.x && plus.y == minus.y && plus.tx == -minus.tx && plus.ty == minus.ty);
      n++;
    }
  }
}

/** The steps of the default job end on planes of the map, their middles stand on planes (so that every lookup is
 *  bilinear), and they follow each other from face to face. */
static void test_steps_end_on_planes(void **state) {
  (void)state;
  const zps_element *const e = &plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  const zps_field_map *const map = &plan.setup.maps[e->i_table];
  double z = e->z_start_mm;
  for (int32_t i = 0; i < e->n_steps; i++) {
    const zps_field_step step = plan.setup.steps[e->i_step + i];
    z += step.h;
    assert_int_equal(step.middle.between, 0);
    assert_int_equal(step.end.between, 0);
    zps_assert_near(map->z_min_mm + (map->step_z_mm * (double)step.end.i), z, 1e-9);
  }
  zps_assert_near(z, e->z_end_mm, 1e-9);
}

/* Where planes of the map and faces of the element differ, step_mm is shorter than a cell or lookups are tricubic:
 * equal steps, at most a cell of the map long. */
static void test_steps_elsewhere(void **state) {
  (void)state;
  const zps_element *const magnet = &plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  const zps_field_map *const map = &plan.setup.maps[magnet->i_table];
  zps_element e = *magnet;
  zps_error error = {ZPS_OK, ""};
  zps_field_step *steps = NULL;
  int32_t n = 0;
  e.z_start_mm += 1.0;
  e.z_end_mm += 1.0;
  assert_int_equal(zps_plan_steps(map, zps_steps_over_cells(map, 400.0, &e), 400.0, 0.0, &e, &steps, &n, &error),
                   ZPS_OK);
  assert_int_equal(n, map->n_z - 1);
  assert_int_equal(steps[0].end.between, 1);
  e = *magnet;
  assert_int_equal(zps_plan_steps(map, zps_steps_over_cells(map, 10.0, &e), 10.0, 0.0, &e, &steps, &n, &error), ZPS_OK);
  assert_int_equal(e.i_step, map->n_z - 1);
  assert_int_equal(e.n_steps, 220);
  assert_int_equal(n, map->n_z - 1 + 220);
  zps_assert_near(steps[n - 1].h, 10.0, 1e-9);
  e.cubic = ZPS_LOOKUP_CUBIC;
  assert_int_equal(zps_plan_steps(map, zps_steps_over_cells(map, 400.0, &e), 400.0, 0.0, &e, &steps, &n, &error),
                   ZPS_OK);
  assert_int_equal(e.n_steps, map->n_z - 1);
  assert_int_equal(zps_plan_steps(map, zps_steps_over_cells(map, 1e-5, &e), 1e-5, 0.0, &e, &steps, &n, &error),
                   ZPS_INVALID);
  free(steps);
}

/* A field whose structure lies at the poles alone, sin(z/25 mm) within some mm of |y| = 95 mm: the probes of the core
 * do not see it, those of the rim do. */
static void test_steps_see_the_rim(void **state) {
  (void)state;
  enum { N_X = 2, N_Y = 41, N_Z = 177 };
  static float b[4 * N_X * N_Y * N_Z];
  zps_element e = plan.setup.elements[find_kind(ZPS_ELEMENT_FIELD)];
  const zps_field_map map = {N_X, N_Y, N_Z, -400.0, -100.0, e.z_start_mm, 800.0, 5.0, 12.5, b};
  zps_error error = {ZPS_OK, ""};
  for (int structured = 0; structured < 2; structured++) {
    for (int i = 0; i < N_X * N_Y * N_Z; i++) {
      const double y = -100.0 + (5.0 * (double)((i / N_X) % N_Y));
      const int iz = i / (N_X * N_Y);
      const double near_pole = exp(-((fabs(y) - 95.0) * (fabs(y) - 95.0)) / 16.0);
      /* Between planes of cells the mean of both, as zps_field_map_halve_planes() makes them. */
      const double ripple =
          iz % 2 == 0 ? sin(0.5 * (double)iz) : 0.5 * (sin(0.5 * (double)(iz - 1)) + sin(0.5 * (double)(iz + 1)));
      b[(4 * i) + 1] = (float)(1.0 + (structured ? near_pole * ripple : 0.0));
    }
    zps_field_step *steps = NULL;
    int32_t n = 0;
    assert_int_equal(zps_plan_steps(&map, 1, 400.0, 3000.0, &e, &steps, &n, &error), ZPS_OK);
    print_message("structure at the poles: %s, %d steps\n", structured ? "yes" : "no", n);
    assert_true(structured ? n > 60 : n < 10);
    free(steps);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_helix),           cmocka_unit_test(test_kick),
      cmocka_unit_test(test_fourth_order),    cmocka_unit_test(test_deflection),
      cmocka_unit_test(test_default_step),    cmocka_unit_test(test_there_and_back),
      cmocka_unit_test(test_charges_mirror),  cmocka_unit_test(test_steps_end_on_planes),
      cmocka_unit_test(test_steps_elsewhere), cmocka_unit_test(test_steps_see_the_rim),
  };
  return cmocka_run_group_tests(tests, open_plan, close_plan);
}
