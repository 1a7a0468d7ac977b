/* The first line in which two texts differ: what a user has to know of two jobs that are not the same. */
#ifndef ZPS_RUN_TEXT_DIFFERENCE_H
#define ZPS_RUN_TEXT_DIFFERENCE_H

#include <stdbool.h>

#define ZPS_TEXT_LINE_SIZE 160

/** Compares a and b line by line, leaving out indentation and what lies beyond a line of ZPS_TEXT_LINE_SIZE - 1 bytes.
 *  True when they differ: the first such line of each is then in line_a and line_b, "nothing" where a text is over. */
bool zps_text_difference(const char *a, const char *b, char line_a[ZPS_TEXT_LINE_SIZE],
                         char line_b[ZPS_TEXT_LINE_SIZE]);

#endif
