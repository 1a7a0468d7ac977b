#include "host/run/journal_format.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "host/run/ranges.h"

#define HEADER_MAGIC "\x89ZPSJ\r\n\x1a"
#define MAGIC_SIZE 8
#define VARINT_SIZE 10 /* bytes of the largest u64, 7 bits a byte */

enum header_offset {
  AT_VERSION = 8,
  AT_HEADER_SIZE = 12,
  AT_SEED = 16,
  AT_PHYSICS = 24,
  AT_ROW_SIZE = 28,
  AT_N_MASS = 32,
  AT_RESERVED = 36,
  AT_JOB_HASH = 40,
  AT_TABLE_HASH = 104,
  AT_MAP_HASH = 168,
  AT_CHECKSUM = 232
};

enum record_offset { AT_LENGTH = 4, AT_I_MASS = 8, AT_ZERO = 12, AT_FIRST = 16, AT_N = 24 };

static void put_u32(unsigned char *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) {
    bytes[i] = (unsigned char)(value >> (8 * i));
  }
}

static void put_u64(unsigned char *bytes, uint64_t value) {
  put_u32(bytes, (uint32_t)value);
  put_u32(bytes + 4, (uint32_t)(value >> 32));
}

static uint32_t get_u32(const unsigned char *bytes) {
  return (uint32_t)bytes[0] | ((uint32_t)bytes[1] << 8) | ((uint32_t)bytes[2] << 16) | ((uint32_t)bytes[3] << 24);
}

static uint64_t get_u64(const unsigned char *bytes) {
  return (uint64_t)get_u32(bytes) | ((uint64_t)get_u32(bytes + 4) << 32);
}

/* 7 bits a byte, lowest first, the top bit set on all bytes but the last. */
static size_t put_varint(unsigned char *bytes, uint64_t value) {
  size_t n = 0;
  while (value > 127) {
    bytes[n++] = (unsigned char)(value | 128);
    value >>= 7;
  }
  bytes[n++] = (unsigned char)value;
  return n;
}

/* Bytes used, 0 when the number is cut off or does not fit a u64. */
static size_t get_varint(const unsigned char *bytes, size_t size, uint64_t *value) {
  uint64_t sum = 0;
  for (size_t i = 0; i < size && i < VARINT_SIZE; i++) {
    const uint64_t bits = bytes[i] & 127;
    if (i == VARINT_SIZE - 1 && bits > 1) {
      return 0;
    }
    sum |= bits << (7 * i);
    if (bytes[i] < 128) {
      *value = sum;
      return i + 1;
    }
  }
  return 0;
}

/* Non-zero entries only, each as the number of zeros skipped before it and its value. */
static size_t encode_row(const uint64_t *row, uint32_t row_size, unsigned char *bytes) {
  size_t n = 0;
  uint32_t n_zeros = 0;
  for (uint32_t i = 0; i < row_size; i++) {
    if (row[i] == 0) {
      n_zeros++;
    } else {
      n += put_varint(bytes + n, n_zeros);
      n += put_varint(bytes + n, row[i]);
      n_zeros = 0;
    }
  }
  return n;
}

/* Adds entries [first, first + n) to sums[n]; false when this is no encoded row. Only what is there is touched: a row
 * with a placement surface is a million zeros. */
static bool add_entries(const unsigned char *bytes, size_t size, uint32_t row_size, uint64_t first, uint64_t n,
                        uint64_t *sums) {
  uint64_t i_entry = 0;
  size_t offset = 0;
  while (offset < size) {
    uint64_t n_zeros = 0;
    uint64_t value = 0;
    const size_t n_skip = get_varint(bytes + offset, size - offset, &n_zeros);
    if (n_skip == 0 || n_zeros >= row_size - i_entry) {
      return false;
    }
    offset += n_skip;
    const size_t n_value = get_varint(bytes + offset, size - offset, &value);
    if (n_value == 0 || value == 0) {
      return false;
    }
    offset += n_value;
    i_entry += n_zeros;
    if (i_entry >= first && i_entry - first < n) {
      sums[i_entry - first] += value;
    }
    i_entry++;
  }
  return true;
}

static bool hash_is_valid(const char hash[ZPS_JOURNAL_HASH_SIZE]) {
  const size_t length = strnlen(hash, ZPS_JOURNAL_HASH_SIZE);
  for (size_t i = 0; i < length; i++) {
    if (hash[i] <= ' ' || hash[i] > '~') {
      return false;
    }
  }
  return length < ZPS_JOURNAL_HASH_SIZE;
}

bool zps_journal_identity_is_valid(const zps_journal_identity *identity) {
  return hash_is_valid(identity->job_hash) && hash_is_valid(identity->table_hash) &&
         hash_is_valid(identity->map_hash) && identity->row_size > 0 && identity->row_size <= ZPS_JOURNAL_MAX_ROW &&
         identity->n_mass > 0;
}

/* Through strnlen: bytes behind the terminator are not part of the identity. */
static void put_hash(unsigned char *bytes, const char hash[ZPS_JOURNAL_HASH_SIZE]) {
  memset(bytes, 0, ZPS_JOURNAL_HASH_SIZE);
  memcpy(bytes, hash, strnlen(hash, ZPS_JOURNAL_HASH_SIZE - 1));
}

void zps_journal_header_encode(const zps_journal_identity *identity, unsigned char bytes[ZPS_JOURNAL_HEADER_SIZE]) {
  memcpy(bytes, HEADER_MAGIC, MAGIC_SIZE);
  put_u32(bytes + AT_VERSION, ZPS_JOURNAL_VERSION);
  put_u32(bytes + AT_HEADER_SIZE, ZPS_JOURNAL_HEADER_SIZE);
  put_u64(bytes + AT_SEED, identity->seed);
  put_u32(bytes + AT_PHYSICS, identity->physics_version);
  put_u32(bytes + AT_ROW_SIZE, identity->row_size);
  put_u32(bytes + AT_N_MASS, identity->n_mass);
  put_u32(bytes + AT_RESERVED, 0);
  put_hash(bytes + AT_JOB_HASH, identity->job_hash);
  put_hash(bytes + AT_TABLE_HASH, identity->table_hash);
  put_hash(bytes + AT_MAP_HASH, identity->map_hash);
  put_u64(bytes + AT_CHECKSUM, XXH3_64bits(bytes, AT_CHECKSUM));
}

uint64_t zps_journal_record_seed(const zps_journal_identity *identity) {
  unsigned char header[ZPS_JOURNAL_HEADER_SIZE];
  zps_journal_header_encode(identity, header);
  return get_u64(header + AT_CHECKSUM);
}

static zps_status refuse_number(const char *path, const char *what, uint64_t got, uint64_t expected, zps_error *error) {
  return zps_error_set(error, ZPS_MISMATCH, "%s: journal of another job: %s %" PRIu64 ", this job has %" PRIu64, path,
                       what, got, expected);
}

static zps_status compare_identity(const zps_journal_identity *got, const zps_journal_identity *expected,
                                   const char *path, zps_error *error) {
  const struct {
    const char *what;
    uint64_t got, expected;
  } numbers[] = {
      {"physics version", got->physics_version, expected->physics_version},
      {"seed", got->seed, expected->seed},
      {"number of masses", got->n_mass, expected->n_mass},
  };
  const struct {
    const char *what, *got, *expected;
  } hashes[] = {
      {"field map hash", got->map_hash, expected->map_hash},
      {"job hash", got->job_hash, expected->job_hash},
      {"table hash", got->table_hash, expected->table_hash},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    if (numbers[i].got != numbers[i].expected) {
      return refuse_number(path, numbers[i].what, numbers[i].got, numbers[i].expected, error);
    }
  }
  for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
    if (strcmp(hashes[i].got, hashes[i].expected) != 0) {
      return zps_error_set(error, ZPS_MISMATCH, "%s: journal of another job: %s %s, this job has %s", path,
                           hashes[i].what, hashes[i].got, hashes[i].expected);
    }
  }
  return got->row_size == expected->row_size
             ? ZPS_OK
             : refuse_number(path, "row size", got->row_size, expected->row_size, error);
}

static void decode_identity(const unsigned char *bytes, zps_journal_identity *identity) {
  identity->seed = get_u64(bytes + AT_SEED);
  identity->physics_version = get_u32(bytes + AT_PHYSICS);
  identity->row_size = get_u32(bytes + AT_ROW_SIZE);
  identity->n_mass = get_u32(bytes + AT_N_MASS);
  memcpy(identity->job_hash, bytes + AT_JOB_HASH, ZPS_JOURNAL_HASH_SIZE);
  memcpy(identity->table_hash, bytes + AT_TABLE_HASH, ZPS_JOURNAL_HASH_SIZE);
  memcpy(identity->map_hash, bytes + AT_MAP_HASH, ZPS_JOURNAL_HASH_SIZE);
}

zps_status zps_journal_header_check(const unsigned char *bytes, size_t size, const zps_journal_identity *identity,
                                    const char *path, bool *whole, zps_error *error) {
  unsigned char expected[ZPS_JOURNAL_HEADER_SIZE];
  zps_journal_header_encode(identity, expected);
  *whole = size >= ZPS_JOURNAL_HEADER_SIZE;
  if (memcmp(bytes, expected, *whole ? ZPS_JOURNAL_HEADER_SIZE : size) == 0) {
    return ZPS_OK;
  }
  if (!*whole || memcmp(bytes, HEADER_MAGIC, MAGIC_SIZE) != 0) {
    return zps_error_set(
        error, ZPS_INVALID,
        "%s: expected a journal of this program, found something else; delete this file to start again", path);
  }
  if (get_u32(bytes + AT_VERSION) != ZPS_JOURNAL_VERSION) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: journal format %" PRIu32 ", this program reads %d; delete this file to start again", path,
                         get_u32(bytes + AT_VERSION), ZPS_JOURNAL_VERSION);
  }
  zps_journal_identity found;
  decode_identity(bytes, &found);
  if (get_u64(bytes + AT_CHECKSUM) != XXH3_64bits(bytes, AT_CHECKSUM) || !zps_journal_identity_is_valid(&found)) {
    return zps_error_set(error, ZPS_INVALID,
                         "%s: the header of this journal is damaged; delete the file to simulate its events again",
                         path);
  }
  const zps_status status = compare_identity(&found, identity, path, error);
  return status != ZPS_OK ? status
                          : zps_error_set(error, ZPS_INVALID, "%s: unknown fields in the journal's header", path);
}

void zps_journal_note_encode(const char *text, size_t length, unsigned char *bytes) {
  const size_t checked = ZPS_JOURNAL_NOTE_HEAD + length;
  memcpy(bytes, ZPS_JOURNAL_NOTE_MAGIC, ZPS_JOURNAL_MAGIC_SIZE);
  put_u32(bytes + AT_LENGTH, (uint32_t)length);
  memcpy(bytes + ZPS_JOURNAL_NOTE_HEAD, text, length);
  put_u64(bytes + checked, XXH3_64bits(bytes, checked));
}

bool zps_journal_note_length(const unsigned char head[ZPS_JOURNAL_NOTE_HEAD], size_t *length) {
  *length = get_u32(head + AT_LENGTH);
  return memcmp(head, ZPS_JOURNAL_NOTE_MAGIC, ZPS_JOURNAL_MAGIC_SIZE) == 0 && *length <= ZPS_JOURNAL_MAX_NOTE;
}

bool zps_journal_note_is_whole(const unsigned char *bytes, size_t length) {
  const size_t checked = ZPS_JOURNAL_NOTE_HEAD + length;
  return get_u64(bytes + checked) == XXH3_64bits(bytes, checked);
}

size_t zps_journal_record_limit(uint32_t row_size) {
  /* A skip below 2^28 takes 4 bytes, see ZPS_JOURNAL_MAX_ROW. */
  return ZPS_JOURNAL_RECORD_HEAD + (row_size * (size_t)(VARINT_SIZE + 4)) + ZPS_JOURNAL_RECORD_TAIL;
}

size_t zps_journal_record_encode(const zps_journal_record *record, const zps_journal_identity *identity,
                                 unsigned char *bytes) {
  const size_t length = encode_row(record->row, identity->row_size, bytes + ZPS_JOURNAL_RECORD_HEAD);
  const size_t checked = ZPS_JOURNAL_RECORD_HEAD + length;
  memcpy(bytes, ZPS_JOURNAL_RECORD_MAGIC, ZPS_JOURNAL_MAGIC_SIZE);
  put_u32(bytes + AT_LENGTH, (uint32_t)length);
  put_u32(bytes + AT_I_MASS, record->i_mass);
  put_u32(bytes + AT_ZERO, 0);
  put_u64(bytes + AT_FIRST, record->first);
  put_u64(bytes + AT_N, record->n);
  put_u64(bytes + checked, XXH3_64bits_withSeed(bytes, checked, zps_journal_record_seed(identity)));
  return checked + ZPS_JOURNAL_RECORD_TAIL;
}

bool zps_journal_record_size(const unsigned char head[ZPS_JOURNAL_RECORD_HEAD], const zps_journal_identity *identity,
                             size_t *size) {
  const uint64_t first = get_u64(head + AT_FIRST);
  const uint64_t n = get_u64(head + AT_N);
  *size = ZPS_JOURNAL_RECORD_HEAD + (size_t)get_u32(head + AT_LENGTH) + ZPS_JOURNAL_RECORD_TAIL;
  return memcmp(head, ZPS_JOURNAL_RECORD_MAGIC, ZPS_JOURNAL_MAGIC_SIZE) == 0 &&
         *size <= zps_journal_record_limit(identity->row_size) && get_u32(head + AT_I_MASS) < identity->n_mass &&
         get_u32(head + AT_ZERO) == 0 && n > 0 && first < ZPS_EVENT_LIMIT && n <= ZPS_EVENT_LIMIT - first;
}

bool zps_journal_record_decode(const unsigned char *bytes, size_t size, const zps_journal_identity *identity,
                               zps_journal_found *found) {
  const size_t checked = size - ZPS_JOURNAL_RECORD_TAIL;
  if (get_u64(bytes + checked) != XXH3_64bits_withSeed(bytes, checked, zps_journal_record_seed(identity))) {
    return false;
  }
  found->i_mass = get_u32(bytes + AT_I_MASS);
  found->first = get_u64(bytes + AT_FIRST);
  found->n = get_u64(bytes + AT_N);
  found->row_size = identity->row_size;
  found->entries = bytes + ZPS_JOURNAL_RECORD_HEAD;
  found->size = checked - ZPS_JOURNAL_RECORD_HEAD;
  return add_entries(found->entries, found->size, found->row_size, 0, 0, NULL);
}

void zps_journal_found_add(const zps_journal_found *found, size_t first, size_t n, uint64_t *sums) {
  (void)add_entries(found->entries, found->size, found->row_size, first, n, sums);
}
