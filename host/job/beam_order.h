/* In which order events take the particles of a beam file: docs/adr/0012-beam-order.md. */
#ifndef ZPS_JOB_BEAM_ORDER_H
#define ZPS_JOB_BEAM_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "kernels/beam.h"

/** Events per particle above which a run is told that its intervals know nothing of the spread of its file. Where a
 *  share b of the variance of an event's outcome lies between particles, errors are larger than the intervals by
 *  sqrt(1 + b (events/n - 1)): by 1.3 % here for the beam of grids/quick.yaml, b = 0.3 % (the ADR). */
#define ZPS_BEAM_MANY_USES 10u

/** Event i takes particle (i mod n) stride mod n of the file, 0 < n < 2^32. The stride has no divisor in common with n,
 *  so n events in a row take each particle once. Of the 65 whole numbers about n over the golden ratio it is the one
 *  whose quotient with n has the smallest sum S of partial quotients, the nearest of equals; 1 for n < 3. */
uint64_t zps_beam_stride(uint64_t n);

/** Sum S of the partial quotients of the continued fraction of stride/n; 0 when they have a divisor in common. The sum
 *  of v(particle) over any N events differs from N times the mean over the file by no more than S times the variation
 * of v, the sum of |v(line + 1) - v(line)| around the file: N is a sum of at most S denominators of convergents
 *  (Ostrowski), each of which contributes one variation (Denjoy and Koksma: M. R. Herman, Publ. Math. IHES 49 (1979) 5,
 *  VI.3). */
uint64_t zps_beam_quotient_sum(uint64_t stride, uint64_t n);

/** Puts particles[n], as they lie in the file, into the order in which events take them: event i takes particle
 *  i mod n. *particles is malloc'd, and another array afterwards; it is left alone on failure. */
zps_status zps_beam_reorder(zps_beam_particle **particles, size_t n, zps_error *error);

/** One line about a run of `events` that takes each of n particles of the file more than ZPS_BEAM_MANY_USES times;
 *  false when there is nothing to tell (and when n = 0). */
bool zps_beam_tell_reuse(const char *file, uint64_t n, uint64_t events, char *text, size_t size);

#endif
