#include "host/run/handout.h"

void zps_handout_init(zps_handout *handout, uint64_t n_units, int n_ranks) {
  *handout = (zps_handout){.n_units = n_units, .next = 0, .n_ranks = (uint64_t)n_ranks, .stopped = false};
}

zps_comm_share zps_handout_take(zps_handout *handout, uint64_t wanted, uint64_t least) {
  const uint64_t rest = handout->stopped ? 0 : handout->n_units - handout->next;
  const uint64_t fair = rest / (2 * handout->n_ranks);
  uint64_t n = fair > least ? fair : least;
  n = n > wanted ? wanted : n;
  n = n > rest || handout->n_ranks == 1 ? rest : n;
  const zps_comm_share share = {handout->next, n, handout->next + n, handout->stopped};
  handout->next += n;
  return share;
}
