/* Known answers of FIPS 180-4: the empty text, one block, the padding that needs a second block, a million bytes. */
#include "tests/zps_test.h"

#include <stdlib.h>
#include <string.h>

#include "host/export/sha256.h"

static void check(const char *text, size_t size, const char *want) {
  char digest[ZPS_SHA256_SIZE];
  zps_sha256(text, size, digest);
  assert_string_equal(digest, want);
}

static void test_known_answers(void **state) {
  static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  (void)state;
  check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check(two_blocks, strlen(two_blocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_million(void **state) {
  const size_t n = 1000000;
  char *const text = (char *)malloc(n);
  (void)state;
  assert_non_null(text);
  memset(text, 'a', n);
  check(text, n, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_answers), cmocka_unit_test(test_million)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
