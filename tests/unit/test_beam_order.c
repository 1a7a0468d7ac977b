/* The order of a beam file: every line once per pass, and every run samples the whole file evenly. */
#include "host/job/beam_order.h"

#include <stdlib.h>
#include <string.h>

#include "host/job/beam_file.h"
#include "tests/zps_test.h"

/* Lines of real files: whole tens, primes, products of many primes, Fibonacci numbers, powers of two, and the last file
 * that is read. */
static const uint64_t sizes[] = {
    1,    2,    3,     4,     5,     6,      7,      10,      89,       100,       200,
    1000, 1024, 30030, 46368, 99991, 100000, 510510, 9699690, 1u << 24, 99999982u, ZPS_BEAM_FILE_MAX_LINES};
#define N_SIZES (sizeof sizes / sizeof sizes[0])

/* Law: a stride without a common divisor exists for every n, near the golden section, and its S is small. The least S
 * of all is that of Fibonacci's numbers, about log n/log phi; twice that and 4 more for small n leaves room for the
 * best of 65 candidates, not for the nearest alone, which has S = 14800 somewhere among the n below. */
static void check_stride(uint64_t n) {
  const uint64_t stride = zps_beam_stride(n);
  const double golden = 0.5 * (sqrt(5.0) - 1.0) * (double)n;
  if (n < 3) {
    assert_int_equal(stride, 1);
    return;
  }
  const uint64_t sum = zps_beam_quotient_sum(stride, n);
  assert_true(stride > 0 && stride < n && fabs((double)stride - golden) <= 33.0);
  assert_true(sum > 0 && (double)sum <= 4.0 + (2.0 * log((double)n) / log(0.5 * (1.0 + sqrt(5.0)))));
}

static void test_stride(void **state) {
  (void)state;
  for (size_t i = 0; i < N_SIZES; i++) {
    check_stride(sizes[i]);
  }
  for (uint64_t n = 1; n <= 5000; n++) {
    check_stride(n);
    check_stride(ZPS_BEAM_FILE_MAX_LINES - n);
  }
  assert_int_equal(zps_beam_quotient_sum(4, 10), 0);
  assert_int_equal(zps_beam_quotient_sum(34, 89), 2 + 8); /* [0; 2, 1, 1, 1, 1, 1, 1, 2] */
}

/** n particles whose x is their line. */
static zps_beam_particle *numbered(size_t n) {
  zps_beam_particle *const particles = (zps_beam_particle *)calloc(n, sizeof *particles);
  assert_non_null(particles);
  for (size_t i = 0; i < n; i++) {
    particles[i].x_mm = (double)i;
  }
  return particles;
}

/* Law: event i takes line (i mod n) stride mod n, in 64 bits, and n events in a row take each line once. */
static void test_every_line_once_per_pass(void **state) {
  (void)state;
  for (size_t k = 0; k < N_SIZES && sizes[k] <= 1000000; k++) {
    const size_t n = (size_t)sizes[k];
    const uint64_t stride = zps_beam_stride(n);
    zps_beam_particle *particles = numbered(n);
    unsigned char *const seen = (unsigned char *)calloc(n, 1);
    assert_non_null(seen);
    assert_int_equal(zps_beam_reorder(&particles, n, NULL), ZPS_OK);
    for (size_t i = 0; i < n; i++) {
      const uint64_t line = (uint64_t)i * stride % n;
      assert_true(particles[i].x_mm >= (double)line && particles[i].x_mm <= (double)line);
      assert_int_equal(seen[line]++, 0);
    }
    free(seen);
    free(particles);
  }
}

/** What the lines of a file hold. */
typedef double (*line_value)(uint64_t line, uint64_t n);

/** Largest |mean over the first N events - mean over the file| N over all N up to three passes. */
static double worst_sum(uint64_t n, line_value value) {
  zps_beam_particle *particles = numbered((size_t)n);
  double mean = 0.0;
  double sum = 0.0;
  double worst = 0.0;
  assert_int_equal(zps_beam_reorder(&particles, (size_t)n, NULL), ZPS_OK);
  for (uint64_t line = 0; line < n; line++) {
    mean += value(line, n) / (double)n;
  }
  for (uint64_t i = 0; i < 3 * n; i++) {
    sum += value((uint64_t)particles[i % n].x_mm, n) - mean;
    worst = fmax(worst, fabs(sum));
  }
  free(particles);
  return worst;
}

static double sorted(uint64_t line, uint64_t n) {
  return (double)line / (double)n;
}

static double one_end(uint64_t line, uint64_t n) {
  return 10 * line < n ? 1.0 : 0.0;
}

static double bunches_of_50(uint64_t line, uint64_t n) {
  (void)n;
  return (double)(line % 50) / 50.0;
}

static double bunches_of_1000(uint64_t line, uint64_t n) {
  (void)n;
  return (double)(line % 1000) / 1000.0;
}

static double four_waves(uint64_t line, uint64_t n) {
  return sin(8.0 * acos(-1.0) * (double)line / (double)n);
}

/* Law (Denjoy and Koksma): |sum - N mean| <= S V for every N, V the variation around the file: 2 (1 - 1/n) for a sorted
 * one and for the mark of its first tenth, 16 for four sines. 1e-6 for rounding of 3e6 sums. Read from the top, sorted
 * lines would be off by n/8 after half a pass: some 100 times the bound for 1e5 lines. */
static void test_sorted_files(void **state) {
  (void)state;
  for (size_t k = 0; k < N_SIZES && sizes[k] <= 1000000; k++) {
    const uint64_t n = sizes[k];
    const double bound = 2.0 * (double)(n > 2 ? zps_beam_quotient_sum(zps_beam_stride(n), n) : n);
    assert_true(worst_sum(n, sorted) <= bound + 1e-6);
    assert_true(worst_sum(n, one_end) <= bound + 1e-6);
    assert_true(worst_sum(n, four_waves) <= (8.0 * bound) + 1e-6);
    assert_true(n < 1000 || (double)n / 8.0 > bound);
  }
}

/* Law: when the period q of a file divides n, the place in the period, line mod q, is i (stride mod q) mod q, and q
 * events in a row see each place once: after m q + r events r places have one more than the others, so |sum - N mean|
 * <= r (q - r)/q (highest - lowest) <= q/4 x 1, 12.5 for bunches of 50. And the place has a stride of its own, with S
 * of (stride mod q)/q and V = 2 within a bunch, here 2 x 30 in place of 250 for bunches of 1000. */
static void test_periodic_files(void **state) {
  (void)state;
  static const uint64_t whole_bunches[] = {1000, 2000, 30000, 100000, 1000000};
  for (size_t k = 0; k < sizeof whole_bunches / sizeof whole_bunches[0]; k++) {
    const uint64_t n = whole_bunches[k];
    const uint64_t sum = zps_beam_quotient_sum(zps_beam_stride(n) % 1000, 1000);
    assert_true(sum <= 30);
    assert_true(worst_sum(n, bunches_of_50) <= 12.5 + 1e-6);
    assert_true(worst_sum(n, bunches_of_1000) <= (2.0 * (double)sum) + 1e-6);
  }
}

static void test_reuse_is_told(void **state) {
  (void)state;
  char text[ZPS_ERROR_TEXT_SIZE] = "";
  assert_false(zps_beam_tell_reuse("b.txt", 0, 1000000, text, sizeof text));
  assert_false(zps_beam_tell_reuse("b.txt", 200, 2000, text, sizeof text));
  assert_true(zps_beam_tell_reuse("b.txt", 200, 2001, text, sizeof text));
  assert_true(zps_beam_tell_reuse("b.txt", 200, 200000, text, sizeof text));
  assert_string_equal(text, "beam.file = b.txt: 200 particles for 200000 events per mass, each used about 1000 times: "
                            "intervals leave out the spread of the file itself");
  char path[4000];
  memset(path, 'p', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  assert_true(zps_beam_tell_reuse(path, 1, 11, text, sizeof text));
  assert_non_null(strstr(text, "each used about 11 times"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stride),        cmocka_unit_test(test_every_line_once_per_pass),
      cmocka_unit_test(test_sorted_files),  cmocka_unit_test(test_periodic_files),
      cmocka_unit_test(test_reuse_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
