#include "bench/bench_machine.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void zps_machine_cpu(char *text, size_t size) {
  char line[512];
  FILE *const file = fopen("/proc/cpuinfo", "r");
  (void)snprintf(text, size, "unknown");
  if (file == NULL) {
    return;
  }
  while (fgets(line, sizeof line, file) != NULL) {
    const char *const colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) == 0 && colon != NULL && colon[1] != '\0') {
      (void)snprintf(text, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
      break;
    }
  }
  (void)fclose(file);
}

int zps_machine_cores(void) {
  return omp_get_num_procs();
}

double zps_machine_load(void) {
  double load = -1.0;
  return getloadavg(&load, 1) == 1 ? load : -1.0;
}

void zps_machine_utc(char *text, size_t size) {
  const time_t now = time(NULL);
  struct tm utc;
  if (gmtime_r(&now, &utc) == NULL || strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
    text[0] = '\0';
  }
}

const char *zps_machine_engine_flags(void) {
  return ZPS_BENCH_ENGINE_FLAGS;
}
