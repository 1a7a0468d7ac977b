/* Asking a run to stop: SIGINT, SIGTERM, SIGUSR1 and SIGHUP set a flag, nothing else; SIGCONT another.
 *
 * The run loop looks at the flag between batches, flushes the journal and returns
 * ZPS_INTERRUPTED. A second SIGINT takes the system's default action and ends the
 * process at once; the journal is consistent at every moment, so this costs what was
 * not flushed and no more.
 *
 * SIGCONT asks for a flush alone. It is what the ranks that are left get first when one of them is lost (mpirun: long
 * before its SIGTERM, to wake stopped processes), and what a run gets that was suspended. A signal that the caller's
 * parent had set to be ignored stays ignored. */
#ifndef ZPS_RUN_STOP_SIGNAL_H
#define ZPS_RUN_STOP_SIGNAL_H

#include "host/error.h"

/** Clears the flags and installs the handlers, remembering the old ones. Once per process at a time:
 *  ZPS_FAILURE when they are installed already. */
zps_status zps_stop_signal_install(zps_error *error);

/** The last signal that asked to stop, 0 when none did. context is unused: the shape of a run loop's hook. */
int zps_stop_signal_requested(void *context);

/** 1 when a flush was asked for since the last call, else 0; context as above. */
int zps_stop_signal_flush_requested(void *context);

/** Puts the old handlers back; does nothing when none are installed. The flags stay. */
void zps_stop_signal_restore(void);

#endif
