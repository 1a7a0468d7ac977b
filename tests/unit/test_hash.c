/* Laws: hashes are XXH3-128 as others compute it; tally_hash is that of exactly the bytes hash.h documents. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/hash.h"
#include "kernels/tally.h"

/* XXH3-128 of nothing with seed 0, as `xxhsum -H128 /dev/null` prints it. */
static void test_empty_input(void **state) {
  char hash[ZPS_HASH_SIZE];
  (void)state;
  zps_hash_hex("", 0, hash);
  assert_string_equal(hash, "99aa06d3014798d86001c324468d497f");
}

static void test_pieces_equal_whole(void **state) {
  const unsigned char bytes[] = {'a',  'b', 0, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02,
                                 0x01, 0,   0, 0,    0,    0,    0,    0xf8, 0xbf};
  const uint64_t number = 0x0102030405060708ULL;
  const double value = -1.5; /* sign 1, exponent 0x3ff, mantissa 0x8... = 0xbff8000000000000 */
  char whole[ZPS_HASH_SIZE];
  char pieces[ZPS_HASH_SIZE];
  zps_hash *hash = NULL;
  (void)state;
  assert_int_equal(zps_hash_create(&hash, NULL), ZPS_OK);
  zps_hash_bytes(hash, "ab", 3);
  zps_hash_u64(hash, &number, 1);
  zps_hash_f64(hash, &value, 1);
  zps_hash_finish(hash, pieces);
  zps_hash_destroy(hash);
  zps_hash_hex(bytes, sizeof bytes, whole);
  assert_string_equal(pieces, whole);
}

static size_t append_u64(unsigned char *bytes, size_t at, uint64_t value) {
  for (int i = 0; i < 8; i++) {
    bytes[at++] = (unsigned char)(value & 0xff);
    value >>= 8;
  }
  return at;
}

/* Two triggers, three masses, every entry of the rows different: the buffer is put together by hand, with the row
 * positions written as numbers, so a change of kernels/tally.h shows too. */
static void test_tally_hash_bytes(void **state) {
  enum { N_MASS = 3, N_TRIGGER = 2 };
  const char *const names[N_TRIGGER] = {"smu152", "b"};
  const size_t row_size = zps_tally_size(N_TRIGGER);
  const size_t columns[N_TRIGGER][4] = {{0, 6, 8, 12}, {14, 20, 22, 26}};
  uint64_t *tallies = (uint64_t *)calloc(N_MASS * row_size, sizeof *tallies);
  unsigned char bytes[512];
  char want[ZPS_HASH_SIZE];
  char got[ZPS_HASH_SIZE];
  (void)state;
  assert_non_null(tallies);
  for (size_t i = 0; i < N_MASS * row_size; i++) {
    tallies[i] = (i + 1) * 0x9e3779b97f4a7c15ULL;
  }
  size_t size = append_u64(bytes, 0, 1);
  for (size_t i = 0; i < N_TRIGGER; i++) {
    memcpy(bytes + size, names[i], strlen(names[i]) + 1);
    size += strlen(names[i]) + 1;
    for (size_t j = 0; j < 4; j++) {
      for (size_t m = 0; m < N_MASS; m++) {
        size = append_u64(bytes, size, tallies[(m * row_size) + columns[i][j]]);
      }
    }
  }
  zps_hash_hex(bytes, size, want);
  assert_int_equal(zps_tally_hash(names, N_TRIGGER, tallies, N_MASS, got, NULL), ZPS_OK);
  assert_string_equal(got, want);
  tallies[26]++;
  assert_int_equal(zps_tally_hash(names, N_TRIGGER, tallies, N_MASS, got, NULL), ZPS_OK);
  assert_string_not_equal(got, want);
  free(tallies);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty_input),
      cmocka_unit_test(test_pieces_equal_whole),
      cmocka_unit_test(test_tally_hash_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
