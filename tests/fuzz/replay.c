/* Feeds every file of the folders given to a fuzz target: the corpus as a test, with any compiler. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz_target.h"

#define MAX_BYTES ((size_t)1 << 21)

/** False when the file cannot be read. */
static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return 0;
  }
  uint8_t *data = (uint8_t *)malloc(MAX_BYTES);
  const size_t n = data != NULL ? fread(data, 1, MAX_BYTES, file) : 0;
  (void)fclose(file);
  /* A block of exactly n bytes, so that a sanitizer sees reads beyond its end. */
  uint8_t *exact = (uint8_t *)malloc(n > 0 ? n : 1);
  const int fits = data != NULL && exact != NULL && n < MAX_BYTES;
  if (fits) {
    memcpy(exact, data, n);
    (void)printf("%s\n", path);
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(exact, n);
  }
  free(exact);
  free(data);
  return fits;
}

/** Number of files replayed, or -1. */
static int replay_folder(const char *folder) {
  char path[4096];
  int n = 0;
  DIR *entries = opendir(folder);
  if (entries == NULL) {
    return -1;
  }
  for (const struct dirent *entry = readdir(entries); entry != NULL && n >= 0; entry = readdir(entries)) {
    if (entry->d_name[0] != '.') {
      (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      n = replay_file(path) ? n + 1 : -1;
    }
  }
  (void)closedir(entries);
  return n;
}

int main(int n_arguments, char **arguments) {
  for (int i = 1; i < n_arguments; i++) {
    const int n = replay_folder(arguments[i]);
    if (n <= 0) {
      (void)fprintf(stderr, "%s: cannot be replayed\n", arguments[i]);
      return EXIT_FAILURE;
    }
    (void)printf("%s: %d inputs\n", arguments[i], n);
  }
  return n_arguments > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
