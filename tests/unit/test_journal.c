/* The law: whatever happens to a journal file, reading it gives a subset of the true
 * ranges with exactly their sums, or a refusal; never other numbers and never a crash.
 * The sums of a range are sums over its events of entry(), so any subset can be checked. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "host/run/journal.h"
#include "host/run/journal_format.h"
#include "tests/zps_test.h"

#define N_MASS 3
#define ROW_SIZE 6
#define N_EVENTS 1000
#define PATH_SIZE 256
#define FILE_SIZE 200000

typedef struct place {
  char directory[PATH_SIZE];
  char output[PATH_SIZE + 16];
} place;

typedef struct totals {
  zps_range_set done[N_MASS];
  uint64_t tallies[N_MASS * ROW_SIZE];
  uint64_t n_events;
} totals;

static const zps_range true_ranges[N_MASS][3] = {
    {{0, 100}, {150, 50}, {300, 1}}, {{7, 13}, {500, 200}, {900, 100}}, {{0, 1}, {2, 1}, {4, 1}}};

static char last_warning[ZPS_ERROR_TEXT_SIZE];
static int n_warnings;
static const char *job_text; /* of the journals that are opened */

static void keep_warning(void *context, const char *text) {
  (void)context;
  (void)snprintf(last_warning, sizeof last_warning, "%s", text);
  n_warnings++;
}

/* What one event adds to entry i of its row: mostly zero, one large. */
static uint64_t entry(uint32_t i_mass, uint64_t event, uint32_t i) {
  switch (i) {
  case 0:
    return 1;
  case 2:
    return (event * 2654435761u + i_mass) % 3;
  case 4:
    return i_mass == 1 ? UINT64_MAX / 7 : 0;
  default:
    return 0;
  }
}

static void sum_range(uint32_t i_mass, zps_range range, uint64_t *row) {
  for (uint64_t event = range.first; event < range.first + range.n; event++) {
    for (uint32_t i = 0; i < ROW_SIZE; i++) {
      row[i] += entry(i_mass, event, i);
    }
  }
}

static zps_journal_identity identity_of(uint64_t seed) {
  zps_journal_identity identity;
  memset(&identity, 0, sizeof identity);
  (void)strcpy(identity.job_hash, "0123456789abcdef0123456789abcdef");
  (void)strcpy(identity.table_hash, "table");
  (void)strcpy(identity.map_hash, "map");
  identity.seed = seed;
  identity.physics_version = 1;
  identity.row_size = ROW_SIZE;
  identity.n_mass = N_MASS;
  return identity;
}

static void journal_path(const place *here, int rank, char *path, size_t size) {
  (void)snprintf(path, size, "%s.journal.%d", here->output, rank);
}

static int setup(void **state) {
  static place here;
  const char *root = getenv("TMPDIR");
  (void)snprintf(here.directory, sizeof here.directory, "%s/zps_journal_XXXXXX", root != NULL ? root : "/tmp");
  if (mkdtemp(here.directory) == NULL) {
    return -1;
  }
  (void)snprintf(here.output, sizeof here.output, "%s/out.h5", here.directory);
  *state = &here;
  n_warnings = 0;
  last_warning[0] = '\0';
  job_text = NULL;
  return 0;
}

static int teardown(void **state) {
  const place *here = (const place *)*state;
  char path[PATH_SIZE * 2];
  for (int rank = 0; rank < 12; rank++) {
    journal_path(here, rank, path, sizeof path);
    (void)unlink(path);
  }
  /* Fails, and the test with it, when a file was left behind. */
  return rmdir(here->directory);
}

static zps_status open_as(const place *here, int rank, const zps_journal_identity *identity, bool resume,
                          zps_journal **journal, zps_error *error) {
  const zps_journal_options options = {.resume = resume, .warn = keep_warning, .job_text = job_text};
  return zps_journal_open(here->output, rank, identity, &options, journal, error);
}

static void add_range(zps_journal *journal, uint32_t i_mass, zps_range range) {
  uint64_t row[ROW_SIZE] = {0};
  sum_range(i_mass, range, row);
  assert_int_equal(zps_journal_add(journal, i_mass, range.first, range.n, row, NULL), ZPS_OK);
}

static void write_true_journal(const place *here, int rank, uint32_t i_mass_first, uint32_t i_mass_end) {
  const zps_journal_identity identity = identity_of(1);
  zps_journal *journal = NULL;
  assert_int_equal(open_as(here, rank, &identity, true, &journal, NULL), ZPS_OK);
  for (uint32_t i_mass = i_mass_first; i_mass < i_mass_end; i_mass++) {
    for (int i = 0; i < 3; i++) {
      add_range(journal, i_mass, true_ranges[i_mass][i]);
    }
  }
  assert_int_equal(zps_journal_flush(journal, NULL), ZPS_OK);
  zps_journal_close(journal);
}

static zps_journal_totals totals_view(totals *sums) {
  return (zps_journal_totals){
      .i_mass_first = 0, .n_mass = N_MASS, .done = sums->done, .n_sums = ROW_SIZE, .tallies = sums->tallies};
}

static void totals_free(totals *sums) {
  for (int i = 0; i < N_MASS; i++) {
    zps_range_set_free(&sums->done[i]);
  }
}

static zps_status read_totals(const place *here, totals *sums, zps_error *error) {
  const zps_journal_identity identity = identity_of(1);
  zps_journal *journal = NULL;
  memset(sums, 0, sizeof *sums);
  zps_status status = open_as(here, 0, &identity, true, &journal, error);
  if (status == ZPS_OK) {
    const zps_journal_totals view = totals_view(sums);
    status = zps_journal_read(journal, &view, &sums->n_events, error);
  }
  zps_journal_close(journal);
  return status;
}

static bool is_true_range(uint32_t i_mass, uint64_t event) {
  for (int i = 0; i < 3; i++) {
    const zps_range range = true_ranges[i_mass][i];
    if (event >= range.first && event < range.first + range.n) {
      return true;
    }
  }
  return false;
}

/* The law; returns the number of events found. */
static uint64_t assert_subset_with_sums(const totals *sums) {
  uint64_t n_events = 0;
  for (uint32_t i_mass = 0; i_mass < N_MASS; i_mass++) {
    uint64_t row[ROW_SIZE] = {0};
    for (size_t i = 0; i < sums->done[i_mass].n; i++) {
      const zps_range range = sums->done[i_mass].ranges[i];
      for (uint64_t event = range.first; event < range.first + range.n; event++) {
        assert_true(is_true_range(i_mass, event));
      }
      sum_range(i_mass, range, row);
      n_events += range.n;
    }
    assert_memory_equal(row, sums->tallies + ((size_t)i_mass * ROW_SIZE), sizeof row);
  }
  assert_int_equal(n_events, sums->n_events);
  return n_events;
}

static uint64_t n_true_events(void) {
  uint64_t n = 0;
  for (int i_mass = 0; i_mass < N_MASS; i_mass++) {
    for (int i = 0; i < 3; i++) {
      n += true_ranges[i_mass][i].n;
    }
  }
  return n;
}

static size_t load(const char *path, unsigned char *bytes) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t size = fread(bytes, 1, FILE_SIZE, file);
  assert_int_equal(fclose(file), 0);
  return size;
}

/* In place: some file systems wait for the disk when a file is truncated to nothing and written again. */
static void store(const char *path, const unsigned char *bytes, size_t size) {
  const int fd = open(path, O_WRONLY | O_CREAT, 0600);
  assert_true(fd >= 0);
  assert_int_equal(pwrite(fd, bytes, size, 0), size);
  assert_int_equal(ftruncate(fd, (off_t)size), 0);
  assert_int_equal(close(fd), 0);
}

static void test_what_is_written_is_read(void **state) {
  const place *here = (const place *)*state;
  totals sums;
  write_true_journal(here, 0, 0, N_MASS);
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), n_true_events());
  assert_int_equal(n_warnings, 0);
  totals_free(&sums);
}

static void test_touching_ranges_become_one_record(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  zps_journal *journal = NULL;
  assert_int_equal(open_as(here, 0, &identity, false, &journal, NULL), ZPS_OK);
  const uint64_t n_header = zps_journal_bytes_written(journal);
  for (uint64_t first = 0; first < 100; first += 10) {
    add_range(journal, 0, (zps_range){.first = first, .n = 10});
  }
  add_range(journal, 0, (zps_range){.first = 150, .n = 50});
  assert_int_equal(zps_journal_flush(journal, NULL), ZPS_OK);
  /* Two records: 40 bytes around a payload of two entries, each a skip of 1 byte and a value of at most 2. */
  assert_in_range(zps_journal_bytes_written(journal) - n_header, 2 * (40 + 4), 2 * (40 + 6));
  zps_journal_close(journal);
  totals sums;
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), 150);
  totals_free(&sums);
}

static void test_ranges_of_two_masses_never_merge(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  totals sums;
  zps_journal *journal = NULL;
  assert_int_equal(open_as(here, 0, &identity, false, &journal, NULL), ZPS_OK);
  add_range(journal, 0, (zps_range){.first = 150, .n = 50});
  add_range(journal, 1, (zps_range){.first = 500, .n = 10});
  add_range(journal, 0, (zps_range){.first = 0, .n = 5});
  add_range(journal, 1, (zps_range){.first = 510, .n = 10});
  add_range(journal, 2, (zps_range){.first = 0, .n = 1});
  add_range(journal, 0, (zps_range){.first = 5, .n = 5});
  add_range(journal, 1, (zps_range){.first = 10, .n = 5});
  assert_int_equal(zps_journal_flush(journal, NULL), ZPS_OK);
  zps_journal_close(journal);
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), 86);
  totals_free(&sums);
}

static void test_all_ranks_are_read(void **state) {
  const place *here = (const place *)*state;
  totals sums;
  write_true_journal(here, 0, 0, 1);
  write_true_journal(here, 3, 1, 2);
  write_true_journal(here, 11, 2, 3);
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), n_true_events());
  totals_free(&sums);
}

static void test_repeated_ranges_count_once(void **state) {
  const place *here = (const place *)*state;
  totals sums;
  write_true_journal(here, 0, 0, N_MASS);
  write_true_journal(here, 1, 1, 2);
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), n_true_events());
  assert_int_equal(n_warnings, 1);
  assert_non_null(strstr(last_warning, ".journal.1: ignored 3 records of events already counted, the first: mass 1"));
  totals_free(&sums);
}

static void test_every_truncation_gives_a_subset(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  char path[PATH_SIZE * 2];
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t size = load(path, bytes);
  uint64_t n_before = 0;
  /* A torn header is written anew, which waits for the disk: not every one of them. */
  for (size_t n = 0; n <= size; n += n < ZPS_JOURNAL_HEADER_SIZE ? 16 : 1) {
    totals sums;
    store(path, bytes, n);
    assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
    const uint64_t n_events = assert_subset_with_sums(&sums);
    /* A longer piece holds at least the records of a shorter one. */
    assert_true(n_events >= n_before);
    n_before = n_events;
    totals_free(&sums);
  }
  assert_int_equal(n_before, n_true_events());
}

static void test_every_flipped_bit_is_refused_or_gives_a_subset(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  char path[PATH_SIZE * 2];
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t size = load(path, bytes);
  for (size_t i = 0; i < size * 8; i++) {
    totals sums;
    zps_error error = {.status = ZPS_OK};
    bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
    store(path, bytes, size);
    const zps_status status = read_totals(here, &sums, &error);
    if (i / 8 < ZPS_JOURNAL_HEADER_SIZE) {
      assert_int_not_equal(status, ZPS_OK);
      assert_true(strlen(error.text) > 0);
    } else {
      assert_int_equal(status, ZPS_OK);
      /* One damaged record is lost, and only that one: the largest has 200 events. */
      assert_in_range(assert_subset_with_sums(&sums), n_true_events() - 200, n_true_events() - 1);
    }
    totals_free(&sums);
    bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
  }
}

static void test_random_rubbish_gives_a_subset(void **state) {
  const place *here = (const place *)*state;
  static unsigned char whole[FILE_SIZE];
  static unsigned char bytes[FILE_SIZE];
  char path[PATH_SIZE * 2];
  uint64_t random = 1;
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t size = load(path, whole);
  for (int i = 0; i < 2000; i++) {
    totals sums;
    memcpy(bytes, whole, size);
    for (int j = 0; j < 1 + (i % 5); j++) {
      random = (random * 6364136223846793005u) + 1442695040888963407u;
      const size_t at = ZPS_JOURNAL_HEADER_SIZE + ((random >> 33) % (size - ZPS_JOURNAL_HEADER_SIZE));
      const size_t from = ZPS_JOURNAL_HEADER_SIZE + ((random >> 13) % (size - ZPS_JOURNAL_HEADER_SIZE));
      const size_t room = size - (at > from ? at : from);
      const size_t n = (random >> 45) % 100;
      memmove(bytes + at, bytes + from, n < room ? n : room);
    }
    store(path, bytes, size);
    assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
    (void)assert_subset_with_sums(&sums);
    totals_free(&sums);
  }
}

static void test_a_damaged_record_is_reported(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  char path[PATH_SIZE * 2];
  totals sums;
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t size = load(path, bytes);
  /* A length beyond the file: the reader must find the next record all the same. */
  memset(bytes + ZPS_JOURNAL_HEADER_SIZE + 4, 0xff, 4);
  store(path, bytes, size);
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), n_true_events() - true_ranges[0][0].n);
  assert_non_null(strstr(last_warning, "out.h5.journal.0: damaged in 1 places, the first at byte 240"));
  totals_free(&sums);
}

static void test_records_are_found_wherever_damage_ends(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  static unsigned char moved[FILE_SIZE];
  char path[PATH_SIZE * 2];
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t n_records = load(path, bytes) - ZPS_JOURNAL_HEADER_SIZE;
  memcpy(moved, bytes, ZPS_JOURNAL_HEADER_SIZE);
  /* Around the size of the pieces in which the reader searches. */
  for (size_t n = 65530; n < 65545; n++) {
    totals sums;
    memset(moved + ZPS_JOURNAL_HEADER_SIZE, 'Z', n);
    memcpy(moved + ZPS_JOURNAL_HEADER_SIZE + n, bytes + ZPS_JOURNAL_HEADER_SIZE, n_records);
    store(path, moved, ZPS_JOURNAL_HEADER_SIZE + n + n_records);
    assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
    assert_int_equal(assert_subset_with_sums(&sums), n_true_events());
    totals_free(&sums);
  }
}

/* A record whose checksum is right and whose payload is not: made on purpose. */
static bool decodes(const unsigned char *payload, size_t length) {
  const zps_journal_identity identity = identity_of(1);
  unsigned char bytes[256];
  uint64_t row[ROW_SIZE] = {0};
  const zps_journal_record record = {.i_mass = 0, .first = 0, .n = 1, .row = row};
  zps_journal_found found;
  (void)zps_journal_record_encode(&record, &identity, bytes);
  memcpy(bytes + ZPS_JOURNAL_RECORD_HEAD, payload, length);
  const size_t checked = ZPS_JOURNAL_RECORD_HEAD + length;
  const uint64_t checksum = XXH3_64bits_withSeed(bytes, checked, zps_journal_record_seed(&identity));
  for (int i = 0; i < 8; i++) {
    bytes[checked + (size_t)i] = (unsigned char)(checksum >> (8 * i));
  }
  return zps_journal_record_decode(bytes, checked + ZPS_JOURNAL_RECORD_TAIL, &identity, &found);
}

static void test_forged_payloads_are_refused(void **unused) {
  (void)unused;
  static const unsigned char good[] = {0, 1, 4, 2};
  static const unsigned char beyond_row[] = {0, 1, 5, 2};
  static const unsigned char far_beyond_row[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1};
  static const unsigned char too_many[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  static const unsigned char cut_value[] = {0, 0x80};
  static const unsigned char no_value[] = {0};
  static const unsigned char zero_value[] = {0, 0};
  static const unsigned char largest[] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
  static const unsigned char too_large[] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2};
  static const unsigned char too_long[] = {0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0};
  assert_true(decodes(good, sizeof good));
  assert_true(decodes(good, 0));
  assert_true(decodes(largest, sizeof largest));
  assert_false(decodes(beyond_row, sizeof beyond_row));
  assert_false(decodes(far_beyond_row, sizeof far_beyond_row));
  assert_false(decodes(too_many, sizeof too_many));
  assert_false(decodes(cut_value, sizeof cut_value));
  assert_false(decodes(no_value, sizeof no_value));
  assert_false(decodes(zero_value, sizeof zero_value));
  assert_false(decodes(too_large, sizeof too_large));
  assert_false(decodes(too_long, sizeof too_long));
}

static void test_records_of_another_journal_do_not_pass(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  zps_journal_identity other = identity_of(2);
  char path[PATH_SIZE * 2];
  totals sums;
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t size = load(path, bytes);
  zps_journal_header_encode(&other, bytes);
  store(path, bytes, size);
  zps_journal *journal = NULL;
  memset(&sums, 0, sizeof sums);
  assert_int_equal(open_as(here, 0, &other, true, &journal, NULL), ZPS_OK);
  const zps_journal_totals view = totals_view(&sums);
  assert_int_equal(zps_journal_read(journal, &view, &sums.n_events, NULL), ZPS_OK);
  assert_int_equal(sums.n_events, 0);
  zps_journal_close(journal);
  totals_free(&sums);
}

static void test_appending_after_a_torn_record(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  char path[PATH_SIZE * 2];
  totals sums;
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, 1);
  store(path, bytes, load(path, bytes) - 3);
  write_true_journal(here, 0, 1, N_MASS);
  assert_non_null(strstr(last_warning, "an unfinished record"));
  n_warnings = 0;
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), n_true_events() - true_ranges[0][2].n);
  /* The torn record is gone from the file: nothing to warn of any more. */
  assert_int_equal(n_warnings, 0);
  totals_free(&sums);
}

static void assert_refused(const place *here, const zps_journal_identity *identity, bool resume, zps_status expected,
                           const char *text) {
  zps_journal *journal = NULL;
  zps_error error = {.status = ZPS_OK};
  assert_int_equal(open_as(here, 0, identity, resume, &journal, &error), expected);
  assert_null(journal);
  if (strstr(error.text, text) == NULL) {
    fail_msg("expected \"%s\" in \"%s\"", text, error.text);
  }
}

static void test_a_journal_of_another_job_is_refused_with_the_difference(void **state) {
  const place *here = (const place *)*state;
  totals sums;
  zps_journal_identity other = identity_of(2);
  write_true_journal(here, 0, 0, N_MASS);
  assert_refused(here, &other, true, ZPS_MISMATCH, "journal of another job: seed 1, this job has 2");
  other = identity_of(1);
  other.physics_version = 7;
  assert_refused(here, &other, true, ZPS_MISMATCH, "physics version 1, this job has 7");
  other = identity_of(1);
  other.n_mass = 4;
  assert_refused(here, &other, true, ZPS_MISMATCH, "number of masses 3, this job has 4");
  other = identity_of(1);
  other.row_size = 9;
  assert_refused(here, &other, true, ZPS_MISMATCH, "row size 6, this job has 9");
  other = identity_of(1);
  other.job_hash[0] = 'f';
  assert_refused(here, &other, true, ZPS_MISMATCH, "job hash 0123456789abcdef");
  other = identity_of(1);
  other.map_hash[0] = 'f';
  assert_refused(here, &other, true, ZPS_MISMATCH, "field map hash map, this job has fap");
  other = identity_of(1);
  other.table_hash[0] = 'f';
  assert_refused(here, &other, true, ZPS_MISMATCH, "table hash table, this job has fable");
  /* Being refused changes nothing. */
  assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
  assert_int_equal(assert_subset_with_sums(&sums), n_true_events());
  totals_free(&sums);
}

static void test_a_note_names_the_difference(void **state) {
  const place *here = (const place *)*state;
  zps_journal_identity other = identity_of(1);
  zps_journal *journal = NULL;
  job_text = "beam:\n  p_gev: 160\n";
  write_true_journal(here, 0, 0, N_MASS);
  other.job_hash[0] = 'f';
  job_text = "beam:\n  p_gev: 150\n";
  assert_refused(here, &other, true, ZPS_MISMATCH, "another job: `p_gev: 160` there, `p_gev: 150` in this run");
  /* The same lines, or none to compare: the hash is what differs. */
  job_text = "beam:\n  p_gev: 160\n";
  assert_refused(here, &other, true, ZPS_MISMATCH, "job hash 0123456789abcdef");
  job_text = NULL;
  assert_refused(here, &other, true, ZPS_MISMATCH, "job hash 0123456789abcdef");
  /* A journal with nothing but a note is as good as none. */
  job_text = "a: 1\n";
  other = identity_of(1);
  assert_int_equal(open_as(here, 1, &other, true, &journal, NULL), ZPS_OK);
  zps_journal_close(journal);
  char path[PATH_SIZE * 2];
  journal_path(here, 1, path, sizeof path);
  assert_int_equal(access(path, F_OK), -1);
}

static void test_damage_to_a_note_costs_no_events(void **state) {
  const place *here = (const place *)*state;
  static unsigned char bytes[FILE_SIZE];
  char path[PATH_SIZE * 2];
  totals sums;
  job_text = "seed: 1\nbeam: ZREC\n";
  const size_t note = ZPS_JOURNAL_NOTE_HEAD + strlen(job_text) + ZPS_JOURNAL_NOTE_TAIL;
  journal_path(here, 0, path, sizeof path);
  write_true_journal(here, 0, 0, N_MASS);
  const size_t size = load(path, bytes);
  for (size_t i = 0; i < note; i++) {
    bytes[ZPS_JOURNAL_HEADER_SIZE + i] ^= 0x41;
    store(path, bytes, size);
    bytes[ZPS_JOURNAL_HEADER_SIZE + i] ^= 0x41;
    assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
    assert_int_equal(assert_subset_with_sums(&sums), n_true_events());
    totals_free(&sums);
  }
  for (size_t n = 0; n <= note; n++) {
    store(path, bytes, ZPS_JOURNAL_HEADER_SIZE + n);
    assert_int_equal(read_totals(here, &sums, NULL), ZPS_OK);
    assert_int_equal(assert_subset_with_sums(&sums), 0);
    totals_free(&sums);
  }
}

static void test_other_files_are_refused_and_left_alone(void **state) {
  const place *here = (const place *)*state;
  static const unsigned char poem[300] = "the name of a journal does not make it one";
  static unsigned char bytes[FILE_SIZE];
  const zps_journal_identity identity = identity_of(1);
  char path[PATH_SIZE * 2];
  journal_path(here, 0, path, sizeof path);
  for (size_t size = 1; size <= sizeof poem; size += 299) {
    store(path, poem, size);
    assert_refused(here, &identity, true, ZPS_INVALID, "expected a journal of this program");
    assert_int_equal(load(path, bytes), size);
    assert_memory_equal(bytes, poem, size);
  }
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_refused(here, &identity, true, ZPS_IO, "out.h5.journal.0: ");
  assert_int_equal(rmdir(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_refused(here, &identity, true, ZPS_IO, "expected a regular file");
}

static void test_another_range_of_masses_is_refused(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  zps_journal *journal = NULL;
  zps_error error = {.status = ZPS_OK};
  zps_range_set done[1] = {{.ranges = NULL, .n = 0, .capacity = 0}};
  uint64_t tallies[ROW_SIZE] = {0};
  const zps_journal_totals view = {
      .i_mass_first = 1, .n_mass = 1, .done = done, .n_sums = ROW_SIZE, .tallies = tallies};
  write_true_journal(here, 0, 1, N_MASS);
  assert_int_equal(open_as(here, 0, &identity, true, &journal, NULL), ZPS_OK);
  assert_int_equal(zps_journal_read(journal, &view, NULL, &error), ZPS_MISMATCH);
  assert_non_null(strstr(error.text, "it holds mass 2, this run has 1:2"));
  zps_range_set_free(&done[0]);
  zps_journal_close(journal);
}

static void test_an_existing_journal_needs_resume(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  write_true_journal(here, 3, 0, 1);
  assert_refused(here, &identity, false, ZPS_FAILURE, "continue that run with --resume, or delete this file");
}

static void test_two_processes_refuse_each_other(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  int ready[2];
  char byte = 0;
  assert_int_equal(pipe(ready), 0);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    zps_journal *journal = NULL;
    const bool opened = open_as(here, 0, &identity, false, &journal, NULL) == ZPS_OK;
    (void)!write(ready[1], opened ? "y" : "n", 1);
    /* Should the parent fail, nobody kills this process. */
    (void)alarm(20);
    (void)pause();
    _exit(0);
  }
  assert_int_equal(read(ready[0], &byte, 1), 1);
  assert_int_equal(byte, 'y');
  assert_refused(here, &identity, true, ZPS_FAILURE, "another process is writing this output");
  assert_refused(here, &identity, false, ZPS_FAILURE, "another process is writing this output");
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  (void)close(ready[0]);
  (void)close(ready[1]);
  /* The lock died with its process. */
  zps_journal *journal = NULL;
  assert_int_equal(open_as(here, 0, &identity, true, &journal, NULL), ZPS_OK);
  zps_journal_close(journal);
}

static void test_nothing_is_left_after_a_normal_end(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  char path[PATH_SIZE * 2];
  zps_journal *journal = NULL;
  write_true_journal(here, 2, 2, 3);
  write_true_journal(here, 0, 0, 2);
  assert_int_equal(open_as(here, 0, &identity, true, &journal, NULL), ZPS_OK);
  assert_int_equal(zps_journal_remove(journal, NULL), ZPS_OK);
  zps_journal_close(journal);
  for (int rank = 0; rank < 3; rank++) {
    journal_path(here, rank, path, sizeof path);
    assert_int_not_equal(access(path, F_OK), 0);
  }
  /* Nor after a run that failed before its first record. */
  assert_int_equal(open_as(here, 0, &identity, false, &journal, NULL), ZPS_OK);
  zps_journal_close(journal);
  journal_path(here, 0, path, sizeof path);
  assert_int_not_equal(access(path, F_OK), 0);
}

static void test_closing_does_not_remove_the_next_run_s_journal(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  char path[PATH_SIZE * 2];
  zps_journal *first = NULL;
  zps_journal *second = NULL;
  assert_int_equal(open_as(here, 0, &identity, false, &first, NULL), ZPS_OK);
  assert_int_equal(zps_journal_remove(first, NULL), ZPS_OK);
  assert_int_equal(open_as(here, 0, &identity, false, &second, NULL), ZPS_OK);
  zps_journal_close(first);
  journal_path(here, 0, path, sizeof path);
  assert_int_equal(access(path, F_OK), 0);
  zps_journal_close(second);
}

static void test_extending_does_not_count_the_result_again(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  totals sums;
  zps_journal *journal = NULL;
  memset(&sums, 0, sizeof sums);
  write_true_journal(here, 0, 0, 1);
  assert_int_equal(open_as(here, 0, &identity, true, &journal, NULL), ZPS_OK);
  /* A result file with the first range, as if killed between its rename and the journal's removal. */
  assert_int_equal(zps_range_set_add(&sums.done[0], 0, 100, NULL), ZPS_OK);
  sum_range(0, true_ranges[0][0], sums.tallies);
  const zps_journal_totals view = totals_view(&sums);
  assert_int_equal(zps_journal_read(journal, &view, &sums.n_events, NULL), ZPS_OK);
  assert_int_equal(sums.n_events, 51);
  sums.n_events += 100;
  assert_int_equal(assert_subset_with_sums(&sums), 151);
  zps_journal_close(journal);
  totals_free(&sums);
}

static void test_adds_outside_the_job_are_refused(void **state) {
  const place *here = (const place *)*state;
  const zps_journal_identity identity = identity_of(1);
  const uint64_t row[ROW_SIZE] = {0};
  zps_journal *journal = NULL;
  assert_int_equal(open_as(here, 0, &identity, false, &journal, NULL), ZPS_OK);
  assert_int_equal(zps_journal_add(journal, N_MASS, 0, 1, row, NULL), ZPS_INVALID);
  assert_int_equal(zps_journal_add(journal, 0, 0, 0, row, NULL), ZPS_INVALID);
  assert_int_equal(zps_journal_add(journal, 0, ZPS_EVENT_LIMIT, 1, row, NULL), ZPS_INVALID);
  assert_int_equal(zps_journal_add(journal, 0, 1, ZPS_EVENT_LIMIT, row, NULL), ZPS_INVALID);
  zps_journal_close(journal);
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      JOURNAL_TEST(test_what_is_written_is_read),
      JOURNAL_TEST(test_touching_ranges_become_one_record),
      JOURNAL_TEST(test_ranges_of_two_masses_never_merge),
      JOURNAL_TEST(test_all_ranks_are_read),
      JOURNAL_TEST(test_repeated_ranges_count_once),
      JOURNAL_TEST(test_every_truncation_gives_a_subset),
      JOURNAL_TEST(test_every_flipped_bit_is_refused_or_gives_a_subset),
      JOURNAL_TEST(test_random_rubbish_gives_a_subset),
      JOURNAL_TEST(test_a_damaged_record_is_reported),
      JOURNAL_TEST(test_records_are_found_wherever_damage_ends),
      cmocka_unit_test(test_forged_payloads_are_refused),
      JOURNAL_TEST(test_records_of_another_journal_do_not_pass),
      JOURNAL_TEST(test_appending_after_a_torn_record),
      JOURNAL_TEST(test_a_journal_of_another_job_is_refused_with_the_difference),
      JOURNAL_TEST(test_a_note_names_the_difference),
      JOURNAL_TEST(test_damage_to_a_note_costs_no_events),
      JOURNAL_TEST(test_other_files_are_refused_and_left_alone),
      JOURNAL_TEST(test_another_range_of_masses_is_refused),
      JOURNAL_TEST(test_an_existing_journal_needs_resume),
      JOURNAL_TEST(test_two_processes_refuse_each_other),
      JOURNAL_TEST(test_nothing_is_left_after_a_normal_end),
      JOURNAL_TEST(test_closing_does_not_remove_the_next_run_s_journal),
      JOURNAL_TEST(test_extending_does_not_count_the_result_again),
      JOURNAL_TEST(test_adds_outside_the_job_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
