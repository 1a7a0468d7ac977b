/* Strict numbers: the whole text, decimal, finite, whatever the locale. */
#ifndef ZPS_JOB_NUMBER_H
#define ZPS_JOB_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZPS_NUMBER_SIZE 32

/** Reads a number such as -1, 0.5, .5, 1e-3 from the n bytes at text, which need not end in NUL.
 *  False for anything else: spaces, `1,5`, `0x10`, nan, inf, trailing characters, more than 64 characters,
 *  magnitudes a double cannot hold (1e999, 1e-999). */
bool zps_number_parse(const char *text, size_t n, double *value);

/** Reads a whole number 0 .. 2^64 - 1 written in digits alone, without leading zeros. */
bool zps_number_parse_whole(const char *text, size_t n, uint64_t *value);

/** The double nearest to the value in 15 decimal digits: 1e-4 for 9.999999999999999e-05. */
double zps_number_round(double value);

/** Writes the shortest of 15, 16 or 17 digits that reads back as the same double; buffer holds ZPS_NUMBER_SIZE. */
const char *zps_number_print(double value, char *buffer);

#endif
