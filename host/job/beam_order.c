#include "host/job/beam_order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/job/beam_file.h"

#define INVERSE_GOLDEN_RATIO 0.61803398874989485 /* (sqrt(5) - 1)/2 */
/* Of any 40 neighbours one has no divisor in common with a number below 2^32: Jacobsthal's function of the product of
 * its first nine primes is 40 (OEIS A048670). */
#define CANDIDATES_PER_SIDE 32u

_Static_assert(ZPS_BEAM_FILE_MAX_LINES <= UINT32_MAX,
               "every file has a stride among its candidates, and (event mod n) stride fits into 64 bits");

uint64_t zps_beam_quotient_sum(uint64_t stride, uint64_t n) {
  uint64_t sum = 0;
  while (stride > 0) {
    const uint64_t rest = n % stride;
    sum += n / stride;
    n = stride;
    stride = rest;
  }
  return n == 1 ? sum : 0;
}

/** The better of two strides, 0 being none. */
static uint64_t better_stride(uint64_t best, uint64_t candidate, uint64_t n) {
  const uint64_t sum = candidate > 0 && candidate < n ? zps_beam_quotient_sum(candidate, n) : 0;
  return sum > 0 && (best == 0 || sum < zps_beam_quotient_sum(best, n)) ? candidate : best;
}

uint64_t zps_beam_stride(uint64_t n) {
  const uint64_t middle = (uint64_t)((INVERSE_GOLDEN_RATIO * (double)n) + 0.5);
  uint64_t best = 0;
  for (uint64_t i = 0; n > 2 && i <= CANDIDATES_PER_SIDE; i++) {
    best = better_stride(best, middle + i, n);
    best = better_stride(best, middle > i ? middle - i : 0, n);
  }
  return best > 0 ? best : 1;
}

zps_status zps_beam_reorder(zps_beam_particle **particles, size_t n, zps_error *error) {
  const uint64_t stride = zps_beam_stride(n);
  zps_beam_particle *const ordered = (zps_beam_particle *)malloc(n * sizeof *ordered);
  if (ordered == NULL) {
    return zps_error_set(error, ZPS_MEMORY, "out of memory for the order of %zu beam particles", n);
  }
  uint64_t line = 0;
  for (size_t i = 0; i < n; i++) {
    ordered[i] = (*particles)[line];
    line = (line + stride) % n;
  }
  free(*particles);
  *particles = ordered;
  return ZPS_OK;
}

bool zps_beam_tell_reuse(const char *file, uint64_t n, uint64_t events, char *text, size_t size) {
  if (n == 0 || events <= ZPS_BEAM_MANY_USES * n) {
    return false;
  }
  (void)snprintf(text, size,
                 "beam.file = %.512s: %" PRIu64 " particles for %" PRIu64
                 " events per mass, each used about %.0f times: intervals leave out the spread of the file itself",
                 file, n, events, (double)events / (double)n);
  return true;
}
