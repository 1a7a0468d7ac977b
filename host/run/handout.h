/* The counter from which ranks take their work. */
#ifndef ZPS_RUN_HANDOUT_H
#define ZPS_RUN_HANDOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/run/comm.h"

typedef struct zps_handout {
  uint64_t n_units;
  uint64_t next; /* the first unit nobody has */
  uint64_t n_ranks;
  bool stopped;
} zps_handout;

void zps_handout_init(zps_handout *handout, uint64_t n_units, int n_ranks);

/** zps_comm_take() on the counter itself: min(wanted, max(least, rest / (2 n_ranks))) units, all of them for one rank.
 *  The last shares are thus small, and no rank works long after the others. */
zps_comm_share zps_handout_take(zps_handout *handout, uint64_t wanted, uint64_t least);

#endif
