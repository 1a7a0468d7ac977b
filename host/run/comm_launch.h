/* Which communicator a process gets: that of its launcher, or its own. */
#ifndef ZPS_RUN_COMM_LAUNCH_H
#define ZPS_RUN_COMM_LAUNCH_H

#include "host/run/comm.h"

/** Opens the communicator of this process. It is MPI's when a launcher started more than one process, as told by
 *  OMPI_COMM_WORLD_SIZE (mpirun of Open MPI), PMI_SIZE (MPICH, srun --mpi=pmi2) or SLURM_STEP_NUM_TASKS (srun), and the
 *  serial one otherwise; ZPS_COMM = serial or mpi overrules. The MPI plugin lies beside the program, or where
 *  ZPS_MPI_PLUGIN says. ZPS_USAGE: another ZPS_COMM; ZPS_UNAVAILABLE: no plugin, or MPI does not see what the launcher
 *  started; otherwise what MPI returned. Free with zps_comm_destroy(). */
zps_status zps_comm_open(zps_comm **comm, zps_error *error);

#endif
