/* Writes the made-up result of the unit tests to a file, for readers in other languages. */
#include "tests/unit/result_sample.h"

int main(int argc, char **argv) {
  zps_result result = {0};
  zps_error error = {ZPS_OK, ""};
  if (argc != 2) {
    (void)fprintf(stderr, "usage: write_result_sample FILE.h5\n");
    return 2;
  }
  if (result_sample(&result, 5, 4, 2, &error) != ZPS_OK ||
      result_sample_write(argv[1], &result, true, &error) != ZPS_OK) {
    (void)fprintf(stderr, "%s\n", error.text);
  }
  zps_result_free(&result);
  return zps_status_exit(error.status);
}
