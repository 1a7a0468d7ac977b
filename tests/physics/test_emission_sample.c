/* The sampler of Z' emission: events close energy and momentum, are distributed as the model demands (against an
 * independent coding of it), and their integer weights have the right mean. All seeds are fixed. */
#include "tests/zps_test.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_qrng.h>
#include <stdlib.h>

#include "host/tables/emission_table.h"
#include "tests/physics/emission_reference.h"
#include "tests/physics/sigma_csv.h"

#define N_EVENTS 200000
#define N_POINTS 131072
#define N_VARIABLES 4

static const char *const variable_name[N_VARIABLES] = {"x", "theta", "psi", "t"};
static const char *const model_name[7] = {"etl", "ww", "iww", "vector", "scalar", "pseudoscalar", "axial"};

typedef struct weighted {
  double value, weight;
} weighted;

static weighted sampled[N_VARIABLES][N_EVENTS];
static weighted reference[N_VARIABLES][N_POINTS];
static zps_t_shape shape;
static zps_emission table;

/** Sums of the multiplicity over all events, those with k = 0 included. */
typedef struct sample_sums {
  double n, k, k2;
} sample_sums;

static double effective_size(sample_sums s) {
  return (s.k * s.k) / s.k2;
}

/** Builds the table; every call names another random stream, so that no two checks share their luck. */
static void build(const zps_nucleus *n, int model, double mass, double x_min) {
  zps_error error = {ZPS_OK, ""};
  double all = 0.0;
  static uint64_t i_mass = 0;
  zps_t_shape_build(n, &shape);
  assert_int_equal(zps_emission_build(n, model, mass, 160.0, x_min, i_mass++, &table, &all, &error), ZPS_OK);
  assert_true(table.sigma <= all * (1.0 + 1e-12));
}

static zps_emitted draw(const zps_nucleus *n, double energy, uint64_t event, zps_emission_state *s) {
  return zps_emission_sample(n, &shape, &table, (const double(*)[4])table.cell, table.model, energy,
                             zps_stream_init(1, table.i_mass, event), s);
}

/** Draws n_events with the table's mass and keeps x, theta, psi, t with their weights. */
static sample_sums fill_sample(const zps_nucleus *n, int n_events) {
  sample_sums sums = {(double)n_events, 0.0, 0.0};
  for (int i = 0; i < n_events; i++) {
    zps_emission_state s;
    const zps_emitted e = draw(n, 160.0, (uint64_t)i, &s);
    const double value[N_VARIABLES] = {s.x, 2.0 * asin(sqrt(s.sin2_half)), 2.0 * asin(0.5 * e.two_sin_half_psi), s.t};
    sums.k += e.k;
    sums.k2 += e.k * e.k;
    for (int v = 0; v < N_VARIABLES; v++) {
      sampled[v][i].value = value[v];
      sampled[v][i].weight = e.k;
    }
  }
  return sums;
}

/** Sobol points of the independent coding, with their weights; returns the model's cross-section [GeV^-2]. */
static double fill_reference(const ref_target *target, int model, double mass) {
  const real t_cap = zps_emission_is_ww(model) ? ((real)mass * (real)mass) + (REF_MUON * REF_MUON) : 0.0L;
  gsl_integration_glfixed_table *const nodes = gsl_integration_glfixed_table_alloc(REF_N_CHI);
  gsl_qrng *const sobol = gsl_qrng_alloc(gsl_qrng_sobol, 4);
  double z[REF_N_CHI];
  double w[REF_N_CHI];
  double sum = 0.0;
  for (size_t i = 0; i < REF_N_CHI; i++) {
    gsl_integration_glfixed_point(0.0, 1.0, i, &z[i], &w[i], nodes);
  }
  for (int i = 0; i < N_POINTS; i++) {
    double r[4];
    gsl_qrng_get(sobol, r);
    const ref_point p = ref_point_at(target, 160.0L, (real)mass, t_cap, z, w, r);
    const double value[N_VARIABLES] = {p.x, p.theta, p.psi, p.t};
    for (int v = 0; v < N_VARIABLES; v++) {
      reference[v][i].value = value[v];
      reference[v][i].weight = p.weight;
    }
    sum += p.weight;
  }
  gsl_qrng_free(sobol);
  gsl_integration_glfixed_table_free(nodes);
  return sum / (double)N_POINTS;
}

static int by_value(const void *a, const void *b) {
  const double x = ((const weighted *)a)->value;
  const double y = ((const weighted *)b)->value;
  return (x > y) - (x < y);
}

static double total_weight(const weighted *w, int n) {
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    sum += w[i].weight;
  }
  return sum;
}

/** Largest distance between the cumulative distributions of two sorted weighted samples. */
static double largest_distance(const weighted *a, int n_a, const weighted *b, int n_b) {
  const double scale_a = 1.0 / total_weight(a, n_a);
  const double scale_b = 1.0 / total_weight(b, n_b);
  double below_a = 0.0;
  double below_b = 0.0;
  double worst = 0.0;
  int i = 0;
  int j = 0;
  while (i < n_a && j < n_b) {
    if (a[i].value <= b[j].value) {
      below_a += a[i++].weight;
    } else {
      below_b += b[j++].weight;
    }
    worst = fmax(worst, fabs((below_a * scale_a) - (below_b * scale_b)));
  }
  return worst;
}

/** Error of the reference's distribution: the first half of the Sobol points against all of them. */
static double reference_error(int v) {
  static weighted half[N_POINTS / 2];
  for (int i = 0; i < N_POINTS / 2; i++) {
    half[i] = reference[v][i];
  }
  qsort(half, N_POINTS / 2, sizeof half[0], by_value);
  qsort(reference[v], N_POINTS, sizeof reference[v][0], by_value);
  return largest_distance(half, N_POINTS / 2, reference[v], N_POINTS);
}

/* Law: x, theta, psi and t of the sample follow the model, whose distributions the test finds on its own (weighted
 * Sobol points of the formulas in docs/physics.md; psi from the recoil's four-vector). Kolmogorov and Smirnov's
 * distance of N independent events stays below c/sqrt(N) with probability 1 - 2 exp(-2 c^2); with weights k, N is
 * (sum k)^2/sum k^2 (exact for k independent of the variable, and k is 0, 1 or 2 nearly always). c = 2.4: 2e-5 for
 * each of 40 comparisons. The reference's own error is added, and must itself be small beside it. */
static void check_distributions(const zps_nucleus *n, const ref_target *target, int model, double mass) {
  build(n, model, mass, 0.0);
  const sample_sums sums = fill_sample(n, N_EVENTS);
  const double sigma = fill_reference(target, model, mass);
  const double limit = 2.4 / sqrt(effective_size(sums));
  print_message("%s %g GeV: n_eff/N %.3f, limit %.4f, sigma/reference - 1 %.1e; distances", model_name[model], mass,
                effective_size(sums) / sums.n, limit, (table.sigma / sigma) - 1.0);
  double worst = 0.0;
  for (int v = 0; v < N_VARIABLES; v++) {
    const double spread = reference_error(v);
    qsort(sampled[v], N_EVENTS, sizeof sampled[v][0], by_value);
    const double distance = largest_distance(sampled[v], N_EVENTS, reference[v], N_POINTS);
    print_message(" %s %.4f (+-%.4f)", variable_name[v], distance, spread);
    assert_true(spread < 0.6 * limit);
    worst = fmax(worst, distance - spread);
  }
  print_message("\n");
  assert_true(worst < limit);
  zps_assert_relative(table.sigma, sigma, 2e-3);
}

static void test_distributions(void **state) {
  static const double mass[5] = {0.001, 0.03, 0.2, 1.0, 3.0};
  const zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  const ref_target target = ref_target_make(82.0, 207.2);
  (void)state;
  for (int model = ZPS_EMISSION_ETL; model <= ZPS_EMISSION_WW; model++) {
    for (int i = 0; i < 5; i++) {
      check_distributions(&n, &target, model, mass[i]);
    }
  }
}

/* The same law for the other mediators and form factors, each drawn by the options' functions. */
static void test_option_distributions(void **state) {
  static const double mass[9] = {0.01, 0.3, 0.003, 0.3, 0.05, 1.0, 0.1, 1.0, 0.5};
  static const zps_mediator mediator[9] = {ZPS_MEDIATOR_SCALAR,       ZPS_MEDIATOR_SCALAR, ZPS_MEDIATOR_PSEUDOSCALAR,
                                           ZPS_MEDIATOR_PSEUDOSCALAR, ZPS_MEDIATOR_AXIAL,  ZPS_MEDIATOR_AXIAL,
                                           ZPS_MEDIATOR_VECTOR,       ZPS_MEDIATOR_VECTOR, ZPS_MEDIATOR_SCALAR};
  static const zps_form_factor form[9] = {ZPS_FORM_ELASTIC, ZPS_FORM_ELASTIC, ZPS_FORM_ELASTIC,
                                          ZPS_FORM_ELASTIC, ZPS_FORM_ELASTIC, ZPS_FORM_ELASTIC,
                                          ZPS_FORM_HELM,    ZPS_FORM_ELASTIC, ZPS_FORM_HELM};
  static const zps_inelastic inelastic[9] = {ZPS_INELASTIC_NONE, ZPS_INELASTIC_NONE,   ZPS_INELASTIC_NONE,
                                             ZPS_INELASTIC_NONE, ZPS_INELASTIC_NONE,   ZPS_INELASTIC_NONE,
                                             ZPS_INELASTIC_NONE, ZPS_INELASTIC_LINEAR, ZPS_INELASTIC_SQUARED};
  static const int exponent[3] = {0, 2, 1};
  (void)state;
  for (int i = 0; i < 9; i++) {
    zps_error error = {ZPS_OK, ""};
    int model = 0;
    zps_nucleus n = zps_nucleus_make(82.0, 207.2);
    zps_nucleus_set_form(&n, form[i], inelastic[i]);
    assert_int_equal(zps_emission_choose(&n, ZPS_EMISSION_ETL, mediator[i], &model, &error), ZPS_OK);
    assert_int_equal(model, ZPS_EMISSION_OPTION + (int)mediator[i]);
    const ref_target target = ref_target_option(82.0, 207.2, form[i] == ZPS_FORM_HELM, exponent[inelastic[i]],
                                                (enum ref_mediator)mediator[i]);
    check_distributions(&n, &target, model, mass[i]);
  }
}

/* Law: WW and IWW have no form for anything but a vector and the elastic form factor: refused, by name. */
static void test_choice(void **state) {
  zps_error error = {ZPS_OK, ""};
  zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  int model = -1;
  (void)state;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(zps_emission_choose(&n, i, ZPS_MEDIATOR_VECTOR, &model, &error), ZPS_OK);
    assert_int_equal(model, i);
  }
  assert_int_equal(zps_emission_choose(&n, ZPS_EMISSION_WW, ZPS_MEDIATOR_SCALAR, &model, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "model = ww"));
  zps_nucleus_set_form(&n, ZPS_FORM_HELM, ZPS_INELASTIC_NONE);
  error.status = ZPS_OK;
  error.text[0] = '\0';
  assert_int_equal(zps_emission_choose(&n, ZPS_EMISSION_IWW, ZPS_MEDIATOR_VECTOR, &model, &error), ZPS_INVALID);
  assert_non_null(strstr(error.text, "model = iww"));
}

/** Largest violations seen, each in its own unit. */
typedef struct closure {
  double energy, recoil, momentum, angle, off_shell;
} closure;

/** Four-momenta of one event: Z' from the point of phase space, recoil muon as emitted, nucleus what is left over. */
static void check_closure(const zps_nucleus *n, double mass, double energy, double turn, const zps_emission_state *s,
                          const zps_emitted *e, closure *worst) {
  const real mu2 = REF_MUON * REF_MUON;
  const real nuclear = (real)n->mass;
  const real azimuth = 2.0L * REF_PI * (real)turn;
  const real e_k = (real)s->x * (real)energy;
  const real k = sqrtl((e_k * e_k) - ((real)mass * (real)mass));
  const real z2 = (real)s->sin2_half;
  const real k_side = k * 2.0L * sqrtl(z2 * (1.0L - z2));
  const real p = sqrtl(((real)energy * (real)energy) - mu2);
  const real x = -(k_side * cosl(azimuth)) - (real)e->px;
  const real y = -(k_side * sinl(azimuth)) - (real)e->py;
  const real z = (p - (k * (1.0L - (2.0L * z2)))) - (real)e->pz;
  const real q2 = (x * x) + (y * y) + (z * z);
  const real side = hypotl((real)e->px, (real)e->py);
  const real e_out = sqrtl((side * side) + ((real)e->pz * (real)e->pz) + mu2);
  const real kinetic = q2 / (sqrtl((nuclear * nuclear) + q2) + nuclear);
  const real q_want = sqrtl((real)s->t + (((real)s->t * (real)s->t) / (4.0L * nuclear * nuclear)));
  const real psi = atan2l(side, (real)e->pz);
  const real left = (real)energy - ((e_k + e_out) + kinetic);
  worst->energy = fmax(worst->energy, (double)(fabsl(left) / (real)energy));
  worst->recoil = fmax(worst->recoil, (double)(fabsl(e_out - (real)e->energy) / (real)energy));
  worst->momentum = fmax(worst->momentum, (double)(fabsl(sqrtl(q2) - q_want) / (real)energy));
  worst->angle = fmax(worst->angle, (double)(fabsl(psi - (2.0L * asinl(0.5L * (real)e->two_sin_half_psi)))));
  worst->off_shell = fmax(worst->off_shell, fabs((s->e_k / (s->x * energy)) - 1.0) + fabs((s->k / (double)k) - 1.0));
}

/* Law: in every event p = p' + k + Q and E + M = E' + E_k + E_N, each particle on its mass shell. The nucleus gets the
 * three-momentum left over, and two things must then be true that nothing made true: its length is what t says, and
 * the energies, each computed from mass and three-momentum, balance. Required: 1e-9 of E. The sums are of numbers of
 * size E in double precision, so that some 30 roundings of 1.1e-16 make 4e-15: 1e-12 is asked of momentum and energy,
 * which is 1.6e-10 GeV and resolves the nucleus's recoil (t > 1e-10 GeV^2, q > 1e-5 GeV). Angles: 1e-12 rad. */
static void test_closure(void **state) {
  static const double mass[5] = {0.001, 0.03, 0.2, 1.0, 5.0};
  static const double energy[2] = {160.0, 95.0};
  const zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  (void)state;
  for (int model = 0; model < 3; model++) {
    closure worst = {0.0, 0.0, 0.0, 0.0, 0.0};
    double n_events = 0.0;
    for (int i = 0; i < 10; i++) {
      build(&n, model, mass[i / 2], 0.0);
      for (uint64_t event = 0; event < 20000; event++) {
        zps_emission_state s;
        const zps_emitted e = draw(&n, energy[i % 2], event, &s);
        const zps_stream stream = zps_stream_init(1, table.i_mass, event);
        const double turn = zps_draw_uniform(stream, ZPS_DRAW_EMISSION, 3).b;
        assert_true(e.k >= 0.0 && e.k == floor(e.k));
        if (e.k > 0.0) {
          check_closure(&n, mass[i / 2], energy[i % 2], turn, &s, &e, &worst);
          n_events += 1.0;
        }
      }
    }
    print_message("%s, %.0f events: energy %.1e E, E' %.1e E, momentum %.1e E, psi %.1e rad, Z' %.1e\n",
                  model_name[model], n_events, worst.energy, worst.recoil, worst.momentum, worst.angle,
                  worst.off_shell);
    assert_true(worst.energy < 1e-12 && worst.recoil < 1e-12 && worst.momentum < 1e-12 && worst.angle < 1e-12);
    assert_true(worst.off_shell < 1e-12);
  }
}

/** Sums over events of k times a quantity that must vanish on average, and of the square. */
typedef struct null_sum {
  double sum, square;
} null_sum;

static void null_add(double value, null_sum *s) {
  s->sum += value;
  s->square += value * value;
}

/* Law: nothing prefers a direction. Seen along the beam the recoil muon's azimuth w is uniform (cos w, sin w, cos 2w
 * and sin 2w vanish on average), and parity forbids a side of the emission plane (sin phi and sin 2phi vanish). A sum
 * of independent events with k stays within 4 of its standard errors, 6e-5 for each of 36. */
static void test_azimuths(void **state) {
  static const double mass[2] = {0.01, 1.0};
  static const char *const name[6] = {"cos w", "sin w", "cos 2w", "sin 2w", "sin phi", "sin 2phi"};
  const zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  (void)state;
  for (int i = 0; i < 6; i++) {
    null_sum sums[6] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
    build(&n, i / 2, mass[i % 2], 0.0);
    for (uint64_t event = 0; event < 50000; event++) {
      zps_emission_state s;
      const zps_emitted e = draw(&n, 160.0, event, &s);
      const double side = hypot(e.px, e.py);
      const double c = e.k > 0.0 ? e.px / side : 0.0;
      const double d = e.k > 0.0 ? e.py / side : 0.0;
      const double value[6] = {c, d, (c * c) - (d * d), 2.0 * c * d, s.sin_phi, 2.0 * s.sin_phi * s.cos_phi};
      for (int v = 0; v < 6; v++) {
        null_add(e.k * value[v], &sums[v]);
      }
    }
    print_message("%s %g GeV, pulls from zero:", model_name[i / 2], mass[i % 2]);
    for (int v = 0; v < 6; v++) {
      const double pull = sums[v].sum / sqrt(sums[v].square);
      print_message(" %s %+.1f", name[v], pull);
      assert_true(fabs(pull) < 4.0);
    }
    print_message("\n");
  }
}

static double integral_at(const zps_nucleus *n, int model, double mass, double energy, double x_min) {
  zps_error error = {ZPS_OK, ""};
  double value = 0.0;
  assert_int_equal(zps_emission_integrate(n, model, mass, energy, x_min, zps_sigma_rule_default(), &value, &error),
                   ZPS_OK);
  return value;
}

/** Sums of k over events of the built table at one energy. */
static sample_sums sum_multiplicity(const zps_nucleus *n, double energy, int n_events) {
  sample_sums sums = {(double)n_events, 0.0, 0.0};
  for (int i = 0; i < n_events; i++) {
    zps_emission_state s;
    const double k = draw(n, energy, (uint64_t)i, &s).k;
    sums.k += k;
    sums.k2 += k * k;
  }
  return sums;
}

/** Fails unless the mean of k is what is wanted within 4 standard errors, sqrt((<k^2> - <k>^2)/N); returns the pull. */
static double check_mean(sample_sums sums, double want) {
  const double mean = sums.k / sums.n;
  const double error = sqrt(((sums.k2 / sums.n) - (mean * mean)) / sums.n);
  zps_assert_near(mean, want, 4.0 * error);
  return (mean - want) / error;
}

/* Law: k is unbiased. Its mean is sigma(E')/sigma(E), 1 at the nominal energy, whatever the proposal; the same with a
 * lower bound on x. 4 standard errors: 6e-5 for each of 72 means. sigma's quadrature error (< 1e-4) is below a tenth
 * of those 4. */
static void test_multiplicity(void **state) {
  static const double mass[4] = {0.001, 0.1, 1.0, 3.0};
  static const double bound[2] = {0.0, 0.14};
  static const double energy[3] = {160.0, 150.0, 100.0};
  const zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  (void)state;
  for (int model = 0; model < 3; model++) {
    for (int i = 0; i < 8; i++) {
      const double x_min = bound[i % 2];
      build(&n, model, mass[i / 2], x_min);
      print_message("%s %g GeV x > %.2f:", model_name[model], mass[i / 2], x_min);
      for (int j = 0; j < 3; j++) {
        const sample_sums sums = sum_multiplicity(&n, energy[j], 100000);
        const double want = integral_at(&n, model, mass[i / 2], energy[j], x_min) / table.sigma;
        const double pull = check_mean(sums, want);
        print_message(" %g GeV <k> %.4f (%.4f, pull %+.1f) n_eff/N %.3f;", energy[j], sums.k / sums.n, want, pull,
                      effective_size(sums) / sums.n);
      }
      print_message("\n");
    }
  }
}

/* Law: k is unbiased with options too: at the table's energy its mean is 1, at 100 GeV sigma(E')/sigma(E); bounds as in
 * test_multiplicity(). */
static void test_option_multiplicity(void **state) {
  static const double mass[3] = {0.001, 0.2, 3.0};
  zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  (void)state;
  zps_nucleus_set_form(&n, ZPS_FORM_HELM, ZPS_INELASTIC_SQUARED);
  for (int i = 0; i < 12; i++) {
    const int model = ZPS_EMISSION_OPTION + (i % 4);
    build(&n, model, mass[i / 4], 0.14);
    print_message("%s with Helm and inelastic, %g GeV:", model_name[model], mass[i / 4]);
    for (int j = 0; j < 2; j++) {
      const double energy = j == 0 ? 160.0 : 100.0;
      const sample_sums sums = sum_multiplicity(&n, energy, 100000);
      const double want = integral_at(&n, model, mass[i / 4], energy, 0.14) / table.sigma;
      const double pull = check_mean(sums, want);
      print_message(" %g GeV <k> %.4f (%.4f, pull %+.1f) n_eff/N %.3f;", energy, sums.k / sums.n, want, pull,
                    effective_size(sums) / sums.n);
    }
    print_message("\n");
  }
}

/** Value below which a share of the weight lies, of a sorted sample. */
static double quantile(const weighted *w, int n, double share) {
  const double target = share * total_weight(w, n);
  double below = 0.0;
  int i = 0;
  while (i < n - 1 && below + w[i].weight < target) {
    below += w[i++].weight;
  }
  return w[i].value;
}

static double csv[SIGMA_CSV_ROWS][SIGMA_CSV_COLUMNS];

#define N_QUANTILE_EVENTS 100000

/** Largest |ratio - 1| of the sample's psi quantiles to three columns (50, 16, 84 %). */
static double worst_quantile(const zps_nucleus *n, const double *row, double x_min, int column, sample_sums *sums) {
  static const double share[3] = {0.50, 0.16, 0.84};
  double worst = 0.0;
  build(n, ZPS_EMISSION_ETL, row[CSV_MASS_MEV] * 1e-3, x_min);
  *sums = fill_sample(n, N_QUANTILE_EVENTS);
  qsort(sampled[2], N_QUANTILE_EVENTS, sizeof sampled[2][0], by_value);
  for (int i = 0; i < 3; i++) {
    worst = fmax(worst, fabs((quantile(sampled[2], N_QUANTILE_EVENTS, share[i]) / row[column + i]) - 1.0));
  }
  return worst;
}

/* Law: the recoil angle's quantiles, <x> and the share of x > 0.5 are those of the independent reference file. Its
 * quantiles are good to 3 % (bins); 1e5 events add sqrt(0.25/1e5)/(d share/d ln psi > 0.15) = 1 %: 5 % asked.
 * <x>: spread of x below 0.32 and <x> above 0.14, so that 1e5 events give 4 sigma < 0.9 %: 1 % asked; the share comes
 * from the table's integrals, whose error is 1e-4, against 3 digits: 1 % asked. */
static void test_reference_shapes(void **state) {
  const zps_nucleus n = zps_nucleus_make(82.0, 207.2);
  double worst_all = 0.0;
  double worst_hard = 0.0;
  double worst_share = 0.0;
  double worst_mean = 0.0;
  (void)state;
  assert_int_equal(sigma_csv_read(csv), 1);
  for (size_t i = 0; i < SIGMA_CSV_ROWS; i++) {
    sample_sums sums;
    worst_hard = fmax(worst_hard, worst_quantile(&n, csv[i], 0.5, CSV_PSI_50_X5, &sums));
    const double hard = table.sigma;
    worst_all = fmax(worst_all, worst_quantile(&n, csv[i], 0.0, CSV_PSI_50, &sums));
    double mean = 0.0;
    for (int j = 0; j < N_QUANTILE_EVENTS; j++) {
      mean += (sampled[0][j].value * sampled[0][j].weight) / sums.k;
    }
    worst_share = fmax(worst_share, fabs(((hard / table.sigma) / csv[i][CSV_FRACTION_X5]) - 1.0));
    worst_mean = fmax(worst_mean, fabs((mean / csv[i][CSV_MEAN_X]) - 1.0));
  }
  print_message("worst against the reference: psi quantiles %.3f, of x > 0.5 %.3f; share of x > 0.5 %.4f; <x> %.4f\n",
                worst_all, worst_hard, worst_share, worst_mean);
  assert_true(worst_all < 0.05);
  assert_true(worst_hard < 0.05);
  assert_true(worst_share < 0.01);
  assert_true(worst_mean < 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_closure),
      cmocka_unit_test(test_azimuths),
      cmocka_unit_test(test_multiplicity),
      cmocka_unit_test(test_reference_shapes),
      cmocka_unit_test(test_distributions),
      cmocka_unit_test(test_option_distributions),
      cmocka_unit_test(test_option_multiplicity),
      cmocka_unit_test(test_choice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
