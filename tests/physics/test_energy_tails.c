/* Energy loss with its fluctuations against Landau's and Vavilov's theories, direct integration of the cross-sections
 * and itself in smaller steps. */
#include <stdlib.h>

#include "tests/physics/straggling_reference.h"

static zps_matter matter;
static zps_straggling table;

static void build(const reference_stack *s) {
  assert_int_equal(zps_matter_build(s->layers, s->n, &matter, NULL), ZPS_OK);
  assert_int_equal(zps_straggling_build(s->layers, s->n, &table, NULL), ZPS_OK);
}

static zps_straggled_crossing cross(double p, double path, uint64_t event, uint32_t purpose) {
  return zps_matter_cross_straggled(&matter, &table, p, path, zps_stream_init(20240, 0, event), purpose);
}

static double kinetic(double p) {
  return sqrt(p * p + MU * MU) - MU;
}

/* Mean of n draws against the mean-loss function: 5 standard errors. The spread is that of the spectrum,
 * path * (sum of all loss^2 dN), not the sample's, which would miss rare losses. */
static void test_mean_is_the_mean_loss(void **state) {
  (void)state;
  static const char *const names[] = {"Pb", "Fe", "Cu", "polystyrene"};
  static const double momenta[] = {10.0, 100.0, 400.0};
  const uint64_t n = 200000;
  for (size_t i = 0; i < 4; i++) {
    const reference_stack s = reference_material(names[i]);
    const double path = 2000.0 / s.layers[0].material->density_g_cm3; /* 200 g/cm2 */
    build(&s);
    for (size_t k = 0; k < 3; k++) {
      const double p = momenta[k];
      double sum = 0.0;
      for (uint64_t event = 0; event < n; event++) {
        sum += cross(p, path, event, 16).deposited_gev;
      }
      const zps_half_octave energy = zps_half_octave_at(p, 0.25, -2, 2048.0);
      const zps_half_octave all = zps_half_octave_at(0.0, ZPS_STRAGGLE_RATE_MIN, -33, 16.0);
      const double spread = sqrt(path * zps_straggle_at(&table, energy, all).variance / (double)n);
      const double want = kinetic(p) - kinetic(zps_matter_cross(&matter, p, path).p_gev);
      print_message("%s %g GeV: mean loss %.5f GeV, table %.5f, %+.2f sigma\n", names[i], p, sum / (double)n, want,
                    (sum / (double)n - want) / spread);
      zps_assert_near(sum / (double)n, want, 5.0 * spread);
    }
  }
}

#define N_PEAK 400

/* Peak by a cubic through the histogram's logarithm within 1 xi of the highest bin (on Landau's own density: 0.002 xi
 * too low), full width at half height by
 * linear interpolation. Bins of xi/20. */
typedef struct peak {
  double at, width;
} peak;

static double half_crossing(const double *h, int from, int step, double half) {
  int i = from;
  while (i > 0 && i < N_PEAK - 1 && h[i] > half) {
    i += step;
  }
  const double inner = h[i - step];
  return (double)i - (double)step * (half - h[i]) / (inner - h[i]) + 0.5;
}

static peak peak_of(const double *h, double lo, double bin) {
  int top = 0;
  for (int i = 0; i < N_PEAK; i++) {
    top = h[i] > h[top] ? i : top;
  }
  double s0 = 0.0, s2 = 0.0, s4 = 0.0, s6 = 0.0;
  double f0 = 0.0, f1 = 0.0, f2 = 0.0, f3 = 0.0;
  for (int d = -20; d <= 20; d++) {
    const double x = (double)d;
    const double y = log(h[top + d]);
    s0 += 1.0;
    s2 += x * x;
    s4 += x * x * x * x;
    s6 += x * x * x * x * x * x;
    f0 += y;
    f1 += x * y;
    f2 += x * x * y;
    f3 += x * x * x * y;
  }
  const double c2 = (f2 - f0 * s2 / s0) / (s4 - s2 * s2 / s0);
  const double c0 = (f0 - c2 * s2) / s0;
  const double c3 = (f3 - f1 * s4 / s2) / (s6 - s4 * s4 / s2);
  const double c1 = (f1 - c3 * s4) / s2;
  const double offset = c1 / (sqrt(c2 * c2 - 3.0 * c1 * c3) - c2);
  const double height = exp(c0 + offset * (c1 + offset * (c2 + offset * c3)));
  const double right = half_crossing(h, top, 1, 0.5 * height);
  const double left = half_crossing(h, top, -1, 0.5 * height);
  const peak out = {lo + bin * ((double)top + offset + 0.5), bin * (right - left)};
  return out;
}

static double density_effect(const zps_material *m, double bg) {
  const double x = log10(bg);
  const double tail = x < m->sternheimer_x1 ? m->sternheimer_a * pow(m->sternheimer_x1 - x, m->sternheimer_k) : 0.0;
  return 2.0 * log(10.0) * x - m->sternheimer_cbar + tail;
}

/* Thin layers, kappa < 1e-3: most probable loss xi [ln(2 m beta^2 gamma^2/I) + ln(xi/I) + 0.200 - beta^2 - delta] and
 * full width 4.018 xi (Landau, J. Phys. USSR 8 (1944) 201; PDG review, eq. 34.12). 2e6 draws are good to 0.01 xi and
 * 0.5 %. What knock-on electrons radiate (1 to 2 % more of them around xi to 10 xi) and pairs are not in the formula:
 * 0.1 xi (below 1 % of the loss) and 3 % of the width. */
static void test_landau_peak(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double p, path;
  } cases[] = {{"polystyrene", 10.0, 50.0}, {"polystyrene", 100.0, 20.0}, {"Fe", 10.0, 5.0}};
  for (size_t i = 0; i < 3; i++) {
    const reference_stack s = reference_material(cases[i].name);
    const zps_material *m = s.layers[0].material;
    build(&s);
    const double p = cases[i].p;
    const double energy = sqrt(p * p + MU * MU);
    const double bg = p / MU;
    const double beta2 = p * p / (energy * energy);
    const double xi = reference_xi(&s, energy) * cases[i].path;
    const double excitation = m->mean_excitation_ev * 1e-9;
    const double want =
        xi * (log(2.0 * ME * bg * bg / excitation) + log(xi / excitation) + 0.2 - beta2 - density_effect(m, bg));
    static double h[N_PEAK];
    const double bin = xi / 20.0;
    const double lo = want - 6.0 * xi;
    for (int k = 0; k < N_PEAK; k++) {
      h[k] = 0.0;
    }
    for (uint64_t event = 0; event < 2000000; event++) {
      const double at = (cross(p, cases[i].path, event, 16).deposited_gev - lo) / bin;
      if (at >= 0.0 && at < (double)N_PEAK) {
        h[(int)at] += 1.0;
      }
    }
    const peak got = peak_of(h, lo, bin);
    print_message("%s %g mm, %g GeV: peak %.4f MeV, formula %.4f (%+.3f xi), width %.3f xi\n", cases[i].name,
                  cases[i].path, p, 1e3 * got.at, 1e3 * want, (got.at - want) / xi, got.width / xi);
    zps_assert_near(got.at, want, 0.1 * xi);
    zps_assert_near(got.width, 4.018 * xi, 0.03 * 4.018 * xi);
  }
}

#define N_S 4000
#define N_TAU 4000

/* Distribution function of the excess over the mean, in units of Q_max, by inversion of its characteristic function
 * exp(kappa int_0^1 (e^(i tau s) - 1 - i tau s) f(s)/s^2 ds): Vavilov, Sov. Phys. JETP 5 (1957) 749, with the shape f
 * of the spectrum. */
static void vavilov(double kappa, double energy, const double *x, double *cdf, size_t n) {
  static double shape[N_S]; /* loss^2 dN/dloss over s^2 */
  const double q = reference_q_max(energy);
  const double d_tau = 14.0 / (kappa * (double)N_TAU);
  for (int j = 0; j < N_S; j++) {
    const double s = ((double)j + 0.5) / (double)N_S;
    shape[j] = reference_knock_on(energy, q * s) * q / (s * (double)N_S);
  }
  for (size_t k = 0; k < n; k++) {
    cdf[k] = 0.5;
  }
  for (int i = 0; i < N_TAU; i++) {
    const double tau = d_tau * ((double)i + 0.5);
    double damping = 0.0;
    double phase = 0.0;
    for (int j = 0; j < N_S; j++) {
      const double turn = tau * ((double)j + 0.5) / (double)N_S;
      damping += (1.0 - cos(turn)) * shape[j];
      phase += (sin(turn) - turn) * shape[j];
    }
    for (size_t k = 0; k < n; k++) {
      cdf[k] -= d_tau / (M_PI * tau) * exp(-kappa * damping) * sin(kappa * phase - tau * x[k]);
    }
  }
}

/* Vavilov's regime: 5 standard errors of a distribution function from 1e6 draws are 2.5e-3; two hardest losses and a
 * skewed normal number for the rest add 1e-3 (measured), Q_max between two rows of energy 1e-3. Radiation: below 1e-3
 * of the losses. */
static void test_vavilov(void **state) {
  (void)state;
  static const double kappas[] = {0.03, 0.1, 0.3, 1.0, 5.0};
  static const double at[] = {-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0};
  const reference_stack s = reference_material("polystyrene");
  const double energy = 0.45;
  const uint64_t n = 1000000;
  build(&s);
  for (size_t i = 0; i < 5; i++) {
    const double q = reference_q_max(energy);
    const double path = kappas[i] * q / reference_xi(&s, energy);
    double x[8], cdf[8];
    double below[8] = {0.0};
    for (size_t k = 0; k < 8; k++) {
      x[k] = at[k] * sqrt(kappas[i] * 0.5);
    }
    vavilov(kappas[i], energy, x, cdf, 8);
    for (uint64_t event = 0; event < n; event++) {
      const double excess = zps_straggle_draw(&table, energy, path, zps_stream_init(5, 0, event), 16).excess_gev / q;
      for (size_t k = 0; k < 8; k++) {
        below[k] += excess < x[k] ? 1.0 : 0.0;
      }
    }
    double worst = 0.0;
    for (size_t k = 0; k < 8; k++) {
      worst = fmax(worst, fabs(below[k] / (double)n - cdf[k]));
    }
    print_message("kappa %g: worst difference of the distribution function %.5f\n", kappas[i], worst);
    assert_true(worst < 4.5e-3);
  }
}

/* The ECAL whole, 160 GeV: P(hardest loss > e) = 1 - exp(-path N(>e)) with N integrated directly at the energy half way
 * through the mean loss; 5 standard errors and 1 % of the table. The whole loss lies above the hardest one by what the
 * others lose: between N(>e) and N(>e - 2.5 GeV), the others being above 2.5 GeV in less than 5 % of the muons. */
static void test_tail_of_the_ecal(void **state) {
  (void)state;
  static const double losses[] = {10.0, 40.0, 80.0};
  const reference_stack s = reference_ecal();
  const double path = 471.0;
  const uint64_t n = 4000000;
  build(&s);
  const double half_way = 0.5 * (kinetic(160.0) + kinetic(zps_matter_cross(&matter, 160.0, path).p_gev)) + MU;
  double hardest[3] = {0.0}, deposited[3] = {0.0};
  double below_80 = 0.0;
  for (uint64_t event = 0; event < n; event++) {
    const zps_straggled_crossing c = cross(160.0, path, event, 16);
    below_80 += c.p_gev < 80.0 ? 1.0 : 0.0;
    for (size_t k = 0; k < 3; k++) {
      hardest[k] += c.hardest_gev > losses[k] ? 1.0 : 0.0;
      deposited[k] += c.deposited_gev > losses[k] ? 1.0 : 0.0;
    }
  }
  for (size_t k = 0; k < 3; k++) {
    const double want = 1.0 - exp(-path * reference_rate(&s, half_way, losses[k]));
    const double most = 1.0 - exp(-path * reference_rate(&s, half_way, losses[k] - 2.5));
    const double error = 5.0 * sqrt(want / (double)n);
    print_message("P(loss > %g GeV): hardest %.4e, integral %.4e, whole loss %.4e\n", losses[k], hardest[k] / (double)n,
                  want, deposited[k] / (double)n);
    zps_assert_near(hardest[k] / (double)n, want, error + 0.01 * want);
    assert_true(deposited[k] / (double)n > want - error && deposited[k] / (double)n < 1.05 * most + error);
  }
  print_message("P(p < 80 GeV behind the ECAL): %.4e\n", below_80 / (double)n);
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

#define N_SLAB 200000

/* Largest difference of two empirical distribution functions. */
static double kolmogorov(double *a, double *b) {
  qsort(a, N_SLAB, sizeof *a, ascending);
  qsort(b, N_SLAB, sizeof *b, ascending);
  double worst = 0.0;
  size_t i = 0, k = 0;
  while (i < N_SLAB && k < N_SLAB) {
    if (a[i] <= b[k]) {
      i++;
    } else {
      k++;
    }
    worst = fmax(worst, fabs((double)i - (double)k) / (double)N_SLAB);
  }
  return worst;
}

/* One slab or ten: the same distribution. Two samples of N: P(D > c sqrt(2/N)) = 2 exp(-2 c^2), 5 sigma (6e-7) at
 * c = 2.74. */
static void test_one_slab_is_ten(void **state) {
  (void)state;
  static const struct {
    int hcal;
    double p, path;
  } cases[] = {{0, 160.0, 471.0}, {0, 40.0, 235.0}, {1, 160.0, 3264.0}, {1, 40.0, 1632.0}, {1, 10.0, 1632.0}};
  static double one[N_SLAB], ten[N_SLAB];
  for (size_t i = 0; i < 5; i++) {
    const reference_stack s = cases[i].hcal ? reference_hcal() : reference_ecal();
    build(&s);
    for (uint64_t event = 0; event < N_SLAB; event++) {
      one[event] = cross(cases[i].p, cases[i].path, event, 16).deposited_gev;
      double p = cases[i].p;
      ten[event] = 0.0;
      for (uint32_t k = 0; k < 10 && p > 0.0; k++) {
        const zps_straggled_crossing c = cross(p, 0.1 * cases[i].path, event, 20 + k);
        ten[event] += c.deposited_gev;
        p = c.p_gev;
      }
    }
    const double d = kolmogorov(one, ten);
    print_message("%s %g mm at %g GeV: D = %.5f\n", cases[i].hcal ? "HCAL" : "ECAL", cases[i].path, cases[i].p, d);
    assert_true(d < 2.74 * sqrt(2.0 / N_SLAB));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mean_is_the_mean_loss),
      cmocka_unit_test(test_landau_peak),
      cmocka_unit_test(test_vavilov),
      cmocka_unit_test(test_tail_of_the_ecal),
      cmocka_unit_test(test_one_slab_is_ten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
