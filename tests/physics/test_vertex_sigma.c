/* Z' are produced with the cross-section at the energies that muons have at the vertex, which the counts of a run know:
 * against a quadrature of sigma over the depth of the target, with mean losses. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/io/signal.h"
#include "host/run/engine.h"
#include "host/run/plan.h"
#include "host/tables/emission_table.h"
#include "host/tables/stopping_power.h"
#include "kernels/constants.h"

#define N_EVENTS 1000000u
#define N_DEPTH 16 /* steps of Simpson's rule over the target, even */

/** A target alone; its muons may be of any momentum. */
#define TARGET_JOB(beam, mass, material, mm)                                                                           \
  "scan: {mass_gev: " mass "}\n"                                                                                       \
  "beam: {" beam ", p_spread: 0, sigma_tx_mrad: 0, sigma_ty_mrad: 0}\n"                                                \
  "process: {material: " material ", x_min: 0}\nmatter: {loss: mean}\n"                                                \
  "layout:\n"                                                                                                          \
  "  - {name: ECAL, kind: matter, start_mm: -" mm ", layers: [{material: " material ", thickness_mm: " mm "}]}\n"      \
  "  - {name: MS2, kind: field, start_mm: 1000, length_mm: 1000, generate: uniform, integral_tm: 1.4, gap_mm: 200}\n"  \
  "  - {name: S4, kind: plane, start_mm: 4000}\n"                                                                      \
  "triggers: [{name: all, n_mot: 1, planes: [{plane: S4, edge_x_mm: 0, width_mm: 400, height_mm: 400}]}]\n"            \
  "selection: {p_in_min_gev: 1, p_in_max_gev: 1000}\n"

/** A job with the counts of a run of it. */
typedef struct work {
  zps_job job;
  zps_plan plan;
  zps_result result;
} work;

static void work_count(work *w) {
  zps_engine *engine = NULL;
  zps_error error = {ZPS_OK, ""};
  zps_tile tiles[8];
  for (uint32_t i = 0; i < w->plan.n_mass; i++) {
    tiles[i] = (zps_tile){.i_mass = i, .first = 0, .n = N_EVENTS};
  }
  if (zps_plan_result(&w->plan, &w->result, &error) != ZPS_OK ||
      zps_engine_create("cpu", &w->plan.setup, NULL, &engine, &error) != ZPS_OK ||
      zps_engine_run(engine, tiles, w->plan.n_mass, w->result.tallies, NULL, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  zps_engine_destroy(engine);
}

static void work_plan(zps_status status, zps_error *error, work *w) {
  const zps_mass_range all = {0, 0};
  if (status != ZPS_OK || zps_plan_build(&w->job, all, 0, &w->plan, error) != ZPS_OK) {
    fail_msg("%s", error->text);
  }
  work_count(w);
}

static void work_close(work *w) {
  zps_result_free(&w->result);
  zps_plan_free(&w->plan);
  zps_job_free(&w->job);
}

/** Mean loss of the target [GeV/mm], from the quadratures of its processes, not from the tables of a run. */
static double loss_gev_mm(const zps_job_element *target, double energy_gev) {
  double sum = 0.0;
  double thickness = 0.0;
  for (size_t i = 0; i < target->n_layers; i++) {
    const zps_material *const material = zps_material_find(target->layers[i].material);
    const zps_loss s = zps_loss_at(material, energy_gev - ZPS_MUON_MASS_GEV);
    const double all = s.ionisation + s.bremsstrahlung + s.pair_production + s.photonuclear; /* MeV cm^2/g */
    sum += target->layers[i].thickness_mm * material->density_g_cm3 * all * 1e-4;
    thickness += target->layers[i].thickness_mm;
  }
  return sum / thickness;
}

/** Energy after a step of h mm (Runge-Kutta of fourth order). */
static double after(const zps_job_element *target, double energy_gev, double h) {
  const double a = loss_gev_mm(target, energy_gev);
  const double b = loss_gev_mm(target, energy_gev - (0.5 * h * a));
  const double c = loss_gev_mm(target, energy_gev - (0.5 * h * b));
  const double d = loss_gev_mm(target, energy_gev - (h * c));
  return energy_gev - (h * (a + (2.0 * b) + (2.0 * c) + d) / 6.0);
}

static double sigma_at(const work *w, size_t i_mass, double energy_gev) {
  double pb = 0.0;
  assert_int_equal(zps_sigma_value_pb(&w->plan.setup.nucleus, ZPS_EMISSION_ETL, w->job.mass_gev.values[i_mass],
                                      energy_gev, w->plan.x_min, zps_sigma_rule_default(), &pb, NULL),
                   ZPS_OK);
  return pb;
}

/** Mean over the depth of sigma(x > x_min) for muons that enter with p [pb]. */
static double mean_sigma_pb(const work *w, size_t i_mass, double p_gev) {
  const zps_job_element *const target = &w->job.elements[0];
  const zps_element *const element = &w->plan.setup.elements[0];
  const double h = (element->z_end_mm - element->z_start_mm) / N_DEPTH;
  double energy = sqrt((p_gev * p_gev) + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV));
  double sum = sigma_at(w, i_mass, energy);
  for (int i = 1; i <= N_DEPTH; i++) {
    energy = after(target, energy, h);
    sum += (i == N_DEPTH ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) * sigma_at(w, i_mass, energy);
  }
  return sum / (3.0 * N_DEPTH);
}

/* Law: Z' per muon = nuclei_per_pb * the mean of sigma over muons and depths. Tolerance: 4.5 standard deviations (7e-6)
 * of a sum of k over N_EVENTS events, and 2e-4 for what the tables of losses and of the sampling differ from the
 * quadratures. `least`: how far the nominal sigma is off at one of the masses, so that it could not pass. */
static void check_produced(const work *w, const double *p_gev, size_t n_p, double least) {
  double largest = 0.0;
  for (size_t i = 0; i < w->plan.n_mass; i++) {
    const uint64_t *const row = zps_result_row(&w->result, i);
    const double k = (double)row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 0)];
    const double k2 = (double)row[zps_tally_stage(0, ZPS_STAGE_GENERATED, 1)];
    const double error = sqrt((k2 / (k * k)) - (1.0 / N_EVENTS));
    double want = 0.0;
    for (size_t j = 0; j < n_p; j++) {
      want += w->result.nuclei_per_pb * mean_sigma_pb(w, i, p_gev[j]) / (double)n_p;
    }
    const double got = zps_signal_produced(&w->result, i) * w->result.x_fraction[i];
    const double nominal = w->result.nuclei_per_pb * w->result.sigma_pb[i] * w->result.x_fraction[i];
    print_message("%5g GeV: sigma at the vertex over nominal %.4f +- %.4f, quadrature %.4f (%+.1f standard errors)\n",
                  w->result.mass_gev[i], zps_signal_vertex_factor(&w->result, i), error, want / nominal,
                  ((got / want) - 1.0) / error);
    zps_assert_relative(got, want, (4.5 * error) + 2e-4);
    largest = fmax(largest, fabs((want / nominal) - 1.0) - ((4.5 * error) + 2e-4));
  }
  assert_true(largest > least);
}

/** 20 GeV muons lose so much in 471 mm of iron that a heavy Z' is 5 % rarer than at the face. */
static void test_iron(void **state) {
  static const char text[] = TARGET_JOB("p_gev: 20", "[0.01, 0.3, 1.5]", "Fe", "471");
  const double p = 20.0;
  static work w;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  memset(&w, 0, sizeof w);
  work_plan(zps_job_read_text("x.yaml", text, strlen(text), NULL, 0, &w.job, &error), &error, &w);
  check_produced(&w, &p, 1, 0.03);
  work_close(&w);
}

/** A beam of 100 and 220 GeV has another mean sigma than one of 160 GeV. */
static void test_beam_of_two_momenta(void **state) {
  static const char text[] = TARGET_JOB("p_gev: 160", "[0.01, 0.2, 1, 3]", "Pb", "225");
  static const char particles[] = "0 0 0 0 100\n0 0 0 0 220\n";
  const double p[2] = {100.0, 220.0};
  static work w;
  char path[] = "/tmp/zps_two_momenta_XXXXXX";
  char setting[64];
  const char *const settings[] = {setting};
  zps_error error = {ZPS_OK, ""};
  const int fd = mkstemp(path);
  (void)state;
  assert_true(fd >= 0 && write(fd, particles, strlen(particles)) == (ssize_t)strlen(particles) && close(fd) == 0);
  (void)snprintf(setting, sizeof setting, "beam.file=%s", path);
  memset(&w, 0, sizeof w);
  work_plan(zps_job_read_text("x.yaml", text, strlen(text), settings, 1, &w.job, &error), &error, &w);
  check_produced(&w, p, 2, 0.05);
  work_close(&w);
  (void)unlink(path);
}

/** The experiment's own target, where muons lose 1 GeV of 160, with x above x_min alone; with a pilot k is larger, by
 *  as much on average as its table says. */
static void check_experiment(const char *pilot) {
  const char *const settings[] = {"scan.mass_gev=[0.003, 0.3, 3]", "matter.loss=mean",     "beam.p_spread=0",
                                  "beam.sigma_tx_mrad=0",          "beam.sigma_ty_mrad=0", pilot};
  const double p = 160.0;
  static work w;
  zps_error error = {ZPS_OK, ""};
  memset(&w, 0, sizeof w);
  work_plan(zps_job_read("grids/quick.yaml", settings, 6, &w.job, &error), &error, &w);
  print_message("%s: mean k at nominal energy %.4g, %.4g, %.4g\n", pilot, w.result.mean_k[0], w.result.mean_k[1],
                w.result.mean_k[2]);
  check_produced(&w, &p, 1, 0.003);
  assert_true(w.job.pilot.given == (w.result.mean_k[0] > 4.0));
  work_close(&w);
}

static void test_experiment(void **state) {
  (void)state;
  check_experiment("seed=1");
}

static void test_pilot(void **state) {
  (void)state;
  check_experiment("process.pilot.events=128");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_iron),
      cmocka_unit_test(test_beam_of_two_momenta),
      cmocka_unit_test(test_experiment),
      cmocka_unit_test(test_pilot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
