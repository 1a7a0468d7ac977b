/* Cross-sections against an independent reference file, against GSL on an independent coding of the formulas, and
 * against what physics demands where there is no reference. */
#include "tests/zps_test.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_monte_vegas.h>
#include <gsl/gsl_rng.h>

#include "host/tables/emission_table.h"
#include "host/tables/material.h"
#include "tests/physics/emission_reference.h"
#include "tests/physics/sigma_csv.h"

#define N_INTERVALS 400
#define N_T_NODES 20

static const double pb_z = 82.0;
static const double pb_a = 207.2;

static double value_pb(const zps_nucleus *n, int model, double mass, double energy) {
  zps_error error = {ZPS_OK, ""};
  double pb = -1.0;
  assert_int_equal(zps_sigma_value_pb(n, model, mass, energy, 0.0, zps_sigma_rule_default(), &pb, &error), ZPS_OK);
  return pb;
}

static double csv[SIGMA_CSV_ROWS][SIGMA_CSV_COLUMNS];

/** Largest |ratio - 1| of one model to its column. */
static double worst_against_csv(int model, int column) {
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  const double coupling2 = 1e-4 * 1e-4;
  double worst = 0.0;
  double at = 0.0;
  for (size_t i = 0; i < SIGMA_CSV_ROWS; i++) {
    const double want = csv[i][column];
    const double off = fabs((coupling2 * value_pb(&n, model, csv[i][CSV_MASS_MEV] * 1e-3, 160.0) / want) - 1.0);
    at = off > worst ? csv[i][CSV_MASS_MEV] : at;
    worst = off > worst ? off : worst;
  }
  print_message("sigma model %d against the reference: worst %.2e at %g MeV\n", model, worst, at);
  return worst;
}

/* Law: the same formula integrated by other programs. The file has 5 digits (half a unit: up to 5e-5) and its three
 * programs agree to 4 digits (1e-4); ours adds its quadrature error (< 1e-4, below). Requirement: 0.1 % for WW and IWW,
 * 0.2 % for the exact tree level. */
static void test_reference_file(void **state) {
  (void)state;
  assert_int_equal(sigma_csv_read(csv), 1);
  assert_true(worst_against_csv(ZPS_EMISSION_WW, CSV_SIGMA_WW_A) < 1e-3);
  assert_true(worst_against_csv(ZPS_EMISSION_IWW, CSV_SIGMA_IWW) < 1e-3);
  assert_true(worst_against_csv(ZPS_EMISSION_ETL, CSV_SIGMA_ETL) < 2e-3);
}

static const double grid_z[4] = {6.0, 26.0, 29.0, 82.0};
static const double grid_a[4] = {12.011, 55.845, 63.546, 207.2};
static const double grid_energy[4] = {20.0, 50.0, 100.0, 300.0};
#define N_GRID_MASSES 4
static const double grid_mass[N_GRID_MASSES] = {0.001, 0.1, 1.0, 3.0};

/** Fills sigma/Z^2 of one model on the grid and returns the worst relative error by doubling. */
static double fill_grid(int model, double out[4][4][N_GRID_MASSES]) {
  double worst = 0.0;
  for (int i = 0; i < 4; i++) {
    const zps_nucleus n = zps_nucleus_make(grid_z[i], grid_a[i]);
    for (int j = 0; j < 4; j++) {
      for (int k = 0; k < N_GRID_MASSES; k++) {
        zps_error error = {ZPS_OK, ""};
        double pb = 0.0;
        double error_pb = 0.0;
        assert_int_equal(zps_sigma_pb(&n, model, grid_mass[k], grid_energy[j], 0.0, zps_sigma_rule_default(), &pb,
                                      &error_pb, &error),
                         ZPS_OK);
        if (!(error_pb < 2e-3 * pb)) {
          print_message("model %d Z %g E %g m %g: sigma %g pb, by doubling %.2e\n", model, grid_z[i], grid_energy[j],
                        grid_mass[k], pb, error_pb / pb);
        }
        worst = error_pb > worst * pb ? error_pb / pb : worst;
        out[i][j][k] = pb / (grid_z[i] * grid_z[i]);
      }
    }
  }
  print_message("sigma model %d, 4 nuclei x 4 energies x %d masses: worst by doubling %.2e\n", model, N_GRID_MASSES,
                worst);
  return worst;
}

/** sigma/Z^2: falls with the mass, grows with the energy, falls with Z. */
static void check_grid_order(double grid[4][4][N_GRID_MASSES]) {
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j++) {
      for (int k = 0; k < N_GRID_MASSES; k++) {
        assert_true(isfinite(grid[i][j][k]) && grid[i][j][k] > 0.0);
        assert_true(k == 0 || grid[i][j][k] < grid[i][j][k - 1]);
        assert_true(j == 0 || grid[i][j][k] > grid[i][j - 1][k]);
        assert_true(i == 0 || grid[i][j][k] < grid[i - 1][j][k]);
      }
    }
  }
}

/* Laws, away from the one energy and nucleus of the reference file:
 * - error by doubling below 2e-3 (the requirement on the exact model) of the sum itself;
 * - a heavier boson needs a larger t_min and has a smaller propagator: sigma falls with m; more energy lowers t_min;
 * - the flux G2/Z^2 = [t/((t + t_a)(1 + t/t_d))]^2 falls with Z at every t, t_a growing as Z^(2/3) and t_d falling as
 *   A^(-2/3): so does sigma/Z^2;
 * - and it falls by little where t_min << t_d: chi/Z^2 lies between the unscreened ln(t_d/t_min) - c and the
 *   screened ln(t_d/t_a) - 2, so that C/Pb < (ln(t_d/t_a) - 2)_C/(..)_Pb = 17.9/14.3 = 1.25 at 1 MeV, if both are
 *   screened, and < (ln(t_d/t_min) - 2) ratio, 1.9 more in the logarithm (t_d: 0.0313 and 0.0047 GeV^2), otherwise:
 *   t_min = (m m_mu/E)^2-ish >= 1e-8 at 20 GeV gives (13 - 2 + 1.9)/(13 - 2) = 1.17. Bound: 1.25. */
static void test_other_energies_and_nuclei(void **state) {
  (void)state;
  for (int model = 0; model < 3; model++) {
    double grid[4][4][N_GRID_MASSES];
    assert_true(fill_grid(model, grid) < 2e-3);
    check_grid_order(grid);
    for (int j = 0; j < 4; j++) {
      const double ratio = grid[0][j][0] / grid[3][j][0];
      print_message("  model %d, %g GeV, 1 MeV: (sigma/Z^2) C/Pb = %.4f\n", model, grid_energy[j], ratio);
      assert_true(ratio > 1.0 && ratio < 1.25);
    }
  }
}

/* Law: d ln sigma/d ln E between 100 and 160 GeV, documented as 0.08, 0.3 and 1.3 at 3 MeV, 150 MeV and 1.5 GeV: half a
 * unit of the last digit written. At 160 GeV itself the slope is lower, as it must be where sigma levels off. */
static void test_energy_slope(void **state) {
  static const double mass[3] = {0.003, 0.15, 1.5};
  static const double want[3] = {0.08, 0.3, 1.3};
  static const double digit[3] = {0.01, 0.1, 0.1};
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  (void)state;
  for (int i = 0; i < 3; i++) {
    const double nominal = value_pb(&n, ZPS_EMISSION_ETL, mass[i], 160.0);
    const double chord = log(nominal / value_pb(&n, ZPS_EMISSION_ETL, mass[i], 100.0)) / log(160.0 / 100.0);
    const double tangent = log(nominal / value_pb(&n, ZPS_EMISSION_ETL, mass[i], 156.0)) / log(160.0 / 156.0);
    print_message("d ln sigma/d ln E at %g GeV: %.4f from 100 to 160 GeV (documented %g), %.4f at 160\n", mass[i],
                  chord, want[i], tangent);
    zps_assert_near(chord, want[i], 0.5 * digit[i]);
    assert_true(tangent > 0.0 && tangent < chord);
  }
}

/** One two-dimensional integrand over the unit square, and what the nested integration needs. */
typedef struct plane_integral {
  double (*integrand)(const struct plane_integral *, double r, double s);
  ref_target target;
  double mass, energy;
  int improved;
  double accuracy;
  double z[REF_N_CHI], w[REF_N_CHI];
  double t[N_T_NODES], wt[N_T_NODES];
  double outer;
  gsl_integration_cquad_workspace *inner_space;
} plane_integral;

/** Gauss-Legendre nodes and weights on (0, 1). */
static void unit_nodes(size_t n, double *z, double *w) {
  gsl_integration_glfixed_table *const table = gsl_integration_glfixed_table_alloc(n);
  for (size_t i = 0; i < n; i++) {
    gsl_integration_glfixed_point(0.0, 1.0, i, &z[i], &w[i], table);
  }
  gsl_integration_glfixed_table_free(table);
}

static void plane_integral_init(plane_integral *in, double mass, double energy, int improved) {
  in->target = ref_target_make(pb_z, pb_a);
  in->mass = mass;
  in->energy = energy;
  in->improved = improved;
  in->accuracy = 1e-7;
  unit_nodes(REF_N_CHI, in->z, in->w);
  unit_nodes(N_T_NODES, in->t, in->wt);
}

static double inner_integrand(double s, void *context) {
  const plane_integral *const in = (const plane_integral *)context;
  return in->integrand(in, in->outer, s);
}

static double outer_integrand(double r, void *context) {
  plane_integral *const in = (plane_integral *)context;
  gsl_function f = {inner_integrand, in};
  double value = 0.0;
  in->outer = r;
  gsl_integration_cquad(&f, 0.0, 1.0, 0.0, 0.1 * in->accuracy, in->inner_space, &value, NULL, NULL);
  return value;
}

static double plane_integrate(plane_integral *in) {
  gsl_integration_cquad_workspace *const space = gsl_integration_cquad_workspace_alloc(N_INTERVALS);
  gsl_function f = {outer_integrand, in};
  double value = 0.0;
  in->inner_space = gsl_integration_cquad_workspace_alloc(N_INTERVALS);
  gsl_integration_cquad(&f, 0.0, 1.0, 0.0, in->accuracy, space, &value, NULL, NULL);
  gsl_integration_cquad_workspace_free(in->inner_space);
  gsl_integration_cquad_workspace_free(space);
  return value;
}

/** chi of 2b at |utilde| (or T) and E(1 - x): t_max = m^2 + m_mu^2. */
static real model_chi(const plane_integral *in, real off_shell, real energy_left) {
  const real m2 = (real)in->mass * (real)in->mass;
  const real energy = (real)in->energy;
  const real root = off_shell / (2.0L * energy_left);
  const real t_min = in->improved ? (m2 * m2) / (4.0L * energy * energy) : root * root;
  return ref_chi(&in->target, in->z, in->w, t_min, m2 + (REF_MUON * REF_MUON));
}

/** d sigma/(dr ds) of 2b in the angle of the Z'; IWW over theta dtheta to infinity, WW over sin(theta) dtheta. */
static double theta_form(const plane_integral *in, double r, double s) {
  const real energy = (real)in->energy;
  const real m = (real)in->mass;
  real dx = 0.0L;
  real dtheta = 0.0L;
  const real x = ref_x_at(m / energy, ref_x_max(&in->target, energy, m), (real)r, &dx);
  const real theta = ref_theta_at(energy, m, x, in->improved ? 1e6L : REF_PI, (real)s, &dtheta);
  const real chi = model_chi(in, ref_u_tilde(energy, m, x, theta), energy * (1.0L - x));
  const real measure = in->improved ? theta : sinl(theta);
  return (double)(ref_ww_over_chi(energy, m, x, theta) * chi * measure * dx * dtheta);
}

/** d sigma/(dr ds) of 2b in the angle of the recoil muon: y = E'/E, T uniform in 1/T from its value at psi = 0. */
static double psi_form(const plane_integral *in, double r, double s) {
  const real energy = (real)in->energy;
  const real m2 = (real)in->mass * (real)in->mass;
  const real mu2 = REF_MUON * REF_MUON;
  real dy = 0.0L;
  const real y = ref_x_at(REF_MUON / energy, 1.0L - (sqrtl(m2) / energy), (real)r, &dy);
  const real left = 1.0L - y;
  const real forward = m2 + ((mu2 * left * left) / y);
  const real big_t = forward / (1.0L - (real)s);
  const real d_angle = (big_t * big_t / forward) / (2.0L * y * energy * energy);
  const real chi = model_chi(in, big_t, energy * left);
  const real braces = (1.0L / (2.0L * y)) + (0.5L * y) +
                      (((m2 + (2.0L * mu2)) * left * left / (big_t * big_t * y)) * (forward - big_t));
  const real front = (8.0L * REF_ALPHA * REF_ALPHA * energy * energy) / (4.0L * REF_PI);
  const real shape = sqrtl((y * y) - (mu2 / (energy * energy))) * left * braces / (big_t * big_t);
  return (double)(front * chi * shape * dy * d_angle);
}

/* Law: the test's own chi (Gauss-Legendre, 40 nodes in ln t) is the integral: CQUAD in ln t, asked for 1e-9. The scale
 * of what is compared later is 1e-5. */
typedef struct chi_context {
  ref_target target;
  double t_min;
} chi_context;

static double chi_integrand(double log_t, void *context) {
  const chi_context *const c = (const chi_context *)context;
  const real t = expl((real)log_t);
  return (double)(t * (t - (real)c->t_min) * ref_flux(&c->target, t));
}

/** Integrand of the Fourier transform of a ball of radius 1: 3 r^2 sin(zr)/(zr). */
static double ball_integrand(double r, void *context) {
  const double z = *(const double *)context;
  return 3.0 * r * sin(z * r) / z;
}

/* Law: Helm's form factor is the Fourier transform of a ball with a Gaussian skin, on the scale of 1 (rounding of
 * sines up to z = 100: 1e-14; CQUAD 1e-10); and the flux with options is that of the independent coding, each within
 * 1e-11 of the larger of itself and a thousandth of the flux without a diffraction minimum, whose zero the two reach by
 * different roundings. */
static void test_form_factors(void **state) {
  gsl_integration_cquad_workspace *const space = gsl_integration_cquad_workspace_alloc(N_INTERVALS);
  static const int exponent[3] = {0, 2, 1};
  double worst_ball = 0.0;
  double worst_flux = 0.0;
  (void)state;
  for (int i = 0; i < 6; i++) {
    zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
    const int helm = i / 3;
    zps_nucleus_set_form(&n, helm ? ZPS_FORM_HELM : ZPS_FORM_ELASTIC, (zps_inelastic)(i % 3));
    const ref_target target = ref_target_option(pb_z, pb_a, helm, exponent[i % 3], REF_VECTOR);
    for (double t = 1e-14; t < 9.0; t *= 1.1) {
      const double want = (double)ref_flux(&target, (real)t);
      const double scale = fmax(want, 1e-3 * pow(pb_z / ((n.t_screening + t) * (1.0 + (t / n.t_size))), 2.0));
      worst_flux = fmax(worst_flux, fabs(zps_emission_flux_option(&n, t) - want) / scale);
      if (helm) {
        double z = (double)target.helm_radius * sqrt(t);
        gsl_function f = {ball_integrand, &z};
        double ball = 0.0;
        gsl_integration_cquad(&f, 0.0, 1.0, 1e-11, 1e-10, space, &ball, NULL, NULL);
        worst_ball = fmax(worst_ball, fabs(zps_emission_helm(&n, t) - (ball * exp(-(t * n.helm_skin2)))));
      }
    }
  }
  gsl_integration_cquad_workspace_free(space);
  print_message("Helm against a Fourier integral: %.1e; flux with options against the test's: %.1e\n", worst_ball,
                worst_flux);
  assert_true(worst_ball < 1e-9);
  assert_true(worst_flux < 1e-11);
}

static void test_chi(void **state) {
  plane_integral in;
  gsl_integration_cquad_workspace *const space = gsl_integration_cquad_workspace_alloc(N_INTERVALS);
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  double worst = 0.0;
  double worst_closed = 0.0;
  (void)state;
  plane_integral_init(&in, 0.1, 160.0, 0);
  for (int i = 0; i < 8; i++) {
    chi_context c = {in.target, pow(10.0, -12.0 + i)};
    gsl_function f = {chi_integrand, &c};
    const double top = 0.02 * (1.0 + (20.0 * i));
    double want = 0.0;
    gsl_integration_cquad(&f, log(c.t_min), log(top), 0.0, 1e-10, space, &want, NULL, NULL);
    const double got = (double)ref_chi(&in.target, in.z, in.w, (real)c.t_min, (real)top);
    worst = fmax(worst, fabs((got / want) - 1.0));
    worst_closed = fmax(worst_closed, fabs((zps_emission_chi(&n, c.t_min, top) / want) - 1.0));
  }
  gsl_integration_cquad_workspace_free(space);
  print_message("chi against CQUAD: the test's own %.1e, closed form of the kernels %.1e\n", worst, worst_closed);
  assert_true(worst < 1e-6);
  assert_true(worst_closed < 1e-8);
}

/* Law: WW and IWW by nested CQUAD over (x, theta) of an independent coding, asked for 1e-7: 1e-4. */
static void test_approximations_by_cquad(void **state) {
  static const double mass[6] = {0.001, 0.01, 0.1, 0.5, 2.0, 5.0};
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  (void)state;
  for (int model = ZPS_EMISSION_WW; model <= ZPS_EMISSION_IWW; model++) {
    for (int i = 0; i < 6; i++) {
      plane_integral in;
      plane_integral_init(&in, mass[i], 160.0, model == ZPS_EMISSION_IWW);
      in.integrand = theta_form;
      const double want = plane_integrate(&in) * (double)REF_PB;
      const double got = value_pb(&n, model, mass[i], 160.0);
      print_message("model %d at %g GeV: %.8g pb, CQUAD %.8g, off %.1e\n", model, mass[i], got, want,
                    (got / want) - 1.0);
      zps_assert_relative(got, want, 1e-4);
    }
  }
}

/* Law: the inelastic term adds to WW what is published for it in GeV and Pb: 1.4, 1.6 and 3.5 % at 1 MeV, 100 MeV and
 * 1 GeV with the outer exponent 2, 4.0 % at 1 GeV with 1: half a unit of the last digit. It adds something else to the
 * exact tree level, which knows no t_max = m^2 + m_mu^2 and leans less on large t: within 15 % of the same numbers. */
static void test_inelastic_term(void **state) {
  static const double mass[4] = {0.001, 0.1, 1.0, 1.0};
  static const int exponent[4] = {2, 2, 2, 1};
  static const double want[4] = {1.4, 1.6, 3.5, 4.0};
  const zps_nucleus plain = zps_nucleus_make(pb_z, pb_a);
  (void)state;
  for (int i = 0; i < 4; i++) {
    plane_integral in;
    zps_nucleus n = plain;
    zps_nucleus_set_form(&n, ZPS_FORM_ELASTIC, exponent[i] == 2 ? ZPS_INELASTIC_SQUARED : ZPS_INELASTIC_LINEAR);
    plane_integral_init(&in, mass[i], 160.0, 0);
    in.integrand = theta_form;
    in.accuracy = 1e-5;
    const double without = plane_integrate(&in);
    in.target = ref_target_option(pb_z, pb_a, 0, exponent[i], REF_VECTOR);
    const double added_ww = 100.0 * ((plane_integrate(&in) / without) - 1.0);
    const double added =
        100.0 *
        ((value_pb(&n, ZPS_EMISSION_OPTION, mass[i], 160.0) / value_pb(&plain, ZPS_EMISSION_ETL, mass[i], 160.0)) -
         1.0);
    print_message("inelastic term, exponent %d, %g GeV: WW %+.2f %%, exact %+.2f %%\n", exponent[i], mass[i], added_ww,
                  added);
    zps_assert_near(added_ww, want[i], 0.05);
    zps_assert_relative(added, want[i], 0.15);
  }
}

/** d sigma/(dr ds) of the Weizsaecker-Williams form of any mediator: braces
 *    c_v 2 (2 - 2x + x^2)/(1-x) + c_s x^2/(1-x) + c_d [utilde x + m^2 (1-x) + m_mu^2 x^2]/utilde^2. */
static double mediator_form(const plane_integral *in, double r, double s) {
  const real energy = (real)in->energy;
  const real m = (real)in->mass;
  const real m2 = m * m;
  const real mu2 = REF_MUON * REF_MUON;
  const real c_v[4] = {1.0L, 0.0L, 0.0L, 1.0L};
  const real c_s[4] = {0.0L, 1.0L, 1.0L, (4.0L * mu2) / m2};
  const real c_d[4] = {4.0L * (m2 + (2.0L * mu2)), 2.0L * (m2 - (4.0L * mu2)), 2.0L * m2, 4.0L * (m2 - (4.0L * mu2))};
  real dx = 0.0L;
  real dtheta = 0.0L;
  const int i = (int)in->target.mediator;
  const real x = ref_x_at(m / energy, ref_x_max(&in->target, energy, m), (real)r, &dx);
  const real theta = ref_theta_at(energy, m, x, REF_PI, (real)s, &dtheta);
  const real u = -ref_u_tilde(energy, m, x, theta);
  const real left = 1.0L - x;
  const real braces = (((c_v[i] * 2.0L * (2.0L - (2.0L * x) + (x * x))) + (c_s[i] * x * x)) / left) +
                      ((c_d[i] / (u * u)) * ((u * x) + (m2 * left) + (mu2 * x * x)));
  const real front = ((2.0L * REF_ALPHA * REF_ALPHA) / (4.0L * REF_PI)) * energy * energy;
  const real shape = (sqrtl((x * x) - (m2 / (energy * energy))) * left * braces) / (u * u);
  return (double)(front * shape * model_chi(in, -u, energy * left) * sinl(theta) * dx * dtheta);
}

/* Law: every mediator's exact tree level approaches its Weizsaecker-Williams form (Liu, McKeen and Miller, PRD 95
 * (2017) 036010, and for the vector 2b) where the photon is nearly real. For the vector WW/exact is 0.9989 to 1.0125 up
 * to 3 GeV; the forms differ by t/m_eff^2 times a number of order one for all of them: 2.5 % asked, where a wrong sign
 * of a mass term makes 10 % and more at one of these masses. */
static void test_mediators_by_ww(void **state) {
  static const double mass[4] = {0.01, 0.1, 0.5, 2.0};
  static const char *const name[4] = {"vector", "scalar", "pseudoscalar", "axial"};
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  (void)state;
  for (int i = 0; i < 16; i++) {
    plane_integral in;
    const double m = mass[i % 4];
    plane_integral_init(&in, m, 160.0, 0);
    in.target.mediator = (enum ref_mediator)(i / 4);
    in.integrand = mediator_form;
    in.accuracy = 1e-4;
    const double ww = plane_integrate(&in) * (double)REF_PB;
    const double exact = value_pb(&n, ZPS_EMISSION_OPTION + (i / 4), m, 160.0);
    print_message("%s, %g GeV: exact %.6g pb, WW/exact %.4f\n", name[i / 4], m, exact, ww / exact);
    zps_assert_relative(ww, exact, 0.025);
  }
}

/** d sigma/(dr ds) of the exact tree level: Gauss-Legendre in t, midpoints in phi over half a turn (even in phi). */
static double exact_form(const plane_integral *in, double r, double s) {
  double sum = 0.0;
  for (size_t i = 0; i < N_T_NODES; i++) {
    double ring = 0.0;
    for (int j = 0; j < 4; j++) {
      const double at[4] = {r, s, in->t[i], (j + 0.5) / 8.0};
      ring += 0.25 * ref_point_at(&in->target, (real)in->energy, (real)in->mass, 0.0L, in->z, in->w, at).weight;
    }
    sum += in->wt[i] * ring;
  }
  return sum;
}

/* Law: the exact tree level by nested CQUAD over (x, theta) and fixed nodes in (t, phi), with |A|^2 from four-vectors.
 * CQUAD asks itself for 5e-5 and our rule is said to reach 1e-4: 1.5e-4 would do, 2e-4 is asked. */
static void test_exact_by_cquad(void **state) {
  static const double mass[2] = {0.001, 0.5};
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  (void)state;
  for (int i = 0; i < 2; i++) {
    plane_integral in;
    plane_integral_init(&in, mass[i], 160.0, 0);
    in.integrand = exact_form;
    in.accuracy = 5e-5;
    const double want = plane_integrate(&in) * (double)REF_PB;
    const double got = value_pb(&n, ZPS_EMISSION_ETL, mass[i], 160.0);
    print_message("ETL at %g GeV: %.8g pb, CQUAD %.8g, off %.1e\n", mass[i], got, want, (got / want) - 1.0);
    zps_assert_relative(got, want, 2e-4);
  }
}

static double exact_integrand(double *r, size_t dim, void *context) {
  const plane_integral *const in = (const plane_integral *)context;
  (void)dim;
  return ref_point_at(&in->target, (real)in->energy, (real)in->mass, 0.0L, in->z, in->w, r).weight;
}

/** VEGAS over (x, theta, t, phi) of the exact tree level: [pb], and its standard error. */
static double exact_by_vegas(plane_integral *in, double *standard_error) {
  double lower[4] = {0.0, 0.0, 0.0, 0.0};
  double upper[4] = {1.0, 1.0, 1.0, 1.0};
  gsl_monte_function f = {exact_integrand, 4, in};
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_monte_vegas_state *const vegas = gsl_monte_vegas_alloc(4);
  double value = 0.0;
  gsl_rng_set(rng, 20240101UL);
  gsl_monte_vegas_integrate(&f, lower, upper, 4, 10000, rng, vegas, &value, standard_error);
  gsl_monte_vegas_integrate(&f, lower, upper, 4, 220000, rng, vegas, &value, standard_error);
  gsl_monte_vegas_free(vegas);
  gsl_rng_free(rng);
  *standard_error *= (double)REF_PB;
  return value * (double)REF_PB;
}

/* Law: the same by VEGAS, which samples phi and t too and has no node in common with anything. Tolerance: 4 of its own
 * standard errors plus the 1e-4 our rule is said to reach; it must itself be good to 2.5e-4, which keeps that below
 * 1.1e-3 (4 s.e. of one comparison at the fixed seed; a mistake of 1e-3 would show). */
static void test_exact_by_vegas(void **state) {
  static const double mass[2] = {0.03, 2.0};
  const zps_nucleus n = zps_nucleus_make(pb_z, pb_a);
  (void)state;
  for (int i = 0; i < 2; i++) {
    plane_integral in;
    double spread = 0.0;
    plane_integral_init(&in, mass[i], 160.0, 0);
    const double want = exact_by_vegas(&in, &spread);
    const double got = value_pb(&n, ZPS_EMISSION_ETL, mass[i], 160.0);
    print_message("ETL at %g GeV: %.8g pb, VEGAS %.8g (1 sigma %.1e), off %.1e\n", mass[i], got, want, spread / want,
                  (got / want) - 1.0);
    assert_true(spread < 2.5e-4 * want);
    zps_assert_near(got, want, (4.0 * spread) + (1e-4 * want));
  }
}

/* Law: 2b written in the angle of the recoil muon is the same cross-section as in that of the Z'. The WW forms differ
 * by powers of (m/E)^2 and by the threshold root: 1e-5 at 10 MeV, 0.1 % at 1 GeV, half a unit added as they are quoted
 * to one digit. In IWW no chi(t_min(x)) quenches the ends of x, where the two carry sqrt(x^2 - m^2/E^2)/x and sqrt(y^2
 * - m_mu^2/E^2)/y, different within (m + m_mu)/E of the ends: twice that is the bound there. */
static void test_recoil_form(void **state) {
  static const double mass[2] = {0.01, 1.0};
  static const double tolerance[2][2] = {{1.5e-5, 1.5e-3}, {2.0 * 0.116 / 160.0, 2.0 * 1.106 / 160.0}};
  (void)state;
  for (int improved = 0; improved < 2; improved++) {
    for (int i = 0; i < 2; i++) {
      plane_integral in;
      plane_integral_init(&in, mass[i], 160.0, improved);
      in.integrand = theta_form;
      const double theta = plane_integrate(&in);
      in.integrand = psi_form;
      const double psi = plane_integrate(&in);
      print_message("%s at %g GeV: psi form over theta form - 1 = %.2e\n", improved ? "IWW" : "WW", mass[i],
                    (psi / theta) - 1.0);
      zps_assert_relative(psi, theta, tolerance[improved][i]);
    }
  }
}

/** Z' per mm of a material and pb^-1 mol^-1 g cm^-3, of one model: sum over its elements of density w/A sigma. */
static double production(const zps_material *material, int model, double mass) {
  double sum = 0.0;
  for (size_t i = 0; i < material->n_elements; i++) {
    const zps_material_element *const e = &material->elements[i];
    const zps_nucleus n = zps_nucleus_make((double)e->z, e->a);
    sum += ((material->density_g_cm3 * e->mass_fraction) / e->a) * value_pb(&n, model, mass, 160.0);
  }
  return sum;
}

/** Share of chi above t = m^2 + m_mu^2, where 2b stops, at the t_min of x = 1/2. */
static double chi_above_cap(const zps_nucleus *n, double mass) {
  const double cap = (mass * mass) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV);
  const double t_min = zps_square(cap / (2.0 * 160.0));
  return 1.0 - (zps_emission_chi(n, t_min, cap) / zps_emission_chi(n, t_min, 1e3 * cap));
}

/* What the scintillator and the paper of the ECAL would add to the Z' produced in its lead (docs/physics.md, 2f; jobs
 * count the lead alone). Law: the approximation of 2b, another formula, gives the same share, but for what it leaves
 * out: t above m^2 + m_mu^2, where light nuclei, unlike lead, still are one (a part of carbon's chi that the closed
 * form tells; hydrogen is some 5 % of the sum), and the 1.3 % that separate it from the exact form. Z^2/A and the
 * logarithm of the screening make it 0.5 to 10 %. */
static void test_other_nuclei(void **state) {
  static const double mass[6] = {0.001, 0.01, 0.1, 0.5, 1.0, 3.0};
  const zps_material *const lead = zps_material_find("Pb");
  const zps_material *const scintillator = zps_material_find("polystyrene");
  const zps_material *const paper = zps_material_find("paper");
  const zps_nucleus carbon = zps_nucleus_make(6.0, 12.011);
  (void)state;
  for (int i = 0; i < 6; i++) {
    double shares[2];
    for (int approximate = 0; approximate < 2; approximate++) {
      const int model = approximate ? ZPS_EMISSION_WW : ZPS_EMISSION_ETL;
      const double per_lead = 1.0 / (1.5 * production(lead, model, mass[i]));
      const double in_scintillator = 1.5 * production(scintillator, model, mass[i]) * per_lead;
      const double in_paper = 0.14 * production(paper, model, mass[i]) * per_lead;
      print_message("%s at %g GeV: produced in scintillator %.3f %%, in paper %.4f %% of that in lead\n",
                    approximate ? "WW" : "ETL", mass[i], 100.0 * in_scintillator, 100.0 * in_paper);
      shares[approximate] = in_scintillator + in_paper;
    }
    assert_in_range((int)(1e4 * shares[0]), 50, 1000);
    if (mass[i] <= 1.0) {
      zps_assert_relative(shares[0], shares[1], 0.02 + chi_above_cap(&carbon, mass[i]));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reference_file),
      cmocka_unit_test(test_other_energies_and_nuclei),
      cmocka_unit_test(test_energy_slope),
      cmocka_unit_test(test_form_factors),
      cmocka_unit_test(test_chi),
      cmocka_unit_test(test_approximations_by_cquad),
      cmocka_unit_test(test_inelastic_term),
      cmocka_unit_test(test_mediators_by_ww),
      cmocka_unit_test(test_exact_by_cquad),
      cmocka_unit_test(test_exact_by_vegas),
      cmocka_unit_test(test_recoil_form),
      cmocka_unit_test(test_other_nuclei),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
