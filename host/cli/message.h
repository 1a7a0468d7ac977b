/* What the program says on stderr: one line per message. */
#ifndef ZPS_CLI_MESSAGE_H
#define ZPS_CLI_MESSAGE_H

/** Writes `name: text` as one line; control characters become '?', so that a path cannot fake a second one.
 *  Written in one piece (of up to 4096 bytes), so that the lines of several ranks do not mix. */
void zps_message(const char *name, const char *text);

/** The same for what is worth knowing and no error; name is a string, as a zps_run_request hands it to its `warn`. */
void zps_message_warn(void *name, const char *text);

/** The candidate nearest to word by edit distance; candidates[n], n > 0. NULL when none is like it. */
const char *zps_nearest_word(const char *word, const char *const *candidates, unsigned n);

#endif
