/* Numbers of map files: fast, exact, the same in every locale. */
#ifndef ZPS_FIELD_MAP_NUMBER_H
#define ZPS_FIELD_MAP_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/** Reads the n bytes at text, which need not end in NUL, as a decimal number such as -1, 0.5, .5, 1e-3 or the Fortran
 *  form 1.0D+00, and multiplies it by 10^shift: *value is the double nearest to the exact product, so that 2.5 cm are
 *  25 mm to the last bit. |shift| <= 30. False for anything else: blanks, `1,5`, `0x10`, nan, inf, trailing characters,
 *  more than 64 characters, magnitudes above the largest double. What is too small for a double becomes 0. */
bool zps_map_number(const char *text, size_t n, int shift, double *value);

/** True for nan, inf, infinity in any case, with or without a sign: what programs write for "no value here". */
bool zps_map_not_finite(const char *text, size_t n);

#define ZPS_MAP_NUMBER_SIZE 64

/** Writes value * 10^shift in the fewest of 1 to 17 digits from which zps_map_number(text, ., -shift, .) gives back the
 *  same double; buffer holds ZPS_MAP_NUMBER_SIZE. value finite. */
const char *zps_map_number_print(double value, int shift, char *buffer);

/** The double nearest to value when it is written with that many decimal digits, 1 to 17. */
double zps_map_number_round(double value, int n_digits);

#endif
