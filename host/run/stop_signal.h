/* Asking a run to stop: SIGINT, SIGTERM and SIGUSR1 set a flag, nothing else.
 *
 * The run loop looks at the flag between batches, flushes the journal and returns
 * ZPS_INTERRUPTED. A second SIGINT takes the system's default action and ends the
 * process at once; the journal is consistent at every moment, so this costs what was
 * not flushed and no more. A signal that the caller's parent had set to be ignored
 * stays ignored. */
#ifndef ZPS_RUN_STOP_SIGNAL_H
#define ZPS_RUN_STOP_SIGNAL_H

#include "host/error.h"

/** Clears the flag and installs the handlers, remembering the old ones. Once per process at a time:
 *  ZPS_FAILURE when they are installed already. */
zps_status zps_stop_signal_install(zps_error *error);

/** The last signal that asked to stop, 0 when none did. context is unused: the shape of a run loop's hook. */
int zps_stop_signal_requested(void *context);

/** Puts the old handlers back; does nothing when none are installed. The flag stays. */
void zps_stop_signal_restore(void);

#endif
