/* print_row_hash JOB.yaml EVENTS [path=value ...]: prints the hashes of tables, map, and of all tallies of EVENTS
 * events per mass. Built with other compilers and flags, it must print the same. */
#include <inttypes.h>
#include <stdio.h>

#include "tests/parity/row_hash.h"

int main(int argc, char **argv) {
  if (argc < 3) {
    (void)fprintf(stderr, "usage: print_row_hash JOB.yaml EVENTS [path=value ...]\n");
    return 2;
  }
  zps_error error = {ZPS_OK, ""};
  zps_job job = {0};
  zps_plan plan = {0};
  const zps_mass_range all = {0, 0};
  const uint64_t n_events = strtoull(argv[2], NULL, 10);
  char hash[ZPS_HASH_SIZE] = "";
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_job_read(argv[1], (const char *const *)&argv[3], (size_t)argc - 3, &job, &error));
  ZPS_TRY(zps_plan_build(&job, all, 0, &plan, &error));
  ZPS_TRY(row_hash_run(&plan, NULL, 0, n_events, 1000, hash, &error));
  (void)printf("map %s\ntables %s\ntallies %s\n", plan.map_hash, plan.table_hash, hash);
done:
  if (status != ZPS_OK) {
    (void)fprintf(stderr, "print_row_hash: %s\n", error.text);
  }
  zps_plan_free(&plan);
  zps_job_free(&job);
  return zps_status_exit(status);
}
