/* Hashes of the project: XXH3-128 as 32 lower-case hex digits, high half first (as `xxhsum -H128` prints it). */
#ifndef ZPS_IO_HASH_H
#define ZPS_IO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

/** Version of the result file's layout and of the hashes; raised when the meaning of an existing entry changes. */
#define ZPS_SCHEMA_VERSION 1

#define ZPS_HASH_SIZE 33 /* 32 hex digits and NUL */

/** Hash of size bytes at data. */
void zps_hash_hex(const void *data, size_t size, char hash[ZPS_HASH_SIZE]);

/** A hash fed piece by piece; numbers enter as 8 little-endian bytes on every machine. */
typedef struct zps_hash zps_hash;

zps_status zps_hash_create(zps_hash **hash, zps_error *error);
void zps_hash_bytes(zps_hash *hash, const void *data, size_t size);
void zps_hash_u64(zps_hash *hash, const uint64_t *values, size_t n);
void zps_hash_f64(zps_hash *hash, const double *values, size_t n); /* the bits of each value */
void zps_hash_finish(const zps_hash *hash, char hex[ZPS_HASH_SIZE]);
void zps_hash_destroy(zps_hash *hash); /* NULL is fine */

/** tally_hash: XXH3-128 over, in order,
 *    ZPS_SCHEMA_VERSION as u64,
 *    for each trigger in job order: the bytes of its name and one NUL,
 *      then for each of the stages generated, in_s4, in_coincidence, accepted:
 *        its sum of k at every mass, in order, as u64,
 *  every u64 as 8 little-endian bytes. tallies: [n_mass][zps_tally_size(n_trigger)]. */
zps_status zps_tally_hash(const char *const *names, size_t n_trigger, const uint64_t *tallies, size_t n_mass,
                          char hash[ZPS_HASH_SIZE], zps_error *error);

#endif
