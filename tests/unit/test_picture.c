/* Law: no two triggers look alike, in colour or in print. */
#include "tests/zps_test.h"

#include <stdbool.h>
#include <string.h>

#include "host/plot/picture.h"
#include "kernels/tally.h"

static void test_triggers_differ(void **state) {
  (void)state;
  for (size_t i = 0; i < ZPS_MAX_TRIGGERS; i++) {
    for (size_t j = 0; j < i; j++) {
      const zps_picture_style a = zps_picture_trigger(i);
      const zps_picture_style b = zps_picture_trigger(j);
      const bool same_colour = strcmp(a.colour, b.colour) == 0;
      assert_false(same_colour && a.dash == b.dash);                        /* a line */
      assert_false(same_colour && strcmp(a.short_dash, b.short_dash) == 0); /* a counter */
      assert_false(a.point == b.point);                                     /* a mark, and anything in print */
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_triggers_differ)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
