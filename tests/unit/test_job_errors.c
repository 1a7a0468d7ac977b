#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/job/job.h"
#include "tests/unit/job_sample.h"
#include "tests/zps_test.h"

static zps_job job;

static const struct {
  const char *find, *replace, *message;
} cases[] = {
    /* strict numbers */
    {"n_mot: 1e10", "n_mot: '1e10'",
     "x.yaml:15: triggers.smu152.n_mot = 1e10: expected a number such as 160, -0.5 or 1e-3, got a text in quotes"},
    {"start_mm: 50,", "start_mm: 5x,",
     "x.yaml:9: layout.VETO.start_mm = 5x: expected a number such as 160, -0.5 or 1e-3"},
    {"-471", "1,5", "x.yaml:6: layout.ECAL.start_mm = 1,5: expected a number such as 160, -0.5 or 1e-3"},
    {"-471", "0x10", "x.yaml:6: layout.ECAL.start_mm = 0x10: expected a number such as 160, -0.5 or 1e-3"},
    {"-471", "1e999", "x.yaml:6: layout.ECAL.start_mm = 1e999: expected a number such as 160, -0.5 or 1e-3"},
    {"-471", ".nan", "x.yaml:6: layout.ECAL.start_mm = .nan: expected a number such as 160, -0.5 or 1e-3"},
    {"-471", "inf", "x.yaml:6: layout.ECAL.start_mm = inf: expected a number such as 160, -0.5 or 1e-3"},
    {"-471", "", "x.yaml:6: layout.ECAL.start_mm = : expected a number such as 160, -0.5 or 1e-3"},
    {"-471", "[1]", "x.yaml:6: layout.ECAL.start_mm: expected a number, got a list"},
    {"repeat: 150", "repeat: 1.5",
     "x.yaml:7: layout.ECAL.repeat = 1.5: expected a whole number in digits, such as 1000000"},
    {"seed: 7", "seed: 18446744073709551616", "x.yaml:1: seed = 18446744073709551616: must be <= 18446744073709551615"},
    {"seed: 7", "events_per_mass: 99999999999999999999",
     "x.yaml:1: events_per_mass = 99999999999999999999: must be <= 17592186044416"},
    {"repeat: 150", "repeat: 99999999999999999999",
     "x.yaml:7: layout.ECAL.repeat = 99999999999999999999: must be <= 1000000"},
    {"seed: 7", "seed: 07", "x.yaml:1: seed = 07: expected a whole number in digits, such as 1000000"},
    {"seed: 7", "events_per_mass: 17592186044417",
     "x.yaml:1: events_per_mass = 17592186044417: must be <= 17592186044416"},
    {"seed: 7", "events_per_mass: 0", "x.yaml:1: events_per_mass = 0: must be >= 1"},
    {"thickness_mm: 1.5", "thickness_mm: -1", "x.yaml:8: layout.ECAL.layers.Pb.thickness_mm = -1: must be > 0"},
    {"thickness_mm: 1.5", "thickness_mm: 0", "x.yaml:8: layout.ECAL.layers.Pb.thickness_mm = 0: must be > 0"},
    {"generate: dipole", "generate: dipole, step_mm: -1", "x.yaml:10: layout.MS2.step_mm = -1: must be > 0"},
    /* keys */
    {"mass_gev", "mas_gev", "x.yaml:2: unknown key 'mas_gev' in scan; nearest known key: mass_gev"},
    {"seed", "sead", "x.yaml:1: unknown key 'sead'; nearest known key: seed"},
    {"seed: 7", "placements: {}", "x.yaml:1: unknown key 'placements'; nearest known key: placement"},
    {"seed: 7", "seed: 7\nseed: 8", "x.yaml:2: duplicate key 'seed', given before on line 1"},
    {"seed: 7", "<<: {seed: 7}", "x.yaml:1: unknown key '<<'; nearest known key: run"},
    {"scan: {mass_gev: [0.01, 0.1]}", "scan: {}",
     "x.yaml:2: scan: missing key 'mass_gev': expected masses of the Z', ascending: a list, or a map of the four keys "
     "below "
     "[GeV]"},
    {"kind: plane, start_mm: 8374", "kind: plane",
     "x.yaml:11: layout.S4: missing key 'start_mm': expected z of the upstream face [mm]"},
    {"kind: plane, ", "", "x.yaml:11: layout.S4: missing key 'kind': expected matter | field | plane"},
    {"kind: plane", "kind: plain", "x.yaml:11: layout.S4.kind = plain: expected matter | field | plane"},
    {"kind: plane", "kind: plane, repeat: 3", "x.yaml:11: key 'repeat' in layout.S4 does not apply to kind plane"},
    {"kind: plane", "kind: plane, required: yes", "x.yaml:11: layout.S4.required = yes: expected true or false"},
    {"kind: plane", "kind: plane, required: true",
     "x.yaml:11: layout.S4.required = true: expected width_mm and height_mm > 0 beside it, got 0 and 0"},
    {"seed: 7", "scan2: 7", "x.yaml:1: unknown key 'scan2'; nearest known key: scan"},
    {"seed: 7", "beam: 7", "x.yaml:1: beam = 7: expected a map of keys, got a text"},
    {"seed: 7", "beam: {charge: 0}", "x.yaml:1: beam.charge = 0: must be 1 or -1"},
    {"seed: 7", "selection: {p_in_min_gev: 190}",
     "x.yaml:1: selection.p_in_min_gev = 190: must be below p_in_max_gev = 180"},
    {"seed: 7", "selection: {sagitta: {}}",
     "x.yaml:1: selection.sagitta.first: expected a plane of the layout (have S4, Smu), got nothing"},
    {"seed: 7", "selection: {sagitta: {first: S4, middle: S4}}",
     "x.yaml:1: selection.sagitta.middle = S4: expected a plane behind first = S4"},
    {"seed: 7", "selection: {sagitta: {first: S4, middle: Smu, last: MS2}}",
     "x.yaml:1: selection.sagitta.last: expected a plane of the layout (have S4, Smu), got MS2"},
    {"  - {name: S4, kind: plane, start_mm: 8374}\n  - {name: Smu, kind: plane, start_mm: 11788}\n",
     "  - {name: S4, kind: plane, start_mm: 8374}\n  - {name: T, kind: plane, start_mm: 9000}\n"
     "  - {name: Smu, kind: plane, start_mm: 11788}\nselection: {sagitta: {first: S4, middle: T, last: Smu}}\n",
     "x.yaml:14: selection.sagitta.last = Smu: lies behind S4, the first counter of trigger smu152"},
    {"seed: 7", "process: {pilot: {events: 15}}", "x.yaml:1: process.pilot.events = 15: must be >= 16"},
    {"seed: 7", "process: {pilot: {events: 4097}}", "x.yaml:1: process.pilot.events = 4097: must be <= 4096"},
    {"seed: 7", "process: {pilot: 8}", "x.yaml:1: process.pilot = 8: expected a map of keys, got a text"},
    {"seed: 7", "process: {kind: none, pilot: {}}",
     "x.yaml:1: process.pilot: expected process.kind = z_prime, got none"},
    {"seed: 7", "placement: {}\nprocess: {pilot: {}}",
     "x.yaml:2: process.pilot: expected no counter positions (placement, optimize) beside it: their surfaces do not "
     "know the errors of weighted events"},
    {"seed: 7", "beam: {file: \"a\\nb\"}", "x.yaml:1: beam.file = a\\x0ab: expected a path without control characters"},
    /* scan */
    {"[0.01, 0.1]", "[0.1, 0.1]", "x.yaml:2: scan.mass_gev = 0.1: must be above the value before it, 0.1"},
    {"[0.01, 0.1]", "[-0.1, 0.1]", "x.yaml:2: scan.mass_gev = -0.1: must be >= 1e-06"},
    {"[0.01, 0.1]", "[]", "x.yaml:2: scan.mass_gev: expected 1 to 1048576 numbers, got 0"},
    {"[0.01, 0.1]", "0.1",
     "x.yaml:2: scan.mass_gev = 0.1: expected a list such as [0.1], or a grid such as {from: 0.01, to: 1, points: 9, "
     "spacing: log}"},
    {"[0.01, 0.1]", "light",
     "x.yaml:2: scan.mass_gev = light: expected a list such as [0.01, 0.1], or a grid such as {from: 0.01, to: 1, "
     "points: 9, spacing: log}"},
    {"[0.01, 0.1]", "{from: 1, to: 0.1, points: 3}", "x.yaml:2: scan.mass_gev: from = 1 must be below to = 0.1"},
    {"[0.01, 0.1]", "{from: 0.1, to: 1, points: 1}", "x.yaml:2: scan.mass_gev.points = 1: must be >= 2"},
    {"[0.01, 0.1]", "{from: 0.1, to: 1, point: 3}",
     "x.yaml:2: unknown key 'point' in scan.mass_gev; nearest known key: points"},
    {"[0.01, 0.1]", "{from: 1, to: 1.0000000000000002, points: 9}",
     "x.yaml:2: scan.mass_gev: from and to are too close for that many points"},
    {"[0.01, 0.1]", "[150]",
     "x.yaml:2: scan.mass_gev = 150: must be < 121.552, the kinematic limit of 160 GeV muons on Pb"},
    /* layout */
    {"name: S4,", "name: S 4,",
     "x.yaml:11: layout.S 4.name = S 4: expected a name of 1 to 63 letters, digits, '_' or '-'"},
    {"name: S4,", "name: Smu,", "x.yaml:12: layout: a second element named 'Smu', the first is on line 11"},
    {"start_mm: 2700", "start_mm: 80",
     "x.yaml:10: layout: MS2 [80, 2280] mm overlaps VETO [50, 100] mm: elements must ascend in z without overlap"},
    {"start_mm: 8374", "start_mm: 2600",
     "x.yaml:11: layout: S4 [2600, 2600] mm comes before MS2 [2700, 4900] mm: elements must ascend in z without "
     "overlap"},
    {"material: Pb", "material: Pd",
     "x.yaml:8: layout.ECAL.layers.Pd.material = Pd: unknown material (have Pb, Fe, Cu, C, polystyrene, air, paper)"},
    {"repeat: 150", "repeat: 150\n    hole_mm: 20\n    width_mm: 10",
     "x.yaml:8: layout.ECAL.hole_mm = 20: must be smaller than width_mm and height_mm"},
    {"repeat: 150", "repeat: 150\n    hole_mm: 20",
     "x.yaml:8: layout.ECAL.hole_mm = 20: the target cannot have a hole"},
    {"repeat: 150", "repeat: 150\n    width_mm: 5",
     "x.yaml:8: layout.ECAL.width_mm = 5: the target is crossed by every beam muon, at whatever x and y: expected 0, "
     "unlimited"},
    {"repeat: 150", "repeat: 150\n    height_mm: 7",
     "x.yaml:8: layout.ECAL.height_mm = 7: the target is crossed by every beam muon, at whatever x and y: expected 0, "
     "unlimited"},
    {"layout:\n", "process: {kind: none}\nlayout:\n  - {name: T0, kind: plane, start_mm: -900}\n",
     "x.yaml:5: layout.T0.kind = plane: the first element is the target: expected matter"},
    {"layout:\n",
     "process: {kind: none}\nlayout:\n  - {name: M, kind: field, start_mm: -3000, length_mm: 2200, generate: dipole}\n",
     "x.yaml:5: layout.M.kind = field: the first element is the target: expected matter"},
    {"layers: [{material: Pb, thickness_mm: 1.5}, {material: polystyrene, thickness_mm: 1.64}]", "layers: []",
     "x.yaml:8: layout.ECAL.layers: expected 1 to 8 members, got 0"},
    {"generate: dipole", "generate: none",
     "x.yaml:10: layout.MS2: expected either generate: dipole | uniform or a map, got neither"},
    {"generate: dipole", "map: m.h5, rotate_deg: [0, 45, 0]",
     "x.yaml:10: layout.MS2.rotate_deg: 45: must be a multiple of 90"},
    {"generate: dipole", "map: m.h5, symmetry: {x: odd}",
     "x.yaml:10: layout.MS2.symmetry.x = odd: expected none | normal | parallel"},
    {"generate: dipole", "generate: dipole, map: m.h5",
     "x.yaml:10: layout.MS2: expected either generate: dipole | uniform or a map, got both"},
    {"generate: dipole", "generate: dipole, effective_length_mm: 3000",
     "x.yaml:10: layout.MS2.effective_length_mm = 3000: must be <= length_mm = 2200"},
    {"generate: dipole", "generate: dipole, grid_mm: [1, 2]",
     "x.yaml:10: layout.MS2.grid_mm: expected 3 numbers, got 2"},
    {"generate: dipole", "generate: dipole, grid_mm: [0.1, 0.1, 0.1]",
     "x.yaml:10: layout.MS2.grid_mm: 3.52e+11 nodes: at most 1.34e+08"},
    {"generate: dipole", "generate: dipole, grid_mm: [100, 5, 2300]",
     "x.yaml:10: layout.MS2.grid_mm: spacing 2300 mm is larger than the field, 2200 mm"},
    {"generate: dipole", "generate: dipole, step_mm: 1e-5",
     "x.yaml:10: layout.MS2.step_mm = 1e-05: more than 1000000 steps over length_mm = 2200"},
    /* what a generated field would ignore */
    {"generate: dipole", "generate: dipole, format: bdsim",
     "x.yaml:10: layout.MS2.format: acts on a map file: expected none beside generate: dipole"},
    {"generate: dipole", "generate: uniform, length_unit: cm",
     "x.yaml:10: layout.MS2.length_unit: acts on a map file: expected none beside generate: uniform"},
    {"generate: dipole", "generate: dipole, field_unit: kG",
     "x.yaml:10: layout.MS2.field_unit: acts on a map file: expected none beside generate: dipole"},
    {"generate: dipole", "generate: uniform, symmetry: {y: normal}",
     "x.yaml:10: layout.MS2.symmetry: acts on a map file: expected none beside generate: uniform"},
    {"generate: dipole", "generate: dipole, scale: -1",
     "x.yaml:10: layout.MS2.scale: acts on a map file: expected none beside generate: dipole"},
    {"generate: dipole", "generate: uniform, rotate_deg: [0, 0, 90]",
     "x.yaml:10: layout.MS2.rotate_deg: acts on a map file: expected none beside generate: uniform"},
    {"generate: dipole", "generate: dipole, offset_mm: [0, 0, 5]",
     "x.yaml:10: layout.MS2.offset_mm: acts on a map file: expected none beside generate: dipole"},
    {"generate: dipole", "generate: uniform, outside: clamp",
     "x.yaml:10: layout.MS2.outside: acts on a map file: expected none beside generate: uniform"},
    /* a dipole whose fringes do not fit: 0.415 % by the sum over the nodes of a long map in test_field_load */
    {"length_mm: 2200", "length_mm: 1600",
     "x.yaml:10: layout.MS2: dipole length_mm = 1600: cuts its fringes, and with them 0.42 % of integral_tm: expected "
     ">= "
     "1712, which keeps all but 0.1 %"},
    {"length_mm: 2200", "length_mm: 1711",
     "x.yaml:10: layout.MS2: dipole length_mm = 1711: cuts its fringes, and with them 0.1 % of integral_tm: expected "
     ">= "
     "1712, which keeps all but 0.1 %"},
    {"generate: dipole", "generate: dipole, enge: [0.1, 0.1, 0, 0, 0, 0]",
     "x.yaml:10: layout.MS2: dipole enge: the field must fall to zero outside and reach B0 inside within 64 gaps of "
     "the "
     "edge; this polynomial does not"},
    {"-471", "-470", "x.yaml:6: layout.ECAL.start_mm = -470: the target ends at z = 1, expected 0: start_mm = -471"},
    /* process */
    {"seed: 7", "process: {target: VETO}",
     "x.yaml:1: process.target = VETO: expected ECAL, the first element of the layout"},
    {"seed: 7", "process: {material: Cu}", "x.yaml:1: process.material = Cu: not among the layers of ECAL"},
    {"seed: 7", "process: {material: polystyrene}",
     "x.yaml:1: process.material = polystyrene: expected a chemical element"},
    {"seed: 7", "process: {mediator: tensor}",
     "x.yaml:1: process.mediator = tensor: expected vector | scalar | pseudoscalar | axial"},
    {"seed: 7", "process: {mediator: axial}",
     "x.yaml:1: process.mediator = axial: expected process.dark_matter.kind = dirac, the only invisible decay known "
     "for it"},
    {"seed: 7", "process: {model: ww, inelastic: linear}",
     "x.yaml:1: process.model = ww: only for a vector with the elastic form factor and no inelastic term (expected "
     "etl)"},
    {"seed: 7", "process: {model: iww, mediator: scalar, dark_matter: {kind: dirac}}",
     "x.yaml:1: process.model = iww: only for a vector with the elastic form factor and no inelastic term (expected "
     "etl)"},
    {"seed: 7", "process: {x_min: Auto}",
     "x.yaml:1: process.x_min = Auto: expected a number such as 160, -0.5 or 1e-3"},
    /* triggers */
    {"plane: S4", "plane: S5", "x.yaml:17: triggers.smu152: 'S5' is no plane of the layout (have S4, Smu)"},
    {"plane: S4", "plane: ECAL", "x.yaml:17: triggers.smu152: 'ECAL' is no plane of the layout (have S4, Smu)"},
    {"plane: Smu", "plane: S4",
     "x.yaml:17: triggers.smu152: 'S4' after 'S4': expected different planes, ascending in z"},
    {"edge_x_mm: -65, ", "",
     "x.yaml:17: triggers.smu152.planes.S4: expected either edge_x_mm or center_x_mm, got neither"},
    {"edge_x_mm: -65, ", "edge_x_mm: -65, center_x_mm: 1, ",
     "x.yaml:17: triggers.smu152.planes.S4: expected either edge_x_mm or center_x_mm, got both"},
    {"width_mm: 200", "width_mm: 0", "x.yaml:17: triggers.smu152.planes.S4.width_mm = 0: must be > 0"},
    {"n_mot: 1e10", "n_mot: 1e10\n    observed: 0.5",
     "x.yaml:16: triggers.smu152.observed = 0.5: expected a whole number of events"},
    {"name: smu152", "name: total",
     "x.yaml:13: triggers: a trigger named 'total': expected another name, results have their sum there"},
    {"triggers:\n", "triggers: 5\nlayout2:\n", "x.yaml:14: unknown key 'layout2'; nearest known key: layout"},
    {"name: smu152\n", "n_mot2: 1\n", "x.yaml:14: unknown key 'n_mot2' in triggers[0]; nearest known key: n_mot"},
};

static void test_messages(void **state) {
  (void)state;
  char text[8192];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    zps_error error = {ZPS_OK, ""};
    const size_t n = sample_edit(cases[i].find, cases[i].replace, text, sizeof text);
    assert_true(n > 0);
    if (zps_job_read_text("x.yaml", text, n, NULL, 0, &job, &error) == ZPS_OK) {
      fail_msg("accepted; expected %s", cases[i].message);
    }
    assert_string_equal(error.text, cases[i].message);
    assert_int_equal(error.status, ZPS_INVALID);
    assert_null(job.mass_gev.values);
    assert_int_equal(job.n_elements, 0);
  }
}

static void expect_text(const char *text, const char *message) {
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_job_read_text("x.yaml", text, strlen(text), NULL, 0, &job, &error), ZPS_INVALID);
  assert_string_equal(error.text, message);
}

static void test_whole_files(void **state) {
  (void)state;
  expect_text("", "x.yaml: is empty: expected YAML");
  expect_text("hello", "x.yaml:1: job = hello: expected a map of keys, got a text");
  expect_text("[]", "x.yaml:1: job: expected a map of keys, got a list");
  expect_text("{}", "x.yaml:1: missing key 'scan': expected the (mass, coupling) plane");
  expect_text(
      "scan: {mass_gev: [1]}\n",
      "x.yaml:1: missing key 'layout': expected elements along the beam, ascending in z without overlap, vacuum "
      "between; z = 0 at the downstream end of the target");
}

static void expect_file(const char *path, zps_status want, const char *message) {
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_job_read(path, NULL, 0, &job, &error), want);
  assert_non_null(strstr(error.text, message));
  assert_memory_equal(error.text, path, strlen(path));
  assert_null(strchr(error.text, '\n'));
}

static void test_what_is_no_file(void **state) {
  (void)state;
  char folder[] = "/tmp/zps_job_XXXXXX";
  char path[64];
  assert_non_null(mkdtemp(folder));
  expect_file(folder, ZPS_IO, ": is a directory: expected a job file");
  (void)snprintf(path, sizeof path, "%s/none.yaml", folder);
  expect_file(path, ZPS_IO, ": No such file or directory: expected a job file");
  (void)snprintf(path, sizeof path, "%s/pipe", folder);
  assert_int_equal(mkfifo(path, 0600), 0);
  expect_file(path, ZPS_IO, ": is not a regular file: expected a job file");
  assert_int_equal(unlink(path), 0);
  (void)snprintf(path, sizeof path, "%s/big", folder);
  FILE *big = fopen(path, "w");
  assert_non_null(big);
  for (int i = 0; i <= 1 << 20; i++) {
    (void)fputc('#', big);
  }
  (void)fclose(big);
  expect_file(path, ZPS_INVALID, ": larger than 1 MiB: expected a job file");
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_whole_files),
      cmocka_unit_test(test_what_is_no_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
