/* What the MPI plugin exports: the program loads it only under a launcher, so that a plain run needs no libmpi. */
#ifndef ZPS_RUN_COMM_PLUGIN_H
#define ZPS_RUN_COMM_PLUGIN_H

#include "host/run/comm.h"

#define ZPS_COMM_PLUGIN_FILE "zps_comm_mpi.so"
#define ZPS_COMM_PLUGIN_SYMBOL "zps_comm_plugin_mpi"

typedef struct zps_comm_plugin {
  const char *version; /* ZPS_VERSION: plugin and program are built together */
  size_t comm_size;    /* sizeof(zps_comm) */
  /** Starts MPI. ZPS_UNAVAILABLE, ZPS_FAILURE. zps_comm_destroy() ends MPI, which cannot be started again. */
  zps_status (*create)(zps_comm **comm, zps_error *error);
} zps_comm_plugin;

#endif
