/* Laws of the whole study, on a made-up result: counts at a position are sums of cells, the optimum is the best of all
 * positions, a trigger's surface and its own counts must agree, and files of another experiment are refused. */
#include "tests/zps_test.h"

#include <string.h>

#include "host/io/h5.h"
#include "host/place/placement_file.h"
#include "host/place/placement_study.h"
#include "host/plot/plot_placement.h"
#include "host/stats/limit.h"
#include "tests/unit/placement_sample.h"
#include "tests/unit/scratch_folder.h"

/* HDF5 keeps some memory of its own. Visible, because the sanitizer looks it up in the program. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

static const char *signal_path, *beam_path;
static char signal_name[512], beam_name[512];

static zps_job *read_job(const char *setting) {
  const char *const settings[] = {"scan.mass_gev=[0.01, 0.1, 1]",
                                  "placement={first_mm: [-320, 60], last_mm: [-480, 60], step_mm: 5}", setting};
  zps_error error = {ZPS_OK, ""};
  zps_job *job = (zps_job *)calloc(1, sizeof *job);
  assert_non_null(job);
  if (zps_job_read("grids/quick.yaml", settings, setting != NULL ? 3 : 2, job, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
  return job;
}

/** The 2022 positions, -65 and -152, -117, moved to the lattice of 5 mm. */
static zps_job *read_moved_job(void) {
  zps_job *job = read_job(NULL);
  job->triggers[0].counters[1].edge_x_mm = -150.0;
  job->triggers[1].counters[1].edge_x_mm = -115.0;
  return job;
}

static void write_sample(const char *path, zps_job *job, uint64_t extra) {
  zps_error error = {ZPS_OK, ""};
  if (placement_sample_write(path, job, extra, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
}

static int make_samples(void **state) {
  zps_job *beam = NULL;
  if (scratch_create(state) != 0) {
    return -1;
  }
  (void)snprintf(signal_name, sizeof signal_name, "%s", scratch_path("signal.h5"));
  (void)snprintf(beam_name, sizeof beam_name, "%s", scratch_path("beam.h5"));
  signal_path = signal_name;
  beam_path = beam_name;
  zps_job *job = read_moved_job();
  assert_int_equal(zps_derived_job_beam(job, &beam, NULL), ZPS_OK);
  write_sample(signal_path, job, 0);
  write_sample(beam_path, beam, 0);
  zps_derived_job_destroy(job);
  zps_derived_job_destroy(beam);
  return 0;
}

static zps_study_options ask(void) {
  const zps_study_options options = {.path = signal_path,
                                     .beam_path = beam_path,
                                     .hi_gev = HUGE_VAL,
                                     .n_up = ZPS_N_UP,
                                     .n_shifts = 2,
                                     .shift_mm = {5.0, 10.0},
                                     .n_replicas = 20,
                                     .flat = 0.01,
                                     .front_gain = 0.005};
  return options;
}

static void make_study(const zps_study_options *options, zps_placement_study *study) {
  zps_error error = {ZPS_OK, ""};
  if (zps_placement_study_make(options, study, &error) != ZPS_OK) {
    print_error("%s\n", error.text);
    fail();
  }
}

/** One surface of a sample, for counting by hand; free it. */
static uint64_t *surface_of(zps_job *job, size_t i_mass, zps_placement *placement) {
  placement_sample s = {job, zps_placement_of_job(job), NULL, 0, 0};
  uint64_t *surface = (uint64_t *)calloc((size_t)zps_surface_size(&s.placement), sizeof *surface);
  assert_non_null(surface);
  placement_sample_fill(&s, i_mass, surface);
  *placement = s.placement;
  return surface;
}

static void test_at(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  zps_job *job = read_moved_job();
  (void)state;
  options.has_at = true;
  options.at_first_mm = -70.0;
  options.at_last_mm = -130.0;
  make_study(&options, &study);
  assert_int_equal(study.n_positions, 1);
  for (size_t i = 0; i < 3; i++) {
    zps_placement placement;
    uint64_t *surface = surface_of(job, i, &placement);
    const uint64_t want =
        placement_sample_count(&placement, surface, ZPS_SURFACE_ACCEPTED, -70.0, 200.0, -130.0, 300.0);
    assert_true(want > 0);
    assert_true(study.positions[0].accepted[i] == want);
    assert_true(study.masses[i].generated == PLACEMENT_SAMPLE_GENERATED);
    /* 5 mm up, by hand */
    const double up =
        (double)placement_sample_count(&placement, surface, ZPS_SURFACE_ACCEPTED, -65.0, 200.0, -130.0, 300.0);
    zps_assert_near(zps_study_change(&study, &study.positions[0], i, 0, ZPS_FIRST_UP).value, (up / (double)want) - 1.0,
                    1e-13);
    free(surface);
  }
  zps_placement_study_free(&study);
  zps_derived_job_destroy(job);
}

static void test_best_of_all(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  (void)state;
  make_study(&options, &study);
  assert_int_equal(study.n_positions, 3);
  assert_true(study.has_best && study.i_best == 2);
  assert_string_equal(study.positions[1].name, "smu117");
  assert_true(study.positions[0].on_surface && study.positions[1].on_surface);
  assert_string_equal(study.ceiling_name, "smu117"); /* nearer to the beam */
  zps_assert_near(study.ceiling.count, (double)study.positions[1].rate.count, 0.0);
  const zps_study_position *const best = &study.positions[2];
  assert_true((double)best->rate.count <= study.ceiling.count);
  assert_true(best->g90 <= study.positions[1].g90);
  for (size_t p = 0; p < zps_position_count(&study.grid); p++) {
    const zps_position at = zps_position_at(&study.grid, p);
    const bool allowed = (double)zps_summed_area_at(&study.beam_area, &study.grid, at) <= study.ceiling.count;
    assert_true(!allowed || exp(study.ln_g90[p]) >= best->g90 * (1.0 - 1e-12));
  }
  /* N(g90) averaged in the logarithm is n_up. */
  double mean = 0.0;
  for (size_t i = 0; i < 3; i++) {
    const zps_reach_mass *const m = &study.masses[i];
    const double branching = zps_branching_invisible(m->mass_gev, best->g90, ZPS_DARK_NONE, 0.0, 0.0);
    mean += m->weight * log(m->signal_events * best->g90 * best->g90 * branching * (double)best->accepted[i] /
                            (double)m->generated);
  }
  zps_assert_near(mean, log(ZPS_N_UP), 1e-12);
  assert_int_equal(study.spread.n_found, 20);
  assert_true(study.spread.lo_first_mm <= study.spread.hi_first_mm);
  zps_placement_study_free(&study);
}

static void test_signal_events(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  (void)state;
  options.n_replicas = 0;
  make_study(&options, &study);
  zps_assert_relative(study.n_mot, 19.8e9, 1e-15);
  const double want = 19.8e9 * 7.422e-13 * (1e11 / (1.0 + pow(0.1 / 0.03, 1.5))) * 0.87 * 0.7;
  zps_assert_relative(study.masses[1].signal_events, want, 1e-13);
  zps_placement_study_free(&study);
}

/** A job of the first trigger alone, without a background. With dark matter Br(invisible) at 1 GeV falls where the
 *  limit lies. */
static zps_job *read_single_job(zps_dark_matter kind) {
  zps_job *job = read_moved_job();
  job->n_triggers = 1;
  job->triggers[0].background = 0.0;
  job->triggers[0].background_error = 0.0;
  job->process.dark_matter = kind;
  job->process.g_chi = 5e-3;
  return job;
}

/* For the same counts optimize and limit have the same g90: at the N_up of limit. They solve the same equation: 1e-12.
 */
static void test_g90_is_that_of_limit(void **state) {
  (void)state;
  for (int kind = ZPS_DARK_NONE; kind <= ZPS_DARK_MAJORANA; kind++) {
    zps_study_options options = ask();
    zps_job *job = read_single_job((zps_dark_matter)kind);
    zps_result result;
    options.path = scratch_path("single.h5");
    options.beam_path = NULL;
    options.n_replicas = 0;
    write_sample(options.path, job, 0);
    assert_int_equal(zps_result_read(options.path, &result, NULL), ZPS_OK);
    for (size_t i = 0; i < result.n_mass; i++) {
      zps_limit_point point;
      zps_placement_study study;
      assert_int_equal(zps_limit_find(job, &result, i, ZPS_LIMIT_EXACT, &point, NULL), ZPS_OK);
      options.n_up = point.events.n_up;
      make_study(&options, &study);
      zps_assert_relative(zps_study_g90(&study, &study.positions[0], i), zps_limit_edge(&point.observed), 1e-12);
      zps_placement_study_free(&study);
    }
    zps_result_free(&result);
    zps_derived_job_destroy(job);
  }
}

static void test_without_beam(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  options.beam_path = NULL;
  make_study(&options, &study);
  assert_false(study.has_beam || study.ceiling.is_set);
  assert_int_equal(study.front.n, 0);
  assert_int_equal(zps_plot_rate_front(&study, scratch_path("front.png"), &error), ZPS_INVALID);
  zps_placement_study_free(&study);
  options.has_rate_max = true;
  options.rate_max = 1e-3;
  assert_int_equal(zps_placement_study_make(&options, &study, NULL), ZPS_USAGE);
}

static void refuses(const zps_study_options *options, zps_status status, const char *words) {
  zps_placement_study study;
  zps_error error = {ZPS_OK, ""};
  const zps_status got = zps_placement_study_make(options, &study, &error);
  if (got != status || strstr(error.text, words) == NULL) {
    print_error("%d %s: expected %d %s\n", got, error.text, status, words);
    fail();
  }
}

static void test_refusals(void **state) {
  zps_study_options options = ask();
  (void)state;
  options.has_at = true;
  options.at_first_mm = -67.0;
  options.at_last_mm = -150.0;
  refuses(&options, ZPS_USAGE, "neighbours are -70 and -65 mm");
  options.at_first_mm = -65.0;
  options.at_last_mm = 65.0;
  refuses(&options, ZPS_USAGE, "from -180 to 60 mm");
  options = ask();
  options.has_shifts = true;
  options.shift_mm[1] = 300.0;
  refuses(&options, ZPS_USAGE, "at most 240 mm");
  options.shift_mm[1] = 3.0;
  refuses(&options, ZPS_USAGE, "multiple of the lattice's step, 5 mm");
  options = ask();
  options.lo_gev = 2.0;
  refuses(&options, ZPS_USAGE, "none of the 3 masses");
  options = ask();
  options.y_mm = 10.0;
  refuses(&options, ZPS_USAGE, "surfaces for 1 pairs of heights, the first 0,0 mm");
  options.y_mm = 0.0;
  options.y_last_mm = 10.0;
  refuses(&options, ZPS_USAGE, "y = 0,10 mm");
  options = ask();
  options.beam_path = signal_path;
  refuses(&options, ZPS_MISMATCH, "process.kind = none");
  options = ask();
  options.path = beam_path;
  refuses(&options, ZPS_INVALID, "process.kind = z_prime");
  options.path = scratch_path("missing.h5");
  refuses(&options, ZPS_IO, "missing.h5");
}

static void test_counts_that_disagree(void **state) {
  zps_study_options options = ask();
  zps_job *job = read_moved_job();
  (void)state;
  options.path = scratch_path("extra.h5");
  write_sample(options.path, job, 1);
  refuses(&options, ZPS_INVALID, "trigger smu152: the surface counts 6736 accepted at 0.01 GeV");
  write_sample(options.path, job, 10 * PLACEMENT_SAMPLE_GENERATED);
  refuses(&options, ZPS_INVALID, "more counts than were generated");
  zps_derived_job_destroy(job);
}

/* A surface of the same sums and another hash, and facts of another job. */
static void spoil_file(const char *path, bool has_cell, const char *attribute, double value) {
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t group = H5Gopen2(file, "placement", H5P_DEFAULT);
  if (has_cell) {
    const hid_t dataset = H5Dopen2(group, "coincidence", H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset);
    const hsize_t start[4] = {0, 0, 0, 0};
    const hsize_t count[4] = {1, 1, 1, 1};
    const hid_t one = H5Screate_simple(4, count, NULL);
    const uint64_t added = 1; /* to the border, which is in no position */
    assert_true(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT64, one, space, H5P_DEFAULT, &added) >= 0);
    (void)H5Sclose(one);
    (void)H5Sclose(space);
    (void)H5Dclose(dataset);
  } else {
    const hid_t id = H5Aopen(group, attribute, H5P_DEFAULT);
    assert_true(H5Awrite(id, H5T_NATIVE_DOUBLE, &value) >= 0);
    (void)H5Aclose(id);
  }
  (void)H5Gclose(group);
  (void)H5Fclose(file);
}

static void test_damaged_surfaces(void **state) {
  zps_study_options options = ask();
  zps_job *job = read_moved_job();
  zps_job *beam = NULL;
  (void)state;
  assert_int_equal(zps_derived_job_beam(job, &beam, NULL), ZPS_OK);
  options.path = scratch_path("damaged.h5");
  for (int at = 0; at < 2; at++) {
    options.has_at = at == 1;
    options.at_first_mm = -70.0;
    options.at_last_mm = -130.0;
    write_sample(options.path, job, 0);
    spoil_file(options.path, true, NULL, 0.0);
    refuses(&options, ZPS_INVALID, "damaged.h5: /placement: the surfaces hash to");
    write_sample(options.path, job, 0);
    spoil_file(options.path, false, "width_last_mm", 295.0);
    refuses(&options, ZPS_INVALID, "damaged.h5: /placement: widths");
    /* A result whose triggers and surface disagree, though both hashes are right. */
    write_sample(options.path, job, 1);
    refuses(&options, ZPS_INVALID, "accepted at 0.01 GeV");
  }
  options = ask();
  options.beam_path = scratch_path("damaged.h5");
  write_sample(options.beam_path, beam, 0);
  spoil_file(options.beam_path, true, NULL, 0.0);
  refuses(&options, ZPS_INVALID, "the surfaces hash to");
  zps_derived_job_destroy(job);
  zps_derived_job_destroy(beam);
}

/** Optimum and quoted spread under a beam with a random tail; the ceiling is the study's own, or rate_max. */
static void study_of_tail(uint64_t tail, double rate_max, zps_ceiling_source source, double count, double *best,
                          double *sd) {
  zps_study_options options = ask();
  zps_placement_study study;
  zps_error error = {ZPS_OK, ""};
  zps_job *beam = NULL;
  zps_job *job = read_moved_job();
  assert_int_equal(zps_derived_job_beam(job, &beam, NULL), ZPS_OK);
  options.beam_path = scratch_path("tail.h5");
  assert_int_equal(placement_sample_write_tail(options.beam_path, beam, 0, tail, &error), ZPS_OK);
  options.has_rate_max = rate_max > 0.0;
  options.rate_max = rate_max;
  options.n_replicas = 60;
  make_study(&options, &study);
  assert_int_equal(study.ceiling_source, source);
  zps_assert_near(study.ceiling.count, count, 0.0);
  assert_true(study.positions[study.i_best].rate.hi <= study.ceiling_rate * (1.0 + 1e-9));
  *best = study.positions[study.i_best].last_mm;
  *sd = study.spread.sd_last_mm;
  zps_placement_study_free(&study);
  zps_derived_job_destroy(job);
  zps_derived_job_destroy(beam);
}

/* Beams drawn again scatter the optimum by as much as a study of one of them says, or less: the scatter of 40 is known
 * to 11 %, the quoted one, of about 10 counts, varies by 16 % from beam to beam, and the upper edge leaves room for the
 * step of 5 mm and for positions that the signal holds as well. */
static void test_spread_covers(void **state) {
  const double n = PLACEMENT_SAMPLE_GENERATED;
  const struct {
    double rate_max;
    zps_ceiling_source source;
    double count;
  } cases[] = {{0.0, ZPS_CEILING_FEW, 6.0}, {1.85 / n, ZPS_CEILING_GIVEN, 0.0}, {40.0 / n, ZPS_CEILING_GIVEN, 33.0}};
  (void)state;
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    const size_t n_beams = 40;
    double sum = 0.0;
    double squares = 0.0;
    double quoted = 0.0;
    for (size_t i = 0; i < n_beams; i++) {
      double best = 0.0;
      double sd = 0.0;
      study_of_tail(1000 + i, cases[c].rate_max, cases[c].source, cases[c].count, &best, &sd);
      sum += best;
      squares += best * best;
      quoted += sd * sd;
    }
    const double mean = sum / (double)n_beams;
    const double scatter = sqrt((squares / (double)n_beams) - (mean * mean));
    const double ratio = sqrt(quoted / (double)n_beams) / scatter;
    print_message("ceiling of %g counts: scatter %.2f mm, quoted/scatter %.2f\n", cases[c].count, scatter, ratio);
    assert_true(ratio > 0.65 && ratio < 1.6);
  }
}

static void test_ceiling_below_what_the_beam_tells(void **state) {
  zps_study_options options = ask();
  (void)state;
  options.has_rate_max = true;
  options.rate_max = 1.8 / PLACEMENT_SAMPLE_GENERATED; /* no count: 1.841 */
  refuses(&options, ZPS_USAGE, "upper limit (68 %) of no count in 2e+05 beam muons");
}

static void test_shifts_are_rounded(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  (void)state;
  options.n_replicas = 0;
  options.n_shifts = 4;
  options.shift_mm[0] = 1.0;
  options.shift_mm[1] = 5.0;
  options.shift_mm[2] = 13.0;
  options.shift_mm[3] = 700.0; /* there is no such way */
  make_study(&options, &study);
  assert_true(study.has_rounded_shifts);
  assert_int_equal(study.options.n_shifts, 2);
  zps_assert_near(study.options.shift_mm[0], 5.0, 0.0);
  zps_assert_near(study.options.shift_mm[1], 15.0, 0.0);
  zps_placement_study_free(&study);
}

/* Live time and tracking of a trigger are its own; those of other positions are the first trigger's. */
static void test_factors_of_each_trigger(void **state) {
  zps_study_options options = ask();
  zps_placement_study plain;
  zps_placement_study scaled;
  zps_job *job = read_moved_job();
  (void)state;
  options.n_replicas = 0;
  make_study(&options, &plain);
  job->triggers[1].live_factor *= 0.5;
  options.path = scratch_path("live.h5");
  write_sample(options.path, job, 0);
  make_study(&options, &scaled);
  zps_assert_near(scaled.positions[0].scale, 1.0, 0.0);
  zps_assert_near(scaled.positions[1].scale, 0.5, 1e-15);
  zps_assert_near(scaled.positions[2].scale, 1.0, 0.0);
  zps_assert_relative(scaled.positions[0].g90, plain.positions[0].g90, 1e-14);
  zps_assert_relative(scaled.positions[1].g90, plain.positions[1].g90 * sqrt(2.0), 1e-14);
  zps_assert_relative(scaled.positions[2].g90, plain.positions[2].g90, 1e-14);
  zps_placement_study_free(&plain);
  zps_placement_study_free(&scaled);
  zps_derived_job_destroy(job);
}

static void test_check_ahead(void **state) {
  zps_study_options options = ask();
  zps_job *job = read_moved_job();
  zps_job *beam = NULL;
  zps_error error = {ZPS_OK, ""};
  (void)state;
  assert_int_equal(zps_derived_job_beam(job, &beam, NULL), ZPS_OK);
  assert_int_equal(zps_study_options_check_job(&options, job, &error), ZPS_OK);
  assert_int_equal(zps_study_options_check_job(&options, beam, NULL), ZPS_INVALID);
  options.has_at = true;
  options.at_first_mm = -67.0;
  assert_int_equal(zps_study_options_check_job(&options, job, NULL), ZPS_USAGE);
  options = ask();
  options.lo_gev = 2.0;
  assert_int_equal(zps_study_options_check_job(&options, job, NULL), ZPS_USAGE);
  options = ask();
  options.y_mm = 10.0;
  assert_int_equal(zps_study_options_check_job(&options, job, NULL), ZPS_USAGE);
  options = ask();
  options.has_shifts = true;
  options.shift_mm[0] = 3.0;
  assert_int_equal(zps_study_options_check_job(&options, job, NULL), ZPS_USAGE);
  options = ask();
  options.has_rate_max = true;
  options.rate_max = 1.0 / (double)job->placement.beam_events;
  assert_int_equal(zps_study_options_check_job(&options, job, NULL), ZPS_USAGE);
  options.rate_max *= 2.0;
  assert_int_equal(zps_study_options_check_job(&options, job, NULL), ZPS_OK);
  zps_derived_job_destroy(job);
  zps_derived_job_destroy(beam);
}

static void test_trigger_off_the_lattice(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  zps_job *job = read_job(NULL); /* -152 and -117 are no multiples of 5 mm */
  (void)state;
  options.path = scratch_path("off.h5");
  options.beam_path = NULL;
  write_sample(options.path, job, 0);
  make_study(&options, &study);
  assert_false(study.positions[0].on_surface);
  assert_false(zps_study_largest_change(&study, &study.positions[0], 0).is_found);
  assert_true(zps_study_largest_change(&study, &study.positions[2], 0).is_found);
  zps_placement_study_free(&study);
  zps_derived_job_destroy(job);
}

static void test_files(void **state) {
  zps_study_options options = ask();
  zps_placement_study study;
  zps_error error = {ZPS_OK, ""};
  zps_h5_file file;
  const char *const path = scratch_path("placement.h5");
  (void)state;
  make_study(&options, &study);
  assert_int_equal(zps_placement_file_write(path, &study, &error), ZPS_OK);
  assert_int_equal(zps_h5_open(path, &file, &error), ZPS_OK);
  const hsize_t size[] = {(hsize_t)zps_edge_axis_count(&study.grid.first),
                          (hsize_t)zps_edge_axis_count(&study.grid.last)};
  const size_t n = zps_position_count(&study.grid);
  double *values = (double *)calloc(n, sizeof *values);
  assert_int_equal(zps_h5_read(&file, "g90", ZPS_H5_F64, 2, size, 0, values, &error), ZPS_OK);
  for (size_t p = 0; p < n; p++) {
    assert_true(values[p] >= exp(study.ln_g90[p]) && values[p] <= exp(study.ln_g90[p]));
  }
  assert_int_equal(zps_h5_read(&file, "xm_mm", ZPS_H5_F64, 1, &size[1], 0, values, &error), ZPS_OK);
  zps_assert_near(values[0], -180.0, 0.0);
  zps_assert_near(values[size[1] - 1], 60.0, 0.0);
  zps_h5_close(&file);
  free(values);
  const zps_status status = zps_plot_placement(&study, scratch_path("map.png"), &error);
  if (status != ZPS_UNAVAILABLE) {
    assert_int_equal(status, ZPS_OK);
    assert_int_equal(zps_plot_rate_front(&study, scratch_path("front.png"), &error), ZPS_OK);
    size_t png_size = 0;
    char *png = scratch_read(scratch_path("map.png"), &png_size);
    assert_non_null(png);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    free(png);
    assert_int_equal(access(scratch_path("front.csv"), F_OK), 0);
  }
  zps_placement_study_free(&study);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_at),
      cmocka_unit_test(test_best_of_all),
      cmocka_unit_test(test_signal_events),
      cmocka_unit_test(test_g90_is_that_of_limit),
      cmocka_unit_test(test_without_beam),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_counts_that_disagree),
      cmocka_unit_test(test_damaged_surfaces),
      cmocka_unit_test(test_spread_covers),
      cmocka_unit_test(test_ceiling_below_what_the_beam_tells),
      cmocka_unit_test(test_shifts_are_rounded),
      cmocka_unit_test(test_factors_of_each_trigger),
      cmocka_unit_test(test_check_ahead),
      cmocka_unit_test(test_trigger_off_the_lattice),
      cmocka_unit_test(test_files),
  };
  return cmocka_run_group_tests(tests, make_samples, scratch_destroy);
}
