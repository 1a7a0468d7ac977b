#include "host/io/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "kernels/tally.h"

struct zps_hash {
  XXH3_state_t *state;
};

static void print_hash(XXH128_hash_t value, char hash[ZPS_HASH_SIZE]) {
  (void)snprintf(hash, ZPS_HASH_SIZE, "%016" PRIx64 "%016" PRIx64, (uint64_t)value.high64, (uint64_t)value.low64);
}

void zps_hash_hex(const void *data, size_t size, char hash[ZPS_HASH_SIZE]) {
  print_hash(XXH3_128bits(data, size), hash);
}

zps_status zps_hash_create(zps_hash **hash, zps_error *error) {
  zps_hash *new_hash = (zps_hash *)calloc(1, sizeof *new_hash);
  *hash = NULL;
  if (new_hash != NULL) {
    new_hash->state = XXH3_createState();
  }
  if (new_hash == NULL || new_hash->state == NULL) {
    free(new_hash);
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a hash");
  }
  (void)XXH3_128bits_reset(new_hash->state);
  *hash = new_hash;
  return ZPS_OK;
}

void zps_hash_bytes(zps_hash *hash, const void *data, size_t size) {
  (void)XXH3_128bits_update(hash->state, data, size);
}

void zps_hash_u64(zps_hash *hash, const uint64_t *values, size_t n) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  zps_hash_bytes(hash, values, n * sizeof *values);
#else
  for (size_t i = 0; i < n; i++) {
    const uint64_t swapped = __builtin_bswap64(values[i]);
    zps_hash_bytes(hash, &swapped, sizeof swapped);
  }
#endif
}

void zps_hash_f64(zps_hash *hash, const double *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = 0;
    memcpy(&bits, &values[i], sizeof bits);
    zps_hash_u64(hash, &bits, 1);
  }
}

void zps_hash_finish(const zps_hash *hash, char hex[ZPS_HASH_SIZE]) {
  print_hash(XXH3_128bits_digest(hash->state), hex);
}

void zps_hash_destroy(zps_hash *hash) {
  if (hash != NULL) {
    (void)XXH3_freeState(hash->state);
    free(hash);
  }
}

static void hash_stage(zps_hash *hash, const uint64_t *tallies, size_t n_mass, size_t row_size, size_t entry) {
  for (size_t i = 0; i < n_mass; i++) {
    zps_hash_u64(hash, &tallies[(i * row_size) + entry], 1);
  }
}

zps_status zps_tally_hash(const char *const *names, size_t n_trigger, const uint64_t *tallies, size_t n_mass,
                          char hash[ZPS_HASH_SIZE], zps_error *error) {
  static const enum zps_stage stages[] = {ZPS_STAGE_GENERATED, ZPS_STAGE_IN_S4, ZPS_STAGE_IN_COINCIDENCE,
                                          ZPS_STAGE_ACCEPTED};
  const uint64_t schema_version = ZPS_SCHEMA_VERSION;
  const size_t row_size = zps_tally_size((uint32_t)n_trigger);
  zps_hash *state = NULL;
  zps_status status = ZPS_OK;
  ZPS_TRY(zps_hash_create(&state, error));
  zps_hash_u64(state, &schema_version, 1);
  for (size_t i_trigger = 0; i_trigger < n_trigger; i_trigger++) {
    zps_hash_bytes(state, names[i_trigger], strlen(names[i_trigger]) + 1);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
      hash_stage(state, tallies, n_mass, row_size, zps_tally_stage((uint32_t)i_trigger, (uint32_t)stages[i], 0));
    }
  }
  zps_hash_finish(state, hash);
done:
  zps_hash_destroy(state);
  return status;
}
