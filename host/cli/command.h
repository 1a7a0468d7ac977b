/* The subcommands. One file each: command_<name>.c; command.c lists them. */
#ifndef ZPS_CLI_COMMAND_H
#define ZPS_CLI_COMMAND_H

#include <stddef.h>

#include "host/error.h"

/** One subcommand. run gets argv with argv[0] = "zpscan NAME"; results go to stdout, and the one line of a failure
 *  into error for main() to print. */
typedef struct zps_command {
  const char *name;
  const char *summary; /* for zpscan --help */
  zps_status (*run)(int argc, char **argv, zps_error *error);
} zps_command;

zps_status zps_command_run(int argc, char **argv, zps_error *error);
zps_status zps_command_check(int argc, char **argv, zps_error *error);
zps_status zps_command_xsec(int argc, char **argv, zps_error *error);
zps_status zps_command_sample(int argc, char **argv, zps_error *error);
zps_status zps_command_events(int argc, char **argv, zps_error *error);
zps_status zps_command_track(int argc, char **argv, zps_error *error);
zps_status zps_command_info(int argc, char **argv, zps_error *error);
zps_status zps_command_field(int argc, char **argv, zps_error *error);
zps_status zps_command_plot(int argc, char **argv, zps_error *error);
zps_status zps_command_merge(int argc, char **argv, zps_error *error);
zps_status zps_command_limit(int argc, char **argv, zps_error *error);
zps_status zps_command_optimize(int argc, char **argv, zps_error *error);
zps_status zps_command_bench(int argc, char **argv, zps_error *error);

/** Answers for `bench` when it is not built (-DZPS_BENCH=OFF). */
zps_status zps_command_absent(int argc, char **argv, zps_error *error);

size_t zps_command_count(void);
const zps_command *zps_command_at(size_t i);

/** The command of that name, or NULL; *nearest is then the name most like it, or NULL. */
const zps_command *zps_command_find(const char *name, const char **nearest);

#endif
