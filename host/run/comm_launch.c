#include "host/run/comm_launch.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/run/comm_plugin.h"

#define NAME_SIZE 64

/** Processes started together and the variable that says so; 1 and "" without a launcher. */
typedef struct launch {
  long n;
  const char *variable;
} launch;

static launch find_launch(void) {
  static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
    const char *const text = getenv(variables[i]);
    const long n = text == NULL ? 0 : strtol(text, NULL, 10);
    if (n > 1 && n < INT_MAX) {
      return (launch){n, variables[i]};
    }
  }
  return (launch){1, ""};
}

static void plugin_path(char *path, size_t size) {
  const char *const given = getenv("ZPS_MPI_PLUGIN");
  char program[PATH_MAX] = "";
  if (given != NULL && given[0] != '\0') {
    (void)snprintf(path, size, "%s", given);
    return;
  }
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  char *const slash = n > 0 ? strrchr(program, '/') : NULL;
  if (slash != NULL) {
    slash[1] = '\0';
  }
  (void)snprintf(path, size, "%s%s", slash != NULL ? program : "./", ZPS_COMM_PLUGIN_FILE);
}

static zps_status load_plugin(const zps_comm_plugin **plugin, zps_error *error) {
  char path[PATH_MAX + NAME_SIZE];
  plugin_path(path, sizeof path);
  if (access(path, R_OK) != 0) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "no MPI plugin at %.500s (%s)", path, ZPS_MPI_BUILD);
  }
  /* Global: components that Open MPI loads itself look for its symbols. It stays until the process ends. */
  void *const library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL) {
    const char *const reason = dlerror();
    return zps_error_set(error, ZPS_UNAVAILABLE, "MPI plugin: %.800s", reason != NULL ? reason : path);
  }
  *plugin = (const zps_comm_plugin *)dlsym(library, ZPS_COMM_PLUGIN_SYMBOL);
  if (*plugin == NULL || strcmp((*plugin)->version, ZPS_VERSION) != 0 || (*plugin)->comm_size != sizeof(zps_comm)) {
    return zps_error_set(error, ZPS_UNAVAILABLE, "MPI plugin %.500s: expected one of zpscan %s", path, ZPS_VERSION);
  }
  return ZPS_OK;
}

static zps_status create_mpi(const launch *started, zps_comm **comm, zps_error *error) {
  const zps_comm_plugin *plugin = NULL;
  zps_error trouble = {ZPS_OK, ""};
  zps_status status = load_plugin(&plugin, &trouble);
  if (status == ZPS_OK) {
    status = plugin->create(comm, &trouble);
  }
  if (status != ZPS_OK) {
    return zps_error_set(error, status, "started as one of %ld ranks%s%s, but %s", started->n,
                         started->variable[0] != '\0' ? " by " : "", started->variable, trouble.text);
  }
  if (started->n > 1 && (*comm)->n_ranks != started->n) {
    status = zps_error_set(error, ZPS_UNAVAILABLE,
                           "%s = %ld, but MPI sees %d: start with the launcher of the MPI it was built with (srun "
                           "--mpi=pmix), or set ZPS_COMM=serial for separate runs",
                           started->variable, started->n, (*comm)->n_ranks);
    zps_comm_destroy(*comm);
    *comm = NULL;
  }
  return status;
}

zps_status zps_comm_open(zps_comm **comm, zps_error *error) {
  const char *const wanted = getenv("ZPS_COMM");
  const bool is_auto = wanted == NULL || wanted[0] == '\0' || strcmp(wanted, "auto") == 0;
  const launch started = find_launch();
  *comm = NULL;
  if (!is_auto && strcmp(wanted, "serial") != 0 && strcmp(wanted, "mpi") != 0) {
    return zps_error_set(error, ZPS_USAGE, "ZPS_COMM = %.40s: expected auto, serial or mpi", wanted);
  }
  if (is_auto ? started.n == 1 : strcmp(wanted, "serial") == 0) {
    return zps_comm_create_serial(comm, error);
  }
  return create_mpi(&started, comm, error);
}
