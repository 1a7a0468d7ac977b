/* Command-line arguments of a subcommand: GNU argp for the parsing and the help, one line of ours for every fault. */
#ifndef ZPS_CLI_ARGUMENTS_H
#define ZPS_CLI_ARGUMENTS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/error.h"

/** Takes one option by its key, or an operand with key ARGP_KEY_ARG. Faults: ZPS_USAGE. */
typedef zps_status (*zps_arguments_set)(void *target, int key, const char *value, zps_error *error);

/** What a subcommand understands. */
typedef struct zps_arguments {
  const char *name;     /* "zpscan run" */
  const char *operands; /* "JOB.yaml", for the usage line; "" = none */
  unsigned n_operands_min, n_operands_max;
  const char *doc;                   /* help: what it does; after \v: units and an example */
  const struct argp_option *options; /* ends with {0} */
  zps_arguments_set set;
} zps_arguments;

/** Parses argv[1..] into target. *helped is true when --help, --usage or --version was answered on stdout and there is
 *  nothing left to do. ZPS_USAGE names the argument at fault. */
zps_status zps_arguments_parse(const zps_arguments *arguments, int argc, char **argv, void *target, bool *helped,
                               zps_error *error);

/** Numbers as strict as in job files; option is its name for the message. The range is [min, max], min left out when
 *  above is true. */
zps_status zps_argument_number(const char *option, const char *text, double min, double max, bool above, double *value,
                               zps_error *error);
zps_status zps_argument_whole(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value,
                              zps_error *error);

/** Index of text among choices[n]. */
zps_status zps_argument_choice(const char *option, const char *text, const char *const *choices, unsigned n,
                               unsigned *index, zps_error *error);

/** ZPS_USAGE: `OPTION: must be given` unless it was. */
zps_status zps_argument_required(const char *option, bool is_given, zps_error *error);

/** The command line as a shell would take it: name as it is, then argv[argc], quoted where needed; malloc'd, NULL when
 *  out of memory. */
char *zps_arguments_quote(const char *name, int argc, char *const *argv);

#endif
