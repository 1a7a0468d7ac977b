/* Every format: one field from hand-written files, and twins of them with one defect each. */
#include "tests/zps_test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "host/field/map_file.h"
#include "tests/unit/scratch_folder.h"

#define FOLDER "tests/unit/field_maps/"

/** Units to be given where a file does not say its own. */
static const zps_job_map_use none = {.scale = 1.0};
static const zps_job_map_use mm_t = {.length_unit = ZPS_LENGTH_MM, .field_unit = ZPS_FIELD_T, .scale = 1.0};
static const zps_job_map_use cm_g = {.length_unit = ZPS_LENGTH_CM, .field_unit = ZPS_FIELD_G, .scale = 1.0};
static const zps_job_map_use mm_gev = {.length_unit = ZPS_LENGTH_MM, .field_unit = ZPS_FIELD_GEV_MM, .scale = 1.0};

static const float *node(const zps_field_map *m, int ix, int iy, int iz) {
  return m->b + (4 * (((((size_t)iz * (size_t)m->n_y) + (size_t)iy) * (size_t)m->n_x) + (size_t)ix));
}

/** The field of field_maps/README.md, to the last bit: all its numbers are short decimals and binary fractions. */
static void assert_the_field(const char *path, const zps_map_content *content) {
  const zps_field_map *const m = &content->grid.map;
  print_message("%s: %s\n", path, zps_map_format_name(content->format));
  assert_true(m->n_x == 3 && m->n_y == 2 && m->n_z == 2);
  assert_true(m->x_min_mm == -10.0 && m->y_min_mm == -5.0 && m->z_min_mm == -20.0);
  assert_true(m->step_x_mm == 10.0 && m->step_y_mm == 10.0 && m->step_z_mm == 40.0);
  for (int i = 0; i < 12; i++) {
    const int n = (i % 3) + (10 * ((i / 3) % 2)) + (100 * (i / 6));
    const float *const b = node(m, i % 3, (i / 3) % 2, i / 6);
    assert_true(b[0] == 0.25F * (float)n && b[1] == -0.5F * (float)n && b[2] == (float)n + 0.125F && b[3] == 0.0F);
  }
}

static void assert_reads(const char *path, const zps_job_map_use *use, zps_map_format format) {
  zps_map_content content;
  zps_error error = {ZPS_OK, ""};
  if (zps_map_file_read(path, use, &content, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(content.format, format);
  assert_the_field(path, &content);
  zps_map_content_free(&content);
}

static const struct good_file {
  const char *name;
  const zps_job_map_use *use;
  zps_map_format format;
} good_files[] = {
    {FOLDER "bdsim.dat", &none, ZPS_MAP_BDSIM},    {FOLDER "bdsim_tzyx.dat", &none, ZPS_MAP_BDSIM},
    {FOLDER "opera.table", &cm_g, ZPS_MAP_OPERA},  {FOLDER "geant4.TABLE", &none, ZPS_MAP_GEANT4},
    {FOLDER "comsol.txt", &none, ZPS_MAP_COMSOL},  {FOLDER "comsol.csv", &none, ZPS_MAP_COMSOL},
    {FOLDER "acts.txt", &mm_t, ZPS_MAP_ACTS},      {FOLDER "acts.csv", &mm_t, ZPS_MAP_ACTS},
    {FOLDER "covfie.cvf", &mm_t, ZPS_MAP_COVFIE},  {FOLDER "covfie_gev.cvf", &mm_gev, ZPS_MAP_COVFIE},
    {FOLDER "native.hdf5", &none, ZPS_MAP_NATIVE},
};
#define N_GOOD (sizeof good_files / sizeof good_files[0])

static bool is_text(const struct good_file *f) {
  return f->format != ZPS_MAP_COVFIE && f->format != ZPS_MAP_NATIVE;
}

static void test_all_formats_hold_one_field(void **state) {
  (void)state;
  for (size_t i = 0; i < N_GOOD; i++) {
    assert_reads(good_files[i].name, good_files[i].use, good_files[i].format);
    zps_job_map_use named = *good_files[i].use;
    named.format = good_files[i].format;
    assert_reads(good_files[i].name, &named, named.format);
  }
}

/** The file with every (or the first) `old` replaced, written into the scratch folder; its path. */
static const char *twin(const char *name, const char *old, const char *new_text, bool every) {
  size_t size = 0;
  char *const text = scratch_read(name, &size);
  assert_non_null(text);
  text[size] = '\0';
  const char *const path = scratch_path("twin.dat");
  FILE *const out = fopen(path, "wb");
  assert_non_null(out);
  const char *from = text;
  const char *found = strstr(from, old);
  assert_non_null(found);
  while (found != NULL) {
    (void)fwrite(from, 1, (size_t)(found - from), out);
    (void)fputs(new_text, out);
    from = found + strlen(old);
    found = every ? strstr(from, old) : NULL;
  }
  (void)fwrite(from, 1, size - (size_t)(from - text), out);
  assert_int_equal(fclose(out), 0);
  free(text);
  return path;
}

static void assert_refused(const char *path, const zps_job_map_use *use, const char *part) {
  zps_map_content content;
  zps_error error = {ZPS_OK, ""};
  const zps_status status = zps_map_file_read(path, use, &content, &error);
  if (status == ZPS_OK) {
    fail_msg("%s: accepted, expected \"%s\"", path, part);
  }
  assert_null(content.grid.b);
  if (strstr(error.text, part) == NULL || strstr(error.text, path) == NULL || strchr(error.text, '\n') != NULL) {
    fail_msg("message \"%s\" does not name %s and say \"%s\" in one line", error.text, path, part);
  }
}

/* What every text format must take: CRLF, tabs, Fortran exponents. */
static void test_harmless_forms(void **state) {
  (void)state;
  for (size_t i = 0; i < N_GOOD; i++) {
    const struct good_file *const f = &good_files[i];
    if (is_text(f)) {
      assert_reads(twin(f->name, "\n", "\r\n", true), f->use, f->format);
    }
    if (is_text(f) && strstr(f->name, "csv") == NULL) {
      /* The words of COMSOL's header stand one blank apart. */
      assert_reads(twin(f->name, f->format == ZPS_MAP_COMSOL ? "   " : " ", "\t", true), f->use, f->format);
    }
  }
  assert_reads(twin(FOLDER "opera.table", "E+0", "D+0", true), &cm_g, ZPS_MAP_OPERA);
  assert_reads(twin(FOLDER "geant4.TABLE", "E-0", "d-0", true), &none, ZPS_MAP_GEANT4);
  assert_reads(twin(FOLDER "bdsim.dat", "xmax> 1", "xmax> 0.01D+02", false), &none, ZPS_MAP_BDSIM);
  assert_reads(twin(FOLDER "bdsim.dat", "1 -0.5 -2 0.5 -1 2.125", "# a remark\n\n1 -0.5 -2 0.5D0 -1 2.125", false),
               &none, ZPS_MAP_BDSIM);
  assert_reads(twin(FOLDER "acts.csv", "x,y", "\xef\xbb\xbfx,y", false), &mm_t, ZPS_MAP_ACTS);
  /* Coordinates a millionth of the spacing apart are one node; a node a thousandth off is still where it should be. */
  assert_reads(twin(FOLDER "bdsim.dat", "0 -0.5 -2 0.25", "1e-7 -0.5 -2 0.25", false), &none, ZPS_MAP_BDSIM);
  assert_reads(twin(FOLDER "bdsim.dat", "\n0 ", "\n0.0009 ", true), &none, ZPS_MAP_BDSIM);
}

/* The order of rows says nothing: reversed, so that every axis descends. */
static void test_descending_axes(void **state) {
  (void)state;
  size_t size = 0;
  char *const text = scratch_read(FOLDER "acts.txt", &size);
  assert_non_null(text);
  const char *const path = scratch_path("reversed.txt");
  FILE *const out = fopen(path, "wb");
  for (size_t end = size; end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && text[begin - 1] != '\n') {
      begin--;
    }
    (void)fwrite(text + begin, 1, end - begin, out);
    end = begin;
  }
  assert_int_equal(fclose(out), 0);
  free(text);
  assert_reads(path, &mm_t, ZPS_MAP_ACTS);
}

/** A text of n bytes as a file, and behind it more. */
static const char *spoiled(const char *text, size_t n, const char *more) {
  const char *const path = scratch_path("spoiled.dat");
  FILE *const out = fopen(path, "wb");
  assert_non_null(out);
  (void)fwrite(text, 1, n, out);
  (void)fputs(more, out);
  assert_int_equal(fclose(out), 0);
  return path;
}

/* The defects every text format can have, in its last row: missing, there twice, a column too few, a column too many, a
 * NaN. */
static void test_defects_of_any_text(void **state) {
  (void)state;
  for (size_t i = 0; i < N_GOOD; i++) {
    const struct good_file *const f = &good_files[i];
    if (!is_text(f)) {
      continue;
    }
    zps_job_map_use use = *f->use;
    use.format = f->format;
    size_t size = 0;
    char *const text = scratch_read(f->name, &size);
    text[size] = '\0';
    assert_true(size > 2 && text[size - 1] == '\n');
    size_t row = size - 1;
    while (text[row - 1] != '\n') {
      row--;
    }
    size_t last = size - 1;
    while (strchr(" \t,", text[last - 1]) == NULL) {
      last--;
    }
    print_message("%s: last row %s", f->name, text + row);
    const char *const more = strstr(f->name, ".csv") != NULL ? ",1\n" : " 1\n";
    assert_refused(spoiled(text, row, ""), &use, "no row for the node");
    assert_refused(spoiled(text, size, text + row), &use, "a second row for the node");
    assert_refused(spoiled(text, last - 1, "\n"), &use, "columns, got");
    assert_refused(spoiled(text, size - 1, more), &use, "columns, got");
    if (f->format != ZPS_MAP_GEANT4) { /* its last column is no field */
      assert_refused(spoiled(text, last, "NaN\n"), &use, "NaN: must be finite");
    }
    free(text);
  }
}

/* glibc itself keeps the LOCPATH it has split; leaks of ours are still reported. Visible, because the sanitizer looks
 * it up in the program. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:argz_add_sep";
}

/** A locale with decimal commas, made for the purpose when the machine has none; 0 when that fails. */
static locale_t comma_locale(void) {
  char command[1024];
  (void)snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >'%s/log' 2>&1", scratch_folder,
                 scratch_folder);
  locale_t comma = newlocale(LC_NUMERIC_MASK, "de_DE.UTF-8", (locale_t)0);
  if (comma == (locale_t)0 && system(command) == 0) {
    (void)setenv("LOCPATH", scratch_folder, 1);
    comma = newlocale(LC_NUMERIC_MASK, "de_DE.UTF-8", (locale_t)0);
    (void)unsetenv("LOCPATH");
  }
  (void)snprintf(command, sizeof command, "rm -rf '%s/de_DE.UTF-8'", scratch_folder);
  return system(command) == 0 ? comma : (locale_t)0;
}

/* Locale: with decimal commas the same numbers are read, and 1.5 is printed as 1,5 to show that it is one. */
static void test_locale_has_no_say(void **state) {
  (void)state;
  char text[16];
  const locale_t comma = comma_locale();
  if (comma == (locale_t)0) {
    skip();
  }
  const locale_t before = uselocale(comma);
  (void)snprintf(text, sizeof text, "%.1f", 1.5);
  for (size_t i = 0; i < N_GOOD; i++) {
    assert_reads(good_files[i].name, good_files[i].use, good_files[i].format);
  }
  (void)uselocale(before);
  freelocale(comma);
  assert_string_equal(text, "1,5");
}

/** One change of a good file, and what must be said of it. */
typedef struct defect {
  const char *old, *new_text, *part;
} defect;

static void assert_defects(const char *name, const zps_job_map_use *use, const defect *defects, size_t n) {
  for (size_t i = 0; i < n; i++) {
    assert_refused(twin(name, defects[i].old, defects[i].new_text, false), use, defects[i].part);
  }
}

static void test_bdsim_defects(void **state) {
  (void)state;
  const defect defects[] = {
      {"0 0.5 -2 2.75 -5.5 11.125\n", "", "no row for the node (0, 5, -20) mm: 3 x 2 x 2 = 12 nodes, 11 rows"},
      {"\n0 0.5 -2 ", "\n-1 0.5 -2 ", ":16: a second row for the node (-10, 5, -20) mm, the first on line 15"},
      {"0 0.5 -2 2.75 -5.5 11.125\n", "0 0.5 -2 2.75 -5.5 11.125\n0 0.5 -2 2.75 -5.5 11.125\n",
       ":17: a second row for the node (0, 5, -20) mm"},
      {"2.75", "nan", ":16: Fx = nan: must be finite; 1 row"},
      {"2.75", "-inf", ":16: Fx = -inf: must be finite"},
      {"2.75", "1e999", ":16: Fx = 1e999: expected a number"},
      {"2.75", "2,75", ":16: Fx = 2,75: expected a number"},
      {"2.75", "0x1", ":16: Fx = 0x1: expected a number"},
      {"2.75", "2.75e7", ":16: Fx = 2.75e+07 T"},
      {"0 0.5 -2 2.75", "0 0.5 -2 2.75 7", ":16: expected 6 columns, got 7"},
      {"0 0.5 -2 2.75", "0 0.5 2.75", ":16: expected 6 columns, got 5"},
      {"\n0 0.5 -2 ", "\n0.1 0.5 -2 ", ":16: x = 1 mm follows 0 mm"},
      {"nx> 3", "nx> 4", "header says 4 nodes along x, the rows have 3"},
      {"nx> 3", "nx> 3.5", "nx> 3.5: expected a whole number"},
      {"nx> 3", "nx> 1", "nx> 1: expected a whole number >= 2"},
      {"nx> 3", "nx> 3 3", ":2: expected `key> value`"},
      {"nx> 3", "nx> three", ":2: nx> three: expected a number"},
      {"nx> 3", "nx> 3\nNX> 3", ":3: NX is given a second time"},
      {"nx> 3", "nx> 1000000000", "header announces 4000000000 nodes"},
      {"nx> 3\nny> 2\nnz> 2", "nx> 1000\nny> 1000\nnz> 1000", "header announces 1000000000 nodes: need 1.6e+10 bytes"},
      {"ny> 2\n", "", "the column y needs ny>, ymin> and ymax>"},
      {"xmax> 1\n", "", "the column x needs nx>, xmin> and xmax>"},
      {"xmax> 1\n", "xmax> 1.01\n", "header says x from -10 to 10.1 mm, the rows go from -10 to 10 mm"},
      {"xmax> 1\n", "xmax> -3\n", "xmin> -1 cm: must be below xmax> -3 cm"},
      {"xmax> 1\n", "xmaxx> 1\n", ":6: key 'xmaxx': expected nx, xmin"},
      {"nz> 2", "nz> 2\nloopOrder> tzyx", ":14: the header's loop order says that z changes from row to row"},
      {"nz> 2", "nz> 2\nloopOrder> zyx", ":5: loopOrder> zyx: expected xyzt or tzyx"},
      {"nz> 2", "nz> 2\nnt> 4", "nt> 4, but no column t"},
      {"! X  Y  Z", "! Y  X  Z", "header says 3 nodes along x, the rows have 2"},
      {"! X  Y  Z  Fx", "! X  Y  Z  Fx Fx", "column Fx: expected X, Y, Z"},
      {"! X  Y  Z  Fx", "! X  Y  Z", "no column Fx"},
      {"! X  Y  Z  Fx", "! X  Y  T  Fx", "column T: expected X, Y, Z"},
      {"! X", "X", ":11: expected a line `key> number`"},
  };
  assert_defects(FOLDER "bdsim.dat", &none, defects, sizeof defects / sizeof defects[0]);
  assert_refused(FOLDER "bdsim.dat", &cm_g, "is in T, field_unit = G contradicts that");
  assert_refused(FOLDER "bdsim.dat", &mm_t, "is in cm, length_unit = mm contradicts that");
  /* The loop order is checked against the rows: wrong names of the columns, or a wrong order. */
  assert_refused(twin(FOLDER "bdsim_tzyx.dat", "! X Y Z", "! Z Y X", false), &none,
                 "says that z changes from row to row");
  assert_refused(twin(FOLDER "bdsim_tzyx.dat", "tzyx", "xyzt", false), &none, "says that x changes from row to row");
}

static void test_bdsim_lower_dimensions(void **state) {
  (void)state;
  zps_map_content content;
  assert_int_equal(zps_map_file_read(FOLDER "bdsim_1d.dat", &none, &content, NULL), ZPS_OK);
  const zps_field_map *const m = &content.grid.map;
  assert_true(content.free_axis[0] && content.free_axis[1] && !content.free_axis[2]);
  assert_true(m->n_x == 2 && m->n_y == 2 && m->n_z == 3 && m->z_min_mm == -20.0 && m->step_z_mm == 20.0);
  for (int i = 0; i < 4; i++) {
    const float *const b = node(m, i % 2, i / 2, 1);
    assert_true(b[0] == 0.25F && b[1] == 2.0F && b[2] == -1.0F && b[3] == 0.0F);
  }
  zps_map_content_free(&content);
  assert_int_equal(zps_map_file_read(FOLDER "bdsim_2d.dat", &none, &content, NULL), ZPS_OK);
  assert_true(!content.free_axis[0] && content.free_axis[1] && !content.free_axis[2]);
  for (int i = 0; i < 8; i++) {
    assert_true(node(m, i % 2, (i / 2) % 2, i / 4)[1] == (float)(1 + (i % 2) + (2 * (i / 4))));
  }
  zps_map_content_free(&content);
  assert_refused(twin(FOLDER "bdsim_2d.dat", "ny> 1", "ny> 2", false), &none, "ny> 2, but no column y");
}

static void write_gzip(const char *path, const void *bytes, size_t size) {
  const gzFile file = gzopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(gzwrite(file, bytes, (unsigned)size), (int)size);
  assert_int_equal(gzclose(file), Z_OK);
}

/* Compressed files of any format; cut short anywhere, or with a byte changed, they are refused. */
static void test_gzip(void **state) {
  (void)state;
  size_t size = 0;
  for (size_t i = 0; i < N_GOOD && good_files[i].format != ZPS_MAP_NATIVE; i++) {
    char *const bytes = scratch_read(good_files[i].name, &size);
    write_gzip(scratch_path("map.gz"), bytes, size);
    free(bytes);
    assert_reads(scratch_path("map.gz"), good_files[i].use, good_files[i].format);
  }
  char *const text = scratch_read(FOLDER "bdsim.dat", &size);
  write_gzip(scratch_path("map.gz"), text, size);
  free(text);
  char *const packed = scratch_read(scratch_path("map.gz"), &size);
  for (size_t n = 18; n < size; n += 7) {
    assert_int_equal(scratch_write(scratch_path("cut.dat.gz"), packed, n), 0);
    assert_refused(scratch_path("cut.dat.gz"), &none, "cut short");
  }
  packed[size / 2] = (char)(packed[size / 2] ^ 0x10);
  assert_int_equal(scratch_write(scratch_path("bad.dat.gz"), packed, size), 0);
  assert_refused(scratch_path("bad.dat.gz"), &none, "compressed file is");
  free(packed);
}

static void test_opera_defects(void **state) {
  (void)state;
  const defect defects[] = {
      {"3       2       2       1", "4 2 2", "header says 4 nodes along X, the rows have 3"},
      {"3       2       2       1", "1000 1000 1000", "header announces 1000000000 nodes"},
      {"3       2       2       1", "3 2", "of no known format"},
      {"3       2       2       1", "3 2 -2", ":1: expected the numbers of nodes"},
      {"      3 ", "\n      3 ", ":10: expected 7"},
      {" 2 Y", " 3 Y", ":3: expected column 2 as ` 2 NAME [UNIT]`"},
      {" 2 Y", " 2 X", ":3: a second column X"},
      {" 2 Y", " 2 R", "the header has no column Y"},
      {" 2 Y [LENGU]", " 2 Y [INCH]", ":3: unit [INCH]: expected one known unit"},
      {" 2 Y [LENGU]", " 2 Y [MM]", "is in mm, length_unit = cm contradicts that"},
      {" 4 BX [FLUXU]", " 4 BX [TESLA]", "is in T, field_unit = G contradicts that"},
      {"\n 0\n", "\n", "expected column 7"},
      {"2.500000E+05", "NaN", "BX = NaN: must be finite; 1 row"},
      {"2.500000E+05", "2.5E+O5", "BX = 2.5E+O5: expected a number"},
      {" 1 X [LENGU]\n 2 Y", " 1 Y [LENGU]\n 2 X", "header says 3 nodes along X, the rows have 2"},
  };
  for (size_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
    if (strcmp(defects[i].old, "      3 ") != 0) {
      assert_refused(twin(FOLDER "opera.table", defects[i].old, defects[i].new_text, false), &cm_g, defects[i].part);
    }
  }
  assert_refused(FOLDER "opera.table", &none, "does not say its unit of length: expected length_unit = mm, cm or m");
  zps_job_map_use only_cm = cm_g;
  only_cm.field_unit = ZPS_FIELD_FROM_FILE;
  assert_refused(FOLDER "opera.table", &only_cm, "does not say its unit of the field");
  zps_job_map_use geant4 = none;
  geant4.format = ZPS_MAP_GEANT4;
  assert_refused(FOLDER "opera.table", &geant4, ":1: expected a blank line in front");
  assert_reads(twin(FOLDER "opera.table", "[LENGU]", "[CM]", true), &cm_g, ZPS_MAP_OPERA);
}

/** The beginning of a file, up to and without a text that is in it. */
static const char *cut_before(const char *name, const char *text) {
  size_t size = 0;
  char *const whole = scratch_read(name, &size);
  assert_non_null(whole);
  whole[size] = '\0';
  const char *const end = strstr(whole, text);
  assert_non_null(end);
  const char *const path = scratch_path("cut.dat");
  FILE *const out = fopen(path, "wb");
  assert_non_null(out);
  (void)fwrite(whole, 1, (size_t)(end - whole), out);
  assert_int_equal(fclose(out), 0);
  free(whole);
  return path;
}

/** A table of 12 rows, x slowest, that was cut short: what is said is that rows are missing, wherever the cut is. */
static void test_cut_short(void **state) {
  (void)state;
  const struct {
    const char *cut, *part;
  } cases[] = {
      {"  -1.000000E+00  5.000000E-01  2.0",
       ":11: the file ends after 3 rows: the header announces 3 x 2 x 2 nodes, 12 rows"},
      {"  0.000000E+00  -5.000000E-01  -2.0", ":12: the file ends after 4 rows: "},
      {"  0.000000E+00  -5.000000E-01  2.0", ":13: the file ends after 5 rows: "},
      {"  1.000000E+00  -5.000000E-01  -2.0", "header says 3 nodes along X, the rows have 2"},
      {"  1.000000E+00  5.000000E-01  2.0", "no row for the node (10, 5, 20) mm: 3 x 2 x 2 = 12 nodes, 11 rows"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_refused(cut_before(FOLDER "opera.table", cases[i].cut), &cm_g, cases[i].part);
  }
}

static void test_geant4_defects(void **state) {
  (void)state;
  const defect defects[] = {
      {"          3 ", "          2 ", "header says 2 nodes along X, the rows have 3"},
      {"\n          3          2          2", "\n 1000 1000 1000", "header announces 1000000000 nodes"},
      {" 0 [METRE]", " 0 [FURLONG]", "unit [FURLONG]"},
      {" 0 [METRE]", " [METRE]", ":10: expected column 8"},
      {"1.000000E+00\n", "\n", ":11: expected 7 columns, got 6"},
  };
  assert_defects(FOLDER "geant4.TABLE", &none, defects, sizeof defects / sizeof defects[0]);
  zps_job_map_use opera = none;
  opera.format = ZPS_MAP_OPERA;
  assert_refused(FOLDER "geant4.TABLE", &opera, ":1: a blank line: that is the geant4 form");
}

static void test_comsol_defects(void **state) {
  (void)state;
  const defect defects[] = {
      {"% Nodes:              12", "% Nodes:              13", "header announces 13 rows, got 12"},
      {"% Nodes:              12", "% Nodes: 1000000000", "header announces 1000000000 nodes"},
      {"% Nodes:              12", "% Nodes: many", ":5: Nodes: expected a whole number"},
      {"% Dimension:          3", "% Dimension: 2", ":4: Dimension: 2: expected 3"},
      {"unit:        mm", "unit:        in", ":8: unit of length in: expected mm, cm or m"},
      {"% Length unit:        mm\n", "", "does not say its unit of length"},
      {"% Length unit:        mm", "% Grid", ":8: this is a Grid export: export again"},
      {"% Length unit:        mm", "% Coordinates", ":8: this is a Sectionwise export: export again"},
      {"mf.Bx (T)", "mf.Hx (A/m)", ":9: no column Bx"},
      {"mf.Bx (T)", "mf.Bx (G)", "unit (T) of the field: expected (T), (mT) or (G), the same"},
      {"mf.Bx (T)", "mf.Bx (T) mf.By (T)", ":9: two columns for By"},
      {"mf.Bx (T)", "mf.normB (T) mf.Bx (T)", ":10: expected 7 columns, got 6"},
      {"% X ", "% r ", ":9: no column x"},
      {"2.75", "NaN", "Bx = NaN: must be finite; 1 row from here on is not"},
  };
  assert_defects(FOLDER "comsol.txt", &none, defects, sizeof defects / sizeof defects[0]);
  /* The first undefined node is named, and how many there are: all of y = 5 mm. */
  size_t size = 0;
  char *const text = scratch_read(FOLDER "comsol.txt", &size);
  text[size] = '\0';
  FILE *const out = fopen(scratch_path("nan.txt"), "wb");
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    double x = 0.0;
    double y = 0.0;
    double z = 0.0;
    if (sscanf(line, "%lf %lf %lf", &x, &y, &z) == 3 && y > 0.0) {
      (void)fprintf(out, "%g %g %g NaN NaN NaN\n", x, y, z);
    } else {
      (void)fprintf(out, "%s\n", line);
    }
  }
  assert_int_equal(fclose(out), 0);
  free(text);
  assert_refused(scratch_path("nan.txt"), &none, ":11: Bx = NaN: must be finite; 6 rows from here on are not");
}

static void test_acts_defects(void **state) {
  (void)state;
  const defect defects[] = {
      {"10 5 20 28", "10 5 20", "expected 6 columns, got 5"},
      {"10 5 20 28 ", "10 5 21 28 ", "must be equally spaced"},
      {"0 5 20 27.75 -55.5 111.125\n", "", "no row for the node (0, 5, 20) mm"},
  };
  const defect csv[] = {
      {"x,y,z,Bx,By,Bz\n", "x,y,z,Bx,By\n", ":1: expected columns x, y, z, Bx, By, Bz"},
      {"x,y,z,Bx,By,Bz\n", "x,y,z,Bx,By,Bx\n", ":1: expected columns x, y, z, Bx, By, Bz"},
      {"0,5,20,", "0,5,20,,", "expected 6 columns, got 7"},
      {"0,5,20,27.75", "0,5,20,", "Bx = : expected a number"},
  };
  assert_defects(FOLDER "acts.txt", &mm_t, defects, sizeof defects / sizeof defects[0]);
  zps_job_map_use acts = mm_t;
  acts.format = ZPS_MAP_ACTS;
  assert_defects(FOLDER "acts.csv", &acts, csv, sizeof csv / sizeof csv[0]);
  assert_refused(FOLDER "acts.txt", &none, "does not say its unit of length");
}

/* The names of a CSV file say which column is which. */
static void test_acts_columns_by_name(void **state) {
  (void)state;
  size_t size = 0;
  char *const text = scratch_read(FOLDER "acts.csv", &size);
  text[size] = '\0';
  FILE *const out = fopen(scratch_path("names.csv"), "wb");
  (void)fputs("Bz,Z,Y,X,BX,BY\n", out);
  (void)strtok(text, "\n");
  for (char *line = strtok(NULL, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char c[6][32];
    assert_int_equal(sscanf(line, "%31[^,],%31[^,],%31[^,],%31[^,],%31[^,],%31s", c[0], c[1], c[2], c[3], c[4], c[5]),
                     6);
    (void)fprintf(out, "%s,%s,%s,%s,%s,%s\n", c[5], c[2], c[1], c[0], c[3], c[4]);
  }
  assert_int_equal(fclose(out), 0);
  free(text);
  assert_reads(scratch_path("names.csv"), &mm_t, ZPS_MAP_ACTS);
}

/* Br = r/100, Bz = 2 (r in mm) is the field (x, y, 200)/100, to a float's rounding, on the square inside r <= 40 mm:
 * 40/sqrt(2) = 28.3 mm, so nodes at -20 to 20 mm; linear interpolation of Br is exact. */
static void test_acts_turned_about_z(void **state) {
  (void)state;
  zps_map_content content;
  assert_int_equal(zps_map_file_read(FOLDER "acts_rz.txt", &mm_t, &content, NULL), ZPS_OK);
  const zps_field_map *const m = &content.grid.map;
  assert_true(m->n_x == 5 && m->n_y == 5 && m->n_z == 2 && m->x_min_mm == -20.0 && m->step_y_mm == 10.0);
  for (int i = 0; i < 50; i++) {
    const float *const b = node(m, i % 5, (i / 5) % 5, i / 25);
    zps_assert_near((double)b[0], 0.1 * ((i % 5) - 2), 1e-7);
    zps_assert_near((double)b[1], 0.1 * (((i / 5) % 5) - 2), 1e-7);
    assert_true(b[2] == 2.0F);
  }
  zps_map_content_free(&content);
  assert_refused(twin(FOLDER "acts_rz.txt", "0 -20 0 2\n0 20 0 2\n", "", false), &mm_t, "r begins at 10 mm");
}

/** The covfie file with one 32-bit word changed, or cut to n bytes when i_word is negative. */
static const char *covfie_twin(const char *name, long i_word, uint32_t word, size_t n) {
  size_t size = 0;
  char *const bytes = scratch_read(name, &size);
  if (i_word >= 0) {
    memcpy(bytes + (4 * i_word), &word, sizeof word);
    n = size;
  }
  assert_int_equal(scratch_write(scratch_path("twin.cvf"), bytes, n), 0);
  free(bytes);
  return scratch_path("twin.cvf");
}

/* Words of covfie.cvf: 0 field, 2 affine (its numbers at 4 to 15), 16 linear, 18 clamp (limits at 20 to 31), 32 strided
 * (sizes at 34 to 39), 40 array (width at 42, count at 43 and 44, values from 45 to 80), then the footers. */
static void test_covfie_defects(void **state) {
  (void)state;
  const struct {
    long i_word;
    uint32_t word;
    const char *part;
  } defects[] = {
      {1, 0xAB000001u, "level 0xab000001: expected the outermost level to be a field"},
      {3, 0xAB020099u, "level 0xab020099: expected affine, linear"},
      {4, 0x00000000u, "affine[0][0] = 0: expected axes along x, y, z"},
      {4, 0x7fc00000u, "affine[0][0] = nan"},
      {5, 0x3f800000u, "affine[0][1] = 1: expected axes along x, y, z"},
      {7, 0x7f800000u, "affine"},
      {16, 0u, "0x00000000: expected the start of a level, 0xc04f1eab"},
      {32, 0u, "no level behind the clamp"},
      {34, 1u, "1 nodes along x: expected at least 2"},
      {34, 1000000000u, "header announces 4000000000 nodes"},
      {35, 4u, "header announces"},
      {38, 3u, "12 values for 3 x 2 x 3 nodes"},
      {41, 0xAB010002u, "level 0xab010002"},
      {4, 0x7e967699u, "must be at least 1e-06 mm apart"}, /* 1e38 per mm */
      {4, 0x006ce3eeu, "expected axes along x, y, z"},     /* 1e-38 per mm, a denormal */
      {4, 0x2edbe6ffu, "from -1e+10 to 1e+10 mm"},         /* 1e-10 per mm */
      {42, 2u, "numbers of 2 bytes: expected 4 or 8"},
      {42, 8u, "expected the end of a level"},
      {43, 13u, "13 values for 3 x 2 x 2 nodes"},
      {45, 0x7fc00000u, "node 0: Bx = nan T: must be finite"},
      {46, 0x7f800000u, "node 0: By = inf T: must be finite"},
      {81, 0u, "expected the end of a level, 0xc04f1e70"},
      {82, 0u, "expected the end of a level, 0xc04f1e70 0xcb010000"},
  };
  for (size_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
    zps_job_map_use use = mm_t;
    use.format = ZPS_MAP_COVFIE;
    if (defects[i].i_word == 42 && defects[i].word == 8u) {
      /* Twice the bytes announced: the file ends, or what follows is no footer. */
      assert_refused(covfie_twin(FOLDER "covfie.cvf", 42, 8u, 0), &use, "");
      continue;
    }
    assert_refused(covfie_twin(FOLDER "covfie.cvf", defects[i].i_word, defects[i].word, 0), &use, defects[i].part);
  }
  size_t size = 0;
  free(scratch_read(FOLDER "covfie.cvf", &size));
  for (size_t n = 4; n < size; n += 4) {
    assert_refused(covfie_twin(FOLDER "covfie.cvf", -1, 0, n), &mm_t, "in the middle of the field");
  }
  assert_refused(FOLDER "covfie.cvf", &none, "does not say its unit of length");
}

/* Negative scales in the affine matrix: the axis descends in the file. index = a x + b with a = -0.1/mm, b = 1 for x.
 */
static void test_covfie_descending(void **state) {
  (void)state;
  zps_map_content content;
  const float minus = -0.1F;
  uint32_t word = 0;
  memcpy(&word, &minus, sizeof word);
  const char *const path = covfie_twin(FOLDER "covfie.cvf", 4, word, 0);
  assert_int_equal(zps_map_file_read(path, &mm_t, &content, NULL), ZPS_OK);
  const zps_field_map *const m = &content.grid.map;
  assert_true(m->x_min_mm == -10.0 && m->step_x_mm == 10.0);
  assert_true(node(m, 0, 0, 0)[0] == 0.5F && node(m, 2, 0, 0)[0] == 0.0F);
  zps_map_content_free(&content);
}

static void test_covfie_constant(void **state) {
  (void)state;
  zps_map_content content;
  assert_int_equal(zps_map_file_read(FOLDER "covfie_constant.cvf", &mm_t, &content, NULL), ZPS_OK);
  assert_true(content.free_axis[0] && content.free_axis[1] && content.free_axis[2]);
  for (int i = 0; i < 8; i++) {
    const float *const b = node(&content.grid.map, i % 2, (i / 2) % 2, i / 4);
    assert_true(b[0] == 0.0F && b[1] == 1.5F && b[2] == -0.25F);
  }
  zps_map_content_free(&content);
}

/* What is no map at all. */
static void test_no_map(void **state) {
  (void)state;
  const unsigned char binary[] = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, '\n', 7};
  assert_refused("/nonexistent/map.dat", &none, "No such file");
  assert_refused(scratch_folder, &none, "a directory");
  assert_int_equal(scratch_write(scratch_path("map.dat"), binary, sizeof binary), 0);
  assert_refused(scratch_path("map.dat"), &none, ":1: expected text, got the byte 0x02: is this a binary file?");
  assert_int_equal(scratch_write(scratch_path("map.dat"), "", 0), 0);
  assert_refused(scratch_path("map.dat"), &none, "of no known format");
  assert_int_equal(scratch_write(scratch_path("map.dat"), "hello\n", 6), 0);
  assert_refused(scratch_path("map.dat"), &none, "of no known format");
  char *const wide = (char *)malloc(70000);
  memset(wide, '1', 70000);
  assert_int_equal(scratch_write(scratch_path("map.dat"), wide, 70000), 0);
  assert_refused(scratch_path("map.dat"), &none, ":1: a line of more than 65535 bytes");
  free(wide);
  /* A few rows that share no coordinate would be a huge grid. */
  FILE *const out = fopen(scratch_path("map.dat"), "wb");
  for (int i = 0; i < 2000; i++) {
    (void)fprintf(out, "%d %d %d 0 0 0\n", i, i, i);
  }
  assert_int_equal(fclose(out), 0);
  assert_refused(scratch_path("map.dat"), &mm_t, "2000 x 2000 x 2000 different coordinates, but only 2000 rows");
  for (int format = ZPS_MAP_NATIVE; format < ZPS_N_MAP_FORMATS; format++) {
    zps_job_map_use use = {.format = (zps_map_format)format, .scale = 1.0};
    assert_int_equal(scratch_write(scratch_path("map.dat"), "hello\n", 6), 0);
    assert_refused(scratch_path("map.dat"), &use, "");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_formats_hold_one_field),
      cmocka_unit_test(test_harmless_forms),
      cmocka_unit_test(test_descending_axes),
      cmocka_unit_test(test_defects_of_any_text),
      cmocka_unit_test(test_locale_has_no_say),
      cmocka_unit_test(test_bdsim_defects),
      cmocka_unit_test(test_bdsim_lower_dimensions),
      cmocka_unit_test(test_gzip),
      cmocka_unit_test(test_opera_defects),
      cmocka_unit_test(test_cut_short),
      cmocka_unit_test(test_geant4_defects),
      cmocka_unit_test(test_comsol_defects),
      cmocka_unit_test(test_acts_defects),
      cmocka_unit_test(test_acts_columns_by_name),
      cmocka_unit_test(test_acts_turned_about_z),
      cmocka_unit_test(test_covfie_defects),
      cmocka_unit_test(test_covfie_descending),
      cmocka_unit_test(test_covfie_constant),
      cmocka_unit_test(test_no_map),
  };
  return cmocka_run_group_tests(tests, scratch_create, scratch_destroy);
}
